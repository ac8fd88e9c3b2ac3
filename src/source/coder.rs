//! What all compressed streams have in common: one after the other until the bytes end, every
//! byte before damage handed out, what follows the last stream counted.
//!
//! A format says how its streams begin, unpack and end ([`Coder`]); [`Streams`] does the rest.
//! The ready-made readers of the crates drop what the failing call had unpacked, up to a whole
//! block; here it is handed out before the damage is told.

use super::blocks::Blocks;

use super::bytes::Bytes;
use super::trouble::Troubles;
use crate::event::SkipReason;
use std::io::BufRead;

/// Where a stream stands after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// So many bytes came out (never 0), and there may be more.
    Some(usize),
    /// So many bytes came out, and that was all.
    Last(usize),
    /// So many bytes came out, and then the stream was cut or damaged.
    Broken(usize),
}

impl Step {
    /// How many bytes came out.
    pub(super) fn made(self) -> usize {
        match self {
            Step::Some(made) | Step::Last(made) | Step::Broken(made) => made,
        }
    }
}

/// What a decoder says of one turn.
pub(super) enum Turn {
    More,
    Last,
    Broken,
}

/// Give a decoder what comes next until bytes come out or it ends. A turn takes input, and says
/// how much it used, how much it made, and where it stands.
pub(super) fn drive(below: &mut Blocks<'_>, mut turn: impl FnMut(&[u8]) -> (usize, usize, Turn)) -> Step {
    loop {
        let (used, made, state) = turn(below.want(1));
        below.consume(used);
        match state {
            Turn::Last => return Step::Last(made),
            Turn::Broken => return Step::Broken(made),
            Turn::More if made > 0 => return Step::Some(made),
            Turn::More if used > 0 => {}
            // The input has ended, or there is no progress in spite of it.
            Turn::More => return Step::Broken(0),
        }
    }
}

/// What stands where a stream is due.
pub(super) enum Start<C> {
    /// A stream.
    Stream(C),
    /// The beginning of a stream, and then the end.
    Cut,
    /// Something else.
    Foreign,
}

/// How a stream ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// As it should.
    Good,
    /// Its sums are not those of what came out; another stream may follow.
    Wrong,
    /// Inside its last bytes.
    Cut,
}

/// A compression format.
pub(super) trait Coder: Sized {
    /// The reason for a stream that is cut or damaged.
    const TRUNCATED: SkipReason;
    /// The reason for what follows the last stream.
    const TRAILING: SkipReason;
    /// What a byte of it costs the run.
    const PRICE: u64 = 1;

