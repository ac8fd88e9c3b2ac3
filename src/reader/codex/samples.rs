//! The readers against files that real versions of Codex wrote (0.98 to 0.169, against a server
//! that answered as each scenario says), where a copy of them is at hand beside the project.
//! Without it these tests say so and pass.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

use super::cuts::{below, format_of};
use super::testing;
use crate::event::{Client, ErrorClass as C, Event, EventKind, PackedTurn, SourceKind, Stated, Stop, Taken, Turn, Writer};
use crate::reader::{Outcome, Shape};
use crate::source::Name;
use std::path::{Path, PathBuf};

/// The folder of a scenario, if there is one.
fn scenario(path: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples").join(path);
    if !folder.is_dir() {
        eprintln!("no sample files at hand: {path} is not checked");
        return None;
    }
    Some(folder)
}

/// Events of the scenario's files of one kind whose name holds `part`, in order.
fn stated(folder: &Path, kind: SourceKind, part: &str) -> Stated {
    let mut found = Stated::default();
    for path in below(folder).into_iter().filter(|p| p.to_string_lossy().contains(part)) {
        let bytes = std::fs::read(&path).unwrap();
        let name = Name::of_path(path.strip_prefix(folder).unwrap());
        let Some(format) = format_of(&name, &bytes).filter(|f| f.kind == kind) else { continue };
        match format.shape {
            Shape::Lines(open) => {
                let (stated, outcomes) = testing::run(open, name.private(), &bytes);
                assert!(outcomes.iter().all(|o| matches!(o, Outcome::Used | Outcome::Ignored)), "{}", path.display());
                found.events.extend(stated.events);
                found.turns.extend(stated.turns);
            }
            Shape::Whole(read) => found.events.extend(testing::whole(read, name.private(), &bytes)),
            Shape::Nothing | Shape::Database | Shape::NotRead(_) => {}
        }
    }
    found
}

fn events(folder: &Path, kind: SourceKind, part: &str) -> Vec<Event> {
    stated(folder, kind, part).events
}

fn turns(folder: &Path, kind: SourceKind, part: &str) -> Vec<Turn> {
    stated(folder, kind, part).turns.iter().map(PackedTurn::turn).collect()
}

fn refusals(events: &[Event]) -> Vec<C> {
    let class = |e: &Event| if let EventKind::Refused { failure, .. } = &e.kind { Some(failure.class) } else { None };
    events.iter().filter_map(class).collect()
}

/// What the rollouts of each scenario have to say: how many turns ended well, and the failures.
const ROLLOUTS: &[(&str, usize, Stop, &[C])] = &[
    ("codex-0.98.0/01-healthy", 3, Stop::Unfinished, &[]),
    ("codex-0.98.0/04-reused", 0, Stop::Unfinished, &[C::Unstated; 3]),
    ("codex-0.98.0/04e-healthy-then-reused-then-login", 3, Stop::Unfinished, &[C::Unstated; 2]),
    ("codex-0.98.0/06-usage-limit", 0, Stop::Unfinished, &[C::Unstated; 2]),
    ("codex-0.98.0/15-app-server-refresh", 2, Stop::Unfinished, &[]),
    ("codex-0.98.0/15b-app-server-reused", 1, Stop::Unfinished, &[C::Unstated; 2]),
    ("codex-0.130.0/01-healthy", 3, Stop::Error, &[]),
    ("codex-0.130.0/04-reused", 0, Stop::Error, &[C::Unstated; 3]),
    ("codex-0.130.0/04e-healthy-then-reused-then-login", 3, Stop::Error, &[C::Unstated; 2]),
    ("codex-0.130.0/15b-app-server-reused", 1, Stop::Error, &[C::Unstated; 2]),
    ("codex-0.150.0/04-reused", 0, Stop::Error, &[C::RefreshTokenReused; 3]),
    ("codex-0.150.0/15b-app-server-reused", 1, Stop::Error, &[C::RefreshTokenReused; 2]),
    ("codex-0.169.0/01-healthy", 3, Stop::Error, &[]),
    ("codex-0.169.0/04-reused", 0, Stop::Error, &[C::RefreshTokenReused; 3]),
    ("codex-0.169.0/04c-reused-near-expiry", 1, Stop::Error, &[]),
    ("codex-0.169.0/05-invalidated", 0, Stop::Error, &[C::RefreshTokenInvalidated; 2]),
    ("codex-0.169.0/05b-revoked-expired", 0, Stop::Error, &[C::RefreshTokenExpired]),
    ("codex-0.169.0/05c-plain-401-persists", 0, Stop::Error, &[C::Unauthorized]),
    ("codex-0.169.0/06-usage-limit", 0, Stop::Error, &[C::UsageLimit; 2]),
    ("codex-0.169.0/06b-rate-limit", 1, Stop::Error, &[C::RateLimit]),
    ("codex-0.169.0/07-overloaded", 0, Stop::Error, &[C::Overloaded; 2]),
    ("codex-0.169.0/07c-403-cloudflare", 0, Stop::Error, &[C::EdgeBlock]),
    ("codex-0.169.0/08-refused", 0, Stop::Error, &[C::Connect]),
    ("codex-0.169.0/09-cut", 1, Stop::Error, &[C::StreamCut]),
    ("codex-0.169.0/10b-login-abandoned", 1, Stop::Error, &[C::MissingBearer]),
    ("codex-0.169.0/12-refresh-500", 0, Stop::Error, &[C::NotRenewed]),
    ("codex-0.169.0/14-tui", 1, Stop::Error, &[C::RefreshTokenReused; 2]),
    ("codex-0.169.0/16-race-same-home", 3, Stop::Error, &[]),
];

