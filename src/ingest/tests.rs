//! The driver on small inputs: what is read, what is refused, and the same for any number of
//! threads.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::event::{EventKind, PackedTurn, Provider, Stop, Turn};
use crate::plan::{Root, WindowAsked};
use crate::reader::{Reader, Sniff};
use crate::source::discover;
use crate::source::samples::{gz, tar, zip_deflated, zst};
use crate::time::Stamp;
use std::path::{Path, PathBuf};

const TURN: Turn = Turn {
    session: None,
    id: None,
    run: None,
    started: None,
    stop: Stop::Stop,
    provider: Provider::OpenaiCodex,
    model: None,
    failure: None,
    labelled: None,
    transport: None,
    account: None,
    resident: false,
};

/// A format that knows five kinds of line, and fails on a sixth.
struct Lined;

impl Reader for Lined {
    fn line(&mut self, line: &crate::source::Line<'_>, facts: &mut Facts<'_>) -> Outcome {
        match line.bytes {
            b"" => Outcome::Used,
            b"{new}" => Outcome::Unknown,
            b"{turn}" => {
                facts.turn(Some(Stamp::utc(1_778_393_700_000)), facts.origin(line), TURN, "");
                Outcome::Used
            }
            b"{quoted}" => {
                facts.set_aside(1);
                Outcome::Used
            }
            b"{fail}" => std::panic::resume_unwind(Box::new("a reader that fails")),
            [b'{', .., b'}'] => {
                facts.push(None, facts.origin(line), EventKind::Logout);
                Outcome::Used
            }
            _ => Outcome::Skipped(SkipReason::JsonSyntax),
        }
    }
}

const fn format(shape: Shape) -> Format {
    Format { kind: SourceKind::HermesLog, sniff: |_| Sniff::No, shape, tails: &["logs/*"], outside: false }
}

fn whole(bytes: &[u8], _: &Context<'_>, facts: &mut Facts<'_>) -> Outcome {
    facts.push(None, facts.whole(), EventKind::Logout);
    if bytes.ends_with(b"}") { Outcome::Used } else { Outcome::Skipped(SkipReason::JsonDepth) }
}

static LINED: Format = format(Shape::Lines(|_| Box::new(Lined)));
static WHOLE: Format = format(Shape::Whole(whole));
static NOTHING: Format = format(Shape::Nothing);
static NOT_READ: Format = format(Shape::NotRead(SkipReason::FormatNotRead));

fn by_name(head: &Head<'_>) -> Option<&'static Format> {
    match head.name.file().rsplit('.').next()? {
        "log" => Some(&LINED),
        "json" => Some(&WHOLE),
        "none" => Some(&NOTHING),
        "db" => Some(&NOT_READ),
        "fail" => std::panic::resume_unwind(Box::new("a sniffer that fails")),
        _ => None,
    }
}

/// A path for the private folder that nobody else uses: that of a folder that was just removed.
fn scratch() -> PathBuf {
    tempfile::tempdir().unwrap().path().to_path_buf()
}

fn plan(root: &Path, threads: usize) -> Plan {
    let roots = vec![Root::Path(root.to_path_buf())];
    Plan {
        roots,
        window: WindowAsked::default(),
        zones: vec![],
        hosts: vec![],
        private: false,
        threads,
        scratch: scratch(),
        key: [7; 32],
    }
}

fn run(root: &Path, threads: usize, budget: Budget) -> Evidence {
    let (plan, meter) = (plan(root, threads), Meter::new());
    let inputs = discover(&plan.roots).unwrap();
    let evidence = ingest_with(&plan, &inputs, &meter, (budget, Private::at(scratch())), by_name);
    assert!(evidence.sources.iter().all(SourceRecord::adds_up));
    let stated = &evidence.stated;
    let sources = stated.events.iter().map(|event| event.origin.source).chain(stated.turns.iter().map(|turn| turn.source));
    for source in sources {
        assert!((source as usize) < evidence.sources.len());
    }
    evidence
}

/// One file of this name and content: its record, and the number of events.
fn one(name: &str, bytes: &[u8]) -> (SourceRecord, usize) {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join(name), bytes).unwrap();
    let evidence = run(home.path(), 1, Budget::default());
    assert_eq!(evidence.sources.len(), 1);
    (evidence.sources[0].clone(), evidence.stated.len())
}

