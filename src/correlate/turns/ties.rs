//! Whose terminal a kept text shows.
//!
//! A text may have been kept anywhere, also of another machine: that it lies beside a home, even beside
//! the only one, says nothing. It is the home's where it stands inside, where it names a session that the
//! home's records name, or where it shows a line of the home's own log.
//!
//! It is apart from [`super::silence`], which counts the turns, since it is about sources.

use crate::correlate::stores::Stores;
use crate::event::{Event, EventKind, SourceKind, Stated};
use crate::evidence::{Evidence, SourceRecord};
use crate::secret::Key;
use std::collections::{BTreeMap, BTreeSet};

/// What a text and the records of a home may both state.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sign {
    /// A session.
    Session(Key),
    /// A logged line, by its time in ms and whether that is local.
    Logged(i64, bool),
}

/// The home of each text that is known to be of one, by source.
pub(super) fn of(evidence: &Evidence, stores: &Stores) -> BTreeMap<u32, String> {
    let mut tied = BTreeMap::new();
    let mut open: BTreeMap<u32, BTreeSet<Sign>> = BTreeMap::new();
    // Of a text the name tells no more than its folder.
    let homes: BTreeSet<&str> =
        evidence.sources.iter().filter(|source| keeps_home(source.kind)).filter_map(|s| s.home.as_deref()).collect();
    let inside = |source: &SourceRecord| source.home.as_deref().is_some_and(|folder| homes.contains(folder));
    let texts = |source: u32| evidence.sources.get(source as usize).filter(|source| source.kind == SourceKind::HermesText);
    for (index, signs) in signs(&evidence.stated) {
        let Some(source) = texts(index) else { continue };
        match stores.twins.home(source).filter(|_| inside(source)) {
            Some(home) => drop(tied.insert(index, home)),
            None => open.entry(index).or_default().extend(signs),
        }
    }
    let wanted: BTreeSet<Sign> = open.values().flatten().copied().collect();
    if wanted.is_empty() {
        return tied;
    }
    let mut places: BTreeMap<Sign, BTreeSet<String>> = BTreeMap::new();
    for (index, signs) in signs(&evidence.stated) {
        let Some(source) = evidence.sources.get(index as usize) else { continue };
        let Some(home) = stores.twins.home(source).filter(|_| keeps_home(source.kind)) else { continue };
        for sign in signs.filter(|sign| wanted.contains(sign)) {
            let is_line = source.kind == SourceKind::HermesLog;
            if is_line || matches!(sign, Sign::Session(_)) {
                places.entry(sign).or_default().insert(home.clone());
            }
        }
    }
    for (text, signs) in open {
        let homes: BTreeSet<&String> = signs.iter().filter_map(|sign| places.get(sign)).flatten().collect();
        // A text that fits two homes is of none of them for certain.
        if let (Some(home), 1) = (homes.first(), homes.len()) {
            tied.insert(text, (*home).clone());
        }
    }
    tied
}

/// Is a source of this kind a part of what Hermes keeps in its home? An export is carried out of it.
fn keeps_home(kind: SourceKind) -> bool {
    use SourceKind as K;
    matches!(kind, K::HermesLog | K::HermesSession | K::HermesSessionSnapshot | K::HermesStateDb)
}

/// The signs in what sources state, with the index of the source.
fn signs(stated: &Stated) -> impl Iterator<Item = (u32, impl Iterator<Item = Sign>)> {
    let of_event = |event: &Event| match &event.kind {
        EventKind::Active { session } | EventKind::Refused { session, .. } => *session,
        _ => None,
    };
    let events = stated.events.iter().map(move |event| (event.origin.source, of_event(event), event.at));
    let turns = stated.turns.iter().map(|turn| (turn.source, turn.asked.session, turn.at()));
    let worked = stated.worked.iter().map(|worked| (worked.source, worked.session, worked.at()));
    events.chain(turns).chain(worked).map(|(source, session, at)| {
        // A time to the second may be anybody's.
        let line = at.filter(|at| at.ms % 1000 != 0).map(|at| Sign::Logged(at.ms, at.is_local()));
        (source, session.map(Sign::Session).into_iter().chain(line))
    })
}
