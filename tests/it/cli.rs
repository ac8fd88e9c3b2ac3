//! The program from outside: words of the command line, exit codes, and which stream says what.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn stopwhy() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stopwhy"));
    // Nothing of the machine that runs the tests: no homes, no colours.
    command.env_clear().env("HOME", "/nonexistent").stdin(Stdio::null());
    command
}

fn run(args: &[&str]) -> Output {
    stopwhy().args(args).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

/// A usage or I/O error: exit code 2, nothing on stdout, one line on stderr.
fn refused(output: &Output, says: &str) {
    assert_eq!((code(output), stdout(output)), (2, ""), "{}", stderr(output));
    assert_eq!(stderr(output).lines().count(), 1, "{}", stderr(output));
    assert!(stderr(output).starts_with("stopwhy: ") && stderr(output).contains(says), "{}", stderr(output));
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/incidents").join(name).join("home")
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A folder with a single file that nobody recognises.
fn unknown() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("notes.txt"), "nothing of interest\n").unwrap();
    folder
}

#[test]
fn help_and_version_are_answers() {
    for (args, says) in
        [(&["--help"][..], "stopwhy report"), (&["report", "--help"], "Exit codes:"), (&["--version"], env!("CARGO_PKG_VERSION"))]
    {
        let output = run(args);
        assert_eq!((code(&output), stderr(&output)), (0, ""));
        assert!(stdout(&output).contains(says), "{}", stdout(&output));
    }
    let output = run(&[]);
    assert_eq!((code(&output), stdout(&output)), (2, ""));
    assert!(stderr(&output).contains("Usage:"));
}

#[test]
fn what_is_not_understood_is_a_usage_error() {
    refused(&run(&["report", "--frobnicate"]), "--frobnicate: no such option");
    refused(&run(&["reprot"]), "a similar one is report");
    refused(&run(&["report", "-f", "html", "x"]), "does not write that format yet; it writes md and json");
    refused(&run(&["report", "--template", "hermes", "x"]), "it has generic");
    refused(&run(&["report", "--\u{1b}[31m\n::error::x"]), "\\u{1b}[31m\\u{a}");
    refused(&run(&["explain", "gremlins"]), "no such root cause");
}

#[test]
fn a_path_that_is_not_there_is_an_error_and_nothing_is_written() {
    let folder = unknown();
    let report = folder.path().join("report.md");
    refused(&run(&["report", "no/such/\u{7}path", "-o", text(&report)]), "no/such/\\u{7}path: no such file or folder");
    assert!(!report.exists());
    refused(&run(&["report", text(folder.path()), "-o", "no/such/folder/r.md"]), "its folder cannot be used");
    refused(&run(&["report", text(folder.path()), "--baseline", "no.json"]), "no.json: no such file or folder");
    refused(&run(&["report", text(folder.path()), "-o", text(folder.path())]), "it is a folder");
}

#[test]
fn explain_and_schema() {
    let output = run(&["explain", "sibling_refresh"]);
    assert_eq!((code(&output), stderr(&output)), (0, ""));
    assert!(stdout(&output).contains("sibling_refresh") && stdout(&output).ends_with('\n'));

    let output = run(&["schema"]);
    let schema: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((code(&output), stderr(&output)), (0, ""));
    assert!(schema["properties"]["incidents"].is_object(), "{schema}");
}

#[test]
fn every_cause_can_be_explained() {
    for cause in stopwhy::attribute::RootCause::ALL {
        let output = run(&["explain", cause.word()]);
        assert_eq!(code(&output), 0, "{}", cause.word());
        assert!(stdout(&output).len() > 40, "{}", cause.word());
    }
}

#[test]
fn no_session_input_is_an_error_unless_allowed() {
    let folder = unknown();
    let empty = tempfile::tempdir().unwrap();
    for path in [text(folder.path()), text(empty.path()), "-"] {
        let output = run(&["report", path]);
        assert_eq!(code(&output), 4, "{path}: {}", stderr(&output));
        assert!(!stdout(&output).is_empty(), "the report is written");
        assert!(stderr(&output).contains("no session, log or credential store was read"), "{}", stderr(&output));
        assert_eq!(code(&run(&["report", path, "--allow-empty"])), 0);
    }
    assert_eq!(code(&run(&["report", text(folder.path()), "--strict"])), 4);
    assert_eq!(code(&run(&["report", text(folder.path()), "--strict", "--allow-empty"])), 3);
}

#[test]
fn a_machine_without_homes_is_said() {
    let output = run(&["report"]);
    // A machine may have /tmp/openclaw, which no variable moves.
    if !Path::new("/tmp/openclaw").exists() {
        assert_eq!(code(&output), 4);
        assert!(stderr(&output).contains("name a PATH to read"), "{}", stderr(&output));
    }
}

