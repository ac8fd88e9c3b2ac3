//! Happenings that one home records on two clocks: a refresh, done or refused, that a store stamps in UTC and a
//! log in local time.
//!
//! Apart from [`super::zone`], which weighs this against the other ways to know a zone.

use super::home::{ProgramHome, program_home};
use crate::correlate::hosts::Hosts;
use crate::event::EventKind;
use crate::evidence::Evidence;
use std::collections::BTreeMap;

/// Offsets are whole quarters of an hour in every zone in use.
const QUARTER_MS: i64 = 15 * 60 * 1000;
/// Two stamps of one happening may be this far apart.
const SAME_HAPPENING_MS: i64 = 2_000;

/// Naive stamps, and fixed ones, of happenings of one kind.
type Clockings = (Vec<i64>, Vec<i64>);

/// Offsets that follow from one happening stamped on both clocks, per home: from refusals, and from
/// refreshes that a log states and of which the store keeps the last (`last_refresh`). Where the
/// two kinds disagree, neither tells.
pub(super) fn offsets(evidence: &Evidence, hosts: &Hosts) -> BTreeMap<ProgramHome, i64> {
    let mut stamps: BTreeMap<ProgramHome, [Clockings; 2]> = BTreeMap::new();
    for event in &evidence.events {
        let index = event.origin.source as usize;
        if evidence.sources.get(index).is_none_or(|source| source.home.is_none()) {
            continue;
        }
        let (kind, at) = match &event.kind {
            EventKind::Trouble(_) | EventKind::Refused { .. } | EventKind::Adopted { .. } => (0, event.at),
            EventKind::Refreshed { .. } => (1, event.at),
            EventKind::Store(state) => (1, state.refreshed_at),
            _ => continue,
        };
        if let Some(at) = at {
            let (naive, fixed) = &mut stamps.entry(program_home(evidence, hosts, index)).or_default()[kind];
            if at.is_local() { naive.push(at.ms) } else { fixed.push(at.ms) }
        }
    }
    let agreed = |kinds: &[Clockings; 2]| {
        let mut found = kinds.iter().filter_map(|(naive, fixed)| best_offset(naive, fixed));
        let first = found.next()?;
        found.all(|other| other == first).then_some(first)
    };
    stamps.into_iter().filter_map(|(home, kinds)| Some((home, agreed(&kinds)?))).collect()
}

/// The quarter-hour offset under which most naive stamps meet a fixed one, if one does better than
/// all others. A single meeting counts only where few stamps could have met: two stamps that have
/// nothing to do with each other fit some quarter of an hour once in 225 times.
fn best_offset(naive: &[i64], fixed: &[i64]) -> Option<i64> {
    const FEW_PAIRS: usize = 8;
    const QUARTERS: i64 = 14 * 4;
    let sorted = |list: &[i64]| {
        let mut list = list.to_vec();
        list.sort_unstable();
        list.dedup();
        list
    };
    let (naive, fixed) = (sorted(naive), sorted(fixed));
    let votes: Vec<(usize, i64)> =
        (-QUARTERS..=QUARTERS).map(|q| (meetings(&naive, &fixed, q * QUARTER_MS), q * QUARTER_MS)).collect();
    let (top, offset) = votes.iter().copied().max_by_key(|(count, _)| *count).filter(|(count, _)| *count > 0)?;
    let alone = votes.iter().filter(|(count, _)| *count == top).count() == 1;
    let by_chance = top == 1 && naive.len().saturating_mul(fixed.len()) > FEW_PAIRS;
    (alone && !by_chance).then_some(offset)
}

/// How many naive stamps meet a fixed one under an offset. Both lists are sorted.
fn meetings(naive: &[i64], fixed: &[i64], offset: i64) -> usize {
    let mut at = 0;
    let mut count = 0;
    for stamp in naive.iter().map(|n| n - offset) {
        while fixed.get(at).is_some_and(|f| *f < stamp - SAME_HAPPENING_MS) {
            at += 1;
        }
        count += usize::from(fixed.get(at).is_some_and(|f| *f <= stamp + SAME_HAPPENING_MS));
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_happening_on_two_clocks_gives_the_offset() {
        let hour = 3_600_000;
        assert_eq!(best_offset(&[10 * hour + 500], &[9 * hour, 5 * hour + 77_000]), Some(hour));
        assert_eq!(best_offset(&[10 * hour], &[9 * hour + 60_000]), None, "a minute off is another happening");
        assert_eq!(best_offset(&[10 * hour], &[9 * hour, 8 * hour]), None, "two readings, no answer");
        let many: Vec<i64> = (1..10).map(|n| 9 * hour + n * 77_000).collect();
        assert_eq!(best_offset(&[10 * hour + 77_000], &many), None, "one meeting among many stamps is chance");
        assert_eq!(best_offset(&[10 * hour + 77_000, 10 * hour + 154_000], &many), Some(hour));
    }
}
