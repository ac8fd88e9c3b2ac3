//! The rows of a session, given as exports: which are turns, and how each ended.

use super::read_file;
use crate::event::{PackedTurn, Provider, Stop};
use crate::reader::Outcome;

/// 2026-05-10 06:15:00 UTC.
const START: f64 = 1_778_393_700.0;

/// A message `after` seconds; `more` are members.
fn message(after: f64, role: &str, content: &str, more: &str) -> String {
    format!(r#"{{"role":"{role}","content":"{content}","timestamp":{}{more}}}"#, START + after)
}

/// As 0.19 and later store it.
fn new(after: f64, role: &str, content: &str, finish: Option<&str>) -> String {
    kept(after, role, content, finish, 1, 0)
}

fn kept(after: f64, role: &str, content: &str, finish: Option<&str>, active: u8, compacted: u8) -> String {
    let finish = finish.map_or("null".to_owned(), |word| format!("\"{word}\""));
    message(after, role, content, &format!(r#","finish_reason":{finish},"observed":0,"active":{active},"compacted":{compacted}"#))
}

fn session(id: &str, started: f64, more: &str, messages: &[String]) -> String {
    format!(
        r#"{{"id":"{id}","source":"cli","model":"gpt-5.4","started_at":{},"billing_provider":"openai-codex"{more},"messages":[{}]}}"#,
        START + started,
        messages.join(",")
    )
}

/// A last session, so that nothing of the others is new.
fn later() -> String {
    session("later", 9_000.0, "", &[new(9_000.0, "user", "later", None), new(9_004.0, "assistant", "x", Some("stop"))])
}

fn told(lines: &[String]) -> Vec<(Stop, i64)> {
    let (outcomes, stated) = read_file("export.jsonl", (lines.join("\n") + "\n").as_bytes());
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Used), "{outcomes:?}");
    let of = |turn: &PackedTurn| Some((turn.stop, (turn.at()?.ms - (START * 1e3) as i64) / 1000));
    let mut told: Vec<(Stop, i64)> = stated.turns.iter().filter_map(of).filter(|(_, at)| *at < 9_000).collect();
    told.sort_by_key(|(_, at)| *at);
    told
}

fn one(id: &str, more: &str, messages: &[String]) -> Vec<(Stop, i64)> {
    told(&[later(), session(id, 0.0, more, messages)])
}

#[test]
fn answers_prods_and_requests_without_an_answer() {
    let rows = [
        new(1.0, "user", "a", None),
        new(9.0, "assistant", "", Some("tool_calls")),
        new(9.5, "tool", "API call failed after 3 retries", None),
        new(20.0, "assistant", "Your request was not processed.", Some("stop")),
        new(60.0, "user", "b", None),
        new(95.0, "user", "c", None),
        new(99.0, "assistant", "d", Some("stop")),
        new(200.0, "user", "e", None),
    ];
    let want = vec![(Stop::Stop, 20), (Stop::Unfinished, 60), (Stop::Stop, 99), (Stop::Unfinished, 200)];
    assert_eq!(one("s", "", &rows), want);
}

#[test]
fn an_old_store_keeps_a_turn_at_its_end_and_a_failed_request_twice() {
    let old = |after: f64, role: &str, content: &str, finish: &str| message(after, role, content, finish);
    let stop = r#","finish_reason":"stop""#;
    let rows = [
        old(1.0, "user", "a", ""),
        old(1.004, "assistant", "x", stop),
        old(6.0, "session_meta", "", ""),
        old(30.0, "user", "b", ""),
        old(35.001, "session_meta", "", ""),
        old(35.002, "user", "b", ""),
        old(90.0, "user", "b", ""),
        old(120.0, "user", "c", ""),
        old(
            120.009,
            "assistant",
            "⚠️ Provider authentication failed: Codex refresh token was already consumed by another client",
            "",
        ),
    ];
    let want = vec![(Stop::Stop, 1), (Stop::Error, 30), (Stop::Error, 90), (Stop::Error, 120)];
    assert_eq!(one("s", "", &rows), want, "the third `b` was sent again by a person");
}

#[test]
fn what_may_be_at_work_is_not_called_failed() {
    let ask = |id: &str, at: f64, more: &str| session(id, at, more, &[new(at + 1.0, "user", id, None)]);
    let lines =
        [ask("c", 500.0, ""), ask("b", 430.0, r#","ended_at":1778394140.0,"end_reason":"webhook_complete""#), ask("a", 100.0, "")];
    assert_eq!(told(&lines), vec![(Stop::Unfinished, 101), (Stop::Unfinished, 431), (Stop::Unknown, 501)]);
}

#[test]
fn the_mark_of_a_failed_turn_and_rows_that_are_no_requests() {
    let rows = [
        new(1.0, "user", "a", None),
        message(4.0, "assistant", "in other words", r#","display_kind":"failed_turn","active":1"#),
        new(30.0, "user", "b", None),
        new(
            33.0,
            "assistant",
            "This turn did not complete. Some actions may already have run; verify their effects before resending.",
            None,
        ),
        message(50.0, "user", "overheard", r#","observed":1,"active":1"#),
        kept(70.0, "user", "taken back", None, 0, 0),
        new(80.0, "user", "c", None),
        new(84.0, "assistant", "d", Some("stop")),
    ];
    assert_eq!(one("s", "", &rows), vec![(Stop::Error, 4), (Stop::Error, 33), (Stop::Unknown, 70), (Stop::Stop, 84)]);
}

#[test]
fn a_compaction_in_place_repeats_rows_and_fails_nothing() {
    let before = [
        kept(1.0, "user", "a", None, 0, 1),
        kept(5.0, "assistant", "x", Some("stop"), 0, 1),
        kept(20.0, "user", "lost", None, 0, 1),
        kept(60.0, "user", "b", None, 0, 1),
        new(70.0, "user", "[CONTEXT COMPACTION — REFERENCE ONLY] Earlier turns were compacted", None),
    ];
    let cloned = [new(1.0, "user", "a", None), new(5.0, "assistant", "x", Some("stop")), new(60.0, "user", "b", None)];
    let again = [new(70.01, "user", "a", None), new(70.02, "assistant", "x", Some("stop")), new(70.03, "user", "b", None)];
    for copies in [cloned, again] {
        let rows = [&before[..], &copies, &[new(80.0, "assistant", "y", Some("stop"))]].concat();
        assert_eq!(one("s", "", &rows), vec![(Stop::Stop, 5), (Stop::Unfinished, 20), (Stop::Stop, 80)], "{copies:?}");
    }
}

#[test]
fn a_compaction_into_a_new_session_goes_on_there() {
    let parent = session(
        "p",
        0.0,
        r#","end_reason":"compression""#,
        &[new(1.0, "user", "a", None), new(5.0, "assistant", "x", Some("stop")), new(60.0, "user", "b", None)],
    );
    let child = session(
        "c",
        70.0,
        r#","parent_session_id":"p""#,
        &[
            new(70.1, "assistant", "[CONTEXT SUMMARY]: so far", None),
            new(70.11, "user", "a", None),
            new(70.12, "assistant", "x", Some("stop")),
            new(70.13, "user", "b", None),
            new(81.0, "assistant", "y", Some("stop")),
        ],
    );
    assert_eq!(told(&[later(), child, parent]), vec![(Stop::Stop, 5), (Stop::Stop, 81)]);
}

#[test]
fn a_branch_repeats_the_history_of_another_session() {
    let history = [new(1.0, "user", "a", None), new(5.0, "assistant", "x", Some("stop")), new(40.0, "user", "b", None)];
    let parent = session("p", 0.0, "", &history);
    let again = [new(90.01, "user", "a", None), new(90.02, "assistant", "x", Some("stop")), new(90.03, "user", "b", None)];
    let lone = [again[0].clone(), again[1].clone()];
    let follow = [new(95.0, "user", "c", None), new(99.0, "assistant", "z", Some("stop"))];
    for copies in [&history[..], &again, &lone] {
        let rows = [copies, &follow].concat();
        let branch = session("c", 90.0, r#","model_config":"{\"_branched_from\":\"p\"}","parent_session_id":"p""#, &rows);
        let want = vec![(Stop::Stop, 5), (Stop::Unfinished, 40), (Stop::Stop, 99)];
        assert_eq!(told(&[later(), branch, parent.clone()]), want, "{copies:?}");
    }
}

#[test]
fn a_delegate_has_a_history_of_its_own() {
    let more = r#","model_config":"{\"_delegate_from\":\"p\"}","parent_session_id":"p""#;
    assert_eq!(one("d", more, &[new(0.1, "user", "a", None)]), vec![(Stop::Unfinished, 0)]);
}

#[test]
fn prompts_alone_show_no_absence() {
    let rows = [new(1.0, "user", "a", None), new(50.0, "user", "b", None)];
    assert_eq!(one("s", r#","api_call_count":4"#, &rows), vec![]);
    assert_eq!(one("s", r#","api_call_count":0"#, &rows), vec![(Stop::Unfinished, 1), (Stop::Unfinished, 50)]);
}

#[test]
fn who_was_asked() {
    let provider = |columns: &str| {
        let line =
            format!(r#"{{"id":"s","source":"cli","started_at":{START}{columns},"messages":[{}]}}"#, new(1.0, "user", "a", None));
        let (_, stated) = read_file("export.jsonl", line.as_bytes());
        stated.turns.first().map(|turn| turn.asked.provider)
    };
    assert_eq!(provider(r#","billing_provider":"openai-codex","model":"gpt-5.4""#), Some(Provider::OpenaiCodex));
    assert_eq!(provider(r#","billing_provider":"anthropic","model":"gpt-5.4""#), Some(Provider::Anthropic));
    assert_eq!(provider(r#","billing_provider":null,"model":"gpt-5.4""#), Some(Provider::Unknown));
    assert_eq!(provider(r#","model":"vendor/gpt-5.4""#), Some(Provider::Other));
    let runtime = r#","model":"gpt-5.4","model_config":"{\"gateway_runtime\":{\"provider\":\"openai-codex\"}}""#;
    assert_eq!(provider(runtime), Some(Provider::OpenaiCodex));
}
