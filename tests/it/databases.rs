//! Databases as users hand them over: with their log or without, compressed one by one, in
//! archives, on standard input, cut, changing while they are copied; and the ledger of each.

use crate::make::home::{Home, Order};
use crate::make::rng::Rng;
use crate::pipeline::{Run, plan, run};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use stopwhy::event::{Event, EventKind, SkipReason};
use stopwhy::evidence::{Evidence, SourceRecord};
use stopwhy::{ingest, source};

/// A live store of Codex with `logged` rows in its file and `more` in its write-ahead log only.
/// The files are taken while the writer has it open.
fn live(logged: i64, more: i64) -> Home {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("logs_2.sqlite");
    let writer = Connection::open(&path).unwrap();
    let table = "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE logs(id INTEGER PRIMARY KEY, ts INTEGER, \
        ts_nanos INTEGER, level TEXT, target TEXT, feedback_log_body TEXT, thread_id TEXT, process_uuid TEXT);";
    writer.execute_batch(table).unwrap();
    let add = |from: i64, to: i64| {
        let sql = "INSERT INTO logs VALUES (?1, 1778393700 + ?1, 0, 'ERROR', 'codex_login::auth::manager', \
            'Failed to refresh token: 401 Unauthorized: {\"error\":{\"code\":\"refresh_token_reused\"}}', NULL, 'pid:7:a')";
        (from..to).for_each(|id| assert_eq!(writer.execute(sql, [id * 100]).unwrap(), 1));
    };
    add(1, 1 + logged);
    if logged > 0 {
        writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    }
    add(1 + logged, 1 + logged + more);
    let mut home = Home::default();
    for end in ["", "-wal", "-shm"] {
        home.put(format!("logs_2.sqlite{end}"), fs::read(format!("{}{end}", path.display())).unwrap(), 1_778_400_000_000);
    }
    home
}

fn read(home: &Home) -> Run {
    let temp = tempfile::tempdir().unwrap();
    home.write(&temp.path().join(".codex"), Order::Forward);
    run(temp.path())
}

fn read_file(name: &str, bytes: &[u8]) -> Run {
    let temp = tempfile::tempdir().unwrap();
    fs::write(temp.path().join(name), bytes).unwrap();
    run(temp.path())
}

/// Rows of the table `logs`.
fn rows(run: &Run) -> u64 {
    let tables = run.evidence.sources.iter().filter(|source| source.name.file() == "logs");
    tables.map(|table| table.records).sum()
}

/// Reading alone, without a report.
fn ingested(folder: &Path) -> Evidence {
    let plan = plan(&[folder.to_path_buf()], 1);
    let inputs = source::discover(&plan.roots).unwrap();
    let evidence = ingest::ingest(&plan, inputs, &source::Meter::default());
    assert!(evidence.sources.iter().all(SourceRecord::adds_up));
    evidence
}

fn events(run: &Run) -> Vec<String> {
    run.evidence.events.iter().map(|event| format!("{:?} {} {:?}", event.at, event.origin.line, event.kind)).collect()
}

/// Reasons over all sources, with counts.
fn reasons(run: &Run) -> BTreeMap<SkipReason, u64> {
    let mut all = BTreeMap::new();
    for (reason, skipped) in run.evidence.sources.iter().flat_map(|source| &source.skipped) {
        *all.entry(*reason).or_default() += skipped.count;
    }
    all
}

#[test]
fn rows_of_the_log_count_however_the_files_come() {
    let home = live(3, 4);
    let plain = read(&home);
    assert_eq!(rows(&plain), 7);
    assert!(reasons(&plain).is_empty(), "{:?}", reasons(&plain));
    let bytes: u64 = plain.evidence.sources.iter().map(|source| source.bytes_in).sum();
    assert_eq!(bytes, home.size() as u64, "every byte of the three files, once");

    let mut packed = Home::default();
    for (path, bytes) in home.files() {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(bytes).unwrap();
        packed.put(format!("{path}.gz"), packer.finish().unwrap(), 1_778_400_000_000);
    }
    let forms = [
        ("compressed one by one", read(&packed)),
        ("in a zip", read_file("a.zip", &home.zip(".codex"))),
        ("in a tar", read_file("a.tgz", &home.tar_gz(".codex"))),
        ("in a zip in a zip", {
            let mut outer = Home::default();
            outer.put("inner.zip", home.zip(".codex"), 1_778_400_000_000);
            read_file("a.zip", &outer.zip("x"))
        }),
    ];
    for (form, other) in &forms {
        assert_eq!(events(&plain), events(other), "{form}");
        assert!(reasons(other).is_empty(), "{form}: {:?}", reasons(other));
    }
}

