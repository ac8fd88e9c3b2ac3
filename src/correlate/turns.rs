//! Every turn once.
//!
//! One turn is written down in several places: a transcript and its repaired, archived and forked
//! copies (equal ids), a log that knows it by its run id, and for Hermes a log, a transcript and
//! a request dump that share only session and time. The record that says most stays, and takes
//! over what the others add: above all the rawest error.

use super::clock::{When, Window};
use super::sources::Span;
use super::stores::{StoreId, Stores};
use super::zone::Clocks;
use crate::event::{
    Client, ErrorClass, Event, EventKind, Failure, Model, Origin, Provider, SourceKind, Stop, TransportFailure, Turn,
};
use crate::evidence::Evidence;
use crate::secret::Key;
use std::collections::BTreeMap;

/// Records of one Hermes turn in different files may be this far apart: its transcript stamp is
/// taken after the reply was sent, up to 5 s late (0.13.0).
const SAME_TURN_MS: i64 = 15_000;

/// A turn, after de-duplication.
#[derive(Clone, Debug)]
pub struct TurnSeen {
    /// Its end.
    pub at: When,
    /// Its start, where known.
    pub started: Option<When>,
    /// The program.
    pub client: Client,
    /// Home of the program (private).
    pub home: Option<String>,
    /// The store whose credential it used, where the files tell.
    pub store: Option<StoreId>,
    /// Account the record itself names.
    pub account: Option<Key>,
    /// Session.
    pub session: Option<Key>,
    /// How it ended.
    pub stop: Stop,
    /// Who was asked.
    pub provider: Provider,
    /// Which model.
    pub model: Option<Model>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// Where the rawest statement of the failure stands.
    pub failure_origin: Origin,
    /// Transport diagnostic.
    pub transport: Option<TransportFailure>,
    /// Where the turn stands.
    pub origin: Origin,
    /// Run id.
    pub run: Option<Key>,
    /// Identity among copies.
    id: Option<Key>,
    /// Kind of source, for the merging rules.
    kind: SourceKind,
    /// Index of the event, for excerpts.
    pub event: usize,
}

/// Turns, and how many records of each source only repeated one.
#[derive(Debug)]
pub(super) struct Deduped {
    /// Every turn once, in order of time.
    pub turns: Vec<TurnSeen>,
    /// Repeats per source.
    pub duplicates: Vec<u64>,
}

/// Collect the turns.
pub(super) fn collect(
    evidence: &Evidence,
    clocks: &Clocks,
    stores: &Stores,
    spans: &[Span],
    ranks: &[u32],
    window: Window,
) -> Deduped {
    let mut turns: Vec<TurnSeen> = Vec::new();
    for (index, event) in evidence.events.iter().enumerate() {
        let EventKind::Turn(turn) = &event.kind else { continue };
        turns.extend(seen(index, event, turn, evidence, clocks, stores, spans));
    }
    turns.retain(|t| window.holds(t.at));
    // Full transcripts first, so that what stays is the richer record; rank makes it definite.
    let rank = |t: &TurnSeen| ranks.get(t.origin.source as usize).copied().unwrap_or(u32::MAX);
    turns.sort_by_key(|t| (richness(t.kind), t.at.ms, rank(t), t.origin.line, t.origin.byte));
    let mut duplicates = vec![0; evidence.sources.len()];
    let turns = same_id(turns, &mut duplicates);
    let turns = same_run(turns, &mut duplicates);
    let mut turns = same_hermes_turn(turns, &mut duplicates);
    name_unstated(&mut turns, evidence, clocks, stores);
    turns.sort_by_key(|t| (t.at.ms, t.client, rank(t), t.origin.line, t.origin.byte));
    Deduped { turns, duplicates }
}

