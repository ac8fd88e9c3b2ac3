//! What the README shows is what the program prints.

use crate::pipeline::run;
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use stopwhy::attribute::RootCause;
use stopwhy::event::SourceKind;

const OPEN: &str = "````markdown\n";
const CLOSE: &str = "````";
/// Held by who writes the README anew: two tests own a part of it.
pub static README: Mutex<()> = Mutex::new(());

/// The example shows the report up to here.
const SHOWN_UP_TO: &str = "\n### Timeline";

#[test]
fn the_worked_example_is_the_real_output() {
    let _alone = README.lock().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let report = run(&root.join("fixtures/incidents/founding-relogin/home")).markdown;
    let real = report.split(SHOWN_UP_TO).next().unwrap();
    let (before, rest) = readme.split_once(OPEN).unwrap();
    let (shown, after) = rest.split_once(CLOSE).unwrap();
    if std::env::var_os("STOPWHY_BLESS").is_some() {
        fs::write(root.join("README.md"), format!("{before}{OPEN}{real}{CLOSE}{after}")).unwrap();
    } else {
        assert_eq!(shown, real, "README.md shows another report than the program prints (STOPWHY_BLESS=1 writes it anew)");
    }
}

#[test]
fn the_example_command_is_the_one_that_is_tested() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    assert!(readme.contains("cargo run --release -- report fixtures/incidents/founding-relogin/home\n"));
}

/// Each kind of source that a coverage table may show has its row.
#[test]
fn every_kind_of_source_has_a_row() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let rows: Vec<&str> = readme.lines().filter(|line| line.starts_with("| `")).collect();
    let missing: Vec<&str> = SourceKind::ALL
        .iter()
        .map(|kind| kind.word())
        .filter(|word| !rows.iter().any(|row| first_cell(row).contains(word)))
        .collect();
    assert!(missing.is_empty(), "no row for {missing:?}");
}

/// Each root cause of the contract is in the list of what can be found, under its mechanism.
#[test]
fn every_root_cause_is_listed() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let list = readme.split("## What it can find").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
    let row = |word: &str| list.lines().find(|line| line.starts_with('|') && line.contains(&format!("`{word}`")));
    for cause in RootCause::ALL {
        let row = row(cause.word()).unwrap_or_else(|| panic!("{} is not in the list", cause.word()));
        let mechanism = format!("(`{}`)", cause.mechanism().word());
        assert!(*cause == RootCause::Undetermined || row.contains(&mechanism), "{} stands under another mechanism", cause.word());
    }
}

/// The words in the first cell of a row.
fn first_cell(row: &str) -> Vec<&str> {
    let cell = row.trim_start_matches("| ").split(" |").next().unwrap_or_default();
    cell.split(", ").map(|word| word.trim_matches('`')).collect()
}
