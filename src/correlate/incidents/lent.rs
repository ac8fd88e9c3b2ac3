//! From which store the victim's pair was copied. Hermes writes what it takes over from Codex with an `id_token`,
//! which its own logins lack: that names the program, and says that it had the very pair by then, though its store
//! keeps its latest alone and shows nothing of that.
//!
//! Apart from [`super::siblings`], since one mark tells of all stores of that program.

use super::asked::Asked;
use crate::correlate::hosts::differ;
use crate::correlate::stores::{Held, Store, StoreId};
use crate::event::Client;

/// The store, and the credential that bears the mark: the victim's, or that of another holder of the very pair.
/// Programs look into the home of their own machine; of several there, into the usual one.
pub(super) fn lent<'a>(asked: &Asked<'a>, stores: &'a [Store]) -> Option<(StoreId, &'a Held)> {
    let held = asked.held?;
    let own = asked.victim.store.and_then(|id| stores.get(id)).filter(|_| held.imported).map(|store| (store, held));
    let marked = |store: &'a Store| Some((store, store.held.iter().find(|h| h.imported && h.same_refresh(held))?));
    let (by, mark) = own.or_else(|| stores.iter().find_map(marked))?;
    let near = |store: &&Store| store.client == Client::Codex && !differ(store.host, by.host);
    let first = stores.iter().find(near)?;
    let alone = stores.iter().filter(near).all(|store| store.home == first.home);
    let id = stores.iter().position(|store| near(&store) && (alone || store.is_usual()))?;
    (Some(id) != asked.victim.store && by.client != Client::Codex).then_some((id, mark))
}
