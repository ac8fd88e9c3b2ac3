//! `server_revocation`: the server ended the session, and nothing that was read explains it.
//!
//! Named only in the absence of local acts, so it never rises above `likely`: what was not read
//! cannot be excluded.

use crate::attribute::case::Case;
use crate::attribute::finding::{CauseTime, Finding, ItemKind};
use crate::attribute::{About, Confidence, Hypothesis, RootCause};
use crate::correlate::Relation;
use crate::event::ErrorClass;

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::ServerRevocation, about: ABOUT, test };

const ABOUT: About = About {
    line: "The server ended the session; which act triggered it cannot be seen in these files.",
    means: "The access token was refused as invalidated or revoked before its own end, and no login, logout or rotation by \
            another holder of the account that is known to explain it is on record. The trigger lies outside these files, as far as they tell: a risk engine, a workspace policy, a password change, a logout elsewhere.",
    needs: &["a revocation code before the token's own end", "no local login, logout or rotation in the interval"],
    supports: &["tokens unchanged from login to failure", "many accounts in the same hour", "a fixed period, such as 24 hours"],
    excludes: &["any local act in the interval", "the refresh token was refused as already used"],
    controls: &[
        "unrelated accounts refused alike in the same hour: a mass revocation",
        "another holder of the same session goes on working: then it was not ended",
    ],
    timeline: "login → works for hours or days → refused without a local cause",
    versions: &["mass revocations were reported in June 2026; workspace policies with a period of about a day in August 2026"],
    repairs: &["sign in again in the failing client"],
    dos: &[
        "look at the account's active sessions and security events, and ask the workspace's administrator about session policies",
        "keep the evidence: the provider can look up the request ids",
    ],
    donts: &["do not name another client: nothing here shows one", "do not change the client's refresh code because of this"],
    settles: &[
        "the provider's own record of the session",
        "the homes of other programs and machines on this account, to exclude a login or logout there",
    ],
};

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
    finding.point(12, case.failure(revoked));
    standing(case, &mut finding);
    local_acts(case, &mut finding);
    let ended = |c: ErrorClass| matches!(c, ErrorClass::RefreshTokenInvalidated | ErrorClass::SessionTerminated);
    if case.refresh_left_open().is_some() && case.incident.first_where(ended).is_none() {
        finding.cap(Confidence::Possible, "the refresh was not answered: whether the login itself has ended is not known");
    }
    if let Some(expired) = case.incident.first_of(ErrorClass::RefreshTokenExpired) {
        finding.point(-4, case.failure(expired));
        finding.cap(Confidence::Possible, "the token endpoint called the refresh token expired, not revoked");
    }
    if case.refresh_untold().is_some() {
        finding.cap(
            Confidence::Possible,
            "Hermes does not record how the refresh after the 401 was answered: the token may have been used",
        );
    }
    case.mind_unread(&mut finding);
    finding.cap(Confidence::Likely, "a cause outside these files cannot be shown, only inferred");
    finding.when = CauseTime { at: None, after: case.incident.last_good.map(|s| s.at), before: Some(case.incident.first) };
    finding.would_settle = ABOUT.settles.to_vec();
    vec![finding]
}

/// Tokens unchanged, refused before their end.
fn standing(case: &Case<'_>, finding: &mut Finding) {
    let Some(held) = &case.incident.held else {
        finding.cap(Confidence::Possible, "the victim's credential was not among the files");
        return;
    };
    if case.may_have_passed() {
        finding.cap(Confidence::Possible, "the victim worked again, and whether its credential had changed is not known");
    }
    let who = case.incident.victim.client.title();
    let before_end = held.expires_at.is_none_or(|end| case.incident.first.ms < end.ms);
    if before_end {
        finding.point(6, case.possession(held));
    } else {
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

/// What other holders of the account did in the interval.
fn local_acts(case: &Case<'_>, finding: &mut Finding) {
    for sibling in case.others().filter(|s| s.account != Relation::Different) {
        if let Some(&index) = sibling.endings.first() {
            finding.point(-12, case.acted(case.act(index)));
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
    if let Some(origin) = case.incident.elsewhere.other_account {
        let says = "unrelated accounts were refused in the same way at the same time".to_owned();
        finding.point(6, case.item(ItemKind::Control, None, origin, says));
    }
}
