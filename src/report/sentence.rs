//! The sentences of the first screen: verdict, impact, and what it means in plain words.
//!
//! Wording follows the tier: "the records show", "the best-supported explanation is", "is consistent
//! with, but so is", "the files show that, not who". What happened stands in [`clause`].

use super::clause::{self, Roles};
use super::ledger::MembersJson;
use super::model::{HypothesisJson, IncidentJson, Report};
use super::rows;
use super::words::{is_adrift, ms, plural, readable, title};
use crate::attribute::{Confidence, RootCause, about};
use crate::time;

/// The one-sentence verdict.
pub(super) fn verdict(i: &IncidentJson) -> String {
    let cause = RootCause::named(&i.root_cause).unwrap_or(RootCause::Undetermined);
    tiered(&i.confidence, &clause::happened(cause, &Roles::of(i)), &rival(i)).unwrap_or_else(|| undetermined(i))
}

/// What happened, as sure as the tier is; None where no cause stands out.
pub(super) fn tiered(confidence: &str, what: &str, rival: &str) -> Option<String> {
    match confidence {
        "confirmed" => Some(format!("The records show that {what}.")),
        "very_likely" => Some(format!("The best-supported explanation, very likely, is that {what}.")),
        "likely" => Some(format!("The best-supported explanation is that {what} (likely).")),
        "possible" => Some(format!("It is consistent with the files that {what} (possible), but so is {rival}.")),
        _ => None,
    }
}

/// What stays open beside a verdict that is only possible: the best supported of the others.
fn rival(i: &IncidentJson) -> String {
    let is_other = |h: &&HypothesisJson| {
        let actor = i.actor.as_ref().map(|a| a.client.as_str());
        h.status == "open" && (h.root_cause != i.root_cause || h.actor != actor)
    };
    // Hypotheses of one status stand in order of their points.
    match i.hypotheses.iter().find(is_other) {
        Some(h) => clause::noun(h),
        None => "something that they do not show".to_owned(),
    }
}

fn undetermined(i: &IncidentJson) -> String {
    let victim = Roles::of(i).victim;
    if let Some(involved) = &i.involved {
        let (who, sure) = (title(&involved.client), involved.confidence.replace('_', " "));
        return format!(
            "{who} is involved in what happened to the login of {victim} ({sure}); whether by its refresh or by its new login, the files do \
             not settle (undetermined)."
        );
    }
    let what = match i.mechanism.as_str() {
        "consumed" => format!("the refresh token of {victim} was spent, not by whom"),
        "revoked" => format!("the login of {victim} was revoked, not by which act"),
        "expired" => format!("a token of {victim} had ended, not why it was not refreshed"),
        "not_token" => format!("turns of {victim} failed for a reason outside the credential, not for which"),
        _ if i.failed_turns == 0 => format!("a credential of {victim} was refused or put out of use, not why"),
        _ => format!("turns of {victim} failed, not why"),
    };
    format!("The files show that {what} (undetermined).")
}

/// What the cause means; of an undetermined incident, what keeps it open.
pub(super) fn means(i: &IncidentJson) -> String {
    let cause = RootCause::named(&i.root_cause).unwrap_or(RootCause::Undetermined);
    if cause != RootCause::Undetermined {
        return about(cause).map_or_else(String::new, |a| a.means.to_owned());
    }
    let named = |h: &HypothesisJson| format!("{} ({})", clause::noun(h), points(h.score));
    let (least, lead) = (Confidence::LEAST_POINTS, Confidence::LEAST_LEAD);
    let mut open = i.hypotheses.iter().filter(|h| h.status == "open" && h.score > 0);
    let why = match (open.next(), open.next()) {
        (None, _) => "No explanation that was tested has anything on record that speaks for it.".to_owned(),
        (Some(first), _) if first.score < least => {
            format!("Too little is on record: the nearest explanation is {}, and a verdict takes {least}.", named(first))
        }
        (Some(first), Some(next)) if first.score.saturating_sub(next.score) < lead => match clause::noun(first) {
            same if same == clause::noun(next) => {
                format!(
                    "Two acts stand too close together to choose: {same} in one of its stores ({}) and in another ({}).",
                    points(first.score),
                    next.score
                )
            }
            _ => format!("Two explanations stand too close together to choose: {} and {}.", named(first), named(next)),
        },
        (Some(first), _) => format!(
            "The nearest explanation is {}, and the files leave open what would make a verdict of it: see the hypotheses and notes below.",
            named(first)
        ),
    };
    format!("{why} A guess would be worse than no answer.")
}

