//! Time stamps: parsing, printing and the clock they were taken on.
//!
//! Clients write epoch numbers in seconds, milliseconds and more, RFC 3339, and naive local
//! times. A naive time stays [`Clock::Local`] until a zone is known for its source; nothing
//! here guesses one. Everything is integer milliseconds. Every reader reads every stamp here, so
//! the policy is in one place:
//!
//! - What is not between 2015 and 2100 is no time. The four epoch units have disjoint ranges in
//!   that span, so a number has one reading or none: never 1970, never the year 57863.
//! - RFC 3339 with `T`, `t` or a blank; `.` or `,` before one to nine digits of fraction, which is
//!   cut to milliseconds; `Z`, `z`, `±hh:mm` and `±hhmm` up to 18 hours (no zone goes beyond 14).
//! - A leap second (`:60`) is read as the second before it, in any minute: it is not told apart
//!   from one that was smeared, and order within that second is nothing to build a verdict on.
//! - Nothing else is a time: no week dates, no two-digit years, no `24:00`, no offset of hours
//!   only. Where a client writes another form its reader turns it into this one.

/// Which clock a stamp was taken on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Clock {
    /// Epoch number or a time with `Z`.
    Utc,
    /// A time with an offset, already turned into UTC.
    Offset,
    /// Wall time without a zone: `ms` is that wall time read as if it were UTC.
    Local,
}

/// A point in time as a source states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// Milliseconds since the epoch (see [`Clock::Local`] for naive times).
    pub ms: i64,
    /// Clock of the source.
    pub clock: Clock,
}

/// 2015-01-01 and 2100-01-01 in seconds: what a client can have written. The ranges of the four
/// epoch units that follow from it do not overlap, so a number has one reading or none.
const FIRST_SECOND: i64 = 1_420_070_400;
const LAST_SECOND: i64 = 4_102_444_800;

/// Largest offset of any zone, ±18 hours, in seconds.
const MAX_OFFSET_S: i32 = 18 * 3600;

impl Stamp {
    /// A stamp on the UTC clock.
    pub fn utc(ms: i64) -> Stamp {
        Stamp { ms, clock: Clock::Utc }
    }

    /// A naive wall time.
    pub fn local(ms: i64) -> Stamp {
        Stamp { ms, clock: Clock::Local }
    }

    /// An epoch number in s, ms, µs or ns, told apart by size. None outside 2015 to 2100.
    pub fn epoch(number: f64) -> Option<Stamp> {
        [1.0, 1e3, 1e6, 1e9].into_iter().find_map(|unit| {
            let seconds = number / unit;
            let fits = seconds >= FIRST_SECOND as f64 && seconds < LAST_SECOND as f64;
            // Whole milliseconds of such a number are exact in an i64.
            fits.then(|| Stamp::utc((seconds * 1e3).round() as i64))
        })
    }

    /// `2026-05-10T06:15:02.123Z`, with any fraction after `.` or `,`, `T` or a blank between
    /// date and time, and `Z`, `±hh:mm`, `±hhmm` or nothing (then [`Clock::Local`]) at the end.
    pub fn parse(text: &str) -> Option<Stamp> {
        let (stamp, rest) = Stamp::prefix(text.trim().as_bytes())?;
        rest.is_empty().then_some(stamp)
    }

    /// A stamp at the start of `bytes`, in the forms of [`Stamp::parse`], and what follows it.
    pub fn prefix(bytes: &[u8]) -> Option<(Stamp, &[u8])> {
        let (wall_ms, rest) = wall_time(bytes)?;
        let (clock, offset_s, rest) = zone(rest)?;
        let ms = wall_ms - i64::from(offset_s) * 1000;
        Stamp { ms, clock }.plausible().map(|stamp| (stamp, rest))
    }

    /// This stamp, unless it is outside 2015 to 2100.
    pub fn plausible(self) -> Option<Stamp> {
        (FIRST_SECOND..LAST_SECOND).contains(&self.ms.div_euclid(1000)).then_some(self)
    }

    /// True for a naive time.
    pub fn is_local(self) -> bool {
        self.clock == Clock::Local
    }
}

