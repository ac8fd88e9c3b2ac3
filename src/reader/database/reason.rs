//! What an error of SQLite means for the table or the file at hand.

use crate::event::SkipReason;
use rusqlite::ErrorCode;

/// Why SQLite stopped.
pub(super) fn reason(error: &rusqlite::Error) -> SkipReason {
    // The one limit of ours that has no code of its own.
    if matches!(error, rusqlite::Error::SqliteFailure(_, Some(said)) if said.contains("too many schema objects")) {
        return SkipReason::SqliteBudget;
    }
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => SkipReason::SqliteCut,
        Some(ErrorCode::OperationInterrupted | ErrorCode::OutOfMemory | ErrorCode::TooBig) => SkipReason::SqliteBudget,
        Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::DiskFull) => SkipReason::Io,
        _ => SkipReason::SqliteSchema,
    }
}
