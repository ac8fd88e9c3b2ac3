//! Which entry of a store was presented. A file may hold several logins, and a failed turn seldom says which
//! of them it was made with.
//!
//! What names one is a record of the refusal that bears its id: a bench, a fence or a note in the store, a line
//! of a log. Without such a record every entry that the file held then may have been presented, but for one
//! rule of a client: Hermes tries the entries of its pool in silence, and what it says of a refused refresh in
//! the end is about the provider's own login, where there is one (0.10 to 0.19).
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

/// More of them tell no more: what two leave open a third does not close.
const MOST: usize = 8;

/// Stores whose credential a cluster may be about, of one file: that which is taken to be it first. Empty where
/// no store is known.
pub(super) fn of(cluster: &Cluster, stores: &Stores) -> Vec<StoreId> {
    let Some(main) = cluster.failures.iter().find_map(|f| f.store).or(cluster.scope.store) else { return Vec::new() };
    let entries = stores.entries(main);
    let mut named: Vec<StoreId> = Vec::new();
    for id in cluster.failures.iter().filter(|f| names(f)).filter_map(|f| f.store) {
        if entries.contains(&id) && !named.contains(&id) && named.len() < MOST {
            named.push(id);
        }
    }
    if !named.is_empty() {
        return named;
    }
    let store = &stores.list[main];
    let by_resolver = || cluster.failures.iter().any(|f| f.failure.class.is_refresh());
    if store.client == Client::Hermes && store.section == Section::Singleton && by_resolver() {
        return vec![main];
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
