//! `state.db`: the sessions of a home and their messages, the only transcript since 0.15 and a
//! second one before (schema 6 to 30; columns are only ever added).
//!
//! Sessions are read first, then what each of them used of which model (since 0.19: the only sign
//! of calls beside turns, such as titles), then the messages in the order in which they were
//! stored, sessions intermingled. Copies in `state-snapshots/` and in backups hold the same rows.
//! Only calls of the conversation itself say that it worked: a title is written for a turn that
//! failed, too, by a call that finds its provider and its credential on its own.

use super::clocks::{Clocks, digits_time};
use super::rows::{Columns, LONGEST_TEXT, Odd, SESSION, Session, Values, micros};
use super::talk::{Talk, Talks, Told};
use super::words::{provider, provider_at};
use crate::event::{EventKind, Provider, SkipReason, SourceKind};
use crate::reader::database::{Column, Database, DatabaseReader, Reach, Row, Schema, Table};
use crate::reader::{Facts, Outcome, Sniff};
use crate::secret::{Key, Kind};
use crate::time::Stamp;
use std::collections::HashMap;

/// The row of the table.
pub(super) const DATABASE: Database = Database {
    kind: SourceKind::HermesStateDb,
    sniff,
    tables: TABLES,
    open: |_| Box::new(StateDb::default()),
    tails: &["state-snapshots/*/*", "backups/*/*"],
};

fn sniff(schema: &Schema) -> Sniff {
    let sessions = schema.has("sessions", &["id", "source", "started_at"]);
    let messages = schema.has("messages", &["session_id", "role", "content", "timestamp"]);
    if sessions && messages { Sniff::Yes } else { Sniff::No }
}

const KIND: SourceKind = SourceKind::HermesStateDb;

/// Longest value of a session's small columns; `model_config` has been seen with whole schemas.
const CONFIG: Column = Column { names: &["model_config"], needed: false, limit: 1 << 20, document: false };
const CONTENT: Column = Column { names: &["content"], needed: false, limit: LONGEST_TEXT, document: false };

static TABLES: &[Table] = &[
    Table { kind: KIND, name: "schema_version", columns: &[Column::needed(&["version"])], order: &[] },
    Table {
        kind: KIND,
        name: "sessions",
        columns: &[
            Column::needed(&[SESSION[0]]),
            Column::short(&[SESSION[1]]),
            CONFIG,
            Column::short(&[SESSION[3]]),
            Column::short(&[SESSION[4]]),
            Column::short(&[SESSION[5]]),
            Column::short(&[SESSION[6]]),
            Column::short(&[SESSION[7]]),
            Column::short(&[SESSION[8]]),
        ],
        order: &[],
    },
    Table {
        kind: KIND,
        name: "session_model_usage",
        columns: &[
            Column::needed(&["session_id"]),
            Column::short(&["billing_provider"]),
            Column::short(&["billing_base_url"]),
            Column::short(&["task"]),
            Column::short(&["api_call_count"]),
            Column::short(&["first_seen"]),
            Column::short(&["last_seen"]),
        ],
        order: &[],
    },
    Table {
        kind: KIND,
        name: "gateway_heartbeats",
        columns: &[Column::needed(&["started_at"]), Column::short(&["last_heartbeat"])],
        order: &[],
    },
    Table {
        kind: KIND,
        name: "messages",
        columns: &[
            Column::needed(&["session_id"]),
            Column::needed(&["role"]),
            CONTENT,
            Column::needed(&["timestamp"]),
            Column::short(&["finish_reason"]),
            Column::short(&["observed"]),
            Column::short(&["active"]),
            Column::short(&["compacted"]),
            Column::short(&["display_kind"]),
            Column::short(&["_compressed_summary"]),
        ],
        order: &[],
    },
];

/// Newest schema that stores a turn when it is over (0.13.0; 0.19.0 has 22).
const WHOLE_TURNS: i64 = 11;
/// Most sessions that are followed.
const MOST_SESSIONS: usize = 1 << 20;

#[derive(Default)]
struct StateDb {
    sessions: HashMap<Key, (Session, Talk)>,
    talks: Talks,
    clocks: Clocks,
    /// Turns that are complete.
    told: Vec<Told>,
}

/// The local time in the id of a gateway session, `20260510_081410_ab12cd34`: taken when its row
/// was stored. The command line has six digits behind the time and takes it when it starts.
fn gateway_time(id: &str) -> Option<Stamp> {
    let (time, tail) = id.split_at_checked(15)?;
    let tail = tail.strip_prefix('_')?;
    let of_gateway = tail.len() == 8 && tail.bytes().all(|b| b.is_ascii_hexdigit());
    digits_time(time, b'_').filter(|_| of_gateway)
}

