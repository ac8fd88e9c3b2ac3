//! Databases with rows by the million: the log that Codex keeps of its own work, most of it of no interest to anybody, and
//! the conversations of Hermes.

use super::pool::Pool;
use super::rng::Rng;
use super::{Asked, FIRST_MS, Truth, uuid};
use rusqlite::{Connection, params};
use std::fs;
use std::path::Path;

const LOGS: &str = "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
    installed_on TIMESTAMP NOT NULL, success BOOLEAN NOT NULL, checksum BLOB NOT NULL, execution_time BIGINT NOT NULL); \
    CREATE TABLE logs (id INTEGER PRIMARY KEY AUTOINCREMENT, ts INTEGER NOT NULL, ts_nanos INTEGER NOT NULL, \
    level TEXT NOT NULL, target TEXT NOT NULL, feedback_log_body TEXT, module_path TEXT, file TEXT, line INTEGER, \
    thread_id TEXT, process_uuid TEXT, estimated_bytes INTEGER NOT NULL DEFAULT 0);";

/// Targets and levels of rows, and how often they come.
const TARGETS: [(u64, &str, &str); 6] = [
    (60, "codex_api::sse::responses", "TRACE"),
    (20, "hyper_util::client::legacy::pool", "TRACE"),
    (10, "codex_core::stream_events_utils", "INFO"),
    (6, "codex_http_client::client", "DEBUG"),
    (3, "codex_app_server::message_processor", "INFO"),
    (1, "codex_login::auth::manager", "INFO"),
];

/// Open a new database, with settings under which a million rows take seconds.
fn open(path: &Path, schema: &str) -> Connection {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let _ = fs::remove_file(path);
    let connection = Connection::open(path).unwrap();
    connection.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA page_size = 4096;").unwrap();
    connection.execute_batch(schema).unwrap();
    connection.execute_batch("BEGIN").unwrap();
    connection
}

/// Close it; what it holds goes into `truth`.
fn close(connection: Connection, path: &Path, truth: &mut Truth) {
    connection.execute_batch("COMMIT").unwrap();
    drop(connection);
    truth.files += 1;
    truth.bytes += fs::metadata(path).unwrap().len();
}

/// `logs_2.sqlite`: 20,000 rows of each process, some 300 bytes long. One in 10,000 tells of a turn that failed.
pub(super) fn codex(folder: &Path, asked: &Asked) -> Truth {
    let (rng, mut ms, mut truth) = (Rng::new(asked.seed), FIRST_MS, Truth::default());
    let (pool, path) = (Pool::new(&rng), folder.join("logs_2.sqlite"));
    let connection = open(&path, LOGS);
    let mut insert = connection
        .prepare(
            "INSERT INTO logs (ts, ts_nanos, level, target, feedback_log_body, thread_id, process_uuid, estimated_bytes) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .unwrap();
    let (mut process, mut thread) = (String::new(), String::new());
    for row in 0..asked.rows {
        if row % 20_000 == 0 {
            process = format!("pid:{}:{}", 10_000 + rng.below(20_000), uuid(&rng));
        }
        if row % 500 == 0 {
            thread = uuid(&rng);
        }
        ms += 1 + rng.below(200);
        let (_, mut target, mut level) = *super::weighed(&rng, &TARGETS, |target| target.0);
        let body = if rng.below(10_000) == 0 {
            (target, level) = ("codex_core::session::turn", "INFO");
            truth.failed += 1;
            let turn = uuid(&rng);
            format!(
                "session_loop{{thread_id={thread}}}:turn{{otel.name=\"session_task.turn\" thread.id={thread} turn.id={turn} model=gpt-5.5}}: Turn error: stream disconnected before completion: error sending request"
            )
        } else {
            format!("session_loop{{thread_id={thread}}}: {}", pool.slice(&rng, 60 + rng.below(400) as usize))
        };
        let (seconds, nanos) = ((ms / 1000) as i64, (ms % 1000 * 1_000_000) as i64);
        insert.execute(params![seconds, nanos, level, target, body, thread, process, body.len() as i64 + 80]).unwrap();
        truth.rows += 1;
    }
    drop(insert);
    close(connection, &path, &mut truth);
    truth
}

/// `state.db` (schema 22): sessions of 100 messages, question, call, result and answer in turn; one answer in fifty is
/// an error that the client stored.
pub(super) fn hermes(folder: &Path, asked: &Asked) -> Truth {
    let (rng, mut ms, mut truth) = (Rng::new(asked.seed), FIRST_MS, Truth::default());
    let (pool, path) = (Pool::new(&rng), folder.join("state.db"));
    let connection = open(&path, include_str!("../../tests/it/make/hermes/state.sql"));
    connection.execute("INSERT INTO schema_version VALUES (22)", []).unwrap();
    truth.rows += 1;
    let mut session = connection
        .prepare(
            "INSERT INTO sessions (id, source, model, started_at, message_count, billing_provider, billing_base_url, api_call_count) \
             VALUES (?, 'telegram', 'gpt-5.4', ?, 100, 'openai-codex', 'https://chatgpt.com/backend-api/codex', 50)",
        )
        .unwrap();
    let mut message = connection
        .prepare(
            "INSERT INTO messages (session_id, role, content, tool_calls, tool_name, timestamp, finish_reason) \
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .unwrap();
    let mut id = String::new();
    for row in 0..asked.rows {
        ms += 500 + rng.below(20_000);
        if row % 100 == 0 {
            let time = super::python(ms)[..19].replace(['-', ':'], "").replace(' ', "_");
            id = format!("{time}_{:08x}", rng.below(1 << 32));
            session.execute(params![id, ms as f64 / 1000.0]).unwrap();
            truth.rows += 1;
        }
        let text = |bytes: usize| pool.slice(&rng, bytes).to_owned();
        let none: Option<&str> = None;
        let (role, content, calls, tool, reason) = match row % 4 {
            0 => ("user", text(80), none, none, none),
            1 => (
                "assistant",
                String::new(),
                Some(r#"[{"id": "call_1", "type": "function", "function": {"name": "terminal"}}]"#),
                none,
                Some("tool_calls"),
            ),
            2 => ("tool", text(100 + rng.below(1_600) as usize), none, Some("terminal"), none),
            _ => ("assistant", text(60 + rng.below(600) as usize), none, none, Some("stop")),
        };
        message.execute(params![id, role, content, calls, tool, ms as f64 / 1000.0, reason]).unwrap();
        truth.rows += 1;
        truth.turns += u64::from(row % 4 == 3);
    }
    drop((session, message));
    close(connection, &path, &mut truth);
    truth
}
