//! Which records are one turn: equal ids, a log's record of a run, and for Hermes the same session
//! and time. Every lookup goes by time, so that a log of fifty thousand failures costs no square.

use super::turns::TurnSeen;
use crate::event::{Client, SourceKind, Stop};
use crate::secret::Key;
use std::collections::BTreeMap;

/// Records of one Hermes turn in different files may be this far apart: its transcript stamp is
/// taken after the reply was sent, up to 5 s late (0.13.0).
const SAME_TURN_MS: i64 = 15_000;
/// A request without an answer says when the turn began; it may have failed this much later.
const LONGEST_TURN_MS: i64 = 30 * 60_000;
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
    let turns = same_request(turns, duplicates);
    let turns = same_run(turns, duplicates);
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

/// A trajectory and a transcript of OpenClaw both keep the millisecond in which the model was asked.
fn same_request(turns: Vec<TurnSeen>, duplicates: &mut [u64]) -> Vec<TurnSeen> {
    let mut kept: Vec<TurnSeen> = Vec::with_capacity(turns.len());
    let mut asked: BTreeMap<(Client, Key, i64), usize> = BTreeMap::new();
    for turn in turns {
        let key = turn.session.zip(turn.started).map(|(session, started)| (turn.client, session, started.ms));
        let known = key.filter(|_| turn.kind == SourceKind::OpenclawTrajectory).and_then(|key| asked.get(&key).copied());
        match known {
            Some(at) => take_over(&mut kept, at, &turn, duplicates),
            None => {
                if let Some(key) = key.filter(|_| matches!(turn.kind, SourceKind::OpenclawSession)) {
                    asked.entry(key).or_insert(kept.len());
                }
                kept.push(turn);
            }
        }
    }
    kept
}

/// Does a source of this kind tell of turns that another one may hold as well?
fn is_second_hand(turn: &TurnSeen) -> bool {
    use SourceKind as K;
    match turn.kind {
        K::OpenclawGatewayLog | K::OpenclawConsole | K::OpenclawStateDb | K::OpenclawAgentDb | K::OpenclawCronRuns => true,
        // One that was asked is told apart by the time of its request.
        K::OpenclawTrajectory => turn.started.is_none(),
        _ => false,
    }
}

/// A log's record of a run belongs to the failed entry of that run in a transcript. A run may
/// have several entries (automatic retries), and a run id may serve several turns (OpenClaw's
/// local runs take the session's id): the nearest failed record of another file is meant. Scheduled
/// jobs and windows of sessions name a session only. A console names neither, and states the same
/// failures milliseconds apart.
fn same_run(turns: Vec<TurnSeen>, duplicates: &mut [u64]) -> Vec<TurnSeen> {
    let mut kept: Vec<TurnSeen> = Vec::with_capacity(turns.len());
    let mut failed = Failed::new();
    for turn in turns {
        let failure = turn.stop.is_failure();
        match (failure && is_second_hand(&turn)).then(|| failed.same(&turn, &kept)).flatten() {
            Some(place) => take_over(&mut kept, place, &turn, duplicates),
            None => {
                if failure {
                    failed.put(&turn, kept.len());
                }
                kept.push(turn);
            }
        }
    }
    kept
}

/// Failed turns, by all that a second-hand record may know of them.
struct Failed {
    by_run: Near<(Client, Key)>,
    by_session: Near<(Client, Key)>,
    by_home: Near<(Client, Option<String>)>,
}

impl Failed {
    fn new() -> Failed {
        Failed { by_run: Near::new(), by_session: Near::new(), by_home: Near::new() }
    }

    fn put(&mut self, turn: &TurnSeen, place: usize) {
        self.by_home.put((turn.client, turn.home.clone()), turn.at.ms, place);
        if let Some(run) = turn.run {
            self.by_run.put((turn.client, run), turn.at.ms, place);
        }
        if let Some(session) = turn.session {
            self.by_session.put((turn.client, session), turn.at.ms, place);
        }
    }

