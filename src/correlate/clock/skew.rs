//! How far the clock of each machine is ahead of the login service's.
//!
//! A rotation is stamped twice: by the service (`iat` of the new access token, in whole seconds) and by the
//! machine that stores it (`last_refresh`, of Codex and Hermes), within two seconds or so. Their difference
//! measures the machine's clock. A store that took a pair over later measures nothing, and a stamp that was
//! not renewed (extension builds of Codex on Windows) measures less than nothing; both differ each time, so
//! that a difference of more than seconds counts only where two rotations in a row agree on it. A clock may
//! be set in between (a virtual machine that was suspended): what agrees in a row is a stretch of its own.

use super::when::Keeper;
use crate::correlate::hosts::{HostId, Hosts};
use crate::event::{EventKind, Origin};
use crate::evidence::Evidence;
use crate::secret::Key;
use crate::time::Clock;
use std::collections::{BTreeMap, BTreeSet};

/// Whole seconds of one stamp, and the way of the answer to the other: how far apart two measurements of
/// one clock may be.
const AGREE_MS: i64 = 4_000;
/// What these make of the difference where both clocks agree: half of that is taken for it.
const WAY_MS: i64 = 1_000;
/// A difference up to this is that of two clocks that are kept in step.
const IN_STEP_MS: i64 = 5_000;
/// How well a clock is known that was measured.
const KNOWN_MS: i64 = 2_000;
/// How far the clocks of two machines may be apart that were not.
const UNKNOWN_MS: i64 = 5 * 60_000;
/// A single difference up to this may be that of a clock, and may as well be a pair taken over late.
const PERHAPS_MS: i64 = 60 * 60_000;

/// A stretch of time over which one difference was measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// How far the machine's clock was ahead, in ms; negative where it was behind.
    pub ahead: i64,
    /// First and last rotation that measured it, by the machine's clock, in ms.
    pub span: (i64, i64),
    /// Where the last of them stands.
    pub origin: Origin,
    /// How many rotations.
    pub rotations: usize,
}

impl Measured {
    /// Is the clock in step with the login service's?
    pub fn is_in_step(&self) -> bool {
        self.ahead.abs() <= IN_STEP_MS
    }
}

/// What is known of every machine's clock.
#[derive(Clone, Debug, Default)]
pub struct Skews {
    of: BTreeMap<Option<HostId>, Vec<Measured>>,
    /// The largest single difference that may be one of the clock.
    perhaps: BTreeMap<Option<HostId>, i64>,
    are_several: bool,
}

/// One rotation as two clocks have it.
struct Sample {
    at: i64,
    apart: i64,
    origin: Origin,
}

impl Skews {
    /// Measure them.
    pub(in crate::correlate) fn of(evidence: &Evidence, hosts: &Hosts) -> Skews {
        Skews::told(samples(evidence, hosts), hosts.are_several())
    }

    fn told(samples: BTreeMap<Option<HostId>, Vec<Sample>>, are_several: bool) -> Skews {
        let mut skews = Skews { are_several, ..Skews::default() };
        for (host, samples) in samples {
            let (stretches, perhaps) = stretches(&samples);
            skews.of.insert(host, stretches.into_iter().filter_map(measured).collect());
            skews.perhaps.insert(host, perhaps);
        }
        skews
    }

    /// The measurements of a machine's clock, in order of time.
    pub fn measured(&self, host: Option<HostId>) -> &[Measured] {
        self.of.get(&host).map_or(&[], Vec::as_slice)
    }

    /// The measurement that speaks for a time of the machine's clock: that of its stretch, else of the one
    /// before, else of the first.
    pub fn at(&self, host: Option<HostId>, said: i64) -> Option<&Measured> {
        let all = self.measured(host);
        let next = all.partition_point(|m| m.span.0 <= said);
        all.get(next.saturating_sub(1))
    }

    /// The clock of a machine at a time that it says.
    pub(super) fn keeper(&self, host: Option<HostId>, said: i64) -> Keeper {
        let Some(found) = self.at(host, said) else {
            let perhaps = self.perhaps.get(&host).copied().unwrap_or(0);
            let slack = if self.are_several { UNKNOWN_MS.max(perhaps.saturating_add(KNOWN_MS)) } else { 0 };
            return Keeper { host, slack, ..Keeper::default() };
        };
        // The clock was set at some time between two stretches.
        let all = self.measured(host);
        let next = all.iter().find(|m| m.span.0 > said).filter(|_| said > found.span.1);
        let set = next.map_or(0, |next| next.ahead.saturating_sub(found.ahead).abs());
        let set = if set > AGREE_MS { set } else { 0 };
        let ahead = if found.is_in_step() { 0 } else { found.ahead };
        let is_off = ahead != 0 || set > 0;
        let slack = if self.are_several || is_off { KNOWN_MS.saturating_add(set) } else { 0 };
        Keeper { host, is_issuer: false, ahead, slack, is_off }
    }
}

