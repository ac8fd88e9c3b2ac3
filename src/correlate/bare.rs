//! Homes of programs from which no credential store was read: left out of the files, or never there. Which login
//! such a program has, and what it did to that, is out of view, also where no turn of it is on record.
//!
//! Apart from [`super::gaps`], which is about files that are there and could not be read, and from the stores: a
//! store that is not there has no entry among them.

use super::hosts::{HostId, may_be_one};
use super::stores::{Store, Stores};
use super::turns::TurnSeen;
use crate::event::{Client, Origin, Provider, SourceKind};
use crate::evidence::{Evidence, SourceRecord};
use std::collections::{BTreeMap, BTreeSet};

/// A home without a store that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bare {
    /// The program.
    pub client: Client,
    /// Where it is (private).
    pub home: String,
    /// On which machine.
    pub host: Option<HostId>,
    /// The first of its files, as sources are printed.
    pub origin: Origin,
}

/// Program, place and machine.
type Home = (Client, String, Option<HostId>);

/// Collect them. A home of which all turns on record were paid by other providers is none: no ChatGPT login is at
/// work there.
pub(super) fn collect(evidence: &Evidence, stores: &Stores, turns: &[TurnSeen], ranks: &[u32]) -> Vec<Bare> {
    let mut homes: BTreeMap<Home, u32> = BTreeMap::new();
    let mut read: BTreeSet<Home> = BTreeSet::new();
    let rank = |source: u32| (ranks.get(source as usize).copied(), source);
    for (source, at) in evidence.sources.iter().zip(0..) {
        let Some(home) = home(source, stores) else { continue };
        if source.kind.is_store() && source.used > 0 {
            read.insert(home.clone());
        }
        let first = homes.entry(home).or_insert(at);
        if rank(at) < rank(*first) {
            *first = at;
        }
    }
    let others = paid_by_others(turns);
    let is_bare = |home: &Home| !read.contains(home) && !others.contains(&home_of(home)) && !has_store(home, &stores.list);
    let mut bare: Vec<u32> = homes.iter().filter(|(home, _)| is_bare(home)).map(|(_, first)| *first).collect();
    bare.sort_by_key(|first| rank(*first));
    let of = |source: u32| {
        let (client, home, host) = evidence.sources.get(source as usize).and_then(|record| self::home(record, stores))?;
        Some(Bare { client, home, host, origin: Origin { source, line: 0, byte: 0 } })
    };
    bare.into_iter().filter_map(of).collect()
}

/// The home that a file stands in. What a user saved or a shell wrote may be kept anywhere.
fn home(source: &SourceRecord, stores: &Stores) -> Option<Home> {
    use SourceKind as K;
    let is_loose = matches!(source.kind, K::ShellHistory | K::HermesText | K::HermesExport | K::CodexExecCapture);
    let client = source.kind.client().program();
    let home = source.home.as_ref().filter(|_| client != Client::Unknown && !is_loose).and_then(|_| stores.home_of(source))?;
    Some((client, home, stores.host(source)))
}

fn home_of(home: &Home) -> (Client, &str) {
    (home.0, home.1.as_str())
}

/// Homes whose turns were all paid by other providers, if there are any.
fn paid_by_others(turns: &[TurnSeen]) -> BTreeSet<(Client, &str)> {
    let mut known: BTreeMap<(Client, &str), bool> = BTreeMap::new();
    for turn in turns {
        let Some(home) = turn.setting.site.home.as_deref() else { continue };
        let other = !turn.setting.asked.provider.is_chatgpt() && turn.setting.asked.provider != Provider::Unknown;
        *known.entry((turn.setting.site.client, home)).or_insert(true) &= other;
    }
    known.into_iter().filter(|(_, others)| *others).map(|(home, _)| home).collect()
}

/// Is there anything of its store, be it that it is kept out of sight? A profile of Hermes without a login of its own
/// uses that of the home it stands in.
fn has_store((client, home, host): &Home, stores: &[Store]) -> bool {
    let root = home.rsplit_once("/profiles/").map(|(root, _)| root).filter(|_| *client == Client::Hermes);
    let here = |store: &Store| store.home.as_deref() == Some(home.as_str()) || (root.is_some() && store.home.as_deref() == root);
    stores.iter().any(|store| store.client == *client && may_be_one(store.host, *host) && here(store))
}
