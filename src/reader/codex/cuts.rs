//! Every fixture input of these formats, whole and cut at every byte: recognised as what its
//! folder says, and read to the end without a panic.

#![allow(clippy::unwrap_used)]

use super::testing;
use crate::reader::{Format, Shape, recognise};
use crate::source::{Head, Name};
use std::path::{Path, PathBuf};

/// How much of a source the recognition is shown.
const HEAD: usize = 64 << 10;

/// The files below `folder`, in order.
pub(super) fn below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().flat_map(|p| if p.is_dir() { below(&p) } else { vec![p] }).collect()
}

/// The format that these bytes are taken for.
pub(super) fn format_of(name: &Name, bytes: &[u8]) -> Option<&'static Format> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    recognise(&Head { name, bytes: &bytes[..bytes.len().min(HEAD)], whole: bytes.len() <= HEAD })
}

fn inputs() -> Vec<(String, Name, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/readers");
    let kinds = ["codex-", "opencode-", "sqlite"];
    below(&root)
        .into_iter()
        .filter_map(|path| {
            let kind = path.strip_prefix(&root).unwrap().iter().next()?.to_str()?.to_owned();
            let is_input = path.file_name()?.to_str().is_some_and(|n| !n.starts_with("expected"));
            (is_input && kinds.iter().any(|k| kind.starts_with(k)))
                .then(|| (kind, Name::of_path(&path), std::fs::read(&path).unwrap()))
        })
        .collect()
}

#[test]
fn every_input_is_recognised() {
    for (kind, name, bytes) in inputs() {
        let found = format_of(&name, &bytes).map(|f| f.kind.word());
        assert_eq!(found, Some(kind.as_str()), "{}", name.private());
    }
}

#[test]
fn every_cut_is_read() {
    for (_, name, bytes) in inputs() {
        let Some(whole) = format_of(&name, &bytes) else { continue };
        for cut in 0..=bytes.len() {
            let _ = format_of(&name, &bytes[..cut]);
            match whole.shape {
                Shape::Lines(open) => drop(testing::run(open, name.private(), &bytes[..cut])),
                Shape::Whole(read) => drop(testing::whole(read, name.private(), &bytes[..cut])),
                Shape::Nothing | Shape::Database | Shape::NotRead(_) => {}
            }
        }
    }
}
