//! Is a table in order, as far as SQLite can tell without reading its indexes against it?
//!
//! A page that was overwritten, or never written, often reads without an error: its rows are fewer,
//! empty, or those of another place. So a table is looked over as a whole. It is one table at a
//! time, never the database: what is not read as evidence does not matter, and virtual tables would
//! run programs of their own.

use super::reason::reason;
use crate::event::SkipReason;
use rusqlite::Connection;

/// The statement that looks.
pub(super) const LOOK: &str = "quick_check";

/// Look over `table`; what is wrong with it.
pub(super) fn look(connection: &Connection, table: &str) -> Option<SkipReason> {
    let mut said = None;
    let looked = connection.pragma(None, LOOK, table, |row| {
        let line: String = row.get(0)?;
        said = Some(line);
        // The first line is enough.
        Err(rusqlite::Error::QueryReturnedNoRows)
    });
    match (said, looked) {
        (Some(line), _) => (line != "ok").then_some(SkipReason::SqliteCut),
        // Nothing is known of a table that cannot be looked over, as for an order that only its
        // writer has.
        (None, Err(error)) => Some(reason(&error)).filter(|reason| *reason != SkipReason::SqliteSchema),
        (None, Ok(())) => None,
    }
}
