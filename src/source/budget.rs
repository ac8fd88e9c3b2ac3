//! How much a run may unpack, so that a small file cannot keep it busy for ever.
//!
//! Budgets are absolute. A limit on the ratio would drop honest logs: a base64 image in one line
//! packs 30,000 to 1. Bytes that lie on disk as they are cost nothing here.
//!
//! What is limited is time, so what takes longer costs more: bytes of slow formats cost the run a
//! multiple (see [`Rationed`]), and a very short line costs as much as one of [`LINE`] bytes.

use super::bytes::Bytes;
use super::trouble::Troubles;
use crate::event::SkipReason;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// What a line of an unpacked source costs at least, in bytes. Lines of logs and transcripts are
/// longer; a gigabyte of line ends is a billion lines to look at.
pub(super) const LINE: u64 = 128;

/// What an unpacked byte of xz and bzip2 costs the run: they unpack at an eighth of the speed of
/// gzip and zstd, or less.
pub(super) const SLOW: u64 = 8;

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

    /// What was cut, or where, may depend on the threads.
    pub(super) fn note_hit(&self) {
        self.hit.store(true, Relaxed);
    }

    /// Was anything cut because the run's budget was used up, or may it depend on the threads what was cut?
    pub fn was_hit(&self) -> bool {
        self.hit.load(Relaxed)
    }

    /// Pay for something that took the time of so many bytes.
    pub(super) fn charge(&self, bytes: u64) {
        self.take(bytes);
    }

    /// Take up to `wanted` bytes.
    fn take(&self, wanted: u64) -> u64 {
        let mut granted = 0;
        let _ = self.left.fetch_update(Relaxed, Relaxed, |left| {
            granted = left.min(wanted);
            Some(left - granted)
        });
        granted
    }

    fn give_back(&self, unused: u64) {
        self.left.fetch_add(unused, Relaxed);
    }
}

/// Bytes that are paid for from the run's budget.
pub(super) struct Rationed<'b, B> {
    below: B,
    budget: &'b Budget,
    price: u64,
    cut: bool,
}

impl<'b, B: Bytes> Rationed<'b, B> {
    /// Each byte of `below` costs `price`, which is not 0.
    pub(super) fn new(below: B, budget: &'b Budget, price: u64) -> Rationed<'b, B> {
        Rationed { below, budget, price, cut: false }
    }
}

impl<B: Bytes> Bytes for Rationed<'_, B> {
    fn fill(&mut self, room: &mut [u8]) -> usize {
        if self.cut {
            return 0;
        }
        let paid = self.budget.take((room.len() as u64).saturating_mul(self.price));
        let granted = usize::try_from(paid / self.price).unwrap_or(usize::MAX).min(room.len());
        if granted == 0 && !room.is_empty() {
            self.budget.give_back(paid);
            self.cut = self.below.fill(&mut [0]) > 0;
            self.budget.hit.fetch_or(self.cut, Relaxed);
            return 0;
        }
        let n = self.below.fill(&mut room[..granted]);
        self.budget.give_back(paid - n as u64 * self.price);
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
        let mut first = Rationed::new(&text[..], &budget, 1);
        assert_eq!((first.pass(), budget.left(), budget.was_hit()), (100, 50, false));
        let mut second = Rationed::new(&text[..], &budget, 1);
        assert_eq!((second.pass(), budget.left(), budget.was_hit()), (50, 0, true));
        let mut troubles = Troubles::default();
        second.troubles(&mut troubles);
        assert_eq!(troubles, Troubles::of(SkipReason::BudgetDecompressed, 0));
        let mut empty = Rationed::new(&text[..0], &budget, 1);
        assert_eq!(empty.pass(), 0);
        let mut none = Troubles::default();
        empty.troubles(&mut none);
        assert!(none.is_empty());
    }

    #[test]
    fn slow_bytes_cost_more_and_so_does_what_is_charged() {
        let budget = Budget::new(u64::MAX, 1000);
        let text = [7u8; 100];
        assert_eq!((Rationed::new(&text[..], &budget, SLOW).pass(), budget.left()), (100, 200));
        budget.charge(103);
        let mut last = Rationed::new(&text[..], &budget, SLOW);
        assert_eq!((last.pass(), budget.left(), budget.was_hit()), (12, 1, true));
        budget.charge(9);
        assert_eq!(budget.left(), 0);
    }
}
