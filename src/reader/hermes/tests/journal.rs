//! What short invented logs state.

use super::read_file;
use crate::event::{ErrorClass, Event, EventKind, Stated, Stop};

const S1: &str = "20260510_080000_aaaaaa";
const S2: &str = "20260510_080500_bbbbbb";

fn at(time: &str, level: &str, tag: &str, message: &str) -> String {
    let tag = if tag.is_empty() { String::new() } else { format!(" [{tag}]") };
    format!("2026-05-10 {time},000 {level}{tag} run_agent: {message}\n")
}

fn open(time: &str, session: &str) -> String {
    let message =
        format!("conversation turn: session={session} model=gpt-5.4 provider=openai-codex platform=cli history=0 msg='x'");
    at(time, "INFO", session, &message)
}

fn end(time: &str, session: &str, reason: &str) -> String {
    at(time, "INFO", session, &format!("Turn ended: reason={reason} model=gpt-5.4 api_calls=1/90 session={session}"))
}

fn read(log: &[String]) -> Stated {
    read_file("h/logs/agent.log", log.concat().as_bytes()).1
}

fn stops(log: &[String]) -> Vec<(Stop, Option<ErrorClass>)> {
    read(log).turns.iter().map(|turn| (turn.stop, turn.failure.map(|f| f.class))).collect()
}

#[test]
fn how_turns_end() {
    let fatal = "Non-retryable client error: Error code: 401 - {'error': {'code': 'token_expired'}}";
    for (log, want) in [
        (vec![open("08:00:00", S1), end("08:00:05", S1, "text_response(finish_reason=stop)")], vec![(Stop::Stop, None)]),
        (vec![open("08:00:00", S1), end("08:00:05", S1, "text_response(finish_reason=length)")], vec![(Stop::Length, None)]),
        (vec![open("08:00:00", S1), end("08:00:05", S1, "interrupted_by_user")], vec![(Stop::Aborted, None)]),
        (
            vec![open("08:00:00", S1), end("08:00:05", S1, "error_near_max_iterations(Error: session=x)")],
            vec![(Stop::Error, Some(ErrorClass::Unstated))],
        ),
        (vec![open("08:00:00", S1), at("08:00:05", "ERROR", S1, fatal)], vec![(Stop::Error, Some(ErrorClass::TokenExpired))]),
        // Quoted in a record of another level, or in the middle of a message: no error.
        (vec![open("08:00:00", S1), at("08:00:05", "INFO", S1, fatal)], vec![]),
        (vec![open("08:00:00", S1), at("08:00:05", "ERROR", S1, &format!("tool said: {fatal}"))], vec![]),
        // Still running at the end of the file, or dropped long ago.
        (vec![open("08:00:00", S1), open("08:05:00", S2)], vec![]),
        (vec![open("08:00:00", S1), at("10:00:00", "INFO", "", "x")], vec![(Stop::Unfinished, Some(ErrorClass::Unstated))]),
        (vec![open("08:00:00", S1), open("08:01:00", S1)], vec![(Stop::Unfinished, Some(ErrorClass::Unstated))]),
        (
            vec![open("08:00:00", S1), at("08:00:05", "INFO", S1, "API call #1: provider=nous"), open("08:01:00", S1)],
            vec![(Stop::Unknown, None)],
        ),
    ] {
        assert_eq!(stops(&log), want, "{log:?}");
    }
}

#[test]
fn a_stale_tag_means_the_one_open_turn() {
    let fatal = "API call failed after 3 retries. Connection error. | provider=openai-codex model=gpt-5.4 msgs=2 tokens=~1";
    let log =
        [open("08:00:00", S1), open("08:00:01", S2), end("08:00:02", S2, "text_response"), at("08:00:03", "ERROR", S2, fatal)];
    let found = read(&log).turns;
    assert_eq!(found.iter().map(|t| t.stop).collect::<Vec<_>>(), vec![Stop::Stop, Stop::Error]);
    assert!(found[0].asked.session != found[1].asked.session && found[1].started().is_some());
}

#[test]
fn compaction_moves_a_turn_to_a_new_session() {
    let log = [
        open("08:00:00", S1),
        at("08:00:01", "INFO", S1, &format!("context compression started: session={S1} messages=9")),
        at("08:00:02", "INFO", S1, &format!("context compression done: session={S2} messages=9->2")),
        end("08:00:03", S2, "text_response(finish_reason=stop)"),
        open("09:59:59", "20260510_095959_cccccc"),
    ];
    assert_eq!(stops(&log), vec![(Stop::Stop, None)]);
}

