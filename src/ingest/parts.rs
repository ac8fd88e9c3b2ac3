//! The records of one line: one, unless a writer's line end is missing and records are glued.
//!
//! It is apart from the driver because of the arithmetic: a record of a shortened line has to
//! know where in the source it stands and how many bytes of it were left out.

use super::Recognise;
use crate::reader::Format;
use crate::reader::json::{self, Glued};
use crate::source::{Cut, Head, Line, left_out, pages, source_len};
use std::ops::Range;

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
    /// It stood beside a page break, which was taken off.
    pub(super) has_break: bool,
}

/// Hand out the records of a line that takes `len` bytes of the source, in order.
pub(super) fn parts<'a>(line: Line<'a>, len: u64, cuts: &[Cut], mut each: impl FnMut(Part<'a>)) {
    let Range { start, end } = pages::range(line.bytes);
    let inside = line.bytes.get(start..end).unwrap_or_default();
    let glued = if inside.first() == Some(&b'{') { json::glued(inside) } else { Vec::new() };
    let mut hand_out = |one: Glued, is_first: bool, is_last: bool| {
        let has_break = (is_first && start > 0) || (is_last && end < line.bytes.len());
        let one = Glued { from: start + one.from, to: start + one.to, ..one };
        each(Part { has_break: has_break && one.from < one.to, ..part(line, len, cuts, one, (is_first, is_last)) });
    };
    if glued.is_empty() {
        return hand_out(Glued { from: 0, to: inside.len(), padding: 0 }, true, true);
    }
    let last = glued.len() - 1;
    glued.into_iter().enumerate().for_each(|(at, one)| hand_out(one, at == 0, at == last));
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

fn part<'a>(line: Line<'a>, len: u64, cuts: &[Cut], one: Glued, (is_first, is_last): (bool, bool)) -> Part<'a> {
    let from = source_len(one.from, cuts);
    // What stands before the first record goes with it, and the line end with the last.
    let start = if is_first { 0 } else { from };
    let to = if is_last { len } else { source_len(one.to, cuts) };
    let bytes = line.bytes.get(one.from..one.to).unwrap_or_default();
    Part {
        line: Line { byte: line.byte + from, bytes, torn: line.torn && is_last, ..line },
        len: to.saturating_sub(start),
        elided: left_out(one.from, one.to, cuts),
        padding: one.padding as u64,
        has_break: false,
    }
}
