//! `refresh_token_expired_idle`: nobody used or renewed the login for so long that the refresh token itself
//! ran out.
//!
//! The code alone says that the token expired, not that it lay idle: how long it did is computed from the
//! last success and from the last renewal in the family, and where neither is known the verdict stays low.
//! That no turn is on record says something only where turns of the time before are: else the login may have
//! been in use until its access token ended, and only from then on does the store itself show that nobody
//! renewed it. No public report pins this cause with dates, so that its prior is low too.

use crate::attribute::case::Case;
use crate::attribute::finding::{CauseTime, Finding, Item, ItemKind};
use crate::attribute::times::day;
use crate::attribute::{About, Confidence, Hypothesis, RootCause};
use crate::correlate::{Held, Relation, Sign, SignKind, When};
use crate::event::{ErrorClass, Origin};
use crate::time;

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::RefreshTokenExpiredIdle, about: ABOUT, test };

const ABOUT: About = About {
    line: "The refresh token itself ran out after the login had lain idle.",
    means: "A refresh token has a lifetime of its own, which every refresh begins anew. Nobody worked with this login or refreshed it \
            for so long that the token ended; the first use after that is refused. Nobody spent it and nobody revoked it.",
    needs: &["the token endpoint said `refresh_token_expired`", "no success and no refresh of that login for days before"],
    supports: &["the access token had ended long before, and nobody refreshed it", "a new login cures it"],
    excludes: &[
        "a refresh of the same login, or a success, shortly before",
        "the refresh token was refused as already used",
        "the same refresh token was exchanged later",
    ],
    controls: &["another client's refreshes are of a login of its own: they neither shorten nor prolong this one"],
    timeline: "last use → weeks without any → first use: the access token has ended, and the refresh is refused as expired",
    versions: &["Codex up to 0.150 logs the code, 0.169 only the sentence in the turn's error"],
    repairs: &["log in again in the failing client"],
    dos: &[],
    donts: &["do not name another client: a token that ran out was not spent by anybody", "do not copy another client's login"],
    settles: &[
        "the failing client's last successful turn before this, and its store of that time",
        "the raw answer of the token endpoint, with its code",
    ],
};

/// Less than this since the last use or renewal is not idleness: clients renew once in ten days at most.
const SHORT_MS: i64 = 2 * 24 * 60 * 60_000;
/// Life of an access token where its own claims do not say: ten days, as commonly seen in 2026.
const LIFE_MS: i64 = 10 * 24 * 60 * 60_000;

fn test(case: &Case<'_>) -> Vec<Finding> {
    let mut finding = Finding::new(RootCause::RefreshTokenExpiredIdle, None);
    if let Some(reused) = case.reused() {
        return vec![finding.out("the refresh token was refused as already used, not as expired", Some(case.failure(reused)))];
    }
    let Some(expired) = case.incident.first_of(ErrorClass::RefreshTokenExpired) else {
        return vec![case.lacks_refusal(finding, "no refresh was refused because the refresh token had expired")];
    };
    if let Some((_, item)) = case.not_spent() {
        return vec![finding.out("the same refresh token was exchanged later: it had not expired", Some(item))];
    }
    if let Some(why) = lately(case) {
        return vec![finding.out(why.0, Some(case.item(ItemKind::Control, Some(why.1), why.2, why.3)))];
    }
    finding.point(12, case.failure(expired));
    finding.stated_outright = true;
    idleness(case, &mut finding);
    let ended = |c| matches!(c, ErrorClass::RefreshTokenInvalidated | ErrorClass::SessionTerminated);
    if let Some(other) = case.incident.first_where(ended) {
        finding.point(-8, case.failure(other));
        finding.cap(Confidence::Possible, "the token endpoint called the login ended as well");
    }
    let in_use = in_use_elsewhere(case);
    if !in_use.is_empty() {
        finding.cap(Confidence::Possible, "another holder of the same login had it in use");
        finding.limits.extend(in_use);
    }
    let untold = |s: &crate::correlate::Sibling| s.family == Relation::Unknown && s.account != Relation::Different;
    if case.incident.siblings.iter().any(|s| untold(s) && case.may_have_spent(s).is_some()) {
        finding.cap(Confidence::Possible, "another store was renewed meanwhile, and whether it is of the same login is not known");
    }
    finding.cap(Confidence::Likely, "how long the login service lets a refresh token lie is not documented");
    finding.would_settle = ABOUT.settles.to_vec();
    vec![finding]
}

/// Since when nobody used or renewed the login, as far as that is known: the latest sign.
fn idle_since(case: &Case<'_>) -> Option<(When, Origin)> {
    let held = case.incident.held.as_ref().and_then(|held| Some((renewed(held)?, held.origin)));
    let good = case.incident.last_good.map(|good| (good.at, good.origin));
    held.into_iter().chain(good).max_by_key(|(at, _)| at.ms)
}

