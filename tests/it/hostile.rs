//! Hostile files and lines, from outside: lines of any length, glued and padded records, depth,
//! sparse files, files that change, many files. Each test asserts the figures that must come out,
//! and that memory stays bounded where that is the point.
//!
//! The large ones run by hand: `cargo test --test it -- --ignored hostile`.

use crate::make::home::Order;
use crate::make::hostile::line::{self, Blob};
use crate::make::scenarios::{SCENARIOS, SEED};
use crate::make::token::Style;
use crate::pipeline::{plan, run, run_plan};
use serde_json::Value;
use std::fs::{self, File};
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where a transcript stands in an invented home.
fn transcript(folder: &Path) -> PathBuf {
    let sessions = folder.join(".openclaw/agents/main/sessions");
    fs::create_dir_all(&sessions).unwrap();
    sessions.join("s1.jsonl")
}

/// The one source of a report, its turns, and its failed turns.
fn only(folder: &Path) -> (Value, u64, u64) {
    let run = run(folder);
    let report: Value = serde_json::from_str(&run.json).unwrap();
    let sources = report["coverage"]["sources"].as_array().unwrap();
    assert_eq!(sources.len(), 1);
    let total = |key: &str| report["totals"][key].as_u64().unwrap();
    (sources[0].clone(), total("turns"), total("failed_turns"))
}

fn numbers<const N: usize>(source: &Value, keys: [&str; N]) -> [u64; N] {
    keys.map(|key| source[key].as_u64().unwrap())
}

/// Reasons with counts and bytes.
fn skipped(source: &Value) -> Vec<(String, u64, u64)> {
    let one = |s: &Value| (s["reason"].as_str().unwrap().to_owned(), s["count"].as_u64().unwrap(), s["bytes"].as_u64().unwrap());
    source["skipped"].as_array().unwrap().iter().map(one).collect()
}

/// The program's own peak, in KiB, where the system counts it.
fn peak_kib(folder: &Path, options: &[&str]) -> Option<u64> {
    let script = r#"ulimit -s 256; "$0" report -q --allow-empty -f json "$@" > /dev/null & wait $!; exit $?"#;
    let mut command = Command::new("/usr/bin/time");
    command.args(["-f", "%M", "bash", "-c", script, env!("CARGO_BIN_EXE_stopwhy")]).args(options).arg(folder);
    let output = command.stdin(Stdio::null()).output().ok()?;
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stderr).trim().lines().last()?.parse().ok()
}

fn monster(size: u64, blob: Blob) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let mut file = BufWriter::new(File::create(transcript(home.path())).unwrap());
    line::write(&mut file, blob, size, false).unwrap();
    file.flush().unwrap();
    home
}

#[test]
fn the_error_behind_a_blob_is_found_and_the_neighbours_are_read() {
    for blob in Blob::ALL {
        for size in [10_000, 900_000, 3 << 20, 9 << 20] {
            let home = monster(size, blob);
            let (source, turns, failed) = only(home.path());
            assert_eq!((turns, failed), (3, 1), "{blob:?} {size}");
            let [records, used, elided, bytes] = numbers(&source, ["records", "bytes_used", "bytes_elided", "bytes_in"]);
            assert_eq!((records, used + elided, skipped(&source)), (6, bytes, vec![]), "{blob:?} {size}");
            let long = size > 1 << 20;
            assert!((elided > 0) == long && (!long || elided + (200 << 10) > size), "{blob:?} {size}: {elided} elided");
        }
    }
}

#[test]
fn a_monster_that_is_cut_off_costs_only_itself() {
    let home = tempfile::tempdir().unwrap();
    let mut text = Vec::new();
    line::write(&mut text, Blob::Base64, 3 << 20, true).unwrap();
    fs::write(transcript(home.path()), &text).unwrap();
    let (source, turns, failed) = only(home.path());
    let start = text.iter().rposition(|b| *b == b'\n').unwrap() + 1;
    assert_eq!((turns, failed, skipped(&source)), (1, 0, vec![("torn-tail".to_owned(), 1, (text.len() - start) as u64)]));
}

