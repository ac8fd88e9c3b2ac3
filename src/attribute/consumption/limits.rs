//! What leaves it open that another program's exchange is the cause, whatever the record of that exchange
//! shows: the victim may have presented another pair than the one that its store held, and somebody of whom
//! no store was read may have exchanged the token.
//!
//! Apart from [`super::sibling_refresh`], which weighs what is on record of the other program itself.

use super::{contest, lineage, out_of_sight, parted};
use crate::attribute::Confidence;
use crate::attribute::case::Case;
use crate::attribute::finding::{Finding, ItemKind};
use crate::attribute::presented;
use crate::correlate::{Act, Sibling, TurnSeen};

/// Count it.
pub(super) fn weigh(case: &Case<'_>, sibling: &Sibling, finding: &mut Finding) {
    parted::weigh(case, finding.when.at, finding);
    put_back(case, sibling, finding);
    older_process(case, finding);
    unread(case, sibling, finding);
    relogged(case, sibling, finding);
}

/// The victim's store was put back to the pair in question. That it had been by the refusal is not on record, or
/// the newer pair may be another holder's: the other program may have exchanged either.
fn put_back(case: &Case<'_>, sibling: &Sibling, finding: &mut Finding) {
    let Some(back) = presented::put_back(case) else { return };
    let says = format!("{} is known to have held a later pair of the same login", case.incident.victim.client.title());
    let newer = case.item(ItemKind::Store, back.newer.issued_at, back.newer.origin, says);
    let most = match back.told.is_some() && sibling.spent.is_none() {
        true => Confidence::Undetermined,
        false => Confidence::Possible,
    };
    finding.recorded = false;
    finding.limit(
        most,
        "a copy shows a later pair of the victim's than its store holds: which of them was presented is open",
        Some(newer),
    );
}

/// A process may have gone on with the pair that the victim's store held before. Nobody refreshes a pair that is
/// not due: that the stored one was presented lacks a reason, whoever had exchanged that.
fn older_process(case: &Case<'_>, finding: &mut Finding) {
    if let (Some(older), Some(build)) = (presented::older_process(case), presented::reads_its_store(case)) {
        finding.recorded = false;
        finding.limits.push(older);
        finding.limit(Confidence::Possible, "no refresh of the stored pair was due when it was refused", Some(build));
    } else if let Some(older) = presented::by_older_process(case) {
        finding.recorded = false;
        finding.point(-12, older);
        finding.cap(
            Confidence::Undetermined,
            "the process that was refused may have presented the pair that its store had held before",
        );
    } else if let Some(begun) = presented::began_before_a_fresh_pair(case) {
        finding.recorded = false;
        let because = "the failing session began before its store changed, and no refresh of the stored pair was due";
        finding.limit(Confidence::Likely, because, Some(begun));
    }
}

/// Somebody else was at work, and no store of that place was read. That it was left out must not say more than the
/// store would: one that was answered when the shared token had ended is a holder as good as one whose store shows it.
fn unread(case: &Case<'_>, sibling: &Sibling, finding: &mut Finding) {
    let until = finding.when.at.or(finding.when.before).unwrap_or(case.incident.refused);
    let Some(turn) = out_of_sight::beside(case, sibling, until) else { return };
    let ended = case.had_ended(turn.at());
    let most = at_most(case, sibling, turn);
    finding.recorded = false;
    finding.would_settle.push(out_of_sight::SETTLES);
    let because = match ended {
        true => {
            "somebody else, whose store is not among the files, was answered after the shared token had ended: that one may have \
             exchanged it"
        }
        false => "somebody else was at work with a ChatGPT login before that, whose store is not among the files",
    };
    finding.limit(most, because, Some(out_of_sight::at_work(case, turn)));
}

/// A program of the account was answered when the shared token had ended, and has been logged in anew since: what it
/// had then is in no file, as if its store had been left out.
fn relogged(case: &Case<'_>, sibling: &Sibling, finding: &mut Finding) {
    let Some((rival, turn)) = contest::relogged(case, sibling) else { return };
    let most = at_most(case, sibling, turn);
    finding.recorded = false;
    let store = case.store(rival).held.first();
    finding.limits.extend(store.map(|held| {
        let says = format!("{} holds a login that was made after that", case.who(rival));
        case.item(ItemKind::Store, held.since, held.origin, says)
    }));
    let because = "another program, which has been logged in anew since, had worked past the end of the shared token: that one may have \
                   exchanged it";
    finding.limit(most, because, Some(contest::past(case, rival, turn)));
}

/// How sure it can be that this store's program exchanged the token, where somebody was at work as well of whom no
/// file shows what it had then.
fn at_most(case: &Case<'_>, sibling: &Sibling, turn: &TurnSeen) -> Confidence {
    let ended = case.had_ended(turn.at());
    let next = sibling.spent.filter(|_| sibling.shared.is_some()).map(|index| case.act(index));
    let is_direct = |act: &&Act| sibling.renewed.is_none() && !lineage::may_be_later(case, sibling, act);
    match next.filter(is_direct) {
        // With the shared token nobody can have worked then: somebody had exchanged it before.
        Some(act) if ended && turn.at().surely_before(act.at) => Confidence::Possible,
        Some(_) => Confidence::Likely,
        // No store shows the pair that came next: of the two that worked past the end either may have obtained it.
        None if ended && (out_of_sight::is_own(case, turn) || next.is_some() || sibling.renewed.is_some()) => {
            Confidence::Undetermined
        }
        None => Confidence::Possible,
    }
}
