//! Odd inputs, from outside: what stands in folders and is no file, names that act on terminals,
//! files of nothing, cut archives. Nothing hangs, nothing of it reaches an output raw, and every
//! source is listed with what became of it.

use crate::make::home::Order;
use crate::make::scenarios::{SCENARIOS, SEED};
use crate::make::token::Style;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn report(path: &Path, options: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stopwhy"));
    command.env_clear().env("HOME", "/nonexistent").stdin(Stdio::null());
    command.arg("report").args(options).arg(path).output().unwrap()
}

/// The sources of a JSON report: kind, bytes that came in, reasons for what was skipped.
fn sources(path: &Path) -> Vec<(String, u64, Vec<String>)> {
    let output = report(path, &["-q", "-f", "json", "--allow-empty"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let list = report["coverage"]["sources"].as_array().unwrap();
    let reasons = |s: &Value| s["skipped"].as_array().unwrap().iter().map(|k| k["reason"].as_str().unwrap().to_owned()).collect();
    list.iter().map(|s| (s["kind"].as_str().unwrap().to_owned(), s["bytes_in"].as_u64().unwrap(), reasons(s))).collect()
}

/// A login store of a bundled incident.
fn store() -> Vec<u8> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/incidents/founding-consumed/home");
    fs::read(home.join(".codex/auth.json")).unwrap()
}

/// No control characters but line ends, and nothing that turns or hides text.
fn is_harmless(text: &[u8]) -> bool {
    let text = std::str::from_utf8(text).unwrap();
    !text.chars().any(|c| (c.is_control() && c != '\n') || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'))
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_listed_and_never_opened() {
    use std::os::unix::fs::symlink;
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    fs::create_dir_all(at("a/b")).unwrap();
    fs::write(at("auth.json"), store()).unwrap();
    let secret = tempfile::tempdir().unwrap();
    fs::write(secret.path().join("passwd"), "root:x:0:0:outsider\n").unwrap();
    symlink(secret.path().join("passwd"), at("x.jsonl")).unwrap();
    symlink(secret.path(), at("folder")).unwrap();
    symlink("..", at("a/b/up")).unwrap();
    symlink("self", at("self")).unwrap();
    assert!(Command::new("mkfifo").arg(at("p.jsonl")).status().unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(at("s.sock")).unwrap();
    let reasons: Vec<String> = sources(home.path()).into_iter().flat_map(|(_, _, reasons)| reasons).collect();
    let count = |word: &str| reasons.iter().filter(|r| *r == word).count();
    assert_eq!((count("symlink"), count("not-regular"), reasons.len()), (4, 2, 6));
    for options in [&["-v"][..], &["-f", "json"], &["--private", "-v"]] {
        let output = report(home.path(), options);
        assert!(!String::from_utf8_lossy(&output.stdout).contains("outsider"));
        assert!(!String::from_utf8_lossy(&output.stderr).contains("outsider"));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn names_are_harmless_in_every_output() {
    use std::os::unix::ffi::OsStrExt;
    let home = tempfile::tempdir().unwrap();
    let names: [&[u8]; 5] = [
        b"e\x1b[31mred\nnl::error::x.json",
        b"bad\xff\xfe.json",
        "\u{202e}\u{200b}nosj.json".as_bytes(),
        b"|x| `y` <b> @me #1.json",
        b"\x07\r\x9b31m.json",
    ];
    for name in names {
        fs::write(home.path().join(std::ffi::OsStr::from_bytes(name)), store()).unwrap();
    }
    assert_eq!(sources(home.path()).len(), names.len());
    for options in [&["-v"][..], &["-f", "json"], &["--private", "-v"], &["--private", "-f", "json"]] {
        let output = report(home.path(), options);
        assert_eq!(output.status.code(), Some(0));
        assert!(is_harmless(&output.stdout) && is_harmless(&output.stderr), "{options:?}");
    }
    let missing = report(Path::new(std::ffi::OsStr::from_bytes(names[0])), &[]);
    assert!(missing.status.code() == Some(2) && is_harmless(&missing.stderr) && missing.stdout.is_empty());
}

#[test]
fn files_of_nothing_are_listed_with_their_bytes() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("empty.jsonl"), "").unwrap();
    fs::write(home.path().join("zeros.jsonl"), vec![0; 100_000]).unwrap();
    fs::File::create(home.path().join("sparse.log")).unwrap().set_len(1 << 30).unwrap();
    let unknown = |bytes| ("unknown".to_owned(), bytes, vec!["unknown-format".to_owned()]);
    let mut seen = sources(home.path());
    seen.sort();
    assert_eq!(seen, [("unknown".to_owned(), 0, Vec::new()), unknown(100_000), unknown(1 << 30)]);
}

#[test]
fn a_cut_bundle_says_so_and_still_tells_what_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let whole = SCENARIOS[0].build(Style::Inert, SEED).tar_gz("bundle");
    for cut in [5, 100, whole.len() / 2, whole.len() - 9, whole.len() - 1] {
        let path = folder.path().join("cut.tar.gz");
        fs::write(&path, &whole[..cut]).unwrap();
        let seen = sources(&path);
        assert!(seen.iter().any(|(_, _, reasons)| reasons.iter().any(|r| r == "gzip-truncated")), "{cut}");
        assert!(cut < whole.len() / 2 || seen.len() > 3, "{cut}: {}", seen.len());
    }
}

#[test]
fn what_is_read_is_never_replaced() {
    let home = tempfile::tempdir().unwrap();
    let auth = home.path().join("auth.json");
    fs::write(&auth, store()).unwrap();
    let output = report(home.path(), &["-o", auth.to_str().unwrap()]);
    assert_eq!((output.status.code(), fs::read(&auth).unwrap()), (Some(2), store()));
    let own = home.path().join("report.md");
    for _ in 0..2 {
        assert_eq!(report(home.path(), &["-q", "-o", own.to_str().unwrap()]).status.code(), Some(0), "an earlier report may be");
    }
}

#[test]
fn the_place_and_the_surroundings_do_not_matter() {
    let scratch = tempfile::tempdir().unwrap();
    let home = SCENARIOS[0].build(Style::Inert, SEED);
    let folder = scratch.path().join("home");
    home.write(&folder, Order::Forward);
    let run = |arguments: &[&str], set: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stopwhy"));
        command.env_clear().envs(set.iter().copied()).current_dir(&folder).stdin(Stdio::null());
        command.args(["report", "-q", "-f", "json"]).args(arguments).output().unwrap().stdout
    };
    let plain = run(&["."], &[]);
    assert!(plain.len() > 1000);
    let elsewhere = [("TZ", "Asia/Tokyo"), ("LANG", "de_DE.UTF-8"), ("LC_ALL", "tr_TR"), ("HOME", "/var"), ("COLUMNS", "7")];
    assert_eq!(run(&["."], &elsewhere), plain);
    let mut tops: Vec<String> = fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    tops.sort();
    let tops: Vec<&str> = tops.iter().map(String::as_str).collect();
    let back: Vec<&str> = tops.iter().rev().copied().collect();
    assert_eq!(run(&tops, &[]), run(&[&["-j", "1"][..], &back].concat(), &[]), "roots in another order");
}

#[test]
fn a_short_report_keeps_its_length_and_says_what_it_leaves_out() {
    let home = tempfile::tempdir().unwrap();
    let store = String::from_utf8(store()).unwrap();
    let field = regex::Regex::new(r#""account_id": *"[^"]*""#).unwrap();
    for number in 0..400 {
        // Another account each, so that each is a store of its own.
        let folder = home.path().join(format!("{number}/.codex"));
        fs::create_dir_all(&folder).unwrap();
        let text = field.replace(&store, format!("\"account_id\": \"account of nobody {number}\""));
        fs::write(folder.join("auth.json"), text.as_bytes()).unwrap();
    }
    let length = |path: &Path, options: &[&str]| {
        let text = String::from_utf8(report(path, options).stdout).unwrap();
        (text.encode_utf16().count(), text)
    };
    assert!(length(home.path(), &["--max-bytes", "1000000"]).0 > 20_000);
    for limit in ["2000", "20000"] {
        let (units, text) = length(home.path(), &["--max-bytes", limit]);
        assert!(units <= limit.parse().unwrap() && text.contains("more stores are in the JSON report"), "{limit}: {units}");
    }
    let incident = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/incidents/founding-consumed/home");
    let (units, text) = length(&incident, &["--max-bytes", "2000"]);
    assert!(units <= 2000 && text.contains("1 incident found") && !text.contains("No incident"), "{text}");
}
