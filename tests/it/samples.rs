//! Files that real versions of the clients wrote, where they are at hand (`../shared/samples`):
//! each scenario is told as its record of what happened tells it, and no file that a client wrote
//! is left unrecognised. Says so when they are absent.
//!
//! Turns are request-answer cycles that the files hold: a retry is one more.

use crate::pipeline::{Run, run};
use std::path::{Path, PathBuf};
use stopwhy::event::SkipReason;
use stopwhy::report::IncidentJson;

/// Per scenario: turns, failed turns, and of each incident mechanism, root cause and actor, as
/// far as there is one. `?` where the record leaves more than one reading open, `-` for none.
///
/// Behind a bar stands what else the record settles, in any order and as far as it does:
/// `rotations` in all (Codex makes some of which nothing is kept: all but the last of a process that
/// writes no log, and the first of one that does), and for each incident `recovered` (yes or no), `sessions`, `fallback`,
/// `confidence`, with commas between incidents.
const TOLD: &str = "
codex-0.130.0
  01-healthy 3 0 - | rotations=0
  02-proactive-refresh 2 0 - | rotations=0
  03-401-refresh-ok 2 0 - | rotations=1
  04-reused 3 3 consumed/unrecorded_consumer | rotations=0 recovered=no sessions=2
  04b-reused-at-expiry 2 2 consumed/unrecorded_consumer | rotations=0 recovered=no sessions=2
  04e-healthy-then-reused-then-login 5 2 consumed/unrecorded_consumer | rotations=0 recovered=yes sessions=2
  05-invalidated 2 2 revoked/server_revocation | rotations=0 recovered=no sessions=2
  05c-plain-401-persists 1 1 undetermined | rotations=1 recovered=no sessions=1
  06-usage-limit 2 2 not_token/usage_limit | rotations=0 recovered=no sessions=2
  07-overloaded 2 2 not_token/provider_outage | rotations=0 recovered=no sessions=2
  09-cut 2 1 not_token/transport_drop | rotations=0 recovered=yes sessions=1
  10-logout 2 1 revoked/undetermined | rotations=0 recovered=no sessions=1
  10b-login-abandoned 2 0 - | rotations=0
  14-tui 3 2 consumed/unrecorded_consumer | rotations=0 recovered=no sessions=1
  15-app-server-refresh 2 0 - | rotations=1
  15b-app-server-reused 3 2 consumed/unrecorded_consumer | rotations=0 recovered=no sessions=1
  15c-app-server-adopts 2 0 - | rotations=2
  16-race-same-home 3 0 - | rotations=1
codex-0.150.0
  04-reused 3 3 consumed/unrecorded_consumer | rotations=0 recovered=no sessions=2
  15b-app-server-reused 3 2 consumed/unrecorded_consumer | rotations=0 recovered=no sessions=1
