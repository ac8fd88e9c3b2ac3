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
use stopwhy::event::{Event, EventKind, PackedTurn, SkipReason};
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

fn said(turn: &PackedTurn) -> String {
    format!("{:?} {} {:?}", turn.at(), turn.origin().line, turn.turn())
}

fn events(run: &Run) -> Vec<String> {
    let events = run.stated.events.iter().map(|event| format!("{:?} {} {:?}", event.at, event.origin.line, event.kind));
    events.chain(run.stated.turns.iter().map(said)).collect()
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

#[cfg(unix)]
#[test]
fn a_link_to_a_live_database_is_read_with_the_log_of_its_target() {
    use std::os::unix::fs::symlink;
    let temp = tempfile::tempdir().unwrap();
    let at = |name: &str| temp.path().join(name);
    live(3, 4).write(&at("real"), Order::Forward);
    symlink("real/logs_2.sqlite", at("by-link.db")).unwrap();
    symlink("real", at("folder")).unwrap();
    for root in ["by-link.db", "folder/logs_2.sqlite", "folder"] {
        let run = run(&at(root));
        assert_eq!((rows(&run), reasons(&run)), (7, BTreeMap::new()), "{root}");
    }
    // Taken apart: the file elsewhere, what stood beside it beside the link.
    for end in ["-wal", "-shm"] {
        fs::rename(at(&format!("real/logs_2.sqlite{end}")), at(&format!("by-link.db{end}"))).unwrap();
    }
    let run = run(&at("by-link.db"));
    assert_eq!((rows(&run), reasons(&run)), (7, BTreeMap::new()));
}

#[test]
fn a_damaged_log_is_said_and_its_rows_up_to_there_count() {
    let whole = live(3, 4);
    let log = whole.files().find(|(path, _)| path.ends_with("-wal")).unwrap().1.to_vec();
    let with_log = |log: Vec<u8>| {
        let mut home = live(3, 4);
        home.put("logs_2.sqlite-wal", log, 1_778_400_000_000);
        read(&home)
    };
    for at in (0..log.len()).step_by(509) {
        let mut flipped = log.clone();
        flipped[at] ^= 1;
        let run = with_log(flipped);
        assert_eq!(reasons(&run).get(&SkipReason::SqliteCut), Some(&1), "flip at {at}");
        assert!((3..7).contains(&rows(&run)), "flip at {at}: {} rows", rows(&run));
    }
    let cut = with_log(log[..log.len() - 100].to_vec());
    assert_eq!((rows(&cut), reasons(&cut)), (6, BTreeMap::from([(SkipReason::SqliteCut, 1)])));
}

#[test]
fn a_log_goes_to_the_database_it_is_of() {
    // A database that keeps no log, and one of another beside it.
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("plain");
    Connection::open(&path)
        .unwrap()
        .execute_batch(
            "CREATE TABLE logs(ts, level, target, feedback_log_body); INSERT INTO logs VALUES (1778393700, 'INFO', 'a', 'b')",
        )
        .unwrap();
    let mut home = live(3, 4);
    home.put("logs_2.sqlite", fs::read(&path).unwrap(), 1_778_400_000_000);
    home.keep(|path| !path.ends_with("-shm"));
    let run = read(&home);
    assert_eq!((rows(&run), reasons(&run)), (1, BTreeMap::from([(SkipReason::SqliteAlone, 1)])));

    // Two of one name in an archive, of which the second has the log.
    let (first, second) = (live(5, 0), live(3, 4));
    let part = |home: &Home, end: &str| home.files().find(|(path, _)| path.ends_with(end)).unwrap().1.to_vec();
    let members = [
        ("logs_2.sqlite", part(&first, "sqlite")),
        ("logs_2.sqlite", part(&second, "sqlite")),
        ("logs_2.sqlite-wal", part(&second, "-wal")),
    ];
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in &members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        tar.append_data(&mut header, name, bytes.as_slice()).unwrap();
    }
    let run = read_file("a.tar", &tar.into_inner().unwrap());
    assert_eq!((rows(&run), reasons(&run)), (5 + 7, BTreeMap::from([(SkipReason::SqliteWalMissing, 1)])));
}

