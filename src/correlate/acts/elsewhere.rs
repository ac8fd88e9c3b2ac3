//! The home that a command was typed for, where that is another one than the home beside the record of it
//! (`CODEX_HOME=~/.codex-work codex logout`). The record marks its path below the user's folder, which is compared with
//! the homes that have a store.

use crate::correlate::hosts::may_be_one;
use crate::correlate::stores::{StoreId, Stores};
use crate::event::{Below, Client};
use crate::evidence::SourceRecord;

/// That home and its store. None where no such home is among the files: then nothing was done to what is known.
pub(super) fn find(home: Below, source: &SourceRecord, stores: &Stores) -> Option<(Option<String>, Option<StoreId>)> {
    let beside = source.home.as_deref()?;
    let host = stores.host(source);
    let id = stores.list.iter().position(|store| {
        store.client == Client::Codex
            && may_be_one(store.host, host)
            && store.home.as_deref().is_some_and(|at| home.is_home(at, beside))
    })?;
    Some((stores.list.get(id)?.home.clone(), Some(id)))
}
