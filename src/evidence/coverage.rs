//! The ledger: for every source, what came in and what became of it.

use super::MemberCount;
use crate::event::{SkipReason, SourceKind};
use crate::source::Name;
use crate::time::Stamp;
use std::collections::BTreeMap;

/// How often a reason was met, and over how many bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Times.
    pub count: u64,
    /// Bytes not used because of it.
    pub bytes: u64,
}

/// What is known about one source.
#[derive(Clone, Debug)]
pub struct SourceRecord {
    /// Its name (private).
    pub name: Name,
    /// What it was recognised as.
    pub kind: SourceKind,
    /// The home it belongs to, as a path prefix (private); None where the name cannot tell.
    pub home: Option<String>,
    /// Modification time, where the medium keeps one.
    pub modified: Option<Stamp>,
    /// Records (lines, or 1 for a whole-file format).
    pub records: u64,
    /// Records of a type that no known version writes.
    pub unknown: u64,
    /// Events stated.
    pub events: u64,
    /// Decompressed bytes that came in.
    pub bytes_in: u64,
    /// Bytes looked at and understood.
    pub bytes_used: u64,
    /// Bytes inside used records that were passed over by length.
    pub bytes_elided: u64,
    /// Bytes not used, by reason.
    pub skipped: BTreeMap<SkipReason, Skipped>,
    /// Of an archive that was read: its members.
    pub members: Option<Box<MemberCount>>,
}

impl SourceRecord {
    /// An empty record.
    pub fn new(name: Name, kind: SourceKind, home: Option<String>, modified: Option<Stamp>) -> SourceRecord {
        SourceRecord {
            name,
            kind,
            home,
            modified,
            records: 0,
            unknown: 0,
            events: 0,
            bytes_in: 0,
            bytes_used: 0,
            bytes_elided: 0,
            skipped: BTreeMap::new(),
            members: None,
        }
    }

    /// Note that `bytes` were not used, and why.
    pub fn skip(&mut self, reason: SkipReason, bytes: u64) {
        self.skip_many(reason, 1, bytes);
    }

    /// The same for something that was met `count` times, over `bytes` in all.
    pub fn skip_many(&mut self, reason: SkipReason, count: u64, bytes: u64) {
        let entry = self.skipped.entry(reason).or_default();
        entry.count += count;
        entry.bytes += bytes;
    }

    /// Bytes that are accounted for so far.
    pub fn accounted(&self) -> u64 {
        let skipped: u64 = self.skipped.values().map(|s| s.bytes).sum();
        self.bytes_used + self.bytes_elided + skipped
    }

    /// Does the ledger add up?
    pub fn adds_up(&self) -> bool {
        self.bytes_in == self.accounted() && self.members.as_ref().is_none_or(|members| members.adds_up())
    }

    /// An archive in order: its members are sources, itself it is none.
    pub fn is_only_archive(&self) -> bool {
        self.members.is_some() && !self.has_gap()
    }

    /// True when something was skipped, cut or unreadable (what `--strict` asks). That a database
    /// stands without its write-ahead log is said always (with 0 bytes), and is a gap only where
    /// something is certainly missing: a program that ends well takes its log along.
    pub fn has_gap(&self) -> bool {
        self.skipped.iter().any(|(reason, skipped)| *reason != SkipReason::SqliteWalMissing || skipped.bytes > 0)
    }
}
