//! Whether what can be told sooner is told sooner.
//!
//! A shortcut looks at many bytes at once, or at few, and says that there is nothing to look at any closer, or that it was
//! looked at before; what there is is always decided in one place, with shortcuts and without. That this is so shows
//! `report --slow-path`, which goes without them: strings of JSON byte by byte, each line that may be glued, every row of a
//! table and every expression, and what was read before read again. Its report is the same, to the byte.
//!
//! Apart from everything, since shortcuts are taken deep below whoever is asked to go without them.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

static ARE_TAKEN: AtomicBool = AtomicBool::new(true);

/// May a shortcut be taken?
#[inline(always)]
pub fn are_taken() -> bool {
    ARE_TAKEN.load(Relaxed)
}

/// From here on none is taken by this process.
pub fn forgo() {
    ARE_TAKEN.store(false, Relaxed);
}
