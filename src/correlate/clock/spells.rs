//! The zones that a program may have been in, by records that tell its offset from UTC at some times only.
//!
//! An offset holds at the time of the record that tells it, and from there for as long as no zone that has it
//! then changes its clocks: in June for months, in March for days. So what is kept is not the last offset but
//! every zone of the world that agrees with all records; at another time the offset is sure where these zones
//! agree, and open between those that they have where they do not. A machine that was moved, so that no zone agrees
//! with all, begins another spell; between two spells both stay open.
//!
//! Apart from [`super::zone`], which weighs the ways to know a zone.

use super::home::Offsets;
use super::when::{When, Zone};
use jiff::Timestamp;
use jiff::tz::{AmbiguousOffset, TimeZone};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// Days on which records that tell an offset are looked at; of one day one per offset.
const MOST: usize = 1_024;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How far from the records of a spell changes of the hour are followed.
const FOLLOWED_MS: i64 = 2 * 366 * DAY_MS;

/// Spells in one zone each, in order of naive time.
#[derive(Clone, Debug, Default)]
pub(super) struct Spells(Vec<Spell>);

/// A time in one zone, whichever it was.
#[derive(Clone, Debug)]
struct Spell {
    /// First and last naive time at which the offset is told, in ms.
    span: (i64, i64),
    /// The tellings that leave fewer zones than those before them: the others add nothing.
    kept: Offsets,
    /// The zones that agree with all of them; none where no zone of the world has such an offset.
    zones: Vec<&'static TimeZone>,
    /// From which naive time on (ms) which offsets (ms) are admissible.
    admissible: Vec<(i64, Vec<i64>)>,
}

impl Spells {
    /// By offsets told at naive times, in any order.
    pub(super) fn of(mut told: Offsets) -> Spells {
        told.sort_unstable();
        let mut days: BTreeSet<(i64, i64)> = BTreeSet::new();
        told.retain(|&(wall, offset)| days.len() < MOST && days.insert((wall.div_euclid(DAY_MS), offset)));
        let mut spells: Vec<Spell> = Vec::new();
        for (wall, offset) in told {
            if !spells.last_mut().is_some_and(|spell| spell.takes(wall, offset)) {
                spells.push(Spell::begin(wall, offset));
            }
        }
        spells.iter_mut().for_each(Spell::follow);
        Spells(spells)
    }

    /// The offsets that a naive time may have, in ascending order.
    pub(super) fn offsets(&self, wall: i64) -> Vec<i64> {
        let (last, moved) = self.around(wall);
        let all: BTreeSet<i64> = last.into_iter().chain(moved).flat_map(|spell| spell.at(wall)).copied().collect();
        all.into_iter().collect()
    }

    /// The one offset of a naive time, if it is sure.
    pub(super) fn sure(&self, wall: i64) -> Option<i64> {
        let (last, moved) = self.around(wall);
        match (last?.at(wall), moved) {
            (&[offset], None) => Some(offset),
            (&[offset], Some(moved)) => (moved.at(wall) == [offset]).then_some(offset),
            _ => None,
        }
    }

    /// The spell that a naive time is in or after, else the first; and where it is after that one, the next.
    fn around(&self, wall: i64) -> (Option<&Spell>, Option<&Spell>) {
        let next = self.0.partition_point(|spell| spell.span.0 <= wall);
        let last = self.0.get(next.saturating_sub(1));
        let is_between = next > 0 && last.is_some_and(|spell| spell.span.1 < wall);
        (last, self.0.get(next).filter(|_| is_between))
    }

    /// A naive time whose offset is open, best read by the last one told before it.
    pub(super) fn open(&self, wall: i64) -> When {
        let offsets = self.offsets(wall);
        let earlier = self.kept().take_while(|(at, _)| *at <= wall).last();
        let (Some((_, best)), Some(least), Some(most)) = (earlier.or(self.kept().next()), offsets.first(), offsets.last()) else {
            return When::adrift(wall);
        };
        let at = |offset: i64| wall.saturating_sub(offset);
        When { lo: at(best.max(*most)), hi: at(best.min(*least)), ..When::exact(at(best), Zone::Open) }
    }

