//! A home that was read twice: as it stands and out of a bundle, or beside a copy that somebody kept
//! of it. Its store then seems to share its login with another one, and all that its logs say seems
//! to happen in two places.
//!
//! Only where both hold the same now are they one: a copy that went on to rotate is another holder
//! of the login. A copy made earlier holds what the home held then, and its conversations are among
//! the home's: what it holds is history of the home. The same place in two input roots of one machine
//! that have a conversation in common is one home at two times as well, as long as the two did not go on
//! side by side: it may have been put back in between, with its store or without, so that its pair may
//! go backwards. There the files do not tell it from a copy in use elsewhere, and what it adds is marked
//! as not of the home itself. Where no file shows what a home holds, since
//! none was written or since somebody left it out, its conversations tell whose they are. Agents and
//! profiles of one program hold the same by design and stand in different places of their home; only
//! the same place in another home is a twin. Stores of two programs are never one, nor are those of two
//! machines: a login that was copied to a second machine has two holders.

use super::alike::{Places, Seen};
use super::store::Store;
use crate::event::Client;
use crate::evidence::SourceRecord;
use std::collections::{BTreeMap, BTreeSet};

/// Homes that repeat another one, and homes at which somebody was at work.
#[derive(Debug, Default)]
pub(in crate::correlate) struct Twins {
    /// For each home that repeats another one, that other home.
    of: BTreeMap<(Client, String), String>,
    /// Those of them that were made earlier: what they hold is a copy.
    older: BTreeSet<(Client, String)>,
    /// Those of them that are taken for that by their conversations, and not by what they hold.
    times: BTreeSet<(Client, String)>,
    /// Homes that show turns of their own.
    lived: BTreeSet<(Client, String)>,
}

impl Twins {
    /// Find them among the homes that were seen.
    pub(super) fn found(places: &Places) -> Twins {
        let lived = places.iter().filter(|(_, seen)| !seen.talks.is_empty()).map(|(home, _)| home.clone()).collect();
        let mut twins = Twins { lived, ..Twins::default() };
        twins.join_equals(places);
        twins.join_older(places);
        twins.join_times(places);
        twins.join_bare(places);
        twins
    }

    /// Homes that hold the same, or that show no store and have the same conversations.
    fn join_equals(&mut self, places: &Places) {
        let mut known = BTreeMap::new();
        for (home, seen) in places.iter().filter(|(_, seen)| !seen.is_empty()) {
            let talks = seen.holdings.is_empty().then_some(&seen.talks);
            let first = known.entry((home.0, profile(&home.1), seen.host, &seen.holdings, talks)).or_insert(home);
            if *first != home {
                self.of.insert(home.clone(), first.1.clone());
            }
        }
    }

    /// Homes all of whose tokens another home is known to have held, and all of whose conversations it has.
    fn join_older(&mut self, places: &Places) {
        for (home, seen) in places.iter().filter(|(_, seen)| !seen.holdings.is_empty()) {
            let newer = |(_, other): &(&(Client, String), &Seen)| {
                let is_home = other.has_store || !other.talks.is_empty();
                is_home && seen.now.is_subset(&other.ever) && !seen.now.is_subset(&other.now) && seen.talks.is_subset(&other.talks)
            };
            self.repeat(home, places, newer, true);
        }
    }

    /// The same place in several input roots of one machine: all are the one that came last.
    fn join_times(&mut self, places: &Places) {
        let mut same: BTreeMap<_, Vec<(&(Client, String), &Seen)>> = BTreeMap::new();
        for (home, seen) in places.iter().filter(|(home, seen)| !seen.holdings.is_empty() && !self.of.contains_key(*home)) {
            if let Some((_, below)) = &seen.reading {
                same.entry((home.0, below, seen.host)).or_default().push((home, seen));
            }
        }
        // More of them than there are roots: which is meant is not known.
        for group in same.into_values().filter(|group| is_one_for_each_root(group)) {
            let is_last = |seen: &Seen| group.iter().all(|(_, other)| std::ptr::eq(*other, seen) || other.is_before(seen));
            let Some((last, _)) = group.iter().find(|(_, seen)| is_last(seen)) else { continue };
            for (home, _) in group.iter().filter(|(home, _)| home != last) {
                self.times.insert((*home).clone());
                self.put(home, last.1.clone(), true);
            }
        }
    }

