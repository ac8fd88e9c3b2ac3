//! What the records of an OpenClaw gateway state, for the file log and the console alike.
//!
//! Structured events come from 2026.5.7 and later; plain messages are as old as 2026.3.2. Only
//! records of a subsystem count, and of the root logger only errors that the provider layer or
//! the runtime prints: the root logger also carries the model's answers, which may quote any line
//! of any log. A successful refresh is not logged in any version.

use super::record::{Attempt, Decision, Pause, Record, Said, field, tail};
use super::refusals::{Refusal, Refusals};
use super::runs::{Failed, Runs, Step};
use super::{adoption, reasons, trouble};
use crate::classify::{self, Endpoint};
use crate::event::{ErrorClass, EventKind, Failure, FallbackStep, Phase, Provider, StoreTrouble, TransportFailure};
use crate::reader::Facts;
use crate::secret::{Key, Kind};
use crate::time::Stamp;

/// The provider layer's own message about a refused refresh (pi-ai before 0.73.1).
pub(super) const PROVIDER_LAYER: &str = "[openai-codex] Token refresh ";

/// Subsystems that only OpenClaw has (2026.5.7 and 2026.9.6, without a leading `gateway/`).
const SUBSYSTEMS: &[&str] = &[
    "agent/embedded",
    "agents/auth-profiles",
    "agents/model-providers",
    "browser/server",
    "gmail-watcher",
    "health-monitor",
    "model-fallback/decision",
    "model-pricing",
    "openai-transport",
    "session-sqlite",
];

/// Messages that tell it under a subsystem whose name others have too.
const MESSAGES: &[(&str, &[&str])] = &[
    ("gateway", &["agent model: ", "loading configuration", "resolving authentication", "starting...", "log file: "]),
    ("diagnostic", &["lane task error: ", "liveness warning: "]),
    ("ws", &["⇄ "]),
];

/// Is a record with this subsystem and message one of OpenClaw's?
pub(super) fn is_ours(subsystem: &str, message: &str) -> bool {
    let subsystem = subsystem.strip_prefix("gateway/").unwrap_or(subsystem);
    let telling = MESSAGES.iter().find(|(name, _)| *name == subsystem);
    SUBSYSTEMS.contains(&subsystem) || telling.is_some_and(|(_, starts)| starts.iter().any(|start| message.starts_with(start)))
}

/// A start writes `starting...` and, 8 to 40 s later as seen, `agent model:`.
const START_MS: i64 = 180_000;

/// What is known of one source while it is read.
#[derive(Default)]
pub(super) struct Gateway {
    runs: Runs,
    refusals: Refusals,
    started: Option<Stamp>,
    offset_s: Option<i32>,
}

impl Gateway {
    /// State what a record says.
    pub(super) fn hear(&mut self, record: &Record<'_>, facts: &mut Facts<'_>) {
        if !record.borrowed {
            self.refusals.date(record.at);
        }
        match record.said() {
            Said::AgentEnd(attempt) => {
                self.failed(Step::AgentEnd, record, &attempt, facts);
                unclassed(record, &attempt, facts);
            }
            Said::Decision(decision) => self.decided(record, &decision, facts),
            Said::Pause(pause) => self.paused(record, &pause, facts),
            Said::Silent => {}
            Said::Message if record.subsystem.is_some() => self.message(record, facts),
            Said::Message if record.is_error => self.printed(record, facts),
            Said::Message => {}
        }
    }

    /// The source states its offset from UTC: said once, and again when it changes.
    pub(super) fn zone(&mut self, offset_s: i32, record: &Record<'_>, facts: &mut Facts<'_>) {
        if self.offset_s.replace(offset_s) != Some(offset_s) {
            facts.push(record.at, record.origin, EventKind::ZoneAnchor { offset_s });
        }
    }

    /// The source is at its end.
    pub(super) fn finish(&mut self, facts: &mut Facts<'_>) {
        self.refusals.finish(facts);
        self.runs.finish(facts);
    }

