//! Where a client's own words contradict the raw answer, the report says so; where they agree, it does not.
//! And why no other model was asked, where the files show it.

use crate::make::home::{Home, Order};
use crate::make::scenarios::{NEAR_MISSES, SCENARIOS, SEED, Scenario};
use crate::make::token::Style;
use crate::pipeline::run;

fn named(name: &str) -> &'static Scenario {
    SCENARIOS.iter().chain(NEAR_MISSES).find(|s| s.name == name).unwrap()
}

fn notes(home: &Home) -> Vec<String> {
    let scratch = tempfile::tempdir().unwrap();
    home.write(scratch.path(), Order::Forward);
    run(scratch.path()).incidents.iter().flat_map(|incident| incident.notes.clone()).collect()
}

fn disagreements(name: &str) -> Vec<String> {
    let all = notes(&named(name).build(Style::Inert, SEED));
    all.into_iter().filter(|note| note.contains("own wording") || note.contains("own log")).collect()
}

#[test]
fn a_label_that_contradicts_the_answer_is_said() {
    for (name, label, raw) in [
        ("block-page-called-dns", "no connection", "blocked at the edge"),
        ("block-page-called-rate-limit", "rate limited", "blocked at the edge"),
        ("usage-limit-as-logout", "no credential to use", "usage limit reached"),
    ] {
        let said = disagreements(name);
        assert_eq!(said.len(), 1, "{name}: {said:?}");
        assert!(said[0].contains(label) && said[0].contains(raw), "{name}: {said:?}");
    }
    let said = disagreements("unrecorded-consumer");
    assert!(said.len() == 1 && said[0].contains("blames another client"), "{said:?}");
}

#[test]
fn a_label_that_agrees_is_no_disagreement() {
    for name in [
        "network-next-to-rotation",
        "transport-drop",
        "founding-consumed",
        "login-of-another-service",
        "refresh-token-ran-out",
        "label-without-an-answer",
    ] {
        assert_eq!(disagreements(name), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn why_no_other_model_was_asked() {
    let asked = |notes: Vec<String>| notes.into_iter().filter(|note| note.contains("no other model was asked")).count();
    let scenario = named("transport-drop");
    let home = scenario.build(Style::Inert, SEED);
    assert_eq!(asked(notes(&home)), 0, "none is set up, which is said as such");
    let mut home = scenario.build(Style::Inert, SEED);
    home.change(".openclaw/openclaw.json", |text| {
        text.replace("\"fallbacks\": []", "\"fallbacks\": [\"anthropic/claude-sonnet-4-6\"]")
    });
    assert_eq!(asked(notes(&home)), 1, "set up, and the error was put into no class");
    // An error that the client does class leaves another reason.
    let mut home = named("refused-and-taken-again").build(Style::Inert, SEED);
    home.change(".openclaw/openclaw.json", |text| {
        text.replace("\"fallbacks\": []", "\"fallbacks\": [\"anthropic/claude-sonnet-4-6\"]")
    });
    assert_eq!(asked(notes(&home)), 0);
}
