//! Which leniencies of the policy were taken with a record.
//!
//! They are noted where they are taken, deep below the readers, and asked for by whoever counts
//! records. So the notes lie with the thread: a source is read by one thread, a record at a time,
//! and nothing but the ledger's counts depends on them.

use crate::event::Leniency;
use std::cell::Cell;

thread_local! {
    static TAKEN: Cell<u8> = const { Cell::new(0) };
}

/// This leniency was taken, if any.
pub fn note(leniency: impl Into<Option<Leniency>>) {
    TAKEN.set(leniency.into().map_or(0, |leniency| 1 << leniency as u8) | TAKEN.get());
}

/// The leniencies taken since this was last asked.
pub fn leniencies() -> impl Iterator<Item = Leniency> {
    let taken = TAKEN.replace(0);
    Leniency::ALL.into_iter().filter(move |leniency| taken & 1 << *leniency as u8 != 0)
}
