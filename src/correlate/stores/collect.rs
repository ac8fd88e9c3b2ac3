//! Who holds which credential: store states put together into stores with a history.
//!
//! A store is one section of one file of one program in one home. Copies (snapshots, backups)
//! are its history. Tokens are compared as keys: the same refresh token in two stores means one
//! shared grant, whatever the times say.

use super::alike;
use super::homes;
use super::lender::UsualHomes;
use super::store::{Held, Store};
use super::twins::Twins;
use crate::correlate::clock::{Clocks, When};
use crate::correlate::hosts::{HostId, Hosts, may_be_one};
use crate::event::{Client, Event, EventKind, Section, StoreState, Taken};
use crate::evidence::{Evidence, SourceRecord};
use crate::secret::Key;
use crate::source::Name;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// All stores, and how to find the one a record belongs to.
#[derive(Debug)]
pub(in crate::correlate) struct Stores {
    /// Stores in printing order.
    pub list: Vec<Store>,
    /// Homes that were read twice.
    pub twins: Twins,
    /// Agents by the folders of their stores.
    pub(super) agents: HashMap<String, Key>,
    /// Machines by the names of their sources, where there are several: a name is of one machine.
    hosts: HashMap<Name, HostId>,
    are_several_clocks: bool,
    /// Homes that were packed alone, with the number of the machine that each of them may be of.
    packed: HashMap<String, HostId>,
    /// Homes that Codex uses unless it is told otherwise.
    pub usual: UsualHomes,
}

impl Stores {
    /// May the times of the evidence be of more than one machine's clock?
    pub(in crate::correlate) fn are_several_clocks(&self) -> bool {
        self.are_several_clocks
    }

    /// Was one of two homes packed alone, so that nothing says that they are of one machine?
    pub(in crate::correlate) fn are_packed_apart(&self, a: Option<&str>, b: Option<&str>) -> bool {
        let packed = |home: Option<&str>| self.packed.get(home?).copied();
        packed(a) != packed(b)
    }

    /// The machine of a source.
    pub(in crate::correlate) fn host(&self, source: &SourceRecord) -> Option<HostId> {
        if self.hosts.is_empty() { None } else { self.hosts.get(&source.name).copied() }
    }
}

/// Collect the stores.
pub(in crate::correlate) fn collect(evidence: &Evidence, clocks: &Clocks, hosts: &Hosts, ranks: &[u32]) -> Stores {
    let mut live: BTreeMap<Place, Vec<Held>> = BTreeMap::new();
    let mut read: BTreeMap<Place, usize> = BTreeMap::new();
    let mut copies: Vec<(Place, Held)> = Vec::new();
    let mut hidden: BTreeSet<Place> = BTreeSet::new();
    let mut agents: HashMap<String, Key> = HashMap::new();
    for (index, event) in evidence.stated.events.iter().enumerate() {
        let Some(source) = evidence.sources.get(event.origin.source as usize) else { continue };
        let EventKind::Store(state) = &event.kind else {
            if matches!(event.kind, EventKind::KeptElsewhere) {
                hidden.insert(Place::of(source, Section::Only, hosts.host(event.origin.source)));
            }
            continue;
        };
        let place = Place::of(source, state.section, hosts.host(event.origin.source));
        read.entry(place.clone()).or_insert(index);
        agents.extend(state.agent.map(|agent| (place.folder.clone(), agent)));
        // A cleared store (Hermes 0.19 empties it on a refusal) holds nothing, and is still a store.
        let held = (state.access.is_some() || state.refresh.is_some()).then(|| held(event, state, clocks));
        match state.taken {
            Taken::Current => live.entry(place).or_default().extend(held),
            Taken::Copy => copies.extend(held.map(|h| (place, h))),
        }
    }
    for place in hidden {
        // A file that is there all the same is the store (`auto` falls back to it).
        live.entry(place).or_default();
    }
    let read = |place: &Place| read.get(place).copied();
    let mut list: Vec<Store> = live.into_iter().map(|(place, held)| place.store(held, true, &read)).collect();
    in_order_read(&mut list);
    merge_mirrors(&mut list);
    let kept = copies.iter().map(|(place, held)| (place.client, &place.home, held));
    let twins = Twins::found(&alike::places(&list, kept, evidence, (clocks, hosts)));
    copies.extend(list.extract_if(.., |store| twins.is_older(store)).flat_map(into_copies));
    twins.unite(&mut list);
    for (place, held) in &mut copies {
        held.at_home &= !twins.is_of_another_time(place.client, place.home.as_ref());
        twins.move_in(place.client, &mut place.home, &mut place.folder);
    }
    attach_copies(&mut list, copies, &twins, &read);
    let named = |store: &Store| match &evidence.stated.events.get(store.read?)?.kind {
        EventKind::Store(state) => state.account,
        _ => None,
    };
    for store in &mut list {
        // One that holds no token any more may still say whose it was.
        store.account = named(store);
        store.settle();
    }
    homes::complete(&mut list, evidence, hosts, (&twins, ranks));
    list.sort_by_cached_key(|store| store.printed(ranks));
    let named = |(source, at): (&SourceRecord, u32)| Some((source.name.clone(), hosts.host(at)?));
    let names = evidence.sources.iter().zip(0..).filter_map(named).collect();
    let alone = |(source, at): (&SourceRecord, u32)| Some((source.home.clone()?, hosts.packed(at)?));
    let packed = evidence.sources.iter().zip(0..).filter_map(alone).collect();
    let (are_several_clocks, usual) = (hosts.are_several_clocks(), UsualHomes::default());
    let stores = Stores { list, twins, agents, hosts: names, are_several_clocks, packed, usual };
    Stores { usual: UsualHomes::of(evidence, &stores), ..stores }
}

