//! Homes whose logs were written under more than one zone.
//!
//! A log is written forward. Where its naive times run back by more than threads are late, one process wrote in
//! another zone than the one before: a gateway in a container, which keeps UTC, and the command line on the machine
//! around it share a home and its logs. No line says which of them wrote it, so that a record that tells the
//! offset of one says nothing of the other's: the naive times of such a home stay open.
//!
//! Two things turn a log back in one zone: the hour that clocks repeat in autumn, and a machine that was taken to
//! another zone, which records on both sides tell.
//!
//! Apart from [`super::zone`], which weighs the ways to know a zone.

use super::home::{ProgramHome, program_home};
use super::spells;
use crate::correlate::hosts::Hosts;
use crate::event::{Event, EventKind, Origin, SourceKind};
use crate::evidence::Evidence;
use std::collections::{BTreeMap, BTreeSet};

/// A record that tells an offset and one that is late may differ by this.
const LATE_MS: i64 = 15 * 60 * 1000;

/// What one log has of this: where (line) it tells which offset (ms), and where it runs back.
#[derive(Default)]
struct Log {
    told: Vec<(u64, i64)>,
    back: Vec<Back>,
}

/// A log runs back.
struct Back {
    wall: i64,
    by: i64,
    origin: Origin,
}

/// The homes whose naive times are of several zones, with the records that show it.
pub(super) fn homes(evidence: &Evidence, hosts: &Hosts) -> BTreeMap<ProgramHome, BTreeSet<Origin>> {
    let mut homes: BTreeMap<ProgramHome, BTreeSet<Origin>> = BTreeMap::new();
    for (source, log) in logs(evidence) {
        let unexplained = log.back.iter().filter(|back| !log.has_moved(back) && !spells::is_repeated(back.wall, back.by));
        let origins: Vec<Origin> = unexplained.map(|back| back.origin).collect();
        if !origins.is_empty() {
            homes.entry(program_home(evidence, hosts, source)).or_default().extend(origins);
        }
    }
    homes
}

fn logs(evidence: &Evidence) -> BTreeMap<usize, Log> {
    let mut logs: BTreeMap<usize, Log> = BTreeMap::new();
    // What people put together by hand has an order of its own.
    let is_log = |event: &&Event| {
        let source = evidence.sources.get(event.origin.source as usize);
        source.is_some_and(|source| source.kind == SourceKind::HermesLog && source.home.is_some())
    };
    for event in evidence.stated.events.iter().filter(is_log) {
        let (told, back) = match (&event.kind, event.at) {
            (EventKind::RanBack { by_ms }, Some(at)) => (None, Some(Back { wall: at.ms, by: *by_ms, origin: event.origin })),
            (EventKind::ZoneAnchor { offset_s }, _) => (Some((event.origin.line, i64::from(*offset_s) * 1000)), None),
            _ => continue,
        };
        let log = logs.entry(event.origin.source as usize).or_default();
        log.told.extend(told);
        log.back.extend(back);
    }
    logs.values_mut().for_each(|log| log.told.sort_unstable());
    logs
}

impl Log {
    /// Do the records before and after tell that the zone changed by as much?
    fn has_moved(&self, back: &Back) -> bool {
        let next = self.told.partition_point(|(line, _)| *line < back.origin.line);
        let before = next.checked_sub(1).and_then(|last| self.told.get(last));
        let sides = before.zip(self.told.get(next));
        sides.is_some_and(|((_, before), (_, after))| before.saturating_sub(*after) >= back.by.saturating_sub(LATE_MS).max(1))
    }
}
