//! The same files give the same bytes: the keys of a run are random, and so is their order. Every scenario
//! is read several times with other keys, so are stores of several entries that nothing but their place in the
//! file tells apart.

use crate::make::home::{Home, Order};
use crate::make::scenarios::{NEAR_MISSES, SCENARIOS, SEED};
use crate::make::token::Style;
use crate::pipeline::{plan, run_plan};
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
