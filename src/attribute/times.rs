//! Times and distances as the sentences of findings give them.
//!
//! Apart from [`super::wording`], which makes whole sentences of the facts of a case.

use crate::correlate::{When, Zone};
use crate::time;

/// By how much a clock is off, as sentences give it: to ten seconds, which is what is known.
pub(super) fn off(ahead: i64) -> String {
    const STEP_MS: i64 = 10_000;
    let rounded = ahead.abs().saturating_add(STEP_MS / 2) / STEP_MS * STEP_MS;
    format!("about {} {}", time::span(rounded), if ahead > 0 { "ahead of" } else { "behind" })
}

/// A time as sentences give it.
pub(in crate::attribute) fn day(when: When) -> String {
    let mark = match when.zone {
        Zone::Unknown => " (zone unknown)",
        Zone::Open => " (or another hour)",
        _ => "",
    };
    format!("{}{mark}", time::rfc3339(when.said()))
}