impl DatabaseReader for StateDb {
    fn row(&mut self, table: &'static Table, row: &Row<'_>, facts: &mut Facts<'_>) -> Outcome {
        match table.name {
            "schema_version" => {
                if let Some(version) = row.integer("version") {
                    self.talks.write_whole_turns(version <= WHOLE_TURNS);
                }
                Outcome::Used
            }
            "sessions" => self.session(row, facts),
            "session_model_usage" => self.usage(row, facts),
            "gateway_heartbeats" => self.gateway(row, facts),
            _ => self.message(row, facts),
        }
    }

    fn end(&mut self, table: &'static Table, reach: Reach, facts: &mut Facts<'_>) {
        if table.name != "messages" {
            return;
        }
        let mut told = std::mem::take(&mut self.told);
        for (session, mut talk) in self.sessions.drain().map(|(_, session)| session) {
            told.extend(self.talks.finish(&session, &mut talk, reach));
        }
        // In the order in which rows settled them, so that a table that is cut tells the same first.
        told.sort_by_key(|told| (told.settled, told.origin));
        told.into_iter().for_each(|told| told.state(facts));
    }
}

impl StateDb {
    fn session(&mut self, row: &Row<'_>, facts: &mut Facts<'_>) -> Outcome {
        let Some(session) = Session::of(row, facts) else { return Outcome::Unknown };
        [session.started_us, session.ended_us].into_iter().flatten().for_each(|us| self.talks.note(us));
        let id = Columns::text(row, "id").unwrap_or_default();
        if let (Some(local), Some(us)) = (gateway_time(&id), session.started_us) {
            self.clocks.row(local, Stamp::utc(us / 1000), facts.origin(&row.place()), facts);
        }
        if self.sessions.len() >= MOST_SESSIONS {
            return Outcome::Skipped(SkipReason::SqliteBudget);
        }
        self.sessions.insert(session.key, (session, Talk::default()));
        Outcome::Used
    }

    /// What a session used of a model: first and last answer. The task is empty for the calls of
    /// its turns (0.19.0), and names what else made a call (`title_generation`).
    fn usage(&mut self, row: &Row<'_>, facts: &mut Facts<'_>) -> Outcome {
        let named = row.text("billing_provider").map_or(Provider::Unknown, provider);
        let provider = if named == Provider::Unknown { row.text("billing_base_url").map_or(named, provider_at) } else { named };
        let session = Columns::text(row, "session_id").map(|id| facts.key(Kind::Session, &id));
        let of_turns = row.text("task").is_none_or(|task| matches!(task.trim(), "" | "main"));
        let called = of_turns && row.integer("api_call_count").is_none_or(|calls| calls > 0);
        let mut last = None;
        for column in ["first_seen", "last_seen"] {
            let at = row.real(column).and_then(Stamp::epoch);
            micros(row, column).into_iter().for_each(|us| self.talks.note(us));
            if provider == Provider::OpenaiCodex && called && at.is_some() && at != last {
                facts.worked(at, facts.origin(&row.place()), session);
            }
            last = at;
        }
        Outcome::Used
    }

    /// A gateway that uses this store (September 2026).
    fn gateway(&mut self, row: &Row<'_>, facts: &mut Facts<'_>) -> Outcome {
        micros(row, "last_heartbeat").into_iter().for_each(|us| self.talks.note(us));
        match row.real("started_at").and_then(Stamp::epoch) {
            Some(at) => facts.push(Some(at), facts.origin(&row.place()), EventKind::Started { version: None }),
            None => return Outcome::Skipped(SkipReason::TimeUnknown),
        }
        Outcome::Used
    }

    fn message(&mut self, row: &Row<'_>, facts: &mut Facts<'_>) -> Outcome {
        let values = Values::of(row);
        let message = match values.message(facts.origin(&row.place())) {
            Ok(message) => message,
            Err(Odd::Role) => return Outcome::Unknown,
            Err(Odd::Time) => return Outcome::Skipped(SkipReason::TimeUnknown),
        };
        let id = Columns::text(row, "session_id").unwrap_or_default();
        let key = facts.key(Kind::Session, &id);
        if self.sessions.len() >= MOST_SESSIONS && !self.sessions.contains_key(&key) {
            return Outcome::Skipped(SkipReason::SqliteBudget);
        }
        let (session, talk) = self.sessions.entry(key).or_insert_with(|| (Session::unknown(&id, facts), Talk::default()));
        self.told.extend(self.talks.message(session, talk, &message, facts));
        Outcome::Used
    }
}
