//! `state/openclaw.sqlite`: what all agents of a home share.
//!
//! The shared credentials stand in rows of `config_machine_state` (state schema 13 on, 2026.8 or
//! later), before that in `auth_profile_stores`. Runs through the gateway leave a row in
//! `task_runs` and two in `audit_events`, also where no transcript knows of them; a failed run of
//! a scheduled job leaves one in `cron_run_receipts`, in 2026.6 and 2026.7 in `cron_run_logs`.
//! `diagnostic_events` took over the lines of `logs/config-audit.jsonl`.

use super::auth_state::Beside;
use super::config_audit::Audit;
use super::credential::Place;
use super::runs_table::{self, Ran, version};
use super::{auth_profiles, cron_runs, sniff};
use crate::event::{EventKind, SourceKind, Taken};
use crate::reader::database::{Column, Database, DatabaseReader, Reach, Row, Schema, Table};
use crate::reader::{Context, Facts, Outcome, Reader, Sniff};
use crate::secret::Kind;
use crate::time::Stamp;

pub(super) const DATABASE: Database = Database {
    kind: SourceKind::OpenclawStateDb,
    sniff: is_state,
    tables: &[
        runs_table::SCHEMA_META_OF_STATE,
        Table { kind: SourceKind::OpenclawAuthProfiles, name: "config_machine_state", columns: MACHINE, order: &[] },
        Table { kind: SourceKind::OpenclawAuthProfiles, name: "auth_profile_stores", columns: runs_table::STORE, order: &[] },
        Table { kind: SourceKind::OpenclawAuthState, name: "auth_profile_state", columns: runs_table::STATE, order: &[] },
        Table { kind: SourceKind::OpenclawConfigAudit, name: "diagnostic_events", columns: DIAGNOSTIC, order: &[] },
        Table { kind: SourceKind::OpenclawStateDb, name: "gateway_boot_lifecycle", columns: BOOTS, order: &[] },
        Table { kind: SourceKind::OpenclawStateDb, name: "task_runs", columns: TASKS, order: &[] },
        Table { kind: SourceKind::OpenclawStateDb, name: "audit_events", columns: AUDIT, order: &[] },
        Table { kind: SourceKind::OpenclawCronRuns, name: "cron_run_receipts", columns: RECEIPTS, order: &[] },
        Table { kind: SourceKind::OpenclawCronRuns, name: "cron_run_logs", columns: CRON, order: &[] },
    ],
    open,
    tails: &["state/*"],
};

const MACHINE: &[Column] = &[Column::needed(&["state_key"]), Column::document(&["value_json"]), Column::short(&["updated_at_ms"])];
const DIAGNOSTIC: &[Column] = &[Column::needed(&["scope"]), Column::document(&["payload_json"])];
const BOOTS: &[Column] = &[Column::needed(&["started_at_ms"])];
const TASKS: &[Column] = &[
    Column::needed(&["status"]),
    Column::needed(&["run_id"]),
    Column::short(&["runtime"]),
    Column::short(&["started_at"]),
    Column::short(&["ended_at"]),
    Column::long(&["error"]),
];
const AUDIT: &[Column] = &[
    Column::needed(&["action"]),
    Column::needed(&["status"]),
    Column::short(&["occurred_at"]),
    Column::short(&["session_id"]),
    Column::short(&["run_id"]),
];
const RECEIPTS: &[Column] = &[
    Column::needed(&["status"]),
    Column::short(&["started_at_ms"]),
    Column::short(&["finished_at_ms"]),
    Column::long(&["error_text"]),
];
const CRON: &[Column] = &[Column::document(&["entry_json"])];

/// Kinds of task that are a run of an agent.
const AGENT_RUNTIMES: &[&str] = &["cli", "cron", "subagent"];

fn is_state(schema: &Schema) -> Sniff {
    let machine = schema.has("config_machine_state", &["state_key", "value_json"]);
    let shared = schema.has("auth_profile_stores", &["store_json"]) || schema.has("agent_databases", &["agent_id", "path"]);
    if machine || shared { Sniff::Yes } else { Sniff::No }
}

fn open(context: &Context<'_>) -> Box<dyn DatabaseReader> {
    let copy = sniff::is_copy_of(context.name, "openclaw.sqlite");
    let taken = if copy { Taken::Copy } else { Taken::Current };
    Box::new(State { taken, audit: Audit::default(), auth: Beside::default() })
}

