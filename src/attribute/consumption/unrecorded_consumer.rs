//! `unrecorded_consumer`: the refresh token was spent, and no store that was read shows by whom.
//!
//! Usage meters, probes, a second machine, a deleted container: all leave nothing here. The
//! verdict names nobody.

use super::out_of_sight::Sign;
use super::{handed, kinds, out_of_sight, own, parted, relogged, rivals, traces};
use crate::attribute::case::Case;
use crate::attribute::finding::{CauseTime, Finding, ItemKind};
use crate::attribute::{About, Confidence, Hypothesis, RootCause, Steps};
use crate::correlate::{Act, Relation, Sibling};

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::UnrecordedConsumer, about: ABOUT, test };

const ABOUT: About = About {
    line: "The refresh token was spent, and nothing that was read says by whom.",
    means: "The token endpoint says that this refresh token was exchanged before. No store among the files holds a newer pair of \
            the same login, so whoever exchanged it left no record here: a usage meter, a health check, a copy on another \
            machine, a container that is gone, or the client itself in a way that was not stored.",
    needs: &["the refresh was refused as already used", "no store that was read holds a newer token of that login"],
    supports: &["stores of other clients on the account were read and are clean"],
    excludes: &[
        "a rotation by another client between possession and failure",
        "a newer token in a store of the same program",
        "a refresh of the client's own that its store does not hold, or a store that was put back",
        "work of the client's own past the end of the pair that its store holds (leaves it possible at most)",
        "a sign that another holder of the very token used it and lost the result (leaves it possible at most)",
    ],
    controls: &[
        "logs of the other clients that cover the time and show no refresh",
        "stores of the other clients that were read and did not change",
    ],
    timeline: "victim obtains the token → somebody exchanges it unseen → the victim's refresh is refused",
    versions: &["usage meters and probes of 2026 redeemed the token and dropped the answer: they leave no newer token anywhere"],
    repairs: &["log in again in the failing client"],
    dos: &[
        "look for other holders of this login: second machines, containers, CI secrets, usage meters, status bar apps",
        "give every other holder a login of its own",
    ],
    donts: &[
        "do not name a client: these files do not show which it was",
        "do not restore an old auth.json: its refresh token is spent",
    ],
    settles: &[
        "the homes of other programs and machines that hold this login",
        "backups or snapshots of the failing store from before the failure",
    ],
};

/// Where the files leave one program out, that is the one to look at first: it may be the consumer, and may not.
const ASK_FIRST: Steps = Steps {
    dos: &[
        "look first at the other holder that the evidence names: get its credential store as it is now, and copies of that from before \
         the failure (backups, snapshots)",
        "give every holder of this login a login of its own",
    ],
    donts: &[
        "do not blame anything yet, neither that holder nor one that is not on record: what would tell is not among the files",
        "do not restore an old auth.json: its refresh token is spent",
    ],
};

/// What shows what a store held before the login that it holds now.
const BEFORE_THE_LOGIN: &str =
    "copies of the other program's credential store from before the login that it holds now (`auth.json.*`, backups, snapshots)";

