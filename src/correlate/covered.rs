//! What logs kept of each process, and whether a home was silent over a time: only where a log kept
//! everything does the absence of a refresh say something.
//!
//! Silence is claimed for a home only where one process is covered over the whole time, no other
//! began inside it (a refresh at start-up is not logged, by Codex up to 0.169), and nothing ran in
//! it that leaves no rows (`codex exec`).

use super::clock::{Clocks, When};
use super::sources::Span;
use super::stores::Stores;
use crate::event::{Client, Event, EventKind, Origin};
use crate::evidence::Evidence;
use crate::secret::Key;
use std::collections::BTreeMap;

/// What a log kept of one process.
#[derive(Clone, Copy, Debug)]
pub struct Covered {
    /// The program, or its front end where that is known.
    pub client: Client,
    /// When the record begins.
    pub since: When,
    /// When it ends.
    pub until: When,
    /// It begins with the process; else older rows were dropped.
    pub whole: bool,
    /// Where it stands.
    pub origin: Origin,
}

/// A home: program, and where it is.
type Home = (Client, Option<String>);

/// What is known of one home.
#[derive(Debug, Default)]
struct AtHome {
    processes: Vec<Covered>,
    /// Refreshes begun or done, as logs state them.
    refreshes: Vec<When>,
    /// Times of programs that leave no rows.
    unlogged: Vec<(When, When)>,
}

/// What is known of all homes.
#[derive(Debug)]
pub(super) struct Watched(BTreeMap<Home, AtHome>);

impl Watched {
    /// Collect it.
    pub(super) fn of(evidence: &Evidence, clocks: &Clocks, stores: &Stores, spans: &[Span]) -> Watched {
        let mut homes: BTreeMap<Home, AtHome> = BTreeMap::new();
        for event in &evidence.stated.events {
            let Some(source) = evidence.sources.get(event.origin.source as usize) else { continue };
            let at_home = || (source.kind.client().program(), stores.home_of(source));
            match &event.kind {
                EventKind::Covered { client, since, whole, .. } => {
                    let Some(until) = clocks.when(event) else { continue };
                    let since = clocks.stamp(*since, event.origin.source);
                    let covered = Covered { client: *client, since, until, whole: *whole, origin: event.origin };
                    homes.entry(at_home()).or_default().processes.push(covered);
                }
                EventKind::Refreshed { .. } | EventKind::RefreshStarted { .. } | EventKind::Refused { .. } => {
                    homes.entry(at_home()).or_default().refreshes.extend(clocks.when(event));
                }
                EventKind::WrittenBy { client: Client::CodexExec, .. } => {
                    let span = spans.get(event.origin.source as usize).copied().flatten();
                    homes.entry(at_home()).or_default().unlogged.extend(span);
                }
                _ => {}
            }
        }
        Watched(homes)
    }

    /// Where a log covers a home from `from` to `to` and shows no refresh; None where it shows
    /// one, or does not cover the time.
    pub(super) fn silent(&self, client: Client, home: &Option<String>, from: When, to: When) -> Option<Origin> {
        let known = self.0.get(&(client, home.clone()))?;
        let inside = |at: &When| at.maybe_before(to) && from.maybe_before(*at);
        let over = |p: &&Covered| !from.maybe_before(p.since) && !p.until.maybe_before(to);
        let covering = known.processes.iter().find(over)?;
        let began = known.processes.iter().any(|p| inside(&p.since));
        let unlogged = known.unlogged.iter().any(|(first, last)| first.maybe_before(to) && from.maybe_before(*last));
        let quiet = !known.refreshes.iter().any(inside) && !began && !unlogged;
        quiet.then_some(covering.origin)
    }

    /// What was kept of every process, by program and home.
    pub(super) fn list(self) -> Vec<(Client, Vec<Covered>)> {
        let kept = self.0.into_iter().map(|((client, _), known)| (client, known.processes));
        kept.filter(|(_, processes)| !processes.is_empty()).collect()
    }
}

/// Front ends of the processes that logs name.
pub(super) fn fronts(events: &[Event]) -> BTreeMap<Key, Client> {
    let named = |event: &Event| match event.kind {
        EventKind::Covered { process: Some(process), client, .. } if client != client.program() => Some((process, client)),
        _ => None,
    };
    events.iter().filter_map(named).collect()
}
