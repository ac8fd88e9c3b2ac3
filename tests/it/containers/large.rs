//! The bombs at full size, by hand: `cargo test --release --test it large -- --ignored`. What they
//! do is tried in small by the other tests; here it is time and memory that are measured.

use super::store;
use crate::make::hostile::streams::{pack, repeated_gz};
use crate::make::hostile::tar::{EXTENDED, LONG_NAME, Tar, header};
use crate::make::hostile::zip::{DEFLATED, Member, STORED, Zip};
use serde_json::Value;
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Longest that a bomb may keep a run busy.
const LONGEST: Duration = Duration::from_secs(150);

/// Most memory it may take, in KiB.
const MOST: u64 = 512 << 10;

/// Run the program; its JSON report, within time and memory.
fn measured(path: &Path, what: &str) -> Value {
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_stopwhy"))
        .args(["report", "-q", "-f", "json", "--allow-empty"])
        .arg(path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        out.read_to_string(&mut text).unwrap();
        text
    });
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak = line.and_then(|line| line.trim().split(' ').next()?.parse().ok()).unwrap_or(peak);
        assert!(begun.elapsed() < LONGEST * 3, "{what}: not done after {:?}", begun.elapsed());
        std::thread::sleep(Duration::from_millis(20));
    }
    eprintln!("{what}: {:.1} s, {} MiB", begun.elapsed().as_secs_f64(), peak >> 10);
    assert!(peak < MOST, "{what}: {peak} KiB");
    assert!(begun.elapsed() < LONGEST, "{what}: {:?}", begun.elapsed());
    serde_json::from_str(&reader.join().unwrap()).unwrap()
}

/// Reasons of the sources of a report.
fn reasons(report: &Value) -> Vec<String> {
    let sources = report["coverage"]["sources"].as_array().unwrap();
    sources.iter().flat_map(|s| s["skipped"].as_array().unwrap()).map(|k| k["reason"].as_str().unwrap().to_owned()).collect()
}

fn with(name: &str, make: impl FnOnce(&mut dyn Write), check: impl FnOnce(&Value)) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let mut file = BufWriter::new(std::fs::File::create(&path).unwrap());
    make(&mut file);
    drop(file);
    check(&measured(&path, name));
}

fn is_over_budget(report: &Value) {
    assert!(reasons(report).contains(&"budget-decompressed".to_owned()), "{:?}", reasons(report));
}

/// What a transcript begins with, so that all that follows is read line by line.
const HEAD: &[u8] =
    b"{\"type\":\"session\",\"version\":3,\"id\":\"x\",\"timestamp\":\"2026-05-22T06:10:11.468Z\",\"cwd\":\"/x\"}\n";

const UNIT: usize = 16 << 20;

#[test]
#[ignore = "writes 64 MB and unpacks 16 GiB"]
fn a_gzip_of_64_gib_of_zeros() {
    with("zeros.gz", |out| repeated_gz(b"", &vec![0; UNIT], 4096, out), is_over_budget);
}

#[test]
#[ignore = "writes 64 MB each and unpacks up to 64 GiB"]
fn lines_without_end() {
    with("zeros.jsonl.gz", |out| repeated_gz(HEAD, &vec![0; UNIT], 4096, out), is_over_budget);
    with("one.jsonl.gz", |out| repeated_gz(HEAD, &vec![b'a'; UNIT], 4096, out), is_over_budget);
    with("blank.jsonl.gz", |out| repeated_gz(HEAD, &vec![b'\n'; UNIT], 4096, out), is_over_budget);
    with("short.jsonl.gz", |out| repeated_gz(HEAD, &b"{}\n".repeat(UNIT / 3), 4096, out), is_over_budget);
    let many = |out: &mut dyn Write| {
        let mut one = Vec::new();
        repeated_gz(HEAD, &b"{}\n".repeat(UNIT / 3), 256, &mut one);
        out.write_all(&(0..20).fold(Tar::default(), |tar, n| tar.file(&format!("{n}.jsonl"), &one)).done()).unwrap();
    };
    with("many.tar", many, is_over_budget);
}

#[test]
#[ignore = "unpacks many GiB"]
fn formats_that_are_slow_to_unpack() {
    for format in ["xz", "bz2", "zst"] {
        let one = pack(format, &vec![0; 256 << 20]);
        with(&format!("zeros.{format}"), |out| (0..160).for_each(|_| out.write_all(&one).unwrap()), is_over_budget);
    }
}

