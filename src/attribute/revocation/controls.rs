//! What tells the acts of this room from each other and from a mishap: whose login an act concerned, whether it
//! had anything to end, and what the failing client was healed by. Apart from the hypotheses, since what
//! speaks for one of them speaks against another.

use super::lives::Could;
use super::{bounds, lives, repair, versions};
use crate::attribute::Confidence;
use crate::attribute::case::Case;
use crate::attribute::finding::{Finding, Item, ItemKind};
use crate::attribute::times::day;
use crate::correlate::{Act, ActKind, Held, Recovery, Relation, Sibling, Store, TurnSeen, When};
use crate::event::Client;

/// Why the act cannot have ended the victim's login.
pub(super) fn barred(case: &Case<'_>, sibling: &Sibling, act: &Act) -> Option<(String, Item)> {
    let (who, what) = (case.who(sibling), if act.kind == ActKind::Logout { "logout" } else { "login" });
    if let Some(item) = of_another(case, sibling, act) {
        return Some((format!("the {what} of {who} was of another account or another login"), item));
    }
    if let Some(item) = in_another_home(case, sibling, act) {
        return Some((format!("the {what} of {who} was in another home, whose token file is gone"), item));
    }
    if let Some((at, item)) = others_ended(case).filter(|(at, _)| at.surely_before(act.at)) {
        return Some((format!("an unrelated account had been refused alike before the {what} of {who} ({})", day(at)), item));
    }
    match lives::could_end(case, act) {
        Could::No(why, item) => Some((why, item)),
        Could::Yes | Could::Open(..) => repair::of_the_dead(case, sibling, act),
    }
}

/// An unrelated account that was told within the half hour that its login had ended: no act on the victim's
/// account explains that.
fn others_ended(case: &Case<'_>) -> Option<(When, Item)> {
    let (at, origin) = case.incident.elsewhere.ended?;
    let says = "an unrelated account was told at about the same time that its login had ended".to_owned();
    Some((at, case.item(ItemKind::Control, Some(at), origin, says)))
}

/// Count it against what an act of somebody on the victim's account is said to have done.
pub(super) fn mind_others(case: &Case<'_>, finding: &mut Finding) {
    if let Some((_, item)) = others_ended(case) {
        finding.point(-8, item);
        finding.cap(
            Confidence::Possible,
            "an unrelated account lost its login at about the same time, which this act does not explain",
        );
    }
}

/// Weaken what rests on an act that perhaps ended nothing, or another login than the victim's.
pub(super) fn mind_doubts(case: &Case<'_>, sibling: &Sibling, act: &Act, finding: &mut Finding) {
    bounds::mind_outlasted(case, act, finding);
    if let Could::Open(open) = lives::could_end(case, act) {
        open.limit(finding);
    }
    if let Some((most, item)) = lives::lingered(case, sibling.store, act) {
        finding.limit(
            most,
            "a holder was still answered after that act, or may have been: by a connection from before, if it ended the login",
            Some(item),
        );
    }
    repair::mind(case, sibling, act, finding);
    if let Some(item) = untouched(case, sibling, act) {
        finding.point(-6, item);
        finding.cap(
            Confidence::Possible,
            "the token file is as it was before that act, which deletes it: it did not reach that login",
        );
    }
    if let Some(earlier) = emptied(case, sibling, act) {
        let because = match earlier.kind {
            ActKind::LoginAbandoned => {
                "a login had been begun there before: if it was completed, what that act replaced was that one"
            }
            _ => "an earlier act there had put its credential of that login out of use; what it held at this one is not known",
        };
        finding.limit(Confidence::Possible, because, Some(case.acted(earlier)));
        let guarded = case.store(sibling).guarded.filter(|_| earlier.kind == ActKind::LoginAbandoned);
        finding.limits.extend(guarded.map(|origin| versions::guard(case, case.store(sibling), origin)));
        finding.limits.extend(shared(case, sibling).map(|held| {
            let says = format!("{} had held a credential of the same login before that", sibling.client.title());
            case.item(ItemKind::Store, held.since, held.origin, says)
        }));
    }
    if let Some(held) = replaced(case, sibling, act).filter(|held| is_of_other_login(case, held) && act.kind == ActKind::Logout) {
        let says = format!("{} held a credential of another login of the account at that time", sibling.client.title());
        let item = case.item(ItemKind::Store, held.since, held.origin, says);
        finding.limit(
            Confidence::Possible,
            "the two logins are known to be separate; whether a logout of one ends the other is the provider's policy",
            Some(item),
        );
    }
}

