//! Which zone the naive times of a source are in, and how that is known.
//!
//! In order of trust: what the user states (`--tz-of`), a line of the same home that holds both
//! clocks (Hermes `State snapshot created: <UTC>`, an access-log line with an offset, a VS Code
//! line with an embedded UTC stamp), and one happening that the same home records on both
//! clocks (a store's stamp of a refresh, done or refused, and the log line of it; a turn in a log
//! and in a database, see [`super::twofold`]), and text pasted from a terminal for the one home of
//! its program. Nothing else: a naive time without any of these stays adrift.
//!
//! A record tells the offset of its own time. Of another one it tells it only where no change of the hour can lie
//! between ([`super::spells`]); where one can, a happening of that very time on both clocks decides, if there
//! is one.
//!
//! What the files tell is not enough where the home's logs are of several zones ([`super::mixed`]), and what was
//! inferred of a home is not where the rest of its machine keeps another one ([`super::fellows`]): such times stay
//! adrift, unless the user states their zone.

use super::fellows::Fellows;
use super::happenings::Met;
use super::home::{Offsets, ProgramHome, program_home};
use super::skew::Skews;
use super::spells::Spells;
use super::when::{Keeper, When, Zone};
use crate::correlate::glob;
use crate::correlate::hosts::{HostId, Hosts};
use crate::event::{Client, Event, EventKind, Origin, SourceKind};
use crate::evidence::{Evidence, SourceRecord};
use crate::plan::{Plan, ZoneAsked, ZoneRule};
use crate::time::{Clock, Stamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How the zone of a source's naive times is known. The words are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ZoneBasis {
    /// The user named it (`--tz-of`).
    Stated,
    /// A line of the same home holds both clocks.
    Anchor,
    /// One happening stands on both clocks in the same home, or text pasted from the one home of
    /// its program shares its clock.
    Inferred,
    /// Nothing tells.
    None,
}

impl ZoneBasis {
    /// The word of the JSON report.
    pub fn word(self) -> &'static str {
        match self {
            ZoneBasis::Stated => "stated",
            ZoneBasis::Anchor => "anchor",
            ZoneBasis::Inferred => "inferred",
            ZoneBasis::None => "none",
        }
    }

    /// What a verdict that rests on such times has to say.
    pub fn says(self) -> &'static str {
        match self {
            ZoneBasis::Stated => "their zone is the one stated with --tz-of",
            ZoneBasis::Anchor => "their zone follows from a record of the same home that holds both clocks",
            ZoneBasis::Inferred => "their zone is inferred from one happening that stands on both clocks",
            ZoneBasis::None => "their zone is not known",
        }
    }
}

/// The reading of each source's times: its zone where they are naive, and whose clock it was.
#[derive(Debug)]
pub(in crate::correlate) struct Clocks {
    per_source: Vec<(Reading, ZoneBasis)>,
    /// The machine whose clock the times of each source are of.
    keepers: Vec<Option<HostId>>,
    /// What happenings add where records that hold both clocks leave the hour open, per home.
    met: BTreeMap<ProgramHome, Vec<Met>>,
    /// Records by which the times of a home are adrift that others seem to date.
    undone: BTreeMap<ProgramHome, BTreeSet<Origin>>,
    skews: Skews,
}

/// A record on which the reading of naive times rests.
#[derive(Clone, Copy, Debug)]
pub struct Teller {
    /// Where it stands.
    pub origin: Origin,
    /// What it tells.
    pub tells: Tells,
}

/// What a record tells of naive times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tells {
    /// It states in UTC what the naive records state too.
    Hour,
    /// It holds both clocks.
    Zone,
    /// The naive times that it stands among, or another zone of the same machine, leave open what other records tell.
    Nothing,
}

/// Such records that are named for one source.
const MOST_TELLERS: usize = 8;

