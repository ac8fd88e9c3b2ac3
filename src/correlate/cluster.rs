//! Which failures belong together: consecutive failures of one credential, of one kind, until a
//! success or a new login. Three hundred failing turns of one credential are one incident.

use super::acts::Act;
use super::clock::{When, Window};
use super::fallbacks;
use super::incident::{FailureSeen, SuccessSeen};
use super::stores::{StoreId, Stores};
use super::turns::TurnSeen;
use super::zone::Clocks;
use crate::event::{Client, ErrorClass, Event, EventKind, Failure, Level, Provider, TroubleKind};
use crate::evidence::Evidence;
use std::collections::BTreeMap;

/// Failures of one kind that are not about the credential and come in rows with short recoveries
/// between them are one incident when no longer apart than this.
const ROW_MS: i64 = 60 * 60_000;
/// Refused refreshes without any failed turn make an incident when they go on for this long.
const LASTING_MS: i64 = 30_000;

/// Whose failures: one program in one home, one store where known, one provider.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Scope {
    /// Program.
    pub client: Client,
    /// Home (private).
    pub home: Option<String>,
    /// Store.
    pub store: Option<StoreId>,
    /// Provider; all that a ChatGPT login authorizes count as one.
    pub provider: Provider,
}

/// What failures are about; only failures of one group make one incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// The credential.
    Auth,
    /// Quota and rate.
    Limit,
    /// The provider's servers.
    Provider,
    /// The way to the provider.
    Transport,
    /// Anything else with a class of its own.
    Other(ErrorClass),
}

/// The group a class belongs to; None for classes that say nothing by themselves.
pub(super) fn group(class: ErrorClass) -> Option<Group> {
    use ErrorClass as C;
    match class {
        C::Cooldown | C::Unstated | C::Unlisted | C::UpgradeRefused | C::NoCredential | C::MissingBearer => None,
        C::UsageLimit | C::RateLimit => Some(Group::Limit),
        C::Overloaded | C::ServerError => Some(Group::Provider),
        C::Connect | C::Timeout | C::StreamCut | C::PolicyClose => Some(Group::Transport),
        class if class.is_auth() => Some(Group::Auth),
        other => Some(Group::Other(other)),
    }
}

/// How an incident ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// A turn succeeded and nothing was done to the credential before it.
    ByItself,
    /// A process started in between.
    Restart,
    /// The client took over another program's credential.
    Adoption,
    /// The client refreshed.
    Refresh,
    /// A person logged in.
    Login,
}

/// Failures that belong together.
#[derive(Clone, Debug)]
pub(super) struct Cluster {
    /// Whose.
    pub scope: Scope,
    /// What they are about.
    pub group: Option<Group>,
    /// The failures, in order of time.
    pub failures: Vec<FailureSeen>,
    /// The last success before the first failure.
    pub before: Option<SuccessSeen>,
    /// The first success after the last failure.
    pub after: Option<SuccessSeen>,
    /// A login that ended it, where that came before any success.
    pub login_after: Option<When>,
    /// What a fallback met after the first choice had failed: no incident of its own, and still a
    /// control for others.
    pub of_fallback: bool,
}

/// One step on the time line of a scope.
enum Step {
    Failed(FailureSeen),
    Worked(SuccessSeen),
    LoggedIn(When),
}