/// A login that took the place of one that is known to be another than the victim's: what the store had held before
/// that one says nothing of it.
pub(super) fn mind_separate(case: &Case<'_>, sibling: &Sibling, act: &Act, finding: &mut Finding) {
    let other = replaced(case, sibling, act).filter(|held| is_of_other_login(case, held) && !brought(held, act));
    if let Some(held) = other.filter(|_| act.is_login() && sibling.family == Relation::Unknown) {
        let says = format!("{} held a credential of another login of the account at that time", sibling.client.title());
        let item = case.item(ItemKind::Store, held.since, held.origin, says);
        let because = "the two logins are known to be separate; whether one ends the other is the provider's policy";
        finding.limit(Confidence::Possible, because, Some(item));
    }
}

/// No record says that the victim's login and the one that a sibling gave up were one.
pub(super) fn mind_untied(case: &Case<'_>, sibling: &Sibling, because: &'static str, finding: &mut Finding) {
    let item = sibling.anew.map(|anew| {
        let says = format!("{} holds a login that may have been made since", case.who(sibling));
        case.item(ItemKind::Store, anew.since, anew.origin, says)
    });
    finding.limit(Confidence::Possible, because, item);
}

/// Did the act perhaps end nothing, or another login than the victim's?
pub(super) fn is_doubtful(case: &Case<'_>, sibling: &Sibling, act: &Act) -> bool {
    untouched(case, sibling, act).is_some() || repair::is_likely(case, sibling, act)
}

/// What the sibling's store held when the act was done, as far as its copies go.
pub(super) fn replaced<'a>(case: &Case<'a>, sibling: &Sibling, act: &Act) -> Option<&'a Held> {
    let before = |held: &&Held| held.since.is_some_and(|since| since.ms < act.at.ms);
    case.store(sibling).held.iter().rev().find(before)
}

/// The pair that shows that the sibling held a credential of the victim's login: the last one of it.
pub(super) fn shared<'a>(case: &Case<'a>, sibling: &Sibling) -> Option<&'a Held> {
    let victim = case.incident.held.as_ref()?;
    case.store(sibling).held.iter().rev().find(|held| held.same_family(victim) == Some(true))
}

pub(super) fn is_of_other_login(case: &Case<'_>, held: &Held) -> bool {
    case.incident.held.as_ref().and_then(|victim| held.same_family(victim)) == Some(false)
}

/// May an act of a home that is on another account now have been its change from the victim's? Not where its turns or
/// its copies show that it was on another one before.
pub(super) fn may_change_account(case: &Case<'_>, sibling: &Sibling, act: &Act) -> bool {
    /// Turns that are looked at.
    const MOST: usize = 4_096;
    let (store, turns) = (case.store(sibling), &case.known.turns);
    let end = turns.partition_point(|turn| turn.at().ms < act.at.ms);
    let early = turns.get(end.saturating_sub(MOST)..end).unwrap_or_default().iter().rev();
    let its = |turn: &&TurnSeen| {
        turn.setting.site.client == store.client && turn.setting.site.home.is_some() && turn.setting.site.home == store.home
    };
    let copied = || replaced(case, sibling, act).filter(|held| !brought(held, act)).and_then(|held| held.account);
    let before = early.filter(its).find_map(|turn| turn.setting.asked.account).or_else(copied);
    before.zip(case.incident.victim.account).is_none_or(|(before, victims)| before == victims)
}

