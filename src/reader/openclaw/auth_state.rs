//! `auth-state.json`: which profiles OpenClaw has stopped using for a while, and why; and the same
//! text as a value of its databases.
//!
//! From 2026.4.14 at latest beside `auth-profiles.json`, before that inside it. A success clears
//! the pause but keeps `lastFailureAt`, and a refused refresh leaves nothing here in 2026.5.7.
//! `lastUsed` states nothing: 2026.5.7 sets it after a run that ended in the provider's 500 as
//! well, and 2026.9.6 not even after one that worked.

use super::outline::Outline;
use super::trouble;
use crate::event::Origin;
use crate::reader::json::{self, Members};
use crate::reader::{Context, Facts, Outcome, Sniff};
use crate::source::Head;

pub(super) fn sniff(head: &Head<'_>) -> Sniff {
    let outline = Outline::of(head);
    let named = head.name.file().starts_with("auth-state") && (outline.has(1, "version") || outline.has(1, "lastGood"));
    let counts = ["errorCount", "lastUsed", "lastFailureAt", "cooldownUntil"].iter().any(|key| outline.has(3, key));
    let ours = named || (outline.has(1, "usageStats") && counts);
    if ours && !outline.has(1, "profiles") { Sniff::Yes } else { Sniff::No }
}

pub(super) fn read(bytes: &[u8], _: &Context<'_>, facts: &mut Facts<'_>) -> Outcome {
    state(&json::text(bytes), facts.whole(), facts)
}

/// The statistics that `text` holds.
pub(super) fn state(text: &str, origin: Origin, facts: &mut Facts<'_>) -> Outcome {
    match Members::of(text, &["usageStats"]) {
        Ok(state) => {
            if let Some(stats) = state.raw("usageStats") {
                trouble::of_statistics(stats, origin, facts);
            }
            Outcome::Used
        }
        Err(reason) => Outcome::Skipped(reason),
    }
}
