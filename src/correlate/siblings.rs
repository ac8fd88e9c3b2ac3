//! The other holders: for each incident, what every other store has to do with the victim's
//! credential (account, login session, shared token) and what was done to it in the meantime.

use super::acts::{Act, ActKind};
use super::asof::{self, Dated, Question, Side};
use super::clock::When;
use super::incident::{SuccessSeen, Victim};
use super::stores::{Held, Store, StoreId, Stores};
use super::turns::TurnSeen;
use crate::event::{Client, Origin};
use crate::secret::Key;

/// How two identities compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// Known to be equal.
    Same,
    /// Known to differ.
    Different,
    /// One of them is not known.
    Unknown,
}

impl Relation {
    fn of(answer: Option<bool>) -> Relation {
        match answer {
            Some(true) => Relation::Same,
            Some(false) => Relation::Different,
            None => Relation::Unknown,
        }
    }
}

/// Another store, seen from the victim's incident.
#[derive(Clone, Debug)]
pub struct Sibling {
    /// The store.
    pub store: StoreId,
    /// Its program.
    pub client: Client,
    /// True when it belongs to the victim's own program (another agent, profile, home).
    pub same_program: bool,
    /// Account compared with the victim's.
    pub account: Relation,
    /// Login session compared with the one the victim's token descends from.
    pub family: Relation,
    /// Where this store held the very refresh token that the victim still held.
    pub shared: Option<Origin>,
    /// The act that spent the shared token: the first change of this store after it held it.
    pub spent: Option<usize>,
    /// First rotation after the victim came to hold its token, and before the first failure.
    pub first_rotation: Option<usize>,
    /// Last rotation before the first failure.
    pub last_rotation: Option<usize>,
    /// Logins and logouts of this store's home between the victim's last sign of life and its
    /// first failure.
    pub endings: Vec<usize>,
    /// First success with this store after the victim's first failure.
    pub alive_after: Option<SuccessSeen>,
    /// A refusal of this store's credential around the victim's first failure.
    pub failing: Option<Origin>,
}

/// What an incident asks its siblings about.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    /// The victim.
    pub victim: &'a Victim,
    /// Credential it held at the first failure.
    pub held: Option<&'a Held>,
    /// First failure.
    pub first: When,
    /// The last time its credential is known to have worked.
    pub last_good: Option<When>,
}

/// Answer for every other store.
pub(super) fn of(
    asked: &Asked<'_>,
    stores: &Stores,
    turns: &[TurnSeen],
    acts: &[Act],
    failing: &[(StoreId, When, Origin)],
) -> Vec<Sibling> {
    let others: Vec<StoreId> = (0..stores.list.len()).filter(|id| Some(*id) != asked.victim.store).collect();
    let rotations = joined(asked, stores, acts, &others);
    others
        .iter()
        .zip(rotations)
        .map(|(&id, (first_rotation, last_rotation))| {
            let store = &stores.list[id];
            let shared = shared(asked.held, store);
            Sibling {
                store: id,
                client: store.client,
                same_program: store.client == asked.victim.client,
                account: account(asked.victim.account, store),
                family: family(asked, store, stores),
                shared: shared.map(|at| store.held[at].origin),
                spent: shared.and_then(|at| spent(id, at, acts)),
                first_rotation,
                last_rotation,
                endings: endings(asked, id, stores, acts),
                alive_after: alive_after(asked, id, store, turns),
                failing: failing.iter().find(|(s, at, _)| *s == id && near(*at, asked.first)).map(|(_, _, o)| *o),
            }
        })
        .collect()
}

/// First and last rotation of each store in the causal interval, by as-of joins keyed by account.
/// A rotation counts for the login that the store held when it rotated, not for one that it held
/// at some other time: a store that moved to another login no longer touches the victim's.
fn joined(asked: &Asked<'_>, stores: &Stores, acts: &[Act], others: &[StoreId]) -> Vec<(Option<usize>, Option<usize>)> {
    // Stores without a known account may be of any: they are asked under the victim's.
    let number = |key: Option<Key>| u32::from(key.is_some() && asked.victim.account.is_some() && key != asked.victim.account);
    let dated: Vec<Dated> = acts
        .iter()
        .enumerate()
        .filter(|(_, a)| a.is_rotation() && !is_of_another_login(a, asked, stores))
        .filter_map(|(i, a)| {
            let store = a.store?;
            Some(Dated {
                account: number(a.account.or(stores.list[store].account)),
                store: store as u32,
                at: a.at.ms,
                index: i as u32,
            })
        })
        .collect();
    let ask = |at: i64| others.iter().map(|&id| Question { account: 0, store: id as u32, at }).collect();
    let since = asked.held.and_then(|h| h.since).map_or(i64::MIN / 2, |s| s.ms + 1);
    let firsts: Vec<Question> = ask(since);
    let lasts: Vec<Question> = ask(asked.first.ms);
    let first = asof::join(&firsts, &dated, Side::FirstAfter).unwrap_or_else(|_| vec![None; others.len()]);
    let last = asof::join(&lasts, &dated, Side::LastBefore).unwrap_or_else(|_| vec![None; others.len()]);
    let inside = |index: Option<u32>| {
        let at = index? as usize;
        (since..asked.first.ms).contains(&acts[at].at.ms).then_some(at)
    };
    first.into_iter().zip(last).map(|(f, l)| (inside(f), inside(l))).collect()
}

