//! Which entry of a store was presented. A file may hold several logins, and a failed turn seldom says which
//! of them it was made with.
//!
//! What names one is a record of the refusal that bears its id: a bench, a fence or a note in the store, a line
//! of a log. Without such a record every entry that the file held then may have been presented, but for one
//! rule of a client: Hermes tries the entries of its pool in silence, and what it says of a refused refresh in
//! the end is about the provider's own login, where there is one (0.10 to 0.19).
//!
//! Where the zone of the log's times is not known, the record that names the entry may stand on another hour of the
//! line than the refusal that it is of, with a success in between. Then the entry that it names may have been presented
//! as well; and where the two do stand together, so may the provider's own login.
//!
//! Two entries of one login are no two cases: that one of them was rotated and the other was not is what the
//! causes themselves ask about.
//!
//! Apart from [`super::assemble`], which makes an incident of each; what follows where they differ is decided in
//! `attribute`.

use super::cluster::Cluster;
use super::failing::FailureSeen;
use crate::correlate::clock::When;
use crate::correlate::stores::{Held, StoreId, Stores};
use crate::event::{Client, Section};
use crate::secret::Key;
use std::collections::BTreeMap;

/// More of them tell no more: what two leave open a third does not close.
const MOST: usize = 8;

/// Stores whose credential a cluster may be about, of one file: that which is taken to be it first. Empty where
/// no store is known.
pub(super) fn of(cluster: &Cluster, marks: &Marks, stores: &Stores) -> Vec<StoreId> {
    let Some(main) = cluster.failures.iter().find_map(|f| f.store).or(cluster.scope.store) else { return Vec::new() };
    let entries = stores.entries(main);
    let mut named: Vec<StoreId> = Vec::new();
    for id in cluster.failures.iter().filter(|f| names(f)).filter_map(|f| f.store) {
        if entries.contains(&id) && !named.contains(&id) && named.len() < MOST {
            named.push(id);
        }
    }
    let perhaps = marks.may_be_of(cluster, stores.main_of(main));
    let besides = perhaps.into_iter().filter(|id| *id != main && entries.contains(id) && !named.contains(id));
    let besides: Vec<StoreId> = besides.take(MOST).collect();
    let is_own = |id: StoreId| stores.list[id].client == Client::Hermes && stores.list[id].section == Section::Singleton;
    if !named.is_empty() {
        // What a log says of a refresh at an hour that is not known may be of another refusal than the record.
        let unplaced = cluster.failures.iter().any(|f| !names(f) && f.failure.class.is_refresh() && !f.at.is_certain());
        let own = Some(stores.main_of(main)).filter(|id| unplaced && is_own(*id) && !named.contains(id));
        return named.into_iter().chain(own).chain(besides).take(MOST).collect();
    }
    let by_resolver = || cluster.failures.iter().any(|f| f.failure.class.is_refresh());
    if is_own(main) && by_resolver() {
        return std::iter::once(main).chain(besides).take(MOST).collect();
    }
    let mut open = vec![main];
    let mut logins: Vec<&Held> = at(main, cluster.first(), stores).into_iter().collect();
    for id in entries.into_iter().filter(|&id| id != main) {
        let Some(held) = at(id, cluster.first(), stores) else { continue };
        if open.len() < MOST && !logins.iter().any(|known| known.same_family(held) == Some(true)) {
            logins.push(held);
            open.push(id);
        }
    }
    open
}

/// When entries were refused, by records that name them: per file, by time.
#[derive(Debug)]
pub(super) struct Marks(BTreeMap<StoreId, Vec<(i64, StoreId)>>);

impl Marks {
    /// Those of all clusters: what names an entry may have come to stand in another one than the refusal.
    pub(super) fn of<'a>(clusters: impl Iterator<Item = &'a Cluster>, stores: &Stores) -> Marks {
        let mut marks: BTreeMap<StoreId, Vec<(i64, StoreId)>> = BTreeMap::new();
        let naming = clusters.flat_map(|cluster| cluster.failures.iter()).filter(|f| f.dated && f.at.is_point() && names(f));
        for (at, id) in naming.filter_map(|f| Some((f.at.ms, f.store?))) {
            marks.entry(stores.main_of(id)).or_default().push((at, id));
        }
        for list in marks.values_mut() {
            list.sort_unstable();
            list.dedup();
        }
        Marks(marks)
    }

    /// Entries of a file of which a mark stands on a refused refresh of the cluster under an admissible reading of that.
    fn may_be_of(&self, cluster: &Cluster, main: StoreId) -> Vec<StoreId> {
        /// A refusal is noted in the store within this time of the log line of it.
        const NEAR_MS: i64 = 60_000;
        /// Refusals and marks that are looked at.
        const LOOKED_AT: usize = 64;
        let Some(list) = self.0.get(&main) else { return Vec::new() };
        let refused = |f: &&FailureSeen| f.dated && f.failure.class.is_refresh() && !f.at.is_certain();
        let mut found: Vec<StoreId> = Vec::new();
        for at in cluster.failures.iter().filter(refused).take(LOOKED_AT).map(|f| f.at) {
            let from = list.partition_point(|(ms, _)| *ms < at.lo.saturating_sub(NEAR_MS));
            let near = list.get(from..).unwrap_or_default().iter().take_while(|(ms, _)| *ms <= at.hi.saturating_add(NEAR_MS));
            for (_, id) in near.take(LOOKED_AT) {
                if !found.contains(id) {
                    found.push(*id);
                }
            }
        }
        found
    }
}

/// Does the record of a failure name the entry, and say what was refused? One that is out of use says only that
/// it was not presented.
fn names(failure: &FailureSeen) -> bool {
    let class = failure.failure.class;
    failure.of_entry && class.is_auth() && !class.is_consequence()
}

/// What an entry may have held at a time.
fn at(id: StoreId, when: When, stores: &Stores) -> Option<&Held> {
    stores.list[id].held.iter().rev().find(|held| held.since.is_none_or(|since| since.maybe_before(when)))
}

/// The account that a cluster is about, where every entry that may have been presented is of it.
pub(super) fn account(cluster: &Cluster, stores: &Stores) -> Option<Key> {
    let (first, others) = cluster.presented.split_first()?;
    let account = stores.list[*first].account?;
    others.iter().all(|&id| stores.list[id].account == Some(account)).then_some(account)
}
