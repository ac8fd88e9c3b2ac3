//! The readers of this folder over the fixtures, and what each kind of source states in the cases
//! that are easily got wrong.
#![allow(clippy::unwrap_used)]

use super::FORMATS;
use super::testing::{Read, events, read, vault};
use crate::event::{Client, Event, EventKind, Phase, Provider, Section, SkipReason, SourceKind, Stop, Taken, TroubleKind};
use crate::reader::Outcome;
use crate::secret::Kind;
use crate::source::Name;
use crate::time::rfc3339;
use std::path::{Path, PathBuf};

/// The first file of a case.
fn case(name: &str) -> (String, Vec<u8>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/readers").join(name);
    let path = inputs(&folder).swap_remove(0);
    (path.to_string_lossy().into_owned(), std::fs::read(&path).unwrap())
}

/// Input files of a case: the expected events beside them are no input.
fn inputs(folder: &Path) -> Vec<PathBuf> {
    let all = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().map(|entry| entry.unwrap().into_path());
    all.filter(|path| path.is_file() && !path.file_name().unwrap().to_string_lossy().starts_with("expected")).collect()
}

fn read_case(name: &str) -> Read {
    let (path, bytes) = case(name);
    read(&path, &bytes)
}

/// Kinds whose fixtures are plain files; databases and what only a container dates are read whole.
fn ours() -> impl Iterator<Item = SourceKind> {
    let plain = |kind: &SourceKind| !kind.word().ends_with("-db") && *kind != SourceKind::OpenclawSealedAuth;
    SourceKind::ALL.iter().copied().filter(move |kind| matches!(kind.client(), Client::Openclaw | Client::Pi) && plain(kind))
}

fn cases(kind: SourceKind) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/readers").join(kind.word());
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    names.map(|name| format!("{}/{name}", kind.word())).collect()
}

#[test]
fn every_fixture_is_recognised_as_its_kind() {
    for kind in ours() {
        for name in cases(kind) {
            assert_eq!(read_case(&name).kind, Some(kind), "{name}");
        }
    }
}

#[test]
fn a_source_cut_anywhere_is_read_without_panic() {
    for name in ours().flat_map(cases) {
        let (path, bytes) = case(&name);
        let near_end = bytes.len().saturating_sub(120);
        for cut in (0..near_end).step_by(37).chain(near_end..bytes.len()) {
            read(&path, &bytes[..cut]);
        }
    }
}

#[test]
fn a_trajectory_tells_of_turns_that_have_no_entry() {
    let traced = read_case("openclaw-trajectory/runs-without-entry-2026.5.7");
    assert_eq!(traced.classes(), ["token_invalidated", "cooldown", "refresh_refused", "no_credential", "server_error"]);
    assert_eq!((traced.turns().len(), traced.refusals()), (7, vec!["refresh_refused"]));
    assert_eq!(traced.failed()[0].started.map(|at| at.ms), Some(1_778_487_000_120), "the request's own time");
    assert!(traced.failed()[1..].iter().all(|turn| turn.started.is_none() && turn.run.is_some()));
    assert_eq!(traced.count(Outcome::Unknown), 1);
    // An attempt that a retry made good: an answer had begun, so no upgrade was refused.
    let retried = read_case("openclaw-trajectory/attempt-made-good-2026.9.6");
    assert_eq!((retried.classes(), retried.turns().len()), (vec!["stream_cut"], 2));
}

