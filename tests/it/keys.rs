//! The same files give the same bytes: the keys of a run are random, and so is their order. Every scenario
//! is read several times with other keys, so are stores of several entries that nothing but their place in the
//! file tells apart.

use crate::make::home::{Home, Order};
use crate::make::scenarios::{NEAR_MISSES, SCENARIOS, SEED, Scenario};
use crate::make::token::Style;
use crate::pipeline::{plan, run_plan};
use serde_json::{Value, json};
use std::path::Path;
use stopwhy::plan::Plan;

/// The report with a key made of this byte.
fn read(folder: &Path, byte: u8) -> String {
    let mut key = [byte; 32];
    key[0] = byte.wrapping_mul(113);
    let run = run_plan(&Plan { key, ..plan(&[folder.to_owned()], 2) });
    run.json + &run.markdown
}

/// Is it another report with other keys?
fn varies(home: &Home, runs: u8) -> bool {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("home");
    home.write(&folder, Order::Forward);
    let first = read(&folder, 1);
    assert!(first.contains("\"incidents\""));
    (2..=runs).any(|byte| read(&folder, byte.wrapping_mul(59)) != first)
}

#[test]
fn every_scenario_reads_the_same_with_other_keys() {
    let all = SCENARIOS.iter().chain(NEAR_MISSES);
    let wrong: Vec<&str> = all.filter(|s| varies(&s.build(Style::Inert, SEED), 3)).map(|s| s.name).collect();
    assert!(wrong.is_empty(), "other keys, another report: {wrong:?}");
}

/// A home whose pool holds two entries, after a change to each of them.
fn pool_of_two(change: impl Fn(usize, &mut Value)) -> Home {
    let alike = |s: &&Scenario| s.name == "pool-entry-of-another-account-of-the-same-second";
    let mut home = NEAR_MISSES.iter().find(alike).unwrap().build(Style::Inert, SEED);
    home.change(".hermes/auth.json", |text| {
        let mut store: Value = serde_json::from_str(&text).unwrap();
        let entries = store["credential_pool"]["openai-codex"].as_array_mut().unwrap();
        assert_eq!(entries.len(), 2);
        for (at, entry) in entries.iter_mut().enumerate() {
            entry["last_refresh"] = json!("2026-05-13T08:20:31.512000Z");
            change(at, entry);
        }
        store.to_string()
    });
    home
}

#[test]
fn entries_that_only_their_place_tells_apart_read_the_same_with_other_keys() {
    let equal = pool_of_two(|_, _| {});
    let opaque = pool_of_two(|at, entry| entry["access_token"] = json!(format!("opaque-{at}")));
    let redacted = pool_of_two(|_, entry| {
        entry["access_token"] = json!("[REDACTED]");
        entry["refresh_token"] = json!("[REDACTED]");
    });
    for (what, home) in [("equal", equal), ("opaque", opaque), ("redacted", redacted)] {
        assert!(!varies(&home, 12), "{what} entries: other keys, another report");
    }
}