    /// The tellings that it rests on: naive time and offset.
    pub(super) fn kept(&self) -> impl Iterator<Item = (i64, i64)> {
        self.0.iter().flat_map(|spell| spell.kept.iter().copied())
    }
}

impl Spell {
    fn begin(wall: i64, offset: i64) -> Spell {
        let zones = of_the_world().iter().filter(|zone| has(zone, wall, offset)).collect();
        Spell { span: (wall, wall), kept: vec![(wall, offset)], zones, admissible: Vec::new() }
    }

    /// Go on with another telling, if it can be of the same zone.
    fn takes(&mut self, wall: i64, offset: i64) -> bool {
        let left: Vec<&TimeZone> = self.zones.iter().copied().filter(|zone| has(zone, wall, offset)).collect();
        let is_same = if self.zones.is_empty() { self.kept.iter().all(|kept| kept.1 == offset) } else { !left.is_empty() };
        if is_same {
            self.span.1 = wall;
            if left.len() < self.zones.len() {
                self.kept.push((wall, offset));
            }
            self.zones = left;
        }
        is_same
    }

    /// Work out what is admissible when. In the hour that clocks repeat, and in the one that they leave out, both
    /// offsets are.
    fn follow(&mut self) {
        let (from, to) = (self.span.0.saturating_sub(FOLLOWED_MS), self.span.1.saturating_add(FOLLOWED_MS));
        let mut changes: Vec<(i64, i64, i32)> = Vec::new();
        for zone in &self.zones {
            let Ok(start) = Timestamp::from_millisecond(from) else { continue };
            let mut offset = offset_of(zone, start);
            changes.push((i64::MIN, offset, 1));
            for change in zone.following(start).take_while(|change| change.timestamp().as_millisecond() <= to) {
                let (at, next) = (change.timestamp().as_millisecond(), i64::from(change.offset().seconds()) * 1000);
                let (one, other) = (at.saturating_add(offset), at.saturating_add(next));
                changes.extend([(one.min(other), next, 1), (one.max(other), offset, -1)]);
                offset = next;
            }
        }
        changes.sort_unstable();
        let mut counts: BTreeMap<i64, i32> = BTreeMap::new();
        for group in changes.chunk_by(|a, b| a.0 == b.0) {
            for (_, offset, more) in group {
                *counts.entry(*offset).or_default() += more;
            }
            counts.retain(|_, count| *count > 0);
            let offsets: Vec<i64> = counts.keys().copied().collect();
            if self.admissible.last().is_none_or(|(_, known)| *known != offsets) {
                self.admissible.extend(group.first().map(|(at, ..)| (*at, offsets)));
            }
        }
        if self.admissible.is_empty() {
            self.admissible = vec![(i64::MIN, self.kept.iter().map(|kept| kept.1).take(1).collect())];
        }
    }

    fn at(&self, wall: i64) -> &[i64] {
        let next = self.admissible.partition_point(|(from, _)| *from <= wall);
        self.admissible.get(next.saturating_sub(1)).map_or(&[], |(_, offsets)| offsets.as_slice())
    }
}

/// Is an offset (ms) in use anywhere on Earth, some time in the year around a time (ms)?
pub(super) fn is_in_use(offset: i64, around: i64) -> bool {
    const HALF_MS: i64 = 183 * DAY_MS;
    let at = [around, around.saturating_add(HALF_MS)];
    of_the_world().iter().any(|zone| at.iter().any(|at| has(zone, at.saturating_add(offset), offset)))
}

/// Is a naive time (ms), and the one that it is behind by so much, in an hour that some zone repeats?
pub(super) fn is_repeated(wall: i64, by: i64) -> bool {
    let both = [wall, wall.saturating_add(by)];
    of_the_world().iter().any(|zone| both.iter().all(|wall| is_twice(zone, *wall)))
}

/// Do clocks of the zone show this naive time twice?
fn is_twice(zone: &TimeZone, wall: i64) -> bool {
    let wall = Timestamp::from_millisecond(wall).map(|at| at.to_zoned(TimeZone::UTC).datetime());
    wall.is_ok_and(|wall| matches!(zone.to_ambiguous_timestamp(wall).offset(), AmbiguousOffset::Fold { .. }))
}

