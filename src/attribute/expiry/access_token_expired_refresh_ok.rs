//! `access_token_expired_refresh_ok`: the access token ended, the refresh worked, the next turn
//! was fine. A blip, listed so that nobody looks for a culprit.

use crate::attribute::case::Case;
use crate::attribute::finding::{CauseTime, Finding, ItemKind};
use crate::attribute::times::day;
use crate::attribute::{About, Confidence, Hypothesis, RootCause};
use crate::correlate::{Act, When};
use crate::event::ErrorClass;

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::AccessTokenExpiredRefreshOk, about: ABOUT, test };

const ABOUT: About = About {
    line: "The access token ended; the client refreshed and went on.",
    means: "A model call met an access token at its end. The client's own refresh succeeded and the next turn worked. Nothing is \
            wrong with the login.",
    needs: &["the model endpoint said `token_expired`", "an own refresh right after", "a success after that"],
    supports: &["the failure lies near the end that the token itself states"],
    excludes: &["a refused refresh", "turns that stay failed", "the token's own end lay well ahead"],
    controls: &["a second call refused with the new token: then it was not the end of the old one"],
    timeline: "token ends → one call refused → refresh → success",
    versions: &[
        "Codex refreshes 120 s before the end in 0.169, five minutes before it since May 2026, and only at the end before that",
    ],
    repairs: &[],
    dos: &["nothing has to be done: the client refreshed and went on by itself"],
    donts: &["do not log in again for this: the login is good"],
    settles: &["the client's store after the failure, with its `last_refresh`"],
};

fn test(case: &Case<'_>) -> Vec<Finding> {
    let mut finding = Finding::new(RootCause::AccessTokenExpiredRefreshOk, None);
    let Some(expired) = case.incident.first_where(|c| matches!(c, ErrorClass::TokenExpired)) else {
        return vec![finding.out("no call was refused because the access token had ended", None)];
    };
    if let Some(refused) = case.incident.first_where(ErrorClass::is_refresh) {
        return vec![finding.out("a refresh was refused or not answered", Some(case.failure(refused)))];
    }
    let Some(good) = &case.incident.next_good else {
        return vec![finding.out("no success followed", None)];
    };
    let own = case.incident.own_acts.iter().map(|&i| case.act(i));
    let Some(refresh) = own
        .filter(|a| a.is_rotation() && a.at.ms <= good.at.ms)
        .max_by_key(|a| a.at.ms)
        .filter(|a| a.at.ms >= case.incident.first.ms - 60_000)
    else {
        return vec![finding.out("no refresh of the client's own is on record between failure and success", None)];
    };
    let end = ended(case, refresh);
    if let Some(end) = end.filter(|end| end.ms > expired.at.hi.saturating_add(SKEW_MS)) {
        let says = format!("the access token was good until {} by its own word", day(end));
        let item = case.item(ItemKind::Store, Some(end), expired.origin, says);
        return vec![finding.out("the access token was called expired long before its own end", Some(item))];
    }
    finding.point(8, case.failure(expired));
    finding.point(8, case.acted(refresh));
    finding.point(6, case.success(good, case.incident.victim.client, "worked again after its own refresh"));
    if end.is_none() {
        // Services have called tokens expired days before their end; only the token itself shows that.
        finding.cap(Confidence::Likely, "when the refused access token was to end is not on record");
    }
    let (first, worked) = (case.incident.first, good.at);
    if is_adrift(first, refresh.at) || is_adrift(refresh.at, worked) {
        finding.cap(
            Confidence::Undetermined,
            "under some reading of the clocks the refresh does not lie between the failure and the success",
        );
    }
    finding.when = CauseTime { at: case.incident.held.as_ref().and_then(|h| h.expires_at), after: None, before: None };
    vec![finding]
}

/// Is the order of the two open, because the zone of one of them is not known?
fn is_adrift(first: When, second: When) -> bool {
    let certain = first.is_certain() && second.is_certain();
    !certain && !first.surely_before(second)
}

/// Clocks of a client and its server differ by no more, as a rule.
const SKEW_MS: i64 = 5 * 60_000;

/// The end of the token that was refused, as far as it is known: that of the pair which the refresh
/// replaced, where the store shows both.
fn ended(case: &Case<'_>, refresh: &Act) -> Option<When> {
    let replaced = || case.known.stores.get(refresh.store?)?.held.get(refresh.held?.checked_sub(1)?);
    replaced().or(case.incident.held.as_ref()).and_then(|held| held.expires_at)
}
