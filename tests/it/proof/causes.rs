//! Every root cause of the contract is proved twice: by a scenario in which it is the cause, and by a near
//! miss in which it lies close at hand and another answer (or none) is right.

use super::cases;
use crate::make::scenarios::{NEAR_MISSES, SCENARIOS, Scenario};
use stopwhy::attribute::RootCause;

/// Causes that are the answer of no scenario yet.
const WITHOUT_SCENARIO: &[&str] = &["access_token_expired_refresh_ok"];

/// Causes without a near miss yet.
const WITHOUT_NEAR_MISS: &[&str] = &[
    "reuse_family_revocation",
    "fresh_login_refused",
    "auth_ping_pong",
    "access_token_expired_refresh_ok",
    "refresh_token_expired_idle",
    "stale_process_token",
    "clock_wrong",
    "provider_auth_outage",
    "edge_block",
    "ws_policy_close",
    "entitlement",
    "context_length",
    "client_regression",
    "user_abort",
];

/// What a shortcut would say, and the near miss in which it would be wrong.
const TEMPTING: &[(&str, &str)] = &[
    // A rotation seconds before the failure, and it is another account's.
    ("sibling_refresh", "rotation-on-another-account"),
    // Two processes of one program refreshed, hours apart.
    ("self_concurrent_refresh", "two-processes-hours-apart"),
    // No other program shows a rotation; the program's own copied home does.
    ("unrecorded_consumer", "copied-codex-home-without-backup"),
    // The client could not write its store that day; a sibling holds the pair that came of its token.
    ("writeback_lost", "write-failed-and-a-sibling-has-the-pair"),
    // Its refresh met a server error; a sibling exchanged the same token ten minutes later.
    ("refresh_response_lost", "sibling-refreshed-after-an-unanswered-refresh"),
    // The live store is older than a copy beside it; that was put there after the first refusal.
    ("stale_copy_replay", "put-back-after-the-failure"),
    // The sibling's token file is gone: somebody left it out of the bundle.
    ("sibling_logout", "live-store-left-out-of-the-bundle"),
    // A login hours from the first refusal, to repair it.
    ("sibling_relogin", "login-after-the-failure"),
    // The server said invalidated, and took the same token again.
    ("server_revocation", "transient-refusal"),
    // Another provider fails in the same minutes; this login was revoked.
    ("provider_outage", "two-providers-in-one-home"),
    // A limit on the day before, or on the fallback model.
    ("usage_limit", "limit-of-the-fallback"),
    // The sentence says "network error" and stands for any refused upgrade.
    ("network", "refused-upgrade-without-a-word"),
    ("transport_drop", "refused-upgrade-without-a-word"),
    // Other services are refused all day.
    ("other_oauth", "refusals-of-other-services"),
];

fn words() -> impl Iterator<Item = &'static str> {
    RootCause::ALL.iter().filter(|cause| **cause != RootCause::Undetermined).map(|cause| cause.word())
}

fn is_answer(cause: &str, row: &Scenario) -> bool {
    row.expected.iter().any(|verdict| verdict.root_cause == cause)
}

#[test]
fn every_cause_is_the_answer_of_a_scenario() {
    let has = |cause: &str| SCENARIOS.iter().any(|row| is_answer(cause, row));
    let missing: Vec<&str> = words().filter(|cause| !has(cause)).collect();
    assert_eq!(missing, WITHOUT_SCENARIO, "left: causes without a scenario; right: those known to be without");
}

#[test]
fn every_cause_has_a_near_miss() {
    let has = |cause: &str| TEMPTING.iter().any(|(tempting, _)| *tempting == cause);
    let missing: Vec<&str> = words().filter(|cause| !has(cause)).collect();
    assert_eq!(missing, WITHOUT_NEAR_MISS, "left: causes without a near miss; right: those known to be without");
    for (cause, name) in TEMPTING {
        let row = NEAR_MISSES.iter().find(|row| row.name == *name).unwrap_or_else(|| panic!("no near miss is called {name}"));
        let always = !row.expected.is_empty() && row.expected.iter().all(|verdict| verdict.root_cause == *cause);
        assert!(!always, "{name}: {cause} is the right answer there");
        let case = cases().iter().find(|case| case.name() == *name).unwrap();
        let answered = case.incidents().iter().zip(row.expected).all(|(told, want)| told.root_cause == want.root_cause);
        assert!(answered || want_open(row), "{name}: the tool fell for it");
    }
}

/// May the verdict be left open?
fn want_open(row: &Scenario) -> bool {
    row.expected.iter().any(|verdict| verdict.confidence.0 == "undetermined")
}
