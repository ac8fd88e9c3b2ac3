//! Logins that part a store from what it held before. After one, its program refreshes the new login, and what
//! a log alone tells of that, or a pair without the claim of its session, says nothing of the login that the
//! victim holds a token of: not even where the victim had taken that over from this very store.
//!
//! Apart from [`super::siblings`], which compares what stores hold: here nothing that is held tells.

use super::asked::Asked;
use crate::correlate::acts::{Act, ActKind};
use crate::correlate::clock::When;
use crate::correlate::stores::{Held, Store, StoreId};
use std::collections::BTreeMap;

/// A login that gave the victim its pair is on record this much later at most.
const AT_ONCE_MS: i64 = 2 * 60_000;

/// Of each store the first login or logout since the victim came to hold its token; one that is known to have
/// been completed before one that was only begun.
#[derive(Debug, Default)]
pub(super) struct Relogins(BTreeMap<StoreId, usize>);

impl Relogins {
    /// Find them. A store whose program took a credential over later on, or that was put back, may be of the
    /// victim's login again.
    pub(super) fn of(asked: &Asked<'_>, stores: &[Store], acts: &[Act]) -> Relogins {
        let Some(since) = asked.held.and_then(bound) else { return Relogins::default() };
        let from = acts.partition_point(|act| act.at.ms <= since.ms.saturating_add(AT_ONCE_MS));
        let mut first: BTreeMap<StoreId, usize> = BTreeMap::new();
        for (index, act) in acts.iter().enumerate().skip(from) {
            let Some(id) = act.store.filter(|id| Some(*id) != asked.victim.store) else { continue };
            if matches!(act.kind, ActKind::Adopted { .. } | ActKind::Restored) {
                first.remove(&id);
            } else if act.is_ending() && since.surely_before(act.at) && !is_of_victims(act, asked, stores) {
                let known = first.entry(id).or_insert(index);
                if acts.get(*known).is_some_and(|known| !parts(known)) && parts(act) {
                    *known = index;
                }
            }
        }
        Relogins(first)
    }

    /// The one of this store.
    pub(super) fn of_store(&self, id: StoreId) -> Option<usize> {
        self.0.get(&id).copied()
    }

    /// Is a rotation known to be of the login that came since?
    pub(super) fn parts(&self, act: &Act, asked: &Asked<'_>, stores: &[Store], acts: &[Act]) -> bool {
        let login = act.store.and_then(|id| self.of_store(id)).and_then(|index| acts.get(index));
        login.is_some_and(|login| parts(login) && login.at.surely_before(act.at)) && !is_of_victims(act, asked, stores)
    }
}

/// Does it end what the store held for sure? A login that was only begun may not have been completed.
fn parts(act: &Act) -> bool {
    act.is_sure_login() || act.kind == ActKind::Logout
}

/// From when on a login cannot have given the victim its pair.
pub(super) fn bound(held: &Held) -> Option<When> {
    let since = held.since.filter(|_| !held.dated_by_file);
    [since, held.issued_at].into_iter().flatten().max_by_key(|at| at.ms)
}

/// Did it bring a pair that is known to be of the victim's login?
fn is_of_victims(act: &Act, asked: &Asked<'_>, stores: &[Store]) -> bool {
    let brought = act.held.and_then(|at| stores.get(act.store?)?.held.get(at));
    brought.zip(asked.held).and_then(|(a, b)| a.same_family(b)) == Some(true)
}
