//! A login that dies right after somebody presented an old refresh token of it: who presented it, and how
//! its holders fared since. The server may end a whole login for that; whether it did is for others to say.
//!
//! Apart from the siblings, since this is about all holders of one login together, the victim among them,
//! and about what they were told, not about what they did.

use super::asked::Asked;
use super::cluster::Cluster;
use super::failing::{FailureSeen, Group, SuccessSeen, is_mute};
use super::leads;
use super::lived;
use super::successes::Successes;
use crate::correlate::clock::When;
use crate::correlate::stores::{Held, StoreId, Stores};
use crate::event::{ErrorClass, Origin};

/// A refused use of an old refresh token, and what became of the login.
#[derive(Clone, Debug)]
pub struct Replay {
    /// When it was refused.
    pub at: When,
    /// Where that is written.
    pub origin: Origin,
    /// In which store the token was.
    pub store: StoreId,
    /// First time that each holder was told that the login had been ended, since then.
    pub ended: Vec<(StoreId, When, Origin)>,
    /// Holders of which nothing is on record since then.
    pub unheard: Vec<StoreId>,
    /// A holder that went on working with the login after one had been told that it was ended.
    pub alive: Option<(StoreId, SuccessSeen)>,
    /// The holder of the newest pair of the login at that time.
    pub newest: Option<StoreId>,
}

/// What the holders of each store were told, once for each row of failures: that a refresh token had been
/// used, and that the login had been ended. By time.
#[derive(Debug)]
pub(in crate::correlate) struct Told {
    reused: Vec<Vec<(When, Origin)>>,
    ended: Vec<Vec<(When, Origin)>>,
    /// Those of `ended` that a refresh was told.
    revoked: Vec<Vec<(When, Origin)>>,
    /// Failures that tell no reason, or a label alone: they may have been told either.
    mute: Vec<Vec<(When, Origin)>>,
    /// Refusals in words that leave it open, and calls for which there was no credential.
    open: Vec<Vec<(When, Origin)>>,
}

/// What a failure says of the login that a program had, most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// It had ended.
    Ended,
    /// Its refresh token had been used.
    Used,
    /// Nothing of either.
    Open,
}

impl Told {
    /// Collect it, also of refusals by which no turn failed. Further refusals of a row may be one answer,
    /// repeated by the client (Codex keeps it per snapshot of its store).
    pub(in crate::correlate) fn of<'c>(clusters: impl Iterator<Item = &'c Cluster>, stores: &Stores) -> Told {
        let nothing = || vec![Vec::new(); stores.list.len()];
        let mut told = Told { reused: nothing(), ended: nothing(), revoked: nothing(), mute: nothing(), open: nothing() };
        for cluster in clusters.filter(|c| matches!(c.group, Some(Group::Auth)) || c.is_open()) {
            let &[id] = cluster.presented.as_slice() else { continue };
            let first = |fits: fn(ErrorClass) -> bool| first(&cluster.failures, fits);
            if let Some(list) = told.open.get_mut(id) {
                list.extend(first(leaves_open));
            }
            if let Some(list) = told.mute.get_mut(id) {
                list.extend(untold(cluster));
            }
            if let Some(list) = told.reused.get_mut(id) {
                list.extend(first(|class| class == ErrorClass::RefreshTokenReused));
            }
            if let Some(list) = told.ended.get_mut(id) {
                list.extend(first(ErrorClass::is_revocation));
            }
            let end = cluster.failures.iter().find(|f| f.dated && f.failure.class.is_revocation());
            if let (Some(list), Some(end)) = (told.revoked.get_mut(id), end.filter(|f| f.failure.class.is_refresh())) {
                list.push((end.at, end.origin));
            }
        }
        told.reused
            .iter_mut()
            .chain(&mut told.ended)
            .chain(&mut told.revoked)
            .chain(&mut told.mute)
            .chain(&mut told.open)
            .for_each(|list| list.sort_by_key(|(at, origin)| (at.ms, *origin)));
        told
    }

    /// When the program of a store was first told, after a time, that a refresh token had been used.
    pub(super) fn used_after(&self, id: StoreId, since_ms: i64) -> Option<(When, Origin)> {
        let list = self.reused.get(id)?;
        list.get(list.partition_point(|(at, _)| at.ms <= since_ms)).copied()
    }

    /// When the holders of each store were told that the login had been ended.
    pub(super) fn ended(&self) -> impl Iterator<Item = (StoreId, When, Origin)> {
        each(&self.ended)
    }

    /// When they were told so by a refresh.
    pub(super) fn revoked(&self) -> impl Iterator<Item = (StoreId, When, Origin)> {
        each(&self.revoked)
    }

    /// Was it a refresh that was told so?
    pub(super) fn is_of_refresh(&self, id: StoreId, (at, origin): (When, Origin)) -> bool {
        let list = self.revoked.get(id).map_or(&[][..], Vec::as_slice);
        list.binary_search_by_key(&(at.ms, origin), |(at, origin)| (at.ms, *origin)).is_ok()
    }

    /// All that the program of each store was told, or was not.
    pub(super) fn answers(&self) -> impl Iterator<Item = (StoreId, When, Origin, Answer)> {
        let lists =
            [(&self.ended, Answer::Ended), (&self.reused, Answer::Used), (&self.mute, Answer::Open), (&self.open, Answer::Open)];
        lists.into_iter().flat_map(|(lists, answer)| each(lists).map(move |(id, at, origin)| (id, at, origin, answer)))
    }

    /// When the holders of each store failed for no reason that is on record.
    pub(super) fn mute(&self) -> impl Iterator<Item = (StoreId, When, Origin)> {
        each(&self.mute)
    }
}

