//! Incidents: a cluster of failures with everything that stands beside it. Plain data; what it
//! means is decided in `attribute`.

use super::acts::{Act, ActKind};
use super::clock::When;
use super::cluster::{Cluster, Group, Recovery, Scope, group};
use super::fallback::{self, FallbackSeen};
use super::siblings::{self, Asked};
use super::stores::{Held, StoreId, Stores};
use super::turns::TurnSeen;
use super::zone::Clocks;
use crate::event::{Client, ErrorClass, Failure, Model, Origin, Provider, TransportFailure};
use crate::evidence::Evidence;
use crate::secret::Key;

pub use super::siblings::{Relation, Sibling};

/// A failure, as an incident counts it.
#[derive(Clone, Debug)]
pub struct FailureSeen {
    /// When.
    pub at: When,
    /// What was said.
    pub failure: Failure,
    /// A failed turn (else a refused refresh or a store's complaint).
    pub is_turn: bool,
    /// Session.
    pub session: Option<Key>,
    /// Where it is written.
    pub origin: Origin,
    /// Transport diagnostic.
    pub transport: Option<TransportFailure>,
    /// Store whose credential was used, where known.
    pub store: Option<StoreId>,
    /// Provider.
    pub provider: Provider,
    /// Model.
    pub model: Option<Model>,
    /// Run.
    pub run: Option<Key>,
    /// Program whose record it is.
    pub stated_by: Client,
}

/// A success, as a control.
#[derive(Clone, Copy, Debug)]
pub struct SuccessSeen {
    /// When.
    pub at: When,
    /// Where it is written.
    pub origin: Origin,
}

/// Whose turns failed.
#[derive(Clone, Debug)]
pub struct Victim {
    /// Program.
    pub client: Client,
    /// Home (private).
    pub home: Option<String>,
    /// Store.
    pub store: Option<StoreId>,
    /// Account.
    pub account: Option<Key>,
    /// Provider.
    pub provider: Provider,
}

/// Failures of others around the same time, as controls.
#[derive(Clone, Debug, Default)]
pub struct Elsewhere {
    /// Transport failures of other providers within five minutes (control N1).
    pub other_providers: Vec<Origin>,
    /// Failures of unrelated accounts on the same provider of the same kind (control N2).
    pub other_accounts: Vec<Origin>,
}

/// An incident with everything that stands beside it.
#[derive(Clone, Debug)]
pub struct Incident {
    /// Whose turns failed.
    pub victim: Victim,
    /// What they are about.
    pub group: Option<Group>,
    /// All failures, in order of time.
    pub failures: Vec<FailureSeen>,
    /// Failed turns among them.
    pub failed_turns: u64,
    /// Sessions they belong to.
    pub sessions: u64,
    /// Transport failures inside.
    pub transport_failures: u64,
    /// First failure.
    pub first: When,
    /// Last failure.
    pub last: When,
    /// When it was over.
    pub recovered: Option<(When, Recovery)>,
    /// The credential the victim held at the first failure.
    pub held: Option<Held>,
    /// Last success before.
    pub last_good: Option<SuccessSeen>,
    /// First success after.
    pub next_good: Option<SuccessSeen>,
    /// Did the victim work again with the same access token? (control N5) It says that the session
    /// lives, not that the refresh token is unspent. False where another entry of the same store
    /// may have paid for it.
    pub same_token_worked: bool,
    /// The victim's own later refresh of the very token it held: the token was not spent.
    pub token_alive: Option<usize>,
    /// The victim's own acts, from possession on: indexes into the list of acts.
    pub own_acts: Vec<usize>,
    /// Other stores.
    pub siblings: Vec<Sibling>,
    /// Failures of others.
    pub elsewhere: Elsewhere,
    /// Fallback behaviour.
    pub fallback: FallbackSeen,
    /// Front ends of Codex seen in each Codex home that is a sibling's or the victim's.
    pub front_ends: Vec<(StoreId, Vec<Client>)>,
}

/// Make incidents of the clusters.
pub(super) fn assemble(
    evidence: &Evidence,
    clocks: &Clocks,
    stores: &Stores,
    turns: &[TurnSeen],
    acts: &[Act],
    clusters: Vec<Cluster>,
    ranks: &[u32],
) -> Vec<Incident> {
    let failing = failing_stores(&clusters);
    let mut incidents: Vec<Incident> = clusters
        .iter()
        .filter(|c| !c.of_fallback)
        .map(|c| incident(c, &clusters, evidence, clocks, stores, turns, acts, &failing))
        .collect();
    let rank = |i: &Incident| i.failures.first().map(|f| (ranks.get(f.origin.source as usize).copied(), f.origin.line));
    incidents.sort_by_key(|i| (i.first.ms, i.victim.client, rank(i)));
    incidents
}

