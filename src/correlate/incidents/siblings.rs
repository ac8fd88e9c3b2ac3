//! The other holders: for each incident, what every other store has to do with the victim's
//! credential (account, login session, shared token) and what was done to it in the meantime.

use super::asked::Asked;
use super::asof;
use super::asof::{Dated, Question, Side};
use super::failing::SuccessSeen;
use super::family::{self, Anew, Kin};
use super::lent;
use super::lived;
use super::relation::Relation;
use super::relogin::Relogins;
use super::renewed::{Renewed, outlived, renewed};
use super::replay::Told;
use super::successes::Successes;
use super::succession::{self, Skipped};
use crate::correlate::acts::{Act, ActKind};
use crate::correlate::clock::When;
use crate::correlate::covered::Watched;
use crate::correlate::hosts::differ;
use crate::correlate::stores::{Held, Store, StoreId, Stores};
use crate::event::{Client, Origin};
use crate::secret::Key;
use std::collections::BTreeMap;

/// Another store, seen from the victim's incident.
#[derive(Clone, Debug)]
pub struct Sibling {
    /// The store.
    pub store: StoreId,
    /// Its program.
    pub client: Client,
    /// True when it belongs to the victim's own program (another agent, profile, home).
    pub same_program: bool,
    /// True when it is known to be on another machine than the victim's.
    pub other_host: bool,
    /// True when it is so, or when nothing says that the two are of one machine since one of them was packed alone:
    /// that they share a machine ties their logins then no more than if they did not.
    pub may_be_elsewhere: bool,
    /// Account compared with the victim's.
    pub account: Relation,
    /// The conversation that says so, where the store does not: a login may have ended what it held before.
    pub named: Option<(When, Origin)>,
    /// Login session compared with the one the victim's token descends from.
    pub family: Relation,
    /// Where all that the store shows since is a login that may have been made then: unless the two are known to
    /// have been separate before.
    pub anew: Option<Anew>,
    /// Where this store held the very refresh token that the victim still held.
    pub shared: Option<Origin>,
    /// The act that spent the shared token: the first change of this store after it held it.
    pub spent: Option<usize>,
    /// Where another store shows a pair that was issued between the shared token and the pair that this store
    /// had next: what this store exchanged for that pair is then not the shared token. None where `spent` is
    /// known.
    pub skipped: Option<Skipped>,
    /// The act by which its program had taken over another pair after the shared one, and before the pair that its
    /// store shows next: what it exchanged for that is not the shared token.
    pub took: Option<usize>,
    /// Where its own program was told that the shared token had been used, while its store still held that: it
    /// had not exchanged it by then, or had lost the result.
    pub told_used: Option<(When, Origin)>,
    /// First rotation after the victim came to hold its token, and before the first failure.
    pub first_rotation: Option<usize>,
    /// Last rotation before the first failure.
    pub last_rotation: Option<usize>,
    /// A rotation of that time that the store does not show, and that must have been: before the first one
    /// that it shows, if it shows any.
    pub renewed: Option<Renewed>,
    /// The first login or logout of this store since the victim came to hold its token: what it refreshed after
    /// that is another login, unless a pair that it holds is known to be of the victim's.
    pub relogged: Option<usize>,
    /// Logins and logouts of this store's home between the victim's last sign of life and its
    /// first failure.
    pub endings: Vec<usize>,
    /// First success with this store after the victim's first failure.
    pub alive_after: Option<SuccessSeen>,
    /// Where a log shows that this store's program did not refresh between the victim's possession
    /// of its token and its first failure; None where no log covers that time.
    pub silent: Option<Origin>,
    /// A refusal of this store's credential around the victim's first failure.
    pub failing: Option<Origin>,
}

/// What was done in one other store in the causal interval.
#[derive(Clone, Debug)]
pub(in crate::correlate) struct Rotated {
    store: StoreId,
    first: Option<usize>,
    last: Option<usize>,
    relogged: Option<usize>,
    /// The same, whenever it was: perhaps the repair.
    login: Option<usize>,
}

/// The same of each other store.
pub(in crate::correlate) type Rotations = Vec<Rotated>;