/// How naive times of one source are read.
#[derive(Clone, Debug)]
enum Reading {
    /// Fixed offsets; the first also counts before its time.
    Offsets(Offsets, Zone),
    /// What is told at some times, and how an offset is known of which the records leave no doubt.
    Told(Arc<Told>, Zone),
    /// An IANA zone the user named.
    Named(jiff::tz::TimeZone),
    /// Nothing known.
    Adrift,
}

impl Clocks {
    /// Find out for every source.
    pub(in crate::correlate) fn of(evidence: &Evidence, plan: &Plan, hosts: &Hosts) -> Clocks {
        let anchored = anchors(evidence, hosts);
        let mut told: BTreeMap<Scope, Told> =
            anchored.iter().map(|(scope, list)| (scope.clone(), Told::of(list.clone()))).collect();
        let mut inferred = super::happenings::offsets(evidence, hosts);
        inferred.extend(super::twofold::offsets(evidence, hosts));
        let undone = undone(evidence, hosts, &anchored, &mut inferred);
        told.retain(|scope, _| !matches!(scope, Scope::Home(home) if undone.contains_key(home)));
        let met = met(evidence, hosts, &mut told);
        let told: BTreeMap<Scope, Arc<Told>> = told.into_iter().map(|(scope, told)| (scope, Arc::new(told))).collect();
        let lent = lent(evidence, hosts, &anchored).into_iter().map(|(home, list)| (home, Arc::new(Told::of(list))));
        let lent: BTreeMap<ProgramHome, Arc<Told>> = lent.collect();
        let per_source = evidence.sources.iter().enumerate().map(|(index, source)| {
            if let Some(reading) = stated(source, &plan.zones) {
                return (reading, ZoneBasis::Stated);
            }
            let home = program_home(evidence, hosts, index);
            let keys = [Scope::Home(home.clone()), Scope::Source(index)];
            let found = keys.iter().find_map(|key| told.get(key));
            match (found, inferred.get(&home)) {
                _ if undone.contains_key(&home) => (Reading::Adrift, ZoneBasis::None),
                (Some(told), _) => (Reading::Told(Arc::clone(told), Zone::Offset), ZoneBasis::Anchor),
                (None, Some(list)) => (Reading::Offsets(list.clone(), Zone::Assumed), ZoneBasis::Inferred),
                (None, None) => match pasted(source, &home, &told).or(lent.get(&home)) {
                    Some(told) => (Reading::Told(Arc::clone(told), Zone::Assumed), ZoneBasis::Inferred),
                    None => (Reading::Adrift, ZoneBasis::None),
                },
            }
        });
        let keepers = (0..evidence.sources.len()).map(|source| hosts.clock(source as u32));
        let (per_source, skews) = (per_source.collect(), Skews::default());
        let mut clocks = Clocks { per_source, keepers: keepers.collect(), met, undone, skews };
        // No skew is known yet, so that each time is as its machine said it.
        clocks.skews =
            Skews::of(evidence, hosts, |at, source| Some(clocks.stamp(at, source)).filter(|at| at.is_certain()).map(|at| at.ms));
        clocks
    }

    /// How the zone of each source's naive times is known; None for a source that has none.
    pub(in crate::correlate) fn bases(&self, evidence: &Evidence) -> Vec<Option<ZoneBasis>> {
        let mut bases = vec![None; evidence.sources.len()];
        for (_, source) in evidence.stated.stamps().filter(|(at, _)| at.is_local()) {
            let index = source as usize;
            if let (Some(basis), Some((_, known))) = (bases.get_mut(index), self.per_source.get(index)) {
                *basis = Some(*known);
            }
        }
        bases
    }

