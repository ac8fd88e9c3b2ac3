//! The controls beside an incident: who else failed at the same time (N1, another provider; N2, another account).

use super::cluster::Cluster;
use super::failing::{FailureSeen, Group};
use super::presented;
use crate::correlate::clock::When;
use crate::correlate::hosts::may_be_one;
use crate::correlate::stores::Stores;
use crate::event::{Level, Origin};
use crate::secret::Key;
use std::collections::BTreeSet;

/// Failures of others around the same time, as controls.
#[derive(Clone, Copy, Debug, Default)]
pub struct Elsewhere {
    /// The first transport failure of another provider within five minutes (control N1).
    pub other_provider: Option<Origin>,
    /// The first failure of an unrelated account on the same provider, of the same kind, within
    /// half an hour (control N2).
    pub other_account: Option<Origin>,
    /// When and where an unrelated account was first told in that time that its login had ended.
    pub ended: Option<(When, Origin)>,
    /// Unrelated accounts whose calls the provider answered with 401 within half an hour, and whose tokens
    /// nobody is known to have changed.
    pub unrelated: Option<Unrelated>,
}

/// Unrelated accounts that were refused at the same time.
#[derive(Clone, Copy, Debug)]
pub struct Unrelated {
    /// How many.
    pub accounts: u64,
    /// Their first refusal.
    pub first: When,
    /// Where it stands.
    pub origin: Origin,
    /// All that worked again did so without a new login.
    pub passed: bool,
}

/// Clusters by their first failure, to find those that overlap a time.
pub(super) struct Overlaps<'a> {
    sorted: Vec<&'a Cluster>,
    /// Latest last failure of a cluster and all before it.
    latest: Vec<i64>,
}

impl<'a> Overlaps<'a> {
    pub(super) fn of(clusters: &'a [Cluster]) -> Overlaps<'a> {
        let mut sorted: Vec<&Cluster> = clusters.iter().collect();
        sorted.sort_by_key(|c| c.first().ms);
        let mut latest = i64::MIN;
        let latest = sorted.iter().map(|c| {
            latest = latest.max(c.last().ms);
            latest
        });
        Overlaps { latest: latest.collect(), sorted }
    }

    /// Clusters that overlap `cluster` with `slack` on either side, latest first.
    fn with(&self, cluster: &Cluster, slack: i64) -> impl Iterator<Item = &'a Cluster> {
        let (from, to) = (cluster.first().ms - slack, cluster.last().ms + slack);
        let end = self.sorted.partition_point(|c| c.first().ms <= to);
        let reach = self.sorted[..end].iter().zip(&self.latest).rev().take_while(move |(_, latest)| **latest >= from);
        reach.map(|(c, _)| *c).filter(move |c| c.last().ms >= from)
    }
}

/// Failures of other providers and other accounts at the same time.
pub(super) fn elsewhere(cluster: &Cluster, all: &Overlaps<'_>, stores: &Stores) -> Elsewhere {
    const N1_MS: i64 = 5 * 60_000;
    const N2_MS: i64 = 30 * 60_000;
    let account = |c: &Cluster| presented::account(c, stores);
    let origin = |c: &Cluster| c.failures.first().map(|f| (f.at.ms, f.origin));
    // Another machine's network is another one.
    let other_provider = |c: &&Cluster| {
        let here = may_be_one(c.scope.host, cluster.scope.host);
        here && c.scope.provider != cluster.scope.provider && c.group == Some(Group::Transport)
    };
    let unrelated = |c: &&Cluster| {
        let accounts = account(c).zip(account(cluster)).is_some_and(|(a, b)| a != b);
        accounts && c.scope.provider == cluster.scope.provider && c.group == cluster.group
    };
    Elsewhere {
        other_provider: all.with(cluster, N1_MS).filter(other_provider).filter_map(origin).min().map(|(_, o)| o),
        other_account: all.with(cluster, N2_MS).filter(unrelated).filter_map(origin).min().map(|(_, o)| o),
        ended: all.with(cluster, N2_MS).filter(unrelated).filter_map(told_ended).min_by_key(|(at, origin)| (at.ms, *origin)),
        unrelated: refused_alike(all.with(cluster, N2_MS).filter(unrelated), account),
    }
}

/// When the failures of a cluster first say that the login had ended.
fn told_ended(cluster: &Cluster) -> Option<(When, Origin)> {
    cluster.failures.iter().find(|f| f.dated && f.failure.class.is_revocation()).map(|f| (f.at, f.origin))
}

/// Of clusters of other accounts, those whose model calls were answered with 401.
fn refused_alike<'a>(others: impl Iterator<Item = &'a Cluster>, account: impl Fn(&Cluster) -> Option<Key>) -> Option<Unrelated> {
    let call = |f: &&FailureSeen| {
        f.dated && f.failure.class.is_auth() && !f.failure.class.is_refresh() && f.failure.level >= Level::Status
    };
    let (mut accounts, mut first, mut passed) = (BTreeSet::new(), None, true);
    for cluster in others {
        // A refusal of the refresh token is that account's own matter.
        let spent = cluster.failures.iter().any(|f| f.failure.class.is_refresh() && !f.failure.class.leaves_token_open());
        let Some(refused) = cluster.failures.iter().find(call).filter(|_| !spent) else { continue };
        accounts.extend(account(cluster));
        passed &= cluster.login_after.is_none();
        let here = (refused.at, refused.origin);
        if first.is_none_or(|known: (When, Origin)| (here.0.ms, here.1) < (known.0.ms, known.1)) {
            first = Some(here);
        }
    }
    let (first, origin) = first?;
    Some(Unrelated { accounts: accounts.len() as u64, first, origin, passed })
}
