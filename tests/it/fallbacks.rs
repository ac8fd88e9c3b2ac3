//! What a client did about a failing model is said of the runs of the incident, and of no other that
//! happened to run beside them.

use crate::pipeline::run;
use std::fs;

const REFUSED: &str = "Your authentication token has been invalidated. Please try signing in again.";
const SKIPPED: &str = "Provider openai-codex has auth issue (skipping all models)";

/// One event of a run's recorder, at a second of one minute.
fn event(run: u8, second: u8, kind: &str, data: &str) -> String {
    let ts = format!("2026-05-11T09:00:{second:02}.000Z");
    format!(
        r#"{{"traceSchema":"openclaw-trajectory","schemaVersion":1,"type":"{kind}","ts":"{ts}","seq":1,"sessionId":"s-{run}","runId":"r-{run}","provider":"openai-codex","modelId":"gpt-5.5","data":{data}}}"#
    ) + "\n"
}

/// An attempt that failed.
fn failed(run: u8, second: u8, provider: &str, error: &str) -> String {
    let asked = 1_778_490_000_000 + i64::from(second) * 1000 - 500;
    let message = format!(
        r#"{{"role":"assistant","content":[],"provider":"{provider}","model":"m","stopReason":"error","errorMessage":"{error}","timestamp":{asked}}}"#
    );
    event(run, second, "model.completed", &format!(r#"{{"messagesSnapshot":[{message}]}}"#))
}

/// A step of the chain: from which model, why, and how it went on.
fn step(run: u8, second: u8, position: u8, from: &str, why: &str, outcome: &str) -> String {
    let next = if outcome == "chain_exhausted" { "" } else { r#""fallbackStepToModel":"other/small","# };
    let data = format!(
        r#"{{"fallbackStepFromModel":"{from}",{next}"fallbackStepFromFailureReason":"auth","fallbackStepFromFailureDetail":"{why}","fallbackStepChainPosition":{position},"fallbackStepFinalOutcome":"{outcome}"}}"#
    );
    event(run, second, "model.fallback_step", &data)
}

/// The first choice is refused, and the next model answers.
fn saved(run: u8, second: u8) -> String {
    let model = "openai-codex/gpt-5.5";
    [
        failed(run, second, "openai-codex", REFUSED),
        step(run, second, 1, model, REFUSED, "next_fallback"),
        step(run, second + 4, 2, model, REFUSED, "succeeded"),
    ]
    .concat()
}

/// The first choice is cooling down, and the next model is refused.
fn lost(run: u8, second: u8) -> String {
    let refused = "401 Incorrect API key provided.";
    [
        step(run, second, 1, "openai-codex/gpt-5.5", SKIPPED, "next_fallback"),
        failed(run, second + 8, "other", refused),
        step(run, second + 9, 2, "other/small", refused, "chain_exhausted"),
    ]
    .concat()
}

/// For each incident its provider's own fallback, in the order of their first failures.
fn told(runs: &[(u8, String)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let sessions = folder.path().join(".openclaw/agents/main/sessions");
    fs::create_dir_all(&sessions).unwrap();
    for (run, text) in runs {
        fs::write(sessions.join(format!("s-{run}.trajectory.jsonl")), text).unwrap();
    }
    run(folder.path()).incidents.iter().map(|i| format!("{} {}", i.failed_turns, i.fallback)).collect()
}

#[test]
fn a_chain_counts_for_its_own_run() {
    assert_eq!(told(&[(1, saved(1, 2)), (2, lost(2, 16))]), ["1 used", "1 exhausted"]);
    assert_eq!(told(&[(1, saved(1, 22)), (2, lost(2, 6))]), ["1 exhausted", "1 used"]);
    assert_eq!(told(&[(1, lost(1, 6))]), ["1 exhausted"]);
}

/// Chains of one incident may end differently: the last end is told.
#[test]
fn the_last_end_counts() {
    let gone = |run, second| {
        let model = "openai-codex/gpt-5.5";
        let other = "Provider other is overloaded";
        [
            failed(run, second, "openai-codex", REFUSED),
            step(run, second, 1, model, REFUSED, "next_fallback"),
            step(run, second + 1, 2, "other/small", other, "chain_exhausted"),
        ]
        .concat()
    };
    assert_eq!(told(&[(1, saved(1, 2)), (2, gone(2, 20))])[0].split(' ').nth(1), Some("exhausted"));
    assert_eq!(told(&[(1, gone(1, 2)), (2, saved(2, 20))])[0].split(' ').nth(1), Some("used"));
}

/// The incident of the next model says that the login was not tried, and misses no store of it.
#[test]
fn a_login_that_was_passed_over_is_said() {
    let notes = |text: String| {
        let folder = tempfile::tempdir().unwrap();
        let sessions = folder.path().join(".openclaw/agents/main/sessions");
        fs::create_dir_all(&sessions).unwrap();
        fs::write(sessions.join("s-1.trajectory.jsonl"), text).unwrap();
        run(folder.path()).incidents.into_iter().flat_map(|i| i.notes).collect::<Vec<_>>()
    };
    let said = |notes: &[String], words: &str| notes.iter().filter(|note| note.contains(words)).count();
    let lost = notes(lost(1, 6));
    assert_eq!((said(&lost, "the client passed it over"), said(&lost, "no credential store")), (1, 0), "{lost:?}");
    let saved = notes(saved(1, 2));
    assert_eq!((said(&saved, "the client passed it over"), said(&saved, "no credential store")), (0, 1), "{saved:?}");
}
