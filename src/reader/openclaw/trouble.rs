//! Profiles that OpenClaw has stopped using for a while: the statistics it keeps of them.
//!
//! Apart from the readers because they stand in `auth-state.json`, in 2026.3.2 inside
//! `auth-profiles.json`, and as single events in the log. All times are epoch milliseconds.
//!
//! `auth_permanent` says that a credential was refused for good, not by which call. Where the
//! profile is behind the fence of a failed refresh, it was the refresh (2026.9.6: what the client
//! takes for final is a refusal in the server's words; a refresh that it could not send leaves the
//! fence and no such reason).

use super::reasons;
use crate::event::{ErrorClass, EventKind, Failure, Level, Origin, Section, StoreTrouble, TroubleKind};
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

/// OpenClaw's word for a credential that was refused for good.
pub(super) const FOR_GOOD: &str = "auth_permanent";
/// What that means where it was the refresh.
pub(super) const REFUSED: Failure = Failure { class: ErrorClass::RefreshRefused, level: Level::Sentence };

/// A pause that is to be stated.
pub(super) struct Paused {
    at: Option<Stamp>,
    origin: Origin,
    trouble: StoreTrouble,
    /// Refused for good, by whichever call.
    for_good: bool,
}

impl Paused {
    /// State it. `fenced` are the profiles whose refresh failed.
    pub(super) fn state(mut self, fenced: &[Section], facts: &mut Facts<'_>) {
        if self.for_good && self.trouble.section.is_some_and(|section| fenced.contains(&section)) {
            self.trouble.failure = Some(REFUSED);
        }
        facts.push(self.at, self.origin, EventKind::Trouble(self.trouble));
    }
}

/// The pauses among the statistics of all profiles.
pub(super) fn of_statistics(stats: &str, origin: Origin, facts: &Facts<'_>) -> Vec<Paused> {
    let ours = |(id, _): &(String, &str)| reasons::is_chatgpt_profile(id) == Some(true);
    json::members(stats).into_iter().filter(ours).filter_map(|(id, raw)| paused(&id, raw, origin, facts)).collect()
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

fn paused(id: &str, raw: &str, origin: Origin, facts: &Facts<'_>) -> Option<Paused> {
    let profile = Members::of(raw, &PROFILE).ok()?;
    let time = |member: &str| profile.number(member).and_then(Stamp::epoch);
    let pauses = [("disabledUntil", "disabledReason"), ("blockedUntil", "blockedReason"), ("cooldownUntil", "cooldownReason")];
    let (until, reason) = pauses.into_iter().find(|(until, _)| time(until).is_some())?;
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
    Some(Paused { at: time("lastFailureAt"), origin, trouble, for_good: reason == FOR_GOOD })
}

/// The reason that was counted most often, where none is named.
fn most_counted(profile: &Members<'_, 8>) -> Option<String> {
    let counts = profile.raw("failureCounts").map(json::members).unwrap_or_default();
    let counted = counts.into_iter().filter_map(|(reason, raw)| Some((raw.parse::<u64>().ok()?, reason)));
    counted.max_by_key(|(count, _)| *count).map(|(_, reason)| reason)
}