/// Is the credential that an act brought in, or that its store held then, known to descend from
/// another login than the victim's?
fn is_of_another_login(act: &Act, asked: &Asked<'_>, stores: &Stores) -> bool {
    let Some(store) = act.store.map(|id| &stores.list[id]) else { return false };
    let held = act.held.and_then(|at| store.held.get(at)).or_else(|| store.held_at(act.at));
    held.zip(asked.held).and_then(|(a, b)| a.same_family(b)) == Some(false)
}

/// The same account if the store ever held a credential of it.
fn account(victim: Option<Key>, store: &Store) -> Relation {
    let ever = |account: Key| store.account == Some(account) || store.held.iter().any(|h| h.account == Some(account));
    Relation::of(victim.filter(|_| store.account.is_some()).map(ever))
}

/// The same login if any credential of the store's history descends from the victim's; different
/// only if all of them are known to. Where it is not known which credential the victim held, only
/// "different" can be said: from all that its program is known to have held by then. What it holds
/// since may be the repair.
fn family(asked: &Asked<'_>, store: &Store, stores: &Stores) -> Relation {
    let Some(held) = asked.held else {
        let by_then = |h: &&Held| h.since.is_some_and(|s| s.surely_before(asked.first));
        let own = stores.list.iter().filter(|s| s.client == asked.victim.client).flat_map(|s| &s.held).filter(by_then);
        let answers: Vec<Option<bool>> = own.flat_map(|o| store.held.iter().map(|h| h.same_family(o))).collect();
        return if all_differ(&answers) { Relation::Different } else { Relation::Unknown };
    };
    let answers: Vec<Option<bool>> = store.held.iter().map(|h| h.same_family(held)).collect();
    if answers.contains(&Some(true)) {
        return Relation::Same;
    }
    if all_differ(&answers) { Relation::Different } else { Relation::Unknown }
}

fn all_differ(answers: &[Option<bool>]) -> bool {
    !answers.is_empty() && answers.iter().all(|a| *a == Some(false))
}

/// Where in its history the store held the victim's refresh token.
fn shared(held: Option<&Held>, store: &Store) -> Option<usize> {
    let token = held?.refresh?;
    store.held.iter().position(|h| h.refresh == Some(token))
}

/// The change that came right after the store held a token.
fn spent(id: StoreId, held: usize, acts: &[Act]) -> Option<usize> {
    acts.iter().position(|a| a.store == Some(id) && a.held == Some(held + 1) && a.is_rotation())
}

/// Logins, abandoned logins and logouts of a store's home that could have ended the victim's
/// login: after the victim's last sign of life and after it came to hold its token, before its
/// first failure. The login from which the victim's own token descends ends nothing.
fn endings(asked: &Asked<'_>, id: StoreId, stores: &Stores, acts: &[Act]) -> Vec<usize> {
    let store = &stores.list[id];
    let possession = asked.held.filter(|h| !h.dated_by_file).and_then(|h| h.since);
    let at_home = |a: &Act| a.store == Some(id) || (a.client == store.client && a.home.is_some() && a.home == store.home);
    let ends = |a: &Act| matches!(a.kind, ActKind::Login { .. } | ActKind::LoginAbandoned | ActKind::Logout);
    let since = |when: Option<When>, a: &Act| when.is_none_or(|s| s.maybe_before(a.at));
    let in_time = |a: &Act| a.at.maybe_before(asked.first) && since(asked.last_good, a) && since(possession, a);
    let made = |a: &Act| {
        let held = a.held.and_then(|at| stores.list.get(a.store?)?.held.get(at));
        a.is_login() && held.zip(asked.held).and_then(|(x, y)| x.same_family(y)) == Some(true)
    };
    (0..acts.len()).filter(|&i| at_home(&acts[i]) && ends(&acts[i]) && in_time(&acts[i]) && !made(&acts[i])).collect()
}

/// A success of a store after the victim's first failure, with a credential that may be of the
/// victim's login: one of a login made since says nothing about the old one.
fn alive_after(asked: &Asked<'_>, id: StoreId, store: &Store, turns: &[TurnSeen]) -> Option<SuccessSeen> {
    let of_store = |t: &&TurnSeen| {
        t.store == Some(id) || (t.client == store.client && t.home.is_some() && t.home == store.home && t.store.is_none())
    };
    let works = |t: &&TurnSeen| t.stop.is_success() && t.provider.is_chatgpt() && asked.first.surely_before(t.at);
    let same_login = |t: &&TurnSeen| store.held_at(t.at).zip(asked.held).and_then(|(a, b)| a.same_family(b)) != Some(false);
    turns.iter().filter(of_store).find(|t| works(t) && same_login(t)).map(|t| SuccessSeen { at: t.at, origin: t.origin })
}

/// Failures this close count as happening alike.
const ALIKE_MS: i64 = 30 * 60_000;

fn near(a: When, b: When) -> bool {
    (a.ms - b.ms).abs() <= ALIKE_MS
}
