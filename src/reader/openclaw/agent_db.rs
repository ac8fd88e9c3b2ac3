//! `agents/<id>/agent/openclaw-agent.sqlite`: an agent's credentials (2026.5.30 on) and its
//! sessions (2026.8 on).
//!
//! Its values are the texts that files held before: a row of `transcript_events` is one line of a
//! transcript, word for word, and the stores have the shape of `auth-profiles.json`. So each table
//! goes to the reader of that format, and a transcript that is also on disk gives equal turns.

use super::auth_state::Beside;
use super::credential::{self, Place};
use super::runs_table::{self, Ran};
use super::session::Session;
use super::trajectory::Trajectory;
use super::{auth_profiles, runs_table::version, session_index, sniff};
use crate::event::{SkipReason, SourceKind, Taken};
use crate::reader::database::{Column, Database, DatabaseReader, Reach, Row, Schema, Table};
use crate::reader::{Context, Facts, Outcome, Reader, Sniff};
use crate::secret::Kind;
use crate::source::{LINE_LIMIT, Line, Name, Row as Piece, Stream};
use crate::time::Stamp;

/// Longest event of a transcript once it is unpacked; the client itself allows 4 MiB.
const EVENT: u64 = 64 << 20;
/// Longest archived transcript once it is unpacked.
const ARCHIVE: u64 = 4 << 30;

pub(super) const DATABASE: Database = Database {
    kind: SourceKind::OpenclawAgentDb,
    sniff: is_agent,
    tables: &[
        runs_table::SCHEMA_META_OF_AGENT,
        Table { kind: SourceKind::OpenclawAuthProfiles, name: "auth_profile_store", columns: runs_table::STORE, order: &[] },
        Table { kind: SourceKind::OpenclawAuthState, name: "auth_profile_state", columns: runs_table::STATE, order: &[] },
        Table { kind: SourceKind::OpenclawSessionIndex, name: "session_nodes", columns: NODES, order: &[] },
        Table { kind: SourceKind::OpenclawSession, name: "transcript_events", columns: EVENTS, order: &["session_id", "seq"] },
        Table { kind: SourceKind::OpenclawSession, name: "session_transcript_archives", columns: ARCHIVES, order: &[] },
        Table { kind: SourceKind::OpenclawSession, name: "session_transcript_cold_archives", columns: ARCHIVES, order: &[] },
        Table {
            kind: SourceKind::OpenclawTrajectory,
            name: "trajectory_runtime_events",
            columns: TRAJECTORY,
            order: &["session_id", "seq"],
        },
        Table { kind: SourceKind::OpenclawAgentDb, name: "session_windows", columns: WINDOWS, order: &[] },
    ],
    open,
    tails: &["agents/*/agent/*"],
};

const NODES: &[Column] = &[Column::document(&["entry_json"])];
/// `event_zstd` came with schema 23; before it only `event_json` (2026.8).
const EVENTS: &[Column] = &[
    Column::needed(&["session_id"]),
    Column::short(&["seq"]),
    Column::document(&["event_json"]),
    Column::document(&["event_zstd"]),
];
/// A cold archive that lies in a file has no blob here.
const ARCHIVES: &[Column] = &[Column::needed(&["session_id"]), Column::document(&["archive_blob"])];
const TRAJECTORY: &[Column] = &[Column::short(&["session_id"]), Column::short(&["seq"]), Column::document(&["event_json"])];
const WINDOWS: &[Column] = &[
    Column::needed(&["session_id"]),
    Column::needed(&["status"]),
    Column::short(&["ended_at"]),
    Column::short(&["model_provider"]),
    Column::short(&["model"]),
];

fn is_agent(schema: &Schema) -> Sniff {
    let sessions = schema.has("transcript_events", &["session_id", "event_json"]);
    let store = schema.has("auth_profile_store", &["store_json"]);
    if sessions || store { Sniff::Yes } else { Sniff::No }
}

fn open(context: &Context<'_>) -> Box<dyn DatabaseReader> {
    let copy = sniff::is_copy_of(context.name, "openclaw-agent.sqlite");
    Box::new(Agent {
        name: context.name.clone(),
        taken: if copy { Taken::Copy } else { Taken::Current },
        session: None,
        auth: Beside::default(),
        trajectory: Trajectory::default(),
    })
}

struct Agent {
    name: Name,
    taken: Taken,
    /// The session whose rows are being read.
    session: Option<(String, Session)>,
    auth: Beside,
    trajectory: Trajectory,
}