#[test]
#[ignore = "writes 1.3 GB"]
fn a_line_of_a_gibibyte_costs_little_memory() {
    for (size, blob) in [(300 << 20, Blob::Escapes), (1 << 30, Blob::Base64)] {
        let home = monster(size, blob);
        let (_, turns, failed) = only(home.path());
        assert_eq!((turns, failed), (3, 1));
        assert!(peak_kib(home.path(), &[]).is_none_or(|kib| kib < 100 << 10));
    }
}

#[test]
fn a_line_of_sixteen_mebibytes_costs_little_memory() {
    let (small, large) = (monster(100_000, Blob::Base64), monster(16 << 20, Blob::Base64));
    if let (Some(small), Some(large)) = (peak_kib(small.path(), &["-j", "1"]), peak_kib(large.path(), &["-j", "1"])) {
        assert!(large < small + (6 << 10), "{small} and {large} KiB");
    }
}

/// An incident's transcripts, rewritten by `change`; what the report says of turns and incidents.
fn rewritten(change: impl Fn(&str) -> Vec<u8>) -> (u64, u64, usize, Vec<(String, u64)>) {
    let folder = tempfile::tempdir().unwrap();
    SCENARIOS[0].build(Style::Inert, SEED).write(folder.path(), Order::Forward);
    for entry in walkdir::WalkDir::new(folder.path()).into_iter().map(Result::unwrap) {
        if entry.path().extension().is_some_and(|e| e == "jsonl") {
            let text = fs::read_to_string(entry.path()).unwrap();
            fs::write(entry.path(), change(&text)).unwrap();
        }
    }
    let run = run(folder.path());
    let mut reasons: Vec<(String, u64)> = Vec::new();
    for (reason, skipped) in run.evidence.sources.iter().flat_map(|s| &s.skipped) {
        reasons.push((reason.word().to_owned(), skipped.bytes));
    }
    let totals = &run.report.totals;
    (totals.turns, totals.failed_turns, run.incidents.len(), reasons)
}

#[test]
fn line_ends_glue_and_padding_change_no_fact() {
    let plain = rewritten(|text| text.as_bytes().to_vec());
    assert!(plain.1 > 0 && plain.3.is_empty());
    for (what, changed) in [
        ("CRLF", rewritten(|text| text.replace('\n', "\r\n").into_bytes())),
        ("a byte order mark", rewritten(|text| format!("\u{feff}{text}").into_bytes())),
        ("blank lines", rewritten(|text| text.replace('\n', "\n\n \t\n").into_bytes())),
        ("no line ends", rewritten(|text| text.trim_end().replace("}\n{", "}{").into_bytes())),
        (
            "escapes",
            rewritten(|text| text.replace("\"type\"", "\"t\\u0079pe\"").replace("\"role\"", "\"r\\u006fle\"").into_bytes()),
        ),
        ("a first of two equal keys", rewritten(|text| text.replace("\"type\":", "\"type\":\"decoy\",\"type\":").into_bytes())),
    ] {
        assert_eq!(changed, plain, "{what}");
    }
    for (what, nuls) in [("a few NULs", 5), ("a hole", 3_000_000)] {
        let padded = rewritten(|text| text.replacen("}\n{", &format!("}}{}{{", "\0".repeat(nuls)), 1).into_bytes());
        assert_eq!((padded.0, padded.1, padded.2), (plain.0, plain.1, plain.2), "{what}");
        assert!(padded.3.iter().all(|(reason, bytes)| reason == "nul-padding" && *bytes == nuls as u64), "{what}: {:?}", padded.3);
    }
}

#[test]
fn depth_is_a_reason_on_the_smallest_stack() {
    let home = tempfile::tempdir().unwrap();
    let mut text = Vec::new();
    line::write(&mut text, Blob::Base64, 0, false).unwrap();
    let deep = format!("{{\"type\":\"message\",\"message\":{}1", "[{\"a\":".repeat(500_000));
    text.extend_from_slice(format!("{deep}\n").as_bytes());
    fs::write(transcript(home.path()), &text).unwrap();
    let (source, turns, failed) = only(home.path());
    assert_eq!((turns, failed), (3, 1));
    assert_eq!(skipped(&source), [("json-depth".to_owned(), 1, deep.len() as u64 + 1)]);
    peak_kib(home.path(), &["-j", "2"]);
}

