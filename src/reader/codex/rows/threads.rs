//! `threads` of `state_<n>.sqlite`: which front end ran a thread, of which version, and on which
//! account. A row says nothing of how its turns went, so it states none.

use crate::event::{Client, EventKind, SkipReason};
use crate::reader::codex::ident;
use crate::reader::database::Row;
use crate::reader::{Facts, Outcome};
use crate::secret::Kind;
use crate::time::Stamp;

/// State what a thread tells.
pub(super) fn row(row: &Row<'_>, facts: &mut Facts<'_>) -> Outcome {
    let Some(id) = row.text("id").filter(|id| ident::is_uuid(id)) else { return Outcome::Unknown };
    let origin = facts.origin(&row.place());
    let session = Some(ident::session_key(facts, id));
    let time = |ms: &str, s: &str| stamp(row, ms).or_else(|| stamp(row, s));
    let Some(created) = time("created_at_ms", "created_at") else {
        return Outcome::Skipped(SkipReason::TimeUnknown);
    };
    let version = row.text("cli_version").and_then(ident::version_of);
    // Without an originator the front end is open: `source` names VS Code for the terminal program.
    let client = row.text("originator").map_or(Client::Codex, ident::client_of);
    if version.is_some() || client != Client::Codex {
        facts.push(Some(created), origin, EventKind::WrittenBy { client, version });
    }
    let account = row.text("creator_account_id").filter(|id| !id.trim().is_empty());
    if let Some(account) = account.map(|id| facts.key(Kind::Account, id)) {
        facts.push(Some(created), origin, EventKind::SessionOf { session, account });
    }
    let last = time("updated_at_ms", "updated_at").unwrap_or(created);
    facts.push(Some(last), origin, EventKind::Active { session });
    Outcome::Used
}

fn stamp(row: &Row<'_>, column: &str) -> Option<Stamp> {
    row.integer(column).and_then(|n| Stamp::epoch(n as f64))
}
