//! What a line of a rollout says by itself.
//!
//! It is apart from what that means, which depends on the lines before it: lines of a big file are
//! read side by side, and heard in order.

use super::events::{self, Event};
use super::{KINDS, ident, peek};
use crate::event::{Client, Model, Origin, Provider, Version};
use crate::reader::codex::torn_or;
use crate::reader::json::{self, Members};
use crate::reader::{Facts, Outcome};
use crate::secret::{Key, Kind};
use crate::source::Line;
use crate::time::Stamp;

/// What a line says, with its time and place.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) at: Option<Stamp>,
    pub(super) origin: Origin,
    pub(super) what: What,
}

/// What it says.
#[derive(Debug)]
pub(super) enum What {
    /// Nothing but its time.
    Nothing,
    /// The line is damaged: what it said is lost.
    Damaged,
    /// Whose session it is.
    Meta(Box<Meta>),
    /// Which model is asked from here on, and in which turn.
    Context { model: Option<Model>, id: Option<String> },
    /// A `response_item`.
    Item(Item),
    /// An `event_msg`.
    Event(Event),
    /// The history was compacted.
    Compacted,
}

/// A `session_meta`.
#[derive(Debug)]
pub(super) struct Meta {
    pub(super) id: Option<String>,
    /// The session that it was forked from.
    pub(super) parent: Option<String>,
    /// Its own time.
    pub(super) stated: Option<Stamp>,
    pub(super) provider: Provider,
    pub(super) account: Option<Key>,
    pub(super) client: Client,
    pub(super) version: Option<Version>,
}

/// What a `response_item` shows.
#[derive(Clone, Copy, Debug)]
pub(super) enum Item {
    /// The model gave something: its answer, or something on the way there.
    Output { is_answer: bool },
    /// The history was compacted.
    Compaction,
    /// The model was asked.
    Asked,
}

/// What becomes of a line, and what it says. `is_nameless`: a message of a user may have no other name than its record.
pub(super) fn read(line: &Line<'_>, is_nameless: bool, facts: &Facts<'_>) -> (Outcome, Option<Said>) {
    if line.bytes.trim_ascii().is_empty() {
        return (Outcome::Used, None);
    }
    let text = json::text(line.bytes);
    let origin = facts.origin(line);
    let found = match peek::peek(&text) {
        Ok(found) => found,
        Err(reason) => {
            let damaged = Said { at: None, origin, what: What::Damaged };
            return (Outcome::Skipped(torn_or(line, reason)), Some(damaged));
        }
    };
    let at = found.stamp.as_deref().and_then(Stamp::parse);
    let (outcome, what) = match &*found.kind {
        "session_meta" => (Outcome::Used, meta(&text, facts)),
        "turn_context" => (Outcome::Used, context(&text, facts)),
        "response_item" => (Outcome::Used, item(&found.inner, &found.role).map(What::Item)),
        "event_msg" => {
            let record = || is_nameless.then(|| facts.record_key(line.bytes));
            (Outcome::Used, events::read(&found.inner, &text, record).map(What::Event))
        }
        "compacted" => (Outcome::Used, Some(What::Compacted)),
        // Bare items and state records of mid 2025 have other types, or none.
        kind if !kind.is_empty() && found.stamp.is_some() && !KINDS.contains(&kind) => (Outcome::Unknown, None),
        _ => (Outcome::Ignored, None),
    };
    (outcome, Some(Said { at, origin, what: what.unwrap_or(What::Nothing) }))
}

fn meta(text: &str, facts: &Facts<'_>) -> Option<What> {
    const KEYS: [&str; 7] =
        ["id", "timestamp", "originator", "cli_version", "model_provider", "forked_from_id", "creator_account_id"];
    let meta = Members::of(text, &["payload"]).ok()?.inner("payload", &KEYS)?;
    let account = meta.text("creator_account_id").filter(|account| !account.trim().is_empty());
    Some(What::Meta(Box::new(Meta {
        id: meta.text("id").map(|id| id.into_owned()),
        parent: meta.text("forked_from_id").map(|parent| parent.into_owned()),
        stated: meta.text("timestamp").and_then(|stated| Stamp::parse(&stated)),
        provider: meta.text("model_provider").map_or(Provider::Unknown, |provider| Provider::of(&provider)),
        account: account.map(|account| facts.key(Kind::Account, &account)),
        client: ident::client_of(&meta.text("originator").unwrap_or_default()),
        version: meta.text("cli_version").and_then(|version| ident::version_of(&version)),
    })))
}

fn context(text: &str, facts: &Facts<'_>) -> Option<What> {
    let context = Members::of(text, &["payload"]).ok()?.inner("payload", &["model", "turn_id"])?;
    let model = context.text("model").and_then(|name| facts.model(&name));
    Some(What::Context { model, id: context.text("turn_id").map(|id| id.into_owned()) })
}

/// A `response_item` of this type and role.
fn item(inner: &str, role: &str) -> Option<Item> {
    let is_answer = inner == "message" && role == "assistant";
    match inner {
        _ if is_answer || inner == "reasoning" || inner.ends_with("_call") || inner.ends_with("_output") => {
            Some(Item::Output { is_answer })
        }
        "compaction" | "context_compaction" => Some(Item::Compaction),
        "message" if role == "user" => Some(Item::Asked),
        _ => None,
    }
}
