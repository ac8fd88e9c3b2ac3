//! Reads invented and (where they are) genuine files with the formats of this folder.
#![allow(clippy::unwrap_used)]

mod journal;
mod order;
mod talk;

use super::FORMATS;
use crate::event::{ErrorClass, EventKind, PackedTurn, SourceKind, Stated, Stop, TroubleKind};
use crate::reader::{Context, Facts, Format, Outcome, Shape, Sniff};
use crate::secret::Vault;
use crate::source::{Head, Line, Name};
use std::io::Write;
use std::path::{Path, PathBuf};

fn format_of(name: &Name, bytes: &[u8]) -> Option<&'static Format> {
    let shown = &bytes[..bytes.len().min(64 << 10)];
    let head = Head { name, bytes: shown, whole: shown.len() == bytes.len() };
    let of = |sniff: Sniff| FORMATS.iter().find(|format| (format.sniff)(&head) == sniff);
    of(Sniff::Yes).or_else(|| of(Sniff::Maybe))
}

/// What a file of this name and content is recognised as.
pub(super) fn kind_of(name: &str, bytes: &[u8]) -> Option<SourceKind> {
    format_of(&Name::of_text(name), bytes).map(|format| format.kind)
}

/// The outcome of every line (or of the file), and what is stated.
pub(super) fn read_file(name: &str, bytes: &[u8]) -> (Vec<Outcome>, Stated) {
    let name = Name::of_text(name);
    let vault = Vault::new([9; 32]);
    let mut facts = Facts::new(&vault, 0, false);
    let Some(format) = format_of(&name, bytes) else { return (Vec::new(), Stated::default()) };
    let context = Context { name: &name, modified: None };
    let mut outcomes = Vec::new();
    match format.shape {
        Shape::Whole(read) => outcomes.push(read(bytes, &context, &mut facts)),
        Shape::Lines(new) => {
            let mut reader = new(&context);
            let mut at = 0;
            for (number, piece) in bytes.split_inclusive(|&b| b == b'\n').enumerate() {
                let torn = piece.last() != Some(&b'\n');
                let line = piece.strip_suffix(b"\n").unwrap_or(piece);
                let line = Line { number: number as u64 + 1, byte: at, bytes: line.strip_suffix(b"\r").unwrap_or(line), torn };
                outcomes.push(reader.line(&line, &mut facts));
                at += piece.len() as u64;
            }
            reader.finish(&mut facts);
        }
        Shape::Nothing | Shape::Database | Shape::NotRead(_) => {}
    }
    (outcomes, facts.into_parts().0)
}

/// Class of every failed turn, in order.
fn failed(turns: &[PackedTurn]) -> Vec<ErrorClass> {
    let of = |turn: &PackedTurn| turn.failure.map_or(ErrorClass::Unlisted, |failure| failure.class);
    turns.iter().filter(|turn| turn.stop.is_failure()).map(of).collect()
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let walk = walkdir::WalkDir::new(folder).sort_by_file_name();
    walk.into_iter().filter_map(Result::ok).filter(|e| e.file_type().is_file()).map(|e| e.into_path()).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_prefix_of_every_fixture_is_read_without_a_panic() {
    let mut seen = 0;
    for path in files_below(&root().join("fixtures/readers")) {
        let name = path.to_string_lossy().into_owned();
        if !name.contains("/hermes-") || name.ends_with("expected.txt") {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        for end in 0..=bytes.len() {
            read_file(&name, &bytes[..end]);
        }
        seen += 1;
    }
    assert!(seen >= 8, "{seen} fixtures");
}

#[test]
fn fixtures_are_recognised_as_the_kind_they_stand_under() {
    for path in files_below(&root().join("fixtures/readers")) {
        let name = path.to_string_lossy().into_owned();
        let Some((_, rest)) = name.split_once("fixtures/readers/hermes-") else { continue };
        // A database is told by its schema, see `tests/it/readers.rs`.
        if name.ends_with("expected.txt") || rest.starts_with("state-db/") {
            continue;
        }
        let kind = kind_of(&name, &std::fs::read(&path).unwrap());
        let want = rest.split('/').next().unwrap_or("");
        assert_eq!(kind.map(SourceKind::word), Some(format!("hermes-{want}").as_str()), "{name}");
    }
}

/// Genuine files of a scenario, if they are there.
struct Scenario(PathBuf);

impl Scenario {
    fn read(&self, file: &str) -> Stated {
        let path = self.0.join(file);
        let bytes = std::fs::read(&path).unwrap();
        let (outcomes, stated) = read_file(&path.to_string_lossy(), &bytes);
        assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Used), "{file}");
        stated
    }

    fn failed(&self, file: &str) -> Vec<ErrorClass> {
        failed(&self.read(file).turns)
    }

    /// The turns of all files whose name holds `part`.
    fn all(&self, part: &str) -> Vec<PackedTurn> {
        let names = files_below(&self.0).into_iter().filter(|path| path.to_string_lossy().contains(part));
        names.flat_map(|path| read_file(&path.to_string_lossy(), &std::fs::read(&path).unwrap()).1.turns).collect()
    }
}

