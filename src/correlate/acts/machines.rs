//! One pair in stores of one program on several machines: a file that is synchronized or was copied brings the pair
//! along, its stamp, and all. Which machine received it shows where the program was at work when it was issued: a
//! client refreshes when it is used, or starts.
//!
//! Apart from [`super::hands`], which asks for the program: the machine needs the times at which each was at work.

use super::act::ARRIVAL_MS;
use crate::correlate::clock::Clocks;
use crate::correlate::hosts::HostId;
use crate::correlate::stores::{Held, Store, StoreId, Stores};
use crate::event::{Client, Event, EventKind, Origin};
use crate::evidence::Evidence;
use std::collections::{BTreeMap, BTreeSet};

/// A program that received a pair was at work within this time of it.
const NEAR_MS: i64 = 2 * 60_000;

/// When programs were at work in their homes, where there are several machines.
pub(in crate::correlate) struct Work(BTreeMap<Place, Vec<(i64, Origin)>>);

/// A program's home on a machine.
type Place = (Client, Option<String>, Option<HostId>);

impl Work {
    /// Collect the times. Of one machine alone nobody asks.
    pub(in crate::correlate) fn of(evidence: &Evidence, clocks: &Clocks, stores: &Stores) -> Work {
        let mut of_source: BTreeMap<u32, Vec<(i64, Origin)>> = BTreeMap::new();
        if !stores.are_several_clocks() {
            return Work(BTreeMap::new());
        }
        let events = evidence.stated.events.iter().filter(|event| is_work(event)).map(|event| (event.at, event.origin));
        let turns = evidence.stated.turns.iter().map(|turn| (turn.at(), turn.origin()));
        let worked = evidence.stated.worked.iter().map(|worked| (worked.at(), worked.origin()));
        for (at, origin) in events.chain(turns).chain(worked) {
            let at = at.map(|at| clocks.stamp(at, origin.source)).filter(|at| at.is_certain());
            of_source.entry(origin.source).or_default().extend(at.map(|at| (at.ms, origin)));
        }
        let mut times: BTreeMap<Place, Vec<(i64, Origin)>> = BTreeMap::new();
        for (source, list) in of_source {
            let Some(source) = evidence.sources.get(source as usize) else { continue };
            let place = (source.kind.client().program(), stores.home_of(source), stores.host(source));
            times.entry(place).or_default().extend(list);
        }
        times.values_mut().for_each(|list| list.sort_unstable());
        Work(times)
    }

    /// The first record of work in the home of this store near that time.
    fn near(&self, store: &Store, at: i64) -> Option<Origin> {
        let list = self.0.get(&(store.client, store.home.clone(), store.host))?;
        let from = list.partition_point(|&(time, _)| time < at.saturating_sub(NEAR_MS));
        list.get(from).filter(|&&(time, _)| time <= at.saturating_add(NEAR_MS)).map(|&(_, origin)| origin)
    }
}

fn is_work(event: &Event) -> bool {
    use EventKind as K;
    matches!(event.kind, K::Active { .. } | K::Refreshed { .. } | K::RefreshStarted { .. })
}

/// Are these stores on machines that are known to be several?
pub(super) fn are_several(list: &[Store], of: &[(StoreId, &Held)]) -> bool {
    let hosts: BTreeSet<HostId> = of.iter().filter_map(|(id, _)| list.get(*id)?.host).collect();
    hosts.len() > 1
}

/// The one machine of several on which the program was at work when the pair was issued, and the record of that.
pub(super) fn of(list: &[Store], of: &[(StoreId, &Held)], work: &Work) -> Option<(Option<HostId>, Origin)> {
    let near = |(id, held): &(StoreId, &Held)| {
        let received =
            held.refreshed_at.zip(held.issued_at).filter(|(stored, issued)| stored.ms.saturating_sub(issued.ms) <= ARRIVAL_MS);
        let at = received.map(|(stored, _)| stored).or(held.issued_at)?;
        let store = list.get(*id)?;
        Some((store.host, work.near(store, at.ms)?))
    };
    if !are_several(list, of) {
        return None;
    }
    let found: BTreeMap<Option<HostId>, Origin> = of.iter().filter_map(near).collect();
    let mut found = found.into_iter();
    found.next().filter(|_| found.next().is_none())
}
