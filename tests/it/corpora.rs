//! The corpora of the fuzz targets, as ordinary tests: what a fuzzer once found worth keeping
//! stays read as promised.

use crate::oracle;
use std::path::Path;

/// Feed every file of a corpus to its oracle. An empty corpus would prove nothing.
fn all(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(target);
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        check(&std::fs::read(entry.unwrap().path()).unwrap());
        seen += 1;
    }
    assert!(seen >= 5, "{target}: {seen} files");
}

#[test]
fn lines() {
    all("lines", oracle::lines);
}

#[test]
fn archives() {
    all("archives", oracle::archives);
}

#[test]
fn databases() {
    all("databases", oracle::databases);
}

#[test]
fn times() {
    all("times", oracle::times);
}
