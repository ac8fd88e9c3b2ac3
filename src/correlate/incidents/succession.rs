//! What became of the very token that the victim held. The generations of a login follow each other in one
//! line, since each is exchanged once: of all pairs that any store shows, the one issued next is its
//! successor, if the successor is on record at all. A store that held the token and shows only a later pair
//! exchanged another one for that, however close the two stand in its own history.
//!
//! Apart from [`super::siblings`], which asks one store at a time: this takes all of them. Issue times alone
//! tell the order: they are the server's own.

use super::asked::Asked;
use crate::correlate::acts::{Act, ActKind};
use crate::correlate::clock::When;
use crate::correlate::stores::{Held, Store, StoreId};
use crate::event::{Client, Origin};

/// Records of one adoption are no further apart than this.
const AGREE_MS: u64 = 2 * 60_000;

/// A pair that some store shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown<'a> {
    held: &'a Held,
    store: StoreId,
    /// The program that the store took it over from, where that is on record.
    from: Option<Client>,
}

/// The pair that came next after the victim's, of all that some store shows.
pub(super) fn successor<'a>(asked: &Asked<'_>, stores: &'a [Store], acts: &[Act]) -> Option<Shown<'a>> {
    let held = asked.held?;
    let all = stores.iter().enumerate().flat_map(|(id, store)| store.held.iter().enumerate().map(move |(at, h)| (id, at, h)));
    let (id, at, held) = all.filter(|(.., h)| h.is_later_generation(held)).min_by_key(|(.., h)| h.issued_at.map(|at| at.ms))?;
    let near = |act: &Act| held.since.is_some_and(|since| act.at.ms.abs_diff(since.ms) <= AGREE_MS);
    let brought = |act: &&Act| act.store == Some(id) && (act.held == Some(at) || (act.held.is_none() && near(act)));
    let from = acts.iter().filter(brought).find_map(|act| match act.kind {
        ActKind::Adopted { from, .. } => Some(from),
        _ => None,
    });
    Some(Shown { held, store: id, from })
}

impl Shown<'_> {
    /// Does another store than this one show it, or is it known that this one took it over?
    pub(super) fn is_from_elsewhere(&self, id: StoreId) -> bool {
        self.store != id || self.from.is_some()
    }

    /// Was it issued after this? What was done before that had another reason.
    pub(super) fn came_after(&self, at: When) -> bool {
        self.held.issued_at.is_some_and(|issued| at.surely_before(issued))
    }
}

/// A generation that a store passed over, as far as it is on record.
#[derive(Clone, Copy, Debug)]
pub struct Skipped {
    /// When it was issued: the shared token had been exchanged by then.
    pub issued: When,
    /// The store that shows it took it over from this one's program, which therefore had it first.
    pub passed_on: bool,
    /// Where it is written, in another store.
    pub origin: Origin,
}

/// What a store that held the token did next.
pub(super) enum Next<'a> {
    /// By this act it came to hold the next pair that is on record.
    Spent(usize),
    /// It came to hold a later pair than this one, which another store shows.
    Skipped(Shown<'a>, Client),
    /// Nothing, or not by a refresh.
    Nothing,
}

/// What the store did after it held the token at `held` of its history.
pub(super) fn next<'a>(id: StoreId, held: usize, store: &Store, successor: Option<Shown<'a>>, acts: &[Act]) -> Next<'a> {
    let Some(spent) = acts.iter().position(|a| a.store == Some(id) && a.held == Some(held + 1) && a.is_rotation()) else {
        return Next::Nothing;
    };
    let own = store.held.get(held + 1);
    match successor.filter(|first| own.is_some_and(|own| own.is_later_generation(first.held))) {
        Some(first) => Next::Skipped(first, store.client),
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
            Next::Skipped(shown, client) => {
                let passed_on = shown.from == Some(*client);
                Some(Skipped { issued: shown.held.issued_at?, passed_on, origin: shown.held.origin })
            }
            _ => None,
        }
    }
}
