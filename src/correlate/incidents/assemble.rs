//! From clusters to incidents: what stands beside each is looked up in tables that are made once,
//! so that many incidents over many turns cost no square.

use super::asked::Asked;
use super::calls::{self, RefusedCall};
use super::cluster::Cluster;
use super::elsewhere::{Overlaps, elsewhere};
use super::failing::{self, FailureSeen, Group, Recovery, Scope, Victim};
use super::fallback::Fallbacks;
use super::incident::Incident;
use super::lived;
use super::outworked;
use super::passed;
use super::places;
use super::replay::{self, Told};
use super::siblings;
use super::spared::AFTER_MS;
use super::successes::Successes;
use crate::correlate::acts::{Act, ActKind};
use crate::correlate::clock::{Clocks, When};
use crate::correlate::covered::Watched;
use crate::correlate::hosts::{HostId, may_be_one};
use crate::correlate::stores::{Back, Held, StoreId, Stores};
use crate::correlate::turns::{Silence, TurnSeen};
use crate::event::{Client, Origin, Provider, SourceKind};
use crate::evidence::{Evidence, SourceRecord};
use crate::secret::Key;
use std::collections::{BTreeMap, BTreeSet};

/// What was put together before.
#[derive(Clone, Copy)]
pub(in crate::correlate) struct Found<'a> {
    /// Stores.
    pub stores: &'a Stores,
    /// Turns, each once.
    pub turns: &'a [TurnSeen],
    /// What was done to credentials.
    pub acts: &'a [Act],
    /// What logs kept of processes.
    pub watched: &'a Watched,
    /// What left no record.
    pub silence: &'a Silence,
    /// Calls that were refused beside turns.
    pub calls: &'a [RefusedCall],
    /// What each store was told of its token and its login.
    pub told: &'a Told,
}

/// What is looked up for every incident.
struct Tables<'a> {
    stores: &'a Stores,
    acts: &'a [Act],
    watched: &'a Watched,
    silence: &'a Silence,
    sources: &'a [SourceRecord],
    overlaps: Overlaps<'a>,
    fallbacks: Fallbacks<'a>,
    calls: &'a [RefusedCall],
    told: &'a Told,
    successes: Successes<'a>,
    failing: Vec<Vec<(When, Origin)>>,
    front_ends: Vec<(StoreId, Vec<Client>)>,
    /// Account that the records of a program in a home name.
    accounts: BTreeMap<(Client, Option<String>, Option<HostId>), Key>,
    /// Programs whose transcripts were read.
    transcribing: BTreeSet<Client>,
}

/// A cluster with its victim: what siblings are asked about.
struct Draft<'a> {
    cluster: &'a Cluster,
    victim: Victim,
    held: Option<Held>,
    moved_back: Option<Back>,
    /// It is of the same cluster as the one before, if another entry was presented.
    is_otherwise: bool,
}

/// Make incidents of the clusters.
pub(in crate::correlate) fn assemble(
    evidence: &Evidence,
    clocks: &Clocks,
    found: &Found<'_>,
    clusters: Vec<Cluster>,
    ranks: &[u32],
) -> Vec<Incident> {
    let Found { stores, turns, acts, watched, silence, calls, told } = *found;
    let mut accounts = BTreeMap::new();
    for turn in turns {
        if let Some(account) = turn.setting.asked.account {
            accounts.entry((turn.setting.site.client, turn.setting.site.home.clone(), turn.setting.site.host)).or_insert(account);
        }
    }
    let tables = Tables {
        stores,
        acts,
        watched,
        silence,
        sources: &evidence.sources,
        overlaps: Overlaps::of(&clusters),
        fallbacks: Fallbacks::of(evidence, clocks, stores, turns),
        calls,
        told,
        successes: Successes::of(stores, turns),
        failing: failing_stores(&clusters, stores),
        front_ends: front_ends(evidence, stores),
        accounts,
        transcribing: transcribing(evidence),
    };
    let drafts: Vec<Draft<'_>> = clusters.iter().filter(|c| !c.of_fallback).flat_map(|c| drafts(c, &tables)).collect();
    let asked: Vec<Asked<'_>> = drafts.iter().map(|draft| draft.asked(acts)).collect();
    let rotations = siblings::rotations(&asked, stores, acts);
    let mut incidents: Vec<Incident> = Vec::with_capacity(clusters.len());
    for ((draft, asked), rotations) in drafts.iter().zip(&asked).zip(rotations) {
        let mut incident = incident(draft, asked, &rotations, &tables);
        incident.unsure = places::find(&incident, &stores.list, acts);
        match incidents.last_mut().filter(|_| draft.is_otherwise) {
            Some(first) => first.otherwise.push(incident),
            None => incidents.push(incident),
        }
    }
    let rank = |i: &Incident| i.failures.first().map(|f| (ranks.get(f.origin.source as usize).copied(), f.origin.line));
    incidents.sort_by_key(|i| (i.began().ms, i.victim.client, rank(i)));
    incidents
}