#[test]
fn what_is_left_behind_tells_of_a_refresh() {
    assert_eq!(read_case("openclaw-refresh-lock/left-by-a-crash").refusals(), ["refresh_outcome_unknown"]);
    assert_eq!(read_case("openclaw-stability/refusal-2026.5.7").refusals(), ["refresh_refused"]);
    assert_eq!(read_case("openclaw-cron-runs/errors-2026.5.7").classes(), ["refresh_refused", "timeout"]);
    let sealed = r#"{"version":1,"profileId":"openai-codex:default","provider":"openai-codex","encrypted":{"iv":"x"}}"#;
    let sealed = read("/home/x/.openclaw/credentials/auth-profiles/0123456789abcdef0123456789abcdef.json", sealed.as_bytes());
    assert_eq!(sealed.outcomes, [Outcome::Skipped(SkipReason::Sealed)], "nothing of it can be read but the time");
    assert_eq!(events(&sealed, |kind| matches!(kind, EventKind::Rewritten)).len(), 1);
}

#[test]
fn failed_turns_of_a_transcript() {
    let session = read_case("openclaw-session/invalidated-2026.5.7");
    assert_eq!(session.classes(), ["token_invalidated"; 3]);
    assert_eq!(session.turns().len(), 4, "what the client mirrored is no turn");
    let [first, second, third] = &session.failed()[..] else { panic!("three") };
    assert!(first.run.is_some() && first.run != second.run);
    let transport = first.transport.unwrap();
    assert!(transport.fell_back && transport.phase == Phase::BeforeStream && transport.at > first.started);
    assert_eq!((transport.failure.class.word(), second.transport.is_none()), ("upgrade_refused", true));
    assert_eq!((third.provider, third.stop), (Provider::OpenaiCodex, Stop::Error));
}

#[test]
fn a_repaired_sibling_holds_the_same_turns() {
    let ids = |read: &Read| read.failed().iter().map(|turn| (turn.id, turn.session, turn.run)).collect::<Vec<_>>();
    let now = ids(&read_case("openclaw-session/invalidated-2026.5.7"));
    let then = ids(&read_case("openclaw-session/repaired-sibling-2026.5.7"));
    assert_eq!(then, now[..2]);
}

#[test]
fn why_turns_failed_that_are_not_about_the_login() {
    let session = read_case("openclaw-session/transport-and-limits-2026.5.7");
    let want = ["stream_cut", "server_error", "usage_limit", "policy_close", "upgrade_refused", "unstated"];
    assert_eq!(session.classes(), want);
    let aborted = session.turns().into_iter().find(|turn| turn.stop == Stop::Aborted).unwrap();
    assert_eq!(aborted.failure.map(|f| f.class.word()), Some("aborted"));
    let runs: Vec<_> = session.turns().iter().map(|turn| turn.run).collect();
    assert!(runs[0] == runs[1] && runs[1] != runs[2] && runs[2] == runs[3], "a run is all that follows one request");
}

#[test]
fn a_run_that_ended_before_the_model_was_asked_is_a_failed_turn() {
    let session = read_case("openclaw-session/v4-terminal-error-2026.9.6");
    assert_eq!(session.classes(), ["token_invalidated", "cooldown", "refresh_token_reused", "no_credential"]);
    assert!(session.failed().iter().all(|turn| turn.provider == Provider::Openai && turn.run.is_some()));
    let healthy = session.turns().into_iter().filter(|turn| turn.stop.is_success());
    assert!(healthy.clone().all(|turn| turn.transport.is_none()), "a diagnostic of a healthy turn is no failure");
    assert_eq!(healthy.count(), 2);
    assert_eq!(read_case("openclaw-session/prompt-error-2026.5.7").classes(), ["refresh_refused"]);
}

#[test]
fn damaged_and_unknown_lines_are_told_apart() {
    let odd = read_case("openclaw-session/no-header-odd-lines");
    assert_eq!(odd.classes(), ["server_error"], "errors inside tool results are none");
    assert_eq!(odd.count(Outcome::Unknown), 2);
    assert!(odd.turns().iter().all(|turn| turn.session.is_some()), "the file name holds the session");
    let torn = read_case("openclaw-session/crlf-topic-torn");
    assert_eq!((torn.classes().len(), torn.count(Outcome::Skipped(crate::event::SkipReason::TornTail))), (1, 1));
    let old = read_case("openclaw-session/v1-without-ids");
    assert!(old.turns().iter().all(|turn| turn.id.is_some() && turn.session.is_some()));
}

