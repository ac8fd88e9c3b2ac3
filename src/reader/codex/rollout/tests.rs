//! Turns of every era, forks, and damage.

#![allow(clippy::unwrap_used)]

use super::{open, sniff};
use crate::event::{Client, ErrorClass, EventKind, SkipReason, Stop, Turn};
use crate::reader::codex::testing;
use crate::reader::{Outcome, Sniff};
use crate::secret::Kind;
use crate::time::Stamp;

/// Thread of most tests, made at 2026-05-10T06:40:58Z.
const THREAD: &str = "019e1086-df10-7bbb-8ccc-0123456789ab";

/// A turn id made `s` seconds after the thread.
fn id(s: i64) -> String {
    let hex = format!("{:012x}", 0x019e_1086_df10i64 + s * 1000);
    format!("{}-{}-7eee-8fff-0123456789ab", &hex[..8], &hex[8..])
}

/// A line `ms` milliseconds after 06:40:58.
fn line(ms: u32, kind: &str, payload: &str) -> String {
    let (s, ms) = (58 + ms / 1000, ms % 1000);
    format!(
        "{{\"timestamp\":\"2026-05-10T06:{:02}:{:02}.{ms:03}Z\",\"type\":\"{kind}\",\"payload\":{payload}}}\n",
        40 + s / 60,
        s % 60
    )
}

fn meta(extra: &str) -> String {
    line(
        0,
        "session_meta",
        &format!(
            r#"{{"id":"{THREAD}","timestamp":"2026-05-10T06:40:58.000Z","originator":"codex_cli_rs","cli_version":"0.98.0","model_provider":"openai"{extra}}}"#
        ),
    )
}

