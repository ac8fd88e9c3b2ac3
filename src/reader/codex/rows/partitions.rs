//! What a log database kept of each process, and what it dropped.
//!
//! Codex keeps the newest 1,000 rows and 10 MiB of each thread, and as much of what a process
//! writes outside any thread. So a partition that is full begins somewhere in the middle, and
//! one that is not is whole. A process is covered from its first row on, or from where the last
//! of the full partitions that it may have written into begins.

use crate::event::{Client, EventKind, Origin, Version};
use crate::reader::Facts;
use crate::reader::codex::ident;
use crate::secret::{Key, Kind};
use crate::time::Stamp;
use std::collections::HashMap;

/// Rows that Codex keeps of a partition (0.130 to 0.169).
const FULL_ROWS: u64 = 1_000;
/// Bytes that it keeps of one, less a row or two.
const FULL_BYTES: u64 = 9 << 20;
/// Most processes and threads that are followed; with more, nothing counts as covered.
const MOST: usize = 65_536;

/// Where a row belongs.
pub(super) struct Place<'a> {
    pub(super) process: Option<&'a [u8]>,
    pub(super) thread: Option<&'a [u8]>,
    pub(super) at: Stamp,
    /// Bytes that count towards the limit.
    pub(super) size: u64,
}

/// What was kept of one partition.
#[derive(Clone, Copy, Debug, Default)]
struct Kept {
    first: i64,
    rows: u64,
    bytes: u64,
}

impl Kept {
    fn note(&mut self, ms: i64, size: u64) {
        self.first = if self.rows == 0 { ms } else { self.first.min(ms) };
        self.rows += 1;
        self.bytes = self.bytes.saturating_add(size);
    }

    fn is_full(&self) -> bool {
        self.rows >= FULL_ROWS || self.bytes >= FULL_BYTES
    }
}

/// One process.
#[derive(Debug)]
struct Process {
    key: Key,
    first: i64,
    last: i64,
    origin: Origin,
    /// Rows outside any thread.
    threadless: Kept,
    /// Front ends that it answers or is, with versions.
    clients: Vec<(Client, Option<Version>)>,
    is_tui: bool,
}

/// The partitions of one log.
#[derive(Debug, Default)]
pub(super) struct Partitions {
    ids: HashMap<Box<[u8]>, usize>,
    list: Vec<Process>,
    threads: HashMap<Box<[u8]>, Kept>,
    overflow: bool,
}

impl Partitions {
    /// Count a row. The process it belongs to.
    pub(super) fn note(&mut self, place: &Place<'_>, row: u64, facts: &Facts<'_>) -> Option<usize> {
        let process = place.process.and_then(|uuid| self.process(uuid, place.at, row, facts));
        if let Some(process) = process.and_then(|id| self.list.get_mut(id)) {
            (process.first, process.last) = (process.first.min(place.at.ms), process.last.max(place.at.ms));
            if place.thread.is_none() {
                process.threadless.note(place.at.ms, place.size);
            }
        }
        if let Some(thread) = place.thread {
            let room = self.threads.len() < MOST;
            match self.threads.get_mut(thread) {
                Some(kept) => kept.note(place.at.ms, place.size),
                None if room => self.threads.entry(thread.into()).or_default().note(place.at.ms, place.size),
                None => self.overflow = true,
            }
        }
        process
    }

    fn process(&mut self, uuid: &[u8], at: Stamp, row: u64, facts: &Facts<'_>) -> Option<usize> {
        if let Some(&id) = self.ids.get(uuid) {
            return Some(id);
        }
        if self.list.len() >= MOST {
            self.overflow = true;
            return None;
        }
        let id = self.list.len();
        self.ids.insert(uuid.into(), id);
        self.list.push(Process {
            key: facts.key(Kind::Process, &String::from_utf8_lossy(uuid)),
            first: at.ms,
            last: at.ms,
            origin: Origin { line: row, ..facts.whole() },
            threadless: Kept::default(),
            clients: Vec::new(),
            is_tui: false,
        });
        Some(id)
    }

    /// The key of a process.
    pub(super) fn key(&self, process: usize) -> Option<Key> {
        self.list.get(process).map(|p| p.key)
    }

    /// Is no front end of this process known by name?
    pub(super) fn is_unnamed(&self, process: usize) -> bool {
        self.list.get(process).is_some_and(|p| p.clients.is_empty())
    }

