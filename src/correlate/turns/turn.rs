//! A turn as the evidence shows it, and what a second record of it adds.
//!
//! Apart from [`super::collect`], which collects them, since every rule about which records are one
//! turn works on it.

use crate::correlate::clock::{Keeper, When, Zone};
use crate::correlate::hosts::HostId;
use crate::correlate::stores::{StoreId, Stores, UnreadAgent};
use crate::event::{Asked, Client, ErrorClass, Failure, Lasted, Origin, PackedTurn, Provider, SourceKind, Stop, TransportFailure};
use crate::evidence::{Evidence, SourceRecord};
use crate::secret::Key;
use std::sync::Arc;

/// A turn, after de-duplication. There may be millions: what one has in common with its neighbours is held once for all
/// of them, and what few have stands apart.
#[derive(Clone, Debug)]
pub struct TurnSeen {
    /// Where it was made, and who was asked.
    pub setting: Arc<Setting>,
    /// How it ended.
    pub stop: Stop,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// Its client got no new token after a 401, whatever names the 401.
    pub not_renewed: bool,
    /// What the client's own wording, or a less raw record of it, calls the failure.
    pub labelled: Option<ErrorClass>,
    /// A transcript holds it, not only a log, a trace or a table of runs.
    pub transcribed: bool,
    /// Identity among copies.
    pub(in crate::correlate) id: Option<Key>,
    /// Its end, in ms; how exact that is says the setting.
    ms: i64,
    /// How long before its end it began, in ms.
    lasted: Option<Lasted>,
    line: u32,
    byte: u64,
    rare: Option<Box<Rare>>,
}

/// What turns of one session have in common.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Where they were made.
    pub site: Arc<Site>,
    /// Who was asked, and in which session.
    pub asked: Arc<Asked>,
    /// The store whose credential was used, where the files tell.
    pub store: Option<StoreId>,
}

/// What turns of one source have in common.
#[derive(Clone, Debug)]
pub struct Site {
    /// The program.
    pub client: Client,
    /// Home of the program (private).
    pub home: Option<String>,
    /// Machine; None where there is one only, or where it is not known.
    pub host: Option<HostId>,
    /// The agent that they are of, where its store is not among the files and those of other agents are.
    pub unread_agent: Option<UnreadAgent>,
    /// Source of the records.
    pub source: u32,
    /// Kind of source, for the merging rules.
    pub(in crate::correlate) kind: SourceKind,
    /// How their times are read.
    reading: Reading,
}

/// How times of one clock are read: how much earlier and later than it says a time may be, in ms, and the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reading {
    earlier: i64,
    later: i64,
    zone: Zone,
    keeper: Keeper,
}

/// What few turns have.
#[derive(Clone, Debug, Default)]
struct Rare {
    /// Its beginning, where that is not a while before its end by the same clock.
    started: Option<When>,
    /// Where the rawest statement of the failure stands, if that is another record.
    failure_origin: Option<Origin>,
    /// Transport diagnostic.
    transport: Option<TransportFailure>,
    /// Stores of rows whose record of this turn was taken over.
    rows: Vec<SourceKind>,
    /// Its line, where the number is too large for the usual place.
    line: Option<u64>,
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
    let rank = |t: &TurnSeen| ranks.get(t.setting.site.source as usize).copied().unwrap_or(u32::MAX);
    let place = |t: &TurnSeen| (t.ms, t.setting.site.client, rank(t), t.origin().line, t.byte);
    // There may be millions, in order mostly: those of one file are.
    if !turns.is_sorted_by_key(place) {
        turns.sort_by_cached_key(place);
    }
}

/// A turn of which nothing says when it was.
pub(super) fn undated(turn: &PackedTurn, evidence: &Evidence, stores: &Stores) -> Option<TurnSeen> {
    let mut settings = Settings::of(turn.source, evidence.sources.get(turn.source as usize)?, stores);
    Some(seen(turn, &mut settings, (When::adrift(0), None)))
}

/// A turn that a kept terminal shows: without a time, and without one that its file would lend.
pub(super) fn is_of_terminal(turn: &PackedTurn, evidence: &Evidence) -> bool {
    let kind = evidence.sources.get(turn.source as usize).map(|source| source.kind);
    kind == Some(SourceKind::HermesText) && turn.started().is_none() && turn.at().is_none()
}

/// The settings of the turns of one source, each made once.
pub(in crate::correlate) struct Settings {
    /// Where they were made.
    site: Arc<Site>,
    /// The store of that place.
    store: Option<StoreId>,
    /// Those met last, with what the turns were asked.
    made: Vec<(Arc<Asked>, Arc<Setting>)>,
}

impl Settings {
    /// Those of a source.
    pub(in crate::correlate) fn of(index: u32, source: &SourceRecord, stores: &Stores) -> Settings {
        let site = Site {
            client: source.kind.client().program(),
            home: stores.home_of(source),
            host: stores.host(source),
            unread_agent: stores.unread_agent(source),
            source: index,
            kind: source.kind,
            reading: Reading::of(When::exact(0, Zone::Utc)),
        };
        Settings { site: Arc::new(site), store: stores.of_source(source), made: Vec::new() }
    }

