//! Calls that a program made beside its turns (its list of models, a tool server of the provider, a task
//! in the background, a try that was mended at once) and that were refused with its login.
//!
//! Apart from the time lines, since such a call fails no turn: a turn may go on without it. What it was
//! told still holds for the login, so it speaks in an incident of that time, and alone it is worth a note.

use super::cluster::Cluster;
use super::failing::FailureSeen;
use crate::correlate::clock::{Clocks, Window};
use crate::correlate::hosts::{HostId, may_be_one};
use crate::correlate::stores::Stores;
use crate::event::{Client, ErrorClass, EventKind, Level, Origin, Provider, SourceKind};
use crate::evidence::Evidence;
use std::collections::BTreeMap;

/// What two records say of one call is this far apart at most, in ms: a log and what a terminal kept.
const SAME_MS: i64 = 100;
/// Calls this near to an incident are made with what failed in it, in ms.
pub(super) const NEAR_MS: i64 = 60_000;

/// A call that was refused.
#[derive(Clone, Debug)]
pub(in crate::correlate) struct RefusedCall {
    /// Whose.
    pub client: Client,
    /// Home (private).
    pub home: Option<String>,
    /// Machine.
    pub host: Option<HostId>,
    /// What it was told.
    pub failure: FailureSeen,
}

/// Collect the calls, each once, by time.
pub(in crate::correlate) fn collect(evidence: &Evidence, clocks: &Clocks, stores: &Stores, window: Window) -> Vec<RefusedCall> {
    let mut calls: Vec<(SourceKind, RefusedCall)> = Vec::new();
    for event in &evidence.stated.events {
        let EventKind::Transport(call) = &event.kind else { continue };
        if !call.failure.class.is_auth() || call.failure.class.is_refresh() || call.failure.class.is_consequence() {
            continue;
        }
        let Some(source) = evidence.sources.get(event.origin.source as usize) else { continue };
        let Some(at) = clocks.when(event).filter(|at| window.holds(*at)) else { continue };
        let (client, store) = (source.kind.client().program(), stores.of_source(source));
        // As for turns, the home of the store counts: what a terminal kept may lie anywhere.
        let home = store.map_or_else(|| stores.home_of(source), |id| stores.list[id].home.clone());
        let failure = FailureSeen { store, ..FailureSeen::beside_turns(at, call.failure, event.origin, client) };
        calls.push((source.kind, RefusedCall { client, home, host: stores.host(source), failure }));
    }
    calls.sort_by_key(|(kind, call)| (call.failure.at.ms, *kind, call.failure.origin));
    once(calls)
}

/// Keep once what another source says of the same call, in the same home, or to the millisecond in a copy
/// of the home. Two records of one source are two calls.
fn once(calls: Vec<(SourceKind, RefusedCall)>) -> Vec<RefusedCall> {
    /// What was kept last of one kind of refusal: when, and by which sources it was said.
    type Kept = Vec<(i64, Option<String>, SourceKind, Vec<u32>)>;
    let mut kept: BTreeMap<(Client, ErrorClass, Level), Kept> = BTreeMap::new();
    let mut list = Vec::new();
    for (kind, call) in calls {
        let FailureSeen { at, failure, origin: Origin { source, .. }, .. } = call.failure;
        let recent = kept.entry((call.client, failure.class, failure.level)).or_default();
        recent.retain(|(ms, ..)| at.ms - ms <= SAME_MS);
        let again = recent.iter_mut().find(|(ms, home, of, sources)| {
            let same_home = *home == call.home || home.is_none() || call.home.is_none();
            let copied = *ms == at.ms && *of == kind;
            (same_home || copied) && !sources.contains(&source)
        });
        match again {
            Some((.., sources)) => sources.push(source),
            None => {
                recent.push((at.ms, call.home.clone(), kind, vec![source]));
                list.push(call);
            }
        }
    }
    list
}

/// The calls that were refused while an incident lasted, or right before or after it.
pub(super) fn beside(cluster: &Cluster, calls: &[RefusedCall]) -> Vec<FailureSeen> {
    /// More of the same says no more.
    const MOST: usize = 64;
    let from = calls.partition_point(|call| call.failure.at.ms < cluster.first().ms - NEAR_MS);
    let near = calls.get(from..).unwrap_or_default().iter().take_while(|call| call.failure.at.ms <= cluster.last().ms + NEAR_MS);
    near.filter(|call| is_of(cluster, call)).take(MOST).map(|call| call.failure.clone()).collect()
}

/// Is the call one of the program and home that failed, before it worked again?
pub(super) fn is_of(cluster: &Cluster, call: &RefusedCall) -> bool {
    let (scope, at) = (&cluster.scope, call.failure.at.ms);
    let home = scope.home == call.home || scope.home.is_none() || call.home.is_none();
    let home = home && may_be_one(scope.host, call.host);
    let since = cluster.before.is_none_or(|good| good.at.ms <= at);
    let until = cluster.after.is_none_or(|good| at <= good.at.ms);
    let near = (cluster.first().ms - NEAR_MS..=cluster.last().ms + NEAR_MS).contains(&at);
    scope.client == call.client && home && scope.provider == Provider::OpenaiCodex && since && until && near
}
