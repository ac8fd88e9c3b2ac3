//! A Codex home: its store, login log, prompt history and rollouts, as Codex 0.98, 0.130 and
//! 0.169 write them on Linux. Key order and line shapes follow genuine files of these versions.
//!
//! What a failed turn leaves depends on the version: 0.98 nothing, 0.130 a `task_complete` without
//! a message (and the reason in `log/codex-tui.log`, if the terminal program ran), 0.169 the
//! reason itself. A refresh leaves the new store, and rows in the log database of a server.

mod log;
mod paginated;
mod plain;
mod rows;
mod vscode;

pub use rows::Rows;
pub use vscode::VscodeLog;

use super::clock::{Clock, SECOND, iso_ns};
use super::home::Home;
use super::json::{Json, obj};
use super::stage::Stage;
use super::token::{Account, Grant, Pair};

/// A version of Codex whose rollouts differ from those of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    /// 0.98.0: no turn events at all.
    V098,
    /// 0.130.0: turn events without a reason.
    V130,
    /// 0.169.0: paginated history, a failed turn says why.
    V169,
}

impl Era {
    fn version(self) -> &'static str {
        match self {
            Era::V098 => "0.98.0",
            Era::V130 => "0.130.0",
            Era::V169 => "0.169.0",
        }
    }

    fn model(self) -> &'static str {
        match self {
            Era::V098 => "gpt-5.2-codex",
            Era::V130 => "gpt-5.5",
            Era::V169 => "gpt-6.1-sol",
        }
    }
}

/// The front end that runs a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Front {
    /// The terminal program.
    Tui,
    /// `codex exec`.
    Exec,
    /// The extension for VS Code.
    Vscode,
}

impl Front {
    /// `originator` and `source` of the session.
    fn words(self, era: Era) -> (&'static str, &'static str) {
        match (self, era) {
            (Front::Tui, Era::V098) => ("codex_cli_rs", "cli"),
            (Front::Tui, Era::V130) => ("codex-tui", "cli"),
            // The terminal program of 0.169 is a client of a background server.
            (Front::Tui, Era::V169) => ("codex-tui", "vscode"),
            (Front::Exec, _) => ("codex_exec", "exec"),
            (Front::Vscode, _) => ("codex_vscode", "vscode"),
        }
    }
}

/// What came of a turn.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    /// An answer.
    Done,
    /// A command was run first, and its output quotes another program's failure (a decoy).
    DoneWithCommand,
    /// No answer; the sentence and class of 0.169.
    Failed(&'static str, &'static str),
    /// The user interrupted it.
    Interrupted,
}

/// What Codex says when a refresh is refused with `refresh_token_reused`.
pub const ALREADY_USED: Answer = Answer::Failed(
    "Your access token could not be refreshed because your refresh token was already used. Please log out and sign in again.",
    "unauthorized",
);
/// What Codex 0.169 says when a call is refused with 401 and its refresh fails for now.
pub const NOT_RENEWED: Answer = Answer::Failed("workspace routing discovery unauthorized (401)", "other");
/// What Codex says when a refresh is refused with `refresh_token_invalidated`.
pub const WAS_REVOKED: Answer = Answer::Failed(
    "Your access token could not be refreshed because your refresh token was revoked. Please log out and sign in again.",
    "unauthorized",
);
/// What Codex says when the plan's limit is used up.
pub const LIMIT_HIT: Answer = Answer::Failed("You\u{2019}ve hit your usage limit. Try again at 8:53 PM.", "usage_limit_exceeded");
/// What Codex says when it is overloaded (`server_is_overloaded`).
pub const AT_CAPACITY: Answer = Answer::Failed("Selected model is at capacity. Please try a different model.", "server_overloaded");
/// What Codex says when the input no longer fits.
pub const OUT_OF_ROOM: Answer = Answer::Failed(
    "Codex ran out of room in the model's context window. Start a new thread or clear earlier history before retrying.",
    "context_window_exceeded",
);

/// A turn of a thread.
struct Turn {
    at: i64,
    id: String,
    prompt: String,
    answer: Answer,
}

/// A CODEX_HOME that is being written.
pub struct CodexHome<'s> {
    st: &'s Stage,
    folder: &'static str,
    era: Era,
    home: Home,
    account: Option<Account>,
    history: Vec<(i64, String)>,
    turn_errors: Vec<(i64, String)>,
    daemon: Vec<(i64, String)>,
    /// When the oldest file was written.
    first: i64,
}

