//! A big source read in pieces by several threads.
//!
//! One thread takes piece after piece from the source, in order, and hands them out; whoever is free reads one, and what
//! it says is joined to what stands before it. The result is that of reading line after line, whoever was free.
//! Apart from the driver, which reads sources side by side: one that is most of all input would leave the other
//! threads without work.

use super::tally::{Holes, Tally, said};
use crate::evidence::SourceRecord;
use crate::reader::{Facts, Part, Reader, json};
use crate::source::{LINE_LIMIT, Passed, Piece, Stream};
use std::any::Any;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

/// Inputs of this size are worth other threads.
pub(super) const BIG: u64 = 32 << 20;

/// Bytes of a piece: few enough to stay near the processor, and enough that handing them over costs nothing.
const PIECE: usize = 1 << 20;

/// So many pieces for each thread may be read before one that is not.
const AHEAD: usize = 4;

/// What became of a piece.
struct Done {
    record: SourceRecord,
    holes: Holes,
    said: Box<dyn Any + Send>,
    lines: u64,
    piece: Piece,
}

/// A piece, and what it takes to read it.
struct Task<'v> {
    piece: Piece,
    /// Byte of the source at which it begins.
    byte: u64,
    part: Box<dyn Part>,
    facts: Facts<'v>,
    record: SourceRecord,
}

/// Read what can be read in pieces, from the start of the source on. How far that went; the rest is to be read in order.
pub(super) fn read<'v>(stream: &mut Stream<'_>, reader: &mut dyn Reader, tally: &mut Tally<'_>, facts: &mut Facts<'v>) -> Passed {
    let mut joined = Joined { reader, tally, facts, next: 0, passed: Passed::default() };
    if rayon::current_thread_index().is_none() || joined.reader.part().is_none() {
        return joined.passed;
    }
    let (helpers, busy) = (rayon::current_num_threads() - 1, AtomicUsize::new(0));
    let done: Mutex<BTreeMap<usize, Done>> = Mutex::default();
    rayon::in_place_scope(|scope| {
        let (mut byte, mut spares) = (0, Vec::new());
        for at in 0.. {
            let Some(part) = joined.reader.part() else { break };
            let Some(piece) = stream.piece(PIECE, spares.pop()) else { break };
            let len = piece.len() as u64;
            let task = Task { piece, byte, part, facts: joined.facts.beside(), record: joined.tally.record.beside() };
            byte += len;
            if busy.load(Relaxed) < helpers {
                busy.fetch_add(1, Relaxed);
                let (busy, done) = (&busy, &done);
                scope.spawn(move |_| {
                    let _busy = Busy(busy);
                    put(done, at, task.read());
                });
            } else {
                put(&done, at, task.read());
            }
            joined.take(&done, &mut spares);
            // Somebody may be held up with a piece; those behind it take memory.
            while joined.next + AHEAD * (helpers + 1) < at && busy.load(Relaxed) > 0 {
                rayon::yield_now();
                std::thread::yield_now();
                joined.take(&done, &mut spares);
            }
        }
    });
    joined.take(&done, &mut Vec::new());
    joined.passed
}

/// One of the threads that are busy with a piece, until it is done with it or fails.
struct Busy<'b>(&'b AtomicUsize);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

fn put(done: &Mutex<BTreeMap<usize, Done>>, at: usize, piece: Done) {
    done.lock().unwrap_or_else(PoisonError::into_inner).insert(at, piece);
}

impl Task<'_> {
    fn read(mut self) -> Done {
        let mut tally = Tally::new(&mut self.record);
        json::leniencies().for_each(drop);
        let lines = self.piece.lines(self.byte, LINE_LIMIT, |row| {
            tally.row(row, |line| said(self.part.line(line, &self.facts), line, &self.facts));
        });
        let holes = tally.holes();
        Done { record: self.record, holes, said: self.part.done(), lines, piece: self.piece }
    }
}

/// What was read up to some piece.
struct Joined<'j, 'r, 'v> {
    reader: &'j mut dyn Reader,
    tally: &'j mut Tally<'r>,
    facts: &'j mut Facts<'v>,
    next: usize,
    passed: Passed,
}

impl Joined<'_, '_, '_> {
    /// Join the pieces that are done and follow what was joined.
    fn take(&mut self, done: &Mutex<BTreeMap<usize, Done>>, spares: &mut Vec<Piece>) {
        let next = |at| done.lock().unwrap_or_else(PoisonError::into_inner).remove(&at);
        while let Some(Done { record, holes, said, lines, piece }) = next(self.next) {
            self.reader.join(said, self.passed.lines, self.facts);
            self.tally.join(record, holes, self.passed.lines);
            self.passed = Passed { lines: self.passed.lines + lines, bytes: self.passed.bytes + piece.len() as u64 };
            self.next += 1;
            spares.push(piece);
        }
    }
}
