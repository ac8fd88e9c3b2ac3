//! One record of the gateway, whatever it was written as, and what kind of statement it is.
//!
//! The file log holds structured events as objects, the console holds the same events as
//! `key=value` text. Both become a [`Said`] here, so that [`super::gateway`] decides once what a
//! statement means.

use crate::event::Origin;
use crate::reader::Facts;
use crate::reader::json::Members;
use crate::secret::{Key, Kind};
use crate::time::{self, Stamp};
use std::borrow::Cow;

/// A record of the file log or a line of the console.
pub(super) struct Record<'a> {
    /// When it was written.
    pub(super) at: Option<Stamp>,
    /// The time is that of an earlier line: the record has none of its own.
    pub(super) borrowed: bool,
    /// Where it stands.
    pub(super) origin: Origin,
    /// Subsystem it comes from; None for the root logger, which also carries everything that a
    /// process prints, model output included.
    pub(super) subsystem: Option<Cow<'a, str>>,
    /// Written at level error or fatal.
    pub(super) is_error: bool,
    /// The message.
    pub(super) text: Cow<'a, str>,
    /// The object of a structured event, as raw text.
    pub(super) meta: Option<&'a str>,
    /// Trace the record belongs to.
    pub(super) trace: Option<Cow<'a, str>>,
    /// Session the record names.
    pub(super) session: Option<Cow<'a, str>>,
    /// Process id that stands before it.
    pub(super) pid: Option<&'a str>,
    /// The record as it is written, to see copies of it.
    pub(super) bytes: &'a [u8],
}

/// The names in a record, as keys. Made only for the few records that state something.
pub(super) struct Keys {
    pub(super) trace: Option<Key>,
    pub(super) session: Option<Key>,
    pub(super) process: Option<Key>,
    pub(super) id: Key,
}

/// One try of one model, as a structured event tells it.
#[derive(Default)]
pub(super) struct Attempt<'a> {
    pub(super) run: Option<Cow<'a, str>>,
    pub(super) session: Option<Cow<'a, str>>,
    pub(super) provider: Cow<'a, str>,
    pub(super) model: Cow<'a, str>,
    /// The error; None where the record was stripped of it (support bundles).
    pub(super) error: Option<Cow<'a, str>>,
    /// What the user was told of it, where the record keeps the raw error beside that.
    pub(super) told: Option<Cow<'a, str>>,
    pub(super) status: Option<u16>,
    pub(super) reason: Option<Cow<'a, str>>,
    /// The record says outright that the error is of no kind that a fallback is for: its reason is null.
    pub(super) unclassed: bool,
}

/// What the model fallback decided about one candidate.
#[derive(Default)]
pub(super) struct Decision<'a> {
    pub(super) attempt: Attempt<'a>,
    /// The candidate was not asked because its profiles are cooling down.
    pub(super) skipped: bool,
    /// The candidate answered.
    pub(super) succeeded: bool,
    /// There is no further candidate, and no answer.
    pub(super) exhausted: bool,
    pub(super) configured: Option<bool>,
}

/// A profile was put into a pause.
#[derive(Default)]
pub(super) struct Pause<'a> {
    pub(super) profile: Option<Cow<'a, str>>,
    pub(super) provider: Cow<'a, str>,
    pub(super) reason: Cow<'a, str>,
    /// A long pause (`disabled`), not a `cooldown`.
    pub(super) disabled: bool,
    pub(super) until: Option<Stamp>,
}

