//! What a report says beside the verdict where a program spent its own token, or where the rotation is one
//! that its store no longer shows: in which way, between which times, and what would settle it.

use crate::make::home::Order;
use crate::make::scenarios::{NEAR_MISSES, SCENARIOS, SEED};
use crate::make::token::Style;
use crate::pipeline::run;
use stopwhy::report::IncidentJson;

/// The last incident of a scenario.
fn incident(name: &str) -> IncidentJson {
    let scenario = SCENARIOS.iter().chain(NEAR_MISSES).find(|s| s.name == name).unwrap();
    let folder = tempfile::tempdir().unwrap();
    scenario.build(Style::Inert, SEED).write(folder.path(), Order::Forward);
    run(folder.path()).incidents.pop().unwrap()
}

fn says(incident: &IncidentJson, part: &str) -> bool {
    incident.evidence.iter().any(|e| e.stance == "for" && e.says.contains(part))
}

#[test]
fn the_way_in_which_a_program_got_in_its_own_way_is_named() {
    for (name, kind) in [
        ("openclaw-agents-racing", "agents of one OpenClaw each hold a copy"),
        ("six-hermes-profiles", "profiles of Hermes each hold a copy"),
        ("second-container-of-the-day", "two homes of the program each hold a copy"),
        ("two-processes-of-one-codex-home", "two processes of the program share one store"),
        ("singleton-and-pool-entry-differ", "as the provider's own and as a pool entry"),
        ("forced-refresh-of-a-fresh-login", "a refresh was forced on a login that was minutes old"),
    ] {
        let incident = incident(name);
        assert_eq!(incident.root_cause, "self_concurrent_refresh", "{name}");
        assert!(says(&incident, kind), "{name}: {:#?}", incident.evidence.iter().map(|e| &e.says).collect::<Vec<_>>());
    }
}

#[test]
fn what_was_not_seen_has_an_open_interval() {
    let between = |name: &str| {
        let cause = incident(name).cause;
        (cause.at, cause.after, cause.before)
    };
    let time = |text: &str| Some(text.to_owned());
    // From Hermes' possession of the token to the first answer that an ended token cannot have had.
    let (at, after, before) = between("rotation-overwritten-in-its-store");
    assert_eq!((at, after), (None, time("2026-05-12T19:04:29.000Z")));
    assert!(before.is_some_and(|at| at.starts_with("2026-05-22T08:05:")));
    // From the newer pair to the refusal: when the old one was put back is not on record.
    let (at, after, before) = between("seeded-at-each-start");
    assert_eq!((at, after), (None, time("2026-11-13T10:13:30.613Z")));
    assert!(before.is_some_and(|at| at.starts_with("2026-11-14T06:01:")));
    // A shell's history has the moment.
    assert_eq!(between("vault-put-back"), (time("2026-05-20T18:30:12.000Z"), None, None));
    // One attempt, though a log and a turn tell of it.
    assert_eq!(between("refresh-answer-lost").0, time("2026-11-22T08:20:32.905Z"));
    // The interval begins with the credential of the live file, not with a younger copy of another login.
    assert_eq!(between("newer-copy-of-another-login").1, time("2026-05-12T08:20:09.914Z"));
}

#[test]
fn a_cause_never_lies_after_what_it_caused() {
    let incident = incident("sibling-refreshed-after-an-unanswered-refresh");
    assert!(incident.cause.at.as_ref().is_some_and(|at| *at > incident.first_failure), "the unanswered refresh failed first");
    assert_eq!(incident.cause.delay_s, Some(955), "from Hermes' refresh to the refusal");
}

#[test]
fn an_overwritten_rotation_is_named_as_unseen() {
    for name in ["rotation-overwritten-in-its-store", "rotation-after-the-failure-only"] {
        let incident = incident(name);
        assert_eq!(incident.root_cause, "sibling_refresh", "{name}");
        assert!(
            incident.would_settle.iter().any(|s| s.contains("keeps its latest pair alone")),
            "{name}: {:?}",
            incident.would_settle
        );
    }
}

#[test]
fn the_victim_that_holds_the_newest_pair_excludes_the_others() {
    let incident = incident("victim-holds-the-newest-pair");
    let codex = incident.hypotheses.iter().find(|h| h.root_cause == "sibling_refresh").unwrap();
    assert_eq!((incident.victim.client.as_str(), codex.status), ("hermes", "ruled_out"));
    assert!(codex.says.contains("itself holds the newest pair"), "{}", codex.says);
}

#[test]
fn a_store_is_printed_with_what_it_holds_now() {
    let scenario = SCENARIOS.iter().find(|s| s.name == "vault-put-back").unwrap();
    let folder = tempfile::tempdir().unwrap();
    scenario.build(Style::Inert, SEED).write(folder.path(), Order::Forward);
    let stores = run(folder.path()).report.stores;
    let codex = stores.iter().find(|s| s.client == "codex").unwrap();
    assert_eq!(codex.issued_at.as_deref(), Some("2026-05-12T08:20:09.000Z"), "the copy beside it is younger");
}
