//! What tells the acts of this room from each other and from a mishap: whether the login lives on with
//! another holder, what the failing client was healed by, and whose login an act concerned. Apart from the
//! hypotheses, since what speaks for one of them speaks against another.

use crate::attribute::Confidence;
use crate::attribute::case::Case;
use crate::attribute::finding::{Finding, Item, ItemKind};
use crate::correlate::{Act, ActKind, Held, Recovery, Relation, Sibling, SuccessSeen};
use crate::event::Client;

/// A connection that was open before may serve calls for a while after its login has ended (OpenClaw 2026.9
/// keeps its WebSocket between turns).
const LINGERS_MS: i64 = 15 * 60_000;

/// A holder that goes on with the victim's own login long after the first refusal: the login has not ended.
pub(super) fn lives_on(case: &Case<'_>) -> Option<(String, Item)> {
    let late = |good: &SuccessSeen| good.at.lo.saturating_sub(case.incident.first.hi) >= LINGERS_MS;
    let good = |s: &Sibling| still_good(case, s, s.alive_last).filter(late);
    let (sibling, good) = case.incident.siblings.iter().find_map(|s| Some((s, good(s)?)))?;
    let who = sibling.client.title();
    let item = case.success(&good, sibling.client, "worked on with the same login after the victim's first failure");
    Some((format!("{who} went on with the same login: it had not been ended"), item))
}

/// Leave it open where the clocks do whether another holder went on with the same login.
pub(super) fn mind_elsewhere(case: &Case<'_>, finding: &mut Finding) {
    let late = |good: &SuccessSeen| good.at.hi.saturating_sub(case.incident.first.lo) >= LINGERS_MS;
    let good = |s: &Sibling| still_good(case, s, s.perhaps_alive).filter(late);
    if let Some((sibling, good)) = case.incident.siblings.iter().find_map(|s| Some((s, good(s)?))) {
        let item = case.success(&good, sibling.client, "worked with the same login, perhaps after the victim's first failure");
        finding.limit(
            Confidence::Undetermined,
            "under some reading of the clocks another holder went on with the same login, which had then not been ended",
            Some(item),
        );
        finding.would_settle.insert(0, "the zone of the local times in the other holder's log: state it with --tz-of");
    }
}

/// A success of the sibling, if it is of a credential that is known to be of the victim's login.
fn still_good(case: &Case<'_>, sibling: &Sibling, good: Option<SuccessSeen>) -> Option<SuccessSeen> {
    let good = good.filter(|_| sibling.family == Relation::Same)?;
    let held = case.store(sibling).held_at(good.at)?;
    (case.incident.held.as_ref().and_then(|victim| held.same_family(victim)) == Some(true)).then_some(good)
}

/// What shows that the act did not concern the victim's login: a logout from another account or another login
/// does not, a new login may end whatever the account had.
pub(super) fn of_another(case: &Case<'_>, sibling: &Sibling, act: &Act) -> Option<Item> {
    let before = |held: &&Held| held.since.is_some_and(|since| since.ms < act.at.ms);
    let replaced = case.store(sibling).held.iter().rev().find(before)?;
    let account = replaced.account.zip(case.incident.victim.account).is_some_and(|(a, b)| a != b);
    let login = case.incident.held.as_ref().and_then(|victim| replaced.same_family(victim)) == Some(false);
    let other = match (account, login && !act.is_login()) {
        (true, _) => "account",
        (false, true) => "login",
        (false, false) => return None,
    };
    let says = format!("{} held a credential of another {other} at that time", sibling.client.title());
    Some(case.item(ItemKind::Store, replaced.since, replaced.origin, says))
}

/// What the victim was healed by, where that was another program's credential: how the login that it took
/// over stands to the one that was refused.
pub(super) fn adopted<'a>(case: &Case<'a>) -> Option<(Client, &'a Act, Option<&'a Held>)> {
    let (at, _) = case.incident.recovered.filter(|(_, how)| *how == Recovery::Adoption)?;
    let own = case.incident.own_acts.iter().map(|&i| case.act(i)).filter(|a| a.at.ms <= at.ms);
    let taken = |a: &'a Act| if let ActKind::Adopted { from, .. } = a.kind { Some((from, a)) } else { None };
    let (from, act) = own.filter(|a| a.at.ms >= case.incident.first.ms).filter_map(taken).next_back()?;
    let store = act.store.or(case.incident.victim.store).and_then(|id| case.known.stores.get(id));
    let held = store.and_then(|store| act.held.map_or_else(|| store.held_at(at), |i| store.held.get(i)));
    Some((from, act, held))
}

/// Take points from what says that the login was ended where the victim was healed by taking over a later
/// pair of the very same login.
pub(super) fn mind_adoption(case: &Case<'_>, finding: &mut Finding) {
    if let Some((_, act, Some(held))) = adopted(case)
        && case.incident.held.as_ref().is_some_and(|old| old.same_family(held) == Some(true) && !old.same_tokens(held))
    {
        finding.point(-8, case.acted(act));
    }
}
