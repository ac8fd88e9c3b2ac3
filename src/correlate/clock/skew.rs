//! How far the clock of each machine is ahead of the login service's.
//!
//! A rotation is stamped twice: by the service (`iat` of the new access token, in whole seconds) and by the
//! machine that stores it (`last_refresh`, of Codex and Hermes), within two seconds or so. Their difference
//! measures the machine's clock. A store that took a pair over later measures nothing, and a stamp that was
//! not renewed (extension builds of Codex on Windows, other programs that write into Codex' store) measures
//! less than nothing; both differ each time, so that a difference of more than seconds counts only where two
//! rotations in a row agree on it. A clock may be set in between (a virtual machine that was suspended): what
//! agrees in a row is a stretch of its own.
//!
//! A pair that was stored before it was issued cannot have been taken over late: the clock was behind, or the
//! stamp is an older one. By how much the machine's other times are off does not follow from it alone, but
//! that they may be off by so much does, until a rotation shows the clock in step again.

use super::measured::{IN_STEP_MS, Measured};
use super::settings;
use super::when::Keeper;
use crate::correlate::hosts::{HostId, Hosts};
use crate::event::{Client, EventKind, Origin};
use crate::evidence::Evidence;
use crate::secret::Key;
use crate::time::{Clock, Stamp};
use std::collections::{BTreeMap, BTreeSet};

/// Whole seconds of one stamp, and the way of the answer to the other: how far apart two measurements of
/// one clock may be.
const AGREE_MS: i64 = 4_000;
/// What these make of the difference where both clocks agree: half of that is taken for it.
const WAY_MS: i64 = 1_000;
/// How well a clock is known that was measured.
const KNOWN_MS: i64 = 2_000;
/// How far the clocks of two machines may be apart that were not.
const UNKNOWN_MS: i64 = 5 * 60_000;
/// A single difference up to this may be that of a clock, and may as well be a pair taken over late.
const PERHAPS_MS: i64 = 60 * 60_000;

/// A stamp in Codex' store that is older than its token by more than this was left over: other programs and
/// some of Codex' own builds renew the pair and not the stamp, and a rotation comes days after the one before.
/// Hermes writes both together.
const LEFT_OVER_MS: i64 = 24 * 60 * 60_000;

/// What is known of every machine's clock.
#[derive(Clone, Debug, Default)]
pub struct Skews {
    of: BTreeMap<Option<HostId>, Known>,
    are_several: bool,
}

/// A single rotation that was stored before it was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behind {
    /// When it was stored, by the machine's clock, in ms.
    at: i64,
    /// How far that clock was behind, if it is not the stamp that is an older one, in ms.
    pub by: i64,
    /// Where it stands.
    pub origin: Origin,
}

/// What is known of one clock.
#[derive(Clone, Debug, Default)]
struct Known {
    stretches: Vec<Measured>,
    /// Single rotations that were stored before they were issued.
    behind: Vec<Behind>,
    /// The largest of the other single differences that may be one of the clock.
    perhaps: i64,
}

impl Known {
    /// The end of the stretch before a time and the beginning of the one after it; None inside one.
    fn gap(&self, said: i64) -> Option<(i64, i64)> {
        let next = self.stretches.partition_point(|m| m.span.0 <= said);
        let from = next.checked_sub(1).and_then(|last| self.stretches.get(last)).map_or(i64::MIN, |m| m.span.1);
        let to = self.stretches.get(next).map_or(i64::MAX, |m| m.span.0);
        (from < said).then_some((from, to))
    }

    /// The rotation that shows by how much the clock may have been behind then.
    fn behind(&self, said: i64) -> Option<Behind> {
        let (from, to) = self.gap(said)?;
        self.behind.iter().copied().filter(|b| (from..=to).contains(&b.at)).max_by_key(|b| b.by)
    }

    /// By how much the clock was set between the two stretches around a time.
    fn set(&self, said: i64) -> i64 {
        let (Some(_), next) = (self.gap(said), self.stretches.partition_point(|m| m.span.0 <= said)) else { return 0 };
        let ahead = |at: Option<usize>| at.and_then(|at| self.stretches.get(at)).map(|m| m.ahead);
        let set = ahead(next.checked_sub(1)).zip(ahead(Some(next))).map_or(0, |(a, b)| b.saturating_sub(a).saturating_abs());
        if set > AGREE_MS { set } else { 0 }
    }
}

/// One rotation as two clocks have it.
struct Sample {
    at: i64,
    apart: i64,
    /// It is in a store of which every writer renews the stamp with the pair.
    is_renewed: bool,
    origin: Origin,
}

