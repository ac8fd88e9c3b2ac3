//! OpenClaw since its stores and transcripts moved into databases: the founding incident is told
//! as it was when they were files, wherever the rows lie, and nothing is counted twice.

use crate::make::clock::Clock;
use crate::make::home::{Home, Order};
use crate::make::scenarios::{SEED, founding_with_logs, scenario};
use crate::make::stage::Stage;
use crate::make::token::Style;
use crate::pipeline::{Run, run};
use rusqlite::Connection;
use std::path::Path;
use stopwhy::event::SkipReason;

const AGENT: &str = ".openclaw/agents/main/agent/openclaw-agent.sqlite";
const STATE: &str = ".openclaw/state/openclaw.sqlite";

fn founding() -> Home {
    scenario("founding-relogin-sqlite").build(Style::Inert, SEED)
}

fn of(home: &Home) -> Run {
    let folder = tempfile::tempdir().unwrap();
    home.write(folder.path(), Order::Forward);
    run(folder.path())
}

/// Turns, failed turns, and failed turns that no transcript holds.
fn figures(run: &Run) -> (u64, u64, u64) {
    (run.report.totals.turns, run.report.totals.failed_turns, run.known.incidents.iter().map(|i| i.untranscribed).sum())
}

/// Turns of OpenClaw alone: three that worked and twelve that did not, of which one stands in no
/// transcript. Codex adds six of its own.
const FIGURES: (u64, u64, u64) = (21, 12, 1);

#[test]
fn both_eras_are_told_alike() {
    let files = of(&scenario("founding-relogin").build(Style::Inert, SEED));
    let rows = of(&founding());
    // The versions of Codex differ as well: that of May does not end the old login itself, so it is less sure.
    let told =
        |run: &Run| run.summaries().into_iter().map(|(mechanism, cause, actor, _)| (mechanism, cause, actor)).collect::<Vec<_>>();
    assert_eq!(told(&files), told(&rows));
    let sure = |run: &Run| run.summaries().into_iter().map(|(.., confidence)| confidence).collect::<Vec<_>>();
    assert_eq!((sure(&files), sure(&rows)), (vec!["likely".to_owned()], vec!["very_likely".to_owned()]));
    assert_eq!(rows.summaries()[0].0, "revoked");
    assert_eq!(figures(&rows), FIGURES);
    let notes = &rows.incidents[0].notes;
    assert!(notes.iter().any(|note| note.starts_with("failed turns that no transcript holds: 1 of 12;")), "{notes:?}");
}

/// Rows that only a write-ahead log holds count as rows of the file do; without it they are missing,
/// and that is said.
#[test]
fn rows_of_a_write_ahead_log_count() {
    let mut home = Home::default();
    let own = Stage::new(Style::Inert, Clock::ahead(2), SEED, SEED);
    founding_with_logs(&own, &mut home);
    let whole = of(&home);
    assert_eq!((figures(&whole), whole.summaries()), (FIGURES, of(&founding()).summaries()));
    home.keep(|path| !path.ends_with("-wal"));
    let cut = of(&home);
    assert_eq!(figures(&cut), (21, 12, 12), "the gateway's log is what still tells of the failed turns");
    let missing = cut.evidence.sources.iter().filter(|s| s.skipped.contains_key(&SkipReason::SqliteWalMissing)).count();
    assert_eq!(missing, 2);
}

/// Transcripts of a client that moved its files into a database lie in both; each turn counts once.
#[test]
fn files_beside_the_database_add_no_turn() {
    let home = founding();
    let folder = tempfile::tempdir().unwrap();
    home.write(folder.path(), Order::Forward);
    let before = run(folder.path());
    let sessions = folder.path().join(".openclaw/agents/main/sessions");
    std::fs::create_dir_all(&sessions).unwrap();
    let lines = transcripts(&folder.path().join(AGENT));
    for (session, text) in &lines {
        std::fs::write(sessions.join(format!("{session}.jsonl")), text).unwrap();
    }
    let after = run(folder.path());
    assert_eq!(lines.len(), 2);
    assert_eq!((figures(&after), after.summaries()), (figures(&before), before.summaries()));
    // Three answers, and eleven failed runs.
    assert_eq!(after.report.totals.duplicates - before.report.totals.duplicates, 14);
}

fn transcripts(database: &Path) -> Vec<(String, String)> {
    let connection = Connection::open(database).unwrap();
    let sql = "SELECT session_id, group_concat(event_json, char(10) ORDER BY seq) FROM transcript_events GROUP BY session_id";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)? + "\n"))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Each place that tells of failed turns tells of all it can know when the others are gone.
#[test]
fn what_is_left_is_counted() {
    let without = |sql: &str, log: bool| {
        let home = founding();
        let folder = tempfile::tempdir().unwrap();
        home.write(folder.path(), Order::Forward);
        Connection::open(folder.path().join(AGENT)).unwrap().execute_batch(sql).unwrap();
        if !log {
            std::fs::remove_dir_all(folder.path().join("tmp")).unwrap();
        }
        figures(&run(folder.path()))
    };
    let (transcripts, traces) = ("DELETE FROM transcript_events;", "DELETE FROM trajectory_runtime_events;");
    assert_eq!(without("", true), FIGURES);
    assert_eq!(without(traces, true), FIGURES);
    assert_eq!(without("", false), (20, 11, 0), "the local run was in the log alone");
    // The table of runs holds every failed run of the gateway, the traces the three answers. That
    // transcripts leave something out cannot be said where there are none.
    assert_eq!(without(transcripts, false), (20, 11, 0));
    assert_eq!(without(&[transcripts, traces].concat(), false), (17, 11, 0));
}

/// The store that all agents share, its archived file, and the home they belong to.
#[test]
fn the_store_is_one_with_its_archive_as_history() {
    let run = of(&founding());
    let stores: Vec<_> = run.known.stores.iter().filter(|s| s.client.word() == "openclaw").collect();
    let [store] = stores.as_slice() else { panic!("{} stores", stores.len()) };
    let source = &run.evidence.sources[store.newest().unwrap().origin.source as usize];
    assert!(store.live && source.name.private().ends_with(&format!("{STATE}/config_machine_state")), "{source:?}");
    assert_eq!(store.held.len(), 1, "the archive holds the same tokens under the profile's old name");
}