/// Where a store is: program, home, machine, folder, section.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    client: Client,
    home: Option<String>,
    host: Option<HostId>,
    folder: String,
    section: Section,
}

impl Place {
    fn of(source: &SourceRecord, section: Section, host: Option<HostId>) -> Place {
        Place { client: source.kind.client().program(), home: source.home.clone(), host, folder: source.name.folder(), section }
    }

    /// Is it the folder of a program, such as `.codex`, or a profile in one, and no place where somebody kept copies?
    fn is_home(&self) -> bool {
        self.is_profile() || self.home.as_deref().and_then(|home| home.rsplit('/').next()).is_some_and(|last| last.starts_with('.'))
    }

    /// Is it a profile of Hermes? One that uses the login of the home it stands in has none of which a copy could be
    /// kept.
    fn is_profile(&self) -> bool {
        self.client == Client::Hermes && self.home.as_deref().is_some_and(|home| home.contains("/profiles/"))
    }

    fn store(self, held: Vec<Held>, live: bool, read: &dyn Fn(&Place) -> Option<usize>) -> Store {
        let read = read(&self);
        let Place { client, home, host, folder, section } = self;
        // Only a setting names a store of Codex that holds nothing: the file is not there.
        let hidden = live && held.is_empty() && client == Client::Codex;
        Store { client, home, host, folder, section, mirrors: Vec::new(), read, held, account: None, live, hidden, guarded: None }
    }
}

fn held(event: &Event, state: &StoreState, clocks: &Clocks) -> Held {
    let at = |stamp| clocks.stamp(stamp, event.origin.source);
    let issuers = |stamp| clocks.issuers(stamp, event.origin.source);
    let issued_at = state.issued_at.map(issuers);
    let refreshed_at = state.refreshed_at.map(at);
    let dated_by_file = issued_at.is_none() && refreshed_at.is_none();
    // OpenClaw and pi store `expires` as arrival + lifetime, Codex and Hermes a `last_refresh`;
    // the token's own issue time is the next best, a file time the last resort.
    let since = refreshed_at.or(issued_at).or(state.written_at.map(at));
    Held {
        since,
        issued_at,
        // Where no token could be read it is the store's own, which its machine made up.
        expires_at: state.expires_at.map(|end| if issued_at.is_some() { issuers(end) } else { at(end) }),
        refreshed_at,
        account: state.account,
        family: state.family,
        login_time: state.login_time.map(|s| s.ms),
        access: state.access,
        refresh: state.refresh,
        has_stand_in: state.has_stand_in,
        imported: state.imported,
        came: state.came,
        fenced: state.fenced.map(|fence| fence.failed),
        writer: state.writer,
        dated_by_file,
        origin: event.origin,
        taken: state.taken,
        at_home: true,
    }
}

/// What a home that is a copy of another one holds.
fn into_copies(store: Store) -> impl Iterator<Item = (Place, Held)> {
    let Store { client, home, host, folder, section, held, .. } = store;
    let place = Place { client, home, host, folder, section };
    held.into_iter().map(move |held| (place.clone(), Held { taken: Taken::Copy, ..held }))
}

/// Entries of one file in the order in which they stand there. Their names are keys of this run, whose order
/// is another one in the next.
fn in_order_read(list: &mut [Store]) {
    let place = |s: &Store| (s.client, s.home.clone(), s.host, s.folder.clone(), s.section.kind(), s.read);
    list.sort_by_cached_key(place);
}

/// Hermes keeps a login twice in one file: as the provider's own and as a pool entry. Where both
/// hold the same tokens they are one store.
fn merge_mirrors(list: &mut Vec<Store>) {
    let mut at = 0;
    while at < list.len() {
        let mirror = (0..at).find(|&other| is_mirror(&list[other], &list[at]));
        match mirror {
            Some(other) => {
                let extra = list.remove(at);
                list[other].mirrors.push(extra.section);
                list[other].held.extend(extra.held);
            }
            None => at += 1,
        }
    }
}

fn is_mirror(a: &Store, b: &Store) -> bool {
    let same_file =
        a.client == Client::Hermes && b.client == Client::Hermes && (&a.home, &a.folder, a.host) == (&b.home, &b.folder, b.host);
    same_file && a.held.iter().any(|x| b.held.iter().any(|y| x.same_tokens(y)))
}