/// Date and time without zone at the start of `bytes`, in ms as if UTC.
fn wall_time(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let head = bytes.get(..19)?;
    let shape_ok = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')].iter().all(|&(i, c)| head[i] == c);
    if !shape_ok || !matches!(head[10], b'T' | b' ' | b't') {
        return None;
    }
    let number = |from: usize, to: usize| -> Option<i64> {
        head[from..to].iter().try_fold(0i64, |n, &b| b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0')))
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second.min(59);
    let (millis, rest) = fraction(&bytes[19..])?;
    Some((seconds * 1000 + millis, rest))
}

/// `.123456` or `,123`: milliseconds, rounded down. No fraction is 0.
fn fraction(bytes: &[u8]) -> Option<(i64, &[u8])> {
    if !matches!(bytes.first(), Some(b'.' | b',')) {
        return Some((0, bytes));
    }
    let digits = fraction_digits(bytes);
    if digits == 0 || digits > 9 {
        return None;
    }
    let millis = (1..=3).fold(0, |n, i| n * 10 + if i <= digits { i64::from(bytes[i] - b'0') } else { 0 });
    Some((millis, &bytes[1 + digits..]))
}

fn fraction_digits(after_point: &[u8]) -> usize {
    after_point.iter().skip(1).take_while(|b| b.is_ascii_digit()).count()
}

/// How many digits the fraction of an RFC 3339 text has: a hint at the program that wrote it.
pub fn fraction_len(text: &str) -> usize {
    text.find('.').map_or(0, |at| fraction_digits(&text.as_bytes()[at..]))
}

/// `Z`, an offset, or nothing.
fn zone(bytes: &[u8]) -> Option<(Clock, i32, &[u8])> {
    match bytes.first() {
        Some(b'Z' | b'z') => Some((Clock::Utc, 0, &bytes[1..])),
        Some(sign @ (b'+' | b'-')) => {
            let (offset_s, used) = offset_digits(&bytes[1..])?;
            let signed = if *sign == b'-' { -offset_s } else { offset_s };
            Some((Clock::Offset, signed, &bytes[1 + used..]))
        }
        _ => Some((Clock::Local, 0, bytes)),
    }
}

/// `hh:mm` or `hhmm` after the sign: seconds and how many bytes were used.
fn offset_digits(bytes: &[u8]) -> Option<(i32, usize)> {
    let two = |at: usize| -> Option<i32> {
        let pair = bytes.get(at..at + 2)?;
        pair.iter().all(u8::is_ascii_digit).then(|| i32::from(pair[0] - b'0') * 10 + i32::from(pair[1] - b'0'))
    };
    let colon = usize::from(bytes.get(2) == Some(&b':'));
    let (hours, minutes) = (two(0)?, two(2 + colon)?);
    let seconds = hours * 3600 + minutes * 60;
    (minutes < 60 && seconds <= MAX_OFFSET_S).then_some((seconds, 4 + colon))
}

/// Seconds of an offset such as `+05:30`, `-0800` or `Z`.
pub fn parse_offset(text: &str) -> Option<i32> {
    let (clock, seconds, rest) = zone(text.as_bytes())?;
    (clock != Clock::Local && rest.is_empty()).then_some(seconds)
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a proleptic Gregorian date.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y - era * 400;
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The date of a day number: inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z - era * 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// `2026-05-10T06:15:02.123Z`, the form of the JSON report.
pub fn rfc3339(ms: i64) -> String {
    let (date, clock) = parts(ms);
    format!("{date}T{clock}.{:03}Z", ms.rem_euclid(1000))
}

/// `2026-05-10 06:15:02`, the form of the Markdown report (UTC, said in the heading).
pub fn readable(ms: i64) -> String {
    let (date, clock) = parts(ms);
    format!("{date} {clock}")
}

fn parts(ms: i64) -> (String, String) {
    let seconds = ms.div_euclid(1000);
    let (year, month, day) = civil_from_days(seconds.div_euclid(86_400));
    let of_day = seconds.rem_euclid(86_400);
    (format!("{year:04}-{month:02}-{day:02}"), format!("{:02}:{:02}:{:02}", of_day / 3600, of_day / 60 % 60, of_day % 60))
}

/// A span for people: `6 d 14 h`, `3 h 20 min`, `42 s`, `under 1 s`. The sign is dropped.
pub fn span(ms: i64) -> String {
    let seconds = ms.unsigned_abs() / 1000;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match () {
        () if days > 0 => format!("{days} d {hours} h"),
        () if hours > 0 => format!("{hours} h {minutes} min"),
        () if minutes > 0 => format!("{minutes} min {} s", seconds % 60),
        () if seconds > 0 => format!("{seconds} s"),
        () => "under 1 s".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str) -> Option<(i64, Clock)> {
        Stamp::parse(text).map(|s| (s.ms, s.clock))
    }

    #[test]
    fn every_form_that_clients_write() {
        assert_eq!(ms("2026-05-10T06:15:02.123Z"), Some((1_778_393_702_123, Clock::Utc)));
        assert_eq!(ms("2026-05-10T06:15:02.123456Z"), Some((1_778_393_702_123, Clock::Utc)));
        assert_eq!(ms("2026-05-10T08:15:02.1+02:00"), Some((1_778_393_702_100, Clock::Offset)));
        assert_eq!(ms("2026-05-10 08:15:02,123"), Some((1_778_401_702_123 - 800_000, Clock::Local)));
        assert_eq!(ms("2026-05-10T06:15:02"), Some((1_778_393_702_000, Clock::Local)));
        assert_eq!(ms("2026-05-10T06:15:02-0730"), Some((1_778_420_702_000, Clock::Offset)));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for bad in [
            "",
            "2026-02-30T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-05-10T24:00:00Z",
            "2026-05-10T06:15:02+25:00",
            "2026-05-10T06:15:02.Z",
            "1970-01-01T00:00:00Z",
            "2026-05-10T06:15:02Zx",
            "2026/05/10 06:15:02",
        ] {
            assert_eq!(Stamp::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn epoch_units_do_not_overlap() {
        let want = Some(Stamp::utc(1_778_393_702_000));
        for number in [1_778_393_702.0, 1_778_393_702_000.0, 1_778_393_702_000_000.0, 1.778_393_702e18] {
            assert_eq!(Stamp::epoch(number), want);
        }
        for number in [0.0, 1.0, -5.0, 1e12 + 0.5e12 * 10.0, f64::NAN, f64::INFINITY, 253_402_300_799.0] {
            assert_eq!(Stamp::epoch(number), None, "{number}");
        }
    }

    #[test]
    fn printing_is_the_inverse_of_parsing() {
        for text in ["2026-05-10T06:15:02.123Z", "2024-02-29T23:59:59.000Z", "2099-12-31T00:00:00.001Z"] {
            assert_eq!(ms(text).map(|(ms, _)| rfc3339(ms)).as_deref(), Some(text));
        }
    }
}