#[allow(clippy::too_many_arguments)] // one flat call: the tables of the run, read only
fn incident(
    cluster: &Cluster,
    all: &[Cluster],
    evidence: &Evidence,
    clocks: &Clocks,
    stores: &Stores,
    turns: &[TurnSeen],
    acts: &[Act],
    failing: &[(StoreId, When, Origin)],
) -> Incident {
    let first = cluster.first();
    let store = cluster.failures.iter().find_map(|f| f.store).or(cluster.scope.store);
    let held = store.and_then(|id| stores.list[id].surely_held_at(first)).cloned();
    let victim = victim(cluster, store, held.as_ref(), stores, turns);
    let last_good = cluster.before;
    let asked = Asked { victim: &victim, held: held.as_ref(), first, last_good: last_good.map(|s| s.at) };
    let siblings = siblings::of(&asked, stores, turns, acts, failing);
    let own_acts = own_acts(&victim, held.as_ref(), acts);
    let changed = own_acts.iter().any(|&i| changes_tokens(&acts[i]) && between(&acts[i], first, cluster.after.map(|s| s.at)));
    Incident {
        failed_turns: cluster.failures.iter().filter(|f| f.is_turn).count() as u64,
        sessions: distinct_sessions(&cluster.failures),
        transport_failures: cluster.failures.iter().filter(|f| f.transport.is_some() || f.failure.class.is_transport()).count()
            as u64,
        first,
        last: cluster.last(),
        recovered: recovery(cluster, &own_acts, acts),
        last_good,
        next_good: cluster.after,
        same_token_worked: cluster.after.is_some() && !changed && held.is_some() && store.is_some_and(|id| !stores.has_spare(id)),
        token_alive: token_alive(cluster, victim.store, held.as_ref(), &own_acts, stores, acts),
        own_acts,
        siblings,
        elsewhere: elsewhere(cluster, all, stores),
        fallback: fallback::seen(&cluster.scope, &cluster.failures, evidence, clocks, turns, stores),
        front_ends: front_ends(evidence, stores),
        group: cluster.group,
        failures: cluster.failures.clone(),
        held,
        victim,
    }
}

fn victim(cluster: &Cluster, store: Option<StoreId>, held: Option<&Held>, stores: &Stores, turns: &[TurnSeen]) -> Victim {
    let Scope { client, home, provider, .. } = cluster.scope.clone();
    let by_store = held.and_then(|h| h.account).or_else(|| store.and_then(|id| stores.list[id].account));
    let by_record = || turns.iter().filter(|t| t.client == client && t.home == home).find_map(|t| t.account);
    let account = by_store.or_else(by_record);
    let named = cluster.failures.iter().map(|f| f.provider).find(|p| *p != Provider::Unknown);
    Victim { client, home, store, account, provider: named.unwrap_or(provider) }
}

fn distinct_sessions(failures: &[FailureSeen]) -> u64 {
    let mut sessions: Vec<Key> = failures.iter().filter_map(|f| f.session).collect();
    sessions.sort_unstable();
    sessions.dedup();
    let unnamed = failures.iter().any(|f| f.is_turn && f.session.is_none());
    (sessions.len() as u64).max(u64::from(unnamed))
}

/// Acts of the victim's own program on the victim's store, from the time it held the token.
fn own_acts(victim: &Victim, held: Option<&Held>, acts: &[Act]) -> Vec<usize> {
    let since = held.and_then(|h| h.since).map_or(i64::MIN, |s| s.ms);
    let own = |a: &Act| a.client == victim.client && (a.store == victim.store || a.home == victim.home) && a.at.ms >= since;
    (0..acts.len()).filter(|&i| own(&acts[i])).collect()
}

/// A refresh by the victim after the refusals, from the very credential it held then.
fn token_alive(
    cluster: &Cluster,
    store: Option<StoreId>,
    held: Option<&Held>,
    own: &[usize],
    stores: &Stores,
    acts: &[Act],
) -> Option<usize> {
    // Issue times are whole seconds, and the winner of a race is issued in the second of the refusals.
    const AFTER_MS: i64 = 2_000;
    let history = &stores.list[store?].held;
    let place = history.iter().position(|h| held.is_some_and(|k| k.same_tokens(h)))?;
    let next = |a: &Act| a.is_rotation() && a.store == store && a.held == Some(place + 1);
    own.iter().copied().find(|&i| next(&acts[i]) && acts[i].at.ms > cluster.last().ms + AFTER_MS)
}

fn changes_tokens(act: &Act) -> bool {
    matches!(act.kind, ActKind::Rotation { .. } | ActKind::Login { .. } | ActKind::Adopted { .. })
}

