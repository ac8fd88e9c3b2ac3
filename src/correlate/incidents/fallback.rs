//! What the client did about a failing model: used another, ran out, had none, or was told not to.

use super::failing::{FailureSeen, Scope};
use crate::correlate::clock::Clocks;
use crate::correlate::stores::Stores;
use crate::correlate::turns::TurnSeen;
use crate::event::{Client, EventKind, FallbackStep, Origin};
use crate::evidence::Evidence;
use crate::secret::Key;
use std::collections::{BTreeMap, BTreeSet};

/// Fallback behaviour inside an incident. The words are those of the JSON contract.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum FallbackUse {
    /// Another model answered.
    Used,
    /// All models were tried and none answered.
    Exhausted,
    /// Models were set up and not used (a pinned model, or the error was not classed as one).
    NotUsed,
    /// None was set up.
    NotConfigured,
    /// The files do not say.
    #[default]
    Unknown,
}

impl FallbackUse {
    /// The word of the JSON contract.
    pub fn word(self) -> &'static str {
        match self {
            FallbackUse::Used => "used",
            FallbackUse::Exhausted => "exhausted",
            FallbackUse::NotUsed => "not_used",
            FallbackUse::NotConfigured => "not_configured",
            FallbackUse::Unknown => "unknown",
        }
    }
}

/// Fallback behaviour, where it is written, and whether a session pins its model.
#[derive(Clone, Copy, Debug, Default)]
pub struct FallbackSeen {
    /// What was done.
    pub usage: FallbackUse,
    /// Where it is written.
    pub origin: Option<Origin>,
    /// A session of the home pins its model, so the chain is deliberately not used.
    pub pinned: bool,
    /// A run of the incident did not try the ChatGPT login, because of an earlier problem with it.
    pub passed_over: bool,
    /// A run of the incident ended in an error that the client put into no class, so that it asked no
    /// other model: where that is written.
    pub unclassed: Option<Origin>,
}

/// Logs stamp their decision shortly after the turn.
const SLACK_MS: i64 = 30_000;
/// The client decides on a fallback this soon after a failure.
const NEAR_MS: i64 = 5_000;
/// The next model may answer this long after the first one failed in the same run.
const SAME_RUN_MS: i64 = 600_000;

/// One step of a fallback.
struct StepSeen {
    ms: i64,
    run: Option<Key>,
    /// Models are set up.
    configured: Option<bool>,
    /// One of them answered.
    answered: bool,
    /// None was left.
    exhausted: bool,
    /// The ChatGPT login was passed over.
    passed_over: bool,
    /// The client put the error into no class.
    unclassed: bool,
    origin: Origin,
}

/// Steps and settings of fallback of one program in one home.
#[derive(Default)]
struct OfHome {
    /// By time.
    steps: Vec<StepSeen>,
    configured: Option<(bool, Origin)>,
    pinned: bool,
}

impl OfHome {
    /// The run of a failure: its own, else that of the steps right beside it. A refused refresh and a
    /// store's complaint name none.
    fn runs_of(&self, failure: &FailureSeen) -> Vec<Key> {
        /// Steps looked at beside one failure.
        const MOST: usize = 16;
        if let Some(run) = failure.run {
            return vec![run];
        }
        let from = self.steps.partition_point(|step| step.ms < failure.at.ms - NEAR_MS);
        let near = self.steps[from..].iter().take(MOST).take_while(|step| step.ms <= failure.at.ms + NEAR_MS);
        near.filter_map(|step| step.run).collect()
    }

    /// Steps that belong to failures of `runs` between two times: those that name one of the runs, and
    /// those around it of which it is not said, or where no failure names its run.
    fn of_runs(&self, runs: &BTreeSet<Key>, first: i64, last: i64) -> impl Iterator<Item = &StepSeen> {
        let from = self.steps.partition_point(|step| step.ms < first - SLACK_MS);
        let near = self.steps[from..].iter().take_while(move |step| step.ms <= last + SAME_RUN_MS);
        near.filter(move |step| match step.run {
            Some(run) if !runs.is_empty() => runs.contains(&run),
            _ => step.ms <= last + SLACK_MS,
        })
    }
}

/// Everything that is said of fallbacks, looked up by home and time.
pub(super) struct Fallbacks<'a> {
    homes: BTreeMap<(Client, Option<String>), OfHome>,
    /// Answered turns of OpenClaw sessions, by time.
    answered: BTreeMap<Key, Vec<&'a TurnSeen>>,
}