codex-0.169.0
  01-healthy 3 0 - | rotations=0
  01h-healthy-http 1 0 - | rotations=0
  02-proactive-refresh 2 0 - | rotations=1
  02b-expired-refresh 1 0 - | rotations=1
  03-401-refresh-ok 2 0 - | rotations=1
  03r-401-responses-only 1 0 - | rotations=1
  04-reused 3 3 consumed/unrecorded_consumer | rotations=0 recovered=no sessions=2
  04b-reused-at-expiry 2 2 consumed/unrecorded_consumer | rotations=0 recovered=no sessions=2
  04c-reused-near-expiry 1 0 - | rotations=0
  04d-reused-responses-only 1 1 consumed/unrecorded_consumer | rotations=0 recovered=no sessions=1
  04e-healthy-then-reused-then-login 5 2 consumed/unrecorded_consumer | rotations=0 recovered=yes sessions=2
  05-invalidated 2 2 revoked/server_revocation | rotations=0 recovered=no sessions=2
  05b-revoked-expired 1 1 revoked/server_revocation | rotations=0 recovered=no sessions=1
  05c-plain-401-persists 1 1 undetermined | rotations=1 recovered=no sessions=1
  06-usage-limit 2 2 not_token/usage_limit | rotations=0 recovered=no sessions=2
  06b-rate-limit 2 1 not_token/usage_limit | rotations=0 recovered=yes sessions=1
  07-overloaded 2 2 not_token/provider_outage | rotations=0 recovered=no sessions=2
  07b-500 2 1 not_token/provider_outage | rotations=0 recovered=yes sessions=1
  07c-403-cloudflare 1 1 not_token/edge_block | rotations=0 recovered=no sessions=1
  08-refused 1 1 not_token/network | rotations=0 recovered=no sessions=1
  09-cut 2 1 not_token/transport_drop | rotations=0 recovered=yes sessions=1
  10-logout 2 1 revoked/undetermined | rotations=0 recovered=no sessions=1
  10b-login-abandoned 2 1 revoked/undetermined | rotations=0 recovered=no sessions=1
  12-refresh-500 1 1 revoked/server_revocation | rotations=0 recovered=no sessions=1
  12b-refresh-reset 1 1 revoked/server_revocation | rotations=0 recovered=no sessions=1
  12c-refresh-geo403 1 1 not_token/edge_block | rotations=0 recovered=no sessions=1
  14-tui 3 2 consumed/unrecorded_consumer | rotations=0 recovered=no sessions=1
  14r-tui-refresh 1 0 - | rotations=1
  15-app-server-refresh 2 0 - | rotations=2
  15b-app-server-reused 3 2 consumed/unrecorded_consumer | rotations=0 recovered=no sessions=1
  15c-app-server-adopts 2 0 - | rotations=2
  16-race-same-home 3 0 - | rotations=1
codex-0.98.0
  01-healthy 3 0 - | rotations=0
  02b-expired-refresh 1 0 - | rotations=1
  03-401-refresh-ok 2 0 - | rotations=1
  04-reused 3 3 consumed/unrecorded_consumer | rotations=0 recovered=no sessions=2
  04b-reused-at-expiry 2 2 consumed/unrecorded_consumer | rotations=0 recovered=no sessions=2
  04e-healthy-then-reused-then-login 5 2 consumed/unrecorded_consumer | rotations=0 recovered=yes sessions=2
  05-invalidated 2 2 revoked/server_revocation | rotations=0 recovered=no sessions=2
  05c-plain-401-persists 1 1 undetermined | rotations=1 recovered=no sessions=1
  06-usage-limit 2 2 not_token/usage_limit | rotations=0 recovered=no sessions=2
  07-overloaded 2 2 not_token/provider_outage | rotations=0 recovered=no sessions=2
  09-cut 2 1 not_token/transport_drop | rotations=0 recovered=yes sessions=1
  10-logout 2 1 revoked/undetermined | rotations=0 recovered=no sessions=1
  10b-login-abandoned 2 0 - | rotations=0
  15-app-server-refresh 2 0 - | rotations=1
  15b-app-server-reused 3 2 consumed/unrecorded_consumer | rotations=0 recovered=no sessions=1
hermes-0.13.0
  1-healthy 3 0 - | rotations=0
  10-gateway 8 5 undetermined not_token/provider_outage consumed/sibling_refresh/codex | rotations=1 recovered=yes,yes,no sessions=1,1,3
  2-refresh-ok 2 0 - | rotations=1
  3-shared-then-reused 4 3 consumed/sibling_refresh/codex | rotations=1 recovered=no sessions=1
  3b-reused-token-expired 3 3 consumed/sibling_refresh/codex | rotations=1 recovered=no sessions=1
  3c-hermes-spent-the-shared-token 1 0 - | rotations=1
  4a-401-refresh-ok 3 0 - | rotations=2
  4b-401-refresh-reused 4 3 revoked/server_revocation | rotations=0 recovered=no sessions=3
  4c-401-stays-after-refresh 3 0 - | rotations=12
  5-429-usage-limit 3 2 not_token/usage_limit | rotations=0 recovered=no sessions=2
  6-5xx-and-cuts 4 2 not_token/provider_outage | rotations=0 recovered=no sessions=2
  7-connection-refused 2 1 not_token/network | rotations=0 recovered=no sessions=1
  8-codex-cli-has-newer-pair 2 1 undetermined | rotations=1 recovered=yes sessions=1
  9-auth-add-second-login 2 1 revoked/server_revocation | rotations=0 recovered=no sessions=1
