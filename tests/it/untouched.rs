//! The evidence stays as it was, and nothing is written, made, renamed or sent anywhere but into
//! the output folder and the private temporary folder. Checked from outside: by the state of the
//! tree before and after, and by every system call of a run, where `strace` is there to list
//! them.

#![cfg(unix)]

use regex::Regex;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A file: path, type and mode, time of change, content.
type Entry = (PathBuf, u32, (i64, i64), Vec<u8>);

/// Every file of a tree.
fn state(tree: &Path) -> Vec<Entry> {
    let entries = walkdir::WalkDir::new(tree).sort_by_file_name().into_iter().map(Result::unwrap);
    entries
        .map(|entry| {
            let meta = entry.metadata().unwrap();
            let content = if meta.is_file() { fs::read(entry.path()).unwrap() } else { Vec::new() };
            (entry.into_path(), meta.mode(), (meta.mtime(), meta.mtime_nsec()), content)
        })
        .collect()
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// All incidents, each as a home of its own, and all other fixtures as one heap.
fn homes() -> Vec<PathBuf> {
    let incidents = fs::read_dir(fixtures().join("incidents")).unwrap().map(|entry| entry.unwrap().path().join("home"));
    incidents.filter(|home| home.is_dir()).chain([fixtures().join("readers")]).collect()
}

/// The program over `home`, below `temp`, under another program that watches it.
fn run(home: &Path, temp: &Path, watcher: &[&str]) -> std::process::Output {
    let program = env!("CARGO_BIN_EXE_stopwhy");
    let (first, rest) = watcher.split_first().map_or((program, &[][..]), |(first, rest)| (*first, rest));
    let mut command = Command::new(first);
    command.args(rest);
    if !watcher.is_empty() {
        command.arg(program);
    }
    command.arg("report").arg(home).args(["--no-progress", "-o"]).arg(format!("md={}", temp.join("out/report.md").display()));
    command.arg("-o").arg(format!("json={}", temp.join("out/report.json").display()));
    command.env("TMPDIR", temp.join("tmp")).output().unwrap()
}

fn temp() -> tempfile::TempDir {
    let temp = tempfile::tempdir().unwrap();
    fs::create_dir(temp.path().join("out")).unwrap();
    fs::create_dir(temp.path().join("tmp")).unwrap();
    temp
}

/// A tree of our own with a database whose log is not applied, to be sure that there is one.
fn copy_with_database(temp: &Path) -> PathBuf {
    let home = temp.join("home");
    fs::create_dir(&home).unwrap();
    let live = temp.join("live.db");
    let writer = rusqlite::Connection::open(&live).unwrap();
    let sql = "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE logs(id INTEGER PRIMARY KEY, ts INTEGER, \
        ts_nanos INTEGER, level TEXT, target TEXT, feedback_log_body TEXT, thread_id TEXT, process_uuid TEXT);";
    writer.execute_batch(sql).unwrap();
    for end in ["", "-wal", "-shm"] {
        fs::copy(temp.join(format!("live.db{end}")), home.join(format!("logs_2.sqlite{end}"))).unwrap();
    }
    drop(writer);
    home
}

#[test]
fn the_evidence_is_as_it_was() {
    for home in homes() {
        let (before, temp) = (state(&home), temp());
        let output = run(&home, temp.path(), &[]);
        assert!(output.status.success(), "{}: {}", home.display(), String::from_utf8_lossy(&output.stderr));
        assert!(state(&home) == before, "{} changed", home.display());
        assert_eq!(fs::read_dir(temp.path().join("tmp")).unwrap().count(), 0, "a copy is left behind");
    }
}

#[test]
fn a_folder_that_cannot_be_written_to_reads_the_same() {
    let temp = temp();
    let home = copy_with_database(temp.path());
    let before = state(&home);
    let text = || {
        let output = run(&home, temp.path(), &[]);
        assert!(output.status.code().is_some_and(|code| code < 5), "{}", String::from_utf8_lossy(&output.stderr));
        fs::read(temp.path().join("out/report.json")).unwrap()
    };
    let open = text();
    assert!(state(&home) == before);
    fs::set_permissions(&home, fs::Permissions::from_mode(0o555)).unwrap();
    let shut = text();
    fs::set_permissions(&home, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(open == shut);
    assert!(String::from_utf8_lossy(&open).contains("codex-logs-db"));
}

/// Calls that change something, or might: an open for writing, or anything that makes, renames,
/// removes or changes a path.
const CHANGES: &str = r"(?x)
    ^\d+\s+(?:
        (?:open|openat|openat2|creat)\(.*O_(?:WRONLY|RDWR|CREAT|TRUNC|APPEND)
      | (?:creat|rename\w*|unlink\w*|rmdir|mkdir\w*|link\w*|symlink\w*|mknod\w*|truncate|chmod|fchmodat\d?|chown|lchown|fchownat
          |utime\w*|futimesat|setxattr|lsetxattr|removexattr)\(
    )";

/// Calls that talk to somebody or start another program.
const TALKS: &str = r"^\d+\s+(?:socket|connect|bind|listen|accept4?|sendto|sendmsg|execve|execveat)\(";

#[test]
fn no_call_writes_elsewhere_or_talks() {
    if !Command::new("strace").args(["-o", "/dev/null", "true"]).status().is_ok_and(|status| status.success()) {
        eprintln!("not checked: strace is not installed, or may not trace here");
        return;
    }
    let (changes, talks) = (Regex::new(CHANGES).unwrap(), Regex::new(TALKS).unwrap());
    // The watcher sees what it is there to see.
    for seen in [
        "7 openat(AT_FDCWD, \"/a\", O_RDWR|O_CREAT|O_CLOEXEC, 0644) = 3",
        "7 rename(\"/a\", \"/b\") = 0",
        "7 unlink(\"/a\") = 0",
        "7 mkdir(\"/a\", 0700) = 0",
    ] {
        assert!(changes.is_match(seen), "{seen}");
    }
    assert!(
        !changes.is_match("7 openat(AT_FDCWD, \"/a\", O_RDONLY|O_CLOEXEC) = 3") && talks.is_match("7 socket(AF_INET, 1, 0) = 3")
    );

    let own = temp();
    let with_database = copy_with_database(own.path());
    for home in homes().into_iter().chain([with_database]) {
        let temp = temp();
        let list = temp.path().join("calls");
        let output = run(
            &home,
            temp.path(),
            &["strace", "-f", "-qq", "-s", "300", "-e", "trace=%file,%network,%process", "-o", list.to_str().unwrap()],
        );
        assert!(output.status.code().is_some_and(|code| code < 5), "{}", String::from_utf8_lossy(&output.stderr));
        let calls = fs::read_to_string(&list).unwrap();
        let allowed = [temp.path().join("out"), temp.path().join("tmp")].map(|path| format!("\"{}/", path.display()));
        let wrote: Vec<&str> = calls
            .lines()
            .filter(|call| changes.is_match(call) && !allowed.iter().any(|path| call.contains(path)))
            // The terminal, and what the C library asks of itself.
            .filter(|call| !call.contains("\"/dev/tty\"") && !call.contains("\"/dev/null\""))
            .collect();
        assert!(wrote.is_empty(), "{}: {wrote:#?}", home.display());
        let talked: Vec<&str> = calls.lines().filter(|call| talks.is_match(call)).skip(1).collect();
        // Signals reach their thread through a pair of sockets of our own.
        let talked: Vec<&str> = talked.into_iter().filter(|call| !call.contains("AF_UNIX") && !call.contains("sendto(")).collect();
        assert!(talked.is_empty(), "{}: {talked:#?}", home.display());
        assert!(calls.lines().any(|call| changes.is_match(call)), "the report itself was not seen");
    }
}
