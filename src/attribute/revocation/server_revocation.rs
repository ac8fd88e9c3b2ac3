//! `server_revocation`: the server ended the session, and nothing that was read explains it.
//!
//! Named only in the absence of local acts, so it never rises above `likely`: what was not read
//! cannot be excluded.

use super::{bounds, controls, kinds, lives, untold, versions};
use crate::attribute::case::Case;
use crate::attribute::finding::{CauseTime, Finding, ItemKind};
use crate::attribute::{About, Confidence, Hypothesis, RootCause};
use crate::correlate::{Act, ActKind, Relation, Sibling};
use crate::event::ErrorClass;

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::ServerRevocation, about: ABOUT, test };

const ABOUT: About = About {
    line: "The server ended the session; which act triggered it cannot be seen in these files.",
    means: "The login was refused as invalidated or revoked, at a call before its access token's own end or at a refresh, and no \
            login, logout or rotation by another holder of the account that is known to explain it is on record. The trigger \
            lies outside these files, as far as they tell: a risk engine, a workspace policy, a password change, a logout \
            elsewhere.",
    needs: &[
        "a revocation code: at a call, before the access token's own end, or for the refresh token",
        "no local login, logout or rotation since what was refused is last known to have lived",
    ],
    supports: &["tokens unchanged from login to failure", "many accounts in the same hour", "a fixed period, such as 24 hours"],
    excludes: &[
        "any local act in the interval",
        "the refresh token was refused as already used",
        "another holder of the same session goes on working",
        "the login had never worked: a new login that is refused is a matter of its own",
    ],
    controls: &[
        "unrelated accounts refused alike in the same hour: a mass revocation",
        "another holder of the same session goes on working: then it was not ended",
    ],
    timeline: "login → works for hours or days → refused without a local cause",
    versions: &["mass revocations were reported in June 2026; workspace policies with a period of about a day in August 2026"],
    repairs: &["log in again in the failing client"],
    dos: &[
        "look at the account's active sessions and security events, and ask the workspace's administrator about session policies",
        "keep the evidence: the provider can look up the request ids",
    ],
    donts: &[
        "do not name another client: nothing here shows that one did it",
        "do not change the client's refresh code because of this",
    ],
    settles: &[
        "the provider's own record of the session",
        "the homes of other programs and machines on this account, to exclude a login or logout there",
    ],
};

/// An hour in ms.
const HOUR_MS: i64 = 60 * 60_000;

fn test(case: &Case<'_>) -> Vec<Finding> {
    let mut finding = Finding::new(RootCause::ServerRevocation, None);
    let Some(revoked) = case.revoked() else {
        return vec![case.lacks_refusal(finding, "the server did not say that the login was revoked")];
    };
    if let Some(reused) = case.reused() {
        return vec![finding.out(
            "the refresh token was refused as already used, which a revocation alone does not explain",
            Some(case.failure(reused)),
        )];
    }
    if let Some((why, item)) = case.not_ended() {
        return vec![finding.out(why, item)];
    }
    if let Some((why, item)) = lives::lives_on(case, &mut finding) {
        return vec![finding.out(why, Some(item))];
    }
    if let Some(login) = case.unproved_login().filter(|login| case.incident.first.ms.saturating_sub(login.at.ms) <= HOUR_MS) {
        return vec![finding.out("the login had never worked: it was refused at its first use", Some(case.acted(login)))];
    }
    finding.point(12, case.failure(revoked));
    standing(case, &mut finding);
    local_acts(case, &mut finding);
    untold::mind(case, &mut finding);
    controls::mind_own_ending(case, &mut finding);
    controls::mind_adoption(case, &mut finding);
    kinds::name(case, &mut finding);
    let ended = |c: ErrorClass| matches!(c, ErrorClass::RefreshTokenInvalidated | ErrorClass::SessionTerminated);
    if case.refresh_left_open().is_some() && case.incident.first_where(ended).is_none() {
        finding.cap(Confidence::Possible, "the refresh was not answered: whether the login itself has ended is not known");
    }
    if let Some(expired) = case.incident.first_of(ErrorClass::RefreshTokenExpired) {
        finding.point(-4, case.failure(expired));
        finding.cap(Confidence::Possible, "the token endpoint called the refresh token expired, not revoked");
    }
    mind_untold_refresh(case, &mut finding);
    bounds::cite_others(case, &mut finding);
    case.mind_unread(&mut finding);
    finding.cap(Confidence::Likely, "a cause outside these files cannot be shown, only inferred");
    finding.when = CauseTime { at: None, after: bounds::since(case), before: Some(case.incident.first) };
    finding.would_settle = ABOUT.settles.to_vec();
    lives::mind_elsewhere(case, &mut finding);
    vec![finding]
}

