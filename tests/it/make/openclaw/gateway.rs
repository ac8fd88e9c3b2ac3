//! The gateway's file log of OpenClaw 2026.5.7: one tslog JSON line per record, one file per
//! local day. A refresh that works leaves no line in it.

use super::super::clock::iso_ms;
use super::super::home::Home;
use super::super::json::{Json, arr, obj};
use super::super::stage::Stage;
use super::Model;
use std::collections::BTreeMap;

/// The profile id as the log shows it: hashed, here of `openai-codex:default`.
const PROFILE: &str = "sha256:06bfb5171eff";

/// An error text and the hash under which the log repeats it.
#[derive(Clone, Copy)]
pub(super) struct Fault {
    pub(super) text: &'static str,
    pub(super) hash: &'static str,
}

/// 401 `token_invalidated` of the model endpoint, as pi words it.
pub(super) const INVALIDATED: Fault =
    Fault { text: "Your authentication token has been invalidated. Please try signing in again.", hash: "sha256:69c73315654d" };
/// 401 `token_expired` of the model endpoint.
pub(super) const EXPIRED: Fault =
    Fault { text: "Provided authentication token is expired. Please try signing in again.", hash: "sha256:0c2f5be1d794" };
/// The socket was lost in the middle of the answer.
pub(super) const CUT: Fault = Fault { text: "WebSocket closed 1006", hash: "sha256:602d5d9a1368" };
/// 500 of the model endpoint.
pub(super) const SERVER: Fault =
    Fault { text: "The server had an error while processing your request.", hash: "sha256:ec9bec57de24" };
/// No connection at all (Anthropic's library).
pub(super) const OFFLINE: Fault = Fault { text: "Connection error.", hash: "sha256:8ec9a0b7fe5c" };
/// Not attempted, because the credential was cooling down.
const SKIPPED: Fault = Fault { text: "Provider openai-codex has auth issue (skipping all models)", hash: "sha256:00e39fb1671b" };

/// One run of an agent, as the log ties its lines together.
pub(super) struct Run {
    pub(super) id: String,
    trace: String,
    span: String,
}

impl Run {
    pub(super) fn new(st: &Stage) -> Run {
        Run { id: st.cast.uuid(), trace: st.cast.hex(32), span: st.cast.hex(16) }
    }
}

/// The log files of a gateway.
pub(super) struct Gateway<'s> {
    st: &'s Stage,
    days: BTreeMap<String, Vec<(i64, String)>>,
}

