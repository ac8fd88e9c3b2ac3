//! What a report says of logins that ended beside the verdict itself: the turns of a pattern, the kind of a
//! revocation, the version that was at work, and that a program is involved though its act is open.

use crate::make::home::Order;
use crate::make::scenarios::{NEAR_MISSES, SCENARIOS, SEED};
use crate::make::token::Style;
use crate::pipeline::{Run, run};
use stopwhy::report::IncidentJson;

/// The report on a scenario.
fn read(name: &str) -> Run {
    let scenario = SCENARIOS.iter().chain(NEAR_MISSES).find(|s| s.name == name).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    scenario.build(Style::Inert, SEED).write(scratch.path(), Order::Forward);
    run(scratch.path())
}

/// One alternation: the act, by whom, who failed then, with which code.
type Turn<'a> = (&'a str, &'a str, &'a str, &'a str);

fn turns(incident: &IncidentJson) -> Vec<Turn<'_>> {
    let pattern = incident.pattern.as_ref().unwrap();
    assert_eq!(pattern.cycles as usize, pattern.turns.len());
    assert!(pattern.turns.windows(2).all(|pair| pair[0].at < pair[0].failed_at && pair[0].failed_at <= pair[1].at));
    pattern.turns.iter().map(|t| (t.act.as_str(), t.by.as_str(), t.victim.as_str(), t.code.as_str())).collect()
}

#[test]
fn a_pattern_is_one_incident_with_its_turns() {
    let run = read("logins-in-turn");
    let [incident] = run.incidents.as_slice() else { panic!("{:?}", run.summaries()) };
    let (by_codex, by_hermes) =
        (("login", "codex", "hermes", "token_invalidated"), ("login", "hermes", "codex", "refresh_token_invalidated"));
    assert_eq!(turns(incident), [by_codex, by_hermes, by_codex, by_hermes]);
    let pattern = incident.pattern.as_ref().unwrap();
    assert_eq!((pattern.kind.as_str(), pattern.clients.join(" ")), ("login_login", "codex hermes".to_owned()));
    // Everything is in the one incident: both programs' failures, each once.
    assert_eq!((incident.failed_turns, run.report.totals.failed_turns), (8, 8));
    assert_eq!(incident.sessions, 4);
    assert!(incident.actor.is_none());
    for turn in &pattern.turns {
        let cited: Vec<&str> =
            turn.because.iter().map(|id| incident.evidence.iter().find(|e| e.id == *id).unwrap().kind.as_str()).collect();
        assert_eq!(cited[0], "login", "{turn:?}");
        assert!(["failure", "refusal"].contains(&cited[1]), "{turn:?}");
    }
    assert!(run.markdown.contains("4 alternations between Codex and Hermes (`login_login`)"), "{}", run.markdown);
    assert!(run.markdown.contains("| 2 | login by Hermes | 2026-11-03 12:03:17 | Codex on 2026-11-03 14:00:"), "{}", run.markdown);
    assert!(incident.next_steps.iter().any(|step| step.act && step.says.starts_with("end the sharing")));
    assert!(incident.next_steps.iter().any(|step| !step.act && step.says.contains("do not log in once more")));
}

#[test]
fn an_adoption_takes_its_turn_though_no_turn_of_that_client_failed() {
    let run = read("adoption-and-login-in-turn");
    let [incident] = run.incidents.as_slice() else { panic!("{:?}", run.summaries()) };
    let (adopted, login) = (("adoption", "hermes", "codex", "refresh_token_reused"), ("login", "codex", "hermes", "no_credential"));
    assert_eq!(turns(incident), [adopted, login, adopted, login, adopted]);
    assert_eq!(incident.pattern.as_ref().unwrap().kind, "adopt_refresh");
    assert_eq!((incident.failed_turns, run.report.totals.failed_turns), (6, 6));
}

#[test]
fn pairs_that_come_from_outside_are_a_switch() {
    let run = read("vault-switch-in-turn");
    let [incident] = run.incidents.as_slice() else { panic!("{:?}", run.summaries()) };
    let by = |who, whom| ("rotation", who, whom, "refresh_token_reused");
    let (codex, hermes) = (by("codex", "hermes"), by("hermes", "codex"));
    assert_eq!(turns(incident), [codex, hermes, codex, hermes]);
    assert_eq!(incident.pattern.as_ref().unwrap().kind, "vault_switch");
}

