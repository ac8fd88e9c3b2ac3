//! Hermes' `state.db` (0.19.0, schema 22): the rows of its conversations, stored as they come.
//!
//! A session has its row when it begins and its billing when a call was answered; the gateway
//! puts a mark into each of its sessions. A turn that never reached the agent has no row at all.

use super::super::json::Json;
use super::super::sqlite::{Database, int, text};
use super::super::stage::Stage;
use super::session::Session;
use super::{BASE_URL, MODEL};
use rusqlite::types::Value;

const SCHEMA: &str = include_str!("state.sql");

/// The database of these sessions, and when it was last written.
pub(super) fn of(st: &Stage, sessions: &[Session]) -> (Database, i64) {
    let mut database = Database::new(SCHEMA);
    database.row("schema_version", [("version", int(22))]);
    let kept: Vec<&Session> = sessions.iter().filter(|session| !session.rows.is_empty()).collect();
    for session in &kept {
        self::session(st, session, &mut database);
    }
    let mut rows: Vec<(i64, &Session, &Json)> =
        kept.iter().flat_map(|session| session.rows.iter().map(|(at, row)| (*at, *session, row))).collect();
    rows.sort_by_key(|(at, ..)| *at);
    for (at, session, row) in &rows {
        message(session, *at, row, &mut database);
    }
    (database, rows.last().map_or(0, |(at, ..)| *at))
}

fn session(st: &Stage, session: &Session, database: &mut Database) {
    let answers = session.rows.iter().filter(|(_, row)| is(row, "role", "assistant"));
    let times: Vec<i64> = answers.map(|(at, _)| *at).collect();
    let billed = |word: &str| if times.is_empty() { Value::Null } else { text(word) };
    database.row(
        "sessions",
        [
            ("id", text(&session.id)),
            ("source", text("telegram")),
            ("user_id", text(&st.cast.chat)),
            ("model", text(MODEL)),
            ("model_config", text(r#"{"max_iterations": 90, "reasoning_config": null, "max_tokens": null}"#)),
            ("system_prompt", text("You are Hermes Agent.")),
            ("started_at", time(session.born + 12)),
            ("message_count", int(session.rows.len() as i64)),
            ("billing_provider", billed("openai-codex")),
            ("billing_base_url", billed(BASE_URL)),
            ("billing_mode", billed("subscription_included")),
            ("api_call_count", int(times.len() as i64)),
        ],
    );
    if let (Some(first), Some(last)) = (times.first(), times.last()) {
        database.row(
            "session_model_usage",
            [
                ("session_id", text(&session.id)),
                ("model", text(MODEL)),
                ("billing_provider", text("openai-codex")),
                ("billing_base_url", text(BASE_URL)),
                ("api_call_count", int(times.len() as i64)),
                ("first_seen", time(first - 30)),
                ("last_seen", time(last - 30)),
            ],
        );
    }
}

fn message(session: &Session, at: i64, row: &Json, database: &mut Database) {
    let of = |key: &str| match member(row, key) {
        Some(Json::Text(value)) => text(value),
        Some(list @ Json::List(_)) => text(list.python()),
        _ => Value::Null,
    };
    database.row(
        "messages",
        [
            ("session_id", text(&session.id)),
            ("role", of("role")),
            ("content", of("content")),
            ("tool_call_id", of("tool_call_id")),
            ("tool_calls", of("tool_calls")),
            ("tool_name", of("name")),
            ("timestamp", time(at)),
            ("finish_reason", of("finish_reason")),
            ("codex_message_items", of("codex_message_items")),
        ],
    );
}

fn member<'j>(row: &'j Json, key: &str) -> Option<&'j Json> {
    let Json::Object(members) = row else { return None };
    members.iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

fn is(row: &Json, key: &str, word: &str) -> bool {
    matches!(member(row, key), Some(Json::Text(value)) if value == word)
}

/// Seconds, as Python keeps a time.
fn time(ms: i64) -> Value {
    Value::Real(ms as f64 / 1000.0)
}
