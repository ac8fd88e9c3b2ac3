//! What left no dated record, and what leaves no record at all: turns that only a kept terminal shows,
//! logouts without a time, and stores that were given up, after which every turn fails unseen.
//!
//! It is apart from turns and acts because those are placed by their times. Nothing here decides a
//! cause; it keeps counts from being taken for more than they are.

use super::ties;
use super::turn;
use super::turn::{Deduped, Tie, Told, TurnSeen, is_of_terminal};
use crate::correlate::clock::{Clocks, When};
use crate::correlate::hosts::HostId;
use crate::correlate::stores::{StoreId, Stores};
use crate::event::{Client, ErrorClass, EventKind, Origin, PackedTurn, SourceKind, TroubleKind};
use crate::evidence::Evidence;
use std::collections::{BTreeMap, BTreeSet};

/// A program in a home.
type Place = (Client, Option<String>);

/// Turns of kept terminals, which bear no time, and whose terminals these are, by source.
#[derive(Debug, Default)]
pub(in crate::correlate) struct Shown {
    turns: Vec<PackedTurn>,
    tied: BTreeMap<u32, String>,
}

impl Shown {
    /// Collect them.
    pub(in crate::correlate) fn of(evidence: &Evidence, stores: &Stores) -> Shown {
        if !evidence.sources.iter().any(|source| source.kind == SourceKind::HermesText) {
            return Shown::default();
        }
        let of_terminals = evidence.stated.turns.iter().filter(|turn| is_of_terminal(turn, evidence));
        Shown { turns: of_terminals.cloned().collect(), tied: ties::of(evidence, stores) }
    }
}

/// What is known without a time, or silent from some time on.
#[derive(Debug, Default)]
pub(in crate::correlate) struct Silence {
    /// Since when a store holds nothing, by program and home, in order of time.
    emptied: BTreeMap<Place, Vec<When>>,
    /// Logouts without a time, as they are printed.
    logouts: Vec<(Place, Option<StoreId>, Origin)>,
}

impl Silence {
    /// Collect it. `ranks`: for each source its place in the printed order.
    pub(in crate::correlate) fn of(evidence: &Evidence, clocks: &Clocks, stores: &Stores, ranks: &[u32]) -> Silence {
        let mut silence = Silence::default();
        let homes = Homes::of(evidence, stores);
        let order = |origin: Origin| (ranks.get(origin.source as usize).copied(), origin.line);
        for event in &evidence.stated.events {
            let tells = match &event.kind {
                EventKind::Trouble(t) => t.kind == TroubleKind::Emptied,
                kind => matches!(kind, EventKind::Logout),
            };
            if !tells {
                continue;
            }
            let Some(place) = homes.place(event.origin.source, evidence, stores) else { continue };
            match (&event.kind, clocks.when(event)) {
                (EventKind::Trouble(_), Some(at)) => silence.emptied.entry(place).or_default().push(at),
                (EventKind::Logout, None) => {
                    let store = evidence.sources.get(event.origin.source as usize).and_then(|source| stores.of_source(source));
                    silence.logouts.push((place, store, event.origin));
                }
                _ => {}
            }
        }
        silence.logouts.sort_by_key(|(.., origin)| order(*origin));
        silence.emptied.values_mut().for_each(|times| times.sort_by_key(|at| at.ms));
        silence
    }

    /// The first time from `from` up to `until` at which the store of this home was given up.
    pub(in crate::correlate) fn since(&self, client: Client, home: &Option<String>, from: i64, until: Option<i64>) -> Option<When> {
        let inside = |at: &&When| at.ms >= from && until.is_none_or(|until| at.ms < until);
        self.emptied.get(&(client, home.clone()))?.iter().find(inside).copied()
    }

    /// A logout without a time, of one of these homes or of this store.
    pub(in crate::correlate) fn logout(
        &self,
        client: Client,
        homes: &BTreeSet<Option<String>>,
        store: Option<StoreId>,
    ) -> Option<Origin> {
        let of = |(place, of, _): &&(Place, Option<StoreId>, Origin)| {
            place.0 == client && (homes.contains(&place.1) || (of.is_some() && *of == store))
        };
        self.logouts.iter().find(of).map(|(.., origin)| *origin)
    }

