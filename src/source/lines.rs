//! Bytes into lines, with number and byte, without a copy and without ever giving up.
//!
//! A line ends at LF, a CR before it belongs to the line end, and one byte order mark may stand
//! before the first line. NULs at either end of a line are what a crash or a hole in a sparse
//! file leaves there; they are reported apart, so that the record beside them is still a record.
//! A run of NULs inside a line cuts it in two, and holes are passed over without being read.
//! A line longer than 1 MiB is shortened as it comes (see [`super::shorten`]).

use super::Line;
use super::blocks::Blocks;
use super::shorten::{Cut, LONG, Shortener};
use super::toll::Toll;
use crate::event::SkipReason;
use memchr::memchr2;
use std::io::BufRead;

/// The mark that some editors put at the start of a UTF-8 file.
pub(super) const BOM: &[u8] = b"\xef\xbb\xbf";

/// Longest line that is kept, after shortening.
pub const LINE_LIMIT: usize = 64 << 20;

/// So many NULs inside a line are no part of it. A shorter run is left to whoever reads the line.
pub const HOLE: usize = 64;

/// A piece of a source of lines. The lengths of all pieces sum up to the source.
#[derive(Clone, Copy, Debug)]
pub enum Row<'a> {
    /// A line, and how many bytes of the source it takes with its line end and byte order mark.
    Line {
        /// The line.
        line: Line<'a>,
        /// Bytes of the source.
        len: u64,
        /// What was left out of a long line, in order.
        cuts: &'a [Cut],
    },
    /// So many bytes that are no line: [`SkipReason::NulPadding`], or a whole line that is
    /// [`SkipReason::LineTooLong`].
    Skipped(SkipReason, u64),
}

/// How many lines of a source came before, and how many bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Passed {
    /// Lines.
    pub lines: u64,
    /// Bytes.
    pub bytes: u64,
}

/// Hand out everything in `blocks`, a line at a time.
pub(super) fn split(blocks: &mut Blocks<'_>, passed: Passed, limit: usize, mut each: impl FnMut(Row<'_>)) {
    let has_bom = passed.lines == 0 && blocks.want(BOM.len()).starts_with(BOM);
    let mut splitter = Splitter::new(passed, has_bom, limit);
    splitter.toll = blocks.toll();
    loop {
        let done = splitter.take(blocks.ahead(), &mut each);
        blocks.consume(done);
        blocks.charge(splitter.toll.as_mut().map_or(0, Toll::due));
        if let Some(hole) = &mut splitter.hole {
            *hole += blocks.pass_hole();
        }
        if !blocks.more() {
            break;
        }
    }
    splitter.last(blocks.ahead(), &mut each);
    if let Some(toll) = &mut splitter.toll {
        toll.end(splitter.byte);
        blocks.charge(toll.due());
    }
    blocks.pass();
}

