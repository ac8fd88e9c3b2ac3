//! A session and a message as `state.db` (schema 6 to 30) and its exports (0.10 to 0.19) keep
//! them. An export holds the columns of the database as members of objects, so both are read
//! through [`Columns`]; a column that a version does not have reads as absent.

use super::answer::{self, Answer};
use super::words::{provider, provider_at, provider_of_model};
use crate::event::{Model, Origin, Provider};
use crate::reader::database::Row;
use crate::reader::{Facts, json};
use crate::secret::{Key, Kind};
use crate::time::Stamp;
use std::borrow::Cow;

/// Longest text of a message that is looked at; what tells anything stands at its start, and the
/// texts of Hermes' own are short.
pub(super) const LONGEST_TEXT: u32 = 8 << 10;

/// Values by column.
pub(super) trait Columns {
    fn text(&self, column: &str) -> Option<Cow<'_, str>>;
    fn number(&self, column: &str) -> Option<f64>;
}

impl Columns for Row<'_> {
    fn text(&self, column: &str) -> Option<Cow<'_, str>> {
        self.bytes_of(column).map(json::text)
    }
    fn number(&self, column: &str) -> Option<f64> {
        self.real(column)
    }
}

impl<const N: usize> Columns for json::Members<'_, N> {
    fn text(&self, column: &str) -> Option<Cow<'_, str>> {
        self.text(column)
    }
    fn number(&self, column: &str) -> Option<f64> {
        self.number(column)
    }
}

/// Columns of `sessions` that are read.
pub(super) const SESSION: [&str; 9] = [
    "id",
    "model",
    "model_config",
    "parent_session_id",
    "started_at",
    "ended_at",
    "end_reason",
    "billing_provider",
    "billing_base_url",
];

/// What is known of a session.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) id: Box<str>,
    pub(super) key: Key,
    pub(super) provider: Provider,
    pub(super) model: Option<Model>,
    pub(super) started_us: Option<i64>,
    pub(super) ended_us: Option<i64>,
    /// Closed, for whatever reason.
    pub(super) ended: bool,
    /// Closed because its history was compacted into a new session.
    pub(super) compressed: bool,
    /// Goes on with the history of another session: a branch, or behind a compaction. Agents
    /// that were sent off by another one have a history of their own.
    pub(super) is_child: bool,
}

const CONFIG: [&str; 4] = ["gateway_runtime", "_branched_from", "_delegate_from", "provider"];
const RUNTIME: [&str; 2] = ["provider", "base_url"];

impl Session {
    /// A session of which only messages are there.
    pub(super) fn unknown(id: &str, facts: &Facts<'_>) -> Session {
        Session {
            id: id.into(),
            key: facts.key(Kind::Session, id),
            provider: Provider::Unknown,
            model: None,
            started_us: None,
            ended_us: None,
            ended: false,
            compressed: false,
            is_child: false,
        }
    }

    /// Read a row; None without an id.
    pub(super) fn of(row: &impl Columns, facts: &Facts<'_>) -> Option<Session> {
        let id = row.text("id").filter(|id| !id.is_empty())?;
        let config = row.text("model_config").unwrap_or_default();
        let config = json::Members::of(&config, &CONFIG).ok();
        let marked = |key: &str| config.as_ref().is_some_and(|config| config.raw(key).is_some());
        let model = row.text("model").unwrap_or_default();
        let ended_us = micros(row, "ended_at");
        let reason = row.text("end_reason").unwrap_or_default();
        let parent = row.text("parent_session_id").is_some_and(|parent| !parent.is_empty());
        Some(Session {
            id: id.as_ref().into(),
            key: facts.key(Kind::Session, &id),
            provider: session_provider(row, config.as_ref(), &model),
            model: facts.model(&model),
            started_us: micros(row, "started_at"),
            ended_us,
            ended: ended_us.is_some() || !reason.is_empty(),
            compressed: reason == "compression",
            is_child: marked("_branched_from") || (parent && !marked("_delegate_from")),
        })
    }
}

/// Who was asked. The billing columns are filled by an answered call, so they are empty where the
/// only turn failed; then a gateway's own note (0.19) tells, or a model that the Codex backend does
/// not have.
fn session_provider(row: &impl Columns, config: Option<&json::Members<'_, 4>>, model: &str) -> Provider {
    let runtime = config.and_then(|config| config.inner("gateway_runtime", &RUNTIME));
    let of_runtime = |key: &str| runtime.as_ref().and_then(|runtime| runtime.text(key));
    let said = [
        row.text("billing_provider").map(|word| provider(&word)),
        row.text("billing_base_url").map(|url| provider_at(&url)),
        of_runtime("provider").map(|word| provider(&word)),
        of_runtime("base_url").map(|url| provider_at(&url)),
        config.and_then(|config| config.text("provider")).map(|word| provider(&word)),
    ];
    let known = said.into_iter().flatten().find(|said| *said != Provider::Unknown);
    known.unwrap_or_else(|| provider_of_model(model))
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    User,
    Assistant,
    /// Tools, the system, the mark at the start of a gateway session.
    Other,
}

