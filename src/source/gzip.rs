//! Gzip: every member of the file, every byte before damage, and what follows the last member.

use super::blocks::{Blocks, Bytes};
use super::inflate::{Inflate, Step};
use super::trouble::Troubles;
use crate::event::SkipReason;
use flate2::Crc;
use std::io::BufRead;

/// The unpacked bytes of all members.
pub(super) struct Gzip<'a> {
    below: Blocks<'a>,
    member: Option<(Inflate, Crc)>,
    first: bool,
    over: bool,
    troubles: Troubles,
}

/// What stands where a member's header is due.
enum Header {
    Good,
    Cut,
    Foreign,
}

/// Flag bits of a header (RFC 1952, 2.3.1).
const CHECKED: u8 = 2;
const EXTRA: u8 = 4;
const NAMED: u8 = 8;
const COMMENTED: u8 = 16;

impl<'a> Gzip<'a> {
    pub(super) fn new(below: Blocks<'a>) -> Gzip<'a> {
        Gzip { below, member: None, first: true, over: false, troubles: Troubles::default() }
    }

    /// Begin the next member, or end.
    fn begin(&mut self) {
        if !self.first && self.below.want(2).is_empty() {
            self.over = true;
            return;
        }
        match header(&mut self.below) {
            Header::Good => self.member = Some((Inflate::new(), Crc::new())),
            Header::Foreign if !self.first => {
                let trailing = self.below.pass();
                self.end(SkipReason::GzipTrailing, trailing);
            }
            Header::Cut | Header::Foreign => self.end(SkipReason::GzipTruncated, 0),
        }
        self.first = false;
    }

    /// The member has given all it had: check its sums.
    fn finish(&mut self, sums: (u32, u32)) {
        let trailer = self.below.want(8);
        let field = |at: usize| trailer.get(at..at + 4).and_then(|four| four.try_into().ok()).map(u32::from_le_bytes);
        match (field(0), field(4)) {
            (Some(crc), Some(len)) => {
                self.below.consume(8);
                if (crc, len) != sums {
                    self.troubles.note(SkipReason::GzipTruncated, 0);
                }
            }
            _ => self.end(SkipReason::GzipTruncated, 0),
        }
    }

    fn end(&mut self, reason: SkipReason, bytes: u64) {
        self.over = true;
        self.troubles.note(reason, bytes);
        self.below.pass();
    }
}

impl Bytes for Gzip<'_> {
    fn fill(&mut self, room: &mut [u8]) -> usize {
        while !self.over && !room.is_empty() {
            let Some((inflate, crc)) = &mut self.member else {
                self.begin();
                continue;
            };
            let step = inflate.step(&mut self.below, room);
            let made = step.made();
            crc.update(&room[..made]);
            match step {
                Step::Some(_) => {}
                Step::Last(_) => {
                    let sums = (crc.sum(), crc.amount());
                    self.member = None;
                    self.finish(sums);
                }
                Step::Broken(_) => self.end(SkipReason::GzipTruncated, 0),
            }
            if made > 0 {
                return made;
            }
        }
        0
    }

    fn troubles(&self, found: &mut Troubles) {
        self.below.troubles(found);
        found.extend(&self.troubles);
    }
}

/// Consume a header, or nothing if it is none.
fn header(below: &mut Blocks<'_>) -> Header {
    let &[magic_1, magic_2, method, flags, ..] = below.want(10) else {
        return if below.ahead().first().is_none_or(|b| *b == 0x1f) { Header::Cut } else { Header::Foreign };
    };
    if [magic_1, magic_2, method, flags & 0xe0] != [0x1f, 0x8b, 8, 0] {
        return Header::Foreign;
    }
    let mut whole = below.skip(10);
    if flags & EXTRA != 0 {
        let len = below.want(2).get(..2).map(|two| usize::from(two[0]) | usize::from(two[1]) << 8);
        whole &= len.is_some_and(|len| below.skip(2 + len));
    }
    if flags & NAMED != 0 {
        whole &= skip_text(below);
    }
    if flags & COMMENTED != 0 {
        whole &= skip_text(below);
    }
    if flags & CHECKED != 0 {
        whole &= below.skip(2);
    }
    if whole { Header::Good } else { Header::Cut }
}

