//! Times as the clients write them. Inside the generator a time is a number of milliseconds since
//! the epoch; the digits below a millisecond, which some clients print, follow from it.
//!
//! The printing is jiff's and not the library's own, so that a fault there cannot cancel out.

use super::rng::mix;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, civil};

/// A second, a minute, an hour and a day in milliseconds.
pub const SECOND: i64 = 1000;
/// A minute in milliseconds.
pub const MINUTE: i64 = 60 * SECOND;
/// An hour in milliseconds.
pub const HOUR: i64 = 60 * MINUTE;
/// A day in milliseconds.
pub const DAY: i64 = 24 * HOUR;

/// The UTC time `2026-05-22 07:41:40` (fraction allowed) in milliseconds.
pub fn utc(text: &str) -> i64 {
    let wall: civil::DateTime = text.parse().unwrap();
    wall.to_zoned(TimeZone::UTC).unwrap().timestamp().as_millisecond()
}

/// Three digits that stand for the microseconds below `ms`.
fn micros(ms: i64) -> u64 {
    mix(ms as u64) % 1000
}

/// Six digits that stand for the nanoseconds below `ms`, as Linux gives them.
fn nanos(ms: i64) -> u64 {
    mix(!ms as u64) % 1_000_000
}

/// The wall clock of one machine.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    offset_s: i32,
    /// From when on (ms) it is so many seconds ahead instead.
    change: Option<(i64, i32)>,
}

impl Clock {
    /// A clock so many hours ahead of UTC.
    pub fn ahead(hours: i32) -> Clock {
        Clock { offset_s: hours * 3600, change: None }
    }

    /// The same, so many hours ahead from `at` on: daylight saving time begins or ends.
    pub fn then(self, at: i64, hours: i32) -> Clock {
        Clock { change: Some((at, hours * 3600)), ..self }
    }

    /// How many seconds it is ahead at `ms`.
    fn offset(self, ms: i64) -> i32 {
        self.change.filter(|(at, _)| *at <= ms).map_or(self.offset_s, |(_, offset_s)| offset_s)
    }

    /// UTC.
    pub fn utc() -> Clock {
        Clock::ahead(0)
    }

    /// `ms` on this clock in a strftime format.
    pub fn print(self, ms: i64, format: &str) -> String {
        let zone = TimeZone::fixed(Offset::from_seconds(self.offset(ms)).unwrap());
        Timestamp::from_millisecond(ms).unwrap().to_zoned(zone).strftime(format).to_string()
    }

    /// Python's logging: `2026-05-22 09:41:40,123`.
    pub fn python_log(self, ms: i64) -> String {
        format!("{},{:03}", self.print(ms, "%F %T"), ms.rem_euclid(SECOND))
    }

    /// Python's naive `isoformat()`: `2026-05-22T09:41:40.123456`.
    pub fn naive(self, ms: i64) -> String {
        format!("{}{:03}", self.print(ms, "%FT%T%.3f"), micros(ms))
    }

    /// The time of a tslog line: `2026-05-22T09:41:40.123+02:00`.
    pub fn tslog(self, ms: i64) -> String {
        self.print(ms, "%FT%T%.3f%:z")
    }

    /// VS Code's logs: `2026-05-22 09:41:40.123`.
    pub fn vscode(self, ms: i64) -> String {
        self.print(ms, "%F %T%.3f")
    }

    /// Day and minute as OpenClaw puts them before a message: `Fri 2026-05-22 09:41 GMT+2`.
    pub fn envelope(self, ms: i64) -> String {
        let offset_s = self.offset(ms);
        let zone = if offset_s == 0 { "UTC".to_owned() } else { format!("GMT{:+}", offset_s / 3600) };
        format!("{} {zone}", self.print(ms, "%a %F %R"))
    }
}

/// JavaScript's `toISOString()`: three digits.
pub fn iso_ms(ms: i64) -> String {
    Clock::utc().print(ms, "%FT%T%.3fZ")
}

/// Six digits and `Z`, as Python and tracing print it.
pub fn iso_us(ms: i64) -> String {
    format!("{}{:03}Z", Clock::utc().print(ms, "%FT%T%.3f"), micros(ms))
}

/// Nine digits and `Z`: Rust's chrono on Linux.
pub fn iso_ns(ms: i64) -> String {
    format!("{}{:06}Z", Clock::utc().print(ms, "%FT%T%.3f"), nanos(ms))
}

/// Python's aware `isoformat()` in UTC.
pub fn iso_offset(ms: i64) -> String {
    format!("{}{:03}+00:00", Clock::utc().print(ms, "%FT%T%.3f"), micros(ms))
}

/// Python's `time.time()`, printed in full.
pub fn epoch_float(ms: i64) -> String {
    let text = format!("{}.{:03}{:03}", ms.div_euclid(SECOND), ms.rem_euclid(SECOND), micros(ms));
    let short = text.trim_end_matches('0');
    if short.ends_with('.') { format!("{short}0") } else { short.to_owned() }
}
