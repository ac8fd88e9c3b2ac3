//! Times as intervals: a point on the UTC line, how far it may be off, and on which clock it was
//! taken. Two happenings are in order only when their intervals do not touch.
//!
//! There are two sorts of clock: that of the login service, which stamps tokens, and that of each machine,
//! which stamps everything else. Times of one clock are compared as they stand. Between two of them each
//! is shifted by what is known of its clock ([`super::skew`]), and widened by what is not.

use crate::correlate::hosts::HostId;

/// How a time came to be in UTC. The words are those of the JSON contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Zone {
    /// Stated in UTC.
    Utc,
    /// Stated with an offset, or naive with an offset that the files or the user give.
    Offset,
    /// Naive, with an offset inferred from two stamps of one happening.
    Assumed,
    /// Naive, and the hour may have changed since the files last tell the offset: read by that one, and off by the
    /// hour perhaps.
    Open,
    /// Naive and nothing tells the zone: read as UTC, and off by up to 14 hours.
    Unknown,
}

impl Zone {
    /// The word of the JSON contract.
    pub fn word(self) -> &'static str {
        match self {
            Zone::Utc => "utc",
            Zone::Offset => "offset",
            Zone::Assumed | Zone::Open => "assumed",
            Zone::Unknown => "unknown",
        }
    }
}

/// The clock that a time was taken on, and what is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Keeper {
    /// The machine it was taken or noted on, as far as clocks go ([`Hosts::clock`](super::super::hosts::Hosts)); None where there is one only, or where it is not known.
    pub host: Option<HostId>,
    /// It is the login service's clock, not the machine's.
    pub is_issuer: bool,
    /// How far the clock is ahead of the login service's, in ms, as far as that was measured and is more
    /// than seconds. It has been taken off the time.
    pub ahead: i64,
    /// By how much a time of this clock may be wrong beside that of another, in ms.
    pub slack: i64,
    /// It was seen to be off, then or when it was next measured. One that was not is taken to agree with
    /// the login service's on its own machine.
    pub is_off: bool,
}

/// A point in time with its uncertainty, in ms since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    /// Best reading.
    pub ms: i64,
    /// Earliest admissible reading, by the clock it was taken on.
    pub lo: i64,
    /// Latest admissible reading, by that clock.
    pub hi: i64,
    /// How it came to be in UTC.
    pub zone: Zone,
    /// Whose clock it was.
    pub keeper: Keeper,
}

impl When {
    /// A time with no more uncertainty than the client's own clock reading.
    pub fn exact(ms: i64, zone: Zone) -> When {
        When { ms, lo: ms, hi: ms, zone, keeper: Keeper::default() }
    }

    /// A naive time whose zone is unknown: real zones run from UTC−12 to UTC+14.
    pub fn adrift(wall_ms: i64) -> When {
        const HOUR: i64 = 3_600_000;
        When { lo: wall_ms - 14 * HOUR, hi: wall_ms + 12 * HOUR, ..When::exact(wall_ms, Zone::Unknown) }
    }

    /// The same reading, of this clock: what it is ahead is taken off.
    pub(in crate::correlate) fn kept_by(self, keeper: Keeper) -> When {
        let off = |ms: i64| ms.saturating_sub(keeper.ahead);
        When { ms: off(self.ms), lo: off(self.lo), hi: off(self.hi), keeper, ..self }
    }

    /// As a point: the best reading, taken for the true one.
    pub(in crate::correlate) fn as_point(self) -> When {
        self.at_point(self.ms)
    }

    /// The same time, taken to have been at this point.
    pub(in crate::correlate) fn at_point(self, ms: i64) -> When {
        When { ms, lo: ms, hi: ms, keeper: Keeper { slack: 0, is_off: false, ..self.keeper }, ..self }
    }

    /// The time as its source says it, whatever its clock: what is printed.
    pub fn said(self) -> i64 {
        self.ms.saturating_add(self.keeper.ahead)
    }

    /// Before `other` under every admissible reading.
    pub fn surely_before(self, other: When) -> bool {
        self.hi.saturating_add(self.between(other)) < other.lo
    }

    /// Before `other` under at least one admissible reading.
    pub fn maybe_before(self, other: When) -> bool {
        self.lo < other.hi.saturating_add(self.between(other))
    }

    /// True when the zone leaves no doubt.
    pub fn is_certain(self) -> bool {
        !matches!(self.zone, Zone::Unknown | Zone::Open)
    }

    /// Is it a point, by its own clock?
    pub fn is_point(self) -> bool {
        self.lo == self.hi
    }

    /// How far the two clocks may be apart, in ms, beyond what was taken off.
    fn between(self, other: When) -> i64 {
        let (a, b) = (self.keeper, other.keeper);
        let one_machine = a.host == b.host;
        match (a.is_issuer, b.is_issuer) {
            (true, true) => 0,
            (false, false) if one_machine => 0,
            // On one machine the two clocks are taken to agree unless they were seen not to.
            (issuer, _) if one_machine && !(if issuer { b } else { a }).is_off => 0,
            (true, false) => b.slack,
            (false, true) => a.slack,
            (false, false) => a.slack.saturating_add(b.slack),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64, host: Option<HostId>, is_issuer: bool, ahead: i64, slack: i64) -> When {
        When::exact(ms, Zone::Utc).kept_by(Keeper { host, is_issuer, ahead, slack, is_off: ahead != 0 })
    }

    #[test]
    fn one_clock_is_exact_and_two_are_not() {
        let (a, b) = (at(1_000, Some(0), false, 0, 2_000), at(1_001, Some(0), false, 0, 2_000));
        assert!(a.surely_before(b) && !b.maybe_before(a));
        let other = at(4_000, Some(1), false, 0, 2_000);
        assert!(!a.surely_before(other) && a.maybe_before(other) && other.maybe_before(a));
        assert!(a.surely_before(at(5_001, Some(1), false, 0, 2_000)));
        // Tokens carry the login service's time wherever they stand.
        assert!(at(1_000, Some(0), true, 0, 0).surely_before(at(1_001, Some(1), true, 0, 0)));
        assert!(!at(1_000, Some(1), true, 0, 0).surely_before(at(2_000, Some(0), false, 0, 2_000)));
    }

    #[test]
    fn a_machine_and_its_tokens_agree_unless_seen_not_to() {
        let issued = at(1_000, Some(0), true, 0, 0);
        assert!(issued.surely_before(at(1_001, Some(0), false, 0, 300_000)));
        let late = at(601_500, Some(0), false, 600_000, 2_000);
        assert_eq!((late.ms, late.said()), (1_500, 601_500));
        assert!(!issued.surely_before(late) && issued.maybe_before(late));
    }
}
