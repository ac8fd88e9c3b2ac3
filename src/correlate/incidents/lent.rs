//! From which store the victim's pair was copied. Hermes writes what it takes over from Codex with an `id_token`,
//! which its own logins lack: that names the program, and says that it had the very pair by then, though its store
//! keeps its latest alone and shows nothing of that.
//!
//! Apart from [`super::siblings`], since one mark tells of all stores of that program.

use super::asked::Asked;
use crate::correlate::stores::{Held, Store, StoreId, Stores, lender};
use crate::event::Client;

/// The store, and the credential that bears the mark: the victim's, or that of another holder of the very pair.
pub(super) fn lent<'a>(asked: &Asked<'a>, all: &'a Stores) -> Option<(StoreId, &'a Held)> {
    let (held, stores) = (asked.held?, &all.list);
    let own = asked.victim.store.and_then(|id| stores.get(id)).filter(|_| held.imported).map(|store| (store, held));
    let marked = |store: &'a Store| Some((store, store.held.iter().find(|h| h.imported && h.same_refresh(held))?));
    let (by, mark) = own.or_else(|| stores.iter().find_map(marked)).filter(|(by, _)| by.client != Client::Codex)?;
    lender(stores, &all.usual, by).filter(|id| Some(*id) != asked.victim.store).map(|id| (id, mark))
}