fn test(case: &Case<'_>) -> Vec<Finding> {
    let mut finding = Finding::new(RootCause::UnrecordedConsumer, None);
    let (reused, untold) = (case.reused(), case.refresh_untold());
    if reused.is_none() && untold.is_none() {
        return vec![case.lacks_refusal(finding, "no refresh was refused as already used")];
    }
    if let Some((why, item)) = case.not_spent() {
        return vec![finding.out(why, Some(item))];
    }
    for sibling in case.incident.siblings.iter().filter(|s| s.account != Relation::Different) {
        let who = case.who(sibling);
        if sibling.renewed.as_ref().is_some_and(|renewed| renewed.replaced) {
            return vec![finding.out(format!("{who} must have rotated in the interval"), None)];
        }
        if let Some(index) = case.may_have_spent(sibling) {
            let who = handed::away(case, sibling).map_or(who, |handed| handed.hand.client.title().to_owned());
            return vec![finding.out(format!("{who} rotated in the interval"), Some(case.acted(case.act(index))))];
        }
        if case.holds_newer(sibling) {
            return vec![finding.out(format!("{who} holds a newer pair of the same login"), None)];
        }
    }
    if let Some(why) = own_doing(case) {
        return vec![finding.out(why, None)];
    }
    let own = rivals::own_rotation(case);
    if let Some((won, true)) = own {
        let who = case.incident.victim.client.title();
        return vec![finding.out(format!("another process of {who} refreshed right before"), Some(case.acted(won)))];
    }
    let Some(reused) = reused else {
        finding.cap(Confidence::Possible, "Hermes does not record how the refresh after the 401 was answered");
        finding.would_settle = ABOUT.settles.to_vec();
        return vec![finding];
    };
    finding.point(6, case.failure(reused));
    match &case.incident.held {
        Some(held) => {
            let says = "no store that was read holds a newer token of this login".to_owned();
            finding.point(6, case.item(ItemKind::Store, None, held.origin, says));
            finding.when = CauseTime { at: None, after: held.since, before: Some(case.incident.first) };
        }
        None => {
            finding
                .cap(Confidence::Possible, "which token was presented is not known: no store among the files held it for certain");
            finding.when = CauseTime { at: None, after: None, before: Some(case.incident.first) };
        }
    }
    if let Some((won, _)) = own {
        finding.point(-6, case.acted(won));
        finding.cap(Confidence::Possible, "the client itself refreshed shortly before, perhaps in another process");
    }
    if let Some((_, item)) = parted::since(case) {
        // What it worked with came of an exchange, and the nearest to make that is the client itself.
        if own::unkept(case).is_some() {
            finding.point(-6, item.clone());
        }
        let because = "the client had worked with another pair since, of which its store shows nothing";
        finding.limit(Confidence::Possible, because, Some(item));
    }
    if let Some((_, item, _)) = own::unanswered(case).into_iter().next() {
        finding.point(-6, item);
        finding.cap(Confidence::Possible, "a refresh of the client's own got no answer, and may have been the one that spent it");
    }
    if let Some(act) = own::logged(case) {
        // The store was changed since, and no longer shows what was refused.
        finding.when.after = Some(act.at).filter(|at| at.is_certain()).or(finding.when.after);
        finding.cap(Confidence::Possible, "the client had refreshed since, and no file shows the pair that was refused");
    }
    own_place(case, &mut finding);
    other_holders(case, &mut finding);
    logs(case, &mut finding);
    if let Some(clean) = case.other_programs().find(|s| is_clean(case, s)) {
        let who = clean.client.title();
        if let Some(held) = case.store(clean).newest() {
            let says = format!("the store of {who} on the same account was read and shows no rotation in the interval");
            finding.point(4, case.item(ItemKind::Store, held.issued_at, held.origin, says));
        }
    }
    if let Some(revoked) = case.revoked() {
        finding.point(-4, case.failure(revoked));
    }
    case.mind_unread(&mut finding);
    finding.cap(Confidence::Likely, "a consumer that left no record cannot be shown, only inferred");
    finding.would_settle.extend(ABOUT.settles);
    vec![finding]
}

