//! `stale_copy_replay`: a store was put back to an older pair of its login, or was filled with a copy
//! that was dead already, and the client presented a token that had been exchanged long before.
//!
//! Shown in one of three ways: a copy in the same home holds a newer generation than the live file; the
//! client's own log shows a refresh that it logs only when its store has the new pair; or another holder had
//! exchanged the very token before the victim came to hold it. That the same token stands in the store at
//! each start shows nothing: a refused refresh leaves a store as it is, whoever spent the token.
//!
//! The acting party is the victim's own program, since it presented the old token: who put the copy there
//! (a person, a vault, a deployment) is on record only where a shell's history has it, and is no client.
//! File times decide nothing here: an archive or a checkout sets them anew, and a copy may keep the old one.

use super::{contest, lineage, own, parted, traces};
use crate::attribute::case::Case;
use crate::attribute::finding::{Actor, CauseTime, Finding, ItemKind};
use crate::attribute::presented::{self, PutBack};
use crate::attribute::times::day;
use crate::attribute::{About, Confidence, Hypothesis, RootCause};
use crate::correlate::{Act, Held, Relation, Sibling};

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::StaleCopyReplay, about: ABOUT, test };

const ABOUT: About = About {
    line: "An older copy of the store was in use: the refresh token in it had been exchanged long before.",
    means: "A backup, a vault's snapshot, a secret that is deployed at each start, or a copy from another machine took the place of \
            the store. The pair in it was exchanged by its own program before, so that its refresh token is spent, however well \
            the file looks. The client presents it as soon as it has to refresh, and is refused.",
    needs: &[
        "the refresh was refused as already used (or without a reason)",
        "the live store holds an older generation of its login than it is known to have held, or a token that had been exchanged \
         before the client came to hold it",
    ],
    supports: &[
        "a copy in the same home that holds the newer generation",
        "the client's own log of a refresh after the pair that its store holds",
        "a command in a shell's history that put a copy in the place of the store",
    ],
    excludes: &[
        "a store whose generations only move forward",
        "a copy that was put there after the first failure: that was an attempt to repair it",
    ],
    controls: &[
        "the same dead token at each start: true of every refused token, since a refusal leaves the store as it is",
        "another client refreshed the newer pair as well: then that may have been the one that was presented",
    ],
    timeline: "store holds a pair → its own program refreshes → a copy of the older pair is put back → works until the old access \
               token ends → its refresh is refused",
    versions: &["any: account switchers, deployment secrets and container seeds of 2026 did so"],
    repairs: &[
        "put the newest copy of the store back if it is newer than the one in use and nothing has refreshed it since; else log in \
         again in the failing client",
    ],
    dos: &[
        "give each machine and each container a login of its own",
        "let whatever seeds or switches the store save the present pair before, and after each run",
    ],
    donts: &[
        "do not restore an older copy again: its refresh token is spent",
        "do not blame another client: the older copy alone explains the refusal",
    ],
    settles: &[
        "when and by what the store was last replaced: shell history, deployment log, the switcher's own log",
        "backups or snapshots of the failing store from before the failure",
    ],
};

