//! One folder per format and case under `fixtures/readers`: the input, and the events it must
//! give (`expected.txt`). `STOPWHY_BLESS=1 cargo test` writes the expectations anew.
//!
//! Three tests cover every case, so that a new format needs only a folder: its events match, its
//! folder's kind is what it is recognised as, and every prefix of it reads without a panic and
//! adds up in the ledger. A database stands beside the statements that make it
//! (`x.sqlite.sql`), which are what a person reads.

use crate::describe::describe;
use std::path::{Path, PathBuf};
use stopwhy::evidence::Evidence;
use stopwhy::plan::{Plan, Root, WindowAsked};

const EXPECTED: &str = "expected.txt";
const STATEMENTS: &str = ".sql";

fn cases() -> Vec<(String, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/readers");
    let mut cases = Vec::new();
    for kind in sorted(&root) {
        for case in sorted(&kind) {
            cases.push((kind.file_name().unwrap().to_string_lossy().into_owned(), case));
        }
    }
    assert!(!cases.is_empty(), "no reader fixtures under {}", root.display());
    cases
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut list: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    list.sort();
    list
}

/// Every file of a case but the expectation and statements, as if the folder were a home.
fn inputs(case: &Path) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(case).sort_by_file_name().into_iter().map(|e| e.unwrap()).filter(|e| e.file_type().is_file());
    let about = |p: &PathBuf| p.file_name().is_some_and(|n| n == EXPECTED) || p.to_string_lossy().ends_with(STATEMENTS);
    files.map(walkdir::DirEntry::into_path).filter(|p| !about(p)).collect()
}

#[test]
fn databases_are_what_their_statements_make() {
    let bless = std::env::var_os("STOPWHY_BLESS").is_some();
    let mut made = 0;
    for (_, case) in cases() {
        for file in sorted(&case).into_iter().filter(|p| p.to_string_lossy().ends_with(STATEMENTS)) {
            let bytes = crate::make::sqlite::of_statements(&std::fs::read_to_string(&file).unwrap());
            let database = file.with_extension("");
            if bless {
                std::fs::write(&database, &bytes).unwrap();
            }
            assert!(std::fs::read(&database).unwrap() == bytes, "{} is not what its statements make", database.display());
            made += 1;
        }
    }
    assert!(made >= 5, "only {made} databases");
}

pub fn plan(roots: Vec<Root>) -> Plan {
    Plan {
        roots,
        window: WindowAsked::default(),
        zones: Vec::new(),
        hosts: Vec::new(),
        private: false,
        threads: 1,
        scratch: crate::pipeline::scratch(),
        key: [9; 32],
    }
}

pub fn read(paths: &[PathBuf]) -> Evidence {
    let plan = plan(paths.iter().map(|p| Root::Path(p.clone())).collect());
    let inputs = stopwhy::source::discover(&plan.roots).unwrap();
    stopwhy::ingest::ingest(&plan, inputs, &stopwhy::source::Meter::default())
}

#[test]
fn events_are_as_expected() {
    let bless = std::env::var_os("STOPWHY_BLESS").is_some();
    let mut wrong = Vec::new();
    for (_, case) in cases() {
        let evidence = read(&inputs(&case));
        let found = describe(&evidence.stated);
        let file = case.join(EXPECTED);
        if bless {
            std::fs::write(&file, &found).unwrap();
        } else if std::fs::read_to_string(&file).ok().as_deref() != Some(found.as_str()) {
            wrong.push(format!("{}:\n{found}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "events differ from expected.txt in {} cases:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn each_input_is_recognised_as_its_kind() {
    for (kind, case) in cases() {
        let evidence = read(&inputs(&case));
        let kinds: Vec<&str> = evidence.sources.iter().map(|s| s.kind.word()).collect();
        assert!(kinds.contains(&kind.as_str()), "{}: recognised as {kinds:?}", case.display());
    }
}

#[test]
fn every_prefix_reads_and_adds_up() {
    let scratch = tempfile::tempdir().unwrap();
    for (_, case) in cases() {
        for input in inputs(&case) {
            let bytes = std::fs::read(&input).unwrap();
            let target = scratch.path().join(input.file_name().unwrap());
            // Every cut in small files, a spread of about 300 in larger ones; a container, whose
            // bytes are those of several sources, is opened anew for each.
            let container = [".sqlite", ".db", ".tar"].iter().any(|end| input.to_string_lossy().ends_with(end));
            let step = (bytes.len() / if container { 25 } else { 300 }).max(1);
            for cut in (0..bytes.len()).step_by(step) {
                std::fs::write(&target, &bytes[..cut]).unwrap();
                let evidence = read(std::slice::from_ref(&target));
                for source in &evidence.sources {
                    assert!(source.adds_up(), "{} cut at {cut}: {source:?}", input.display());
                    if !container {
                        assert_eq!(source.bytes_in, cut as u64, "{} cut at {cut}", input.display());
                    }
                    assert!(
                        !source.skipped.contains_key(&stopwhy::event::SkipReason::ReaderFailed),
                        "{} cut at {cut}",
                        input.display()
                    );
                }
                // The tables of a database are sources beside it.
                if input.extension().is_some_and(|end| end == "sqlite") {
                    let bytes: u64 = evidence.sources.iter().map(|source| source.bytes_in).sum();
                    assert_eq!(bytes, cut as u64, "{} cut at {cut}", input.display());
                }
            }
            let _ = std::fs::remove_file(&target);
        }
    }
}

/// What a crash leaves at the start of a file of records does not hide what it is.
#[test]
fn a_torn_record_in_front_hides_no_file() {
    let mut tried = 0;
    for (kind, case) in cases() {
        for input in inputs(&case) {
            let bytes = std::fs::read(&input).unwrap();
            let lines: Vec<&[u8]> = bytes.split(|b| *b == b'\n').filter(|line| !line.is_empty()).collect();
            if lines.len() < 2 || !lines.iter().all(|line| line.starts_with(b"{") && line.ends_with(b"}")) {
                continue;
            }
            let temp = tempfile::tempdir().unwrap();
            let place = temp.path().join(input.strip_prefix(&case).unwrap());
            std::fs::create_dir_all(place.parent().unwrap()).unwrap();
            let torn = &lines[0][..lines[0].len() / 2];
            std::fs::write(&place, [torn, b"\n", &bytes].concat()).unwrap();
            let evidence = read(&[place]);
            let found: Vec<&str> = evidence.sources.iter().map(|source| source.kind.word()).collect();
            assert_eq!(found, [kind.as_str()], "{}", input.display());
            tried += 1;
        }
    }
    assert!(tried > 20, "{tried} files of records");
}