/// Answer for every other store.
pub(in crate::correlate) fn of(
    asked: &Asked<'_>,
    stores: &Stores,
    successes: &Successes<'_>,
    acts: &[Act],
    (failing, told, watched): (&[Vec<(When, Origin)>], &Told, &Watched),
    rotations: &Rotations,
) -> Vec<Sibling> {
    let successor = succession::successor(asked, &stores.list, acts);
    let lent = lent::lent(asked, stores);
    let keepers = keepers(asked, &stores.list);
    rotations
        .iter()
        .map(|&Rotated { store: id, first: first_rotation, last: last_rotation, relogged, login }| {
            let store = &stores.list[id];
            let shared = shared(asked.held, store);
            let next = shared.map(|at| succession::next(id, at, store, successor, acts));
            let unseen = first_rotation.is_none() && last_rotation.is_none();
            let told_used = shared.and_then(|at| told_used(told, id, (store.held.get(at)?, store.held.get(at + 1))));
            let failing = alike(&failing[id], asked.first);
            let lent = lent.filter(|(lender, _)| *lender == id).map(|(_, mark)| mark);
            let is_open = |found: &Renewed| {
                // One that was refused as well, or may have taken over the pair that another store shows, explains itself.
                // Not where that was issued after the work: that a store holds the shared pair to this day is then no
                // word on what its program worked with.
                let elsewhere = successor.filter(|s| s.is_from_elsewhere(id));
                let own = elsewhere.is_none_or(|s| s.came_after(found.by.at));
                let untold = told_used.is_none_or(|(at, _)| found.by.at.surely_before(at));
                own && untold && failing.is_none() && (unseen || !found.replaced)
            };
            let outlived = || outlived(asked, id, (store, shared, lent), successes, acts).filter(is_open);
            let endings = endings(asked, id, stores, acts);
            let ended = endings.iter().filter_map(|&index| acts.get(index)).min_by_key(|act| act.at.ms);
            let kept = keepers.iter().any(|&other| other != id && stores.list[other].client == store.client);
            let (account, named) = account(asked.victim.account, (id, store), (ended, kept), successes);
            let Kin { relation, anew } = family::of(asked, store, stores, login.map(|index| acts[index].at));
            Sibling {
                store: id,
                client: store.client,
                same_program: store.client == asked.victim.client,
                other_host: differ(store.host, asked.victim.host),
                may_be_elsewhere: differ(store.host, asked.victim.host)
                    || stores.are_packed_apart(store.home.as_deref(), asked.victim.home.as_deref()),
                account,
                named,
                family: relation,
                anew,
                shared: shared.map(|at| store.held[at].origin),
                spent: next.as_ref().and_then(succession::Next::spent),
                skipped: next.as_ref().and_then(succession::Next::skipped),
                took: next.as_ref().and_then(succession::Next::took),
                told_used,
                first_rotation,
                last_rotation,
                // What it worked with then may be the generation that it passed over.
                renewed: renewed(asked, id, (store, shared, unseen), successes, acts)
                    .filter(|_| next.as_ref().and_then(succession::Next::skipped).is_none())
                    .or_else(outlived),
                relogged,
                endings,
                alive_after: successes.after(asked, id, store),
                silent: asked
                    .held
                    .and_then(|h| h.since)
                    .and_then(|since| watched.silent(store.client, &store.home, since, asked.refused)),
                failing,
            }
        })
        .collect()
}

