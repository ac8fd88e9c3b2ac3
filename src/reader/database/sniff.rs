//! Database files and the files SQLite keeps beside them, told by their first bytes.

use super::super::{Format, Shape, Sniff};
use crate::event::SourceKind;
use crate::source::{Head, Side};

/// First bytes of a database.
pub(super) const DATABASE: &[u8] = b"SQLite format 3\0";
/// How many of them are enough where there are no more: `SQLite`.
const MARK: usize = 6;
/// First bytes of a write-ahead log: the last bit says how its checksums are ordered.
const LOGS: [[u8; 4]; 2] = [[0x37, 0x7f, 0x06, 0x82], [0x37, 0x7f, 0x06, 0x83]];
/// Version number that a shared-memory file begins with, in either byte order (SQLite 3.7.0 on).
const SHARED: [[u8; 4]; 2] = [3_007_000u32.to_le_bytes(), 3_007_000u32.to_be_bytes()];
/// First bytes of a rollback journal.
const JOURNAL: &[u8] = &[0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];

/// The formats, in the order in which they are asked.
pub(in super::super) static FORMATS: &[Format] = &[
    Format { kind: SourceKind::Sqlite, sniff: sniff_database, shape: Shape::Database, tails: &[], outside: false },
    Format { kind: SourceKind::SqliteSide, sniff: sniff_side, shape: Shape::Database, tails: &[], outside: false },
];

/// One that is cut within its first bytes is still one.
fn sniff_database(head: &Head<'_>) -> Sniff {
    let cut = head.whole && head.bytes.len() >= MARK && DATABASE.starts_with(head.bytes);
    if head.bytes.starts_with(DATABASE) || cut { Sniff::Yes } else { Sniff::No }
}

/// Side files begin with a magic number, or are empty (or all zero) and only named as such. The log
/// of what is named as a database is taken for one even if its start is damaged.
fn sniff_side(head: &Head<'_>) -> Sniff {
    let log = LOGS.iter().any(|m| head.bytes.starts_with(m));
    let magic = SHARED.iter().any(|m| head.bytes.starts_with(m)) || head.bytes.starts_with(JOURNAL);
    let blank = head.bytes.iter().all(|&b| b == 0);
    let named = head.name.side().is_some();
    let of_database = |stem: &str| [".db", ".sqlite", ".sqlite3"].iter().any(|end| stem.ends_with(end));
    let log = log || matches!(head.name.side(), Some((stem, Side::Log)) if of_database(stem));
    if log || (named && (magic || blank)) { Sniff::Yes } else { Sniff::No }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Name;

    fn says(sniff: fn(&Head<'_>) -> Sniff, name: &str, bytes: &[u8]) -> bool {
        sniff(&Head { name: &Name::of_text(name), bytes, whole: true }) == Sniff::Yes
    }

    #[test]
    fn databases_and_their_side_files() {
        assert!(says(sniff_database, "x", b"SQLite format 3\0\x10\0"));
        assert!(says(sniff_database, "x", b"SQLite format 3") && says(sniff_database, "x", b"SQLite"));
        assert!(!says(sniff_database, "a.sqlite", b"SQLit") && !says(sniff_database, "a.sqlite", b"SQLite is not it"));
        assert!(says(sniff_side, "x", b"\x37\x7f\x06\x82\0"));
        assert!(says(sniff_side, "logs_2.sqlite-shm", &3_007_000u32.to_le_bytes()));
        assert!(says(sniff_side, "logs_2.sqlite-wal", b""));
        assert!(says(sniff_side, "state.db-journal", JOURNAL));
        assert!(says(sniff_side, "state.db-wal", b"\x36\x7f\x06\x82 and more"));
        assert!(!says(sniff_side, "notes-wal", b"text"));
        assert!(!says(sniff_side, "x", &3_007_000u32.to_le_bytes()));
    }
}