    /// The source.
    pub(in crate::correlate) fn source(&self) -> u32 {
        self.site.source
    }

    /// That of turns of which nothing says who was asked.
    pub(in crate::correlate) fn of_nobody(self) -> Setting {
        Setting { site: self.site, asked: Arc::new(Asked::of(Provider::Unknown)), store: self.store }
    }

    /// That of a turn, whose times are read like this.
    fn of_turn(&mut self, turn: &PackedTurn, reading: Reading) -> Arc<Setting> {
        /// A log may tell of this many sessions in turn.
        const MOST: usize = 8;
        let is_its = |(asked, setting): &&(Arc<Asked>, Arc<Setting>)| {
            setting.site.reading == reading && (Arc::ptr_eq(asked, &turn.asked) || *asked == turn.asked)
        };
        if let Some((_, known)) = self.made.iter().rev().find(is_its) {
            return Arc::clone(known);
        }
        let store = self.store.filter(|_| may_use_login(turn.asked.provider));
        if self.site.reading != reading {
            Arc::make_mut(&mut self.site).reading = reading;
        }
        let made = Arc::new(Setting { site: Arc::clone(&self.site), asked: Arc::clone(&turn.asked), store });
        if self.made.len() == MOST {
            self.made.remove(0);
        }
        self.made.push((Arc::clone(&turn.asked), Arc::clone(&made)));
        made
    }
}

/// May calls to this provider be paid for by a ChatGPT login?
pub(super) fn may_use_login(provider: Provider) -> bool {
    provider.is_chatgpt() || provider == Provider::Unknown
}

/// The turn that was stated, at this end and start.
pub(in crate::correlate) fn seen(turn: &PackedTurn, settings: &mut Settings, (at, started): (When, Option<When>)) -> TurnSeen {
    let setting = settings.of_turn(turn, Reading::of(at));
    TurnSeen {
        failure: turn.failure,
        not_renewed: turn.failure.is_some_and(|failure| failure.class == ErrorClass::NotRenewed),
        labelled: turn.labelled(),
        transcribed: setting.site.kind.is_transcript(),
        id: turn.id,
        ..TurnSeen::new(setting, turn.origin(), (at, started), turn.stop)
    }
    .carried(turn.transport())
}

impl Setting {
    /// Its site, to be changed for this setting alone.
    pub(super) fn site(&mut self) -> &mut Site {
        Arc::make_mut(&mut self.site)
    }

    /// Who was asked, to be changed for this setting alone.
    pub(super) fn asked(&mut self) -> &mut Asked {
        Arc::make_mut(&mut self.asked)
    }
}

impl Reading {
    fn of(at: When) -> Reading {
        let When { ms, lo, hi, zone, keeper } = at;
        Reading { earlier: ms.saturating_sub(lo), later: hi.saturating_sub(ms), zone, keeper }
    }

    fn at(self, ms: i64) -> When {
        let Reading { earlier, later, zone, keeper } = self;
        When { ms, lo: ms.saturating_sub(earlier), hi: ms.saturating_add(later), zone, keeper }
    }
}

impl TurnSeen {
    /// A turn of which no more is known, at this end and start.
    pub(in crate::correlate) fn new(
        mut setting: Arc<Setting>,
        origin: Origin,
        (at, started): (When, Option<When>),
        stop: Stop,
    ) -> TurnSeen {
        let reading = Reading::of(at);
        if setting.site.reading != reading {
            Arc::make_mut(&mut setting).site().reading = reading;
        }
        let lasted = started.filter(|started| Reading::of(*started) == reading);
        let mut turn = TurnSeen {
            setting,
            stop,
            failure: None,
            not_renewed: false,
            labelled: None,
            transcribed: false,
            id: None,
            ms: at.ms,
            lasted: lasted.and_then(|started| Lasted::of(at.ms.checked_sub(started.ms)?)),
            line: u32::try_from(origin.line).unwrap_or(u32::MAX),
            byte: origin.byte,
            rare: None,
        };
        if turn.lasted.is_none() && started.is_some() {
            turn.rare().started = started;
        }
        if turn.line == u32::MAX {
            turn.rare().line = Some(origin.line);
        }
        turn
    }

    /// With this diagnostic.
    fn carried(mut self, transport: Option<TransportFailure>) -> TurnSeen {
        if transport.is_some() {
            self.rare().transport = transport;
        }
        self
    }

    /// Its end.
    pub fn at(&self) -> When {
        self.setting.site.reading.at(self.ms)
    }

    /// Its start, where known.
    pub fn started(&self) -> Option<When> {
        match self.lasted {
            Some(lasted) => Some(self.setting.site.reading.at(self.ms.saturating_sub(lasted.ms()))),
            None => self.rare.as_ref()?.started,
        }
    }

