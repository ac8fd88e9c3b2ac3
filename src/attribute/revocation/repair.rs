//! Whether an act was a repair: done on a login that had ended by then, or may have. It ended nothing then.
//!
//! Which pair the acting store held is seldom on record, since Codex keeps its latest alone. What its program met
//! is: who logs in after a refusal replaces what was refused. Where the pair is known, what is on record of its
//! login decides, whoever was told it.
//!
//! Apart from [`super::controls`], which asks whose login the act concerned.

use super::controls::{emptied, is_of_other_login, replaced};
use super::{bounds, lives};
use crate::attribute::Confidence;
use crate::attribute::case::Case;
use crate::attribute::finding::{Finding, Item, ItemKind};
use crate::attribute::taken;
use crate::correlate::{Act, Answer, Failed, Sibling};

/// What says so, and what that takes from the act.
struct Sign {
    item: Item,
    /// Points.
    takes: i32,
}

/// What says that the act was done on a login that had ended by then, or may have.
fn sign(case: &Case<'_>, sibling: &Sibling, act: &Act) -> Option<Sign> {
    /// As much as the act itself gives, and a little more.
    const ALL: i32 = 16;
    let held = replaced(case, sibling, act);
    // That a repair of its own login ended one apart from it is for the provider's policy to say.
    let takes = if held.is_some_and(|held| is_of_other_login(case, held)) { 0 } else { ALL };
    if let Some(item) = held.and_then(|held| lives::ended_before(case, held, act)) {
        return Some(Sign { item, takes });
    }
    let met = met(case, sibling, act)?;
    let lived = lives::lived_after(case, met.at, is_of_refresh(case, met, act));
    let takes = match met.answer {
        // The victim's login was then another one, which lived on.
        Answer::Ended if lived => 0,
        Answer::Ended => takes,
        _ if lived => return None,
        // A login goes on while its tokens last, whoever used its refresh token; or it ends with that.
        Answer::Used => 0,
        Answer::Open => takes,
    };
    Some(Sign { item: said(case, sibling, met), takes })
}

/// What the sibling's own program met after its last answered call and before the act. Where the pair is known, a
/// failure after which its login lived on was not its end.
fn met(case: &Case<'_>, sibling: &Sibling, act: &Act) -> Option<Failed> {
    let met = case.known.fared.failed_before(sibling.store, case.as_stated(act).at)?;
    match replaced(case, sibling, act).filter(|_| emptied(case, sibling, act).is_none()) {
        Some(held) if lives::login_lived_after(case, held, met.at, is_of_refresh(case, met, act)) => None,
        _ => Some(met),
    }
}

/// Was a refresh told so, as the victim's was later, by which an act may have ended the refresh token alone? Calls that
/// were answered in between say nothing of it.
fn is_of_refresh(case: &Case<'_>, met: Failed, act: &Act) -> bool {
    met.by_refresh && bounds::spares_calls(case, act)
}

fn said(case: &Case<'_>, sibling: &Sibling, met: Failed) -> Item {
    let what = match met.answer {
        Answer::Ended => "was told before that act that its login had ended",
        Answer::Used => "was told before that act that its refresh token had been used",
        Answer::Open => "had failed before that act, and what is on record does not say whether its login had ended",
    };
    case.item(ItemKind::Control, Some(met.at), met.origin, format!("{} {what}", case.who(sibling)))
}

/// Why the act cannot have ended the victim's login, where a program from whose login the victim's was taken had been
/// told by the server before it that its own had ended: the two were one, and dead by then, whoever acted since. Not
/// where the victim's lived on after that, or where another one had taken its place there in between.
pub(super) fn of_the_dead(case: &Case<'_>, sibling: &Sibling, act: &Act) -> Option<(String, Item)> {
    dead(case, sibling, act).or_else(|| {
        let earlier = |at: &&Act| at.at.surely_before(case.as_stated(act).at);
        let of_source = |source: &Sibling| {
            // What it did itself since is its repair.
            let repairs = source.endings.iter().map(|&index| case.act(index)).filter(earlier);
            repairs.chain([act]).find_map(|at| dead(case, source, at))
        };
        let sources = case.incident.siblings.iter().filter(|source| source.store != sibling.store);
        sources.filter(|source| taken::at_all(case, source).is_some()).find_map(of_source)
    })
}

/// The same as the source itself shows by the time of an act of somebody.
fn dead(case: &Case<'_>, source: &Sibling, act: &Act) -> Option<(String, Item)> {
    let met = met(case, source, act).filter(|met| met.answer == Answer::Ended)?;
    let sure = met.at.surely_before(case.as_stated(act).at) && !lives::lived_after(case, met.at, is_of_refresh(case, met, act));
    let other = || replaced(case, source, act).is_some_and(|held| is_of_other_login(case, held));
    if !sure || other() || emptied(case, source, act).is_some() {
        return None;
    }
    let tie = taken::at_all(case, source)?;
    let why = format!("{} had been told before it that its login, from which the victim's was taken, had ended", case.who(source));
    let item = said(case, source, met);
    Some((why, Item { says: format!("{}; {}", item.says, tie.says), ..item }))
}

/// Is there such a sign?
pub(super) fn is_likely(case: &Case<'_>, sibling: &Sibling, act: &Act) -> bool {
    sign(case, sibling, act).is_some()
}

/// Weaken what rests on an act that may have been a repair.
pub(super) fn mind(case: &Case<'_>, sibling: &Sibling, act: &Act, finding: &mut Finding) {
    let Some(Sign { item, takes }) = sign(case, sibling, act) else { return };
    let because = "the login that it was done on had ended before, or may have: then it was a repair, which ended nothing";
    finding.limit(Confidence::Possible, because, Some(item.clone()));
    if takes > 0 {
        finding.point(-takes, item);
    }
}
