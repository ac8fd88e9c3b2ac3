//! What to do, what not to do, and what would settle an open case: the words of the causes, fitted to how
//! the incident stands.

use super::held::Held;
use super::{own_end, unread};
use crate::attribute::case::Case;
use crate::attribute::cause::RootCause;
use crate::attribute::compare::Compared;
use crate::attribute::confidence::Confidence;
use crate::attribute::{About, Steps, about, undetermined};
use crate::correlate::Recovery;
use crate::event::Mechanism;

/// What would decide what is open: never nothing, as long as the records do not show the verdict itself.
pub(super) fn would_settle(compared: &Compared, confidence: Confidence, held: Option<&Held>, has_holes: bool) -> Vec<String> {
    // What one fact would settle comes first.
    let fact = held.and_then(|held| if let Held::Flips { fact, .. } = held { Some(fact.clone()) } else { None });
    fact.into_iter().chain(observations(compared, confidence, has_holes).into_iter().map(str::to_owned)).collect()
}

fn observations(compared: &Compared, confidence: Confidence, has_holes: bool) -> Vec<&'static str> {
    if confidence == Confidence::Confirmed {
        return Vec::new();
    }
    let mut list: Vec<&'static str> = if has_holes { vec![unread::SETTLES] } else { Vec::new() };
    for finding in compared.findings.iter().filter(|f| f.is_open()) {
        for settles in &finding.would_settle {
            if !list.contains(settles) && list.len() < 6 {
                list.push(settles);
            }
        }
    }
    if list.len() == usize::from(has_holes) {
        list.extend(about(compared.cause()).unwrap_or(&undetermined::ABOUT).settles);
    }
    list
}

/// `shared`: another program is involved, though it is open by which act.
pub(super) fn next_steps(case: &Case<'_>, compared: &Compared, shared: bool) -> Vec<(bool, &'static str)> {
    /// What ends the sharing, whichever act it was.
    const APART: &str = "log the failing client in on its own, so that it depends on no other client's login";
    const AGAIN: &str =
        "do not log in once more in the other client, and do not run `codex logout`: either can end what still works";
    let cause = compared.cause();
    let Some(about) = about(cause) else { return Vec::new() };
    let own = compared.winner().and_then(|(finding, _)| finding.steps);
    let steps = own.unwrap_or(Steps { dos: about.dos, donts: about.donts });
    let dos = shared.then_some(APART).into_iter().chain(repairs(case, cause, about)).chain(steps.dos.iter().copied());
    let donts = shared.then_some(AGAIN).into_iter().chain(steps.donts.iter().copied());
    dos.map(|says| (true, says)).chain(donts.map(|says| (false, says))).collect()
}

/// What ends the incident, if it has not ended.
fn repairs(case: &Case<'_>, cause: RootCause, about: &About) -> Vec<&'static str> {
    /// Said first where no refresh was refused: a new login is for the case that this does not help.
    const WAIT: &str = "wait and try again before anything else: no refresh was refused, so the login may still be good";
    /// Where the client itself ended its login there is nothing to look for.
    const LOG_IN: &str = "log the failing client in: its own logout, or a login that it did not complete, left it without one";
    if let (Some((_, how)), false) = (case.incident.recovered, about.repairs.is_empty()) {
        return vec![match how {
            Recovery::Login => "nothing is left to repair: the failing client has been logged in again",
            Recovery::Adoption => "nothing is left to repair for now: the failing client goes on with another store's credential",
            _ => "nothing is left to repair: the failing client works again",
        }];
    }
    let about_login = matches!(cause.mechanism(), Mechanism::Revoked | Mechanism::Undetermined);
    let wait = about_login && case.refresh_left_open().is_some() && case.refresh_refused().is_none();
    let own = cause == RootCause::Undetermined && (own_end::act(case).is_some() || own_end::said_logout(case).is_some());
    let first = [own.then_some(LOG_IN), wait.then_some(WAIT)];
    first.into_iter().flatten().chain(about.repairs.iter().copied()).collect()
}
