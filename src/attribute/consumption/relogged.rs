//! A store whose program logged in anew since the victim came to hold its token. What it refreshed after that
//! is another login, so that a common past (one took the login over from the other) ties the two no longer;
//! and what it had done before with the login that it gave up is out of view.
//!
//! The login need not be on record as an act: a store that shows one pair alone, of a login that may have been made
//! since, says as little of before.
//!
//! Apart from the hypotheses: it is asked of the one that names that program and of the one that names nobody.

use crate::attribute::Confidence;
use crate::attribute::case::Case;
use crate::attribute::finding::{Finding, Item, ItemKind};
use crate::correlate::{Act, ActKind, Relation, Sibling};

/// The login or logout, where no claim tells which login the store held before and after.
fn act<'a>(case: &Case<'a>, sibling: &Sibling) -> Option<&'a Act> {
    sibling.relogged.map(|index| case.act(index)).filter(|_| sibling.family == Relation::Unknown)
}

/// The one that parts what came after it from what was before, where nothing of before is on record.
fn parting<'a>(case: &Case<'a>, sibling: &Sibling) -> Option<&'a Act> {
    let begun = |act: &&Act| act.kind == ActKind::LoginAbandoned;
    act(case, sibling).filter(|act| !begun(act) && unseen(case, sibling))
}

/// Does nothing on record show that it refreshed?
fn unseen(case: &Case<'_>, sibling: &Sibling) -> bool {
    case.may_have_spent(sibling).is_none() && sibling.renewed.is_none()
}

/// The login that a store alone shows, where nothing says what it held before; of the very token that is asked by
/// itself. A log of its program that covers the time says that it did not refresh, whatever it held.
fn anew(case: &Case<'_>, sibling: &Sibling) -> Option<Item> {
    let is_open = sibling.shared.is_none() && sibling.silent.is_none() && unseen(case, sibling);
    let anew = sibling.anew.filter(|_| is_open)?;
    let says = format!("{} holds a login that may have been made since", case.who(sibling));
    Some(case.item(ItemKind::Store, anew.since, anew.origin, says))
}

/// Is what it did with a login that it may have shared out of view by a later one?
pub(super) fn is_out_of_view(case: &Case<'_>, sibling: &Sibling) -> bool {
    case.same_account(sibling) && (parting(case, sibling).is_some() || anew(case, sibling).is_some())
}

/// Is what it did with the login of before out of view by that? Then the cause can be no more than this.
pub(super) fn hides(case: &Case<'_>, sibling: &Sibling, most: Confidence, finding: &mut Finding) -> bool {
    let logged_in = "another program of the account was logged in anew since: what it refreshed after that is another login, and what \
                     it did before is not on record";
    let may_have = "another program of the account holds a login that may have been made since: what it held before, and did with \
                    that, is not on record";
    let login = parting(case, sibling).map(|login| (logged_in, case.acted(login)));
    let login = login.or_else(|| anew(case, sibling).map(|item| (may_have, item)));
    let Some((because, item)) = login.filter(|_| case.same_account(sibling)) else { return false };
    finding.limit(most, because, Some(item));
    true
}

/// Weaken a rotation before which a login was begun there: whether it was completed is not on record.
pub(super) fn mind_begun(case: &Case<'_>, sibling: &Sibling, rotation: &Act, finding: &mut Finding) {
    let begun = act(case, sibling).filter(|login| login.kind == ActKind::LoginAbandoned && login.at.maybe_before(rotation.at));
    if let Some(login) = begun {
        let because = "a login was begun there before that refresh, which may be of the new one";
        finding.limit(Confidence::Possible, because, Some(case.acted(login)));
    }
}