/// A message.
#[derive(Debug)]
pub(super) struct Message<'a> {
    pub(super) role: Role,
    pub(super) at: Stamp,
    /// The same in µs: two rows with equal ones are copies of each other.
    pub(super) us: i64,
    pub(super) origin: Origin,
    /// Its text; empty where it is long or no text.
    pub(super) content: &'a str,
    pub(super) finish_reason: Option<&'a str>,
    display_kind: Option<&'a str>,
    /// Read in a group, not addressed to the agent.
    pub(super) observed: bool,
    /// False for a row that was taken back or put aside; None before there was such a column.
    pub(super) active: Option<bool>,
    /// Put aside by a compaction.
    pub(super) compacted: bool,
    summary: bool,
}

/// How the summary begins that stands for a compacted history (older form last).
const SUMMARIES: [&str; 2] = ["[CONTEXT COMPACTION", "[CONTEXT SUMMARY]:"];

/// Why a row is no message that can be used.
pub(super) enum Odd {
    /// A role that no known version writes.
    Role,
    /// No time that can be read.
    Time,
}

/// The values of a message, kept while it is looked at.
pub(super) struct Values<'a> {
    role: Option<Cow<'a, str>>,
    content: Option<Cow<'a, str>>,
    finish_reason: Option<Cow<'a, str>>,
    display_kind: Option<Cow<'a, str>>,
    timestamp: Option<f64>,
    flags: [Option<f64>; 4],
}

impl<'a> Values<'a> {
    pub(super) fn of(row: &'a impl Columns) -> Values<'a> {
        Values {
            role: row.text("role"),
            content: row.text("content").filter(|text| text.len() <= LONGEST_TEXT as usize),
            finish_reason: row.text("finish_reason"),
            display_kind: row.text("display_kind"),
            timestamp: row.number("timestamp"),
            flags: ["observed", "active", "compacted", "_compressed_summary"].map(|flag| row.number(flag)),
        }
    }

    /// The message that they make.
    pub(super) fn message(&self, origin: Origin) -> Result<Message<'_>, Odd> {
        let role = match self.role.as_deref() {
            Some("user") => Role::User,
            Some("assistant") => Role::Assistant,
            Some("tool" | "system" | "session_meta" | "developer") => Role::Other,
            _ => return Err(Odd::Role),
        };
        let seconds = self.timestamp.ok_or(Odd::Time)?;
        let at = Stamp::epoch(seconds).ok_or(Odd::Time)?;
        let content = self.content.as_deref().unwrap_or("");
        let [observed, active, compacted, summary] = self.flags.map(|flag| flag.map(|n| n != 0.0));
        Ok(Message {
            role,
            at,
            us: as_micros(seconds, at),
            origin,
            content,
            finish_reason: self.finish_reason.as_deref().filter(|reason| !reason.is_empty()),
            display_kind: self.display_kind.as_deref(),
            observed: observed == Some(true),
            active,
            compacted: compacted == Some(true),
            summary: summary == Some(true) || SUMMARIES.iter().any(|start| content.starts_with(start)),
        })
    }
}

impl Message<'_> {
    /// Stands for a history that was compacted.
    pub(super) fn is_summary(&self) -> bool {
        self.summary
    }

    /// Was it written for an answer?
    pub(super) fn is_answer(&self) -> bool {
        self.role == Role::Assistant
    }

    /// What it says, as an answer.
    pub(super) fn answer(&self) -> Answer {
        answer::of(self.finish_reason, self.display_kind, self.content)
    }
}

/// A time column in µs.
pub(super) fn micros(row: &impl Columns, column: &str) -> Option<i64> {
    let seconds = row.number(column)?;
    Stamp::epoch(seconds).map(|at| as_micros(seconds, at))
}

/// The columns hold seconds; should one hold another unit, its milliseconds are exact enough.
fn as_micros(seconds: f64, at: Stamp) -> i64 {
    let us = (seconds * 1e6).round();
    if (us / 1e3 - at.ms as f64).abs() < 1.0 { us as i64 } else { at.ms.saturating_mul(1000) }
}