/// Tokens unchanged, refused before their end.
fn standing(case: &Case<'_>, finding: &mut Finding) {
    let Some(held) = &case.incident.held else {
        finding.cap(Confidence::Possible, "which credential the victim held then is not known");
        return;
    };
    if case.may_have_passed() {
        finding.cap(Confidence::Possible, "the victim worked again, and whether its credential had changed is not known");
    }
    let who = case.incident.victim.client.title();
    let before_end = held.expires_at.is_none_or(|end| case.incident.first.ms < end.ms);
    if before_end {
        finding.point(6, case.possession(held));
    } else if case.incident.refused_refresh().is_none() {
        // That a refresh comes when the access token has ended is in order.
        let says = format!("{who} access token had ended before the failure");
        finding.point(-6, case.item(ItemKind::Store, held.expires_at, held.origin, says));
    }
    let later = case
        .incident
        .own_acts
        .iter()
        .map(|&i| case.act(i))
        .find(|a| a.is_rotation() && a.at.ms >= case.incident.first.ms && a.at.ms <= case.incident.last.ms);
    if let Some(act) = later {
        finding.point(4, case.acted(act));
    }
    let ended = |c: ErrorClass| matches!(c, ErrorClass::RefreshTokenInvalidated | ErrorClass::SessionTerminated);
    if let Some(f) = case.incident.first_where(ended) {
        finding.point(4, case.failure(f));
    }
}

/// Where the answer to the refresh after the 401 is not on record, it may have been that the token had been used:
/// unless more than this login shows that the server was at work.
fn mind_untold_refresh(case: &Case<'_>, finding: &mut Finding) {
    if case.refresh_untold().is_none() {
        return;
    }
    let shown = kinds::shown(case);
    if shown.is_empty() {
        let because = "Hermes does not record how the refresh after the 401 was answered: the token may have been used";
        finding.cap(Confidence::Possible, because);
    }
    shown.into_iter().for_each(|item| finding.point(0, item));
}

/// What other holders of the account did in the interval.
fn local_acts(case: &Case<'_>, finding: &mut Finding) {
    for sibling in case.others().filter(|s| s.account != Relation::Different) {
        if let Some(act) = effective(case, sibling, finding) {
            let separate = sibling.family == Relation::Different && act.kind == ActKind::Logout;
            let doubtful = separate || controls::is_doubtful(case, sibling, act);
            finding.point(if doubtful { -6 } else { -12 }, case.acted(act));
            if separate {
                finding.cap(Confidence::Possible, "another login of the account was logged out right before");
            }
        } else if let (Some(index), true) = (sibling.first_rotation, sibling.family == Relation::Same) {
            finding.point(-6, case.acted(case.act(index)));
        } else if let (Some(index), Relation::Unknown, true) = (sibling.first_rotation, sibling.family, case.same_account(sibling))
        {
            // It may have been a rotation of this login, or a login of its own.
            finding.point(-3, case.acted(case.act(index)));
        } else if let (Some(held), true) = (case.store(sibling).newest(), case.store_is_gone(sibling)) {
            let says = format!("the token file of {}, on the same login, is gone", sibling.client.title());
            finding.point(-6, case.item(ItemKind::Store, None, held.origin, says));
        }
    }
    own_acts(case, finding);
    changes_of_account(case, finding);
    if let Some(replay) = case.incident.replay.as_ref().filter(|replay| Some(replay.store) != case.incident.victim.store) {
        let who = case.known.stores.get(replay.store).map_or("another holder", |store| store.client.title());
        let says = format!("{who}, on the same login, had presented a refresh token that was refused as already used");
        finding.point(-10, case.item(ItemKind::Refusal, Some(replay.at), replay.origin, says));
    }
    if let Some(origin) = case.incident.elsewhere.other_account {
        let says = "unrelated accounts were refused in the same way at the same time".to_owned();
        finding.point(6, case.item(ItemKind::Control, None, origin, says));
    }
}

