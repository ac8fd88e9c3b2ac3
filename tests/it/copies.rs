//! Copies that people and programs make of conversations, under names of every fashion, are the same
//! conversations: no turn counts twice.

use crate::make::home::{Home, Order};
use crate::make::scenarios::{SCENARIOS, SEED};
use crate::make::token::Style;
use crate::pipeline::{Summary, run};

/// Turns, failed turns, and what the verdicts say.
fn told(home: &Home) -> (u64, u64, Vec<Summary>) {
    let folder = tempfile::tempdir().unwrap();
    home.write(folder.path(), Order::Forward);
    let run = run(folder.path());
    (run.report.totals.turns, run.report.totals.failed_turns, run.summaries())
}

/// A home with a copy of every conversation and dump, its path made by `name` of folder, stem and ending.
fn with_copies(home: &Home, name: impl Fn(&str, &str, &str) -> String) -> (Home, usize) {
    let (mut copied, mut count) = (Home::default(), 0);
    for (path, bytes) in home.files() {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let (stem, ending) = file.rsplit_once('.').unwrap_or((file, ""));
        let is_record = folder.contains("/sessions") && (ending == "jsonl" || stem.starts_with("session_"));
        if is_record || stem.starts_with("request_dump") {
            copied.put(name(folder, stem, ending), bytes.to_vec(), 1_779_600_000_000);
            count += 1;
        }
    }
    (copied, count)
}

#[test]
fn a_copy_of_a_conversation_adds_no_turn() {
    for scenario in ["founding-consumed", "founding-relogin", "unrecorded-consumer", "usage-limit-as-logout"] {
        let build = || SCENARIOS.iter().find(|s| s.name == scenario).unwrap().build(Style::Inert, SEED);
        let want = told(&build());
        type Name = fn(&str, &str, &str) -> String;
        let names: [Name; 5] = [
            |folder, stem, ending| format!("{folder}/{stem} (1).{ending}"),
            |folder, stem, ending| format!("{folder}/{stem}-copy.{ending}"),
            |folder, stem, ending| format!("{folder}/copy of {stem}.{ending}"),
            |folder, stem, ending| format!("{folder}/{stem}.bak.{ending}"),
            |folder, stem, ending| format!("{folder}/{stem}.{ending}~"),
        ];
        for (number, name) in names.into_iter().enumerate() {
            let mut home = build();
            let (copies, count) = with_copies(&home, name);
            home.merge(copies);
            assert!(count >= 3, "{scenario}");
            assert_eq!(told(&home), want, "{scenario}, name {number}");
        }
    }
}