/// What kind of statement a record is.
pub(super) enum Said<'a> {
    /// `embedded_run_agent_end` of a run that failed.
    AgentEnd(Attempt<'a>),
    /// `model_fallback_decision`.
    Decision(Decision<'a>),
    /// `auth_profile_failure_state_updated`.
    Pause(Pause<'a>),
    /// A structured event that states nothing of its own.
    Silent,
    /// A plain message.
    Message,
}

impl<'a> Record<'a> {
    /// The names in it, as keys.
    pub(super) fn keys(&self, facts: &Facts<'_>) -> Keys {
        Keys {
            trace: self.trace.as_deref().map(|id| facts.key(Kind::Turn, id)),
            session: self.session.as_deref().map(|id| facts.key(Kind::Session, id)),
            process: self.pid.map(|pid| facts.key(Kind::Process, pid)),
            id: facts.record_key(self.bytes),
        }
    }

    /// What the record is. Only a subsystem writes events; what the root logger prints may look
    /// like one.
    pub(super) fn said(&'a self) -> Said<'a> {
        if self.subsystem.is_none() {
            return Said::Message;
        }
        match self.meta.map_or(Said::Message, of_object) {
            Said::Message => of_text(&self.text),
            said => said,
        }
    }
}

const EVENT: [&str; 23] = [
    "event",
    "runId",
    "sessionId",
    "isError",
    "provider",
    "model",
    "error",
    "rawErrorPreview",
    "httpCode",
    "failoverReason",
    "decision",
    "candidateProvider",
    "candidateModel",
    "errorPreview",
    "status",
    "reason",
    "nextCandidateProvider",
    "fallbackStepFinalOutcome",
    "fallbackConfigured",
    "profileId",
    "windowType",
    "cooldownUntil",
    "disabledUntil",
];

type Event<'a> = Members<'a, 23>;

/// Structured events of the file log (2026.5.7 to 2026.9.6; absent in 2026.3.2).
fn of_object(meta: &str) -> Said<'_> {
    let Ok(event) = Members::of(meta, &EVENT) else { return Said::Message };
    match event.text("event").as_deref() {
        Some("embedded_run_agent_end") if event.flag("isError") != Some(false) => {
            let (raw, told) = (event.text("rawErrorPreview"), event.text("error"));
            let told = told.filter(|told| raw.as_ref().is_some_and(|raw| raw != told));
            Said::AgentEnd(Attempt { error: raw.or_else(|| event.text("error")), told, ..attempt(&event) })
        }
        Some("model_fallback_decision") if event.raw("decision").is_some() => Said::Decision(decision(&event)),
        Some("auth_profile_failure_state_updated") => {
            let disabled = event.text("windowType").as_deref() == Some("disabled");
            let until = if disabled { "disabledUntil" } else { "cooldownUntil" };
            Said::Pause(Pause {
                profile: event.text("profileId"),
                provider: event.text("provider").unwrap_or_default(),
                reason: event.text("reason").unwrap_or_default(),
                disabled,
                until: event.number(until).and_then(Stamp::epoch),
            })
        }
        Some(_) => Said::Silent,
        None => Said::Message,
    }
}

fn attempt<'a>(event: &Event<'a>) -> Attempt<'a> {
    let status = |key: &str| event.number(key).or_else(|| event.text(key)?.parse().ok());
    Attempt {
        run: event.text("runId"),
        session: event.text("sessionId"),
        provider: event.text("candidateProvider").or_else(|| event.text("provider")).unwrap_or_default(),
        model: event.text("candidateModel").or_else(|| event.text("model")).unwrap_or_default(),
        error: event.text("errorPreview"),
        told: None,
        status: status("httpCode").or_else(|| status("status")).filter(|s| (100.0..600.0).contains(s)).map(|s| s as u16),
        reason: event.text("failoverReason").or_else(|| event.text("reason")),
        unclassed: event.is_null("failoverReason"),
    }
}

fn decision<'a>(event: &Event<'a>) -> Decision<'a> {
    let word = event.text("decision").unwrap_or_default();
    let outcome = event.text("fallbackStepFinalOutcome");
    let failed = matches!(&*word, "candidate_failed" | "skip_candidate");
    let last = match outcome.as_deref() {
        Some(outcome) => outcome == "chain_exhausted",
        None => event.raw("nextCandidateProvider").is_none(),
    };
    Decision {
        attempt: attempt(event),
        skipped: word == "skip_candidate",
        succeeded: word == "candidate_succeeded",
        exhausted: failed && last,
        configured: event.flag("fallbackConfigured"),
    }
}

