//! Which failures belong together: consecutive failures of one credential, of one kind, until a
//! success or a new login. Three hundred failing turns of one credential are one incident.

use super::cluster::Cluster;
use super::consequences;
use super::failing::{FailureSeen, Group, Runner, Scope, Success, SuccessSeen, group, runner};
use super::joining;
use super::leads;
use super::line::{Line, Runners};
use super::presented;
use super::spared::Exchanges;
use super::steps;
use super::steps::{Found, Step, credential_step};
use super::working;
use crate::correlate::acts::{Act, ActKind};
use crate::correlate::clock::{Clocks, Window};
use crate::correlate::hosts::may_be_one;
use crate::correlate::stores::Stores;
use crate::correlate::turns::{Setting, TurnSeen};
use crate::event::{Event, Worked};
use crate::evidence::Evidence;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Collect the clusters; the second list is of failures by which no turn failed, and which passed.
pub(in crate::correlate) fn collect(
    evidence: &Evidence,
    (clocks, stores, ranks): (&Clocks, &Stores, &[u32]),
    (turns, worked, acts): (&[TurnSeen], &[Worked], &[Act]),
    (window, duplicates): (Window, &mut [u64]),
) -> (Vec<Cluster>, Vec<Cluster>) {
    let mut lines = lines(turns, stores);
    let mut undated: BTreeMap<Scope, Vec<FailureSeen>> = BTreeMap::new();
    let mut said: Vec<&Event> = evidence.stated.events.iter().filter(|event| steps::is_said(event)).collect();
    // What two sources date to one millisecond stands in the order in which they are printed.
    said.sort_by_key(|event| (ranks.get(event.origin.source as usize), event.origin.line, event.origin.byte));
    steps::once(&mut said, evidence, duplicates);
    for (scope, found) in said.into_iter().filter_map(|event| credential_step(event, evidence, clocks, stores)) {
        match found {
            Found::Dated(when, step) if window.holds(when) => lines.entry(scope).or_default().more.push((when.ms, step)),
            Found::Dated(..) => {}
            Found::Undated(failure) => undated.entry(scope).or_default().push(*failure),
        }
    }
    working::put(&mut lines, worked, (evidence, clocks, stores, ranks), (window, duplicates));
    for act in acts.iter().filter(|a| a.is_login() && a.store.is_some()) {
        for (_, line) in lines.iter_mut().filter(|(scope, _)| scope.store == act.store.map(|id| stores.main_of(id))) {
            if act.is_sure_login() || entered_since(act, line, stores) {
                line.more.push((act.at.ms, Step::LoggedIn(act)));
            }
        }
    }
    for act in acts.iter().filter(|act| act.kind == ActKind::Started) {
        let its = |scope: &Scope| scope.client == act.client && scope.home == act.home && may_be_one(scope.host, act.host);
        for (_, line) in lines.iter_mut().filter(|(scope, _)| its(scope)) {
            line.more.push((act.at.ms, Step::Restarted));
        }
    }
    let (mut clusters, mut passed): (Vec<Cluster>, Vec<Cluster>) = Default::default();
    for (scope, line) in lines {
        let extra = undated.remove(&scope).unwrap_or_default();
        let (kept, rest) = walk(&scope, line, extra, (clocks, stores));
        clusters.extend(kept);
        passed.extend(rest);
    }
    // What is left of the undated stands beside no dated failure: it makes no incident at a time of nobody's.
    let mut clusters = joining::join_agents(clusters, &stores.list);
    consequences::mark(&mut clusters);
    let marks = presented::Marks::of(clusters.iter().chain(&passed), stores);
    for cluster in clusters.iter_mut().chain(&mut passed) {
        cluster.presented = presented::of(cluster, &marks, stores);
    }
    let exchanges = Exchanges::of(stores, acts);
    let (clusters, spared) = clusters.into_iter().partition::<Vec<_>, _>(|cluster| !exchanges.outlive(cluster, stores));
    passed.extend(spared);
    (clusters, passed)
}

/// The turns of each scope.
fn lines<'a>(turns: &'a [TurnSeen], stores: &Stores) -> BTreeMap<Scope, Line<'a>> {
    let mut scopes: BTreeMap<Scope, usize> = BTreeMap::new();
    let mut lines: Vec<Line<'_>> = Vec::new();
    // Settings are told by where they lie.
    let mut of_setting: HashMap<*const Setting, usize> = HashMap::new();
    for turn in turns.iter().filter(|turn| steps::is_step(turn)) {
        let at = *of_setting.entry(Arc::as_ptr(&turn.setting)).or_insert_with(|| {
            *scopes.entry(steps::scope_of_turns(&turn.setting, stores)).or_insert_with(|| {
                lines.push(Line::default());
                lines.len() - 1
            })
        });
        lines[at].turns.push(turn);
    }
    scopes.into_iter().map(|(scope, at)| (scope, std::mem::take(&mut lines[at]))).collect()
}

