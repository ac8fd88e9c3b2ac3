//! Refreshes that a process began and that nothing ends: neither a success nor a refusal of that
//! process follows, and its log breaks off right after. Whether the token was spent is open.
//!
//! Apart from the acts that one record states, since here it is what is missing that tells. It takes a
//! log that tells processes apart and keeps all of their rows (Codex' database, 0.130 on). Elsewhere an
//! end that is not on record says nothing of how the refresh ended; that it was sent is known all the same
//! (opencode logs the attempt and a failure, and never a success).

use super::act::{AGREE_MS, Act};
use crate::correlate::stores::StoreId;
use crate::event::{Client, Event, EventKind};
use crate::evidence::Evidence;
use crate::secret::Key;
use std::collections::{BTreeMap, BTreeSet};

/// A client gives a refresh up within this time (Codex and OpenClaw wait 10 to 30 s).
const LONGEST_MS: i64 = 60_000;

/// What is known of a process.
#[derive(Debug, Default)]
struct Seen {
    /// When its last refresh ended, well or not.
    ended: Option<i64>,
    /// When its record ends.
    until: Option<i64>,
    /// It was refused before: Codex then fails later refreshes out of memory, without asking.
    refused: Option<i64>,
}

/// The beginnings of refreshes that have no end on record. Times of one log are compared with each
/// other only, so that its clock does not matter.
pub(super) fn beginnings(events: &[Event]) -> Vec<&Event> {
    let mut seen: BTreeMap<Key, Seen> = BTreeMap::new();
    for event in events {
        let Some(at) = event.at.map(|at| at.ms) else { continue };
        match event.kind {
            EventKind::Refreshed { process: Some(process), .. } => {
                let known = seen.entry(process).or_default();
                known.ended = known.ended.max(Some(at));
            }
            EventKind::Refused { process: Some(process), .. } => {
                let known = seen.entry(process).or_default();
                known.ended = known.ended.max(Some(at));
                known.refused = Some(known.refused.map_or(at, |first| first.min(at)));
            }
            EventKind::Covered { process: Some(process), .. } => {
                let known = seen.entry(process).or_default();
                known.until = known.until.max(Some(at));
            }
            _ => {}
        }
    }
    let is_open = |event: &&Event| {
        let EventKind::RefreshStarted { process: Some(process) } = event.kind else { return false };
        let (Some(at), Some(known)) = (event.at.map(|at| at.ms), seen.get(&process)) else { return false };
        let broke_off = known.until.is_some_and(|until| until.saturating_sub(at) <= LONGEST_MS);
        broke_off && known.ended.is_none_or(|ended| ended < at) && known.refused.is_none_or(|first| first > at)
    };
    events.iter().filter(is_open).collect()
}

/// The beginnings of refreshes in logs of a program that never say that one worked, where that log tells of no
/// failure right after. Whether it worked its store may show.
pub(super) fn untold(evidence: &Evidence) -> Vec<&Event> {
    let is_untelling = |event: &Event| {
        let source = evidence.sources.get(event.origin.source as usize);
        source.is_some_and(|source| source.kind.client() == Client::Opencode)
    };
    let mut refused: BTreeMap<u32, Vec<i64>> = BTreeMap::new();
    for event in evidence.stated.events.iter().filter(|event| matches!(event.kind, EventKind::Refused { .. })) {
        refused.entry(event.origin.source).or_default().extend(event.at.map(|at| at.ms));
    }
    refused.values_mut().for_each(|list| list.sort_unstable());
    let is_open = |event: &&Event| {
        let Some(at) = event.at.map(|at| at.ms) else { return false };
        let list = refused.get(&event.origin.source).map(Vec::as_slice).unwrap_or_default();
        let next = list.get(list.partition_point(|refused| *refused < at));
        next.is_none_or(|refused| refused.saturating_sub(at) > LONGEST_MS)
    };
    let begun = |event: &&Event| matches!(event.kind, EventKind::RefreshStarted { .. }) && is_untelling(event);
    evidence.stated.events.iter().filter(begun).filter(is_open).collect()
}

/// Those of them whose store shows no change of that time, which would be what came of it.
pub(super) fn unshown(begun: Vec<Act>, acts: &[Act]) -> Vec<Act> {
    let mut changed: BTreeMap<StoreId, BTreeSet<i64>> = BTreeMap::new();
    for (store, act) in acts.iter().filter_map(|act| Some((act.store?, act))).filter(|(_, act)| act.held.is_some()) {
        changed.entry(store).or_default().insert(act.at.ms);
    }
    let near = |at: i64| at.saturating_sub(AGREE_MS)..=at.saturating_add(AGREE_MS);
    let shows =
        |act: &Act| act.store.and_then(|id| changed.get(&id)).is_some_and(|list| list.range(near(act.at.ms)).next().is_some());
    begun.into_iter().filter(|act| !shows(act)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{ErrorClass, Failure, Level, Origin};
    use crate::secret::{Kind, Vault};
    use crate::time::Stamp;

    fn events(list: Vec<(i64, EventKind)>) -> Vec<Event> {
        let origin = Origin { source: 0, line: 1, byte: 0 };
        list.into_iter().map(|(ms, kind)| Event { at: Some(Stamp::utc(ms)), origin, kind }).collect()
    }

    #[test]
    fn only_a_refresh_that_breaks_off_with_its_process_is_open() {
        let process = Some(Vault::new([5; 32]).key(Kind::Process, "1"));
        let started = |ms| (ms, EventKind::RefreshStarted { process });
        let covered = |ms| (ms, EventKind::Covered { process, client: Client::Codex, since: Stamp::utc(0), whole: true });
        let failure = Failure { class: ErrorClass::RefreshTokenReused, level: Level::TokenEndpoint };
        let refused = |ms| (ms, EventKind::Refused { failure, account: None, process, session: None, agent: None });
        let done = |ms| (ms, EventKind::Refreshed { account: None, process });
        let open = |list| beginnings(&events(list)).len();
        assert_eq!(open(vec![started(1_000), covered(4_000)]), 1);
        assert_eq!(open(vec![started(1_000), covered(400_000)]), 0, "the process went on");
        assert_eq!(open(vec![started(1_000), done(1_500), covered(4_000)]), 0);
        assert_eq!(open(vec![started(1_000), refused(1_500), covered(4_000)]), 0);
        assert_eq!(open(vec![refused(500), started(1_000), covered(4_000)]), 0, "a failure out of memory");
        assert_eq!(open(vec![started(1_000)]), 0, "a log that says nothing of its extent");
    }
}