fn test(case: &Case<'_>) -> Vec<Finding> {
    let actor = Actor { client: case.incident.victim.client, store: case.incident.victim.store };
    let mut finding = Finding::new(RootCause::StaleCopyReplay, Some(actor));
    if case.reused().is_none() && case.refused_unnamed().is_none() {
        return vec![case.lacks(finding, "no refresh was refused as already used")];
    }
    if let Some((why, item)) = case.not_spent() {
        return vec![finding.out(why, Some(item))];
    }
    // Of several machines those that exchanged a later generation are out.
    let first = |s: &&Sibling| lineage::spent_by_another(case, s).is_none();
    let elsewhere: Vec<Finding> =
        case.copies_elsewhere().filter(|s| tells(case, s)).filter(first).map(|s| on_two_machines(case, s)).collect();
    let back = presented::put_back(case);
    if !elsewhere.is_empty() && back.is_none() {
        return elsewhere;
    }
    let logged = own::unstored(case).filter(|_| own::logs_when_stored(case.incident.victim.client));
    let arrived = own::dead_on_arrival(case);
    match (&back, logged, arrived) {
        (Some(back), ..) => moved_back(case, back, &mut finding),
        (None, Some(act), _) => behind_its_log(case, act, &mut finding),
        (None, None, Some((holder, later))) => dead_already(case, holder, later, &mut finding),
        (None, None, None) if own::unkept(case).is_some() => {
            finding.cap(Confidence::Undetermined, "that a newer pair had stood in its store before is on no record");
            finding.would_settle = ABOUT.settles.to_vec();
            return elsewhere.into_iter().chain([finding]).collect();
        }
        (None, None, None) => {
            return vec![finding.out("the generations of its store only moved forward, as far as copies and logs show", None)];
        }
    }
    let put = presented::restored(case);
    if let (None, Some(act)) = put {
        let why = "a copy was put in the place of the store after the first failure: that was no cause";
        return elsewhere.into_iter().chain([finding.out(why, Some(case.acted(act)))]).collect();
    }
    match put {
        (Some(act), _) => {
            finding.when = CauseTime { at: Some(act.at), after: None, before: None };
            finding.point(6, case.acted(act));
            finding.cap(Confidence::VeryLikely, "which copy was put there is known only from what the store holds now");
        }
        _ => finding.cap(Confidence::VeryLikely, "that the store had been put back by then is inferred from what it holds now"),
    }
    weigh(case, &mut finding);
    elsewhere.into_iter().chain([finding]).collect()
}

/// Did the same program on another machine exchange the token, with something that ties its login to the
/// victim's? Two machines on one account have a login each as a rule.
fn tells(case: &Case<'_>, other: &Sibling) -> bool {
    (other.shared.is_some() || other.family == Relation::Same)
        && (own::rotated(case, other).is_some() || traces::of(case, other).is_some())
}

/// A copy shows the newer generation, the live file holds the older one.
fn moved_back(case: &Case<'_>, back: &PutBack<'_>, finding: &mut Finding) {
    let newer = back.newer;
    let who = case.incident.victim.client.title();
    let own = |act: &&Act| act.is_rotation() && act.store == case.incident.victim.store && act.origin == newer.origin;
    match case.acts().find(own) {
        Some(act) => finding.point(10, case.acted(act)),
        None => {
            let says = format!("{who} had held a newer pair of the same login");
            finding.point(10, case.item(ItemKind::Store, newer.issued_at, newer.origin, says));
        }
    }
    if let Some((held, issued)) = case.incident.held.as_ref().and_then(|held| Some((held, held.issued_at?))) {
        let says =
            format!("{who} store holds the older pair again, issued {}, whose refresh token had been exchanged", day(issued));
        finding.point(6, case.item(ItemKind::Store, Some(issued), held.origin, says));
    }
    if let Some(told) = &back.told {
        finding.point(2, told.clone());
    }
    if !newer.at_home {
        finding.cap(Confidence::Likely, "the newer pair stands in a copy that was kept elsewhere, and may be another holder's");
    }
    finding.when = CauseTime { at: None, after: newer.since.or(newer.issued_at), before: Some(case.incident.refused) };
}

/// The program's own log shows a refresh that its store had, and has no longer.
fn behind_its_log(case: &Case<'_>, logged: &Act, finding: &mut Finding) {
    let who = case.incident.victim.client.title();
    finding.point(10, case.acted(logged));
    if let Some((held, issued)) = case.incident.held.as_ref().and_then(|held| Some((held, held.issued_at?))) {
        let says = format!("{who} store holds a pair from before that refresh, issued {}", day(issued));
        finding.point(6, case.item(ItemKind::Store, Some(issued), held.origin, says));
    }
    finding.cap(Confidence::Likely, "that the store held the newer pair is known from the log alone");
    finding.when = CauseTime { at: None, after: Some(logged.at), before: Some(case.incident.refused) };
}

