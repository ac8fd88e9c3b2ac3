//! An OpenClaw 2026.5.7 home: one agent behind a gateway, played turn by turn as the program
//! behaves, so that transcript, log, cooldown and store agree with each other.
//!
//! What it must reproduce, after genuine files of this version: only the first failing turn of a
//! process and session carries the transport diagnostic; a refused turn lasts seven seconds of
//! retries; the placeholder comes on the next open and leaves a `.bak-<pid>-<ms>`; for thirty
//! seconds after an auth failure runs are skipped and leave nothing in the session; the store is
//! rewritten, unchanged, on every turn.

mod gateway;
mod march;
mod september;
mod store;
mod transcript;

pub use march::MarchOpenClaw;
pub use september::SeptemberOpenClaw;

use super::clock::iso_ms;
use super::home::Home;
use super::json::{Json, arr, obj};
use super::stage::Stage;
use gateway::{CUT, EXPIRED, Fault, Gateway, INVALIDATED, OFFLINE, Run, SERVER};
use store::Store;
use transcript::{Transcript, Usage};

/// Where the home stands.
const ROOT: &str = ".openclaw";

/// What a run is asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model {
    provider: &'static str,
    api: &'static str,
    name: &'static str,
}

/// The ChatGPT login.
pub const CODEX_MODEL: Model = Model { provider: "openai-codex", api: "openai-codex-responses", name: "gpt-5.5" };
/// An API key of OpenAI.
pub const KEY_MODEL: Model = Model { provider: "openai", api: "openai-responses", name: "gpt-5.5" };
/// A key of another provider.
pub const CLAUDE_MODEL: Model = Model { provider: "anthropic", api: "anthropic-messages", name: "claude-sonnet-4-6" };

/// What came of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// An answer.
    Done,
    /// An answer after a tool whose output quotes a failed session (a decoy).
    DoneWithTool,
    /// An answer to a message that quotes an error (a decoy).
    DoneToQuote,
    /// An answer, after the socket was refused and SSE stood in.
    DoneOverSse,
    /// 401 `token_invalidated` on the socket and on SSE.
    Invalidated,
    /// 401 `token_expired` on the socket and on SSE: this version does not renew for that.
    Expired,
    /// The socket was lost in the middle of the answer; the retry worked.
    Cut,
    /// 500 on SSE.
    ServerError,
    /// No connection, three retries included.
    Offline,
    /// The user stopped it.
    Aborted,
}

/// A session of the home, by number.
#[derive(Clone, Copy, Debug)]
pub struct Session(usize);

/// A home that is being written.
pub struct OpenClaw<'s> {
    st: &'s Stage,
    model: Model,
    pid: i64,
    log: Gateway<'s>,
    store: Store,
    sessions: Vec<Transcript<'s>>,
    /// Sessions whose socket was refused once in this process.
    on_sse: Vec<bool>,
}

