//! The records of one line: one, unless a writer's line end is missing and records are glued.
//!
//! It is apart from the driver because of the arithmetic: a record of a shortened line has to
//! know where in the source it stands and how many bytes of it were left out.

use super::Recognise;
use crate::reader::Format;
use crate::reader::json::{self, Glued};
use crate::source::{Cut, Head, Line, left_out, source_len};

/// A record of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a> {
    /// The record, as a line of its own with the same number.
    pub(super) line: Line<'a>,
    /// Bytes of the source it takes.
    pub(super) len: u64,
    /// How many of them were left out.
    pub(super) elided: u64,
    /// NULs before it that belong to no record.
    pub(super) padding: u64,
}

/// The records of a line that takes `len` bytes of the source, in order.
pub(super) fn parts<'a>(line: Line<'a>, len: u64, cuts: &'a [Cut]) -> impl Iterator<Item = Part<'a>> {
    let glued = if line.bytes.first() == Some(&b'{') { json::glued(line.bytes) } else { Vec::new() };
    let whole = Glued { from: 0, to: line.bytes.len(), padding: 0 };
    let last = glued.len().saturating_sub(1);
    let single = glued.is_empty().then_some(whole);
    single.into_iter().chain(glued).enumerate().map(move |(at, one)| part(line, len, cuts, one, at == last))
}

/// Tell the format of a source whose first line holds several records, or one and a hole behind
/// it, by those.
pub(super) fn unglued(head: &Head<'_>, recognise: Recognise) -> Option<&'static Format> {
    let (line, _) = head.first_line().filter(|(line, _)| line.first() == Some(&b'{'))?;
    let padding = line.iter().rev().take_while(|b| **b == 0).count();
    let first = line.get(..line.len() - padding)?;
    let glued = json::glued(first);
    let mut records: Vec<&[u8]> = glued.iter().filter_map(|one| first.get(one.from..one.to)).collect();
    match (padding, records.len()) {
        (0, 0) => return None,
        (_, 0) => records.push(first),
        // The last one may be cut off by the end of what is shown.
        (0, _) => drop(records.pop()),
        _ => {}
    }
    recognise(&Head { bytes: &[&records.join(&b'\n'), &b"\n"[..]].concat(), whole: false, ..*head })
}

fn part<'a>(line: Line<'a>, len: u64, cuts: &[Cut], one: Glued, is_last: bool) -> Part<'a> {
    let from = source_len(one.from, cuts);
    // The line end goes with the last record.
    let to = if is_last { len } else { source_len(one.to, cuts) };
    let bytes = line.bytes.get(one.from..one.to).unwrap_or_default();
    Part {
        line: Line { byte: line.byte + from, bytes, torn: line.torn && is_last, ..line },
        len: to.saturating_sub(from),
        elided: left_out(one.from, one.to, cuts),
        padding: one.padding as u64,
    }
}