#[test]
fn what_is_put_up_with_is_counted() {
    let home = tempfile::tempdir().unwrap();
    let mut text = Vec::new();
    line::write(&mut text, Blob::Base64, 0, false).unwrap();
    let clean = only_of(home.path(), &text);
    assert!(clean.0.get("lenient").is_none());
    // A page break behind every record, a key that stands twice, half a pair in an id, bytes of no text.
    let text = String::from_utf8(text).unwrap().replace('\n', "\u{c}\n").replacen("{\"type\":", "{\"type\":1,\"type\":", 1);
    let odd = b"{\"type\":\"custom\",\"customType\":\"x\\ud83d\",\"id\":\"\xff\"}\n";
    let (source, turns, failed) = only_of(home.path(), &[text.as_bytes(), odd].concat());
    assert_eq!((turns, failed, skipped(&source)), (clean.1, clean.2, Vec::new()));
    let counted: Vec<(&str, u64)> = source["lenient"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| (l["what"].as_str().unwrap(), l["records"].as_u64().unwrap()))
        .collect();
    let records = clean.0["records"].as_u64().unwrap();
    assert_eq!(counted, [("repeated-key", 1), ("lone-surrogate", 1), ("invalid-utf8", 1), ("page-break", records)]);
}

/// Every line of every text format, between page breaks: the same events, and none of it unsaid.
#[test]
fn page_breaks_hide_nothing() {
    use crate::readers::read;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/readers");
    let folder = tempfile::tempdir().unwrap();
    let mut seen = 0;
    for kind in [
        "codex-exec-capture",
        "codex-log",
        "codex-login-log",
        "codex-vscode-log",
        "hermes-log",
        "openclaw-console",
        "openclaw-gateway-log",
        "openclaw-session",
        "opencode-log",
        "shell-history",
    ] {
        for entry in walkdir::WalkDir::new(root.join(kind)).into_iter().map(Result::unwrap) {
            if !entry.file_type().is_file() || entry.file_name() == "expected.txt" {
                continue;
            }
            let text = fs::read(entry.path()).unwrap();
            if text.contains(&0x1b) || text.contains(&0) || text.starts_with(b"\x1f\x8b") {
                continue;
            }
            let stated = |name: &str, text: &[u8]| {
                let place = folder.path().join(name).join(entry.path().strip_prefix(&root).unwrap());
                fs::create_dir_all(place.parent().unwrap()).unwrap();
                fs::write(&place, text).unwrap();
                let evidence = read(&[place]);
                let source = &evidence.sources[0];
                (source.kind, evidence.stated.len(), source.bytes_in == source.accounted(), source.lenient().count())
            };
            let want = stated("plain", &text);
            for (name, before, after) in [("before", "\x0c", ""), ("behind", "", "\x0b"), ("both", "\x0b\x0c", "\x0c\r")] {
                let lines: Vec<Vec<u8>> = text
                    .split(|b| *b == b'\n')
                    .map(|line| if line.is_empty() { Vec::new() } else { [before.as_bytes(), line, after.as_bytes()].concat() })
                    .collect();
                let got = stated(name, &lines.join(&b'\n'));
                assert_eq!((got.0, got.1, got.2), (want.0, want.1, true), "{name}: {}", entry.path().display());
                assert!(got.3 > want.3 || want.1 == 0, "{name}: {}", entry.path().display());
            }
            seen += want.1;
        }
    }
    assert!(seen > 100, "{seen}");
}

/// The same of a home with this transcript alone.
fn only_of(home: &Path, text: &[u8]) -> (Value, u64, u64) {
    fs::write(transcript(home), text).unwrap();
    only(home)
}

