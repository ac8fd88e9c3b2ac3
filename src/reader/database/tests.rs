//! Databases that are honest, cut, mutated or hostile: what is read of them, and what they can
//! not do.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::event::SkipReason;
use rusqlite::Connection;
use std::fs;
use std::path::{Path, PathBuf};

/// The table that the tests read.
static TABLE: Table = Table {
    kind: SourceKind::CodexLog,
    name: "t",
    columns: &[
        Column::needed(&["id"]),
        Column { names: &["body", "message"], needed: false, limit: 1000, document: true },
        Column::short(&["ts"]),
    ],
    order: &[],
};

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A database made by `sql`.
    fn made(&self, name: &str, sql: &str) -> PathBuf {
        let path = self.path(name);
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        path
    }
}

/// The rows of the table as (number, body), and how it ended; None where it does not open.
fn rows(path: &Path, table: &'static Table) -> Option<(Vec<(u64, String)>, Ended)> {
    let store = Store::open(path).ok()?;
    let mut found = Vec::new();
    let ended = store.rows(table, &mut |row| {
        found.push((row.number(), row.text("body").unwrap_or("-").to_owned()));
    });
    Some((found, ended))
}

fn numbers(path: &Path) -> Option<(Vec<u64>, Ended)> {
    rows(path, &TABLE).map(|(rows, ended)| (rows.into_iter().map(|row| row.0).collect(), ended))
}

const ROWS: &str = "CREATE TABLE t(id INTEGER PRIMARY KEY, body TEXT, ts INTEGER); \
    INSERT INTO t VALUES (3, 'c', 30), (7, 'g', 70);";

#[test]
fn columns_are_probed_and_values_are_typed() {
    let place = Place::new();
    let text = |rows: &[(u64, &str)]| rows.iter().map(|(n, body)| (*n, (*body).to_owned())).collect::<Vec<_>>();
    let all = Some((text(&[(3, "c"), (7, "g")]), Ended::Whole));
    assert_eq!(rows(&place.made("new", ROWS), &TABLE), all);
    let older = "CREATE TABLE t(\"ID\" INTEGER PRIMARY KEY, Message TEXT); INSERT INTO t VALUES (3, 'c'), (7, 'g');";
    assert_eq!(rows(&place.made("older", older), &TABLE), all, "an older name of a column, in another case");
    let bare = place.made("bare", "CREATE TABLE t(id INTEGER PRIMARY KEY); INSERT INTO t VALUES (3);");
    assert_eq!(rows(&bare, &TABLE), Some((text(&[(3, "-")]), Ended::Whole)));
    for (name, sql) in [("none", "CREATE TABLE u(id)"), ("other", "CREATE TABLE t(key TEXT)")] {
        assert_eq!(rows(&place.made(name, sql), &TABLE), Some((vec![], Ended::Absent)), "{name}");
    }

    let odd = "CREATE TABLE t(id PRIMARY KEY, body, ts) WITHOUT ROWID; \
        INSERT INTO t VALUES (1, x'ff41', 12.0), (2, 5, 'no'), (3, x'', '77'), (4, NULL, 1e300);";
    let store = Store::open(&place.made("odd", odd)).unwrap();
    let mut seen = Vec::new();
    store.rows(&TABLE, &mut |row| {
        seen.push((row.number(), row.bytes_of("body").map(<[u8]>::len), row.integer("ts"), row.real("ts").is_some()));
    });
    assert_eq!(
        seen,
        [(1, Some(2), Some(12), true), (2, None, None, false), (3, Some(0), Some(77), true), (4, None, None, true)],
        "numbered by position without row ids"
    );
}

#[test]
fn long_values_are_passed_over_by_length() {
    let place = Place::new();
    let sql = "CREATE TABLE t(id INTEGER PRIMARY KEY, body); \
        INSERT INTO t VALUES (1, zeroblob(1000)), (2, zeroblob(1001)), (3, zeroblob(50000000));";
    let store = Store::open(&place.made("long", sql)).unwrap();
    let mut seen = Vec::new();
    let ended = store.rows(&TABLE, &mut |row| seen.push((row.bytes_of("body").map(<[u8]>::len), row.bytes(), row.is_lost())));
    assert_eq!(seen, [(Some(1000), (1001, 0), false), (None, (1, 1001), true), (None, (1, 50_000_000), true)]);
    assert_eq!(ended, Ended::Whole);
}

