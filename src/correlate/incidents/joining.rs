//! Which clusters are one incident after all: agents of one home that fail together, rows of short
//! failures with recoveries between them, and consequences of what came before. What is left
//! over and shows no failed turn must have lasted.

use super::cluster::Cluster;
use super::failing::{FailureSeen, Group, Runner, SuccessSeen, runner};
use crate::correlate::hosts::may_be_one;
use crate::correlate::stores::{Held, Store};
use crate::event::{Client, ErrorClass, Mechanism, Provider};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Failures of one kind that are not about the credential and come in rows with short recoveries
/// between them are one incident when no longer apart than this.
const ROW_MS: i64 = 60 * 60_000;
/// Refusals of the credential in the same words, with a success in between, are one incident when
/// no longer apart than this: another process, or a retry, had the success.
const AGAIN_MS: i64 = 5 * 60_000;
/// Refused refreshes without any failed turn make an incident when they go on for this long.
const LASTING_MS: i64 = 30_000;
/// Agents of one home are refused within this time of each other.
const TOGETHER_MS: i64 = 60_000;
/// Failures that a log without a home tells of may be of several machines: those further apart than this
/// are not one matter because nothing succeeded between them, since such a log states failures only.
const HOMELESS_MS: i64 = 12 * 60 * 60_000;

/// Agents and profiles of one home are one program: refusals that begin together are one
/// incident, whichever agent's store they hit, unless the stores held different logins then: identity
/// comes before time. A home-wide log joins the same way.
pub(super) fn join_agents(clusters: Vec<Cluster>, stores: &[Store]) -> Vec<Cluster> {
    let cut = |cluster: Cluster| if cluster.scope.home.is_none() { cluster.cut(HOMELESS_MS) } else { vec![cluster] };
    let mut clusters: Vec<Cluster> = clusters.into_iter().flat_map(cut).collect();
    // The first one stays: one whose store is known, so that the token it held is known too.
    // A log that does not say whose its failures are comes last.
    let is_open = |c: &Cluster| c.scope.store.is_none() && c.scope.unread_agent.is_none();
    clusters.sort_by_key(|c| (c.scope.store.is_none(), is_open(c), c.first().ms));
    let mut joined: Vec<Cluster> = Vec::new();
    let mut refused: BTreeMap<(Client, i64), Vec<usize>> = BTreeMap::new();
    for cluster in clusters {
        let (client, ms) = (cluster.scope.client, cluster.first().ms);
        let near = refused.range((client, ms - TOGETHER_MS)..=(client, ms + TOGETHER_MS)).flat_map(|(_, places)| places);
        let alike: Vec<usize> = near.copied().filter(|&at| are_agents(&joined[at], &cluster, stores)).collect();
        if cluster.scope.store.is_none() && alike.len() > 1 {
            share_out(cluster, &alike, &mut joined);
            continue;
        }
        match alike.into_iter().min() {
            Some(at) => {
                joined[at].goes_on_until(&cluster);
                joined[at].absorb(cluster.failures);
            }
            None => {
                if cluster.group == Some(Group::Auth) {
                    refused.entry((client, ms)).or_default().push(joined.len());
                }
                joined.push(cluster);
            }
        }
    }
    joined.iter_mut().for_each(settle);
    joined
}

/// Give the failures of a log that does not say whose they are to incidents that began together: each to the
/// one of whose failures it is nearest, so that no agent is said to have met what another one did.
fn share_out(cluster: Cluster, alike: &[usize], joined: &mut [Cluster]) {
    let mut times: Vec<(i64, usize)> =
        alike.iter().flat_map(|&at| joined[at].failures.iter().map(move |f| (f.at.ms, at))).collect();
    times.sort_unstable();
    let mut shares: BTreeMap<usize, Vec<FailureSeen>> = BTreeMap::new();
    for failure in cluster.failures.iter() {
        let next = times.partition_point(|(ms, _)| *ms < failure.at.ms);
        let around = [next.checked_sub(1), Some(next)].into_iter().flatten().filter_map(|at| times.get(at));
        if let Some((_, at)) = around.min_by_key(|(ms, at)| (ms.abs_diff(failure.at.ms), *at)) {
            shares.entry(*at).or_default().push(failure.clone());
        }
    }
    for (at, failures) in shares {
        joined[at].goes_on_until(&cluster);
        joined[at].absorb(Arc::new(failures));
    }
}