hermes-0.19.0
  1-healthy 3 0 - | rotations=0
  10-gateway 8 2 undetermined not_token/provider_outage | rotations=1 recovered=yes,yes sessions=1,1
  2-refresh-ok 2 0 - | rotations=1
  3-shared-then-reused 4 0 - | rotations=1
  4a-401-refresh-ok 3 0 - | rotations=2
  4b-401-refresh-reused 4 3 consumed/unrecorded_consumer | rotations=0 recovered=no sessions=1
  4c-401-stays-after-refresh 3 2 revoked/server_revocation | rotations=6 recovered=no sessions=2
  5-429-usage-limit 3 2 not_token/usage_limit | rotations=0 recovered=no sessions=2
  7-connection-refused 2 1 not_token/network | rotations=0 recovered=no sessions=1
  8-codex-cli-has-newer-pair 2 0 - | rotations=0
  9-auth-add-second-login 2 1 consumed/unrecorded_consumer | rotations=0 recovered=no sessions=1
openclaw-2026.5.7
  01-healthy 5 0 - | rotations=0
  02-invalidated 8 7 revoked/server_revocation | rotations=0 recovered=no sessions=2 fallback=not_configured confidence=possible
  03-refresh-ok 2 0 - | rotations=1
  04-refresh-reused 4 3 consumed/unrecorded_consumer | rotations=0 recovered=no sessions=2 fallback=used confidence=likely
  05-usage-limit 2 2 not_token/usage_limit | rotations=0 recovered=no sessions=1 fallback=not_configured confidence=very_likely
  06-ws-closed 7 3 not_token/transport_drop not_token/provider_outage | rotations=0 recovered=yes,no sessions=2,1
  07-fallback 6 3 revoked/server_revocation undetermined | rotations=0 recovered=no,no sessions=2,1 fallback=used,exhausted
  08-placeholder 2 1 undetermined | rotations=0 recovered=yes sessions=1 fallback=not_configured confidence=undetermined
  09-refresh-margin 1 0 - | rotations=0
  10-external-codex 2 2 undetermined | recovered=no sessions=1 fallback=not_configured confidence=undetermined
openclaw-2026.9.6
  01-healthy 1 0 - | rotations=0
  02-gateway-open-websocket 4 0 - | rotations=0
  02b-invalidated 3 2 revoked/server_revocation | rotations=0 recovered=no sessions=1 fallback=not_configured confidence=likely
  02c-invalidated-gateway 3 2 revoked/server_revocation | rotations=0 recovered=no sessions=1 fallback=not_configured
  03-refresh-ok-then-ws-cut 4 1 not_token/transport_drop | rotations=1 recovered=yes sessions=1 fallback=not_configured
  04-refresh-reused 2 1 consumed/unrecorded_consumer | rotations=0 recovered=no sessions=1 confidence=likely
  04b-refresh-blocked-locally 3 2 undetermined | rotations=0 recovered=no sessions=1 fallback=not_configured
  07-fallback 3 1 revoked/server_revocation | rotations=0 recovered=no sessions=1 fallback=used confidence=likely
  08-reopen-after-failure 3 1 undetermined | rotations=0 recovered=yes sessions=1 confidence=undetermined
";

/// Below a scenario: where files of clients lie. All else is the record of the experiment.
fn is_genuine(path: &str) -> bool {
    let captured = path.starts_with("run/") && (path.ends_with(".err") || path.ends_with(".out") || path.starts_with("run/auth"));
    let folders = ["home/", "home-operator/", "tmp-openclaw/", "auth-history/"];
    // An `auth list` of an empty pool is nothing but the command itself.
    let pasted = path.starts_with("out/") && path != "out/auth-list.txt";
    captured || pasted || path == "gateway.out" || folders.iter().any(|folder| path.starts_with(folder))
}

fn samples() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples");
    if !folder.is_dir() {
        eprintln!("no sample files at hand: nothing was compared with real ones");
    }
    folder.is_dir().then_some(folder)
}