#[test]
fn a_log_and_a_console_count_the_same_failed_runs() {
    let want = ["token_invalidated", "cooldown", "token_invalidated", "cooldown"];
    let log = read_case("openclaw-gateway-log/invalidated-2026.5.7");
    assert_eq!(log.classes(), want, "skipped runs leave nothing in a transcript, echoes add nothing");
    assert!(log.failed().iter().all(|turn| turn.run.is_some()));
    let bundle = read_case("openclaw-gateway-log/support-bundle-2026.5.7");
    assert_eq!(bundle.classes(), want[..2], "a bundle drops the error of one record and keeps it in the next");
    let console = read_case("openclaw-console/gateway-2026.5.7");
    assert_eq!(console.classes(), ["refresh_refused", "token_invalidated", "cooldown"]);
    assert!(console.failed().iter().all(|turn| turn.run.is_some()));
}

#[test]
fn one_refused_refresh_is_stated_once_with_its_code() {
    for (name, want) in [
        ("openclaw-gateway-log/refresh-refused-2026.5.7", &["refresh_refused", "refresh_token_reused", "refresh_refused"][..]),
        ("openclaw-gateway-log/refresh-reused-2026.9.6", &["refresh_token_reused"]),
        ("openclaw-gateway-log/blocked-locally-2026.9.6", &["refresh_blocked_locally"]),
        ("openclaw-gateway-log/numbered-keys-2026.3.2", &["refresh_token_reused", "refresh_outcome_unknown"]),
        ("openclaw-gateway-log/two-agents-at-once-2026.5.7", &["refresh_refused", "refresh_refused"]),
        ("openclaw-gateway-log/quoted-by-the-model", &[]),
        ("openclaw-console/gateway-2026.5.7", &["refresh_token_reused", "refresh_token_reused", "refresh_refused"]),
        ("openclaw-console/journal-without-year", &["refresh_token_reused"]),
        ("openclaw-console/launchd-stderr", &["refresh_token_reused", "refresh_outcome_unknown"]),
    ] {
        assert_eq!(read_case(name).refusals(), want, "{name}");
    }
}

#[test]
fn a_record_without_a_time_takes_it_from_its_echo() {
    let console = read_case("openclaw-console/gateway-2026.5.7");
    let refused = events(&console, |kind| matches!(kind, EventKind::Refused { .. }));
    let first = refused.first().unwrap();
    assert_eq!((first.at.map(|at| rfc3339(at.ms)).as_deref(), first.origin.line), (Some("2026-05-10T16:51:22.223Z"), 6));
    let undated = read_case("openclaw-console/journal-without-year");
    assert!(undated.stated.stamps().next().is_none());
    let process = |kind: &EventKind| matches!(kind, EventKind::Refused { process: Some(_), .. });
    assert_eq!(events(&undated, process).len(), 1);
}

/// A lane names the agent. Where two attempts were refused at once for two reasons, which was whose is open.
#[test]
fn the_lane_of_a_session_names_the_agent() {
    let at = |second: u32, text: &str| format!("2026-09-24T22:00:{second:02}.000+00:00 {text}\n");
    let failed = |code: &str| format!("[openai-codex] Token refresh failed: 401 {{\"error\":{{\"code\":\"{code}\"}}}}");
    let error = "OAuth token refresh failed for openai-codex: Failed to refresh OpenAI Codex token.";
    let lane = |name: &str| format!("[diagnostic] lane task error: lane={name} durationMs=237 error=\"Error: {error}\"");
    let agents = |lines: &[String]| -> Vec<bool> {
        let console = read("gateway.out", [at(0, "[gateway] starting..."), lines.concat()].concat().as_bytes());
        let agent = |event: &&Event| matches!(event.kind, EventKind::Refused { agent: Some(_), .. });
        events(&console, |kind| matches!(kind, EventKind::Refused { .. })).iter().map(agent).collect()
    };
    let of = |name: &str| agents(&[at(1, &failed("refresh_token_reused")), at(1, &lane("main")), at(1, &lane(name))]);
    assert_eq!((of("session:agent:owl:main"), of("session:agent:owl:telegram:group:7")), (vec![true], vec![true]));
    assert_eq!((of("session:cron:nightly"), of("session:agent:owl"), of("main")), (vec![false], vec![false], vec![false]));
    let two = |codes: [&str; 2]| {
        let lanes = ["session:agent:owl:main", "session:agent:fox:main"].map(|name| at(1, &lane(name)));
        agents(&[codes.map(|code| at(1, &failed(code))), lanes].concat())
    };
    assert_eq!(two(["refresh_token_reused"; 2]), [true, true]);
    assert_eq!(two(["refresh_token_reused", "refresh_token_invalidated"]), [false, false]);
}

