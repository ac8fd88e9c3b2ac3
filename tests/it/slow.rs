//! With shortcuts and without (`report --slow-path`) a report says the same, to the byte: of every fixture, and of their
//! files, damaged in any way.

use crate::make::rng::Rng;
use crate::mutants::mutate;
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

/// `STOPWHY_MUTANTS=5000` tries more of them.
#[test]
fn of_damaged_files() {
    let rounds = std::env::var("STOPWHY_MUTANTS").map_or(4, |text| text.parse::<u64>().unwrap() / 10);
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let files = files_below(&fixtures);
    for round in 0..rounds {
        let (rng, scratch) = (Rng::new(round), tempfile::tempdir().unwrap());
        for file in &files {
            let bytes = fs::read(file).unwrap();
            let mut lines: Vec<Vec<u8>> = bytes.split(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
            lines.iter_mut().filter(|_| rng.below(3) == 0).for_each(|line| mutate(line, &rng));
            let place = scratch.path().join(file.strip_prefix(&fixtures).unwrap());
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, lines.join(&b'\n')).unwrap();
        }
        is_same(scratch.path());
    }
}
