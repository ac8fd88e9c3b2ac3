//! `auth-state.json`: which profiles OpenClaw has stopped using for a while, and why; and the same
//! text as a value of its databases.
//!
//! From 2026.4.14 at latest beside `auth-profiles.json`, before that inside it. A success clears
//! the pause but keeps `lastFailureAt`, and a refused refresh leaves nothing here in 2026.5.7.
//! `lastUsed` states nothing: 2026.5.7 sets it after a run that ended in the provider's 500 as
//! well, and 2026.9.6 not even after one that worked.

use super::auth_profiles;
use super::outline::Outline;
use super::trouble::{self, Paused};
use crate::event::{Origin, Section, SkipReason};
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
    match pauses(&json::text(bytes), facts.whole(), facts) {
        Ok(pauses) => {
            // The store is another file; fences came with the databases.
            pauses.into_iter().for_each(|paused| paused.state(&[], facts));
            Outcome::Used
        }
        Err(reason) => Outcome::Skipped(reason),
    }
}

/// The pauses among the statistics that `text` holds.
fn pauses(text: &str, origin: Origin, facts: &Facts<'_>) -> Result<Vec<Paused>, SkipReason> {
    let state = Members::of(text, &["usageStats"])?;
    Ok(state.raw("usageStats").map(|stats| trouble::of_statistics(stats, origin, facts)).unwrap_or_default())
}

/// Stores and statistics of one database: two values, of which either may come first.
#[derive(Default)]
pub(super) struct Beside {
    fenced: Vec<Section>,
    pauses: Vec<Paused>,
}

impl Beside {
    /// A store's text.
    pub(super) fn store(&mut self, text: &str, facts: &Facts<'_>) {
        self.fenced.extend(auth_profiles::fenced(text, facts));
    }

    /// The text of statistics.
    pub(super) fn state(&mut self, text: &str, origin: Origin, facts: &Facts<'_>) -> Outcome {
        match pauses(text, origin, facts) {
            Ok(pauses) => {
                self.pauses.extend(pauses);
                Outcome::Used
            }
            Err(reason) => Outcome::Skipped(reason),
        }
    }

    /// A table is at its end: state the pauses.
    pub(super) fn end(&mut self, facts: &mut Facts<'_>) {
        let fenced = &self.fenced;
        self.pauses.drain(..).for_each(|paused| paused.state(fenced, facts));
    }
}
