//! The words of reports and of `explain`: every section has something to say, points add up and count once,
//! the wording follows the tier, and nobody is named but clients.

use super::{Case, each, none};
use crate::make::cast;
use regex::Regex;
use std::collections::BTreeSet;
use stopwhy::attribute::RootCause;
use stopwhy::report::{IncidentJson, explain};

/// Sections of `explain`.
const SECTIONS: &[&str] = &[
    "It needs",
    "It is supported by",
    "It is excluded by",
    "Controls",
    "How it goes",
    "Versions that matter",
    "Do",
    "Do not",
    "What would settle an open case",
];

/// Causes on which the version of a client has no bearing.
const NO_VERSION: &[&str] = &[
    "provider_outage",
    "provider_auth_outage",
    "network",
    "transport_drop",
    "ws_policy_close",
    "entitlement",
    "context_length",
    "user_abort",
];

/// Causes that this version does not decide yet.
const UNDECIDED: &[&str] = &[];

#[test]
fn every_section_of_every_cause_says_something() {
    let mut found = Vec::new();
    for cause in RootCause::ALL.iter().map(|cause| cause.word()) {
        let text = explain(cause).unwrap();
        let undecided = text.contains("does not decide yet");
        if undecided != UNDECIDED.contains(&cause) {
            found.push(format!("{cause}: decided is {}", !undecided));
        }
        let missing = |section: &&&str| !undecided && !text.contains(&format!("\n{section}\n  - "));
        for section in SECTIONS.iter().filter(missing) {
            if *section != "Versions that matter" || !NO_VERSION.contains(&cause) {
                found.push(format!("{cause}: nothing under \"{section}\""));
            }
        }
    }
    none(found);
}

/// What every incident of every case breaks.
fn broken(rule: impl Fn(&IncidentJson) -> Option<String> + Sync) {
    none(each(|case| {
        let of = |i: &IncidentJson| Some(format!("{} {}: {}", case.name(), i.id, rule(i)?));
        case.incidents().iter().filter_map(of).collect()
    }));
}

#[test]
fn points_add_up_to_the_score() {
    broken(|i| {
        let best = i.hypotheses.first().filter(|h| h.status == "best");
        let sum: i32 = i.evidence.iter().filter_map(|e| e.points).sum();
        let score = best.map_or(0, |h| h.score);
        (sum != score).then(|| format!("{sum} points, and a score of {score}"))
    });
}

#[test]
fn one_fact_counts_once() {
    broken(|i| {
        let mut seen = BTreeSet::new();
        let counted = i.evidence.iter().filter(|e| e.points.is_some());
        // A pattern counts the same kind of act in each of its cycles.
        let mut again = counted.filter(|e| !seen.insert((e.kind.clone(), e.at.clone(), e.says.clone())));
        again.next().map(|e| format!("{} counts again: {}", e.id, e.says))
    });
}

#[test]
fn what_would_settle_it_is_said_below_confirmed() {
    broken(|i| (i.confidence != "confirmed" && i.would_settle.is_empty()).then(|| format!("nothing settles {}", i.root_cause)));
}

/// The sentences that open the incidents of a report.
fn verdicts(case: &Case) -> Vec<String> {
    let bold = case.run.markdown.lines().filter_map(|line| line.strip_prefix("**"));
    let sentences = bold.filter_map(|line| line.split_once("**")).map(|(sentence, _)| sentence.to_owned());
    sentences.filter(|sentence| !sentence.ends_with(':')).collect()
}

/// How each tier is worded.
fn is_worded(sentence: &str, confidence: &str) -> bool {
    match confidence {
        "confirmed" => sentence.starts_with("The records show that "),
        "very_likely" => sentence.starts_with("The best-supported explanation, very likely, is that "),
        "likely" => sentence.starts_with("The best-supported explanation is that ") && sentence.ends_with("(likely)."),
        "possible" => sentence.starts_with("It is consistent with the files that ") && sentence.contains("(possible), but so is "),
        // Who was involved may be known where the act is not.
        _ if sentence.contains(" is involved in ") => sentence.ends_with("the files do not settle (undetermined)."),
        _ => sentence.starts_with("The files show that ") && sentence.contains(", not ") && sentence.ends_with("(undetermined)."),
    }
}

#[test]
fn wording_follows_the_tier() {
    none(each(|case| {
        let sentences = verdicts(case);
        if case.incidents().is_empty() {
            return Vec::new();
        }
        if sentences.len() != case.incidents().len() {
            return vec![format!("{}: {} sentences for {} incidents", case.name(), sentences.len(), case.incidents().len())];
        }
        let odd = case.incidents().iter().zip(&sentences).filter(|(i, sentence)| !is_worded(sentence, &i.confidence));
        odd.map(|(i, sentence)| format!("{} {} ({}): {sentence}", case.name(), i.id, i.confidence)).collect()
    }));
}

#[test]
fn nobody_is_named_but_clients_and_nothing_is_a_percentage() {
    let names = cast::names().map(regex::escape).collect::<Vec<_>>().join("|");
    let forbidden = Regex::new(&format!(r"\b(?:{names})\b|%|\bpercent\b|\b(?:culprit|guilty)")).unwrap();
    none(each(|case| {
        let texts = [("report.md", &case.run.markdown), ("report.json", &case.run.json)];
        // What not to do may say what nobody should be called or do.
        let lines = texts.iter().flat_map(|(name, text)| text.lines().map(move |line| (name, line)));
        let hits = lines.filter(|(_, line)| !line.contains("do not "));
        hits.filter_map(|(name, line)| Some(format!("{} {name}: {}", case.name(), forbidden.find(line)?.as_str()))).collect()
    }));
}

#[test]
fn the_rules_of_wording_can_be_broken() {
    assert!(!is_worded("Very likely, a new login in Codex ended it.", "very_likely"));
    assert!(!is_worded("The files show that turns of Hermes failed (undetermined).", "undetermined"));
    assert!(is_worded("The files show that turns of Hermes failed, not why (undetermined).", "undetermined"));
}
