//! Bytes into lines, with number and byte, without a copy and without ever giving up.
//!
//! A line ends at LF, a CR before it belongs to the line end, and one byte order mark may stand
//! before the first line. NUL runs at either end of a line are what a crash or a hole in a sparse
//! file leaves there; they are reported apart, so that the record beside them is still a record.

use super::Line;
use super::blocks::Blocks;
use crate::event::SkipReason;
use memchr::memchr;
use std::io::BufRead;

/// The mark that some editors put at the start of a UTF-8 file.
pub(super) const BOM: &[u8] = b"\xef\xbb\xbf";

/// Longest line that is kept (a line with images of 1.4 MB is ordinary).
pub const LINE_LIMIT: usize = 64 << 20;

/// A piece of a source of lines. The lengths of all pieces sum up to the source.
#[derive(Clone, Copy, Debug)]
pub enum Row<'a> {
    /// A line, and how many bytes it takes with its line end and byte order mark.
    Line(Line<'a>, u64),
    /// So many bytes that are no line: [`SkipReason::NulPadding`], or a whole line that is
    /// [`SkipReason::LineTooLong`].
    Skipped(SkipReason, u64),
}

/// Hand out everything in `blocks`, a line at a time.
pub(super) fn split(blocks: &mut Blocks<'_>, limit: usize, mut each: impl FnMut(Row<'_>)) {
    let bom = if blocks.want(BOM.len()).starts_with(BOM) { BOM.len() } else { 0 };
    let mut splitter = Splitter { number: 1, byte: 0, bom, scanned: 0, lost: 0, limit };
    loop {
        let done = splitter.whole_lines(blocks.ahead(), &mut each);
        blocks.consume(done);
        let dropped = splitter.hold_back(blocks.ahead(), &mut each);
        blocks.consume(dropped);
        if !blocks.more() {
            break;
        }
    }
    if splitter.lost > 0 || !blocks.ahead().is_empty() {
        splitter.line(blocks.ahead(), true, &mut each);
        blocks.pass();
    }
}

/// Where the next line starts, and what is known about it.
struct Splitter {
    number: u64,
    byte: u64,
    /// Length of the byte order mark before the line.
    bom: usize,
    /// Bytes of the line in the buffer that are known to hold no LF.
    scanned: usize,
    /// Bytes of the line that were too many to keep.
    lost: u64,
    limit: usize,
}

impl Splitter {
    /// Hand out the lines in `ahead` that have an end. Returns how many bytes they take.
    fn whole_lines(&mut self, ahead: &[u8], each: &mut impl FnMut(Row<'_>)) -> usize {
        let (mut start, mut from) = (0, self.scanned);
        while let Some(at) = memchr(b'\n', &ahead[from..]) {
            from += at + 1;
            self.line(&ahead[start..from], false, each);
            start = from;
        }
        self.scanned = ahead.len() - start;
        start
    }

    /// `ahead` is the start of a line whose end is not here yet. Returns how much of it need not
    /// be kept: NULs at its start, and all of it if it is too long.
    fn hold_back(&mut self, ahead: &[u8], each: &mut impl FnMut(Row<'_>)) -> usize {
        let mut drop = 0;
        if self.lost == 0 && self.bom == 0 {
            drop = nuls(ahead.iter());
            if drop > 0 {
                each(Row::Skipped(SkipReason::NulPadding, drop as u64));
                self.byte += drop as u64;
            }
        }
        // The line end and the mark are not part of the line.
        if self.lost > 0 || ahead.len() - drop > self.limit + BOM.len() + 2 {
            self.lost += (ahead.len() - drop) as u64;
            drop = ahead.len();
        }
        self.scanned -= drop;
        drop
    }

    /// Hand out one line, given with its line end.
    fn line(&mut self, raw: &[u8], torn: bool, each: &mut impl FnMut(Row<'_>)) {
        let len = raw.len() as u64 + self.lost;
        let text = raw.strip_suffix(b"\n").unwrap_or(raw);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let text = text.get(self.bom..).unwrap_or_default();
        let (before, behind) = (nuls(text.iter()), nuls(text.iter().rev()));
        if self.lost > 0 || text.len() > self.limit {
            each(Row::Skipped(SkipReason::LineTooLong, len));
        } else if before > 0 && before == text.len() {
            each(Row::Skipped(SkipReason::NulPadding, len));
        } else {
            let padding = (before + behind) as u64;
            if padding > 0 {
                each(Row::Skipped(SkipReason::NulPadding, padding));
            }
            let bytes = text.get(before..text.len() - behind).unwrap_or_default();
            let line = Line { number: self.number, byte: self.byte + before as u64, bytes, torn };
            each(Row::Line(line, len - padding));
        }
        self.number += 1;
        self.byte += len;
        (self.bom, self.lost) = (0, 0);
    }
}

/// Length of a run of NULs.
fn nuls<'a>(mut bytes: impl ExactSizeIterator<Item = &'a u8>) -> usize {
    let len = bytes.len();
    bytes.position(|b| *b != 0).unwrap_or(len)
}

#[cfg(test)]
mod tests {
    use super::super::blocks::BLOCK;
    use super::*;

    /// Lines as (number, byte, text, torn), and what was skipped.
    type Seen = (Vec<(u64, u64, String, bool)>, Vec<(SkipReason, u64)>);

    fn seen(text: &[u8], limit: usize, buffer: u64) -> Seen {
        let (mut lines, mut skipped, mut total) = (Vec::new(), Vec::new(), 0);
        split(&mut Blocks::sized(text, buffer), limit, |row| match row {
            Row::Line(line, len) => {
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
    fn a_long_line_is_dropped_and_its_neighbours_are_not() {
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
        assert_eq!(skipped.iter().map(|(_, len)| len).sum::<u64>(), hole.len() as u64 + 2 + 3 + 1);
    }

    #[test]
    fn a_file_of_nuls_is_padding() {
        let (lines, skipped) = seen(&vec![0; BLOCK + 7], 100, u64::MAX);
        assert!(lines.is_empty());
        assert_eq!(skipped.iter().map(|(_, len)| len).sum::<u64>(), BLOCK as u64 + 7);
    }
}