/// One scenario, as its record tells it.
struct Row {
    /// Version and scenario.
    scenario: String,
    /// Turns and failed turns.
    numbers: &'static str,
    /// Mechanism, cause and actor of each incident.
    incidents: &'static str,
    /// What else is settled: name and value.
    more: Vec<(&'static str, &'static str)>,
}

fn rows() -> Vec<Row> {
    let mut version = "";
    let mut rows = Vec::new();
    for line in TOLD.lines().filter(|line| !line.is_empty()) {
        let Some(row) = line.strip_prefix("  ") else {
            version = line;
            continue;
        };
        let (row, more) = row.split_once('|').unwrap_or((row, ""));
        let (scenario, rest) = row.split_once(' ').unwrap();
        let (numbers, incidents) = rest.split_at(rest.match_indices(' ').nth(1).unwrap().0);
        let more = more.split_whitespace().map(|word| word.split_once('=').unwrap()).collect();
        rows.push(Row { scenario: format!("{version}/{scenario}"), numbers, incidents: incidents.trim(), more });
    }
    rows
}

/// What a run says where a row settles more.
fn told_more(run: &Run, name: &str) -> String {
    let each = |of: &dyn Fn(&IncidentJson) -> String| run.incidents.iter().map(of).collect::<Vec<_>>().join(",");
    match name {
        "rotations" => run.report.rotations.len().to_string(),
        "recovered" => each(&|i| if i.recovered_at.is_some() { "yes" } else { "no" }.to_owned()),
        "sessions" => each(&|i| i.sessions.to_string()),
        "fallback" => each(&|i| i.fallback.clone()),
        "confidence" => each(&|i| i.confidence.clone()),
        other => panic!("no such column: {other}"),
    }
}

/// An incident has no more sessions than failed turns, and its client no fewer than it: runs and
/// refused refreshes are no sessions.
fn sessions_add_up(run: &Run) -> bool {
    run.incidents.iter().all(|incident| {
        let of_client = run.report.totals.by_client.iter().find(|c| c.client == incident.victim.client);
        let (sessions, failed) = (incident.sessions, incident.failed_turns);
        sessions <= of_client.map_or(0, |c| c.sessions) && sessions <= failed && (sessions == 0) == (failed == 0)
    })
}

fn incidents(run: &Run) -> String {
    let one = |i: &IncidentJson| {
        let cause = if i.root_cause == i.mechanism { String::new() } else { format!("/{}", i.root_cause) };
        let actor = i.actor.as_ref().map_or(String::new(), |a| format!("/{}", a.client));
        format!("{}{cause}{actor}", i.mechanism)
    };
    let list: Vec<String> = run.incidents.iter().map(one).collect();
    if list.is_empty() { "-".to_owned() } else { list.join(" ") }
}

