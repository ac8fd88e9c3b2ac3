//! Turns that leave no entry, no trace and no row: a store that put its credential out of use and an
//! index of sessions tell of them, each alone of none.

use crate::pipeline::{Run, run};
use rusqlite::Connection;
use std::fs;
use std::path::Path;

/// 2026-09-25 09:00:00 UTC, when the refresh was refused.
const REFUSED: i64 = 1_790_326_800_000;
const SESSION: &str = "11111111-2222-4333-8444-555555555501";

/// A home of 2026.9: one turn that worked an hour before, the fence, the pause, and a session that was
/// last spoken to `before` milliseconds before the pause.
fn home(before: i64, more: &str) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let entry = format!(r#"{{"sessionId":"{SESSION}","updatedAt":{REFUSED},"lastInteractionAt":{}}}"#, REFUSED - before);
    let agent = [
        "CREATE TABLE transcript_events (session_id TEXT, seq INTEGER, event_json TEXT, created_at INTEGER);",
        "CREATE TABLE session_nodes (session_key TEXT, current_session_id TEXT, entry_json TEXT);",
        &event(0, &format!(r#"{{"type":"session","version":4,"id":"{SESSION}","timestamp":"2026-09-25T08:00:00.000Z"}}"#)),
        &event(1, &message("2026-09-25T08:00:02.000Z", "stop", "")),
        &format!("INSERT INTO session_nodes VALUES ('agent:main:main', '{SESSION}', '{entry}');"),
        more,
    ];
    let fence = "openclaw-oauth-refresh-fence:v1:0123456789abcdef0123456789abcdef:failed";
    let digest = "ab".repeat(32);
    let store = format!(
        r#"{{"version":1,"profiles":{{"openai:default":{{"type":"oauth","provider":"openai","access":"{fence}:access:{digest}","refresh":"{fence}:refresh:{digest}","expires":1}}}}}}"#
    );
    let state = format!(
        r#"{{"version":1,"usageStats":{{"openai:default":{{"disabledUntil":{},"disabledReason":"auth_permanent","failureCounts":{{"auth_permanent":1}},"lastFailureAt":{REFUSED}}}}}}}"#,
        REFUSED + 600_000
    );
    let shared = [
        "CREATE TABLE config_machine_state (state_key TEXT PRIMARY KEY, value_json TEXT, updated_at_ms INTEGER);",
        // The statistics come first here: the order of the rows is nothing to go by.
        &format!("INSERT INTO config_machine_state VALUES ('authProfiles.state', '{state}', {REFUSED});"),
        &format!("INSERT INTO config_machine_state VALUES ('authProfiles.store', '{store}', {REFUSED});"),
    ];
    database(&folder.path().join(".openclaw/agents/main/agent/openclaw-agent.sqlite"), &agent.concat());
    database(&folder.path().join(".openclaw/state/openclaw.sqlite"), &shared.concat());
    run(folder.path())
}

fn database(path: &Path, sql: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

fn event(seq: u32, json: &str) -> String {
    format!("INSERT INTO transcript_events VALUES ('{SESSION}', {seq}, '{json}', {REFUSED});")
}

fn message(written: &str, stop: &str, more: &str) -> String {
    let message = format!(
        r#"{{"role":"assistant","content":[],"provider":"openai","model":"gpt-5.5","stopReason":"{stop}","timestamp":1790323201000{more}}}"#
    );
    format!(r#"{{"type":"message","id":"{written}","timestamp":"{written}","message":{message}}}"#)
}

/// Turns, failed turns, and of the one incident its failed turns, sessions, and those in no transcript.
fn figures(run: &Run) -> (u64, u64, u64, u64, u64) {
    let [incident] = &run.known.incidents[..] else { panic!("{} incidents", run.known.incidents.len()) };
    let totals = &run.report.totals;
    (totals.turns, totals.failed_turns, incident.failed_turns, incident.sessions, incident.untranscribed)
}

#[test]
fn a_request_right_before_a_refusal_is_the_turn_that_failed() {
    let run = home(5_000, "");
    assert_eq!(figures(&run), (2, 1, 1, 1, 1));
    let incident = &run.incidents[0];
    assert_eq!(incident.first_failure, "2026-09-25T09:00:00.000Z");
    assert_eq!((&*incident.mechanism, incident.actor.is_none()), ("undetermined", true));
    assert!(incident.evidence.iter().any(|e| e.says.contains("refresh refused")));
    assert!(incident.evidence.iter().all(|e| !e.says.contains("model call refused")), "{:?}", incident.evidence);
    assert!(incident.notes.iter().any(|note| note.contains("no transcript holds: 1 of 1;")), "{:?}", incident.notes);
}

/// What was asked long before, or after, is another matter.
#[test]
fn a_request_at_another_time_is_none() {
    assert_eq!(figures(&home(3_600_000, "")), (1, 0, 0, 0, 0));
    assert_eq!(figures(&home(-5_000, "")), (1, 0, 0, 0, 0));
}

/// A turn that stands in the transcript is not counted twice, whether it failed or was answered after
/// all.
#[test]
fn a_turn_on_record_is_counted_once() {
    let failed =
        event(2, &message("2026-09-25T09:00:00.400Z", "error", r#","errorMessage":"401: no","errorCode":"token_invalidated""#));
    assert_eq!(figures(&home(5_000, &failed)), (2, 1, 1, 1, 0));
    let answered = event(2, &message("2026-09-25T09:00:02.000Z", "stop", ""));
    let run = home(5_000, &answered);
    assert_eq!((run.report.totals.turns, run.report.totals.failed_turns), (2, 0));
}

/// However late the answer or the failure came: it is the one to that request, unless its call began when
/// the request was long over.
#[test]
fn a_late_end_is_the_requests_own() {
    let at = |time: &str, stop: &str, more: &str| event(2, &message(time, stop, more));
    let refused = r#","errorMessage":"OAuth token refresh failed for openai-codex: x""#;
    for (late, turns) in [("09:03:00.000", (2, 0)), ("09:40:00.000", (2, 0))] {
        let run = home(5_000, &at(&format!("2026-09-25T{late}Z"), "stop", ""));
        assert_eq!((run.report.totals.turns, run.report.totals.failed_turns), turns, "{late}");
    }
    assert_eq!(figures(&home(5_000, &at("2026-09-25T09:01:35.000Z", "error", refused))), (2, 1, 1, 1, 0));
    let heartbeat = at("2026-09-25T09:30:00.400Z", "error", refused).replace("1790323201000", "1790328600100");
    assert_eq!(figures(&home(5_000, &heartbeat)), (3, 2, 2, 1, 1));
}

/// The store of another agent says nothing of a request to this one.
#[test]
fn another_agents_store_is_another_matter() {
    let folder = tempfile::tempdir().unwrap();
    let state = format!(
        r#"{{"version":1,"usageStats":{{"openai:default":{{"disabledUntil":{},"disabledReason":"auth_permanent","failureCounts":{{"auth_permanent":1}},"lastFailureAt":{REFUSED}}}}}}}"#,
        REFUSED + 600_000
    );
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let index = format!(
        r#"{{"agent:main:main":{{"sessionId":"{SESSION}","updatedAt":{REFUSED},"lastInteractionAt":{}}}}}"#,
        REFUSED - 5_000
    );
    write(".openclaw/agents/main/sessions/sessions.json", &index);
    write(".openclaw/agents/ops/agent/auth-state.json", &state);
    assert_eq!(run(folder.path()).report.totals.turns, 0);
    write(".openclaw/agents/main/agent/auth-state.json", &state);
    let both = run(folder.path());
    assert_eq!((both.report.totals.turns, both.report.totals.failed_turns), (1, 1));
}

/// A run for which no model was left, as the index says it: in no transcript, or beside its own entry.
#[test]
fn a_run_without_a_model_is_counted_once() {
    let suspended = |at: i64| {
        let suspension = format!(
            r#"{{"suspendedAt":{at},"reason":"circuit_open","failedProvider":"openai","failedModel":"gpt-5.5","state":"suspended"}}"#
        );
        format!(
            r#"UPDATE session_nodes SET entry_json = '{{"sessionId":"{SESSION}","updatedAt":{at},"quotaSuspension":{suspension}}}';"#
        )
    };
    let failed =
        event(2, &message("2026-09-25T09:00:00.400Z", "error", r#","errorMessage":"401: no","errorCode":"token_invalidated""#));
    assert_eq!(figures(&home(5_000, &format!("{failed}{}", suspended(REFUSED + 30_000)))), (3, 2, 2, 1, 1));
    assert_eq!(figures(&home(5_000, &format!("{failed}{}", suspended(REFUSED + 700)))), (2, 1, 1, 1, 0));
}
