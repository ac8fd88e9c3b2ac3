//! Which turns lie near a time, and one record taken over by another: what every rule about copies
//! is made of.

use super::turn::TurnSeen;
use std::collections::BTreeSet;

/// Places of turns by some key and time.
pub(super) struct Near<K>(BTreeSet<(K, i64, usize)>);

impl<K: Ord + Clone> Near<K> {
    pub(in crate::correlate) fn new() -> Near<K> {
        Near(BTreeSet::new())
    }

    pub(in crate::correlate) fn put(&mut self, key: K, ms: i64, place: usize) {
        self.0.insert((key, ms, place));
    }

    /// Places from `from` to `to`, by time.
    pub(in crate::correlate) fn between(&self, key: &K, from: i64, to: i64) -> impl Iterator<Item = usize> {
        self.0.range((key.clone(), from, 0)..=(key.clone(), to, usize::MAX)).map(|(_, _, place)| *place)
    }
}

/// The record `kept[at]` takes over what another one of the same turn adds.
pub(super) fn take_over(kept: &mut [TurnSeen], at: usize, turn: &TurnSeen, duplicates: &mut [u64]) {
    kept[at].learn(turn);
    duplicates[turn.origin().source as usize] += 1;
}
