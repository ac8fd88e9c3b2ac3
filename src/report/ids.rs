//! What things are called in a report: ordinals of sources, stores, accounts, login sessions, credentials, machines
//! and models that are on no list, and times in their words.
//!
//! Apart from [`super::build`] and [`super::incidents`], which both name things: a thing has one name in all of a report.

use crate::correlate::{Correlated, HostId, Store, StoreId, TurnSeen, When};
use crate::event::Model;
use crate::secret::Key;
use crate::time::rfc3339;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Ordinals of sources, accounts, families, credentials and unlisted models.
pub(super) struct Ids {
    /// Has the printed places of sources, and the machines of stores.
    known: Arc<Correlated>,
    accounts: BTreeMap<Key, String>,
    families: BTreeMap<Key, String>,
    credentials: BTreeMap<Key, String>,
    models: BTreeMap<Key, String>,
    /// What the machines are called.
    hosts: Vec<String>,
}

impl Ids {
    pub(super) fn of(known: &Arc<Correlated>) -> Ids {
        let newest = |s: &Store| s.now().cloned();
        let unlisted = all_turns(known).filter_map(|t| match &t.setting.asked.model {
            Some(Model::Unlisted(key)) => Some(*key),
            _ => None,
        });
        Ids {
            hosts: known.hosts.titles(),
            accounts: numbered("account", known.stores.iter().filter_map(|s| s.account)),
            families: numbered("family", known.stores.iter().filter_map(|s| newest(s)?.family)),
            credentials: numbered("credential", known.stores.iter().filter_map(credential)),
            models: numbered("model", unlisted),
            known: Arc::clone(known),
        }
    }

    pub(super) fn source(&self, index: u32) -> String {
        self.known.ranks.get(index as usize).map(|rank| format!("S{}", rank + 1)).unwrap_or_default()
    }

    pub(super) fn account(&self, key: Option<Key>) -> Option<String> {
        self.accounts.get(&key?).cloned()
    }

    pub(super) fn model(&self, model: &Model) -> String {
        match model {
            Model::Listed(name) => name.to_string(),
            Model::Unlisted(key) => self.models.get(key).cloned().unwrap_or_else(|| "model (unlisted)".to_owned()),
        }
    }

    pub(super) fn family(&self, key: Key) -> Option<String> {
        self.families.get(&key).cloned()
    }

    pub(super) fn credential(&self, key: Key) -> Option<String> {
        self.credentials.get(&key).cloned()
    }

    pub(super) fn host(&self, host: HostId) -> Option<String> {
        self.hosts.get(host).cloned()
    }

    /// The machine of a store.
    pub(super) fn host_of(&self, store: StoreId) -> Option<String> {
        self.host(self.known.stores.get(store)?.host?)
    }
}

/// Number keys in order of appearance.
fn numbered(word: &str, keys: impl Iterator<Item = Key>) -> BTreeMap<Key, String> {
    let mut given = BTreeMap::new();
    for key in keys {
        let next = given.len() + 1;
        given.entry(key).or_insert_with(|| format!("{word}-{next}"));
    }
    given
}

/// The token that stands for a store's credential.
pub(super) fn credential(store: &Store) -> Option<Key> {
    store.now().and_then(|h| h.refresh.or(h.access))
}

pub(super) fn store_id(id: StoreId) -> String {
    format!("store-{}", id + 1)
}

pub(super) fn stamp(when: Option<When>) -> Option<String> {
    when.map(|w| rfc3339(w.said()))
}

/// All turns, those without a time last.
pub(super) fn all_turns(known: &Correlated) -> impl Iterator<Item = &TurnSeen> {
    known.turns.iter().chain(&known.undated)
}