#[cfg(target_os = "linux")]
#[test]
fn a_sparse_file_of_a_tebibyte_is_read_at_once() {
    let mut text = Vec::new();
    line::write(&mut text, Blob::Base64, 0, false).unwrap();
    let (start, rest) = text.split_at(text.iter().position(|b| *b == b'\n').unwrap() + 1);
    // A log that was truncated under its writer begins with a hole; a crash leaves one inside.
    for hole_first in [true, false] {
        let home = tempfile::tempdir().unwrap();
        let mut file = File::create(transcript(home.path())).unwrap();
        file.write_all(if hole_first { b"" } else { start }).unwrap();
        file.seek(SeekFrom::Start(1 << 40)).unwrap();
        file.write_all(if hole_first { &text } else { rest }).unwrap();
        drop(file);
        let begun = std::time::Instant::now();
        let (source, turns, failed) = only(home.path());
        assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
        assert_eq!((turns, failed), (3, 1), "{hole_first}");
        let hole = (1 << 40) - if hole_first { 0 } else { start.len() as u64 };
        assert_eq!(skipped(&source), [("nul-padding".to_owned(), 1, hole)]);
        let at = source["bytes_in"].as_u64().unwrap();
        assert_eq!(at, (1 << 40) + if hole_first { text.len() } else { rest.len() } as u64);
    }
    let home = tempfile::tempdir().unwrap();
    File::create(home.path().join("nothing.jsonl")).unwrap().set_len(1 << 40).unwrap();
    let source = only(home.path()).0;
    assert_eq!(numbers(&source, ["bytes_in"]), [1 << 40]);
}

#[test]
fn types_that_nobody_knows_are_counted_and_not_named() {
    let home = tempfile::tempdir().unwrap();
    let mut text = Vec::new();
    line::write(&mut text, Blob::Base64, 0, false).unwrap();
    for n in 0..12 {
        let kind = ["canary_one", "canary_two", "canary_one"][n % 3];
        text.extend_from_slice(format!("{{\"type\":\"{kind}\",\"id\":{n}}}\n").as_bytes());
    }
    fs::write(transcript(home.path()), &text).unwrap();
    let run = run(home.path());
    let report: Value = serde_json::from_str(&run.json).unwrap();
    let types = report["coverage"]["unknown_types"].as_array().unwrap();
    let seen: Vec<(&str, u64, u64)> =
        types.iter().map(|t| (t["id"].as_str().unwrap(), t["records"].as_u64().unwrap(), t["line"].as_u64().unwrap())).collect();
    assert_eq!(seen, [("type-1", 8, 7), ("type-2", 4, 8)]);
    assert!(!run.json.contains("canary") && !run.markdown.contains("canary"));
    assert!(run.markdown.contains("openclaw-session: 12 records of 2 types"), "the alarm is in the report for people");
    let source = &report["coverage"]["sources"][0];
    let keys = ["records", "records_used", "records_ignored", "records_skipped", "unknown_records", "duplicates"];
    assert_eq!(numbers(source, keys), [18, 6, 0, 0, 12, 0]);
}

#[test]
fn a_hole_in_the_record_is_said_in_the_verdict() {
    let folder = tempfile::tempdir().unwrap();
    SCENARIOS[0].build(Style::Inert, SEED).write(folder.path(), Order::Forward);
    let whole = run(folder.path()).incidents;
    assert!(whole.iter().all(|i| !i.notes.iter().any(|note| note.contains("could not be read whole"))));
    let of = |client: &str| whole.iter().find(|i| i.victim.client == client);
    let victim = whole.first().unwrap().victim.client.clone();
    assert!(of(&victim).is_some());
    // Every transcript and log of every home gets a damaged line.
    let mut damaged = 0;
    for entry in walkdir::WalkDir::new(folder.path()).into_iter().map(Result::unwrap) {
        if entry.path().extension().is_some_and(|e| e == "jsonl") {
            let text = fs::read_to_string(entry.path()).unwrap();
            fs::write(entry.path(), text.replacen('\n', "\n{\"type\":\"mess\n", 1)).unwrap();
            damaged += 1;
        }
    }
    let holed = run(folder.path()).incidents;
    assert!(damaged > 0 && holed.len() == whole.len());
    for incident in &holed {
        assert!(incident.notes.iter().any(|note| note.contains("could not be read whole (json-syntax)")), "{:?}", incident.notes);
        let settles = incident.would_settle.iter().any(|what| what.contains("complete copy"));
        assert!(settles || incident.confidence == "confirmed");
    }
}

