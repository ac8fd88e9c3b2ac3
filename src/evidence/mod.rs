//! What is known: the events of all sources, and what was and was not read.
//!
//! Evidence is mergeable: the evidence of two parts of an input, merged, is the evidence of the
//! whole. Nothing is decided here; `correlate` puts things together.

mod coverage;
mod members;
mod skips;

pub use coverage::{SourceRecord, UnknownType};
pub use members::MemberCount;
pub use skips::{Skipped, Skips};

use crate::event::Event;
use crate::secret::Gate;

/// Everything that was read.
#[derive(Debug, Default)]
pub struct Evidence {
    /// One record per source; an event's `origin.source` is an index into this list.
    pub sources: Vec<SourceRecord>,
    /// Events, per source in the order of the source.
    pub events: Vec<Event>,
    /// Knows every token that was read.
    pub gate: Gate,
}

impl Evidence {
    /// Put `later` behind what is here. Associative, so parts may be read anywhere; the driver
    /// merges them in discovery order.
    pub fn merge(&mut self, later: Evidence) {
        if self.sources.is_empty() && self.events.is_empty() {
            // Taken as a whole: it may be all there is, and a million sources are not copied twice.
            (self.sources, self.events) = (later.sources, later.events);
            return self.gate.merge(later.gate);
        }
        let shift = self.sources.len() as u32;
        self.sources.extend(later.sources);
        self.events.extend(later.events.into_iter().map(|mut event| {
            event.origin.source += shift;
            event
        }));
        self.gate.merge(later.gate);
    }
}
