//! Which program of which version was at work in which home, as the records of the time state it.
//!
//! Apart from the acts, since a version does nothing to a credential, and apart from the report's list of
//! versions, which has no order: here each statement has its time, so that a change of version lies
//! between two of them. A setting that names a version without a time (OpenClaw's configuration) is none.

use super::clock::{Clocks, When, Window};
use super::stores::Stores;
use crate::event::{Client, EventKind, Origin, Version};
use crate::evidence::Evidence;

/// A program was at work.
#[derive(Clone, Debug)]
pub struct Ran {
    /// When it said so: as a rule, when its session or process began.
    pub at: When,
    /// The program, or its front end where that is named.
    pub client: Client,
    /// Home (private).
    pub home: Option<String>,
    /// Its version, where it names one.
    pub version: Option<Version>,
    /// Where it is written.
    pub origin: Origin,
}

/// Collect the statements, by time.
pub(super) fn collect(evidence: &Evidence, clocks: &Clocks, stores: &Stores, ranks: &[u32], window: Window) -> Vec<Ran> {
    let stated = |event: &crate::event::Event| {
        let source = evidence.sources.get(event.origin.source as usize)?;
        let (client, version) = match &event.kind {
            EventKind::WrittenBy { client, version } => (*client, version.clone()),
            EventKind::Started { version: Some(version) } => (source.kind.client(), Some(version.clone())),
            _ => return None,
        };
        let at = clocks.when(event).filter(|at| window.holds(*at))?;
        let home = match stores.of_source(source) {
            Some(id) => stores.list.get(id)?.home.clone(),
            None => stores.home_of(source),
        };
        Some(Ran { at, client, home, version, origin: event.origin })
    };
    let mut list: Vec<Ran> = evidence.stated.events.iter().filter_map(stated).collect();
    list.sort_by_key(|ran| (ran.at.ms, ran.client, ranks.get(ran.origin.source as usize).copied(), ran.origin.line));
    list
}
