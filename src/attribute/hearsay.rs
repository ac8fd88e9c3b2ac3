//! Refusals that a log may only have repeated. Hermes puts what people, tools and scripts printed into its log
//! as it is, line by line, and lines of another log among that read like its own; so do a console of OpenClaw and
//! what `codex exec` prints for people. Most show by their form and their times. What remains is told here, as far
//! as no turn failed by it:
//!
//! - By its session: a log of Hermes that opens every turn (0.9 to 0.19) knows the sessions whose threads write in
//!   it, and one that never had a turn there is somebody else's. The opening may have been rotated away.
//! - By its reason: a program refreshes when its access token is about to end, or was refused. Where a line of a
//!   log alone tells of a refusal, and nothing on record had asked for the refresh, a status command may have
//!   tried it (some do), or it was another program's.
//!
//! Either makes a refusal no more doubtful than possible.
//!
//! Apart from the hypotheses, since it weakens whatever they make of such records, and from the readers, which
//! see one file.

use super::case::Case;
use super::confidence::Confidence;
use super::finding::{Finding, Item};
use super::presented;
use crate::correlate::FailureSeen;
use crate::event::{Client, ErrorClass};
use crate::secret::Key;
use std::collections::BTreeSet;

/// Turns that are looked at, on either side of the first refusal.
const MOST: usize = 4_096;

/// Why a refusal may be quoted, and the record that says so.
pub(super) struct Hearsay {
    because: &'static str,
    record: Item,
}

/// Why the refusals of an incident without a failed turn may be quoted, if so.
pub(super) fn of(case: &Case<'_>) -> Option<Hearsay> {
    let incident = case.incident;
    if incident.failed_turns > 0 || incident.failures.iter().any(|f| f.is_turn) {
        return None;
    }
    let strange = || {
        let because = "only a log tells of it, in the name of a session that had no turn there: it may have been quoted";
        stranger(case).map(|record| Hearsay { because, record })
    };
    let unasked = || {
        let because =
            "only lines of a log tell of it, no turn failed, and nothing had asked for a refresh: they may have been quoted";
        let quotable =
            !incident.failures.is_empty() && incident.failures.iter().all(|f| f.quotable && f.failure.class.is_refresh());
        presented::unasked(case).filter(|_| quotable).map(|record| Hearsay { because, record })
    };
    strange().or_else(unasked)
}

/// The record on which it rests, where its session opened no turn in a log that has those of others.
fn stranger(case: &Case<'_>) -> Option<Item> {
    let incident = case.incident;
    if incident.victim.client != Client::Hermes {
        return None;
    }
    let named: Vec<(&FailureSeen, Key)> = incident.failures.iter().filter_map(|f| Some((f, f.session?))).collect();
    // `errors.log` repeats what `agent.log` says, and may begin after the session. Anything else, a store or
    // another moment, speaks for itself.
    let said: BTreeSet<(i64, ErrorClass)> = named.iter().map(|(f, _)| (f.at.ms, f.failure.class)).collect();
    if named.is_empty() || incident.failures.iter().any(|f| !said.contains(&(f.at.ms, f.failure.class))) {
        return None;
    }
    let turns = &case.known.turns;
    let at = turns.partition_point(|turn| turn.at().ms < incident.first.ms);
    let near = turns.get(at.saturating_sub(MOST)..turns.len().min(at.saturating_add(MOST)))?;
    let own =
        near.iter().filter(|turn| turn.setting.site.client == Client::Hermes && turn.setting.site.home == incident.victim.home);
    let opened: BTreeSet<Key> = own.filter_map(|turn| turn.setting.asked.session).collect();
    let foreign = !opened.is_empty() && named.iter().all(|(_, session)| !opened.contains(session));
    named.first().filter(|_| foreign).map(|(failure, _)| case.failure(failure))
}

/// Allow a finding no more than a guess.
pub(super) fn limit(finding: &mut Finding, hearsay: &Hearsay) {
    if finding.is_open() {
        finding.limit(Confidence::Possible, hearsay.because, Some(hearsay.record.clone()));
    }
}
