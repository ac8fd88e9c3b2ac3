//! What a report cites for its verdict carries it: without the record (and whatever states the same once
//! more) the score falls, the tier falls, or another verdict stands there.

use super::judge::Claim;
use super::removal::{Records, alike, place};
use super::{Case, each, none, read_at};
use crate::incidents::tier;
use crate::make::home::Order;
use crate::pipeline::Run;
use regex::Regex;
use stopwhy::report::{EvidenceJson, IncidentJson};
use stopwhy::time::Stamp;

/// So many records may state one fact: turn, logs, tables, stores and their copies.
const MOST: usize = 60;

/// Records of one act stand no further apart.
const NEAR_MS: i64 = 5 * 60_000;

/// Items of evidence whose loss need not show: scenario (`*` for all), words of their sentence, and why.
const REDUNDANT: &[(&str, &str, &str)] = &[
    (
        "*",
        "no success and no renewal of this login",
        "it states an absence, and cites the last success before it: without that the idle time only looks longer",
    ),
    (
        "worked-before-the-reset",
        "Hermes: usage limit reached",
        "the store that keeps the refusal keeps the time of the reset too, which is all that speaks against a limit",
    ),
    (
        "first-login-dies-when-a-second-is-added",
        "Hermes obtained the credential it still held",
        "the store that shows it shows the second login too, which speaks against the verdict: both go with it",
    ),
    (
        "given-another-login-of-which-no-copy-was-kept",
        "Codex, on the same login, was told that it had ended",
        "the other holder of that login was told so too, which clears the same act",
    ),
    (
        "given-another-login-of-which-no-copy-was-kept",
        "Codex held a credential of another login at that time",
        "the act is cleared as well by what its own program had been told before it",
    ),
    (
        "logout-that-left-the-file",
        "Codex held a credential of the same login",
        "the file that shows it is the one that a logout would have deleted, which speaks against the verdict: both go with it",
    ),
    (
        "copy-of-a-pair-whose-successor-was-passed-on",
        "OpenClaw held a later generation of the same login",
        "the program from which it took that over holds it as well",
    ),
];

/// The points of the best hypothesis; 0 where nothing stands out.
fn score(incident: &IncidentJson) -> i32 {
    incident.hypotheses.first().filter(|h| h.status == "best").map_or(0, |h| h.score)
}

/// Do two verdicts name one act, as far as they name one? Another login of the same client is another cause.
fn is_same_act(a: &IncidentJson, b: &IncidentJson) -> bool {
    let ms = |i: &IncidentJson| i.cause.at.as_deref().and_then(Stamp::parse).map(|at| at.ms);
    ms(a).zip(ms(b)).is_none_or(|(a, b)| (a - b).abs() <= NEAR_MS)
}

/// The incident of a run in which the verdict stands as it was, or stronger.
fn standing<'r>(before: &IncidentJson, run: &'r Run) -> Option<&'r IncidentJson> {
    let words = |i: &IncidentJson| (i.victim.client.clone(), Claim { confidence: String::new(), ..Claim::of(i) });
    let overlaps = |i: &IncidentJson| i.first_failure <= before.last_failure && before.first_failure <= i.last_failure;
    let as_sure = |i: &IncidentJson| tier(&i.confidence) >= tier(&before.confidence) && score(i) >= score(before);
    let alike = |i: &IncidentJson| words(i) == words(before) && overlaps(i) && is_same_act(i, before);
    run.incidents.iter().find(|i| alike(i) && as_sure(i))
}

/// A sentence without the times in it.
fn timeless(says: &str) -> String {
    Regex::new(r"\d{4}-\d{2}-\d{2}T[\d:.]+Z|\d+ s\b").unwrap().replace_all(says, "…").into_owned()
}

