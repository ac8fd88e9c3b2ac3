//! Whether another store's credential descends from the victim's login, as far as what it is known to have held
//! tells.
//!
//! Apart from [`super::siblings`], since a store tells less of this than it seems to: Codex keeps its latest pair
//! alone, in one file, without a copy of the one before. A pair of another login says nothing of the login that it
//! took the place of.

use super::asked::Asked;
use super::relation::Relation;
use super::relogin::bound;
use crate::correlate::clock::When;
use crate::correlate::hosts::differ;
use crate::correlate::stores::{Held, Store, Stores};
use crate::event::Origin;

/// A login that a store shows, and that may have been made since the victim came to hold its own: what the store
/// held right before is not on record, or not whole.
#[derive(Clone, Copy, Debug)]
pub struct Anew {
    /// When the password was entered for it, else when its pair was issued, in ms.
    pub begun: Option<i64>,
    /// When the store came to hold the pair.
    pub since: Option<When>,
    /// Where the pair is written.
    pub origin: Origin,
}

/// How a store's login stands to the victim's.
pub(super) struct Kin {
    pub(super) relation: Relation,
    pub(super) anew: Option<Anew>,
}

/// The same login if any credential of the store's history descends from the victim's; different only if all of
/// them are known not to, and one of them was of a login that the store's program had when the victim came to hold
/// its own. One that was logged in since may have had the victim's before: that it is another one now is what a
/// repair looks like, and what an act that ended the victim's login looks like. `relogged` is the first login of
/// the store since then, as far as one is on record.
///
/// Where it is not known which credential the victim held, only "different" can be said: from all that its program
/// is known to have held by then in the victim's own home, since what another home of the program held says
/// nothing of it. What it holds since may be the repair.
pub(super) fn of(asked: &Asked<'_>, store: &Store, stores: &Stores, relogged: Option<When>) -> Kin {
    let untold = Kin { relation: Relation::Unknown, anew: None };
    if let Some(held) = asked.held {
        return to(held, store, relogged);
    }
    // What other agents held says nothing of one whose own store was not read.
    if asked.victim.is_unread {
        return untold;
    }
    let by_then = |h: &&Held| h.since.is_some_and(|s| s.surely_before(asked.first));
    let own_home = |s: &&Store| s.home.is_none() || asked.victim.home.is_none() || s.home == asked.victim.home;
    let own_program = |s: &&Store| s.client == asked.victim.client && !differ(s.host, asked.victim.host);
    let own = stores.list.iter().filter(own_program).filter(own_home).flat_map(|s| &s.held).filter(by_then);
    let kin: Vec<Kin> = own.map(|own| to(own, store, relogged)).collect();
    match kin.iter().all(|kin| kin.relation == Relation::Different) {
        true if !kin.is_empty() => Kin { relation: Relation::Different, anew: None },
        _ => Kin { anew: kin.iter().rev().find_map(|kin| kin.anew), ..untold },
    }
}

/// The same beside one credential of the victim's.
fn to(victims: &Held, store: &Store, relogged: Option<When>) -> Kin {
    let answers: Vec<Option<bool>> = store.held.iter().map(|h| h.same_family(victims)).collect();
    let relation = |relation: Relation| Kin { relation, anew: None };
    let tells = |held: &Held| bound(victims).is_some_and(|possession| is_from_before(held, possession, relogged));
    if answers.contains(&Some(true)) {
        // It gave that login up: what it did with it until then is no longer there.
        let given_up = store.newest().filter(|held| held.same_family(victims) == Some(false) && !tells(held));
        return Kin { relation: Relation::Same, anew: given_up.map(anew) };
    }
    if answers.is_empty() || answers.contains(&None) {
        return relation(Relation::Unknown);
    }
    if store.held.iter().any(tells) {
        return relation(Relation::Different);
    }
    Kin { relation: Relation::Unknown, anew: store.held.first().map(anew) }
}

fn anew(held: &Held) -> Anew {
    Anew { begun: begun(held), since: held.since.or(held.issued_at), origin: held.origin }
}

/// Is the pair of a login that its store had at a time? It was issued by then, or comes of a password entered by
/// then and no login since: a browser that is still signed in gives a new login without asking for it.
fn is_from_before(held: &Held, at: When, relogged: Option<When>) -> bool {
    let came = held.issued_at.or(held.since);
    if came.is_some_and(|came| came.hi <= at.hi) {
        return true;
    }
    let kept = relogged.is_none_or(|login| came.is_some_and(|came| came.surely_before(login)));
    kept && held.login_time.is_some_and(|entered| entered <= at.lo)
}

/// When the login of a pair began at the earliest, as far as the pair says.
fn begun(held: &Held) -> Option<i64> {
    held.login_time.or(held.issued_at.or(held.since).map(|at| at.ms))
}
