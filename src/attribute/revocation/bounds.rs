//! From when on an act can have ended the victim's login, in words: since its last success, or, where a refresh was
//! told of the end, since it came to hold the refresh token. Apart from [`super::lives`], which is about what the
//! login's holders show.

use super::lives;
use crate::attribute::Confidence;
use crate::attribute::case::Case;
use crate::attribute::finding::{Finding, ItemKind};
use crate::correlate::{Act, Relation, SuccessSeen, When};
use crate::event::Client;

/// Where the time in question begins: the last sign that what was refused lived.
pub(super) fn since(case: &Case<'_>) -> Option<When> {
    let held = case.incident.held.as_ref().filter(|held| !held.dated_by_file).and_then(|held| held.since);
    case.incident.lived.or(held)
}

/// The time in question, in words.
pub(super) fn interval(case: &Case<'_>) -> &'static str {
    match case.incident.is_by_refresh() {
        true => "between the victim's possession of its refresh token and the refusal of that",
        false => "between the victim's last success (or own login) and its first failure",
    }
}

/// May the act have ended the refresh token alone, which is what was refused?
pub(super) fn spares_calls(case: &Case<'_>, act: &Act) -> bool {
    case.incident.may_spare_calls(act, &case.known.stores)
}

/// Where the time in question begins with the possession: what shows that an act after which calls were still answered
/// gave up another login than the victim's, so that it does not count, carries what is said without it, and is cited.
pub(super) fn cite_others(case: &Case<'_>, finding: &mut Finding) {
    /// Acts that are looked at.
    const MOST: usize = 4_096;
    let incident = case.incident;
    let (Some(good), Some(since), true) = (incident.last_good, since(case), incident.is_by_refresh()) else { return };
    let acts = &case.known.acts;
    let to = acts.partition_point(|act| act.at.ms < good.at.ms);
    let from = acts.partition_point(|act| act.at.ms <= since.ms).max(to.saturating_sub(MOST));
    let inside = acts.get(from..to).unwrap_or_default();
    for sibling in case.others().filter(|sibling| sibling.account != Relation::Different) {
        let store = case.store(sibling);
        let its = |act: &&Act| act.is_ending() && act.is_at(store.client, &store.home, store.host);
        let other = inside.iter().filter(its).find_map(|act| incident.gave_up_other(act, store));
        if let Some(held) = other.filter(|_| store.client.program() == Client::Codex) {
            let says = format!("{} held a credential of another login when it logged in or out", case.who(sibling));
            finding.point(0, case.item(ItemKind::Store, held.since, held.origin, says));
        }
    }
}

/// Weaken what rests on an act that calls with the login outlasted: it ended the refresh token alone, if anything.
pub(super) fn mind_outlasted(case: &Case<'_>, act: &Act, finding: &mut Finding) {
    if !spares_calls(case, act) {
        return;
    }
    let (at, who) = (case.as_stated(act).at, case.incident.victim.client);
    let good = case.incident.last_good.as_ref().filter(|good| at.maybe_before(good.at));
    let says = |good: &SuccessSeen| {
        if at.surely_before(good.at) {
            "still worked with its access token after that act"
        } else {
            "may have worked after that act"
        }
    };
    let own = good.map(|good| case.success(good, who, says(good)));
    if let Some(item) = own.or_else(|| lives::answered_after(case, at, "that act")) {
        let because = "calls were still answered after that act: whether a revoked refresh token leaves the access token at work is \
                       the provider's policy";
        finding.limit(Confidence::Likely, because, Some(item));
    }
}
