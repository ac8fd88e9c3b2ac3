//! Hermes homes as they are handed over: with a database whose rows are in its log, packed by
//! `hermes backup`, as profiles, and with the same turns in up to six places.

use crate::make::clock::{Clock, utc};
use crate::make::home::{Home, Order};
use crate::make::scenarios::{SEED, founding_with_log, scenario};
use crate::make::sqlite::{Database, int, text};
use crate::make::stage::Stage;
use crate::make::token::Style;
use crate::pipeline::{Run, run};
use rusqlite::types::Value;
use std::fs;
use stopwhy::event::{SkipReason, SourceKind};

const SCHEMA: &str = include_str!("make/hermes/state.sql");
const DB: &str = ".hermes/state.db";

fn read(home: &Home) -> Run {
    let folder = tempfile::tempdir().unwrap();
    home.write(folder.path(), Order::Forward);
    run(folder.path())
}

fn founding() -> Home {
    scenario("founding-consumed-sqlite").build(Style::Inert, SEED)
}

/// Turns and failed turns.
fn totals(run: &Run) -> (u64, u64) {
    (run.report.totals.turns, run.report.totals.failed_turns)
}

/// The same case whose gateway is still at work.
fn running() -> Home {
    let own = Stage::new(Style::Inert, Clock::ahead(1), SEED, SEED);
    let mut home = Home::default();
    founding_with_log(&own, &mut home);
    home
}

#[test]
fn rows_of_the_log_are_read_and_a_missing_log_is_said() {
    let whole = read(&running());
    assert_eq!(totals(&whole), (19, 9));
    let rows = |run: &Run| -> u64 {
        let of_db = run.evidence.sources.iter().filter(|s| s.kind == SourceKind::HermesStateDb);
        of_db.map(|s| s.records).sum()
    };
    assert_eq!(rows(&whole), rows(&read(&founding())), "the same rows as in the file that took its log along");
    let said = |run: &Run| run.evidence.sources.iter().any(|s| s.skipped.contains_key(&SkipReason::SqliteWalMissing));
    let gap = |run: &Run| run.evidence.sources.iter().any(|s| s.has_gap());
    assert!(!said(&whole) && !gap(&whole));

    let mut alone = running();
    alone.keep(|path| path != ".hermes/state.db-wal");
    let alone = read(&alone);
    assert_eq!(rows(&alone), 0);
    assert!(said(&alone), "the tables are there, no row is");
    assert_eq!(alone.summaries(), whole.summaries(), "the log files tell of the failures");
}

#[test]
fn a_log_that_is_missing_is_a_gap_only_where_it_certainly_held_something() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("live.db");
    let live = rusqlite::Connection::open(&path).unwrap();
    live.pragma_update(None, "journal_mode", "wal").unwrap();
    live.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    let file = |end: &str| fs::read(folder.path().join(format!("live.db{end}"))).unwrap();
    live.execute_batch(SCHEMA).unwrap();
    let (early, shared) = (file(""), file("-shm"));
    live.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let late = file("");
    let gaps = |files: &[(&str, &Vec<u8>)]| {
        let mut home = Home::default();
        files.iter().for_each(|(path, bytes)| home.put(format!(".hermes/{path}"), bytes.as_slice(), utc("2026-11-20 08:00:00")));
        let run = read(&home);
        let missing = run.evidence.sources.iter().filter(|s| s.skipped.contains_key(&SkipReason::SqliteWalMissing)).count();
        (missing, run.evidence.sources.iter().filter(|s| s.has_gap()).count())
    };
    assert_eq!(gaps(&[("state.db", &late)]), (1, 0), "said, and no gap: a program that ends well takes its log along");
    assert_eq!(gaps(&[("state.db", &early)]), (1, 1), "no table at all: they are in the log");
    assert_eq!(gaps(&[("state.db", &late), ("state.db-shm", &shared)]), (2, 1), "an index of a log that is not there");
    assert_eq!(gaps(&[("state.db", &late), ("state.db-wal", &Vec::new())]), (0, 0));
}

