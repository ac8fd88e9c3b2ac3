//! Every turn once.
//!
//! One turn is written down in several places: a transcript and its repaired, archived and forked
//! copies (equal ids), a log that knows it by its run id, and for Hermes a log, a transcript and
//! a request dump that share only session and time. The record that says most stays, and takes
//! over what the others add: above all the rawest error.

use super::clock::{When, Window};
use super::copies;
use super::silence::is_of_terminal;
use super::sources::Span;
use super::stores::{StoreId, Stores};
use super::unheard;
use super::zone::Clocks;
use crate::event::{
    Client, ErrorClass, Event, EventKind, Failure, Level, Model, Origin, Provider, SourceKind, Stop, TransportFailure, Turn,
};
use crate::evidence::{Evidence, SourceRecord};
use crate::secret::Key;
use std::collections::BTreeMap;

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
    /// Its client got no new token after a 401, whatever names the 401.
    pub not_renewed: bool,
    /// Where the rawest statement of the failure stands.
    pub failure_origin: Origin,
    /// Transport diagnostic.
    pub transport: Option<TransportFailure>,
    /// Where the turn stands.
    pub origin: Origin,
    /// Run id.
    pub run: Option<Key>,
    /// A transcript holds it, not only a log, a trace or a table of runs.
    pub transcribed: bool,
    /// Its record says when it was, or its file does.
    pub dated: bool,
    /// Identity among copies.
    pub(super) id: Option<Key>,
    /// Kind of source, for the merging rules.
    pub(super) kind: SourceKind,
    /// Stores of rows whose record of this turn was taken over.
    pub(super) rows: Vec<SourceKind>,
    /// Index of the event, for excerpts.
    pub event: usize,
}

/// Turns, and how many records of each source only repeated one.
#[derive(Debug)]
pub(super) struct Deduped {
    /// Every turn once, in order of time.
    pub turns: Vec<TurnSeen>,
    /// Turns of which nothing says when they were, as far as they are not among the others.
    pub undated: Vec<TurnSeen>,
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
    let mut undated: Vec<TurnSeen> = Vec::new();
    for (index, event) in evidence.events.iter().enumerate() {
        let EventKind::Turn(turn) = &event.kind else { continue };
        if is_of_terminal(event, evidence, clocks) {
            continue;
        }
        let Some(source) = evidence.sources.get(event.origin.source as usize) else { continue };
        // A turn without any time of its own is dated by the end of its file.
        let started = turn.started.map(|s| clocks.stamp(s, event.origin.source));
        let at = clocks.when(event).or(started).or_else(|| spans[event.origin.source as usize].map(|(_, last)| last));
        let list = if at.is_some() { &mut turns } else { &mut undated };
        list.push(seen((index, event), turn, source, stores, (at.unwrap_or(When::adrift(0)), started)));
    }
    turns.retain(|t| window.holds(t.at));
    // Full transcripts first, so that what stays is the richer record; rank makes it definite.
    let rank = |t: &TurnSeen| ranks.get(t.origin.source as usize).copied().unwrap_or(u32::MAX);
    turns.sort_by_key(|t| (richness(t.kind), t.at.ms, rank(t), t.origin.line, t.origin.byte));
    let mut duplicates = vec![0; evidence.sources.len()];
    undated.sort_by_key(|t| (richness(t.kind), rank(t), t.origin.line, t.origin.byte));
    let undated = copies::of_no_time(undated, &turns, &mut duplicates);
    let mut turns = copies::merged(turns, &mut duplicates);
    let unheard = unheard::collect(evidence, clocks, stores, &turns);
    turns.extend(unheard.into_iter().filter(|turn| window.holds(turn.at)));
    name_unstated(&mut turns, evidence, clocks, stores);
    in_order(&mut turns, ranks);
    Deduped { turns, undated, duplicates }
}

/// By time, and in one millisecond as they are printed.
pub(super) fn in_order(turns: &mut [TurnSeen], ranks: &[u32]) {
    let rank = |t: &TurnSeen| ranks.get(t.origin.source as usize).copied().unwrap_or(u32::MAX);
    turns.sort_by_key(|t| (t.at.ms, t.client, rank(t), t.origin.line, t.origin.byte));
}

/// A turn of which nothing says when it was, at a time that is known otherwise.
pub(super) fn undated(of: (usize, &Event), at: When, evidence: &Evidence, stores: &Stores) -> Option<TurnSeen> {
    let (EventKind::Turn(turn), source) = (&of.1.kind, evidence.sources.get(of.1.origin.source as usize)?) else { return None };
    Some(TurnSeen { dated: false, ..seen(of, turn, source, stores, (at, None)) })
}