fn points(score: i32) -> String {
    plural(u64::from(score.unsigned_abs()), "point")
}

/// Impact in numbers.
pub(super) fn impact(i: &IncidentJson) -> Vec<String> {
    let mut list = vec![match i.failed_turns {
        0 => "no failed turn is on record, only what was said of the credential".to_owned(),
        n => format!("{} in {}", plural(n, "failed turn"), plural(i.sessions, "session")),
    }];
    let (first, last) = (ms(&i.first_failure), ms(&i.last_failure));
    let zone = if is_adrift(i, &i.first_failure) { "by a clock whose zone is unknown" } else { "UTC" };
    list.push(match (readable(&i.first_failure), readable(&i.last_failure)) {
        (from, to) if from == to => format!("at {from} {zone}"),
        (from, to) => format!("from {from} to {to} {zone} ({})", time::span(last - first)),
    });
    list.push(match &i.recovered_at {
        Some(at) => format!("over at {} UTC", readable(at)),
        None => "not over when the files end".to_owned(),
    });
    if i.transport_failures > 0 {
        list.push(plural(i.transport_failures, "transport failure"));
    }
    list.push(match i.fallback.as_str() {
        "used" => "a fallback model answered".to_owned(),
        "exhausted" => "fallback models were tried and failed too".to_owned(),
        "not_used" => "fallback models are set up but were not used".to_owned(),
        "not_configured" => "no fallback model is set up".to_owned(),
        _ => "fallback: the files do not say".to_owned(),
    });
    list
}

/// How long the causal act lies before the first failure.
pub(super) fn delay(i: &IncidentJson) -> Option<String> {
    i.cause.delay_s.filter(|s| *s > 0).map(|s| time::span(s * 1000))
}

/// One line over everything that was read.
pub(super) fn read(r: &Report) -> String {
    let t = &r.totals;
    format!(
        "{}, {}, {}, {}, {}",
        plural(t.sources, "source"),
        plural(t.bytes, "byte"),
        plural(t.sessions, "session"),
        plural(t.turns, "turn"),
        plural(t.failed_turns, "failed turn")
    )
}

/// What a report without an incident can say, which is not more than was looked at.
pub(super) fn calm(r: &Report) -> &'static str {
    match (r.totals.turns, r.totals.failed_turns) {
        (0, _) => "No turn was among what was read, so none was seen to fail.",
        (_, 0) => "No turn stayed failed.",
        // Every failed turn that has a time is in an incident.
        _ => "Turns failed, and no time of theirs can be read: see Coverage.",
    }
}

/// What was skipped, in one clause for the verdict; None when nothing was.
pub(super) fn gaps(r: &Report) -> Option<String> {
    let skipped = r.coverage.sources.records().filter(|s| !s.skipped.is_empty()).count() as u64;
    (skipped > 0).then(|| format!("{} of {} not read or not read whole: see Coverage", plural(skipped, "source"), r.totals.sources))
}

/// What archives had and what came out of them; None where there was none.
pub(super) fn archives(r: &Report) -> Option<String> {
    let all: Vec<_> = r.coverage.sources.records().filter_map(|s| s.members.as_deref()).map(rows::members).collect();
    let sum = |count: fn(&MembersJson) -> u64| all.iter().map(count).fold(0, u64::saturating_add);
    let skipped = sum(|m| m.skipped.iter().map(|s| s.count).fold(0, u64::saturating_add));
    (!all.is_empty()).then(|| {
        format!(
            "{} with {}: {} read, {}, {} not read",
            plural(all.len() as u64, "archive"),
            plural(sum(|m| m.declared), "member"),
            sum(|m| m.read),
            plural(sum(|m| m.folders), "folder"),
            skipped
        )
    })
}
