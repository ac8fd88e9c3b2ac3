//! Which failures belong together: consecutive failures of one credential, of one kind, until a
//! success or a new login. Three hundred failing turns of one credential are one incident.

use super::acts::Act;
use super::clock::{When, Window};
use super::consequences;
use super::incident::{FailureSeen, SuccessSeen};
use super::joining;
use super::steps::{self, Found, Step, credential_step, order, step_of_turn};
use super::stores::{StoreId, Stores};
use super::turns::TurnSeen;
use super::zone::Clocks;
use crate::event::{Client, ErrorClass, Event, Provider};
use crate::evidence::Evidence;
use std::collections::BTreeMap;

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

/// Collect the clusters.
pub(super) fn collect(
    evidence: &Evidence,
    clocks: &Clocks,
    stores: &Stores,
    turns: &[TurnSeen],
    acts: &[Act],
    ranks: &[u32],
    window: Window,
) -> Vec<Cluster> {
    let mut lines: BTreeMap<Scope, Vec<(i64, Step)>> = BTreeMap::new();
    for turn in turns {
        if let Some((scope, step)) = step_of_turn(turn, stores) {
            lines.entry(scope).or_default().push((turn.at.ms, step));
        }
    }
    let mut undated: BTreeMap<Scope, Vec<FailureSeen>> = BTreeMap::new();
    let said = |event| credential_step(event, evidence, clocks, stores).map(|said| (event, said));
    let mut all_said: Vec<(&Event, (Scope, Found))> = evidence.events.iter().filter_map(said).collect();
    // What two sources date to one millisecond stands in the order in which they are printed.
    all_said.sort_by_key(|(event, _)| (ranks.get(event.origin.source as usize), event.origin.line, event.origin.byte));
    for (_, (scope, found)) in steps::once(all_said) {
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
    let mut clusters = joining::join_agents(clusters);
    consequences::mark(&mut clusters);
    clusters
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
    let mut kept = joining::keep_real(joining::join_rows(done));
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
    found.sort_by_key(|f: &FailureSeen| f.at.ms);
    found
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
        self.failures.first().map_or(When::adrift(0), |f| f.at)
    }

    /// Time of the last failure.
    pub(super) fn last(&self) -> When {
        self.failures.last().map_or(When::adrift(0), |f| f.at)
    }

    /// Take in the failures of another cluster, in order of time.
    pub(super) fn absorb(&mut self, failures: Vec<FailureSeen>) {
        let in_order = failures.first().is_none_or(|f| f.at.ms >= self.last().ms);
        self.failures.extend(failures);
        if !in_order {
            self.failures.sort_by_key(|f| f.at.ms);
        }
    }
}
