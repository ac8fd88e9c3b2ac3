//! From when on an act can have ended the victim's login, in words: since its last success, or, where a refresh was
//! told of the end, since it came to hold the refresh token. Apart from [`super::lives`], which is about what the
//! login's holders show.

use super::lives;
use crate::attribute::Confidence;
use crate::attribute::case::Case;
use crate::attribute::finding::Finding;
use crate::correlate::{Act, SuccessSeen, When};

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
