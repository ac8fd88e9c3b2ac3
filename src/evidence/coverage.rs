//! The ledger: for every source, what came in and what became of it.

use super::{MemberCount, Skipped, Skips};
use crate::event::{Leniency, SkipReason, SourceKind};
use crate::reader::Outcome;
use crate::secret::Key;
use crate::source::Name;
use crate::time::Stamp;
use std::collections::BTreeMap;

/// Records of one type that no known version writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownType {
    /// Stands for the words that name the type; the words themselves are input.
    pub shape: Key,
    /// How many.
    pub records: u64,
    /// Line of the first.
    pub line: u64,
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
    /// Records seen (lines, rows, or 1 for a whole-file format). The next four sum up to it.
    pub records: u64,
    /// Records looked at and understood.
    pub used: u64,
    /// Records of a known type that never states anything here, blank lines, and records that a log quotes.
    pub ignored: u64,
    /// Records of a type that no known version writes.
    pub unknown: u64,
    /// Records that are not usable; the reasons are in `skipped`.
    pub refused: u64,
    /// The types of the unknown ones, as far as they can be told apart.
    #[allow(clippy::box_collection, reason = "most records have none, and a list in place takes three times as much")]
    unknown_types: Option<Box<Vec<UnknownType>>>,
    /// Events stated.
    pub events: u64,
    /// Decompressed bytes that came in.
    pub bytes_in: u64,
    /// Bytes looked at and understood.
    pub bytes_used: u64,
    /// Bytes inside used records that were passed over by length.
    pub bytes_elided: u64,
    /// Bytes not used, by reason.
    pub skipped: Skips,
    /// Records that were taken although something was odd about them, by what was put up with.
    #[allow(clippy::box_collection, reason = "most records have none")]
    lenient: Option<Box<BTreeMap<Leniency, u64>>>,
    /// Were there NULs between records, where something stood once? `skipped` counts their bytes.
    pub has_hole: bool,
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
            used: 0,
            ignored: 0,
            unknown: 0,
            refused: 0,
            unknown_types: None,
            events: 0,
            bytes_in: 0,
            bytes_used: 0,
            bytes_elided: 0,
            skipped: Skips::default(),
            lenient: None,
            has_hole: false,
            members: None,
        }
    }

    /// An empty record of a piece of the same source.
    pub fn beside(&self) -> SourceRecord {
        SourceRecord::new(self.name.clone(), self.kind, None, None)
    }

    /// Count one record and what became of it. Its bytes are counted apart.
    pub fn count(&mut self, outcome: Outcome) {
        self.records += 1;
        match outcome {
            Outcome::Used => self.used += 1,
            Outcome::Ignored => self.ignored += 1,
            Outcome::Unknown => self.unknown += 1,
            Outcome::Skipped(_) => self.refused += 1,
        }
    }

    /// So many records that were counted as used are quotes, and state nothing.
    pub fn set_aside(&mut self, records: u64) {
        let quoted = records.min(self.used);
        self.used -= quoted;
        self.ignored += quoted;
    }

    /// Count what was put up with in one record.
    pub fn put_up(&mut self, leniencies: impl Iterator<Item = Leniency>) {
        leniencies.for_each(|leniency| *self.lenient.get_or_insert_default().entry(leniency).or_default() += 1);
    }

    /// Records that were taken although something was odd about them, by what was put up with.
    pub fn lenient(&self) -> impl Iterator<Item = (Leniency, u64)> + '_ {
        self.lenient.iter().flat_map(|all| all.iter().map(|(what, records)| (*what, *records)))
    }

    /// Note the type of an unknown record. Beyond a number of types that no format has, further
    /// ones go with the last.
    pub fn note_unknown(&mut self, shape: Key, line: u64) {
        self.note_unknown_many(shape, line, 1);
    }

    fn note_unknown_many(&mut self, shape: Key, line: u64, records: u64) {
        const TYPES: usize = 64;
        let known = self.unknown_types.get_or_insert_default();
        let full = known.len() >= TYPES;
        match known.iter_mut().rev().find(|known| known.shape == shape || full) {
            Some(known) => known.records += records,
            None => known.push(UnknownType { shape, records, line }),
        }
    }

    /// Add what was counted of the records that follow, from the `before`th line on.
    pub fn join(&mut self, part: SourceRecord, before: u64) {
        self.records += part.records;
        self.used += part.used;
        self.ignored += part.ignored;
        self.unknown += part.unknown;
        self.refused += part.refused;
        self.bytes_used += part.bytes_used;
        self.bytes_elided += part.bytes_elided;
        self.has_hole |= part.has_hole;
        for (reason, skipped) in &part.skipped {
            self.skip_many(*reason, skipped.count, skipped.bytes);
        }
        for (leniency, records) in part.lenient() {
            *self.lenient.get_or_insert_default().entry(leniency).or_default() += records;
        }
        for unknown in part.types() {
            self.note_unknown_many(unknown.shape, unknown.line + before, unknown.records);
        }
    }

    /// The types of the unknown records, as far as they can be told apart.
    pub fn types(&self) -> impl Iterator<Item = &UnknownType> {
        self.unknown_types.iter().flat_map(|types| types.iter())
    }

    /// Note that `bytes` were not used, and why.
    pub fn skip(&mut self, reason: SkipReason, bytes: u64) {
        self.skip_many(reason, 1, bytes);
    }

    /// The same for something that was met `count` times, over `bytes` in all.
    pub fn skip_many(&mut self, reason: SkipReason, count: u64, bytes: u64) {
        self.skipped.add(reason, count, bytes);
    }

    /// Bytes that are accounted for so far.
    pub fn accounted(&self) -> u64 {
        let skipped: u64 = self.skipped.values().map(|s| s.bytes).sum();
        self.bytes_used + self.bytes_elided + skipped
    }

    /// Does the ledger add up, in bytes and in records?
    pub fn adds_up(&self) -> bool {
        let fates = [self.used, self.ignored, self.unknown, self.refused].into_iter().fold(0, u64::saturating_add);
        let members_add_up = self.members.as_ref().is_none_or(|members| members.adds_up());
        self.bytes_in == self.accounted() && self.records == fates && members_add_up
    }

    /// An archive in order: its members are sources, itself it is none.
    pub fn is_only_archive(&self) -> bool {
        self.members.is_some() && !self.has_gap()
    }

    /// True when something was skipped, cut or unreadable (what `--strict` asks). Two reasons are
    /// said always and are no gap by themselves: another name of a file that was read, and a
    /// database without its write-ahead log (with 0 bytes), since a program that ends well takes
    /// its log along.
    pub fn has_gap(&self) -> bool {
        let is_gap = |reason: SkipReason, skipped: &Skipped| match reason {
            SkipReason::HardLink => false,
            SkipReason::SqliteWalMissing => skipped.bytes > 0,
            _ => true,
        };
        self.skipped.iter().any(|(reason, skipped)| is_gap(*reason, skipped))
    }
}
