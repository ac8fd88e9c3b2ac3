//! `hermes sessions export`: one session per line with all its rows. Recognised, not read yet.

use super::head;
use crate::event::{SkipReason, SourceKind};
use crate::reader::{Format, Shape, Sniff};
use crate::source::Head;

/// The row of the table.
pub(super) const FORMAT: Format =
    Format { kind: SourceKind::HermesExport, sniff, shape: Shape::NotRead(SkipReason::FormatNotRead), tails: &[], outside: false };

fn sniff(head: &Head<'_>) -> Sniff {
    let Some((line, _)) = head.first_line() else { return Sniff::No };
    let keys = head::keys(line);
    let has = |key: &str| keys.iter().any(|known| **known == *key.as_bytes());
    // `messages` stands last and may lie behind what is shown.
    let columns = has("model_config") || has("parent_session_id") || has("started_at");
    if has("id") && has("source") && columns { Sniff::Yes } else { Sniff::No }
}