/// Do two items state one fact? A log and a store word one act differently, and so do the records of one
/// refusal.
fn is_same_fact(a: &EvidenceJson, b: &EvidenceJson) -> bool {
    let is_act = matches!(a.kind.as_str(), "login" | "logout" | "rotation" | "adoption");
    let ms = |e: &EvidenceJson| e.at.as_deref().and_then(Stamp::parse).map(|at| at.ms);
    let near = ms(a).zip(ms(b)).is_some_and(|(a, b)| (a - b).abs() <= NEAR_MS);
    let is_refusal = matches!(a.kind.as_str(), "failure" | "refusal");
    a.kind == b.kind && (is_refusal || (is_act && near) || timeless(&a.says) == timeless(&b.says))
}

/// Take the record away, then whatever takes its place, until the verdict weakens. Some: it does not.
fn stands_without(case: &Case, before: &IncidentJson, item: &EvidenceJson) -> Option<String> {
    let is_before = item.at.as_ref().is_some_and(|at| *at < before.first_failure);
    let mut gone = Records::default();
    let take = |gone: &mut Records, record: (String, u64)| {
        let more = alike(case, &record, is_before);
        let is_new = gone.add(record.0, record.1);
        more.into_iter().for_each(|(file, line)| {
            gone.add(file, line);
        });
        is_new
    };
    take(&mut gone, place(item, &case.run, &case.home, &case.root));
    for _ in 0..MOST {
        let folder = tempfile::tempdir().unwrap();
        let home = gone.taken_from(&case.home);
        let run = read_at(folder.path(), &home, Order::Forward);
        let after = standing(before, &run)?;
        let (mut found, before_this) = (false, gone.clone());
        for again in after.evidence.iter().filter(|e| e.stance == "for" && is_same_fact(e, item)) {
            let record = original(&place(again, &run, &home, folder.path()), case, &before_this);
            found |= take(&mut gone, record);
        }
        if !found {
            return Some(format!("{} ({}, line {}): \"{}\"", item.id, item.kind, item.line, item.says));
        }
    }
    Some(format!("{} ({}): more than {MOST} records of \"{}\": {gone:?}", item.id, item.kind, item.says))
}

/// The line in the home as it was of a line in the home without some.
fn original((file, line): &(String, u64), case: &Case, gone: &Records) -> (String, u64) {
    let mut left = *line;
    let lines = case.home.files().find(|(path, _)| path == file).map_or(0, |(_, bytes)| bytes.len() as u64);
    let mut at = 0;
    while left > 0 && at <= lines {
        at += 1;
        left -= u64::from(!gone.has(file, at));
    }
    (file.clone(), at)
}

/// Is the loss of this item known not to show?
fn redundant(case: &Case, item: &EvidenceJson) -> bool {
    REDUNDANT.iter().any(|(name, words, _)| (*name == "*" || *name == case.name()) && item.says.contains(words))
}

#[test]
fn what_is_cited_carries_the_verdict() {
    none(each(|case| {
        let winners = case.incidents().iter().filter(|i| score(i) > 0);
        let items = winners.flat_map(|i| i.evidence.iter().filter(|e| e.stance == "for").map(move |e| (i, e)));
        let items = items.filter(|(_, e)| !redundant(case, e));
        items
            .filter_map(|(i, e)| Some(format!("{} {} stands without {}", case.name(), i.id, stands_without(case, i, e)?)))
            .collect()
    }));
}

#[test]
fn every_winner_cites_something() {
    none(each(|case| {
        let bare = |i: &&IncidentJson| score(i) > 0 && !i.evidence.iter().any(|e| e.stance == "for");
        case.incidents().iter().filter(bare).map(|i| format!("{} {}", case.name(), i.id)).collect()
    }));
}

#[test]
fn exceptions_have_a_use() {
    let used = |(name, words, _): &&(&str, &str, &str)| {
        let of_case = |case: &&Case| *name == case.name();
        let items = super::cases().iter().filter(of_case).flat_map(|c| c.incidents()).flat_map(|i| &i.evidence);
        items.filter(|e| e.stance == "for").any(|e| e.says.contains(words))
    };
    // What holds of a kind of evidence holds of scenarios that are still to come.
    assert!(REDUNDANT.iter().all(|row| row.0 == "*" || used(&row)), "an exception that no report needs");
}