#[test]
fn each_scenario_is_told_as_it_was() {
    let Some(samples) = samples() else { return };
    let mut wrong = Vec::new();
    for Row { scenario, numbers, incidents: told, more } in rows() {
        let folder = samples.join(&scenario);
        let run = run(&folder);
        let seen = format!("{} {}", run.report.totals.turns, run.report.totals.failed_turns);
        let incidents = incidents(&run);
        if seen != numbers || (told != "?" && incidents != told) {
            wrong.push(format!("{scenario}: {seen} {incidents}, not {numbers} {told}"));
        }
        for (name, value) in more {
            let seen = told_more(&run, name);
            if seen != value {
                wrong.push(format!("{scenario}: {name}={seen}, not {value}"));
            }
        }
        if !sessions_add_up(&run) {
            wrong.push(format!("{scenario}: an incident has more sessions than failed turns, or than its client"));
        }
        for source in run.evidence.sources.iter().filter(|s| s.skipped.contains_key(&SkipReason::UnknownFormat)) {
            let below = source.name.private().strip_prefix(folder.to_str().unwrap()).unwrap();
            if is_genuine(below.trim_start_matches('/')) {
                wrong.push(format!("{scenario}: nobody recognises {below}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Scenarios of OpenClaw in which turns failed that no transcript holds, of how many: runs that the
/// cooldown swallowed, refused refreshes, and attempts that a retry or a fallback made good.
const UNTRANSCRIBED: &[(&str, &[(u64, u64)])] = &[
    ("openclaw-2026.5.7/02-invalidated", &[(4, 7)]),
    ("openclaw-2026.5.7/04-refresh-reused", &[(3, 3)]),
    ("openclaw-2026.5.7/05-usage-limit", &[(1, 2)]),
    ("openclaw-2026.5.7/06-ws-closed", &[(0, 2), (0, 1)]),
    ("openclaw-2026.5.7/07-fallback", &[(0, 2), (0, 1)]),
    ("openclaw-2026.5.7/08-placeholder", &[(0, 1)]),
    ("openclaw-2026.5.7/10-external-codex", &[(2, 2)]),
    ("openclaw-2026.9.6/02b-invalidated", &[(1, 2)]),
    ("openclaw-2026.9.6/02c-invalidated-gateway", &[(0, 2)]),
    ("openclaw-2026.9.6/03-refresh-ok-then-ws-cut", &[(1, 1)]),
    ("openclaw-2026.9.6/04-refresh-reused", &[(1, 1)]),
    ("openclaw-2026.9.6/04b-refresh-blocked-locally", &[(0, 2)]),
    ("openclaw-2026.9.6/07-fallback", &[(1, 1)]),
    ("openclaw-2026.9.6/08-reopen-after-failure", &[(0, 1)]),
];

#[test]
fn what_transcripts_leave_out_is_counted_and_said() {
    let Some(samples) = samples() else { return };
    for (scenario, figures) in UNTRANSCRIBED {
        let run = run(&samples.join(scenario));
        let found: Vec<(u64, u64)> = run.known.incidents.iter().map(|i| (i.untranscribed, i.failed_turns)).collect();
        assert_eq!(&found, figures, "{scenario}");
        for (incident, (out, of)) in run.incidents.iter().zip(*figures) {
            let said = incident.notes.iter().any(|note| note.contains(&format!("no transcript holds: {out} of {of};")));
            assert_eq!(said, *out > 0, "{scenario}: {:?}", incident.notes);
        }
    }
}

/// OpenClaw's homes alone tell of the same turns as with the logs beside them: trajectories hold what
/// the gateway's log tells more fully, a store and an index the rest. Why a refresh was refused stands
/// in the logs only.
#[test]
fn a_home_counts_what_a_lost_log_told() {
    let Some(samples) = samples() else { return };
    for Row { scenario, numbers, incidents: told, .. } in rows().into_iter().filter(|row| row.scenario.starts_with("openclaw-")) {
        let home = run(&samples.join(&scenario).join("home-operator"));
        assert_eq!(format!("{} {}", home.report.totals.turns, home.report.totals.failed_turns), numbers, "{scenario}");
        let told = told.replace("consumed/unrecorded_consumer", "undetermined");
        assert_eq!(incidents(&home), told, "{scenario}");
        assert!(sessions_add_up(&home), "{scenario}");
        let untranscribed = UNTRANSCRIBED.iter().find(|(of, _)| *of == scenario).map_or(&[][..], |(_, figures)| figures);
        let found: Vec<(u64, u64)> = home.known.incidents.iter().map(|i| (i.untranscribed, i.failed_turns)).collect();
        assert_eq!(found, untranscribed, "{scenario}");
        if scenario.starts_with("openclaw-2026.5.7/") {
            let agents = run(&samples.join(&scenario).join("home-operator/.openclaw/agents"));
            assert_eq!(format!("{} {}", agents.report.totals.turns, agents.report.totals.failed_turns), numbers, "{scenario}");
        }
    }
}

/// A refresh that the client would not send was refused by nobody.
#[test]
fn a_refresh_that_was_not_sent_is_told_as_such() {
    let Some(samples) = samples() else { return };
    for (scenario, is) in [("04b-refresh-blocked-locally", true), ("04-refresh-reused", false), ("02b-invalidated", false)] {
        let run = run(&samples.join("openclaw-2026.9.6").join(scenario));
        let [incident] = &run.incidents[..] else { panic!("{scenario}") };
        let said = incident.notes.iter().any(|note| note.starts_with("the client itself stopped its refresh"));
        assert_eq!(said, is, "{scenario}: {:?}", incident.notes);
    }
}

/// A credential that was given up behind the fence of a refresh was not refused by a model call.
#[test]
fn a_refused_refresh_is_no_model_call() {
    let Some(samples) = samples() else { return };
    for part in ["", "home-operator", "tmp-openclaw"] {
        let run = run(&samples.join("openclaw-2026.9.6/04-refresh-reused").join(part));
        let [incident] = &run.incidents[..] else { panic!("{part}") };
        let of_call: Vec<&str> = incident.evidence.iter().map(|e| &*e.says).filter(|says| says.contains("model call")).collect();
        assert_eq!((of_call, incident.failed_turns), (vec![], 1), "{part}");
        assert!(incident.first_failure.starts_with("2026-11-22T17:00:44"), "{part}: {}", incident.first_failure);
    }
}

/// Hermes 0.13 keeps the code of the model call alone, whatever its refresh met: here the token had
/// been used. No more than a possible revocation, with consumption left open.
#[test]
fn a_refresh_of_which_nothing_is_kept_leaves_consumption_open() {
    let Some(samples) = samples() else { return };
    for scenario in ["4b-401-refresh-reused", "9-auth-add-second-login"] {
        let run = run(&samples.join("hermes-0.13.0").join(scenario));
        let incident = &run.incidents[0];
        assert_eq!((run.incidents.len(), incident.confidence.as_str()), (1, "possible"), "{scenario}");
        let consumed = incident.hypotheses.iter().find(|h| h.root_cause == "unrecorded_consumer").unwrap();
        assert_eq!(consumed.status, "open", "{scenario}");
        let holes = incident.notes.iter().filter(|note| note.contains("sqlite-wal-missing"));
        assert_eq!(holes.count(), 0, "{scenario}: its database lacks nothing");
    }
}

/// Commands that looked at the login afterwards prolong nothing: the last failed turn is the end.
#[test]
fn an_incident_ends_with_its_last_turn() {
    let Some(samples) = samples() else { return };
    for (scenario, last) in
        [("hermes-0.13.0/3-shared-then-reused", "17:03:12"), ("hermes-0.13.0/8-codex-cli-has-newer-pair/home", "16:58:40")]
    {
        let run = run(&samples.join(scenario));
        let incident = &run.incidents[0];
        assert!(incident.last_failure.contains(last), "{scenario}: {:?}", incident.last_failure);
        assert!(incident.recovered_at.as_ref().is_none_or(|end| *end >= incident.last_failure), "{scenario}");
    }
}

/// A refresh is one rotation, on however many clocks it stands: what the token endpoint answered.
#[test]
fn rotations_of_hermes_are_counted_once() {
    let Some(samples) = samples() else { return };
    for (scenario, rotations) in [
        ("hermes-0.13.0/4a-401-refresh-ok", 2),
        ("hermes-0.19.0/4a-401-refresh-ok", 2),
        ("hermes-0.13.0/4c-401-stays-after-refresh", 12),
        // Of three refreshes in a turn two are logged, and the store keeps the third: of the first turn
        // only its copy does.
        ("hermes-0.19.0/4c-401-stays-after-refresh", 6),
    ] {
        for part in ["", "home"] {
            let run = run(&samples.join(scenario).join(part));
            let lost = usize::from(rotations == 6 && part == "home");
            assert_eq!(run.report.rotations.len(), rotations - lost, "{scenario}/{part}: {:?}", run.report.rotations);
        }
    }
}

/// Hermes 0.19 gives its pair up and then refuses turns without a record: a kept terminal shows two of
/// them, without it they are not known. Either way the count is called the least.
#[test]
fn turns_that_leave_nothing_are_counted_from_a_terminal_or_said_to_be_missing() {
    let Some(samples) = samples() else { return };
    for (part, failed) in [("", 3), ("home", 1)] {
        let run = run(&samples.join("hermes-0.19.0/4b-401-refresh-reused").join(part));
        let [incident] = &run.incidents[..] else { panic!("{part}") };
        assert_eq!((incident.failed_turns, run.known.incidents[0].untranscribed), (failed, failed - 1), "{part}");
        let least = incident.notes.iter().filter(|note| note.contains(&format!("are at least {failed}: from 2026-11-22T17:03:44")));
        assert_eq!(least.count(), 1, "{part}: {:?}", incident.notes);
    }
    // Earlier versions log them as well: what the terminal shows is no more.
    for scenario in ["3-shared-then-reused", "3b-reused-token-expired", "8-codex-cli-has-newer-pair"] {
        let counted = |part: &str| run(&samples.join("hermes-0.13.0").join(scenario).join(part)).report.totals.failed_turns;
        assert_eq!(counted(""), counted("home"), "{scenario}");
    }
}

/// A refusal by which no turn failed is no incident, and is said: the grant was dead.
#[test]
fn a_dead_grant_that_was_not_felt_is_said() {
    let Some(samples) = samples() else { return };
    for (scenario, how) in [
        ("codex-0.169.0/04c-reused-near-expiry", "its access token still worked"),
        ("hermes-0.19.0/3-shared-then-reused", "it took over the credential of Codex"),
        ("hermes-0.19.0/8-codex-cli-has-newer-pair", "it took over the credential of Codex"),
        ("hermes-0.19.0/10-gateway", "it took over the credential of Codex"),
    ] {
        let run = run(&samples.join(scenario));
        let [note] = &run.report.notes[..] else { panic!("{scenario}: {:?}", run.report.notes) };
        assert!(note.contains("`refresh_token_reused`") && note.contains(how), "{scenario}: {note}");
    }
}

/// Commands of a scenario as its record times them: start, end, and whether they failed.
fn steps(scenario: &Path) -> Vec<(String, String, bool)> {
    let list = std::fs::read_to_string(scenario.join("run/steps.jsonl")).unwrap();
    let steps: Vec<serde_json::Value> = list.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let asks = |step: &&serde_json::Value| {
        let command = step["cmd"].as_str().unwrap();
        command.starts_with("codex exec ") || (command == "codex login" && step["exit"] == 0)
    };
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    steps.iter().filter(asks).map(|step| (text(&step["start"]), text(&step["end"]), step["exit"] != 0)).collect()
}

/// Homes alone hold every turn, but for those that Hermes 0.19 keeps nowhere.
#[test]
fn homes_alone_hold_every_turn() {
    let Some(samples) = samples() else { return };
    for Row { scenario, numbers, .. } in rows().into_iter().filter(|row| !row.scenario.starts_with("openclaw-")) {
        let run = run(&samples.join(&scenario).join("home"));
        let told = if scenario == "hermes-0.19.0/4b-401-refresh-reused" { "2 1" } else { numbers };
        assert_eq!(format!("{} {}", run.report.totals.turns, run.report.totals.failed_turns), told, "{scenario}");
    }
}

/// The founding case is told by the home alone, where the two stores show one login session.
#[test]
fn homes_alone_name_who_refreshed() {
    let Some(samples) = samples() else { return };
    for (scenario, told) in [
        ("3-shared-then-reused", "consumed/sibling_refresh/codex"),
        ("3b-reused-token-expired", "consumed/sibling_refresh/codex"),
        ("10-gateway", "undetermined not_token/provider_outage consumed/sibling_refresh/codex"),
        // A login of its own in the other store.
        ("8-codex-cli-has-newer-pair", "undetermined"),
        ("3c-hermes-spent-the-shared-token", "-"),
    ] {
        let run = run(&samples.join("hermes-0.13.0").join(scenario).join("home"));
        assert_eq!(incidents(&run), told, "{scenario}");
    }
}

/// The first and the last failure, and the recovery, lie in the commands that had them, with what was
/// kept beside the home and without.
#[test]
fn an_incident_has_the_times_of_its_commands() {
    let Some(samples) = samples() else { return };
    let mut compared = 0;
    for Row { scenario, .. } in rows().into_iter().filter(|row| row.scenario.starts_with("codex-")) {
        let steps = steps(&samples.join(&scenario));
        let Some(last) = steps.iter().rposition(|(.., failed)| *failed) else { continue };
        let first = steps.iter().position(|(.., failed)| *failed).unwrap();
        let inside = |time: &String, step: &(String, String, bool)| (&step.0..=&step.1).contains(&time);
        for part in ["", "home"] {
            let run = run(&samples.join(&scenario).join(part));
            let [incident] = &run.incidents[..] else { panic!("{scenario} {part}") };
            assert!(inside(&incident.first_failure, &steps[first]), "{scenario} {part}: {}", incident.first_failure);
            assert!(inside(&incident.last_failure, &steps[last]), "{scenario} {part}: {}", incident.last_failure);
            match &incident.recovered_at {
                Some(at) => assert!(steps[last + 1..].iter().any(|step| inside(at, step)), "{scenario} {part}: {at}"),
                None => assert_eq!(last + 1, steps.len(), "{scenario} {part}: it recovered"),
            }
            compared += 1;
        }
    }
    assert!(compared >= 60, "{compared}");
}

/// How sure the verdict may be, and the first thing to do.
const RATED: &[(&str, &str, &str)] = &[
    // Refreshes failed, none was refused: that the access token was ended says little about the login.
    ("codex-0.169.0/12-refresh-500", "possible", "wait and try again"),
    ("codex-0.169.0/12b-refresh-reset", "possible", "wait and try again"),
    ("codex-0.169.0/12c-refresh-geo403", "possible", "try another network path"),
    ("codex-0.169.0/05-invalidated", "likely", "log in again"),
];

#[test]
fn no_verdict_is_bolder_than_its_record() {
    let Some(samples) = samples() else { return };
    for (scenario, confidence, first) in RATED {
        let run = run(&samples.join(scenario));
        let [incident] = &run.incidents[..] else { panic!("{scenario}") };
        assert_eq!(incident.confidence, *confidence, "{scenario}");
        assert!(incident.next_steps[0].says.starts_with(first), "{scenario}: {:?}", incident.next_steps);
    }
}

/// The client's own logout stands in a kept terminal alone; without it the report says what it looks
/// like. Nobody else is named.
#[test]
fn a_logout_is_said_to_be_the_clients_own() {
    let Some(samples) = samples() else { return };
    for version in ["0.98.0", "0.130.0", "0.169.0"] {
        for part in ["", "home"] {
            let run = run(&samples.join(format!("codex-{version}/10-logout")).join(part));
            let [incident] = &run.incidents[..] else { panic!("{version} {part}") };
            let noted = |words: &str| incident.notes.iter().any(|note| note.contains(words));
            let shown = incident.evidence.iter().any(|e| e.kind == "logout" && e.at.is_none());
            assert_eq!((noted("after its own logout"), shown), (part.is_empty(), part.is_empty()), "{version} {part}");
            assert_eq!(incident.next_steps[0].says.starts_with("log the failing client in"), part.is_empty(), "{version} {part}");
            // The rollout of 0.98 and 0.130 alone does not say that the credential was missing.
            let alike = part == "home" && version == "0.169.0";
            assert_eq!(noted("as after a logout of its own"), alike, "{version} {part}: {:?}", incident.notes);
            assert!(incident.actor.is_none());
        }
    }
}

/// Rotations by the millisecond in which they came: the store shows the last, logs those before it.
#[test]
fn rotations_stand_in_their_order() {
    let Some(samples) = samples() else { return };
    let run = run(&samples.join("codex-0.169.0/15-app-server-refresh"));
    let times: Vec<&str> = run.report.rotations.iter().map(|rotation| rotation.at.as_str()).collect();
    assert_eq!(times, ["2026-11-22T16:55:25.145Z", "2026-11-22T16:55:25.301Z"]);
}

#[test]
fn no_scenario_is_forgotten() {
    let Some(samples) = samples() else { return };
    let known: Vec<String> = rows().into_iter().map(|row| row.scenario).collect();
    let folders = |path: &Path| -> Vec<PathBuf> {
        std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect()
    };
    for scenario in folders(&samples).iter().flat_map(|version| folders(version)) {
        let label = scenario.strip_prefix(&samples).unwrap().to_str().unwrap();
        assert!(known.iter().any(|row| row == label), "{label} is in no row");
    }
}