/// A login that only the age of the password tells: was that entered when no failed turn could still be
/// at work? Codex 0.98 dates a turn by its beginning, and a refresh inside it would look the same.
fn entered_since(login: &Act, line: &Line<'_>, stores: &Stores) -> bool {
    const LONGEST_TURN_MS: i64 = 30 * 60_000;
    let held = login.store.zip(login.held).and_then(|(store, at)| stores.list[store].held.get(at));
    let Some(entered) = held.and_then(|held| held.login_time) else { return false };
    line.last_failed(login.at.ms).is_some_and(|last| entered - last > LONGEST_TURN_MS)
}

/// Walk the time line of one scope.
fn walk(
    scope: &Scope,
    line: Line<'_>,
    undated: Vec<FailureSeen>,
    (clocks, stores): (&Clocks, &Stores),
) -> (Vec<Cluster>, Vec<Cluster>) {
    let mut done: Vec<Cluster> = Vec::new();
    let mut open: Vec<Cluster> = Vec::new();
    let mut before: Option<Success<'_>> = None;
    let mut runners = Runners::default();
    for (ms, step) in line.steps() {
        match step {
            Step::Failed(failure) => {
                let runner = runner(&failure).map(|runner| (runner.clone(), runners.last(&runner)));
                let before = before.and_then(|success| success.seen(clocks));
                add(&mut open, scope, *failure, (before, runner));
            }
            Step::Answered(turn) => {
                before = Some(worked_again(Success::Turn(turn), clocks, &mut open, &mut done));
                runners.answered(turn);
            }
            Step::Worked(call) => {
                before = Some(worked_again(Success::Call(call), clocks, &mut open, &mut done));
                runners.session(call.session, ms);
            }
            Step::Restarted => runners.resident(ms),
            Step::LoggedIn(act) => {
                open.iter_mut().for_each(|c| c.login_after = Some(act.at));
                done.append(&mut open);
            }
        }
    }
    done.append(&mut open);
    // There may be a hundred thousand in one, and all are kept.
    done.iter_mut().filter_map(|cluster| Arc::get_mut(&mut cluster.failures)).for_each(Vec::shrink_to_fit);
    let (mut kept, passed) = joining::keep_real(joining::join_rows(done, &stores.list));
    add_undated(&mut kept, scope, undated);
    (kept, passed)
}

/// What is open is over.
fn worked_again<'a>(success: Success<'a>, clocks: &Clocks, open: &mut Vec<Cluster>, done: &mut Vec<Cluster>) -> Success<'a> {
    if !open.is_empty() {
        let seen = success.seen(clocks);
        open.iter_mut().for_each(|cluster| cluster.after = seen);
        done.append(open);
    }
    success
}

/// What worked last before a failure, and what failed.
type Before = (Option<SuccessSeen>, Option<(Runner, Option<i64>)>);

/// Put a failure where it belongs: the open cluster of its group; a failure that says nothing by
/// itself goes to the cluster touched last.
fn add(open: &mut Vec<Cluster>, scope: &Scope, failure: FailureSeen, (before, runner): Before) {
    if let Some(cluster) = leads::place(open, &failure) {
        cluster.runner = cluster.runner.take().or(runner);
        Arc::make_mut(&mut cluster.failures).push(failure);
        return;
    }
    let mut failures = leads::up_to(open, &failure);
    let group = group(failure.failure.class);
    failures.push(failure);
    open.push(Cluster {
        scope: scope.clone(),
        group,
        failures: Arc::new(failures),
        before,
        after: None,
        runner,
        meanwhile: None,
        login_after: None,
        presented: Vec::new(),
        of_fallback: false,
    });
}

/// Failures without a time (a pasted status) say more about the newest incident of the scope.
fn add_undated(clusters: &mut [Cluster], scope: &Scope, undated: Vec<FailureSeen>) {
    let newest = clusters
        .iter_mut()
        .filter(|c| c.scope == *scope && matches!(c.group, None | Some(Group::Auth)))
        .max_by_key(|c| c.last().ms);
    let Some(cluster) = newest else { return };
    // It may be as old as the first of the failures that say nothing themselves.
    let at = if cluster.group.is_none() { cluster.first() } else { cluster.last() };
    cluster.group = cluster.group.or_else(|| undated.iter().find_map(|f| group(f.failure.class)));
    cluster.absorb(Arc::new(undated.into_iter().map(|f| FailureSeen { at, dated: false, ..f }).collect()));
}
