//! Which records are one turn: equal ids, a log's record of a run, and for Hermes the same session
//! and time. Every lookup goes by time, so that a log of fifty thousand failures costs no square.

use super::captures;
use super::turns::TurnSeen;
use crate::event::{Client, SourceKind};
use crate::secret::Key;
use std::collections::BTreeMap;

/// Records of one Hermes turn in different files may be this far apart: its transcript stamp is
/// taken after the reply was sent, up to 5 s late (0.13.0).
const SAME_TURN_MS: i64 = 15_000;
/// A log follows the turn by less than this.
const LATE_MS: i64 = 60_000;
/// Without a run id only the same moment counts.
const SAME_MOMENT_MS: i64 = 2_000;
/// Turns of one session that are looked at from a time on; those of one session hardly overlap.
const MOST_NEAR: usize = 32;

/// Places of turns by some key and time.
struct Near<K>(BTreeMap<(K, i64), Vec<usize>>);

impl<K: Ord + Clone> Near<K> {
    fn new() -> Near<K> {
        Near(BTreeMap::new())
    }

    fn put(&mut self, key: K, ms: i64, place: usize) {
        self.0.entry((key, ms)).or_default().push(place);
    }

    /// Places from `from` to `to`, by time.
    fn between(&self, key: &K, from: i64, to: i64) -> impl Iterator<Item = usize> {
        self.0.range((key.clone(), from)..=(key.clone(), to)).flat_map(|(_, places)| places.iter().copied())
    }
}

/// Every turn once, records in order of what they tell.
pub(super) fn merged(turns: Vec<TurnSeen>, duplicates: &mut [u64]) -> Vec<TurnSeen> {
    let turns = same_id(turns, duplicates);
    let turns = same_run(turns, duplicates);
    let turns = captures::merged(captures::without_helpers(turns), duplicates);
    same_hermes_turn(turns, duplicates)
}

/// The record `kept[at]` takes over what another one of the same turn adds.
fn take_over(kept: &mut [TurnSeen], at: usize, turn: &TurnSeen, duplicates: &mut [u64]) {
    kept[at].learn(turn);
    duplicates[turn.origin.source as usize] += 1;
}

/// Equal ids.
fn same_id(turns: Vec<TurnSeen>, duplicates: &mut [u64]) -> Vec<TurnSeen> {
    let mut kept: Vec<TurnSeen> = Vec::with_capacity(turns.len());
    let mut place: BTreeMap<(Client, Key), usize> = BTreeMap::new();
    for turn in turns {
        match turn.id.and_then(|id| place.get(&(turn.client, id)).copied()) {
            Some(at) => take_over(&mut kept, at, &turn, duplicates),
            None => {
                if let Some(id) = turn.id {
                    place.insert((turn.client, id), kept.len());
                }
                kept.push(turn);
            }
        }
    }
    kept
}

/// A log's record of a run belongs to the failed entry of that run in a transcript. A run may
/// have several entries (automatic retries), and a run id may serve several turns (OpenClaw's
/// local runs take the session's id): the nearest failed record of another file is meant. A
/// console states no run id and the same failures milliseconds apart.
fn same_run(turns: Vec<TurnSeen>, duplicates: &mut [u64]) -> Vec<TurnSeen> {
    let mut kept: Vec<TurnSeen> = Vec::with_capacity(turns.len());
    let mut by_run: Near<(Client, Key)> = Near::new();
    let mut by_home: Near<(Client, Option<String>)> = Near::new();
    for turn in turns {
        let is_log = matches!(turn.kind, SourceKind::OpenclawGatewayLog | SourceKind::OpenclawConsole);
        let (at, home) = (turn.at.ms, (turn.client, turn.home.clone()));
        let near: Vec<usize> = match turn.run.filter(|_| is_log && turn.stop.is_failure()) {
            Some(run) => by_run.between(&(turn.client, run), at - LATE_MS, at + LATE_MS).collect(),
            None if is_log && turn.stop.is_failure() => by_home.between(&home, at - SAME_MOMENT_MS, at + SAME_MOMENT_MS).collect(),
            None => Vec::new(),
        };
        let other_file = near.into_iter().filter(|&i| kept[i].origin.source != turn.origin.source);
        match other_file.min_by_key(|&i| ((kept[i].at.ms - at).abs(), i)) {
            Some(place) => take_over(&mut kept, place, &turn, duplicates),
            None => {
                if turn.stop.is_failure() {
                    by_home.put(home, at, kept.len());
                    if let Some(run) = turn.run {
                        by_run.put((turn.client, run), at, kept.len());
                    }
                }
                kept.push(turn);
            }
        }
    }
    kept
}

/// Hermes: log, transcript, dump and snapshot of one turn share the session and the time.
fn same_hermes_turn(turns: Vec<TurnSeen>, duplicates: &mut [u64]) -> Vec<TurnSeen> {
    let (hermes, mut kept): (Vec<_>, Vec<_>) = turns.into_iter().partition(|t| t.client == Client::Hermes);
    let mut known: Vec<TurnSeen> = Vec::with_capacity(hermes.len());
    let mut by_session: Near<(Option<String>, Option<Key>)> = Near::new();
    let mut sessionless: Vec<TurnSeen> = Vec::new();
    for turn in hermes {
        let key = (turn.home.clone(), turn.session);
        let ahead = by_session.between(&key, turn.at.ms - SAME_TURN_MS, i64::MAX).take(MOST_NEAR);
        let same = ahead.filter(|&at| is_same_turn(&known[at], &turn)).min_by_key(|&at| (distance(&known[at], &turn), at));
        match same {
            Some(at) => take_over(&mut known, at, &turn, duplicates),
            // A failed credential lookup is logged without a session; its transcript comes later
            // in this order, so it waits.
            None if turn.session.is_none() => sessionless.push(turn),
            None => {
                by_session.put(key, turn.at.ms, known.len());
                known.push(turn);
            }
        }
    }
    place_sessionless(&mut known, sessionless, duplicates);
    kept.append(&mut known);
    kept
}

/// A record without a session belongs to the nearest failure of the home in a file of another kind.
fn place_sessionless(known: &mut Vec<TurnSeen>, sessionless: Vec<TurnSeen>, duplicates: &mut [u64]) {
    let mut failed: Near<Option<String>> = Near::new();
    for (at, turn) in known.iter().enumerate().filter(|(_, t)| t.stop.is_failure()) {
        failed.put(turn.home.clone(), turn.at.ms, at);
    }
    for turn in sessionless {
        let near = failed.between(&turn.home, turn.at.ms - SAME_TURN_MS, turn.at.ms + SAME_TURN_MS);
        let same = near.filter(|&at| known[at].kind != turn.kind).min_by_key(|&at| (distance(&known[at], &turn), at));
        match same {
            Some(at) => take_over(known, at, &turn, duplicates),
            None => {
                if turn.stop.is_failure() {
                    failed.put(turn.home.clone(), turn.at.ms, known.len());
                }
                known.push(turn);
            }
        }
    }
}

fn is_same_turn(known: &TurnSeen, other: &TurnSeen) -> bool {
    let inside =
        known.started.is_some_and(|start| other.at.ms >= start.ms - SAME_TURN_MS && other.at.ms <= known.at.ms + SAME_TURN_MS);
    known.kind != other.kind && (inside || distance(known, other) <= SAME_TURN_MS)
}

fn distance(a: &TurnSeen, b: &TurnSeen) -> i64 {
    (a.at.ms - b.at.ms).abs()
}
