//! Happenings that one home records on two clocks: a refresh, done or refused, that a store stamps in UTC and a
//! log in local time.
//!
//! A program that is run by the clock is refused at the same minute of hour after hour. The one refusal that a log has
//! and the one that a store has of it may then be two, and meet under an hour that no clock there shows.
//!
//! Apart from [`super::zone`], which weighs this against the other ways to know a zone.

use super::home::{Offsets, ProgramHome, program_home};
use super::spells::{self, Spells};
use crate::correlate::hosts::Hosts;
use crate::event::{EventKind, Origin};
use crate::evidence::Evidence;
use std::collections::{BTreeMap, BTreeSet};

/// Offsets are whole quarters of an hour in every zone in use.
const QUARTER_MS: i64 = 15 * 60 * 1000;
/// Two stamps of one happening may be this far apart.
const SAME_HAPPENING_MS: i64 = 2_000;

/// Naive stamps, and fixed ones, of happenings of one kind, with where they stand.
#[derive(Default)]
struct Clockings {
    naive: Vec<i64>,
    fixed: Vec<(i64, Origin)>,
}

/// A happening that stands on both clocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Met {
    /// The naive time of it, in ms.
    pub(super) wall: i64,
    /// How far that is ahead of the other one, in ms.
    pub(super) offset: i64,
    /// Where the other one stands.
    pub(super) fixed: Origin,
}

/// Offsets that follow from one happening stamped on both clocks, per home: from refusals, and from
/// refreshes that a log states and of which the store keeps the last (`last_refresh`). Where the
/// two kinds disagree, neither tells.
pub(super) fn offsets(evidence: &Evidence, hosts: &Hosts) -> BTreeMap<ProgramHome, Offsets> {
    let agreed = |kinds: &[Clockings; 2]| {
        let fixed = |kind: &Clockings| kind.fixed.iter().map(|(at, _)| *at).collect::<Vec<_>>();
        let mut found = kinds.iter().filter_map(|kind| best_offset(&kind.naive, &fixed(kind)));
        let first = found.next()?;
        found.all(|other| other.1 == first.1).then(|| vec![first])
    };
    let mut runs = runs(evidence, hosts);
    let found = clockings(evidence, hosts).into_iter().filter_map(|(home, mut kinds)| {
        if let (Some(runs), [refusals, _]) = (runs.remove(&home), &mut kinds) {
            refusals.naive.retain(|wall| !is_by_the_clock(*wall, &runs));
        }
        let offsets = agreed(&kinds)?;
        Some((home, offsets))
    });
    found.collect()
}

/// The naive times of the turns of each home, in order, one a minute at most.
fn runs(evidence: &Evidence, hosts: &Hosts) -> BTreeMap<ProgramHome, Vec<i64>> {
    const MINUTE_MS: i64 = 60 * 1000;
    let mut runs: BTreeMap<ProgramHome, Vec<i64>> = BTreeMap::new();
    for turn in &evidence.stated.turns {
        if let Some(at) = turn.started().or(turn.at()).filter(|at| at.is_local()) {
            runs.entry(program_home(evidence, hosts, turn.source as usize)).or_default().push(at.ms);
        }
    }
    for list in runs.values_mut() {
        list.sort_unstable();
        list.dedup_by_key(|at| at.div_euclid(MINUTE_MS));
    }
    runs
}

/// Does a program run by the clock, so that what it did at this naive time it may have done some quarters of an hour
/// before or after, too? So it is where no small part of its turns of those days began as many quarters away.
fn is_by_the_clock(wall: i64, runs: &[i64]) -> bool {
    const DAYS_MS: i64 = 3 * 24 * 60 * 60 * 1000;
    /// From the beginning of a run to what it is refused.
    const INTO_MS: i64 = 5_000;
    /// One part in so many: by chance it is one in ninety.
    const PART: usize = 8;
    let from = runs.partition_point(|at| *at < wall.saturating_sub(DAYS_MS));
    let to = runs.partition_point(|at| *at <= wall.saturating_add(DAYS_MS));
    let away = runs.get(from..to).into_iter().flatten().map(|at| wall.saturating_sub(*at));
    let others: Vec<i64> = away.filter(|away| away.abs() > QUARTER_MS / 2).collect();
    let is_quarters =
        |away: &&i64| (-INTO_MS..=INTO_MS).contains(&((**away + QUARTER_MS / 2).rem_euclid(QUARTER_MS) - QUARTER_MS / 2));
    let alike = others.iter().filter(is_quarters).count();
    alike > 0 && alike.saturating_mul(PART) >= others.len()
}

/// Happenings on both clocks at times at which the records that tell a home's offset leave it open. One that would
/// meet under two of the admissible offsets tells nothing.
pub(super) fn met<'a>(
    evidence: &Evidence,
    hosts: &Hosts,
    records: impl Fn(&ProgramHome) -> Option<&'a Spells>,
) -> BTreeMap<ProgramHome, Vec<Met>> {
    let mut found: BTreeMap<ProgramHome, Vec<Met>> = BTreeMap::new();
    for (home, kinds) in clockings(evidence, hosts) {
        let Some(records) = records(&home) else { continue };
        let list: Vec<Met> = kinds.into_iter().flat_map(|kind| kind.met(records)).collect();
        if !list.is_empty() {
            found.insert(home, list);
        }
    }
    found
}

