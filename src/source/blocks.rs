//! The buffer between two layers: it takes [`Bytes`] from below, and a decompressor or a line splitter
//! reads from it. There is no other copy.

use super::budget::Budget;
use super::buffer::Buffer;
use super::bytes::{BLOCK, Bytes};
use super::toll::Toll;
use super::trouble::Troubles;
use crate::event::SkipReason;
use std::fs::File;
use std::io::{self, BufRead, Read};
use std::ops::Range;

/// The buffer doubles for a line that does not fit, but never by more than this.
const STEP: usize = 8 << 20;

/// Bytes from below, with a view of what comes next.
pub(super) struct Blocks<'a> {
    below: Box<dyn Bytes + 'a>,
    buffer: Buffer,
    /// How much of the buffer is used.
    room: usize,
    start: usize,
    end: usize,
    ended: bool,
    received: u64,
    cap: u64,
    paid: Option<Box<Paid<'a>>>,
    troubles: Troubles,
}

/// What is paid for.
struct Paid<'a> {
    budget: &'a Budget,
    toll: Toll,
    /// Some of it was handed over: how far it was read when something was paid for depends on who read it.
    handed_over: bool,
}

impl<'a> Blocks<'a> {
    /// A buffer over `below`.
    pub(super) fn new(below: impl Bytes + 'a) -> Blocks<'a> {
        Blocks::sized(below, u64::MAX)
    }

    /// The same where the size is about known, so that a small file costs a small buffer.
    pub(super) fn sized(below: impl Bytes + 'a, size: u64) -> Blocks<'a> {
        let room = usize::try_from(size).unwrap_or(BLOCK).saturating_add(1).clamp(1 << 10, BLOCK);
        Blocks {
            below: Box::new(below),
            buffer: Buffer::new(),
            room,
            start: 0,
            end: 0,
            ended: false,
            received: 0,
            cap: u64::MAX,
            paid: None,
            troubles: Troubles::default(),
        }
    }

    /// Hand out at most as many bytes as `budget` has for a source, and pay from it for what is
    /// charged.
    pub(super) fn ration(&mut self, budget: &'a Budget) {
        self.paid = Some(Box::new(Paid { budget, toll: Toll::default(), handed_over: false }));
        self.cap(budget.member);
    }

    /// Hand out at most `cap` bytes in all; the rest is a [`SkipReason::BudgetDecompressed`].
    pub(super) fn cap(&mut self, cap: u64) {
        self.cap = cap;
        if let Some(excess) = self.received.checked_sub(cap).filter(|excess| *excess > 0) {
            self.end = self.end.saturating_sub(usize::try_from(excess).unwrap_or(usize::MAX)).max(self.start);
            self.received = cap;
            self.over_cap();
        }
    }

    /// What short lines are charged, for whoever splits what comes next; None where nothing is paid.
    pub(super) fn toll(&mut self) -> Option<Toll> {
        self.paid.as_mut().map(|paid| std::mem::take(&mut paid.toll))
    }

    /// What was handed out took the time of so many more bytes: they come off what is left.
    pub(super) fn charge(&mut self, bytes: u64) {
        if let Some(paid) = &self.paid {
            paid.budget.charge(bytes);
            self.cap = self.cap.saturating_sub(bytes).max(self.received);
        }
    }

    /// What is in the buffer and not consumed.
    pub(super) fn ahead(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// As [`Blocks::ahead`], after reading on until there are `n` bytes or there are no more.
    pub(super) fn want(&mut self, n: usize) -> &[u8] {
        while self.end - self.start < n && self.more() {}
        self.ahead()
    }

    /// Read on behind what is in the buffer. False at the end.
    pub(super) fn more(&mut self) -> bool {
        if self.ended {
            return false;
        }
        let allowed = usize::try_from(self.cap - self.received).unwrap_or(usize::MAX);
        if allowed == 0 {
            self.ended = true;
            if self.below.fill(&mut [0]) > 0 {
                self.over_cap();
            }
            return false;
        }
        self.make_room();
        let free = self.buffer.get_mut(self.end..self.room).unwrap_or_default();
        let room = free.len().min(allowed);
        let n = self.below.fill(&mut free[..room]);
        self.end += n;
        self.received += n as u64;
        self.ended = n == 0;
        n > 0
    }

    /// Hand out the buffer with the whole lines in it, about `least` bytes or one line more, and go on in `spare`. None
    /// where there are fewer bytes, or no line ends for long: then nothing is consumed.
    pub(super) fn hand_over(&mut self, least: usize, mut spare: Buffer) -> Option<(Buffer, Range<usize>)> {
        let mut wanted = least;
        let behind = loop {
            let ahead = self.want(wanted);
            if ahead.len() < wanted || wanted > STEP {
                return None;
            }
            match memchr::memrchr(b'\n', ahead) {
                Some(end) => break end + 1,
                None => wanted *= 2,
            }
        };
        let (from, to) = (self.start, self.start + behind);
        self.pay(from..to);
        let rest = self.buffer.get(to..self.end).unwrap_or_default();
        spare.grow(self.buffer.len());
        if let Some(start) = spare.get_mut(..rest.len()) {
            start.copy_from_slice(rest);
        }
        (self.start, self.end) = (0, self.end - to);
        Some((std::mem::replace(&mut self.buffer, spare), from..to))
    }

    /// Pay for the short lines in a part of the buffer, which begins where what was paid for ends.
    fn pay(&mut self, part: Range<usize>) {
        let Some(mut toll) = self.toll() else { return };
        let passed = self.received - (self.end - part.start) as u64;
        let text = self.buffer.get(part).unwrap_or_default();
        memchr::memchr_iter(b'\n', text).for_each(|at| toll.line_ends(passed + at as u64));
        self.charge(toll.due());
        if let Some(paid) = &mut self.paid {
            (paid.toll, paid.handed_over) = (toll, true);
        }
    }

    /// True when everything has been read into the buffer.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Bytes that came from below so far.
    pub(super) fn received(&self) -> u64 {
        self.received
    }

    /// Pass over everything that is left, and say how much it was.
    pub(super) fn pass(&mut self) -> u64 {
        let ahead = self.ahead().len() as u64;
        self.start = self.end;
        if self.cap < u64::MAX {
            // A capped source is read on, so that the cap holds here as well.
            let mut passed = ahead;
            while self.more() {
                passed += self.ahead().len() as u64;
                self.start = self.end;
            }
            return passed;
        }
        let rest = if self.ended { 0 } else { self.below.pass() };
        self.ended = true;
        self.received += rest;
        ahead + rest
    }

    /// Let the system write what comes next into `file`, if nothing of it is in the buffer. See [`Bytes::pour`].
    pub(super) fn pour(&mut self, file: &File, most: u64) -> u64 {
        let poured = if self.is_direct() { self.below.pour(file, most) } else { 0 };
        self.received += poured;
        poured
    }

    /// How much of it is left for that.
    pub(super) fn left(&self) -> u64 {
        if self.is_direct() { self.below.left() } else { 0 }
    }

    /// Does what comes next come from below, as it is?
    fn is_direct(&self) -> bool {
        self.ahead().is_empty() && !self.ended && self.cap == u64::MAX
    }

    /// Pass over a hole behind what is in the buffer, if that is empty. See [`Bytes::pass_hole`].
    pub(super) fn pass_hole(&mut self) -> u64 {
        let hole = if self.is_direct() { self.below.pass_hole() } else { 0 };
        self.received += hole;
        hole
    }

    /// Consume exactly `n` bytes, which may be more than a block. False when there are fewer.
    pub(super) fn skip(&mut self, mut n: usize) -> bool {
        while n > 0 {
            let here = self.want(1).len().min(n);
            if here == 0 {
                return false;
            }
            self.consume(here);
            n -= here;
        }
        true
    }

    /// Add the troubles met so far.
    pub(super) fn troubles(&self, found: &mut Troubles) {
        self.below.troubles(found);
        found.extend(&self.troubles);
    }

    fn over_cap(&mut self) {
        self.ended = true;
        if let Some(paid) = self.paid.as_ref().filter(|paid| paid.handed_over) {
            paid.budget.note_hit();
        }
        self.troubles.note(SkipReason::BudgetDecompressed, 0);
    }

    /// Move what is left to the front; grow only when that leaves no room.
    fn make_room(&mut self) {
        if self.start > 0 && self.end == self.room || self.start == self.end {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.room {
            self.room += self.room.min(STEP);
            self.buffer.grow(self.room);
        }
    }
}

impl Read for Blocks<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.start == self.end && into.len() >= BLOCK && self.cap == u64::MAX && !self.ended {
            let n = self.below.fill(into);
            self.received += n as u64;
            self.ended = n == 0;
            return Ok(n);
        }
        let ahead = self.want(1);
        let n = ahead.len().min(into.len());
        into[..n].copy_from_slice(&ahead[..n]);
        self.consume(n);
        Ok(n)
    }
}

impl BufRead for Blocks<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        Ok(self.want(1))
    }

