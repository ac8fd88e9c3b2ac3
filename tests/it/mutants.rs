//! Damaged homes: seeded mutations of the fixtures' files, from flipped bits to swapped lines.
//! Whatever comes of it, no reader fails, the ledger adds up and a report is made.

use crate::make::home::Home;
use crate::make::rng::Rng;
use crate::make::scenarios::{SCENARIOS, SEED};
use crate::make::token::Style;
use crate::pipeline::{plan, run};
use std::fs;
use std::path::Path;
use stopwhy::event::SkipReason;
use stopwhy::secret::Vault;

/// Pieces that mean something to one reader or another.
const PIECES: &[&str] = &[
    "\n",
    "\r\n",
    "\0",
    "\u{feff}",
    "{",
    "}",
    "[",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "null",
    "-1",
    "1e999",
    "18446744073709551616",
    "9999-12-31T23:59:60Z",
    "0000-00-00T00:00:00.000Z",
    "2026-05-22 08:20:32,220",
    "ERROR",
    "refresh_token_reused",
    "\"type\":\"message\"",
    "\u{202e}",
    "é",
];

/// One damage to a file.
pub fn mutate(bytes: &mut Vec<u8>, rng: &Rng) {
    let at = |length: usize| rng.below(length.max(1) as u64) as usize;
    let (from, size) = (at(bytes.len()), at(60));
    let to = (from + size).min(bytes.len());
    match rng.below(8) {
        0 => bytes.truncate(from),
        1 => drop(bytes.drain(from..to)),
        2 => bytes.iter_mut().skip(from).take(1).for_each(|byte| *byte ^= 1 << rng.below(8)),
        3 => drop(bytes.splice(from..from, rng.pick(PIECES).bytes())),
        4 => drop(bytes.splice(from..to, rng.pick(PIECES).bytes())),
        5 => bytes.extend_from_within(from..to),
        6 => bytes.iter_mut().skip(from).take(size).for_each(|byte| *byte = rng.below(256) as u8),
        _ => {
            let mut lines: Vec<Vec<u8>> = bytes.split(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
            let (a, b) = (at(lines.len()), at(lines.len()));
            lines.swap(a, b);
            *bytes = lines.join(&b'\n');
        }
    }
}

/// Write `home` with some of its files damaged.
fn damaged(home: &Home, folder: &Path, rng: &Rng) {
    for (path, bytes) in home.files() {
        let mut bytes = bytes.to_vec();
        if rng.below(3) == 0 {
            (0..=rng.below(4)).for_each(|_| mutate(&mut bytes, rng));
        }
        let place = folder.join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, bytes).unwrap();
    }
}

/// `STOPWHY_MUTANTS=5000` tries more of them.
#[test]
fn damage_of_any_kind_is_survived() {
    let number = std::env::var("STOPWHY_MUTANTS").map_or(60, |text| text.parse().unwrap());
    for seed in 0..number {
        let rng = Rng::new(seed);
        let scenario = &SCENARIOS[seed as usize % SCENARIOS.len()];
        let folder = tempfile::tempdir().unwrap();
        damaged(&scenario.build(Style::Inert, SEED), folder.path(), &rng);
        let run = run(folder.path());
        let failed = run.evidence.sources.iter().find(|s| s.skipped.contains_key(&SkipReason::ReaderFailed));
        let vault = Vault::new(plan(&[], 1).key);
        let leaks = [&run.json, &run.markdown].map(|text| run.evidence.gate.leak(text, &vault));
        assert_eq!(leaks, [None, None], "seed {seed}, {}: the last gate would stop the run", scenario.name);
        assert!(failed.is_none(), "seed {seed}, {}: a reader failed on {:?}", scenario.name, failed.unwrap().kind);
    }
}