    /// Begin the stream that is due. `memory` bytes may be taken for what was unpacked and is
    /// referred to.
    fn begin(below: &mut Blocks<'_>, memory: u64) -> Start<Self>;

    /// Unpack into `room`, which is not empty.
    fn step(&mut self, below: &mut Blocks<'_>, room: &mut [u8]) -> Step;

    /// Why the last step was [`Step::Broken`].
    fn fault(&self) -> SkipReason {
        Self::TRUNCATED
    }

    /// Read what stands behind the stream and belongs to it.
    fn end(self, below: &mut Blocks<'_>) -> Ending {
        let _ = below;
        Ending::Good
    }

    /// Skip what may stand between streams.
    fn pad(below: &mut Blocks<'_>) {
        let _ = below;
    }
}

/// The unpacked bytes of all streams.
pub(super) struct Streams<'a, C> {
    below: Blocks<'a>,
    memory: u64,
    stream: Option<C>,
    first: bool,
    over: bool,
    troubles: Troubles,
}

impl<'a, C: Coder> Streams<'a, C> {
    /// The streams in `below`, each of which may take so much memory.
    pub(super) fn new(below: Blocks<'a>, memory: u64) -> Streams<'a, C> {
        Streams { below, memory, stream: None, first: true, over: false, troubles: Troubles::default() }
    }

    /// Begin the next stream, or end.
    fn begin(&mut self) {
        let first = std::mem::replace(&mut self.first, false);
        if !first {
            C::pad(&mut self.below);
            self.over = self.below.want(1).is_empty();
        }
        match C::begin(&mut self.below, self.memory) {
            _ if self.over => {}
            Start::Stream(stream) => self.stream = Some(stream),
            Start::Foreign if !first => {
                let trailing = self.below.pass();
                self.stop(C::TRAILING, trailing);
            }
            Start::Cut | Start::Foreign => self.stop(C::TRUNCATED, 0),
        }
    }

    fn finish(&mut self) {
        match self.stream.take().map(|stream| stream.end(&mut self.below)) {
            Some(Ending::Wrong) => self.troubles.note(C::TRUNCATED, 0),
            Some(Ending::Cut) => self.stop(C::TRUNCATED, 0),
            Some(Ending::Good) | None => {}
        }
    }

    fn stop(&mut self, reason: SkipReason, bytes: u64) {
        self.over = true;
        self.stream = None; // and its memory
        self.troubles.note(reason, bytes);
        self.below.pass();
    }
}

impl<C: Coder> Bytes for Streams<'_, C> {
    fn fill(&mut self, room: &mut [u8]) -> usize {
        while !self.over && !room.is_empty() {
            let Some(stream) = &mut self.stream else {
                self.begin();
                continue;
            };
            let step = stream.step(&mut self.below, room);
            match step {
                Step::Some(_) => {}
                Step::Last(_) => self.finish(),
                Step::Broken(_) => {
                    let reason = stream.fault();
                    self.stop(reason, 0);
                }
            }
            if step.made() > 0 {
                return step.made();
            }
        }
        0
    }

    fn troubles(&self, found: &mut Troubles) {
        self.below.troubles(found);
        found.extend(&self.troubles);
    }
}

/// Do the bytes ahead begin with `magic`? Nothing is consumed.
pub(super) fn magic(below: &mut Blocks<'_>, magic: &[u8]) -> Start<()> {
    let ahead = below.want(magic.len());
    match ahead.get(..magic.len()) {
        Some(whole) if whole == magic => Start::Stream(()),
        None if magic.starts_with(ahead) => Start::Cut,
        _ => Start::Foreign,
    }
}

/// For tests of the formats: everything that comes out of `packed`, and what is said about it.
#[cfg(test)]
pub(super) fn unpack<C: Coder>(packed: &[u8], memory: u64) -> (Vec<u8>, Troubles) {
    let mut streams = Streams::<C>::new(Blocks::new(packed), memory);
    let (mut text, mut room, mut troubles) = (Vec::new(), vec![0; 77_777], Troubles::default());
    loop {
        match streams.fill(&mut room) {
            0 => break,
            n => text.extend_from_slice(&room[..n]),
        }
    }
    streams.troubles(&mut troubles);
    (text, troubles)
}

/// For tests of the formats: text that does not pack well, and is told apart anywhere.
#[cfg(test)]
pub(super) fn noise(lines: u32) -> Vec<u8> {
    (0..lines).flat_map(|n| format!("{{\"n\":{n},\"x\":{}}}\n", n.wrapping_mul(2_654_435_761)).into_bytes()).collect()
}

/// For tests of the formats: cut `packed`, whose streams end at `ends` and hold `whole` together,
/// at every `step`th byte; what comes out is what came before, and a cut is said.
#[cfg(test)]
pub(super) fn try_cuts<C: Coder>(packed: &[u8], whole: &[u8], ends: &[usize], step: usize) {
    assert!(unpack::<C>(packed, u64::MAX) == (whole.to_vec(), Troubles::default()));
    let near = ends.iter().flat_map(|end| end.saturating_sub(12)..(end + 12).min(packed.len()));
    for cut in (1..packed.len()).step_by(step).chain(near) {
        let (got, troubles) = unpack::<C>(&packed[..cut], u64::MAX);
        assert!(whole.starts_with(&got), "cut at {cut}");
        let want = if ends.contains(&cut) { Troubles::default() } else { Troubles::of(C::TRUNCATED, 0) };
        assert_eq!(troubles, want, "cut at {cut} of {}", packed.len());
    }
}
