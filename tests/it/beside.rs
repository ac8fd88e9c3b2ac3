//! Calls beside the turns that were refused with the login: they fail nobody, and are said. And an answer
//! that calls a token expired is not proof that it was.

use crate::pipeline::run;
use std::fs;

fn write(files: &[(&str, String)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// A line of OpenClaw's log about a failed call.
fn background(second: u8) -> String {
    let words = "[responses] error provider=openai api=openclaw-openai-chatgpt-responses-transport model=gpt-5.5 name=Error status=401 code=token_invalidated type=invalid_request_error message=401 Your authentication token has been invalidated.";
    let time = format!("2026-05-11T09:00:{second:02}.437+00:00");
    let meta = r#"{\"subsystem\":\"openai-transport\"}"#;
    format!(r#"{{"0":"{meta}","1":"{words}","_meta":{{"logLevelName":"WARN","name":"{meta}"}},"time":"{time}"}}"#) + "\n"
}

/// An attempt that failed, as the recorder of a run keeps it.
fn failed(second: u8, error: &str) -> String {
    let asked = 1_778_490_000_000 + i64::from(second) * 1000 - 500;
    format!(
        r#"{{"traceSchema":"openclaw-trajectory","schemaVersion":1,"type":"model.completed","ts":"2026-05-11T09:00:{second:02}.000Z","seq":1,"sessionId":"s-1","runId":"r-1","provider":"openai-codex","modelId":"gpt-5.5","data":{{"messagesSnapshot":[{{"role":"assistant","content":[],"provider":"openai-codex","model":"gpt-5.5","stopReason":"error","errorMessage":"{error}","timestamp":{asked}}}]}}}}"#
    ) + "\n"
}

const LOG: &str = ".openclaw/logs/openclaw-2026-05-11.log";
const RUN: &str = ".openclaw/agents/main/sessions/s-1.trajectory.jsonl";

#[test]
fn refused_calls_are_counted_in_one_note() {
    let folder = write(&[(LOG, background(21) + &background(24))]);
    let report = run(folder.path()).report;
    assert_eq!(report.incidents.len(), 0);
    let [note] = &report.notes[..] else { panic!("{:?}", report.notes) };
    let want = "OpenClaw: 2 calls were refused with 401 (`token_invalidated`), from 2026-05-11T09:00:21.437Z to 2026-05-11T09:00:24.437Z; \
                no turn stayed failed by it: nothing that mended it is on record";
    assert_eq!(note, want);
}

#[test]
fn refused_calls_of_an_incident_are_a_part_of_it() {
    let folder = write(&[(LOG, background(21)), (RUN, failed(22, "401 Unauthorized"))]);
    let run = run(folder.path());
    assert_eq!((run.incidents.len(), run.report.notes.len()), (1, 0), "{:?}", run.report.notes);
    let revoked = run.incidents[0].hypotheses.iter().find(|h| h.root_cause == "server_revocation").unwrap();
    assert_ne!(revoked.status, "ruled_out", "the server said so to a call beside the turn");
}

#[test]
fn a_token_is_expired_where_its_own_end_says_so() {
    let folder = write(&[(RUN, failed(22, "401 Provided authentication token is expired. (token_expired)"))]);
    let incidents = run(folder.path()).incidents;
    let told: Vec<&str> = incidents.iter().map(|i| &*i.mechanism).collect();
    assert_eq!(told, ["undetermined"]);
}