fn user(ms: u32) -> String {
    line(ms, "event_msg", r#"{"type":"user_message","message":"task_complete error"}"#)
        + &line(ms, "turn_context", r#"{"model":"gpt-5.2-codex"}"#)
}

fn answer(ms: u32) -> String {
    line(ms, "response_item", r#"{"type":"message","role":"assistant","content":[]}"#)
}

fn begin(ms: u32, id: &str) -> String {
    line(ms, "event_msg", &format!(r#"{{"type":"task_started","turn_id":"{id}"}}"#)) + &user(ms)
}

fn end(ms: u32, id: &str, rest: &str) -> String {
    line(ms, "event_msg", &format!(r#"{{"type":"task_complete","turn_id":"{id}",{rest}}}"#))
}

fn turns(text: &str) -> Vec<(Option<Stamp>, Turn)> {
    testing::turns(open, "rollout.jsonl", text)
}

fn ends(text: &str) -> Vec<(Stop, Option<ErrorClass>)> {
    turns(text).into_iter().map(|(_, t)| (t.stop, t.failure.map(|f| f.class))).collect()
}

#[test]
fn era_a_ends_are_read_from_what_follows() {
    let call = line(9000, "response_item", r#"{"type":"function_call","name":"shell"}"#);
    let aborted = line(12_000, "event_msg", r#"{"type":"turn_aborted","reason":"interrupted"}"#);
    let text = [meta(""), user(1000), answer(3000), user(5000), user(8000), call, user(10_000), aborted, user(20_000)].concat();
    assert_eq!(
        ends(&text),
        [
            (Stop::Stop, None),
            (Stop::Unfinished, Some(ErrorClass::Unstated)),
            (Stop::Unknown, None),
            (Stop::Aborted, Some(ErrorClass::Aborted)),
            (Stop::Unfinished, Some(ErrorClass::Unstated)),
        ]
    );
    let all = turns(&text);
    let ids: std::collections::BTreeSet<_> = all.iter().map(|(_, t)| t.id.unwrap()).collect();
    assert_eq!(ids.len(), 5);
    assert_eq!(all[0].1.session, Some(testing::key(Kind::Session, THREAD)));
    assert_eq!(all[0].0, Stamp::parse("2026-05-10T06:41:01Z"));
}

#[test]
fn era_b_fails_in_silence() {
    let silent = r#""last_agent_message":null,"completed_at":1778395261,"duration_ms":556"#;
    let compacted = line(6500, "compacted", r#"{"message":""}"#);
    let shell = line(8500, "response_item", r#"{"type":"message","role":"user","content":[]}"#);
    let bare = |ms, id: &str| line(ms, "event_msg", &format!(r#"{{"type":"task_started","turn_id":"{id}"}}"#));
    let text = [
        meta(""),
        begin(1000, &id(1)) + &answer(1500) + &end(2000, &id(1), r#""last_agent_message":"hi""#),
        begin(3000, &id(3)) + &end(3556, &id(3), silent),
        bare(6000, &id(6)) + &compacted + &end(7000, &id(6), silent),
        bare(8000, &id(8)) + &shell + &end(9000, &id(8), silent),
        begin(9200, &id(9)) + &line(9300, "response_item", r#"{"type":"reasoning"}"#) + &end(9500, &id(9), silent),
        begin(10_000, &id(10)) + &answer(10_500),
        begin(12_000, &id(12)),
    ]
    .concat();
    assert_eq!(
        ends(&text),
        [
            (Stop::Stop, None),
            (Stop::Error, Some(ErrorClass::Unstated)),
            (Stop::Stop, None),
            (Stop::Unknown, None),
            (Stop::Unknown, None),
            (Stop::Unknown, None),
            (Stop::Unfinished, Some(ErrorClass::Unstated)),
        ]
    );
    assert_eq!(turns(&text)[1].1.id, Some(testing::turn_key(None, &id(3))));
}

#[test]
fn extended_files_of_era_b_name_the_error() {
    let error = line(
        2000,
        "event_msg",
        r#"{"type":"error","message":"Your access token could not be refreshed because your refresh token was already used. Please log out and sign in again.","codex_error_info":"unauthorized"}"#,
    );
    let retry = line(
        1500,
        "event_msg",
        r#"{"type":"stream_error","message":"stream disconnected before completion: websocket closed","codex_error_info":{"response_stream_disconnected":{"http_status_code":null}}}"#,
    );
    let beside = line(5000, "event_msg", r#"{"type":"error","message":"no","codex_error_info":"thread_rollback_failed"}"#);
    let text = [
        meta(""),
        begin(1000, &id(1)) + &retry + &error + &end(2100, &id(1), r#""last_agent_message":null"#),
        begin(4000, &id(4)) + &beside + &answer(5500) + &end(6000, &id(4), r#""last_agent_message":"ok""#),
    ]
    .concat();
    assert_eq!(ends(&text), [(Stop::Error, Some(ErrorClass::RefreshTokenReused)), (Stop::Stop, None)]);
    let transport = turns(&text)[0].1.transport.unwrap();
    assert_eq!(transport.failure.class, ErrorClass::StreamCut);
}

#[test]
fn era_d_states_the_error_and_paginated_files_have_items() {
    let item = line(1000, "event_msg", r#"{"type":"item_completed","item":{"type":"UserMessage","content":[]}}"#);
    let started = |ms, id: &str| line(ms, "event_msg", &format!(r#"{{"type":"task_started","turn_id":"{id}"}}"#));
    let account = r#","creator_account_id":"acct-1","history_mode":"paginated""#;
    let usage = r#""last_agent_message":null,"error":{"message":"You’ve hit your usage limit.","codex_error_info":"usage_limit_exceeded"},"started_at":1"#;
    let text = [
        meta(account),
        started(1000, &id(1)) + &item + &end(1500, &id(1), usage),
        started(2000, &id(2)) + &end(2500, &id(2), r#""last_agent_message":null,"error":"Connection failed: x","started_at":1"#),
        started(3000, &id(3)) + &end(3500, &id(3), r#""last_agent_message":null,"error":null,"started_at":1"#),
    ]
    .concat();
    assert_eq!(
        ends(&text),
        [(Stop::Error, Some(ErrorClass::UsageLimit)), (Stop::Error, Some(ErrorClass::Connect)), (Stop::Unknown, None)]
    );
    assert_eq!(turns(&text)[0].1.account, Some(testing::key(Kind::Account, "acct-1")));
}

#[test]
fn a_fork_states_copied_turns_as_the_parents_and_at_their_own_time() {
    let parent = "019e0fff-0000-7bbb-8ccc-0123456789ab";
    let text = [
        meta(&format!(r#","forked_from_id":"{parent}""#)),
        line(10, "session_meta", &format!(r#"{{"id":"{parent}","originator":"codex_exec"}}"#)),
        begin(12, &id(-600)) + &answer(13) + &end(14, &id(-600), r#""last_agent_message":"hi","completed_at":1778394660"#),
        begin(15, &id(-300)) + &answer(16),
        begin(20, &id(0)) + &end(900, &id(0), r#""last_agent_message":null"#),
    ]
    .concat();
    let all = turns(&text);
    assert_eq!(ends(&text), [(Stop::Stop, None), (Stop::Error, Some(ErrorClass::Unstated))]);
    assert_eq!(all[0].1.session, Some(testing::key(Kind::Session, parent)));
    assert_eq!(all[0].0, Stamp::epoch(1_778_394_660.0));
    assert_eq!(all[0].1.started, super::ident::made_at(&id(-600)));
    assert_eq!(all[1].1.session, Some(testing::key(Kind::Session, THREAD)));
    let (stated, _) = testing::run(open, "r", text.as_bytes());
    let writers = stated.events.iter().filter(|e| matches!(e.kind, EventKind::WrittenBy { .. })).count();
    assert_eq!(writers, 1);
}

#[test]
fn copied_turns_of_era_a_do_not_count_again() {
    let copied = user(10) + &answer(11) + &user(12) + &answer(14) + &user(15);
    let own = user(9000) + &answer(11_000) + &user(20_000);
    let want = [(Stop::Stop, None), (Stop::Unfinished, Some(ErrorClass::Unstated))];
    let marked = [meta(r#","forked_from_id":"x""#), copied, own.clone()].concat();
    assert_eq!(ends(&marked), want);
    // Without a mark, two answers within milliseconds give the copy away.
    let unmarked = [meta(""), user(10) + &answer(11) + &user(12) + &answer(14), own].concat();
    assert_eq!(ends(&unmarked), want);
    // A quick failure is no copy.
    let quick = [meta(""), user(10), user(200), user(400)].concat();
    assert_eq!(ends(&quick).len(), 3);
}

#[test]
fn what_is_not_read_is_said() {
    let text = [
        meta(""),
        "\n".to_owned(),
        "{\"timestamp\":\"2026-05-10T06:41:00.000Z\",\"type\":\"brand_new\",\"payload\":{}}\n".to_owned(),
        "not json\n".to_owned(),
        "{\"type\":\"message\",\"role\":\"user\",\"content\":[]}\n".to_owned(),
        "{\"timestamp\":\"2026-05-10T06:41:00.000Z\",\"type\":\"resp".to_owned(),
    ]
    .concat();
    let (_, outcomes) = testing::run(open, "r", text.as_bytes());
    use Outcome::{Ignored, Skipped, Unknown, Used};
    assert_eq!(outcomes, [Used, Used, Unknown, Skipped(SkipReason::JsonSyntax), Ignored, Skipped(SkipReason::TornTail)]);
}

#[test]
fn a_turn_with_a_damaged_line_is_not_called_failed() {
    let torn = [meta(""), begin(1000, &id(1)), end(2000, &id(1), r#""last_agent_message":null"#)].concat();
    assert_eq!(ends(&torn[..torn.len() - 20]), [(Stop::Unknown, None)]);
    let inside =
        [meta(""), begin(1000, &id(1)), "{\"timest\n".to_owned(), end(2000, &id(1), r#""last_agent_message":null"#)].concat();
    assert_eq!(ends(&inside), [(Stop::Unknown, None)]);
    // Without its beginning a turn may have had output, and an error is still an error.
    let headless = [meta(""), end(2000, &id(1), r#""last_agent_message":null"#)].concat();
    assert_eq!(ends(&headless), [(Stop::Unknown, None)]);
    let error = r#""last_agent_message":null,"error":{"message":"invalid refresh token"}"#;
    assert_eq!(ends(&[meta(""), end(2000, &id(1), error)].concat()), [(Stop::Error, Some(ErrorClass::InvalidGrant))]);
}

#[test]
fn recognition() {
    let says = |text: &str| testing::sniffed(sniff, "x", text.as_bytes());
    assert_eq!(says(&meta("")), Sniff::Yes);
    assert_eq!(says(&meta("")[..150]), Sniff::Yes);
    assert_eq!(says(&answer(5)), Sniff::Yes);
    let oldest = format!("{{\"id\":\"{THREAD}\",\"timestamp\":\"2025-06-01T00:00:00.000Z\",\"instructions\":null}}\n");
    assert_eq!(says(&oldest), Sniff::Maybe);
    for other in ["", "{}", "{\"type\":\"session\",\"version\":3,\"id\":\"x\",\"timestamp\":\"2026-05-10T06:40:58.000Z\"}\n", "[1]"]
    {
        assert_eq!(says(other), Sniff::No, "{other}");
    }
    let events = testing::lines(open, "r", &meta(""));
    assert!(matches!(&events[0].kind, EventKind::WrittenBy { client: Client::CodexCli, version: Some(_) }));
}
