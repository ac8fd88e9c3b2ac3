//! Calls that worked, on their time lines.
//!
//! Apart from [`super::steps`], which does the same for refusals and complaints: there may be millions of them, so that
//! they are pointed to, and what all of a source have in common is looked up once.

use super::failing::Scope;
use super::line::Line;
use super::steps::scope_of_source;
use crate::correlate::clock::{Clocks, Window};
use crate::correlate::stores::Stores;
use crate::event::Worked;
use crate::evidence::{Evidence, SourceRecord};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Put each on the time line of its scope, once.
pub(super) fn put<'a>(
    lines: &mut BTreeMap<Scope, Line<'a>>,
    all: &'a [Worked],
    (evidence, clocks, stores, ranks): (&Evidence, &Clocks, &Stores, &[u32]),
    (window, duplicates): (Window, &mut [u64]),
) {
    let repeated = repeated(all, evidence, ranks);
    for at in &repeated {
        let source = all.get(*at as usize).map(|worked| worked.source);
        if let Some(count) = source.and_then(|source| duplicates.get_mut(source as usize)) {
            *count += 1;
        }
    }
    let mut index = 0;
    for its in all.chunk_by(|a, b| a.source == b.source) {
        let places = index..;
        index += its.len() as u32;
        let Some(source) = its.first().and_then(|first| source_of(first, evidence)) else { continue };
        let counts = |(at, worked): (u32, &'a Worked)| (repeated.is_empty() || !repeated.contains(&at)).then_some(worked);
        let dated = |worked: &'a Worked| Some((clocks.stamp(worked.at()?, worked.source), worked));
        let kept = places.zip(its).filter_map(counts).filter_map(dated).filter(|(when, _)| window.holds(*when));
        let mut kept = kept.map(|(when, worked)| (when.ms, worked)).peekable();
        if kept.peek().is_some() {
            let line = &mut lines.entry(scope_of_source(source, stores)).or_default().worked;
            line.reserve_exact(its.len());
            line.extend(kept);
        }
    }
    for line in lines.values_mut() {
        let key = |(ms, worked): &(i64, &Worked)| (*ms, ranks.get(worked.source as usize).copied(), worked.origin());
        if !line.worked.is_sorted_by_key(key) {
            line.worked.sort_unstable_by_key(key);
        }
    }
}

fn source_of<'a>(worked: &Worked, evidence: &'a Evidence) -> Option<&'a SourceRecord> {
    evidence.sources.get(worked.source as usize)
}

/// The places of those that are said again in another home, as a copy of a home does. Two of one home are two.
fn repeated(all: &[Worked], evidence: &Evidence, ranks: &[u32]) -> HashSet<u32> {
    let home = |worked: &Worked| source_of(worked, evidence).map(|source| &source.home);
    let homes: BTreeSet<_> = all.chunk_by(|a, b| a.source == b.source).filter_map(|its| home(its.first()?)).collect();
    if homes.len() < 2 {
        return HashSet::new();
    }
    // What has no time cannot be told apart from another one like it.
    let dated = (0..).zip(all).filter_map(|(at, worked): (u32, _)| Some((worked.at()?.ms, at)));
    let mut dated: Vec<(i64, u32)> = dated.collect();
    dated.sort_by_key(|(ms, _)| *ms);
    let mut found = HashSet::new();
    for alike in dated.chunk_by(|a, b| a.0 == b.0).filter(|alike| alike.len() > 1) {
        let mut alike: Vec<(u32, &Worked)> = alike.iter().map(|&(_, at)| (at, &all[at as usize])).collect();
        let said =
            |worked: &Worked| (source_of(worked, evidence).map(|s| s.kind), worked.at().map(|at| at.is_local()), worked.session);
        alike.sort_by_key(|(_, worked)| (said(worked), ranks.get(worked.source as usize).copied(), worked.origin()));
        for same in alike.chunk_by(|a, b| said(a.1) == said(b.1)) {
            let first = same.first().and_then(|(_, worked)| home(worked));
            found.extend(same.iter().filter(|(_, worked)| home(worked) != first).map(|(at, _)| *at));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Origin, SourceKind};
    use crate::secret::{Key, Kind, Vault};
    use crate::source::Name;
    use crate::time::Stamp;

    fn key(session: &str) -> Option<Key> {
        Some(Vault::new([5; 32]).key(Kind::Session, session)).filter(|_| !session.is_empty())
    }

    /// Sources of these homes, and calls by source, second and session; a negative second is no time.
    fn found(homes: &[&str], calls: &[(u32, i64, &str)]) -> Vec<u32> {
        let mut evidence = Evidence::default();
        for home in homes {
            let name = Name::of_text(&format!("{home}/logs/agent.log"));
            evidence.sources.push(SourceRecord::new(name, SourceKind::HermesLog, Some((*home).to_owned()), None));
        }
        let ranks: Vec<u32> = (0..homes.len() as u32).collect();
        let call = |(line, &(source, second, session)): (u64, &(u32, i64, &str))| {
            let at = (second >= 0).then(|| Stamp::local(second * 1000));
            Worked::new(at, Origin { source, line, byte: line }, key(session))
        };
        let all: Vec<Worked> = (1..).zip(calls).map(call).collect();
        let mut found: Vec<u32> = repeated(&all, &evidence, &ranks).into_iter().collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn what_a_copy_of_a_home_repeats_is_found() {
        let calls = [(0, 1, "s"), (0, 1, "s"), (0, 2, ""), (0, 3, "s"), (0, -1, "s")];
        let copied: Vec<_> = calls.iter().copied().chain(calls.map(|(_, second, session)| (1, second, session))).collect();
        assert_eq!(found(&["a", "b"], &copied), [5, 6, 7, 8], "what has no time is no copy");
        assert_eq!(found(&["b", "a"], &copied), [5, 6, 7, 8], "the first in print stays");
        assert_eq!(found(&["a", "a"], &copied), [0; 0], "two of one home are two");
        assert_eq!(found(&["a", "b"], &[(1, 1, "s"), (0, 1, "s")]), [0]);
        assert_eq!(found(&["a", "b"], &[(0, 1, "s"), (1, 1, "t"), (1, 1, ""), (1, 2, "s")]), [0; 0], "another session or time");
    }
}
