//! One opened source: look at its head, then take its lines, or all of it, or nothing.

use super::blocks::Blocks;
use super::buffer::Buffer;
use super::coder::Streams;
use super::kind::{self, Kind};
use super::lines::{self, BOM, Passed, Row, nuls};
use super::trouble::Troubles;
use super::zstd::Zstd;
use super::{Head, Name};
use crate::event::SkipReason;
use crate::time::Stamp;
use std::fs::File;
use std::io::BufRead;
use std::ops::Range;

/// How much of a source is shown to those who are to recognise it.
const HEAD: usize = 64 << 10;

/// Longest run of NULs at the start of a source that is read to see what follows it. Holes of a
/// sparse file come on top, they cost nothing.
const PADDING: u64 = 64 << 20;

/// A source that is open for reading.
pub struct Stream<'a> {
    name: Name,
    modified: Option<Stamp>,
    depth: u8,
    blocks: Blocks<'a>,
    padding: Option<u64>,
}

/// Some whole lines of a source.
pub struct Piece {
    bytes: Buffer,
    range: Range<usize>,
}

impl Piece {
    /// Its length in bytes.
    pub fn len(&self) -> usize {
        self.range.len()
    }

    /// True for none.
    pub fn is_empty(&self) -> bool {
        self.range.is_empty()
    }

