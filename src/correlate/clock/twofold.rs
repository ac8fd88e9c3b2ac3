//! Conversations that one program records on two clocks: Hermes logs turns in naive local time
//! and stores the same turns, under the same session, with epoch times. Each turn that meets
//! itself says how far the log's clock is from UTC.
//!
//! Apart from `zone`, which weighs this against the other ways to know a zone: the meetings are
//! counted per session, so that turns that have nothing to do with each other cannot meet.

use super::home::{Offsets, ProgramHome, program_home};
use crate::correlate::hosts::{HostId, Hosts};
use crate::event::{Client, PackedTurn};
use crate::evidence::Evidence;
use crate::secret::Key;
use std::collections::{BTreeMap, HashSet};

/// A transcript is stamped, or a row stored, up to so much after the log's record of the turn.
const NEAR_MS: i64 = 10_000;
/// Offsets are whole quarters of an hour, from UTC−14 to UTC+14.
const QUARTER_MS: i64 = 15 * 60 * 1000;
const QUARTERS: i64 = 14 * 4;
/// Turns of one session that are compared, on either clock.
const MOST: usize = 64;

/// The offsets of each home whose naive turns meet turns with epoch times.
pub(super) fn offsets(evidence: &Evidence, hosts: &Hosts) -> BTreeMap<ProgramHome, Offsets> {
    let mut fixed: BTreeMap<(Client, Option<HostId>, Key), Vec<i64>> = BTreeMap::new();
    let mut naive: BTreeMap<ProgramHome, BTreeMap<Key, Vec<i64>>> = BTreeMap::new();
    // Without a naive time nothing can meet.
    let of_clock = |is_local: bool| {
        let is_its = move |turn: &&PackedTurn| turn.at().is_some_and(|at| at.is_local() == is_local);
        let its = evidence.stated.turns.iter().filter(is_its);
        its.filter_map(|turn| Some((turn.asked.session?, turn)))
    };
    if of_clock(true).next().is_none() {
        return BTreeMap::new();
    }
    let add = |list: &mut Vec<i64>, turn: &PackedTurn| {
        let room = MOST.saturating_sub(list.len());
        list.extend([turn.at(), turn.started()].into_iter().flatten().map(|stamp| stamp.ms).take(room));
    };
    for (session, turn) in of_clock(false) {
        let (client, _, host) = program_home(evidence, hosts, turn.source as usize);
        add(fixed.entry((client, host, session)).or_default(), turn);
    }
    let met: HashSet<Key> = fixed.keys().map(|(_, _, session)| *session).collect();
    for (session, turn) in of_clock(true).filter(|(session, _)| met.contains(session)) {
        let whose = program_home(evidence, hosts, turn.source as usize);
        add(naive.entry(whose).or_default().entry(session).or_default(), turn);
    }
    let of_home = |(whose, sessions): (ProgramHome, BTreeMap<Key, Vec<i64>>)| {
        let pairs = sessions.into_iter().filter_map(|(session, naive)| Some((naive, fixed.get(&(whose.0, whose.2, session))?)));
        let seen: Vec<(i64, i64)> = pairs.filter_map(|(naive, fixed)| meeting(&naive, fixed)).collect();
        let list = agreed(seen);
        (!list.is_empty()).then_some((whose, list))
    };
    naive.into_iter().filter_map(of_home).collect()
}

/// The one offset under which most stamps of a session meet, with the first naive time.
fn meeting(naive: &[i64], fixed: &[i64]) -> Option<(i64, i64)> {
    let met = |offset: i64| naive.iter().filter(|n| fixed.iter().any(|f| (*n - offset - f).abs() <= NEAR_MS)).count();
    let votes = (-QUARTERS..=QUARTERS).map(|q| (met(q * QUARTER_MS), q * QUARTER_MS));
    let votes: Vec<(usize, i64)> = votes.filter(|(count, _)| *count > 0).collect();
    let (top, offset) = votes.iter().copied().max_by_key(|(count, _)| *count)?;
    let alone = votes.iter().filter(|(count, _)| *count == top).count() == 1;
    alone.then(|| (naive.iter().copied().min().unwrap_or_default(), offset))
}

/// The offsets that sessions agree on, by time: all that two of them have, else the most frequent
/// if it is alone. Daylight saving makes two of one home.
fn agreed(mut seen: Vec<(i64, i64)>) -> Offsets {
    let mut votes: BTreeMap<i64, usize> = BTreeMap::new();
    seen.iter().for_each(|(_, offset)| *votes.entry(*offset).or_default() += 1);
    let top = votes.values().copied().max().unwrap_or(0);
    let accepted = |offset: &i64| match votes.get(offset) {
        Some(&count) if top > 1 => count > 1 && count * 20 > top,
        Some(_) => votes.len() == 1,
        None => false,
    };
    seen.retain(|(_, offset)| accepted(offset));
    seen.sort_unstable();
    seen.dedup_by_key(|(_, offset)| *offset);
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    #[test]
    fn a_turn_that_meets_itself_gives_the_offset() {
        assert_eq!(
            meeting(&[10 * HOUR + 4_900, 11 * HOUR + 400_000], &[9 * HOUR, 10 * HOUR + 77_000]),
            Some((10 * HOUR + 4_900, HOUR))
        );
        assert_eq!(meeting(&[10 * HOUR], &[9 * HOUR, 8 * HOUR]), None, "two readings, no answer");
        assert_eq!(meeting(&[10 * HOUR], &[9 * HOUR + 60_000]), None, "a minute off is another turn");
    }

    #[test]
    fn sessions_must_agree_and_the_hour_may_change() {
        assert_eq!(agreed(vec![(5, HOUR)]), vec![(5, HOUR)]);
        assert_eq!(agreed(vec![(5, HOUR), (6, 2 * HOUR)]), vec![]);
        assert_eq!(agreed(vec![(5, HOUR), (3, HOUR), (4, 900_000)]), vec![(3, HOUR)]);
        let summer = vec![(1, HOUR), (2, HOUR), (8, 2 * HOUR), (9, 2 * HOUR)];
        assert_eq!(agreed(summer), vec![(1, HOUR), (8, 2 * HOUR)]);
    }
}