#[test]
fn rollouts_say_what_happened() {
    for (path, well, stop, failures) in ROLLOUTS {
        let Some(folder) = scenario(path) else { continue };
        let turns = turns(&folder, SourceKind::CodexRollout, "rollout-");
        assert_eq!(turns.iter().filter(|t| t.stop.is_success()).count(), *well, "{path}");
        let failed: Vec<(Stop, C)> =
            turns.iter().filter(|t| !t.stop.is_success()).map(|t| (t.stop, t.failure.unwrap().class)).collect();
        assert_eq!(failed, failures.iter().map(|class| (*stop, *class)).collect::<Vec<_>>(), "{path}");
        assert!(turns.iter().all(|t| t.id.is_some() && t.session.is_some() && t.model.is_some()), "{path}");
    }
}

#[test]
fn logs_count_the_refusals_of_the_server() {
    let once = &[C::RefreshTokenReused][..];
    for (path, part, want) in [
        // Eight requests, of which the first is never logged.
        ("codex-0.98.0/04b-reused-at-expiry", "step1.err", &[C::RefreshTokenReused; 7][..]),
        ("codex-0.130.0/04-reused", "step1.err", once),
        ("codex-0.130.0/04b-reused-at-expiry", "step1.err", once),
        ("codex-0.150.0/15b-app-server-reused", "step1.err", once),
        // Four requests, of which the first is never logged.
        ("codex-0.169.0/04b-reused-at-expiry", "step1.err", &[C::RefreshTokenReused; 3]),
        ("codex-0.169.0/04-reused", "step1.err", &[C::RefreshRefused]),
        ("codex-0.169.0/14-tui", "daemon.stderr.log", &[C::RefreshRefused]),
        ("codex-0.169.0/12-refresh-500", "step1.err", &[C::RefreshOutcomeUnknown; 16]),
        ("codex-0.169.0/12b-refresh-reset", "step1.err", &[]),
        ("codex-0.169.0/12c-refresh-geo403", "step1.err", &[C::RefreshEdgeBlocked; 52]),
        ("codex-0.169.0/02-proactive-refresh", "step1.err", &[]),
    ] {
        let Some(folder) = scenario(path) else { continue };
        assert_eq!(refusals(&events(&folder, SourceKind::CodexLog, part)), want, "{path}");
    }
}

#[test]
fn the_text_log_names_what_the_rollout_of_0_130_hides() {
    let Some(folder) = scenario("codex-0.130.0/14-tui") else { return };
    let rollout = turns(&folder, SourceKind::CodexRollout, "rollout-");
    let log = turns(&folder, SourceKind::CodexLog, "codex-tui.log");
    let silent: Vec<_> = rollout.iter().filter(|t| t.stop == Stop::Error).map(|t| (t.session, t.id)).collect();
    assert_eq!(silent, log.iter().map(|t| (t.session, t.id)).collect::<Vec<_>>());
    assert!(log.iter().all(|t| t.failure.unwrap().class == C::RefreshTokenReused) && log.len() == 2);
}

#[test]
fn logins_stores_and_front_ends() {
    let Some(folder) = scenario("codex-0.169.0") else { return };
    let logins = |path: &str| -> Vec<bool> {
        let found = events(&folder.join(path), SourceKind::CodexLoginLog, "");
        found.into_iter().filter_map(|e| if let EventKind::Login { done } = e.kind { Some(done) } else { None }).collect()
    };
    assert_eq!(logins("10b-login-abandoned"), [false]);
    assert_eq!(logins("04e-healthy-then-reused-then-login"), [false, true]);

    let stores = events(&folder.join("15c-app-server-adopts"), SourceKind::CodexAuth, "auth.");
    let writers = stores.iter().filter_map(|e| if let EventKind::Store(s) = &e.kind { Some((s.taken, s.writer)) } else { None });
    let foreign: Vec<_> = writers.filter(|(_, writer)| *writer != Some(Writer::Nanos)).collect();
    assert_eq!(foreign, [(Taken::Copy, Some(Writer::Micros))]);

    for (path, want) in
        [("14-tui", Client::CodexCli), ("15-app-server-refresh", Client::CodexVscode), ("01-healthy", Client::CodexExec)]
    {
        let found = events(&folder.join(path), SourceKind::CodexRollout, "rollout-");
        let clients =
            found.iter().filter_map(|e| if let EventKind::WrittenBy { client, .. } = &e.kind { Some(*client) } else { None });
        assert!(clients.into_iter().all(|client| client == want), "{path}");
    }
}

#[test]
fn every_file_of_a_home_is_known() {
    for version in ["codex-0.98.0", "codex-0.130.0", "codex-0.150.0", "codex-0.169.0"] {
        let Some(folder) = scenario(version) else { continue };
        for path in below(&folder).into_iter().filter(|p| p.components().any(|c| c.as_os_str() == ".codex")) {
            let bytes = std::fs::read(&path).unwrap();
            let format = format_of(&Name::of_path(&path), &bytes);
            let home = format.and_then(|f| f.home(&Name::of_path(&path)));
            assert!(home.is_some_and(|home| home.ends_with("/.codex")), "{}", path.display());
        }
    }
}