/// Collect the clusters.
pub(super) fn collect(
    evidence: &Evidence,
    clocks: &Clocks,
    stores: &Stores,
    turns: &[TurnSeen],
    acts: &[Act],
    window: Window,
) -> Vec<Cluster> {
    let mut lines: BTreeMap<Scope, Vec<(i64, Step)>> = BTreeMap::new();
    for turn in turns {
        if let Some((scope, step)) = step_of_turn(turn, stores) {
            lines.entry(scope).or_default().push((turn.at.ms, step));
        }
    }
    let mut undated: BTreeMap<Scope, Vec<FailureSeen>> = BTreeMap::new();
    for event in &evidence.events {
        let Some((scope, found)) = credential_step(event, evidence, clocks, stores) else { continue };
        match found {
            Found::Dated(when, step) if window.holds(when) => lines.entry(scope).or_default().push((when.ms, step)),
            Found::Dated(..) => {}
            Found::Undated(failure) => undated.entry(scope).or_default().push(failure),
        }
    }
    for act in acts.iter().filter(|a| a.is_login() && a.store.is_some()) {
        for (_, line) in lines.iter_mut().filter(|(scope, _)| scope.store == act.store.map(|id| stores.main_of(id))) {
            line.push((act.at.ms, Step::LoggedIn(act.at)));
        }
    }
    let mut clusters: Vec<Cluster> = Vec::new();
    for (scope, mut line) in lines {
        line.sort_by_key(|(ms, step)| (*ms, order(step)));
        let extra = undated.remove(&scope).unwrap_or_default();
        clusters.extend(walk(&scope, line, extra));
    }
    clusters.extend(undated.into_iter().filter_map(|(scope, failures)| only_undated(scope, failures, evidence, clocks)));
    let mut clusters = join_agents(clusters);
    fallbacks::mark(&mut clusters);
    clusters
}

/// Agents and profiles of one home are one program: refusals that begin together are one
/// incident, whichever agent's store they hit. A home-wide log joins the same way.
fn join_agents(mut clusters: Vec<Cluster>) -> Vec<Cluster> {
    const TOGETHER_MS: i64 = 60_000;
    // The first one stays: one whose store is known, so that the token it held is known too.
    clusters.sort_by_key(|c| (c.scope.store.is_none(), c.first().ms));
    let mut joined: Vec<Cluster> = Vec::new();
    for cluster in clusters {
        let same_home = |c: &Cluster| {
            let provider = [c.scope.provider, Provider::Unknown].contains(&cluster.scope.provider);
            let home = c.scope.home == cluster.scope.home || cluster.scope.home.is_none();
            c.scope.client == cluster.scope.client && home && provider
        };
        let both_auth = |c: &Cluster| c.group == Some(Group::Auth) && matches!(cluster.group, None | Some(Group::Auth));
        let together = |c: &Cluster| (c.first().ms - cluster.first().ms).abs() <= TOGETHER_MS;
        match joined.iter_mut().find(|c| c.scope != cluster.scope && same_home(c) && both_auth(c) && together(c)) {
            Some(c) => {
                c.failures.extend(cluster.failures);
                c.failures.sort_by_key(|f| (f.at.ms, f.origin));
                let later = |a: SuccessSeen, b: SuccessSeen| if a.at.ms >= b.at.ms { a } else { b };
                c.after = c.after.zip(cluster.after).map(|(a, b)| later(a, b));
            }
            None => joined.push(cluster),
        }
    }
    joined
}

/// In one millisecond a login comes first, a failure before a success.
fn order(step: &Step) -> u8 {
    match step {
        Step::LoggedIn(_) => 0,
        Step::Failed(_) => 1,
        Step::Worked(_) => 2,
    }
}

/// All that a ChatGPT login authorizes is one provider.
fn provider_scope(provider: Provider, store: Option<StoreId>) -> Provider {
    if provider.is_chatgpt() || store.is_some() { Provider::OpenaiCodex } else { provider }
}

/// The scope of a record. Where the store is known its home counts, so that a pasted text or a
/// log kept elsewhere joins it.
fn scope(client: Client, home: &Option<String>, store: Option<StoreId>, provider: Provider, stores: &Stores) -> Scope {
    let home = store.map_or_else(|| home.clone(), |id| stores.list[id].home.clone());
    Scope { client, home, store: store.map(|id| stores.main_of(id)), provider: provider_scope(provider, store) }
}

fn step_of_turn(turn: &TurnSeen, stores: &Stores) -> Option<(Scope, Step)> {
    let scope = scope(turn.client, &turn.home, turn.store, turn.provider, stores);
    if turn.stop.is_success() {
        return Some((scope, Step::Worked(SuccessSeen { at: turn.at, origin: turn.origin })));
    }
    let failure = turn.failure.filter(|_| turn.stop.is_failure())?;
    let seen = FailureSeen {
        at: turn.at,
        failure,
        is_turn: true,
        session: turn.session,
        origin: turn.failure_origin,
        transport: turn.transport,
        store: turn.store,
        provider: turn.provider,
        model: turn.model.clone(),
        run: turn.run,
        stated_by: turn.client,
    };
    Some((scope, Step::Failed(seen)))
}

