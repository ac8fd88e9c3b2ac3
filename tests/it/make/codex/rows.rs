//! `logs_2.sqlite` as Codex 0.169 keeps it: one row per tracing record, and of each process no more
//! than the newest thousand outside any thread.

use super::super::sqlite::Database;
use super::super::stage::Stage;
use super::super::token::Account;
use super::Front;
use rusqlite::types::Value;

/// Rows that Codex keeps of a process.
const KEPT: usize = 1_000;

/// A row.
struct Row {
    at: i64,
    process: String,
    target: &'static str,
    level: &'static str,
    body: String,
}

/// The log of one background server, or of several.
pub struct Rows<'s> {
    st: &'s Stage,
    process: String,
    request: &'static str,
    rows: Vec<Row>,
}

impl<'s> Rows<'s> {
    /// The server of a front end, from its first row on.
    pub fn of(st: &'s Stage, front: Front, start: i64) -> Rows<'s> {
        let mut rows = Rows { st, process: String::new(), request: "", rows: Vec::new() };
        rows.begun(front, start);
        rows
    }

    /// The server of a front end begins; the rows that follow are its own.
    pub fn begun(&mut self, front: Front, start: i64) {
        self.process = format!("pid:{}:{}", self.st.cast.rng().span(10_000, 30_000), self.st.cast.uuid());
        self.request = match front {
            Front::Vscode => "app_server.client_name=\"codex_vscode\" app_server.client_version=\"0.5.80\"",
            _ => "app_server.client_name=\"codex-tui\" app_server.client_version=\"0.169.0\"",
        };
        self.note(start, "codex_app_server::message_processor", "<- initialize");
    }

    fn push(&mut self, at: i64, level: &'static str, target: &'static str, body: String) {
        let process = self.process.clone();
        self.rows.push(Row { at, process, target, level, body });
    }

    fn note(&mut self, at: i64, target: &'static str, message: &str) {
        let body = format!("app_server.request{{rpc.method=\"account/read\" rpc.request_id=7 {}}}: {message}", self.request);
        self.push(at, "INFO", target, body);
    }

    /// It is at work: a row every so often that says nothing of the login.
    pub fn beats(&mut self, from: i64, to: i64, every: i64) {
        let mut at = from;
        while at < to {
            self.push(at + self.st.ms(0, 900), "DEBUG", "codex_http_client::client", "tick".to_owned());
            at += every;
        }
    }

    /// A refresh that the server granted, as 0.169 logs it.
    pub fn refreshed(&mut self, at: i64, account: &Account) {
        const TARGET: &str = "codex_login::auth::manager";
        self.note(at - 3, TARGET, &format!("Reloading auth for account {}", account.id));
        self.note(at - 2, TARGET, "Reloaded auth, changed: false auth_changed_for_refresh=false");
        self.note(at, TARGET, "Refreshing token");
        self.note(at + 612, TARGET, "Reloading auth");
        self.note(at + 613, TARGET, "Reloaded auth, changed: false auth_changed_for_refresh=true");
    }

    /// A refresh that the server refused: the token had been used.
    pub fn refused(&mut self, at: i64) {
        const TARGET: &str = "codex_login::auth::manager";
        self.note(at - 380, TARGET, "Refreshing token");
        let words = "Failed to refresh token: Your access token could not be refreshed because your refresh token was already used. \
                     Please log out and sign in again.";
        self.push(at, "ERROR", TARGET, words.to_owned());
    }

    /// A refresh that the server granted, and whose result could not be written.
    pub fn not_stored(&mut self, at: i64, fault: &str) {
        const TARGET: &str = "codex_login::auth::manager";
        self.note(at - 640, TARGET, "Refreshing token");
        self.push(at, "ERROR", TARGET, format!("Failed to refresh token: {fault}"));
    }

    /// A refresh that was answered with this status and no word about the token.
    pub fn failed(&mut self, at: i64, status: &str) {
        const TARGET: &str = "codex_login::auth::manager";
        self.note(at - 640, TARGET, "Refreshing token");
        self.push(at, "ERROR", TARGET, format!("Failed to refresh token status={status}"));
    }

    /// A refresh that the process had begun when it ended.
    pub fn breaks_off(&mut self, at: i64) {
        self.note(at, "codex_login::auth::manager", "Refreshing token");
    }

    /// The database, and when it was last written.
    pub(super) fn file(mut self) -> (Vec<u8>, i64) {
        self.rows.sort_by_key(|row| row.at);
        let first = self.rows.len().saturating_sub(KEPT);
        let mut database = Database::new(SCHEMA);
        for (number, row) in self.rows.iter().enumerate().skip(first) {
            let text = |text: &str| Value::Text(text.to_owned());
            database.row(
                "logs",
                [
                    ("id", Value::Integer(number as i64 + 1)),
                    ("ts", Value::Integer(row.at.div_euclid(1000))),
                    ("ts_nanos", Value::Integer(row.at.rem_euclid(1000) * 1_000_000)),
                    ("level", text(row.level)),
                    ("target", text(row.target)),
                    ("feedback_log_body", text(&row.body)),
                    ("process_uuid", text(&row.process)),
                    ("estimated_bytes", Value::Integer(row.body.len() as i64 + 80)),
                ],
            );
        }
        (database.bytes(), self.rows[self.rows.len() - 1].at)
    }
}

const SCHEMA: &str = "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
    installed_on TIMESTAMP NOT NULL, success BOOLEAN NOT NULL, checksum BLOB NOT NULL, execution_time BIGINT NOT NULL); \
    CREATE TABLE logs (id INTEGER PRIMARY KEY AUTOINCREMENT, ts INTEGER NOT NULL, ts_nanos INTEGER NOT NULL, \
    level TEXT NOT NULL, target TEXT NOT NULL, feedback_log_body TEXT, module_path TEXT, file TEXT, line INTEGER, \
    thread_id TEXT, process_uuid TEXT, estimated_bytes INTEGER NOT NULL DEFAULT 0);";
