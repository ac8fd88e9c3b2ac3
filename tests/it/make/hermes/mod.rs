//! A Hermes home: a gateway on Telegram (0.13, 0.19) or one-shot chats (0.19), played turn by turn,
//! so that logs, transcripts, dumps and the store agree with each other.
//!
//! What it must reproduce, after genuine files of these versions: a refresh that works leaves no
//! line, only a new `last_refresh`; one that is refused before the call leaves the gateway's
//! sentence and a pool entry `exhausted` without a code, the pool rests for an hour and is tried
//! again (0.13), or empties the store and notes why (0.19); log times are local and only the line about a state snapshot shows both clocks.

mod auth;
mod log;
mod script;
mod session;
mod state;

use super::clock::{Clock, HOUR, SECOND};
use super::home::Home;
use super::json::obj;
use super::stage::Stage;
use super::token::{Grant, Pair};
use auth::{Auth, Source, Status};
use log::{Log, ROOT};
use session::Session;

const MODEL: &str = "gpt-5.4";
const BASE_URL: &str = "https://chatgpt.com/backend-api/codex";

/// The version that wrote the home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// 0.13.0, the gateway.
    V013,
    /// 0.19.0, one-shot chats, whose `state.db` was left behind.
    V019,
    /// 0.19.0, the gateway, with its `state.db`: the only transcript there is.
    G019,
}

/// What came of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// An answer.
    Done,
    /// An answer after a tool whose output quotes a failure (a decoy).
    DoneWithTool,
    /// An answer to a message that quotes an error (a decoy).
    DoneToQuote,
    /// 401 at the model, the refresh that [`Hermes::refreshed`] told of, and an answer.
    DoneAfterRefresh,
    /// The refresh before the call was refused: the token had been used.
    AlreadyConsumed,
    /// 401 `token_invalidated` at the model; the refresh did not help.
    Invalidated,
    /// A tool ran on until the access token had ended: 401 `token_expired` at the next call, and the
    /// refresh is refused, since the token had been used (0.19).
    ExpiredUnderway,
    /// The store was emptied by the refusal before (0.19): no transcript tells of the turn.
    Emptied,
    /// 429 `usage_limit_reached`, with the time of the reset.
    UsageLimit(i64),
    /// The only credential rests after a 429, which 0.13 words as "not stored".
    NoCredentials,
    /// Nothing came back, and nothing says why: the transcript ends with the question.
    Unanswered,
    /// No connection, both rounds.
    Offline,
    /// 503 `server_is_overloaded`, three times.
    Overloaded,
}

/// A home that is being written.
pub struct Hermes<'s> {
    st: &'s Stage,
    version: Version,
    started: i64,
    log: Log,
    auth: Option<Auth>,
    sessions: Vec<Session>,
    snapshots: Home,
    worker: String,
}

