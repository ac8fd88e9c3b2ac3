//! Which kind of revocation by the server the files show, and what shows that it was the server's doing: it ended
//! more than this login, or it ends it by the clock. Apart from `server_revocation`, whose verdict rests on there
//! being no act of anybody: this is what speaks for one of the server.

use crate::attribute::case::Case;
use crate::attribute::finding::{Finding, Item, ItemKind};
use crate::correlate::{Incident, Relation, Sibling, When};
use crate::event::ErrorClass;

/// An hour in ms.
const HOUR_MS: i64 = 60 * 60_000;
/// A session policy of a day ends a session at the next use after that day, or a little before.
const LONG_DAY_MS: i64 = 26 * HOUR_MS;
const SHORT_DAY_MS: i64 = 22 * HOUR_MS;

/// Which kind of revocation the files show, in words: the contract has one cause for all.
pub(super) fn name(case: &Case<'_>, finding: &mut Finding) {
    if case.incident.elsewhere.other_account.is_some() {
        finding.remarks.push(
            "kind `mass`: unrelated accounts were refused alike within the hour, so it is not about this account alone".to_owned(),
        );
    }
    let row: Vec<i64> = in_row(case).iter().map(|i| i.first.ms).collect();
    let gaps: Vec<i64> = row.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();
    if gaps.len() >= 2 && gaps.iter().all(|gap| is_a_day(*gap)) {
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

/// What shows that the server ended logins of its own accord, whatever a refresh was told since: an unrelated
/// account or a separate login of the same account was told at the same time that it had ended, or a login that
/// nobody shares is ended a day after the one before, time after time.
pub(super) fn shown(case: &Case<'_>) -> Vec<Item> {
    if let Some((at, origin)) = case.incident.elsewhere.ended {
        let says = "an unrelated account was told at about the same time that its login had ended".to_owned();
        return vec![case.item(ItemKind::Control, Some(at), origin, says)];
    }
    let apart = case.incident.siblings.iter().find_map(|sibling| separate(case, sibling));
    apart.map_or_else(|| by_the_clock(case), |item| vec![item])
}

/// A separate login of the account that was told at about the same time that it had ended.
fn separate(case: &Case<'_>, sibling: &Sibling) -> Option<Item> {
    /// Refusals this close count as happening alike.
    const ALIKE_MS: i64 = 30 * 60_000;
    let (at, victim) = (case.revoked()?.at, case.incident.held.as_ref()?);
    let apart = case.same_account(sibling) && sibling.family == Relation::Different;
    let held = case.store(sibling).surely_held_at(at).filter(|_| apart)?;
    let ended = &case.known.lives.of_login(held).filter(|_| held.same_family(victim) == Some(false))?.ended;
    let near = ended.get(ended.partition_point(|(_, told, _)| told.ms < at.ms.saturating_sub(ALIKE_MS))..)?.iter();
    let spread = |told: &When| told.hi.max(at.hi).saturating_sub(told.lo.min(at.lo));
    let alike = near.take_while(|(_, told, _)| told.ms <= at.ms.saturating_add(ALIKE_MS));
    let (_, told, origin) = *alike.filter(|(_, told, _)| spread(told) <= ALIKE_MS).find(|(store, ..)| *store == sibling.store)?;
    let says =
        format!("a separate login of the account, of {}, was told at about the same time that it had ended", case.who(sibling));
    Some(case.item(ItemKind::Control, Some(told), origin, says))
}

/// The times right before or after at which a login that nobody shares was ended, each a day from the next.
fn by_the_clock(case: &Case<'_>) -> Vec<Item> {
    let may_share = |s: &Sibling| s.account != Relation::Different && s.family != Relation::Different;
    let shares = case.incident.held.as_ref().is_none_or(|held| held.imported) || case.incident.siblings.iter().any(may_share);
    let row = in_row(case);
    let own = row.iter().position(|i| i.first.ms == case.incident.first.ms).unwrap_or(0);
    let from = own.saturating_sub(1).min(row.len().saturating_sub(3));
    let three = row.get(from..from.saturating_add(3)).filter(|_| !shares).unwrap_or_default();
    let days = three.windows(2).all(|pair| matches!(pair, [a, b] if is_a_day(b.first.ms.saturating_sub(a.first.ms))));
    let others = three.iter().filter(|i| days && i.first.ms != case.incident.first.ms);
    let told = others.filter_map(|i| i.first_where(ErrorClass::is_revocation));
    let says = "the same client was told that its login had ended about 24 hours before or after".to_owned();
    told.map(|f| case.item(ItemKind::Control, Some(f.at), f.origin, says.clone())).collect()
}

fn is_a_day(ms: i64) -> bool {
    (SHORT_DAY_MS..=LONG_DAY_MS).contains(&ms)
}

/// Where this client was shut out, this time and the times right before and after, as far as each came within
/// a good day of the next.
fn in_row<'a>(case: &Case<'a>) -> Vec<&'a Incident> {
    /// Incidents that are looked at on either side.
    const MOST: usize = 256;
    let (all, first, victim) = (&case.known.incidents, case.incident.first.ms, &case.incident.victim);
    let alike = |i: &&Incident| {
        let same = i.victim.client == victim.client && i.victim.home == victim.home;
        same && i.first_where(ErrorClass::is_revocation).is_some()
    };
    let chained = |incidents: &mut dyn Iterator<Item = &'a Incident>| {
        let mut row: Vec<&Incident> = Vec::new();
        row.extend(incidents.scan(first, |last, i| {
            let near = i.first.ms.abs_diff(*last) <= LONG_DAY_MS.unsigned_abs();
            *last = i.first.ms;
            near.then_some(i)
        }));
        row
    };
    let (before, since) = all.split_at(all.partition_point(|i| i.first.ms < first));
    let mut row = chained(&mut before.iter().rev().take(MOST).filter(alike));
    row.reverse();
    row.extend(chained(&mut since.iter().take(MOST).filter(alike)));
    row
}