    fn decided(&mut self, record: &Record<'_>, decision: &Decision<'_>, facts: &mut Facts<'_>) {
        let attempt = &decision.attempt;
        let run = attempt.run.as_deref().map(|id| facts.key(Kind::Turn, id));
        let error = attempt.error.as_deref().unwrap_or_default();
        if !decision.succeeded && classify::is_about_refresh(error) {
            self.refused(record, error, Some(attempt), facts);
        }
        match (decision.exhausted, decision.skipped) {
            (true, true) => self.failed(Step::Skipped, record, attempt, facts),
            (true, false) => self.failed(Step::Failed, record, attempt, facts),
            (false, _) => self.runs.goes_on(run),
        }
        let step = FallbackStep {
            run,
            session: session(record, attempt, facts),
            configured: decision.configured,
            answered: decision.succeeded,
            exhausted: decision.exhausted,
            passed_over: decision.skipped && reasons::is_passed_over(&attempt.provider, attempt.reason.as_deref(), error),
            unclassed: false,
        };
        facts.push(record.at, record.origin, EventKind::Fallback(step));
    }

    /// A structured event about a run that failed.
    fn failed(&mut self, step: Step, record: &Record<'_>, attempt: &Attempt<'_>, facts: &mut Facts<'_>) {
        let error = attempt.error.as_deref();
        let failure = error.map(|text| reasons::failure(text, attempt.status, attempt.reason.as_deref()));
        let said = Failed {
            run: attempt.run.as_deref().map(|id| facts.key(Kind::Turn, id)),
            session: session(record, attempt, facts),
            provider: Provider::of(&attempt.provider),
            model: facts.model(&attempt.model),
            labelled: attempt.told.as_deref().map(|told| classify::error(Endpoint::Unknown, told, None).class),
            ..plain_failure(record, failure, error.unwrap_or_default(), facts)
        };
        self.runs.hear(step, said, facts);
    }

    /// A plain message of a subsystem.
    fn message(&mut self, record: &Record<'_>, facts: &mut Facts<'_>) {
        let text = record.text.trim();
        let subsystem = record.subsystem.as_deref().unwrap_or_default();
        if let Some(fields) = text.strip_prefix("lane task error: ") {
            self.lane(record, fields, facts);
        } else if let Some(fields) = text.strip_prefix("⇄ res ✗ agent ") {
            self.answer(record, fields, facts);
        } else if let Some(fields) = text.strip_prefix("[responses] error ") {
            background(record, fields, facts);
        } else if tells_of_refresh(subsystem, text) {
            self.refused(record, text, None, facts);
        } else if subsystem == "gateway" && (text == "starting..." || text.starts_with("agent model: ")) {
            self.start(record, facts);
        } else if subsystem.ends_with("auth-profiles") {
            adoption::hear(record, text, facts);
        } else {
            self.notice(record, text, facts);
        }
    }

    /// An error that a process printed.
    fn printed(&mut self, record: &Record<'_>, facts: &mut Facts<'_>) {
        let text = record.text.trim();
        if text.starts_with(PROVIDER_LAYER) {
            let said = refusal(record, text, facts);
            self.refusals.attempt(said, facts);
        } else {
            self.notice(record, text, facts);
        }
    }

    /// `Embedded agent failed before reply: <error>`. Where no structured event tells of the run
    /// (2026.3.2), it is the only record of the failures that leave nothing in a transcript.
    fn notice(&mut self, record: &Record<'_>, text: &str, facts: &mut Facts<'_>) {
        let Some(error) = text.strip_prefix("Embedded agent failed before reply: ") else { return };
        if classify::is_about_refresh(error) {
            self.refused(record, error, None, facts);
        }
        let failure = classify::error(Endpoint::Unknown, error, None);
        if failure.class.is_refresh()
            || failure.class.is_named_pause()
            || matches!(failure.class, ErrorClass::Cooldown | ErrorClass::NoCredential | ErrorClass::RefreshNotStored)
        {
            self.runs.hear(Step::Notice, plain_failure(record, Some(failure), error, facts), facts);
        }
    }

