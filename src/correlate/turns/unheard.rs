//! Turns that nothing tells of but the store they failed on.
//!
//! OpenClaw asks for a new token before it writes anything of a turn. Where that is refused, a run
//! outside the gateway leaves no entry, no trajectory and no row (2026.9.6): left are the store, which
//! says when it put the credential out of use, and the index of sessions, which says when a person
//! last spoke. A request right before the refusal, to the agent whose store it was, in a session of
//! which no turn is on record since, is the turn that failed.

use super::turn::{Settings, TurnSeen};
use crate::correlate::clock::{Clocks, When};
use crate::correlate::stores::{Stores, agent_folder};
use crate::event::{Client, Event, EventKind, Provider, SourceKind, Stop, StoreTrouble, TroubleKind};
use crate::evidence::Evidence;
use crate::secret::Key;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A run asks for its token this soon after its request (seen: 5 s; a cold start takes 40 s).
const ASKED_MS: i64 = 120_000;
/// A record that names no session may state the same failure this much later.
const LATE_MS: i64 = 60_000;
/// A call that began this long after the refusal was for another request, such as a heartbeat, which
/// comes every half hour and is nobody's word.
const OTHER_MS: i64 = 15 * 60_000;

/// Home, as sources name it.
type Home = Option<String>;
/// By session the ends of its turns, each with the beginning of its call and who was asked.
type Ended = BTreeMap<Option<Key>, BTreeMap<i64, (i64, Provider)>>;

/// A request, as an index of sessions knows it.
struct Spoken<'a> {
    at: When,
    session: Key,
    /// Agent in whose folder the index lies.
    agent: Option<&'a str>,
}

/// The turns that only a store and an index tell of, beside those that are known.
pub(in crate::correlate) fn collect(evidence: &Evidence, clocks: &Clocks, stores: &Stores, known: &[TurnSeen]) -> Vec<TurnSeen> {
    let folders: Vec<String> = evidence.sources.iter().map(|source| source.name.folder()).collect();
    let spoken = spoken(evidence, clocks, stores, &folders);
    if spoken.is_empty() {
        return Vec::new();
    }
    let mut ended = Ended::new();
    for turn in known.iter().filter(|turn| turn.setting.site.client == Client::Openclaw) {
        let began = turn.started().map_or(turn.at().ms, |started| started.ms);
        ended.entry(turn.setting.asked.session).or_default().insert(turn.at().ms, (began, turn.setting.asked.provider));
    }
    let requests: BTreeSet<(Key, i64)> = spoken.values().flatten().map(|spoken| (spoken.session, spoken.at.ms)).collect();
    // Copies of a store say the same once more.
    let mut told: BTreeSet<(Key, i64)> = BTreeSet::new();
    let mut found = Vec::new();
    for event in &evidence.stated.events {
        let Some((home, trouble, at)) = refused(event, evidence, clocks, stores) else { continue };
        let Some(asked) = spoken.get(&home) else { continue };
        let agent = folders.get(event.origin.source as usize).and_then(|folder| agent_folder(folder));
        let Some(Spoken { at: started, session, .. }) = request(asked, agent, at) else { continue };
        let (started, session) = (*started, *session);
        let later = requests.range((session, started.ms + 1)..).next();
        let next = later.filter(|(of, _)| *of == session).map(|(_, ms)| *ms);
        if !is_heard(&ended, session, (started.ms, next), at.ms) && told.insert((session, at.ms)) {
            let before = ended.get(&Some(session)).map(|ends| ends.range(..started.ms).rev().map(|(_, (_, provider))| *provider));
            // The name that the session's own turns have for it: it was another one until May 2026.
            let provider = before.and_then(|mut before| before.find(|provider| provider.is_chatgpt()));
            let asked = Asked { started, at, session, provider: provider.unwrap_or(Provider::OpenaiCodex) };
            found.extend(turn(event, trouble, &asked, evidence, stores));
        }
    }
    found
}

/// The last request before a refusal at `at`, of the agent whose store was refused where both are known.
fn request<'a>(asked: &'a [Spoken<'a>], agent: Option<&str>, at: When) -> Option<&'a Spoken<'a>> {
    let until = asked.partition_point(|spoken| spoken.at.ms <= at.ms);
    let near = asked[..until].iter().rev().take_while(|spoken| at.ms - spoken.at.ms <= ASKED_MS);
    near.into_iter().find(|spoken| agent.zip(spoken.agent).is_none_or(|(one, other)| one == other))
}

/// Is it on record how the request was answered? Its session's next answer or failure says so, however
/// late it came.
fn is_heard(ended: &Ended, session: Key, (started, next): (i64, Option<i64>), refused: i64) -> bool {
    let own = ended.get(&Some(session)).is_some_and(|ends| {
        let mut later = ends.range(started..next.unwrap_or(i64::MAX).max(started));
        later.any(|(end, (began, _))| began.min(end).saturating_sub(refused) <= OTHER_MS)
    });
    // A record that names no session may be of any.
    let unnamed = || ended.get(&None).is_some_and(|ends| ends.range(started..=refused + LATE_MS).next().is_some());
    own || unnamed()
}

/// When sessions were last spoken to, by home and time.
fn spoken<'a>(evidence: &Evidence, clocks: &Clocks, stores: &Stores, folders: &'a [String]) -> BTreeMap<Home, Vec<Spoken<'a>>> {
    let mut spoken: BTreeMap<Home, Vec<Spoken<'a>>> = BTreeMap::new();
    for event in &evidence.stated.events {
        let EventKind::Active { session: Some(session) } = event.kind else { continue };
        let index = event.origin.source as usize;
        let (Some(source), Some(folder)) = (evidence.sources.get(index), folders.get(index)) else { continue };
        if let Some(at) = clocks.when(event).filter(|_| source.kind == SourceKind::OpenclawSessionIndex) {
            let agent = agent_folder(folder);
            spoken.entry(stores.home_of(source)).or_default().push(Spoken { at, session, agent });
        }
    }
    spoken.values_mut().for_each(|list| list.sort_by_key(|spoken| spoken.at.ms));
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

fn turn(event: &Event, trouble: &StoreTrouble, asked: &Asked, evidence: &Evidence, stores: &Stores) -> Option<TurnSeen> {
    let index = event.origin.source;
    let source = evidence.sources.get(index as usize)?;
    let by_section = trouble.section.and_then(|section| stores.of_section(source, section));
    let mut setting = Settings::of(index, source, stores).of_nobody();
    setting.store = by_section.or(setting.store);
    setting.site().unread_agent.take_if(|_| by_section.is_some());
    (setting.asked().session, setting.asked().provider) = (Some(asked.session), asked.provider);
    let times = (asked.at, Some(asked.started));
    let mut turn = TurnSeen::new(Arc::new(setting), event.origin, times, Stop::Error);
    turn.failure = trouble.failure;
    Some(turn)
}
