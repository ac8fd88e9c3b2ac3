//! Answered turns of the ChatGPT login by the store that may have paid for them: the signs of life that the
//! siblings, the replays and the lives of logins are told by. Apart from those, since they all ask it.

use super::asked::Asked;
use super::failing::SuccessSeen;
use crate::correlate::clock::When;
use crate::correlate::stores::{Held, Store, StoreId, Stores};
use crate::correlate::turns::TurnSeen;
use crate::event::{Client, Origin};
use crate::secret::Key;
use std::collections::BTreeMap;

/// Answered turns of the ChatGPT login, by store and time.
pub(super) struct Successes<'a>(Vec<Vec<&'a TurnSeen>>);

impl<'a> Successes<'a> {
    /// Collect them. A turn whose store is open counts for every store of its home.
    pub(in crate::correlate) fn of(stores: &Stores, turns: &'a [TurnSeen]) -> Successes<'a> {
        let mut at_home: BTreeMap<(Client, &str), Vec<StoreId>> = BTreeMap::new();
        for (id, store) in stores.list.iter().enumerate() {
            if let Some(home) = &store.home {
                at_home.entry((store.client, home)).or_default().push(id);
            }
        }
        let mut successes = Successes(vec![Vec::new(); stores.list.len()]);
        for turn in turns.iter().filter(|t| t.stop.is_success() && t.setting.asked.provider.is_chatgpt()) {
            let of_home = || turn.setting.site.home.as_deref().and_then(|home| at_home.get(&(turn.setting.site.client, home)));
            match turn.setting.store {
                Some(id) => successes.0[id].push(turn),
                // What an agent worked with whose own store was not read is none of those of the others.
                None if turn.setting.site.unread_agent.is_some() => {}
                None => of_home().into_iter().flatten().for_each(|&id| successes.0[id].push(turn)),
            }
        }
        successes.0.iter_mut().for_each(|list| list.sort_by_key(|t| t.at().ms));
        successes
    }

    /// The account that the last one of a store before a time names, if any does.
    pub(super) fn account_before(&self, id: StoreId, at: When) -> Option<(Key, (When, Origin))> {
        let list = self.0.get(id)?;
        let end = list.partition_point(|t| t.at().ms < at.ms);
        let earlier = list[..end].iter().rev().take(MOST_LOOKED_AT).filter(|t| t.at().surely_before(at));
        earlier.filter_map(|t| Some((t.setting.asked.account?, (t.at(), t.origin())))).next()
    }

    /// Each with every store that may have paid for it.
    pub(super) fn all(&self) -> impl Iterator<Item = (StoreId, &'a TurnSeen)> {
        self.0.iter().enumerate().flat_map(|(id, list)| list.iter().map(move |turn| (id, *turn)))
    }

    /// Each with its store, where no other store of its home can have paid for it.
    pub(super) fn of_one_store(&self) -> impl Iterator<Item = (StoreId, &'a TurnSeen)> {
        let mut shared: BTreeMap<Origin, u32> = BTreeMap::new();
        self.0.iter().flatten().for_each(|turn| *shared.entry(turn.origin()).or_default() += 1);
        let alone = move |turn: &TurnSeen| shared.get(&turn.origin()) == Some(&1);
        self.all().filter(move |(_, turn)| alone(turn))
    }

    /// The first success of a store after the victim's first failure.
    pub(super) fn after(&self, asked: &Asked<'_>, id: StoreId, store: &Store) -> Option<SuccessSeen> {
        let from = self.0[id].partition_point(|t| t.at().ms <= asked.first.hi);
        let later = self.0[id][from..].iter().take(MOST_LOOKED_AT);
        later.copied().find(|t| asked.first.surely_before(t.at()) && may_be_its(t, asked, store)).map(SuccessSeen::of)
    }

    /// A success of a store between two times, under every reading of the clocks. With `of_store` only one
    /// of which it is known that this store's credential was used.
    pub(super) fn between(&self, id: StoreId, from_ms: i64, before: When, of_store: bool) -> Option<SuccessSeen> {
        let list = self.0.get(id)?;
        let from = list.partition_point(|t| t.at().ms <= from_ms);
        let inside = |t: &&&TurnSeen| t.at().lo > from_ms && t.at().surely_before(before);
        let its = |t: &&&TurnSeen| !of_store || t.setting.store == Some(id);
        let found = list[from..].iter().take(MOST_LOOKED_AT).filter(inside).find(its);
        found.map(|t| SuccessSeen::of(t))
    }

    /// The first success after a time that is known to be of this store, before a failure of the very program. Two
    /// times of one program whose zone is not known are of one zone: their order is as they are written.
    pub(super) fn past(&self, id: StoreId, from_ms: i64, before: When) -> Option<SuccessSeen> {
        let alike = |at: When| !at.is_certain() && !before.is_certain() && at.ms < before.ms;
        let earlier = |t: &&&TurnSeen| t.at().surely_before(before) || alike(t.at());
        let list = self.0.get(id)?;
        let from = list.partition_point(|t| t.at().ms <= from_ms);
        let its = |t: &&&TurnSeen| t.setting.store == Some(id) && t.at().lo > from_ms;
        list[from..].iter().take(MOST_LOOKED_AT).filter(its).find(earlier).map(|t| SuccessSeen::of(t))
    }

    /// The first success after a time that is known to be of this store.
    pub(super) fn from(&self, id: StoreId, from_ms: i64) -> Option<SuccessSeen> {
        let list = self.0.get(id)?;
        let from = list.partition_point(|t| t.at().ms <= from_ms);
        let found = list[from..].iter().take(MOST_LOOKED_AT).find(|t| t.at().lo > from_ms && t.setting.store == Some(id));
        found.map(|t| SuccessSeen::of(t))
    }

    /// The last time before `until` that a store's credential of a login is known to have worked.
    pub(super) fn last_of_login(&self, id: StoreId, login: &Held, stores: &Stores, until: When) -> Option<When> {
        let list = self.0.get(id)?;
        let end = list.partition_point(|t| t.at().ms < until.ms);
        let of_login = |t: &&&TurnSeen| is_of_login(t, &stores.list[id], login);
        list[..end].iter().rev().take(MOST_LOOKED_AT).find(of_login).map(|t| t.at())
    }

    /// The first time after `since` that it is known to have worked, by a call that was made after that.
    pub(super) fn first_of_login(&self, id: StoreId, login: &Held, stores: &Stores, since: When) -> Option<SuccessSeen> {
        let list = self.0.get(id)?;
        let from = list.partition_point(|t| t.at().ms <= since.ms);
        let is_later =
            |t: &&&TurnSeen| since.surely_before(t.started().unwrap_or(t.at())) && is_of_login(t, &stores.list[id], login);
        let found = list[from..].iter().take(MOST_LOOKED_AT).find(is_later);
        found.map(|t| SuccessSeen::of(t))
    }
}

/// May the credential that the store held at that turn be of the victim's login?
fn may_be_its(turn: &TurnSeen, asked: &Asked<'_>, store: &Store) -> bool {
    store.held_at(turn.at()).zip(asked.held).and_then(|(a, b)| a.same_family(b)) != Some(false)
}

/// Was the credential that the store held at that turn of this login, for certain?
fn is_of_login(turn: &TurnSeen, store: &Store, login: &Held) -> bool {
    store.held_at(turn.at()).and_then(|held| held.same_family(login)) == Some(true)
}

/// Successes that are looked at from a time on. Where so many are of another login, so are the rest.
const MOST_LOOKED_AT: usize = 4_096;