    /// `lane task error: lane=… durationMs=… error="…"`: written once per lane of the same run, that of the
    /// program (`main`) and that of the session, which names its agent.
    fn lane(&mut self, record: &Record<'_>, fields: &str, facts: &mut Facts<'_>) {
        let error = tail(fields, "error").unwrap_or_default();
        if classify::is_about_refresh(error) && reasons::is_our_refresh(error) {
            let lane = field(fields, "lane").filter(|lane| lane.starts_with("session:"));
            let agent = lane.and_then(agent).map(|id| facts.key(Kind::Agent, id));
            let lane = lane.map(|name| facts.key(Kind::Session, name));
            let said = refusal(record, error, facts);
            self.refusals.repeat(Refusal { lane, agent, ..said }, facts);
        }
        let failure = classify::error(Endpoint::Unknown, error, None);
        self.runs.hear(Step::Lane, plain_failure(record, Some(failure), error, facts), facts);
    }

    /// `⇄ res ✗ agent errorCode=UNAVAILABLE errorMessage=… runId=… error=…`: a run ended in an
    /// error. Other codes refuse the request itself, and then there is no run.
    fn answer(&mut self, record: &Record<'_>, fields: &str, facts: &mut Facts<'_>) {
        let (Some("UNAVAILABLE"), Some(run)) = (field(fields, "errorCode"), field(fields, "runId")) else { return };
        let message = tail(fields, "errorMessage").unwrap_or_default();
        let error = message.split(" runId=").next().unwrap_or_default();
        let failure = classify::error(Endpoint::Unknown, error, None);
        let run = Some(facts.key(Kind::Turn, run));
        self.runs.hear(Step::Answer, Failed { run, ..plain_failure(record, Some(failure), error, facts) }, facts);
    }

    fn refused(&mut self, record: &Record<'_>, text: &str, attempt: Option<&Attempt<'_>>, facts: &mut Facts<'_>) {
        if reasons::is_our_refresh(text) {
            let said = refusal(record, text, facts);
            let run = attempt.and_then(|attempt| attempt.run.as_deref()).map(|id| facts.key(Kind::Turn, id));
            let session = attempt.and_then(|attempt| session(record, attempt, facts)).or(said.session);
            self.refusals.repeat(Refusal { run, session, ..said }, facts);
        }
    }

    /// `auth_profile_failure_state_updated`. What was refused for good is said right before it.
    fn paused(&self, record: &Record<'_>, pause: &Pause<'_>, facts: &mut Facts<'_>) {
        let by_profile = pause.profile.as_deref().and_then(reasons::is_chatgpt_profile);
        if !by_profile.unwrap_or_else(|| reasons::is_chatgpt(&pause.provider)) {
            return;
        }
        let of_refresh = pause.reason == trouble::FOR_GOOD && self.refusals.has_near((record.at, record.origin.line));
        let paused = StoreTrouble {
            kind: trouble::pause_kind(pause.disabled, &pause.reason),
            section: pause.profile.as_deref().and_then(|id| reasons::section(id, facts)),
            failure: Some(if of_refresh { trouble::REFUSED } else { reasons::meaning(&pause.reason) }),
            until: pause.until,
        };
        facts.push(record.at, record.origin, EventKind::Trouble(paused));
    }

    fn start(&mut self, record: &Record<'_>, facts: &mut Facts<'_>) {
        let begins = record.text.trim() == "starting...";
        let recent = matches!((self.started, record.at), (Some(last), Some(at)) if (at.ms - last.ms).abs() < START_MS);
        let untimed = self.started.is_none() && record.at.is_none();
        if begins || !(recent || untimed) {
            facts.push(record.at, record.origin, EventKind::Started { version: None });
        }
        self.started = record.at.or(self.started);
    }
}

/// The agent of a session's lane, `session:agent:<id>:<rest>` (2026.3.2 to 2026.9.6). Lanes of jobs and hooks
/// (`session:cron:…`) name none.
fn agent(lane: &str) -> Option<&str> {
    let (id, _) = lane.strip_prefix("session:agent:")?.split_once(':')?;
    Some(id).filter(|id| !id.is_empty())
}

