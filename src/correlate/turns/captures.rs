//! Records of Codex turns that bear no time or no rollout of their own, put to the turns that rollouts
//! hold: captures of `codex exec --json` know their session alone, and a log database names
//! errors of turns that no user asked for.

use super::turn::TurnSeen;
use crate::event::{Client, ErrorClass, SourceKind};
use crate::secret::Key;
use std::collections::{BTreeMap, BTreeSet};

/// Each capture belongs to a turn of its session. What failed is taken over where it is clear which
/// turn that is; a session that only captures know keeps them as turns.
pub(in crate::correlate) fn merged(turns: Vec<TurnSeen>, duplicates: &mut [u64]) -> Vec<TurnSeen> {
    let (captures, mut kept): (Vec<_>, Vec<_>) =
        turns.into_iter().partition(|t| t.setting.site.kind == SourceKind::CodexExecCapture);
    let mut sessions: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for (place, turn) in kept.iter().enumerate().filter(|(_, t)| t.setting.site.client == Client::Codex) {
        if let Some(session) = turn.setting.asked.session {
            sessions.entry(session).or_default().push(place);
        }
    }
    let mut by_session: BTreeMap<Option<Key>, Vec<TurnSeen>> = BTreeMap::new();
    captures.into_iter().for_each(|capture| by_session.entry(capture.setting.asked.session).or_default().push(capture));
    for (session, captures) in by_session {
        match session.and_then(|session| sessions.get(&session)) {
            Some(places) => {
                captures.iter().for_each(|capture| duplicates[capture.origin().source as usize] += 1);
                name(&mut kept, places, &captures);
            }
            None => kept.extend(captures),
        }
    }
    kept
}

/// Failed captures say why turns failed, where every turn that does not say so itself is one of
/// them, or where they all say the same.
fn name(kept: &mut [TurnSeen], places: &[usize], captures: &[TurnSeen]) {
    let failed: Vec<&TurnSeen> = captures.iter().filter(|c| c.stop.is_failure() && c.failure.is_some()).collect();
    let unstated = |turn: &TurnSeen| {
        turn.stop.is_failure() && turn.failure.is_none_or(|f| matches!(f.class, ErrorClass::Unstated | ErrorClass::Unlisted))
    };
    let open: Vec<usize> = places.iter().copied().filter(|&place| unstated(&kept[place])).collect();
    let Some(first) = failed.first() else { return };
    let alike = failed.iter().all(|c| c.failure == first.failure);
    if alike && failed.len() >= open.len() {
        open.iter().zip(&failed).for_each(|(&place, capture)| kept[place].learn(capture));
    }
}

/// A failed turn that a log database alone knows is a user's only where its session is: the terminal
/// program of 0.169 lets a small model work beside the user's turns, without a rollout.
pub(super) fn without_helpers(turns: Vec<TurnSeen>) -> Vec<TurnSeen> {
    let of_rollouts = |t: &&TurnSeen| t.setting.site.kind == SourceKind::CodexRollout;
    let homes: BTreeSet<Option<String>> = turns.iter().filter(of_rollouts).map(|t| t.setting.site.home.clone()).collect();
    let sessions: BTreeSet<Key> = turns.iter().filter(of_rollouts).filter_map(|t| t.setting.asked.session).collect();
    let is_users = |turn: &TurnSeen| {
        let in_database = turn.setting.site.kind == SourceKind::CodexLogsDb && homes.contains(&turn.setting.site.home);
        !in_database || turn.setting.asked.session.is_some_and(|session| sessions.contains(&session))
    };
    turns.into_iter().filter(is_users).collect()
}
