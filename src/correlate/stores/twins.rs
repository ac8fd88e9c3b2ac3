//! A home that was read twice: as it stands and out of a bundle, or beside a copy that somebody kept
//! of it. Its store then seems to share its login with another one, and all that its logs say seems
//! to happen in two places.
//!
//! Only where both hold the same now are they one: a copy that went on to rotate is another holder
//! of the login. Where no file shows what a home holds, its conversations tell. Agents and profiles of one program hold the same by design and stand in different
//! places of their home; only the same place in another home is a twin. Stores of two programs are
//! never one.

use super::store::Store;
use crate::event::{Client, EventKind, Section};
use crate::evidence::{Evidence, SourceRecord};
use crate::secret::Key;
use std::collections::{BTreeMap, BTreeSet};

/// For each home that repeats another one, that other home.
#[derive(Debug, Default)]
pub(in crate::correlate) struct Twins(BTreeMap<(Client, String), String>);

impl Twins {
    /// Find them among live stores, and leave of each store that is there twice only one, which holds
    /// what both hold.
    pub(in crate::correlate) fn merged(list: &mut Vec<Store>, evidence: &Evidence) -> Twins {
        let mut homes: BTreeMap<(Client, String), Vec<usize>> = BTreeMap::new();
        for (at, store) in list.iter().enumerate().filter(|(_, store)| !store.held.is_empty()) {
            if let Some(home) = &store.home {
                homes.entry((store.client, home.clone())).or_default().push(at);
            }
        }
        let mut twins = Twins::default();
        let talks = talks(evidence, &homes);
        let by_stores = homes.into_iter().map(|((client, home), stores)| {
            let stores: Vec<&Store> = stores.iter().map(|&at| &list[at]).collect();
            ((client, profile(&home), holdings(&home, &stores), BTreeSet::new()), home)
        });
        let by_talks = talks.into_iter().map(|((client, home), talks)| ((client, profile(&home), Vec::new(), talks), home));
        let mut known: BTreeMap<Likeness, String> = BTreeMap::new();
        for (likeness, home) in by_stores.chain(by_talks) {
            let client = likeness.0;
            let first = known.entry(likeness).or_insert_with(|| home.clone());
            if *first != home {
                twins.0.insert((client, home), first.clone());
            }
        }
        twins.unite(list);
        twins
    }

    /// Leave of each store that is there twice only one.
    fn unite(&self, list: &mut Vec<Store>) {
        let mut places = BTreeMap::new();
        let mut kept: Vec<Store> = Vec::with_capacity(list.len());
        for mut store in list.drain(..) {
            self.move_in(store.client, &mut store.home, &mut store.folder);
            let place = (store.client, store.home.clone(), store.folder.clone(), store.section);
            match places.get(&place) {
                Some(&at) => {
                    let known: &mut Store = &mut kept[at];
                    known.held.append(&mut store.held);
                    known.hidden &= store.hidden;
                }
                None => {
                    places.insert(place, kept.len());
                    kept.push(store);
                }
            }
        }
        *list = kept;
    }

    /// Put a place in a home that repeats another one into that other home.
    pub(super) fn move_in(&self, client: Client, home: &mut Option<String>, folder: &mut String) {
        let Some((old, new)) = home.as_ref().and_then(|old| Some((old, self.0.get(&(client, old.clone()))?))) else { return };
        if let Some(rest) = folder.strip_prefix(old.as_str()) {
            *folder = format!("{new}{rest}");
        }
        *home = Some(new.clone());
    }

    /// The home of a source, or the one that it repeats.
    pub(in crate::correlate) fn home(&self, source: &SourceRecord) -> Option<String> {
        let home = source.home.as_ref()?;
        if self.0.is_empty() {
            return Some(home.clone());
        }
        Some(self.0.get(&(source.kind.client().program(), home.clone())).unwrap_or(home).clone())
    }
}

/// Part of a store, by its place below the home, and what it holds: both tokens and the account.
type Holding = (String, Section, Vec<[Option<Key>; 3]>);

/// What makes two homes alike: the program, the profile, what each store holds, or the conversations.
type Likeness = (Client, String, Vec<Holding>, BTreeSet<Key>);

/// Which profile of a home this is; empty for the home itself.
fn profile(home: &str) -> String {
    home.rsplit_once("/profiles/").map_or(String::new(), |(_, profile)| profile.to_owned())
}

fn holdings(home: &str, stores: &[&Store]) -> Vec<Holding> {
    let tokens = |store: &Store| {
        let mut held: Vec<_> = store.held.iter().map(|held| [held.refresh, held.access, held.account]).collect();
        held.sort_unstable();
        held.dedup();
        held
    };
    let place = |store: &Store| store.folder.strip_prefix(home).unwrap_or(&store.folder).to_owned();
    let mut holdings: Vec<Holding> = stores.iter().map(|store| (place(store), store.section, tokens(store))).collect();
    holdings.sort_unstable();
    holdings
}

/// The conversations of homes that show no store.
fn talks<T>(evidence: &Evidence, shown: &BTreeMap<(Client, String), T>) -> BTreeMap<(Client, String), BTreeSet<Key>> {
    let mut talks: BTreeMap<(Client, String), BTreeSet<Key>> = BTreeMap::new();
    for event in &evidence.events {
        let EventKind::Turn(turn) = &event.kind else { continue };
        let source = evidence.sources.get(event.origin.source as usize);
        let whose = source.and_then(|source| Some((source.kind.client().program(), source.home.clone()?)));
        if let Some((whose, session)) = whose.filter(|whose| !shown.contains_key(whose)).zip(turn.session) {
            talks.entry(whose).or_default().insert(session);
        }
    }
    talks
}
