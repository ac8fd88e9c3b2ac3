//! `refresh_response_lost`: a refresh reached the server and its answer did not reach the client, which
//! then presented the spent token once more.
//!
//! Whether such a refresh was carried out is open until the next one: a refusal as used shows that
//! somebody's was. With a single holder of the login that was the client's own. Another holder that
//! refreshed afterwards shows the contrary: the token was still good then.

use super::own;
use crate::attribute::case::Case;
use crate::attribute::finding::{Actor, CauseTime, Finding, Item, ItemKind};
use crate::attribute::{About, Confidence, Hypothesis, RootCause};
use crate::correlate::{Relation, When};

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::RefreshResponseLost, about: ABOUT, test };

const ABOUT: About = About {
    line: "A refresh of the client's own was carried out and its answer did not arrive; the token it still held was spent.",
    means: "The client sent its refresh token, and timed out, lost the connection, was answered with a server error, or ended \
            before the answer came. The server had exchanged the token all the same. The client kept the old one, tried again, and \
            was refused as for a token used twice. Nobody else took part.",
    needs: &[
        "a refresh of the client's own without an answer, after it came to hold the token",
        "after that, its refresh was refused as already used (or without a reason)",
        "no other holder of the login with a newer pair",
    ],
    supports: &[
        "a timeout, a lost connection or a server error at the token endpoint, or a process that ended in the middle",
        "sleep and wake, or a loss of the network, at that time",
        "no store that was read holds a newer token of the login",
    ],
    excludes: &[
        "another holder of the login refreshed it: then the token was still good",
        "a later refresh of the client's own worked",
        "no refresh without an answer before the refusal",
        "the refresh was blocked before it reached the login service",
    ],
    controls: &["another client of the same login goes on refreshing: then the first attempt had spent nothing"],
    timeline: "access token ends → refresh sent, no answer → some time later the same refresh token is sent again → refused as used",
    versions: &[
        "Codex 0.169 does not say how a refresh failed for now, only that a call was refused and the client got no new token",
    ],
    repairs: &["log in again in the failing client: no other holder has the new pair"],
    dos: &["look at the network and at sleep and wake of the machine at the time of the unanswered refresh"],
    donts: &["do not send the same refresh token again", "do not blame another client: none of them holds a newer token"],
    settles: &[
        "the client's log around the unanswered refresh, with the process that sent it",
        "the homes of other programs and machines that hold this login",
    ],
};

fn test(case: &Case<'_>) -> Vec<Finding> {
    let actor = Actor { client: case.incident.victim.client, store: case.incident.victim.store };
    let mut finding = Finding::new(RootCause::RefreshResponseLost, Some(actor));
    if case.reused().is_none() && case.refused_unnamed().is_none() {
        return vec![case.lacks(finding, "no refresh was refused as already used")];
    }
    if let Some((why, item)) = case.not_spent() {
        return vec![finding.out(why, Some(item))];
    }
    let attempts = own::unanswered(case);
    let Some((last, ..)) = attempts.last() else {
        return vec![finding.out("no refresh without an answer is on record before the refusal", None)];
    };
    if let Some(act) = own::acts(case).find(|act| act.is_rotation() && last.surely_before(act.at)) {
        return vec![finding.out("a later refresh of the client's own worked", Some(case.acted(act)))];
    }
    if own::replaced(case).is_some() {
        return vec![finding.out("its store is known to have held a newer pair: the answer had arrived", None)];
    }
    if let Some(holder) = own::newer_holder(case) {
        let who = holder.client.title();
        let item = own::rotated(case, holder).map(|act| case.acted(act));
        return vec![finding.out(format!("a store of {who} holds a newer pair of the same login: it exchanged the token"), item)];
    }
    weigh(case, attempts, &mut finding);
    limits(case, &mut finding);
    vec![finding]
}

fn weigh(case: &Case<'_>, attempts: Vec<(When, Item, bool)>, finding: &mut Finding) {
    own::weigh_refusal(case, finding, Confidence::Possible);
    // A turn that failed by it is another record of an attempt that a log tells of.
    let logged = attempts.iter().any(|(_, _, sent)| *sent);
    let times: Vec<When> = attempts.iter().filter(|(_, _, sent)| *sent || !logged).map(|(at, ..)| *at).collect();
    let certain = possession_is_before(case, &times);
    match attempts.into_iter().min_by_key(|(_, _, sent)| !sent) {
        Some((_, item, true)) => finding.point(12, item),
        Some((_, item, false)) => {
            finding.point(6, item);
            finding.cap(Confidence::Possible, "whether the refresh reached the login service is not on record");
        }
        None => {}
    }
    if !certain {
        finding.cap(
            Confidence::Possible,
            "it is not certain that the unanswered refresh lies between the possession of the token and its refusal",
        );
    }
    if let Some(held) = &case.incident.held {
        let says = "no store that was read holds a newer token of this login".to_owned();
        finding.point(6, case.item(ItemKind::Store, None, held.origin, says));
    }
    if let Some(item) = case.at_expiry() {
        finding.point(2, item);
    }
    finding.when = match times.as_slice() {
        [only] => CauseTime { at: Some(*only), after: None, before: None },
        // Any of them may have been the one.
        list => CauseTime { at: None, after: list.first().copied(), before: list.last().copied() },
    };
    finding.would_settle = ABOUT.settles.to_vec();
}

/// Does each attempt lie after the possession of the token and before its refusal, whatever the clocks?
fn possession_is_before(case: &Case<'_>, times: &[When]) -> bool {
    let refused = case.reused().or_else(|| case.refused_unnamed()).map(|f| f.at);
    let inside = |at: &When| {
        let after = own::possession(case).is_some_and(|since| since.surely_before(*at));
        after && refused.is_some_and(|refused| at.surely_before(refused))
    };
    times.iter().any(inside)
}

/// What speaks against it, and what keeps it from being sure.
fn limits(case: &Case<'_>, finding: &mut Finding) {
    for sibling in case.other_programs().filter(|s| s.account != Relation::Different) {
        if let Some(alive) = sibling.alive_after.as_ref().filter(|_| sibling.family == Relation::Same) {
            finding.point(-8, case.success(alive, sibling.client, "worked on after the victim's first failure"));
        } else if let Some(act) = own::rotated(case, sibling) {
            finding.point(-4, case.acted(act));
        } else if case.store(sibling).hidden && sibling.silent.is_none() {
            finding.cap(
                Confidence::Possible,
                "a store on the same account is out of sight (keyring, or left out), and no log of its program covers the time",
            );
        }
    }
    if let Some(revoked) = case.revoked() {
        finding.point(-8, case.failure(revoked));
    }
    if case.incident.held.is_none() {
        finding.cap(Confidence::Possible, "which token was presented is not known: no store among the files held it for certain");
    }
    case.mind_unread(finding);
    finding.cap(Confidence::Likely, "that the unanswered refresh was carried out is inferred from the refusal after it");
}
