//! Lines given to whoever reads them, and what becomes of each put into the ledger of their source.
//!
//! Apart from the driver, because a source is read in one go or in pieces by several threads, and is accounted for the
//! same either way.

use super::parts::parts;
use super::{count, shape};
use crate::event::{Leniency, SkipReason};
use crate::evidence::SourceRecord;
use crate::reader::{Facts, Outcome, json};
use crate::secret::Key;
use crate::source::{HOLE, Line, Row};

/// The ledger of a source, or of a piece of one, while its lines are read.
pub(super) struct Tally<'r> {
    pub(super) record: &'r mut SourceRecord,
    /// NULs that are a hole if they stand between records.
    holes: Holes,
}

/// NULs of a piece of which other pieces show whether they stand between records.
#[derive(Clone, Copy, Default)]
pub(super) struct Holes {
    /// They stand before its first record.
    first: bool,
    /// They stand behind its last line.
    last: bool,
    /// It has lines.
    has_lines: bool,
}

/// What a reader makes of a line, and what names the type of one that is unknown.
pub(super) type Said = (Outcome, Option<Key>);

/// A reader's word on a line.
pub(super) fn said(outcome: Outcome, line: &Line<'_>, facts: &Facts<'_>) -> Said {
    let shape = || facts.record_key(shape::shape(line.bytes).as_bytes());
    (outcome, (outcome == Outcome::Unknown).then(shape))
}

impl<'r> Tally<'r> {
    pub(super) fn new(record: &'r mut SourceRecord) -> Tally<'r> {
        Tally { record, holes: Holes::default() }
    }

    /// Account for a row; `read` tells what a reader makes of a line.
    pub(super) fn row(&mut self, row: Row<'_>, mut read: impl FnMut(&Line<'_>) -> Said) {
        match row {
            Row::Line { line, len, cuts } => parts(line, len, cuts, |part| {
                json::note(part.has_break.then_some(Leniency::PageBreak));
                let (outcome, unknown) = read(&part.line);
                if let Some(shape) = unknown {
                    self.record.note_unknown(shape, part.line.number);
                }
                self.holes.has_lines = true;
                self.record.has_hole |= part.padding > 0 || std::mem::take(&mut self.holes.last);
                if part.padding > 0 {
                    self.record.skip(SkipReason::NulPadding, part.padding);
                }
                count(self.record, judged(outcome, &part.line), part.len, part.elided);
            }),
            Row::Skipped(reason, len) => {
                if reason == SkipReason::LineTooLong {
                    self.record.count(Outcome::Skipped(reason));
                }
                if reason == SkipReason::NulPadding && len >= HOLE as u64 {
                    let is_first = self.record.records == 0;
                    self.holes.first |= is_first;
                    self.holes.last |= !is_first;
                }
                self.record.skip(reason, len);
            }
        }
    }

    /// What only the pieces around this one decide.
    pub(super) fn holes(&self) -> Holes {
        self.holes
    }

    /// The piece that follows, which begins behind so many lines, came to this.
    pub(super) fn join(&mut self, piece: SourceRecord, holes: Holes, before: u64) {
        self.holes.last |= holes.first && self.record.records > 0;
        if holes.has_lines {
            self.record.has_hole |= std::mem::take(&mut self.holes.last);
        }
        self.holes.last |= holes.last;
        self.record.join(piece, before);
    }
}

/// What a reader's word comes to. Blank lines state nothing, whatever the format.
fn judged(outcome: Outcome, line: &Line<'_>) -> Outcome {
    match outcome {
        Outcome::Skipped(SkipReason::JsonSyntax) if line.torn => Outcome::Skipped(SkipReason::TornTail),
        Outcome::Used if line.bytes.trim_ascii().is_empty() => Outcome::Ignored,
        outcome => outcome,
    }
}
