//! One pair in stores of one program on several machines: a file that is synchronized or was copied brings the pair
//! along, its stamp, and all. Which machine received it shows where the program was at work when it was issued: a
//! client refreshes when it is used, or starts.
//!
//! Apart from [`super::hands`], which asks for the program: the machine needs the times at which each was at work.

use super::act::ARRIVAL_MS;
use crate::correlate::clock::Clocks;
use crate::correlate::hosts::HostId;
use crate::correlate::stores::{Held, Store, StoreId, Stores};
use crate::event::{Client, Event, EventKind};
use crate::evidence::Evidence;
use std::collections::{BTreeMap, BTreeSet};

/// A program that received a pair was at work within this time of it.
const NEAR_MS: i64 = 2 * 60_000;

/// When programs were at work in their homes, where there are several machines.
pub(super) struct Work(BTreeMap<(Client, Option<String>, Option<HostId>), Vec<i64>>);

impl Work {
    /// Collect the times. Of one machine alone nobody asks.
    pub(super) fn of(evidence: &Evidence, clocks: &Clocks, stores: &Stores) -> Work {
        let mut times: BTreeMap<_, Vec<i64>> = BTreeMap::new();
        let events = evidence.events.iter().filter(|_| stores.are_several_machines()).filter(|event| is_work(event));
        for event in events {
            let Some(source) = evidence.sources.get(event.origin.source as usize) else { continue };
            let Some(at) = clocks.when(event).filter(|at| at.is_certain()) else { continue };
            let place = (source.kind.client().program(), stores.home_of(source), stores.host(source));
            times.entry(place).or_default().push(at.ms);
        }
        times.values_mut().for_each(|list| list.sort_unstable());
        Work(times)
    }

    fn is_near(&self, store: &Store, at: i64) -> bool {
        let Some(list) = self.0.get(&(store.client, store.home.clone(), store.host)) else { return false };
        let from = list.partition_point(|&time| time < at.saturating_sub(NEAR_MS));
        list.get(from).is_some_and(|&time| time <= at.saturating_add(NEAR_MS))
    }
}

fn is_work(event: &Event) -> bool {
    use EventKind as K;
    matches!(event.kind, K::Turn(_) | K::Worked { .. } | K::Active { .. } | K::Refreshed { .. } | K::RefreshStarted { .. })
}

/// Are these stores on machines that are known to be several?
pub(super) fn are_several(list: &[Store], of: &[(StoreId, &Held)]) -> bool {
    let hosts: BTreeSet<HostId> = of.iter().filter_map(|(id, _)| list.get(*id)?.host).collect();
    hosts.len() > 1
}

/// The one machine of several on which the program was at work when the pair was issued.
pub(super) fn of(list: &[Store], of: &[(StoreId, &Held)], work: &Work) -> Option<Option<HostId>> {
    let near = |(id, held): &&(StoreId, &Held)| {
        let received = held.refreshed_at.zip(held.issued_at).filter(|(stored, issued)| stored.ms.saturating_sub(issued.ms) <= ARRIVAL_MS);
        let at = received.map(|(stored, _)| stored).or(held.issued_at);
        list.get(*id).zip(at).is_some_and(|(store, at)| work.is_near(store, at.ms))
    };
    let hosts: BTreeSet<Option<HostId>> =
        of.iter().filter(|_| are_several(list, of)).filter(near).filter_map(|(id, _)| Some(list.get(*id)?.host)).collect();
    let mut hosts = hosts.into_iter();
    hosts.next().filter(|_| hosts.next().is_none())
}