impl Cluster {
    /// What another cluster of the same incident says of its end.
    fn goes_on_until(&mut self, other: &Cluster) {
        let later = |a: SuccessSeen, b: SuccessSeen| if a.at.ms >= b.at.ms { a } else { b };
        // A log kept outside the home states failures only: that it shows no success is no sign.
        if other.scope.home.is_some() || other.after.is_some() {
            self.after = self.after.zip(other.after).map(|(a, b)| later(a, b));
        }
    }
}

/// What was joined may have failed before the last success that was known, or after the first one.
fn settle(cluster: &mut Cluster) {
    let (first, last) = (cluster.first().ms, cluster.failures.iter().rev().find(|f| f.is_turn).map(|f| f.at.ms));
    cluster.before = cluster.before.filter(|good| good.at.ms <= first);
    cluster.after = cluster.after.filter(|good| last.is_none_or(|last| good.at.ms >= last));
}

/// Refusals of one program in one home and of one provider, in two of its stores, or in one of
/// them and in a log that does not say in which.
fn are_agents(known: &Cluster, other: &Cluster, stores: &[Store]) -> bool {
    let (a, b) = (&known.scope, &other.scope);
    let provider = [a.provider, Provider::Unknown].contains(&b.provider);
    let home = a.home == b.home || b.home.is_none();
    // Of one whose store was not read the login is not known.
    let known_login = a.unread_agent == b.unread_agent || (a.store.is_none() && b.store.is_none());
    let together =
        a != b && home && known_login && may_be_one(a.host, b.host) && provider && matches!(other.group, None | Some(Group::Auth));
    together && may_share_login(known, other, stores)
}

/// May what two clusters are about be one login? Yes where it is known to be; no where the accounts or the
/// login sessions that their stores held then differ. Where that is not known, they must say the same: two
/// agents with a login each may fail in one minute for two reasons.
fn may_share_login(known: &Cluster, other: &Cluster, stores: &[Store]) -> bool {
    let store = |cluster: &Cluster| cluster.scope.store.and_then(|id| stores.get(id));
    let Some((a, b)) = store(known).zip(store(other)) else { return true };
    let held = |cluster: &Cluster, store: &Store| store.surely_held_at(cluster.first()).cloned();
    let (held_a, held_b) = (held(known, a), held(other, b));
    let account = |held: &Option<Held>, store: &Store| held.as_ref().and_then(|held| held.account).or(store.account);
    if account(&held_a, a).zip(account(&held_b, b)).is_some_and(|(a, b)| a != b) {
        return false;
    }
    let same_login = held_a.zip(held_b).and_then(|(a, b)| a.same_family(&b));
    same_login.unwrap_or_else(|| say_alike(known, other))
}

/// Do both say the same of the credential, as far as they say anything?
fn say_alike(known: &Cluster, other: &Cluster) -> bool {
    let said = |cluster: &Cluster| -> BTreeSet<Mechanism> {
        let telling = cluster.failures.iter().map(|f| f.failure.class).filter(|class| !class.is_consequence());
        telling.map(ErrorClass::mechanism).filter(|said| *said != Mechanism::Undetermined).collect()
    };
    let (a, b) = (said(known), said(other));
    a.is_empty() || b.is_empty() || !a.is_disjoint(&b)
}

