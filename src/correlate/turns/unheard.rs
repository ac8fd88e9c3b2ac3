//! Turns that nothing tells of but the store they failed on.
//!
//! OpenClaw asks for a new token before it writes anything of a turn. Where that is refused, a run
//! outside the gateway leaves no entry, no trajectory and no row (2026.9.6): left are the store, which
//! says when it put the credential out of use, and the index of sessions, which says when a person
//! last spoke. A request right before the refusal, in a session of which no turn is on record since,
//! is the turn that failed.

use super::turn::TurnSeen;
use crate::correlate::clock::{Clocks, When};
use crate::correlate::stores::Stores;
use crate::event::{Client, Event, EventKind, Provider, SourceKind, Stop, StoreTrouble, TroubleKind};
use crate::evidence::Evidence;
use crate::secret::Key;
use std::collections::{BTreeMap, BTreeSet};

/// A run asks for its token this soon after its request (seen: 5 s; a cold start takes 40 s).
const ASKED_MS: i64 = 120_000;
/// A log or a transcript may state the same failure this much later.
const LATE_MS: i64 = 60_000;

/// Home, as sources name it.
type Home = Option<String>;

/// The turns that only a store and an index tell of, beside those that are known.
pub(in crate::correlate) fn collect(evidence: &Evidence, clocks: &Clocks, stores: &Stores, known: &[TurnSeen]) -> Vec<TurnSeen> {
    let spoken = spoken(evidence, clocks, stores);
    let mut ended: BTreeMap<Option<Key>, BTreeMap<i64, Provider>> = BTreeMap::new();
    for turn in known.iter().filter(|turn| turn.client == Client::Openclaw) {
        ended.entry(turn.session).or_default().insert(turn.at.ms, turn.provider);
    }
    // Copies of a store say the same once more.
    let mut told: BTreeSet<(Key, i64)> = BTreeSet::new();
    let mut found = Vec::new();
    for (index, event) in evidence.events.iter().enumerate() {
        let Some((home, trouble, at)) = refused(event, evidence, clocks, stores) else { continue };
        let Some(asked) = spoken.get(&home) else { continue };
        let until = asked.partition_point(|(when, _)| when.ms <= at.ms);
        let Some((started, session)) = asked[..until].last().copied().filter(|(when, _)| at.ms - when.ms <= ASKED_MS) else {
            continue;
        };
        // A record that names no session may be of any.
        let mut ends = [Some(session), None].into_iter().filter_map(|key| ended.get(&key));
        let is_heard = ends.any(|ends| ends.range(started.ms..=at.ms + LATE_MS).next().is_some());
        if !is_heard && told.insert((session, at.ms)) {
            let before = ended.get(&Some(session)).map(|ends| ends.range(..started.ms).rev().map(|(_, provider)| *provider));
            // The name that the session's own turns have for it: it was another one until May 2026.
            let provider = before.and_then(|mut before| before.find(|provider| provider.is_chatgpt()));
            let asked = Asked { started, at, session, provider: provider.unwrap_or(Provider::OpenaiCodex) };
            found.extend(turn(index, event, trouble, &asked, evidence, stores));
        }
    }
    found
}

/// When sessions were last spoken to, by home and time.
fn spoken(evidence: &Evidence, clocks: &Clocks, stores: &Stores) -> BTreeMap<Home, Vec<(When, Key)>> {
    let mut spoken: BTreeMap<Home, Vec<(When, Key)>> = BTreeMap::new();
    for event in &evidence.events {
        let EventKind::Active { session: Some(session) } = event.kind else { continue };
        let Some(source) = evidence.sources.get(event.origin.source as usize) else { continue };
        if let Some(at) = clocks.when(event).filter(|_| source.kind == SourceKind::OpenclawSessionIndex) {
            spoken.entry(stores.home_of(source)).or_default().push((at, session));
        }
    }
    spoken.values_mut().for_each(|list| list.sort_by_key(|(at, _)| at.ms));
    spoken
}

/// A store's statement that its credential was refused for good: home, statement, time. What a log
/// says of it stands beside the log's own record of the run.
fn refused<'a>(event: &'a Event, evidence: &Evidence, clocks: &Clocks, stores: &Stores) -> Option<(Home, &'a StoreTrouble, When)> {
    let EventKind::Trouble(trouble) = &event.kind else { return None };
    let source = evidence.sources.get(event.origin.source as usize)?;
    let of_store = matches!(source.kind, SourceKind::OpenclawAuthProfiles | SourceKind::OpenclawAuthState);
    let dead = trouble.kind == TroubleKind::Dead && trouble.failure.is_some_and(|failure| failure.class.is_auth());
    (of_store && dead).then_some(())?;
    Some((stores.home_of(source), trouble, clocks.when(event)?))
}

/// A request that failed.
struct Asked {
    started: When,
    at: When,
    session: Key,
    provider: Provider,
}

fn turn(
    index: usize,
    event: &Event,
    trouble: &StoreTrouble,
    asked: &Asked,
    evidence: &Evidence,
    stores: &Stores,
) -> Option<TurnSeen> {
    let source = evidence.sources.get(event.origin.source as usize)?;
    let by_section = trouble.section.and_then(|section| stores.of_section(source, section));
    Some(TurnSeen {
        at: asked.at,
        started: Some(asked.started),
        client: source.kind.client().program(),
        home: stores.home_of(source),
        store: by_section.or_else(|| stores.of_source(source)),
        account: None,
        session: Some(asked.session),
        stop: Stop::Error,
        provider: asked.provider,
        model: None,
        failure: trouble.failure,
        not_renewed: false,
        failure_origin: event.origin,
        transport: None,
        origin: event.origin,
        run: None,
        transcribed: false,
        dated: true,
        id: None,
        kind: source.kind,
        rows: Vec::new(),
        event: index,
    })
}
