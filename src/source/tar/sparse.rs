//! Members of a tar of which only parts are stored: a map says where the parts stand, and between
//! them are NULs, as a log has them that was cut to nothing under a program that writes on.
//!
//! The crate knows the oldest of the four forms, which has the map in its own headers. The others
//! have it in an extended header (GNU 0.0 and 0.1), or in front of the data (1.0, which libarchive
//! writes unasked), and a made-up name in the member's header.

use super::super::blocks::Blocks;

use super::super::bytes::Bytes;
use super::super::kind;
use super::super::trouble::Troubles;
use memchr::memchr;
use std::collections::VecDeque;
use std::io::{BufRead, Read};
use tar::Entry;

/// Longest line of a map: a number of 64 bits and its end.
const LINE: usize = 24;

/// Largest map that stands in front of data: about 100,000 parts.
const MAP: usize = 1 << 20;

/// What an extended header says of a sparse member.
#[derive(Debug, Default)]
pub(super) struct Sparse {
    /// Its real name.
    pub(super) name: Option<Vec<u8>>,
    /// Its real size, holes included.
    size: Option<u64>,
    /// The map, if it stands in the header.
    numbers: Vec<u64>,
    /// It stands in front of the data instead.
    in_data: bool,
}

impl Sparse {
    /// What the extended header of `entry` says; of a member that is not sparse, nothing.
    pub(super) fn of<R: Read>(entry: &mut Entry<'_, R>) -> Sparse {
        let mut sparse = Sparse::default();
        for field in entry.pax_extensions().ok().flatten().into_iter().flatten().flatten() {
            let value = field.value_bytes();
            match field.key_bytes() {
                b"GNU.sparse.name" => sparse.name = Some(value.to_vec()),
                b"GNU.sparse.major" => sparse.in_data = value == b"1",
                b"GNU.sparse.size" | b"GNU.sparse.realsize" => sparse.size = number(value),
                b"GNU.sparse.offset" | b"GNU.sparse.numbytes" => sparse.numbers.extend(number(value)),
                b"GNU.sparse.map" => sparse.numbers = value.split(|b| *b == b',').map_while(number).collect(),
                _ => {}
            }
        }
        sparse
    }

    /// The member's bytes with its holes filled; without a map that makes sense, as they are.
    pub(super) fn fill<'m>(self, mut stored: Blocks<'m>) -> Result<Holes<'m>, Blocks<'m>> {
        let Some(size) = self.size else { return Err(stored) };
        let (numbers, used) = if self.in_data { map(&mut stored) } else { (self.numbers, 0) };
        let parts: VecDeque<(u64, u64)> = numbers.chunks_exact(2).map(|two| (two[0], two[1])).collect();
        let ends = parts.iter().try_fold(0u64, |end, (start, len)| (*start >= end).then(|| start.checked_add(*len)).flatten());
        if parts.is_empty() || numbers.len() % 2 > 0 || ends.is_none_or(|end| end > size) {
            return Err(stored);
        }
        stored.consume(used);
        Ok(Holes { stored, parts, at: 0, size })
    }
}

/// The map that stands in front of the data, and how many bytes it takes: how many parts, then
/// offset and length of each, a number a line, padded. Nothing is consumed.
fn map(stored: &mut Blocks<'_>) -> (Vec<u64>, usize) {
    let (mut numbers, mut left, mut used) = (Vec::new(), None, 0usize);
    while left != Some(0) && used < MAP {
        let ahead = stored.want(used + LINE).get(used..).unwrap_or_default();
        let line = memchr(b'\n', ahead.get(..LINE).unwrap_or(ahead)).and_then(|end| Some((end, number(&ahead[..end])?)));
        let Some((end, value)) = line else { return (Vec::new(), 0) };
        used += end + 1;
        match &mut left {
            None => left = value.checked_mul(2),
            Some(left) => {
                *left -= 1;
                numbers.push(value);
            }
        }
    }
    let used = used.next_multiple_of(kind::LOOK);
    if left == Some(0) && stored.want(used).len() >= used { (numbers, used) } else { (Vec::new(), 0) }
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// The bytes of a sparse member.
pub(super) struct Holes<'m> {
    stored: Blocks<'m>,
    /// Offset and length of what is stored and not yet handed out.
    parts: VecDeque<(u64, u64)>,
    at: u64,
    size: u64,
}

impl Bytes for Holes<'_> {
    fn fill(&mut self, room: &mut [u8]) -> usize {
        while self.parts.front().is_some_and(|(start, len)| self.at >= start + len) {
            self.parts.pop_front();
        }
        let within = |until: u64| usize::try_from(until.saturating_sub(self.at)).unwrap_or(usize::MAX).min(room.len());
        let n = match self.parts.front() {
            Some((start, len)) if self.at >= *start => {
                let wanted = within(start + len);
                // Reading from blocks does not fail.
                self.stored.read(&mut room[..wanted]).unwrap_or(0)
            }
            next => {
                let empty = within(next.map_or(self.size, |(start, _)| *start));
                room[..empty].fill(0);
                empty
            }
        };
        self.at += n as u64;
        n
    }

    fn troubles(&self, found: &mut Troubles) {
        self.stored.troubles(found);
    }
}
