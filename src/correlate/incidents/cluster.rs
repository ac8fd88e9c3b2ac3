//! Failures that belong together, before anything stands beside them. Plain data: the time lines make
//! clusters, later rules join them.

use super::failing::{FailureSeen, Group, Runner, Scope, SuccessSeen, group};
use crate::correlate::clock::When;
use crate::correlate::stores::StoreId;
use std::sync::Arc;

/// Failures that belong together.
#[derive(Clone, Debug)]
pub(in crate::correlate) struct Cluster {
    /// Whose.
    pub scope: Scope,
    /// What they are about.
    pub group: Option<Group>,
    /// The failures, in order of time.
    pub failures: Arc<Vec<FailureSeen>>,
    /// The last success before the first failure.
    pub before: Option<SuccessSeen>,
    /// The first success after the last failure.
    pub after: Option<SuccessSeen>,
    /// What failed first of what may fail on by itself, and the last time before that it worked or began anew, in
    /// ms: a process that kept an old token fails on while the program's other sessions work.
    pub runner: Option<(Runner, Option<i64>)>,
    /// A success in its midst, of a session that did not fail.
    pub meanwhile: Option<SuccessSeen>,
    /// A login that ended it, where that came before any success.
    pub login_after: Option<When>,
    /// Stores whose credential it may be about: see [`super::presented`].
    pub presented: Vec<StoreId>,
    /// What a fallback met after the first choice had failed: no incident of its own, and still a
    /// control for others.
    pub of_fallback: bool,
}

impl Cluster {
    /// The failure that it begins with: what it is about was done before that. Turns of a prelude
    /// that tell nothing may have met something else, and bound nothing; nor does a credential that is out of
    /// use ("cooling down", "no credential"), which may be for a limit, and be found before its reason is.
    pub(super) fn opening(&self) -> Option<&FailureSeen> {
        // What has no time opens nothing, also where it alone says what the others are about.
        let mut dated = self.failures.iter().filter(|f| f.dated);
        dated.find(|f| !f.is_second_hand()).filter(|f| group(f.failure.class).is_some()).or(self.failures.first())
    }

    /// Does every failure of it leave open what was met?
    pub(super) fn is_open(&self) -> bool {
        self.failures.iter().all(|f| f.is_hollow() || group(f.failure.class).is_none())
    }

    /// Time of the first failure.
    pub(in crate::correlate) fn first(&self) -> When {
        self.opening().map_or(When::adrift(0), |f| f.at)
    }

    /// Time of the last failure.
    pub(in crate::correlate) fn last(&self) -> When {
        self.failures.last().map_or(When::adrift(0), |f| f.at)
    }

    /// Take in the failures of another cluster, in order of time.
    pub(super) fn absorb(&mut self, failures: Arc<Vec<FailureSeen>>) {
        let in_order = failures.first().is_none_or(|f| f.at.ms >= self.last().ms);
        let own = Arc::make_mut(&mut self.failures);
        own.extend(Arc::unwrap_or_clone(failures));
        if !in_order {
            own.sort_by_key(|f| f.at.ms);
        }
    }

    /// Cut it where nothing failed for longer than `gap` (ms). What came before belongs to the first part,
    /// what came after to the last one.
    pub(super) fn cut(mut self, gap: i64) -> Vec<Cluster> {
        let mut parts: Vec<Vec<FailureSeen>> = Vec::new();
        for failure in Arc::unwrap_or_clone(std::mem::take(&mut self.failures)) {
            match parts.last_mut() {
                Some(part) if part.last().is_some_and(|last| failure.at.ms - last.at.ms <= gap) => part.push(failure),
                _ => parts.push(vec![failure]),
            }
        }
        let last = parts.len().saturating_sub(1);
        let part = |(at, failures)| Cluster {
            scope: self.scope.clone(),
            presented: Vec::new(),
            runner: self.runner.clone(),
            failures: Arc::new(failures),
            before: self.before.filter(|_| at == 0),
            after: self.after.filter(|_| at == last),
            login_after: self.login_after.filter(|_| at == last),
            ..self
        };
        parts.into_iter().enumerate().map(part).collect()
    }
}
