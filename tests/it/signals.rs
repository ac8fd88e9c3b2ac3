//! What a signal leaves behind: nothing of the evidence, and no half report.

#![cfg(unix)]

use std::fs;
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The program, at work on a database on standard input that never ends.
fn at_work(temp: &std::path::Path) -> Child {
    let mut child = Command::new(env!("CARGO_BIN_EXE_stopwhy"))
        .args(["report", "-", "-o"])
        .arg(format!("md={}", temp.join("out.md").display()))
        .env("TMPDIR", temp)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut start = b"SQLite format 3\0".to_vec();
    start.resize(1 << 20, 0);
    child.stdin.as_mut().unwrap().write_all(&start).unwrap();
    let begun = Instant::now();
    while copies(temp) == 0 {
        assert!(begun.elapsed() < Duration::from_secs(60), "no copy was taken");
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

/// Files in private folders below `temp`.
fn copies(temp: &std::path::Path) -> usize {
    let folders = fs::read_dir(temp).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    folders.filter_map(|folder| fs::read_dir(folder).ok()).map(Iterator::count).sum()
}

/// Exit code of a run to the end over a database of zeros.
const NO_INPUT: i32 = 4;

/// Was this process, and so what it starts, made to ignore a signal?
fn is_ignored(number: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (number - 1) & 1 == 1)
}

#[test]
fn a_signal_removes_the_copies_and_tells_by_the_code() {
    for (name, number) in [("HUP", 1), ("INT", 2), ("TERM", 15)] {
        // Whoever runs the tests in the background may have had some ignored; they stay ignored.
        let (code, written) = if is_ignored(number) { (NO_INPUT, 1) } else { (128 + number, 0) };
        let temp = tempfile::tempdir().unwrap();
        let mut child = at_work(temp.path());
        assert!(Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(code), "{name}");
        assert_eq!(fs::read_dir(temp.path()).unwrap().count(), written, "{name} leaves no copy");
    }
}

#[test]
fn a_run_to_the_end_removes_them_too() {
    let temp = tempfile::tempdir().unwrap();
    let mut child = at_work(temp.path());
    drop(child.stdin.take());
    // Nothing but zeros behind the magic: no session input.
    assert_eq!(child.wait().unwrap().code(), Some(NO_INPUT));
    let left: Vec<_> = fs::read_dir(temp.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["out.md"]);
}
