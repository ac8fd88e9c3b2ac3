//! What the records of a Codex home say of its store: of which account it is where the store itself is
//! out of sight, that there is or was one at all, and which builds are at work beside it.

use super::store::Store;
use super::twins::Twins;
use crate::correlate::hosts::{HostId, Hosts, may_be_one};
use crate::event::{Below, Client, Event, EventKind, Origin, Section, SourceKind};
use crate::evidence::{Evidence, SourceRecord};
use crate::secret::Key;
use std::collections::{BTreeMap, BTreeSet};

/// A home: program, where it is, and on which machine.
type Home = (Client, Option<String>, Option<HostId>);

/// Complete the stores by what their homes say.
pub(super) fn complete(list: &mut Vec<Store>, evidence: &Evidence, hosts: &Hosts, (twins, ranks): (&Twins, &[u32])) {
    let (named, guarded) = (accounts(evidence, hosts, twins), guarded(evidence, twins, ranks));
    for store in list.iter_mut().filter(|store| store.client == Client::Codex) {
        store.guarded = guarded.get(&store.home).copied();
        if store.hidden && store.account.is_none() {
            store.account = named.get(&(store.client, store.home.clone(), store.host)).copied();
        }
    }
    let unnamed = acted(evidence, hosts, twins).into_iter().filter(|home| !named.contains_key(home)).map(|home| (home, None));
    let homes: Vec<(Home, Option<Key>)> = unnamed.chain(named.iter().map(|(home, key)| (home.clone(), Some(*key)))).collect();
    for ((client, home, host), account) in homes {
        let here = |s: &Store| s.client == client && s.home == home;
        // A copy kept elsewhere may be all that is left of the store of this home.
        let is_its = |s: &Store| account.is_none() || s.account == account;
        let is_copy = |s: &Store| !s.live && !s.held.is_empty();
        let may_be = |s: &Store| s.client == client && is_copy(s) && is_its(s) && may_be_one(s.host, host);
        if home.is_some() && !list.iter().any(|s| here(s) || may_be(s)) {
            let folder = home.clone().unwrap_or_default();
            let guarded = guarded.get(&home).copied();
            list.push(Store {
                client,
                home,
                host,
                folder,
                section: Section::Only,
                mirrors: Vec::new(),
                read: None,
                held: Vec::new(),
                account,
                live: false,
                hidden: true,
                guarded,
            });
        }
    }
}

/// The account that the newest record of each home names.
fn accounts(evidence: &Evidence, hosts: &Hosts, twins: &Twins) -> BTreeMap<Home, Key> {
    let mut named: BTreeMap<Home, (Option<i64>, Key)> = BTreeMap::new();
    let mut name = |account: Key, index: u32, at: Option<i64>| {
        let Some(source) = evidence.sources.get(index as usize) else { return };
        // Texts may have been kept anywhere; these stand in the home that they are of.
        if !matches!(source.kind, SourceKind::CodexRollout | SourceKind::CodexLogsDb | SourceKind::CodexStateDb) {
            return;
        }
        let new = (at, account);
        let known = named.entry((source.kind.client().program(), twins.home(source), hosts.host(index))).or_insert(new);
        if new.0 > known.0 {
            *known = new;
        }
    };
    for event in &evidence.stated.events {
        let account = match &event.kind {
            EventKind::SessionOf { account, .. } => Some(*account),
            EventKind::Refreshed { account, .. } | EventKind::Refused { account, .. } => *account,
            _ => None,
        };
        if let Some(account) = account {
            name(account, event.origin.source, event.at.map(|at| at.ms));
        }
    }
    for turn in &evidence.stated.turns {
        if let Some(account) = turn.asked.account {
            name(account, turn.source, turn.at().map(|at| at.ms));
        }
    }
    named.into_iter().map(|(home, (_, account))| (home, account)).collect()
}

/// Homes of Codex in which a login or a logout is on record, or for which one was typed beside another home. There was a
/// store, of whichever account: a logout deletes its file, and only the records of later builds name an account. Homes
/// that show the same acts and nothing else are one, read twice.
fn acted(evidence: &Evidence, hosts: &Hosts, twins: &Twins) -> Vec<Home> {
    let mut acts: BTreeMap<Home, BTreeSet<(Option<i64>, bool)>> = BTreeMap::new();
    for event in &evidence.stated.events {
        let Some(source) = evidence.sources.get(event.origin.source as usize) else { continue };
        let (is_login, home) = match event.kind {
            EventKind::Login { .. } => (true, twins.home(source)),
            EventKind::Logout => (false, twins.home(source)),
            EventKind::Elsewhere { home, logout } => (!logout, meant(home, source, evidence, twins)),
            _ => continue,
        };
        let home = (source.kind.client().program(), home, hosts.host(event.origin.source));
        if home.0 == Client::Codex && home.1.is_some() {
            acts.entry(home).or_default().insert((event.at.map(|at| at.ms), is_login));
        }
    }
    let mut seen = BTreeSet::new();
    acts.into_iter().filter_map(|(home, acts)| seen.insert((home.2, acts)).then_some(home)).collect()
}

/// The home of Codex for which a command was typed, if any file of it is there.
fn meant(home: Below, source: &SourceRecord, evidence: &Evidence, twins: &Twins) -> Option<String> {
    let beside = source.home.as_deref()?;
    let codex = evidence.sources.iter().filter(|other| other.kind.client().program() == Client::Codex);
    codex.filter_map(|other| twins.home(other)).find(|at| home.is_home(at, beside))
}

/// Homes of Codex in which a build of 0.169 or later was seen: by its version, or by the lock files
/// that came with it, and the first record of it as sources are printed. 0.130 and 0.98 leave the login
/// alone until the new one is complete.
fn guarded(evidence: &Evidence, twins: &Twins, ranks: &[u32]) -> BTreeMap<Option<String>, Origin> {
    let shows = |event: &&Event| match &event.kind {
        EventKind::Locked { .. } => true,
        EventKind::WrittenBy { client, version: Some(version) } => {
            client.program() == Client::Codex && version.is_at_least(&[0, 169])
        }
        _ => false,
    };
    let rank = |origin: Origin| (ranks.get(origin.source as usize).copied(), origin.line, origin.byte);
    let mut first: BTreeMap<Option<String>, Origin> = BTreeMap::new();
    for event in evidence.stated.events.iter().filter(shows) {
        let Some(source) = evidence.sources.get(event.origin.source as usize) else { continue };
        let known = first.entry(twins.home(source)).or_insert(event.origin);
        if rank(event.origin) < rank(*known) {
            *known = event.origin;
        }
    }
    first
}