/// Rotations in a row that agree, and the largest difference of the others that a clock may have made.
fn stretches(samples: &[Sample]) -> (Vec<Vec<&Sample>>, i64) {
    let is_near = |a: &Sample, b: Option<&Sample>| b.is_some_and(|b| (a.apart - b.apart).abs() <= AGREE_MS);
    let mut stretches: Vec<Vec<&Sample>> = Vec::new();
    let mut perhaps = 0;
    for (at, sample) in samples.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| samples.get(before));
        let in_step = (sample.apart - WAY_MS).abs() <= IN_STEP_MS;
        if !in_step && !is_near(sample, before) && !is_near(sample, samples.get(at + 1)) {
            let apart = sample.apart.abs();
            perhaps = if apart <= PERHAPS_MS { apart.max(perhaps) } else { perhaps };
            continue;
        }
        match stretches.last_mut().filter(|stretch| is_near(sample, stretch.first().copied())) {
            Some(stretch) => stretch.push(sample),
            None => stretches.push(vec![sample]),
        }
    }
    (stretches, perhaps)
}

fn measured(stretch: Vec<&Sample>) -> Option<Measured> {
    let mut apart: Vec<i64> = stretch.iter().map(|s| s.apart).collect();
    apart.sort_unstable();
    let (first, last) = (stretch.first()?, stretch.last()?);
    let ahead = apart.get(apart.len() / 2)?.saturating_sub(WAY_MS);
    Some(Measured { ahead, span: (first.at, last.at), origin: last.origin, rotations: stretch.len() })
}

/// The rotations of every machine's stores, by its clock. One token counts once, by the store that had it
/// first: others took it over.
fn samples(evidence: &Evidence, hosts: &Hosts) -> BTreeMap<Option<HostId>, Vec<Sample>> {
    let mut found: BTreeMap<(Option<HostId>, Key), Sample> = BTreeMap::new();
    // A store that was copied to another machine brings along the stamp of the first one's clock.
    let mut stamped: BTreeMap<(Key, i64), BTreeSet<Option<HostId>>> = BTreeMap::new();
    for event in &evidence.events {
        let EventKind::Store(state) = &event.kind else { continue };
        let (Some(access), Some(issued), Some(stored)) = (state.access, state.issued_at, state.refreshed_at) else { continue };
        if state.imported || stored.clock == Clock::Local {
            continue;
        }
        let host = hosts.host(event.origin.source);
        stamped.entry((access, stored.ms)).or_default().insert(host);
        let sample = Sample { at: stored.ms, apart: stored.ms.saturating_sub(issued.ms), origin: event.origin };
        match found.get_mut(&(host, access)) {
            Some(known) if known.apart <= sample.apart => {}
            Some(known) => *known = sample,
            None => drop(found.insert((host, access), sample)),
        }
    }
    let mut samples: BTreeMap<Option<HostId>, Vec<Sample>> = BTreeMap::new();
    for ((host, access), sample) in found {
        if stamped.get(&(access, sample.at)).is_some_and(|on| on.len() == 1) {
            samples.entry(host).or_default().push(sample);
        }
    }
    samples.values_mut().for_each(|list| list.sort_by_key(|s| (s.at, s.apart)));
    samples
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    fn skews(apart: &[(i64, i64)], are_several: bool) -> Skews {
        let origin = Origin { source: 0, line: 1, byte: 0 };
        let samples: Vec<Sample> = apart.iter().map(|&(at, apart)| Sample { at, apart, origin }).collect();
        Skews::told(BTreeMap::from([(None, samples)]), are_several)
    }

    #[test]
    fn a_difference_counts_when_two_rotations_agree_on_it() {
        let ahead = |apart: &[(i64, i64)]| skews(apart, false).keeper(None, 50).ahead;
        assert_eq!(ahead(&[(10, 7 * MINUTE), (20, 7 * MINUTE + 900)]), 7 * MINUTE + 900 - WAY_MS);
        assert_eq!(ahead(&[(10, 7 * MINUTE)]), 0, "it may have been taken over");
        assert_eq!(ahead(&[(10, 7 * MINUTE), (20, 19 * MINUTE)]), 0);
        assert_eq!(ahead(&[(10, 900), (20, 40 * MINUTE), (30, 1_100)]), 0, "one was taken over");
    }

    #[test]
    fn a_clock_that_was_set_has_two_stretches() {
        let skews = skews(&[(10, 900), (20, 800), (1_000, 60 * MINUTE), (2_000, 60 * MINUTE + 300)], false);
        let ahead = |said| skews.keeper(None, said).ahead / MINUTE;
        assert_eq!([ahead(0), ahead(20), ahead(1_500), ahead(9_000)], [0, 0, 59, 59]);
        assert!(skews.keeper(None, 500).slack > 59 * MINUTE, "when it was set is not known");
        assert!(skews.at(None, 20).is_some_and(Measured::is_in_step));
    }

    #[test]
    fn what_was_not_measured_is_open_between_machines_only() {
        assert_eq!((skews(&[], false).keeper(None, 5).slack, skews(&[], true).keeper(None, 5).slack), (0, UNKNOWN_MS));
        assert_eq!(skews(&[(1, 700)], true).keeper(None, 5).slack, KNOWN_MS);
        assert_eq!(skews(&[(1, 7 * MINUTE)], true).keeper(None, 5).slack, 7 * MINUTE + KNOWN_MS);
    }
}
