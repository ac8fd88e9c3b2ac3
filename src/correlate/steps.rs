//! What happens on the time line of a scope, in steps: a failure, a success, a login. Turns make
//! steps, and so do refusals and complaints that stand outside any turn.

use super::clock::When;
use super::cluster::Scope;
use super::incident::{FailureSeen, SuccessSeen};
use super::stores::{StoreId, Stores};
use super::turns::TurnSeen;
use super::zone::Clocks;
use crate::event::{Client, ErrorClass, Event, EventKind, Failure, Level, Provider, TroubleKind};
use crate::evidence::Evidence;
use std::collections::BTreeMap;

/// One step on the time line of a scope.
pub(super) enum Step {
    Failed(FailureSeen),
    Worked(SuccessSeen),
    LoggedIn(When),
}

/// In one millisecond a login comes first, a failure before a success.
pub(super) fn order(step: &Step) -> u8 {
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

/// The step that a turn is, and on which line.
pub(super) fn step_of_turn(turn: &TurnSeen, stores: &Stores) -> Option<(Scope, Step)> {
    let scope = scope(turn.client, &turn.home, turn.store, turn.provider, stores);
    if turn.stop.is_success() {
        return Some((scope, Step::Worked(SuccessSeen { at: turn.at, origin: turn.origin })));
    }
    let failure = turn.failure.filter(|_| turn.stop.is_failure())?;
    let seen = FailureSeen {
        at: turn.at,
        failure,
        is_turn: true,
        not_renewed: turn.not_renewed,
        transcribed: turn.transcribed,
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

/// A step outside any turn.
pub(super) enum Found {
    /// At this time.
    Dated(When, Step),
    /// Stated without a time (a pasted status).
    Undated(FailureSeen),
}

/// What an event other than a turn says about the credential: a refusal, a store's complaint, or
/// a call that worked.
pub(super) fn credential_step(event: &Event, evidence: &Evidence, clocks: &Clocks, stores: &Stores) -> Option<(Scope, Found)> {
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
        not_renewed: false,
        transcribed: true,
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

/// Each refusal once. A note that a process left when it ended may lie in its home and in a bundle
/// beside it: the same process is refused the same at the same millisecond in no other way. That
/// of a known store is kept.
pub(super) fn once(said: Vec<(&Event, (Scope, Found))>) -> Vec<(&Event, (Scope, Found))> {
    let key = |event: &Event, scope: &Scope| match &event.kind {
        EventKind::Refused { failure, process: Some(process), .. } => {
            Some((scope.client, event.at?.ms, *process, failure.class, failure.level))
        }
        _ => None,
    };
    let mut best: BTreeMap<_, (bool, usize)> = BTreeMap::new();
    for (at, (event, (scope, _))) in said.iter().enumerate() {
        if let Some(key) = key(event, scope) {
            let rank = (scope.store.is_none(), at);
            best.entry(key).and_modify(|known| *known = rank.min(*known)).or_insert(rank);
        }
    }
    let is_best = |at: usize, event: &Event, scope: &Scope| {
        key(event, scope).and_then(|key| best.get(&key)).is_none_or(|(_, kept)| *kept == at)
    };
    said.into_iter().enumerate().filter(|(at, (event, (scope, _)))| is_best(*at, event, scope)).map(|(_, said)| said).collect()
}
