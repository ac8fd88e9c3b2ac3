//! The order of sources: by kind, then first event, then everything else that is printed of
//! them. It breaks all ties further on, so that the order of files on disk, their names and
//! their secrets never decide anything that can be seen.

use super::clock::{Clocks, When, Window};
use crate::evidence::Evidence;
use std::collections::{BTreeMap, BTreeSet};

/// First and last event of a source.
pub type Span = Option<(When, When)>;

/// First and last event time of each source.
pub(super) fn spans(evidence: &Evidence, clocks: &Clocks, window: Window) -> Vec<Span> {
    let mut spans: Vec<Span> = vec![None; evidence.sources.len()];
    for (stamp, source) in evidence.stated.stamps() {
        let Some(when) = Some(clocks.stamp(stamp, source)).filter(|w| window.holds(*w)) else { continue };
        let Some(span) = spans.get_mut(source as usize) else { continue };
        *span = Some(match *span {
            None => (when, when),
            Some((first, last)) => (if when.ms < first.ms { when } else { first }, if when.ms > last.ms { when } else { last }),
        });
    }
    spans
}

/// For each source its place in the printed order.
pub(super) fn ranks(evidence: &Evidence, spans: &[Span]) -> Vec<u32> {
    let classes = classes(evidence, spans);
    let company = company(evidence, &classes);
    // The name comes last and decides only between sources that are alike in every way, and in
    // like company.
    let mut order: Vec<usize> = (0..classes.len()).collect();
    order.sort_by_key(|&i| (classes[i], company[i], &evidence.sources[i].name));
    let mut ranks = vec![0; order.len()];
    for (rank, i) in order.into_iter().enumerate() {
        ranks[i] = rank as u32;
    }
    ranks
}

/// Sources that print alike share a class; classes are numbered in printed order. What is printed
/// is compared where it lies: a sort key for each of a million sources would be most of a run.
fn classes(evidence: &Evidence, spans: &[Span]) -> Vec<u32> {
    let shapes = shapes(evidence);
    let compare = |a: usize, b: usize| {
        let numbers = |i: usize| {
            let s = &evidence.sources[i];
            let span = spans[i].map(|(first, last)| (first.said(), last.said()));
            (s.kind, span.is_none(), span, s.records, s.events, s.bytes_in, s.bytes_used, s.bytes_elided, s.unknown)
        };
        let skipped = |i: usize| evidence.sources[i].skipped.iter().map(|(reason, n)| (reason.word(), n.count, n.bytes));
        let shape = |i: usize| shapes.get(&(i as u32));
        let lenient = |i: usize| evidence.sources[i].lenient();
        numbers(a)
            .cmp(&numbers(b))
            .then_with(|| skipped(a).cmp(skipped(b)))
            .then_with(|| lenient(a).cmp(lenient(b)))
            .then_with(|| shape(a).cmp(&shape(b)))
    };
    let mut order: Vec<usize> = (0..evidence.sources.len()).collect();
    order.sort_unstable_by(|&a, &b| compare(a, b));
    let mut classes = vec![0; order.len()];
    for pair in order.windows(2) {
        classes[pair[1]] = classes[pair[0]] + u32::from(compare(pair[0], pair[1]).is_ne());
    }
    classes
}

/// How many folders above a source are looked into for its company.
const LEVELS: usize = 3;

/// What stands beside each source in its folder and the two above it: two agents' equal stores
/// are told apart by the sessions beside them. Folders are numbered in the order of the sorted
/// classes in them, equal ones alike, so that a source holds three numbers and not three lists.
fn company(evidence: &Evidence, classes: &[u32]) -> Vec<[u32; LEVELS]> {
    let above = |i: usize, level: usize| {
        let folder = evidence.sources[i].name.folder();
        let parts: Vec<&str> = folder.split('/').collect();
        parts[..parts.len().saturating_sub(level)].join("/")
    };
    let mut company = vec![[0; LEVELS]; classes.len()];
    for level in 0..LEVELS {
        let mut folders: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        (0..classes.len()).for_each(|i| folders.entry(above(i, level)).or_default().push(classes[i]));
        folders.values_mut().for_each(|held| held.sort_unstable());
        let kinds: BTreeSet<&Vec<u32>> = folders.values().collect();
        let numbers: BTreeMap<&Vec<u32>, u32> = kinds.into_iter().zip(0..).collect();
        // Lists are looked up once a folder, and not once a source: they may be as long as all.
        let number = |held| numbers.get(held).copied().unwrap_or_default();
        let folders: BTreeMap<&String, u32> = folders.iter().map(|(folder, held)| (folder, number(held))).collect();
        for (i, mine) in company.iter_mut().enumerate() {
            mine[level] = folders.get(&above(i, level)).copied().unwrap_or_default();
        }
    }
    company
}

/// Where and when the first facts of each source stand: tells apart sources whose numbers agree.
fn shapes(evidence: &Evidence) -> BTreeMap<u32, Vec<(u64, u64, Option<i64>)>> {
    const ENOUGH: usize = 16;
    let mut shapes: BTreeMap<u32, Vec<_>> = BTreeMap::new();
    let events = evidence.stated.events.iter().map(|event| (event.origin, event.at));
    let turns = evidence.stated.turns.iter().map(|turn| (turn.origin(), turn.at()));
    let worked = evidence.stated.worked.iter().map(|worked| (worked.origin(), worked.at()));
    for (origin, at) in turns.chain(events).chain(worked) {
        let shape = shapes.entry(origin.source).or_default();
        if shape.len() < ENOUGH {
            shape.reserve_exact(usize::from(shape.is_empty()));
            shape.push((origin.line, origin.byte, at.map(|at| at.ms)));
        }
    }
    shapes
}