    /// Take its lines, the first of which stands at this byte of the source and is counted as the first. Returns how
    /// many there are.
    pub fn lines(&self, byte: u64, limit: usize, each: impl FnMut(Row<'_>)) -> u64 {
        lines::split_piece(self.bytes.get(self.range.clone()).unwrap_or_default(), byte, limit, each)
    }
}

/// A source did not fit into the limit for a whole one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

/// Largest window of a packed value.
const WINDOW: u64 = 128 << 20;

impl<'a> Stream<'a> {
    pub(super) fn new(name: Name, modified: Option<Stamp>, depth: u8, blocks: Blocks<'a>) -> Stream<'a> {
        Stream { name, modified, depth, blocks, padding: None }
    }

    /// A value inside a source (a blob of a database), unpacked where it is packed with zstd, up to
    /// `most` bytes. It is called what the source is called.
    pub fn of_value(name: &Name, bytes: &'a [u8], most: u64) -> Stream<'a> {
        let plain = Blocks::sized(bytes, bytes.len() as u64);
        let mut blocks = match kind::of(bytes) {
            Kind::Zstd => Blocks::new(Streams::<Zstd>::new(plain, WINDOW)),
            _ => plain,
        };
        blocks.cap(most);
        Stream::new(name.clone(), None, 0, blocks)
    }

    /// What it is called.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Its modification time, where the medium keeps one.
    pub fn modified(&self) -> Option<Stamp> {
        self.modified
    }

    /// How many archives it stands in.
    pub fn depth(&self) -> u8 {
        self.depth
    }

    /// How many NULs stand before its first other byte: what a log that was truncated under its
    /// writer begins with. They are passed over.
    pub fn padding(&mut self) -> u64 {
        if let Some(known) = self.padding {
            return known;
        }
        let (mut padding, mut read) = (0, 0);
        while self.blocks.want(1).first() == Some(&0) && read < PADDING {
            let run = nuls(self.blocks.ahead());
            self.blocks.consume(run);
            read += run as u64;
            padding += run as u64 + self.blocks.pass_hole();
        }
        self.padding = Some(padding);
        padding
    }

    /// Its start. Nothing is consumed.
    pub fn head(&mut self) -> Head<'_> {
        self.padding();
        let len = self.blocks.want(HEAD + 1).len();
        let whole = self.blocks.ended() && len <= HEAD;
        let bytes = self.blocks.ahead();
        Head { name: &self.name, bytes: without_bom(bytes.get(..HEAD).unwrap_or(bytes)), whole }
    }

    /// Take everything, a line at a time. Lines that are longer than `limit` bytes after shortening
    /// are told, not kept.
    pub fn lines(&mut self, limit: usize, each: impl FnMut(Row<'_>)) {
        self.rest(Passed::default(), limit, each);
    }

    /// The same behind pieces that were taken.
    pub fn rest(&mut self, passed: Passed, limit: usize, mut each: impl FnMut(Row<'_>)) {
        let padding = self.padding();
        if padding > 0 {
            each(Row::Skipped(SkipReason::NulPadding, padding));
        }
        lines::split(&mut self.blocks, Passed { bytes: passed.bytes + padding, ..passed }, limit, each);
    }

    /// Take the next lines in one piece of about `size` bytes, which another thread may split. `spare` is one that is no
    /// longer needed. None where there is not so much left, or no line ends for long; then nothing is consumed.
    pub fn piece(&mut self, size: usize, spare: Option<Piece>) -> Option<Piece> {
        if self.padding() > 0 {
            return None;
        }
        let (bytes, range) = self.blocks.hand_over(size, spare.map_or_else(Buffer::new, |piece| piece.bytes))?;
        Some(Piece { bytes, range })
    }

    /// Everything in one piece, without a byte order mark and without [`Stream::padding`].
    ///
    /// # Errors
    /// When it is longer than `limit` bytes; then nothing is consumed.
    pub fn whole(&mut self, limit: usize) -> Result<&[u8], TooLarge> {
        self.padding();
        let bytes = self.blocks.want(limit.saturating_add(1));
        if bytes.len() > limit { Err(TooLarge) } else { Ok(without_bom(bytes)) }
    }

    /// What comes next; empty at the end.
    pub(super) fn ahead(&mut self) -> &[u8] {
        self.blocks.want(1)
    }

    /// Let the system write what comes next into `file`, as far as it is on disk and was not read: at most `most` bytes.
    pub(super) fn pour(&mut self, file: &File, most: u64) -> u64 {
        self.blocks.pour(file, most)
    }

    /// How much of it is left for that.
    pub(super) fn left(&self) -> u64 {
        self.blocks.left()
    }

    /// Pass over `n` bytes of what comes next.
    pub(super) fn consume(&mut self, n: usize) {
        std::io::BufRead::consume(&mut self.blocks, n);
    }

    /// Pass over what nobody took, and say what there was: the number of bytes of the source,
    /// taken or not, and the troubles met on the way to its end.
    pub fn finish(&mut self) -> (u64, Troubles) {
        self.blocks.pass();
        let mut troubles = Troubles::default();
        self.blocks.troubles(&mut troubles);
        (self.blocks.received(), troubles)
    }
}

fn without_bom(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BOM).unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::event::SkipReason;

    fn stream(bytes: &[u8]) -> Stream<'_> {
        Stream::new(Name::of_text("x"), None, 0, Blocks::new(bytes))
    }

    #[test]
    fn a_packed_value_is_unpacked_up_to_a_limit() {
        let name = Name::of_text("x");
        let packed = ::zstd::encode_all(&b"0123456789"[..], 3).unwrap();
        assert_eq!(Stream::of_value(&name, &packed, 10).whole(10), Ok(&b"0123456789"[..]));
        assert_eq!(Stream::of_value(&name, b"plain", 10).whole(10), Ok(&b"plain"[..]));
        let mut over = Stream::of_value(&name, &packed, 9);
        assert_eq!(over.whole(10), Ok(&b"012345678"[..]));
        assert_eq!(over.finish().1, Troubles::of(SkipReason::BudgetDecompressed, 0));
        let mut cut = Stream::of_value(&name, &packed[..packed.len() - 1], 10);
        assert_eq!(cut.finish().1, Troubles::of(SkipReason::ZstdTruncated, 0));
    }

    #[test]
    fn the_head_consumes_nothing() {
        let text = [BOM, b"one\ntwo"].concat();
        let mut stream = stream(&text);
        let head = stream.head();
        assert_eq!((head.bytes, head.whole), (&b"one\ntwo"[..], true));
        let mut count = 0;
        stream.lines(100, |_| count += 1);
        assert_eq!((count, stream.finish()), (2, (10, Troubles::default())));
    }

    #[test]
    fn a_head_is_whole_only_if_it_is() {
        for (len, whole) in [(0, true), (HEAD - 1, true), (HEAD, true), (HEAD + 1, false), (9 * HEAD, false)] {
            let text = vec![b'x'; len];
            let mut stream = stream(&text);
            let head = stream.head();
            assert_eq!((head.bytes.len(), head.whole), (len.min(HEAD), whole));
            assert_eq!(stream.finish().0, len as u64);
        }
    }

    #[test]
    fn whole_is_all_or_nothing_and_the_count_is_right_either_way() {
        let text = [BOM, b"12345"].concat();
        assert_eq!(stream(&text).whole(8), Ok(&b"12345"[..]));
        let mut large = stream(&text);
        assert_eq!(large.whole(7), Err(TooLarge));
        assert_eq!(large.finish().0, 8);
    }
}