impl Draft<'_> {
    fn asked(&self, acts: &[Act]) -> Asked<'_> {
        let last_good = self.cluster.before.map(|s| s.at);
        let first = self.cluster.first();
        let refused = failing::refused(&self.cluster.failures, first);
        let (victim, held) = (&self.victim, self.held.as_ref());
        let lived = lived::until(victim, held, &self.cluster.failures, last_good, (first, acts));
        Asked { victim, held, first, refused, last_good, lived }
    }
}

/// One for each entry that may have been presented; failures that are not about the login need but one.
fn drafts<'a>(cluster: &'a Cluster, tables: &Tables<'_>) -> Vec<Draft<'a>> {
    let about_login = matches!(cluster.group, None | Some(Group::Auth));
    let first = draft(cluster, cluster.presented.first().copied(), false, tables);
    let others = cluster.presented.iter().skip(1).filter(|_| about_login);
    std::iter::once(first).chain(others.map(|&id| draft(cluster, Some(id), true, tables))).collect()
}

fn draft<'a>(cluster: &'a Cluster, store: Option<StoreId>, is_otherwise: bool, tables: &Tables<'_>) -> Draft<'a> {
    let newest = store.and_then(|id| tables.stores.list[id].surely_held_at(cluster.first()));
    let swapped = store.filter(|&id| !put_back_since(id, cluster, tables.acts));
    let swapped = swapped.and_then(|id| tables.stores.list[id].swapped_in(newest?));
    let (moved_back, held) = swapped.unwrap_or((None, newest.cloned()));
    Draft { cluster, victim: victim(cluster, store, held.as_ref(), tables), held, moved_back, is_otherwise }
}

/// Was a copy put in the place of the store after the first failure, and none before it? That was to repair
/// it: what was refused is what the store held before.
fn put_back_since(id: StoreId, cluster: &Cluster, acts: &[Act]) -> bool {
    let put = || acts.iter().filter(|act| act.store == Some(id) && act.kind == ActKind::Restored);
    let first = cluster.first();
    put().any(|act| first.surely_before(act.at)) && !put().any(|act| act.at.maybe_before(first))
}

fn incident(draft: &Draft<'_>, asked: &Asked<'_>, rotations: &siblings::Rotations, tables: &Tables<'_>) -> Incident {
    let Draft { cluster, victim, held, moved_back, .. } = draft;
    let (first, acts) = (asked.first, tables.acts);
    let own_acts = own_acts(victim, held.as_ref(), acts);
    let changed = own_acts.iter().any(|&i| changes_tokens(&acts[i]) && between(&acts[i], first, cluster.after.map(|s| s.at)));
    // Without the live store a repair may be out of sight.
    let alone = victim.store.is_some_and(|id| tables.stores.list[id].live && !tables.stores.has_spare(id));
    let keeps = |held: &Held| victim.store.is_some_and(|id| tables.stores.list[id].keeps(held));
    let told_ended = cluster.failures.iter().any(|f| f.dated && f.failure.class.is_revocation());
    let gave_way = told_ended && held.as_ref().is_some_and(|held| !keeps(held));
    Incident {
        failed_turns: cluster.failures.iter().filter(|f| f.is_turn).count() as u64,
        told: Vec::new(),
        transcribing: tables.transcribing.contains(&victim.client),
        untranscribed: match tables.transcribing.contains(&victim.client) {
            true => cluster.failures.iter().filter(|f| !f.transcribed).count() as u64,
            false => 0,
        },
        silent_since: silent_since(cluster, victim, tables),
        said_logout: tables.silence.logout(victim.client, &homes(cluster, victim, tables), victim.store),
        sessions: distinct_sessions(&cluster.failures),
        transport_failures: cluster.failures.iter().filter(|f| f.transport.is_some() || f.failure.class.is_transport()).count()
            as u64,
        first,
        refused: asked.refused,
        borrowed: borrowed(cluster, victim, tables),
        moved_back: *moved_back,
        passed: passed::passed(asked, &tables.stores.list, tables.acts),
        outworked: outworked::outworked(asked, tables.stores, &tables.successes).filter(|_| moved_back.is_none()),
        last: last(cluster),
        recovered: recovery(cluster, &own_acts, acts).filter(|(at, _)| at.ms > last(cluster).ms),
        last_good: cluster.before,
        lived: asked.lived,
        next_good: cluster.after,
        meanwhile: cluster.meanwhile,
        same_token_worked: cluster.after.is_some() && !changed && held.is_some() && alone && !gave_way,
        gave_way,
        token_alive: token_alive(cluster, victim.store, held.as_ref(), &own_acts, tables.stores, acts),
        own_acts,
        siblings: siblings::of(
            asked,
            tables.stores,
            &tables.successes,
            acts,
            (&tables.failing, tables.told, tables.watched),
            rotations,
        ),
        unsure: Vec::new(),
        otherwise: Vec::new(),
        replay: replay::before(asked, &cluster.failures, tables.told, tables.stores, &tables.successes),
        pattern: None,
        elsewhere: elsewhere(cluster, &tables.overlaps, tables.stores),
        fallback: tables.fallbacks.seen(&cluster.scope, &cluster.failures),
        front_ends: tables.front_ends.clone(),
        group: cluster.group,
        refused_calls: calls::beside(cluster, tables.calls),
        failures: cluster.failures.clone(),
        held: held.clone(),
        victim: victim.clone(),
    }
}