enum Found {
    Dated(When, Step),
    Undated(FailureSeen),
}

/// What an event other than a turn says about the credential: a refusal, a store's complaint, or
/// a call that worked.
fn credential_step(event: &Event, evidence: &Evidence, clocks: &Clocks, stores: &Stores) -> Option<(Scope, Found)> {
    let source = evidence.sources.get(event.origin.source as usize)?;
    let client = source.kind.client().program();
    let (failure, session, section) = match &event.kind {
        EventKind::Refused { failure, session, .. } => (Some(*failure), *session, None),
        // An empty list of credentials is a consequence; a standing note says when it was made.
        EventKind::Trouble(t) if t.kind == TroubleKind::NoneLeft => {
            (Some(Failure { class: ErrorClass::NoCredential, level: Level::Sentence }), None, t.section)
        }
        EventKind::Trouble(t) => (Some(t.failure?), None, t.section),
        EventKind::Worked { session } => (None, *session, None),
        _ => return None,
    };
    let by_section = section.and_then(|s| stores.of_section(source, s));
    let store = by_section.or_else(|| stores.of_source(source));
    let scope = scope(client, &stores.home_of(source), store, Provider::OpenaiCodex, stores);
    let when = clocks.when(event);
    let Some(failure) = failure else {
        let at = when?;
        return Some((scope, Found::Dated(at, Step::Worked(SuccessSeen { at, origin: event.origin }))));
    };
    let seen = |at| FailureSeen {
        at,
        failure,
        is_turn: false,
        session,
        origin: event.origin,
        transport: None,
        store,
        provider: Provider::OpenaiCodex,
        model: None,
        run: None,
        stated_by: client,
    };
    Some((
        scope,
        match when {
            Some(at) => Found::Dated(at, Step::Failed(seen(at))),
            None => Found::Undated(seen(When::adrift(0))),
        },
    ))
}

/// Walk the time line of one scope.
fn walk(scope: &Scope, line: Vec<(i64, Step)>, undated: Vec<FailureSeen>) -> Vec<Cluster> {
    let mut done: Vec<Cluster> = Vec::new();
    let mut open: Vec<Cluster> = Vec::new();
    let mut before: Option<SuccessSeen> = None;
    for (_, step) in line {
        match step {
            Step::Failed(failure) => add(&mut open, scope, failure, before),
            Step::Worked(success) => {
                open.iter_mut().for_each(|c| c.after = Some(success));
                done.append(&mut open);
                before = Some(success);
            }
            Step::LoggedIn(at) => {
                open.iter_mut().for_each(|c| c.login_after = Some(at));
                done.append(&mut open);
            }
        }
    }
    done.append(&mut open);
    let mut kept = keep_real(join_rows(done));
    add_undated(&mut kept, scope, undated);
    kept
}

/// Put a failure where it belongs: the open cluster of its group; a failure that says nothing by
/// itself goes to the cluster touched last.
fn add(open: &mut Vec<Cluster>, scope: &Scope, failure: FailureSeen, before: Option<SuccessSeen>) {
    let of = group(failure.failure.class);
    let fits = |c: &Cluster| of.is_none() || c.group.is_none() || c.group == of;
    let last_touched = |c: &&mut Cluster| c.failures.last().map(|f| f.at.ms);
    match open.iter_mut().filter(|c| fits(c)).max_by_key(last_touched) {
        Some(cluster) => {
            cluster.group = cluster.group.or(of);
            cluster.failures.push(failure);
        }
        None => {
            let mut failures = prelude(open, failure.at);
            failures.push(failure);
            let scope = scope.clone();
            open.push(Cluster { scope, group: of, failures, before, after: None, login_after: None, of_fallback: false });
        }
    }
}

