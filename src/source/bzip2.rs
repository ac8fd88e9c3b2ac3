//! Bzip2: all streams of the file, as `bzip2`, `pbzip2` and `cat` of several make them.

use super::blocks::Blocks;
use super::budget::SLOW;
use super::coder::{Coder, Start, Step, Turn, drive, magic};
use crate::event::SkipReason;
use bzip2::{Decompress, Status};

/// How a stream begins; the size of its blocks (`1` to `9`) follows, then the mark of a block or
/// of the end of an empty stream.
const MAGIC: &[u8] = b"BZh";
const BLOCK: &[u8] = &[0x31, 0x41, 0x59, 0x26, 0x53, 0x59];
const EMPTY: &[u8] = &[0x17, 0x72, 0x45, 0x38, 0x50, 0x90];

/// One stream. It takes less than 4 MB whatever it says.
pub(super) struct Bzip2(Decompress);

/// Does a stream begin with these bytes? Undecided where they end too early and fit so far.
pub(super) fn begins(head: &[u8]) -> bool {
    let size = head.get(3).is_none_or(|size| matches!(size, b'1'..=b'9'));
    let mark = head.get(4..).unwrap_or_default();
    let mark = mark.get(..BLOCK.len()).unwrap_or(mark);
    head.starts_with(MAGIC) && size && (BLOCK.starts_with(mark) || EMPTY.starts_with(mark))
}

impl Coder for Bzip2 {
    const TRUNCATED: SkipReason = SkipReason::Bzip2Truncated;
    const TRAILING: SkipReason = SkipReason::Bzip2Trailing;
    const PRICE: u64 = SLOW;

    fn begin(below: &mut Blocks<'_>, _: u64) -> Start<Bzip2> {
        match magic(below, MAGIC) {
            Start::Stream(()) if begins(below.want(10)) => Start::Stream(Bzip2(Decompress::new(false))),
            Start::Cut => Start::Cut,
            _ => Start::Foreign,
        }
    }

    fn step(&mut self, below: &mut Blocks<'_>, room: &mut [u8]) -> Step {
        drive(below, |input| {
            let (before_in, before_out) = (self.0.total_in(), self.0.total_out());
            let turn = match self.0.decompress(input, room) {
                Ok(Status::StreamEnd) => Turn::Last,
                Ok(_) => Turn::More,
                Err(_) => Turn::Broken,
            };
            ((self.0.total_in() - before_in) as usize, (self.0.total_out() - before_out) as usize, turn)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::coder::{noise, try_cuts, unpack};
    use super::super::samples::bz2;
    use super::super::trouble::Troubles;
    use super::*;

    #[test]
    fn all_streams_are_read() {
        let packed = [bz2(b"one\n"), bz2(b""), bz2(b"two\n")].concat();
        assert_eq!(unpack::<Bzip2>(&packed, 0), (b"one\ntwo\n".to_vec(), Troubles::default()));
    }

    #[test]
    fn a_cut_at_any_place_leaves_the_blocks_before_it() {
        // More than one block of 100 kB (the samples are packed at level 1).
        let text = noise(9_000);
        let (first, second) = (bz2(&text), bz2(b"two\n"));
        let packed = [first.clone(), second].concat();
        try_cuts::<Bzip2>(&packed, &[&text[..], b"two\n"].concat(), &[first.len()], 997);
        let late = unpack::<Bzip2>(&first[..first.len() - 1], 0).0.len();
        assert!(late + 100_000 >= text.len() && text.len() > 200_000, "{late} of {}", text.len());
    }

    #[test]
    fn damage_costs_what_comes_after_it_and_what_follows_is_counted() {
        let text = noise(9_000);
        let mut bad = bz2(&text);
        let at = bad.len() - 100;
        bad[at] ^= 0x55;
        let (got, troubles) = unpack::<Bzip2>(&bad, 0);
        let same = got.iter().zip(&text).take_while(|(a, b)| a == b).count();
        assert!(same > 199_000, "{same}");
        assert_eq!(troubles, Troubles::of(SkipReason::Bzip2Truncated, 0));

        for tail in [&b"\0\0\0\0"[..], b"x", b"BZh9 is not a stream", b"more than ten bytes of something else"] {
            let want = Troubles::of(SkipReason::Bzip2Trailing, tail.len() as u64);
            assert_eq!(unpack::<Bzip2>(&[&bz2(b"line\n"), tail].concat(), 0), (b"line\n".to_vec(), want));
        }
    }
}
