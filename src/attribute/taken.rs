//! What says that the victim's credential was taken over from another program's store: the mark of an import, or the
//! act. It ties the two logins where no claim of their tokens does.
//!
//! Apart from the hypotheses: a refresh of the program that it was taken from spends it, and a login there ends it.

use super::case::Case;
use super::finding::{Item, ItemKind};
use crate::correlate::{ActKind, Held, Sibling, Store};
use crate::event::Client;

/// The folder in which Codex keeps its login, unless it is told otherwise.
const USUAL_HOME: &str = ".codex";

/// The record of it, for the store of a sibling.
pub(super) fn from(case: &Case<'_>, sibling: &Sibling) -> Option<Item> {
    if !is_near(case, sibling) {
        return None;
    }
    let who = sibling.client;
    let is_its = |kind: ActKind| matches!(kind, ActKind::Adopted { from, .. } if from == who);
    let adopted = case.incident.own_acts.iter().map(|&i| case.act(i)).find(|a| is_its(a.kind) && a.at.ms <= case.incident.first.ms);
    let imported = || case.incident.held.as_ref().filter(|held| held.imported && who == Client::Codex);
    let victim = case.incident.victim.client;
    adopted.map(|act| case.acted(act)).or_else(|| imported().map(|held| copied(case, victim, held, who)))
}

/// The same, or that another program on the machine took the very token over from there.
pub(super) fn at_all(case: &Case<'_>, sibling: &Sibling) -> Option<Item> {
    let others = || case.incident.siblings.iter().filter(|s| s.shared.is_some() && s.store != sibling.store && !s.may_be_elsewhere);
    let victims = case.incident.held.as_ref().filter(|_| sibling.client == Client::Codex && is_near(case, sibling));
    let imported = |store: &Store| {
        let held = store.held.iter().find(|h| h.imported && victims.is_some_and(|victims| h.same_refresh(victims)));
        held.map(|held| copied(case, store.client, held, sibling.client))
    };
    from(case, sibling).or_else(|| others().find_map(|other| imported(case.store(other))))
}

fn copied(case: &Case<'_>, by: Client, held: &Held, of: Client) -> Item {
    let says = format!("{} holds a credential that was copied from the store of {}", by.title(), of.title());
    case.item(ItemKind::SharedLogin, None, held.origin, says)
}

/// May the victim have taken its login over from this store, where it names the program alone? Programs look
/// into the home of their own machine; of several there, into the usual one.
fn is_near(case: &Case<'_>, sibling: &Sibling) -> bool {
    let usual = |s: &Sibling| case.store(s).home.as_deref().is_some_and(|home| home.rsplit('/').next() == Some(USUAL_HOME));
    let rival = |s: &&Sibling| s.client == sibling.client && !s.other_host && s.store != sibling.store;
    let alone = || !case.incident.siblings.iter().filter(rival).any(|s| case.store(s).home != case.store(sibling).home);
    !sibling.may_be_elsewhere && (sibling.client != Client::Codex || usual(sibling) || alone())
}
