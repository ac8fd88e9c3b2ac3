//! Stores that OpenClaw fenced, and the pair that each had before: what another store holds the refresh token of
//! says the rest of it.
//!
//! Here, since it takes all stores to see, and all that comes later compares keys.

use super::Evidence;
use crate::event::{EventKind, StoreState};
use crate::secret::Key;
use std::collections::BTreeMap;

impl Evidence {
    /// Give fenced stores the pair behind their fence, where another store shows it. All sources must have been
    /// read. The tokens that were kept for this are dropped.
    pub fn look_behind_fences(&mut self) {
        let behind = std::mem::take(&mut self.fences).behind();
        if behind.is_empty() {
            return;
        }
        let pairs = self.pairs();
        for event in &mut self.stated.events {
            let EventKind::Store(state) = &mut event.kind else { continue };
            let token = state.fenced.and_then(|fence| behind.get(&fence.digest?));
            if let Some((token, pair)) = token.and_then(|token| Some((*token, pairs.get(token)?))) {
                take(state, token, pair);
            }
        }
    }

    /// For each refresh token the state of a store that says most of its pair.
    fn pairs(&self) -> BTreeMap<Key, StoreState> {
        let mut pairs: BTreeMap<Key, StoreState> = BTreeMap::new();
        for event in &self.stated.events {
            let EventKind::Store(state) = &event.kind else { continue };
            let Some(refresh) = state.refresh else { continue };
            if state.issued_at.is_some() || !pairs.contains_key(&refresh) {
                pairs.insert(refresh, StoreState::clone(state));
            }
        }
        pairs
    }
}

fn take(state: &mut StoreState, token: Key, pair: &StoreState) {
    state.refresh = Some(token);
    state.access = pair.access;
    state.issued_at = pair.issued_at;
    state.expires_at = pair.expires_at;
    state.account = state.account.or(pair.account);
    state.family = pair.family;
    state.login_time = pair.login_time;
}