/// What was said in the moment before a new kind of failure ("no entry left", then the reason)
/// belongs to the new one: taken from the ends of the open clusters.
fn prelude(open: &mut [Cluster], at: When) -> Vec<FailureSeen> {
    const MOMENT_MS: i64 = 2_000;
    let is_prelude = |f: &FailureSeen| group(f.failure.class).is_none() && !f.is_turn && at.ms - f.at.ms <= MOMENT_MS;
    let mut found = Vec::new();
    for cluster in open {
        let rest = cluster.failures.iter().rposition(|f| !is_prelude(f)).map_or(1, |last| last + 1);
        if rest < cluster.failures.len() {
            found.extend(cluster.failures.split_off(rest));
        }
    }
    found
}

/// Join rows of short failures of one kind that have nothing to do with the credential, and give
/// clusters of mere consequences to the one before them.
fn join_rows(clusters: Vec<Cluster>) -> Vec<Cluster> {
    let mut joined: Vec<Cluster> = Vec::new();
    for cluster in clusters {
        let near = |c: &Cluster| {
            let gap = cluster.first().ms - c.last().ms;
            let is_row = c.group == cluster.group && !matches!(c.group, None | Some(Group::Auth));
            let is_consequence =
                cluster.group.is_none() && c.after.is_none() && cluster.failures.iter().all(|f| f.failure.class.is_consequence());
            gap <= ROW_MS && (is_row || is_consequence)
        };
        match joined.iter_mut().rev().find(|c| near(c)) {
            Some(c) => {
                c.failures.extend(cluster.failures);
                c.after = cluster.after;
                c.login_after = c.login_after.or(cluster.login_after);
            }
            None => joined.push(cluster),
        }
    }
    joined
}

/// Clusters without a failed turn count when the credential stayed refused: to the end of what
/// was read, or over more than one attempt.
fn keep_real(clusters: Vec<Cluster>) -> Vec<Cluster> {
    clusters
        .into_iter()
        .filter(|c| {
            let has_turn = c.failures.iter().any(|f| f.is_turn);
            let lasted = c.last().ms - c.first().ms >= LASTING_MS;
            let ended = c.after.is_some() || c.login_after.is_some();
            has_turn || (c.group == Some(Group::Auth) && (!ended || lasted))
        })
        .collect()
}

/// Failures without a time (a pasted status) say more about the newest incident of the scope.
fn add_undated(clusters: &mut [Cluster], scope: &Scope, undated: Vec<FailureSeen>) {
    let newest = clusters
        .iter_mut()
        .filter(|c| c.scope == *scope && matches!(c.group, None | Some(Group::Auth)))
        .max_by_key(|c| c.last().ms);
    let Some(cluster) = newest else { return };
    for mut failure in undated {
        failure.at = cluster.last();
        cluster.group = cluster.group.or(group(failure.failure.class));
        cluster.failures.push(failure);
    }
}

/// A pasted status with a refusal and nothing else: one incident, dated by the last event of the
/// home if there is one.
fn only_undated(scope: Scope, failures: Vec<FailureSeen>, evidence: &Evidence, clocks: &Clocks) -> Option<Cluster> {
    let of_home = |e: &&Event| evidence.sources.get(e.origin.source as usize).is_some_and(|s| s.home == scope.home);
    let at = evidence.events.iter().filter(of_home).filter_map(|e| clocks.when(e)).max_by_key(|w| w.ms)?;
    let of = failures.iter().find_map(|f| group(f.failure.class))?;
    (of == Group::Auth).then(|| Cluster {
        scope,
        group: Some(of),
        failures: failures.into_iter().map(|f| FailureSeen { at, ..f }).collect(),
        before: None,
        after: None,
        login_after: None,
        of_fallback: false,
    })
}

impl Cluster {
    /// Time of the first failure.
    pub(super) fn first(&self) -> When {
        self.failures.iter().map(|f| f.at).min_by_key(|w| w.ms).unwrap_or(When::adrift(0))
    }

    /// Time of the last failure.
    pub(super) fn last(&self) -> When {
        self.failures.iter().map(|f| f.at).max_by_key(|w| w.ms).unwrap_or(When::adrift(0))
    }
}
