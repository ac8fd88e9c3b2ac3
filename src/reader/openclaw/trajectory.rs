//! Trajectories: the flight recorder of a session's runs, as a sidecar beside the transcript
//! (2026.4 to 2026.7), as rows of `trajectory_runtime_events` (2026.8 on), or exported.
//!
//! It knows failures that no transcript holds: attempts that a fallback or a retry made good
//! (2026.9.6 persists only the last), and runs that ended before the model was asked, because the
//! credential was cooling down, could not be refreshed, or was not there. An attempt is known by
//! its session and the time of its request, which the transcript repeats to the millisecond.
//! `session.ended` says `success` for a failed turn in 2026.5.7, so the answer itself is looked at.

use super::turn::{self, Place};
use super::{reasons, skipped};
use crate::classify::{self, Endpoint};
use crate::event::{Client, ErrorClass, EventKind, Failure, FallbackStep, Level, Provider, Version};
use crate::reader::json::{self, Members};
use crate::reader::{Context, Facts, Outcome, Reader, Sniff};
use crate::secret::{Key, Kind};
use crate::source::{Head, Line};
use crate::time::Stamp;
use std::collections::VecDeque;

/// Runs that are followed at a time.
const MOST_OPEN: usize = 256;
/// The message of an attempt is made after its recorder began, give or take this.
const SLACK_MS: i64 = 1_000;

/// Types that state nothing here (2026.5.7 to 2026.9.6).
const SILENT_TYPES: &[&str] = &[
    "context.compiled",
    "prompt.skipped",
    "prompt.submitted",
    "provider.prompt.observed",
    "tool.call",
    "tool.result",
    "trace.artifacts",
    "trace.truncated",
];

const EVENT: [&str; 8] = ["type", "ts", "sessionId", "runId", "provider", "modelApi", "source", "data"];

type Event<'a> = Members<'a, 8>;