/// `tail` of several logs: launchd's standard error, which holds nothing but the refusal, and the gateway's log.
#[test]
fn a_header_of_tail_is_no_answer() {
    let refusal = "[openai-codex] Token refresh failed: 401 {\"error\":{\"code\":\"refresh_token_reused\"}}\n";
    let log =
        "2026-09-24T22:00:00.000+00:00 [gateway] starting...\n2026-09-24T22:10:00.000+00:00 [ws] ⇄ res ✓ agent 139ms runId=r\n";
    let refusals = |text: String| {
        let console = read("gateway.out", text.as_bytes());
        events(&console, |kind| matches!(kind, EventKind::Refused { .. })).len()
    };
    assert_eq!(refusals(format!("==> gateway.err.log <==\n{refusal}\n==> gateway.log <==\n{log}")), 1);
    assert_eq!(refusals(format!("==> gateway.log <==\n{log}\n==> gateway.err.log <==\n{refusal}")), 1);
    assert_eq!(refusals(format!("{log}==> gateway.err.log <==\n{refusal}{log}")), 0, "an answer");
}

/// A gateway that was silent overnight: the refusal belongs to the morning, by the line after it.
#[test]
fn a_record_without_a_time_or_an_echo_is_dated_by_the_next_line() {
    let night = "2026-09-24T22:00:00.000+00:00 [gateway] starting...\n";
    let blocked = "[security] blocked URL fetch (openai-chatgpt-oauth-token) reason=Blocked: resolves to private address\n";
    let morning = "2026-09-25T07:30:00.000+00:00 [ws] ⇄ res ✓ agent 139ms runId=r\n";
    let at = |text: String| {
        let console = read("gateway.out", text.as_bytes());
        let refused = events(&console, |kind| matches!(kind, EventKind::Refused { .. }));
        assert_eq!(refused.len(), 1);
        refused[0].at.map(|at| rfc3339(at.ms))
    };
    assert_eq!(at([night, blocked, morning, night].concat()).as_deref(), Some("2026-09-25T07:30:00.000Z"));
    assert_eq!(at([night, blocked].concat()).as_deref(), Some("2026-09-24T22:00:00.000Z"));
}

#[test]
fn what_the_model_quotes_is_no_event() {
    let log = read_case("openclaw-gateway-log/quoted-by-the-model");
    let said = events(&log, |kind| !matches!(kind, EventKind::Started { .. } | EventKind::ZoneAnchor { .. }));
    assert!(said.is_empty() && log.turns().is_empty(), "{said:?}");
}