#[test]
fn committed_rows_of_the_log_are_seen() {
    let place = Place::new();
    let live = place.path("live.db");
    let writer = Connection::open(&live).unwrap();
    writer.execute_batch(&format!("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; {ROWS}")).unwrap();
    writer.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); INSERT INTO t VALUES (8, 'h', 80);").unwrap();
    writer.execute_batch("BEGIN; INSERT INTO t VALUES (9, 'open', 90);").unwrap();
    let copy = |name: &str, with_log: bool| {
        let path = place.path(name);
        fs::copy(&live, &path).unwrap();
        if with_log {
            fs::copy(place.path("live.db-wal"), place.path(&format!("{name}-wal"))).unwrap();
        }
        path
    };
    assert_eq!(numbers(&copy("both", true)), Some((vec![3, 7, 8], Ended::Whole)));
    let alone = copy("alone", false);
    assert_eq!(numbers(&alone), Some((vec![3, 7], Ended::Whole)));
    assert!(Store::open(&alone).unwrap().is_logged());
    assert!(!Store::open(&place.made("plain", ROWS)).unwrap().is_logged());

    // A log that is cut anywhere gives the rows up to its last whole commit.
    let (base, log) = (fs::read(&live).unwrap(), fs::read(place.path("live.db-wal")).unwrap());
    let path = place.path("cut");
    for cut in (0..log.len()).step_by(97) {
        fs::write(&path, &base).unwrap();
        fs::write(place.path("cut-wal"), &log[..cut]).unwrap();
        let _ = fs::remove_file(place.path("cut-shm"));
        let (seen, ended) = numbers(&path).unwrap();
        assert!(ended == Ended::Whole && (seen == [3, 7] || seen == [3, 7, 8]), "cut at {cut}: {seen:?}");
    }
}

/// A table of 400 rows on some fifty pages.
fn large(place: &Place) -> PathBuf {
    let sql = "PRAGMA page_size=1024; CREATE TABLE u(x); INSERT INTO u VALUES (zeroblob(3000)); \
        CREATE TABLE t(id INTEGER PRIMARY KEY, body TEXT); \
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400) \
        INSERT INTO t SELECT i, printf('%0120d', i) FROM n;";
    place.made("large", sql)
}

#[test]
fn a_cut_database_gives_the_rows_before_the_cut() {
    let place = Place::new();
    let whole = fs::read(large(&place)).unwrap();
    let path = place.path("cut");
    let mut salvaged = 0;
    for cut in (0..whole.len()).step_by(512) {
        fs::write(&path, &whole[..cut]).unwrap();
        let Ok(store) = Store::open(&path) else { continue };
        assert_eq!(store.missing(), (whole.len() - cut) as u64, "noticed at {cut}");
        let mut seen = Vec::new();
        let ended = store.rows(&TABLE, &mut |row| seen.push(row.number()));
        assert!(seen.iter().copied().eq(1..=seen.len() as u64), "a prefix at {cut}");
        assert!(ended != Ended::Whole || seen.len() == 400 || seen.is_empty(), "{cut}: {ended:?} after {}", seen.len());
        salvaged = salvaged.max(seen.len());
    }
    assert!(salvaged > 300, "{salvaged}");
}

/// The same in the order of two columns, as transcripts are kept.
static ORDERED: Table = Table { order: &["ts", "id"], ..TABLE };

#[test]
fn what_stands_behind_the_cut_takes_no_other_table_with_it() {
    let place = Place::new();
    let path = place.path("cut");
    let read = |bytes: &[u8], table| {
        fs::write(&path, bytes).unwrap();
        rows(&path, table)
    };
    for (encoding, size) in [("UTF-8", 1024), ("UTF-8", 4096), ("UTF-16le", 2048), ("UTF-16be", 2048)] {
        let start = format!(
            "PRAGMA encoding='{encoding}'; PRAGMA page_size={size}; \
            CREATE TABLE t(id INTEGER, body TEXT, ts INTEGER, PRIMARY KEY(ts, id)); \
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400) \
            INSERT INTO t SELECT i, printf('%0120d', i), i % 7 FROM n;"
        );
        let tables: String =
            (0..3).map(|n| format!("CREATE TABLE later_{n}(a UNIQUE, b); CREATE INDEX i_{n} ON later_{n}(b);")).collect();
        let name = format!("{encoding}{size}");
        let plain = fs::read(place.made(&format!("{name}.plain"), &start)).unwrap();
        let late = fs::read(place.made(&name, &format!("{start} {tables} CREATE INDEX late ON t(body);"))).unwrap();
        let all = read(&plain, &ORDERED).unwrap().0;
        let mut salvaged = 0;
        for cut in (size..plain.len() - size).step_by(size) {
            let (seen, ended) = read(&plain[..cut], &ORDERED).unwrap();
            assert!(seen.iter().all(|row| all.contains(row)) && seen.is_sorted_by_key(|(n, _)| n % 7), "{name} {cut}");
            assert!(ended == Ended::Short(SkipReason::SqliteCut) || seen.len() == all.len(), "{name} {cut}");
            salvaged += seen.len();
        }
        assert!(salvaged > 400 * 4, "{name}: {salvaged}");
        // What came later takes nothing of it, though the schema names it.
        for cut in (plain.len()..late.len()).step_by(size) {
            assert_eq!(read(&late[..cut], &ORDERED).unwrap().0, all, "{name} cut at {cut}");
        }
    }
}