#[test]
fn the_homes_of_this_machine_are_found_and_not_spelled_out() {
    let home = example("founding-consumed");
    let output = stopwhy().env("HOME", &home).arg("report").output().unwrap();
    assert_eq!(code(&output), 0);
    assert!(stderr(&output).contains("reading ~/.codex, ~/.hermes"), "{}", stderr(&output));
    assert!(!stderr(&output).contains(text(&home)), "{}", stderr(&output));
}

#[test]
fn one_scan_feeds_all_outputs() {
    let folder = tempfile::tempdir().unwrap();
    let (md, json) = (folder.path().join("r.md"), folder.path().join("r.json"));
    fs::write(&md, "old").unwrap();
    let home = example("founding-consumed");
    let output = run(&["report", text(&home), "-o", text(&md), "-o", text(&json), "-q"]);
    assert_eq!((code(&output), stdout(&output), stderr(&output)), (0, "", ""));
    assert!(fs::read_to_string(&md).unwrap().starts_with('#'));
    let report: serde_json::Value = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
    assert_eq!(report["schema"], "stopwhy.report/1");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "no temporary file is left");
    let said = run(&["report", text(&home), "-o", text(&md)]);
    assert!(stderr(&said).contains("1 incident"), "{}", stderr(&said));
    let again = run(&["report", text(&home), "-f", "json"]);
    assert!(code(&again) == 0 && stderr(&again).contains("1 incident"), "{}", stderr(&again));
    assert_eq!(again.stdout, fs::read(&json).unwrap(), "stdout carries the same bytes");
}

#[test]
fn an_incident_fails_only_when_asked_and_only_while_new() {
    let home = example("founding-consumed");
    let folder = tempfile::tempdir().unwrap();
    let json = folder.path().join("old.json");
    let with = |options: &[&str]| code(&run(&[&["report", "-q", text(&home)], options].concat()));
    assert_eq!(with(&["-o", text(&json)]), 0);
    assert_eq!(with(&["--fail-on", "any"]), 1);
    assert_eq!(with(&["--fail-on", "possible"]), 1);
    assert_eq!(with(&["--fail-on", "any", "--baseline", text(&json)]), 0);
    assert_eq!(with(&["--fail-on", "any", "--since", "2030-01-01"]), 0, "outside the window");
}

#[test]
fn a_layout_of_ones_own() {
    let folder = tempfile::tempdir().unwrap();
    let (good, bad) = (folder.path().join("good.j2"), folder.path().join("bad.j2"));
    fs::write(&good, "{{ incidents|length }} incident(s)\n").unwrap();
    fs::write(&bad, "fine\n{% if %}\n").unwrap();
    let home = example("founding-consumed");
    assert_eq!(stdout(&run(&["report", text(&home), "--template", text(&good)])), "1 incident(s)\n");
    refused(&run(&["report", text(&home), "--template", text(&bad), "-q"]), "line 2");
}

#[test]
fn standard_input_is_a_source() {
    let home = example("founding-consumed");
    let store = fs::read(home.join(".codex/auth.json")).unwrap();
    let mut child =
        stopwhy().args(["report", "-v", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&store).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(stderr(&output).contains("1 source"), "{}", stderr(&output));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_is_an_error_and_a_closed_pipe_is_not() {
    let home = example("founding-consumed");
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = stopwhy().args(["report", "-q", text(&home)]).stdout(full).output().unwrap();
    refused(&output, "standard output: not written: no space left on the device");
    refused(&run(&["report", "-q", text(&home), "-o", "/dev/full"]), "/dev/full: not written");

    let mut child = stopwhy().args(["report", text(&home)]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((code(&output), stderr(&output)), (0, ""));
}

#[test]
fn an_input_is_never_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("auth.json");
    fs::copy(example("founding-consumed").join(".codex/auth.json"), &store).unwrap();
    refused(&run(&["report", text(&store), "-o", text(&store)]), "it is an input");
}

/// A statement about sources that none is met by is said, with a pattern that the user typed; one that is met is not.
#[test]
fn a_statement_that_meets_nothing_is_said() {
    let home = example("founding-consumed");
    let said = |args: &[&str]| {
        let output = run(&[&["report", text(&home)], args].concat());
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        stderr(&output).lines().filter(|line| line.contains("-of ")).map(str::to_owned).collect::<Vec<String>>()
    };
    assert!(said(&["--host-of", ".codex=desk", "--tz-of", "**/.hermes/**=UTC"]).is_empty());
    let lines = said(&["--host-of", ".codecs=desk", "--tz-of", "**/.hermess/**=UTC", "--tz-of", ".hermes=UTC"]);
    let [host, zone] = lines.as_slice() else { panic!("{lines:?}") };
    assert!(host.starts_with("stopwhy: --host-of .codecs: its pattern fits no source that was read"), "{host}");
    assert!(zone.contains("--tz-of **/.hermess/**") && !zone.contains("UTC"), "{zone}");
    assert!(said(&["--host-of", "nothing=desk", "-q"]).is_empty());
}
