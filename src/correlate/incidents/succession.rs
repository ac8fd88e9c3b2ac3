//! What became of the very token that the victim held. The generations of a login follow each other in one
//! line, since each is exchanged once: of all pairs that any store shows, the one issued next is its
//! successor, if the successor is on record at all. A store that held the token and shows only a later pair
//! exchanged another one for that, however close the two stand in its own history.
//!
//! Apart from [`super::siblings`], which asks one store at a time: this takes all of them. Issue times alone
//! tell the order: they are the server's own.

use super::siblings::{Asked, Skipped};
use crate::correlate::acts::Act;
use crate::correlate::stores::{Held, Store, StoreId};

/// The pair that came next after the victim's, of all that some store shows.
pub(super) fn successor<'a>(asked: &Asked<'_>, stores: &'a [Store]) -> Option<(StoreId, &'a Held)> {
    let held = asked.held?;
    let later = stores.iter().enumerate().flat_map(|(id, store)| store.held.iter().map(move |h| (id, h)));
    later.filter(|(_, h)| h.is_later_generation(held)).min_by_key(|(_, h)| h.issued_at.map(|at| at.ms))
}

/// What a store that held the token did next.
pub(super) enum Next<'a> {
    /// By this act it came to hold the next pair that is on record.
    Spent(usize),
    /// It came to hold a later pair than this one, which another store shows.
    Skipped(&'a Held),
    /// Nothing, or not by a refresh.
    Nothing,
}

/// What the store did after it held the token at `held` of its history.
pub(super) fn next<'a>(id: StoreId, held: usize, store: &Store, successor: Option<(StoreId, &'a Held)>, acts: &[Act]) -> Next<'a> {
    let Some(spent) = acts.iter().position(|a| a.store == Some(id) && a.held == Some(held + 1) && a.is_rotation()) else {
        return Next::Nothing;
    };
    let own = store.held.get(held + 1);
    match successor.filter(|(_, first)| own.is_some_and(|own| own.is_later_generation(first))) {
        Some((_, first)) => Next::Skipped(first),
        None => Next::Spent(spent),
    }
}

impl Next<'_> {
    /// The act that spent the token.
    pub(super) fn spent(&self) -> Option<usize> {
        match self {
            Next::Spent(act) => Some(*act),
            _ => None,
        }
    }

    /// The generation that the store passed over.
    pub(super) fn skipped(&self) -> Option<Skipped> {
        match self {
            Next::Skipped(held) => Some(Skipped { issued: held.issued_at?, origin: held.origin }),
            _ => None,
        }
    }
}
