//! `self_concurrent_refresh`: agents, profiles, processes or windows of one program refreshed the
//! same grant at once, or one of them rotated it away from the others.

use super::out_of_sight::Sign;
use super::rivals::{BURST_MS, WINNER_MS, is_holder, is_refusal, may_rival, own_holder, refused, refused_itself, rivals, winner};
use super::traces::Trace;
use super::{kinds, out_of_sight, own, parted, traces};
use crate::attribute::case::Case;
use crate::attribute::finding::{Actor, CauseTime, Finding, ItemKind};
use crate::attribute::{About, Confidence, Hypothesis, RootCause};
use crate::correlate::{Act, Doubt, FailureSeen, Sibling, TurnSeen};
use crate::event::{Client, Level};
use crate::secret::Key;
use std::collections::BTreeSet;

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::SelfConcurrentRefresh, about: ABOUT, test };

const ABOUT: About = About {
    line: "Several agents, profiles, homes or processes of the same program used one refresh token.",
    means: "The program holds one login in more than one place, or more than one of its processes refreshes it without a common \
            lock. One attempt wins and gets a new pair; the others present the token that this has spent, and are refused.",
    needs: &["at least two refresh attempts or holders of the same program for one login", "one of them succeeded"],
    supports: &[
        "refusals and a success within the same seconds",
        "bursts at start or when the access token ends",
        "several stores of the program held the same token",
    ],
    excludes: &["one process with one store", "no success of the program around the refusals"],
    controls: &[
        "a program that locks per profile and has one store cannot race itself",
        "another client rotated the same login in the interval: that comes first",
    ],
    timeline: "access token ends or a restart → several holders refresh in the same second → one wins → the others are refused, \
               until they read the new pair or a person logs in",
    versions: &[
        "OpenClaw before 2026.4.17 locked per agent, not per profile",
        "Codex processes of one home share one auth.json: two of them can send one refresh token at once, in 0.169 too, and the one that is refused usually reads the new pair and goes on; copies in other homes do not get it",
        "Hermes profiles held copies of one login in some versions of 2026",
    ],
    repairs: &[
        "restart what was refused, so that it reads the new pair; where it has a copy of its own (another home, profile or entry), log that in again or take the copy away",
    ],
    dos: &[
        "upgrade the client to a version that serialises refreshes (OpenClaw 2026.4.17 or later locks per profile)",
        "keep one store for all agents and profiles instead of copies",
    ],
    donts: &[
        "do not log in once per agent in turn: each login can end the one before",
        "do not blame another client: holders within this program explain it",
    ],
    settles: &["the log lines of all agents in the seconds around the refusal, with process or agent names"],
};

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
        if let Some(refused) = refused_itself(case) {
            let says = "the process that was refused is the one that had refreshed right before".to_owned();
            let item = case.item(ItemKind::Refusal, Some(refused.at), refused.origin, says);
            return vec![finding.out("the process that refreshed and the one that was refused are the same", Some(item))];
        }
        if let Some((holder, trace)) = unshown(case) {
            return vec![inferred(case, holder, trace)];
        }
        if let Some(holder) = case.own_others().find(|s| s.skipped.is_some()) {
            return vec![passed_over(case, holder)];
        }
        if let Some(other) = case.own_others().find(|s| kinds::lags(case, s) || kinds::leads(case, s)) {
            return vec![one_store(case, other, finding)];
        }
        if let Some((turn, sign)) = out_of_sight::own_place(case) {
            return vec![out_of_view(case, (turn, sign), finding)];
        }
        return vec![finding.out("only one attempt and one holder of this program are on record, or none of them succeeded", None)];
    };
    weigh(case, &burst, attempts, won, &mut finding);
    // Several that were refused long after the success may all be of the process that had it.
    let at_once = attempts >= 2 && burst.first().is_some_and(|first| first.at.ms - won.at.ms <= BURST_MS);
    if !at_once && !own_holder(case) {
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
    own::weigh_refusal(case, finding, Confidence::Likely);
    if let (Some(first), true) = (burst.first(), attempts >= 2) {
        let says = format!("refreshes of {attempts} processes or sessions refused within {} s", BURST_MS / 1000);
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
    if let Some(item) = kinds::kind(case, Some(won)) {
        finding.point(0, item);
    }
    if case.other_programs().any(|s| s.skipped.is_some()) {
        finding.cap(
            Confidence::Possible,
            "another program held the very token too, and may have exchanged it and passed the new pair on",
        );
    }
    if won.doubt == Some(Doubt::ForeignHand) {
        finding.cap(Confidence::Undetermined, "another program seems to have written the new pair into this store");
    }
    finding.when = CauseTime { at: Some(won.at), after: None, before: None };
    finding.would_settle = ABOUT.settles.to_vec();
}

/// Another store of the program that must have rotated the login, or may have, and does not show it.
fn unshown<'a>(case: &Case<'a>) -> Option<(&'a Sibling, Trace)> {
    let renewed = |s: &Sibling| Some(traces::by_success(case, s, s.renewed.as_ref()?)).filter(|_| is_holder(case, s));
    case.own_others().find_map(|s| Some((s, traces::of(case, s).or_else(|| renewed(s))?)))
}

/// Another store of the program held the very token, and shows next a pair of a later generation than the
/// successor, which yet another store has.
fn passed_over(case: &Case<'_>, holder: &Sibling) -> Finding {
    let who = case.incident.victim.client;
    let mut finding = Finding::new(RootCause::SelfConcurrentRefresh, Some(Actor { client: who, store: Some(holder.store) }));
    own::weigh_refusal(case, &mut finding, Confidence::Possible);
    shared(case, holder, &mut finding);
    finding.cap(
        Confidence::Undetermined,
        "the pair that its other store shows next came of a later generation: whether it made the one before is not on record",
    );
    finding.when = CauseTime { at: None, after: own::possession(case), before: holder.skipped.map(|skipped| skipped.issued) };
    finding.would_settle = ABOUT.settles.to_vec();
    finding
}