impl Sample {
    /// Stored before it was issued.
    fn is_early(&self) -> bool {
        self.apart < WAY_MS - IN_STEP_MS && (self.is_renewed || self.apart >= -LEFT_OVER_MS)
    }

    fn is_in_step(&self) -> bool {
        (self.apart - WAY_MS).abs() <= IN_STEP_MS
    }
}

impl Skews {
    /// Measure them. `said` gives a time of a source by its machine's clock, where that is known.
    pub(in crate::correlate) fn of(evidence: &Evidence, hosts: &Hosts, said: impl Fn(Stamp, u32) -> Option<i64>) -> Skews {
        let mut skews = Skews::told(samples(evidence, hosts), hosts.are_several_clocks());
        for (host, known) in &mut skews.of {
            // A store's own times are not all of its machine's clock.
            let events = evidence.stated.events.iter().filter(|event| !matches!(event.kind, EventKind::Store(_)));
            let events = events.filter_map(|event| Some((event.at?, event.origin.source)));
            let turns = evidence.stated.turns.iter().filter_map(|turn| Some((turn.at()?, turn.source)));
            let worked = evidence.stated.worked.iter().filter_map(|worked| Some((worked.at()?, worked.source)));
            let its = events.chain(turns).chain(worked).filter(|(_, source)| hosts.clock(*source) == *host);
            settings::date(&mut known.stretches, || its.filter_map(|(at, source)| said(at, source)).collect());
        }
        skews
    }

    fn told(samples: BTreeMap<Option<HostId>, Vec<Sample>>, are_several: bool) -> Skews {
        Skews { of: samples.into_iter().map(|(host, samples)| (host, known(&samples))).collect(), are_several }
    }

    /// The measurements of a machine's clock, in order of time.
    pub fn measured(&self, host: Option<HostId>) -> &[Measured] {
        self.of.get(&host).map_or(&[], |known| known.stretches.as_slice())
    }

    /// The measurement that speaks for a time of the machine's clock: that of its stretch, else of the one
    /// before, else of the first.
    pub fn at(&self, host: Option<HostId>, said: i64) -> Option<&Measured> {
        let all = self.measured(host);
        let next = all.partition_point(|m| m.from <= said);
        all.get(next.saturating_sub(1))
    }

    /// The rotation that shows by how much the clock of a machine may have been behind at a time that it says,
    /// where no other one bears it out.
    pub fn behind(&self, host: Option<HostId>, said: i64) -> Option<Behind> {
        self.of.get(&host)?.behind(said)
    }

    /// The clock of a machine at a time that it says.
    pub(super) fn keeper(&self, host: Option<HostId>, said: i64) -> Keeper {
        let Some(known) = self.of.get(&host) else {
            return Keeper { host, slack: if self.are_several { UNKNOWN_MS } else { 0 }, ..Keeper::default() };
        };
        let behind = known.behind(said).map_or(0, |b| b.by);
        let Some(found) = self.at(host, said) else {
            let single = known.perhaps.max(behind);
            let unknown = if self.are_several { UNKNOWN_MS.max(single.saturating_add(KNOWN_MS)) } else { 0 };
            let off = if behind > 0 { behind.saturating_add(KNOWN_MS) } else { 0 };
            return Keeper { host, slack: unknown.max(off), is_off: behind > 0, ..Keeper::default() };
        };
        let open = known.set(said).max(behind);
        let ahead = if found.is_in_step() { 0 } else { found.ahead };
        let is_off = ahead != 0 || open > 0;
        let slack = if self.are_several || is_off { KNOWN_MS.saturating_add(open) } else { 0 };
        Keeper { host, is_issuer: false, ahead, slack, is_off }
    }
}

/// Rotations in a row that agree make stretches. Of the others, one that was stored before it was issued ends
/// the stretch before it, and the rest may be of the clock or not.
fn known(samples: &[Sample]) -> Known {
    let is_near = |a: &Sample, b: Option<&Sample>| b.is_some_and(|b| (a.apart - b.apart).abs() <= AGREE_MS);
    let mut stretches: Vec<Vec<&Sample>> = Vec::new();
    let mut known = Known::default();
    let mut is_whole = false;
    for (at, sample) in samples.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| samples.get(before));
        if !sample.is_in_step() && !is_near(sample, before) && !is_near(sample, samples.get(at + 1)) {
            let apart = sample.apart.saturating_abs();
            if sample.is_early() {
                known.behind.push(Behind { at: sample.at, by: apart.saturating_add(WAY_MS), origin: sample.origin });
                is_whole = false;
            } else if apart <= PERHAPS_MS {
                known.perhaps = apart.max(known.perhaps);
            }
            continue;
        }
        match stretches.last_mut().filter(|stretch| is_whole && is_near(sample, stretch.first().copied())) {
            Some(stretch) => stretch.push(sample),
            None => stretches.push(vec![sample]),
        }
        is_whole = true;
    }
    known.stretches = stretches.into_iter().filter_map(measured).collect();
    known
}

