//! What the client did about a failing model: used another, ran out, had none, or was told not to.

use super::cluster::Scope;
use super::incident::FailureSeen;
use super::stores::Stores;
use super::turns::TurnSeen;
use super::zone::Clocks;
use crate::event::{Client, EventKind, Origin};
use crate::evidence::Evidence;

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

/// Look at the steps and settings of the victim's home during an incident.
pub(super) fn seen(
    scope: &Scope,
    failures: &[FailureSeen],
    evidence: &Evidence,
    clocks: &Clocks,
    turns: &[TurnSeen],
    stores: &Stores,
) -> FallbackSeen {
    let span = failures.iter().map(|f| f.at.ms).min().zip(failures.iter().map(|f| f.at.ms).max());
    let Some((first, last)) = span else { return FallbackSeen { usage: FallbackUse::Unknown, origin: None, pinned: false } };
    let mut seen = FallbackSeen { usage: FallbackUse::Unknown, origin: None, pinned: false };
    let mut configured = None;
    for event in &evidence.events {
        let Some(source) = evidence.sources.get(event.origin.source as usize) else { continue };
        let of_home = source.kind.client().program() == scope.client && (source.home == scope.home || source.home.is_none());
        if !of_home {
            continue;
        }
        match &event.kind {
            EventKind::Pinned => seen.pinned = true,
            EventKind::FallbackConfigured(is) => configured = configured.or(Some((*is, event.origin))),
            EventKind::Fallback(step) => {
                let inside = clocks.when(event).is_some_and(|w| (first - SLACK_MS..=last + SLACK_MS).contains(&w.ms));
                if !inside {
                    continue;
                }
                if step.answered {
                    seen = FallbackSeen { usage: FallbackUse::Used, origin: Some(event.origin), ..seen };
                } else if let (Some(is), true) = (step.configured, seen.usage == FallbackUse::Unknown) {
                    configured = Some((is, event.origin));
                    if is && step.exhausted {
                        seen = FallbackSeen { usage: FallbackUse::Exhausted, origin: Some(event.origin), ..seen };
                    }
                }
            }
            _ => {}
        }
    }
    if seen.usage == FallbackUse::Unknown {
        if let Some((is, origin)) = configured {
            let usage = if is { FallbackUse::NotUsed } else { FallbackUse::NotConfigured };
            seen = FallbackSeen { usage, origin: Some(origin), ..seen };
        } else if answered_elsewhere(scope, failures, turns, stores) {
            seen.usage = FallbackUse::Used;
        }
    }
    seen
}

/// Logs stamp their decision shortly after the turn.
const SLACK_MS: i64 = 30_000;

/// A session of the incident was answered by another provider while the incident lasted.
fn answered_elsewhere(scope: &Scope, failures: &[FailureSeen], turns: &[TurnSeen], _stores: &Stores) -> bool {
    let chatgpt_scope = scope.provider.is_chatgpt();
    scope.client == Client::Openclaw
        && failures.iter().filter(|f| f.is_turn).any(|f| {
            let follows =
                |t: &&TurnSeen| t.session == f.session && t.session.is_some() && (f.at.ms..=f.at.ms + SLACK_MS).contains(&t.at.ms);
            turns.iter().filter(follows).any(|t| t.stop.is_success() && t.provider.is_chatgpt() != chatgpt_scope)
        })
}
