//! One home read twice, as it stands and out of a bundle, or beside a copy somebody kept of it: nothing
//! happened twice, and nobody else holds the login because of that.

use crate::make::clock::{Clock, utc};
use crate::make::codex::{ALREADY_USED, Answer, CodexHome, Era, Front};
use crate::make::home::{Home, Order};
use crate::make::hostile::tar::Tar;
use crate::make::scenarios::{NEAR_MISSES, SCENARIOS, SEED, Scenario, scenario};
use crate::make::stage::Stage;
use crate::make::token::{Account, Grant, Style};
use crate::pipeline::{Run, Summary, plan, run, run_plan};
use std::path::Path;

/// Victim, verdict, failed turns, sessions, first and last failure, of each incident.
type Said = (String, Summary, u64, u64, String, String);

fn said(run: &Run) -> Vec<Said> {
    let one = |(i, verdict): (&stopwhy::report::IncidentJson, Summary)| {
        let (first, last) = (i.first_failure.clone(), i.last_failure.clone());
        (i.victim.client.clone(), verdict, i.failed_turns, i.sessions, first, last)
    };
    run.incidents.iter().zip(run.summaries()).map(one).collect()
}

fn write(home: &Home, folder: &Path) -> Run {
    home.write(folder, Order::Forward);
    run(folder)
}