/// The end of a run whose error the client puts into no class asks no fallback.
fn unclassed(record: &Record<'_>, attempt: &Attempt<'_>, facts: &mut Facts<'_>) {
    if !attempt.unclassed {
        return;
    }
    let step = FallbackStep {
        run: attempt.run.as_deref().map(|id| facts.key(Kind::Turn, id)),
        session: session(record, attempt, facts),
        configured: None,
        answered: false,
        exhausted: false,
        passed_over: false,
        unclassed: true,
    };
    facts.push(record.at, record.origin, EventKind::Fallback(step));
}

fn session(record: &Record<'_>, attempt: &Attempt<'_>, facts: &Facts<'_>) -> Option<Key> {
    let named = attempt.session.as_deref().or(record.session.as_deref());
    named.map(|id| facts.key(Kind::Session, id))
}

/// A failed run of which only the record itself is known.
fn plain_failure(record: &Record<'_>, failure: Option<Failure>, words: &str, facts: &Facts<'_>) -> Failed {
    let keys = record.keys(facts);
    Failed {
        at: record.at,
        origin: record.origin,
        id: keys.id,
        run: None,
        session: keys.session,
        trace: keys.trace,
        provider: reasons::provider_in(words),
        model: None,
        failure,
        labelled: None,
        words: words.to_owned(),
    }
}

fn refusal(record: &Record<'_>, words: &str, facts: &Facts<'_>) -> Refusal {
    let keys = record.keys(facts);
    Refusal {
        at: record.at,
        borrowed: record.borrowed,
        dated: false,
        origin: record.origin,
        failure: classify::error(Endpoint::Token, words, None),
        trace: keys.trace,
        run: None,
        session: keys.session,
        lane: None,
        agent: None,
        process: keys.process,
        words: words.to_owned(),
    }
}

/// The URL guard's own word, and messages of the agent subsystems that carry the wrapper of a refused refresh:
/// at their start, or on their first line behind what these say of a profile (`auth profile "…" failed for
/// provider "…": …`, `openai: OAuth profile "…" could not be resolved (…`; 2026.9.6). Commands run under these
/// subsystems as well, and what a tool printed stands behind its own lead (`[tools] exec failed: …`).
fn tells_of_refresh(subsystem: &str, text: &str) -> bool {
    if text.starts_with("blocked URL fetch (openai-chatgpt-oauth-token)") {
        return true;
    }
    if !subsystem.starts_with("agent/") && !subsystem.starts_with("agents/") {
        return false;
    }
    let first = text.lines().next().unwrap_or_default();
    let begins =
        ["Runtime auth refresh failed for ", "OAuth token refresh failed for ", "OAuth refresh failed ", "auth profile \""];
    let of_profile = || first.split_once(": OAuth profile \"").is_some_and(|(provider, _)| !provider.contains(' '));
    let told = begins.iter().any(|start| text.starts_with(start)) || of_profile();
    let known = SUBSYSTEMS.contains(&subsystem.strip_prefix("gateway/").unwrap_or(subsystem)) && !text.starts_with('[');
    (told || known) && (text.starts_with(begins[0]) || classify::is_about_refresh(first))
}

/// `[responses] error provider=… api=… status=… code=… message=…` (2026.7 and later): written for
/// every failed call, also those in the background that belong to no turn.
fn background(record: &Record<'_>, fields: &str, facts: &mut Facts<'_>) {
    let chatgpt = field(fields, "api").is_some_and(reasons::is_login_api);
    if !chatgpt || !field(fields, "provider").is_some_and(reasons::is_chatgpt) {
        return;
    }
    let words = tail(fields, "message").unwrap_or_default();
    let status = field(fields, "status").and_then(|status| status.parse().ok());
    let failure = classify::answer(Endpoint::Resource, field(fields, "code"), words, status);
    let transport = TransportFailure { failure, phase: Phase::Unknown, fell_back: false, at: None };
    facts.push_said(record.at, record.origin, EventKind::Transport(transport), words);
}
