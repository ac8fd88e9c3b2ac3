//! Gzip: every member of the file, every byte before damage, and what follows the last member.

use super::blocks::Blocks;
use super::coder::{Coder, Ending, Start, Step};
use super::inflate::Inflate;
use crate::event::SkipReason;
use flate2::Crc;
use std::io::BufRead;

/// One member: a stream with a header, and a trailer that holds its sums.
pub(super) struct Gzip {
    inflate: Inflate,
    crc: Crc,
}

/// Flag bits of a header (RFC 1952, 2.3.1).
const CHECKED: u8 = 2;
const EXTRA: u8 = 4;
const NAMED: u8 = 8;
const COMMENTED: u8 = 16;

impl Coder for Gzip {
    const TRUNCATED: SkipReason = SkipReason::GzipTruncated;
    const TRAILING: SkipReason = SkipReason::GzipTrailing;

    fn begin(below: &mut Blocks<'_>, _: u64) -> Start<Gzip> {
        header(below)
    }

    fn step(&mut self, below: &mut Blocks<'_>, room: &mut [u8]) -> Step {
        let step = self.inflate.step(below, room);
        self.crc.update(&room[..step.made()]);
        step
    }

    /// Check its sums.
    fn end(self, below: &mut Blocks<'_>) -> Ending {
        let trailer = below.want(8);
        let field = |at: usize| trailer.get(at..at + 4).and_then(|four| four.try_into().ok()).map(u32::from_le_bytes);
        let (Some(crc), Some(len)) = (field(0), field(4)) else { return Ending::Cut };
        below.consume(8);
        if (crc, len) == (self.crc.sum(), self.crc.amount()) { Ending::Good } else { Ending::Wrong }
    }
}

/// Consume a header, or nothing if it is none.
fn header(below: &mut Blocks<'_>) -> Start<Gzip> {
    let &[magic_1, magic_2, method, flags, ..] = below.want(10) else {
        return if below.ahead().first().is_none_or(|b| *b == 0x1f) { Start::Cut } else { Start::Foreign };
    };
    if [magic_1, magic_2, method, flags & 0xe0] != [0x1f, 0x8b, 8, 0] {
        return Start::Foreign;
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
    if whole { Start::Stream(Gzip { inflate: Inflate::new(), crc: Crc::new() }) } else { Start::Cut }
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
    use super::super::trouble::Troubles;
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
        super::super::coder::unpack::<Gzip>(packed, 0)
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
