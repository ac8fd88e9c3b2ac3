//! How far a run is: two counters that any thread may add to and a progress bar may look at.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Bytes on disk (so compressed bytes, where files are compressed), read and in all.
#[derive(Debug, Default)]
pub struct Meter {
    read: AtomicU64,
    total: AtomicU64,
}

impl Meter {
    /// Both counters at zero.
    pub fn new() -> Meter {
        Meter::default()
    }

    /// Bytes read (or passed over) so far. Standard input counts here and not in the total.
    pub fn read(&self) -> u64 {
        self.read.load(Relaxed)
    }

    /// Bytes of all files that will be opened, as far as known.
    pub fn total(&self) -> u64 {
        self.total.load(Relaxed)
    }

    /// So many more bytes are behind us.
    pub(super) fn add(&self, bytes: u64) {
        self.read.fetch_add(bytes, Relaxed);
    }

    /// So many more bytes are ahead.
    pub fn expect(&self, bytes: u64) {
        self.total.fetch_add(bytes, Relaxed);
    }
}