fn measured(stretch: Vec<&Sample>) -> Option<Measured> {
    let mut apart: Vec<i64> = stretch.iter().map(|s| s.apart).collect();
    apart.sort_unstable();
    let (first, last) = (stretch.first()?, stretch.last()?);
    let ahead = apart.get(apart.len() / 2)?.saturating_sub(WAY_MS);
    Some(Measured { ahead, span: (first.at, last.at), from: first.at, origin: last.origin, rotations: stretch.len() })
}

/// The rotations of every machine's stores, by its clock. One token counts once, by the store that had it
/// first: others took it over.
fn samples(evidence: &Evidence, hosts: &Hosts) -> BTreeMap<Option<HostId>, Vec<Sample>> {
    let mut found: BTreeMap<(Option<HostId>, Key), Sample> = BTreeMap::new();
    // A store that was copied to another machine brings along the stamp of the first one's clock.
    let mut stamped: BTreeMap<(Key, i64), BTreeSet<Option<HostId>>> = BTreeMap::new();
    for event in &evidence.stated.events {
        let EventKind::Store(state) = &event.kind else { continue };
        let (Some(access), Some(issued), Some(stored)) = (state.access, state.issued_at, state.refreshed_at) else { continue };
        if state.imported || stored.clock == Clock::Local {
            continue;
        }
        let host = hosts.clock(event.origin.source);
        stamped.entry((access, stored.ms)).or_default().insert(host);
        let is_renewed =
            evidence.sources.get(event.origin.source as usize).is_some_and(|s| s.kind.client().program() == Client::Hermes);
        let sample = Sample { at: stored.ms, apart: stored.ms.saturating_sub(issued.ms), is_renewed, origin: event.origin };
        match found.get_mut(&(host, access)) {
            Some(known) if known.apart <= sample.apart => {}
            Some(known) => *known = sample,
            None => drop(found.insert((host, access), sample)),
        }
    }
    // A stamp that two pairs bear is of the one that it is nearer to; the other was renewed without it.
    let mut nearest: BTreeMap<i64, i64> = BTreeMap::new();
    for sample in found.values() {
        let apart = nearest.entry(sample.at).or_insert(i64::MAX);
        *apart = (*apart).min(sample.apart.saturating_abs());
    }
    let is_own = |s: &Sample| s.is_in_step() || nearest.get(&s.at) == Some(&s.apart.saturating_abs());
    let mut samples: BTreeMap<Option<HostId>, Vec<Sample>> = BTreeMap::new();
    for ((host, access), sample) in found.into_iter().filter(|(_, sample)| is_own(sample)) {
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
        let samples: Vec<Sample> = apart.iter().map(|&(at, apart)| Sample { at, apart, is_renewed: false, origin }).collect();
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
    fn one_pair_stored_before_it_was_issued_shows_a_slow_clock() {
        let slack = |apart: &[(i64, i64)], said| skews(apart, false).keeper(None, said).slack;
        assert_eq!(slack(&[(10, -9 * MINUTE)], 5), 9 * MINUTE + WAY_MS + KNOWN_MS);
        assert_eq!(slack(&[(10, -9 * MINUTE), (20, -30 * MINUTE)], 50), 30 * MINUTE + WAY_MS + KNOWN_MS);
        assert_eq!(slack(&[(10, -2 * LEFT_OVER_MS)], 50), 0, "the stamp was left over");
        // Until it is seen in step again, and from when it was seen in step last.
        let set = [(10, 900), (20, 800), (1_000, -40 * MINUTE), (2_000, 700), (3_000, 900)];
        assert_eq!([10, 20, 21, 1_500, 2_000, 9_000].map(|said| slack(&set, said) / MINUTE), [0, 0, 40, 40, 0, 0]);
        assert_eq!(skews(&set, false).keeper(None, 1_500).ahead, 0, "it is not taken off");
    }

    #[test]
    fn what_was_not_measured_is_open_between_machines_only() {
        assert_eq!((skews(&[], false).keeper(None, 5).slack, skews(&[], true).keeper(None, 5).slack), (0, UNKNOWN_MS));
        assert_eq!(skews(&[(1, 700)], true).keeper(None, 5).slack, KNOWN_MS);
        assert_eq!(skews(&[(1, 7 * MINUTE)], true).keeper(None, 5).slack, 7 * MINUTE + KNOWN_MS);
    }
}