/// Another agent, profile or home of the program was at work, and its store is not among the files. Where it
/// worked when the access token of the victim's pair had ended, it had exchanged that pair or had another login.
fn out_of_view(case: &Case<'_>, (turn, sign): (&TurnSeen, Sign), mut finding: Finding) -> Finding {
    own::weigh_refusal(case, &mut finding, Confidence::Possible);
    let item = out_of_sight::at_work(case, turn);
    let because = "another agent, profile or home of the program was at work, and its store is not among the files";
    match sign {
        Sign::Another => {
            finding.point(5, item);
            finding.cap(Confidence::Possible, because);
        }
        Sign::AtOnce => finding.limit(Confidence::Possible, because, Some(item)),
        Sign::Before => finding.limit(Confidence::Undetermined, because, Some(item)),
    }
    finding.when = CauseTime { at: None, after: own::possession(case), before: Some(case.incident.refused) };
    finding.would_settle = vec![out_of_sight::SETTLES];
    finding
}

fn inferred(case: &Case<'_>, holder: &Sibling, trace: Trace) -> Finding {
    let who = case.incident.victim.client;
    let mut finding = Finding::new(RootCause::SelfConcurrentRefresh, Some(Actor { client: who, store: Some(holder.store) }));
    own::weigh_refusal(case, &mut finding, Confidence::Possible);
    trace.weigh(&mut finding);
    shared(case, holder, &mut finding);
    if let Some(item) = kinds::kind(case, None) {
        finding.point(0, item);
    }
    rivals_of(case, &mut finding);
    finding.would_settle = ABOUT.settles.to_vec();
    finding
}

/// One entry of the store was rotated and another one of the same login was not: what was presented is, or may
/// be, the older one, which its own program had exchanged.
fn one_store(case: &Case<'_>, other: &Sibling, mut finding: Finding) -> Finding {
    own::weigh_refusal(case, &mut finding, Confidence::Possible);
    let older_presented = kinds::leads(case, other);
    let (own, other) = (case.incident.held.as_ref(), case.store(other).now());
    let (newer, older) = if older_presented { (other, own) } else { (own, other) };
    if let Some(held) = newer {
        let says = "one entry of the store holds the pair of a later refresh".to_owned();
        finding.point(6, case.item(ItemKind::Store, held.issued_at, held.origin, says));
    }
    if let Some(held) = older {
        let says = "another entry of the same store still holds an older pair of the login".to_owned();
        finding.point(8, case.item(ItemKind::SharedLogin, held.issued_at, held.origin, says));
    }
    if let Some(item) = kinds::kind(case, None) {
        finding.point(0, item);
    }
    rivals_of(case, &mut finding);
    if older_presented {
        finding.cap(Confidence::Likely, "the exchange itself is not on record: another entry of the store shows its result");
        finding.when = CauseTime { at: newer.and_then(|held| held.since), after: None, before: None };
    } else {
        finding.cap(Confidence::Likely, "which entry of the store was presented is not on record");
        finding.when = CauseTime { at: None, after: own::possession(case), before: Some(case.incident.refused) };
    }
    finding.would_settle = ABOUT.settles.to_vec();
    finding
}

/// Rotations of other programs in the time in question, which speak against what is inferred.
fn rivals_of(case: &Case<'_>, finding: &mut Finding) {
    for act in case.other_programs().filter_map(|sibling| own::rotated(case, sibling)) {
        finding.point(-10, case.acted(act));
    }
}

/// Another store of the program held the very token, or holds its successor.
fn shared(case: &Case<'_>, holder: &Sibling, finding: &mut Finding) {
    parted::weigh(case, holder.spent.map(|index| case.act(index).at), finding);
    let who = case.incident.victim.client.title();
    match (holder.shared, case.store(holder).newest()) {
        (Some(origin), _) => {
            let says = format!("another store of {who} had held the same refresh token");
            // The very token is more than the same login.
            finding.point(10, case.item(ItemKind::SharedToken, None, origin, says));
        }
        (None, Some(held)) => {
            let says = format!("another store of {who} holds a newer pair of the same login");
            finding.point(8, case.item(ItemKind::SharedLogin, None, held.origin, says));
        }
        (None, None) => {}
    }
}

/// How many asked the server and were refused: an attempt is a request to the token endpoint, by a
/// process, or by a session where no log tells the processes. A log row, the turn that met the refusal
/// and the note in a store state one request. Codex keeps a refusal and puts it into every turn after
/// it without asking again, so its turns are no requests of their own.
fn attempts(burst: &[&FailureSeen]) -> usize {
    let processes: BTreeSet<Key> = burst.iter().filter_map(|f| f.process).collect();
    let asking = burst.iter().filter(|f| f.stated_by != Client::Codex && f.failure.level >= Level::Status);
    let sessions: BTreeSet<Key> = asking.filter_map(|f| f.session).collect();
    processes.len().max(sessions.len()).max(usize::from(!burst.is_empty()))
}

/// The refusals around the first one.
fn burst<'a>(case: &Case<'a>) -> Vec<&'a FailureSeen> {
    let refusals = || case.incident.failures.iter().filter(|f| is_refusal(f));
    let Some(first) = refusals().next() else { return Vec::new() };
    refusals().filter(|f| (f.at.ms - first.at.ms).abs() <= BURST_MS).collect()
}