/// Why the victim's own program is the one that spent it, where that shows.
fn own_doing(case: &Case<'_>) -> Option<&'static str> {
    if own::replaced(case).is_some() || own::dead_on_arrival(case).is_some() {
        return Some("the token had been exchanged before the client came to use that copy of it");
    }
    if case.own_others().any(|sibling| kinds::lags(case, sibling)) {
        return Some("another entry of the client's own store holds an older pair, which may be the one that was presented");
    }
    let lost = own::write_fault(case).is_some() || own::unstored(case).is_some();
    lost.then_some("the client itself refreshed, and its store does not hold the result")
}

/// Could this store have held the victim's login, and does it show that nothing was done to its own in the
/// interval? One of another login says nothing, whenever that was made, and neither does one that is out of sight.
fn is_clean(case: &Case<'_>, sibling: &Sibling) -> bool {
    let store = case.store(sibling);
    let related = sibling.account == Relation::Same && sibling.family != Relation::Different && sibling.anew.is_none();
    let since = case.incident.held.as_ref().and_then(|h| h.since);
    let inside = |a: &Act| a.at.maybe_before(case.incident.refused) && since.is_none_or(|since| since.maybe_before(a.at));
    let changed = |a: &Act| a.store == Some(sibling.store) && (a.is_rotation() || a.is_login()) && inside(a);
    related && store.live && !store.hidden && traces::of(case, sibling).is_none() && !case.acts().any(changed)
}

/// What is out of view of the victim's own program: the store that was presented, where another one or copies alone
/// were read, and that of another agent, profile or home of it that was at work. Whoever looks for a stranger looks
/// there first.
fn own_place(case: &Case<'_>, finding: &mut Finding) {
    /// What would tell it.
    const OWN: &str = "the live credential store of the failing agent, profile or home itself";
    let victim = &case.incident.victim;
    if let Some((at, origin)) = case.incident.borrowed {
        let says = format!("this agent or profile of {} has no store of its own among the files", victim.client.title());
        finding.would_settle.push(OWN);
        let because = "the store that was read is that of another agent or profile, whose login the failing one may have used";
        finding.limit(Confidence::Possible, because, Some(case.item(ItemKind::Failure, Some(at), origin, says)));
    }
    if victim.store.is_some_and(|id| case.known.stores.get(id).is_some_and(|store| !store.live)) {
        finding.would_settle.push(OWN);
        finding.cap(Confidence::Possible, "of the failing store only copies are among the files: what it held in the end is open");
    }
    if let Some((turn, sign)) = out_of_sight::own_place(case) {
        finding.would_settle.push(out_of_sight::SETTLES);
        // What it had another token from is more likely the exchange in question than a stranger's.
        finding.point(if sign == Sign::Another { -10 } else { -6 }, out_of_sight::at_work(case, turn));
        finding.cap(
            Confidence::Possible,
            "another agent, profile or home of the program was at work, and its store is not among the files",
        );
    }
}

/// Other holders of the very token that may have used it, though their stores do not show that.
fn other_holders(case: &Case<'_>, finding: &mut Finding) {
    for sibling in &case.incident.siblings {
        copies_alone(case, sibling, finding);
        if let Some(trace) = traces::of(case, sibling) {
            finding.steps = Some(ASK_FIRST);
            finding.point(-6, trace.item);
            finding.cap(Confidence::Possible, "another holder of the very token may have used it, and have lost the result");
        } else if traces::is_out_of_view(case, sibling) {
            let says = format!("{} had held the very refresh token", case.who(sibling));
            finding.steps = Some(ASK_FIRST);
            finding.limit(
                Confidence::Possible,
                "what another holder of the very token did with it is out of view: its store holds a login since, or was not read",
                sibling.shared.map(|origin| case.item(ItemKind::SharedToken, None, origin, says)),
            );
        } else if relogged::hides(case, sibling, Confidence::Possible, finding) {
            finding.steps = Some(ASK_FIRST);
            if !finding.would_settle.contains(&BEFORE_THE_LOGIN) {
                finding.would_settle.push(BEFORE_THE_LOGIN);
            }
        } else if let (Some((at, origin)), true) = (sibling.told_used, sibling.shared.is_some()) {
            let says = format!("{}, which held the very token, was told as well that it had been used", case.who(sibling));
            finding.point(2, case.item(ItemKind::Control, Some(at), origin, says));
        }
    }
    if let Some(turn) = out_of_sight::other_program(case) {
        finding.steps = Some(ASK_FIRST);
        finding.would_settle.push("the credential store of the other program that was at work on that machine");
        finding.limit(
            Confidence::Possible,
            "another program was at work on that machine, and its store is not among the files",
            Some(out_of_sight::at_work(case, turn)),
        );
    }
}

/// A store that may be of the victim's login, and of which copies alone were read, while its program was at work:
/// what the store itself holds, and whether that is a newer pair of the login, is out of view.
fn copies_alone(case: &Case<'_>, sibling: &Sibling, finding: &mut Finding) {
    let store = case.store(sibling);
    let related = sibling.account != Relation::Different && sibling.family != Relation::Different;
    if store.live || store.hidden || !related || sibling.silent.is_some() {
        return;
    }
    if let Some(turn) = out_of_sight::of_store(case, sibling) {
        traces::ask_for_live(case, sibling, finding);
        finding.steps = Some(ASK_FIRST);
        let because = "another program was at work with a store of which the files hold copies alone";
        finding.limit(Confidence::Possible, because, Some(out_of_sight::with_copies(case, turn)));
    }
}

/// What the logs of other programs show of the time: silence where they cover it, nothing where they
/// do not.
fn logs(case: &Case<'_>, finding: &mut Finding) {
    for sibling in case.other_programs().filter(|s| s.account != Relation::Different) {
        if let Some(origin) = sibling.silent {
            let who = sibling.client.title();
            let says = format!("the log of {who} covers the time from possession to failure and shows no refresh");
            finding.point(4, case.item(ItemKind::Control, None, origin, says));
        } else if case.store(sibling).hidden {
            finding.cap(
                Confidence::Possible,
                "a store on the same account is out of sight (keyring, or left out), and no log of its program covers the time",
            );
        }
    }
}