fn skipped(record: &SourceRecord) -> Vec<(SkipReason, u64, u64)> {
    record.skipped.iter().map(|(reason, skipped)| (*reason, skipped.count, skipped.bytes)).collect()
}

#[test]
fn each_line_is_accounted_for() {
    let (record, events) = one("a.log", b"\xef\xbb\xbf{a}\r\n{new}\nbad\n\0\0\0{b}\nbad");
    assert_eq!((record.records, record.unknown, record.events, events), (5, 1, 2, 2));
    assert_eq!((record.bytes_in, record.bytes_used), (28, 8 + 6 + 4));
    let want = [(SkipReason::JsonSyntax, 1, 4), (SkipReason::TornTail, 1, 3), (SkipReason::NulPadding, 1, 3)];
    let mut seen = skipped(&record);
    seen.sort_by_key(|(reason, ..)| want.iter().position(|w| w.0 == *reason));
    assert_eq!(seen, want);
}

#[test]
fn what_a_log_quotes_is_counted_as_ignored() {
    let (record, events) = one("a.log", b"{a}\n{quoted}\n{quoted}\n");
    assert_eq!((record.records, record.used, record.ignored, events), (3, 1, 2, 1));
    assert_eq!((record.bytes_in, record.bytes_used, record.adds_up()), (22, 22, true));
}

#[test]
fn the_ledger_adds_up_on_every_prefix() {
    let text = b"\xef\xbb\xbf{a}\r\n\r\n{new}\nbad\n\0\0{b}\0\n\0\0\n{c}";
    let home = tempfile::tempdir().unwrap();
    for name in ["a.log", "a.json", "a.none", "a.db", "a.txt"] {
        let path = home.path().join(name);
        let mut last = 0;
        for cut in 0..=text.len() {
            std::fs::write(&path, &text[..cut]).unwrap();
            let evidence = run(&path, 1, Budget::default());
            assert_eq!(evidence.sources[0].bytes_in, cut as u64);
            if name == "a.log" {
                assert!(evidence.stated.len() >= last, "cut at {cut}");
                last = evidence.stated.len();
            }
        }
    }
}

#[test]
fn every_shape_and_what_nobody_knows() {
    let seen = |name: &str, bytes: &[u8]| {
        let (record, events) = one(name, bytes);
        (record.kind, record.records, record.bytes_used, skipped(&record), events)
    };
    let known = SourceKind::HermesLog;
    assert_eq!(seen("a.json", b"\xef\xbb\xbf{}"), (known, 1, 5, vec![], 1));
    assert_eq!(seen("a.json", b"{"), (known, 1, 0, vec![(SkipReason::JsonDepth, 1, 1)], 1));
    assert_eq!(seen("a.none", b"12345"), (known, 1, 5, vec![], 0));
    assert_eq!(seen("a.db", b"12345"), (known, 0, 0, vec![(SkipReason::FormatNotRead, 1, 5)], 0));
    assert_eq!(seen("a.txt", b"12345"), (SourceKind::Unrecognised, 0, 0, vec![(SkipReason::UnknownFormat, 1, 5)], 0));
    assert_eq!(seen("a.txt", b""), (SourceKind::Unrecognised, 0, 0, vec![], 0));
    assert_eq!(seen("a.log", b""), (known, 0, 0, vec![], 0));
}