#[test]
fn a_row_whose_end_is_lost_is_not_read_and_those_behind_it_are() {
    let place = Place::new();
    let sql = "PRAGMA page_size=512; CREATE TABLE t(id INTEGER PRIMARY KEY, body TEXT, ts INTEGER); \
        CREATE TABLE free(x); INSERT INTO free VALUES (zeroblob(9000)); INSERT INTO t VALUES (1, 'a', 1); DROP TABLE free; \
        INSERT INTO t VALUES (2, printf('%0700d', 2), 2); INSERT INTO t VALUES (3, 'c', 3);";
    let path = place.made("whole", sql);
    let whole = fs::read(&path).unwrap();
    assert_eq!(numbers(&path), Some((vec![1, 2, 3], Ended::Whole)));
    fs::write(&path, &whole[..4 * 512]).unwrap();
    assert_eq!(numbers(&path), Some((vec![1, 3], Ended::Short(SkipReason::SqliteCut))));
}

#[test]
fn a_row_that_is_lost_on_a_page_that_still_reads_is_noticed() {
    let place = Place::new();
    let whole = fs::read(large(&place)).unwrap();
    let all: Vec<u64> = (1..=400).collect();
    let path = place.path("damaged");
    let (mut silent, mut short) = (Vec::new(), 0);
    for at in (1024..whole.len()).step_by(256) {
        let mut bytes = whole.clone();
        bytes[at..at + 256].fill(0);
        fs::write(&path, &bytes).unwrap();
        match numbers(&path) {
            Some((seen, Ended::Whole)) if seen != all => silent.push(at),
            Some((_, Ended::Short(SkipReason::SqliteCut))) => short += 1,
            _ => {}
        }
    }
    assert!(silent.is_empty() && short > 50, "silent at {silent:?}, noticed {short} times");
    // Of what is not read, nothing is asked.
    let mut other = whole.clone();
    other[1024..3 * 1024].fill(0xee);
    fs::write(&path, &other).unwrap();
    assert_eq!(numbers(&path), Some((all, Ended::Whole)));
}

#[test]
fn a_row_that_no_program_writes_is_known() {
    let place = Place::new();
    let sql = "CREATE TABLE t(id TEXT, body TEXT, ts INTEGER); \
        INSERT INTO t VALUES ('a', 'b', 1), ('a', 'b', NULL), (NULL, NULL, 3), ('a' || char(0), 'b', 4), ('a', char(0), 5); \
        PRAGMA writable_schema=ON; \
        UPDATE sqlite_master SET sql = 'CREATE TABLE t(id TEXT, body TEXT, ts INTEGER NOT NULL)';";
    let store = Store::open(&place.made("nulls", sql)).unwrap();
    let mut damaged = Vec::new();
    let ended = store.rows(&TABLE, &mut |row| damaged.push(row.is_damaged()));
    assert_eq!((damaged, ended), (vec![false, true, false, true, false], Ended::Short(SkipReason::SqliteCut)));
}

