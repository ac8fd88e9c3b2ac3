//! Databases met in one input: copied aside while the input is read, then put together with
//! their write-ahead logs and read table by table.
//!
//! The ledger of a database: each table that is read is a source of its own, whose bytes are
//! those of its values; the file is a source that accounts for the rest of its bytes (structure,
//! indexes, tables without evidence), or for all of them where it could not be read.

use super::{Run, add, count};
use crate::event::{SkipReason, SourceKind};
use crate::evidence::{Evidence, SourceRecord};
use crate::reader::database::{Database, DatabaseReader, Ended, Store, Table};
use crate::reader::{self, Context, Facts};
use crate::source::{Copy, Name, Private, Side, Stream, Troubles};
use crate::time::Stamp;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A database or side file, copied.
struct Held<'p> {
    name: Name,
    modified: Option<Stamp>,
    kind: SourceKind,
    /// None where no copy could be made.
    copy: Option<Copy<'p>>,
    /// What came in, copied or not.
    bytes: u64,
    troubles: Troubles,
}

/// A database whose tables are being read.
struct Open<'d> {
    database: &'static Database,
    store: &'d Store,
    context: Context<'d>,
    /// Nothing of it is missing.
    whole: bool,
}

/// What is held of one input.
pub(super) struct Shelf<'p> {
    private: &'p Private,
    held: Vec<Held<'p>>,
}

