//! What the client did about a failing model: used another, ran out, had none, or was told not to.

use super::cluster::Scope;
use super::incident::FailureSeen;
use super::stores::Stores;
use super::turns::TurnSeen;
use super::zone::Clocks;
use crate::event::{Client, EventKind, Origin};
use crate::evidence::Evidence;
use crate::secret::Key;
use std::collections::BTreeMap;

/// Fallback behaviour inside an incident. The words are those of the JSON contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
#[derive(Clone, Copy, Debug)]
pub struct FallbackSeen {
    /// What was done.
    pub usage: FallbackUse,
    /// Where it is written.
    pub origin: Option<Origin>,
    /// A session of the home pins its model, so the chain is deliberately not used.
    pub pinned: bool,
}

/// Logs stamp their decision shortly after the turn.
const SLACK_MS: i64 = 30_000;

/// Steps and settings of fallback of one program in one home.
#[derive(Default)]
struct OfHome {
    /// Steps by time: whether models are set up, whether one answered, whether none was left.
    steps: Vec<(i64, Option<bool>, bool, bool, Origin)>,
    configured: Option<(bool, Origin)>,
    pinned: bool,
}

/// Everything that is said of fallbacks, looked up by home and time.
pub(super) struct Fallbacks<'a> {
    homes: BTreeMap<(Client, Option<String>), OfHome>,
    /// Answered turns of OpenClaw sessions, by time.
    answered: BTreeMap<Key, Vec<&'a TurnSeen>>,
}

impl<'a> Fallbacks<'a> {
    /// Collect it.
    pub(super) fn of(evidence: &Evidence, clocks: &Clocks, stores: &Stores, turns: &'a [TurnSeen]) -> Fallbacks<'a> {
        let mut homes: BTreeMap<(Client, Option<String>), OfHome> = BTreeMap::new();
        for event in &evidence.events {
            if !matches!(event.kind, EventKind::Pinned | EventKind::FallbackConfigured(_) | EventKind::Fallback(_)) {
                continue;
            }
            let Some(source) = evidence.sources.get(event.origin.source as usize) else { continue };
            let home = homes.entry((source.kind.client().program(), stores.twins.home(source))).or_default();
            match &event.kind {
                EventKind::Pinned => home.pinned = true,
                EventKind::FallbackConfigured(is) => home.configured = home.configured.or(Some((*is, event.origin))),
                EventKind::Fallback(step) => {
                    let at = clocks.when(event).map(|w| w.ms);
                    home.steps.extend(at.map(|ms| (ms, step.configured, step.answered, step.exhausted, event.origin)));
                }
                _ => {}
            }
        }
        homes.values_mut().for_each(|home| home.steps.sort_by_key(|step| (step.0, step.4)));
        let mut answered: BTreeMap<Key, Vec<&TurnSeen>> = BTreeMap::new();
        for turn in turns.iter().filter(|t| t.client == Client::Openclaw && t.stop.is_success()) {
            if let Some(session) = turn.session {
                answered.entry(session).or_default().push(turn);
            }
        }
        Fallbacks { homes, answered }
    }

    /// Look at the steps and settings of the victim's home during an incident.
    pub(super) fn seen(&self, scope: &Scope, failures: &[FailureSeen]) -> FallbackSeen {
        let mut seen = FallbackSeen { usage: FallbackUse::Unknown, origin: None, pinned: false };
        let (Some(first), Some(last)) = (failures.first(), failures.last()) else { return seen };
        let own = self.homes.get(&(scope.client, scope.home.clone()));
        let homeless = self.homes.get(&(scope.client, None)).filter(|_| scope.home.is_some());
        let mut configured = None;
        for home in own.into_iter().chain(homeless) {
            seen.pinned |= home.pinned;
            configured = configured.or(home.configured);
            let from = home.steps.partition_point(|step| step.0 < first.at.ms - SLACK_MS);
            for (_, is_set, answered, exhausted, origin) in
                home.steps[from..].iter().take_while(|step| step.0 <= last.at.ms + SLACK_MS)
            {
                if *answered {
                    seen = FallbackSeen { usage: FallbackUse::Used, origin: Some(*origin), ..seen };
                } else if let (Some(is), true) = (is_set, seen.usage == FallbackUse::Unknown) {
                    configured = Some((*is, *origin));
                    if *is && *exhausted {
                        seen = FallbackSeen { usage: FallbackUse::Exhausted, origin: Some(*origin), ..seen };
                    }
                }
            }
        }
        // OpenClaw 2026.9.6 writes no step where its fallback answers, only the answer itself.
        if seen.usage == FallbackUse::Unknown && self.answered_elsewhere(scope, failures) {
            seen.usage = FallbackUse::Used;
        }
        if let (FallbackUse::Unknown, Some((is, origin))) = (seen.usage, configured) {
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
            let from = list.partition_point(|t| t.at.ms < f.at.ms);
            let mut near = list[from..].iter().take_while(|t| t.at.ms <= f.at.ms + SLACK_MS);
            Some(near.any(|t| t.provider.is_chatgpt() != chatgpt_scope))
        };
        scope.client == Client::Openclaw && failures.iter().filter(|f| f.is_turn).any(|f| follows(f) == Some(true))
    }
}
