//! Turns that a ChatGPT login paid for of whose place no store was read: another program, another home,
//! profile or agent of one, or another machine was at work, and what it did to which login is out of view.
//!
//! Apart from the turns, since it is asked of stores: a place without a store of its own may use that of the
//! home or the agent that it stands beside, so that its turns may bear a store all the same.

use super::turn::TurnSeen;
use crate::correlate::hosts::may_be_one;
use crate::correlate::stores::{StoreId, Stores, agent_folder};
use crate::event::Client;
use crate::evidence::{Evidence, SourceRecord};
use std::collections::BTreeMap;

/// Indexes of the answered ones, by time.
pub(in crate::correlate) fn unstored(turns: &[TurnSeen], evidence: &Evidence, stores: &Stores) -> Vec<usize> {
    let mut known: BTreeMap<u32, bool> = BTreeMap::new();
    let mut is_unstored = |turn: &TurnSeen| {
        let at = turn.origin().source;
        *known.entry(at).or_insert_with(|| evidence.sources.get(at as usize).is_some_and(|source| is_unread(turn, source, stores)))
    };
    let paid = |turn: &TurnSeen| {
        turn.stop.is_success() && turn.setting.asked.provider.is_chatgpt() && turn.setting.site.client != Client::Unknown
    };
    (0..turns.len()).filter(|&at| paid(&turns[at]) && is_unstored(&turns[at])).collect()
}

/// Is the place of these turns one of which no store was read? A store that is only known to be kept out of
/// sight was not. A profile of Hermes without a store of its own uses that of the root.
fn is_unread(turn: &TurnSeen, source: &SourceRecord, stores: &Stores) -> bool {
    let of_root = |id: StoreId| stores.list.get(id).is_some_and(|store| !store.hidden);
    if turn.setting.site.client == Client::Hermes && turn.setting.store.is_some_and(of_root) {
        return false;
    }
    let folder = source.name.folder();
    let agent = agent_folder(&folder).filter(|_| turn.setting.site.client == Client::Openclaw);
    !stores.list.iter().any(|store| {
        let of_agent = agent.is_none_or(|agent| agent_folder(&store.folder).is_none_or(|its| its == agent));
        let here = turn.setting.site.home.is_none() || store.home == turn.setting.site.home;
        store.client == turn.setting.site.client
            && here
            && of_agent
            && may_be_one(store.host, turn.setting.site.host)
            && !store.hidden
    })
}