/// A turn that failed without a stated reason (Codex before mid 2026 keeps none in its rollouts), or
/// with a bare 401: a failed call that the same program logged during the turn names it. The code of
/// a 401 is that of the login, whichever call met it.
fn name_unstated(turns: &mut [TurnSeen], evidence: &Evidence, clocks: &Clocks, stores: &Stores) {
    /// The log line may follow the end of the turn.
    const LATE_MS: i64 = 2_000;
    /// A program asks for its list of models, and meets the 401, right before its first turn.
    const EARLY_MS: i64 = 5_000;
    /// Failed calls of one program on one store, by time.
    type Calls = Vec<(i64, Failure, Origin)>;
    let mut calls: BTreeMap<(Client, Option<StoreId>), Calls> = BTreeMap::new();
    for event in &evidence.events {
        let EventKind::Transport(call) = &event.kind else { continue };
        let Some(source) = evidence.sources.get(event.origin.source as usize) else { continue };
        if let Some(when) = clocks.when(event).filter(|w| w.is_certain()) {
            let key = (source.kind.client().program(), stores.of_source(source));
            calls.entry(key).or_default().push((when.ms, call.failure, event.origin));
        }
    }
    calls.values_mut().for_each(|list| list.sort_by_key(|(ms, _, origin)| (*ms, *origin)));
    let bare = |f: Failure| matches!(f.class, ErrorClass::Unauthorized | ErrorClass::NotRenewed) && f.level <= Level::Status;
    let unstated = |t: &&mut TurnSeen| t.failure.is_some_and(|f| f.class == ErrorClass::Unstated || bare(f));
    for turn in turns.iter_mut().filter(unstated) {
        let (Some(start), Some(list)) = (turn.started, calls.get(&(turn.client, turn.store))) else { continue };
        let is_bare = turn.failure.is_some_and(bare);
        let from = list.partition_point(|call| call.0 < start.ms - if is_bare { EARLY_MS } else { 0 });
        let fits = |call: &&(i64, Failure, Origin)| !is_bare || (call.1.class.is_auth() && call.1.level == Level::Resource);
        let during = list[from..].iter().take_while(|call| call.0 <= turn.at.ms.max(start.ms) + LATE_MS).filter(fits);
        if let Some((_, failure, origin)) = during.max_by_key(|call| (call.1.level, std::cmp::Reverse(call.0))) {
            turn.failure = Some(*failure);
            turn.failure_origin = *origin;
        }
    }
}

/// Transcripts tell most, then dumps and logs.
fn richness(kind: SourceKind) -> u8 {
    match kind {
        SourceKind::OpenclawSession | SourceKind::PiSession | SourceKind::CodexRollout => 0,
        SourceKind::HermesLog | SourceKind::OpenclawTrajectory => 1,
        SourceKind::HermesText => 2,
        SourceKind::HermesSession => 3,
        SourceKind::HermesRequestDump => 4,
        SourceKind::HermesSessionSnapshot => 5,
        SourceKind::HermesStateDb => 6,
        // These know no run, and mostly no reason.
        SourceKind::HermesExport | SourceKind::OpenclawAgentDb | SourceKind::OpenclawCronRuns => 8,
        SourceKind::OpenclawSessionIndex => 8,
        _ => 7,
    }
}

fn seen(
    (index, event): (usize, &Event),
    turn: &Turn,
    source: &SourceRecord,
    stores: &Stores,
    (at, started): (When, Option<When>),
) -> TurnSeen {
    TurnSeen {
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
        not_renewed: turn.failure.is_some_and(|failure| failure.class == ErrorClass::NotRenewed),
        failure_origin: event.origin,
        transport: turn.transport,
        origin: event.origin,
        run: turn.run,
        transcribed: source.kind.is_transcript(),
        dated: true,
        id: turn.id,
        kind: source.kind,
        rows: Vec::new(),
        event: index,
    }
}

impl TurnSeen {
    /// Did it fail?
    pub fn is_failed(&self) -> bool {
        self.stop.is_failure() && self.failure.is_some()
    }

    /// Take over what another record of the same turn adds.
    pub(super) fn learn(&mut self, other: &TurnSeen) {
        let rawer = other.failure.is_some_and(|o| self.failure.is_none_or(|s| o.level > s.level));
        if rawer && !(self.stop.is_success() && other.stop.is_success()) {
            self.failure = other.failure;
            self.failure_origin = other.failure_origin;
        }
        if self.stop == Stop::Unknown || (self.stop == Stop::Unfinished && other.stop != Stop::Unknown) {
            self.stop = other.stop;
        }
        // That an answer is missing among the rows does not outweigh a log that saw it.
        let absence = matches!(other.kind, SourceKind::HermesStateDb | SourceKind::HermesExport)
            && other.failure.is_some_and(|failure| failure.class == ErrorClass::Unstated);
        if other.stop == Stop::Error && self.kind == SourceKind::HermesLog && !absence {
            self.stop = Stop::Error;
        }
        if self.provider == Provider::Unknown {
            self.provider = other.provider;
        }
        self.model = self.model.take().or_else(|| other.model.clone());
        self.transcribed |= other.transcribed;
        self.not_renewed |= other.not_renewed;
        self.transport = self.transport.or(other.transport);
        self.session = self.session.or(other.session);
        self.run = self.run.or(other.run);
        self.started = self.started.or(other.started);
        self.account = self.account.or(other.account);
    }
}
