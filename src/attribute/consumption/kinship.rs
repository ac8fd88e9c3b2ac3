//! What ties the login of another program to the victim's: one session in both tokens, a pair that one took over
//! from the other, or nothing that these files show.
//!
//! Apart from [`super::sibling_refresh`], which asks what that program did with it.

use crate::attribute::Confidence;
use crate::attribute::case::Case;
use crate::attribute::finding::{Finding, ItemKind};
use crate::correlate::{ActKind, Relation, Sibling};
use crate::event::Client;

/// Account and login session.
pub(super) fn weigh(case: &Case<'_>, sibling: &Sibling, finding: &mut Finding) {
    let (victim, who) = (case.incident.victim.client, sibling.client);
    let newest = case.store(sibling).newest();
    let near = is_near(case, sibling);
    let imported = case.incident.held.as_ref().filter(|h| h.imported && near && who == Client::Codex);
    let adopted = case
        .incident
        .own_acts
        .iter()
        .map(|&i| case.act(i))
        .find(|a| matches!(a.kind, ActKind::Adopted { from, .. } if from == who) && near && a.at.ms <= case.incident.first.ms);
    match (sibling.family, newest) {
        (Relation::Same, Some(held)) => {
            let says = format!("the access tokens of {} and {} descend from one login", victim.title(), who.title());
            finding.point(8, case.item(ItemKind::SharedLogin, None, held.origin, says));
        }
        _ => match (adopted, imported) {
            (Some(act), _) => finding.point(8, case.acted(act)),
            (None, Some(held)) => {
                let says = format!("{} holds a credential that was copied from the store of {}", victim.title(), who.title());
                finding.point(8, case.item(ItemKind::SharedLogin, None, held.origin, says));
            }
            (None, None) => untold(case, sibling, finding),
        },
    }
    if sibling.family == Relation::Unknown && case.incident.held.is_none() {
        finding.cap(Confidence::Undetermined, "which token the victim presented is not known, nor its login session");
    }
    if !case.same_account(sibling) {
        finding.cap(Confidence::Possible, "the account of one of the two stores is not known");
    }
}

/// May the victim have taken its login over from this store, where it names the program alone? Programs look
/// into the home of their own machine; of several there, into the usual one.
fn is_near(case: &Case<'_>, sibling: &Sibling) -> bool {
    let usual = |s: &Sibling| case.store(s).home.as_deref().is_some_and(|home| home.rsplit('/').next() == Some(USUAL_HOME));
    let rival = |s: &&Sibling| s.client == sibling.client && !s.other_host && s.store != sibling.store;
    let alone = || !case.incident.siblings.iter().filter(rival).any(|s| case.store(s).home != case.store(sibling).home);
    !sibling.other_host && (sibling.client != Client::Codex || usual(sibling) || alone())
}

/// The folder in which Codex keeps its login, unless it is told otherwise.
const USUAL_HOME: &str = ".codex";

/// Nothing ties the two logins together. Programs on one account usually have a login each, and a
/// busy one refreshes anyway, so a rotation alone is weak; and it points at nobody where several
/// stores show one.
fn untold(case: &Case<'_>, sibling: &Sibling, finding: &mut Finding) {
    if case.is_split(sibling) {
        finding.cap(Confidence::Undetermined, "its login in the same time may have ended the victim's instead");
    }
    finding.cap(Confidence::Possible, "whether the two share a login session cannot be read from these files");
    if sibling.other_host {
        finding.cap(Confidence::Undetermined, "nothing on record ties the login of one machine to that of the other");
    }
    let other = |s: &Sibling| s.client != sibling.client || s.other_host != sibling.other_host;
    let rival = |s: &&Sibling| other(s) && case.may_have_spent(s).is_some();
    if case.incident.siblings.iter().any(|s| rival(&s)) {
        finding.cap(Confidence::Undetermined, "another store could have spent the token just as well");
    }
}
