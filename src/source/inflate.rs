//! Deflate, as gzip and zip use it.

use super::blocks::Blocks;
use super::coder::{Step, Turn, drive};
use flate2::{Decompress, FlushDecompress, Status};

/// Unpacks one deflate stream.
pub(super) struct Inflate(Decompress);

impl Inflate {
    pub(super) fn new() -> Inflate {
        Inflate(Decompress::new(false))
    }

    /// Unpack from `below` into `room`, which must not be empty.
    pub(super) fn step(&mut self, below: &mut Blocks<'_>, room: &mut [u8]) -> Step {
        drive(below, |input| {
            let (before_in, before_out) = (self.0.total_in(), self.0.total_out());
            let turn = match self.0.decompress(input, room, FlushDecompress::None) {
                Ok(Status::StreamEnd) => Turn::Last,
                Ok(_) => Turn::More,
                Err(_) => Turn::Broken,
            };
            ((self.0.total_in() - before_in) as usize, (self.0.total_out() - before_out) as usize, turn)
        })
    }
}