#[test]
fn a_missing_log_is_said_and_is_a_gap_only_when_it_is_sure() {
    let mut alone = live(3, 4);
    alone.keep(|path| path == "logs_2.sqlite");
    let run = read(&alone);
    assert_eq!(rows(&run), 3);
    assert_eq!(reasons(&run), BTreeMap::from([(SkipReason::SqliteWalMissing, 1)]));
    assert!(!run.evidence.sources.iter().any(SourceRecord::has_gap), "it may have been closed in good order");

    let mut torn = live(3, 4);
    torn.keep(|path| !path.ends_with("-wal"));
    assert!(read(&torn).evidence.sources.iter().any(SourceRecord::has_gap), "only a log leaves a -shm behind");

    let mut bare = live(0, 4);
    bare.keep(|path| path == "logs_2.sqlite");
    let run = read(&bare);
    assert!(run.evidence.sources.iter().any(SourceRecord::has_gap), "no table: all of it was in the log");
    assert!(reasons(&run).contains_key(&SkipReason::SqliteWalMissing), "{:?}", reasons(&run));

    let mut lonely = live(3, 4);
    lonely.keep(|path| path.ends_with("-wal"));
    assert_eq!(reasons(&read(&lonely)), BTreeMap::from([(SkipReason::SqliteAlone, 1)]));
}

#[test]
fn a_database_that_changes_while_it_is_copied_says_so() {
    let temp = tempfile::tempdir().unwrap();
    let home = live(3, 4);
    home.write(temp.path(), Order::Forward);
    // Large enough that it cannot be copied between two changes.
    let log = temp.path().join("logs_2.sqlite-wal");
    let mut writer = fs::File::options().append(true).open(&log).unwrap();
    writer.write_all(&vec![0; 60 << 20]).unwrap();
    let done = AtomicBool::new(false);
    let evidence = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                writer.write_all(b"x").unwrap();
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        let evidence = ingested(temp.path());
        done.store(true, Ordering::Relaxed);
        evidence
    });
    let changed = evidence.sources.iter().filter(|source| source.skipped.contains_key(&SkipReason::ChangedWhileRead)).count();
    assert!(changed > 0, "it changed all the time");
}

/// Every database among the fixtures.
fn databases() -> Vec<PathBuf> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let files = walkdir::WalkDir::new(fixtures).sort_by_file_name().into_iter().map(|entry| entry.unwrap().into_path());
    let is_database = |path: &PathBuf| path.is_file() && fs::read(path).unwrap().starts_with(b"SQLite format 3\0");
    files.filter(is_database).collect()
}

#[test]
fn databases_cut_anywhere_give_what_is_left_and_say_so() {
    let all = databases();
    assert!(all.len() >= 3, "{all:?}");
    for path in all {
        let (bytes, rng) = (fs::read(&path).unwrap(), Rng::new(41));
        let name = path.file_name().unwrap().to_str().unwrap();
        let temp = tempfile::tempdir().unwrap();
        let read = |bytes: &[u8]| {
            fs::write(temp.path().join(name), bytes).unwrap();
            ingested(temp.path())
        };
        let whole = told(&read(&bytes));
        for _ in 0..500 {
            let cut = rng.below(bytes.len() as u64) as usize;
            let evidence = read(&bytes[..cut]);
            let gap = evidence.sources.iter().any(SourceRecord::has_gap);
            assert!(gap || cut == 0, "{name} cut at {cut} passes for whole");
            for (table, events) in told(&evidence) {
                let all = whole.get(&table).map(Vec::as_slice).unwrap_or_default();
                let new: Vec<&String> = events.iter().filter(|event| !all.contains(event)).collect();
                assert!(new.is_empty(), "{name} cut at {cut}: {table} tells {new:#?}, which the whole does not");
            }
        }
    }
}

/// What the rows of each table tell. What is told of the whole table at its end (how far
/// its rows reach, which program they are of) is not of a row.
fn told(evidence: &Evidence) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let of_rows =
        |event: &&Event| event.origin.line > 0 && !matches!(event.kind, EventKind::Covered { .. } | EventKind::WrittenBy { .. });
    for event in evidence.events.iter().filter(of_rows) {
        let source = &evidence.sources[event.origin.source as usize];
        let said = format!("{:?} {} {:?}", event.at, event.origin.line, event.kind);
        all.entry(source.name.file().to_owned()).or_default().push(said);
    }
    all
}