/// What other homes of the victim's own program did: they may hold its login as well, and nothing stands for them as
/// a cause of their own.
fn own_acts(case: &Case<'_>, finding: &mut Finding) {
    let may_be_its = |s: &&Sibling| s.account != Relation::Different;
    let able = |s: &Sibling| {
        let acts = s.endings.iter().map(|&index| case.act(index));
        acts.into_iter().find(|act| versions::harmless(case, case.store(s), act).is_none())
    };
    if let Some(act) = case.own_others().filter(may_be_its).find_map(able) {
        finding.point(-12, case.acted(act));
        let because = "another login in the same program came right before, and may have ended this one";
        let logout = "another home of the same program was logged out right before, which may have ended this login";
        finding.cap(Confidence::Possible, if act.kind == ActKind::Logout { logout } else { because });
    }
    let gone = case.own_others().find(|s| case.store_is_gone(s));
    if let Some((sibling, held)) = gone.and_then(|s| Some((s, case.store(s).newest()?))) {
        let says = format!("the token file of another home of {}, on the same login, is gone", sibling.client.title());
        finding.point(-6, case.item(ItemKind::Store, None, held.origin, says));
        finding.cap(Confidence::Possible, "another home of the same program lost its token file, perhaps by a logout");
    }
}

/// A home that is on another account now, and may have come to it by giving up the victim's login in that time.
fn changes_of_account(case: &Case<'_>, finding: &mut Finding) {
    let moved = case.incident.siblings.iter().filter(|s| s.account == Relation::Different);
    let change = moved.into_iter().find_map(|s| {
        let able = |act: &&Act| versions::revokes(case, case.store(s), act) && controls::barred(case, s, act).is_none();
        let acts = s.endings.iter().map(|&index| case.act(index));
        acts.into_iter().filter(able).find(|act| controls::may_change_account(case, s, act))
    });
    if let Some(act) = change {
        let because = "a home that is on another account now logged in or out right before: it may have given this login up then";
        finding.limit(Confidence::Possible, because, Some(case.acted(act)));
    }
}

/// A login or logout of the sibling that may have ended the victim's login. What shows of the others that they
/// cannot have done so carries the verdict as well, and is cited.
fn effective<'a>(case: &Case<'a>, sibling: &Sibling, finding: &mut Finding) -> Option<&'a Act> {
    let is_start = |act: &&Act| matches!(act.kind, ActKind::LoginBegun { .. });
    let all = || sibling.endings.iter().map(|&index| case.act(index));
    // A login stands for its start, where it can have done it itself.
    for act in all().filter(|act| !is_start(act)).chain(all().filter(is_start)) {
        let unlike = controls::barred(case, sibling, act).map(|(_, item)| item);
        // One reason is enough.
        let harmless = || versions::harmless(case, case.store(sibling), act).map(|harmless| harmless.items);
        let harmless = if unlike.is_none() { harmless() } else { None };
        if unlike.is_none() && harmless.is_none() {
            return Some(act);
        }
        unlike.into_iter().chain(harmless.into_iter().flatten()).for_each(|item| finding.point(0, item));
    }
    None
}