impl<'a> Fallbacks<'a> {
    /// Collect it.
    pub(in crate::correlate) fn of(evidence: &Evidence, clocks: &Clocks, stores: &Stores, turns: &'a [TurnSeen]) -> Fallbacks<'a> {
        let mut homes: BTreeMap<(Client, Option<String>), OfHome> = BTreeMap::new();
        for event in &evidence.stated.events {
            if !matches!(event.kind, EventKind::Pinned | EventKind::FallbackConfigured(_) | EventKind::Fallback(_)) {
                continue;
            }
            let Some(source) = evidence.sources.get(event.origin.source as usize) else { continue };
            let home = homes.entry((source.kind.client().program(), stores.twins.home(source))).or_default();
            match &event.kind {
                EventKind::Pinned => home.pinned = true,
                EventKind::FallbackConfigured(is) => home.configured = home.configured.or(Some((*is, event.origin))),
                EventKind::Fallback(step) => {
                    let FallbackStep { run, configured, answered, exhausted, passed_over, unclassed, .. } = *step;
                    let origin = event.origin;
                    let seen = |ms| StepSeen { ms, run, configured, answered, exhausted, passed_over, unclassed, origin };
                    home.steps.extend(clocks.when(event).map(|when| seen(when.ms)));
                }
                _ => {}
            }
        }
        homes.values_mut().for_each(|home| home.steps.sort_by_key(|step| (step.ms, step.origin)));
        let mut answered: BTreeMap<Key, Vec<&TurnSeen>> = BTreeMap::new();
        for turn in turns.iter().filter(|t| t.setting.site.client == Client::Openclaw && t.stop.is_success()) {
            if let Some(session) = turn.setting.asked.session {
                answered.entry(session).or_default().push(turn);
            }
        }
        Fallbacks { homes, answered }
    }

    /// Look at the steps and settings of the victim's home during an incident. Chains may end
    /// differently in one incident: the last end counts.
    pub(in crate::correlate) fn seen(&self, scope: &Scope, failures: &[FailureSeen]) -> FallbackSeen {
        let mut seen = FallbackSeen::default();
        let (Some(first), Some(last)) = (failures.first(), failures.last()) else { return seen };
        let own = self.homes.get(&(scope.client, scope.home.clone()));
        let homeless = self.homes.get(&(scope.client, None)).filter(|_| scope.home.is_some());
        let homes = || own.into_iter().chain(homeless);
        let runs: BTreeSet<Key> = homes().flat_map(|home| failures.iter().flat_map(|failure| home.runs_of(failure))).collect();
        let mut configured = None;
        let mut ended = None;
        for home in homes() {
            seen.pinned |= home.pinned;
            configured = configured.or(home.configured);
            for step in home.of_runs(&runs, first.at.ms, last.at.ms) {
                configured = step.configured.map(|is| (is, step.origin)).or(configured);
                seen.passed_over |= step.passed_over;
                seen.unclassed = seen.unclassed.or(step.unclassed.then_some(step.origin));
                let usage = match (step.answered, step.exhausted) {
                    (true, _) => FallbackUse::Used,
                    (false, true) if step.configured == Some(true) => FallbackUse::Exhausted,
                    _ => continue,
                };
                ended = ended.max(Some((step.ms, usage, step.origin)));
            }
        }
        if let Some((_, usage, origin)) = ended {
            return FallbackSeen { usage, origin: Some(origin), ..seen };
        }
        // OpenClaw 2026.9.6 writes no step where its fallback answers, only the answer itself.
        if self.answered_elsewhere(scope, failures) {
            return FallbackSeen { usage: FallbackUse::Used, ..seen };
        }
        // That a fallback was not used is said of a turn.
        let configured = configured.filter(|(is, _)| !is || failures.iter().any(|failure| failure.is_turn));
        if let Some((is, origin)) = configured {
            let usage = if is { FallbackUse::NotUsed } else { FallbackUse::NotConfigured };
            return FallbackSeen { usage, origin: Some(origin), ..seen };
        }
        seen
    }

    /// A session of the incident was answered by another provider while the incident lasted.
    fn answered_elsewhere(&self, scope: &Scope, failures: &[FailureSeen]) -> bool {
        let chatgpt_scope = scope.provider.is_chatgpt();
        let follows = |f: &FailureSeen| {
            let list = f.session.and_then(|session| self.answered.get(&session))?;
            let from = list.partition_point(|t| t.at().ms < f.at.ms);
            let mut near = list[from..].iter().take_while(|t| t.at().ms <= f.at.ms + SLACK_MS);
            Some(near.any(|t| t.setting.asked.provider.is_chatgpt() != chatgpt_scope))
        };
        scope.client == Client::Openclaw && failures.iter().filter(|f| f.is_turn).any(|f| follows(f) == Some(true))
    }
}
