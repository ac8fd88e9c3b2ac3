//! Credentials that pass between programs, or between agents, as the gateway's log tells it.
//!
//! Only what was taken over or written is stated. What was refused or merely read moves no
//! token. Which versions write which message stands beside it; no version names the program that
//! spent a token.

use super::reasons;
use super::record::Record;
use crate::event::{Client, ErrorClass, EventKind};
use crate::reader::Facts;
use crate::reader::json::Members;

/// A message of the subsystem `agents/auth-profiles`.
pub(super) fn hear(record: &Record<'_>, text: &str, facts: &mut Facts<'_>) {
    let meta = record.meta.and_then(|meta| Members::of(meta, &["profileId", "provider"]).ok());
    let named = |key: &str| meta.as_ref().and_then(|meta| meta.text(key));
    let ours = named("profileId").and_then(|id| reasons::is_chatgpt_profile(&id));
    let ours = ours.or_else(|| named("provider").map(|provider| reasons::is_chatgpt(&provider)));
    if ours == Some(false) {
        return;
    }
    for kind in stated(text) {
        facts.push(record.at, record.origin, kind);
    }
}

fn stated(text: &str) -> Vec<EventKind> {
    let refreshed = EventKind::Refreshed { account: None, process: None };
    let adopted = |from, cause| vec![EventKind::Adopted { from, cause }];
    let starts = |forms: &[&str]| forms.iter().any(|form| text.starts_with(form));
    match () {
        // January to April 2026 (up to 2026.4.17).
        () if starts(&["synced openai-codex credentials from codex cli after refresh failure"]) => {
            adopted(Client::Codex, Some(ErrorClass::RefreshRefused))
        }
        () if starts(&["synced openai-codex credentials from codex cli", "synced openai-codex credentials from external cli"]) => {
            adopted(Client::Codex, None)
        }
        // April 2026 up to 2026.4.17: it writes back what it has just refreshed.
        () if starts(&["wrote refreshed credentials to codex cli"]) => {
            vec![refreshed, EventKind::WroteBack { to: Client::Codex }]
        }
        () if starts(&["failed to persist refreshed codex credentials"]) => vec![refreshed, EventKind::WriteFailed],
        () if starts(&["failed to write credentials to codex cli"]) => vec![EventKind::WriteFailed],
        // 2026.4.18 and later, at level debug.
        () if starts(&["used external cli oauth bootstrap because local oauth was missing"]) => {
            adopted(Client::Codex, Some(ErrorClass::NoCredential))
        }
        () if starts(&["resolved oauth credential from external cli bootstrap"]) => adopted(Client::Codex, None),
        // About 2026.5.18 to 2026.6.11.
        () if starts(&["using external OAuth credential after refresh failure"]) => {
            adopted(Client::Codex, Some(ErrorClass::RefreshRefused))
        }
        // 2026.3.2 to 2026.9.6: from the main agent's store to another agent's.
        () if starts(&[
            "adopted newer OAuth credentials from main agent",
            "adopted fresh OAuth credential from main store",
            "inherited fresh OAuth credentials from main agent",
        ]) =>
        {
            adopted(Client::Openclaw, None)
        }
        // 2026.5.7, at level debug.
        () if starts(&["mirrored refreshed OAuth credential to main agent store"]) => vec![refreshed],
        () => Vec::new(),
    }
}
