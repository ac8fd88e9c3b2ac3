//! The lines of one Hermes turn, by what came of it. Delays are those of genuine files.

use super::super::clock::{HOUR, SECOND};
use super::super::json::{Json, obj};
use super::super::stage::Stage;
use super::auth::Status;
use super::log::Log;
use super::session::{answer, terminal};
use super::{BASE_URL, Hermes, MODEL, Version, seconds};

/// Why the refresh was refused, in Hermes' words.
pub(super) const CONSUMED: &str = "Codex refresh token was already consumed by another client (e.g. Codex CLI or VS Code extension). \
    Run `codex` in your terminal to generate fresh tokens, then run `hermes auth` to re-authenticate.";
const NOT_STORED: &str = "No Codex credentials stored. Run `hermes auth` to authenticate.";
const INVALIDATED: &str = "Your authentication token has been invalidated. Please try signing in again.";
const EXPIRED: &str = "Provided authentication token is expired. Please try signing in again.";
const EMPTIED: &str = "Codex auth is missing access_token. Run `hermes auth` to re-authenticate.";
const POOL_EMPTY: &str = "credential pool: no available entries (all exhausted or empty)";

/// The lines of a gateway's start.
pub(super) fn gateway_start(st: &Stage, log: &mut Log, at: i64) {
    log.info(at, "gateway.run", "Starting Hermes Gateway...");
    log.info(at, "gateway.run", format!("Session storage: {}/.hermes/sessions", st.cast.home()));
    log.info(at + 340, "gateway.run", "Connecting to telegram...");
    log.info(at + 1_210, "gateway.run", "✓ telegram connected");
    log.info(at + 1_240, "gateway.run", "Gateway running with 1 platform(s)");
}

/// One turn of a conversation.
pub(super) struct Script<'h, 's> {
    hermes: &'h mut Hermes<'s>,
    session: usize,
    at: i64,
    asked: String,
    tag: String,
}

impl<'h, 's> Script<'h, 's> {
    pub(super) fn new(hermes: &'h mut Hermes<'s>, session: usize, at: i64, asked: String) -> Script<'h, 's> {
        let tag = hermes.sessions[session].id.clone();
        Script { hermes, session, at, asked, tag }
    }

