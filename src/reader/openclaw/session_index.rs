//! `sessions.json`: the index of an agent's sessions, up to 42 MB in one object; and its entries
//! as rows of a database.
//!
//! It says which sessions pin a model: for those the fallback chain is deliberately not used,
//! which explains a missing fallback without any fault. Its `status` is not used: it stays
//! `running` after a failed turn (2026.5.7, seen).

use super::outline::Outline;
use crate::event::{EventKind, Origin};
use crate::reader::json::{self, Members};
use crate::reader::{Context, Facts, Outcome, Sniff};
use crate::source::Head;
use crate::time::Stamp;

pub(super) fn sniff(head: &Head<'_>) -> Sniff {
    // Hermes has an index of the same name, with `session_id` and `created_at`.
    let outline = Outline::of(head);
    let named = head.name.file().starts_with("sessions.json") || outline.has_start(1, "agent:");
    let ours = named && outline.has(2, "sessionId") && outline.has(2, "updatedAt");
    let empty = head.whole && head.bytes.trim_ascii() == b"{}" && head.name.ends_in("agents/*/sessions/sessions.json");
    if ours || empty { Sniff::Yes } else { Sniff::No }
}

pub(super) fn read(bytes: &[u8], _: &Context<'_>, facts: &mut Facts<'_>) -> Outcome {
    let text = json::text(bytes);
    if let Err(reason) = Members::of(&text, &[""; 0]) {
        return Outcome::Skipped(reason);
    }
    for (_, raw) in json::members(&text) {
        entry(raw, facts.whole(), facts);
    }
    Outcome::Used
}

/// One session's entry.
pub(super) fn entry(raw: &str, origin: Origin, facts: &mut Facts<'_>) -> Outcome {
    let session = match Members::of(raw, &["updatedAt", "modelOverride", "modelOverrideSource"]) {
        Ok(session) => session,
        Err(reason) => return Outcome::Skipped(reason),
    };
    // An override from before the source was noted is the user's (2026.5.7 treats it so).
    let by_user = session.text("modelOverrideSource").is_none_or(|source| source == "user");
    if session.text("modelOverride").is_some() && by_user {
        facts.push(session.number("updatedAt").and_then(Stamp::epoch), origin, EventKind::Pinned);
    }
    Outcome::Used
}