    fn consume(&mut self, n: usize) {
        self.start = (self.start + n).min(self.end);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::bytes::Pipe;
    use super::*;

    /// Gives one byte at a time.
    struct Drip<'a>(&'a [u8]);

    impl Bytes for Drip<'_> {
        fn fill(&mut self, room: &mut [u8]) -> usize {
            let n = room.len().min(1);
            self.0.fill(&mut room[..n])
        }

        fn troubles(&self, _: &mut Troubles) {}
    }

    #[test]
    fn what_is_wanted_is_shown_whatever_the_size_of_reads() {
        let text: Vec<u8> = (0..5000u32).map(|n| n as u8).collect();
        let mut blocks = Blocks::sized(Drip(&text), 10);
        assert_eq!(blocks.want(3000)[..3000], text[..3000]);
        blocks.consume(2900);
        assert_eq!(blocks.want(2000)[..2000], text[2900..4900]);
        assert!(blocks.skip(2000));
        let mut rest = Vec::new();
        blocks.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, text[4900..]);
        assert!(!blocks.skip(1));
        assert_eq!((blocks.received(), blocks.ended()), (5000, true));
    }

    #[test]
    fn a_cap_cuts_exactly_and_says_so_only_if_something_was_cut() {
        let text = vec![b'x'; 3000];
        for (cap, cut) in [(0, true), (1, true), (2999, true), (3000, false), (9000, false)] {
            for peek in [0, 512, 4000] {
                let mut blocks = Blocks::new(&text[..]);
                blocks.want(peek);
                blocks.cap(cap);
                assert_eq!(blocks.pass(), cap.min(3000), "cap {cap}, peek {peek}");
                let mut troubles = Troubles::default();
                blocks.troubles(&mut troubles);
                assert_eq!(!troubles.is_empty(), cut, "cap {cap}, peek {peek}");
            }
        }
    }

    #[test]
    fn what_is_charged_comes_off_the_cap_and_the_run() {
        let (text, budget) = (vec![b'x'; 3000], Budget::new(2000, 10_000));
        let mut blocks = Blocks::sized(&text[..], 499);
        blocks.ration(&budget);
        assert_eq!(blocks.want(1).len(), 1024);
        blocks.consume(1024);
        blocks.charge(500);
        assert_eq!((blocks.pass(), budget.left()), (476, 9500));
        blocks.charge(9_000);
        assert_eq!((blocks.received(), budget.left()), (1500, 500));
    }

    #[test]
    fn a_pipe_that_fails_ends_and_says_so() {
        struct Failing(u8);
        impl Read for Failing {
            fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
                self.0 += 1;
                match self.0 {
                    1 => Err(io::ErrorKind::Interrupted.into()),
                    2 => (&b"line\n"[..]).read(into),
                    _ => Err(io::ErrorKind::BrokenPipe.into()),
                }
            }
        }
        let meter = super::super::Meter::new();
        let mut blocks = Blocks::new(Pipe::new(Failing(0), &meter));
        let mut troubles = Troubles::default();
        assert_eq!(blocks.want(100), b"line\n");
        blocks.troubles(&mut troubles);
        assert_eq!((troubles, meter.read()), (Troubles::of(SkipReason::Io, 0), 5));
    }
}
