//! Logins that nothing calls one: a store of the account that changed in the time in question, by a refresh or by a
//! login as far as its tokens say; and one that shows a login of that time, and not when it was made.
//!
//! Neither is enough to name its program, and either is too much for what is said of the server on the strength of
//! there being no such act.

use super::{bounds, controls, versions};
use crate::attribute::Confidence;
use crate::attribute::case::Case;
use crate::attribute::finding::{Finding, Item, ItemKind};
use crate::correlate::{Act, ActKind, Relation, Sibling, When, Zone};
use crate::event::Client;

/// A change of the sibling's store since the victim last worked that may have been a login.
pub(super) fn change<'a>(case: &Case<'a>, sibling: &Sibling) -> Option<&'a Act> {
    let open = |act: &&Act| act.kind == ActKind::Rotation { by_login: None } && act.held.is_some() && is_in_time(case, act.at);
    let changes = [sibling.last_rotation, sibling.spent, sibling.first_rotation].into_iter().flatten().map(|i| case.act(i));
    let related = case.same_account(sibling) && sibling.family != Relation::Different;
    changes.filter(|_| related).find(open).filter(|act| controls::barred(case, sibling, act).is_none())
}

/// A login that the sibling's store shows, and that no record dates, begun since the victim last worked.
pub(super) fn begun(case: &Case<'_>, sibling: &Sibling) -> Option<Item> {
    let anew = sibling.anew.filter(|_| case.same_account(sibling))?;
    let begun = anew.begun.map(|ms| When::exact(ms, Zone::Utc))?;
    let is_dated = || sibling.endings.iter().any(|&i| case.act(i).is_login());
    let says = format!("{} holds a login that may have been begun in the time in question", case.who(sibling));
    (is_in_time(case, begun) && !is_dated()).then(|| case.item(ItemKind::Store, Some(begun), anew.origin, says))
}

/// Since the last sign that what was refused lived, and before the victim's first failure?
fn is_in_time(case: &Case<'_>, at: When) -> bool {
    at.maybe_before(case.incident.first) && bounds::since(case).is_none_or(|since| since.maybe_before(at))
}

/// Say no more than possible of a cause without an act while one of the others may have been one.
pub(super) fn mind(case: &Case<'_>, finding: &mut Finding) {
    for sibling in case.others() {
        let changed = change(case, sibling).map(|act| case.acted(act));
        if let Some(item) = changed.or_else(|| begun(case, sibling)) {
            let because = "a store of the account was changed in that time, perhaps by a login, which may have ended this one";
            finding.limit(Confidence::Possible, because, Some(item));
        }
    }
}

/// What takes the point from a login that ends nothing by itself: an act in the same time of which that is known, be it
/// a login, the start of one or a logout, in any other home that may have had the login, those of the victim's own
/// program and those that changed their account by it among them. Of the two that is the nearer explanation. A token
/// file of the victim's login that is gone from a home in use then may have gone by such an act.
pub(super) fn nearer(case: &Case<'_>, sibling: &Sibling, login: &Act) -> Vec<Item> {
    if versions::revokes(case, case.store(sibling), login) {
        return Vec::new();
    }
    let related = |s: &&Sibling| s.store != sibling.store && s.family != Relation::Different;
    let found = case.others().chain(case.own_others()).filter(related).find_map(|other| {
        let able = |act: &&Act| versions::revokes(case, case.store(other), act) && controls::barred(case, other, act).is_none();
        let may_be_its = |act: &&Act| other.account != Relation::Different || controls::may_change_account(case, other, act);
        let act = other.endings.iter().map(|&i| case.act(i)).filter(may_be_its).find(able);
        let begun = || begun(case, other).filter(|_| other.client == Client::Codex);
        act.map(|act| case.acted(act)).or_else(begun).map(|item| vec![item]).or_else(|| gone(case, other))
    });
    found.unwrap_or_default()
}

/// The copy that is left of a token file of Codex, and what shows that its home was in use.
fn gone(case: &Case<'_>, other: &Sibling) -> Option<Vec<Item>> {
    let is_gone = other.client == Client::Codex && case.store_is_gone(other) && case.is_about(other);
    let held = case.store(other).newest().filter(|_| is_gone)?;
    let says = format!("the token file of {}, on the same login, is gone, perhaps by a logout", case.who(other));
    Some(std::iter::once(case.item(ItemKind::Store, None, held.origin, says)).chain(case.last_ran(other)).collect())
}