#[test]
fn a_backup_is_a_copy_beside_its_home_and_stands_for_it_alone() {
    let home = founding();
    let inside = |prefix: &'static str| {
        let mut kept = home.clone();
        kept.keep(|path| path.starts_with(prefix));
        kept
    };
    let bundle = inside(".hermes/").moved(|path| path.trim_start_matches(".hermes/").to_owned()).zip("");
    let want = read(&home);
    let name = "hermes-backup-2026-11-21-070000.zip";
    for mut around in [home.clone(), inside(".codex/")] {
        around.put(name, bundle.clone(), utc("2026-11-21 07:00:00"));
        let got = read(&around);
        // What a copy alone shows may have changed since: the victim's pair is what it is last known to have held.
        let alone = !around.files().any(|(path, _)| path.starts_with(".hermes/"));
        let told = want.summaries().into_iter().map(|s| if alone { (s.0, s.1, s.2, "very_likely".to_owned()) } else { s });
        assert_eq!(got.summaries(), told.collect::<Vec<_>>());
        assert_eq!(totals(&got), totals(&want));
    }
}

#[test]
fn copies_of_the_database_add_nothing() {
    let mut home = founding();
    let want = totals(&read(&home));
    let bytes = home.files().find(|(path, _)| *path == DB).unwrap().1.to_vec();
    for folder in ["state-snapshots/20261120-080000-later", "backups/pre-update"] {
        home.put(format!(".hermes/{folder}/state.db"), bytes.clone(), utc("2026-11-20 08:00:00"));
    }
    assert_eq!(totals(&read(&home)), want);
}

/// A session row and a request with or without an answer.
fn turn(database: &mut Database, id: &str, provider: Option<&str>, at: f64, answered: bool) {
    let billed = provider.map_or(Value::Null, text);
    let values = [
        ("id", text(id)),
        ("source", text("cli")),
        ("model", text("gpt-5.4")),
        ("started_at", Value::Real(at)),
        ("billing_provider", billed),
    ];
    database.row("sessions", values);
    let mut row = |role: &str, at: f64, finish: Value| {
        let values = [
            ("session_id", text(id)),
            ("role", text(role)),
            ("content", text("x")),
            ("timestamp", Value::Real(at)),
            ("finish_reason", finish),
        ];
        database.row("messages", values);
    };
    row("user", at, Value::Null);
    if answered {
        row("assistant", at + 4.0, text("stop"));
    }
}

fn database() -> Database {
    let mut database = Database::new(SCHEMA);
    database.row("schema_version", [("version", int(22))]);
    database
}

#[test]
fn sessions_of_other_providers_are_no_turns_of_the_login() {
    let mut home = founding();
    home.keep(|path| !path.contains("/logs/") && !path.contains("/sessions/"));
    let mut rows = database();
    let start = utc("2026-11-20 09:00:00") as f64 / 1000.0;
    turn(&mut rows, "a", Some("openrouter"), start, false);
    turn(&mut rows, "b", Some("openai-codex"), start + 600.0, false);
    turn(&mut rows, "c", Some("openai-codex"), start + 9_000.0, true);
    home.put(DB, rows.bytes(), utc("2026-11-20 12:00:00"));
    let run = read(&home);
    assert_eq!(run.report.totals.failed_turns, 2);
    let of_login: Vec<u64> = run.incidents.iter().filter(|i| i.victim.provider == "openai-codex").map(|i| i.failed_turns).collect();
    assert_eq!(of_login.iter().sum::<u64>(), 1, "{:?}", run.summaries());
}

#[test]
fn a_title_of_a_failed_turn_is_no_recovery() {
    let start = utc("2026-11-20 09:00:00") as f64 / 1000.0;
    let worked = |task: &str| {
        let mut rows = database();
        turn(&mut rows, "a", Some("openai-codex"), start, false);
        turn(&mut rows, "b", Some("openai-codex"), start + 9_000.0, true);
        let at = Value::Real(start + 3.0);
        let values = [
            ("session_id", text("a")),
            ("model", text("gpt-5.4")),
            ("billing_provider", text("openai-codex")),
            ("task", text(task)),
            ("api_call_count", int(1)),
            ("first_seen", at.clone()),
            ("last_seen", at),
        ];
        rows.row("session_model_usage", values);
        let mut home = founding();
        home.keep(|path| path == ".hermes/auth.json");
        home.put(DB, rows.bytes(), utc("2026-11-20 12:00:00"));
        let run = read(&home);
        assert_eq!(totals(&run), (2, 1));
        run.stated.worked.len()
    };
    assert_eq!(worked(""), 1, "a call of the session's own turns");
    assert_eq!(worked("title_generation"), 0);
    assert_eq!(worked("compression"), 0);
}

