//! `sessions.json`: the index of an agent's sessions, up to 42 MB in one object; and its entries
//! as rows of a database.
//!
//! It says which sessions pin a model: for those the fallback chain is deliberately not used,
//! which explains a missing fallback without any fault. It says when a person last used a session,
//! and when the last run of one ended because every model had failed or was cooling down: of a run
//! that was skipped no transcript knows. Its `status` is not used: it stays `running` after a failed
//! turn (2026.5.7, seen).

use super::outline::Outline;
use super::turn::{self, Place};
use crate::event::{ErrorClass, EventKind, Failure, Level, Origin, Provider};
use crate::reader::json::{self, Members};
use crate::reader::{Context, Facts, Outcome, Sniff};
use crate::secret::Kind;
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

const ENTRY: [&str; 6] = ["sessionId", "updatedAt", "modelOverride", "modelOverrideSource", "lastInteractionAt", "quotaSuspension"];

/// One session's entry.
pub(super) fn entry(raw: &str, origin: Origin, facts: &mut Facts<'_>) -> Outcome {
    let session = match Members::of(raw, &ENTRY) {
        Ok(session) => session,
        Err(reason) => return Outcome::Skipped(reason),
    };
    // An override from before the source was noted is the user's (2026.5.7 treats it so).
    let by_user = session.text("modelOverrideSource").is_none_or(|source| source == "user");
    if session.text("modelOverride").is_some() && by_user {
        facts.push(session.number("updatedAt").and_then(Stamp::epoch), origin, EventKind::Pinned);
    }
    let id = session.text("sessionId").unwrap_or_default();
    if let Some(at) = session.number("lastInteractionAt").and_then(Stamp::epoch).filter(|_| !id.is_empty()) {
        facts.push(Some(at), origin, EventKind::Active { session: Some(facts.key(Kind::Session, &id)) });
    }
    if let Some(suspension) = session.inner("quotaSuspension", &SUSPENSION) {
        suspended(&suspension, &id, origin, facts);
    }
    Outcome::Used
}

const SUSPENSION: [&str; 4] = ["suspendedAt", "reason", "failedProvider", "failedModel"];

/// `circuit_open`: no model was left for a run (2026.9.6). Where one was asked, the run's own record
/// stands at the same moment and says why; other reasons stand beside a run that tells of itself.
fn suspended(suspension: &Members<'_, 4>, id: &str, origin: Origin, facts: &mut Facts<'_>) {
    let at = suspension.number("suspendedAt").and_then(Stamp::epoch);
    if at.is_none() || suspension.text("reason").as_deref() != Some("circuit_open") {
        return;
    }
    let provider = Provider::of(&suspension.text("failedProvider").unwrap_or_default());
    let model = suspension.text("failedModel").and_then(|name| facts.model(&name));
    let session = (!id.is_empty()).then(|| facts.key(Kind::Session, id));
    let id = facts.key(Kind::Turn, &format!("{id} suspended {:?}", at.map(|at| at.ms)));
    let skipped = Failure { class: ErrorClass::Cooldown, level: Level::Sentence };
    let place = Place { origin, written: at, session, id: Some(id) };
    turn::failed(place, provider, model, None, skipped, "").state(facts);
}
