//! An OpenClaw 2026.9.6 home: transcripts, traces and runs in an agent's database, the login and
//! its state in the shared one, and beside them the archive of the store that a file held before.
//!
//! Differences from 2026.5.7 that it reproduces, after genuine files: the provider is `openai`;
//! entries bear full UUIDs, user texts are plain strings, a terminal failure carries its status
//! and code and no placeholder comes later; a refused request ends after a second; through the
//! gateway a run that the cooldown swallowed leaves a `run-failed-before-reply`, a local one
//! nothing but a line of the log; every run of the gateway leaves rows in the shared database.

use super::super::clock::{DAY, iso_ms};
use super::super::home::Home;
use super::super::json::{Json, arr, obj};
use super::super::sqlite::{Database, int, text};
use super::super::stage::Stage;
use super::super::token::{Grant, Pair};
use super::gateway::{Gateway, Run};
use super::{Model, ROOT};
use sha2::{Digest, Sha256};

/// The ChatGPT login.
const MODEL: Model = Model { provider: "openai", api: "openai-chatgpt-responses", name: "gpt-5.5" };
const PROFILE: &str = "openai:default";
/// The profile id as the log shows it.
const HASHED: &str = "sha256:a0ebe3f799a6";
const REFUSED: &str = "401: Your authentication token has been invalidated. Please try signing in again.";
const TOLD: &str = "openai/gpt-5.5 request failed (authentication failed, HTTP 401). Re-authenticate the provider and try again.";
const REUSED: &str = "OAuth token refresh failed for openai: Your refresh token has already been used to generate a new access token. \
                      Please try signing in again.\n\nOpenAI Codex token refresh failed (HTTP 401; code=refresh_token_reused; \
                      type=invalid_request_error).. Please try again or re-authenticate.";
const SKIPPED: &str = "Provider openai has auth issue (skipping all models)";

const AGENT: &str = include_str!("agent.sql");
const STATE: &str = include_str!("state.sql");

/// A session and its rows.
struct Talk {
    id: String,
    seq: i64,
    traced: i64,
    last: Option<String>,
    failed: bool,
    /// When its last run ended.
    ended: i64,
}

/// The home.
pub struct SeptemberOpenClaw<'s> {
    st: &'s Stage,
    log: Gateway<'s>,
    agent: Database,
    state: Database,
    talks: Vec<Talk>,
    audited: i64,
    cooldown: Option<i64>,
    last_failure: Option<i64>,
    last: i64,
    archive: Option<(String, String, i64)>,
    /// The row of its login, and when that was written.
    login: (Json, i64),
}

/// A session of the home, by number.
#[derive(Clone, Copy, Debug)]
pub struct Chat(usize);