#[test]
fn a_home_and_its_bundle_are_one_home() {
    let scratch = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for scenario in SCENARIOS.iter().chain(NEAR_MISSES) {
        let home = scenario.build(Style::Inert, SEED);
        let folder = scratch.path().join(scenario.name);
        let once = write(&home, &folder);
        let bundle = scratch.path().join(format!("{}.tar.gz", scenario.name));
        std::fs::write(&bundle, home.tar_gz("home")).unwrap();
        let twice = run_plan(&plan(&[folder, bundle], 2));
        if said(&once) != said(&twice) {
            wrong.push(format!("{}: {:?} instead of {:?}", scenario.name, said(&twice), said(&once)));
        }
        let totals = |run: &Run| {
            let t = &run.report.totals;
            (t.sessions, t.turns, t.failed_turns, run.report.stores.len(), run.report.rotations.len())
        };
        if totals(&once) != totals(&twice) {
            wrong.push(format!("{}: totals {:?} instead of {:?}", scenario.name, totals(&twice), totals(&once)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `tar -r` appends: a bundle that was brought up to date holds every file a second time, under the
/// same name.
#[test]
fn a_bundle_that_holds_every_file_twice_is_one_home() {
    let scratch = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for scenario in SCENARIOS {
        let home = scenario.build(Style::Inert, SEED);
        let tar = |times: usize| {
            let files: Vec<_> = home.files().collect();
            let all = files.repeat(times);
            all.iter().fold(Tar::default(), |tar, (path, bytes)| tar.file(&format!("home/{path}"), bytes)).done()
        };
        let [once, twice] = [1, 2].map(|times| {
            let bundle = scratch.path().join(format!("{}-{times}.tar", scenario.name));
            std::fs::write(&bundle, tar(times)).unwrap();
            run(&bundle)
        });
        let found = |run: &Run| {
            let t = &run.report.totals;
            (said(run), t.sessions, t.turns, t.failed_turns, run.report.stores.len(), run.report.rotations.len())
        };
        if found(&once) != found(&twice) {
            wrong.push(format!("{}: {:?} instead of {:?}", scenario.name, found(&twice), found(&once)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The home of a scenario, with copies of the files below a folder in other places.
fn with_copies(scenario: &Scenario, copies: &[(&str, &str)]) -> Home {
    let mut home = scenario.build(Style::Inert, SEED);
    for (from, to) in copies {
        let mut copy = scenario.build(Style::Inert, SEED);
        copy.keep(|path| path.starts_with(from));
        home.merge(copy.moved(|path| path.replacen(from, to, 1)));
    }
    home
}

#[test]
fn a_copy_beside_the_home_holds_nothing_of_its_own() {
    let scratch = tempfile::tempdir().unwrap();
    let founding = scenario("founding-consumed");
    let once = said(&write(&founding.build(Style::Inert, SEED), &scratch.path().join("once")));
    let all: &[(&str, &[(&str, &str)])] = &[
        ("codex", &[(".codex/", ".codex.bak/")]),
        ("hermes", &[(".hermes/", ".hermes.bak/")]),
        ("store", &[(".codex/auth.json", "backup/auth.json")]),
        ("both", &[(".codex/", "old/.codex/"), (".hermes/", "old/.hermes/")]),
    ];
    for (name, copies) in all {
        let copied = said(&write(&with_copies(founding, copies), &scratch.path().join(name)));
        assert_eq!(copied, once, "{name}");
    }
    // The session's file under a name of its own is no other session.
    let mut home = founding.build(Style::Inert, SEED);
    let mut copy = founding.build(Style::Inert, SEED);
    copy.keep(|path| path.starts_with(".hermes/sessions/2") && path.ends_with(".jsonl"));
    home.merge(copy.moved(|path| path.replace(".jsonl", " (1).jsonl")));
    assert_eq!(said(&write(&home, &scratch.path().join("session"))), once);
}

/// A bundle made earlier: transcripts and logs end underway, and the store is what it was.
#[test]
fn an_older_bundle_adds_nothing() {
    let scratch = tempfile::tempdir().unwrap();
    for name in ["founding-consumed", "rotation-days-before", "hermes-culprit", "openclaw-agents-racing"] {
        let mut home = scenario(name).build(Style::Inert, SEED);
        let once = write(&home, &scratch.path().join(name));
        let mut older = Home::default();
        let backed = |path: &str| home.files().any(|(other, _)| other.strip_suffix(".bak") == Some(path));
        for (path, bytes) in home.files().filter(|(path, _)| !backed(path)) {
            let lines = bytes.split_inclusive(|b| *b == b'\n').collect::<Vec<_>>();
            let whole = !path.ends_with(".jsonl") && !path.ends_with(".log");
            let half = if whole { bytes.to_vec() } else { lines[..lines.len() / 2].concat() };
            older.put(path.replace(".json.bak", ".json"), half, 1_770_000_000_000);
        }
        home.merge(older.moved(|path| format!("old/{path}")));
        let both = write(&home, &scratch.path().join(format!("{name}-both")));
        assert_eq!(said(&both), said(&once), "{name}");
        let totals = |run: &Run| (run.report.totals.turns, run.report.totals.failed_turns);
        assert_eq!(totals(&both), totals(&once), "{name}");
    }
}

/// A home out of which somebody took the credentials, read beside the home that has them.
#[test]
fn a_home_without_its_credentials_is_the_home_that_has_them() {
    let scratch = tempfile::tempdir().unwrap();
    for (name, client) in [("hermes-culprit", ".codex"), ("openclaw-agents-racing", ".openclaw"), ("founding-consumed", ".hermes")]
    {
        let home = scenario(name).build(Style::Inert, SEED);
        let once = said(&write(&home, &scratch.path().join(name)));
        for place in ["backup/", "a/", "zz/"] {
            let mut both = scenario(name).build(Style::Inert, SEED);
            let mut bare = scenario(name).build(Style::Inert, SEED);
            bare.keep(|path| path.starts_with(client) && !path.contains("/auth"));
            both.merge(bare.moved(|path| format!("{place}{path}")));
            let seen = said(&write(&both, &scratch.path().join(format!("{name}-{}", place.trim_end_matches('/')))));
            assert_eq!(seen, once, "{name} {place}");
        }
    }
}

/// A backup put back beside the home: the snapshot's store, and the conversations of the home.
#[test]
fn a_snapshot_put_back_beside_the_home_is_history_of_it() {
    let scratch = tempfile::tempdir().unwrap();
    for name in ["founding-consumed-sqlite", "server-revocation"] {
        let mut home = scenario(name).build(Style::Inert, SEED);
        let once = said(&write(&home, &scratch.path().join(name)));
        let mut old = scenario(name).build(Style::Inert, SEED);
        old.keep(|path| path.starts_with(".hermes/") && path != ".hermes/auth.json");
        let is_snapshot = |path: &str| path.starts_with(".hermes/state-snapshots/") && path.ends_with("/auth.json");
        assert!(old.files().any(|(path, _)| is_snapshot(path)), "{name}");
        old.keep(|path| !path.contains("/state-snapshots/") || is_snapshot(path));
        home.merge(old.moved(|path| {
            let place = if is_snapshot(path) { ".hermes/auth.json" } else { path };
            place.replacen(".hermes/", ".hermes-old/", 1)
        }));
        assert_eq!(said(&write(&home, &scratch.path().join(format!("{name}-old")))), once, "{name}");
    }
}

/// The backup in the home tells that the token file is gone, whatever else holds the same bytes.
#[test]
fn a_backup_is_of_the_home_it_stands_in() {
    let scratch = tempfile::tempdir().unwrap();
    let gone = scenario("sibling-logout");
    let once = said(&write(&gone.build(Style::Inert, SEED), &scratch.path().join("once")));
    for place in ["backup/.codex/auth.json", "backup/auth.json", ".codex-old/auth.json"] {
        let copied = with_copies(gone, &[(".codex/auth.json.bak", place)]);
        assert_eq!(said(&write(&copied, &scratch.path().join(place.replace('/', "-")))), once, "{place}");
    }
}

/// What is in a keyring is out of sight, not empty: the backup of another machine's login is not its.
#[test]
fn a_store_out_of_sight_takes_no_backup_of_another_account() {
    let scratch = tempfile::tempdir().unwrap();
    let mut home = scenario("logged-refresh-keyring").build(Style::Inert, SEED);
    let once = said(&write(&home, &scratch.path().join("once")));
    for place in ["hostB/.codex/auth.json.bak", "kept/auth.json.bak"] {
        let mut other = scenario("sibling-logout").build(Style::Inert, SEED);
        other.keep(|path| path == ".codex/auth.json.bak");
        home.merge(other.moved(|_| place.to_owned()));
        assert_eq!(said(&write(&home, &scratch.path().join(place.replace('/', "-")))), once, "{place}");
    }
}

/// Two roots: a laptop, and a backup of it from before, with the pair that it had then. `now` says when the
/// laptop was at work after it was put back.
fn laptop_and_backup(folder: &Path, now: &[&str]) -> [Run; 2] {
    let st = Stage::new(Style::Inert, Clock::ahead(2), SEED, SEED);
    let account = Account::new(&st);
    let login = Grant::new(&st, &account, utc("2026-04-08 18:03:11"));
    let (old, new) = (login.mint(&st, utc("2026-05-12 08:20:09")), login.mint(&st, utc("2026-05-17 09:30:00")));
    let (mut laptop, mut backup) = (CodexHome::new(&st, ".codex", Era::V169), CodexHome::new(&st, ".codex", Era::V169));
    let mut before = CodexHome::new(&st, ".codex", Era::V169);
    before.thread(Front::Tui, &[(utc("2026-05-13 10:00:00"), Answer::Done)]);
    let mut before_it = Home::default();
    before.finish(&mut before_it);
    let again = |home: &mut Home| before_it.files().for_each(|(path, bytes)| home.put(path, bytes, utc("2026-05-13 10:01:00")));
    backup.store("auth.json", &login, &new, new.issued + 400);
    backup.thread(Front::Tui, &["2026-05-17 09:29:58", "2026-05-18 11:00:00"].map(|at| (utc(at), Answer::Done)));
    laptop.store("auth.json", &login, &old, old.issued + 400);
    now.iter().for_each(|at| laptop.thread(Front::Tui, &[(utc(at), Answer::Done)]));
    laptop.thread(Front::Tui, &["2026-05-22 08:21:05", "2026-05-22 19:40:33"].map(|at| (utc(at), ALREADY_USED)));
    for (name, codex) in [("laptop", laptop), ("backup", backup)] {
        let mut home = Home::default();
        again(&mut home);
        codex.finish(&mut home);
        home.write(&folder.join(name), Order::Forward);
    }
    [["laptop", "backup"], ["backup", "laptop"]].map(|roots| run_plan(&plan(&roots.map(|root| folder.join(root)), 2)))
}

/// The pair of a home that was put back goes backwards; two that went on side by side are two.
#[test]
fn a_home_and_a_newer_backup_of_it_are_one_home_that_was_put_back() {
    let scratch = tempfile::tempdir().unwrap();
    let verdict = |run: &Run| {
        let i = &run.incidents;
        (i.len(), i[0].root_cause.clone(), i[0].confidence.clone(), run.report.stores.len())
    };
    for run in laptop_and_backup(&scratch.path().join("back"), &["2026-05-20 10:00:00"]) {
        assert_eq!(verdict(&run), (1, "stale_copy_replay".to_owned(), "likely".to_owned(), 1));
    }
    for run in laptop_and_backup(&scratch.path().join("beside"), &["2026-05-17 20:00:00", "2026-05-20 10:00:00"]) {
        assert_eq!(verdict(&run).3, 2, "{:?}", verdict(&run));
        assert_ne!(verdict(&run).1, "stale_copy_replay");
    }
}
