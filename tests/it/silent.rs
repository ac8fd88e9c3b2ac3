//! What leaves no record of its own, in small invented homes: turns that only a kept terminal shows, a
//! logout of which nothing is logged, refusals that no turn felt, and tokens whose origin is open.

use crate::pipeline::{Run, run};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::path::Path;
use stopwhy::report::IncidentJson;

/// A home with these files.
fn told(files: &[(&str, String)]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    run(Path::new(folder.path()))
}

fn only(run: &Run) -> &IncidentJson {
    let [incident] = &run.incidents[..] else { panic!("{:?}", run.summaries()) };
    incident
}

fn notes(incident: &IncidentJson, words: &str) -> usize {
    incident.notes.iter().filter(|note| note.contains(words)).count()
}

/// 2026-05-10T06:40:00Z.
const START: i64 = 1_778_395_200;

/// A token issued so many seconds after the start, for a password entered at another time.
fn token(issued: i64, password: i64) -> String {
    let payload = format!(
        r#"{{"iat":{},"exp":{},"pwd_auth_time":{},"session_id":"authsess_x"}}"#,
        START + issued,
        START + 864_000,
        (START + password) * 1000
    );
    format!("h.{}.s{issued}", URL_SAFE_NO_PAD.encode(payload))
}

fn hermes_store(tokens: &str, refreshed: &str, note: &str) -> String {
    format!(
        r#"{{"version":1,"providers":{{"openai-codex":{{"tokens":{tokens},"last_refresh":"{refreshed}","auth_mode":"chatgpt"{note}}}}},
        "active_provider":"openai-codex","updated_at":"2026-05-10T06:41:00.500000+00:00","credential_pool":{{"openai-codex":[]}}}}"#
    )
}

const GIVEN_UP: &str = r#","last_auth_error":{"provider":"openai-codex","code":"refresh_token_reused","message":"x","reason":"credential_pool_refresh_failure","relogin_required":true,"at":"2026-05-10T06:41:00.400000+00:00"}"#;

/// A turn of Hermes 0.19 that ends with a 401 at 06:41:01.
fn hermes_log() -> String {
    let at = |time: &str, rest: &str| format!("2026-05-10 {time} {rest}\n");
    [
        at("06:40:50,000", "INFO [20260510_064050_aaaaaa] agent.turn_context: conversation turn: session=20260510_064050_aaaaaa model=gpt-5.4 provider=openai-codex platform=cli history=0 msg='x'"),
        at("06:41:01,000", "ERROR [20260510_064050_aaaaaa] agent.conversation_loop: Non-retryable client error: Error code: 401 - {'error': {'message': 'x', 'code': 'token_invalidated'}, 'status': 401}"),
    ]
    .concat()
}

const REFUSED: &str = "Codex auth is missing access_token. Run `hermes auth` to re-authenticate.\n";