/// Since when turns of the victim leave no record, until it worked again.
fn silent_since(cluster: &Cluster, victim: &Victim, tables: &Tables<'_>) -> Option<When> {
    /// The store is given up in the turn whose refresh was refused, before that turn is over.
    const TURN_MS: i64 = 60_000;
    let end = cluster.after.map(|good| good.at.ms).or(cluster.login_after.map(|at| at.ms));
    let about_login = matches!(cluster.group, None | Some(Group::Auth));
    let since = |home: &Option<String>| tables.silence.since(victim.client, home, cluster.first().ms - TURN_MS, end);
    homes(cluster, victim, tables).iter().find_map(since).filter(|_| about_login)
}

/// The first failure of a place which the victim's store is not the own one of: a turn that it recorded, or a refusal
/// that names it.
fn borrowed(cluster: &Cluster, victim: &Victim, tables: &Tables<'_>) -> Option<(When, Origin)> {
    let id = victim.store?;
    let is_other = |source: &SourceRecord| source.kind.client().program() == victim.client && tables.stores.is_borrowed(id, source);
    // Those of agents that were joined to it have stores of their own.
    let its = |f: &&FailureSeen| f.store.is_some_and(|of| tables.stores.main_of(of) == tables.stores.main_of(id));
    let elsewhere = |f: &&FailureSeen| its(f) && tables.sources.get(f.origin.source as usize).is_some_and(is_other);
    let found = |f: &&FailureSeen| f.dated && (f.of_other_agent && its(f) || f.is_turn && elsewhere(f));
    cluster.failures.iter().find(found).map(|f| (f.at, f.origin))
}

/// Where the victim is at home: in the place of its store, of which but a copy may be left, and where its
/// turns are recorded.
fn homes(cluster: &Cluster, victim: &Victim, tables: &Tables<'_>) -> BTreeSet<Option<String>> {
    let recorded = |f: &FailureSeen| tables.sources.get(f.origin.source as usize).map(|source| source.home.clone());
    let turns = cluster.failures.iter().filter(|f| f.is_turn).filter_map(recorded);
    turns.chain([victim.home.clone()]).filter(Option::is_some).collect()
}

/// The last failed turn. What came behind it without one, such as a command that looked at the login,
/// prolongs nothing, and what led up to the first failure ends nothing.
fn last(cluster: &Cluster) -> When {
    let (turn, first) = (cluster.failures.iter().rev().find(|f| f.is_turn), cluster.first());
    let last = turn.map_or(cluster.last(), |f| f.at);
    if last.ms < first.ms { first } else { last }
}

