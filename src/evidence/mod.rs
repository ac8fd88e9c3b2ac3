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

use crate::event::Event;
use crate::secret::{Fences, Gate};

/// Everything that was read.
#[derive(Debug, Default)]
pub struct Evidence {
    /// One record per source; an event's `origin.source` is an index into this list.
    pub sources: Vec<SourceRecord>,
    /// Events, per source in the order of the source.
    pub events: Vec<Event>,
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
        later.events.iter_mut().for_each(|event| event.origin.source += shift);
        join(&mut self.sources, later.sources);
        join(&mut self.events, later.events);
        self.gate.merge(later.gate);
        self.fences.merge(later.fences);
    }
}

/// Put one list behind another, without a second copy of the longer one: it may be all there is.
fn join<T>(first: &mut Vec<T>, mut later: Vec<T>) {
    if first.len() < later.len() {
        drop(later.splice(0..0, first.drain(..)));
        *first = later;
    } else {
        first.extend(later);
    }
}
