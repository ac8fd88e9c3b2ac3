//! Databases met in one input: copied aside while the input is read, then put together with
//! their write-ahead logs and read table by table.
//!
//! The ledger of a database: each table that is read is a source of its own, whose bytes are
//! those of its values; the file is a source that accounts for the rest of its bytes (structure,
//! indexes, tables without evidence), or for all of them where it could not be read.

use super::{Run, add, count};
use crate::event::{SkipReason, SourceKind};
use crate::evidence::{Evidence, SourceRecord};
use crate::reader::database::{Database, DatabaseReader, Ended, Log, Reach, Store, Table, examine};
use crate::reader::{self, Context, Facts, Outcome, json};
use crate::source::{Copy, Name, Private, Side, Stream, Troubles};
use crate::time::Stamp;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A database or side file, copied.
struct Held<'p> {
    name: Name,
    modified: Option<Stamp>,
    kind: SourceKind,
    /// None where it is not needed.
    copy: Option<Result<Copy<'p>, SkipReason>>,
    /// What came in, copied or not.
    bytes: u64,
    troubles: Troubles,
}

/// A database whose tables are being read.
struct Open<'d> {
    database: &'static Database,
    store: &'d Store,
    context: Context<'d>,
    /// What can be missing from its tables.
    reach: Reach,
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
        let copy = needed.then(|| stream.copy(self.private));
        let (bytes, troubles) = stream.finish();
        self.held.push(Held { name, modified, kind, copy, bytes, troubles });
    }
}

impl Run<'_> {
    /// Read everything on the shelf. `moved` says that the input changed meanwhile.
    pub(super) fn databases(self, shelf: Shelf<'_>, moved: bool, part: &mut Evidence) {
        let owners: Vec<Option<usize>> = (0..shelf.held.len()).map(|at| owner(&shelf.held, at)).collect();
        let mut held: Vec<Option<Held<'_>>> = shelf.held.into_iter().map(Some).collect();
        for at in 0..held.len() {
            let Some(mut file) = held[at].take_if(|held| held.kind == SourceKind::Sqlite) else { continue };
            if moved {
                file.troubles.note(SkipReason::ChangedWhileRead, 0);
            }
            let own = (0..held.len()).filter(|side| owners[*side] == Some(at)).collect::<Vec<_>>();
            let own = own.into_iter().filter_map(|side| held[side].take()).collect();
            self.database(&file, own, part);
        }
        part.sources.extend(held.into_iter().flatten().map(|side| alone(side, None)));
    }

    /// Read one database with what stood beside it.
    fn database(self, file: &Held<'_>, sides: Vec<Held<'_>>, part: &mut Evidence) {
        let (mut logs, others): (Vec<_>, Vec<_>) = sides.into_iter().partition(is_log);
        let log = apply(file, &mut logs);
        let mut record = SourceRecord::new(file.name.clone(), SourceKind::Sqlite, None, file.modified);
        record.bytes_in = file.bytes;
        let store = match &file.copy {
            None => Err(SkipReason::SqliteCopy),
            Some(Err(reason)) => Err(*reason),
            Some(Ok(copy)) => guarded(|| Store::open(copy.path())),
        };
        match &store {
            Err(reason) => record.skip(*reason, file.bytes),
            Ok(store) => self.tables(file, store, log, &mut record, part),
        }
        add(&mut record, &file.troubles);
        let home = record.home.clone();
        part.sources.push(record);
        for (at, side) in logs.into_iter().enumerate() {
            part.sources.push(match log {
                Some(damaged) if at == 0 => applied(side, home.clone(), damaged),
                _ => alone(side, home.clone()),
            });
        }
        part.sources.extend(others.into_iter().map(|side| beside(side, home.clone(), log.is_some())));
    }

    fn tables(self, file: &Held<'_>, store: &Store, log: Option<u64>, record: &mut SourceRecord, part: &mut Evidence) {
        let lacks_log = store.is_logged() && log.is_none();
        if lacks_log {
            // Without any table there must have been a log that made them.
            let lost = if store.schema().is_empty() { file.bytes } else { 0 };
            record.skip(SkipReason::SqliteWalMissing, lost);
            if lost > 0 {
                return;
            }
        }
        let cut = store.missing() > 0 || store.is_schema_damaged();
        if cut {
            record.skip(SkipReason::SqliteCut, 0);
        }
        let Some(database) = reader::recognise_database(store.schema()) else {
            let lost = store.schema().is_empty() && log.is_some_and(|damaged| damaged > 0);
            return record.skip(if lost { SkipReason::SqliteCut } else { SkipReason::SqliteSchema }, file.bytes);
        };
        if store.behind() > 0 && log.is_none() {
            record.skip(SkipReason::SqliteTrailing, store.behind());
        }
        record.kind = database.kind;
        record.home = database.home(&file.name);
        let open = Open {
            database,
            store,
            context: Context { name: &file.name, modified: file.modified },
            reach: match !cut && file.troubles.is_empty() && log.is_none_or(|damaged| damaged == 0) {
                true if !lacks_log => Reach::Whole,
                true => Reach::Unlogged,
                false => Reach::Cut,
            },
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
        let skipped = record.accounted();
        record.bytes_in = record.bytes_in.max(skipped);
        record.bytes_used = record.bytes_in - skipped;
    }

    /// Read one table; None where the database has none of that name.
    fn table(
        self,
        table: &'static Table,
        open: &Open<'_>,
        reader: &mut dyn DatabaseReader,
        part: &mut Evidence,
    ) -> Option<SourceRecord> {
        let name = open.context.name.table(table.name);
        let mut record = SourceRecord::new(name, table.kind, open.database.home(open.context.name), None);
        let mut facts = Facts::new(self.vault, part.sources.len() as u32, self.plan.private);
        json::leniencies().for_each(drop);
        let ended = guarded(|| {
            let ended = open.store.rows(table, &mut |row| {
                let outcome = match row.is_damaged() {
                    true => Outcome::Skipped(SkipReason::SqliteCut),
                    false => match reader.row(table, row, &mut facts) {
                        Outcome::Skipped(reason) => Outcome::Skipped(reason),
                        _ if row.is_lost() => Outcome::Skipped(SkipReason::LineTooLong),
                        outcome => outcome,
                    },
                };
                let (read, elided) = row.bytes();
                record.bytes_in += read + elided;
                count(&mut record, outcome, read + elided, elided);
            });
            reader.end(table, if ended == Ended::Whole { open.reach } else { Reach::Cut }, &mut facts);
            Ok(ended)
        });
        match ended {
            Ok(Ended::Absent) => return None,
            Ok(Ended::Whole) => {}
            Ok(Ended::Short(reason)) | Err(reason) => record.skip(reason, 0),
        }
        let (stated, gate, fences) = facts.into_parts();
        part.fences.merge(fences);
        part.gate.merge(gate);
        if ended.is_ok() {
            record.events = stated.len() as u64;
            part.state(stated);
        } else {
            // What was counted before the reader failed was not used.
            let read = std::mem::take(&mut record.bytes_used);
            record.skip(SkipReason::ReaderFailed, read);
        }
        Some(record)
    }
}