#[test]
fn pools_of_other_providers_are_not_the_login() {
    let other = open("08:00:00", S1).replace("openai-codex", "nous");
    let said = |message: &str| read(&[other.clone(), at("08:00:01", "INFO", S1, message)]).len();
    for message in [
        "credential pool: no available entries (all exhausted or empty)",
        "credential pool: marking x exhausted (status=401), rotating",
        "Credential auth failure — refreshed pool entry a1b2c3",
        "API call #1: model=x provider=nous in=1",
    ] {
        assert_eq!(said(message), 0, "{message}");
    }
    assert_eq!(said("Codex refresh token already rotated by a peer — adopting the stored pair."), 1);
    let refused = "2026-05-10 08:00:00,000 WARNING gateway.run: Primary provider auth failed: Refresh token reuse detected: refresh_token_reused — trying fallback\n";
    assert!(read(&[refused.to_owned()]).is_empty());
}

#[test]
fn records_about_the_grant_itself() {
    let class = |message: &str| {
        let pick = |e: Event| match e.kind {
            EventKind::Refused { failure, .. } => Some(failure.class.word()),
            EventKind::Adopted { cause, .. } => Some(cause.map_or("adopted", ErrorClass::word)),
            EventKind::FoundRotated => Some("rotated"),
            _ => None,
        };
        read(&[at("08:00:00", "INFO", "", message)]).events.into_iter().find_map(pick)
    };
    for (message, want) in [
        (
            "Codex OAuth refresh token is terminally invalid (refresh_token_reused); clearing local token state. Re-run 'x' (y).",
            "refresh_token_reused",
        ),
        ("Codex OAuth refresh token is terminally invalid; clearing local token state", "refresh_refused"),
        (
            "Codex auth recovered from Codex CLI auth.json (refresh_token rejected: refresh_token_invalidated).",
            "refresh_token_invalidated",
        ),
        ("Codex auth recovered from Codex CLI auth.json (some new reason).", "adopted"),
        ("Migrating Codex credentials from ~/.codex/ to Hermes auth store", "adopted"),
        ("Codex refresh token already rotated by a peer — adopting the stored pair.", "rotated"),
        (
            "Credential refresh failed for openai-codex/a1b2c3: Codex token refresh failed with status 503.",
            "refresh_outcome_unknown",
        ),
    ] {
        assert_eq!(class(message), Some(want), "{message}");
    }
}

#[test]
fn a_start_without_a_client_is_a_failed_turn_and_an_empty_pool_is_not() {
    const EMPTY: &str = "credential pool: no available entries (all exhausted or empty)";
    let load = |time: &str| at(time, "INFO", "", "No .env file found. Using system environment variables.");
    let other = |time: &str| at(time, "INFO", "", "Loaded environment variables from /x/.env");
    let empty = |time: &str| at(time, "INFO", "", EMPTY);
    let client = |time: &str| at(time, "INFO", "", "OpenAI client created (agent_init, shared=True) provider=openai-codex");
    let failed = |log: &[String]| stops(log).iter().filter(|s| **s == (Stop::Error, Some(ErrorClass::NoCredential))).count();
    let refused = vec![empty("08:00:00"), load("08:00:05"), empty("08:00:11")];
    assert_eq!(failed(&refused), 1);
    let again = [refused.clone(), vec![other("08:00:30"), empty("08:00:36"), empty("08:00:36")]].concat();
    assert_eq!(failed(&again), 2);
    assert_eq!(failed(&[again, vec![load("08:01:00"), empty("08:01:04"), client("08:01:05")]].concat()), 2, "the third one works");
    assert_eq!(failed(&[empty("08:00:00"), empty("08:00:10")]), 0, "`status` looks into the pool, too");
    assert_eq!(failed(&[load("08:00:00"), client("08:00:02"), empty("08:00:10")]), 0);
    assert_eq!(failed(&[load("08:00:00"), empty("08:10:00")]), 0, "minutes later it is another process");
    let gateway = at("08:00:02", "INFO", "", "Starting Hermes Gateway...");
    assert_eq!(failed(&[load("08:00:00"), gateway, empty("08:00:10")]), 0);
}