    /// The turn of another file that `turn` tells of.
    fn same(&self, turn: &TurnSeen, kept: &[TurnSeen]) -> Option<usize> {
        let at = turn.at.ms;
        let nearest = |near: &mut dyn Iterator<Item = usize>| {
            let other_file = near.filter(|&i| kept[i].origin.source != turn.origin.source);
            other_file.min_by_key(|&i| ((kept[i].at.ms - at).abs(), i))
        };
        if let Some(run) = turn.run {
            return nearest(&mut self.by_run.between(&(turn.client, run), at - LATE_MS, at + LATE_MS));
        }
        let by_session = |session| nearest(&mut self.by_session.between(&(turn.client, session), at - LATE_MS, at + LATE_MS));
        let home = (turn.client, turn.home.clone());
        let by_home = || nearest(&mut self.by_home.between(&home, at - SAME_MOMENT_MS, at + SAME_MOMENT_MS));
        turn.session.and_then(by_session).or_else(by_home)
    }
}

/// Hermes: log, transcript, dump and rows of one turn share the session and the time. A session
/// has one id in all homes it is copied to.
fn same_hermes_turn(mut kept: Vec<TurnSeen>, duplicates: &mut [u64]) -> Vec<TurnSeen> {
    let hermes: Vec<TurnSeen> = kept.extract_if(.., |t| t.client == Client::Hermes).collect();
    let mut known: Vec<TurnSeen> = Vec::with_capacity(hermes.len());
    let mut by_session: Near<Option<Key>> = Near::new();
    let mut sessionless: Vec<TurnSeen> = Vec::new();
    for turn in hermes {
        let ahead = by_session.between(&turn.session, turn.at.ms - SAME_TURN_MS, i64::MAX).take(MOST_NEAR);
        let same = ahead.filter(|&at| is_same_turn(&known[at], &turn)).min_by_key(|&at| (distance(&known[at], &turn), at));
        match same {
            Some(at) => {
                known[at].rows.extend(is_rows(turn.kind).then_some(turn.kind));
                take_over(&mut known, at, &turn, duplicates);
            }
            // A failed credential lookup is logged without a session; its transcript comes later
            // in this order, so it waits.
            None if turn.session.is_none() => sessionless.push(turn),
            None => {
                by_session.put(turn.session, turn.at.ms, known.len());
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
    if known.kind == other.kind || known.session.is_none() {
        return false;
    }
    if is_rows(other.kind) {
        return !known.rows.contains(&other.kind) && is_turn_of_rows(known, other);
    }
    let inside =
        known.started.is_some_and(|start| other.at.ms >= start.ms - SAME_TURN_MS && other.at.ms <= known.at.ms + SAME_TURN_MS);
    inside || distance(known, other) <= SAME_TURN_MS
}

/// Rows of a database say when a turn was answered, and of one without an answer when it began
/// (or ended, where the row was stored at the end).
fn is_turn_of_rows(known: &TurnSeen, rows: &TurnSeen) -> bool {
    let near = |a: i64, b: i64| (a - b).abs() <= SAME_TURN_MS;
    let at_end = near(known.at.ms, rows.at.ms);
    let unanswered = matches!(rows.stop, Stop::Unfinished | Stop::Unknown);
    let begun = rows.started.filter(|_| unanswered && !known.stop.is_success());
    at_end
        || begun.is_some_and(|begun| match known.started {
            Some(start) => near(start.ms, begun.ms),
            None => (-SAME_TURN_MS..=LONGEST_TURN_MS).contains(&(known.at.ms - begun.ms)),
        })
}

/// Rows of a database, as it stands or exported.
fn is_rows(kind: SourceKind) -> bool {
    matches!(kind, SourceKind::HermesStateDb | SourceKind::HermesExport)
}

fn distance(a: &TurnSeen, b: &TurnSeen) -> i64 {
    let starts = a.started.zip(b.started).map(|(a, b)| (a.ms - b.ms).abs());
    (a.at.ms - b.at.ms).abs().min(starts.unwrap_or(i64::MAX))
}