struct State {
    taken: Taken,
    audit: Audit,
    auth: Beside,
}

impl DatabaseReader for State {
    fn row(&mut self, table: &'static Table, row: &Row<'_>, facts: &mut Facts<'_>) -> Outcome {
        match table.name {
            "schema_meta" => return version(row, facts),
            "config_machine_state" => return self.machine(row, facts),
            "auth_profile_stores" => return self.store(row, "store_json", "updated_at", facts),
            "auth_profile_state" => return self.state(row, "state_json", facts),
            "diagnostic_events" if row.text("scope") == Some("config-audit") => {
                return self.audit.line(&row.line(row.bytes_of("payload_json").unwrap_or_default()), facts);
            }
            "gateway_boot_lifecycle" => {
                let at = time(row, "started_at_ms");
                facts.push(at, facts.origin(&row.place()), EventKind::Started { version: None });
            }
            "task_runs" => task(row, facts),
            "audit_events" => audited(row, facts),
            "cron_run_receipts" => receipt(row, facts),
            "cron_run_logs" => return cron_runs::entry(&row.line(row.bytes_of("entry_json").unwrap_or_default()), facts),
            _ => {}
        }
        Outcome::Used
    }

    fn end(&mut self, _: &'static Table, _: Reach, facts: &mut Facts<'_>) {
        self.auth.end(facts);
    }
}

impl State {
    /// One value of a table that holds many; two of them are credentials.
    fn machine(&mut self, row: &Row<'_>, facts: &mut Facts<'_>) -> Outcome {
        match row.text("state_key") {
            Some("authProfiles.store") => self.store(row, "value_json", "updated_at_ms", facts),
            Some("authProfiles.state") => self.state(row, "value_json", facts),
            _ => Outcome::Used,
        }
    }

    /// A row is written with its credentials only, so its time is theirs.
    fn store(&mut self, row: &Row<'_>, value: &str, written: &str, facts: &mut Facts<'_>) -> Outcome {
        let (origin, written_at) = (facts.origin(&row.place()), time(row, written));
        let place = Place { origin, taken: self.taken, agent: None, written_at, own_time: true };
        let Some(text) = row.lossy(value) else { return Outcome::Used };
        self.auth.store(&text, facts);
        auth_profiles::store(&text, place, facts)
    }

    fn state(&mut self, row: &Row<'_>, value: &str, facts: &Facts<'_>) -> Outcome {
        let origin = facts.origin(&row.place());
        row.lossy(value).map_or(Outcome::Used, |text| self.auth.state(&text, origin, facts))
    }
}

fn time(row: &Row<'_>, column: &str) -> Option<Stamp> {
    row.integer(column).and_then(|ms| Stamp::epoch(ms as f64))
}

/// A task that is a run of an agent: its error is what the caller was told.
fn task(row: &Row<'_>, facts: &mut Facts<'_>) {
    let is_agent = row.text("runtime").is_none_or(|word| AGENT_RUNTIMES.contains(&word));
    if row.text("status") == Some("failed") && is_agent {
        let ran = Ran {
            ended_at: time(row, "ended_at"),
            started_at: time(row, "started_at"),
            run: row.text("run_id"),
            error: row.text("error"),
            ..Ran::default()
        };
        ran.failed(row, facts);
    }
}

fn audited(row: &Row<'_>, facts: &mut Facts<'_>) {
    if (row.text("action"), row.text("status")) == (Some("agent.run.finished"), Some("failed")) {
        let session = row.text("session_id").map(|id| facts.key(Kind::Session, id));
        let ran = Ran { ended_at: time(row, "occurred_at"), session, run: row.text("run_id"), ..Ran::default() };
        ran.failed(row, facts);
    }
}

/// Its own request id is not the run's (2026.9.6, by schema only), so it names no run.
fn receipt(row: &Row<'_>, facts: &mut Facts<'_>) {
    if row.text("status") == Some("error") {
        let (started_at, ended_at) = (time(row, "started_at_ms"), time(row, "finished_at_ms"));
        Ran { ended_at, started_at, error: row.text("error_text"), ..Ran::default() }.failed(row, facts);
    }
}