fn between(act: &Act, from: When, to: Option<When>) -> bool {
    act.at.ms >= from.ms && to.is_none_or(|t| act.at.ms <= t.ms)
}

/// When it was over, and what was done right before.
fn recovery(cluster: &Cluster, own: &[usize], acts: &[Act]) -> Option<(When, Recovery)> {
    if cluster.after.is_none() {
        return cluster.login_after.map(|at| (at, Recovery::Login));
    }
    let end = cluster.after?.at;
    let done = own.iter().map(|&i| &acts[i]).filter(|a| between(a, cluster.last(), Some(end)));
    let kind = done
        .filter_map(|a| match a.kind {
            ActKind::Login { .. } => Some((3, Recovery::Login)),
            ActKind::Adopted { .. } => Some((2, Recovery::Adoption)),
            ActKind::Rotation { .. } => Some((1, Recovery::Refresh)),
            ActKind::Started => Some((0, Recovery::Restart)),
            _ => None,
        })
        .max_by_key(|(weight, _)| *weight);
    Some((end, kind.map_or(Recovery::ByItself, |(_, r)| r)))
}

/// Stores whose own credential was refused, when and where it says so.
fn failing_stores(clusters: &[Cluster]) -> Vec<(StoreId, When, Origin)> {
    let auth = clusters.iter().filter(|c| c.group == Some(Group::Auth));
    auth.filter_map(|c| Some((c.scope.store?, c.first(), c.failures.first()?.origin))).collect()
}

/// Failures of other providers and other accounts at the same time.
fn elsewhere(cluster: &Cluster, all: &[Cluster], stores: &Stores) -> Elsewhere {
    const N1_MS: i64 = 5 * 60_000;
    const N2_MS: i64 = 30 * 60_000;
    let mut found = Elsewhere::default();
    let account = |c: &Cluster| c.scope.store.and_then(|id| stores.list[id].account);
    for other in all.iter().filter(|c| c.scope != cluster.scope) {
        let Some(failure) = other.failures.first() else { continue };
        let overlaps = |slack: i64| other.first().ms <= cluster.last().ms + slack && other.last().ms >= cluster.first().ms - slack;
        if other.scope.provider != cluster.scope.provider && other.group == Some(Group::Transport) && overlaps(N1_MS) {
            found.other_providers.push(failure.origin);
        }
        let unrelated = account(other).zip(account(cluster)).is_some_and(|(a, b)| a != b);
        if unrelated && other.scope.provider == cluster.scope.provider && other.group == cluster.group && overlaps(N2_MS) {
            found.other_accounts.push(failure.origin);
        }
    }
    found
}

/// Front ends of Codex that wrote anything in a Codex store's home.
fn front_ends(evidence: &Evidence, stores: &Stores) -> Vec<(StoreId, Vec<Client>)> {
    let codex = (0..stores.list.len()).filter(|&id| stores.list[id].client == Client::Codex);
    let several = codex.clone().count() > 1;
    codex
        .map(|id| {
            let home = &stores.list[id].home;
            let mut seen: Vec<Client> = evidence
                .events
                .iter()
                .filter_map(|event| {
                    let crate::event::EventKind::WrittenBy { client, .. } = &event.kind else { return None };
                    let source = evidence.sources.get(event.origin.source as usize)?;
                    let here = source.home == *home || (source.home.is_none() && !several);
                    (client.program() == Client::Codex && *client != Client::Codex && here).then_some(*client)
                })
                .collect();
            seen.sort_unstable();
            seen.dedup();
            (id, seen)
        })
        .collect()
}

impl Incident {
    /// The failures that can be a cause, rawest first, then earliest: what the incident is about.
    pub fn lead(&self) -> Option<&FailureSeen> {
        let telling = self.failures.iter().filter(|f| group(f.failure.class).is_some());
        telling.min_by_key(|f| (std::cmp::Reverse(f.failure.level), f.at.ms)).or_else(|| self.failures.first())
    }

    /// First failure of one class.
    pub fn first_of(&self, class: ErrorClass) -> Option<&FailureSeen> {
        self.failures.iter().find(|f| f.failure.class == class)
    }

    /// First failure whose class fits.
    pub fn first_where(&self, fits: impl Fn(ErrorClass) -> bool) -> Option<&FailureSeen> {
        self.failures.iter().find(|f| fits(f.failure.class))
    }

    /// How many different sources state its failures.
    pub fn failing_sources(&self) -> usize {
        let mut sources: Vec<u32> = self.failures.iter().map(|f| f.origin.source).collect();
        sources.sort_unstable();
        sources.dedup();
        sources.len()
    }
}
