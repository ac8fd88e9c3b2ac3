//! `sibling_logout`: another client logged out, and the logout revoked the grant at the server
//! for every holder (Codex does so since April 2026).

use super::{bounds, controls, in_row, lives, versions};
use crate::attribute::case::Case;
use crate::attribute::finding::{Actor, CauseTime, Finding, ItemKind};
use crate::attribute::taken;
use crate::attribute::{About, Confidence, Hypothesis, RootCause};
use crate::correlate::{Act, ActKind, Relation, Sibling, SuccessSeen};

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::SiblingLogout, about: ABOUT, test };

const ABOUT: About = About {
    line: "Another client logged out, which revoked the login for every program that held it.",
    means: "Since April 2026 `codex logout` tells the server to revoke the login. Every store that descends from the same login \
            dies with it, on this machine and on others.",
    needs: &[
        "the server says that the token or session was revoked: the access token before its own end, or the refresh token",
        "a logout between the victim's last success and its first failure; where a refresh was told of the end, since the victim \
         came to hold its refresh token",
    ],
    supports: &["all other holders die together", "the token file of the other client is gone"],
    excludes: &[
        "the other client goes on with the old session",
        "the logout concerns another account or another login",
        "the version of Codex at work then revoked nothing at logout",
        "the victim worked again with the same access token",
    ],
    controls: &[
        "all other holders of the login die together",
        "another holder goes on with the older session: then the logout did not end it",
        "a logout of a login that had ended by then, as its own client had been told, tidies up and ended nothing",
    ],
    timeline: "logout → the next request of each holder fails, within seconds to minutes if it is active",
    versions: &[
        "Codex revokes at the server on logout since April 2026 (seen in 0.130.0 and 0.169.0); 0.23.0 and 0.98.0 revoked nothing",
    ],
    repairs: &["log in again in each client, one at a time, and check the others after each"],
    dos: &["give each client its own login"],
    donts: &["do not use logout to clean up a shared login"],
    settles: &[
        "shell history or client logs of the minutes before the first failure",
        "the other client's auth.json, or the fact that it is gone",
    ],
};

fn test(case: &Case<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = case.others().map(|sibling| of(case, sibling)).collect();
    if findings.is_empty() {
        findings.push(Finding::new(RootCause::SiblingLogout, None).out("no store of another client was among the files", None));
    }
    findings
}

