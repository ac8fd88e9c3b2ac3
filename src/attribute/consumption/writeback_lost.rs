//! `writeback_lost`: the client refreshed, the server rotated its token, and the new pair never came to
//! stand in the store. The next process that reads the store presents the spent one.
//!
//! A refresh that works in memory looks healthy for hours, so the write that failed, or the logged success
//! that no store shows, lies well before the first refused turn. Any newer pair of the login, in whichever
//! store, means that something was stored, and rules this out.

use super::{own, parted};
use crate::attribute::case::Case;
use crate::attribute::finding::{Actor, CauseTime, Finding, Item, ItemKind};
use crate::attribute::{About, Confidence, Hypothesis, RootCause};
use crate::correlate::{Act, ActKind, Outworked, Relation, When};

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::WritebackLost, about: ABOUT, test };

const ABOUT: About = About {
    line: "The client refreshed and could not keep the result: its store still holds the token that it spent itself.",
    means: "A refresh is a call over the network, and a store that cannot be written does not stop it: the server rotates the \
            token, the client goes on with the new pair in memory, and its store keeps the old one. When the store is read again, \
            by the same process or after a restart, the spent refresh token is presented and refused. Nobody else took part.",
    needs: &[
        "the refresh was refused as already used (or without a reason)",
        "a write of the client's own store that failed, a refresh of its own that worked and that no store shows, or work past the end \
         of the pair that its store holds (leaves it likely at most)",
        "no store that was read holds a newer token of that login",
    ],
    supports: &[
        "the store is read-only, belongs to another user, or its disk is full",
        "the client worked on past the end of the access token that its store holds",
        "the refusal comes with the first read after a restart",
        "a copy of the store on the same login is as old",
    ],
    excludes: &[
        "any store or copy with a newer pair of the login",
        "a store that is known to have held the newer pair and holds the older one again: that was put back",
        "no refresh of the client's own between possession and refusal",
    ],
    controls: &[
        "another client rotated a login of its own nearby: another login session, so not this token",
        "the other holders of the login hold the same dead token: none of them spent it",
    ],
    timeline: "store obtains the token → the client refreshes, the write fails → it works on from memory, often for hours → the \
               store is read again → refused as used, and every later turn with it",
    versions: &[
        "Codex replaces auth.json from 0.169 on, so that the mode of the file no longer stops it and that of the folder does; \
         earlier versions write into the file",
        "OpenClaw up to 2026.4.17 logs `failed to persist refreshed codex credentials`",
    ],
    repairs: &["make the store writable (mount, owner, mode, free space), and only then log in again in the failing client"],
    dos: &[
        "give a sandbox or container a login of its own, or a writable store that outlives it",
        "look at every copy of that store: all of them hold the spent token",
    ],
    donts: &[
        "do not log in again into the same read-only place: the next refresh is lost as well",
        "do not blame another client: none of them holds a newer token",
    ],
    settles: &[
        "mode, owner and mount of the client's store and of the folder that it stands in, and the free space of its disk",
        "the client's log from the end of its access token on, with the refresh and what followed it",
    ],
};

fn test(case: &Case<'_>) -> Vec<Finding> {
    let actor = Actor { client: case.incident.victim.client, store: case.incident.victim.store };
    let mut finding = Finding::new(RootCause::WritebackLost, Some(actor));
    if case.reused().is_none() && case.refused_unnamed().is_none() {
        return vec![case.lacks(finding, "no refresh was refused as already used")];
    }
    if let Some((why, item)) = case.not_spent() {
        return vec![finding.out(why, Some(item))];
    }
    if own::replaced(case).is_some() {
        return vec![finding.out("its store is known to have held a newer pair: the write had worked", None)];
    }
    if let Some(holder) = own::newer_holder(case) {
        let who = holder.client.title();
        return vec![finding.out(format!("a store of {who} holds a newer pair of the same login"), None)];
    }
    let logged = own::unstored(case);
    let lost = logged.filter(|_| !own::logs_when_stored(case.incident.victim.client));
    let fault = own::write_fault(case);
    let unkept = own::unkept(case).filter(|_| fault.is_none() && lost.is_none());
    if fault.is_none() && lost.is_none() && unkept.is_none() {
        let (why, act) = match (logged, own::borrowed(case)) {
            (Some(logged), _) => ("the client logs a refresh only when its store has the new pair", Some(logged)),
            (None, Some(borrowed)) => {
                ("its log says that it had taken over what another program had by the time of that work", Some(borrowed))
            }
            _ => ("no write of its store failed, and no refresh of its own went unstored, as far as is on record", None),
        };
        return vec![finding.out(why, act.map(|act| case.acted(act)))];
    }
    weigh(case, fault, lost, &mut finding);
    unkept.inspect(|found| inferred(case, found, &mut finding));
    limits(case, &mut finding);
    vec![finding]
}

