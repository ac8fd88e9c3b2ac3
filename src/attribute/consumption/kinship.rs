//! What ties the login of another program to the victim's: one session in both tokens, a pair that one took over
//! from the other, or nothing that these files show.
//!
//! Apart from [`super::sibling_refresh`], which asks what that program did with it.

use crate::attribute::Confidence;
use crate::attribute::case::Case;
use crate::attribute::finding::{Finding, ItemKind};
use crate::attribute::taken::{self, Source};
use crate::attribute::times::day;
use crate::correlate::{Act, Relation, Sibling};

/// Account and login session.
pub(super) fn weigh(case: &Case<'_>, sibling: &Sibling, finding: &mut Finding) {
    let (victim, who) = (case.incident.victim.client, sibling.client);
    let newest = case.store(sibling).newest();
    if let Some(source) = source(case, sibling) {
        return lent(case, source, finding);
    }
    match (sibling.family, newest) {
        (Relation::Same, Some(held)) => {
            let says = format!("the access tokens of {} and {} descend from one login", victim.title(), who.title());
            finding.point(8, case.item(ItemKind::SharedLogin, None, held.origin, says));
        }
        _ => match taken::from(case, sibling) {
            Some(item) => finding.point(8, item),
            None => untold(case, sibling, finding),
        },
    }
    if sibling.family == Relation::Unknown && case.incident.held.is_none() {
        finding.cap(Confidence::Undetermined, "which token the victim presented is not known, nor its login session");
    }
    if !case.same_account(sibling) {
        finding.cap(Confidence::Possible, "the account of one of the two stores is not known");
    }
}

/// What it had copied from the victim, and exchanged.
fn source<'a>(case: &Case<'a>, sibling: &Sibling) -> Option<Source<'a>> {
    let act = case.may_have_spent(sibling).map(|index| case.act(index))?;
    taken::from_victim(case, sibling, act)
}

/// Was what it had copied from the victim exchanged by this act, surely in between the copy and the refusal?
pub(super) fn is_inside(case: &Case<'_>, sibling: &Sibling, act: &Act) -> bool {
    let source = taken::from_victim(case, sibling, act).filter(|_| act.at.surely_before(case.incident.refused));
    source.and_then(|source| source.held.since).is_some_and(|since| since.surely_before(act.at))
}

/// The victim's own files do not show what it held, and the other store does: it was copied from there. A refusal
/// as that pair ended says that the victim still held it; else it may have come by another one meanwhile.
fn lent(case: &Case<'_>, source: Source<'_>, finding: &mut Finding) {
    /// Clients refresh minutes before the end, and the first turn after it comes when it comes.
    const NEAR_MS: i64 = 15 * 60_000;
    if let Some(item) = source.parted {
        finding.limits.push(source.item);
        let because = "the victim had another pair than the one that was copied from it";
        return finding.limit(Confidence::Undetermined, because, Some(item));
    }
    finding.point(8, source.item);
    let first = case.incident.first;
    let end = source.held.expires_at.filter(|end| first.is_certain() && end.ms.abs_diff(first.ms) <= NEAR_MS.unsigned_abs());
    if let Some(end) = end {
        let says = format!("the access token of the copied pair ends {}, when a refresh is due", day(end));
        finding.point(3, case.item(ItemKind::Store, Some(end), source.held.origin, says));
        finding.cap(Confidence::Likely, "what the victim held is known from a copy in the other program's store alone");
    } else {
        finding.cap(Confidence::Possible, "whether the victim still held what was copied from it is not on record");
    }
}

/// Nothing ties the two logins together. Programs on one account usually have a login each, and a
/// busy one refreshes anyway, so a rotation alone is weak; and it points at nobody where several
/// stores show one.
fn untold(case: &Case<'_>, sibling: &Sibling, finding: &mut Finding) {
    if case.is_split(sibling) {
        finding.cap(Confidence::Undetermined, "its login in the same time may have ended the victim's instead");
    }
    finding.cap(Confidence::Possible, "whether the two share a login session cannot be read from these files");
    if sibling.may_be_elsewhere {
        let because = match sibling.other_host {
            true => "nothing on record ties the login of one machine to that of the other",
            false => "nothing on record ties the two logins, and homes that were packed apart may be of two machines",
        };
        finding.cap(Confidence::Undetermined, because);
    }
    let other = |s: &Sibling| s.client != sibling.client || s.other_host != sibling.other_host;
    let rival = |s: &&Sibling| other(s) && case.may_have_spent(s).is_some();
    if case.incident.siblings.iter().any(|s| rival(&s)) {
        finding.cap(Confidence::Undetermined, "another store could have spent the token just as well");
    }
}