/// A login refreshed at 08:00:00.123 UTC, of which the log says so an hour later on its own clock, and
/// a pasted status at the top.
fn refreshed(last_refresh: &str, status: &str) -> Home {
    let pair = r#"{"access_token": "invented-a", "refresh_token": "invented-r"}"#;
    let auth = format!(
        r#"{{"version": 1, "providers": {{"openai-codex": {{"tokens": {pair}, "last_refresh": "{last_refresh}"}}}}, "active_provider": "openai-codex"}}"#
    );
    let line =
        "2026-11-20 09:00:00,190 INFO [20261120_085950_abcdef] run_agent: Credential auth failure — refreshed pool entry 431d54\n";
    let mut home = Home::default();
    let at = utc("2026-11-20 12:00:00");
    home.put(".hermes/auth.json", auth, at);
    home.put(".hermes/logs/agent.log", line, at);
    if !status.is_empty() {
        home.put("status.txt", format!("◆ Auth Providers\n  OpenAI Codex  ✓ logged in\n    Refreshed:  {status}\n"), at);
    }
    home
}

/// When the login was refreshed, and how well the zone of the log is known.
fn rotations(home: &Home) -> (Vec<String>, Vec<&'static str>) {
    let run = read(home);
    let zones = run.evidence.sources.iter().zip(&run.known.zones).filter(|(s, _)| s.kind == SourceKind::HermesLog);
    let at = run.report.rotations.iter().map(|r| r.at.clone()).collect();
    (at, zones.filter_map(|(_, zone)| zone.map(|zone| zone.word())).collect())
}

#[test]
fn a_refresh_on_two_clocks_is_one() {
    let (at, zone) = rotations(&refreshed("2026-11-20T08:00:00.123456Z", ""));
    assert_eq!((at.len(), zone), (1, vec!["inferred"]), "{at:?}");
    assert!(at[0].starts_with("2026-11-20T08:00:00"), "{at:?}");
    let (at, zone) = rotations(&refreshed("2026-11-20T08:07:00.123456Z", ""));
    assert_eq!((at.len(), zone), (2, vec!["none"]), "seven minutes apart is no zone: {at:?}");
}

#[test]
fn a_pasted_status_tells_the_zone_of_the_one_home() {
    let later = "2026-11-20T11:31:00.123456Z";
    let home = refreshed(later, "2026-11-20 12:31:00 CET");
    let (at, zone) = rotations(&home);
    assert_eq!(zone, ["inferred"]);
    assert!(at.iter().any(|at| at.starts_with("2026-11-20T08:00:00")), "{at:?}");
    let mut two = refreshed(later, "");
    two = two.moved(|path| path.replacen(".hermes/", "other/.hermes/", 1));
    two.merge(home.clone());
    assert_eq!(rotations(&two).1, ["none", "none"], "whose status it is is not said");
    let mut torn = home;
    let text = "◆ Auth Providers\n  OpenAI Codex  ✓ logged in\n    Refreshed:  2026-11-20 20:31:00 JST\n";
    torn.put("second.txt", text, utc("2026-11-20 12:00:00"));
    assert_eq!(rotations(&torn).1, ["none"], "two machines");
}

#[test]
fn a_profile_without_a_login_uses_that_of_the_root() {
    let mut home = founding();
    home.keep(|path| path != DB);
    let of_profile = |path: &str| path.starts_with(".hermes/logs/") || path.starts_with(".hermes/sessions/");
    let moved = home.clone().moved(|path| match of_profile(path) {
        true => path.replacen(".hermes/", ".hermes/profiles/work/", 1),
        false => path.to_owned(),
    });
    // Another profile, with a login of its own that has nothing to do with it.
    let other = scenario("provider-outage").build(Style::Inert, SEED);
    let mut other = other.moved(|path| path.replacen(".hermes/", ".hermes/profiles/other/", 1));
    other.keep(|path| path == ".hermes/profiles/other/auth.json");
    assert_eq!(other.files().count(), 1);
    let mut both = moved;
    both.merge(other);
    let (got, want) = (read(&both), read(&home));
    assert_eq!(got.summaries(), want.summaries());
    assert_eq!(totals(&got), totals(&want));
}
