//! Refusals that cannot have been about the login of the program in whose log they stand: no turn failed by them,
//! and the program exchanged the very refresh token afterwards that the server is said to have called used or
//! ended. A line of a plain log may be quoted there, from another machine's log or another program's; a store's
//! own later exchange is not.
//!
//! Apart from [`super::joining`], which knows failures and successes only: this asks the stores.

use super::cluster::Cluster;
use crate::correlate::acts::Act;
use crate::correlate::stores::{StoreId, Stores};
use crate::event::ErrorClass;
use crate::secret::Key;
use std::collections::{BTreeMap, BTreeSet};

/// Issue times are whole seconds, and the winner of a race is issued in the second of the refusals, in ms.
pub(super) const AFTER_MS: i64 = 2_000;

/// What each store came by in a refresh of its own.
pub(super) struct Exchanges {
    /// When it did, in ms, by store and place of the new pair in its history.
    made: BTreeMap<(StoreId, usize), i64>,
    /// Refresh tokens that stand in more than one store: one of them may have taken it over.
    shared: BTreeSet<Key>,
}

impl Exchanges {
    pub(super) fn of(stores: &Stores, acts: &[Act]) -> Exchanges {
        let rotations = acts.iter().filter(|act| act.is_rotation());
        let made = rotations.filter_map(|act| Some(((act.store?, act.held?), act.at.ms))).collect();
        let mut holders: BTreeMap<Key, StoreId> = BTreeMap::new();
        let mut shared = BTreeSet::new();
        for (id, store) in stores.list.iter().enumerate() {
            for refresh in store.held.iter().filter_map(|held| held.refresh) {
                if *holders.entry(refresh).or_insert(id) != id {
                    shared.insert(refresh);
                }
            }
        }
        Exchanges { made, shared }
    }

    /// Was the token exchanged later that a cluster calls dead?
    pub(super) fn outlive(&self, cluster: &Cluster, stores: &Stores) -> bool {
        let final_word = |class: ErrorClass| {
            use ErrorClass as C;
            matches!(class, C::RefreshTokenReused | C::RefreshTokenInvalidated | C::SessionTerminated | C::RefreshTokenExpired)
        };
        let quoted = cluster.failures.iter().all(|f| f.quotable && final_word(f.failure.class));
        let &[id] = cluster.presented.as_slice() else { return false };
        let Some(store) = stores.list.get(id).filter(|_| quoted) else { return false };
        let Some(held) = store.surely_held_at(cluster.first()) else { return false };
        let Some(place) = store.held.iter().position(|known| known.same_tokens(held)) else { return false };
        let next = store.held.get(place + 1).filter(|next| next.same_family(held) == Some(true) && !next.imported);
        let own = next.and_then(|next| next.refresh).is_some_and(|refresh| !self.shared.contains(&refresh));
        own && self.made.get(&(id, place + 1)).is_some_and(|at| *at > cluster.last().ms.saturating_add(AFTER_MS))
    }
}