/// Has the zone this offset at this naive time?
fn has(zone: &TimeZone, wall: i64, offset: i64) -> bool {
    Timestamp::from_millisecond(wall.saturating_sub(offset)).is_ok_and(|at| offset_of(zone, at) == offset)
}

/// In ms.
fn offset_of(zone: &TimeZone, at: Timestamp) -> i64 {
    i64::from(zone.to_offset(at).seconds()) * 1000
}

/// Every zone in which people live: a station in Antarctica goes by rules of its own.
fn of_the_world() -> &'static [TimeZone] {
    static ALL: OnceLock<Vec<TimeZone>> = OnceLock::new();
    ALL.get_or_init(|| {
        let names = jiff::tz::db().available();
        names
            .filter(|name| !name.as_str().starts_with("Antarctica/"))
            .filter_map(|name| TimeZone::get(name.as_str()).ok())
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 60 * 60 * 1000;

    fn wall(text: &str) -> i64 {
        crate::time::Stamp::parse(&format!("{}:00Z", text.replace(' ', "T"))).map_or(i64::MIN, |stamp| stamp.ms)
    }

    fn spells(told: &[(&str, i64)]) -> Spells {
        Spells::of(told.iter().map(|(at, hours)| (wall(at), hours * HOUR)).collect())
    }

    #[test]
    fn an_offset_holds_until_a_zone_that_has_it_changes_its_clocks() {
        let spring = spells(&[("2027-03-24 12:00", 1)]);
        let hours = |spells: &Spells, at: &str| spells.offsets(wall(at)).iter().map(|o| o / HOUR).collect::<Vec<_>>();
        assert_eq!(hours(&spring, "2027-03-27 23:00"), [1]);
        assert_eq!(hours(&spring, "2027-03-28 14:00"), [1, 2]);
        let open = spring.open(wall("2027-03-28 14:00"));
        assert_eq!([open.ms, open.lo, open.hi].map(|ms| (wall("2027-03-28 14:00") - ms) / HOUR), [1, 2, 1]);
        let summer = spells(&[("2027-06-02 12:00", 2)]);
        assert_eq!(hours(&summer, "2027-08-30 12:00"), [2]);
        assert_eq!(hours(&summer, "2027-12-01 12:00"), [1, 2]);
        assert_eq!(summer.sure(wall("2027-12-01 12:00")), None);
    }

    #[test]
    fn two_that_differ_by_the_hour_are_of_one_zone_that_changes_it() {
        let both = spells(&[("2027-03-24 12:00", 1), ("2027-03-29 12:00", 2), ("2027-03-30 12:00", 2)]);
        assert_eq!(both.sure(wall("2027-03-28 01:30")), Some(HOUR));
        assert_eq!(both.sure(wall("2027-03-28 12:00")), Some(2 * HOUR));
        assert_eq!(both.sure(wall("2027-12-24 12:00")), Some(HOUR));
        assert_eq!(both.kept().count(), 2, "what adds nothing is not kept");
    }

    #[test]
    fn between_two_places_both_offsets_are_open() {
        let moved = spells(&[("2027-06-02 12:00", -7), ("2027-06-20 12:00", 9)]);
        assert_eq!(moved.offsets(wall("2027-06-10 12:00")), [-7 * HOUR, 9 * HOUR]);
        assert_eq!(moved.sure(wall("2027-06-01 12:00")), Some(-7 * HOUR));
        assert_eq!(moved.sure(wall("2027-06-21 12:00")), Some(9 * HOUR));
    }

    #[test]
    fn an_offset_that_no_zone_has_is_taken_as_it_is() {
        let odd = Spells::of(vec![(wall("2027-06-02 12:00"), 13 * 60_000), (wall("2027-06-09 12:00"), 13 * 60_000)]);
        assert_eq!(odd.sure(wall("2028-01-02 12:00")), Some(13 * 60_000));
        assert!(
            !is_in_use(2 * HOUR + HOUR / 4, wall("2027-06-02 12:00")) && is_in_use(5 * HOUR + HOUR / 2, wall("2027-06-02 12:00"))
        );
        assert!(Spells::default().offsets(5).is_empty());
    }
}