/// First and last rotation of each other store in the causal interval of each incident, by as-of
/// joins keyed by account; one join for all incidents of one credential. A rotation counts for the
/// login that the store held when it rotated, not for one that it held at some other time: a store
/// that moved to another login no longer touches the victim's.
pub(in crate::correlate) fn rotations(asked: &[Asked<'_>], stores: &Stores, acts: &[Act]) -> Vec<Rotations> {
    let mut found: Vec<Rotations> = vec![Vec::new(); asked.len()];
    let mut alike: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (at, a) in asked.iter().enumerate() {
        alike.entry((a.victim.account, a.victim.store, a.held.map(|h| h.origin))).or_default().push(at);
    }
    for members in alike.into_values() {
        let Some(one) = members.first().map(|&at| &asked[at]) else { continue };
        let relogins = Relogins::of(one, &stores.list, acts);
        let dated = dated(one, stores, acts, &relogins);
        let others: Vec<StoreId> = (0..stores.list.len()).filter(|id| Some(*id) != one.victim.store).collect();
        let since = one.held.and_then(|h| h.since).map_or(i64::MIN / 2, |s| s.ms + 1);
        let ask = |at: i64| others.iter().map(move |&id| Question { account: 0, store: id as u32, at });
        // What comes first after possession is the same for all; what came last before the failure is not.
        let firsts: Vec<Question> = ask(since).collect();
        let lasts: Vec<Question> = members.iter().flat_map(|&at| ask(asked[at].refused.ms)).collect();
        let first = asof::join(&firsts, &dated, Side::FirstAfter).unwrap_or_else(|_| vec![None; firsts.len()]);
        let last = asof::join(&lasts, &dated, Side::LastBefore).unwrap_or_else(|_| vec![None; lasts.len()]);
        for (row, &at) in members.iter().enumerate() {
            let inside = |index: Option<u32>| {
                let index = index? as usize;
                (since..asked[at].refused.ms).contains(&acts[index].at.ms).then_some(index)
            };
            let answers = others.iter().enumerate().map(|(column, &id)| {
                let last = last.get(row * others.len() + column).copied().flatten();
                let login = relogins.of_store(id);
                let relogged = login.filter(|&index| acts[index].at.ms < asked[at].refused.ms);
                Rotated { store: id, first: inside(first[column]), last: inside(last), relogged, login }
            });
            found[at] = answers.collect();
        }
    }
    found
}

/// The rotations that may be of the victim's login. Acts without a known account may be of any:
/// they are numbered as the victim's.
fn dated(asked: &Asked<'_>, stores: &Stores, acts: &[Act], relogins: &Relogins) -> Vec<Dated> {
    let number = |key: Option<Key>| u32::from(key.is_some() && asked.victim.account.is_some() && key != asked.victim.account);
    let candidates =
        acts.iter().enumerate().filter(|(_, a)| may_spend(a, asked, &stores.list) && !relogins.parts(a, asked, &stores.list, acts));
    candidates
        .filter_map(|(i, a)| {
            let store = a.store?;
            let account = number(a.account.or(stores.list[store].account));
            Some(Dated { account, store: store as u32, at: a.at.ms, index: i as u32 })
        })
        .collect()
}

/// May the act have spent the victim's token, whenever it was done? A rotation, on a login that is not
/// known to be another one, and not one that the token itself or an older one came from.
pub(super) fn may_spend(act: &Act, asked: &Asked<'_>, stores: &[Store]) -> bool {
    act.is_rotation() && !is_of_another_login(act, asked, stores) && !came_before(act, asked.held, stores)
}

/// Did the act bring in a token that the login service issued no later than the one the victim held? The
/// order of two issue times is exact, whatever the clocks of the machines.
pub(super) fn came_before(act: &Act, held: Option<&Held>, stores: &[Store]) -> bool {
    let brought = act.store.zip(act.held).and_then(|(store, at)| stores.get(store)?.held.get(at));
    let issued = |held: &Held| held.issued_at.map(|at| at.ms);
    brought.zip(held).is_some_and(|(a, b)| a.same_tokens(b) || issued(a).zip(issued(b)).is_some_and(|(a, b)| a < b))
}

/// Is the act one of the sibling's store or home, on an account that may be the victim's?
pub(super) fn is_of(act: &Act, sibling: &Sibling, stores: &[Store]) -> bool {
    sibling.account != Relation::Different && is_at(act, sibling.store, stores)
}

fn is_at(act: &Act, id: StoreId, stores: &[Store]) -> bool {
    let store = &stores[id];
    act.store == Some(id) || (store.home.is_some() && act.is_at(store.client, &store.home, store.host))
}

/// Is the credential that an act brought in, or that its store held then, known to descend from
/// another login than the victim's?
fn is_of_another_login(act: &Act, asked: &Asked<'_>, stores: &[Store]) -> bool {
    let Some(store) = act.store.and_then(|id| stores.get(id)) else { return false };
    let held = act.held.and_then(|at| store.held.get(at)).or_else(|| store.held_at(act.at));
    held.zip(asked.held).and_then(|(a, b)| a.same_family(b)) == Some(false)
}

/// The same account if the store ever held a credential of it, else another one: unless all that names it is what a
/// login brought that may have ended the victim's. What it replaced was of the account that the home's conversations
/// name before it (Codex 0.169), and where nothing does, of any: but hardly of the victim's, where another home
/// of that program has it (`kept`), from which the victim's login can have come.
fn account(
    victim: Option<Key>,
    (id, store): (StoreId, &Store),
    (ended, kept): (Option<&Act>, bool),
    successes: &Successes<'_>,
) -> (Relation, Option<(When, Origin)>) {
    let ever = |account: Key| store.account == Some(account) || store.held.iter().any(|h| h.account == Some(account));
    let relation = Relation::of(victim.filter(|_| store.account.is_some()).map(ever));
    let (Relation::Different, Some(act)) = (relation, ended) else { return (relation, None) };
    let before = |held: &Held| held.account.is_some() && held.since.is_some_and(|since| since.surely_before(act.at));
    let brought = |at: usize| act.store == Some(id) && act.held == Some(at);
    if store.held.iter().enumerate().any(|(at, held)| before(held) && !brought(at)) {
        return (relation, None);
    }
    let said = successes.account_before(id, act.at);
    if said.is_none() && kept {
        return (relation, None);
    }
    (Relation::of(said.zip(victim).map(|((said, _), victim)| said == victim)), said.map(|(_, named)| named))
}

/// The stores that hold a pair of the victim's login, or are of its account.
fn keepers(asked: &Asked<'_>, stores: &[Store]) -> Vec<StoreId> {
    let Some(victims) = asked.held else { return Vec::new() };
    let of_account = |store: &Store| store.account.is_some() && store.account == asked.victim.account;
    let holds = |store: &Store| of_account(store) || store.held.iter().any(|held| held.same_family(victims) == Some(true));
    (0..stores.len()).filter(|&id| stores.get(id).is_some_and(holds)).collect()
}

/// Where in its history the store held the victim's refresh token.
fn shared(held: Option<&Held>, store: &Store) -> Option<usize> {
    let held = held?;
    store.held.iter().position(|h| h.same_refresh(held))
}

/// When a store's own program was first told that a token had been used which its store held then, and until
/// it held the next one.
fn told_used(told: &Told, id: StoreId, (held, next): (&Held, Option<&Held>)) -> Option<(When, Origin)> {
    let (since, until) = (held.since?, next.map(|next| next.since));
    let inside = |at: When| since.surely_before(at) && until.is_none_or(|until| until.is_some_and(|until| at.surely_before(until)));
    told.used_after(id, since.ms).filter(|(at, _)| inside(*at))
}

/// Logins, abandoned logins and logouts of a store's home that could have ended the victim's
/// login.
fn endings(asked: &Asked<'_>, id: StoreId, stores: &Stores, acts: &[Act]) -> Vec<usize> {
    (0..acts.len()).filter(|&i| may_end(&acts[i], asked, id, &stores.list)).collect()
}

/// May the act have ended the victim's login? It came after the last sign of life of what was refused, by that
/// act, and after the victim came to hold its token, and before its first failure. The login from which the
/// victim's own token descends ends nothing.
pub(super) fn may_end(act: &Act, asked: &Asked<'_>, id: StoreId, stores: &[Store]) -> bool {
    let possession = asked.held.and_then(lived::possessed);
    let since = |when: Option<When>| when.is_none_or(|s| s.maybe_before(act.at));
    let lived = lived::until_by(act, stores.get(id), asked.held, (asked.lived, asked.last_good));
    let in_time = || act.at.maybe_before(asked.first) && since(lived) && since(possession);
    let made = || {
        let held = act.held.and_then(|at| stores.get(act.store?)?.held.get(at));
        let brings = act.is_login() || matches!(act.kind, ActKind::LoginBegun { .. });
        brings && held.zip(asked.held).and_then(|(x, y)| x.same_family(y)) == Some(true)
    };
    act.is_ending_or_start() && is_at(act, id, stores) && in_time() && !made()
}

/// A refusal of a store at about the same time, under every reading of both. The list is by time.
fn alike(failing: &[(When, Origin)], first: When) -> Option<Origin> {
    /// Failures this close count as happening alike.
    const ALIKE_MS: i64 = 30 * 60_000;
    const MOST_LOOKED_AT: usize = 4_096;
    let from = failing.partition_point(|(at, _)| at.ms < first.ms.saturating_sub(ALIKE_MS));
    let near = failing.get(from..)?.iter().take_while(|(at, _)| at.ms <= first.ms.saturating_add(ALIKE_MS));
    let spread = |at: &When| at.hi.max(first.hi).saturating_sub(at.lo.min(first.lo));
    near.take(MOST_LOOKED_AT).find(|(at, _)| spread(at) <= ALIKE_MS).map(|(_, origin)| *origin)
}