#[test]
fn without_a_row_there_is_no_pattern() {
    for name in ["logins-in-turn-twice-only", "logins-in-turn-on-two-accounts", "logins-in-turn-because-of-a-limit"] {
        let run = read(name);
        assert!(run.incidents.iter().all(|i| i.pattern.is_none()), "{name}");
        assert!(!run.markdown.contains("### Pattern"), "{name}");
    }
}

#[test]
fn the_kind_of_a_revocation_is_said_where_it_shows() {
    let says = |name: &str, word: &str| {
        let run = read(name);
        run.incidents.iter().filter(|i| i.notes.iter().any(|note| note.starts_with(&format!("kind `{word}`")))).count()
    };
    assert_eq!(says("several-accounts-in-one-hour", "mass"), 3);
    assert_eq!(says("daily-login-by-policy", "workspace_policy"), 3);
    assert_eq!(says("revoked-minutes-after-each-login", "risk"), 3);
    for word in ["mass", "workspace_policy", "risk"] {
        assert_eq!(says("server-revocation", word), 0, "{word}");
        assert_eq!(says("rotation-of-another-login-nearby", word), 0, "{word}");
    }
}

#[test]
fn a_program_is_involved_though_its_act_is_open() {
    let run = read("refresh-or-login-untold");
    let incident = &run.incidents[0];
    let involved = incident.involved.as_ref().unwrap();
    assert_eq!((involved.client.as_str(), involved.confidence.as_str()), ("codex", "likely"));
    let open: Vec<&str> = incident.hypotheses.iter().filter(|h| h.status == "open").map(|h| h.root_cause).collect();
    assert!(open.contains(&"sibling_refresh") && open.contains(&"sibling_relogin"), "{open:?}");
    assert!(incident.notes[0].starts_with("Codex is involved (likely)"), "{:?}", incident.notes);
    assert!(incident.would_settle.iter().any(|s| s.contains("`session_id` and `pwd_auth_time`")));
    assert!(run.markdown.contains("whether by its refresh or by its new login, the files do not settle"));
    for scenario in SCENARIOS {
        let sure = read(scenario.name);
        assert!(sure.incidents.iter().all(|i| i.involved.is_none()), "{}", scenario.name);
    }
}

#[test]
fn a_version_that_could_not_do_it_is_named() {
    let run = read("logout-by-an-old-codex");
    let logout = run.incidents[0].hypotheses.iter().find(|h| h.root_cause == "sibling_logout").unwrap();
    assert_eq!(logout.status, "ruled_out");
    assert!(logout.says.contains("Codex 0.98.0") && !logout.because.is_empty(), "{logout:?}");
    let run = read("founding-relogin");
    let doubt = "the version of Codex that logged in does not end the old login itself";
    assert!(run.incidents[0].notes.iter().any(|note| note.contains(doubt)));
}

#[test]
fn a_healing_by_another_account_is_remarked() {
    let run = read("login-to-another-workspace");
    assert!(run.incidents[0].notes.iter().any(|note| note.contains("a credential of another account")));
}

#[test]
fn where_one_holder_is_out_of_sight_the_advice_is_to_look_there() {
    let run = read("reused-and-logged-in-anew-since");
    let [incident] = run.incidents.as_slice() else { panic!("{:?}", run.summaries()) };
    assert!(incident.would_settle[0].starts_with("copies of the other program's credential store"), "{:?}", incident.would_settle);
    assert!(incident.next_steps.iter().any(|step| step.act && step.says.starts_with("look first at the other holder")));
    let unfit = |says: &str| says.contains("usage meters") || says.contains("do not name a client");
    assert!(!incident.next_steps.iter().any(|step| unfit(&step.says)), "{:?}", incident.next_steps);
    // Where every holder was read there is nobody to look at first.
    let run = read("unrecorded-consumer");
    let steps = run.incidents.iter().flat_map(|i| &i.next_steps);
    assert!(steps.filter(|step| step.act).any(|step| step.says.contains("usage meters")));
}