/// Which of `held` the side file at `at` belongs to: the database of its name. Of an archive that
/// holds several of that name and a log for each, the second log is the second database's; where
/// some have none, it is that of the nearest database before it.
fn owner(held: &[Held<'_>], at: usize) -> Option<usize> {
    let side = held.get(at)?;
    let (stem, sort) = side.name.side().filter(|_| side.kind != SourceKind::Sqlite)?;
    let is_database = |other: &Held<'_>| other.kind == SourceKind::Sqlite && other.name.plain() == stem;
    let databases: Vec<usize> = (0..held.len()).filter(|at| is_database(&held[*at])).collect();
    let twins = held.iter().filter(|other| other.name.side() == Some((stem, sort))).count();
    if twins >= databases.len() {
        return databases.into_iter().find(|at| held[*at].name.mark() == side.name.mark());
    }
    let before = databases.iter().rev().find(|database| **database < at);
    before.or_else(|| databases.first()).copied()
}

fn is_log(side: &Held<'_>) -> bool {
    matches!(side.name.side(), Some((_, Side::Log)))
}

/// Put the first log beside the database, if it can be its own. How many of its bytes are damaged;
/// None where the database has no log (an empty one is one, too).
fn apply(file: &Held<'_>, logs: &mut [Held<'_>]) -> Option<u64> {
    let (Ok(database), Ok(log)) = (file.copy.as_ref()?, logs.first_mut()?.copy.as_mut()?) else { return None };
    let Log::Own { damaged } = examine(database.path(), log.path()).ok()? else { return None };
    log.stand_beside(database).ok().map(|()| damaged)
}

/// The record of a log that SQLite applied, but for its damaged end.
fn applied(log: Held<'_>, home: Option<String>, damaged: u64) -> SourceRecord {
    let mut record = SourceRecord::new(log.name.clone(), log.kind, home, log.modified);
    record.bytes_in = log.bytes;
    if damaged > 0 {
        record.skip(SkipReason::SqliteCut, damaged.min(log.bytes));
    }
    record.bytes_used = log.bytes - damaged.min(log.bytes);
    add(&mut record, &log.troubles);
    record
}

/// The record of a side file that no database could use.
fn alone(side: Held<'_>, home: Option<String>) -> SourceRecord {
    let mut record = SourceRecord::new(side.name.clone(), side.kind, home, side.modified);
    record.bytes_in = side.bytes;
    if side.bytes > 0 {
        let uncopied = side.copy.as_ref().and_then(|copy| copy.as_ref().err());
        record.skip(uncopied.copied().unwrap_or(SkipReason::SqliteAlone), side.bytes);
    }
    add(&mut record, &side.troubles);
    record
}

/// The record of what else stood beside a database.
fn beside(side: Held<'_>, home: Option<String>, has_log: bool) -> SourceRecord {
    let mut record = SourceRecord::new(side.name.clone(), side.kind, home, side.modified);
    record.bytes_in = side.bytes;
    match side.name.side() {
        Some((_, Side::Journal)) if side.bytes > 0 => record.skip(SkipReason::SqliteJournal, side.bytes),
        // Only a log leaves such a file behind, and the log is not there.
        Some((_, Side::Shared)) if side.bytes > 0 && !has_log => record.skip(SkipReason::SqliteWalMissing, side.bytes),
        _ => record.bytes_used = side.bytes,
    }
    add(&mut record, &side.troubles);
    record
}

/// What a failing reader does stays with its source.
fn guarded<T>(work: impl FnOnce() -> Result<T, SkipReason>) -> Result<T, SkipReason> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(SkipReason::ReaderFailed))
}