/// What shows that the act did not concern the victim's login: one on another account does not. A new login
/// may end whatever the account had, and so may a logout; a login that was only begun ends its own.
fn of_another(case: &Case<'_>, sibling: &Sibling, act: &Act) -> Option<Item> {
    let held = replaced(case, sibling, act)?;
    let accounts = held.account.zip(case.incident.victim.account);
    let login = || is_of_other_login(case, held) && !act.is_login();
    let other = match accounts {
        Some((a, b)) if a != b => "account",
        Some(_) if act.kind == ActKind::Logout => return None,
        _ if login() => "login",
        _ => return None,
    };
    let says = format!("{} held a credential of another {other} at that time", sibling.client.title());
    Some(case.item(ItemKind::Store, held.since, held.origin, says))
}

/// The earlier login or logout of the sibling's home since which it no longer held what its copies show, or, where
/// no copy shows what it held, what the victim had taken over from there.
pub(super) fn emptied<'a>(case: &Case<'a>, sibling: &Sibling, act: &Act) -> Option<&'a Act> {
    let act = case.as_stated(act);
    let known = case.known;
    let Some(held) = replaced(case, sibling, act).filter(|held| !act.is_login() || !brought(held, act)) else {
        return parting(case, sibling, act);
    };
    // A build that ends its login when a new one is begun deletes the file then.
    let guarded = case.store(sibling).guarded.is_some();
    let counts = |earlier: &Act| guarded || earlier.kind != ActKind::LoginAbandoned;
    known.lives.changed((&known.stores, &known.acts), (sibling.store, held), act.at, counts)
}

/// The last login or logout there before the act, and since the victim came to hold its pair: what the act put an end
/// to is a login since, whatever the victim's was taken from. One that was only begun counts where nothing surer is
/// on record; in the time in question it may be the culprit itself, and then it was the same program.
fn parting<'a>(case: &Case<'a>, sibling: &Sibling, act: &Act) -> Option<&'a Act> {
    /// Changes that are looked at.
    const MOST: usize = 64;
    let (known, victims) = (case.known, case.incident.held.as_ref().filter(|_| sibling.family == Relation::Unknown)?);
    let dated = victims.since.filter(|_| !victims.dated_by_file);
    let since = [dated, victims.issued_at].into_iter().flatten().max_by_key(|at| at.hi)?;
    let time = (since.hi.saturating_add(MADE_MS), act.at.ms.saturating_sub(MADE_MS));
    let changes = known.lives.changes(&known.acts, sibling.store, time).take(MOST);
    // A credential that was taken over, or put back, may be of the victim's login again.
    let endings = changes.take_while(|&index| known.acts.get(index).is_some_and(Act::is_ending));
    let begun = |index: usize| known.acts.get(index).is_some_and(|act| act.kind == ActKind::LoginAbandoned);
    let counts = |index: &usize| !begun(*index) || !sibling.endings.contains(index);
    let found = endings.filter(counts).min_by_key(|&index| begun(index))?;
    known.acts.get(found).filter(|earlier| earlier.at.surely_before(act.at))
}

/// A login and the pair that it brought are dated this closely.
const MADE_MS: i64 = 2 * 60_000;

/// Is it, by its time, the pair that the act brought?
fn brought(held: &Held, act: &Act) -> bool {
    held.since.is_some_and(|since| act.at.ms.saturating_sub(since.ms) <= MADE_MS)
}

/// A live store that still holds the pair from before a logout, or before a login at whose start it is deleted.
fn untouched(case: &Case<'_>, sibling: &Sibling, act: &Act) -> Option<Item> {
    let (store, act) = (case.store(sibling), case.as_stated(act));
    let begins = matches!(act.kind, ActKind::LoginAbandoned | ActKind::LoginBegun { .. });
    let deletes = act.kind == ActKind::Logout || (begins && store.guarded.is_some());
    let held = store.newest().filter(|_| store.live && deletes)?;
    let says = format!("the token file of {} still holds the pair from before that", sibling.client.title());
    held.since.is_some_and(|since| since.surely_before(act.at)).then(|| case.item(ItemKind::Store, held.since, held.origin, says))
}

