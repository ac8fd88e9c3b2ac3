//! The rows of the coverage table: what is printed of each source, made when it is asked for.
//!
//! There may be a million sources, and a row takes more than the record it is made of. So what is
//! kept is the order of the sources and their printed names; all else stands in the evidence.

use super::ledger::{LenientJson, MembersJson, MembersSkippedJson, SkippedJson, SourceJson};
use crate::correlate::{Correlated, HostId, ZoneBasis};
use crate::evidence::{Evidence, MemberCount, SourceRecord};
use crate::time::rfc3339;
use serde::{Serialize, Serializer};
use std::sync::Arc;

/// All sources in printed order.
#[derive(Clone)]
pub struct Rows {
    evidence: Arc<Evidence>,
    /// For each row the source,
    order: Vec<u32>,
    /// and its printed name.
    names: Vec<Box<str>>,
    /// What correlation found out, of sources of which it did; in the order of the sources.
    found: Vec<Found>,
    /// What the machines are called.
    hosts: Vec<String>,
}

/// What correlation found out about one source.
#[derive(Clone, Copy)]
struct Found {
    source: u32,
    /// First and last event, in ms.
    span: Option<(i64, i64)>,
    zone: Option<&'static str>,
    host: Option<HostId>,
    duplicates: u64,
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl Serialize for Rows {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter())
    }
}

impl Rows {
    /// The sources in this order, under these names.
    pub(super) fn of(evidence: &Arc<Evidence>, known: &Correlated, order: Vec<u32>, names: Vec<Box<str>>) -> Rows {
        let found = (0..evidence.sources.len()).filter_map(|at| {
            let span = known.spans[at].map(|(first, last)| (first.said(), last.said()));
            let (zone, duplicates) = (known.zones[at].map(ZoneBasis::word), known.duplicates[at]);
            let host = known.hosts.host(at as u32);
            let is_some = span.is_some() || zone.is_some() || host.is_some() || duplicates > 0;
            is_some.then_some(Found { source: at as u32, span, zone, host, duplicates })
        });
        let hosts = known.hosts.titles();
        Rows { found: found.collect(), evidence: Arc::clone(evidence), order, names, hosts }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// True when nothing was there to be read.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// All rows.
    pub fn iter(&self) -> impl Iterator<Item = SourceJson> + '_ {
        (0..self.len()).map(|at| self.row(at))
    }

    /// The records that the rows are made of.
    pub(super) fn records(&self) -> impl Iterator<Item = &SourceRecord> {
        self.order.iter().map(|source| &self.evidence.sources[*source as usize])
    }

    /// One row.
    pub(super) fn row(&self, at: usize) -> SourceJson {
        let (source, name) = (&self.order[at], &self.names[at]);
        let nothing = Found { source: *source, span: None, zone: None, host: None, duplicates: 0 };
        let found = self.found.binary_search_by_key(source, |found| found.source).map_or(nothing, |place| self.found[place]);
        let s = &self.evidence.sources[*source as usize];
        SourceJson {
            id: format!("S{}", at + 1),
            kind: s.kind.word(),
            client: s.kind.client().word(),
            name: name.to_string(),
            host: found.host.and_then(|host| self.hosts.get(host).cloned()),
            first: found.span.map(|(first, _)| rfc3339(first)),
            last: found.span.map(|(_, last)| rfc3339(last)),
            zone: found.zone,
            records: s.records,
            records_used: s.used.saturating_sub(found.duplicates),
            records_ignored: s.ignored,
            records_skipped: s.refused,
            unknown_records: s.unknown,
            events: s.events,
            duplicates: found.duplicates,
            bytes_in: s.bytes_in,
            bytes_used: s.bytes_used,
            bytes_elided: s.bytes_elided,
            skipped: s
                .skipped
                .iter()
                .map(|(reason, n)| SkippedJson { reason: reason.word(), count: n.count, bytes: n.bytes })
                .collect(),
            lenient: s.lenient().map(|(what, records)| LenientJson { what: what.word(), records }).collect(),
            members: s.members.as_deref().map(members),
        }
    }
}

/// The members of an archive.
pub(super) fn members(count: &MemberCount) -> MembersJson {
    let skipped = count.archive.skipped.iter();
    MembersJson {
        declared: count.archive.declared,
        read: count.read,
        folders: count.archive.folders,
        skipped: skipped.map(|(reason, count)| MembersSkippedJson { reason: reason.word().to_owned(), count: *count }).collect(),
    }
}