/// A store that gave its pair up: what a terminal shows is counted, and the count is the least.
#[test]
fn a_given_up_store_makes_the_count_the_least() {
    let home = [
        (".hermes/auth.json", hermes_store("{}", "2026-05-10T06:00:00.100000Z", GIVEN_UP)),
        (".hermes/logs/agent.log", hermes_log()),
    ];
    let alone = told(&home);
    assert_eq!((alone.report.totals.turns, only(&alone).failed_turns), (1, 1));
    assert_eq!(notes(only(&alone), "are at least 1: from 2026-05-10T06:41:00.400Z"), 1, "{:?}", only(&alone).notes);
    assert_eq!(notes(only(&alone), "kept terminal"), 0);

    let terminal =
        format!("me@host:~$ hermes chat -q x\n{REFUSED}me@host:~$ hermes -q y\n{REFUSED}me@host:~$ hermes status\n{REFUSED}");
    let shown = told(&[home[0].clone(), home[1].clone(), ("terminal.txt", terminal)]);
    assert_eq!((shown.report.totals.turns, only(&shown).failed_turns), (3, 3));
    assert_eq!(notes(only(&shown), "are at least 3"), 1);
    assert_eq!(notes(only(&shown), "without a time: 2 of 3"), 1, "{:?}", only(&shown).notes);
    assert_eq!(only(&shown).last_failure, only(&alone).last_failure);

    // A pair that is still there is refused with a record.
    let kept = hermes_store(&format!(r#"{{"access_token":"{}"}}"#, token(0, -900_000)), "2026-05-10T06:00:00.100000Z", GIVEN_UP);
    let run = told(&[(".hermes/auth.json", kept), home[1].clone()]);
    assert_eq!(notes(only(&run), "are at least"), 0, "{:?}", only(&run).notes);
}

/// Up to 0.14 the log knows of such turns as well, and the terminal shows the same ones.
#[test]
fn turns_that_a_log_knows_are_not_counted_again() {
    let start = |minute: u32| {
        format!(
            "2026-05-10 06:{minute}:00,000 INFO run_agent: No .env file found. Using system environment variables.\n\
             2026-05-10 06:{minute}:05,000 INFO agent.credential_pool: credential pool: no available entries (all exhausted or empty)\n"
        )
    };
    let log = start(41) + &start(43);
    let shown = |times: usize| format!("$ hermes chat -q x\n{REFUSED}").repeat(times);
    for (times, turns) in [(0, 2), (1, 2), (2, 2), (3, 3)] {
        let terminal = format!("◆ Auth Providers\n\n{}", shown(times));
        let run = told(&[(".hermes/logs/agent.log", log.clone()), ("terminal.txt", terminal)]);
        assert_eq!((run.report.totals.turns, run.report.totals.failed_turns), (turns, turns), "{times}");
    }
}

/// Ids of two threads, made at 06:40:58 and at 06:50:58.
const THREADS: [&str; 2] = ["019e1086-df10-7bbb-8ccc-0123456789ab", "019e1090-06d0-7bbb-8ccc-0123456789ac"];

fn thread(which: usize, end: &str) -> (&'static str, String) {
    let (id, minute) = (THREADS[which], 41 + 10 * which);
    let name = [
        ".codex/sessions/2026/05/10/rollout-2026-05-10T06-40-58-a.jsonl",
        ".codex/sessions/2026/05/10/rollout-2026-05-10T06-50-58-b.jsonl",
    ];
    let line = |second: u32, kind: &str, payload: &str| {
        format!("{{\"timestamp\":\"2026-05-10T06:{minute}:{second:02}.000Z\",\"type\":\"{kind}\",\"payload\":{payload}}}\n")
    };
    let meta = format!(
        r#"{{"id":"{id}","timestamp":"2026-05-10T06:40:58.000Z","originator":"codex_exec","cli_version":"0.169.0","model_provider":"openai"}}"#
    );
    let text = line(0, "session_meta", &meta)
        + &line(1, "event_msg", &format!(r#"{{"type":"task_started","turn_id":"{id}"}}"#))
        + &line(1, "event_msg", r#"{"type":"user_message","message":"x"}"#)
        + &line(1, "turn_context", r#"{"model":"gpt-5.5"}"#)
        + &line(9, "event_msg", &format!(r#"{{"type":"task_complete","turn_id":"{id}",{end}}}"#));
    (name[which], text)
}

const ANSWERED: &str = r#""last_agent_message":"x""#;
const BARE: &str = r#""last_agent_message":null,"error":{"message":"unexpected status 401 Unauthorized: Missing bearer or basic authentication in header, url: x","codex_error_info":{"http_connection_failed":{"http_status_code":401}}}"#;

#[test]
fn a_logout_that_a_terminal_shows_is_the_clients_own() {
    let turns = [thread(0, ANSWERED), thread(1, BARE)];
    let said = |text: &str| told(&[turns[0].clone(), turns[1].clone(), ("step.err", text.to_owned())]);
    let out = said("Successfully logged out\n");
    assert_eq!(out.summaries(), [("revoked".to_owned(), "undetermined".to_owned(), None, "undetermined".to_owned())]);
    assert_eq!(notes(only(&out), "after its own logout"), 1, "{:?}", only(&out).notes);
    let [logout] = &only(&out).evidence.iter().filter(|e| e.kind == "logout").collect::<Vec<_>>()[..] else { panic!() };
    assert_eq!((logout.at.as_ref(), logout.line), (None, 0));
    assert!(out.markdown.contains("| – | Codex: a logout is on record, without a time |"), "{}", out.markdown);
    // That there is no login says no more than the calls did.
    let none = said("Not logged in\n");
    assert_eq!(none.summaries()[0].0, "undetermined");
    assert_eq!(notes(only(&none), "as after a logout of its own"), 1, "{:?}", only(&none).notes);
    // A login that is there was not ended.
    let store =
        format!(r#"{{"tokens":{{"access_token":"{}"}},"last_refresh":"2026-05-10T06:00:00.123456789Z"}}"#, token(-2400, -900_000));
    let here = told(&[
        turns[0].clone(),
        turns[1].clone(),
        ("step.err", "Successfully logged out\n".to_owned()),
        (".codex/auth.json", store),
    ]);
    assert_eq!(notes(only(&here), "own logout"), 0, "{:?}", only(&here).notes);
}

#[test]
fn a_refusal_that_no_turn_felt_is_a_note_and_no_incident() {
    let refused = "2026-05-10T06:41:03.000000Z ERROR codex_login::auth::manager: Failed to refresh token: Your access token could not be refreshed because your refresh token was already used. Please log out and sign in again.\n";
    let run = told(&[thread(0, ANSWERED), (".codex/log/codex-tui.log", refused.to_owned())]);
    assert_eq!((run.incidents.len(), run.report.notes.len()), (0, 1), "{:?}", run.report.notes);
    let note = &run.report.notes[0];
    assert!(
        note.starts_with("Codex: refresh refused") && note.contains("2026-05-10T06:41:03.000Z") && note.contains("still worked"),
        "{note}"
    );
    assert!(run.markdown.contains("Beside the incidents:"));
    // One that was not answered says nothing about the token.
    let unanswered =
        "2026-05-10T06:41:03.000000Z ERROR codex_login::auth::manager: Failed to refresh token status=500 Internal Server Error\n";
    assert!(told(&[thread(0, ANSWERED), (".codex/log/codex-tui.log", unanswered.to_owned())]).report.notes.is_empty());
    // What belongs to an incident is told there.
    let reused = r#""last_agent_message":null,"error":{"message":"Your access token could not be refreshed because your refresh token was already used. Please log out and sign in again.","codex_error_info":"unauthorized"}"#;
    let felt = told(&[thread(0, reused), (".codex/log/codex-tui.log", refused.to_owned())]);
    assert_eq!((felt.incidents.len(), felt.report.notes.len()), (1, 0), "{:?}", felt.report.notes);
}

/// The only token that is known of a store, for a password entered shortly before: from a login, or from
/// a refresh right after it. It ends no incident whose turn may still have been at work.
#[test]
fn the_first_token_of_a_store_is_no_sure_login() {
    let plain = r#""last_agent_message":null,"error":{"message":"unexpected status 401 Unauthorized: {\"detail\":\"Unauthorized\"}","codex_error_info":{"http_connection_failed":{"http_status_code":401}}}"#;
    let after = |issued: i64, password: i64| {
        let at = 69 + issued;
        let refreshed = format!("2026-05-10T{:02}:{:02}:{:02}.123456789Z", 6 + (2400 + at) / 3600, (2400 + at) / 60 % 60, at % 60);
        let store =
            format!(r#"{{"tokens":{{"access_token":"{}"}},"last_refresh":"{refreshed}"}}"#, token(69 + issued, 69 + password));
        only(&told(&[thread(0, plain), (".codex/auth.json", store)])).recovered_at.clone()
    };
    // The turn fails at 06:41:09.
    assert_eq!(after(10, 5), None);
    assert_eq!(after(1900, 1700), None);
    assert_eq!(after(2000, 1990).as_deref().map(|at| &at[..19]), Some("2026-05-10T07:14:29"));
}

/// A store of which one token is known, of a login session that another store's older token has: that
/// token was refreshed, however fresh the password looks.
#[test]
fn a_token_of_a_known_login_session_was_refreshed() {
    let seen = |issued: i64| {
        let codex = format!(
            r#"{{"tokens":{{"access_token":"{}"}},"last_refresh":"2026-05-10T06:41:05.123456789Z"}}"#,
            token(issued, issued - 5)
        );
        let hermes = hermes_store(&format!(r#"{{"access_token":"{}"}}"#, token(10, 5)), "2026-05-10T06:40:10.200000Z", "");
        let run = told(&[(".codex/auth.json", codex), (".hermes/auth.json", hermes), thread(0, ANSWERED)]);
        run.report.rotations.iter().map(|rotation| rotation.client.clone()).collect::<Vec<_>>()
    };
    assert_eq!(seen(65), ["codex"]);
    // The older one is the login's own, as far as is known.
    assert_eq!(seen(5), ["hermes"]);
}

/// A log line belongs to the rotation that its store had just made, not to one after it.
#[test]
fn a_line_before_the_stores_own_stamp_is_another_rotation() {
    let rotations = |logged: &[&str]| {
        let lines: String = logged
            .iter()
            .map(|time| format!("2026-05-10 {time} INFO [20260510_064050_aaaaaa] run_agent: Credential auth failure — refreshed pool entry a134d3\n"))
            .collect();
        let anchor = "2026-05-10 06:40:59,000 INFO hermes_cli.backup: State snapshot created: 20260510-064059-x (3 files)\n";
        let tokens = format!(r#"{{"access_token":"{}","refresh_token":"K4QX2MNO7PLR"}}"#, token(65, -900_000));
        let store = hermes_store(&tokens, "2026-05-10T06:41:05.200000Z", "");
        let run = told(&[(".hermes/auth.json", store), (".hermes/logs/agent.log", format!("{anchor}{lines}"))]);
        run.report.rotations.iter().map(|rotation| rotation.at[14..].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(rotations(&["06:41:05,230"]), ["41:05.200Z"]);
    assert_eq!(rotations(&["06:41:04,800", "06:41:05,000"]), ["41:04.800Z", "41:05.000Z", "41:05.200Z"]);
    assert_eq!(rotations(&["06:41:05,000", "06:41:05,210", "06:41:25,000"]), ["41:05.000Z", "41:05.200Z", "41:25.000Z"]);
}

/// The 401 at 06:41:01 in a home whose store kept its pair, so that nothing fails unseen.
fn refused_home() -> [(&'static str, String); 2] {
    let tokens = format!(r#"{{"access_token":"{}"}}"#, token(0, -900_000));
    [(".hermes/auth.json", hermes_store(&tokens, "2026-05-10T06:00:00.100000Z", "")), (".hermes/logs/agent.log", hermes_log())]
}

const CONSUMED: &str = "Codex refresh token was already consumed by another client (e.g. Codex CLI or VS\n\
    Code extension). Run `codex` in your terminal to generate fresh tokens, then run\n`hermes auth` to re-authenticate.\n";

fn unplaced(run: &Run) -> bool {
    let said = "hermes: 1 turn without a readable time (1 failed), counted in the totals and in no incident";
    run.report.coverage.not_seen.iter().any(|line| line == said)
}

/// A text that lies beside the only home is not that home's: it is counted, and says nothing of the rest.
#[test]
fn a_text_that_nothing_ties_to_a_home_is_only_counted() {
    let home = refused_home();
    let alone = told(&home);
    let text = format!("$ hermes chat -q x -Q\n{CONSUMED}");
    for place in ["terminal.txt", "other-machine/console.txt", "notes/hermes-terminal.log"] {
        let run = told(&[home[0].clone(), home[1].clone(), (place, text.clone())]);
        assert_eq!((run.report.totals.turns, run.report.totals.failed_turns), (2, 2), "{place}");
        assert_eq!((run.summaries(), only(&run).failed_turns), (alone.summaries(), 1), "{place}");
        assert_eq!(only(&run).evidence.len(), only(&alone).evidence.len(), "{place}");
        assert!(unplaced(&run), "{place}: {:?}", run.report.coverage.not_seen);
    }
}

/// Where nothing else failed it makes no incident, wherever it lies.
#[test]
fn a_text_without_a_time_makes_no_incident() {
    let [store, _] = refused_home();
    let started = hermes_log().lines().next().map(|line| format!("{line}\n")).unwrap();
    for place in ["terminal.txt", ".hermes/terminal.txt"] {
        let text = format!("$ hermes chat -q x -Q\n{CONSUMED}");
        let run = told(&[store.clone(), (".hermes/logs/agent.log", started.clone()), (place, text)]);
        assert_eq!(run.incidents.len(), 0, "{place}: {:?}", run.summaries());
        assert!(unplaced(&run), "{place}: {:?}", run.report.coverage.not_seen);
    }
}

/// What ties it: the place, a session, a line of the log. It is counted then, and moves nothing.
#[test]
fn a_text_of_the_home_is_counted_with_its_incident() {
    let home = refused_home();
    let alone = told(&home);
    let line = hermes_log().lines().nth(1).map(str::to_owned).unwrap();
    let named =
        |session: &str| format!("$ hermes chat -q x -Q\nAnswer.\n\nsession_id: {session}\n$ hermes chat -q y -Q\n{CONSUMED}");
    for (place, text, count) in [
        ("terminal.txt", named("20260510_064050_aaaaaa"), 2),
        ("terminal.txt", named("20260510_064050_bbbbbb"), 1),
        (".hermes/terminal.txt", format!("$ hermes chat -q y -Q\n{CONSUMED}"), 2),
        ("terminal.txt", format!("$ hermes chat -q y -Q\n{CONSUMED}\n$ tail -1 agent.log\n{line}\n"), 2),
    ] {
        let run = told(&[home[0].clone(), home[1].clone(), (place, text.clone())]);
        let (found, before) = (only(&run), only(&alone));
        assert_eq!((run.report.totals.failed_turns, found.failed_turns), (2, count), "{place}: {text}");
        assert_eq!(notes(found, "without a time: 1 of 2"), usize::from(count == 2), "{:?}", found.notes);
        assert_eq!(unplaced(&run), count == 1, "{:?}", run.report.coverage.not_seen);
        assert_eq!((&found.first_failure, &found.last_failure), (&before.first_failure, &before.last_failure), "{text}");
        assert_eq!(run.summaries(), alone.summaries(), "{text}");
    }
}

/// A terminal that shows the lines of a log as well: they date its own turns, in whichever home it lies.
#[test]
fn lines_of_a_log_in_a_terminal_date_its_turns() {
    let logged = |minute: u32| {
        format!(
            "2026-05-12 06:{minute}:00,000 INFO run_agent: No .env file found. Using system environment variables.\n\
             2026-05-12 06:{minute}:05,000 INFO agent.credential_pool: credential pool: no available entries (all exhausted or empty)\n"
        )
    };
    let text = format!("$ hermes chat -q x\n{CONSUMED}$ hermes chat -q y\n{CONSUMED}$ hermes logs\n{}{}", logged(41), logged(43));
    let [store, log] = refused_home();
    for (home, turns) in [(vec![], 2), (vec![store, log], 3)] {
        let run = told(&[&home[..], &[("console.txt", text.clone())]].concat());
        let totals = &run.report.totals;
        assert_eq!((totals.turns, totals.failed_turns), (turns, turns), "{:?}", run.summaries());
    }
}
