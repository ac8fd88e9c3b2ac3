//! `server_revocation`: the server ended the session, and nothing that was read explains it.
//!
//! Named only in the absence of local acts, so it never rises above `likely`: what was not read
//! cannot be excluded.

use super::{controls, lives, untold, versions};
use crate::attribute::case::Case;
use crate::attribute::finding::{CauseTime, Finding, ItemKind};
use crate::attribute::{About, Confidence, Hypothesis, RootCause};
use crate::correlate::{Act, ActKind, Incident, Relation, Sibling};
use crate::event::ErrorClass;

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::ServerRevocation, about: ABOUT, test };

const ABOUT: About = About {
    line: "The server ended the session; which act triggered it cannot be seen in these files.",
    means: "The access token was refused as invalidated or revoked before its own end, and no login, logout or rotation by \
            another holder of the account that is known to explain it is on record. The trigger lies outside these files, as far as they tell: a risk engine, a workspace policy, a password change, a logout elsewhere.",
    needs: &["a revocation code before the token's own end", "no local login, logout or rotation in the interval"],
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
/// A session policy of a day ends a session at the next use after that day, or a little before.
const LONG_DAY_MS: i64 = 26 * HOUR_MS;
const SHORT_DAY_MS: i64 = 22 * HOUR_MS;

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
    kinds(case, &mut finding);
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
    for login in case.own_others().filter_map(|s| s.endings.first()).map(|&index| case.act(index)).take(1) {
        finding.point(-12, case.acted(login));
        finding.cap(Confidence::Possible, "another login in the same program came right before, and may have ended this one");
    }
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

/// Which kind of revocation the files show, in words: the contract has one cause for all.
fn kinds(case: &Case<'_>, finding: &mut Finding) {
    if case.incident.elsewhere.other_account.is_some() {
        finding.remarks.push(
            "kind `mass`: unrelated accounts were refused alike within the hour, so it is not about this account alone".to_owned(),
        );
    }
    let row = in_row(case);
    let gaps: Vec<i64> = row.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();
    if gaps.len() >= 2 && gaps.iter().all(|gap| (SHORT_DAY_MS..=LONG_DAY_MS).contains(gap)) {
        finding.remarks.push(format!(
            "kind `workspace_policy`: {} times in a row this client was shut out about 24 hours after the time before, as a session policy \
             of a workspace or account does",
            row.len()
        ));
    } else if gaps.len() >= 2 && gaps.iter().all(|gap| *gap <= HOUR_MS) {
        finding.remarks.push(format!(
            "kind `risk`: {} times in a row this client was shut out, each time within an hour of the time before, as the provider's risk \
             checks do; look for a request to verify the account",
            row.len()
        ));
    }
}

/// When this client was shut out, this time and the times right before and after, as far as each came within
/// a good day of the next.
fn in_row(case: &Case<'_>) -> Vec<i64> {
    /// Incidents that are looked at on either side.
    const MOST: usize = 256;
    let (all, first, victim) = (&case.known.incidents, case.incident.first.ms, &case.incident.victim);
    let alike = |i: &&Incident| {
        let same = i.victim.client == victim.client && i.victim.home == victim.home;
        same && i.first_where(ErrorClass::is_revocation).is_some()
    };
    let chained = |times: &mut dyn Iterator<Item = i64>| {
        let mut row: Vec<i64> = Vec::new();
        row.extend(times.scan(first, |last, at| {
            let near = at.abs_diff(*last) <= LONG_DAY_MS.unsigned_abs();
            *last = at;
            near.then_some(at)
        }));
        row
    };
    let (before, since) = all.split_at(all.partition_point(|i| i.first.ms < first));
    let mut row = chained(&mut before.iter().rev().take(MOST).filter(alike).map(|i| i.first.ms));
    row.reverse();
    row.extend(chained(&mut since.iter().take(MOST).filter(alike).map(|i| i.first.ms)));
    row
}