impl DatabaseReader for Agent {
    fn row(&mut self, table: &'static Table, row: &Row<'_>, facts: &mut Facts<'_>) -> Outcome {
        match table.name {
            "schema_meta" => version(row, facts),
            "auth_profile_store" => {
                let written_at = row.integer("updated_at").and_then(epoch);
                let (origin, agent) = (facts.origin(&row.place()), credential::agent(&self.name, facts));
                let place = Place { origin, taken: self.taken, agent, written_at, own_time: true };
                let Some(text) = row.lossy("store_json") else { return Outcome::Used };
                self.auth.store(&text, facts);
                auth_profiles::store(&text, place, facts)
            }
            "auth_profile_state" => {
                let origin = facts.origin(&row.place());
                row.lossy("state_json").map_or(Outcome::Used, |text| self.auth.state(&text, origin, facts))
            }
            "session_nodes" => {
                let origin = facts.origin(&row.place());
                row.lossy("entry_json").map_or(Outcome::Used, |text| session_index::entry(&text, origin, facts))
            }
            "transcript_events" => self.event(row, facts),
            "trajectory_runtime_events" => {
                let text = row.bytes_of("event_json").unwrap_or_default();
                self.trajectory.line(&row.line(text), facts)
            }
            "session_windows" => window(row, facts),
            _ => self.archive(row, facts),
        }
    }

    fn end(&mut self, _: &'static Table, _: Reach, facts: &mut Facts<'_>) {
        self.end_session(facts);
        self.auth.end(facts);
    }
}

impl Agent {
    /// One line of a transcript. Rows come session by session.
    fn event(&mut self, row: &Row<'_>, facts: &mut Facts<'_>) -> Outcome {
        let id = row.text("session_id").unwrap_or_default();
        if self.session.as_ref().is_none_or(|(open, _)| open != id) {
            self.end_session(facts);
            self.session = Some((id.to_owned(), Session::of(id.to_owned())));
        }
        let Some((_, session)) = &mut self.session else { return Outcome::Used };
        if let Some(text) = row.bytes_of("event_json") {
            return session.line(&row.line(text), facts);
        }
        let Some(packed) = row.bytes_of("event_zstd") else { return Outcome::Used };
        let mut stream = Stream::of_value(&self.name, packed, EVENT);
        let limit = usize::try_from(EVENT).unwrap_or(usize::MAX);
        let outcome = match stream.whole(limit) {
            Ok(bytes) => session.line(&Line { bytes, ..row.place() }, facts),
            Err(_) => Outcome::Skipped(SkipReason::LineTooLong),
        };
        trouble(&mut stream).unwrap_or(outcome)
    }

    fn end_session(&mut self, facts: &mut Facts<'_>) {
        if let Some((_, mut session)) = self.session.take() {
            session.finish(facts);
        }
    }

    /// A whole transcript, as a blob.
    fn archive(&self, row: &Row<'_>, facts: &mut Facts<'_>) -> Outcome {
        let Some(blob) = row.bytes_of("archive_blob") else { return Outcome::Used };
        let mut session = Session::of(row.text("session_id").unwrap_or_default().to_owned());
        let mut stream = Stream::of_value(&self.name, blob, ARCHIVE);
        let mut worst = Outcome::Used;
        stream.lines(LINE_LIMIT, |piece| {
            let outcome = match piece {
                Piece::Line { line, .. } => session.line(&Line { number: row.number(), ..line }, facts),
                Piece::Skipped(reason, _) => Outcome::Skipped(reason),
            };
            worst = match (worst, outcome) {
                (Outcome::Skipped(_), _) => worst,
                (_, Outcome::Skipped(_) | Outcome::Unknown) => outcome,
                _ => worst,
            };
        });
        session.finish(facts);
        trouble(&mut stream).unwrap_or(worst)
    }
}

/// What went wrong while a value was unpacked.
fn trouble(stream: &mut Stream<'_>) -> Option<Outcome> {
    let (_, troubles) = stream.finish();
    troubles.iter().next().map(|trouble| Outcome::Skipped(trouble.reason))
}

/// A window of a session whose last run failed. It does not say why, and stands beside the run's
/// own entry in most cases.
fn window(row: &Row<'_>, facts: &mut Facts<'_>) -> Outcome {
    if row.text("status") == Some("failed") {
        let ran = Ran {
            ended_at: row.integer("ended_at").and_then(epoch),
            session: row.text("session_id").map(|id| facts.key(Kind::Session, id)),
            provider: row.text("model_provider"),
            model: row.text("model"),
            ..Ran::default()
        };
        ran.failed(row, facts);
    }
    Outcome::Used
}

fn epoch(ms: i64) -> Option<Stamp> {
    Stamp::epoch(ms as f64)
}