impl<'s> CodexHome<'s> {
    /// An empty home in `folder` for one version of Codex.
    pub fn new(st: &'s Stage, folder: &'static str, era: Era) -> CodexHome<'s> {
        let (home, turn_errors, daemon) = Default::default();
        CodexHome { st, folder, era, home, account: None, history: Vec::new(), turn_errors, daemon, first: i64::MAX }
    }

    fn put(&mut self, path: &str, bytes: impl Into<Vec<u8>>, modified: i64) {
        self.home.put(format!("{}/{path}", self.folder), bytes, modified);
        self.first = self.first.min(modified);
    }

    /// The store, or a copy of it under another name, written by Codex at `refreshed`.
    pub fn store(&mut self, name: &str, grant: &Grant, pair: &Pair, refreshed: i64) {
        let store = obj! {
            "auth_mode": "chatgpt",
            "OPENAI_API_KEY": Json::null(),
            "tokens": tokens(grant, pair),
            "last_refresh": iso_ns(refreshed),
        };
        self.account = Some(grant.account.clone());
        self.put(name, store.pretty(), refreshed);
    }

    /// The login is kept in the system's keyring: a setting, and no store.
    pub fn keyring(&mut self, account: &Account, at: i64) {
        self.account = Some(account.clone());
        let text =
            "model = \"gpt-6.1-sol\"\ncli_auth_credentials_store = \"keyring\"\n\n[tui]\nscreen_reader_detection_done = true\n";
        self.put("config.toml", text, at);
    }

    /// The log database.
    pub fn logs(&mut self, rows: Rows<'_>) {
        let (bytes, at) = rows.file();
        self.put("logs_2.sqlite", bytes, at);
    }

    /// `codex login`, started at `at` and completed at `done` (the time of the exchange).
    pub fn login(&mut self, at: i64, done: i64) {
        self.put("log/codex-login.log", log::login(at, done), done);
    }

    /// Several logins of one home, each as [`CodexHome::login`]: the log is appended to.
    pub fn logins(&mut self, logins: &[(i64, i64)]) {
        let text: String = logins.iter().map(|(at, done)| log::login(*at, *done)).collect();
        self.put("log/codex-login.log", text, logins.last().unwrap().1);
    }

    /// `codex login`, begun at `at` and given up in the browser. From 0.169 on that has ended the
    /// login and deleted the store already.
    pub fn login_begun(&mut self, at: i64) {
        self.put("log/codex-login.log", log::login_begun(at), at);
    }

    /// Both in one log: a login begun and given up, and a later one, begun and completed.
    pub fn login_after_one_begun(&mut self, begun: i64, (at, done): (i64, i64)) {
        self.put("log/codex-login.log", log::login_begun(begun) + &log::login(at, done), done);
    }

    /// A thread with its turns: when each was asked, and what came of it.
    pub fn thread(&mut self, front: Front, turns: &[(i64, Answer)]) {
        let st = self.st;
        let turn = |&(at, answer): &(i64, Answer)| {
            let at = st.within(at);
            Turn { at, id: st.cast.uuid7(at), prompt: st.say(6), answer }
        };
        let turns: Vec<Turn> = turns.iter().map(turn).collect();
        let born = turns[0].at - st.ms(300, 600);
        let id = st.cast.uuid7(born);
        let lines = match self.era {
            Era::V169 => paginated::thread(st, front, self.account.as_ref(), &id, born, &turns),
            era => plain::thread(st, era, front, &id, born, &turns),
        };
        if front == Front::Tui {
            turns.iter().for_each(|turn| self.note(&id, turn));
        }
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let path = st.clock.print(born, "sessions/%Y/%m/%d/rollout-%FT%H-%M-%S");
        self.put(&format!("{path}-{id}.jsonl"), text, turns[turns.len() - 1].at + 12 * SECOND);
    }

    /// The terminal program keeps what was typed, and its logs say why a turn failed.
    fn note(&mut self, thread: &str, turn: &Turn) {
        let line = obj! { "session_id": thread, "ts": turn.at / SECOND, "text": &turn.prompt };
        self.history.push((turn.at, line.line() + "\n"));
        let Answer::Failed(sentence, class) = turn.answer else { return };
        match self.era {
            Era::V130 => self.turn_errors.push((turn.at + 690, log::turn_error(thread, &turn.id, sentence))),
            Era::V169 if class == "unauthorized" => self.daemon.extend(log::refusal(turn.at + 160, sentence)),
            _ => {}
        }
    }

    /// Put everything into `home`.
    pub fn finish(mut self, home: &mut Home) {
        let history = std::mem::take(&mut self.history);
        if let Some((at, _)) = history.last() {
            self.put("history.jsonl", history.iter().map(|(_, line)| line.as_str()).collect::<String>(), *at);
        }
        let logs = [
            ("log/codex-tui.log", log::Paint::Plain, std::mem::take(&mut self.turn_errors)),
            ("app-server-daemon/daemon.stderr.log", log::Paint::Coloured, std::mem::take(&mut self.daemon)),
        ];
        for (path, paint, records) in logs {
            if let Some((at, _)) = records.last() {
                self.put(path, log::codex_log(&records, paint), *at);
            }
        }
        if self.era != Era::V098 {
            self.put("installation_id", self.st.cast.uuid(), self.first);
        }
        home.merge(self.home);
    }
}

fn tokens(grant: &Grant, pair: &Pair) -> Json {
    obj! {
        "id_token": &pair.id,
        "access_token": &pair.access,
        "refresh_token": &pair.refresh,
        "account_id": &grant.account.id,
    }
}

/// The zone name that rollouts of the terminal program carry.
fn zone_name(clock: Clock) -> &'static str {
    if clock.print(0, "%z") == "+0000" { "Etc/UTC" } else { "Europe/Berlin" }
}