    /// For each source whose naive times records of its home date, those records: with them the order of these times
    /// stands or falls.
    pub(in crate::correlate) fn tellers(&self, evidence: &Evidence, hosts: &Hosts, ranks: &[u32]) -> Vec<Vec<Teller>> {
        let rank = |origin: Origin| (ranks.get(origin.source as usize).copied(), origin.line, origin.byte);
        let mut first: BTreeMap<(Scope, i64, i64), Teller> = BTreeMap::new();
        let records = evidence.stated.events.iter().filter_map(|event| Some((anchor(event, evidence, hosts)?, event.origin)));
        let records = records.map(|((scope, wall, offset), origin)| ((scope, wall, offset), Teller { origin, tells: Tells::Zone }));
        let met = self.met.iter().flat_map(|(home, list)| {
            let met = |m: &Met| ((Scope::Home(home.clone()), m.wall, m.offset), Teller { origin: m.fixed, tells: Tells::Hour });
            list.iter().map(met)
        });
        for (telling, teller) in records.chain(met) {
            let known = first.entry(telling).or_insert(teller);
            if (known.tells, rank(teller.origin)) < (teller.tells, rank(known.origin)) {
                *known = teller;
            }
        }
        let of_source = |index: usize| {
            if let (Some((Reading::Adrift, _)), Some(undone)) =
                (self.per_source.get(index), self.undone.get(&program_home(evidence, hosts, index)))
            {
                let teller = |origin: &Origin| Teller { origin: *origin, tells: Tells::Nothing };
                return undone.iter().map(teller).take(MOST_TELLERS).collect();
            }
            let Some((Reading::Told(told, _), ZoneBasis::Anchor)) = self.per_source.get(index) else { return Vec::new() };
            let scopes = [Scope::Home(program_home(evidence, hosts, index)), Scope::Source(index)];
            let teller = |(wall, offset)| scopes.iter().find_map(|scope| first.get(&(scope.clone(), wall, offset)).copied());
            told.all.kept().filter_map(teller).take(MOST_TELLERS).collect()
        };
        (0..evidence.sources.len()).map(of_source).collect()
    }

    /// The time of an event.
    pub(in crate::correlate) fn when(&self, event: &Event) -> Option<When> {
        self.stamp(event.at?, event.origin.source).into()
    }

    /// The time of a stamp that a machine made in a source.
    pub(in crate::correlate) fn stamp(&self, stamp: Stamp, source: u32) -> When {
        let said = match stamp.clock {
            Clock::Utc => When::exact(stamp.ms, Zone::Utc),
            Clock::Offset => When::exact(stamp.ms, Zone::Offset),
            Clock::Local => self.local(stamp.ms, source),
        };
        said.kept_by(self.skews.keeper(self.keeper(source), said.ms))
    }

    /// The time of a stamp that the login service made, as a source has it.
    pub(in crate::correlate) fn issuers(&self, stamp: Stamp, source: u32) -> When {
        let keeper = Keeper { host: self.keeper(source), is_issuer: true, ..Keeper::default() };
        When::exact(stamp.ms, Zone::Utc).kept_by(keeper)
    }

    /// The machine whose clock the times of a source are of.
    fn keeper(&self, source: u32) -> Option<HostId> {
        self.keepers.get(source as usize).copied().flatten()
    }

    /// What is known of the machines' clocks.
    pub(in crate::correlate) fn skews(self) -> Skews {
        self.skews
    }

    fn local(&self, wall_ms: i64, source: u32) -> When {
        match self.per_source.get(source as usize).map(|(reading, _)| reading) {
            Some(Reading::Offsets(list, zone)) => {
                let earlier = list.iter().rev().find(|(from, _)| *from <= wall_ms);
                let offset = earlier.or(list.first()).map_or(0, |(_, offset)| *offset);
                When::exact(wall_ms - offset, *zone)
            }
            Some(Reading::Told(told, zone)) => match (told.records.sure(wall_ms), told.all.sure(wall_ms)) {
                (Some(offset), _) => When::exact(wall_ms.saturating_sub(offset), *zone),
                (None, Some(offset)) => When::exact(wall_ms.saturating_sub(offset), Zone::Assumed),
                (None, None) => told.all.open(wall_ms),
            },
            Some(Reading::Named(zone)) => named(wall_ms, zone),
            Some(Reading::Adrift) | None => When::adrift(wall_ms),
        }
    }
}