/// Another holder had a later generation before the victim took its copy.
fn dead_already(case: &Case<'_>, holder: &Sibling, later: &Held, finding: &mut Finding) {
    let (victim, who) = (case.incident.victim.client.title(), holder.client.title());
    let minted = |act: &&Act| act.is_rotation() && act.store == Some(holder.store) && act.origin == later.origin;
    match case.known.acts.iter().find(minted) {
        Some(act) => finding.point(8, case.acted(act)),
        None => {
            let says = format!("{who} held a later generation of the same login");
            finding.point(8, case.item(ItemKind::Store, later.issued_at, later.origin, says));
        }
    }
    if let Some(held) = &case.incident.held {
        let says = format!("{victim} came to hold the older pair after that: its refresh token had been exchanged already");
        finding.point(6, case.item(ItemKind::Store, held.since, held.origin, says));
    }
    if let Some(origin) = holder.shared {
        let says = format!("{who} had held that very refresh token before");
        finding.point(2, case.item(ItemKind::SharedToken, None, origin, says));
    }
    finding.cap(Confidence::Likely, "from which copy the client took its token is not on record");
    finding.when = CauseTime { at: own::possession(case), after: None, before: None };
}

/// The same program on another machine held the same token and exchanged it.
fn on_two_machines(case: &Case<'_>, other: &Sibling) -> Finding {
    let actor = Actor { client: other.client, store: Some(other.store) };
    let mut finding = Finding::new(RootCause::StaleCopyReplay, Some(actor));
    let who = other.client.title();
    if let Some(trace) = traces::of(case, other) {
        trace.weigh(&mut finding);
    } else if let Some((act, earlier)) =
        own::rotated(case, other).and_then(|act| Some((act, lineage::moved_on(case, other, Some(act.at))?)))
    {
        contest::late(case, other, (act, earlier), &mut finding);
    } else if let Some(act) = own::rotated(case, other) {
        finding.point(10, case.acted(act));
        finding.when = CauseTime { at: Some(act.at), after: None, before: None };
        if !case.surely_inside(act) {
            finding.cap(
                Confidence::Possible,
                "it is not certain that the rotation lies between the victim's possession of its token and its first failure",
            );
        }
    }
    if let Some(rival) = lineage::disputed_by(case, other) {
        let most = if other.spent.is_some() { Confidence::Likely } else { Confidence::Possible };
        finding.limit(
            most,
            "another store held the very token too, and may have exchanged it and passed the new pair on",
            Some(rival),
        );
    }
    if let Some(skipped) = &other.skipped {
        let most = if skipped.passed_on { Confidence::Likely } else { Confidence::Undetermined };
        finding.cap(most, "the pair that its store shows next came of a later generation, which another store had first");
        let after = case.incident.held.as_ref().and_then(|h| h.since);
        finding.when = CauseTime { at: None, after, before: Some(skipped.issued) };
    }
    if let Some(origin) = other.shared {
        let says = format!("{who} on another machine had held the same refresh token");
        finding.point(8, case.item(ItemKind::SharedToken, None, origin, says));
    } else if let Some(held) = case.store(other).newest().filter(|_| other.family == Relation::Same) {
        let says = format!("{who} on another machine holds a newer pair of the same login");
        finding.point(8, case.item(ItemKind::SharedLogin, None, held.origin, says));
        finding.cap(Confidence::Likely, "that both machines held the very token is inferred from their common login");
    }
    weigh(case, &mut finding);
    parted::weigh(case, finding.when.at, &mut finding);
    finding
}

/// What the server said, and what speaks against it.
fn weigh(case: &Case<'_>, finding: &mut Finding) {
    own::weigh_refusal(case, finding, Confidence::Likely);
    if let Some(item) = case.at_expiry() {
        finding.point(2, item);
    }
    if let Some(revoked) = case.revoked() {
        finding.point(-2, case.failure(revoked));
    }
    let related = |s: &&Sibling| s.shared.is_some() || s.family == Relation::Same;
    // Where the very token is known to have been exchanged before, or the store to have been put back to it by
    // then, later rotations are of its successors.
    let told = presented::put_back(case).is_some_and(|back| back.told.is_some());
    let open = own::dead_on_arrival(case).is_none() && !told;
    for sibling in case.other_programs().filter(related).filter(|_| open) {
        if let Some(act) = own::rotated(case, sibling) {
            finding.point(-10, case.acted(act));
            finding.cap(Confidence::Possible, "another program exchanged the newer pair as well, which may be the one presented");
        }
    }
    finding.would_settle = ABOUT.settles.to_vec();
}