impl<'p> Shelf<'p> {
    pub(super) fn new(private: &'p Private) -> Shelf<'p> {
        Shelf { private, held: Vec::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Copy a database or side file aside. The shared-memory file and a journal are not needed.
    pub(super) fn hold(&mut self, kind: SourceKind, stream: &mut Stream<'_>) {
        let (name, modified) = (stream.name().clone(), stream.modified());
        let needed = matches!(name.side(), None | Some((_, Side::Log)));
        let copy = if needed { stream.copy(self.private).ok() } else { None };
        let (bytes, mut troubles) = stream.finish();
        if needed && copy.is_none() {
            troubles.note(SkipReason::SqliteCopy, 0);
        }
        self.held.push(Held { name, modified, kind, copy, bytes, troubles });
    }
}

impl Run<'_> {
    /// Read everything on the shelf. `moved` says that the input changed meanwhile.
    pub(super) fn databases(self, shelf: Shelf<'_>, moved: bool, part: &mut Evidence) {
        let (mut files, mut sides): (Vec<_>, Vec<_>) = shelf.held.into_iter().partition(|held| held.kind == SourceKind::Sqlite);
        for file in &mut files {
            if moved {
                file.troubles.note(SkipReason::ChangedWhileRead, 0);
            }
            // Of an archive that holds both twice, the second log is the second database's.
            let is_own = |side: &Held<'_>| {
                side.name.side().is_some_and(|(stem, _)| stem == file.name.plain()) && side.name.mark() == file.name.mark()
            };
            let (own, others) = sides.into_iter().partition(is_own);
            sides = others;
            self.database(file, own, part);
        }
        for side in sides {
            let mut record = SourceRecord::new(side.name, side.kind, None, side.modified);
            record.bytes_in = side.bytes;
            if side.bytes > 0 {
                record.skip(SkipReason::SqliteAlone, side.bytes);
            }
            add(&mut record, &side.troubles);
            part.sources.push(record);
        }
    }

    /// Read one database with what stood beside it.
    fn database(self, file: &mut Held<'_>, mut sides: Vec<Held<'_>>, part: &mut Evidence) {
        let has_log = apply(file, &mut sides);
        let mut record = SourceRecord::new(file.name.clone(), SourceKind::Sqlite, None, file.modified);
        record.bytes_in = file.bytes;
        let store = match &file.copy {
            // Troubles say why there is no copy.
            None => Err(SkipReason::SqliteCopy),
            Some(copy) => guarded(|| Store::open(copy.path())),
        };
        match &store {
            Err(reason) => record.skip(*reason, file.bytes),
            Ok(store) => self.tables(file, store, has_log, &mut record, part),
        }
        add(&mut record, &file.troubles);
        let home = record.home.clone();
        part.sources.push(record);
        for side in sides {
            part.sources.push(beside(side, home.clone(), has_log));
        }
    }

    fn tables(self, file: &Held<'_>, store: &Store, has_log: bool, record: &mut SourceRecord, part: &mut Evidence) {
        let lacks_log = store.is_logged() && !has_log;
        if lacks_log {
            // Without any table there must have been a log that made them.
            let lost = if store.schema().is_empty() { file.bytes } else { 0 };
            record.skip(SkipReason::SqliteWalMissing, lost);
            if lost > 0 {
                return;
            }
        }
        if store.missing() > 0 {
            record.skip(SkipReason::SqliteCut, 0);
        }
        let Some(database) = reader::recognise_database(store.schema()) else {
            return record.skip(SkipReason::SqliteSchema, file.bytes);
        };
        record.kind = database.kind;
        record.home = database.home(&file.name);
        let open = Open {
            database,
            store,
            context: Context { name: &file.name, modified: file.modified },
            whole: !lacks_log && store.missing() == 0 && file.troubles.is_empty(),
        };
        let mut reader = (database.open)(&open.context);
        for table in database.tables {
            let Some(mut rows) = self.table(table, &open, reader.as_mut(), part) else { continue };
            // A table read in part says so of the file as well: that is where it is mended.
            for reason in [SkipReason::SqliteCut, SkipReason::SqliteBudget, SkipReason::SqliteSchema, SkipReason::ReaderFailed] {
                if rows.skipped.contains_key(&reason) {
                    record.skip(reason, 0);
                }
            }
            rows.modified = file.modified;
            record.bytes_in = record.bytes_in.saturating_sub(rows.bytes_in);
            part.sources.push(rows);
        }
        record.bytes_used = record.bytes_in;
    }

    /// Read one table; None where the database has none of that name.
    fn table(
        self,
        table: &'static Table,
        open: &Open<'_>,
        reader: &mut dyn DatabaseReader,
        part: &mut Evidence,
    ) -> Option<SourceRecord> {
        let name = open.context.name.member(table.name.as_bytes());
        let mut record = SourceRecord::new(name, table.kind, open.database.home(open.context.name), None);
        let mut facts = Facts::new(self.vault, part.sources.len() as u32, self.plan.private);
        let ended = guarded(|| {
            let ended = open.store.rows(table, &mut |row| {
                let outcome = reader.row(table, row, &mut facts);
                let (read, elided) = row.bytes();
                record.bytes_in += read + elided;
                count(&mut record, outcome, read + elided, elided);
            });
            reader.end(table, open.whole && ended == Ended::Whole, &mut facts);
            Ok(ended)
        });
        match ended {
            Ok(Ended::Absent) => return None,
            Ok(Ended::Whole) => {}
            Ok(Ended::Short(reason)) | Err(reason) => record.skip(reason, 0),
        }
        let (events, gate) = facts.into_parts();
        part.gate.merge(gate);
        if ended.is_ok() {
            record.events = events.len() as u64;
            part.events.extend(events);
        } else {
            // What was counted before the reader failed was not used.
            let read = std::mem::take(&mut record.bytes_used);
            record.skip(SkipReason::ReaderFailed, read);
        }
        Some(record)
    }
}

/// Put the log beside the database. True when there is one (an empty log is one, too).
fn apply(file: &Held<'_>, sides: &mut [Held<'_>]) -> bool {
    let log = sides.iter_mut().find(|side| matches!(side.name.side(), Some((_, Side::Log))));
    let (Some(log), Some(database)) = (log, &file.copy) else { return false };
    log.copy.as_mut().is_some_and(|copy| copy.stand_beside(database).is_ok())
}

/// The record of a side file of a database.
fn beside(side: Held<'_>, home: Option<String>, has_log: bool) -> SourceRecord {
    let mut record = SourceRecord::new(side.name.clone(), side.kind, home, side.modified);
    record.bytes_in = side.bytes;
    match side.name.side() {
        Some((_, Side::Journal)) if side.bytes > 0 => record.skip(SkipReason::SqliteJournal, side.bytes),
        // Only a log leaves such a file behind, and the log is not there.
        Some((_, Side::Shared)) if side.bytes > 0 && !has_log => record.skip(SkipReason::SqliteWalMissing, side.bytes),
        _ if side.troubles.iter().any(|trouble| trouble.reason == SkipReason::SqliteCopy) => {
            record.skip(SkipReason::SqliteCopy, side.bytes);
        }
        _ => record.bytes_used = side.bytes,
    }
    add(&mut record, &side.troubles);
    record
}

/// What a failing reader does stays with its source.
fn guarded<T>(work: impl FnOnce() -> Result<T, SkipReason>) -> Result<T, SkipReason> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(SkipReason::ReaderFailed))
}
