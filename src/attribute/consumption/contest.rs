//! Two holders of the very token, of which not both can have exchanged it. A token is exchanged once: where one of
//! them worked past the end of it, and the other came by its next pair only after that, the other exchanged a later
//! generation; where both did, or that other one has a pair of the same login at all, and no store shows the pair that
//! came next, either may have made it, and the other have taken it over.
//!
//! Apart from [`super::exchange`], which weighs what is on record of one of them.

use super::{lineage, out_of_sight, relogged, traces};
use crate::attribute::Confidence;
use crate::attribute::case::Case;
use crate::attribute::finding::{CauseTime, Finding, Item, ItemKind};
use crate::correlate::{Act, Renewed, Sibling, SuccessSeen, TurnSeen};
use crate::event::Client;

/// What leaves it open that a refresh which is inferred from work past the token's end was of this store.
pub(super) fn weigh(case: &Case<'_>, sibling: &Sibling, renewed: &Renewed, finding: &mut Finding) {
    if lineage::exchanged(case, sibling).is_some() || !renewed.is_of_token(sibling.shared.is_some()) {
        return;
    }
    if let Some((other, their)) = lineage::moved_on(case, sibling, None) {
        let because = "another holder of the very token worked past its end as well: either may have exchanged it";
        finding.limit(Confidence::Undetermined, because, Some(worked(case, other, their)));
    }
    if let Some(act) = lineage::later_pair(case, sibling) {
        let because = "another holder of the very token shows a later pair of that login: how it came by it is not on record, and either \
                       may have exchanged the token and the other have taken over the result";
        finding.limit(Confidence::Undetermined, because, Some(case.acted(act)));
    }
    if let Some(act) = lineage::pair_of_login(case, sibling) {
        let because =
            "another program shows a later pair of that login, and no file what it held before: it may have exchanged the token";
        finding.limit(Confidence::Possible, because, Some(case.acted(act)));
    }
    // It is Codex alone that others borrow from.
    if let Some((other, their)) = lineage::borrowed(case, sibling).filter(|_| sibling.client != Client::Codex) {
        let because = "another holder of the very token worked past its end as well, with a pair that its store does not show: either may \
                       have exchanged it";
        finding.limit(Confidence::Possible, because, Some(worked(case, other, their)));
    }
    let borrows = lineage::may_borrow(case, sibling, renewed);
    let lender =
        out_of_sight::beside(case, sibling, renewed.by.at).filter(|turn| borrows && turn.setting.site.client != sibling.client);
    if let Some(turn) = lender {
        let because = "another program was at work, whose store is not among the files: what it had may have been borrowed";
        finding.limit(Confidence::Undetermined, because, Some(out_of_sight::at_work(case, turn)));
    }
}

/// The pair that its store shows next came after another holder of the token had worked past the end of that.
pub(super) fn late(case: &Case<'_>, sibling: &Sibling, (act, (other, their)): (&Act, (&Sibling, &Renewed)), finding: &mut Finding) {
    if let Some(origin) = sibling.shared {
        let says = format!("{} had held the very refresh token", case.who(sibling));
        finding.limits.push(case.item(ItemKind::SharedToken, None, origin, says));
    }
    finding.point(-6, worked(case, other, their));
    finding.limit(
        Confidence::Possible,
        "another holder of the very token had worked past its end before: the pair that its store shows is of a later generation",
        Some(case.acted(act)),
    );
    let after = case.incident.held.as_ref().and_then(|held| held.since);
    finding.when = CauseTime { at: None, after, before: Some(case.incident.refused) };
}

/// A pair that one time stamp in a store shows, of a program that takes over what Codex has: it may have come from
/// there, where Codex worked past the end of the token too, and what it had then is in no file.
pub(super) fn mind_lender(case: &Case<'_>, sibling: &Sibling, finding: &mut Finding) {
    let borrows = sibling.client != Client::Codex && !sibling.other_host;
    let is_lender = |s: &&Sibling| s.client == Client::Codex && !s.may_be_elsewhere && relogged::is_out_of_view(case, s);
    let mut lenders = case.incident.siblings.iter().filter(is_lender).filter(|s| borrows && s.store != sibling.store);
    if let Some((lender, turn)) = lenders.find_map(|lender| Some((lender, past_the_end(case, lender)?))) {
        let because =
            "Codex worked past the end of the token as well: the pair that the store shows may have been taken over from it";
        finding.limit(Confidence::Possible, because, Some(past(case, lender, turn)));
    }
}

/// A program on another store that was logged in anew since, and had been answered when the shared token had ended
/// before that login: it had another pair by then, whatever it holds now.
pub(super) fn relogged<'a>(case: &Case<'a>, sibling: &Sibling) -> Option<(&'a Sibling, &'a TurnSeen)> {
    let other = |s: &&Sibling| s.client != sibling.client || case.store(s).host != case.store(sibling).host;
    let others = case.incident.siblings.iter().filter(other).filter(|s| s.renewed.is_none() && s.silent.is_none());
    let found = |s: &'a Sibling| {
        let held = case.store(s).held.first().filter(|_| relogged::is_out_of_view(case, s))?;
        let since = held.login_time.or(held.issued_at.or(held.since).map(|at| at.lo))?;
        Some((s, past_the_end(case, s).filter(|turn| turn.at().hi < since)?))
    };
    others.into_iter().find_map(found)
}

/// What shows that it had a pair of its own by then.
pub(super) fn past(case: &Case<'_>, sibling: &Sibling, turn: &TurnSeen) -> Item {
    let good = SuccessSeen { at: turn.at(), origin: turn.origin(), session: None, over_second: false };
    case.success(&good, sibling.client, "worked past the end of that token, with a pair that no file shows")
}

/// A call of its program that was answered when the victim's access token had ended, before the refusal.
fn past_the_end<'a>(case: &Case<'a>, sibling: &Sibling) -> Option<&'a TurnSeen> {
    /// Turns that are looked at.
    const MOST: usize = 4_096;
    let (turns, end) = (&case.known.turns, case.incident.held.as_ref()?.expires_at?);
    let later = turns.get(turns.partition_point(|turn| turn.at().ms <= end.ms)..)?.iter().take(MOST);
    let mut before = later.take_while(|turn| turn.at().ms < case.incident.refused.ms);
    before.find(|turn| turn.setting.store == Some(sibling.store) && turn.stop.is_success() && case.had_ended(turn.at()))
}

/// What shows that the other one had another pair by then.
fn worked(case: &Case<'_>, other: &Sibling, renewed: &Renewed) -> Item {
    Item { kind: ItemKind::Control, grade: None, ..traces::by_success(case, other, renewed).item }
}
