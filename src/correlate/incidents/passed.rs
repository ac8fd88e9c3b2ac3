//! What programs took over from each other between the victim's possession of its token and its refusal, by the marks
//! of their stores or by their own logs: it says which program had a later pair first, whatever its store shows now,
//! and that the one that took it over did not exchange what it had held before.
//!
//! Apart from [`super::succession`], which follows the pairs that stores show: what was taken over need not be on
//! record itself.

use super::asked::Asked;
use crate::correlate::acts::{Act, ActKind, takes_over};
use crate::correlate::stores::{Held, Store, StoreId};

/// A line that tells of a pair is no later than this after the store's own stamp of it.
const LATE_MS: i64 = 10_000;

/// An access token is not taken over when it has ended; clocks are no further apart.
const SKEW_MS: i64 = 10 * 60_000;

/// The act by which the store's program had taken over a pair after the one at `held` of its history, and before it
/// came to hold the `next` one, which no store shows: what it exchanged for the next one was that. Not where the
/// program is known to have refreshed in between by itself.
pub(super) fn took((id, store): (StoreId, &Store), held: usize, next: &Act, acts: &[Act]) -> Option<usize> {
    let known = store.held.get(held)?;
    let from = shown_from(known)?;
    if store.held.get(held + 1).and_then(|next| next.same_family(known)) == Some(false) {
        return None;
    }
    let inside = |act: &&Act| is_own(act, (id, store)) && from < act.at.ms && act.at.ms < next.at.ms;
    let first = acts.iter().position(|act| is_taking(act) && act.held.is_none_or(|at| at > held) && inside(&act))?;
    let until = acts[first].at.ms;
    let refreshed = acts.iter().filter(inside).any(|act| act.is_rotation() && act.held.is_none() && act.at.ms < until);
    (!refreshed).then_some(first)
}

/// Since when a line that says that a pair was taken over tells of another one than this: the store's own stamp
/// dates its possession, or its access token had ended.
fn shown_from(known: &Held) -> Option<i64> {
    let stamped = known.refreshed_at.map(|at| at.ms.saturating_add(LATE_MS));
    stamped.or_else(|| known.expires_at.map(|end| end.ms.saturating_sub(SKEW_MS)))
}

/// Was a pair taken over from another program?
pub(super) fn is_taking(act: &Act) -> bool {
    matches!(act.kind, ActKind::Adopted { from, .. } if from != act.client)
}

fn is_own(act: &Act, (id, store): (StoreId, &Store)) -> bool {
    act.store == Some(id) || (store.home.is_some() && act.is_at(store.client, &store.home, store.host))
}

/// A pair of the victim's login, later than its own, that one program took over from another before the refusal: the
/// other one had it first.
#[derive(Clone, Copy, Debug)]
pub struct Passed {
    /// The act of the program that took it over.
    pub act: usize,
    /// The store of that program.
    pub store: StoreId,
    /// In its history the pair; else the one that it exchanged this for, which descends from the same login.
    pub held: usize,
}

/// The first one on record, of a program that takes pairs over by itself: into another one's store a person may have put
/// it, or the program that made it.
pub(super) fn passed(asked: &Asked<'_>, stores: &[Store], acts: &[Act]) -> Option<Passed> {
    let victims = asked.held?;
    // A pair that was issued by then had been received by then, whenever it was taken over.
    let before = |act: &Act, held: &Held| {
        let received = act.held.and(held.issued_at).unwrap_or(act.at);
        received.maybe_before(asked.refused)
    };
    let found = |(index, act): (usize, &Act)| {
        let store = act.store.filter(|id| Some(*id) != asked.victim.store)?;
        let history = &stores.get(store)?.held;
        let held = act.held.or_else(|| after(history, act, victims))?;
        let pair = history.get(held)?;
        (pair.is_later_generation(victims) && before(act, pair)).then_some(Passed { act: index, store, held })
    };
    acts.iter().enumerate().filter(|(_, act)| is_taking(act) && takes_over(act.client)).find_map(found)
}

/// The pair that came next, where what was taken over is not on record: that had to be good yet, so that it was
/// issued after the victim's, whose access token had ended.
fn after(history: &[Held], act: &Act, victims: &Held) -> Option<usize> {
    let ended = victims.expires_at.is_some_and(|end| end.hi <= act.at.lo);
    let later = |held: &Held| held.issued_at.is_some_and(|issued| issued.ms >= act.at.ms);
    history.iter().position(later).filter(|_| ended)
}