impl<'s> Hermes<'s> {
    /// A home without a login. The gateway of 0.13 starts at `at`.
    pub fn start(st: &'s Stage, version: Version, at: i64) -> Hermes<'s> {
        let mut log = Log::default();
        if version != Version::V019 {
            script::gateway_start(st, &mut log, st.within(at));
        }
        let worker = format!("1397{}", st.cast.rng().text("0123456789", 11));
        Hermes { st, version, started: at, log, auth: None, sessions: Vec::new(), snapshots: Home::default(), worker }
    }

    /// A device-code login with `hermes model`.
    pub fn own_login(&mut self, grant: &Grant, pair: &Pair, at: i64) {
        self.auth = Some(Auth::new(self.st, Source::Own, grant, pair, at));
    }

    /// `hermes model`, and "y" to the question whether to import `~/.codex/auth.json`.
    pub fn imported_from_codex(&mut self, grant: &Grant, pair: &Pair, at: i64) {
        self.auth = Some(Auth::new(self.st, Source::Imported, grant, pair, at));
    }

    /// The refresh at `at` was refused, the pair dropped, and that of `~/.codex/auth.json` taken over (0.19).
    /// No turn fails by it, and the log has one line.
    pub fn recovered_from_codex(&mut self, grant: &Grant, pair: &Pair, at: i64) {
        let text = "Codex auth recovered from Codex CLI auth.json (codex_auth_missing_access_token).";
        self.log.info(at, "hermes_cli.auth", text);
        self.imported_from_codex(grant, pair, at);
    }

    /// `hermes auth add openai-codex`.
    pub fn added_login(&mut self, grant: &Grant, pair: &Pair, at: i64) {
        self.auth = Some(Auth::new(self.st, Source::Added, grant, pair, at));
    }

    /// Hermes refreshed in silence; the answer arrived at `at`.
    pub fn refreshed(&mut self, pair: &Pair, at: i64) {
        self.auth().refreshed(pair, at);
    }

    /// What Hermes last received never came to stand in the store: it still holds `pair`, of `at`.
    pub fn lost(&mut self, pair: &Pair, at: i64) {
        self.auth().holds_still(pair, at);
    }

    /// The gateway starts again.
    pub fn restarted(&mut self, at: i64) {
        script::gateway_start(self.st, &mut self.log, self.st.within(at));
    }

    /// The pool's rest is over and the entry is used again.
    pub fn rested(&mut self, at: i64) {
        self.auth().note(Status::Ok, at);
    }

    /// `hermes backup --quick --label <label>`: a copy of the store, and a line with both clocks.
    pub fn snapshot(&mut self, at: i64, label: &str) {
        let time = Clock::utc().print(at, "%Y%m%d-%H%M%S");
        let (id, text) = (format!("{time}-{label}"), self.auth().text());
        let config = config();
        let files = obj! { "config.yaml": config.len(), "auth.json": text.len() };
        let manifest = obj! {
            "id": &id, "timestamp": time, "label": label, "file_count": 2, "total_size": config.len() + text.len(), "files": files,
        };
        let folder = format!("{ROOT}/state-snapshots/{id}");
        self.snapshots.put(format!("{folder}/auth.json"), text, at);
        self.snapshots.put(format!("{folder}/config.yaml"), config, at);
        self.snapshots.put(format!("{folder}/manifest.json"), manifest.pretty(), at);
        self.log.info(at, "hermes_cli.backup", format!("State snapshot created: {id} (2 files)"));
    }

    /// A message arrives at `at`.
    pub fn ask(&mut self, at: i64, answer: Answer) {
        let at = self.st.within(at);
        let asked = match answer {
            Answer::DoneToQuote => "why did it say 401 token_invalidated yesterday, stop=error?".to_owned(),
            _ => self.st.say(6),
        };
        let session = self.session_at(at);
        if answer == Answer::Unanswered {
            return self.sessions[session].left_alone(self.st, at, &asked);
        }
        let mut turn = script::Script::new(self, session, at, asked);
        match answer {
            Answer::Done | Answer::DoneToQuote => turn.done(false),
            Answer::DoneWithTool => turn.done(true),
            Answer::DoneAfterRefresh => turn.done_after_refresh(),
            Answer::AlreadyConsumed => turn.already_consumed(),
            Answer::NoCredentials => turn.no_credentials(),
            Answer::Unanswered => {}
            Answer::ExpiredUnderway => turn.expired_underway(),
            Answer::Emptied => turn.emptied(),
            Answer::Invalidated => turn.invalidated(),
            Answer::UsageLimit(resets) => turn.usage_limit(resets),
            Answer::Offline => turn.offline(),
            Answer::Overloaded => turn.overloaded(),
        }
    }

    /// Put everything into `home` as a gateway leaves it that is still at work: the rows are in the
    /// write-ahead log of the database.
    pub fn finish_running(self, home: &mut Home) {
        let (database, last) = state::of(self.st, &self.sessions);
        self.finish(home);
        let (file, log) = database.logged(0);
        home.put(format!("{ROOT}/state.db"), file, last);
        home.put(format!("{ROOT}/state.db-wal"), log, last);
    }

    fn auth(&mut self) -> &mut Auth {
        self.auth.as_mut().unwrap()
    }

    /// The conversation that is open at `at`; the gateway begins a new one each day at 04:00.
    fn session_at(&mut self, at: i64) -> usize {
        let day = |ms: i64| self.st.clock.print(ms - 4 * HOUR, "%F");
        let open = self.sessions.last().is_some_and(|s| self.version != Version::V019 && day(s.born) == day(at));
        if !open {
            self.sessions.push(Session::new(self.st, at));
        }
        self.sessions.len() - 1
    }

    /// Put everything into `home`.
    pub fn finish(self, home: &mut Home) {
        self.log.finish(self.st, home);
        if self.version == Version::G019 {
            let (database, last) = state::of(self.st, &self.sessions);
            home.put(format!("{ROOT}/state.db"), database.bytes(), last);
        }
        if self.version != Version::V019 {
            let transcripts = self.version == Version::V013;
            self.sessions.into_iter().for_each(|session| session.finish(self.st, transcripts, home));
        }
        if let Some(auth) = self.auth {
            home.put(format!("{ROOT}/auth.json"), auth.text(), auth.saved());
        }
        home.put(format!("{ROOT}/config.yaml"), config(), self.started);
        home.merge(self.snapshots);
    }
}

/// `config.yaml`, without fallback models.
fn config() -> String {
    format!("model:\n  default: {MODEL}\n  provider: openai-codex\n  base_url: {BASE_URL}\n")
}

/// Seconds with one digit, as the log prints a duration.
fn seconds(ms: i64) -> String {
    format!("{}.{}", ms / SECOND, ms % SECOND / 100)
}