/// Runs `check` over a scenario of genuine files, or says that there are none.
fn with_sample(scenario: &str, check: impl Fn(&Scenario)) {
    let folder = root().join("../shared/samples").join(scenario);
    if folder.is_dir() {
        check(&Scenario(folder));
    } else {
        writeln!(std::io::stderr(), "no genuine files for {scenario}: not checked").unwrap();
    }
}

const AGENT: &str = "home/.hermes/logs/agent.log";
const ERRORS: &str = "home/.hermes/logs/errors.log";
const GATEWAY: &str = "home/.hermes/logs/gateway.log";
const SESSIONS: &str = "home/.hermes/sessions/";

fn count(stated: &Stated, is: impl Fn(&EventKind) -> bool) -> usize {
    stated.events.iter().filter(|e| is(&e.kind)).count()
}

#[test]
fn a_gateway_with_five_failed_turns() {
    use ErrorClass::{Overloaded, RefreshTokenReused as Reused, TokenExpired, Unstated};
    with_sample("hermes-0.13.0/10-gateway", |s| {
        let want = vec![TokenExpired, Overloaded, Reused, Reused, Reused];
        assert_eq!(s.failed(AGENT), want);
        assert_eq!(s.failed(ERRORS), vec![TokenExpired, Overloaded]);
        assert_eq!(s.failed(GATEWAY), vec![Reused, Reused, Reused]);
        let ids =
            |file: &str| -> Vec<_> { s.read(file).turns.iter().filter(|t| t.stop.is_failure()).filter_map(|t| t.id).collect() };
        let all = ids(AGENT);
        assert!(ids(ERRORS).iter().chain(&ids(GATEWAY)).all(|id| all.contains(id)));
        let transcripts = failed(&s.all("sessions/2026"));
        assert_eq!(transcripts, vec![Unstated, Unstated, Reused, Reused, Reused]);
        assert_eq!(failed(&s.all("request_dump_")), vec![TokenExpired, Overloaded]);
        let log = s.read(AGENT);
        assert_eq!(count(&log, |k| matches!(k, EventKind::ZoneAnchor { offset_s: 3600 })), 1);
        assert_eq!(count(&log, |k| matches!(k, EventKind::Refused { .. })), 3);
    });
    with_sample("hermes-0.19.0/10-gateway", |s| {
        assert_eq!(s.failed(AGENT), vec![TokenExpired, Overloaded]);
        assert_eq!(count(&s.read(AGENT), |k| matches!(k, EventKind::Adopted { .. })), 1);
    });
}

#[test]
fn a_refused_lookup_on_the_command_line_leaves_a_start_without_a_client() {
    for scenario in ["hermes-0.13.0/3-shared-then-reused", "hermes-0.13.0/3b-reused-token-expired"] {
        with_sample(scenario, |s| {
            assert_eq!(s.failed(AGENT), vec![ErrorClass::NoCredential; 3]);
            assert!(count(&s.read(AGENT), |k| matches!(k, EventKind::Trouble(t) if t.kind == TroubleKind::NoneLeft)) >= 2);
            let store = s.read("home/.hermes/auth.json");
            let refused = |k: &EventKind| matches!(k, EventKind::Trouble(t) if t.kind == TroubleKind::Exhausted && t.failure.is_some_and(|f| f.class == ErrorClass::RefreshRefused));
            assert_eq!(count(&store, refused), 1);
            assert_eq!(count(&store, |k| matches!(k, EventKind::Store(state) if state.imported)), 2);
            assert_eq!(
                count(
                    &s.read("out/status.txt"),
                    |k| matches!(k, EventKind::Refused { failure, .. } if failure.class == ErrorClass::RefreshTokenReused)
                ),
                1
            );
        });
    }
}

