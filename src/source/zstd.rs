//! Zstandard: all frames, skippable ones too, up to a window that can be afforded.

use super::blocks::{Blocks, Bytes};
use super::trouble::Troubles;
use crate::event::SkipReason;
use std::io::{self, Read};
use zstd::stream::read::Decoder;

/// Largest window, 2²⁷ bytes (128 MiB): what the format's own tool takes without being asked.
const WINDOW_LOG: u32 = 27;

/// One block of the format. The decoder drops what a failing call has unpacked, so a call is
/// given room for one block and damage costs only the block that holds it.
const ONE_BLOCK: usize = 128 << 10;

/// The unpacked bytes of all frames.
pub(super) struct Zstd<'a> {
    decoder: Decoder<'static, Blocks<'a>>,
    troubles: Troubles,
}

impl<'a> Zstd<'a> {
    /// # Errors
    /// When the decoder cannot be set up (it is out of memory).
    pub(super) fn new(below: Blocks<'a>) -> io::Result<Zstd<'a>> {
        let mut decoder = Decoder::with_buffer(below)?;
        decoder.window_log_max(WINDOW_LOG)?;
        Ok(Zstd { decoder, troubles: Troubles::default() })
    }
}

impl Bytes for Zstd<'_> {
    fn fill(&mut self, room: &mut [u8]) -> usize {
        if !self.troubles.is_empty() {
            return 0;
        }
        let len = room.len().min(ONE_BLOCK);
        match self.decoder.read(&mut room[..len]) {
            Ok(n) => n,
            Err(error) => {
                self.troubles.note(reason(&error), 0);
                self.decoder.get_mut().pass();
                0
            }
        }
    }

    fn troubles(&self, found: &mut Troubles) {
        self.decoder.get_ref().troubles(found);
        found.extend(&self.troubles);
    }
}

/// The decoder tells its errors apart by text only. The text is the library's own, not input.
fn reason(error: &io::Error) -> SkipReason {
    match error.to_string().contains("too much memory") {
        true => SkipReason::ZstdWindow,
        false => SkipReason::ZstdTruncated,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Write;

    fn unpack(packed: &[u8]) -> (Vec<u8>, Troubles) {
        let mut zstd = Zstd::new(Blocks::new(packed)).unwrap();
        let (mut text, mut room, mut troubles) = (Vec::new(), vec![0; 1 << 20], Troubles::default());
        loop {
            match zstd.fill(&mut room) {
                0 => break,
                n => text.extend_from_slice(&room[..n]),
            }
        }
        zstd.troubles(&mut troubles);
        (text, troubles)
    }

    fn with_window(log: u32) -> Vec<u8> {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(log).unwrap();
        encoder.write_all(b"line\n").unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn all_frames_are_read_and_skippable_ones_skipped() {
        let frame = |text: &[u8]| zstd::encode_all(text, 3).unwrap();
        let skippable = b"\x50\x2a\x4d\x18\x03\0\0\0xyz".to_vec();
        let packed = [skippable.clone(), frame(b"one\n"), skippable, frame(b"two\n")].concat();
        assert_eq!(unpack(&packed), (b"one\ntwo\n".to_vec(), Troubles::default()));
    }

    #[test]
    fn a_cut_at_any_place_leaves_what_came_before() {
        let text: Vec<u8> = (0..40_000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_string().into_bytes()).collect();
        let first = zstd::encode_all(&text[..], 1).unwrap();
        let packed = [first.clone(), zstd::encode_all(&text[..1000], 1).unwrap()].concat();
        let whole = [&text[..], &text[..1000]].concat();
        for cut in (1..packed.len()).step_by(997).chain([first.len(), first.len() + 1, packed.len() - 1]) {
            let (got, troubles) = unpack(&packed[..cut]);
            assert!(whole.starts_with(&got), "cut at {cut}");
            assert_eq!(troubles.is_empty(), cut == first.len(), "cut at {cut}");
        }
        let late = unpack(&packed[..first.len() - 1]).0.len();
        assert!(late > text.len() / 2, "{late} of {}", text.len());
        assert_eq!(unpack(&packed), (whole, Troubles::default()));
    }

    #[test]
    fn a_window_over_the_limit_is_named() {
        assert_eq!(unpack(&with_window(27)), (b"line\n".to_vec(), Troubles::default()));
        assert_eq!(unpack(&with_window(28)), (Vec::new(), Troubles::of(SkipReason::ZstdWindow, 0)));
    }
}