#[test]
fn bytes_behind_the_last_page_are_said() {
    let mut home = live(3, 4);
    home.keep(|path| path == "logs_2.sqlite");
    let bytes = home.files().next().unwrap().1.to_vec();
    home.put("logs_2.sqlite", [bytes, vec![7; 5000]].concat(), 1_778_400_000_000);
    let run = read(&home);
    assert_eq!(rows(&run), 3);
    let trailing = run.evidence.sources.iter().find_map(|source| source.skipped.get(&SkipReason::SqliteTrailing)).unwrap();
    assert_eq!((trailing.count, trailing.bytes), (1, 5000));
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
    let (at_work, done) = (AtomicBool::new(false), AtomicBool::new(false));
    let evidence = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                writer.write_all(b"x").unwrap();
                at_work.store(true, Ordering::Relaxed);
                std::thread::yield_now();
            }
        });
        while !at_work.load(Ordering::Relaxed) {
            std::thread::yield_now();
        }
        let evidence = ingested(temp.path());
        done.store(true, Ordering::Relaxed);
        evidence
    });
    let changed = evidence.sources.iter().filter(|source| source.skipped.contains_key(&SkipReason::ChangedWhileRead)).count();
    assert!(changed > 0, "it changed all the time");
}

/// Whatever is left of it, a small database is told as one, and its whole rows are read.
#[test]
fn a_small_database_cut_early_is_said_and_gives_its_rows() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("logs_2.sqlite");
    let home = live(40, 0);
    let whole = home.files().next().unwrap().1.to_vec();
    fs::write(&path, &whole).unwrap();
    // What a migration adds later stands at the end, and its names in the schema at the start.
    let later: String = (0..5).map(|n| format!("CREATE TABLE later_{n}(a PRIMARY KEY, b UNIQUE);")).collect();
    let writer = Connection::open(&path).unwrap();
    writer.execute_batch(&format!("PRAGMA journal_mode=DELETE; {later} CREATE INDEX i ON logs(ts);")).unwrap();
    drop(writer);
    let larger = fs::read(&path).unwrap();
    assert!(larger.len() > whole.len() + 5 * 4096);
    let cut = |to: usize| {
        fs::write(&path, &larger[..to]).unwrap();
        let run = run(&path);
        let skipped = reasons(&run);
        assert!(skipped.contains_key(&SkipReason::SqliteCut), "{to}: {skipped:?}");
        rows(&run)
    };
    assert_eq!((cut(whole.len()), cut(whole.len() + 4096 + 7)), (40, 40));
    for to in [7, 16, 99, 100, 1000, 4095] {
        assert_eq!(cut(to), 0, "{to}");
    }
    // What it is stands in the report, also where nothing of it can be read.
    let run = |options: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_stopwhy"));
        command.args(["report", "-f", "json"]).args(options).arg(&path).output().unwrap()
    };
    let codes = |len: usize| {
        fs::write(&path, &larger[..len]).unwrap();
        [&[][..], &["--strict"], &["--strict", "--allow-empty"], &["--allow-empty"]].map(|options| {
            let output = run(options);
            let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            let said = format!("{}{}", report["coverage"]["sources"], String::from_utf8_lossy(&output.stderr));
            assert!(said.matches("sqlite-cut").count() > usize::from(output.status.code() > Some(0)), "{said}");
            output.status.code().unwrap()
        })
    };
    assert_eq!(codes(1000), [4, 4, 3, 0], "nothing that says of what program it is");
    assert_eq!(codes(4096), [0, 3, 3, 0], "a store of a client, of which no row is left");
}

/// A file that may not grow is a disk that is full, without the rights that one takes to make.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said_with_the_folder_and_the_way_out() {
    let temp = tempfile::tempdir().unwrap();
    live(40, 0).write(&temp.path().join("home"), Order::Forward);
    let report = |limit: &str, folder: &str| {
        let script = format!("trap '' XFSZ; ulimit -f {limit}; exec \"$0\" report --allow-empty -f json \"$1\"");
        let mut command = std::process::Command::new("bash");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_stopwhy")]).arg(temp.path().join("home"));
        let output = command.env("TMPDIR", temp.path().join(folder)).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    fs::create_dir(temp.path().join("tmp")).unwrap();
    let (json, said) = report("4", "tmp");
    let folder = temp.path().join("tmp").display().to_string();
    assert!(json.contains("sqlite-disk-full") && !json.contains(&folder));
    assert!(said.contains(&format!("temporary folder {folder}: 1 database file of ")), "{said}");
    assert!(said.contains("no space is left on its disk; free some, or set TMPDIR to a folder on another disk"), "{said}");
    assert_eq!(fs::read_dir(temp.path().join("tmp")).unwrap().count(), 0, "nothing is left behind");
    let (json, said) = report("unlimited", "nowhere");
    assert!(json.contains("sqlite-copy") && said.contains("it cannot be written to; set TMPDIR to a folder that can"), "{said}");
    let (json, said) = report("unlimited", "tmp");
    assert!(!json.contains("\"reason\"") && !said.contains("TMPDIR"), "{said}");
}