impl<'s> SeptemberOpenClaw<'s> {
    /// A gateway that starts at `at`, and whose login was moved into the database at `moved`.
    pub fn start(st: &'s Stage, at: i64, grant: &Grant, pair: &Pair, moved: i64) -> SeptemberOpenClaw<'s> {
        let (mut agent, mut state) = (Database::new(AGENT), Database::new(STATE));
        for (database, role, version) in [(&mut agent, "agent", 23), (&mut state, "global", 18)] {
            let values = [
                ("meta_key", text("primary")),
                ("role", text(role)),
                ("schema_version", int(version)),
                ("app_version", text("2026.9.6")),
                ("created_at", int(moved)),
                ("updated_at", int(moved)),
            ];
            database.row("schema_meta", values);
        }
        let profile = |provider: &str| {
            obj! {
                "type": "oauth", "provider": provider, "access": &pair.access, "refresh": &pair.refresh,
                "expires": pair.expires, "accountId": &grant.account.id,
            }
        };
        let store = |id: &str, profile: Json| obj! { "version": 1, "profiles": Json::Object(vec![(id.to_owned(), profile)]) };
        let before = store("openai-codex:default", profile("openai-codex")).pretty() + "\n";
        let suffix = format!(".migrated-{}-{}", iso_ms(moved).replace(':', "-"), st.cast.uuid());
        let mut claw = SeptemberOpenClaw {
            st,
            log: Gateway::new(st),
            agent,
            state,
            talks: Vec::new(),
            audited: 0,
            cooldown: None,
            last_failure: None,
            last: at,
            archive: Some((suffix, before, moved)),
            login: (store(PROFILE, profile("openai")), moved),
        };
        claw.boot(st.within(at));
        claw
    }

    fn boot(&mut self, at: i64) {
        self.log.start(at, MODEL);
        let values = [("boot_id", text(self.st.cast.uuid())), ("pid", int(self.st.ms(1_200, 9_800))), ("started_at_ms", int(at))];
        self.state.row("gateway_boot_lifecycle", values);
    }

    /// The gateway is stopped and comes back eight seconds later.
    pub fn restart(&mut self, at: i64) {
        let at = self.st.within(at);
        self.log.stop(at);
        self.boot(at + 8_000);
    }

    /// A new conversation.
    pub fn session(&mut self) -> Chat {
        self.talks.push(Talk { id: self.st.cast.uuid(), seq: 0, traced: 0, last: None, failed: false, ended: 0 });
        Chat(self.talks.len() - 1)
    }

    /// A message through the gateway that was answered.
    pub fn done(&mut self, chat: Chat, at: i64) {
        let (at, run) = (self.st.within(at), Run::new(self.st));
        self.user(chat, at, &run);
        let (asked, end) = (at + 400, at + self.st.ms(1_900, 9_000));
        let terminal = obj! { "eventType": "response.completed", "stopReason": "stop", "endTurn": "absent" };
        let diagnostic = obj! { "type": "openai_responses_terminal", "timestamp": end - 20, "details": terminal };
        let answer = message(vec![obj! { "type": "text", "text": self.st.say(14) }], "stop", asked)
            .and("diagnostics", arr![diagnostic])
            .and("__openclaw", obj! { "runId": &run.id });
        self.entry(chat, end, obj! { "type": "message" }, |base| base.and("message", answer.clone()));
        self.bootstrap(chat, end + 30, &run);
        self.trace(chat, end + 40, &run, "model.completed", snapshot(&answer, "stop"));
        self.trace(chat, end + 60, &run, "session.ended", obj! { "status": "success", "stopReason": "stop" });
        self.log.accepted(end + 110, &run);
        self.ended(chat, end + 110, false);
        self.cooldown = None;
    }

    /// A message through the gateway that was refused, or not attempted while the login cools down.
    pub fn invalidated(&mut self, chat: Chat, at: i64) {
        let (at, run) = (self.st.within(at), Run::new(self.st));
        if self.cooldown.is_some_and(|until| at < until) {
            return self.skipped(chat, at, &run);
        }
        self.user(chat, at, &run);
        let asked = at + 400;
        let end = asked + self.st.ms(1_150, 1_640);
        let error = obj! { "name": "Error", "message": "WebSocket error", "code": "ERR_WEBSOCKET_TRANSPORT" };
        let details = obj! {
            "configuredTransport": "auto", "fallbackTransport": "sse", "eventsEmitted": false,
            "phase": "before_message_stream_start", "requestBytes": self.st.ms(72_000, 90_000),
        };
        let diagnostic =
            obj! { "type": "provider_transport_failure", "timestamp": asked + 190, "error": error, "details": details };
        let answer = message(vec![], "error", asked)
            .and("diagnostics", arr![diagnostic])
            .and("errorMessage", REFUSED)
            .and("errorCode", "token_invalidated")
            .and("idempotencyKey", format!("{}:terminal-error", run.id))
            .and("__openclaw", obj! { "runId": &run.id });
        self.trace(chat, end - 60, &run, "model.completed", snapshot(&answer, "error"));
        self.bootstrap(chat, end - 50, &run);
        self.entry(chat, end, obj! { "type": "message" }, |base| base.and("message", answer.clone()));
        self.trace(chat, end + 50, &run, "session.ended", obj! { "status": "error", "stopReason": "error" });
        self.refusal_logged(end, &run);
        self.ran(chat, at, end + 90, &run, TOLD);
    }

    /// This version is the first that kept a login here: there is no file from before.
    pub fn always_in_database(&mut self) {
        self.archive = None;
    }

    /// A message through the gateway that came to nothing, since the refresh of `spent` was refused as used: the
    /// session keeps the end of the run alone, and a fence stands in the place of the login.
    pub fn reused(&mut self, chat: Chat, at: i64, spent: &Pair) {
        let (at, run) = (self.st.within(at), Run::new(self.st));
        self.user(chat, at, &run);
        let end = at + self.st.ms(900, 1_400);
        let details = obj! { "runId": &run.id, "error": REUSED };
        let content = format!("This turn ended before a reply: {REUSED}");
        let entry = obj! { "type": "custom_message", "customType": "run-failed-before-reply", "content": content };
        self.entry(chat, end + 15, entry, |base| base.and("display", true).and("details", details));
        self.ran(chat, at, end + 28, &run, REUSED);
        self.login = (fenced(spent), end);
        (self.cooldown, self.last_failure) = (Some(end + 600_000), Some(end));
    }

    fn refusal_logged(&mut self, end: i64, run: &Run) {
        let base = |event: &str| obj! { "event": event, "runId": &run.id, "provider": MODEL.provider, "model": MODEL.name };
        let data = base("embedded_run_agent_end")
            .and("isError", true)
            .and("error", TOLD)
            .and("failoverReason", "auth")
            .and("rawErrorPreview", REFUSED)
            .and("rawErrorHash", "sha256:c43bfe1f8ff6")
            .and("httpCode", "401");
        self.log.event(end + 12, "agent/embedded", data, "embedded run agent end", run);
        let until = end + 30_031;
        let data = base("auth_profile_failure_state_updated")
            .and("profileId", HASHED)
            .and("reason", "auth")
            .and("windowType", "cooldown")
            .and("errorCount", 1)
            .and("cooldownUntil", until);
        self.log.event(end + 31, "agent/embedded", data, "auth profile failure state updated", run);
        (self.cooldown, self.last_failure) = (Some(until), Some(end + 31));
    }

    /// Not attempted, through the gateway: an entry of its own, and the rows of a run.
    fn skipped(&mut self, chat: Chat, at: i64, run: &Run) {
        let end = at + self.st.ms(90, 140);
        let error = format!("All models failed (1): openai/gpt-5.5: {SKIPPED} (auth)");
        self.decision(end, run, &self.talks[chat.0].id.clone());
        let details = obj! { "runId": &run.id, "error": &error };
        let content = format!("This turn ended before a reply: {error}");
        let entry = obj! { "type": "custom_message", "customType": "run-failed-before-reply", "content": content };
        self.entry(chat, end + 15, entry, |base| base.and("display", true).and("details", details));
        self.ran(chat, at, end + 28, run, &format!("{error} | MODEL_FALLBACK_SKIPPED"));
    }

    /// Not attempted, in a process of its own: nothing but the log tells of it.
    pub fn skipped_locally(&mut self, chat: Chat, at: i64) {
        let (at, run) = (self.st.within(at), Run::new(self.st));
        self.decision(at, &run, &self.talks[chat.0].id.clone());
        self.last = at;
    }

    fn decision(&mut self, at: i64, run: &Run, session: &str) {
        let data = obj! {
            "event": "model_fallback_decision", "runId": &run.id, "sessionId": session, "decision": "skip_candidate",
            "requestedProvider": MODEL.provider, "requestedModel": MODEL.name, "candidateProvider": MODEL.provider,
            "candidateModel": MODEL.name, "attempt": 1, "total": 1, "reason": "auth", "errorPreview": SKIPPED,
            "errorHash": "sha256:0c612f954a45", "fallbackStepFinalOutcome": "chain_exhausted", "fallbackConfigured": false,
        };
        self.log.event(at, "model-fallback/decision", data, "model fallback decision", run);
    }

    /// The rows that a failed run of the gateway leaves in the shared database.
    fn ran(&mut self, chat: Chat, started: i64, ended: i64, run: &Run, error: &str) {
        let task = [
            ("task_id", text(self.st.cast.uuid())),
            ("runtime", text("cli")),
            ("run_id", text(run.id.as_str())),
            ("status", text("failed")),
            ("started_at", int(started)),
            ("ended_at", int(ended)),
            ("error", text(error)),
        ];
        self.state.row("task_runs", task);
        self.audited += 1;
        let audit = [
            ("sequence", int(self.audited)),
            ("occurred_at", int(ended - 14)),
            ("kind", text("agent_run")),
            ("action", text("agent.run.finished")),
            ("status", text("failed")),
            ("error_code", text("run_failed")),
            ("session_id", text(self.talks[chat.0].id.as_str())),
            ("run_id", text(run.id.as_str())),
        ];
        self.state.row("audit_events", audit);
        self.ended(chat, ended, true);
    }

    fn ended(&mut self, chat: Chat, at: i64, failed: bool) {
        let talk = &mut self.talks[chat.0];
        (talk.ended, talk.failed, self.last) = (at, failed, at);
    }

    /// A user's message, before which a session may have to be born.
    fn user(&mut self, chat: Chat, at: i64, run: &Run) {
        if self.talks[chat.0].seq == 0 {
            let cwd = format!("{}/.openclaw/workspace", self.st.cast.home());
            let header =
                obj! { "type": "session", "version": 4, "id": &self.talks[chat.0].id, "timestamp": iso_ms(at + 60), "cwd": cwd };
            self.line(chat, at + 60, &header);
            let change = obj! { "type": "model_change", "provider": MODEL.provider, "modelId": MODEL.name };
            self.entry(chat, at + 70, change, |base| base);
        }
        self.trace(chat, at + 150, run, "session.started", obj! { "trigger": "user", "toolCount": 55 });
        let key = format!("{}:user", run.id);
        let message = obj! { "role": "user", "content": self.st.say(6), "timestamp": at, "idempotencyKey": key };
        self.entry(chat, at + 260, obj! { "type": "message" }, |base| base.and("message", message));
    }

    fn bootstrap(&mut self, chat: Chat, at: i64, run: &Run) {
        let data = obj! { "timestamp": at, "runId": &run.id, "sessionId": &self.talks[chat.0].id };
        let entry = obj! { "type": "custom", "customType": "openclaw:bootstrap-context:full", "data": data };
        self.entry(chat, at, entry, |base| base);
    }

    fn entry(&mut self, chat: Chat, at: i64, entry: Json, fill: impl FnOnce(Json) -> Json) {
        let id = self.st.cast.uuid();
        let parent = self.talks[chat.0].last.replace(id.clone());
        let entry = entry.and("id", id).and("parentId", parent).and("timestamp", iso_ms(at));
        self.line(chat, at, &fill(entry));
    }

    fn line(&mut self, chat: Chat, at: i64, line: &Json) {
        let talk = &mut self.talks[chat.0];
        let values = [
            ("session_id", text(talk.id.as_str())),
            ("seq", int(talk.seq)),
            ("event_json", text(line.line())),
            ("created_at", int(at)),
        ];
        self.agent.row("transcript_events", values);
        talk.seq += 1;
    }

    fn trace(&mut self, chat: Chat, at: i64, run: &Run, kind: &str, data: Json) {
        let talk = &mut self.talks[chat.0];
        let event = obj! {
            "traceSchema": "openclaw-trajectory", "schemaVersion": 1, "traceId": &talk.id, "source": "runtime", "type": kind,
            "ts": iso_ms(at), "seq": talk.traced + 1, "sessionId": &talk.id, "runId": &run.id, "provider": MODEL.provider,
            "modelId": MODEL.name, "modelApi": MODEL.api, "data": data,
        };
        let values = [
            ("session_id", text(talk.id.as_str())),
            ("seq", int(talk.traced)),
            ("run_id", text(run.id.as_str())),
            ("event_json", text(event.line())),
            ("created_at", int(at)),
        ];
        self.agent.row("trajectory_runtime_events", values);
        talk.traced += 1;
    }

    /// What is written last: the state of the login, and of each session.
    fn close(&mut self) {
        let mut usage = obj! { "errorCount": usize::from(self.cooldown.is_some()) };
        if let (Some(until), Some(at)) = (self.cooldown, self.last_failure) {
            usage = usage.and("cooldownUntil", until).and("cooldownReason", "auth").and("failureCounts", obj! { "auth": 1 });
            usage = usage.and("lastFailureAt", at);
        }
        let (login, at) = &self.login;
        let values = [("state_key", text("authProfiles.store")), ("value_json", text(login.line())), ("updated_at_ms", int(*at))];
        self.state.row("config_machine_state", values);
        let state = obj! { "version": 1, "usageStats": Json::Object(vec![(PROFILE.to_owned(), usage)]) };
        let values =
            [("state_key", text("authProfiles.state")), ("value_json", text(state.line())), ("updated_at_ms", int(self.last))];
        self.state.row("config_machine_state", values);
        for talk in &self.talks {
            let values = [
                ("session_id", text(talk.id.as_str())),
                ("session_key", text(format!("agent:main:explicit:{}", talk.id))),
                ("status", text(if talk.failed { "failed" } else { "done" })),
                ("started_at", int(talk.ended - 40)),
                ("ended_at", int(talk.ended - 16)),
                ("model_provider", text(MODEL.provider)),
                ("model", text(MODEL.name)),
            ];
            self.agent.row("session_windows", values);
        }
    }

    /// Put everything into `home`.
    pub fn finish(self, home: &mut Home) {
        let (agent, state) = self.put_files(home);
        home.put(format!("{ROOT}/agents/main/agent/openclaw-agent.sqlite"), agent.0.bytes(), agent.1);
        home.put(format!("{ROOT}/state/openclaw.sqlite"), state.0.bytes(), state.1);
    }

    /// The same of a gateway that still runs: what it wrote lies in the write-ahead logs.
    pub fn finish_running(self, home: &mut Home) {
        let (agent, state) = self.put_files(home);
        let folder = |name: &str| format!("{ROOT}/{name}");
        for (name, (database, at)) in [("agents/main/agent/openclaw-agent.sqlite", agent), ("state/openclaw.sqlite", state)] {
            let (file, log) = database.logged(database.len() / 3);
            home.put(folder(name), file, at);
            home.put(folder(&format!("{name}-wal")), log, at);
        }
    }

    fn put_files(mut self, home: &mut Home) -> ((Database, i64), (Database, i64)) {
        self.close();
        self.log.finish(home);
        if let Some((suffix, store, moved)) = self.archive {
            home.put(format!("{ROOT}/agents/main/agent/auth-profiles.json{suffix}"), store, moved);
        }
        let primary = obj! { "primary": "openai/gpt-5.5", "fallbacks": arr![] };
        let config = obj! {
            "agents": obj! { "defaults": obj! { "model": primary } },
            "meta": obj! { "lastTouchedVersion": "2026.9.6", "lastTouchedAt": iso_ms(self.last - DAY) },
        };
        home.put(format!("{ROOT}/openclaw.json"), config.pretty() + "\n", self.last - DAY);
        ((self.agent, self.last), (self.state, self.last))
    }
}

/// The store behind the fence of a failed refresh, which bears digests of the tokens that stood there.
fn fenced(spent: &Pair) -> Json {
    let digest = |member: &str, token: &str| {
        let generation = arr!["openclaw.oauth-refresh-generation", 1, PROFILE, "openai", member, token].line();
        let hex: String = Sha256::digest(generation).iter().map(|byte| format!("{byte:02x}")).collect();
        format!("openclaw-oauth-refresh-fence:v1:{}:failed:{member}:{hex}", "0".repeat(32))
    };
    let profile = obj! {
        "type": "oauth", "provider": "openai", "access": digest("access", &spent.access),
        "refresh": digest("refresh", &spent.refresh), "expires": 1,
    };
    obj! { "version": 1, "profiles": Json::Object(vec![(PROFILE.to_owned(), profile)]) }
}

fn message(content: Vec<Json>, stop: &str, asked: i64) -> Json {
    obj! {
        "role": "assistant", "content": content, "api": MODEL.api, "provider": MODEL.provider, "model": MODEL.name,
        "usage": obj! { "input": 0, "output": 0, "totalTokens": 0 }, "stopReason": stop, "timestamp": asked,
    }
}

/// What the recorder keeps of an answer: the messages so far, here the last one.
fn snapshot(answer: &Json, stop: &str) -> Json {
    obj! { "aborted": false, "timedOut": false, "stopReason": stop, "messagesSnapshot": arr![answer.clone()] }
}