    fn st(&self) -> &'s Stage {
        self.hermes.st
    }

    fn gateway(&self) -> bool {
        self.hermes.version != Version::V019
    }

    fn old(&self) -> bool {
        self.hermes.version == Version::V013
    }

    /// The logger that tells of model calls.
    fn loop_logger(&self) -> &'static str {
        if self.old() { "run_agent" } else { "agent.conversation_loop" }
    }

    fn tagged(&mut self, at: i64, level: &'static str, logger: &'static str, text: String) {
        self.hermes.log.put(at, level, Some(&self.tag), logger, text);
    }

    /// The message comes in.
    fn inbound(&mut self) {
        if self.gateway() {
            let cast = &self.st().cast;
            let reply = if self.old() { "" } else { " reply_to_id=None reply_to_text=''" };
            let (person, chat) = (cast.person, &cast.chat);
            let text = format!("inbound message: platform=telegram user={person} chat={chat} msg='{}'{reply}", self.asked);
            self.hermes.log.info(self.at, "gateway.run", text);
        }
    }

    /// The agent begins; returns when.
    fn begin(&mut self) -> i64 {
        self.inbound();
        let at = self.at + self.st().ms(60, 240);
        let history = self.hermes.sessions[self.session].history;
        let logger = if self.old() { "run_agent" } else { "agent.turn_context" };
        let platform = if self.gateway() { "telegram" } else { "cli" };
        let text = format!(
            "conversation turn: session={} model={MODEL} provider=openai-codex platform={platform} history={history} msg='{}'",
            self.tag, self.asked
        );
        self.tagged(at, "INFO", logger, text);
        at
    }

    /// A client for one request is made and closed around a call.
    fn client(&mut self, from: i64, to: i64) {
        let (thread, base) = (&self.hermes.worker, format!("provider=openai-codex base_url={BASE_URL} model={MODEL}"));
        let made = format!("OpenAI client created (codex_stream_request, shared=False) thread=Thread-4 (_call):{thread} {base}");
        let closed = format!(
            "OpenAI client closed (request_complete, shared=False, tcp_force_closed=0) thread=Thread-4 (_call):{thread} {base}"
        );
        self.hermes.log.info(from, "run_agent", made);
        self.hermes.log.info(to, "run_agent", closed);
    }

    /// A model call that worked; returns when it ended.
    fn call(&mut self, number: usize, at: i64) -> i64 {
        let end = at + self.st().ms(1_400, 8_000);
        self.client(at + 25, end - 9);
        let (input, output) = (self.st().ms(1_000, 9_000), self.st().ms(20, 400));
        let text = format!(
            "API call #{number}: model={MODEL} provider=openai-codex in={input} out={output} total={} latency={}s",
            input + output,
            seconds(end - at)
        );
        self.tagged(end, "INFO", self.loop_logger(), text);
        end
    }

    pub(super) fn done(&mut self, with_tool: bool) {
        let mut now = self.begin();
        let mut rest = Vec::new();
        if with_tool {
            now = self.call(1, now) + 640;
            let logger = if self.old() { "run_agent" } else { "agent.tool_executor" };
            self.tagged(now, "INFO", logger, "tool terminal completed (0.53s, 96 chars)".to_owned());
            rest = terminal(self.st());
        }
        let calls = 1 + usize::from(with_tool);
        let end = self.call(calls, now + 20);
        self.end(end + 50, calls, rest);
    }

    /// Refused, refreshed (the store knows when), and answered.
    pub(super) fn done_after_refresh(&mut self) {
        let now = self.begin();
        let refreshed = self.hermes.auth().arrived() + 24;
        self.client(now + 25, refreshed - 240);
        let entry = self.hermes.auth().entry().to_owned();
        self.tagged(refreshed, "INFO", "run_agent", format!("Credential auth failure — refreshed pool entry {entry}"));
        let thread = format!("thread=MainThread:{} provider=openai-codex base_url={BASE_URL} model={MODEL}", self.hermes.worker);
        let made = format!("OpenAI client created (credential_rotation, shared=True) {thread}");
        let closed = format!("OpenAI client closed (replace:credential_rotation, shared=True, tcp_force_closed=0) {thread}");
        self.tagged(refreshed + 7, "INFO", "run_agent", made);
        self.tagged(refreshed + 7, "INFO", "run_agent", closed);
        let end = self.call(1, refreshed + 30);
        self.end(end + 50, 1, Vec::new());
    }

    /// The turn ends well.
    fn end(&mut self, at: i64, calls: usize, mut rest: Vec<Json>) {
        let text = self.st().say(14);
        let said = format!(
            "Turn ended: reason=text_response(finish_reason=stop) model={MODEL} api_calls={calls}/90 budget={calls}/90 \
             tool_turns={} last_msg_role=assistant response_len={} session={}",
            calls - 1,
            text.len(),
            self.tag
        );
        self.tagged(at, "INFO", self.loop_logger(), said);
        let stored = self.respond(at + self.st().ms(200, 900), calls, text.len());
        rest.push(answer(self.st(), &text));
        let (st, asked) = (self.st(), self.asked.clone());
        self.hermes.sessions[self.session].turn(st, (self.at, stored), &asked, rest);
    }

    /// The gateway sends what there is to send; returns when the turn is stored.
    fn respond(&mut self, at: i64, calls: usize, length: usize) -> i64 {
        if self.gateway() {
            let chat = &self.st().cast.chat;
            let time = seconds(at - self.at);
            let ready =
                format!("response ready: platform=telegram chat={chat} time={time}s api_calls={calls} response={length} chars");
            let sent = format!("[Telegram] Sending response ({length} chars) to {chat}");
            self.hermes.log.info(at, "gateway.run", ready);
            self.hermes.log.info(at + 40, "gateway.platforms.base", sent);
        }
        at + 1
    }

    pub(super) fn already_consumed(&mut self) {
        let at = self.at + self.st().ms(90, 260);
        let rested = match self.hermes.auth().status {
            Status::RefreshFailed(since) => at - since >= HOUR,
            _ => true,
        };
        if rested {
            self.hermes.auth().note(Status::RefreshFailed(at - 20), at - 19);
        }
        self.turned_away(at, CONSUMED);
    }

    pub(super) fn no_credentials(&mut self) {
        let at = self.at + self.st().ms(20, 90);
        self.turned_away(at, NOT_STORED);
    }

    /// No credential could be used: the gateway answers in its own words, five seconds later.
    fn turned_away(&mut self, at: i64, why: &str) {
        self.inbound();
        let before = self.session.checked_sub(1).map_or(self.session, |before| before);
        let tag = self.hermes.sessions[before].id.clone();
        self.hermes.log.put(at, "INFO", Some(&tag), "agent.credential_pool", POOL_EMPTY);
        let failed = format!("Primary provider auth failed: {why} — trying fallback");
        self.hermes.log.put(at + 79, "WARNING", Some(&tag), "gateway.run", failed);
        let words = format!("⚠️ Provider authentication failed: {why} Run `hermes model` to re-authenticate.");
        let stored = self.respond(at + 5_010, 0, words.chars().count());
        let (st, asked) = (self.st(), self.asked.clone());
        self.hermes.sessions[self.session].turned_away(st, stored, &asked, &words);
    }

    pub(super) fn invalidated(&mut self) {
        let now = self.begin();
        let refused = now + self.st().ms(400, 1_400);
        self.client(now + 25, refused);
        let rested = match self.hermes.auth().status {
            Status::Refused(since) => refused - since >= HOUR,
            _ => true,
        };
        if rested {
            let marked = format!("credential pool: marking {} exhausted (status=401), rotating", self.hermes.auth().label());
            self.tagged(refused + 70, "INFO", "agent.credential_pool", marked);
            self.hermes.auth().note(Status::Refused(refused + 70), refused + 94);
        }
        self.tagged(refused + 100, "INFO", "agent.credential_pool", POOL_EMPTY.to_owned());
        self.attempt(refused + 190, 1, "AuthenticationError", &format!("HTTP 401: {INVALIDATED}"));
        let said = format!(
            "Error code: 401 - {{'error': {{'message': '{INVALIDATED}', 'type': 'invalid_request_error', 'param': None, \
             'code': 'token_invalidated'}}, 'status': 401}}"
        );
        self.tagged(refused + 192, "ERROR", "root", format!("Non-retryable client error: {said}"));
        let body = obj! {
            "message": INVALIDATED, "type": "invalid_request_error", "param": Json::null(), "code": "token_invalidated",
        };
        let text = obj! { "error": body.clone(), "status": 401 };
        let error = self.refusal("invalid_request_error", said, 401, Some("token_invalidated"), body, &text);
        self.given_up(refused + 193, "non_retryable_client_error", error, 186, true);
    }

    /// A tool runs until the access token has ended; the refresh after the 401 is refused.
    pub(super) fn expired_underway(&mut self) {
        let now = self.begin();
        let answered = self.call(1, now);
        let back = self.hermes.auth().pair.expires + self.st().ms(60_000, 90_000);
        self.tagged(
            back,
            "INFO",
            "agent.tool_executor",
            format!("tool terminal completed ({}s, 96 chars)", seconds(back - answered)),
        );
        let refused = back + self.st().ms(300, 900);
        self.client(back + 20, refused);
        self.hermes.auth().note(Status::Emptied(refused + 70), refused + 160);
        self.tagged(refused + 165, "INFO", "agent.credential_pool", POOL_EMPTY.to_owned());
        self.attempt(refused + 190, 1, "AuthenticationError", &format!("HTTP 401: {EXPIRED}"));
        let said = format!(
            "Error code: 401 - {{'error': {{'message': '{EXPIRED}', 'type': None, 'param': None, 'code': 'token_expired'}}, 'status': 401}}"
        );
        self.tagged(refused + 192, "ERROR", "agent.conversation_loop", format!("Non-retryable client error: {said}"));
        let body = obj! { "message": EXPIRED, "type": Json::null(), "param": Json::null(), "code": "token_expired" };
        let text = obj! { "error": body.clone(), "status": 401 };
        let error = self.refusal("AuthenticationError", said, 401, Some("token_expired"), body, &text);
        let rest = terminal(self.st());
        self.given_up_after(refused + 193, "non_retryable_client_error", error, 80, false, rest);
    }

    /// The store is empty: the gateway answers in its own words, which no transcript keeps.
    pub(super) fn emptied(&mut self) {
        let at = self.at + self.st().ms(40, 180);
        self.inbound();
        self.hermes.log.put(
            at,
            "WARNING",
            None,
            "gateway.run",
            format!("Primary provider auth failed: {EMPTIED} — trying fallback"),
        );
        let words = format!("⚠️ Provider authentication failed: {EMPTIED} Run `hermes model` to re-authenticate.");
        self.respond(at + 210, 0, words.chars().count());
    }

    pub(super) fn usage_limit(&mut self, resets: i64) {
        let now = self.begin();
        let summary = "HTTP 429: The usage limit has been reached";
        let left = (resets - now) / SECOND;
        let said = format!(
            "Error code: 429 - {{'error': {{'type': 'usage_limit_reached', 'message': 'The usage limit has been reached', \
             'plan_type': 'plus', 'resets_at': {}, 'eligible_promo': None, 'resets_in_seconds': {left}}}}}",
            resets / SECOND
        );
        let last = self.attempts(now, "RateLimitError", summary, &said);
        let marked = format!("credential pool: marking {} exhausted (status=429), rotating", self.hermes.auth().label());
        // The second attempt's 429 benches the entry, just before that attempt is logged.
        let second = last - 4_760;
        self.tagged(second, "INFO", "agent.credential_pool", marked);
        self.hermes.auth().note(Status::Limited(second, resets), second + 1);
        self.tagged(second + 1, "INFO", "agent.credential_pool", POOL_EMPTY.to_owned());
        self.exhausted(last, summary);
        let body = obj! {
            "type": "usage_limit_reached", "message": "The usage limit has been reached", "plan_type": "plus",
            "resets_at": resets / SECOND, "eligible_promo": Json::null(), "resets_in_seconds": left,
        };
        let text = obj! { "error": body.clone() };
        let error = self.refusal("usage_limit_reached", said, 429, None, body, &text);
        self.given_up(last + 6, "max_retries_exhausted", error, 96, false);
    }

    pub(super) fn overloaded(&mut self) {
        let now = self.begin();
        let message = "Our servers are currently overloaded. Please try again later.";
        let summary = format!("HTTP 503: {message}");
        let said = format!(
            "Error code: 503 - {{'error': {{'message': '{message}', 'type': 'service_unavailable_error', 'param': None, \
             'code': 'server_is_overloaded'}}}}"
        );
        let last = self.attempts(now, "InternalServerError", &summary, &said);
        self.exhausted(last, &summary);
        let body = obj! {
            "message": message, "type": "service_unavailable_error", "param": Json::null(), "code": "server_is_overloaded",
        };
        let text = obj! { "error": body.clone() };
        let error = self.refusal("service_unavailable_error", said, 503, Some("server_is_overloaded"), body, &text);
        self.given_up(last + 6, "max_retries_exhausted", error, 104, false);
    }

    /// Two rounds of three attempts: the client is rebuilt once.
    pub(super) fn offline(&mut self) {
        let now = self.begin();
        let first = self.attempts(now, "APIConnectionError", "Connection error.", "Connection error.");
        let last = self.attempts(first + 6_000, "APIConnectionError", "Connection error.", "Connection error.");
        self.exhausted(last, "Connection error.");
        let error = obj! { "type": "APIConnectionError", "message": "Connection error." };
        self.given_up(last + 6, "max_retries_exhausted", error, 59, false);
    }

    /// What a dump keeps of an answer of the server. A usage limit has no code.
    fn refusal(&self, class: &str, said: String, status: i32, code: Option<&str>, body: Json, text: &Json) -> Json {
        let error = obj! { "type": class, "message": said, "status_code": status }
            .and("request_id", format!("req_{}", self.st().cast.hex(24)));
        let error = match code {
            Some(code) => error.and("code", code),
            None => error,
        };
        error.and("body", body).and("response_status", status).and("response_text", text.python())
    }

    fn attempt(&mut self, at: i64, number: usize, class: &str, summary: &str) {
        let text = format!(
            "API call failed (attempt {number}/3) error_type={class} thread=asyncio_0:{} provider=openai-codex base_url={BASE_URL} \
             model={MODEL} summary={summary}",
            self.hermes.worker
        );
        self.tagged(at, "WARNING", "run_agent", text);
    }

    /// Three attempts with growing pauses; returns when the last one failed.
    fn attempts(&mut self, from: i64, class: &str, summary: &str, error: &str) -> i64 {
        let mut at = from;
        for (number, pause) in [(1, 24), (2, 46), (3, 0)] {
            let failed = at + 160;
            self.client(at + 20, failed);
            self.attempt(failed + 2, number, class, summary);
            if number < 3 {
                let text = format!(
                    "Retrying API call in {}.{}s (attempt {number}/3) thread=asyncio_0:{} provider=openai-codex base_url={BASE_URL} \
                     model={MODEL} error={error}",
                    pause / 10,
                    pause % 10,
                    self.hermes.worker
                );
                self.tagged(failed + 3, "WARNING", "run_agent", text);
            }
            at = failed + i64::from(pause) * 100;
        }
        at
    }

    /// The line that ends a turn whose retries are used up.
    fn exhausted(&mut self, last: i64, summary: &str) {
        let text = format!("API call failed after 3 retries. {summary} | provider=openai-codex model={MODEL} msgs=2 tokens=~1,260");
        self.tagged(last + 4, "ERROR", "root", text);
    }

    /// The call is given up: dump, an answer of the gateway's own, and only the question is kept.
    fn given_up(&mut self, at: i64, reason: &str, error: Json, length: usize, transient: bool) {
        self.given_up_after(at, reason, error, length, transient, Vec::new());
    }

    /// The same after some answers, which are kept.
    fn given_up_after(&mut self, at: i64, reason: &str, error: Json, length: usize, transient: bool, rest: Vec<Json>) {
        let (st, asked, bearer) = (self.st(), self.asked.clone(), self.hermes.auth().pair.access.clone());
        self.hermes.sessions[self.session].dump(st, at, reason, &bearer, &asked, error);
        let stored = self.respond(at + st.ms(3_000, 5_010), 1, length);
        if transient && self.old() {
            let text = format!(
                "Transient agent failure in session {} — persisting user message so conversation context is preserved on retry.",
                self.tag
            );
            self.hermes.log.info(stored, "gateway.run", text);
        }
        self.hermes.sessions[self.session].turn(st, (self.at, stored), &asked, rest);
    }
}
