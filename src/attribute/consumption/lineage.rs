//! Which rotation can have exchanged the very token that the victim held. The generations of a login follow
//! each other in one line, since each is exchanged once: a rotation by itself shows that its program had
//! some generation of the login, and only its place in the line whether that was the victim's.

use super::own;
use crate::attribute::case::Case;
use crate::attribute::finding::{Item, ItemKind};
use crate::attribute::presented;
use crate::correlate::{Act, ActKind, Relation, Renewed, Sibling, When};
use crate::event::Client;

/// Two stores that hold one pair may date it so far apart.
const APART_MS: i64 = 5_000;

/// A program that is in use renews a pair this soon after its access token ended.
const IDLE_MS: i64 = 24 * 60 * 60_000;

/// Why no exchange by another program is the cause, whoever made it: the token was dead when the victim came to hold
/// it, or the victim had come by a good pair and lost it again. It comes before all that points at one of them.
pub(super) fn dead_before(case: &Case<'_>) -> Option<String> {
    if own::dead_on_arrival(case).is_some() {
        return Some("the token had been exchanged before the victim came to hold it".to_owned());
    }
    let who = case.incident.victim.client.title();
    presented::put_back(case).filter(|back| back.is_cause()).map(|_| {
        format!(
            "the store of {who} had held a later pair, and was put back to the one that was refused: who had exchanged that is no cause"
        )
    })
}

/// Is it known that the very token was exchanged elsewhere, or before the victim had it? A token is
/// exchanged once; who refreshed the login later on exchanged another generation.
pub(super) fn spent_by_another(case: &Case<'_>, sibling: &Sibling) -> Option<String> {
    if let Some(why) = dead_before(case) {
        return Some(why);
    }
    let known = |s: &&Sibling| s.store != sibling.store && exchanged(case, s).is_some();
    // One that held the very token may have exchanged it all the same, and passed the result on.
    if chain(case, sibling).is_some() || sibling.skipped.is_some() {
        return None;
    }
    if let Some(other) = case.incident.siblings.iter().find(known) {
        return Some(format!("a store of {} is known to have exchanged that very token", other.client.title()));
    }
    let (who, earlier) = (sibling.client.title(), earlier_rotation(case, sibling)?);
    Some(format!(
        "a store of {} shows an earlier rotation of the same login: what {who} exchanged after that was a later generation",
        earlier.client.title()
    ))
}

/// The act by which the pair that the store had right after the shared token came, where it is in time.
fn chain<'a>(case: &Case<'a>, sibling: &Sibling) -> Option<&'a Act> {
    sibling.spent.filter(|_| case.may_have_spent(sibling) == sibling.spent).map(|index| case.act(index))
}

/// The act by which the store is known to have exchanged the very token. The pair that it shows next may be of a
/// later generation, where that came long after the token had ended or after another holder had moved on: then it
/// rules nobody out.
pub(super) fn exchanged<'a>(case: &Case<'a>, sibling: &Sibling) -> Option<&'a Act> {
    let direct = |act: &&Act| !may_be_later(case, sibling, act) && moved_on(case, sibling, Some(act.at)).is_none();
    chain(case, sibling).filter(|act| act.doubt.is_none()).filter(direct)
}

/// Another holder of the very token that worked past the end of it, before a time if one is given: the token had
/// been exchanged by then, and whoever came by a new pair after that exchanged another one. Not one that may have
/// borrowed.
pub(super) fn moved_on<'a>(case: &Case<'a>, sibling: &Sibling, by: Option<When>) -> Option<(&'a Sibling, &'a Renewed)> {
    let in_time = |renewed: &Renewed| by.is_none_or(|by| renewed.by.at.surely_before(by));
    outworked(case, sibling).find(|(s, renewed)| !may_borrow(case, s, renewed) && in_time(renewed))
}

/// Another holder of the very token that worked past the end of it, perhaps with what it had borrowed.
pub(super) fn borrowed<'a>(case: &Case<'a>, sibling: &Sibling) -> Option<(&'a Sibling, &'a Renewed)> {
    outworked(case, sibling).find(|(s, renewed)| may_borrow(case, s, renewed))
}

/// Holders of the very token, of other programs or machines, that worked past the end of it.
fn outworked<'a>(case: &Case<'a>, sibling: &Sibling) -> impl Iterator<Item = (&'a Sibling, &'a Renewed)> + use<'a> {
    let (case, client, host) = (*case, sibling.client, case.store(sibling).host);
    let other = move |s: &&Sibling| s.client != client || case.store(s).host != host;
    let related = |s: &&Sibling| s.account != Relation::Different && s.family != Relation::Different;
    let others = case.incident.siblings.iter().filter(other).filter(related);
    others.filter_map(|s| Some((s, s.renewed.as_ref()?))).filter(|(s, renewed)| renewed.is_of_token(s.shared.is_some()))
}

/// Does it hold to this day what it held then, and is of a program that borrows what another one has? Codex (0.98 to
/// 0.169) is none.
pub(super) fn may_borrow(case: &Case<'_>, sibling: &Sibling, renewed: &Renewed) -> bool {
    !renewed.replaced && case.store(sibling).live && sibling.client != Client::Codex
}