#[test]
fn a_reader_that_fails_costs_its_source_only() {
    let home = tempfile::tempdir().unwrap();
    let fails = b"{a}\n{fail}\n{b}\n";
    std::fs::write(home.path().join("1.log"), fails).unwrap();
    std::fs::write(home.path().join("2.fail"), "12345").unwrap();
    std::fs::write(home.path().join("3.tar"), tar(&[("1.log", fails), ("2.log", b"{a}\n")])).unwrap();
    let evidence = run(home.path(), 2, Budget::default());
    let seen: Vec<_> = evidence.sources.iter().map(|r| (r.name.file(), r.bytes_used, r.events, skipped(r))).collect();
    let failed = |bytes| vec![(SkipReason::ReaderFailed, 1, bytes)];
    assert_eq!(
        seen,
        [
            ("1.log", 4, 0, failed(11)),
            ("2.fail", 0, 0, failed(5)),
            ("1.log", 4, 0, failed(11)),
            ("2.log", 4, 1, vec![]),
            ("3.tar", 0, 0, vec![])
        ]
    );
    assert_eq!(evidence.stated.len(), 1);
}

#[test]
fn what_went_wrong_below_is_in_the_record() {
    let packed = gz(b"{a}\n");
    let (record, events) = one("a.log.gz", &packed[..packed.len() - 3]);
    assert_eq!((record.bytes_in, skipped(&record), events), (4, vec![(SkipReason::GzipTruncated, 1, 0)], 1));
    let (record, _) = one("a.log.gz", &[&packed[..], b"garbage"].concat());
    assert_eq!((record.bytes_in, skipped(&record)), (11, vec![(SkipReason::GzipTrailing, 1, 7)]));
}

/// A tree with a bit of everything.
fn tree(root: &Path) {
    std::fs::create_dir(root.join("logs")).unwrap();
    for n in 0..40usize {
        let text = format!("{{{n}}}\n{{turn}}\nbad\n").repeat(n * n);
        std::fs::write(root.join(format!("logs/{n}.log")), &text).unwrap();
        std::fs::write(root.join(format!("logs/{n}.log.gz")), gz(text.as_bytes())).unwrap();
    }
    let members: &[(&str, &[u8])] = &[("x.log", b"{1}\n{2}\n"), ("y.txt", b"?"), ("z.json", b"{}")];
    std::fs::write(root.join("a.tar.zst"), zst(&tar(members))).unwrap();
    std::fs::write(root.join("b.zip"), zip_deflated(members)).unwrap();
}

/// All that a later stage can see of the evidence.
fn shown(evidence: &Evidence) -> String {
    let names: Vec<&str> = evidence.sources.iter().map(|record| record.name.private()).collect();
    format!("{names:?} {:?} {:?}", evidence.sources, evidence.stated)
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let home = tempfile::tempdir().unwrap();
    tree(home.path());
    let alone = shown(&run(home.path(), 1, Budget::default()));
    for threads in [2, 4, 64, 0] {
        assert_eq!(shown(&run(home.path(), threads, Budget::default())), alone, "{threads} threads");
    }
    // Nor where the budget ends in the middle.
    let cut = |threads| shown(&run(home.path(), threads, Budget::new(5000, 30_000)));
    let alone = cut(1);
    assert!(alone.contains("BudgetDecompressed"));
    for threads in [2, 4] {
        assert_eq!(cut(threads), alone, "{threads} threads");
    }
}

#[test]
fn a_copy_without_room_is_said_and_the_number_of_threads_changes_nothing() {
    let home = tempfile::tempdir().unwrap();
    let size = 4 * 4096;
    for n in 0..6 {
        let table =
            "CREATE TABLE logs(ts, level, target, feedback_log_body); INSERT INTO logs VALUES (1778393700, 'INFO', 'a', 'b')";
        let path = home.path().join(format!("{n}.sqlite"));
        let writer = rusqlite::Connection::open(&path).unwrap();
        writer.execute_batch(&format!("{table}; CREATE TABLE x(y); INSERT INTO x VALUES (zeroblob(3000));")).unwrap();
        assert!(std::fs::metadata(&path).unwrap().len() < size);
    }
    let read = |room: u64, threads: usize| {
        let (plan, meter) = (plan(home.path(), threads), Meter::new());
        let limits = (Budget::default(), Private::with_room(scratch(), room));
        let evidence = ingest_with(&plan, &discover(&plan.roots).unwrap(), &meter, limits, reader::recognise);
        assert!(evidence.sources.iter().all(SourceRecord::adds_up));
        evidence
    };
    let none = read(size / 4 - 1, 1);
    assert_eq!(none.sources.len(), 6);
    assert!(none.sources.iter().all(|record| skipped(record) == [(SkipReason::SqliteRoom, 1, record.bytes_in)]));
    // There is room for one of them at a time.
    let alone = read(size, 1);
    assert!(alone.sources.len() == 12 && alone.sources.iter().all(|record| record.skipped.is_empty()));
    for _ in 0..5 {
        assert_eq!(shown(&read(size, 6)), shown(&alone));
    }
}