/// Another home of the program that lost its token file, where the one that the act is ascribed to still has its
/// own: a shell does not say in which home a command worked.
fn in_another_home(case: &Case<'_>, sibling: &Sibling, act: &Act) -> Option<Item> {
    untouched(case, sibling, act)?;
    let own = case.store(sibling);
    let is_gone = |store: &&Store| {
        let other = store.client == own.client && store.host == own.host && store.home.is_some() && store.home != own.home;
        other
            && !store.live
            && !store.hidden
            && store.newest().is_some_and(|held| held.since.is_some_and(|s| s.surely_before(act.at)))
    };
    let ran =
        |store: &Store| case.known.turns.iter().any(|t| t.setting.site.client == store.client && t.setting.site.home == store.home);
    let held = case.known.stores.iter().filter(is_gone).find(|store| ran(store))?.newest()?;
    let says = format!("the token file of another home of {} is gone", sibling.client.title());
    Some(case.item(ItemKind::Store, held.since, held.origin, says))
}

/// A logout of the victim's own, or a login that it began, between its last success and its first failure: it
/// ends the login as well as anybody else's.
pub(super) fn own_ending<'a>(case: &Case<'a>) -> Option<&'a Act> {
    let incident = case.incident;
    let store = incident.victim.store.and_then(|id| case.known.stores.get(id));
    let in_time =
        |act: &Act| act.at.surely_before(incident.first) && incident.last_good.is_none_or(|good| good.at.maybe_before(act.at));
    let begins = |act: &Act| act.kind == ActKind::LoginAbandoned || act.is_under_way(incident.first);
    let ends = |act: &&Act| (act.kind == ActKind::Logout || begins(act)) && in_time(act);
    let can = |act: &&Act| {
        store.is_none_or(|store| versions::harmless(case, store, act).is_none())
            && !matches!(lives::could_end(case, act), Could::No(..))
    };
    incident.own_acts.iter().map(|&i| case.act(i)).rev().filter(ends).find(can)
}

/// Count it against what somebody else is said to have done.
pub(super) fn mind_own_ending(case: &Case<'_>, finding: &mut Finding) {
    if let Some(act) = own_ending(case) {
        finding.point(-12, case.acted(act));
        finding.cap(
            Confidence::Undetermined,
            "the failing client's own logout or begun login came right before, which may have ended it",
        );
    }
}

/// What the victim was healed by, where that was another program's credential: how the login that it took
/// over stands to the one that was refused.
pub(super) fn adopted<'a>(case: &Case<'a>) -> Option<(Client, &'a Act, Option<&'a Held>)> {
    let (at, _) = case.incident.recovered.filter(|(_, how)| *how == Recovery::Adoption)?;
    let own = case.incident.own_acts.iter().map(|&i| case.act(i)).filter(|a| a.at.ms <= at.ms);
    let taken = |a: &'a Act| if let ActKind::Adopted { from, .. } = a.kind { Some((from, a)) } else { None };
    let (from, act) = own.filter(|a| a.at.ms >= case.incident.first.ms).filter_map(taken).next_back()?;
    let store = act.store.or(case.incident.victim.store).and_then(|id| case.known.stores.get(id));
    let held = store.and_then(|store| act.held.map_or_else(|| store.held_at(at), |i| store.held.get(i)));
    Some((from, act, held))
}

/// Take points from what says that the login was ended where the victim was healed by taking over a later
/// pair of the very same login.
pub(super) fn mind_adoption(case: &Case<'_>, finding: &mut Finding) {
    if let Some((_, act, Some(held))) = adopted(case)
        && case.incident.held.as_ref().is_some_and(|old| old.same_family(held) == Some(true) && !old.same_tokens(held))
    {
        finding.point(-8, case.acted(act));
    }
}

/// The conversation that names the account which another store had before the act that gave it a credential of another.
pub(super) fn named(case: &Case<'_>, sibling: &Sibling) -> Option<Item> {
    let (at, origin) = sibling.named?;
    let says = format!("{}: a conversation names the account that it had until then", sibling.client.title());
    Some(case.item(ItemKind::Store, Some(at), origin, says))
}