impl<'s> OpenClaw<'s> {
    /// A gateway that starts at `at` with the model and no login yet.
    pub fn start(st: &'s Stage, at: i64, model: Model) -> OpenClaw<'s> {
        let mut log = Gateway::new(st);
        log.start(st.within(at), model);
        OpenClaw {
            st,
            model,
            pid: st.ms(1_200, 9_800),
            log,
            store: Store::new(st, model),
            sessions: Vec::new(),
            on_sse: Vec::new(),
        }
    }

    /// The store of credentials and what is known about their use.
    pub fn store(&mut self) -> &mut Store {
        &mut self.store
    }

    /// A new conversation.
    pub fn session(&mut self) -> Session {
        self.sessions.push(Transcript::new(self.st, self.model));
        self.on_sse.push(false);
        Session(self.sessions.len() - 1)
    }

    /// What the gateway says of its credentials.
    pub fn said(&mut self, at: i64, level: &str, text: &str) {
        self.log.say(at, level, "agents/auth-profiles", text, None);
    }

    /// A message arrives and its refresh is refused: the lanes tell of it, and no transcript does.
    pub fn refresh_refused(&mut self, at: i64, code: &str, message: &str) {
        let body = format!(r#"{{"error":{{"message":"{message}","type":"invalid_request_error","param":null,"code":"{code}"}}}}"#);
        let error = format!(
            "OAuth token refresh failed for openai-codex: OpenAI Codex token refresh failed (401): {body}. Please try again or \
             re-authenticate."
        );
        for (number, lane) in ["main", "session:agent:main:main"].iter().enumerate() {
            let text = format!("lane task error: lane={lane} durationMs=237 error=\"Error: {error}\"");
            self.log.say(at + number as i64, "ERROR", "diagnostic", &text, None);
        }
    }

    /// The gateway is stopped and comes back, as another process, eight seconds later.
    pub fn restart(&mut self, at: i64) {
        let at = self.st.within(at);
        self.log.stop(at);
        self.log.start(at + 8_000, self.model);
        self.pid += self.st.ms(200, 900);
        self.on_sse.fill(false);
    }

    /// A message arrives at `at`.
    pub fn ask(&mut self, session: Session, at: i64, answer: Answer) {
        let at = self.st.within(at);
        let run = Run::new(self.st);
        if self.store.cooling(at) {
            self.log.skipped(at + self.st.ms(90, 400), &run, self.model);
            return;
        }
        let text = match answer {
            Answer::DoneToQuote => "the bot said: 401 refresh_token_reused, stopReason=error. what does it mean?".to_owned(),
            _ => self.st.say(6),
        };
        let transcript = &mut self.sessions[session.0];
        transcript.open(at, self.pid);
        transcript.user(at + 260, &format!("[{}] {text}", self.st.clock.envelope(at)));
        let end = self.answer(session, at + 300, &run, answer);
        self.sessions[session.0].end_of_run(end + self.st.ms(8, 60), &run.id);
        self.close(end, &run, answer);
    }

    /// What the model made of a request sent at `asked`; returns when the turn ended.
    fn answer(&mut self, session: Session, asked: i64, run: &Run, answer: Answer) -> i64 {
        let slow = asked + self.st.ms(1_900, 9_000);
        match answer {
            Answer::Done | Answer::DoneToQuote => self.done(session, asked, slow, None),
            Answer::DoneWithTool => {
                self.tool(session, asked, slow);
                self.done(session, slow + 400, slow + self.st.ms(1_500, 6_000), None)
            }
            Answer::DoneOverSse => {
                let refused = self.refused_socket(session, asked);
                self.done(session, asked, slow, refused)
            }
            Answer::Invalidated => self.refused(session, asked, run, INVALIDATED, Some("auth")),
            Answer::Expired => self.refused(session, asked, run, EXPIRED, Some("auth")),
            Answer::ServerError => self.refused(session, asked, run, SERVER, None),
            Answer::Cut => self.cut(session, asked, run),
            Answer::Offline => self.offline(session, asked, run),
            Answer::Aborted => {
                let tail = obj! { "errorMessage": "Request was aborted" };
                self.entry(session, slow, asked, vec![], "aborted", tail);
                slow
            }
        }
    }

    /// A failed or answered entry without further ado.
    fn entry(&mut self, session: Session, at: i64, asked: i64, content: Vec<Json>, stop: &str, tail: Json) {
        self.sessions[session.0].assistant(at, asked, content, Usage::default(), stop, tail);
    }

    fn done(&mut self, session: Session, asked: i64, at: i64, diagnostic: Option<Json>) -> i64 {
        let text = obj! { "type": "text", "text": self.st.say(14) };
        let (text, response) = if self.model == CODEX_MODEL {
            let signature = obj! { "v": 1, "id": format!("msg_{}", self.st.cast.hex(50)) };
            (text.and("textSignature", signature.line()), format!("resp_{}", self.st.cast.hex(50)))
        } else {
            (text, format!("msg_01{}", self.st.cast.hex(22)))
        };
        let tail = diagnostic.map_or_else(|| obj! {}, |d| obj! { "diagnostics": arr![d] }).and("responseId", response);
        let usage = Usage { input: self.st.ms(1_000, 9_000), output: self.st.ms(20, 400) };
        self.sessions[session.0].assistant(at, asked, vec![text], usage, "stop", tail);
        at
    }

    fn tool(&mut self, session: Session, asked: i64, at: i64) {
        let call = format!("call_{}|fc_{}", self.st.cast.hex(24), self.st.cast.hex(50));
        let wish = obj! { "command": "tail -n 1 /srv/export/old-session.jsonl" };
        let content = vec![obj! { "type": "toolCall", "id": &call, "name": "exec", "arguments": wish }];
        let tail = obj! { "responseId": format!("resp_{}", self.st.cast.hex(50)) };
        let usage = Usage { input: self.st.ms(1_000, 9_000), output: self.st.ms(20, 90) };
        let transcript = &mut self.sessions[session.0];
        transcript.assistant(at, asked, content, usage, "toolUse", tail);
        transcript.tool_result(at + 60, &call, &foreign_failure(self.st, at));
    }

    /// The diagnostic of a refused upgrade: once per process and session, then SSE at once.
    fn refused_socket(&mut self, session: Session, asked: i64) -> Option<Json> {
        if std::mem::replace(&mut self.on_sse[session.0], true) {
            return None;
        }
        let stack = "Error: Received network error or non-101 status code.\n    at extractWebSocketError";
        let error = obj! { "name": "Error", "message": "Received network error or non-101 status code.", "stack": stack };
        let details = obj! {
            "configuredTransport": "auto", "fallbackTransport": "sse", "eventsEmitted": false,
            "phase": "before_message_stream_start", "requestBytes": self.st.ms(72_000, 90_000),
        };
        let at = asked + self.st.ms(12, 110);
        Some(obj! { "type": "provider_transport_failure", "timestamp": at, "error": error, "details": details })
    }

    /// Refused on the socket (if it was tried) and four times on SSE, after 0, 1, 2 and 4 s.
    fn refused(&mut self, session: Session, asked: i64, run: &Run, fault: Fault, reason: Option<&str>) -> i64 {
        let diagnostic = self.refused_socket(session, asked);
        let tail = diagnostic.map_or_else(|| obj! {}, |d| obj! { "diagnostics": arr![d] });
        let at = asked + self.st.ms(7_127, 7_255);
        self.entry(session, at, asked, vec![], "error", tail.and("errorMessage", fault.text));
        self.log.agent_end(at + self.st.ms(6, 38), run, self.model, fault, reason);
        at
    }

    fn cut(&mut self, session: Session, asked: i64, run: &Run) -> i64 {
        let at = asked + self.st.ms(9_000, 20_000);
        let error = obj! { "name": "WebSocketCloseError", "message": CUT.text, "stack": "WebSocketCloseError: WebSocket closed 1006", "code": 1006 };
        let details = obj! {
            "configuredTransport": "auto", "eventsEmitted": true, "phase": "after_message_stream_start",
            "requestBytes": self.st.ms(72_000, 90_000),
        };
        let diagnostic = obj! { "type": "provider_transport_failure", "timestamp": at - 5, "error": error, "details": details };
        let tail = obj! {
            "responseId": format!("resp_{}", self.st.cast.hex(50)), "diagnostics": arr![diagnostic], "errorMessage": CUT.text,
        };
        let part = vec![obj! { "type": "text", "text": self.st.say(4) }];
        self.entry(session, at, asked, part, "error", tail);
        self.log.agent_end(at + 11, run, self.model, CUT, None);
        self.done(session, at + 2_050, at + 2_290, None)
    }

    fn offline(&mut self, session: Session, asked: i64, run: &Run) -> i64 {
        let mut at = asked;
        for pause in [0, 2_000, 4_000, 8_000] {
            let asked = at + pause;
            at = asked + self.st.ms(30, 240);
            self.entry(session, at, asked, vec![], "error", obj! { "errorMessage": OFFLINE.text });
            self.log.agent_end(at + 9, run, self.model, OFFLINE, None);
        }
        at
    }

    /// What the gateway notes when a run is over.
    fn close(&mut self, end: i64, run: &Run, answer: Answer) {
        let fault = match answer {
            Answer::Invalidated => Some(INVALIDATED),
            Answer::Expired => Some(EXPIRED),
            _ => None,
        };
        if let Some(fault) = fault {
            let before = self.store.failed(end + 71);
            self.log.auth_failure(end + 270, run, self.model, fault, (before, end + 30_071));
        } else if answer != Answer::Aborted {
            self.store.used(end + 140);
            self.log.accepted(end + 310, run);
        }
    }

    /// Put everything into `home`.
    pub fn finish(self, home: &mut Home) {
        self.log.finish(home);
        let folder = format!("{ROOT}/agents/main/sessions");
        for transcript in self.sessions.iter().filter(|t| !t.is_empty()) {
            let file = format!("{folder}/{}.jsonl", transcript.id);
            for (at, suffix, bytes) in &transcript.copies {
                home.put(format!("{file}{suffix}"), bytes.as_str(), *at);
            }
            home.put(file, transcript.text(), transcript.written);
        }
        let ids: Vec<&str> = self.sessions.iter().map(|t| t.id.as_str()).collect();
        let last = self.store.last_turn();
        home.put(format!("{folder}/sessions.json"), store::index(self.st, self.model, &ids, last), last);
        self.store.finish(home);
    }
}

/// A line of another program's session, as a tool may print it.
fn foreign_failure(st: &Stage, at: i64) -> String {
    let message = obj! {
        "role": "assistant", "content": arr![], "provider": "openai-codex", "model": "gpt-5.5", "stopReason": "error",
        "errorMessage": "Your authentication token has been invalidated. Please try signing in again.",
    };
    let line = obj! { "type": "message", "id": st.cast.hex(8), "timestamp": iso_ms(at - 90_000_000), "message": message };
    format!("{}\n", line.line())
}