fn each(lists: &[Vec<(When, Origin)>]) -> impl Iterator<Item = (StoreId, When, Origin)> {
    lists.iter().enumerate().flat_map(|(id, list)| list.iter().map(move |(at, origin)| (id, *at, *origin)))
}

/// A refusal after which a person logs in, whatever became of the login; not one that says nothing of it, such as
/// a refresh that got no answer.
fn leaves_open(class: ErrorClass) -> bool {
    use ErrorClass as C;
    let refused = matches!(class, C::RefreshTokenExpired | C::RefreshNotValidated | C::InvalidGrant | C::RefreshRefused);
    // A client meets an expired access token with a refresh: where the turn failed all the same, that one did too.
    refused
        || matches!(
            class,
            C::TokenExpired | C::Unauthorized | C::NotRenewed | C::MissingBearer | C::NoCredential | C::AccountMismatch
        )
}

/// The first failure of a row that may have been told anything, where that is not said in the same moment.
fn untold(cluster: &Cluster) -> Option<(When, Origin)> {
    let silent = |f: &&FailureSeen| f.dated && (f.is_hollow() || is_mute(f.failure.class));
    if cluster.is_open() {
        return cluster.failures.iter().find(silent).map(|f| (f.at, f.origin));
    }
    // What led up to a refusal: a credential out of use may be so for that very refusal.
    let opened = cluster.first().ms.saturating_sub(leads::GIVEN_UP_MS);
    let lead = cluster.failures.iter().find(|f| f.dated && f.is_second_hand());
    lead.filter(|f| f.at.ms < opened).map(|f| (f.at, f.origin))
}

fn first(failures: &[FailureSeen], fits: fn(ErrorClass) -> bool) -> Option<(When, Origin)> {
    failures.iter().find(|f| f.dated && fits(f.failure.class)).map(|f| (f.at, f.origin))
}

/// The first refused replay since the login was last seen to work, if its holders were told after it that
/// the login had ended.
pub(super) fn before(
    asked: &Asked<'_>,
    failures: &[FailureSeen],
    told: &Told,
    stores: &Stores,
    successes: &Successes<'_>,
) -> Option<Replay> {
    let (held, own) = (asked.held?, asked.victim.store?);
    let victims = first(failures, ErrorClass::is_revocation)?;
    let holders = holders(held, own, victims.0, stores);
    let good = |id: StoreId| successes.last_of_login(id, held, stores, victims.0);
    let answered = || holders.iter().filter_map(|&id| good(id)).chain(asked.last_good).max_by_key(|at| at.ms);
    // What is answered on an access token says nothing of the refresh tokens of the login.
    let told_by_refresh = lived::refused_refresh(asked.victim.client, Some(held), failures);
    let possessed = told_by_refresh.and(lived::possessed(held));
    let since = possessed.map(|at| asked.lived.unwrap_or(at)).or_else(answered).map_or(i64::MIN, |at| at.ms);
    let after = |list: &[(When, Origin)], from: i64| list.get(list.partition_point(|(at, _)| at.ms <= from)).copied();
    let replays = holders.iter().filter_map(|&id| Some((id, after(told.reused.get(id)?, since)?)));
    let (store, (at, origin)) =
        replays.filter(|(_, (at, _))| at.surely_before(victims.0)).min_by_key(|(id, (at, _))| (at.ms, *id))?;
    let ended_of = |id: StoreId| if id == own { Some(victims) } else { after(told.ended.get(id)?, since) };
    let ended: Vec<_> = holders.iter().filter_map(|&id| ended_of(id).map(|(at, origin)| (id, at, origin))).collect();
    let begun = ended.iter().map(|(_, at, _)| *at).min_by_key(|at| at.ms)?;
    if !at.surely_before(begun) {
        return None;
    }
    let newest = holders.iter().copied().max_by_key(|&id| issued(id, held, begun, stores));
    let alive = holders.iter().find_map(|&id| Some((id, successes.first_of_login(id, held, stores, begun)?)));
    let is_heard = |id: &StoreId| *id == store || ended.iter().any(|(other, ..)| other == id);
    let unheard = holders.iter().copied().filter(|id| !is_heard(id)).collect();
    Some(Replay { at, origin, store, ended, unheard, alive, newest })
}

/// Stores that held a credential of the login at a time.
fn holders(held: &Held, own: StoreId, at: When, stores: &Stores) -> Vec<StoreId> {
    let holds = |id: StoreId| stores.list[id].held_at(at).and_then(|h| h.same_family(held)) == Some(true);
    (0..stores.list.len()).filter(|&id| id == own || holds(id)).collect()
}

/// When the pair of the login that a store held then was issued.
fn issued(id: StoreId, held: &Held, at: When, stores: &Stores) -> Option<i64> {
    let own = stores.list[id].held_at(at).filter(|h| h.same_family(held) == Some(true))?;
    own.issued_at.or(own.since).map(|w| w.ms)
}