/// Join rows of short failures of one kind, and give clusters of mere consequences to the one
/// before them. Clusters come in the order in which they ended.
pub(super) fn join_rows(clusters: Vec<Cluster>, stores: &[Store]) -> Vec<Cluster> {
    /// Few kinds of failure are open at a time, so the one to join is among the last.
    const LAST: usize = 16;
    let mut joined: Vec<Cluster> = Vec::new();
    // What fails by itself may do so with any number of others in between.
    let mut of_runner: BTreeMap<Runner, usize> = BTreeMap::new();
    for cluster in clusters {
        let recent = joined.len().saturating_sub(LAST);
        let by_runner = cluster.runner.as_ref().and_then(|(runner, _)| of_runner.get(runner).copied());
        let mut places = (recent..joined.len()).rev().chain(by_runner);
        let place = places.find(|&place| joined.get(place).is_some_and(|known| goes_on(known, &cluster, stores)));
        let runner = cluster.runner.clone();
        match place.and_then(|place| joined.get_mut(place)) {
            Some(known) => {
                known.absorb(cluster.failures);
                known.meanwhile = known.meanwhile.or(known.after).or(cluster.meanwhile);
                known.after = cluster.after;
                known.login_after = known.login_after.or(cluster.login_after);
                known.runner = known.runner.take().or(cluster.runner);
            }
            None => joined.push(cluster),
        }
        of_runner.extend(runner.map(|(runner, _)| (runner, place.unwrap_or(joined.len() - 1))));
    }
    joined
}

/// Is the later cluster more of the same?
fn goes_on(known: &Cluster, later: &Cluster, stores: &[Store]) -> bool {
    let gap = later.first().ms - known.last().ms;
    let only_consequences = || later.failures.iter().all(|f| f.failure.class.is_consequence());
    match known.group {
        _ if later.group.is_none() && known.after.is_none() && only_consequences() => gap <= ROW_MS,
        Some(Group::Auth) => {
            let again = later.group == known.group && known.login_after.is_none() && words(known) == words(later);
            again && (gap <= AGAIN_MS || (is_one_runner(known, later) && (gap <= ROW_MS || is_unchanged(known, later, stores))))
        }
        // Another model that works says nothing of the one that is refused.
        Some(Group::Other(ErrorClass::Entitlement)) => later.group == known.group && (gap <= ROW_MS || is_one_runner(known, later)),
        Some(_) => later.group == known.group && gap <= ROW_MS,
        None => false,
    }
}

/// Did what failed again have no success of its own in between? Then the one that came between
/// was of another session, perhaps of a process that had read the store since.
fn is_one_runner(known: &Cluster, later: &Cluster) -> bool {
    let Some((own, good)) = &later.runner else { return false };
    let failed_before = known.failures.iter().any(|f| runner(f).as_ref() == Some(own));
    failed_before && good.is_none_or(|good| good < known.first().ms)
}

/// Did the store hold the same pair all the while? Then what is refused the same way again after longer is no
/// new matter: nothing was done in between that could have mended it, or broken it anew.
fn is_unchanged(known: &Cluster, later: &Cluster, stores: &[Store]) -> bool {
    let Some(store) = known.scope.store.and_then(|id| stores.get(id)) else { return false };
    let held = |cluster: &Cluster| store.surely_held_at(cluster.first());
    held(known).zip(held(later)).is_some_and(|(before, after)| before.same_tokens(after))
}

/// What the last telling failure said.
fn words(cluster: &Cluster) -> Option<ErrorClass> {
    let telling = |f: &&FailureSeen| !f.failure.class.is_consequence();
    cluster.failures.iter().rev().find(telling).map(|f| f.failure.class)
}

/// Clusters without a failed turn count when the credential stayed refused: to the end of what
/// was read, or over more than one attempt. The second list is of those that do not.
pub(super) fn keep_real(clusters: Vec<Cluster>) -> (Vec<Cluster>, Vec<Cluster>) {
    clusters.into_iter().partition(|c| {
        let has_turn = c.failures.iter().any(|f| f.is_turn);
        let lasted = c.last().ms - c.first().ms >= LASTING_MS;
        let ended = c.after.is_some() || c.login_after.is_some();
        has_turn || (c.group == Some(Group::Auth) && (!ended || lasted))
    })
}