/// Give each copy to the live store it is a copy of. What fits nowhere is a store of its own (a home
/// whose live file is gone).
fn attach_copies(list: &mut Vec<Store>, copies: Vec<(Place, Held)>, twins: &Twins, read: &dyn Fn(&Place) -> Option<usize>) {
    let mut orphans: BTreeMap<Place, (Option<usize>, Vec<Held>)> = BTreeMap::new();
    for (place, held) in copies {
        match owner(list, &place, &held, twins) {
            Some(at) => {
                let at_home = held.at_home && list[at].home == place.home;
                list[at].held.push(Held { at_home, ..held });
            }
            None => {
                let first = read(&place);
                let of_place = || (first, Vec::new());
                orphans.entry(Place { folder: String::new(), ..place }).or_insert_with(of_place).1.push(held);
            }
        }
    }
    let orphan = |(place, (first, held)): (Place, (Option<usize>, Vec<Held>))| place.store(held, false, &|_| first);
    let mut extra: Vec<Store> = orphans.into_iter().map(orphan).collect();
    in_order_read(&mut extra);
    merge_mirrors(&mut extra);
    list.append(&mut extra);
}

/// The one store that fits. A copy is of the home it stands in, though another one holds the same; only
/// one that was kept aside is looked for elsewhere, on the same machine: what lies on another one is a
/// holder of its own.
fn owner(list: &[Store], place: &Place, held: &Held, twins: &Twins) -> Option<usize> {
    let pick = |fits: &dyn Fn(&Store) -> bool| {
        let near = |s: &Store| s.client == place.client && may_be_one(s.host, place.host);
        let mut found = (0..list.len()).filter(|&at| near(&list[at]) && fits(&list[at]));
        found.next().filter(|_| found.next().is_none())
    };
    let same_home = |s: &Store| s.home == place.home;
    let here = pick(&|s| same_home(s) && s.folder == place.folder && s.section == place.section)
        .or_else(|| pick(&|s| same_home(s) && s.section == place.section))
        .or_else(|| pick(&|s| same_home(s) && s.held.iter().any(|h| h.same_tokens(held))))
        .or_else(|| pick(&same_home));
    if here.is_some() || place.is_profile() || twins.lives(place.client, place.home.as_ref()) {
        return here;
    }
    pick(&|s| s.held.iter().any(|h| h.same_tokens(held)))
        .or_else(|| pick(&|s| s.held.iter().any(|h| h.same_family(held) == Some(true))))
        // An older copy kept elsewhere: of the program's one live store, if the account agrees.
        .or_else(|| {
            pick(&|s| s.live && s.held.iter().any(|h| h.account.is_some() && h.account == held.account))
                .filter(|_| !place.is_home())
        })
        // Or of the program's one live store that was emptied, and tells no more; of one that is out of
        // sight it is not known that it was. A home of its own is another's.
        .or_else(|| pick(&|s| s.live).filter(|&at| list[at].held.is_empty() && !list[at].hidden && !place.is_home()))
}

impl Store {
    /// Order the history, keep equal credentials once, and settle the account.
    fn settle(&mut self) {
        self.held.sort_by_key(|h| (h.since.map(|s| s.ms), h.issued_at.map(|s| s.ms), h.origin));
        let mut kept: Vec<Held> = Vec::new();
        for held in self.held.drain(..) {
            match kept.iter_mut().find(|k| k.same_tokens(&held)) {
                Some(known) => known.learn(held),
                None => kept.push(held),
            }
        }
        self.held = kept;
        self.account = self.held.iter().rev().find_map(|h| h.account).or(self.account);
    }

    /// What is printed of the store, as its sorting key. Its source's rank breaks ties, and the last ones, of
    /// entries of one file, their place in it.
    fn printed(&self, ranks: &[u32]) -> impl Ord + use<> {
        let newest = self.now();
        let ms = |w: Option<When>| w.map(|w| w.ms);
        (
            self.client,
            newest.and_then(|h| ms(h.issued_at)),
            newest.and_then(|h| ms(h.expires_at)),
            newest.and_then(|h| ms(h.refreshed_at)),
            self.held.len(),
            newest.and_then(|h| ranks.get(h.origin.source as usize).copied()),
            (self.section.kind(), self.read),
        )
    }
}

impl Held {
    /// Take over what another record of the same credential adds. A live record is the better
    /// place to point at; the earliest time of possession counts.
    fn learn(&mut self, other: Held) {
        if self.taken == Taken::Copy && other.taken == Taken::Current {
            self.origin = other.origin;
            self.taken = Taken::Current;
        }
        self.at_home |= other.at_home;
        self.imported |= other.imported;
        self.came = self.came.or(other.came);
        self.fenced = self.fenced.or(other.fenced);
        self.account = self.account.or(other.account);
        self.family = self.family.or(other.family);
        self.login_time = self.login_time.or(other.login_time);
        self.refreshed_at = self.refreshed_at.or(other.refreshed_at);
        self.writer = self.writer.or(other.writer);
    }
}
