//! The order of sources: by kind, then first event, then everything else that is printed of
//! them. It breaks all ties further on, so that the order of files on disk, their names and
//! their secrets never decide anything that can be seen.

use super::clock::{When, Window};
use super::zone::Clocks;
use crate::evidence::Evidence;

/// First and last event of a source.
pub type Span = Option<(When, When)>;

/// First and last event time of each source.
pub(super) fn spans(evidence: &Evidence, clocks: &Clocks, window: Window) -> Vec<Span> {
    let mut spans: Vec<Span> = vec![None; evidence.sources.len()];
    for event in &evidence.events {
        let Some(when) = clocks.when(event).filter(|w| window.holds(*w)) else { continue };
        let Some(span) = spans.get_mut(event.origin.source as usize) else { continue };
        *span = Some(match *span {
            None => (when, when),
            Some((first, last)) => (if when.ms < first.ms { when } else { first }, if when.ms > last.ms { when } else { last }),
        });
    }
    spans
}

/// For each source its place in the printed order.
pub(super) fn ranks(evidence: &Evidence, spans: &[Span]) -> Vec<u32> {
    let shapes = shapes(evidence);
    let mut order: Vec<usize> = (0..evidence.sources.len()).collect();
    order.sort_by_cached_key(|&i| {
        let s = &evidence.sources[i];
        let span = spans[i].map(|(first, last)| (first.ms, last.ms));
        let skipped: Vec<_> = s.skipped.iter().map(|(reason, n)| (reason.word(), n.count, n.bytes)).collect();
        let numbers = (s.records, s.events, s.bytes_in, s.bytes_used, s.bytes_elided, s.unknown);
        // The name comes last and decides only between sources that print alike in every way.
        (s.kind, span.is_none(), span, numbers, skipped, shapes[i].clone(), s.name.clone())
    });
    let mut ranks = vec![0; order.len()];
    for (rank, i) in order.into_iter().enumerate() {
        ranks[i] = rank as u32;
    }
    ranks
}

/// Where and when the first facts of each source stand: tells apart sources whose numbers agree.
fn shapes(evidence: &Evidence) -> Vec<Vec<(u64, u64, Option<i64>)>> {
    const ENOUGH: usize = 16;
    let mut shapes = vec![Vec::new(); evidence.sources.len()];
    for event in &evidence.events {
        if let Some(shape) = shapes.get_mut(event.origin.source as usize).filter(|s| s.len() < ENOUGH) {
            shape.push((event.origin.line, event.origin.byte, event.at.map(|at| at.ms)));
        }
    }
    shapes
}
