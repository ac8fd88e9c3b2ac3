//! Deflate, as gzip and zip use it, such that damage costs only what comes after it.
//!
//! The ready-made readers of `flate2` drop what the failing call had unpacked, up to a whole
//! block; here it is handed out before the damage is told.

use super::blocks::Blocks;
use flate2::{Decompress, FlushDecompress, Status};
use std::io::BufRead;

/// Unpacks one deflate stream.
pub(super) struct Inflate(Decompress);

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

impl Inflate {
    pub(super) fn new() -> Inflate {
        Inflate(Decompress::new(false))
    }

    /// Unpack from `below` into `room`, which must not be empty.
    pub(super) fn step(&mut self, below: &mut Blocks<'_>, room: &mut [u8]) -> Step {
        loop {
            let input = below.want(1);
            let at_end = input.is_empty();
            let (before_in, before_out) = (self.0.total_in(), self.0.total_out());
            let status = self.0.decompress(input, room, FlushDecompress::None);
            let used = (self.0.total_in() - before_in) as usize;
            let made = (self.0.total_out() - before_out) as usize;
            below.consume(used);
            match status {
                Ok(Status::StreamEnd) => return Step::Last(made),
                Ok(_) if made > 0 => return Step::Some(made),
                Ok(_) if used > 0 => {}
                Ok(_) if !at_end => return Step::Broken(0), // no progress in spite of input and room
                Ok(_) | Err(_) => return Step::Broken(made),
            }
        }
    }
}