    /// Turns of kept terminals. Each home's log may hold some of them, and so may the
    /// lines of a log that the terminal itself shows: as many as are logged of the kind are taken for the
    /// same. The others are told of a home where something ties their text to it, and are else but counted.
    pub(in crate::correlate) fn add_turns(
        &self,
        known: &mut Deduped,
        of_terminals: &Shown,
        evidence: &Evidence,
        stores: &Stores,
        ranks: &[u32],
    ) {
        let Shown { turns, tied } = of_terminals;
        let homes = Homes::of(evidence, stores);
        let mut shown: BTreeMap<Place, Vec<&PackedTurn>> = BTreeMap::new();
        for turn in turns {
            let named = || tied.get(&turn.source).map(|home| (Client::Hermes, Some(home.clone())));
            if let Some(place) = named().or_else(|| homes.place(turn.source, evidence, stores)) {
                shown.entry(place).or_default().push(turn);
            }
        }
        let rank = |turn: &PackedTurn| (ranks.get(turn.source as usize).copied(), turn.origin().line);
        for (place, mut turns) in shown {
            turns.sort_by_key(|turn| rank(turn));
            let texts: BTreeSet<u32> = turns.iter().map(|turn| turn.source).collect();
            let is_here = |t: &TurnSeen| is_at(t, &place) || texts.contains(&t.origin().source);
            let logged =
                known.turns.iter().filter(|t| is_here(t) && t.setting.asked.session.is_none() && t.stop.is_failure()).count();
            for turn in turns.drain(..logged.min(turns.len())) {
                known.duplicates[turn.source as usize] += 1;
            }
            for turn in turns.into_iter().filter_map(|turn| turn::undated(turn, evidence, stores)) {
                let is_named = tied.contains_key(&turn.origin().source);
                let is_bare = turn.failure.is_some_and(|failure| failure.class == ErrorClass::NoCredential);
                let tie = match () {
                    () if is_named => Tie::Named,
                    () if is_bare && self.emptied.contains_key(&place) => Tie::GivenUp,
                    () => {
                        known.undated.push(turn);
                        continue;
                    }
                };
                known.told.push(Told { turn: turn.moved_to(place.1.clone()), tie });
            }
        }
    }
}

/// Homes in which programs keep their conversations, or the log of those that never began. What was kept
/// outside of them belongs to the only one there is on its machine, if there is but one.
struct Homes<'a>(BTreeMap<(Client, Option<HostId>), BTreeSet<&'a str>>);

impl Homes<'_> {
    fn of<'a>(evidence: &'a Evidence, stores: &Stores) -> Homes<'a> {
        let mut homes: BTreeMap<(Client, Option<HostId>), BTreeSet<&str>> = BTreeMap::new();
        let at_home = |kind: SourceKind| kind.is_transcript() || kind == SourceKind::HermesLog;
        for source in evidence.sources.iter().filter(|source| at_home(source.kind)) {
            homes.entry((source.kind.client().program(), stores.host(source))).or_default().extend(source.home.as_deref());
        }
        Homes(homes)
    }

    fn place(&self, index: u32, evidence: &Evidence, stores: &Stores) -> Option<Place> {
        let source = evidence.sources.get(index as usize)?;
        let client = source.kind.client().program();
        let known = self.0.get(&(client, stores.host(source)));
        let inside = source.home.as_deref().filter(|home| known.is_some_and(|homes| homes.contains(home)));
        let only = || known.filter(|homes| homes.len() == 1).and_then(BTreeSet::first).copied();
        let by_store = || stores.of_source(source).and_then(|id| stores.list[id].home.clone());
        let home = inside.or_else(only).map(str::to_owned).or_else(by_store).or_else(|| stores.home_of(source));
        Some((client, home))
    }
}

fn is_at(turn: &TurnSeen, place: &Place) -> bool {
    turn.setting.site.client == place.0 && turn.setting.site.home == place.1
}
