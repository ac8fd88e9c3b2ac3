//! In which way a program got in its own way: agents, profiles, homes, processes, two entries of one store,
//! or a refresh that was forced on a fresh token. Named where the files show it, since each is mended
//! elsewhere; none of them changes the verdict, which is that of the program.

use super::rivals::{is_holder, refused, rivals};
use crate::attribute::case::Case;
use crate::attribute::finding::{Item, ItemKind};
use crate::correlate::{Act, ActKind, Held, Sibling, Store};
use crate::event::{Client, Section};

/// A login this shortly before its refresh was refused: nothing had to be refreshed.
const FRESH_MS: i64 = 15 * 60_000;
/// So long before the end of its access token no client refreshes of itself.
const FAR_MS: i64 = 60 * 60_000;

/// What kind it is, in one sentence, with the record that shows it.
pub(super) fn kind(case: &Case<'_>, won: Option<&Act>) -> Option<Item> {
    let holder =
        case.own_others().find(|s| is_holder(case, s)).or_else(|| case.own_others().find(|s| lags(case, s) || leads(case, s)));
    forced(case).or_else(|| holder.and_then(|s| of_stores(case, s))).or_else(|| won.and_then(|won| of_processes(case, won)))
}

/// Another entry of the victim's own file that still holds an older pair of its login: the file was
/// rotated in one place and not in the other.
pub(super) fn lags(case: &Case<'_>, sibling: &Sibling) -> bool {
    beside(case, sibling).is_some_and(|(held, other)| held.is_later_generation(other))
}

/// Another entry of the victim's own file that holds a newer pair of its login, while what was presented is the
/// older one.
pub(super) fn leads(case: &Case<'_>, sibling: &Sibling) -> bool {
    beside(case, sibling).is_some_and(|(held, other)| other.is_later_generation(held))
}

/// What the victim held, and what another live entry of its own file holds.
fn beside<'a>(case: &Case<'a>, sibling: &Sibling) -> Option<(&'a Held, &'a Held)> {
    let own = case.known.stores.get(case.incident.victim.store?)?;
    let store = case.store(sibling);
    let pair = case.incident.held.as_ref().zip(store.now());
    pair.filter(|_| own.live && store.live && same_file(own, store))
}

fn same_file(a: &Store, b: &Store) -> bool {
    a.client == b.client && a.home == b.home && a.folder == b.folder
}

fn of_stores(case: &Case<'_>, sibling: &Sibling) -> Option<Item> {
    let own = case.known.stores.get(case.incident.victim.store?)?;
    let other = case.store(sibling);
    let is_pool = |store: &Store| matches!(store.section, Section::Pool(_));
    let is_profile = |store: &Store| store.home.as_deref().is_some_and(|home| home.contains("/profiles/"));
    let says = match own.client {
        Client::Hermes if same_file(own, other) && is_pool(own) != is_pool(other) => {
            "the login stands twice in one store of Hermes, as the provider's own and as a pool entry, and the two differ"
        }
        Client::Hermes if own.home != other.home && (is_profile(own) || is_profile(other)) => {
            "profiles of Hermes each hold a copy of the login"
        }
        Client::Openclaw if own.home == other.home && own.folder != other.folder => {
            "agents of one OpenClaw each hold a copy of the login"
        }
        _ if own.home != other.home => "two homes of the program each hold a copy of the login",
        _ => return None,
    };
    let origin = other.now().or(other.newest())?.origin;
    Some(case.item(ItemKind::Store, None, origin, says.to_owned()))
}

fn of_processes(case: &Case<'_>, won: &Act) -> Option<Item> {
    let refused = refused(case).filter(|_| rivals(case, won) == Some(true))?;
    let says = "two processes of the program share one store".to_owned();
    Some(case.item(ItemKind::Store, Some(refused.at), refused.origin, says))
}

/// A refresh of a token that had just come from a login and was far from its end.
fn forced(case: &Case<'_>) -> Option<Item> {
    let refused = refused(case)?;
    let held = case.incident.held.as_ref()?;
    let far = held.expires_at.is_some_and(|end| end.ms.saturating_sub(refused.at.ms) > FAR_MS);
    let before = |act: &&Act| (0..=FRESH_MS).contains(&refused.at.ms.saturating_sub(act.at.ms));
    let own = |act: &&Act| act.client == case.incident.victim.client && act.home == case.incident.victim.home;
    let login = case.acts().filter(own).filter(before).find(|act| matches!(act.kind, ActKind::Login { .. }))?;
    let says = "a refresh was forced on a login that was minutes old and whose access token had long to go".to_owned();
    far.then(|| case.item(ItemKind::Login, Some(login.at), login.origin, says))
}