/// The act by which the store of another program or machine, which had held the very token too, came by the pair of
/// the same login that it shows next.
pub(super) fn later_pair<'a>(case: &Case<'a>, sibling: &Sibling) -> Option<&'a Act> {
    let other = |s: &&Sibling| s.client != sibling.client || case.store(s).host != case.store(sibling).host;
    let of_login = |s: &&Sibling| s.shared.is_some() && s.family == Relation::Same;
    case.incident.siblings.iter().filter(other).filter(of_login).find_map(|s| chain(case, s))
}

/// The rotation by which the store of another program, whose earlier pairs no file shows, came by a pair of the same
/// login in the time in question: it may have held the very token as well.
pub(super) fn pair_of_login<'a>(case: &Case<'a>, sibling: &Sibling) -> Option<&'a Act> {
    let open = |s: &&Sibling| s.client != sibling.client && s.shared.is_none() && s.family == Relation::Same;
    case.incident.siblings.iter().filter(open).find_map(|s| Some(case.act(case.may_have_spent(s)?)))
}

/// The generations of a login follow each other in one line, since each is exchanged once: of two rotations
/// in the time in question only the earlier can have spent what the victim held.
fn earlier_rotation<'a>(case: &Case<'a>, sibling: &Sibling) -> Option<&'a Act> {
    let of_login = |s: &&Sibling| s.family == Relation::Same;
    let first = |s: &Sibling| s.first_rotation.map(|index| case.act(index)).filter(|act| !case.before_possession(act.at));
    let own = first(sibling).filter(|_| of_login(&sibling))?;
    let others = case.incident.siblings.iter().filter(of_login).filter(|s| s.store != sibling.store);
    let sure = |act: &&Act| act.doubt.is_none() && matches!(act.kind, ActKind::Rotation { by_login: Some(false) });
    others.filter_map(first).filter(sure).find(|act| act.at.surely_before(own.at) && own.at.ms - act.at.ms > APART_MS)
}

/// Does its store show a rotation of the victim's login from the refusal on? What it held until then may be
/// overwritten.
pub(super) fn rotated_later(case: &Case<'_>, sibling: &Sibling) -> bool {
    /// Acts that are looked at.
    const MOST: usize = 65_536;
    let refused = case.incident.refused;
    let from = case.known.acts.partition_point(|act| act.at.ms < refused.lo);
    let stated = case.known.acts.get(from..).unwrap_or_default().iter().take(MOST);
    // The present reading may have put one there that its record has before.
    let moved = case.moved.iter().map(|(_, act)| act).filter(|act| !act.at.surely_before(refused));
    let later = stated.chain(moved);
    let (held, store) = (case.incident.held.as_ref(), case.store(sibling));
    let brought = |act: &Act| act.held.and_then(|at| store.held.get(at));
    let of_login = |act: &Act| brought(act).zip(held).is_some_and(|(new, held)| new.is_later_generation(held));
    later.filter(|act| act.store == Some(sibling.store)).any(|act| act.is_rotation() && of_login(act))
}

/// Another program or machine that may have exchanged the very token as well: it held that, and has moved on
/// to a pair later than the successor. It may have passed the successor on. The item states that it held it.
pub(super) fn disputed_by(case: &Case<'_>, sibling: &Sibling) -> Option<Item> {
    let other = |s: &&Sibling| s.client != sibling.client || case.store(s).host != case.store(sibling).host;
    let rival = case.incident.siblings.iter().filter(other).find(|s| s.skipped.is_some())?;
    let says = format!("{} had held the very refresh token, and moved on to a pair later than its successor", case.who(rival));
    rival.shared.map(|origin| case.item(ItemKind::SharedToken, None, origin, says))
}

/// The pair that the store held right before the one of this act, where that is an older generation than the
/// victim's. In one line that cannot be: either it had taken the victim's over in between, or the two
/// programs have a line each.
pub(super) fn older_before(case: &Case<'_>, act: &Act) -> Option<Item> {
    let before = act.store.zip(act.held).and_then(|(id, at)| case.known.stores.get(id)?.held.get(at.checked_sub(1)?))?;
    let older = case.incident.held.as_ref()?.is_later_generation(before);
    let says = "the pair that the store held right before is older than the victim's".to_owned();
    older.then(|| case.item(ItemKind::Store, before.issued_at, before.origin, says))
}

/// May generations lie between the shared token and the pair that the store shows next? A program renews a
/// pair when its access token ends at the latest, or when it is used again after that: where the next pair on
/// record came long after, that the program was idle is not known.
pub(super) fn may_be_later(case: &Case<'_>, sibling: &Sibling, act: &Act) -> bool {
    let shared = case.incident.held.as_ref().filter(|_| sibling.shared.is_some());
    let ended = shared.and_then(|held| held.expires_at);
    ended.is_some_and(|ended| act.at.lo.saturating_sub(ended.hi) > IDLE_MS)
}