impl<'s> Gateway<'s> {
    pub(super) fn new(st: &'s Stage) -> Gateway<'s> {
        Gateway { st, days: BTreeMap::new() }
    }

    /// Put the files below `tmp/openclaw`.
    pub(super) fn finish(self, home: &mut Home) {
        for (day, mut lines) in self.days {
            lines.sort_by_key(|(at, _)| *at);
            let last = lines.last().map_or(0, |(at, _)| *at);
            let text: String = lines.into_iter().map(|(_, line)| line + "\n").collect();
            home.put(format!("tmp/openclaw/openclaw-{day}.log"), text, last);
        }
    }

    /// The lines of a start.
    pub(super) fn start(&mut self, at: i64, model: Model) {
        let model = format!("agent model: {}/{} (thinking=medium, fast=off)", model.provider, model.name);
        let said = [
            "loading configuration…",
            "resolving authentication…",
            "starting...",
            "starting HTTP server...",
            &model,
            "gateway ready",
        ];
        for (number, text) in said.iter().enumerate() {
            self.say(at + 900 * number as i64, "INFO", "gateway", text, None);
        }
    }

    /// The lines of a stop.
    pub(super) fn stop(&mut self, at: i64) {
        self.say(at, "INFO", "gateway", "signal SIGTERM received", None);
        self.say(at + 22, "INFO", "gateway", "received SIGTERM; shutting down", None);
        self.say(at + 171, "INFO", "gateway/shutdown", "shutdown completed cleanly in 121ms", None);
    }

    /// A request was accepted.
    pub(super) fn accepted(&mut self, at: i64, run: &Run) {
        let (connection, request) = (self.masked(), self.masked());
        let text = format!("⇄ res ✓ agent {}ms runId={} conn={connection} id={request}", self.st.ms(52, 98), run.id);
        self.say(at, "INFO", "gateway/ws", &text, Some(run));
    }

    /// A request was refused in the end.
    fn refused(&mut self, at: i64, run: &Run, error: &str) {
        let (connection, request) = (self.masked(), self.masked());
        let head = format!("⇄ res ✗ agent errorCode=UNAVAILABLE errorMessage={error} runId={}", run.id);
        self.say(at, "INFO", "gateway/ws", &format!("{head} error={error} conn={connection} id={request}"), Some(run));
    }

    fn masked(&self) -> String {
        format!("{}…{}", self.st.cast.hex(8), self.st.cast.hex(4))
    }

    /// A run ended in an error; `reason` is what the client made of it.
    pub(super) fn agent_end(&mut self, at: i64, run: &Run, model: Model, fault: Fault, reason: Option<&str>) {
        let data = obj! {
            "event": "embedded_run_agent_end", "tags": arr!["error_handling", "lifecycle", "agent_end", "assistant_error"],
            "runId": &run.id, "isError": true, "error": fault.text, "failoverReason": reason, "model": model.name,
            "provider": model.provider, "rawErrorPreview": fault.text, "rawErrorHash": fault.hash,
            "providerRuntimeFailureKind": "unclassified",
        };
        self.event(at, "agent/embedded", data, "embedded run agent end", run);
    }

    /// What follows an auth failure: cooldown, no fallback, and the error goes to the user.
    pub(super) fn auth_failure(&mut self, at: i64, run: &Run, model: Model, fault: Fault, cooldown: (Option<i64>, i64)) {
        let (before, until) = cooldown;
        let mut state = obj! {
            "event": "auth_profile_failure_state_updated", "tags": arr!["error_handling", "auth_profiles", "cooldown"],
            "runId": &run.id, "profileId": PROFILE, "provider": model.provider, "reason": "auth", "windowType": "cooldown",
            "windowReused": false, "previousErrorCount": usize::from(before.is_some()), "errorCount": 1,
        };
        if let Some(before) = before {
            state = state.and("previousCooldownUntil", before);
        }
        let state = state.and("cooldownUntil", until).and("failureCounts", obj! { "auth": 1 });
        self.event(at, "agent/embedded", state, "auth profile failure state updated", run);
        self.event(at + 4, "agent/embedded", self.surfaced(run, model, fault), "embedded run failover decision", run);
        for (number, lane) in ["main", "session:agent:main:main"].iter().enumerate() {
            let text =
                format!("lane task error: lane={lane} durationMs=84{:02} error=\"FailoverError: {}\"", 10 + number, fault.text);
            self.say(at + 8 + number as i64, "ERROR", "diagnostic", &text, Some(run));
        }
        let failed = decision(run, model, "candidate_failed", fault, Some(401));
        self.event(at + 14, "model-fallback/decision", failed, "model fallback decision", run);
        self.refused(at + 180, run, &format!("FailoverError: {}", fault.text));
    }

    fn surfaced(&self, run: &Run, model: Model, fault: Fault) -> Json {
        obj! {
            "event": "embedded_run_failover_decision", "tags": arr!["error_handling", "failover", "assistant", "surface_error"],
            "runId": &run.id, "stage": "assistant", "decision": "surface_error", "failoverReason": "auth",
            "profileFailureReason": "auth", "provider": model.provider, "model": model.name, "sourceProvider": model.provider,
            "sourceModel": model.name, "profileId": PROFILE, "fallbackConfigured": false, "timedOut": false, "aborted": false,
            "rawErrorPreview": fault.text, "rawErrorHash": fault.hash, "providerRuntimeFailureKind": "unclassified",
        }
    }

    /// A run that was not attempted because the credential was cooling down. The session file
    /// does not know of it.
    pub(super) fn skipped(&mut self, at: i64, run: &Run, model: Model) {
        let skip = decision(run, model, "skip_candidate", SKIPPED, None).and("profileCount", 1);
        self.event(at, "model-fallback/decision", skip, "model fallback decision", run);
        let error =
            format!("FallbackSummaryError: All models failed (1): {}/{}: {} (auth)", model.provider, model.name, SKIPPED.text);
        self.refused(at + 170, run, &error);
    }

    /// A structured record.
    pub(super) fn event(&mut self, at: i64, subsystem: &str, data: Json, message: &str, run: &Run) {
        let name = obj! { "subsystem": subsystem }.line();
        let line = obj! { "0": &name, "1": data, "2": message };
        self.push(at, line, &name, "WARN", message, Some(run));
    }

    /// A plain record.
    pub(super) fn say(&mut self, at: i64, level: &str, subsystem: &str, message: &str, run: Option<&Run>) {
        let name = obj! { "subsystem": subsystem }.line();
        let line = obj! { "0": &name, "1": message };
        self.push(at, line, &name, level, message, run);
    }

    fn push(&mut self, at: i64, line: Json, name: &str, level: &str, message: &str, run: Option<&Run>) {
        let structured = line.has("2");
        let mut line = line
            .and("_meta", self.meta(at, name, level, structured))
            .and("time", self.st.clock.tslog(at))
            .and("hostname", &self.st.cast.host)
            .and("message", message);
        if let Some(run) = run {
            line = line.and("traceId", &run.trace).and("spanId", &run.span).and("traceFlags", "01");
        }
        let day = self.st.clock.print(at, "%F");
        self.days.entry(day).or_default().push((at, line.line()));
    }

    fn meta(&self, at: i64, name: &str, level: &str, structured: bool) -> Json {
        let level_id = match level {
            "INFO" => 3,
            "WARN" => 4,
            _ => 5,
        };
        let (row, column) = if structured { ("149", "51") } else { ("150", "14") };
        let file = "subsystem-CxWoQXRD.js";
        let path = format!(".npm-global/lib/node_modules/openclaw/dist/{file}");
        let path = obj! {
            "fullFilePath": format!("file://{}/{path}:{row}:{column}", self.st.cast.home()), "fileName": file,
            "fileNameWithLine": format!("{file}:{row}"), "fileColumn": column, "fileLine": row, "filePath": &path,
            "filePathWithLine": format!("{path}:{row}"), "method": "logToFile",
        };
        obj! {
            "runtime": "node", "runtimeVersion": "22.23.3", "hostname": "unknown", "name": name,
            "parentNames": arr!["openclaw"], "date": iso_ms(at), "logLevelId": level_id, "logLevelName": level, "path": path,
        }
    }
}

/// A decision about the only model of a chain without fallbacks.
fn decision(run: &Run, model: Model, decision: &str, fault: Fault, status: Option<i32>) -> Json {
    let data = obj! {
        "event": "model_fallback_decision", "tags": arr!["error_handling", "model_fallback", decision], "runId": &run.id,
        "decision": decision, "requestedProvider": model.provider, "requestedModel": model.name,
        "candidateProvider": model.provider, "candidateModel": model.name, "attempt": 1, "total": 1, "reason": "auth",
    };
    let data = match status {
        Some(status) => data.and("status", status),
        None => data,
    };
    data.and("errorPreview", fault.text)
        .and("errorHash", fault.hash)
        .and("fallbackStepType", "fallback_step")
        .and("fallbackStepFromModel", format!("{}/{}", model.provider, model.name))
        .and("fallbackStepFromFailureReason", "auth")
        .and("fallbackStepFromFailureDetail", fault.text)
        .and("fallbackStepChainPosition", 1)
        .and("fallbackStepFinalOutcome", "chain_exhausted")
        .and("isPrimary", true)
        .and("requestedModelMatched", true)
        .and("fallbackConfigured", false)
}
