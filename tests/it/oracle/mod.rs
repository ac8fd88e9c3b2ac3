//! What must hold for any bytes at all: the oracles of the fuzz targets in `tests/fuzz`, which
//! run here over the committed corpora and over everything the generators make.
//!
//! Each takes bytes, reads them as the program would, and panics where a promise is broken. The
//! fuzz targets include this file, so it uses nothing but the library and the standard library.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use stopwhy::evidence::Evidence;
use stopwhy::plan::{Plan, Root, WindowAsked};
use stopwhy::source::{self, Meter};
use stopwhy::time::{self, Stamp};
use stopwhy::{attribute, correlate, ingest, report};

thread_local! {
    static FOLDER: OnceCell<tempfile::TempDir> = const { OnceCell::new() };
}

/// A folder of this thread, for one file at a time.
fn folder() -> PathBuf {
    FOLDER.with(|folder| folder.get_or_init(|| tempfile::tempdir().expect("a temporary folder")).path().to_path_buf())
}

fn plan(path: &Path) -> Plan {
    Plan {
        roots: vec![Root::Path(path.to_path_buf())],
        window: WindowAsked::default(),
        zones: Vec::new(),
        hosts: Vec::new(),
        private: false,
        threads: 1,
        scratch: folder().join("scratch"),
        key: [3; 32],
    }
}

/// Read one file that holds `bytes`, and check the ledger of everything in it.
fn read(name: &str, bytes: &[u8]) -> Evidence {
    let path = folder().join(name);
    std::fs::write(&path, bytes).expect("room in the temporary folder");
    // Its time is evidence, too.
    let file = std::fs::File::options().write(true).open(&path);
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_778_393_702);
    file.and_then(|file| file.set_modified(time)).expect("the file is ours");
    let plan = plan(&path);
    let inputs = source::discover(&plan.roots).expect("it is there");
    let evidence = ingest::ingest(&plan, inputs, &Meter::default());
    std::fs::remove_file(&path).expect("it was there");
    for source in &evidence.sources {
        assert!(source.adds_up(), "the ledger of {source:?}");
    }
    let stated = &evidence.stated;
    let sources = stated.events.iter().map(|event| event.origin.source).chain(stated.turns.iter().map(|turn| turn.source));
    for source in sources {
        assert!((source as usize) < evidence.sources.len(), "an event without a source");
    }
    for (at, _) in stated.stamps() {
        assert!(at.plausible().is_some(), "an event at {at:?}");
    }
    evidence
}

/// Everything that a report is made of, so that two readings can be compared.
fn events(evidence: &Evidence) -> Vec<String> {
    let events = evidence.stated.events.iter().map(|event| format!("{:?} {:?}", event.at, event.kind));
    events.chain(evidence.stated.turns.iter().map(|turn| format!("{:?} {:?}", turn.at(), turn.turn()))).collect()
}

/// The bytes of all sources.
fn bytes_in(evidence: &Evidence) -> u64 {
    evidence.sources.iter().map(|source| source.bytes_in).sum()
}

/// Names that give every reader of lines and of small files its turn.
const NAMES: &[&str] = &[
    "session.jsonl",
    "openclaw-2026-05-10.log",
    "rollout-2026-05-10T10-00-00-0.jsonl",
    "agent.log",
    "codex-tui.log",
    "Codex.log",
    "auth.json",
    "auth-profiles.json",
    "sessions.json",
    "gateway.log",
    "request_dump_x.json",
    "config.yaml",
    ".zsh_history",
];

/// Lines of any format: the first byte chooses the name, the rest is the file. Every byte is
/// accounted for, a line end more or less at the end changes nothing but the torn last line, and
/// the report of it can be made.
pub fn lines(data: &[u8]) {
    let Some((first, text)) = data.split_first() else { return };
    let name = NAMES[*first as usize % NAMES.len()];
    let mut once = read(name, text);
    if once.sources.len() == 1 && once.sources[0].name.file() == name {
        assert_eq!(bytes_in(&once), text.len() as u64, "bytes of {name}");
    }
    assert_eq!(events(&once), events(&read(name, text)), "read twice");
    let plan = plan(Path::new("x"));
    let known = std::sync::Arc::new(correlate::correlate(&mut once, &plan));
    let once = std::sync::Arc::new(once);
    let verdicts = attribute::attribute(&known).into();
    let made = report::build(&once, &known, &verdicts, &report::Options::default());
    let text = report::json(&made).expect("it renders");
    assert!(once.gate.leak(&text, &stopwhy::secret::Vault::new(plan.key)).is_none(), "a piece of a token in the report");
}

/// An archive or compressed file of any kind: the ledger of every member adds up, whatever the
/// archive claims.
pub fn archives(data: &[u8]) {
    let evidence = read("bundle", data);
    assert!(data.is_empty() || !evidence.sources.is_empty(), "an archive that leaves no trace");
    assert_eq!(events(&evidence), events(&read("bundle", data)), "read twice");
}

/// A database of any kind.
pub fn databases(data: &[u8]) {
    let evidence = read("state.db", data);
    assert!(!evidence.sources.is_empty());
    assert_eq!(events(&evidence), events(&read("state.db", data)), "read twice");
    assert!(!folder().join("scratch").exists(), "a copy is left behind");
}

/// A stamp in any form: what is read lies in the time there is, and reads the same when it is
/// printed and read again.
pub fn times(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Some((stamp, rest)) = Stamp::prefix(data) {
        assert!(stamp.plausible().is_some() && rest.len() < data.len(), "{text:?}");
    }
    for stamp in [Stamp::parse(&text), text.trim().parse().ok().and_then(Stamp::epoch)].into_iter().flatten() {
        assert!(stamp.plausible().is_some(), "{text:?} is {stamp:?}");
        let printed = time::rfc3339(stamp.ms);
        let again = Stamp::parse(&printed);
        assert_eq!(again.map(|again| again.ms), Some(stamp.ms), "{text:?} prints as {printed}");
        assert!(again.is_some_and(|again| !again.is_local()), "{printed}");
    }
}
