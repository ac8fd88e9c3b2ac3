//! One opened source: look at its head, then take its lines, or all of it, or nothing.

use super::blocks::Blocks;
use super::lines::{self, BOM, Row};
use super::trouble::Troubles;
use super::{Head, Name};
use crate::time::Stamp;

/// How much of a source is shown to those who are to recognise it.
const HEAD: usize = 64 << 10;

/// A source that is open for reading.
pub struct Stream<'a> {
    name: Name,
    modified: Option<Stamp>,
    depth: u8,
    blocks: Blocks<'a>,
}

/// A source did not fit into the limit for a whole one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

impl<'a> Stream<'a> {
    pub(super) fn new(name: Name, modified: Option<Stamp>, depth: u8, blocks: Blocks<'a>) -> Stream<'a> {
        Stream { name, modified, depth, blocks }
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

    /// Its start. Nothing is consumed.
    pub fn head(&mut self) -> Head<'_> {
        let len = self.blocks.want(HEAD + 1).len();
        let whole = self.blocks.ended() && len <= HEAD;
        let bytes = self.blocks.ahead();
        Head { name: &self.name, bytes: without_bom(bytes.get(..HEAD).unwrap_or(bytes)), whole }
    }

    /// Take everything, a line at a time. Lines longer than `limit` bytes are told, not kept.
    pub fn lines(&mut self, limit: usize, each: impl FnMut(Row<'_>)) {
        lines::split(&mut self.blocks, limit, each);
    }

    /// Everything in one piece, without a byte order mark.
    ///
    /// # Errors
    /// When it is longer than `limit` bytes; then nothing is consumed.
    pub fn whole(&mut self, limit: usize) -> Result<&[u8], TooLarge> {
        let bytes = self.blocks.want(limit.saturating_add(1));
        if bytes.len() > limit { Err(TooLarge) } else { Ok(without_bom(bytes)) }
    }

    /// What comes next; empty at the end.
    pub(super) fn ahead(&mut self) -> &[u8] {
        self.blocks.want(1)
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
    use super::*;

    fn stream(bytes: &[u8]) -> Stream<'_> {
        Stream::new(Name::of_text("x"), None, 0, Blocks::new(bytes))
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
