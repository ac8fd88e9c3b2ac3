//! What ties the login of another program to the victim's: one session in both tokens, a pair that one took over
//! from the other, or nothing that these files show.
//!
//! Apart from [`super::sibling_refresh`], which asks what that program did with it.

use crate::attribute::Confidence;
use crate::attribute::case::Case;
use crate::attribute::finding::{Finding, ItemKind};
use crate::attribute::taken;
use crate::correlate::{Relation, Sibling};

/// Account and login session.
pub(super) fn weigh(case: &Case<'_>, sibling: &Sibling, finding: &mut Finding) {
    let (victim, who) = (case.incident.victim.client, sibling.client);
    let newest = case.store(sibling).newest();
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