#[test]
fn an_adoption_is_stated_and_no_turn_failed() {
    for scenario in ["hermes-0.19.0/3-shared-then-reused", "hermes-0.19.0/8-codex-cli-has-newer-pair"] {
        with_sample(scenario, |s| {
            assert_eq!(s.failed(AGENT), vec![]);
            assert_eq!(count(&s.read(AGENT), |k| matches!(k, EventKind::Adopted { .. })), 1);
            let noted = |k: &EventKind| matches!(k, EventKind::Trouble(t) if t.kind == TroubleKind::Noted && t.failure.is_some_and(|f| f.class == ErrorClass::RefreshTokenReused));
            assert_eq!(count(&s.read("home/.hermes/auth.json"), noted), 1);
        });
    }
}

#[test]
fn each_failure_has_its_class_in_log_and_dump() {
    use ErrorClass::{Connect, Overloaded, TokenInvalidated, UsageLimit};
    for (scenario, log, dumps) in [
        ("hermes-0.13.0/1-healthy", vec![], vec![]),
        ("hermes-0.13.0/2-refresh-ok", vec![], vec![]),
        ("hermes-0.13.0/4a-401-refresh-ok", vec![], vec![]),
        ("hermes-0.13.0/4b-401-refresh-reused", vec![TokenInvalidated; 3], vec![TokenInvalidated; 3]),
        ("hermes-0.13.0/4c-401-stays-after-refresh", vec![], vec![]),
        ("hermes-0.13.0/5-429-usage-limit", vec![UsageLimit; 2], vec![UsageLimit; 2]),
        ("hermes-0.13.0/6-5xx-and-cuts", vec![Overloaded; 2], vec![Overloaded]),
        ("hermes-0.13.0/7-connection-refused", vec![Connect], vec![Connect]),
        ("hermes-0.13.0/9-auth-add-second-login", vec![TokenInvalidated], vec![TokenInvalidated]),
        ("hermes-0.19.0/1-healthy", vec![], vec![]),
        ("hermes-0.19.0/4b-401-refresh-reused", vec![TokenInvalidated], vec![TokenInvalidated]),
        ("hermes-0.19.0/4c-401-stays-after-refresh", vec![TokenInvalidated; 2], vec![TokenInvalidated; 2]),
        ("hermes-0.19.0/5-429-usage-limit", vec![UsageLimit; 2], vec![UsageLimit; 2]),
        ("hermes-0.19.0/7-connection-refused", vec![Connect], vec![Connect]),
        ("hermes-0.19.0/9-auth-add-second-login", vec![TokenInvalidated], vec![TokenInvalidated]),
    ] {
        with_sample(scenario, |s| {
            assert_eq!(s.failed(AGENT), log, "{scenario}");
            assert_eq!(s.failed(ERRORS).len(), log.len(), "{scenario}");
            assert_eq!(failed(&s.all("request_dump_")), dumps, "{scenario}");
            let snapshots = s.all(&format!("{SESSIONS}session_")).len();
            assert!(!scenario.contains("0.13.0") || snapshots == log.len(), "{scenario}: {snapshots}");
            let calls = s.read(AGENT).worked.len();
            let ended = s.read(AGENT).turns.iter().filter(|t| t.stop == Stop::Stop).count();
            assert!(calls >= ended && ended >= 1, "{scenario}");
        });
    }
}

#[test]
fn every_genuine_file_has_a_format_and_every_line_is_understood() {
    for version in ["hermes-0.13.0", "hermes-0.19.0"] {
        with_sample(version, |s| {
            for path in files_below(&s.0) {
                let name = path.to_string_lossy().into_owned();
                let genuine = name.contains("/.hermes/") && !name.contains("state.db");
                if !genuine {
                    continue;
                }
                let bytes = std::fs::read(&path).unwrap();
                assert!(kind_of(&name, &bytes).is_some(), "{name}");
                let known = |outcome: &Outcome| matches!(outcome, Outcome::Used | Outcome::Ignored);
                assert!(read_file(&name, &bytes).0.iter().all(known), "{name}");
            }
        });
    }
}