#[test]
fn sources_come_in_the_order_of_discovery_and_know_their_home() {
    let home = tempfile::tempdir().unwrap();
    tree(home.path());
    let evidence = run(home.path(), 4, Budget::default());
    let names: Vec<&str> = evidence.sources.iter().map(|record| record.name.file()).collect();
    assert_eq!(names[..9], ["x.log", "y.txt", "z.json", "a.tar", "x.log", "y.txt", "z.json", "b.zip", "0.log"]);
    let root = crate::source::Name::of_path(home.path()).parts().join("/");
    assert_eq!(evidence.sources[8].home.as_ref(), Some(&root));
    assert_eq!(evidence.sources[1].home, None);
    let events: u64 = evidence.sources.iter().map(|record| record.events).sum();
    assert_eq!(events, evidence.stated.len() as u64);
    assert!(evidence.stated.events.is_sorted_by_key(|event| event.origin));
    assert!(evidence.stated.turns.is_sorted_by_key(PackedTurn::origin) && evidence.stated.turns.len() > 1_000);
}

#[test]
fn what_an_archive_has_is_what_came_out_of_it() {
    let home = tempfile::tempdir().unwrap();
    let inner = zip_deflated(&[("a.log", b"{1}\n"), ("d/", b""), ("b.log", b"{2}\n")]);
    let outer = tar(&[("c.log", b"{3}\n"), ("in.zip", &inner), ("gone.zip", &inner[..30]), ("d/", b"")]);
    std::fs::write(home.path().join("out.tar.gz"), gz(&outer)).unwrap();
    let evidence = run(home.path(), 1, Budget::default());
    let counts = |record: &SourceRecord| {
        let members = record.members.as_ref()?;
        Some((record.name.file().to_owned(), members.archive.declared, members.read, members.archive.folders, members.skipped()))
    };
    let seen: Vec<_> = evidence.sources.iter().filter_map(counts).collect();
    assert_eq!(seen, [("in.zip".into(), 3, 2, 1, 0), ("gone.zip".into(), 0, 0, 0, 0), ("out.tar".into(), 4, 3, 1, 0)]);

    let mut record = evidence.sources.last().unwrap().clone();
    assert!(record.adds_up());
    record.members.as_mut().unwrap().read -= 1;
    assert!(!record.adds_up(), "a member that got lost is noticed");
}

#[test]
fn the_meter_ends_at_its_total() {
    let home = tempfile::tempdir().unwrap();
    tree(home.path());
    std::fs::write(home.path().join("c.db"), vec![0; 1 << 20]).unwrap();
    let (plan, meter) = (plan(home.path(), 2), Meter::new());
    let inputs = discover(&plan.roots).unwrap();
    ingest_with(&plan, &inputs, &meter, (Budget::default(), Private::at(scratch())), by_name);
    assert_eq!(meter.read(), meter.total());
}

#[test]
fn with_the_real_formats_what_is_no_format_is_listed() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("a.bin"), [0xff, 0, 1, 2]).unwrap();
    let plan = plan(home.path(), 1);
    let evidence = ingest(&plan, discover(&plan.roots).unwrap(), &Meter::new());
    assert_eq!(skipped(&evidence.sources[0]), [(SkipReason::UnknownFormat, 1, 4)]);
}