#[test]
fn what_a_tool_printed_is_no_refusal() {
    let refusals = |subsystem: &str, text: &str| {
        let text = serde_json::to_string(text).unwrap();
        let meta = r#""_meta":{"date":"2026-05-10T06:01:00.000Z","logLevelName":"ERROR"}"#;
        let line = format!(r#"{{"0":"{{\"subsystem\":\"{subsystem}\"}}","1":{text},{meta}}}"#);
        read("openclaw-2026-05-10.log", format!("{line}\n").as_bytes()).refusals().len()
    };
    const SAID: &str = "OAuth token refresh failed for openai: refresh_token_reused";
    for (subsystem, text, want) in [
        ("agent/embedded", SAID.to_owned(), 1),
        ("agent/embedded", format!("auth profile \"openai:default\" failed for provider \"openai\": {SAID}"), 1),
        ("agents/model-providers", format!("openai: OAuth profile \"openai:default\" could not be resolved ({SAID})"), 1),
        ("agents/other", format!("openai: OAuth profile \"openai:default\" could not be resolved ({SAID})"), 1),
        ("agent/embedded", format!("words of a later version: {SAID}"), 1),
        ("agents/tools", format!("exec failed: {SAID}"), 0),
        ("agent/embedded", format!("[tools] exec failed: {SAID}"), 0),
        ("agent/embedded", format!("exec failed: exit 1\n\n{SAID}"), 0),
    ] {
        assert_eq!(refusals(subsystem, &text), want, "{subsystem} {text}");
    }
}

#[test]
fn a_run_id_may_serve_for_several_turns() {
    // A local run has the id of its session (2026.5.7).
    let line = |minute: u8| {
        let error = r#"No API key found for provider \"openai-codex\"."#;
        let event = format!(
            r#"{{"event":"model_fallback_decision","runId":"r","decision":"candidate_failed","candidateProvider":"openai-codex","errorPreview":"{error}","fallbackStepFinalOutcome":"chain_exhausted"}}"#
        );
        let names = r#""0":"{\"subsystem\":\"model-fallback/decision\"}""#;
        let meta = format!(r#""_meta":{{"date":"2026-05-10T06:0{minute}:00.000Z","logLevelName":"WARN"}}"#);
        format!("{{{names},\"1\":{event},\"2\":\"model fallback decision\",{meta}}}\n")
    };
    let log = read("openclaw-2026-05-10.log", format!("{}{}", line(1), line(2)).as_bytes());
    assert_eq!(log.classes(), ["no_credential", "no_credential"]);
}

#[test]
fn fallback_steps_say_how_a_chain_ended() {
    let log = read_case("openclaw-gateway-log/fallback-chain-2026.5.7");
    assert_eq!(log.classes(), ["token_invalidated", "overloaded", "stream_cut", "rate_limit"]);
    let steps: Vec<_> =
        log.stated.events.iter().filter_map(|e| if let EventKind::Fallback(step) = &e.kind { Some(step) } else { None }).collect();
    // A run whose error has no class asks no other model; the others are decisions of a chain.
    let (unclassed, steps): (Vec<_>, Vec<_>) = steps.into_iter().partition(|step| step.unclassed);
    assert!(unclassed.len() == 1 && unclassed.iter().all(|step| step.configured.is_none() && step.run.is_some()));
    let ends: Vec<_> = steps.iter().map(|step| (step.answered, step.exhausted)).collect();
    assert_eq!(ends, [(false, false), (true, false), (false, false), (false, true)]);
    assert!(steps.iter().all(|step| step.configured == Some(true) && step.run.is_some()));
    let kinds: Vec<_> =
        log.stated.events.iter().filter_map(|e| if let EventKind::Trouble(t) = &e.kind { Some(t.kind) } else { None }).collect();
    assert_eq!(kinds, [TroubleKind::Cooldown, TroubleKind::Exhausted]);
}

#[test]
fn credentials_that_pass_between_programs() {
    let names = |name: &str| read_case(name).stated.events.iter().filter_map(|e| passed(&e.kind)).collect::<Vec<_>>();
    assert_eq!(names("openclaw-gateway-log/numbered-keys-2026.3.2"), ["from codex"]);
    assert_eq!(names("openclaw-gateway-log/two-agents-at-once-2026.5.7"), ["from openclaw"]);
    assert_eq!(names("openclaw-gateway-log/write-back-2026.4.14"), ["refreshed", "to codex", "not written"]);
}

fn passed(kind: &EventKind) -> Option<String> {
    match kind {
        EventKind::Adopted { from, .. } => Some(format!("from {}", from.word())),
        EventKind::WroteBack { to } => Some(format!("to {}", to.word())),
        EventKind::Refreshed { .. } => Some("refreshed".to_owned()),
        EventKind::WriteFailed => Some("not written".to_owned()),
        _ => None,
    }
}

#[test]
fn stores_hold_tokens_times_and_fences() {
    let states = |name: &str| read_case(name).stores();
    let [live] = &states("openclaw-auth-profiles/oauth-and-keys-2026.5.7")[..] else { panic!("one login to ChatGPT") };
    assert_eq!(live.section, Section::Profile(vault().key(Kind::Section, "openai-codex:default")));
    assert!(live.access.is_some() && live.refresh.is_some() && live.family.is_some() && live.issued_at < live.expires_at);
    assert_eq!((live.taken, live.imported, live.fenced), (Taken::Current, false, None));
    let migrated = &states("openclaw-auth-profiles/migrated-2026.9.6")[0];
    assert_eq!((migrated.taken, migrated.account), (Taken::Copy, live.account));
    let imported: Vec<_> = states("openclaw-auth-profiles/from-codex-cli-2026.4.14").iter().map(|s| s.imported).collect();
    assert_eq!(imported, [true, true]);
    for (fenced, failed) in states("openclaw-auth-profiles/fence-2026.9.6").iter().zip([true, false]) {
        assert_eq!(
            (fenced.fenced.map(|f| f.failed), fenced.access, fenced.refresh, fenced.expires_at),
            (Some(failed), None, None, None)
        );
    }
    let [pi] = &states("pi-auth/chatgpt-and-key")[..] else { panic!("one login") };
    assert_eq!((pi.section, pi.taken), (Section::Only, Taken::Current));
}

#[test]
fn the_gate_knows_tokens_and_keys_but_no_words() {
    let (path, bytes) = case("openclaw-auth-profiles/oauth-and-keys-2026.5.7");
    let gate = read(&path, &bytes).gate;
    assert!(gate.leak(&String::from_utf8(bytes).unwrap(), &vault()).is_some());
    assert_eq!(gate.leak("the gateway-managed token of google", &vault()), None);
    let (path, bytes) = case("openclaw-auth-profiles/fence-2026.9.6");
    assert_eq!(read(&path, &bytes).gate.leak("openclaw-oauth-refresh-fence", &vault()), None);
}

#[test]
fn pauses_pins_fallbacks_and_logins() {
    let state = read_case("openclaw-auth-state/disabled-and-blocked-2026.9.6");
    let kinds: Vec<_> = state
        .stated
        .events
        .iter()
        .filter_map(|e| if let EventKind::Trouble(t) = &e.kind { Some((t.kind, t.until.is_some())) } else { None })
        .collect();
    assert_eq!(kinds, [(TroubleKind::Dead, true), (TroubleKind::Exhausted, true), (TroubleKind::Exhausted, true)]);
    assert!(read_case("openclaw-auth-state/recovered-2026.9.6").stated.is_empty());
    assert_eq!(events(&read_case("openclaw-session-index/pinned-by-user-2026.5.7"), |k| matches!(k, EventKind::Pinned)).len(), 2);
    for (name, want) in [
        ("without-fallback-2026.5.7", Some(false)),
        ("fallback-of-one-agent", Some(true)),
        ("backup-states-nothing", None),
        ("commented-json5", Some(true)),
        ("sanitized-2026.5.7", Some(false)),
    ] {
        let read = read_case(&format!("openclaw-config/{name}"));
        let said =
            read.stated.events.iter().find_map(|e| if let EventKind::FallbackConfigured(any) = e.kind { Some(any) } else { None });
        assert_eq!(said, want, "{name}");
    }
    assert_eq!(
        events(&read_case("openclaw-config-audit/logins-2026.5.7"), |k| matches!(k, EventKind::Login { done: true })).len(),
        2
    );
}

#[test]
fn a_source_knows_its_home() {
    for (path, kind) in [
        ("agents/main/sessions/a.jsonl", SourceKind::OpenclawSession),
        ("agents/main/agent/auth-profiles.json", SourceKind::OpenclawAuthProfiles),
        ("agents/main/sessions/sessions.json", SourceKind::OpenclawSessionIndex),
        ("logs/config-audit.jsonl", SourceKind::OpenclawConfigAudit),
        ("logs/gateway.log", SourceKind::OpenclawConsole),
        ("openclaw.json", SourceKind::OpenclawConfig),
        ("locks/oauth-refresh/sha256-0.lock", SourceKind::OpenclawOther),
    ] {
        let name = Name::of_text(&format!("/home/x/.openclaw/{path}"));
        let format = FORMATS.iter().find(|format| format.kind == kind).unwrap();
        assert_eq!(format.home(&name).as_deref(), Some("home/x/.openclaw"), "{path}");
    }
    let sessions = Name::of_text("/home/x/.pi/agent/sessions/--home-x--/a.jsonl");
    let auth = Name::of_text("/home/x/.pi/agent/auth.json");
    let home = |kind: SourceKind, name: &Name| FORMATS.iter().find(|format| format.kind == kind).unwrap().home(name);
    assert_eq!(home(SourceKind::PiSession, &sessions), home(SourceKind::PiAuth, &auth));
    assert_eq!(home(SourceKind::OpenclawGatewayLog, &Name::of_text("/tmp/openclaw/openclaw-2026-05-10.log")), None);
}

#[test]
fn which_of_two_programs_wrote_a_file() {
    let header = br#"{"type":"session","version":3,"id":"0b6b7c52","timestamp":"2026-05-10T17:58:02.114Z","cwd":"/home/x"}"#;
    let codex = br#"{"openai-codex":{"type":"oauth","access":"a","refresh":"b","expires":1}}"#;
    let openai = br#"{"openai":{"type":"oauth","access":"a","refresh":"b","expires":1}}"#;
    for (name, bytes, want) in [
        ("/home/x/.pi/agent/sessions/--home-x--/a.jsonl", &header[..], Some(SourceKind::PiSession)),
        ("/home/x/.openclaw/agents/main/sessions/a.jsonl", header, Some(SourceKind::OpenclawSession)),
        ("a.jsonl", header, Some(SourceKind::OpenclawSession)),
        ("2026-05-10T17-58-02-114Z_0b6b7c52.jsonl", header, Some(SourceKind::PiSession)),
        ("/home/x/.pi/agent/auth.json", codex, Some(SourceKind::PiAuth)),
        ("auth.json", codex, Some(SourceKind::PiAuth)),
        ("/home/x/.openclaw/agents/main/agent/auth.json", codex, Some(SourceKind::OpenclawAuthProfiles)),
    ] {
        assert_eq!(read(name, bytes).kind, want, "{name}");
    }
    let opencode = read("/home/x/.local/share/opencode/auth.json", openai).kind;
    assert!(!matches!(opencode, Some(SourceKind::PiAuth | SourceKind::OpenclawAuthProfiles)));
    let hermes = br#"{"telegram:1":{"session_id":"a","created_at":"2026-05-10T08:00:00","updated_at":"2026-05-10T08:00:00"}}"#;
    assert_ne!(read("/home/x/.hermes/sessions/sessions.json", hermes).kind, Some(SourceKind::OpenclawSessionIndex));
    let codex_1 = br#"{"type":"message","role":"assistant","content":[]}"#;
    assert_ne!(read("rollout.jsonl", codex_1).kind, Some(SourceKind::OpenclawSession));
}