/// A turn that failed without a stated reason (Codex before mid 2026 keeps none in its rollouts):
/// a failed model call that the same program logged during the turn names it.
fn name_unstated(turns: &mut [TurnSeen], evidence: &Evidence, clocks: &Clocks, stores: &Stores) {
    /// The log line may follow the end of the turn.
    const LATE_MS: i64 = 2_000;
    let mut calls: Vec<(i64, Client, Option<StoreId>, Failure, Origin)> = Vec::new();
    for event in &evidence.events {
        let EventKind::Transport(call) = &event.kind else { continue };
        let Some(source) = evidence.sources.get(event.origin.source as usize) else { continue };
        if let Some(when) = clocks.when(event).filter(|w| w.is_certain()) {
            calls.push((when.ms, source.kind.client().program(), stores.of_source(source), call.failure, event.origin));
        }
    }
    let unstated = |t: &&mut TurnSeen| t.failure.is_some_and(|f| f.class == ErrorClass::Unstated);
    for turn in turns.iter_mut().filter(unstated) {
        let Some(start) = turn.started else { continue };
        let during = (start.ms..=turn.at.ms.max(start.ms) + LATE_MS).clone();
        let mine = calls.iter().filter(|c| during.contains(&c.0) && c.1 == turn.client && c.2 == turn.store);
        if let Some(call) = mine.max_by_key(|c| (c.3.level, std::cmp::Reverse(c.0))) {
            turn.failure = Some(call.3);
            turn.failure_origin = call.4;
        }
    }
}

/// Transcripts tell most, then dumps and logs.
fn richness(kind: SourceKind) -> u8 {
    match kind {
        SourceKind::OpenclawSession | SourceKind::PiSession | SourceKind::CodexRollout => 0,
        SourceKind::HermesLog => 1,
        SourceKind::HermesText => 2,
        SourceKind::HermesSession => 3,
        SourceKind::HermesRequestDump => 4,
        SourceKind::HermesSessionSnapshot => 5,
        _ => 6,
    }
}

fn seen(
    index: usize,
    event: &Event,
    turn: &Turn,
    evidence: &Evidence,
    clocks: &Clocks,
    stores: &Stores,
    spans: &[Span],
) -> Option<TurnSeen> {
    let source = evidence.sources.get(event.origin.source as usize)?;
    // A turn without any time of its own is dated by the end of its file.
    let started = turn.started.map(|s| clocks.stamp(s, event.origin.source));
    let at = clocks.when(event).or(started).or_else(|| spans[event.origin.source as usize].map(|(_, last)| last))?;
    Some(TurnSeen {
        at,
        started,
        client: source.kind.client().program(),
        home: stores.home_of(source),
        store: stores.of_source(source).filter(|_| turn.provider.is_chatgpt() || turn.provider == Provider::Unknown),
        account: turn.account,
        session: turn.session,
        stop: turn.stop,
        provider: turn.provider,
        model: turn.model.clone(),
        failure: turn.failure,
        failure_origin: event.origin,
        transport: turn.transport,
        origin: event.origin,
        run: turn.run,
        id: turn.id,
        kind: source.kind,
        event: index,
    })
}

impl TurnSeen {
    /// Take over what another record of the same turn adds.
    fn learn(&mut self, other: &TurnSeen) {
        let rawer = other.failure.is_some_and(|o| self.failure.is_none_or(|s| o.level > s.level));
        if rawer && !(self.stop.is_success() && other.stop.is_success()) {
            self.failure = other.failure;
            self.failure_origin = other.failure_origin;
        }
        if self.stop == Stop::Unknown || (self.stop == Stop::Unfinished && other.stop != Stop::Unknown) {
            self.stop = other.stop;
        }
        if other.stop == Stop::Error && self.kind == SourceKind::HermesLog {
            self.stop = Stop::Error;
        }
        if self.provider == Provider::Unknown {
            self.provider = other.provider;
        }
        self.model = self.model.take().or_else(|| other.model.clone());
        self.transport = self.transport.or(other.transport);
        self.session = self.session.or(other.session);
        self.run = self.run.or(other.run);
        self.started = self.started.or(other.started);
        self.account = self.account.or(other.account);
    }
}

/// Merge records into the first that has the same value of `key`; records without one stay.
fn merge_by<K: Ord>(turns: Vec<TurnSeen>, duplicates: &mut [u64], key: impl Fn(&TurnSeen) -> Option<K>) -> Vec<TurnSeen> {
    let mut kept: Vec<TurnSeen> = Vec::with_capacity(turns.len());
    let mut place: BTreeMap<K, usize> = BTreeMap::new();
    for turn in turns {
        let Some(key) = key(&turn) else {
            kept.push(turn);
            continue;
        };
        match place.get(&key) {
            Some(&at) => {
                kept[at].learn(&turn);
                duplicates[turn.origin.source as usize] += 1;
            }
            None => {
                place.insert(key, kept.len());
                kept.push(turn);
            }
        }
    }
    kept
}

fn same_id(turns: Vec<TurnSeen>, duplicates: &mut [u64]) -> Vec<TurnSeen> {
    merge_by(turns, duplicates, |t| t.id.map(|id| (t.client, id)))
}

