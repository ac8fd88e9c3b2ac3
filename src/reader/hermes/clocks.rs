//! Where a file holds two clocks at once: how far the local times of its home are from UTC.
//!
//! Log times are naive local. A record that tells of a state snapshot names it by a UTC time, the
//! access records of the web server carry an offset, and the id of a gateway session in `state.db`
//! is the local time at which its row was stored; each settles the zone of the whole home.

use super::record::Record;
use crate::event::{EventKind, Origin};
use crate::reader::Facts;
use crate::time::Stamp;

/// A snapshot's id is taken before its files are copied, which may take minutes.
const SNAPSHOT_MS: i64 = 420_000;
/// An access record is written when the request is over.
const ACCESS_MS: i64 = 60_000;

/// A row is stored within this time of the moment its id was made.
const ROW_MS: i64 = 5_000;

/// Processes that write to one log are out of turn by seconds.
const OUT_OF_TURN_MS: i64 = 60_000;
/// Two zones are apart by no more (UTC-12 and UTC+14): logs that were put together are, by days.
const APART_MS: i64 = 26 * 3_600_000;
/// Times that a log runs back which are stated.
const MOST_BACK: usize = 64;

/// The offset a log or store was last seen to have.
#[derive(Default)]
pub(super) struct Clocks {
    offset_s: Option<i32>,
    ran_back: usize,
}

impl Clocks {
    /// `State snapshot created: 20260510-061502-label (3 files)`, logged at `at`.
    pub(super) fn snapshot(&mut self, message: &str, at: Stamp, origin: Origin, facts: &mut Facts<'_>) {
        let id = message.strip_prefix("State snapshot created: ").unwrap_or("");
        self.anchor(snapshot_time(id).and_then(|utc| offset_between(at, utc, SNAPSHOT_MS)), at, origin, facts);
    }

    /// An access record carries its own offset: `… [22/Nov/2026:17:55:19 +0100] "GET …`. The
    /// writer prints the offset without daylight saving beside the time that fits it, so the
    /// offset of the log is the difference of the two times.
    pub(super) fn access(&mut self, record: &Record<'_>, origin: Origin, facts: &mut Facts<'_>) {
        let inside = record.message.split_once('[').and_then(|(_, rest)| rest.split_once(']')).map(|(inside, _)| inside);
        let offset = inside.and_then(access_time).and_then(|utc| offset_between(record.at, utc, ACCESS_MS));
        self.anchor(offset, record.at, origin, facts);
    }

    /// A row that holds a local time to the second and the UTC time at which it was stored.
    pub(super) fn row(&mut self, local: Stamp, utc: Stamp, origin: Origin, facts: &mut Facts<'_>) {
        // The row follows its id at once; the second of the id was begun before.
        let late = |offset_s: &i32| (local.ms - utc.ms - i64::from(*offset_s) * 1000).abs() <= ROW_MS;
        self.anchor(offset_between(local, utc, ROW_MS).filter(late), utc, origin, facts);
    }

    /// A record that follows one of the time `before`. A log is written forward, in the time of the process that
    /// writes: a gateway in a container and a command line outside of it have one log and two zones.
    pub(super) fn followed(&mut self, before: Option<i64>, at: Stamp, origin: Origin, facts: &mut Facts<'_>) {
        let by_ms = before.map_or(0, |before| before.saturating_sub(at.ms));
        if by_ms > OUT_OF_TURN_MS && by_ms <= APART_MS && self.ran_back < MOST_BACK {
            self.ran_back += 1;
            facts.push(Some(at), origin, EventKind::RanBack { by_ms });
        }
    }

    /// States an offset, when it is another one than before.
    fn anchor(&mut self, offset: Option<i32>, at: Stamp, origin: Origin, facts: &mut Facts<'_>) {
        let Some(offset_s) = offset.filter(|_| offset != self.offset_s) else { return };
        self.offset_s = offset;
        facts.push(Some(at), origin, EventKind::ZoneAnchor { offset_s });
    }
}