impl Clockings {
    fn met(mut self, records: &Spells) -> Vec<Met> {
        self.fixed.sort_unstable();
        self.naive.sort_unstable();
        self.naive.dedup();
        let mut list: Vec<Met> = Vec::new();
        for wall in self.naive {
            for offset in records.offsets(wall) {
                let at = wall.saturating_sub(offset);
                let from = self.fixed.partition_point(|(fixed, _)| *fixed < at.saturating_sub(SAME_HAPPENING_MS));
                let fixed = self.fixed.get(from).filter(|(fixed, _)| *fixed <= at.saturating_add(SAME_HAPPENING_MS));
                list.extend(fixed.map(|(_, fixed)| Met { wall, offset, fixed: *fixed }));
            }
        }
        let mut offsets: BTreeMap<Origin, BTreeSet<i64>> = BTreeMap::new();
        let mut walls: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
        for met in &list {
            offsets.entry(met.fixed).or_default().insert(met.offset);
            walls.entry(met.wall).or_default().insert(met.offset);
        }
        let is_one = |found: Option<&BTreeSet<i64>>| found.is_some_and(|offsets| offsets.len() == 1);
        list.retain(|met| is_one(offsets.get(&met.fixed)) && is_one(walls.get(&met.wall)) && records.sure(met.wall).is_none());
        list
    }
}

/// The stamps of each home: of refusals, and of refreshes.
fn clockings(evidence: &Evidence, hosts: &Hosts) -> BTreeMap<ProgramHome, [Clockings; 2]> {
    let mut stamps: BTreeMap<ProgramHome, [Clockings; 2]> = BTreeMap::new();
    for event in &evidence.stated.events {
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
            let stamps = &mut stamps.entry(program_home(evidence, hosts, index)).or_default()[kind];
            if at.is_local() { stamps.naive.push(at.ms) } else { stamps.fixed.push((at.ms, event.origin)) }
        }
    }
    stamps
}

/// The quarter-hour offset under which most naive stamps meet a fixed one, if one does better than
/// all others, with the first naive stamp. A single meeting counts only where few stamps could have met: two stamps that have
/// nothing to do with each other fit some quarter of an hour once in 225 times.
fn best_offset(naive: &[i64], fixed: &[i64]) -> Option<(i64, i64)> {
    const FEW_PAIRS: usize = 8;
    const QUARTERS: i64 = 14 * 4;
    let sorted = |list: &[i64]| {
        let mut list = list.to_vec();
        list.sort_unstable();
        list.dedup();
        list
    };
    let (naive, fixed) = (sorted(naive), sorted(fixed));
    let votes = (-QUARTERS..=QUARTERS).map(|q| (meetings(&naive, &fixed, q * QUARTER_MS), q * QUARTER_MS));
    // A program that is run every quarter of an hour meets itself under offsets that no clock has.
    let is_in_use = |offset: i64| fixed.first().is_some_and(|at| spells::is_in_use(offset, *at));
    let votes: Vec<(usize, i64)> = votes.filter(|(count, offset)| *count > 0 && is_in_use(*offset)).collect();
    let (top, offset) = votes.iter().copied().max_by_key(|(count, _)| *count)?;
    let alone = votes.iter().filter(|(count, _)| *count == top).count() == 1;
    let by_chance = top == 1 && naive.len().saturating_mul(fixed.len()) > FEW_PAIRS;
    naive.first().filter(|_| alone && !by_chance).map(|wall| (*wall, offset))
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
        let best_offset = |naive: &[i64], fixed: &[i64]| super::best_offset(naive, fixed).map(|(_, offset)| offset);
        assert_eq!(best_offset(&[10 * hour + 500], &[9 * hour, 5 * hour + 77_000]), Some(hour));
        assert_eq!(best_offset(&[10 * hour], &[9 * hour + 60_000]), None, "a minute off is another happening");
        assert_eq!(best_offset(&[10 * hour], &[9 * hour, 8 * hour]), None, "two readings, no answer");
        let quarter = 15 * 60_000;
        assert_eq!(best_offset(&[10 * hour, 10 * hour + quarter], &[9 * hour]), Some(hour), "no clock is at UTC+1:15");
        assert_eq!(best_offset(&[15 * hour, 15 * hour + 2 * quarter], &[10 * hour]), None, "two places have these");
        let many: Vec<i64> = (1..10).map(|n| 9 * hour + n * 77_000).collect();
        assert_eq!(best_offset(&[10 * hour + 77_000], &many), None, "one meeting among many stamps is chance");
        assert_eq!(best_offset(&[10 * hour + 77_000, 10 * hour + 154_000], &many), Some(hour));
    }

    #[test]
    fn a_program_that_runs_by_the_clock_is_refused_at_that_minute_of_any_hour() {
        let hour = 3_600_000;
        let hourly = [7 * hour + 200, 8 * hour, 9 * hour + 300];
        assert!(is_by_the_clock(9 * hour + 900, &hourly));
        assert!(!is_by_the_clock(9 * hour + 900, &hourly[2..]), "the run itself is no other");
        assert!(!is_by_the_clock(9 * hour + 60_000, &hourly));
        let chat: Vec<i64> = (0..40).map(|n| n * 777_000).chain([hour * 8]).collect();
        assert!(!is_by_the_clock(9 * hour + 900, &chat), "one of many is chance");
    }
}