    /// Homes that show no store, and whose conversations are those of a home that shows one.
    fn join_bare(&mut self, places: &Places) {
        for (home, seen) in places.iter().filter(|(_, seen)| !seen.has_store && !seen.talks.is_empty()) {
            let has_them = |(_, other): &(&(Client, String), &Seen)| other.has_store && seen.talks_of(other);
            self.repeat(home, places, has_them, false);
        }
    }

    /// Let `home` repeat the one home that fits, if there is one, and only one.
    fn repeat<'a>(
        &mut self,
        home: &(Client, String),
        places: &'a Places,
        fits: impl Fn(&(&'a (Client, String), &'a Seen)) -> bool,
        older: bool,
    ) {
        let host = |home: &(Client, String)| places.get(home).and_then(|seen| seen.host);
        let alike = |other: &(Client, String)| {
            other != home && other.0 == home.0 && profile(&other.1) == profile(&home.1) && host(other) == host(home)
        };
        let own = |other: &(Client, String)| !self.of.contains_key(other);
        let mut found = places.iter().filter(|(other, _)| alike(other) && own(other)).filter(fits);
        let (Some((other, _)), None) = (found.next(), found.next()) else { return };
        self.put(home, other.1.clone(), older);
    }

    /// Let `home` repeat `other`.
    fn put(&mut self, home: &(Client, String), other: String, older: bool) {
        // What repeated this home repeats that one.
        let followers = self.of.iter_mut().filter(|(twin, first)| twin.0 == home.0 && **first == home.1);
        let mut moved: Vec<(Client, String)> = Vec::new();
        for (twin, first) in followers {
            first.clone_from(&other);
            moved.push(twin.clone());
        }
        moved.push(home.clone());
        if older {
            self.older.extend(moved);
        }
        self.of.insert(home.clone(), other);
    }

    /// Is what this store holds a copy, kept of what another home held once?
    pub(super) fn is_older(&self, store: &Store) -> bool {
        store.home.as_ref().is_some_and(|home| self.older.contains(&(store.client, home.clone())))
    }

    /// Is this home another one at an earlier time, as far as its conversations tell?
    pub(super) fn is_of_another_time(&self, client: Client, home: Option<&String>) -> bool {
        home.is_some_and(|home| self.times.contains(&(client, home.clone())))
    }

    /// Did anybody work in this home, with a login of its own? A profile may use that of the home it
    /// stands in.
    pub(super) fn lives(&self, client: Client, home: Option<&String>) -> bool {
        home.is_some_and(|home| profile(home).is_empty() && self.lived.contains(&(client, home.clone())))
    }

    /// Leave of each store that is there twice only one.
    pub(super) fn unite(&self, list: &mut Vec<Store>) {
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
        let Some((old, new)) = home.as_ref().and_then(|old| Some((old, self.of.get(&(client, old.clone()))?))) else { return };
        if let Some(rest) = folder.strip_prefix(old.as_str()) {
            *folder = format!("{new}{rest}");
        }
        *home = Some(new.clone());
    }

    /// The home of a source, or the one that it repeats.
    pub(in crate::correlate) fn home(&self, source: &SourceRecord) -> Option<String> {
        let home = source.home.as_ref()?;
        if self.of.is_empty() {
            return Some(home.clone());
        }
        Some(self.of.get(&(source.kind.client().program(), home.clone())).unwrap_or(home).clone())
    }
}

/// Which profile of a home this is; empty for the home itself.
fn profile(home: &str) -> String {
    home.rsplit_once("/profiles/").map_or(String::new(), |(_, profile)| profile.to_owned())
}

/// Is each of these homes below another input root?
fn is_one_for_each_root(homes: &[(&(Client, String), &Seen)]) -> bool {
    let roots: BTreeSet<_> = homes.iter().filter_map(|(_, seen)| Some(seen.reading.as_ref()?.0)).collect();
    homes.len() > 1 && roots.len() == homes.len()
}
