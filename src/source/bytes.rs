//! What gives bytes and never fails: a file, a pipe, memory, a decompressor, a member of an archive.
//!
//! Apart from [`super::blocks`], which buffers them, and [`super::budget`], which makes them pay.

use super::trouble::Troubles;
use crate::event::SkipReason;
use std::fs::File;
use std::io::{self, Read};

/// Size of a block. Between 64 KiB and 512 KiB is where a block stays in the second-level cache.
pub(super) const BLOCK: usize = 256 << 10;

/// A source of bytes that ends instead of failing.
pub(super) trait Bytes {
    /// Put some bytes into `room` and say how many; 0 is the end, for good.
    fn fill(&mut self, room: &mut [u8]) -> usize;

    /// Pass over everything that is left and say how much it was.
    fn pass(&mut self) -> u64 {
        let mut scratch = vec![0; BLOCK / 4];
        let mut passed = 0;
        loop {
            match self.fill(&mut scratch) {
                0 => return passed,
                n => passed += n as u64,
            }
        }
    }

    /// Let the system write what comes next into `file`, at most `most` bytes, and say how much it was: 0 where it does
    /// not do that, and at the end.
    fn pour(&mut self, file: &File, most: u64) -> u64 {
        let _ = (file, most);
        0
    }

    /// How much is left, where that is known and [`Bytes::pour`] may do it.
    fn left(&self) -> u64 {
        0
    }

    /// Pass over a hole in the medium that begins here, and say how long it is: so many NULs that
    /// need not be read.
    fn pass_hole(&mut self) -> u64 {
        0
    }

    /// Add the troubles met so far, here and below. Those of the end are known at the end.
    fn troubles(&self, found: &mut Troubles);
}

impl<B: Bytes + ?Sized> Bytes for Box<B> {
    fn fill(&mut self, room: &mut [u8]) -> usize {
        (**self).fill(room)
    }

    fn pass(&mut self) -> u64 {
        (**self).pass()
    }

    fn pour(&mut self, file: &File, most: u64) -> u64 {
        (**self).pour(file, most)
    }

    fn left(&self) -> u64 {
        (**self).left()
    }

    fn pass_hole(&mut self) -> u64 {
        (**self).pass_hole()
    }

    fn troubles(&self, found: &mut Troubles) {
        (**self).troubles(found);
    }
}

/// Bytes in memory.
impl Bytes for &[u8] {
    fn fill(&mut self, room: &mut [u8]) -> usize {
        let n = self.len().min(room.len());
        let (now, later) = self.split_at(n);
        room[..n].copy_from_slice(now);
        *self = later;
        n
    }

    fn troubles(&self, _: &mut Troubles) {}
}

/// Bytes from a pipe, which cannot be asked for its size.
pub(super) struct Pipe<'m, R> {
    inner: R,
    meter: &'m super::Meter,
    troubles: Troubles,
}

impl<'m, R: Read> Pipe<'m, R> {
    pub(super) fn new(inner: R, meter: &'m super::Meter) -> Pipe<'m, R> {
        Pipe { inner, meter, troubles: Troubles::default() }
    }
}

impl<R: Read> Bytes for Pipe<'_, R> {
    fn fill(&mut self, room: &mut [u8]) -> usize {
        if !self.troubles.is_empty() {
            return 0;
        }
        match read(&mut self.inner, room) {
            Ok(n) => {
                self.meter.add(n as u64);
                n
            }
            Err(_) => {
                self.troubles.note(SkipReason::Io, 0);
                0
            }
        }
    }

    fn troubles(&self, found: &mut Troubles) {
        found.extend(&self.troubles);
    }
}

/// Read once, and again when a signal came between.
pub(super) fn read(from: &mut impl Read, room: &mut [u8]) -> io::Result<usize> {
    loop {
        match from.read(room) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}