    /// A request to the process names the front end. Its version is that of Codex for the
    /// terminal program only; an extension has one of its own.
    pub(super) fn name(&mut self, process: usize, (name, version): (&str, Option<&str>)) {
        let client = ident::client_of(name);
        let version = version.filter(|_| client == Client::CodexCli).and_then(ident::version_of);
        if let Some(process) = self.list.get_mut(process).filter(|_| client != Client::Codex) {
            process.clients.push((client, version));
        }
    }

    /// A neighbour that only the terminal program has.
    pub(super) fn seen(&mut self, process: Option<usize>, is_tui: bool) {
        if let Some(process) = process.and_then(|id| self.list.get_mut(id)) {
            process.is_tui |= is_tui;
        }
    }

    /// State who the processes were and what was kept of them, in the order of their first rows.
    pub(super) fn state(mut self, facts: &mut Facts<'_>) {
        let lost: Vec<(i64, i64)> = self.threads.iter().filter_map(|(id, kept)| lost(id, kept)).collect();
        for process in &mut self.list {
            if process.clients.is_empty() && process.is_tui {
                process.clients.push((Client::CodexCli, None));
            }
            let (at, last) = (Some(Stamp::utc(process.first)), Some(Stamp::utc(process.last)));
            for (client, version) in &process.clients {
                let kind = EventKind::WrittenBy { client: *client, version: version.clone() };
                facts.push(at, process.origin, kind);
            }
            let client = process.clients.first().map_or(Client::Codex, |(client, _)| *client);
            let full = process.threadless.is_full().then_some(process.threadless.first);
            let cut = lost.iter().filter(|(from, to)| *from <= process.last && *to >= process.first).map(|(_, to)| *to);
            let cut = cut.chain(full).max();
            let since = cut.map_or(process.first, |cut| cut.max(process.first));
            if since <= process.last && !self.overflow {
                let (key, since) = (Some(process.key), Stamp::utc(since));
                facts.push(last, process.origin, EventKind::Covered { process: key, client, since, whole: cut.is_none() });
            }
        }
    }
}

/// Where rows of a thread are missing: from its making to the first row that was kept.
fn lost(id: &[u8], kept: &Kept) -> Option<(i64, i64)> {
    let made = std::str::from_utf8(id).ok().and_then(ident::made_at).map_or(i64::MIN, |at| at.ms);
    (kept.is_full() && made < kept.first).then_some((made, kept.first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::secret::Vault;

    const THREAD: &[u8] = b"019e1234-aaaa-7bbb-8ccc-0123456789ab";
    /// A second after that thread was made.
    const T: i64 = 0x019e_1234_aaaa + 1_000;

    fn covered(rows: impl Iterator<Item = (&'static [u8], Option<&'static [u8]>, i64)>) -> Vec<(i64, i64, bool)> {
        let vault = Vault::new([4; 32]);
        let mut facts = Facts::new(&vault, 0, false);
        let mut partitions = Partitions::default();
        for (row, (process, thread, ms)) in rows.enumerate() {
            let place = Place { process: Some(process), thread, at: Stamp::utc(ms), size: 100 };
            partitions.note(&place, row as u64 + 1, &facts);
        }
        partitions.state(&mut facts);
        let what = |event: &Event| match event.kind {
            EventKind::Covered { since, whole, .. } => event.at.map(|at| (since.ms, at.ms, whole)),
            _ => None,
        };
        facts.into_parts().0.events.iter().filter_map(what).collect()
    }

    #[test]
    fn a_process_that_is_not_full_is_covered_whole() {
        let rows = (0..999).map(|n| (&b"pid:1:a"[..], None, T + n * 1000));
        assert_eq!(covered(rows), [(T, T + 998_000, true)]);
    }

    #[test]
    fn a_full_partition_cuts_its_process() {
        // Rows of a thread are the first; then the rows outside threads that were left.
        let early = (0..5).map(|n| (&b"pid:1:a"[..], Some(THREAD), T + n));
        let late = (0..1000).map(|n| (&b"pid:1:a"[..], None, T + 60_000 + n));
        assert_eq!(covered(early.chain(late)), [(T + 60_000, T + 60_999, false)]);
    }

    #[test]
    fn a_full_thread_cuts_every_process_that_may_have_written_into_it() {
        let first = (0..3).map(|n| (&b"pid:1:a"[..], None, T + n * 60_000));
        let second = (0..1000).map(|n| (&b"pid:2:b"[..], Some(THREAD), T + 100_000 + n));
        let third = (0..3).map(|n| (&b"pid:3:c"[..], None, T + 900_000 + n));
        let want = [(T + 100_000, T + 120_000, false), (T + 100_000, T + 100_999, false), (T + 900_000, T + 900_002, true)];
        assert_eq!(covered(first.chain(second).chain(third)), want);
    }
}
