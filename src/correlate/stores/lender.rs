//! From which store of Codex another program takes its login over: no program names a path where it says that it did.
//!
//! Apart from [`super::store`], since it takes all of them to tell.

use super::store::{Store, StoreId};
use crate::correlate::hosts::differ;
use crate::event::Client;

/// The one on its machine; of several the one that stands beside its own home in the folder that Codex uses unless it
/// is told otherwise, else the only one in such a folder.
pub fn lender(stores: &[Store], by: &Store) -> Option<StoreId> {
    let near = || stores.iter().enumerate().filter(|(_, store)| store.client == Client::Codex && !differ(store.host, by.host));
    let only = |fits: &dyn Fn(&Store) -> bool| {
        let (first, store) = near().find(|(_, store)| fits(store))?;
        near().filter(|(_, other)| fits(other)).all(|(_, other)| other.home == store.home).then_some(first)
    };
    let beside = |store: &Store| is_usual(store) && parent(store).is_some() && parent(store) == parent(by);
    only(&|_| true).or_else(|| only(&beside)).or_else(|| only(&is_usual))
}

/// Is it in the folder in which Codex keeps its login, unless it is told otherwise?
fn is_usual(store: &Store) -> bool {
    store.home.as_deref().is_some_and(|home| home.rsplit('/').next() == Some(".codex"))
}

/// The folder that its home stands in.
fn parent(store: &Store) -> Option<&str> {
    let home = store.home.as_deref()?;
    Some(home.rsplit_once('/').map_or("", |(parent, _)| parent))
}
