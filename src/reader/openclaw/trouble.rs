//! Profiles that OpenClaw has stopped using for a while: the statistics it keeps of them.
//!
//! Apart from the readers because they stand in `auth-state.json`, in 2026.3.2 inside
//! `auth-profiles.json`, and as single events in the log. All times are epoch milliseconds.

use super::reasons;
use crate::event::{EventKind, Origin, StoreTrouble, TroubleKind};
use crate::reader::Facts;
use crate::reader::json::{self, Members};
use crate::time::Stamp;

/// `disabled` stands for a credential that is dead until a new login, or for an account without
/// credit, which comes back by itself.
pub(super) fn pause_kind(disabled: bool, reason: &str) -> TroubleKind {
    match (disabled, reason) {
        (true, "billing") => TroubleKind::Exhausted,
        (true, _) => TroubleKind::Dead,
        (false, _) => TroubleKind::Cooldown,
    }
}

/// The pauses among the statistics of all profiles.
pub(super) fn of_statistics(stats: &str, origin: Origin, facts: &mut Facts<'_>) {
    for (id, raw) in json::members(stats) {
        if reasons::is_chatgpt_profile(&id) == Some(true) {
            trouble(&id, raw, origin, facts);
        }
    }
}

const PROFILE: [&str; 8] = [
    "disabledUntil",
    "disabledReason",
    "cooldownUntil",
    "cooldownReason",
    "blockedUntil",
    "blockedReason",
    "failureCounts",
    "lastFailureAt",
];

fn trouble(id: &str, raw: &str, origin: Origin, facts: &mut Facts<'_>) {
    let Ok(profile) = Members::of(raw, &PROFILE) else { return };
    let time = |member: &str| profile.number(member).and_then(Stamp::epoch);
    let pauses = [("disabledUntil", "disabledReason"), ("blockedUntil", "blockedReason"), ("cooldownUntil", "cooldownReason")];
    let Some((until, reason)) = pauses.into_iter().find(|(until, _)| time(until).is_some()) else { return };
    let reason = profile.text(reason).map(|word| word.into_owned()).or_else(|| most_counted(&profile)).unwrap_or_default();
    let trouble = StoreTrouble {
        kind: match until {
            "blockedUntil" => TroubleKind::Exhausted,
            _ => pause_kind(until == "disabledUntil", &reason),
        },
        section: reasons::section(id, facts),
        failure: Some(reasons::meaning(&reason)),
        until: time(until),
    };
    facts.push(time("lastFailureAt"), origin, EventKind::Trouble(trouble));
}

/// The reason that was counted most often, where none is named.
fn most_counted(profile: &Members<'_, 8>) -> Option<String> {
    let counts = profile.raw("failureCounts").map(json::members).unwrap_or_default();
    let counted = counts.into_iter().filter_map(|(reason, raw)| Some((raw.parse::<u64>().ok()?, reason)));
    counted.max_by_key(|(count, _)| *count).map(|(_, reason)| reason)
}
