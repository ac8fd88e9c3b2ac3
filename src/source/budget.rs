//! How much a run may unpack, so that a small file cannot keep it busy for ever.
//!
//! Budgets are absolute. A limit on the ratio would drop honest logs: a base64 image in one line
//! packs 30,000 to 1. Bytes that lie on disk as they are cost nothing here.

use super::blocks::Bytes;
use super::trouble::Troubles;
use crate::event::SkipReason;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// Decompressed bytes that a run, and each source of it, may take.
#[derive(Debug)]
pub struct Budget {
    /// For one source that comes out of a decompressor.
    pub member: u64,
    left: AtomicU64,
    hit: AtomicBool,
}

impl Default for Budget {
    /// 16 GiB a source, 64 GiB a run.
    fn default() -> Budget {
        Budget::new(16 << 30, 64 << 30)
    }
}

impl Budget {
    /// A budget of `member` bytes for each source and `run` bytes for all layers of all inputs.
    pub fn new(member: u64, run: u64) -> Budget {
        Budget { member, left: AtomicU64::new(run), hit: AtomicBool::new(false) }
    }

    /// What the run may still unpack.
    pub fn left(&self) -> u64 {
        self.left.load(Relaxed)
    }

    /// Was anything cut because the run's budget was used up?
    pub fn was_hit(&self) -> bool {
        self.hit.load(Relaxed)
    }

    /// Take up to `wanted` bytes.
    fn take(&self, wanted: usize) -> usize {
        let mut granted = 0;
        let _ = self.left.fetch_update(Relaxed, Relaxed, |left| {
            granted = usize::try_from(left).unwrap_or(usize::MAX).min(wanted);
            Some(left - granted as u64)
        });
        granted
    }

    fn give_back(&self, unused: usize) {
        self.left.fetch_add(unused as u64, Relaxed);
    }
}

/// Bytes that are paid for from the run's budget.
pub(super) struct Rationed<'b, B> {
    below: B,
    budget: &'b Budget,
    cut: bool,
}

impl<'b, B: Bytes> Rationed<'b, B> {
    pub(super) fn new(below: B, budget: &'b Budget) -> Rationed<'b, B> {
        Rationed { below, budget, cut: false }
    }
}

impl<B: Bytes> Bytes for Rationed<'_, B> {
    fn fill(&mut self, room: &mut [u8]) -> usize {
        if self.cut {
            return 0;
        }
        let granted = self.budget.take(room.len());
        if granted == 0 && !room.is_empty() {
            self.cut = self.below.fill(&mut [0]) > 0;
            self.budget.hit.fetch_or(self.cut, Relaxed);
            return 0;
        }
        let n = self.below.fill(&mut room[..granted]);
        self.budget.give_back(granted - n);
        n
    }

    fn troubles(&self, found: &mut Troubles) {
        self.below.troubles(found);
        if self.cut {
            found.note(SkipReason::BudgetDecompressed, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_run_pays_for_all_and_only_a_cut_is_a_trouble() {
        let budget = Budget::new(u64::MAX, 150);
        let text = [7u8; 100];
        let mut first = Rationed::new(&text[..], &budget);
        assert_eq!((first.pass(), budget.left(), budget.was_hit()), (100, 50, false));
        let mut second = Rationed::new(&text[..], &budget);
        assert_eq!((second.pass(), budget.left(), budget.was_hit()), (50, 0, true));
        let mut troubles = Troubles::default();
        second.troubles(&mut troubles);
        assert_eq!(troubles, Troubles::of(SkipReason::BudgetDecompressed, 0));
        let mut empty = Rationed::new(&text[..0], &budget);
        assert_eq!(empty.pass(), 0);
        let mut none = Troubles::default();
        empty.troubles(&mut none);
        assert!(none.is_empty());
    }
}
