//! `provider_auth_outage`: the provider refused good logins for a while.
//!
//! One account that is refused is that account's own matter, however soon it works again. What shows an
//! outage is the same refusal for accounts that have nothing to do with each other, or a token that one
//! transport refuses while the other takes it.

use crate::attribute::case::Case;
use crate::attribute::finding::{CauseTime, Finding, ItemKind};
use crate::attribute::{About, Confidence, Hypothesis, RootCause};
use crate::correlate::{FailureSeen, Recovery, SuccessSeen};
use crate::event::{ErrorClass, Level};
use std::cmp::Reverse;

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::ProviderAuthOutage, about: ABOUT, test };

const ABOUT: About = About {
    line: "The provider refused good logins for a while; nothing had happened to the credential.",
    means: "Calls were answered with 401 for accounts that have nothing to do with each other, or over one transport only, and the \
            same tokens were taken again later without a login. The fault was on the provider's side.",
    needs: &[
        "a 401 of the model endpoint",
        "the same for an unrelated account within the half hour, or the same token taken over the other transport",
    ],
    supports: &["it ends by waiting, with the same credential"],
    excludes: &[
        "a refusal of the credential at the token endpoint in the same incident",
        "the server calls the login ended, and the same token never works again",
        "the access token had ended by its own word",
    ],
    controls: &[
        "unrelated accounts are refused in the same half hour",
        "the same token works over HTTPS while the WebSocket is refused",
        "the same token works again later, with nothing done to it",
    ],
    timeline: "good tokens are refused → several accounts, or one transport, at once → it passes without any act",
    versions: &[],
    repairs: &["wait and try again, or switch the transport (HTTPS in place of the WebSocket)"],
    dos: &[],
    donts: &["do not log in again: nothing is wrong with the login", "do not name another client: unrelated accounts were hit too"],
    settles: &["the provider's status page for this time", "whether the same token works again, or over the other transport"],
};

fn test(case: &Case<'_>) -> Vec<Finding> {
    let mut finding = Finding::new(RootCause::ProviderAuthOutage, None);
    let Some(refused) = refused(case) else {
        return vec![case.lacks(finding, "no model call was refused with 401 while its token should have been good")];
    };
    if let Some(refresh) = case.refresh_refused() {
        let why = "the credential itself was refused at the token endpoint in the same incident";
        return vec![finding.out(why, Some(case.failure(refresh)))];
    }
    let worked = case.incident.same_token_worked;
    if refused.failure.class.is_revocation() && !worked {
        let why = "the server called the login ended, and the same token is not seen to work again";
        return vec![finding.out(why, Some(case.failure(refused)))];
    }
    let (unrelated, other_way) = (case.incident.elsewhere.unrelated, other_way(case));
    if unrelated.is_none() && other_way.is_none() {
        return vec![finding.out("no unrelated account was refused, and no other transport is seen to have taken the token", None)];
    }
    finding.point(if refused.failure.class == ErrorClass::Unauthorized { 6 } else { 4 }, case.failure(refused));
    if let Some(others) = unrelated {
        let who = match others.accounts {
            1 => "an unrelated account was".to_owned(),
            n => format!("{n} unrelated accounts were"),
        };
        let says = format!("{who} refused with 401 in the same half hour");
        finding.point(10, case.item(ItemKind::Control, Some(others.first), others.origin, says));
        if !others.passed {
            finding.cap(Confidence::Possible, "an unrelated account was logged in anew before it worked again");
        }
    }
    if let Some(good) = other_way {
        let says = "was answered over the other transport with the same token";
        finding.point(10, case.success(&good, case.incident.victim.client, says));
    }
    ended(case, other_way.is_some(), &mut finding);
    finding.when = CauseTime { at: Some(case.incident.first), after: None, before: None };
    finding.would_settle = ABOUT.settles.to_vec();
    vec![finding]
}

/// The rawest refusal of a model call whose token had not ended: a note of the client's own that keeps the
/// status alone does not outweigh the code.
fn refused<'a>(case: &Case<'a>) -> Option<&'a FailureSeen> {
    use ErrorClass as C;
    let of_call = |c: C| matches!(c, C::Unauthorized | C::TokenInvalidated | C::TokenRevoked | C::TokenExpired);
    let good = |f: &&FailureSeen| f.failure.class != C::TokenExpired || !case.had_ended(f.at);
    let calls = case.incident.failures.iter().filter(|f| f.dated && of_call(f.failure.class) && f.failure.level >= Level::Status);
    calls.filter(good).min_by_key(|f| (Reverse(f.failure.level), f.at.ms))
}

/// A success of the victim over the second transport, with the token that the first one had refused.
fn other_way(case: &Case<'_>) -> Option<SuccessSeen> {
    let incident = case.incident;
    let after = incident.next_good.filter(|_| incident.same_token_worked);
    incident.meanwhile.into_iter().chain(after).find(|good| good.over_second)
}

/// How it ended: an outage passes without any act of a person. Codex renews its login at every 401: that the
/// login service grants it while the model endpoint refuses shows the login to be good.
fn ended(case: &Case<'_>, other_way: bool, finding: &mut Finding) {
    let (incident, who) = (case.incident, case.incident.victim.client);
    match (incident.next_good, incident.recovered) {
        (Some(good), Some((_, Recovery::Login))) => {
            finding.point(-8, case.success(&good, who, "worked again after a new login"));
            finding.cap(Confidence::Possible, "it was logged in anew before it worked again");
        }
        // Counted already where it is what shows the other transport.
        (Some(_), _) if other_way => {}
        (Some(good), _) if incident.same_token_worked => {
            finding.point(8, case.success(&good, who, "worked again later with the same credential"));
        }
        (Some(good), Some((_, Recovery::Refresh))) => {
            finding.point(6, case.success(&good, who, "worked again after a refresh that the login service granted meanwhile"));
        }
        _ => finding.cap(Confidence::Possible, "that the same credential worked again is not on record"),
    }
}