/// A log's record of a run belongs to the failed entry of that run in a transcript. A run may
/// have several entries (automatic retries), and a run id may serve several turns (OpenClaw's
/// local runs take the session's id): the nearest failed record of another file is meant. A
/// console states no run id and the same failures milliseconds apart.
fn same_run(turns: Vec<TurnSeen>, duplicates: &mut [u64]) -> Vec<TurnSeen> {
    let mut kept: Vec<TurnSeen> = Vec::with_capacity(turns.len());
    let mut failed: BTreeMap<(Client, Option<Key>), Vec<usize>> = BTreeMap::new();
    for turn in turns {
        let is_log = matches!(turn.kind, SourceKind::OpenclawGatewayLog | SourceKind::OpenclawConsole);
        let runs = if turn.run.is_some() { vec![turn.run] } else { failed.keys().map(|(_, run)| *run).collect() };
        let near = runs.into_iter().filter_map(|run| failed.get(&(turn.client, run))).flatten().copied();
        let same = near.filter(|&at| is_same_run(&kept[at], &turn)).min_by_key(|&at| (kept[at].at.ms - turn.at.ms).abs());
        match same.filter(|_| is_log && turn.stop.is_failure()) {
            Some(at) => {
                kept[at].learn(&turn);
                duplicates[turn.origin.source as usize] += 1;
            }
            None => {
                if turn.stop.is_failure() {
                    failed.entry((turn.client, turn.run)).or_default().push(kept.len());
                }
                kept.push(turn);
            }
        }
    }
    kept
}

/// Records of one run in two files: the log follows the turn by less than a minute. Without a run
/// id only the same moment counts.
fn is_same_run(known: &TurnSeen, other: &TurnSeen) -> bool {
    const LATE_MS: i64 = 60_000;
    const SAME_MOMENT_MS: i64 = 2_000;
    let apart = (known.at.ms - other.at.ms).abs();
    let other_file = known.origin.source != other.origin.source;
    let by_run = known.run.is_some() && known.run == other.run && other_file && apart <= LATE_MS;
    let by_moment = (known.run.is_none() || other.run.is_none()) && known.home == other.home && other_file;
    by_run || (by_moment && apart <= SAME_MOMENT_MS)
}

/// Hermes: log, transcript, dump and snapshot of one turn share the session and the time.
fn same_hermes_turn(turns: Vec<TurnSeen>, duplicates: &mut [u64]) -> Vec<TurnSeen> {
    let (hermes, mut kept): (Vec<_>, Vec<_>) = turns.into_iter().partition(|t| t.client == Client::Hermes);
    let mut known: Vec<TurnSeen> = Vec::with_capacity(hermes.len());
    let mut by_session: BTreeMap<Option<Key>, Vec<usize>> = BTreeMap::new();
    let mut sessionless: Vec<TurnSeen> = Vec::new();
    for turn in hermes {
        let near = by_session.get(&turn.session).into_iter().flatten().copied();
        let same = near.filter(|&at| is_same_turn(&known[at], &turn)).min_by_key(|&at| (known[at].at.ms - turn.at.ms).abs());
        match same {
            Some(at) => {
                known[at].learn(&turn);
                duplicates[turn.origin.source as usize] += 1;
            }
            // A failed credential lookup is logged without a session; its transcript comes later
            // in this order, so it waits.
            None if turn.session.is_none() => sessionless.push(turn),
            None => {
                by_session.entry(turn.session).or_default().push(known.len());
                known.push(turn);
            }
        }
    }
    for turn in sessionless {
        let same =
            (0..known.len()).find(|&at| known[at].stop.is_failure() && is_near(&known[at], &turn) && known[at].kind != turn.kind);
        match same {
            Some(at) => {
                known[at].learn(&turn);
                duplicates[turn.origin.source as usize] += 1;
            }
            None => known.push(turn),
        }
    }
    kept.append(&mut known);
    kept
}

fn is_same_turn(known: &TurnSeen, other: &TurnSeen) -> bool {
    let same_kind_of_file = known.kind == other.kind;
    let inside =
        known.started.is_some_and(|start| other.at.ms >= start.ms - SAME_TURN_MS && other.at.ms <= known.at.ms + SAME_TURN_MS);
    known.home == other.home && !same_kind_of_file && (inside || is_near(known, other))
}

fn is_near(known: &TurnSeen, other: &TurnSeen) -> bool {
    known.home == other.home && (known.at.ms - other.at.ms).abs() <= SAME_TURN_MS
}
