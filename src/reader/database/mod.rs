//! What a reader of a SQLite store declares and is given: a database is a container whose tables
//! are sources of their own.
//!
//! A client lists the databases it writes as rows of a table, as it does for files: how to tell
//! one by its schema, which tables of it hold evidence, and which columns of them. The rows are
//! handed to the client's [`DatabaseReader`] one by one. How a database is opened, and what a
//! hostile one may not do, is settled in `store` for all of them: only there is SQL spoken.
//! Columns are probed, never assumed: one that this version of the client does not have reads as
//! absent.

mod damage;
mod header;
mod lost;
mod reason;
mod row;
mod sniff;
mod store;
#[cfg(test)]
mod tests;
mod wal;

pub use row::Row;
pub(super) use sniff::FORMATS;
pub use store::{Ended, Schema, Store};
pub use wal::{Log, examine};

use super::{Context, Facts, Outcome, Sniff};
use crate::event::SourceKind;
use crate::source::Name;

/// One kind of database.
pub struct Database {
    /// What the file is called.
    pub kind: SourceKind,
    /// Does a schema look like this database?
    pub sniff: fn(&Schema) -> Sniff,
    /// The tables to read, in the order in which they are read. One that is not there is passed
    /// over: older versions have fewer.
    pub tables: &'static [Table],
    /// Opens a reader for all tables of one database.
    pub open: fn(&Context<'_>) -> Box<dyn DatabaseReader>,
    /// Where such a file stands below its home; as for [`super::Format::tails`].
    pub tails: &'static [&'static str],
}

/// A table that holds evidence. Its rows are one source, whose lines are numbered by row id
/// (by position where the table has none).
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// What the rows are called as a source.
    pub kind: SourceKind,
    /// Its name in the database.
    pub name: &'static str,
    /// The columns to read.
    pub columns: &'static [Column],
    /// Columns to order by, all covered by one index or the primary key; empty for the order of
    /// row ids.
    pub order: &'static [&'static str],
}

/// A column to read.
#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name, and older names for the same thing; a [`Row`] knows it by the first.
    pub names: &'static [&'static str],
    /// Without it the table is not this table.
    pub needed: bool,
    /// Longest value that is read, in bytes; a longer one reads as absent, and its bytes count
    /// as elided.
    pub limit: u32,
    /// It is the record itself: a row whose value is longer was not read.
    pub document: bool,
}

/// Longest id, word or number.
const SHORT: u32 = 64 << 10;
/// Longest text.
const LONG: u32 = 32 << 20;
/// Longest record that is one value, as long as the longest line of a file.
const DOCUMENT: u32 = 64 << 20;

impl Column {
    /// An id, a time or a word that must be there.
    pub const fn needed(names: &'static [&'static str]) -> Column {
        Column { names, needed: true, limit: SHORT, document: false }
    }

    /// An id, a time or a word that not every version has.
    pub const fn short(names: &'static [&'static str]) -> Column {
        Column { names, needed: false, limit: SHORT, document: false }
    }

    /// A text or document that not every version has.
    pub const fn long(names: &'static [&'static str]) -> Column {
        Column { names, needed: false, limit: LONG, document: false }
    }

    /// Is it an id, a time or a word?
    fn is_short(&self) -> bool {
        self.limit == SHORT
    }

    /// A record in one value: a line of a transcript, a whole file.
    pub const fn document(names: &'static [&'static str]) -> Column {
        Column { names, needed: false, limit: DOCUMENT, document: true }
    }
}

/// Which rows of a table can be missing from what was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// None: it was read to its end, and the database has its write-ahead log if it uses one.
    Whole,
    /// The newest: the database uses a write-ahead log and has none beside it, as when its last
    /// user took the log along (then nothing is missing), or when it was copied alone.
    Unlogged,
    /// Any: the file or its log is cut or damaged, or reading ended early.
    Cut,
}

/// Reads the tables of one database, one after the other.
pub trait DatabaseReader {
    /// Take the next row of `table`.
    fn row(&mut self, table: &'static Table, row: &Row<'_>, facts: &mut Facts<'_>) -> Outcome;

    /// `table` is at its end: push what was held back of it. `reach` says which rows can be missing.
    /// Unless it is whole, a row that is not there says nothing by itself.
    fn end(&mut self, table: &'static Table, reach: Reach, facts: &mut Facts<'_>) {
        let _ = (table, reach, facts);
    }
}

impl Database {
    /// The home a database of this kind belongs to.
    pub fn home(&self, name: &Name) -> Option<String> {
        Some(self.tails.iter().find_map(|tail| name.without_tail(tail)).unwrap_or_else(|| name.folder()))
    }
}
