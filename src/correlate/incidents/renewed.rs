//! A refresh that its store no longer shows: a store keeps its latest pair alone, so that a rotation of the
//! time in question may be overwritten by a later one, or never have been stored. That it took place can
//! still be known: the program went on working past the end of the last access token that its store is known
//! to have held, and no login explains that.
//!
//! Apart from [`super::siblings`], which states what is on record; this is inferred, and says so.

use super::asked::Asked;
use super::failing::SuccessSeen;
use super::successes::Successes;
use crate::correlate::acts::Act;
use crate::correlate::clock::When;
use crate::correlate::stores::{Held, Store, StoreId};
use crate::event::{Client, Origin};

/// Clocks of the server and of a client, and the leeway of the server, are no further apart.
pub(super) const SKEW_MS: i64 = 10 * 60_000;

/// A refresh that must have taken place, and of which no store and no log tells.
#[derive(Clone, Copy, Debug)]
pub struct Renewed {
    /// Not before this: the store held the credential before it, and the victim its own.
    pub after: When,
    /// When the access token ended that is the last one known from before.
    pub ended: When,
    /// The success that a token which had ended cannot have had.
    pub by: SuccessSeen,
    /// The store has taken another pair since, so that the refresh may have been overwritten. False where it
    /// still holds what it held before: then the result was never kept, or the store was put back. False too
    /// where copies of the store are all that was read: then a login that is not on record is possible as well.
    pub replaced: bool,
    /// Whose access token that was.
    pub known: KnownBy,
    /// Where the credential before it is written, or the mark that it was copied from there.
    pub origin: Origin,
}

/// By what it is known which access token a program had before a refresh that its store does not show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownBy {
    /// Its store is known to have held it.
    Held,
    /// It is the victim's, and a mark says that this was copied from there.
    Lent,
    /// It is the victim's, of whose login its store holds a later pair.
    Kin,
}

impl Renewed {
    /// Is what it worked without the very token that the victim held, as far as `shared` tells of its store?
    pub fn is_of_token(&self, shared: bool) -> bool {
        shared || self.known != KnownBy::Held
    }
}

/// The refresh that a store must have made between the victim's possession of its token and its refusal,
/// before the first one that it shows. What was known of it before is the victim's very token, where it held
/// that (`shared`), else the last pair from before the refusal, where it shows no rotation of that time
/// (`unseen`).
pub(super) fn renewed(
    asked: &Asked<'_>,
    id: StoreId,
    (store, shared, unseen): (&Store, Option<usize>, bool),
    worked: &Successes<'_>,
    acts: &[Act],
) -> Option<Renewed> {
    let before = |h: &Held| came(h).is_some_and(|at| at.surely_before(asked.refused)) && h.expires_at.is_some();
    let place = shared.or_else(|| store.held.iter().rposition(before).filter(|_| unseen))?;
    let (known, next) = (store.held.get(place)?, store.held.get(place + 1));
    let ended = known.expires_at?;
    // A pair that came since explains what worked from then on.
    let until = next.and_then(came).filter(|at| at.ms < asked.refused.ms).unwrap_or(asked.refused);
    let by = worked.between(id, ended.hi.saturating_add(SKEW_MS), until, next.is_none())?;
    let replaced = match next {
        // It holds to this day what it held then: the newer pair was never kept there, or is gone again.
        None if store.live && !store.hidden => false,
        // A copy is all that was read of it: what its program worked with then is in no file.
        None if !store.live => false,
        Some(next) if next.is_later_generation(known) => true,
        // A login after that success does not explain it; one at a time that is not known may.
        Some(next) if next.login_time.is_some_and(|at| at > by.at.hi) => true,
        _ => return None,
    };
    let found = Renewed { after: since(known, asked)?, ended, by, replaced, known: KnownBy::Held, origin: known.origin };
    found.stands((id, store), Some(place), acts).then_some(found)
}

/// The same of a store that held the very token (`shared`) and whose program works past the end of that after
/// the victim was told that the token was used. By then it could no longer have refreshed with it, so that it
/// had before. What its store shows now hides that in one of three ways. It holds the token to this day: what came
/// of the refresh was never written, or the store was put back. (Of one of which copies alone were read it may have
/// been logged in anew since as well.) It holds a later generation of the very login, issued after that work. Or it
/// holds another login, for which the password was entered after that work: logging in again is the usual repair,
/// and explains nothing that was done before.
///
/// The same of a Codex of which no older pair is known: access tokens of one login live equally long, so that what
/// it worked with was issued after the victim's, and Codex (0.98 to 0.169) takes no pair over from others. Where it
/// holds another login now, the mark of a copy (`lent`) has to say that the victim's token was its own.
pub(super) fn outlived(
    asked: &Asked<'_>,
    id: StoreId,
    (store, shared, lent): (&Store, Option<usize>, Option<&Held>),
    worked: &Successes<'_>,
    acts: &[Act],
) -> Option<Renewed> {
    let (known, next) = match shared {
        Some(at) => (store.held.get(at)?, store.held.get(at + 1)),
        None if store.client == Client::Codex => (asked.held?, Some(store.held.first()?)),
        None => return None,
    };
    let ended = known.expires_at?;
    let from = ended.hi.saturating_add(SKEW_MS).max(asked.refused.hi);
    let by = worked.from(id, from)?;
    let told = || shared.map(|_| KnownBy::Held);
    let known_by = match next {
        _ if store.hidden => return None,
        None => told()?,
        Some(_) if !store.live => return None,
        Some(next) if next.is_later_generation(known) && by.at.surely_before(came(next)?) => told().unwrap_or(KnownBy::Kin),
        Some(next) if next.login_time.is_some_and(|at| at > by.at.hi) => told().or(lent.map(|_| KnownBy::Lent))?,
        Some(_) => return None,
    };
    let found = Renewed {
        after: since(known, asked)?,
        ended,
        by,
        replaced: next.is_some(),
        known: known_by,
        origin: lent.filter(|_| known_by == KnownBy::Lent).map_or(known.origin, |mark| mark.origin),
    };
    found.stands((id, store), shared, acts).then_some(found)
}

/// When the store came to hold a pair.
fn came(held: &Held) -> Option<When> {
    held.issued_at.or(held.since)
}

/// Since when both held what they held.
fn since(known: &Held, asked: &Asked<'_>) -> Option<When> {
    [came(known), asked.held.and_then(|held| held.since)].into_iter().flatten().max_by_key(|at| at.ms)
}

impl Renewed {
    /// Is it sure to come after that, and does no login of its home explain it?
    fn stands(&self, (id, store): (StoreId, &Store), known: Option<usize>, acts: &[Act]) -> bool {
        let inside = |act: &Act| self.after.ms <= act.at.ms && act.at.ms <= self.by.at.ms;
        // The login that brought what was known is none since.
        let brought = |act: &Act| act.store == Some(id) && act.held.is_some() && act.held == known;
        let own = |act: &Act| act.store == Some(id) || (act.client == store.client && act.home.is_some() && act.home == store.home);
        let logged_in = acts.iter().any(|act| act.is_ending() && own(act) && inside(act) && !brought(act));
        self.after.surely_before(self.by.at) && !logged_in
    }
}
