//! Stores that moved back: the live file holds an older generation of its login than a copy shows that
//! this store has held. Somebody put a backup, a snapshot or another home's copy in its place.
//!
//! Apart from [`super::store`], since the history of a store is in the order in which its credentials came
//! about; only here does the order in which they stood in the file differ from that. Issue times alone
//! tell the generations apart: they are the server's own, so that no clock of a machine and no file time
//! can turn them round.

use super::store::{Held, Store};
use crate::event::Taken;

/// A store that moved back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Back {
    /// Index of the credential that the live file holds.
    pub live: usize,
    /// Index of the newest generation of the same login that the store is known to have held.
    pub newest: usize,
}

impl Store {
    /// What the live file holds, where that is not the newest generation known of it.
    pub fn moved_back(&self) -> Option<Back> {
        let live = self.live_at()?;
        let now = self.held.get(live)?;
        let issued = |h: &Held| h.issued_at.map(|at| at.ms);
        let later = |h: &Held| h.taken == Taken::Copy && h.is_later_generation(now);
        let (newest, _) = self.held.iter().enumerate().filter(|(_, h)| later(h)).max_by_key(|(_, h)| issued(h))?;
        Some(Back { live, newest })
    }

    /// What the store holds now, as far as its files show: what stands in the live file, which need not be
    /// what came last.
    pub fn now(&self) -> Option<&Held> {
        self.live_at().and_then(|at| self.held.get(at)).or(self.newest())
    }

    /// What the live file holds, where a copy is younger than that: the store came to hold the copy's
    /// credential, `newest`, and then this one again. An older generation of the same login is held again
    /// from the newer one's time on. One of another login was put in its place by somebody who switches
    /// between them.
    pub(in crate::correlate) fn swapped_in(&self, newest: &Held) -> Option<(Option<Back>, Option<Held>)> {
        let live = self.now().filter(|live| live.taken == Taken::Current && newest.taken == Taken::Copy)?;
        if newest.is_later_generation(live) {
            return Some((self.moved_back(), Some(Held { since: newest.since, ..live.clone() })));
        }
        let older = live.since.zip(newest.since).is_some_and(|(live, newest)| live.ms < newest.ms);
        (older && live.same_family(newest) == Some(false)).then(|| (None, Some(live.clone())))
    }

    /// Where in the history the credential of the live file is.
    fn live_at(&self) -> Option<usize> {
        self.held.iter().rposition(|h| h.taken == Taken::Current)
    }
}

impl Held {
    /// Another credential of the same login that was issued after this one?
    pub fn is_later_generation(&self, than: &Held) -> bool {
        let later = self.issued_at.zip(than.issued_at).is_some_and(|(a, b)| a.ms > b.ms);
        later && !self.same_tokens(than) && self.same_family(than) == Some(true)
    }
}
