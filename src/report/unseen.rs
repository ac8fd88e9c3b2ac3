//! What the verdicts could not see, in sentences: where logs begin, what databases dropped, stores
//! that no file shows, and reasons that hid bytes.

use super::model::UnknownTypeJson;
use super::words::plural;
use crate::correlate::Correlated;
use crate::event::{Client, Origin, SourceKind};
use crate::evidence::Evidence;
use crate::secret::Key;
use crate::time::rfc3339;
use std::collections::{BTreeMap, BTreeSet};

/// What the verdicts could not see: per client the start of its logs, stores that were not read,
/// and reasons that hid bytes.
pub(super) fn list(evidence: &Evidence, known: &Correlated) -> Vec<String> {
    let mut firsts: BTreeMap<Client, i64> = BTreeMap::new();
    let mut hidden: BTreeMap<&'static str, (u64, u64)> = BTreeMap::new();
    for (at, source) in evidence.sources.iter().enumerate() {
        if let (Some((first, _)), Some(client)) = (known.spans[at], log_of(source.kind)) {
            let earliest = firsts.entry(client).or_insert(first.said());
            *earliest = (*earliest).min(first.said());
        }
        for (reason, n) in &source.skipped {
            let total = hidden.entry(reason.says()).or_default();
            total.0 += n.count;
            total.1 += n.bytes;
        }
    }
    let logs = firsts.into_iter().map(|(client, ms)| format!("{} logs before {}", client.word(), rfc3339(ms)));
    let gaps =
        hidden.into_iter().map(|(says, (count, bytes))| format!("{says}: {}, {}", plural(count, "time"), plural(bytes, "byte")));
    logs.chain(timeless(known)).chain(rows(known)).chain(out_of_sight(known)).chain(gaps).chain(newer(evidence)).collect()
}

/// Turns of which nothing says when they were, and that no incident counts.
fn timeless(known: &Correlated) -> impl Iterator<Item = String> {
    let mut counts: BTreeMap<Client, (u64, u64)> = BTreeMap::new();
    let told: BTreeSet<Origin> = known.incidents.iter().flat_map(|incident| incident.told.iter().copied()).collect();
    for turn in known.undated.iter().filter(|turn| !told.contains(&turn.origin())) {
        let (turns, failed) = counts.entry(turn.setting.site.client).or_default();
        *turns += 1;
        *failed += u64::from(turn.is_failed());
    }
    counts.into_iter().map(|(client, (turns, failed))| {
        let turns = plural(turns, "turn");
        format!("{}: {turns} without a readable time ({failed} failed), counted in the totals and in no incident", client.word())
    })
}

/// Records that no reader knows: the sign of a client that is newer than this program.
fn newer(evidence: &Evidence) -> impl Iterator<Item = String> {
    let mut unknown: BTreeMap<SourceKind, (u64, BTreeSet<Key>)> = BTreeMap::new();
    for source in evidence.sources.iter().filter(|s| s.unknown > 0) {
        let (records, types) = unknown.entry(source.kind).or_default();
        *records += source.unknown;
        types.extend(source.types().map(|known| known.shape));
    }
    unknown.into_iter().map(|(kind, (records, types))| {
        let (records, types) = (plural(records, "record"), plural(types.len().max(1) as u64, "type"));
        format!("{}: {records} of {types} that no known version writes, perhaps of a newer one", kind.word())
    })
}

/// Unknown types of record, per kind of source, numbered in the printed order of sources.
pub(super) fn types(evidence: &Evidence, order: &[u32]) -> Vec<UnknownTypeJson> {
    let mut types: BTreeMap<(SourceKind, Key), usize> = BTreeMap::new();
    let mut counted: BTreeMap<SourceKind, usize> = BTreeMap::new();
    let mut list: Vec<UnknownTypeJson> = Vec::new();
    for (rank, &at) in order.iter().enumerate() {
        let source = &evidence.sources[at as usize];
        for unknown in source.types() {
            let place = *types.entry((source.kind, unknown.shape)).or_insert_with(|| {
                let number = counted.entry(source.kind).or_insert(0);
                *number += 1;
                let (id, kind, source) = (format!("type-{number}"), source.kind.word(), format!("S{}", rank + 1));
                list.push(UnknownTypeJson { id, kind, records: 0, source, line: unknown.line });
                list.len() - 1
            });
            list[place].records += unknown.records;
        }
    }
    list.sort_by(|a, b| (a.kind, a.id.len(), &a.id).cmp(&(b.kind, b.id.len(), &b.id)));
    list
}

/// What log databases kept, per program and home: rows are dropped per process and thread, so that
/// the time of the oldest row says little.
fn rows(known: &Correlated) -> impl Iterator<Item = String> {
    known.covered.iter().filter_map(|(client, processes)| {
        let (first, last) = (processes.iter().map(|p| p.since.said()).min()?, processes.iter().map(|p| p.until.said()).max()?);
        let cut = processes.iter().filter(|p| !p.whole).count();
        let dropped = if cut > 0 { format!("; of {cut} of them older rows were dropped") } else { String::new() };
        let count = if processes.len() == 1 { "1 process".to_owned() } else { format!("{} processes", processes.len()) };
        Some(format!(
            "{} log rows outside {} to {} ({count}{dropped}); a refresh at the start of a process and `codex exec` leave no rows",
            client.word(),
            rfc3339(first),
            rfc3339(last),
        ))
    })
}

/// Stores that no file shows.
fn out_of_sight(known: &Correlated) -> impl Iterator<Item = String> {
    let hidden = |client: Client| known.stores.iter().filter(|s| s.hidden && s.client == client).count();
    let programs: BTreeSet<Client> = known.stores.iter().filter(|s| s.hidden).map(|s| s.client).collect();
    programs.into_iter().map(move |client| {
        format!(
            "{} logins out of sight: {} (kept in the system's keyring, or their files were left out)",
            client.word(),
            hidden(client)
        )
    })
}

/// Logs are cut off by rotation; transcripts and stores are not.
fn log_of(kind: crate::event::SourceKind) -> Option<Client> {
    use crate::event::SourceKind as K;
    matches!(kind, K::OpenclawGatewayLog | K::CodexLog | K::CodexVscodeLog | K::HermesLog | K::OpencodeLog)
        .then(|| kind.client().program())
}