/// A trajectory: one flight-recorder event per line.
pub(super) fn sniff(head: &Head<'_>) -> Sniff {
    let Some((line, _)) = head.first_line() else { return Sniff::No };
    let start = json::text(line.get(..400).unwrap_or(line)).replace(' ', "");
    // The manifest of an export names the schema too, and is no event.
    let is_event = start.contains(r#""traceSchema":"openclaw-trajectory","#) && start.contains(r#""type":""#);
    if start.starts_with('{') && is_event { Sniff::Yes } else { Sniff::No }
}

pub(super) fn open(_: &Context<'_>) -> Box<dyn Reader> {
    Box::new(Trajectory::default())
}

/// One trajectory while it is read.
#[derive(Default)]
pub(super) struct Trajectory {
    runs: VecDeque<Run>,
    version: Option<Version>,
}

/// What is known of a run.
#[derive(Clone, Copy)]
struct Run {
    id: Option<Key>,
    /// When the recorder of its last attempt began.
    began: Option<Stamp>,
    /// Its last attempt failed and is stated; the fallback has not told it yet.
    told: bool,
}

impl Reader for Trajectory {
    fn line(&mut self, line: &Line<'_>, facts: &mut Facts<'_>) -> Outcome {
        if line.bytes.trim_ascii().is_empty() {
            return Outcome::Used;
        }
        let text = json::text(line.bytes);
        match Members::of(&text, &EVENT) {
            Ok(event) => self.event(&event, line, facts),
            Err(reason) => skipped(line, reason),
        }
    }
}

impl Trajectory {
    fn event(&mut self, event: &Event<'_>, line: &Line<'_>, facts: &mut Facts<'_>) -> Outcome {
        if event.text("source").is_some_and(|source| source != "runtime") {
            // An export repeats the transcript between the events of the recorder.
            return Outcome::Used;
        }
        match event.text("type").as_deref() {
            Some("session.started") => self.started(event, facts),
            Some("trace.metadata") => self.metadata(event, line, facts),
            Some("model.completed") => self.completed(event, line, facts),
            Some("model.fallback_step") => self.step(event, line, facts),
            Some("session.ended") => self.ended(event, line, facts),
            Some(word) if SILENT_TYPES.contains(&word) => {}
            _ => return Outcome::Unknown,
        }
        Outcome::Used
    }

    fn run(&mut self, event: &Event<'_>, facts: &Facts<'_>) -> &mut Run {
        let id = event.text("runId").map(|id| facts.key(Kind::Turn, &id));
        let at = self.runs.iter().rposition(|run| run.id == id).unwrap_or_else(|| {
            if self.runs.len() >= MOST_OPEN {
                self.runs.pop_front();
            }
            self.runs.push_back(Run { id, began: None, told: false });
            self.runs.len() - 1
        });
        &mut self.runs[at]
    }

    fn started(&mut self, event: &Event<'_>, facts: &Facts<'_>) {
        let began = at(event);
        let run = self.run(event, facts);
        (run.began, run.told) = (began, false);
    }

    fn metadata(&mut self, event: &Event<'_>, line: &Line<'_>, facts: &mut Facts<'_>) {
        let harness = event.inner("data", &["harness"]).and_then(|data| data.inner("harness", &["name", "version"]));
        let ours = harness.filter(|harness| harness.text("name").as_deref() == Some("OpenClaw"));
        let version = ours.and_then(|harness| harness.text("version")).and_then(|text| Version::listed(&text));
        if version.is_some() && version != self.version {
            self.version.clone_from(&version);
            facts.push(at(event), facts.origin(line), EventKind::WrittenBy { client: Client::Openclaw, version });
        }
    }

    /// The model was asked, and answered or not.
    fn completed(&mut self, event: &Event<'_>, line: &Line<'_>, facts: &mut Facts<'_>) {
        let Some(data) = event.inner("data", &["messagesSnapshot", "promptError"]) else { return };
        let place = place(event, line, facts);
        let run = self.run(event, facts);
        let began = run.began.map(|began| began.ms - SLACK_MS);
        // A long snapshot is cut, and one of an attempt without an answer ends in an older turn.
        let answer = data.items("messagesSnapshot").pop().filter(|message| is_answer(message));
        let held = answer.and_then(|message| turn::of_message(&Members::of(message, &turn::MESSAGE).ok()?, place, facts));
        let held = held.filter(|held| held.turn.started.is_some_and(|asked| began.is_none_or(|began| asked.ms >= began)));
        if let Some(mut held) = held {
            let asked = held.turn.started.map_or(0, |asked| asked.ms);
            held.turn.id = Some(request(event, asked, facts));
            held.turn.run = held.turn.run.or(run.id);
            run.told = held.turn.stop.is_failure();
            held.state(facts);
        } else if let Some(error) = data.text("promptError") {
            run.told = true;
            failed(event, &error, None, place, facts);
        }
    }

    /// A recorder ends. An error of the prompt that no answer told is a failed turn.
    fn ended(&mut self, event: &Event<'_>, line: &Line<'_>, facts: &mut Facts<'_>) {
        let place = place(event, line, facts);
        let error = event.inner("data", &["promptError"]).and_then(|data| data.text("promptError"));
        let run = self.run(event, facts);
        if let Some(error) = error.filter(|_| !run.told) {
            run.told = true;
            failed(event, &error, None, place, facts);
        }
    }

    /// What the fallback did about a failed model. The end of a chain that no attempt preceded is
    /// a turn that failed before the model was asked.
    fn step(&mut self, event: &Event<'_>, line: &Line<'_>, facts: &mut Facts<'_>) {
        let Some(step) = event.inner("data", &STEP) else { return };
        let outcome = step.text("fallbackStepFinalOutcome").unwrap_or_default();
        let place = place(event, line, facts);
        let run = self.run(event, facts);
        let (id, told) = (run.id, std::mem::replace(&mut run.told, false));
        let detail = step.text("fallbackStepFromFailureDetail").unwrap_or_default();
        let reason = step.text("fallbackStepFromFailureReason");
        match &*outcome {
            "chain_exhausted" if !told => failed(event, &detail, Some((&step, reason.as_deref())), place, facts),
            "next_fallback" if !told && classify::is_about_refresh(&detail) && reasons::is_our_refresh(&detail) => {
                let failure = classify::error(Endpoint::Token, &detail, None);
                let refused = EventKind::Refused { failure, account: None, process: None, session: place.session, agent: None };
                facts.push_said(place.written, place.origin, refused, &detail);
            }
            _ => {}
        }
        let first = step.number("fallbackStepChainPosition").is_some_and(|position| position <= 1.0);
        let fallback = FallbackStep {
            run: id,
            session: place.session,
            configured: Some(!first || step.raw("fallbackStepToModel").is_some()),
            answered: outcome == "succeeded",
            exhausted: outcome == "chain_exhausted",
            passed_over: step.text("fallbackStepFromModel").is_some_and(|from| {
                reasons::is_passed_over(from.split('/').next().unwrap_or_default(), reason.as_deref(), &detail)
            }),
            unclassed: false,
        };
        facts.push(place.written, place.origin, EventKind::Fallback(fallback));
    }
}

const STEP: [&str; 6] = [
    "fallbackStepFromModel",
    "fallbackStepToModel",
    "fallbackStepFromFailureReason",
    "fallbackStepFromFailureDetail",
    "fallbackStepChainPosition",
    "fallbackStepFinalOutcome",
];

fn at(event: &Event<'_>) -> Option<Stamp> {
    event.text("ts").and_then(|ts| Stamp::parse(&ts))
}

/// Where an event stands. Copies of a trajectory (sidecar, row, export) hold the same events.
fn place(event: &Event<'_>, line: &Line<'_>, facts: &Facts<'_>) -> Place {
    let text = |key: &str| event.text(key).unwrap_or_default();
    let id = facts.key(Kind::Turn, &format!("{} {} {} {}", text("sessionId"), text("runId"), text("ts"), text("type")));
    let session = event.text("sessionId").filter(|id| !id.is_empty()).map(|id| facts.key(Kind::Session, &id));
    Place { origin: facts.origin(line), written: at(event), session, id: Some(id) }
}

fn is_answer(message: &str) -> bool {
    Members::of(message, &["role"]).is_ok_and(|message| message.text("role").as_deref() == Some("assistant"))
}

/// What makes two records of one request equal.
fn request(event: &Event<'_>, asked_ms: i64, facts: &Facts<'_>) -> Key {
    facts.key(Kind::Turn, &format!("{} asked {asked_ms}", event.text("sessionId").unwrap_or_default()))
}

/// State a turn that failed without an answer. A step of the fallback says whom it asked, and why
/// in OpenClaw's own words.
fn failed(event: &Event<'_>, error: &str, step: Option<(&Members<'_, 6>, Option<&str>)>, place: Place, facts: &mut Facts<'_>) {
    let from = step.and_then(|(step, _)| step.text("fallbackStepFromModel"));
    let (provider, model) = from.as_deref().and_then(|from| from.split_once('/')).unwrap_or_default();
    let provider = match provider {
        "" => reasons::provider_asked(&event.text("provider").unwrap_or_default(), event.text("modelApi").as_deref()),
        word => Provider::of(word),
    };
    let failure = match error {
        "" => Failure { class: ErrorClass::Unstated, level: Level::Sentence },
        error => reasons::failure(error, None, step.and_then(|(_, reason)| reason)),
    };
    let run = event.text("runId").map(|id| facts.key(Kind::Turn, &id));
    turn::failed(place, provider, facts.model(model), run, failure, error).state(facts);
}