#[test]
fn looking_a_table_over_runs_nothing_of_it() {
    let place = Place::new();
    let checked = "PRAGMA ignore_check_constraints=1; \
        CREATE TABLE t(id INTEGER PRIMARY KEY, body TEXT CHECK (length(hex(zeroblob(50000000))) < 0)); INSERT INTO t VALUES (3, 'c');";
    let path = place.made("checked", checked);
    assert_eq!(numbers(&path), Some((vec![3], Ended::Whole)));
    let store = Store::open(&path).unwrap();
    for sql in ["PRAGMA quick_check", "PRAGMA quick_check(t)", "PRAGMA table_xinfo(t)"] {
        assert!(!store.refuses(sql), "{sql}");
    }
    for sql in ["PRAGMA integrity_check", "PRAGMA ignore_check_constraints=0", "PRAGMA optimize"] {
        assert!(store.refuses(sql), "{sql}");
    }
}

#[test]
fn mutated_databases_are_read_or_refused() {
    let place = Place::new();
    let whole = fs::read(large(&place)).unwrap();
    let path = place.path("mutant");
    let mut random = 0x9e37_79b9_7f4a_7c15u64;
    let (mut opened, mut short) = (0, 0);
    for _ in 0..600 {
        let mut bytes = whole.clone();
        for _ in 0..4 {
            random = random.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            let at = (random >> 33) as usize % if random & 1 == 0 { 4096 } else { bytes.len() };
            bytes[at] = (random >> 25) as u8;
        }
        fs::write(&path, &bytes).unwrap();
        if let Some((_, ended)) = numbers(&path) {
            opened += 1;
            short += usize::from(matches!(ended, Ended::Short(_)));
        }
    }
    assert!(opened > 100 && short > 20, "{opened} opened, {short} of them read in part");
}

#[test]
fn a_hostile_schema_runs_nothing() {
    let place = Place::new();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id, i AS body FROM n";
    let absent = Some((vec![], Ended::Absent));
    assert_eq!(numbers(&place.made("view", &format!("CREATE VIEW t AS {endless}"))), absent);
    assert_eq!(numbers(&place.made("virtual", "CREATE VIRTUAL TABLE t USING fts5(id, body)")), absent);

    let generated =
        "CREATE TABLE t(id INTEGER PRIMARY KEY, seed, body AS (hex(zeroblob(seed)))); INSERT INTO t VALUES (1, 1000000);";
    assert_eq!(rows(&place.made("generated", generated), &TABLE), Some((vec![(1, "-".to_owned())], Ended::Whole)));
    let needed = "CREATE TABLE t(seed, id AS (hex(zeroblob(seed)))); INSERT INTO t VALUES (1000000);";
    assert_eq!(numbers(&place.made("needed", needed)), absent);

    let path = place.made(
        "triggers",
        &format!("{ROWS} CREATE TABLE loot(x); CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO loot VALUES (1); END;"),
    );
    assert_eq!(numbers(&path), Some((vec![3, 7], Ended::Whole)));
    let store = Store::open(&path).unwrap();
    for sql in [
        "INSERT INTO t VALUES (1, '', 1)",
        "SELECT load_extension('x')",
        "SELECT hex(body) FROM t",
        "ATTACH ':memory:' AS other",
        "PRAGMA writable_schema=1",
        "CREATE TEMP TABLE x(y)",
        "SELECT count(*) FROM pragma_database_list",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
    ] {
        assert!(store.refuses(sql), "{sql}");
    }
}

#[test]
fn names_and_schemas_are_bounded() {
    let place = Place::new();
    let columns: String = (0..1500).map(|n| format!(", \"c\"\"{n}\" TEXT")).collect();
    let path = place.made("wide", &format!("CREATE TABLE t(id INTEGER PRIMARY KEY{columns}); INSERT INTO t(id) VALUES (5);"));
    assert_eq!(numbers(&path), Some((vec![5], Ended::Whole)));
    assert!(Store::open(&path).unwrap().schema().has("T", &["ID", "c\"17"]));
    let sql = "CREATE TABLE t0(a); PRAGMA writable_schema=ON; \
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000) \
        INSERT INTO sqlite_master SELECT 'table', 't' || i, 't' || i, 2, 'CREATE TABLE t' || i || '(a)' FROM n;";
    let path = place.made("many", sql);
    assert_eq!(Store::open(&path).err(), Some(SkipReason::SqliteBudget), "too much to look at, and not unknown");
    for (name, bytes) in [("empty", &b""[..]), ("magic", b"SQLite format 3\0"), ("zeros", &[0; 4096])] {
        fs::write(place.path(name), bytes).unwrap();
        assert_eq!(Store::open(&place.path(name)).err(), Some(SkipReason::SqliteCut), "{name}");
    }
}
