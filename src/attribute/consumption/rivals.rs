//! The victim's own program as the one that spent the token: which of its rotations a refusal may be the
//! other side of, and whether two of its processes were at work. Apart from the hypotheses, since what
//! speaks for one of them speaks against another.

use super::{lineage, traces};
use crate::attribute::case::Case;
use crate::correlate::{Act, FailureSeen, Grade, Held, Relation, Sibling, When};
use crate::event::ErrorClass;

/// Refusals this close together are one burst, and records of this moment may be of one refusal.
pub(super) const BURST_MS: i64 = 10_000;
/// The winner's exchange comes before the refusals it causes, by no more than this…
pub(super) const WINNER_MS: i64 = 60_000;
/// A process that has read no file since may be refused this much later…
const LATE_MS: i64 = 10 * 60_000;
/// …and its issue time, in whole seconds of the server's clock, may seem this much later.
const SKEW_MS: i64 = 2_000;

/// Did one process of the program refresh and another one meet the refusal? None where no log tells
/// them apart.
pub(super) fn rivals(case: &Case<'_>, won: &Act) -> Option<bool> {
    are_rivals(won, refused(case))
}

/// The same for many rotations, with the refusal that was met: there may be thousands of either.
fn are_rivals(won: &Act, refused: Option<&FailureSeen>) -> Option<bool> {
    let (one, other) = (won.process?, refused?.process?);
    Some(one != other)
}

/// The refusal that somebody's exchange of the token explains, as the record of that moment has it that
/// names its process: the turn that met it is another record of the same. Their classes may differ, since
/// a log may keep the status alone (Codex 0.169) where the turn names the code.
pub(super) fn refused<'a>(case: &Case<'a>) -> Option<&'a FailureSeen> {
    let first = case.reused().or_else(|| case.refused_unnamed())?;
    let apart = |f: &&FailureSeen| (f.at.ms - first.at.ms).abs();
    let by_process = |f: &&FailureSeen| is_refusal(f) && f.process.is_some() && apart(f) <= BURST_MS;
    case.incident.failures.iter().filter(by_process).min_by_key(apart).or(Some(first))
}

/// Does it say that the server turned a refresh token away which may have been spent?
pub(super) fn is_refusal(f: &FailureSeen) -> bool {
    use ErrorClass as C;
    f.dated && matches!(f.failure.class, C::RefreshTokenReused | C::InvalidGrant | C::RefreshRefused | C::RefreshNotValidated)
}

/// May the refusal be the other side of this rotation, as far as processes go? Where no log tells them
/// apart, the time of a file is no sign of a second one.
pub(super) fn may_rival(case: &Case<'_>, won: &Act) -> bool {
    rivals(case, won).unwrap_or(won.grade.is_some_and(|grade| grade <= Grade::R3))
}

/// A rotation by the victim's own program that the refusal may be the other side of, and whether it is
/// known to be of another process: what was spent then was not spent by an unknown hand.
pub(super) fn own_rotation<'a>(case: &Case<'a>) -> Option<(&'a Act, bool)> {
    let won = winner(case).filter(|won| may_rival(case, won))?;
    let at_once = refused(case).is_some_and(|f| f.at.ms - won.at.ms <= WINNER_MS);
    Some((won, at_once && rivals(case, won) == Some(true)))
}

/// A rotation of the victim's own program right at the refusals, in another of its stores or in
/// the same one. The process that had the new pair and was refused since presented that one.
pub(super) fn winner<'a>(case: &Case<'a>) -> Option<&'a Act> {
    let (at, refused) = (first_refusal(case)?.at, refused(case));
    let late = |a: &&Act| {
        let before = refused.is_some_and(|f| (0..=LATE_MS).contains(&(f.at.ms - a.at.ms)));
        a.is_rotation() && before && are_rivals(a, refused) == Some(true)
    };
    let own = || own(case).filter(|a| are_rivals(a, refused) != Some(false));
    let by_another = own().find(|a| is_right_before(a, at) && are_rivals(a, refused) == Some(true));
    by_another.or_else(|| own().find(|a| is_right_before(a, at))).or_else(|| own().rev().find(late)).or_else(|| {
        // Or another holder of the program spent the shared token at any time before.
        let sure = |s: &&Sibling| is_holder(case, s) && s.renewed.is_none() && s.skipped.is_none();
        let held = case.own_others().filter(sure).filter_map(|s| Some((s, case.act(case.may_have_spent(s)?))));
        held.filter(|(s, a)| lineage::moved_on(case, s, Some(a.at)).is_none()).map(|(_, a)| a).find(|a| a.at.ms <= at.ms)
    })
}

/// The refusal of the very process that had refreshed right before.
pub(super) fn refused_itself<'a>(case: &Case<'a>) -> Option<&'a FailureSeen> {
    let (at, refused) = (first_refusal(case)?.at, refused(case));
    own(case).find(|a| is_right_before(a, at) && are_rivals(a, refused) == Some(false)).and(refused)
}

fn first_refusal<'a>(case: &Case<'a>) -> Option<&'a FailureSeen> {
    case.incident.failures.iter().find(|f| f.dated && f.failure.class.is_refresh())
}

fn is_right_before(act: &Act, at: When) -> bool {
    act.is_rotation() && (at.ms - WINNER_MS..=at.ms + SKEW_MS).contains(&act.at.ms)
}

/// Acts of the victim's own program in its home, as far as they may be of its login.
fn own<'a>(case: &Case<'a>) -> impl DoubleEndedIterator<Item = &'a Act> {
    let case = *case;
    let victim = &case.incident.victim;
    let here = move |a: &&Act| {
        a.client == victim.client && a.home == victim.home && a.host == victim.host && !is_of_another_login(&case, a)
    };
    case.acts().filter(here)
}

/// A rotation of a login, or on an account, that is known to be another than the victim's.
fn is_of_another_login(case: &Case<'_>, act: &Act) -> bool {
    let incident = case.incident;
    let held = act.store.zip(act.held).and_then(|(id, at)| case.known.stores.get(id)?.held.get(at));
    let mine = incident.held.as_ref();
    let login = held.zip(mine).is_some_and(|(a, b): (&Held, &Held)| a.same_family(b) == Some(false));
    let account = act.account.zip(mine.and_then(|h| h.account).or(incident.victim.account)).is_some_and(|(a, b)| a != b);
    login || account
}

/// Another store of the program held the same token, or is of the same login, and rotated it.
pub(super) fn own_holder(case: &Case<'_>) -> bool {
    case.own_others().any(|s| is_holder(case, s))
}

pub(super) fn is_holder(case: &Case<'_>, sibling: &Sibling) -> bool {
    let rotated = case.may_have_spent(sibling).is_some() || sibling.renewed.is_some() || traces::of(case, sibling).is_some();
    // On another machine it is a copy of the store and no agent, profile or process of this one.
    let related = sibling.shared.is_some() || sibling.family == Relation::Same;
    related && rotated && !sibling.other_host
}