#[test]
#[ignore = "writes 1 GiB"]
fn a_tar_with_a_name_of_a_gigabyte() {
    let size: u64 = 1 << 30;
    for kind in [LONG_NAME, EXTENDED] {
        let bomb = |out: &mut dyn Write| {
            out.write_all(&Tar::default().file("h/.codex/auth.json", &store()).cut()).unwrap();
            let start = if kind == EXTENDED { format!("{size} path=") } else { String::new() };
            out.write_all(&header(kind, b"long", start.len() as u64 + size)).unwrap();
            out.write_all(start.as_bytes()).unwrap();
            (0..1024).for_each(|_| out.write_all(&[b'n'; 1 << 20]).unwrap());
        };
        let check = |report: &Value| {
            assert_eq!(reasons(report), ["archive-metadata"]);
            assert_eq!(report["stores"].as_array().unwrap().len(), 1, "what stands before it is read");
        };
        with("name.tar", bomb, check);
        let packed = |out: &mut dyn Write| {
            let mut packer = flate2::write::GzEncoder::new(out, flate2::Compression::fast());
            bomb(&mut packer);
        };
        with("name.tar.gz", packed, check);
    }
}

#[test]
#[ignore = "unpacks 13 GB"]
fn a_zip_that_says_13_gb_and_one_that_holds_them() {
    let text = store();
    let mut liar = Member::new("h/.codex/auth.json", DEFLATED, &text);
    (liar.size, liar.wide) = (13_000_000_000, true);
    with(
        "liar.zip",
        |out| out.write_all(&Zip::of(&[liar])).unwrap(),
        |report| {
            assert_eq!(reasons(report), ["zip-mismatch"]);
            assert_eq!(report["stores"].as_array().unwrap().len(), 1);
        },
    );
    let kernel = Member::new("h/zeros", DEFLATED, &vec![0; 64 << 20]);
    for records in [200, 5000] {
        let zip = (0..records).fold(Zip::default().hidden(&kernel), |zip, _| zip.record(&kernel, 0));
        with(
            "overlap.zip",
            |out| out.write_all(&zip.done()).unwrap(),
            |report| {
                assert_eq!(report["totals"]["sources"], records + 1);
                assert!(reasons(report).contains(&"zip-overlap".to_owned()));
                assert_eq!(records > 1000, reasons(report).contains(&"budget-decompressed".to_owned()));
            },
        );
    }
}

#[test]
#[ignore = "writes 1 GiB"]
fn an_archive_of_a_million_members() {
    let path = |n: u32| format!("home/folder-{}/{n}.txt", n / 1000);
    let read = |report: &Value| {
        let sources = report["coverage"]["sources"].as_array().unwrap();
        let archive = sources.iter().find(|s| s["kind"] == "archive").unwrap();
        assert_eq!((archive["members"]["read"].as_u64(), sources.len()), (Some(1_000_000), 1_000_001));
    };
    let zip = (0..1_000_000).fold(Zip::default(), |zip, n| zip.member(&Member::new(&path(n), STORED, b"x\n")));
    with("million.zip", |out| out.write_all(&zip.wide()).unwrap(), read);
    let tar = |out: &mut dyn Write| {
        for n in 0..1_000_000 {
            out.write_all(&header(b'0', path(n).as_bytes(), 2)).unwrap();
            out.write_all(&[&b"x\n"[..], &[0; 510]].concat()).unwrap();
        }
        out.write_all(&[0; 1024]).unwrap();
    };
    with("million.tar", tar, read);
}

#[test]
#[ignore = "writes 1 GiB"]
fn an_archive_of_three_million_members() {
    let empty = Member::new("e", DEFLATED, b"");
    let zip = (0..3_000_000).fold(Zip::default().hidden(&empty), |zip, _| zip.record(&empty, 0));
    with(
        "many.zip",
        |out| out.write_all(&zip.wide()).unwrap(),
        |report| {
            assert!(reasons(report).contains(&"archive-members".to_owned()));
            let archive = report["coverage"]["sources"].as_array().unwrap().iter().find(|s| s["kind"] == "archive").unwrap();
            assert_eq!(archive["members"]["declared"], 3_000_000);
        },
    );
    let header = header(b'0', b"e", 0);
    with(
        "many.tar",
        |out| (0..2_000_000).for_each(|_| out.write_all(&header).unwrap()),
        |report| {
            assert!(reasons(report).contains(&"archive-members".to_owned()));
        },
    );
}