fn weigh(case: &Case<'_>, fault: Option<(When, Item)>, lost: Option<&Act>, finding: &mut Finding) {
    own::weigh_refusal(case, finding, Confidence::Likely);
    let at = fault.as_ref().map(|(at, _)| *at).or(lost.map(|act| act.at));
    match (fault, lost) {
        (Some((_, item)), _) => finding.point(14, item),
        // That the result was lost is inferred from the store; the write that failed is not on record.
        (None, Some(act)) => {
            finding.point(10, case.acted(act));
            finding.cap(Confidence::Likely, "the refresh is on record, and that its result was never written is inferred");
        }
        (None, None) => {}
    }
    if let Some(held) = &case.incident.held {
        let says = "no store that was read holds a newer token of this login".to_owned();
        finding.point(6, case.item(ItemKind::Store, None, held.origin, says));
    }
    if let Some(item) = case.at_expiry() {
        finding.point(2, item);
    }
    if let Some(restart) = restart(case, at) {
        finding.point(3, case.acted(restart));
    }
    finding.when = CauseTime { at, after: None, before: None };
    finding.would_settle = ABOUT.settles.to_vec();
}

/// No record tells of a refresh: that it was made is known from what the client did with the result. Where that
/// went is open, as a store may have been put back as well. A process that still has the pair in its memory
/// presents that; one that began since had nothing but the store to read.
fn inferred(case: &Case<'_>, found: &Outworked, finding: &mut Finding) {
    finding.point(8, parted::worked_on(case, found));
    let restart = restart(case, Some(found.by.at));
    restart.inspect(|act| finding.point(3, case.acted(act)));
    let most = match restart.is_some() && !own::logs_when_stored(case.incident.victim.client) {
        true => Confidence::Likely,
        false => Confidence::Possible,
    };
    finding.cap(
        most,
        "that it refreshed is inferred from its work past the end of the stored pair, and its store may have been put back",
    );
    finding.when = CauseTime { at: None, after: own::possession(case), before: Some(found.by.at) };
}

/// The process that began between the refresh and the refusal: it had nothing but the store to read.
fn restart<'a>(case: &Case<'a>, since: Option<When>) -> Option<&'a Act> {
    let since = since?;
    own::acts(case).rev().find(|act| act.kind == ActKind::Started && since.surely_before(act.at))
}

/// What speaks against it, and what keeps it from being sure.
fn limits(case: &Case<'_>, finding: &mut Finding) {
    for sibling in case.other_programs() {
        if let Some(alive) = sibling.alive_after.as_ref().filter(|_| sibling.family == Relation::Same) {
            finding.point(-8, case.success(alive, sibling.client, "worked on after the victim's first failure"));
        } else if let Some(act) = own::rotated(case, sibling).filter(|_| sibling.account != Relation::Different) {
            finding.point(-4, case.acted(act));
        }
    }
    if let Some(revoked) = case.revoked() {
        finding.point(-8, case.failure(revoked));
    }
    if case.incident.held.is_none() {
        finding.cap(Confidence::Possible, "which token was presented is not known: no store among the files held it for certain");
    }
    case.mind_unread(finding);
    finding.cap(Confidence::VeryLikely, "that the failed write was the one of the spent token is inferred");
}
