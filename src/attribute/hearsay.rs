//! Refusals that a log may only have repeated. Hermes puts what people, tools and scripts printed into its log
//! as it is, line by line, and lines of another log among that read like its own. Most show by their times; what
//! remains is told by its session: a log that opens every turn (0.9 to 0.19) knows the sessions whose threads
//! write in it, and one that never had a turn there is somebody else's. The opening may have been rotated away,
//! so that this makes a refusal no more doubtful than possible, and only where no turn failed by it.
//!
//! Apart from the hypotheses, since it weakens whatever they make of such records, and from the reader, which
//! sees one file.

use super::case::Case;
use super::confidence::Confidence;
use super::finding::{Finding, Item};
use crate::correlate::FailureSeen;
use crate::event::{Client, ErrorClass};
use crate::secret::Key;
use std::collections::BTreeSet;

/// Turns that are looked at, on either side of the first refusal.
const MOST: usize = 4_096;

/// The record on which an incident without a failed turn rests, where its session opened no turn in a log that
/// has those of others.
pub(super) fn of(case: &Case<'_>) -> Option<Item> {
    let incident = case.incident;
    if incident.victim.client != Client::Hermes || incident.failed_turns > 0 || incident.failures.iter().any(|f| f.is_turn) {
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
    let at = turns.partition_point(|turn| turn.at.ms < incident.first.ms);
    let near = turns.get(at.saturating_sub(MOST)..turns.len().min(at.saturating_add(MOST)))?;
    let own = near.iter().filter(|turn| turn.client == Client::Hermes && turn.home == incident.victim.home);
    let opened: BTreeSet<Key> = own.filter_map(|turn| turn.session).collect();
    let foreign = !opened.is_empty() && named.iter().all(|(_, session)| !opened.contains(session));
    named.first().filter(|_| foreign).map(|(failure, _)| case.failure(failure))
}

/// Allow a finding no more than a guess.
pub(super) fn limit(finding: &mut Finding, record: &Item) {
    if finding.is_open() {
        let because = "only a log tells of it, in the name of a session that had no turn there: it may have been quoted";
        finding.limit(Confidence::Possible, because, Some(record.clone()));
    }
}