/// Hand out the lines of a piece of a source that begins at a line and ends with a line end. They are counted from the
/// first of the piece. Returns how many there are.
pub(super) fn split_piece(piece: &[u8], byte: u64, limit: usize, mut each: impl FnMut(Row<'_>)) -> u64 {
    let passed = Passed { lines: 0, bytes: byte };
    let mut splitter = Splitter::new(passed, byte == 0 && piece.starts_with(BOM), limit);
    let done = splitter.take(piece, &mut each);
    splitter.last(piece.get(done..).unwrap_or_default(), &mut each);
    splitter.number - 1
}

/// Where the next line starts, and what is known about it.
struct Splitter {
    number: u64,
    /// Byte of the source at which the line, or what is left of it, starts.
    byte: u64,
    /// Length of the byte order mark before the line.
    bom: usize,
    /// Bytes of the line in the buffer that are known to hold neither its end nor a hole.
    scanned: usize,
    /// Some of the line was handed out already: a hole, and perhaps what came before it.
    begun: bool,
    /// Length of the hole we are in.
    hole: Option<u64>,
    /// The line, if it is being shortened, and how much of it was taken.
    long: Option<Shortener>,
    long_len: u64,
    limit: usize,
    /// What short lines are charged, if anything is.
    toll: Option<Toll>,
}

/// What ends a line or a part of it.
enum Mark {
    /// A line feed.
    End,
    /// So many NULs.
    Nuls(usize),
}

impl Splitter {
    fn new(passed: Passed, has_bom: bool, limit: usize) -> Splitter {
        Splitter {
            number: passed.lines + 1,
            byte: passed.bytes,
            bom: if has_bom { BOM.len() } else { 0 },
            scanned: 0,
            begun: false,
            hole: None,
            long: None,
            long_len: 0,
            limit,
            toll: None,
        }
    }

    /// Hand out what is complete in `ahead`. Returns how many bytes need not be kept.
    fn take(&mut self, ahead: &[u8], each: &mut impl FnMut(Row<'_>)) -> usize {
        let mut start = self.in_hole(ahead, 0, each);
        while let Some((at, mark)) = next_mark(ahead, start + self.scanned) {
            match mark {
                Mark::End => {
                    self.line(ahead.get(start..=at).unwrap_or_default(), false, each);
                    (self.number, self.begun, start) = (self.number + 1, false, at + 1);
                }
                Mark::Nuls(run) if run >= HOLE => {
                    if at > start || self.long.is_some() {
                        self.line(ahead.get(start..at).unwrap_or_default(), true, each);
                    }
                    (self.begun, self.hole) = (true, Some(0));
                    start = self.in_hole(ahead, at, each);
                }
                Mark::Nuls(run) if at + run == ahead.len() => {
                    self.scanned = at - start;
                    return start + self.hold_back(ahead.get(start..at).unwrap_or_default());
                }
                Mark::Nuls(run) => {
                    self.scanned = at + run - start;
                    continue;
                }
            }
            self.scanned = 0;
        }
        if self.hole.is_none() {
            self.scanned = ahead.len() - start;
        }
        start + self.hold_back(ahead.get(start..).unwrap_or_default())
    }

    /// Pass over the NULs at `start` while in a hole, and leave it at the first other byte.
    fn in_hole(&mut self, ahead: &[u8], start: usize, each: &mut impl FnMut(Row<'_>)) -> usize {
        let Some(hole) = &mut self.hole else { return start };
        let rest = ahead.get(start..).unwrap_or_default();
        let run = nuls(rest);
        *hole += run as u64;
        if run < rest.len() {
            self.leave_hole(each);
        }
        start + run
    }

    fn leave_hole(&mut self, each: &mut impl FnMut(Row<'_>)) {
        if let Some(hole) = self.hole.take().filter(|hole| *hole > 0) {
            each(Row::Skipped(SkipReason::NulPadding, hole));
            self.byte += hole;
        }
    }

    /// `start` is the start of a line whose end is not here yet. A long one is taken at once.
    /// Returns how much was taken.
    fn hold_back(&mut self, start: &[u8]) -> usize {
        // The line end and the mark are not part of the line.
        if self.long.is_none() && start.len() <= LONG.min(self.limit) + BOM.len() + 2 {
            return 0;
        }
        self.feed(start);
        self.scanned = 0;
        start.len()
    }

    fn feed(&mut self, part: &[u8]) {
        self.long.get_or_insert_with(|| Shortener::new(self.limit + BOM.len() + 2)).feed(part);
        self.long_len += part.len() as u64;
    }

    /// Hand out one line, given with its line end; `torn` when it has none.
    fn line(&mut self, raw: &[u8], torn: bool, each: &mut impl FnMut(Row<'_>)) {
        if self.long.is_some() || raw.len() > LONG.min(self.limit) + self.bom + 2 {
            self.feed(raw);
        }
        let len = if self.long.is_some() { self.long_len } else { raw.len() as u64 };
        let long = self.long.take();
        match long.as_ref().map_or(Some((raw, &[][..])), Shortener::done) {
            Some((text, cuts)) => self.text(text, len, cuts, torn, each),
            None => each(Row::Skipped(SkipReason::LineTooLong, len)),
        }
        self.byte += len;
        if let Some(toll) = self.toll.as_mut().filter(|_| raw.ends_with(b"\n")) {
            toll.line_ends(self.byte - 1);
        }
        (self.bom, self.long_len) = (0, 0);
    }

    /// The same of what is kept of it.
    fn text(&self, kept: &[u8], len: u64, cuts: &[Cut], torn: bool, each: &mut impl FnMut(Row<'_>)) {
        let text = kept.strip_suffix(b"\n").unwrap_or(kept);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let text = text.get(self.bom..).unwrap_or_default();
        let before = nuls(text);
        if before == text.len() && (before > 0 || self.begun) {
            each(Row::Skipped(SkipReason::NulPadding, len));
            return;
        }
        if text.len() > self.limit {
            each(Row::Skipped(SkipReason::LineTooLong, len));
            return;
        }
        let behind = text.iter().rev().take_while(|b| **b == 0).count();
        let padding = (before + behind) as u64;
        if padding > 0 {
            each(Row::Skipped(SkipReason::NulPadding, padding));
        }
        let bytes = text.get(before..text.len() - behind).unwrap_or_default();
        let line = Line { number: self.number, byte: self.byte + before as u64, bytes, torn };
        let lead = self.bom + before;
        let cuts: Vec<Cut> = cuts.iter().map(|cut| Cut { at: cut.at.saturating_sub(lead), ..*cut }).collect();
        each(Row::Line { line, len: len - padding, cuts: &cuts });
    }

    /// The source ends with `rest`.
    fn last(&mut self, rest: &[u8], each: &mut impl FnMut(Row<'_>)) {
        self.leave_hole(each);
        if self.long.is_some() || !rest.is_empty() {
            self.line(rest, true, each);
        }
    }
}

/// The next line feed or run of NULs from `from` on.
fn next_mark(ahead: &[u8], from: usize) -> Option<(usize, Mark)> {
    let rest = ahead.get(from..)?;
    let at = memchr2(b'\n', 0, rest)?;
    let behind = rest.get(at..)?;
    let mark = if behind.first() == Some(&0) { Mark::Nuls(nuls(behind)) } else { Mark::End };
    Some((from + at, mark))
}

/// Length of the run of NULs at the start of `bytes`.
pub(super) fn nuls(bytes: &[u8]) -> usize {
    const STEP: usize = 4096;
    if bytes.first() != Some(&0) {
        return 0;
    }
    let whole = bytes.chunks(STEP).take_while(|run| run.iter().fold(0, |all, b| all | b) == 0).count();
    let start = (whole * STEP).min(bytes.len());
    start + bytes.iter().skip(start).take_while(|b| **b == 0).count()
}

#[cfg(test)]
mod tests {
    use super::super::bytes::BLOCK;
    use super::*;

    /// Lines as (number, byte, text, torn), and what was skipped.
    type Seen = (Vec<(u64, u64, String, bool)>, Vec<(SkipReason, u64)>);

    fn seen(text: &[u8], limit: usize, buffer: u64) -> Seen {
        let (mut lines, mut skipped, mut total) = (Vec::new(), Vec::new(), 0);
        split(&mut Blocks::sized(text, buffer), Passed::default(), limit, |row| match row {
            Row::Line { line, len, .. } => {
                lines.push((line.number, line.byte, String::from_utf8_lossy(line.bytes).into_owned(), line.torn));
                total += len;
            }
            Row::Skipped(reason, len) => {
                skipped.push((reason, len));
                total += len;
            }
        });
        assert_eq!(total, text.len() as u64);
        (lines, skipped)
    }

    fn texts(text: &[u8]) -> Vec<String> {
        seen(text, 100, 10).0.into_iter().map(|line| line.2).collect()
    }

    #[test]
    fn numbers_bytes_and_ends() {
        let (lines, skipped) = seen(b"\xef\xbb\xbfone\r\n\ntwo\rx\r\nlast\r", 100, 10);
        let line = |number, byte, text: &str, torn| (number, byte, text.to_owned(), torn);
        assert_eq!(
            lines,
            [line(1, 0, "one", false), line(2, 8, "", false), line(3, 9, "two\rx", false), line(4, 16, "last", true)]
        );
        assert!(skipped.is_empty());
    }

    /// What short lines are charged when they are split in order, or first handed over in pieces; and whether what was cut
    /// may depend on that.
    fn charged(text: &[u8], in_pieces: bool, member: u64) -> (u64, bool) {
        use crate::source::{Budget, buffer::Buffer};
        const RUN: u64 = u64::MAX / 2;
        let budget = Budget::new(member, RUN);
        let mut blocks = Blocks::new(text);
        blocks.ration(&budget);
        let mut passed = Passed::default();
        while in_pieces && let Some((piece, range)) = blocks.hand_over(60_000, Buffer::new()) {
            let piece = piece.get(range).unwrap_or_default();
            passed.lines += split_piece(piece, passed.bytes, LINE_LIMIT, |_| {});
            passed.bytes += piece.len() as u64;
        }
        assert_eq!(passed.bytes > 0, in_pieces);
        split(&mut blocks, passed, LINE_LIMIT, |_| {});
        (RUN - budget.left(), budget.was_hit())
    }

    #[test]
    fn short_lines_cost_the_same_in_whatever_pieces() {
        let mixed = |n: usize| if n.is_multiple_of(7) || (n / 50_000 % 3 == 1 && !n.is_multiple_of(900)) { b'x' } else { b'\n' };
        let mut text: Vec<u8> = (0..900_000).map(mixed).collect();
        text.extend(b"y".repeat(70_000));
        let cost = charged(&text, false, u64::MAX);
        assert!(cost.0 > 10 * text.len() as u64 && !cost.1, "{cost:?}");
        assert_eq!(charged(&text, true, u64::MAX), cost);
        let long = [&b"z".repeat(300)[..], b"\n"].concat().repeat(3_000);
        assert_eq!([charged(&long, false, u64::MAX), charged(&long, true, u64::MAX)], [(0, false); 2]);
        // Where it is cut depends on how far it was read ahead: then all is read again, in order.
        assert_eq!([charged(&text, false, 1 << 20).1, charged(&text, true, 1 << 20).1], [false, true]);
    }

    #[test]
    fn nothing_and_ends_only() {
        assert!(texts(b"").is_empty());
        assert_eq!(texts(b"\n"), [""]);
        assert_eq!(texts(b"\r\n\n"), ["", ""]);
        assert_eq!(texts(b"\xef\xbb\xbf"), [""]);
        assert_eq!(texts(b"a\n\xef\xbb\xbfb\n"), ["a", "\u{feff}b"]);
    }

    #[test]
    fn every_prefix_gives_a_prefix_of_the_lines() {
        let text = b"\xef\xbb\xbf{\"a\":1}\r\n\r\n{\"b\":2}\n\0\0{\"c\":3}\0\n\0\n{\"d\":4}";
        let (whole, _) = seen(text, 100, 1);
        for cut in 0..=text.len() {
            let (lines, _) = seen(&text[..cut], 100, 1);
            let full: Vec<_> = lines.iter().filter(|line| !line.3).collect();
            assert!(full.iter().zip(&whole).all(|(a, b)| **a == *b), "cut at {cut}");
            assert!(lines.len() - full.len() <= 1, "cut at {cut}");
        }
    }

    #[test]
    fn a_line_too_long_is_dropped_and_its_neighbours_are_not() {
        for (long, dropped) in [(100, false), (101, true), (5000, true), (3 * BLOCK, true)] {
            for end in ["\n", "\r\n", ""] {
                let text = ["before\n", &"x".repeat(long), end, if end.is_empty() { "" } else { "after\n" }].concat();
                let (lines, skipped) = seen(text.as_bytes(), 100, 10);
                let numbers: Vec<(u64, usize)> = lines.iter().map(|line| (line.0, line.2.len())).collect();
                let mut want = vec![(1, 6), (2, long), (3, 5)];
                want.retain(|(number, _)| !(dropped && *number == 2 || end.is_empty() && *number == 3));
                assert_eq!(numbers, want, "{long} {end:?}");
                let len = (long + end.len()) as u64;
                assert_eq!(skipped, if dropped { vec![(SkipReason::LineTooLong, len)] } else { vec![] });
            }
        }
    }

    #[test]
    fn nul_runs_do_not_hide_records() {
        let hole = vec![0; 3 * BLOCK];
        let text = [&b"{\"a\":1}\n"[..], &hole, b"{\"b\":2}\0\0\n\0\0\n{\"c\":3}\0"].concat();
        let (lines, skipped) = seen(&text, BLOCK, 10);
        let texts: Vec<&str> = lines.iter().map(|line| line.2.as_str()).collect();
        assert_eq!(texts, ["{\"a\":1}", "{\"b\":2}", "{\"c\":3}"]);
        assert_eq!(lines[1].1, 8 + hole.len() as u64);
        assert!(skipped.iter().all(|(reason, _)| *reason == SkipReason::NulPadding));
        assert_eq!(
            skipped.iter().map(|(_, len)| len).sum::<u64>(),
            hole.len() as u64 + 2 + 3 + 1,
            "the end of a line of nothing else counts with it"
        );
    }

    #[test]
    fn a_file_of_nuls_is_padding() {
        let (lines, skipped) = seen(&vec![0; BLOCK + 7], 100, u64::MAX);
        assert!(lines.is_empty());
        assert_eq!(skipped.iter().map(|(_, len)| len).sum::<u64>(), BLOCK as u64 + 7);
    }
}
