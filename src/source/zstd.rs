//! Zstandard: all frames, skippable ones too, up to a window that can be afforded.

use super::blocks::Blocks;
use super::coder::{Coder, Start, Step, Turn, drive};
use crate::event::SkipReason;
use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};

/// How a frame begins.
const MAGIC: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// One block of the format. The decoder drops what a failing call has unpacked, so a call is
/// given room for one block and damage costs only the block that holds it.
const ONE_BLOCK: usize = 128 << 10;

/// One frame.
pub(super) struct Zstd {
    decoder: Decoder<'static>,
    too_large: bool,
}

/// Does a frame, or a skippable one, begin with these bytes?
pub(super) fn begins(head: &[u8]) -> bool {
    head.starts_with(MAGIC) || matches!(head, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
}

impl Coder for Zstd {
    const TRUNCATED: SkipReason = SkipReason::ZstdTruncated;
    const TRAILING: SkipReason = SkipReason::ZstdTrailing;

    fn begin(below: &mut Blocks<'_>, memory: u64) -> Start<Zstd> {
        let ahead = below.want(MAGIC.len());
        let fits = |magic: [u8; 4]| ahead.len() < MAGIC.len() && magic.starts_with(ahead);
        if !begins(ahead) {
            let first = ahead.first().copied().unwrap_or(0);
            let is_cut = fits([0x28, 0xb5, 0x2f, 0xfd]) || (matches!(first, 0x50..=0x5f) && fits([first, 0x2a, 0x4d, 0x18]));
            return if is_cut { Start::Cut } else { Start::Foreign };
        }
        match decoder(memory.clamp(1 << 10, 1 << 31).ilog2()) {
            Ok(decoder) => Start::Stream(Zstd { decoder, too_large: false }),
            Err(_) => Start::Cut,
        }
    }

    fn step(&mut self, below: &mut Blocks<'_>, room: &mut [u8]) -> Step {
        let len = room.len().min(ONE_BLOCK);
        drive(below, |input| {
            let (mut from, mut to) = (InBuffer::around(input), OutBuffer::around(&mut room[..len]));
            let turn = match self.decoder.run(&mut from, &mut to) {
                Ok(0) => Turn::Last,
                Ok(_) => Turn::More,
                Err(error) => {
                    // It tells its errors apart by text only, which is the library's own.
                    self.too_large = error.to_string().contains("too much memory");
                    Turn::Broken
                }
            };
            (from.pos(), to.pos(), turn)
        })
    }

    fn fault(&self) -> SkipReason {
        if self.too_large { SkipReason::ZstdWindow } else { SkipReason::ZstdTruncated }
    }
}

/// A decoder that takes windows of up to 2^`log` bytes.
fn decoder(log: u32) -> std::io::Result<Decoder<'static>> {
    let mut decoder = Decoder::new()?;
    decoder.set_parameter(DParameter::WindowLogMax(log))?;
    Ok(decoder)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::coder::{noise, try_cuts, unpack};
    use super::super::samples::zst;
    use super::super::trouble::Troubles;
    use super::*;
    use std::io::Write;

    fn with_window(log: u32) -> Vec<u8> {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(log).unwrap();
        encoder.write_all(b"line\n").unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn all_frames_are_read_and_skippable_ones_skipped() {
        let skippable = b"\x50\x2a\x4d\x18\x03\0\0\0xyz".to_vec();
        let packed = [skippable.clone(), zst(b"one\n"), skippable, zst(b""), zst(b"two\n")].concat();
        assert_eq!(unpack::<Zstd>(&packed, 1 << 27), (b"one\ntwo\n".to_vec(), Troubles::default()));
    }

    #[test]
    fn a_cut_at_any_place_leaves_what_came_before() {
        let text = noise(20_000);
        let (first, second) = (zst(&text), zst(&text[..1000]));
        let packed = [first.clone(), second].concat();
        try_cuts::<Zstd>(&packed, &[&text[..], &text[..1000]].concat(), &[first.len()], 997);
        let late = unpack::<Zstd>(&first[..first.len() - 1], 1 << 27).0.len();
        assert!(late > text.len() / 2, "{late} of {}", text.len());
    }

    #[test]
    fn damage_costs_what_comes_after_it_and_what_follows_is_counted() {
        let text = noise(20_000);
        let mut bad = zst(&text);
        let at = bad.len() - 100;
        bad[at] ^= 0x55;
        let (got, troubles) = unpack::<Zstd>(&bad, 1 << 27);
        let same = got.iter().zip(&text).take_while(|(a, b)| a == b).count();
        assert!(same > text.len() / 2, "{same} of {}", text.len());
        assert_eq!(troubles, Troubles::of(SkipReason::ZstdTruncated, 0));

        for tail in [&b"\0\0\0\0"[..], b"x", b"more than ten bytes of something else"] {
            let want = Troubles::of(SkipReason::ZstdTrailing, tail.len() as u64);
            assert_eq!(unpack::<Zstd>(&[&zst(b"line\n"), tail].concat(), 1 << 27), (b"line\n".to_vec(), want));
        }
    }

    #[test]
    fn a_window_over_the_limit_is_named() {
        assert_eq!(unpack::<Zstd>(&with_window(27), 1 << 27), (b"line\n".to_vec(), Troubles::default()));
        assert_eq!(unpack::<Zstd>(&with_window(28), 1 << 27), (Vec::new(), Troubles::of(SkipReason::ZstdWindow, 0)));
    }
}