/// Consume a text that ends in NUL.
fn skip_text(below: &mut Blocks<'_>) -> bool {
    loop {
        let ahead = below.want(1);
        let (len, last) = match memchr::memchr(0, ahead) {
            Some(at) => (at + 1, true),
            None => (ahead.len(), false),
        };
        if len == 0 {
            return false;
        }
        below.consume(len);
        if last {
            return true;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use flate2::{Compression, GzBuilder};
    use std::io::Write;

    fn pack(text: &[u8], level: u32) -> Vec<u8> {
        let header = GzBuilder::new().filename("x.jsonl").comment("none").extra(vec![7; 300]);
        let mut packer = header.write(Vec::new(), Compression::new(level));
        packer.write_all(text).unwrap();
        packer.finish().unwrap()
    }

    fn unpack(packed: &[u8]) -> (Vec<u8>, Troubles) {
        let mut gzip = Gzip::new(Blocks::new(packed));
        let (mut text, mut room, mut troubles) = (Vec::new(), [0; 777], Troubles::default());
        loop {
            match gzip.fill(&mut room) {
                0 => break,
                n => text.extend_from_slice(&room[..n]),
            }
        }
        gzip.troubles(&mut troubles);
        (text, troubles)
    }

    fn lines() -> Vec<u8> {
        (0..200u32).flat_map(|n| format!("{{\"n\":{},\"x\":{}}}\n", n, n.wrapping_mul(2_654_435_761)).into_bytes()).collect()
    }

    #[test]
    fn all_members_are_read() {
        let packed = [pack(b"one\n", 6), pack(b"", 6), pack(b"two\n", 0)].concat();
        assert_eq!(unpack(&packed), (b"one\ntwo\n".to_vec(), Troubles::default()));
    }

    #[test]
    fn a_cut_at_any_place_leaves_what_came_before() {
        let text = lines();
        let first = pack(&text, 6);
        let packed = [first.clone(), pack(&text, 1)].concat();
        let whole = [text.clone(), text].concat();
        for cut in 0..packed.len() {
            let (got, troubles) = unpack(&packed[..cut]);
            assert!(whole.starts_with(&got), "cut at {cut}");
            let clean = cut == first.len();
            assert_eq!(troubles.is_empty(), clean, "cut at {cut}");
        }
        assert_eq!(unpack(&packed), (whole, Troubles::default()));
    }

    #[test]
    fn what_follows_the_last_member_is_counted() {
        for tail in [&b"\0\0\0\0"[..], b"x", b"\x1f", b"\x1f\x8bnot a header", b"more than ten bytes of something else"] {
            let (text, troubles) = unpack(&[&pack(b"line\n", 6), tail].concat());
            assert_eq!(text, b"line\n");
            let bytes = tail.len() as u64;
            let want = [Troubles::of(SkipReason::GzipTrailing, bytes), Troubles::of(SkipReason::GzipTruncated, 0)];
            assert!(want.contains(&troubles), "{tail:?}: {troubles:?}");
        }
    }

    #[test]
    fn damage_costs_what_comes_after_it() {
        let text = lines();
        let packed = pack(&text, 6);
        for at in packed.len() / 2..packed.len() {
            let mut bad = packed.clone();
            bad[at] ^= 0x55;
            let (got, troubles) = unpack(&bad);
            assert!(!troubles.is_empty(), "damage at {at}");
            let same = got.iter().zip(&text).take_while(|(a, b)| a == b).count();
            assert!(same >= text.len() / 3, "damage at {at} of {} left {same} of {}", packed.len(), text.len());
        }
    }
}
