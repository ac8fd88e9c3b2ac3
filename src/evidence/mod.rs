//! What is known: the events of all sources, and what was and was not read.
//!
//! Evidence is mergeable: the evidence of two parts of an input, merged, is the evidence of the
//! whole. Nothing is decided here; `correlate` puts things together.

mod coverage;
mod fenced;
mod members;
mod skips;
mod stand_ins;

pub use coverage::{SourceRecord, UnknownType};
pub use members::MemberCount;
pub use skips::{Skipped, Skips};

use crate::event::Stated;
use crate::secret::{Fences, Gate};

/// Everything that was read.
#[derive(Debug, Default)]
pub struct Evidence {
    /// One record per source; an event's `origin.source` is an index into this list.
    pub sources: Vec<SourceRecord>,
    /// What they state.
    pub stated: Stated,
    /// Knows every token that was read.
    pub gate: Gate,
    /// Fences, and the tokens that may stand behind them; empty once all is read.
    pub fences: Fences,
}

impl Evidence {
    /// Put `later` behind what is here. Associative, so parts may be read anywhere; the driver
    /// merges them in discovery order.
    pub fn merge(&mut self, mut later: Evidence) {
        let shift = self.sources.len() as u32;
        later.stated.sources_mut().for_each(|source| *source += shift);
        join(&mut self.sources, later.sources);
        self.state(later.stated);
        self.gate.merge(later.gate);
        self.fences.merge(later.fences);
    }

    /// Add what a source states.
    pub fn state(&mut self, stated: Stated) {
        join(&mut self.stated.events, stated.events);
        join(&mut self.stated.turns, stated.turns);
        join(&mut self.stated.worked, stated.worked);
        join(&mut self.stated.excerpts, stated.excerpts);
    }
}

/// Put one list behind another, without a second copy of the longer one: it may be all there is, and little room is left
/// over.
fn join<T>(first: &mut Vec<T>, mut later: Vec<T>) {
    if first.len() < later.len() {
        drop(later.splice(0..0, first.drain(..)));
        *first = later;
    } else {
        if first.capacity() - first.len() < later.len() {
            first.reserve_exact(later.len().max(first.len() / 8));
        }
        first.extend(later);
    }
}
