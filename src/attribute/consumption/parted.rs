//! How well it is known that the victim presented the pair which its store is last known to have held. Whoever
//! exchanged that pair is the cause only if it did.
//!
//! Two things say that it may not have. It was answered when that access token had ended, or was logged in anew
//! since: then it had another pair, and the exchange of the old one did it no harm at that time. And its store
//! was not read, but copies of it: then what it came to hold after the last of them is in no file. The files that
//! are passed on are chosen by hand, and a store is the first to be held back; less of them must not say more.

use super::own;
use crate::attribute::Confidence;
use crate::attribute::case::Case;
use crate::attribute::finding::{Finding, Item, ItemKind};
use crate::attribute::presented;
use crate::attribute::times::day;
use crate::correlate::{Outworked, When};
use crate::event::Taken;

/// A login is logged, and its pair stored, within this time of each other.
const AT_ONCE_MS: i64 = 2 * 60_000;

/// What shows that the victim had another pair since, and when it had.
pub(super) fn since(case: &Case<'_>) -> Option<(When, Item)> {
    case.incident.outworked.map(|found| (found.by.at, worked_on(case, &found))).or_else(|| login(case))
}

/// What it did with that pair, as far as that is known.
pub(super) fn verb(case: &Case<'_>) -> &'static str {
    if is_by_copies(case) || since(case).is_some() { "is last known to have held" } else { "presented" }
}

/// That another store had held the very token, which is worth so much where the victim went by that token to the
/// last, and nothing where it had another one since.
pub(super) fn shared(case: &Case<'_>, points: i32, item: Item, finding: &mut Finding) {
    match since(case) {
        Some(_) => finding.limits.push(item),
        None => finding.point(points, item),
    }
}

/// The success that the pair of the failure cannot have had.
pub(super) fn worked_on(case: &Case<'_>, found: &Outworked) -> Item {
    let who = case.incident.victim.client.title();
    let (at, ended) = (day(found.by.at), day(found.ended));
    let says = format!("{who} worked at {at}, after the access token that it is last known to have held had ended ({ended})");
    case.item(ItemKind::Control, Some(found.by.at), found.by.origin, says)
}

/// A login of the victim's own after it came to hold that pair, of which its store shows nothing.
fn login(case: &Case<'_>) -> Option<(When, Item)> {
    let held = own::possession(case)?;
    let later = own::acts(case).filter(|act| act.at.lo.saturating_sub(held.hi) > AT_ONCE_MS);
    let mut logins = later.filter(|act| act.is_login() && act.is_sure_login() && act.held.is_none());
    logins.find(|act| act.at.surely_before(case.incident.refused)).map(|act| (act.at, case.acted(act)))
}

/// Is the store that the victim worked with not among the files, so that only copies tell what it held?
pub(super) fn is_by_copies(case: &Case<'_>) -> bool {
    let store = case.incident.victim.store.and_then(|id| case.known.stores.get(id));
    case.incident.held.is_some() && store.is_some_and(|store| !store.live || store.hidden)
}

/// Count it against the exchange of that pair by somebody else, which was made at `act` as far as that is known.
pub(super) fn weigh(case: &Case<'_>, act: Option<When>, finding: &mut Finding) {
    let by_copies = is_by_copies(case);
    if let Some((when, item)) = since(case) {
        finding.recorded = false;
        // What its store still holds it may have been put back to. Without that nothing leads back to the old pair.
        let harmless = by_copies && act.is_some_and(|act| act.surely_before(when));
        let most = if harmless { Confidence::Undetermined } else { Confidence::Possible };
        finding.would_settle.insert(0, OWN_STORE);
        finding.limit(most, "the victim had worked with another pair since, and may have presented that", Some(item));
    } else if by_copies {
        finding.recorded = false;
        finding.would_settle.insert(0, OWN_STORE);
        let most = if case.at_expiry().is_some() { Confidence::VeryLikely } else { Confidence::Likely };
        finding.cap(most, "only copies of the victim's store were read: that it still held their pair is inferred");
    } else {
        cite_live(case, finding);
    }
}

/// A copy shows what was refused, and that the store was read as well is what makes it known: it is cited, and so
/// is what was put in its place after the failure.
fn cite_live(case: &Case<'_>, finding: &mut Finding) {
    let from_copy = case.incident.held.as_ref().is_some_and(|held| held.taken == Taken::Copy);
    let store = case.incident.victim.store.and_then(|id| case.known.stores.get(id)).filter(|_| from_copy);
    if let Some(now) = store.and_then(|store| store.now()).filter(|now| now.taken == Taken::Current) {
        let says = format!("{} store holds another pair now", case.incident.victim.client.title());
        finding.limits.push(case.item(ItemKind::Store, now.since, now.origin, says));
        finding.limits.extend(presented::restored(case).1.map(|act| case.acted(act)));
    }
}

const OWN_STORE: &str = "the failing client's own live credential store, and copies of it from right before the failure";