/// `20260510-061502` at the start of `text`, as a time on the UTC clock: the id of a state
/// snapshot (Hermes 0.10 to 0.19 write it in UTC).
pub(super) fn snapshot_time(text: &str) -> Option<Stamp> {
    if text.as_bytes().get(15).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    digits_time(text, b'-').map(|local| Stamp::utc(local.ms))
}

/// `20260510_081410` at the start of `text`, with `between` day and time, as a naive time.
pub(super) fn digits_time(text: &str, between: u8) -> Option<Stamp> {
    let digits = |from: usize, to: usize| text.get(from..to).filter(|part| part.bytes().all(|b| b.is_ascii_digit()));
    if text.as_bytes().get(8) != Some(&between) {
        return None;
    }
    let (year, month, day) = (digits(0, 4)?, digits(4, 6)?, digits(6, 8)?);
    let (hour, minute, second) = (digits(9, 11)?, digits(11, 13)?, digits(13, 15)?);
    Stamp::parse(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}"))
}

/// Local minus UTC in whole quarter hours, from a local and a UTC reading of one moment, where
/// the local one may have been taken up to `late_ms` later. None when no quarter hour fits.
pub(super) fn offset_between(local: Stamp, utc: Stamp, late_ms: i64) -> Option<i32> {
    const QUARTER: i64 = 900_000;
    const SLACK: i64 = 60_000;
    let difference = local.ms.checked_sub(utc.ms)?;
    let rounded = (difference - late_ms / 2 + QUARTER / 2).div_euclid(QUARTER) * QUARTER;
    let late = difference - rounded;
    let fits = (-SLACK..=late_ms).contains(&late) && (-43_200_000..=50_400_000).contains(&rounded);
    if fits { i32::try_from(rounded / 1000).ok() } else { None }
}

/// `22/Nov/2026:17:55:19 +0100`.
fn access_time(text: &str) -> Option<Stamp> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (date, rest) = text.split_once(':')?;
    let (clock, offset) = rest.split_once(' ')?;
    let mut parts = date.split('/');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    Stamp::parse(&format!("{year}-{month:02}-{day}T{clock}{offset}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_whole_quarter_hours_or_nothing() {
        let at = |minutes: i64, seconds: i64| Stamp::local((minutes * 60 + seconds) * 1000);
        let utc = Stamp::utc(0);
        assert_eq!(offset_between(at(60, 2), utc, 60_000), Some(3600));
        assert_eq!(offset_between(at(-240, 3), utc, 60_000), Some(-14_400));
        assert_eq!(offset_between(at(345, 0), utc, 60_000), Some(20_700));
        assert_eq!(offset_between(at(60, 300), utc, 400_000), Some(3600));
        assert_eq!(offset_between(at(60, 300), utc, 60_000), None);
        assert_eq!(offset_between(at(60 * 20, 0), utc, 60_000), None);
    }

    #[test]
    fn a_row_that_came_late_anchors_nothing() {
        let offsets = |local: i64, utc: i64| {
            let vault = crate::secret::Vault::new([9; 32]);
            let mut facts = Facts::new(&vault, 0, false);
            Clocks::default().row(Stamp::local(local), Stamp::utc(utc), facts.whole(), &mut facts);
            facts
                .into_parts()
                .0
                .events
                .into_iter()
                .find_map(|e| if let EventKind::ZoneAnchor { offset_s } = e.kind { Some(offset_s) } else { None })
        };
        assert_eq!(offsets(3_600_000, 610), Some(3600));
        assert_eq!(offsets(3_599_000, 100), Some(3600));
        assert_eq!(offsets(3_600_000, 21_000), None);
    }

    #[test]
    fn names_of_snapshots_are_utc() {
        assert_eq!(snapshot_time("20260510-061502-before"), Stamp::parse("2026-05-10T06:15:02Z"));
        for bad in ["", "20260510_061502", "2026-05-10", "20260510-0615021", "20261310-061502", "é20260510-06150"] {
            assert_eq!(snapshot_time(bad), None, "{bad}");
        }
    }
}
