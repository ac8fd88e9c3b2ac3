//! Stamps of every form that a client writes or might, and damaged ones.

use crate::make::rng::Rng;

/// A stamp in some form of date and time. Not all are times.
pub fn text(rng: &Rng) -> String {
    let year = *rng.pick(&[1970, 2014, 2015, 2020, 2024, 2026, 2099, 2100, 9999]);
    let (month, day) = (rng.below(14), rng.below(33));
    let (hour, minute, second) = (rng.below(25), rng.below(61), rng.below(62));
    let fraction = match rng.below(3) {
        0 => String::new(),
        1 => format!(".{}", rng.text("0123456789", 1 + rng.below(9) as usize)),
        _ => format!("{}{}", rng.pick(&[".", ","]), rng.text("0123456789", 3)),
    };
    let sign = rng.pick(&["+", "-"]);
    let zone = match rng.below(5) {
        0 => "Z".to_owned(),
        1 => "z".to_owned(),
        2 => format!("{sign}{:02}:{:02}", rng.below(20), rng.pick(&[0, 15, 30, 45, 59, 60, 99])),
        3 => format!("{sign}{:02}{:02}", rng.below(20), rng.pick(&[0, 30])),
        _ => String::new(),
    };
    let between = rng.pick(&["T", "T", " ", "t"]);
    format!("{year:04}-{month:02}-{day:02}{between}{hour:02}:{minute:02}:{second:02}{fraction}{zone}")
}

/// An epoch number in one of the four units, and what it says in ms; None outside 2015 to 2100.
pub fn number(rng: &Rng) -> (f64, Option<i64>) {
    let ms = rng.span(-10_000_000_000, 300_000_000_000_000);
    let inside = (1_420_070_400_000..4_102_444_800_000).contains(&ms);
    let ms = if inside || rng.below(4) == 0 { ms } else { rng.span(1_420_070_400_000, 4_102_444_799_999) };
    let number = match rng.below(4) {
        0 => ms as f64 / 1e3,
        1 => ms as f64,
        2 => ms as f64 * 1e3,
        _ => ms as f64 * 1e6,
    };
    (number, (1_420_070_400_000..4_102_444_800_000).contains(&ms).then_some(ms))
}