#[cfg(test)]
mod tests {
    use crate::correlate::clock::When;

    use super::*;
    use crate::correlate::clock::Zone;
    use crate::correlate::incidents::failing::Scope;
    use crate::event::{Failure, Level, Origin};

    fn cluster(home: Option<&str>, ms: &[i64], before: Option<i64>, after: Option<i64>) -> Cluster {
        let at = |ms| When::exact(ms, Zone::Utc);
        let origin = Origin { source: 0, line: 1, byte: 0 };
        let (client, provider) = (Client::Openclaw, Provider::OpenaiCodex);
        let failure = Failure { class: ErrorClass::RefreshTokenReused, level: Level::TokenEndpoint };
        let failure = |ms: &i64| FailureSeen { is_turn: true, ..FailureSeen::beside_turns(at(*ms), failure, origin, client) };
        let success = |ms| SuccessSeen { at: at(ms), origin, session: None, over_second: false };
        Cluster {
            scope: Scope {
                client,
                home: home.map(str::to_owned),
                host: None,
                store: home.map(|_| 0),
                unread_agent: None,
                provider,
            },
            group: Some(Group::Auth),
            failures: Arc::new(ms.iter().map(failure).collect()),
            before: before.map(success),
            after: after.map(success),
            runner: None,
            meanwhile: None,
            login_after: None,
            presented: Vec::new(),
            of_fallback: false,
        }
    }

    #[test]
    fn what_goes_on_elsewhere_had_not_ended() {
        let join = |log: &[i64]| {
            let agents = vec![cluster(Some("h"), &[10_000, 11_000], Some(9_000), Some(30_000)), cluster(None, log, None, None)];
            let joined = join_agents(agents, &[]);
            assert_eq!(joined.len(), 1);
            (joined[0].before.map(|s| s.at.ms), joined[0].after.map(|s| s.at.ms), joined[0].failures.len())
        };
        assert_eq!(join(&[12_000]), (Some(9_000), Some(30_000), 3));
        assert_eq!(join(&[12_000, 40_000]), (Some(9_000), None, 4), "failed again after the success of the one home");
        assert_eq!(join(&[8_000, 12_000]), (None, Some(30_000), 4), "failed before the success of the one home");
    }

    #[test]
    fn a_log_is_shared_out_among_incidents_that_began_together() {
        let (a, b) = (cluster(Some("h"), &[10_000, 500_000], None, None), cluster(Some("h"), &[30_000, 520_000], None, None));
        let mut joined = vec![a, b];
        share_out(cluster(None, &[10_100, 29_000, 501_000, 519_000, 900_000], None, None), &[0, 1], &mut joined);
        let times = |c: &Cluster| c.failures.iter().map(|f| f.at.ms).collect::<Vec<_>>();
        assert_eq!(times(&joined[0]), [10_000, 10_100, 500_000, 501_000]);
        assert_eq!(times(&joined[1]), [29_000, 30_000, 519_000, 520_000, 900_000]);
    }

    #[test]
    fn a_log_of_several_machines_goes_to_the_incident_it_is_near() {
        const DAY_MS: i64 = 24 * 60 * 60_000;
        let (a, b) = (cluster(Some("a"), &[10_000], None, None), cluster(Some("b"), &[60 * DAY_MS], None, None));
        let log = cluster(None, &[11_000, 12_000, 60 * DAY_MS + 1_000], None, None);
        let joined = join_agents(vec![a, b, log], &[]);
        let seen: Vec<_> = joined.iter().map(|c| (c.scope.home.as_deref(), c.failures.len(), c.last().ms)).collect();
        assert_eq!(seen, [(Some("a"), 3, 12_000), (Some("b"), 2, 60 * DAY_MS + 1_000)]);
    }
}
