//! What says that the victim's credential was taken over from another program's store: the mark of an import, or the
//! act. It ties the two logins where no claim of their tokens does.
//!
//! Apart from the hypotheses: a refresh of the program that it was taken from spends it, and a login there ends it.

use super::case::Case;
use super::finding::{Item, ItemKind};
use crate::correlate::{Act, ActKind, Held, Sibling, Store, When, is_usual, lender};
use crate::event::Client;

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

/// A pair that a sibling copied from the victim's store.
pub(super) struct Source<'a> {
    /// The pair as the sibling held it.
    pub(super) held: &'a Held,
    /// The mark of it.
    pub(super) item: Item,
    /// What says that the victim had another pair by the refusal.
    pub(super) parted: Option<Item>,
}

/// What a sibling's store tells of a victim whose own files do not say what it held: the pair that the sibling had
/// copied from it, and by this act exchanged.
pub(super) fn from_victim<'a>(case: &Case<'a>, sibling: &Sibling, act: &Act) -> Option<Source<'a>> {
    let (incident, victim) = (case.incident, &case.incident.victim);
    let place = act.held.filter(|_| act.is_rotation() && act.store == Some(sibling.store))?.checked_sub(1)?;
    let held = case.store(sibling).held.get(place).filter(|held| held.imported)?;
    let since = held.since.filter(|_| victim.client == Client::Codex && incident.held.is_none() && !sibling.other_host)?;
    let stores = &case.known.stores;
    let usual = case.known.usual.beside(case.store(sibling));
    let is_source = match (usual, lender(stores, &case.known.usual, case.store(sibling))) {
        (Some(home), _) => victim.home.as_deref() == Some(home),
        (None, Some(id)) => stores.get(id).is_some_and(|store| store.home == victim.home) && may_lend(case, held),
        (None, None) => !stores.iter().any(|store| store.client == victim.client) && may_lend(case, held),
    };
    let source = || Source { held, item: copied(case, sibling.client, held, victim.client), parted: parted(case, held, since) };
    (is_source && since.surely_before(incident.refused)).then(source)
}

/// May the pair have been copied from the victim's home, of which nothing else says so? Where Codex was told to use
/// another folder than the usual one, only if that is known to have held the login.
fn may_lend(case: &Case<'_>, copied: &Held) -> bool {
    let (home, stores) = (&case.incident.victim.home, &case.known.stores);
    let its = stores.iter().filter(|store| store.client == Client::Codex && store.home == *home);
    let is_tied = || its.flat_map(|store| &store.held).any(|held| held.same_family(copied) == Some(true));
    home.is_none() || is_usual(home.as_deref()) || is_tied()
}

/// A change of the victim's credential after it was copied and before the refusal, or work when the copied pair had
/// ended, be it in another session than the one that failed: it had another one by then.
fn parted(case: &Case<'_>, held: &Held, since: When) -> Option<Item> {
    let incident = case.incident;
    let changes = |a: &Act| a.is_ending() || a.is_rotation() || matches!(a.kind, ActKind::Adopted { .. } | ActKind::Restored);
    let change = |from: When, to: When| {
        let own = incident.own_acts.iter().map(|&i| case.act(i));
        own.into_iter().find(|a| changes(a) && from.maybe_before(a.at) && a.at.maybe_before(to))
    };
    let next = incident.next_good.filter(|good| change(incident.refused, good.at).is_none());
    let ended = |at: When| held.expires_at.is_some_and(|end| end.hi < at.lo);
    let worked = [incident.last_good, incident.meanwhile, next].into_iter().flatten().find(|good| ended(good.at));
    let who = incident.victim.client;
    let says = "worked when the pair that was copied from its store had ended";
    change(since, incident.refused).map(|act| case.acted(act)).or_else(|| worked.map(|good| case.success(&good, who, says)))
}

fn copied(case: &Case<'_>, by: Client, held: &Held, of: Client) -> Item {
    let says = format!("{} holds a credential that was copied from the store of {}", by.title(), of.title());
    case.item(ItemKind::SharedLogin, None, held.origin, says)
}

/// May the victim have taken its login over from this store, where it names the program alone? Programs look
/// into the home of their own machine; of several there, into the usual one.
fn is_near(case: &Case<'_>, sibling: &Sibling) -> bool {
    let usual = |s: &Sibling| is_usual(case.store(s).home.as_deref());
    let victims = case.incident.victim.store.and_then(|id| case.known.stores.get(id));
    if let (Client::Codex, Some(home)) = (sibling.client, victims.and_then(|store| case.known.usual.beside(store))) {
        return !sibling.may_be_elsewhere && case.store(sibling).home.as_deref() == Some(home);
    }
    let rival = |s: &&Sibling| s.client == sibling.client && !s.other_host && s.store != sibling.store;
    let alone = || !case.incident.siblings.iter().filter(rival).any(|s| case.store(s).home != case.store(sibling).home);
    !sibling.may_be_elsewhere && (sibling.client != Client::Codex || usual(sibling) || alone())
}