    /// Where it stands.
    pub fn origin(&self) -> Origin {
        let line = self.rare.as_ref().and_then(|rare| rare.line).unwrap_or(u64::from(self.line));
        Origin { source: self.setting.site.source, line, byte: self.byte }
    }

    /// Where the rawest statement of the failure stands.
    pub fn failure_origin(&self) -> Origin {
        self.rare.as_ref().and_then(|rare| rare.failure_origin).unwrap_or_else(|| self.origin())
    }

    /// Transport diagnostic.
    pub fn transport(&self) -> Option<TransportFailure> {
        self.rare.as_ref()?.transport
    }

    /// Did it fail?
    pub fn is_failed(&self) -> bool {
        self.stop.is_failure() && self.failure.is_some()
    }

    /// Is a record of it in a store of rows of this kind taken over?
    pub(super) fn has_rows(&self, kind: SourceKind) -> bool {
        self.rare.as_ref().is_some_and(|rare| rare.rows.contains(&kind))
    }

    /// The record in a store of rows of this kind is one of it.
    pub(super) fn add_rows(&mut self, kind: SourceKind) {
        self.rare().rows.push(kind);
    }

    /// It was made in that home.
    pub(super) fn moved_to(mut self, home: Option<String>) -> TurnSeen {
        self.change().site().home = home;
        self
    }

    /// Another record names the failure.
    pub(super) fn fails_by(&mut self, failure: Option<Failure>, origin: Origin) {
        self.failure = failure;
        if origin != self.failure_origin() {
            self.rare().failure_origin = Some(origin);
        }
    }

    /// Its setting, to be changed for this turn alone.
    pub(super) fn change(&mut self) -> &mut Setting {
        Arc::make_mut(&mut self.setting)
    }

    fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// Take over what another record of the same turn adds.
    pub(in crate::correlate) fn learn(&mut self, other: &TurnSeen) {
        let rawer = other.failure.is_some_and(|o| self.failure.is_none_or(|s| o.level > s.level));
        let label = if rawer { self.failure } else { other.failure };
        let raw = if rawer { other.failure } else { self.failure };
        self.labelled = self.labelled.or(other.labelled).or(label.zip(raw).filter(|(l, r)| differs(*l, *r)).map(|(l, _)| l.class));
        if rawer && !(self.stop.is_success() && other.stop.is_success()) {
            self.fails_by(other.failure, other.failure_origin());
        }
        if self.stop == Stop::Unknown || (self.stop == Stop::Unfinished && other.stop != Stop::Unknown) {
            self.stop = other.stop;
        }
        // That an answer is missing among the rows does not outweigh a log that saw it.
        let absence = matches!(other.setting.site.kind, SourceKind::HermesStateDb | SourceKind::HermesExport)
            && other.failure.is_some_and(|failure| failure.class == ErrorClass::Unstated);
        if other.stop == Stop::Error && self.setting.site.kind == SourceKind::HermesLog && !absence {
            self.stop = Stop::Error;
        }
        self.transcribed |= other.transcribed;
        self.not_renewed |= other.not_renewed;
        if let (None, Some(transport)) = (self.transport(), other.transport()) {
            self.rare().transport = Some(transport);
        }
        if let (None, Some(started)) = (self.started(), other.started()) {
            self.rare().started = Some(started);
        }
        self.learn_setting(&other.setting);
    }

    fn learn_setting(&mut self, other: &Setting) {
        let (own, other) = (&*self.setting.asked, &*other.asked);
        let provider = if own.provider == Provider::Unknown { other.provider } else { own.provider };
        let (account, session, run) = (own.account.or(other.account), own.session.or(other.session), own.run.or(other.run));
        let model = other.model.as_ref().filter(|_| own.model.is_none());
        let resident = own.resident || other.resident;
        let known = (own.provider, own.account, own.session, own.run, own.resident);
        if (provider, account, session, run, resident) == known && model.is_none() {
            return;
        }
        let model = own.model.as_ref().or(model).cloned();
        self.change().asked = Arc::new(Asked { provider, account, session, run, model, resident });
    }
}

/// Does a client's label say something else than the rawer record of the same turn? One that says nothing
/// by itself contradicts nothing.
fn differs(label: Failure, raw: Failure) -> bool {
    let telling = |f: Failure| !f.class.is_consequence() && !matches!(f.class, ErrorClass::Unlisted | ErrorClass::UpgradeRefused);
    label.level < raw.level && telling(label) && telling(raw) && label.class != raw.class
}

#[cfg(test)]
impl Setting {
    /// A session of OpenClaw with the ChatGPT login, nowhere.
    pub(super) fn sample() -> Setting {
        Setting {
            site: Arc::new(Site {
                client: Client::Openclaw,
                home: None,
                host: None,
                unread_agent: None,
                source: 0,
                kind: SourceKind::OpenclawSession,
                reading: Reading::of(When::exact(0, Zone::Utc)),
            }),
            asked: Arc::new(Asked::of(Provider::OpenaiCodex)),
            store: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_takes_64_bytes() {
        assert_eq!(size_of::<TurnSeen>(), 64);
    }
}
