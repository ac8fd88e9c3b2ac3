//! With shortcuts and without (`report --slow-path`) a report says the same, to the byte: of every fixture, and of their
//! files, damaged in any way, or with their records written as another program might.

use crate::make::rng::Rng;
use crate::mutants::mutate;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The JSON report on a folder.
fn report(folder: &Path, options: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stopwhy"));
    command.args(["report", "--quiet", "--allow-empty", "-f", "json"]).args(options).arg(folder);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{folder:?} {options:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn is_same(folder: &Path) {
    let (fast, slow) = (report(folder, &[]), report(folder, &["--slow-path"]));
    assert!(fast.len() > 500, "{folder:?}");
    assert!(fast == slow, "{folder:?}");
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name();
    entries.into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file()).map(|entry| entry.into_path()).collect()
}

#[test]
fn of_every_fixture() {
    for kind in ["incidents", "readers"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(kind);
        for case in fs::read_dir(folder).unwrap() {
            is_same(&case.unwrap().path());
        }
    }
}

/// Copies of all files of the fixtures, each line changed by `change`, say the same with shortcuts and without.
fn changed(rounds: u64, mut change: impl FnMut(&mut Vec<u8>, &Rng)) {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for round in 0..rounds {
        let (rng, scratch) = (Rng::new(round), tempfile::tempdir().unwrap());
        for file in files_below(&fixtures) {
            let bytes = fs::read(&file).unwrap();
            let mut lines: Vec<Vec<u8>> = bytes.split(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
            lines.iter_mut().for_each(|line| change(line, &rng));
            let place = scratch.path().join(file.strip_prefix(&fixtures).unwrap());
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, lines.join(&b'\n')).unwrap();
        }
        is_same(scratch.path());
    }
}

/// `STOPWHY_MUTANTS=5000` tries more of them.
#[test]
fn of_damaged_files() {
    let rounds = std::env::var("STOPWHY_MUTANTS").map_or(4, |text| text.parse::<u64>().unwrap() / 10);
    changed(rounds, |line, rng| {
        if rng.below(3) == 0 {
            mutate(line, rng);
        }
    });
}

#[test]
fn of_records_in_other_words() {
    let mut records = 0;
    changed(2, |line, rng| {
        let Ok(Value::Object(mut record)) = serde_json::from_slice(line) else { return };
        records += 1;
        if rng.below(8) == 0 {
            let decoy = json!({ "messages": [record.clone()], "note": Value::Object(record.clone()).to_string() });
            record.insert("details of others".to_owned(), decoy);
        }
        if rng.below(500) == 0 {
            record.insert("long".to_owned(), "é\\\"x".repeat(100_000).into());
        }
        *line = format!("{}{}", respelt(&Value::Object(record), rng), rng.pick(&["", "", "\r"])).into_bytes();
    });
    assert!(records > 5_000, "{records} records");
}

/// A value with blanks between its parts, and its members in any order.
fn respelt(value: &Value, rng: &Rng) -> String {
    let blank = || *rng.pick(&["", "", "", " ", "\t", "  "]);
    let spaced = |text: String| format!("{}{text}{}", blank(), blank());
    match value {
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| spaced(text(name, rng)) + ":" + &spaced(respelt(value, rng));
            let mut members: Vec<String> = members.iter().map(member).collect();
            (1..members.len()).rev().for_each(|at| members.swap(at, rng.below(at as u64 + 1) as usize));
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| spaced(respelt(item, rng))).collect();
            format!("[{}]", items.join(","))
        }
        Value::String(words) => text(words, rng),
        plain => plain.to_string(),
    }
}

/// A string, in which any letter may be an escape.
fn text(words: &str, rng: &Rng) -> String {
    let plain = |words: &str| serde_json::to_string(words).unwrap();
    if rng.below(6) > 0 {
        return plain(words);
    }
    let letter = |c: char| match (rng.below(4), c) {
        (0, _) => c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
        (_, '"') => "\\\"".to_owned(),
        _ => plain(c.encode_utf8(&mut [0; 4])).trim_matches('"').to_owned(),
    };
    format!("\"{}\"", words.chars().map(letter).collect::<String>())
}
