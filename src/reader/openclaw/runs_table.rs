//! What the tables of both databases have in common: stores, versions, and records of runs that
//! failed, which name a run or a session and hardly ever a reason.

use super::{reasons, turn};
use crate::event::{Client, ErrorClass, EventKind, Failure, Level, Provider, SourceKind, Version};
use crate::reader::database::{Column, Row, Table};
use crate::reader::{Facts, Outcome};
use crate::secret::{Key, Kind};
use crate::time::Stamp;

/// Which version made the database.
pub(super) const SCHEMA_META_OF_AGENT: Table =
    Table { kind: SourceKind::OpenclawAgentDb, name: "schema_meta", columns: SCHEMA_META, order: &[] };
/// The same of the shared one.
pub(super) const SCHEMA_META_OF_STATE: Table =
    Table { kind: SourceKind::OpenclawStateDb, name: "schema_meta", columns: SCHEMA_META, order: &[] };

const SCHEMA_META: &[Column] = &[Column::needed(&["app_version"]), Column::short(&["updated_at"])];

/// A store as a value: the shape of `auth-profiles.json`.
pub(super) const STORE: &[Column] = &[Column::document(&["store_json"]), Column::short(&["updated_at"])];
/// Statistics as a value: the shape of `auth-state.json`.
pub(super) const STATE: &[Column] = &[Column::document(&["state_json"]), Column::short(&["updated_at"])];

/// The version that wrote the schema (2026.9.6 appends more lines to it in some rows).
pub(super) fn version(row: &Row<'_>, facts: &mut Facts<'_>) -> Outcome {
    let first = row.text("app_version").and_then(|text| text.lines().next());
    if let Some(version) = first.and_then(Version::listed) {
        let at = row.integer("updated_at").and_then(|ms| Stamp::epoch(ms as f64));
        let wrote = EventKind::WrittenBy { client: Client::Openclaw, version: Some(version) };
        facts.push(at, facts.origin(&row.place()), wrote);
    }
    Outcome::Used
}

/// A run that a table knows.
#[derive(Default)]
pub(super) struct Ran<'a> {
    pub(super) ended_at: Option<Stamp>,
    pub(super) started_at: Option<Stamp>,
    pub(super) session: Option<Key>,
    pub(super) run: Option<&'a str>,
    pub(super) provider: Option<&'a str>,
    pub(super) model: Option<&'a str>,
    pub(super) error: Option<&'a str>,
    /// OpenClaw's own word for the reason.
    pub(super) reason: Option<&'a str>,
}

impl Ran<'_> {
    /// State that it failed.
    pub(super) fn failed(&self, row: &Row<'_>, facts: &mut Facts<'_>) {
        let id = format!("{} {:?} {:?}", self.run.unwrap_or_default(), self.ended_at.map(|at| at.ms), row.number());
        let id = facts.key(Kind::Turn, &id);
        self.failed_at(
            turn::Place { origin: facts.origin(&row.place()), written: self.ended_at, session: self.session, id: Some(id) },
            facts,
        );
    }

    /// The same for a record that is no row.
    pub(super) fn failed_at(&self, place: turn::Place, facts: &mut Facts<'_>) {
        let words = self.error.unwrap_or_default();
        let failure = match words {
            "" if self.reason.is_none() => Failure { class: ErrorClass::Unstated, level: Level::Sentence },
            words => reasons::failure(words, None, self.reason),
        };
        let named = Provider::of(self.provider.unwrap_or_default());
        let provider = if named == Provider::Unknown { reasons::provider_in(words) } else { named };
        let model = self.model.and_then(|name| facts.model(name));
        let run = self.run.map(|id| facts.key(Kind::Turn, id));
        let mut held = turn::failed(place, provider, model, run, failure, words);
        held.turn.started = self.started_at;
        held.state(facts);
    }
}