/// Programs whose transcripts were read, or the index that lies among them. Without any, nothing can
/// be said of what they leave out.
fn transcribing(evidence: &Evidence) -> BTreeSet<Client> {
    let lies_there = |kind: SourceKind| kind.is_transcript() || kind == SourceKind::OpenclawSessionIndex;
    let read = evidence.sources.iter().filter(|source| lies_there(source.kind) && source.bytes_used > 0);
    read.map(|source| source.kind.client().program()).collect()
}

fn victim(cluster: &Cluster, store: Option<StoreId>, held: Option<&Held>, tables: &Tables<'_>) -> Victim {
    let Scope { client, home, host, provider, unread_agent, .. } = cluster.scope.clone();
    let by_store = held.and_then(|h| h.account).or_else(|| store.and_then(|id| tables.stores.list[id].account));
    let by_record = || tables.accounts.get(&(client, home.clone(), host)).copied();
    let account = by_store.or_else(by_record);
    let named = cluster.failures.iter().map(|f| f.provider).find(|p| *p != Provider::Unknown);
    let is_unread = store.is_none() && unread_agent.is_some();
    Victim { client, home, host, store, is_unread, account, provider: named.unwrap_or(provider) }
}

/// Sessions with failed turns: a refusal or a complaint outside any turn adds none.
pub(super) fn distinct_sessions(failures: &[FailureSeen]) -> u64 {
    let mut sessions: Vec<Key> = failures.iter().filter(|f| f.is_turn).filter_map(|f| f.session).collect();
    sessions.sort_unstable();
    sessions.dedup();
    let unnamed = failures.iter().any(|f| f.is_turn && f.session.is_none());
    (sessions.len() as u64).max(u64::from(unnamed))
}

/// Acts of the victim's own program on the victim's store, from the time it held the token.
fn own_acts(victim: &Victim, held: Option<&Held>, acts: &[Act]) -> Vec<usize> {
    let since = held.and_then(|h| h.since).map_or(i64::MIN, |s| s.ms);
    let own = |a: &Act| {
        let here = (a.store == victim.store || a.home == victim.home) && a.host == victim.host;
        a.client == victim.client && here && a.at.ms >= since
    };
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
            ActKind::Login { .. } if a.is_sure_login() => Some((4, Recovery::Login)),
            ActKind::Adopted { .. } => Some((3, Recovery::Adoption)),
            ActKind::Login { .. } | ActKind::Rotation { by_login: None } => Some((2, Recovery::Renewed)),
            ActKind::Rotation { .. } => Some((1, Recovery::Refresh)),
            ActKind::Started => Some((0, Recovery::Restart)),
            _ => None,
        })
        .max_by_key(|(weight, _)| *weight);
    Some((end, kind.map_or(Recovery::ByItself, |(_, r)| r)))
}

/// Stores whose own credential was refused, when and where it says so, by time.
fn failing_stores(clusters: &[Cluster], stores: &Stores) -> Vec<Vec<(When, Origin)>> {
    let mut failing = vec![Vec::new(); stores.list.len()];
    for cluster in clusters.iter().filter(|c| c.group == Some(Group::Auth)) {
        if let (&[id], Some(failure)) = (cluster.presented.as_slice(), cluster.opening()) {
            failing[id].push((cluster.first(), failure.origin));
        }
    }
    failing.iter_mut().for_each(|list| list.sort_by_key(|(at, origin)| (at.ms, *origin)));
    failing
}

/// Front ends of Codex that wrote anything in a Codex store's home.
fn front_ends(evidence: &Evidence, stores: &Stores) -> Vec<(StoreId, Vec<Client>)> {
    let codex = (0..stores.list.len()).filter(|&id| stores.list[id].client == Client::Codex);
    codex
        .clone()
        .map(|id| {
            let several = codex.clone().filter(|&other| may_be_one(stores.list[other].host, stores.list[id].host)).count() > 1;
            let home = &stores.list[id].home;
            let mut seen: Vec<Client> = evidence
                .stated
                .events
                .iter()
                .filter_map(|event| {
                    let crate::event::EventKind::WrittenBy { client, .. } = &event.kind else { return None };
                    let source = evidence.sources.get(event.origin.source as usize)?;
                    let near = may_be_one(stores.host(source), stores.list[id].host);
                    let here = stores.twins.home(source) == *home || (source.home.is_none() && !several && near);
                    (client.program() == Client::Codex && *client != Client::Codex && here).then_some(*client)
                })
                .collect();
            seen.sort_unstable();
            seen.dedup();
            (id, seen)
        })
        .collect()
}
