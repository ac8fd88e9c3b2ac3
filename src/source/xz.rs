//! Xz: all streams and the padding between them, up to a dictionary that can be afforded.

use super::blocks::Blocks;
use super::budget::SLOW;
use super::coder::{Coder, Start, Step, Turn, drive, magic};
use crate::event::SkipReason;
use liblzma::stream::{Action, Error, Status, Stream};
use std::io::BufRead;

/// How a stream begins.
pub(super) const MAGIC: &[u8] = b"\xfd7zXZ\0";

/// Streams are padded with NULs to a multiple of this.
const PADDING: usize = 4;

/// What a decoder takes beside its dictionary, with room to spare.
const BESIDE: u64 = 1 << 20;

/// One stream.
pub(super) struct Xz {
    stream: Stream,
    too_large: bool,
}

impl Coder for Xz {
    const TRUNCATED: SkipReason = SkipReason::XzTruncated;
    const TRAILING: SkipReason = SkipReason::XzTrailing;
    const PRICE: u64 = SLOW;

    fn begin(below: &mut Blocks<'_>, memory: u64) -> Start<Xz> {
        match magic(below, MAGIC) {
            Start::Stream(()) => match Stream::new_stream_decoder(memory.saturating_add(BESIDE), 0) {
                Ok(stream) => Start::Stream(Xz { stream, too_large: false }),
                Err(_) => Start::Cut,
            },
            Start::Cut => Start::Cut,
            Start::Foreign => Start::Foreign,
        }
    }

    fn step(&mut self, below: &mut Blocks<'_>, room: &mut [u8]) -> Step {
        drive(below, |input| {
            let (before_in, before_out) = (self.stream.total_in(), self.stream.total_out());
            let turn = match self.stream.process(input, room, Action::Run) {
                Ok(Status::StreamEnd) => Turn::Last,
                Ok(_) => Turn::More,
                Err(error) => {
                    self.too_large = matches!(error, Error::MemLimit | Error::Mem);
                    Turn::Broken
                }
            };
            let (used, made) = (self.stream.total_in() - before_in, self.stream.total_out() - before_out);
            (used as usize, made as usize, turn)
        })
    }

    fn fault(&self) -> SkipReason {
        if self.too_large { SkipReason::XzMemory } else { SkipReason::XzTruncated }
    }

    fn pad(below: &mut Blocks<'_>) {
        while below.want(PADDING).get(..PADDING).is_some_and(|four| four.iter().all(|b| *b == 0)) {
            below.consume(PADDING);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::coder::{noise, try_cuts, unpack};
    use super::super::samples::xz;
    use super::super::trouble::Troubles;
    use super::*;
    use liblzma::stream::{Check, Filters, LzmaOptions};
    use std::io::Write;

    /// Packed with a dictionary of so many bytes.
    fn with_dictionary(size: u32) -> Vec<u8> {
        let mut options = LzmaOptions::new_preset(0).unwrap();
        options.dict_size(size);
        let stream = Stream::new_stream_encoder(Filters::new().lzma2(&options), Check::Crc32).unwrap();
        let mut encoder = liblzma::write::XzEncoder::new_stream(Vec::new(), stream);
        encoder.write_all(b"line\n").unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn all_streams_are_read_and_padding_is_padding() {
        let packed = [&xz(b"one\n")[..], &[0; 8], &xz(b""), &xz(b"two\n"), &[0; 4]].concat();
        assert_eq!(unpack::<Xz>(&packed, 64 << 20), (b"one\ntwo\n".to_vec(), Troubles::default()));
    }

    #[test]
    fn a_cut_at_any_place_leaves_what_came_before() {
        let text = noise(9_000);
        let (first, second) = (xz(&text), xz(b"two\n"));
        let packed = [first.clone(), second].concat();
        try_cuts::<Xz>(&packed, &[&text[..], b"two\n"].concat(), &[first.len()], 499);
        let half = unpack::<Xz>(&first[..first.len() / 2], u64::MAX).0.len();
        assert!(half > text.len() / 3, "{half} of {}", text.len());
    }

    #[test]
    fn damage_costs_what_comes_after_it_and_what_follows_is_counted() {
        let text = noise(9_000);
        let mut bad = xz(&text);
        let at = bad.len() / 2;
        bad[at] ^= 0x55;
        let (got, troubles) = unpack::<Xz>(&bad, u64::MAX);
        let same = got.iter().zip(&text).take_while(|(a, b)| a == b).count();
        assert!(same > text.len() / 3, "{same} of {}", text.len());
        assert_eq!(troubles, Troubles::of(SkipReason::XzTruncated, 0));

        for tail in [&b"\0\0\0"[..], b"x", b"more than ten bytes of something else"] {
            let want = Troubles::of(SkipReason::XzTrailing, tail.len() as u64);
            assert_eq!(unpack::<Xz>(&[&xz(b"line\n"), tail].concat(), u64::MAX), (b"line\n".to_vec(), want), "{tail:?}");
        }
    }

    #[test]
    fn a_dictionary_over_the_limit_is_named() {
        let limit = 64 << 20;
        assert_eq!(unpack::<Xz>(&with_dictionary(64 << 20), limit), (b"line\n".to_vec(), Troubles::default()));
        let refused = (Vec::new(), Troubles::of(SkipReason::XzMemory, 0));
        assert_eq!(unpack::<Xz>(&with_dictionary(96 << 20), limit), refused);
    }
}
