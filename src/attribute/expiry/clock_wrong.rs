//! `clock_wrong`: the machine's clock was off by more than its client allows for, so that the client took a
//! token that had ended for a good one, or a good one for one that had ended.
//!
//! Clients renew an access token shortly before its end, by the machine's clock: Hermes and Codex 0.169 two
//! minutes before it, OpenClaw 2026.5 and Codex of May 2026 five. OpenClaw does so at no other time, also
//! when a call is refused (2026.5.7), so that a clock that is behind has it send an ended token until the
//! clock comes near the end. No case is known from the field, which keeps this below what a rare thing
//! would reach by its points.

use crate::attribute::case::Case;
use crate::attribute::finding::{CauseTime, Finding, Item, ItemKind};
use crate::attribute::times::{day, off};
use crate::attribute::{About, Confidence, Hypothesis, RootCause};
use crate::correlate::{FailureSeen, Measured};
use crate::event::{Client, ErrorClass};
use crate::time;

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::ClockWrong, about: ABOUT, test };

const ABOUT: About = About {
    line: "The machine's clock was wrong, and its client misjudged when a token had ended.",
    means: "Clients decide by the machine's clock when an access token is due to be refreshed. This one was off by more than they \
            allow for: a token that had ended was still sent, or one that was good was taken for ended. Nobody spent or revoked \
            anything.",
    needs: &[
        "two rotations in a row whose `last_refresh` and `iat` are apart by the same, and by more than the client's allowance",
        "a token called expired whose end lies on one side of the failure by the machine's clock, on the other by the login service's",
    ],
    supports: &["refreshes in a row, each long before its token's end", "it begins when the machine wakes up or its clock is set"],
    excludes: &[
        "`last_refresh` and `iat` within seconds of each other",
        "a difference within the client's allowance: two minutes for Hermes and newer Codex, five for OpenClaw",
        "the token's end on the same side of the failure by both clocks",
    ],
    controls: &[
        "other clients of the machine: their stores measure the same clock",
        "the same login on another machine, whose clock is right, works",
    ],
    timeline: "clock is set or stands still → token ends by one clock and not by the other → calls refused as expired, or refreshes \
               in a row → over when the clock is right, or when both clocks agree about the token",
    versions: &[
        "Hermes and Codex 0.169 refresh two minutes before the end, Codex of May 2026 and OpenClaw 2026.5 five minutes before it",
        "OpenClaw 2026.5.7 does not refresh on a refused call",
    ],
    repairs: &["set the clock of the machine (time synchronization), then try again"],
    dos: &["let the machine synchronize its time after it wakes up, virtual machines above all"],
    donts: &["do not log in again for this: the login is good, and a new one meets the same clock"],
    settles: &["the machine's record of time synchronization and of sleep around the first failure"],
};

/// How long before the end of a token its client renews it, in ms, by the machine's clock.
fn allowance(client: Client) -> i64 {
    match client.program() {
        Client::Hermes => 2 * 60_000,
        // The widest of any version.
        _ => 5 * 60_000,
    }
}

fn test(case: &Case<'_>) -> Vec<Finding> {
    let mut finding = Finding::new(RootCause::ClockWrong, None);
    let victim = &case.incident.victim;
    let Some(expired) = case.incident.first_where(|c| matches!(c, ErrorClass::TokenExpired | ErrorClass::RefreshNotValidated))
    else {
        return vec![case.lacks(finding, "no token was called expired")];
    };
    let Some(measured) = case.known.skews.at(expired.at.keeper.host, expired.at.said()) else {
        return vec![finding.out("no rotation on record measures the machine's clock", None)];
    };
    let clock = apart(case, measured);
    if measured.is_in_step() {
        return vec![finding.out("the machine's clock agreed with that of the login service within seconds", Some(clock))];
    }
    if measured.ahead.abs() <= allowance(victim.client) {
        return vec![finding.out("the machine's clock was off by less than the client allows for", Some(clock))];
    }
    let Some(end) = misjudged(case, expired) else {
        return vec![finding.out("the token's own end does not lie between the readings of the two clocks", Some(clock))];
    };
    finding.point(8, case.failure(expired));
    finding.point(8, clock);
    finding.point(6, end);
    if let Some(item) = in_a_row(case) {
        finding.point(4, item);
    }
    if let Some(refused) = case.refresh_refused().filter(|f| f.failure.class != ErrorClass::RefreshNotValidated) {
        finding.point(-12, case.failure(refused));
    }
    finding.cap(Confidence::Likely, "that a clock was wrong is inferred from stamps, and no such case is known from the field");
    finding.when = CauseTime { at: None, after: case.incident.last_good.map(|good| good.at), before: Some(case.incident.first) };
    finding.would_settle = ABOUT.settles.to_vec();
    vec![finding]
}

/// By how much the clock was off, as evidence.
fn apart(case: &Case<'_>, measured: &Measured) -> Item {
    let says = match (measured.is_in_step(), measured.rotations) {
        (true, _) => "a rotation has nearly the same time by the machine's clock and by that of the login service".to_owned(),
        (false, n) => format!("{n} rotations on the machine have its clock {} that of the login service", off(measured.ahead)),
    };
    case.item(ItemKind::Control, None, measured.origin, says)
}

/// The token's end, where one clock has it before the failure and the other after it. By the machine's clock
/// a client goes by the time at which it renews.
fn misjudged(case: &Case<'_>, expired: &FailureSeen) -> Option<Item> {
    let held = case.incident.held.as_ref()?;
    let end = held.expires_at?;
    let (said, truly) = (expired.at.said(), expired.at.ms);
    let late = truly >= end.ms && said < end.ms.saturating_sub(allowance(case.incident.victim.client));
    let early = truly < end.ms && said >= end.ms;
    let who = case.incident.victim.client.title();
    let what = match (late, early) {
        (true, _) => "had ended, and had not by the machine's clock",
        (_, true) => "had not ended, and had by the machine's clock",
        _ => return None,
    };
    let says = format!("{who} access token ends {}: at the first refusal it {what}", day(end));
    Some(case.item(ItemKind::Store, Some(end), held.origin, says))
}

/// Refreshes in a row, each long before its token could have ended.
fn in_a_row(case: &Case<'_>) -> Option<Item> {
    /// No access token of these logins lives for less than an hour.
    const ROW_MS: i64 = 20 * 60_000;
    let own: Vec<_> = case.incident.own_acts.iter().map(|&index| case.act(index)).filter(|act| act.is_rotation()).collect();
    let row = own.windows(3).find(|three| three[2].at.ms.saturating_sub(three[0].at.ms) <= ROW_MS)?;
    let says = format!("{} refreshed three times within {}", case.incident.victim.client.title(), time::span(ROW_MS));
    Some(case.item(ItemKind::Rotation, Some(row[2].at), row[2].origin, says))
}
