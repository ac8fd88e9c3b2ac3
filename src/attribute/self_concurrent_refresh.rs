//! `self_concurrent_refresh`: agents, profiles, processes or windows of one program refreshed the
//! same grant at once, or one of them rotated it away from the others.

use super::case::Case;
use super::finding::{Actor, CauseTime, Finding, ItemKind};
use super::rivals::{WINNER_MS, is_holder, may_rival, own_holder, refused, rivals, winner};
use super::{About, Confidence, Hypothesis, RootCause};
use crate::correlate::{Act, FailureSeen, Sibling};
use std::collections::BTreeMap;

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::SelfConcurrentRefresh, about: ABOUT, test };

const ABOUT: About = About {
    line: "Several agents, profiles, homes or processes of the same program used one refresh token.",
    means: "The program holds one grant in more than one place, or more than one of its processes refreshes it without a common \
            lock. One attempt wins and gets a new pair; the others present the token that was just spent and are refused.",
    needs: &["at least two refresh attempts or holders of the same program for one login", "one of them succeeded"],
    supports: &[
        "refusals and a success within the same seconds",
        "bursts at start or when the access token ends",
        "several stores of the program held the same token",
    ],
    excludes: &["one process with one store", "no success of the program around the refusals"],
    timeline: "access token ends or a restart → several holders refresh in the same second → one wins → the others are refused, \
               until they read the new pair or a person logs in",
    dos: &[
        "upgrade the client to a version that serialises refreshes (OpenClaw 2026.4.17 or later locks per profile)",
        "keep one store for all agents and profiles instead of copies",
        "restart the losing agents so that they read the new pair",
    ],
    donts: &["do not log in once per agent: every login ends the one before", "do not blame another client: none took part"],
    settles: &["the log lines of all agents in the seconds around the refusal, with process or agent names"],
};

/// Attempts this close together are one burst.
const BURST_MS: i64 = 10_000;

fn test(case: &Case<'_>) -> Vec<Finding> {
    let actor = Actor { client: case.incident.victim.client, store: winner(case).and_then(|a| a.store) };
    let mut finding = Finding::new(RootCause::SelfConcurrentRefresh, Some(actor));
    if case.reused().is_none() && case.refused_unnamed().is_none() {
        return vec![case.lacks(finding, "no refresh was refused as already used")];
    }
    if let Some((why, item)) = case.not_spent() {
        return vec![finding.out(why, Some(item))];
    }
    let burst = burst(case);
    let attempts = attempts(&burst);
    let Some(won) = winner(case).filter(|won| attempts >= 2 || own_holder(case) || may_rival(case, won)) else {
        return vec![finding.out("only one attempt and one holder of this program are on record, or none of them succeeded", None)];
    };
    weigh(case, &burst, attempts, won, &mut finding);
    if attempts < 2 && !own_holder(case) {
        processes(case, won, &mut finding);
    }
    vec![finding]
}

/// One success and one refusal: two processes, as far as a log tells.
fn processes(case: &Case<'_>, won: &Act, finding: &mut Finding) {
    let Some(refused) = refused(case) else { return };
    let after = refused.at.ms - won.at.ms;
    if rivals(case, won).is_none() {
        finding.cap(Confidence::Possible, "whether the refresh and the refusal were of two processes is not on record");
        return;
    }
    if after > WINNER_MS {
        finding.cap(Confidence::Possible, "the process that was refused may have read the new pair by then");
    }
    let points = match after {
        ..=BURST_MS => 8,
        _ => 4,
    };
    let says = format!("another process than the one that refreshed was refused {} s later", (after.max(0) + 500) / 1000);
    finding.point(points, case.item(ItemKind::Refusal, Some(refused.at), refused.origin, says));
}

fn weigh(case: &Case<'_>, burst: &[&FailureSeen], attempts: usize, won: &Act, finding: &mut Finding) {
    match case.reused() {
        Some(reused) => finding.point(6, case.failure(reused)),
        None => finding.cap(Confidence::Likely, "the server's reason for refusing the refresh is not in the files"),
    }
    if let (Some(first), true) = (burst.first(), attempts >= 2) {
        let says = format!("{attempts} refreshes refused within {} s", BURST_MS / 1000);
        finding.point(8, case.item(ItemKind::Refusal, Some(first.at), first.origin, says));
    }
    finding.point(6, case.acted(won));
    if let Some(holder) = case.own_others().find(|s| is_holder(case, s)) {
        shared(case, holder, finding);
    }
    if let Some(item) = case.at_expiry() {
        finding.point(3, item);
    }
    for sibling in case.other_programs().filter(|s| s.spent.is_some()) {
        if let Some(index) = sibling.spent {
            finding.point(-10, case.acted(case.act(index)));
        }
    }
    if let Some(revoked) = case.revoked() {
        finding.point(-8, case.failure(revoked));
    }
    finding.when = CauseTime { at: Some(won.at), after: None, before: None };
    finding.would_settle = ABOUT.settles.to_vec();
}

/// Another store of the program held the very token, or holds its successor.
fn shared(case: &Case<'_>, holder: &Sibling, finding: &mut Finding) {
    let who = case.incident.victim.client.title();
    match (holder.shared, case.store(holder).newest()) {
        (Some(origin), _) => {
            let says = format!("another store of {who} had held the same refresh token");
            finding.point(8, case.item(ItemKind::SharedToken, None, origin, says));
        }
        (None, Some(held)) => {
            let says = format!("another store of {who} holds a newer pair of the same login");
            finding.point(8, case.item(ItemKind::SharedLogin, None, held.origin, says));
        }
        (None, None) => {}
    }
}

/// How many attempts the refusals stand for: one refusal may be stated by a log, by its copy and
/// by the store.
fn attempts(burst: &[&FailureSeen]) -> usize {
    let mut per_source: BTreeMap<u32, usize> = BTreeMap::new();
    burst.iter().for_each(|f| *per_source.entry(f.origin.source).or_default() += 1);
    let sessions = burst.iter().filter_map(|f| f.session).collect::<std::collections::BTreeSet<_>>().len();
    per_source.into_values().max().unwrap_or(0).max(sessions)
}

/// The refusals around the first one.
fn burst<'a>(case: &Case<'a>) -> Vec<&'a FailureSeen> {
    let refusals: Vec<&FailureSeen> = case.incident.failures.iter().filter(|f| f.dated && f.failure.class.is_refresh()).collect();
    let Some(first) = refusals.first() else { return Vec::new() };
    let distinct_place = |f: &&&FailureSeen| (f.at.ms - first.at.ms).abs() <= BURST_MS;
    let mut burst: Vec<&FailureSeen> = refusals.iter().filter(distinct_place).copied().collect();
    burst.dedup_by_key(|f| (f.origin, f.run));
    burst
}
