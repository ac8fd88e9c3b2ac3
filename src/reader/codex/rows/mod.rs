//! The databases of Codex: `logs_<n>.sqlite`, whose rows are tracing records, and
//! `state_<n>.sqlite`, which lists the threads (early builds kept the log there as well).
//!
//! Both are told by their tables, never by the number in their names. The others that stand beside
//! them (goals, memories, queued turns, an index of the rollouts) hold no evidence.

mod log;
mod partitions;
mod threads;

use crate::event::SourceKind;
use crate::reader::database::{Column, Database, DatabaseReader, Reach, Row, Schema, Table};
use crate::reader::{Context, Facts, Outcome, Sniff};

/// The databases, in the order in which they are asked.
pub(in super::super) static DATABASES: &[Database] = &[
    Database { kind: SourceKind::CodexStateDb, sniff: sniff_state, tables: &[THREADS, LOGS], open, tails: &["sqlite/*"] },
    Database { kind: SourceKind::CodexLogsDb, sniff: sniff_logs, tables: &[LOGS], open, tails: &["sqlite/*"] },
    Database { kind: SourceKind::CodexOther, sniff: sniff_other, tables: &[], open, tails: &["sqlite/*"] },
];

/// One row per tracing record. `message` up to early 2026, which began with stamp and level.
const LOGS: Table = Table {
    kind: SourceKind::CodexLogsDb,
    name: "logs",
    columns: &[
        Column::needed(&["ts"]),
        Column::short(&["ts_nanos"]),
        Column::needed(&["level"]),
        Column::needed(&["target"]),
        Column::document(&["feedback_log_body", "message"]),
        Column::short(&["thread_id"]),
        Column::short(&["process_uuid"]),
        Column::short(&["estimated_bytes"]),
    ],
    order: &[],
};

/// One row per thread. `originator` and `creator_account_id` from about 0.155 on; the times in
/// milliseconds from 0.130 on.
const THREADS: Table = Table {
    kind: SourceKind::CodexStateDb,
    name: "threads",
    columns: &[
        Column::needed(&["id"]),
        Column::short(&["created_at_ms"]),
        Column::needed(&["created_at"]),
        Column::short(&["updated_at_ms"]),
        Column::short(&["updated_at"]),
        Column::short(&["cli_version"]),
        Column::short(&["originator"]),
        Column::short(&["creator_account_id"]),
    ],
    order: &[],
};

fn sniff_state(schema: &Schema) -> Sniff {
    yes(schema.has("threads", &["id", "rollout_path", "created_at", "source"]))
}

/// A log of another program may have a time, a level and a target, too.
fn sniff_logs(schema: &Schema) -> Sniff {
    let own = ["feedback_log_body", "process_uuid", "thread_id", "module_path"];
    yes(own.iter().any(|column| schema.has("logs", &["ts", "level", "target", column])))
}

/// Goals, memories, queued turns, thread history, review stories: each by the table of its first
/// migration.
fn sniff_other(schema: &Schema) -> Sniff {
    let tables: [(&str, &[&str]); 5] = [
        ("thread_goals", &["thread_id", "objective"]),
        ("stage1_outputs", &["thread_id", "raw_memory"]),
        ("thread_queued_turns", &["queued_turn_id", "thread_id"]),
        ("thread_history_projection_state", &["thread_id", "next_rollout_ordinal"]),
        ("review_stories", &[]),
    ];
    yes(schema.has("_sqlx_migrations", &["checksum"]) && tables.iter().any(|(table, columns)| schema.has(table, columns)))
}

fn yes(is: bool) -> Sniff {
    if is { Sniff::Yes } else { Sniff::No }
}

fn open(_: &Context<'_>) -> Box<dyn DatabaseReader> {
    Box::new(Rows::default())
}

/// Reads one database.
#[derive(Default)]
struct Rows {
    log: log::Log,
}

impl DatabaseReader for Rows {
    fn row(&mut self, table: &'static Table, row: &Row<'_>, facts: &mut Facts<'_>) -> Outcome {
        if table.kind == SourceKind::CodexLogsDb { self.log.row(row, facts) } else { threads::row(row, facts) }
    }

    fn end(&mut self, table: &'static Table, _: Reach, facts: &mut Facts<'_>) {
        if table.kind == SourceKind::CodexLogsDb {
            self.log.end(facts);
        }
    }
}
