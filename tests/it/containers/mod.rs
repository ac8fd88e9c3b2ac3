//! Archives and compressed files: what comes out of hostile and odd ones, against figures, other
//! programs, and the same bytes cut anywhere.

mod cuts;
mod large;
mod others;
mod streams;
mod tars;
mod zips;

use crate::pipeline::{self, Run};
use crate::readers;
use flate2::Crc;
use std::path::Path;
use stopwhy::event::SkipReason;
use stopwhy::evidence::{Evidence, SourceRecord};
use stopwhy::plan::Root;
use stopwhy::source::{self, Budget, Found, Meter};

/// A member as it came out: name below the archive, size, checksum.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    pub name: String,
    pub size: u64,
    pub crc: u32,
}

impl Member {
    pub fn of(name: &str, text: &[u8]) -> Member {
        let mut crc = Crc::new();
        crc.update(text);
        Member { name: name.to_owned(), size: text.len() as u64, crc: crc.sum() }
    }
}

/// The members of the archive at `path`, in order.
pub fn members(path: &Path) -> Vec<Member> {
    let inputs = source::discover(&[Root::Path(path.to_owned())]).unwrap();
    let prefix = format!("{}/", path.display());
    let mut members = Vec::new();
    for input in &inputs {
        source::read(input, &Budget::default(), &Meter::new(), &mut |found| {
            if let Found::Source(stream) = found {
                let name = stream.name().private().strip_prefix(&prefix).unwrap_or_default().to_owned();
                let padding = vec![0; usize::try_from(stream.padding()).unwrap()];
                let text = [&padding, stream.whole(256 << 20).unwrap()].concat();
                members.push(Member::of(&name, &text));
            }
        });
    }
    members
}

/// What was read from `bytes`, in a file of this name, with the ledger checked.
pub fn read(name: &str, bytes: &[u8]) -> Evidence {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let evidence = readers::read(std::slice::from_ref(&path));
    for source in &evidence.sources {
        assert!(source.adds_up(), "ledger of {source:?}");
    }
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left, [path], "something was written beside the archive");
    evidence
}

/// The same through to the report.
pub fn report(name: &str, bytes: &[u8]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    pipeline::run(&path)
}

/// Reasons of all sources: word, count, bytes.
pub fn reasons(evidence: &Evidence) -> Vec<(&'static str, u64, u64)> {
    let all = evidence.sources.iter().flat_map(|source| &source.skipped);
    let mut list: Vec<(SkipReason, u64, u64)> = Vec::new();
    for (reason, skipped) in all {
        match list.iter_mut().find(|(known, ..)| known == reason) {
            Some((_, count, bytes)) => (*count, *bytes) = (*count + skipped.count, *bytes + skipped.bytes),
            None => list.push((*reason, skipped.count, skipped.bytes)),
        }
    }
    let mut list: Vec<_> = list.into_iter().map(|(reason, count, bytes)| (reason.word(), count, bytes)).collect();
    list.sort_unstable();
    list
}

/// The record of the one archive that stands in no other.
pub fn archive(evidence: &Evidence) -> &SourceRecord {
    evidence.sources.iter().rfind(|source| source.members.is_some()).unwrap()
}

/// Of the outermost archive: declared, read, folders, skipped.
pub fn counts(evidence: &Evidence) -> [u64; 4] {
    let members = archive(evidence).members.as_ref().unwrap();
    [members.archive.declared, members.read, members.archive.folders, members.skipped()]
}

/// A login store: one member of it states one event.
pub fn store() -> Vec<u8> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/incidents/founding-consumed/home");
    std::fs::read(home.join(".codex/auth.json")).unwrap()
}

/// Where such a member stands.
pub const STORE: &str = "h/.codex/auth.json";
