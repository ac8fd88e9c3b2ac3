//! What happens on the time line of a scope, in steps: a failure, a success, a login. Turns make
//! steps, and so do refusals and complaints that stand outside any turn.

use super::failing::{FailureSeen, Scope, group};
use crate::correlate::acts::Act;
use crate::correlate::clock::{Clocks, When};
use crate::correlate::hosts::HostId;
use crate::correlate::stores::{StoreId, Stores, UnreadAgent};
use crate::correlate::turns::{Setting, TurnSeen};
use crate::event::{Client, ErrorClass, Event, EventKind, Failure, Level, Provider, Section, SourceKind, TroubleKind, Worked};
use crate::evidence::{Evidence, SourceRecord};
use crate::secret::Key;
use std::collections::BTreeMap;

/// One step on the time line of a scope. There may be millions: what it is made of is not copied into it.
pub(super) enum Step<'a> {
    Failed(Box<FailureSeen>),
    /// A turn was answered.
    Answered(&'a TurnSeen),
    /// A call worked.
    Worked(&'a Worked),
    LoggedIn(&'a Act),
    /// The resident process began anew.
    Restarted,
}

/// In one millisecond a login comes first, a failure before a success.
pub(in crate::correlate) fn order(step: &Step<'_>) -> u8 {
    match step {
        Step::LoggedIn(_) | Step::Restarted => 0,
        Step::Failed(_) => 1,
        Step::Answered(_) | Step::Worked(_) => 2,
    }
}

/// All that a ChatGPT login authorizes is one provider.
fn provider_scope(provider: Provider, store: Option<StoreId>) -> Provider {
    if provider.is_chatgpt() || store.is_some() { Provider::OpenaiCodex } else { provider }
}

/// The scope of a record. Where the store is known its home counts, so that a pasted text or a
/// log kept elsewhere joins it.
fn scope(
    (client, home, host): (Client, &Option<String>, Option<HostId>),
    (store, unread_agent): (Option<StoreId>, Option<UnreadAgent>),
    provider: Provider,
    stores: &Stores,
) -> Scope {
    let (home, host) = store.map_or_else(|| (home.clone(), host), |id| (stores.list[id].home.clone(), stores.list[id].host));
    let (provider, unread_agent) = (provider_scope(provider, store), unread_agent.filter(|_| store.is_none()));
    Scope { client, home, host, store: store.map(|id| stores.main_of(id)), unread_agent, provider }
}

/// The scope of all turns of a setting.
pub(super) fn scope_of_turns(setting: &Setting, stores: &Stores) -> Scope {
    let place = (setting.site.client, &setting.site.home, setting.site.host);
    scope(place, (setting.store, setting.site.unread_agent.clone()), setting.asked.provider, stores)
}

/// The scope of what a source says of no agent by name.
pub(super) fn scope_of_source(source: &SourceRecord, stores: &Stores) -> Scope {
    let place = (source.kind.client().program(), &stores.home_of(source), stores.host(source));
    scope(place, (stores.of_source(source), stores.unread_agent(source)), Provider::OpenaiCodex, stores)
}

/// Is a turn a step of a time line?
pub(super) fn is_step(turn: &TurnSeen) -> bool {
    turn.stop.is_success() || turn.is_failed()
}

/// The step that a turn is.
pub(super) fn step_of_turn(turn: &TurnSeen) -> Step<'_> {
    match turn.failure.filter(|_| turn.stop.is_failure()) {
        Some(failure) => Step::Failed(Box::new(failure_of_turn(turn, failure))),
        None => Step::Answered(turn),
    }
}

fn failure_of_turn(turn: &TurnSeen, failure: Failure) -> FailureSeen {
    FailureSeen {
        at: turn.at(),
        failure,
        is_turn: true,
        not_renewed: turn.not_renewed,
        transcribed: turn.transcribed,
        dated: true,
        session: turn.setting.asked.session,
        resident: turn.setting.asked.resident,
        origin: turn.failure_origin(),
        transport: turn.transport(),
        store: turn.setting.store,
        // What a store says of an entry is a step of its own.
        of_entry: false,
        of_other_agent: false,
        provider: turn.setting.asked.provider,
        model: turn.setting.asked.model.clone(),
        run: turn.setting.asked.run,
        process: None,
        stated_by: turn.setting.site.client,
        quotable: false,
        // A label that says the same, or nothing, is no disagreement.
        labelled: turn.labelled.filter(|label| group(*label).is_some() && group(*label) != group(failure.class)),
        until: None,
    }
}

/// A step outside any turn.
pub(in crate::correlate) enum Found {
    /// At this time.
    Dated(When, Step<'static>),
    /// Stated without a time (a pasted status).
    Undated(Box<FailureSeen>),
}

/// Does an event say anything about the credential?
pub(super) fn is_said(event: &Event) -> bool {
    match &event.kind {
        EventKind::Refused { .. } => true,
        EventKind::Trouble(trouble) => trouble.kind == TroubleKind::NoneLeft || trouble.failure.is_some(),
        _ => false,
    }
}

/// What an event says about the credential: a refusal, or a store's complaint.
pub(super) fn credential_step(event: &Event, evidence: &Evidence, clocks: &Clocks, stores: &Stores) -> Option<(Scope, Found)> {
    let source = evidence.sources.get(event.origin.source as usize)?;
    let client = source.kind.client().program();
    let (failure, session, section) = match &event.kind {
        EventKind::Refused { failure, session, .. } => (*failure, *session, None),
        // An empty list of credentials is a consequence; a standing note says when it was made.
        EventKind::Trouble(t) if t.kind == TroubleKind::NoneLeft => {
            (Failure { class: ErrorClass::NoCredential, level: Level::Sentence }, None, t.section)
        }
        EventKind::Trouble(t) => (t.failure?, None, t.section),
        _ => return None,
    };
    let by_section = section.and_then(|s| stores.of_section(source, s));
    let store = by_section.or_else(|| stores.of_event(event, source));
    let place = (store, stores.unread_agent_of(event, source));
    let scope = scope((client, &stores.home_of(source), stores.host(source)), place, Provider::OpenaiCodex, stores);
    let when = clocks.when(event);
    let process = if let EventKind::Refused { process, .. } = event.kind { process } else { None };
    let until = match &event.kind {
        EventKind::Trouble(trouble) if trouble.kind == TroubleKind::Exhausted => {
            trouble.until.map(|stamp| Box::new(clocks.stamp(stamp, event.origin.source)))
        }
        _ => None,
    };
    let of_entry = by_section.is_some();
    let of_other_agent = store.is_some_and(|id| stores.is_of_other_agent(event, id));
    let seen = |at| FailureSeen {
        session,
        store,
        of_entry,
        of_other_agent,
        process,
        until,
        quotable: matches!(event.kind, EventKind::Refused { .. }) && source.kind.is_plain_log(),
        ..FailureSeen::beside_turns(at, failure, event.origin, client)
    };
    Some((
        scope,
        match when {
            Some(at) => Found::Dated(at, Step::Failed(Box::new(seen(at)))),
            None => Found::Undated(Box::new(seen(When::adrift(0)))),
        },
    ))
}

/// What one record says, wherever a copy of it stands: kind of source, time and clock, and what failed
/// in which session, process and part of the store.
type Said = (SourceKind, i64, bool, Option<Failure>, [Option<Key>; 2], Option<(TroubleKind, Option<Section>)>);

fn said(event: &Event, kind: SourceKind) -> Option<Said> {
    // What has no time cannot be told apart from another one like it.
    let at = event.at?;
    let (failure, keys, trouble) = match &event.kind {
        EventKind::Refused { failure, session, process, .. } => (Some(*failure), [*session, *process], None),
        EventKind::Trouble(t) => (t.failure, [None, None], Some((t.kind, t.section))),
        _ => return None,
    };
    Some((kind, at.ms, at.is_local(), failure, keys, trouble))
}

/// Keep once what is said again in another home: a copy of a home repeats what it was copied from. Two
/// records of one home are two statements, unless another file says the same of the same process: a note
/// that it left when it ended may lie in its home and in a bundle there.
pub(in crate::correlate) fn once(all: &mut Vec<&Event>, evidence: &Evidence, duplicates: &mut [u64]) {
    let place = |event: &Event| evidence.sources.get(event.origin.source as usize).map(|source| (event.origin.source, source));
    // A copy of a log may end before the line that names agent and session.
    let unnamed = |said: &Said| (said.0, said.1, said.2, said.3);
    let mut named = BTreeMap::new();
    for event in all.iter().filter(|event| names_agent(event)) {
        if let Some((said, (index, _))) = place(event).and_then(|at| Some((said(event, at.1.kind)?, at))) {
            named.entry(unnamed(&said)).or_insert(index);
        }
    }
    let mut first: BTreeMap<Said, (u32, &Option<String>)> = BTreeMap::new();
    all.retain(|event| {
        let Some((index, source)) = place(event) else { return true };
        let Some(said) = said(event, source.kind) else { return true };
        let of_process = said.4[1].is_some();
        let is_refusal = matches!(event.kind, EventKind::Refused { .. });
        let torn = is_refusal && !names_agent(event) && named.get(&unnamed(&said)).is_some_and(|file| *file != index);
        let (known, home) = *first.entry(said).or_insert((index, &source.home));
        let again = torn || home != &source.home || (of_process && known != index);
        if let (true, Some(count)) = (again, duplicates.get_mut(index as usize)) {
            *count += 1;
        }
        !again
    });
}

fn names_agent(event: &Event) -> bool {
    matches!(event.kind, EventKind::Refused { agent: Some(_), .. })
}
