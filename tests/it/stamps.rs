//! Stamps against a second library: where `chrono` reads a time, we read the same one or the policy
//! at the head of `time` says why not, and the other way round.

use crate::make::hostile::stamps;
use crate::make::rng::Rng;
use chrono::{DateTime, NaiveDateTime};
use stopwhy::time::{Clock, Stamp, rfc3339};

const YEARS: std::ops::Range<i64> = 1_420_070_400_000..4_102_444_800_000;

/// What chrono makes of a text, in the forms that the policy names: ms, and is it naive?
fn chrono(text: &str) -> Option<(i64, bool)> {
    let text = text.replace(',', ".").replace('t', "T");
    // Both write a leap second differently: here it is the second before.
    let leap = text.get(17..19) == Some("60");
    let text = if leap { format!("{}59{}", &text[..17], &text[19..]) } else { text };
    let zoned = ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f%#z"];
    let naive = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"];
    let zoned = zoned.iter().find_map(|form| DateTime::parse_from_str(&text.replace('z', "Z"), form).ok());
    let naive = || naive.iter().find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok());
    let ms = zoned.map(|at| (at.timestamp_millis(), false)).or_else(|| naive().map(|at| (at.and_utc().timestamp_millis(), true)));
    ms.filter(|(ms, _)| YEARS.contains(ms))
}

#[test]
fn two_libraries_read_the_same_times() {
    let mut read = 0;
    for seed in 0..200_000 {
        let text = stamps::text(&Rng::new(seed));
        let ours = Stamp::parse(&text).map(|at| (at.ms, at.is_local()));
        // The policy takes offsets up to 18 hours.
        let offset = text.get(19..).and_then(|rest| rest.rsplit_once(['+', '-'])).map(|(_, offset)| offset.replace(':', ""));
        let far = offset.is_some_and(|offset| offset.parse::<u32>().is_ok_and(|hhmm| hhmm > 1800));
        let theirs = chrono(&text).filter(|_| !far);
        assert_eq!(ours, theirs, "{text}");
        read += u64::from(ours.is_some());
    }
    assert!(read > 20_000, "{read}");
}

#[test]
fn a_number_has_one_reading_or_none() {
    for seed in 0..200_000 {
        let (number, want) = stamps::number(&Rng::new(seed));
        let read = Stamp::epoch(number);
        assert!(read.is_none_or(|at| YEARS.contains(&at.ms) && at.clock == Clock::Utc), "{number}");
        if let Some(want) = want {
            // A nanosecond number has no exact double; a millisecond of it has.
            assert!(read.is_some_and(|at| (at.ms - want).abs() <= 1), "{number} is {want}, not {read:?}");
        }
    }
    for number in [0.0, -1.0, 5.78e16, 1_420_070_399.0, 4_102_444_800.0, 253_402_300_799.0, f64::MAX, f64::NAN, f64::NEG_INFINITY] {
        assert!(Stamp::epoch(number).is_none_or(|at| YEARS.contains(&at.ms)), "{number}");
    }
    assert_eq!([Stamp::epoch(1_420_070_399.0), Stamp::epoch(4_102_444_800.0), Stamp::epoch(253_402_300_799.0)], [None; 3]);
}

#[test]
fn times_are_printed_as_chrono_prints_them() {
    for seed in 0..20_000 {
        let ms = Rng::new(seed).span(YEARS.start, YEARS.end - 1);
        let theirs = DateTime::from_timestamp_millis(ms).unwrap().format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
        assert_eq!((rfc3339(ms), Stamp::parse(&theirs)), (theirs, Some(Stamp::utc(ms))));
    }
}