/// When a credential was minted; a file time says only when the file was written.
fn renewed(held: &Held) -> Option<When> {
    held.issued_at.or(held.since.filter(|_| !held.dated_by_file))
}

/// A sign that the login was in use shortly before, and why that rules idleness out.
fn lately(case: &Case<'_>) -> Option<(&'static str, When, Origin, String)> {
    let first = case.incident.first;
    let short = |at: When| first.hi.saturating_sub(at.lo) < SHORT_MS;
    let of_family = case.incident.siblings.iter().filter(|s| s.family == Relation::Same);
    let renewals = of_family.flat_map(|s| [s.first_rotation, s.last_rotation]).flatten().map(|index| case.act(index));
    if let Some(act) = renewals.filter(|act| short(act.at)).max_by_key(|act| act.at.ms) {
        let says = format!("{} renewed the same login at {}", act.client.title(), day(act.at));
        return Some(("the same login was renewed shortly before: it did not lie idle", act.at, act.origin, says));
    }
    let (at, origin) = idle_since(case).filter(|(at, _)| short(*at))?;
    let who = case.incident.victim.client.title();
    let says = format!("{who} had used or renewed this login {} before the refusal", time::span(first.ms.saturating_sub(at.ms)));
    Some(("the login was in use shortly before: it did not lie idle", at, origin, says))
}

/// How long an access token of the login lives, in ms.
fn life(case: &Case<'_>) -> i64 {
    let life = case.incident.held.as_ref().and_then(|held| Some(held.expires_at?.ms.saturating_sub(held.issued_at?.ms)));
    life.filter(|life| *life > 0).unwrap_or(LIFE_MS)
}

fn plus(at: When, ms: i64) -> When {
    When { ms: at.ms.saturating_add(ms), lo: at.lo.saturating_add(ms), hi: at.hi.saturating_add(ms), ..at }
}

/// Signs that another holder worked with the same login, or had a newer token of it, when this one's refresh
/// token is said to have run out from idleness, or since: the last one, and the token that shows whose login it
/// worked with.
fn in_use_elsewhere(case: &Case<'_>) -> Vec<Item> {
    let (first, own) = (case.incident.first, case.incident.victim.store);
    let from = first.lo.saturating_sub(life(case));
    let Some(known) = case.incident.held.as_ref().and_then(|held| case.known.lives.of_login(held)) else { return Vec::new() };
    let others = || known.alive().filter(|sign| Some(sign.store) != own);
    let Some(last) = others().filter(|sign| sign.at.hi >= from).max_by_key(|sign| (sign.at.ms, sign.origin)) else {
        return Vec::new();
    };
    let issued = |sign: &&Sign| sign.store == last.store && sign.origin != last.origin && matches!(sign.kind, SignKind::Issued);
    let says = |sign: &Sign| {
        let who = case.known.stores.get(sign.store)?.client.title();
        let (kind, says) = match sign.kind {
            SignKind::Answered { .. } => (ItemKind::Control, format!("{who} worked with the same login at {}", day(sign.at))),
            SignKind::Issued => (ItemKind::Store, format!("{who} holds a token of the same login from {}", day(sign.at))),
        };
        Some(case.item(kind, Some(sign.at), sign.origin, says))
    };
    std::iter::once(last).chain(others().filter(issued)).filter_map(says).collect()
}

/// How long it lay, and what that is worth.
fn idleness(case: &Case<'_>, finding: &mut Finding) {
    let (first, who) = (case.incident.first, case.incident.victim.client.title());
    finding.when = CauseTime { at: None, after: None, before: Some(first) };
    let Some((since, origin)) = idle_since(case) else {
        finding.cap(Confidence::Possible, "how long the login had lain idle is not known");
        return;
    };
    let held = case.incident.held.as_ref();
    let life = life(case);
    // Without a turn of the time before, it may have been at work until its access token ended.
    let unseen = || held.and_then(|held| Some(held.expires_at.unwrap_or(plus(held.issued_at.or(held.since)?, life))));
    let lay_from = match case.incident.last_good {
        Some(_) => since,
        None => unseen().filter(|end| end.ms > since.ms).unwrap_or(since),
    };
    finding.when.after = Some(since);
    let idle = first.lo.saturating_sub(lay_from.hi).max(0);
    let says = match case.incident.last_good {
        Some(_) => format!("{who}: no success and no renewal of this login for {} before the refusal", time::span(idle)),
        None => {
            format!("{who}: no renewal of this login though its access token had ended {} before the refusal", time::span(idle))
        }
    };
    // The store shows that nothing renewed it, wherever the last success stands.
    let item = case.item(ItemKind::Store, Some(since), held.map_or(origin, |held| held.origin), says);
    if idle < life {
        finding.point(4, item);
        finding.cap(Confidence::Possible, "for as long as an access token lives, it is not known to have lain idle");
    } else {
        finding.point(8, item);
    }
    if case.incident.held.is_none() {
        finding.cap(Confidence::Possible, "which refresh token was presented, and since when it was held, is not known");
    }
}
