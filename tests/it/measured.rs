//! The corpora of the benches are what they say: of each kind, small, the report knows what the generator knows. A corpus
//! that nobody recognises would be read at great speed.
#![allow(dead_code, clippy::duplicate_mod)] // the benches use all of it, and the dice are those of the fixtures

#[path = "../../benches/corpora/mod.rs"]
mod corpora;

use crate::pipeline::run;
use corpora::{Asked, KINDS, Kind};

/// Turns and failed turns. Some logs tell of turns only when they fail.
fn known(kind: &str, truth: &corpora::Truth) -> (Option<u64>, u64) {
    let tells_all = !["gateway-log", "tui-log", "codex-store", "home"].contains(&kind);
    (tells_all.then_some(truth.turns), truth.failed)
}

#[test]
fn corpora_hold_what_they_say() {
    let asked = Asked { bytes: 2 << 20, files: 3, rows: 20_000, turns: 2_000, incidents: 5, seed: 1 };
    for Kind(kind, ..) in KINDS {
        let folder = tempfile::tempdir().unwrap();
        let truth = corpora::make(kind, folder.path(), &asked);
        let report = run(folder.path()).report;
        let (turns, failed) = known(kind, &truth);
        assert_eq!(report.totals.failed_turns, failed, "{kind}");
        assert_eq!(turns.unwrap_or(report.totals.turns), report.totals.turns, "{kind}");
        assert!(truth.incidents == 0 || truth.incidents == report.incidents.len() as u64, "{kind}");
        assert_eq!(report.totals.bytes, truth.bytes, "{kind}");
        assert!(truth.bytes > 500_000, "{kind}: {} bytes", truth.bytes);
    }
    let failed = |seed: u64| corpora::make("turns", tempfile::tempdir().unwrap().path(), &Asked { seed, ..asked }).failed;
    assert_eq!(failed(1), 5 * 99, "a quarter but the turn that shows the end");
}