/// What is told of the offsets of one clock.
#[derive(Clone, Debug)]
struct Told {
    /// By records that hold both clocks alone.
    records: Spells,
    /// By happenings on both too.
    all: Spells,
}

impl Told {
    /// By records that hold both clocks.
    fn of(list: Offsets) -> Told {
        let records = Spells::of(list);
        Told { all: records.clone(), records }
    }
}

/// The homes of which what is told or was inferred does not hold, with the records by which it does not. What was
/// inferred of such a home is dropped.
fn undone(
    evidence: &Evidence,
    hosts: &Hosts,
    anchored: &BTreeMap<Scope, Offsets>,
    inferred: &mut BTreeMap<ProgramHome, Offsets>,
) -> BTreeMap<ProgramHome, BTreeSet<Origin>> {
    let mut undone = super::mixed::homes(evidence, hosts);
    let homes = anchored.iter().filter_map(|(scope, list)| if let Scope::Home(home) = scope { Some((home, list)) } else { None });
    let fellows = Fellows::of(evidence, hosts, homes);
    inferred.retain(|home, offsets| {
        let is_certain = anchored.contains_key(&Scope::Home(home.clone())) || !fellows.contradict(home, offsets);
        if !is_certain {
            undone.entry(home.clone()).or_default().extend(fellows.teller(home));
        }
        is_certain && !undone.contains_key(home)
    });
    undone
}

/// Let what happened on both clocks of a home decide where its records leave the hour open, and give back what did.
fn met(evidence: &Evidence, hosts: &Hosts, told: &mut BTreeMap<Scope, Told>) -> BTreeMap<ProgramHome, Vec<Met>> {
    let records = |home: &ProgramHome| told.get(&Scope::Home(home.clone())).map(|told| &told.records);
    let met = super::happenings::met(evidence, hosts, records);
    for (home, list) in &met {
        if let Some(told) = told.get_mut(&Scope::Home(home.clone())) {
            told.all = Spells::of(told.records.kept().chain(list.iter().map(|met| (met.wall, met.offset))).collect());
        }
    }
    met
}

/// What a set of anchors speaks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Scope {
    /// All files of one program in one home (one machine, one clock).
    Home(ProgramHome),
    /// One file, where no home is known.
    Source(usize),
}

/// Text pasted from a terminal has no home of its own: it was taken on the machine of the program's
/// one home whose clock is known, if there is just one. Of several machines only that of the text counts.
fn pasted<'a>(source: &SourceRecord, home: &ProgramHome, told: &'a BTreeMap<Scope, Arc<Told>>) -> Option<&'a Arc<Told>> {
    let of_program = |(scope, _): &(&Scope, &Arc<Told>)| match scope {
        Scope::Home((client, _, host)) => (client, host) == (&home.0, &home.2),
        Scope::Source(_) => false,
    };
    let mut known = told.iter().filter(of_program).map(|(_, told)| told);
    known.next().filter(|_| source.kind == SourceKind::HermesText && known.next().is_none())
}

