//! A turn as the evidence shows it, and what a second record of it adds.
//!
//! Apart from [`super::collect`], which collects them, since every rule about which records are one
//! turn works on it.

use crate::correlate::clock::{Clocks, When};
use crate::correlate::hosts::HostId;
use crate::correlate::stores::{StoreId, Stores, UnreadAgent};
use crate::event::{
    Client, ErrorClass, Event, EventKind, Failure, Model, Origin, Provider, SourceKind, Stop, TransportFailure, Turn,
};
use crate::evidence::{Evidence, SourceRecord};
use crate::secret::Key;

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
    /// Machine; None where there is one only, or where it is not known.
    pub host: Option<HostId>,
    /// The store whose credential it used, where the files tell.
    pub store: Option<StoreId>,
    /// The agent that it is of, where its store is not among the files and those of other agents are.
    pub unread_agent: Option<UnreadAgent>,
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
    /// What the client's own wording, or a less raw record of it, calls the failure.
    pub labelled: Option<ErrorClass>,
    /// Where the rawest statement of the failure stands.
    pub failure_origin: Origin,
    /// Transport diagnostic.
    pub transport: Option<TransportFailure>,
    /// Where the turn stands.
    pub origin: Origin,
    /// Run id.
    pub run: Option<Key>,
    /// It ran in the program's resident process.
    pub resident: bool,
    /// A transcript holds it, not only a log, a trace or a table of runs.
    pub transcribed: bool,
    /// Identity among copies.
    pub(in crate::correlate) id: Option<Key>,
    /// Kind of source, for the merging rules.
    pub(in crate::correlate) kind: SourceKind,
    /// Stores of rows whose record of this turn was taken over.
    pub(in crate::correlate) rows: Vec<SourceKind>,
    /// Index of the event, for excerpts.
    pub event: usize,
}

/// Turns, and how many records of each source only repeated one.
#[derive(Debug)]
pub(in crate::correlate) struct Deduped {
    /// Every turn once, in order of time.
    pub turns: Vec<TurnSeen>,
    /// Turns of which nothing says when they were, as far as they are not among the others.
    pub undated: Vec<TurnSeen>,
    /// Failed turns of kept terminals, without a time as well, of which it is known whose they are.
    pub told: Vec<Told>,
    /// Repeats per source.
    pub duplicates: Vec<u64>,
}

/// A failed turn that only a kept terminal shows, and the home whose terminal it was. It is before
/// nothing and after nothing.
#[derive(Debug)]
pub(in crate::correlate) struct Told {
    /// The turn; its time is none.
    pub turn: TurnSeen,
    /// How its home is known.
    pub tie: Tie,
}

/// How it is known whose terminal it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::correlate) enum Tie {
    /// It is kept in the home, or names what the home's own records name.
    Named,
    /// It shows no more than that there was no credential, and the only home there is had given its own
    /// up: it belongs to the time in which that failed without a record.
    GivenUp,
}

/// By time, and in one millisecond as they are printed.
pub(in crate::correlate) fn in_order(turns: &mut [TurnSeen], ranks: &[u32]) {
    let rank = |t: &TurnSeen| ranks.get(t.origin.source as usize).copied().unwrap_or(u32::MAX);
    turns.sort_by_cached_key(|t| (t.at.ms, t.client, rank(t), t.origin.line, t.origin.byte));
}

/// A turn of which nothing says when it was.
pub(super) fn undated(of: (usize, &Event), evidence: &Evidence, stores: &Stores) -> Option<TurnSeen> {
    let (EventKind::Turn(turn), source) = (&of.1.kind, evidence.sources.get(of.1.origin.source as usize)?) else { return None };
    Some(seen(of, turn, source, &Seat::of(source, stores), (When::adrift(0), None)))
}

/// A turn that a kept terminal shows: without a time, and without one that its file would lend.
pub(super) fn is_of_terminal(event: &Event, evidence: &Evidence, clocks: &Clocks) -> bool {
    let EventKind::Turn(turn) = &event.kind else { return false };
    let kind = evidence.sources.get(event.origin.source as usize).map(|source| source.kind);
    kind == Some(SourceKind::HermesText) && turn.started.is_none() && clocks.when(event).is_none()
}

/// Where the turns of a source were made: asked once for all of them.
pub(in crate::correlate) struct Seat {
    home: Option<String>,
    host: Option<HostId>,
    store: Option<StoreId>,
    unread_agent: Option<UnreadAgent>,
}

impl Seat {
    /// That of a source.
    pub(in crate::correlate) fn of(source: &SourceRecord, stores: &Stores) -> Seat {
        Seat {
            home: stores.home_of(source),
            host: stores.host(source),
            store: stores.of_source(source),
            unread_agent: stores.unread_agent(source),
        }
    }
}

/// The turn of an event, at this end and start.
pub(in crate::correlate) fn seen(
    (index, event): (usize, &Event),
    turn: &Turn,
    source: &SourceRecord,
    seat: &Seat,
    (at, started): (When, Option<When>),
) -> TurnSeen {
    TurnSeen {
        at,
        started,
        client: source.kind.client().program(),
        home: seat.home.clone(),
        host: seat.host,
        store: seat.store.filter(|_| turn.provider.is_chatgpt() || turn.provider == Provider::Unknown),
        unread_agent: seat.unread_agent.clone(),
        account: turn.account,
        session: turn.session,
        stop: turn.stop,
        provider: turn.provider,
        model: turn.model.clone(),
        failure: turn.failure,
        not_renewed: turn.failure.is_some_and(|failure| failure.class == ErrorClass::NotRenewed),
        labelled: turn.labelled,
        failure_origin: event.origin,
        transport: turn.transport,
        origin: event.origin,
        run: turn.run,
        resident: turn.resident,
        transcribed: source.kind.is_transcript(),
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
    pub(in crate::correlate) fn learn(&mut self, other: &TurnSeen) {
        let rawer = other.failure.is_some_and(|o| self.failure.is_none_or(|s| o.level > s.level));
        let label = if rawer { self.failure } else { other.failure };
        let raw = if rawer { other.failure } else { self.failure };
        self.labelled = self.labelled.or(other.labelled).or(label.zip(raw).filter(|(l, r)| differs(*l, *r)).map(|(l, _)| l.class));
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
        self.resident |= other.resident;
        self.not_renewed |= other.not_renewed;
        self.transport = self.transport.or(other.transport);
        self.session = self.session.or(other.session);
        self.run = self.run.or(other.run);
        self.started = self.started.or(other.started);
        self.account = self.account.or(other.account);
    }
}

/// Does a client's label say something else than the rawer record of the same turn? One that says nothing
/// by itself contradicts nothing.
fn differs(label: Failure, raw: Failure) -> bool {
    let telling = |f: Failure| !f.class.is_consequence() && !matches!(f.class, ErrorClass::Unlisted | ErrorClass::UpgradeRefused);
    label.level < raw.level && telling(label) && telling(raw) && label.class != raw.class
}
