//! The evidence of all inputs in one place, in their order, though threads read them in another.
//!
//! There may be a million inputs of one source each: what each yields goes at once to where it
//! stays, and is put into order there.

use crate::evidence::Evidence;
use std::sync::{Mutex, PoisonError};

/// Evidence that is being gathered.
#[derive(Default)]
pub(super) struct Gathering(Mutex<Gathered>);

#[derive(Default)]
struct Gathered {
    evidence: Evidence,
    /// For each source the place of its input.
    inputs: Vec<u32>,
}

impl Gathering {
    /// Add what the input at this place yields.
    pub(super) fn add(&self, input: usize, part: Evidence) {
        let mut gathered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sources = gathered.inputs.len() + part.sources.len();
        gathered.inputs.resize(sources, input as u32);
        gathered.evidence.merge(part);
    }

    /// All of it, in the order of the inputs.
    pub(super) fn done(self) -> Evidence {
        let Gathered { mut evidence, inputs } = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        if inputs.is_sorted() {
            return evidence;
        }
        let mut order: Vec<u32> = (0..inputs.len() as u32).collect();
        order.sort_by_key(|&source| inputs[source as usize]);
        let mut places = vec![0; order.len()];
        (0..).zip(&order).for_each(|(place, source)| places[*source as usize] = place);
        drop((inputs, order));
        for source in evidence.stated.sources_mut() {
            *source = places.get(*source as usize).copied().unwrap_or_default();
        }
        evidence.stated.events.sort_by_cached_key(|event| event.origin.source);
        evidence.stated.turns.sort_by_cached_key(|turn| turn.source);
        evidence.stated.worked.sort_by_cached_key(|worked| worked.source);
        for at in 0..places.len() {
            while places[at] as usize != at {
                let place = places[at] as usize;
                evidence.sources.swap(at, place);
                places.swap(at, place);
            }
        }
        evidence
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, EventKind, Origin, SourceKind};
    use crate::evidence::SourceRecord;
    use crate::source::Name;

    /// An input of so many sources, each of two events.
    fn part(input: usize, sources: u32) -> Evidence {
        let mut part = Evidence::default();
        for source in 0..sources {
            let name = Name::of_text(&format!("{input}/{source}"));
            part.sources.push(SourceRecord::new(name, SourceKind::CodexLog, None, None));
            for line in 0..2 {
                let origin = Origin { source, line, byte: input as u64 };
                part.stated.events.push(Event { at: None, origin, kind: EventKind::Logout });
            }
        }
        part
    }

    #[test]
    fn the_order_of_reading_is_not_the_order_of_what_is_read() {
        let shown = |order: &[usize]| {
            let gathering = Gathering::default();
            order.iter().for_each(|&input| gathering.add(input, part(input, [2, 0, 1, 3, 1][input])));
            let evidence = gathering.done();
            let events = evidence
                .stated
                .events
                .iter()
                .map(|event| (evidence.sources[event.origin.source as usize].name.private().to_owned(), event.origin));
            (evidence.sources.iter().map(|source| source.name.private().to_owned()).collect::<Vec<_>>(), events.collect::<Vec<_>>())
        };
        let plain = shown(&[0, 1, 2, 3, 4]);
        assert_eq!(plain.0, ["0/0", "0/1", "2/0", "3/0", "3/1", "3/2", "4/0"]);
        for order in [[4, 3, 2, 1, 0], [2, 0, 4, 1, 3], [1, 0, 3, 2, 4]] {
            assert_eq!(shown(&order), plain);
        }
    }
}