fn of(case: &Case<'_>, sibling: &Sibling) -> Finding {
    let actor = Actor { client: sibling.client, store: Some(sibling.store) };
    let mut finding = Finding::new(RootCause::SiblingLogout, Some(actor));
    let who = case.who(sibling);
    let Some(revoked) = case.revoked() else {
        return finding.out("the server did not say that the login was revoked", None);
    };
    if let Some((why, item)) = case.not_ended() {
        return finding.out(why, item);
    }
    if sibling.account == Relation::Different {
        return finding.out(format!("{who} uses another account"), controls::named(case, sibling));
    }
    finding.limits.extend(controls::named(case, sibling));
    let logouts = || sibling.endings.iter().map(|&i| case.act(i)).filter(|a| a.kind == ActKind::Logout);
    let logged = logouts().find(|act| controls::barred(case, sibling, act).is_none());
    if let (Some((why, item)), None) = (logouts().next_back().and_then(|act| controls::barred(case, sibling, act)), logged) {
        return finding.out(why, Some(item));
    }
    let gone = case.store_is_gone(sibling);
    if logged.is_none() && !gone {
        return finding.out(format!("no logout of {who} is on record in the interval"), None);
    }
    if let Some((why, item)) = lives::lives_on(case, &mut finding) {
        return finding.out(why, Some(item));
    }
    let at = logged.map_or(case.incident.first, |act| act.at);
    if let Some(harmless) = versions::harmless_logout(case, case.store(sibling), at) {
        return finding.out(harmless.why, harmless.items.into_iter().next());
    }
    if let Some((tier, because, build)) = versions::of_logout(case, case.store(sibling), at) {
        finding.limit(tier, because, build);
    }
    finding.point(12, case.failure(revoked));
    ended(case, sibling, logged, &mut finding);
    let fellow =
        case.incident.siblings.iter().find(|s| s.store != sibling.store && s.family == Relation::Same && s.failing.is_some());
    // That a fellow was refused as well says that the login ended, not by whose hand.
    if fellow.is_none() && logged.is_none() {
        finding.cap(Confidence::Undetermined, "a token file that is not among the files may just have been left out of them");
    }
    if let Some((fellow, origin)) = fellow.and_then(|s| Some((s, s.failing?))) {
        let says = format!("{}, on the same login, was refused at about the same time", fellow.client.title());
        finding.point(3, case.item(ItemKind::Control, None, origin, says));
    }
    let new = |alive: &&SuccessSeen| logged.is_some_and(|act| in_row::logged_in_since(case, sibling, act, alive));
    if let Some(alive) = sibling.alive_after.as_ref().filter(|alive| !new(alive)) {
        finding.point(-8, case.success(alive, sibling.client, "worked on after the victim's first failure"));
    }
    controls::mind_adoption(case, &mut finding);
    controls::mind_others(case, &mut finding);
    if case.may_have_passed() {
        finding.cap(Confidence::Undetermined, "the victim worked again, and whether its credential had changed is not known");
    }
    if !case.same_account(sibling) {
        finding.cap(Confidence::Possible, "the account of one of the two stores is not known");
    }
    finding.would_settle = ABOUT.settles.to_vec();
    controls::mind_own_ending(case, &mut finding);
    lives::mind_elsewhere(case, &mut finding);
    finding
}

fn ended(case: &Case<'_>, sibling: &Sibling, logged: Option<&Act>, finding: &mut Finding) {
    let who = case.who(sibling);
    match logged {
        Some(act) => {
            finding.point(12, case.acted(act));
            controls::mind_doubts(case, sibling, act, finding);
            in_row::mind_earlier(case, sibling, act, finding);
            finding.when = CauseTime { at: Some(act.at), after: None, before: None };
        }
        None => {
            let because = "the logout itself is not on record: the token file is gone, which a keyring explains too, or is not among \
                           the files";
            finding.cap(Confidence::Possible, because);
            finding.when = CauseTime { at: None, after: bounds::since(case), before: Some(case.incident.first) };
        }
    }
    let emptied = logged.is_some_and(|act| controls::emptied(case, sibling, act).is_some());
    if let (Relation::Same, Some(held), false) = (sibling.family, controls::shared(case, sibling), emptied) {
        let gone = if logged.is_none() { ", and its token file is gone" } else { "" };
        let says = format!("{who} held a credential of the same login{gone}");
        let points = if logged.is_some() || case.is_about(sibling) { 8 } else { 0 };
        finding.point(points, case.item(ItemKind::SharedLogin, None, held.origin, says));
        if let (None, Some(ran)) = (logged, case.last_ran(sibling)) {
            finding.point(0, ran);
        }
    } else {
        untold_kin(case, sibling, emptied, finding);
    }
}

/// No two tokens say that the victim's login was the one that was ended: where nothing else ties the two, that the one
/// failed after the other is no more than a sequence.
fn untold_kin(case: &Case<'_>, sibling: &Sibling, emptied: bool, finding: &mut Finding) {
    let tie = taken::at_all(case, sibling).filter(|_| !emptied);
    if tie.is_none() && sibling.family == Relation::Unknown {
        let because = "nothing ties the victim's login to the one that was logged out: the two may always have been separate";
        controls::mind_untied(case, sibling, because, finding);
    }
    tie.into_iter().for_each(|item| finding.point(6, item));
    finding.cap(Confidence::Likely, "whether the two share a login session cannot be read from these files");
}
