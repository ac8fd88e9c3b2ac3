//! Times as intervals: a point on the UTC line, how far it may be off, and on which clock it was
//! taken. Two happenings are in order only when their intervals do not touch.

/// How a time came to be in UTC. The words are those of the JSON contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Zone {
    /// Stated in UTC.
    Utc,
    /// Stated with an offset, or naive with an offset that the files or the user give.
    Offset,
    /// Naive, with an offset inferred from two stamps of one happening.
    Assumed,
    /// Naive and nothing tells the zone: read as UTC, and off by up to 14 hours.
    Unknown,
}

impl Zone {
    /// The word of the JSON contract.
    pub fn word(self) -> &'static str {
        match self {
            Zone::Utc => "utc",
            Zone::Offset => "offset",
            Zone::Assumed => "assumed",
            Zone::Unknown => "unknown",
        }
    }
}

/// A point in time with its uncertainty, in ms since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    /// Best reading.
    pub ms: i64,
    /// Earliest admissible reading.
    pub lo: i64,
    /// Latest admissible reading.
    pub hi: i64,
    /// How it came to be in UTC.
    pub zone: Zone,
}

impl When {
    /// A time with no more uncertainty than the client's own clock reading.
    pub fn exact(ms: i64, zone: Zone) -> When {
        When { ms, lo: ms, hi: ms, zone }
    }

    /// A naive time whose zone is unknown: real zones run from UTC−12 to UTC+14.
    pub fn adrift(wall_ms: i64) -> When {
        const HOUR: i64 = 3_600_000;
        When { ms: wall_ms, lo: wall_ms - 14 * HOUR, hi: wall_ms + 12 * HOUR, zone: Zone::Unknown }
    }

    /// Before `other` under every admissible reading.
    pub fn surely_before(self, other: When) -> bool {
        self.hi < other.lo
    }

    /// Before `other` under at least one admissible reading.
    pub fn maybe_before(self, other: When) -> bool {
        self.lo < other.hi
    }

    /// True when the clock leaves no doubt.
    pub fn is_certain(self) -> bool {
        self.zone != Zone::Unknown
    }
}
