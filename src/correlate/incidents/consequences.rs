//! Failures of a fallback: when the first choice fails, the client asks the next model, often of
//! another provider, in the same session and at once. What that one answers (a limit, a missing
//! key) is a consequence, not an incident of its own.

use super::cluster::Cluster;
use super::failing::Group;
use crate::event::{Client, Provider};
use crate::secret::Key;
use std::collections::BTreeMap;

/// A client goes on to the next model within this time (the slowest seen: retries of 7 s each).
const AT_ONCE_MS: i64 = 60_000;

/// A conversation of one client in one home.
type Talk = (Client, Option<String>, Key);

/// Mark the clusters of which every failure follows, in its own session, one of another provider
/// whose credential was refused.
pub(super) fn mark(clusters: &mut [Cluster]) {
    let mut refused: BTreeMap<Talk, Vec<(i64, Provider)>> = BTreeMap::new();
    for cluster in clusters.iter().filter(|c| c.group == Some(Group::Auth)) {
        let turns = cluster.failures.iter().filter(|f| f.is_turn);
        for (failure, talk) in turns.filter_map(|f| Some((f, talk(cluster, f.session)?))) {
            refused.entry(talk).or_default().push((failure.at.ms, cluster.scope.provider));
        }
    }
    refused.values_mut().for_each(|times| times.sort_unstable());
    for cluster in clusters.iter_mut() {
        let follows = |at: i64, session: Option<Key>| {
            let times = talk(cluster, session).and_then(|talk| refused.get(&talk));
            times.is_some_and(|times| {
                let until = times.partition_point(|(t, _)| *t <= at);
                let near = times[..until].iter().rev().take_while(|(t, _)| at - t <= AT_ONCE_MS);
                near.into_iter().any(|(_, provider)| *provider != cluster.scope.provider)
            })
        };
        let is_consequence = cluster.failures.iter().all(|f| f.is_turn && follows(f.at.ms, f.session));
        cluster.of_fallback = is_consequence;
    }
}

fn talk(cluster: &Cluster, session: Option<Key>) -> Option<Talk> {
    Some((cluster.scope.client, cluster.scope.home.clone(), session?))
}