/// A folder of small files: transcripts and files of nobody.
fn many(folder: &Path, number: u32) {
    let mut text = Vec::new();
    line::write(&mut text, Blob::Base64, 0, false).unwrap();
    for at in 0..number {
        let part = folder.join(format!(".openclaw/agents/a{}/sessions", at / 5000));
        if at % 5000 == 0 {
            fs::create_dir_all(&part).unwrap();
        }
        if at % 10 == 0 {
            let own = String::from_utf8_lossy(&text)
                .replace("\"s1\"", &format!("\"s{at}\""))
                .replace("\"id\":\"a", &format!("\"id\":\"{at}a"));
            fs::write(part.join(format!("{at}.jsonl")), own).unwrap();
        } else {
            fs::write(part.join(format!("{at}.txt")), "nothing of interest\n").unwrap();
        }
    }
}

#[test]
fn many_files_cost_few_bytes_each() {
    let (few, lots) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    many(few.path(), 100);
    many(lots.path(), 4100);
    if let (Some(few), Some(lots)) = (peak_kib(few.path(), &[]), peak_kib(lots.path(), &[])) {
        assert!(lots.saturating_sub(few) < 4000 * 4, "{few} KiB for 100 files, {lots} KiB for 4,100");
    }
    let run = run_plan(&plan(&[lots.path().to_owned()], 2));
    assert_eq!((run.report.coverage.sources.len(), run.report.totals.sessions), (4100, 410));
}

#[test]
#[ignore = "makes a hundred thousand files"]
fn a_hundred_thousand_files() {
    let home = tempfile::tempdir().unwrap();
    many(home.path(), 100_000);
    let peak = peak_kib(home.path(), &[]);
    eprintln!("{peak:?} KiB");
    assert!(peak.is_none_or(|kib| kib < 160 << 10));
}

#[test]
#[ignore = "makes a million files"]
fn a_million_files() {
    let home = tempfile::tempdir().unwrap();
    let part = |number: u32, of: &str| home.path().join(format!("{of}/{}/{number}.txt", number / 50_000));
    for (of, count) in [("few", 100_000), ("all", 1_000_000)] {
        for number in 0..count {
            if number % 50_000 == 0 {
                fs::create_dir_all(part(number, of).parent().unwrap()).unwrap();
            }
            fs::write(part(number, of), "nothing of interest\n").unwrap();
        }
    }
    let run = |of: &str| {
        let begun = std::time::Instant::now();
        let peak = peak_kib(&home.path().join(of), &[]);
        eprintln!("{of}: {peak:?} KiB, {:.1} s", begun.elapsed().as_secs_f64());
        (peak, begun.elapsed())
    };
    run("few"); // so that neither is read from the disk
    let ((few, short), (all, long)) = (run("few"), run("all"));
    assert!(all.is_none_or(|kib| kib < 512 << 10), "{all:?} KiB");
    assert!(few.zip(all).is_none_or(|(few, all)| all < 11 * few), "{few:?} and {all:?} KiB");
    assert!(long < short * 30, "{short:?} and {long:?}");
}

#[test]
fn descriptors_are_few_however_many_files() {
    let home = tempfile::tempdir().unwrap();
    many(home.path(), 300);
    let script = r#"ulimit -n 32; exec "$0" report -q -f json -j 8 "$1""#;
    let output = Command::new("bash").args(["-c", script, env!("CARGO_BIN_EXE_stopwhy")]).arg(home.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let sources = report["coverage"]["sources"].as_array().unwrap();
    let unread = sources.iter().filter(|s| s["skipped"].as_array().unwrap().iter().any(|k| k["reason"] == "io")).count();
    assert_eq!((sources.len(), unread), (300, 0));
}