/// The other way round: where one home only of a program keeps naive times, text of that program
/// that was pasted elsewhere and holds both clocks (`hermes status`) tells that home's. Texts that
/// differ, other than by daylight saving, were taken on several machines and tell nothing.
fn lent(evidence: &Evidence, hosts: &Hosts, anchored: &BTreeMap<Scope, Offsets>) -> BTreeMap<ProgramHome, Offsets> {
    const DAYLIGHT_MS: i64 = 60 * 60 * 1000;
    let mut naive: BTreeMap<(Client, Option<HostId>), BTreeSet<ProgramHome>> = BTreeMap::new();
    let is_text = |index: usize| evidence.sources.get(index).is_none_or(|source| source.kind == SourceKind::HermesText);
    for (_, source) in evidence.stated.stamps().filter(|(at, _)| at.is_local()) {
        let index = source as usize;
        if !is_text(index) {
            let home = program_home(evidence, hosts, index);
            naive.entry((home.0, home.2)).or_default().insert(home);
        }
    }
    let texts: BTreeSet<ProgramHome> =
        (0..evidence.sources.len()).filter(|&at| is_text(at)).map(|at| program_home(evidence, hosts, at)).collect();
    let mut lent: BTreeMap<ProgramHome, Offsets> = BTreeMap::new();
    for (scope, list) in anchored {
        let Scope::Home(text) = scope else { continue };
        let mut of_program = naive.get(&(text.0, text.2)).into_iter().flatten();
        if let (true, Some(home), None) = (texts.contains(text), of_program.next(), of_program.next()) {
            lent.entry(home.clone()).or_default().extend(list);
        }
    }
    let far = |list: &Offsets| {
        let offsets = list.iter().map(|(_, offset)| *offset);
        offsets.clone().max().zip(offsets.min()).is_some_and(|(most, least)| most - least > DAYLIGHT_MS)
    };
    lent.retain(|_, list| !far(list));
    lent
}

/// What a record that holds both clocks speaks for, its naive time and the offset, both in ms.
fn anchor(event: &Event, evidence: &Evidence, hosts: &Hosts) -> Option<(Scope, i64, i64)> {
    let (EventKind::ZoneAnchor { offset_s }, Some(at)) = (&event.kind, event.at) else { return None };
    let index = event.origin.source as usize;
    let source = evidence.sources.get(index)?;
    let scope = if source.home.is_some() { Scope::Home(program_home(evidence, hosts, index)) } else { Scope::Source(index) };
    let offset_ms = i64::from(*offset_s) * 1000;
    let wall_ms = if at.is_local() { at.ms } else { at.ms.saturating_add(offset_ms) };
    Some((scope, wall_ms, offset_ms))
}

/// Offsets stated by the files themselves, per home.
fn anchors(evidence: &Evidence, hosts: &Hosts) -> BTreeMap<Scope, Offsets> {
    let mut found: BTreeMap<Scope, Offsets> = BTreeMap::new();
    for (scope, wall_ms, offset_ms) in evidence.stated.events.iter().filter_map(|event| anchor(event, evidence, hosts)) {
        found.entry(scope).or_default().push((wall_ms, offset_ms));
    }
    found
}

/// What the user says about a source; the last rule that matches wins.
fn stated(source: &SourceRecord, rules: &[ZoneRule]) -> Option<Reading> {
    let rule = rules.iter().rev().find(|rule| glob::matches(&rule.glob, &source.name))?;
    Some(match &rule.zone {
        ZoneAsked::Offset(seconds) => Reading::Offsets(vec![(0, i64::from(*seconds) * 1000)], Zone::Offset),
        ZoneAsked::Named(name) => jiff::tz::TimeZone::get(name).map_or(Reading::Adrift, Reading::Named),
    })
}

/// The UTC reading of a wall time in a zone. In the hour that clocks repeat both readings stay open.
fn named(wall_ms: i64, zone: &jiff::tz::TimeZone) -> When {
    let as_utc = jiff::Timestamp::from_millisecond(wall_ms).map(|t| t.to_zoned(jiff::tz::TimeZone::UTC).datetime());
    let Ok(wall) = as_utc else { return When::adrift(wall_ms) };
    let ambiguous = zone.to_ambiguous_timestamp(wall);
    let earlier = ambiguous.earlier().map(|t| t.as_millisecond());
    let later = ambiguous.later().map(|t| t.as_millisecond());
    match (earlier, later) {
        (Ok(a), Ok(b)) => When { hi: a.max(b), ..When::exact(a.min(b), Zone::Offset) },
        _ => When::adrift(wall_ms),
    }
}