/// A row that cannot be read as what it is says so, and its neighbours are read.
#[test]
fn a_record_that_is_too_long_or_broken_is_skipped_with_a_reason() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("openclaw-agent.sqlite");
    let writer = Connection::open(&path).unwrap();
    let header = r#"{"type":"session","version":4,"id":"s","timestamp":"2026-09-10T17:58:02.114Z"}"#;
    let failed = r#"{"type":"message","id":"m","parentId":null,"timestamp":"2026-09-10T18:04:19.912Z","message":{"role":"assistant","content":[],"provider":"openai","model":"gpt-5.5","stopReason":"error","timestamp":1789063451204,"errorMessage":"WebSocket closed 1006"}}"#;
    let tables = "CREATE TABLE transcript_events(session_id TEXT, seq INTEGER, event_json TEXT, created_at INTEGER, event_zstd BLOB, \
        PRIMARY KEY(session_id, seq)); \
        CREATE TABLE session_transcript_archives(session_id TEXT, encoding TEXT, archive_blob BLOB); \
        CREATE TABLE auth_profile_store(store_key TEXT, store_json TEXT, updated_at INTEGER);";
    writer.execute_batch(tables).unwrap();
    let event =
        |seq: i64, text: &str| writer.execute("INSERT INTO transcript_events VALUES ('s', ?1, ?2, 0, NULL)", (seq, text)).unwrap();
    event(0, header);
    event(1, &failed.replace("[]", &format!("[{{\"type\":\"text\",\"text\":\"{}\"}}]", "x".repeat(70 << 20))));
    event(2, failed);
    let archive = format!(
        "{}\n{}\n{failed}\n",
        header.replace("\"s\"", "\"old\""),
        &failed[..100],
        failed = failed.replace("\"m\"", "\"n\"")
    );
    writer.execute("INSERT INTO session_transcript_archives VALUES ('old', 'identity', ?1)", [archive.as_bytes()]).unwrap();
    let store = [
        &b"{\"version\":1,\"profiles\":{\"openai:default\":{\"type\":\"oauth\",\"provider\":\"openai\",\"displayName\":\""[..],
        b"\xff",
        b"\",\"expires\":1789900000000}}}",
    ]
    .concat();
    writer.execute("INSERT INTO auth_profile_store VALUES ('primary', CAST(?1 AS TEXT), 1789063451204)", [&store]).unwrap();
    drop(writer);

    let run = run(temp.path());
    assert_eq!(reasons(&run), BTreeMap::from([(SkipReason::LineTooLong, 1), (SkipReason::JsonSyntax, 1)]));
    assert_eq!((run.report.totals.turns, run.report.totals.failed_turns), (2, 2));
    let stored = run.stated.events.iter().filter(|event| matches!(event.kind, EventKind::Store(_))).count();
    assert_eq!(stored, 1, "one byte that is no UTF-8 does not hide a store");
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

/// A sector that was never written holds zeros, and SQLite reads most pages that have one.
#[test]
fn databases_with_a_sector_of_zeros_say_so_when_they_tell_less() {
    let mut noticed = 0;
    for path in databases() {
        let bytes = fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let temp = tempfile::tempdir().unwrap();
        let read = |bytes: &[u8]| {
            fs::write(temp.path().join(name), bytes).unwrap();
            ingested(temp.path())
        };
        let whole = told(&read(&bytes));
        for at in (512..bytes.len()).step_by(512) {
            let mut bytes = bytes.clone();
            bytes[at..at + 512].fill(0);
            let evidence = read(&bytes);
            let gap = evidence.sources.iter().any(SourceRecord::has_gap);
            assert!(gap || told(&evidence) == whole, "{name} with zeros at {at} passes for whole");
            noticed += u64::from(gap);
        }
    }
    assert!(noticed > 100, "{noticed}");
}

/// What the rows of each table tell. What is told of the whole table at its end (how far
/// its rows reach, which program they are of) is not of a row.
fn told(evidence: &Evidence) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let of_rows =
        |event: &&Event| event.origin.line > 0 && !matches!(event.kind, EventKind::Covered { .. } | EventKind::WrittenBy { .. });
    let mut tell = |source: u32, said: String| {
        all.entry(evidence.sources[source as usize].name.file().to_owned()).or_default().push(said);
    };
    for event in evidence.stated.events.iter().filter(of_rows) {
        tell(event.origin.source, format!("{:?} {} {:?}", event.at, event.origin.line, event.kind));
    }
    for turn in evidence.stated.turns.iter().filter(|turn| turn.origin().line > 0) {
        tell(turn.source, said(turn));
    }
    all
}