/// The same events as the console prints them.
fn of_text(text: &str) -> Said<'_> {
    if let Some(fields) = text.strip_prefix("embedded run agent end: ") {
        return if field(fields, "isError") == Some("false") { Said::Silent } else { Said::AgentEnd(printed_end(fields)) };
    }
    if let Some(fields) = text.strip_prefix("model fallback decision: ") {
        return Said::Decision(printed_decision(fields));
    }
    if let Some(fields) = text.strip_prefix("auth profile failure state updated: ") {
        return Said::Pause(Pause {
            profile: field(fields, "profile").map(Cow::Borrowed),
            provider: field(fields, "provider").unwrap_or_default().into(),
            reason: field(fields, "reason").unwrap_or_default().into(),
            disabled: field(fields, "window") == Some("disabled"),
            until: None,
        });
    }
    Said::Message
}

fn printed_end(fields: &str) -> Attempt<'_> {
    Attempt {
        run: field(fields, "runId").map(Cow::Borrowed),
        provider: field(fields, "provider").unwrap_or_default().into(),
        model: field(fields, "model").unwrap_or_default().into(),
        error: tail(fields, "rawError").or_else(|| tail(fields, "error")).map(Cow::Borrowed),
        ..Attempt::default()
    }
}

fn printed_decision(fields: &str) -> Decision<'_> {
    let (provider, model) = field(fields, "candidate").and_then(|c| c.split_once('/')).unwrap_or_default();
    let word = field(fields, "decision").unwrap_or_default();
    // A chain of one says nothing of the settings: its end may not be its first link.
    let goes_on = field(fields, "next").is_some_and(|next| next != "none");
    let went_on = field(fields, "requested").is_some_and(|asked| field(fields, "candidate").is_some_and(|tried| tried != asked));
    Decision {
        attempt: Attempt {
            provider: provider.into(),
            model: model.into(),
            error: tail(fields, "detail").map(Cow::Borrowed),
            reason: field(fields, "reason").map(Cow::Borrowed),
            ..Attempt::default()
        },
        skipped: word == "skip_candidate",
        succeeded: word == "candidate_succeeded",
        exhausted: matches!(word, "candidate_failed" | "skip_candidate") && field(fields, "next") == Some("none"),
        configured: (goes_on || went_on).then_some(true),
    }
}

/// The value of `key=value`, up to the next blank.
pub(super) fn field<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    tail(text, key)?.split(' ').next().filter(|value| !value.is_empty())
}

/// What follows the first `key=`, to the end.
pub(super) fn tail<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let found = |(at, _): &(usize, &str)| *at == 0 || text[..*at].ends_with(' ');
    let (at, _) = text.match_indices(key).filter(found).find(|(at, _)| text[at + key.len()..].starts_with('='))?;
    Some(text[at + key.len() + 1..].trim())
}

/// The offset at the end of an RFC 3339 text; None for `Z`, which says nothing about the host.
pub(super) fn offset_s(stamp: &str) -> Option<i32> {
    let sign = stamp.get(19..)?.find(['+', '-'])?;
    time::parse_offset(stamp.get(19 + sign..)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_a_printed_event() {
        let text = "runId=r1 isError=true model=gpt-5.5 provider=openai error=a b rawError=401: no more";
        assert_eq!((field(text, "runId"), field(text, "error")), (Some("r1"), Some("a")));
        assert_eq!(tail(text, "rawError"), Some("401: no more"));
        assert_eq!((field(text, "Id"), field("", "runId"), tail("x=é", "é")), (None, None, None));
    }

    #[test]
    fn a_printed_and_a_structured_decision_say_the_same() {
        let printed = of_text(
            "model fallback decision: decision=skip_candidate requested=a/b candidate=openai/gpt-5.5 reason=auth next=none detail=Provider x",
        );
        let object = r#"{"event":"model_fallback_decision","decision":"skip_candidate","candidateProvider":"openai","candidateModel":"gpt-5.5","errorPreview":"Provider x"}"#;
        for said in [printed, of_object(object)] {
            let Said::Decision(decision) = said else { panic!("a decision") };
            assert!(decision.skipped && decision.exhausted && !decision.succeeded);
            assert_eq!((&*decision.attempt.provider, &*decision.attempt.model), ("openai", "gpt-5.5"));
            assert_eq!(decision.attempt.error.as_deref(), Some("Provider x"));
        }
    }
}
