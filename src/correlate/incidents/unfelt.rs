//! Refusals by which no turn failed. A refused refresh while the access token still worked, or where
//! another credential was taken over in time: the grant was dead, and often the next turn shows it. And
//! calls that were refused beside the turns, or within one that was mended. No incident, and worth a note.

use super::calls::{self, RefusedCall};
use super::cluster::Cluster;
use crate::correlate::acts::{Act, ActKind};
use crate::correlate::clock::When;
use crate::correlate::hosts::{HostId, may_be_one};
use crate::correlate::stores::{StoreId, Stores};
use crate::correlate::turns::TurnSeen;
use crate::event::{Client, ErrorClass, Mechanism};
use std::collections::BTreeMap;

/// Refusals of one kind.
#[derive(Clone, Debug)]
pub struct Unfelt {
    /// The program that was refused.
    pub client: Client,
    /// What was refused.
    pub what: Refused,
    /// The first one.
    pub first: When,
    /// The last one.
    pub last: When,
    /// How many: clusters of refused refreshes, or single calls.
    pub times: u64,
    /// What mended the last one.
    pub mended: Mended,
}

/// What was refused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refused {
    /// A refresh, in these words.
    Refresh(ErrorClass),
    /// Calls, and how many in which words.
    Calls(BTreeMap<ErrorClass, u64>),
}

/// What came after a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mended {
    /// Nothing that is on record.
    No,
    /// The program took over another program's credential.
    Adopted(Client),
    /// It has a new pair of its own.
    Renewed,
    /// Nothing was done to the credential, and a later turn worked.
    WentOn,
}

/// Put refusals of one program, home and kind together. What an incident of the program covers is a part
/// of that.
pub(in crate::correlate) fn of(
    (passed, calls): (&[Cluster], &[RefusedCall]),
    real: &[Cluster],
    acts: &[Act],
    (turns, stores): (&[TurnSeen], &Stores),
) -> Vec<Unfelt> {
    let mut list = refreshes(passed, real, acts);
    list.extend(refused_calls(calls, real, acts, (turns, stores)));
    list.sort_by_key(|u| (u.first.ms, u.client, u.what.clone(), u.mended));
    list
}

/// A program in a home on a machine.
type Place = (Client, Option<String>, Option<HostId>);

/// Calls that were refused with the credential, in no incident: one line for a program in a home.
fn refused_calls(calls: &[RefusedCall], real: &[Cluster], acts: &[Act], (turns, stores): (&[TurnSeen], &Stores)) -> Vec<Unfelt> {
    let mut found: BTreeMap<Place, Vec<&RefusedCall>> = BTreeMap::new();
    let felt = Felt::of(real);
    for call in calls.iter().filter(|call| !felt.holds(call)) {
        found.entry((call.client, call.home.clone(), call.host)).or_default().push(call);
    }
    let unfelt = |((client, home, host), list): (Place, Vec<&RefusedCall>)| {
        let (first, last) = (list.first()?.failure.at, list.last()?.failure.at);
        let mut words: BTreeMap<ErrorClass, u64> = BTreeMap::new();
        list.iter().for_each(|call| *words.entry(call.failure.failure.class).or_default() += 1);
        let store = list.last()?.failure.store;
        let mended = match healed((client, &home, host), store, last, acts) {
            Mended::No if turns.iter().any(|t| is_later_success(t, (client, &home, store), last, stores)) => Mended::WentOn,
            other => other,
        };
        Some(Unfelt { client, what: Refused::Calls(words), first, last, times: list.len() as u64, mended })
    };
    found.into_iter().filter_map(unfelt).collect()
}

/// When turns of each program failed in each home: spans that do not overlap, by time.
struct Felt(BTreeMap<Client, Homes>);

/// Beginning and end of each span, by home.
type Homes = BTreeMap<Option<String>, Vec<(i64, i64)>>;

impl Felt {
    fn of(real: &[Cluster]) -> Felt {
        let mut spans: BTreeMap<Client, Homes> = BTreeMap::new();
        let mut by_time: Vec<&Cluster> = real.iter().collect();
        by_time.sort_by_key(|cluster| cluster.first().ms);
        for cluster in by_time {
            let (from, to) = (cluster.first().ms - calls::NEAR_MS, cluster.last().ms + calls::NEAR_MS);
            let to = cluster.after.map_or(to, |good| to.min(good.at.ms));
            let list = spans.entry(cluster.scope.client).or_default().entry(cluster.scope.home.clone()).or_default();
            match list.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => list.push((from, to)),
            }
        }
        Felt(spans)
    }

    /// May a turn of the program have failed by what the call met? Where a home is not known, any may be it.
    fn holds(&self, call: &RefusedCall) -> bool {
        let at = call.failure.at.ms;
        let within = |list: &Vec<(i64, i64)>| {
            let next = list.partition_point(|(from, _)| *from <= at);
            next.checked_sub(1).and_then(|last| list.get(last)).is_some_and(|(_, to)| at <= *to)
        };
        let homes = self.0.get(&call.client).into_iter().flatten();
        homes.filter(|(home, _)| **home == call.home || home.is_none() || call.home.is_none()).any(|(_, list)| within(list))
    }
}

/// Did a turn work later that may have been made with the very login? Another agent's says nothing of it.
fn is_later_success(
    turn: &TurnSeen,
    (client, home, store): (Client, &Option<String>, Option<StoreId>),
    at: When,
    stores: &Stores,
) -> bool {
    let one_file = turn.setting.store.zip(store).is_none_or(|(a, b)| stores.main_of(a) == stores.main_of(b));
    let known = one_file && (turn.setting.site.unread_agent.is_none() || store.is_none());
    let its = turn.setting.site.client == client && known && (turn.setting.site.home == *home || home.is_none());
    its && turn.stop.is_success() && turn.setting.asked.provider.is_chatgpt() && turn.at().ms >= at.ms
}

/// Refused refreshes in no incident.
fn refreshes(passed: &[Cluster], real: &[Cluster], acts: &[Act]) -> Vec<Unfelt> {
    /// Records of one refusal in a store and in a log may be this far apart.
    const NEAR_MS: i64 = 60_000;
    let mut found: BTreeMap<(Client, Option<String>, ErrorClass, Mended), Unfelt> = BTreeMap::new();
    let mut in_order: Vec<&Cluster> = passed.iter().collect();
    in_order.sort_by_key(|c| c.first().ms);
    for cluster in in_order {
        let Some(class) = refusal(cluster) else { continue };
        let (first, last) = (cluster.first(), cluster.last());
        let covers = |r: &&Cluster| {
            let over = r.after.map_or(i64::MAX, |good| good.at.ms);
            let near = r.first().ms - NEAR_MS <= first.ms && last.ms <= over.min(r.last().ms + NEAR_MS);
            r.scope.client == cluster.scope.client && near
        };
        if real.iter().any(|r| covers(&r)) {
            continue;
        }
        let mended = mended(cluster, acts);
        let client = cluster.scope.client;
        let key = (client, cluster.scope.home.clone(), class, mended);
        match found.get_mut(&key) {
            Some(known) if first.ms - known.last.ms <= NEAR_MS => known.last = last,
            Some(known) => (known.last, known.times) = (last, known.times + 1),
            None => {
                found.insert(key, Unfelt { client, what: Refused::Refresh(class), first, last, times: 1, mended });
            }
        }
    }
    found.into_values().collect()
}

/// What the token endpoint said about the token, in the rawest words.
fn refusal(cluster: &Cluster) -> Option<ErrorClass> {
    let speaks = |class: ErrorClass| class.is_refresh() && !class.leaves_token_open() && class.mechanism() != Mechanism::NotToken;
    let refused = cluster.failures.iter().map(|f| f.failure).filter(|f| speaks(f.class));
    refused.max_by_key(|f| (f.class != ErrorClass::RefreshRefused, f.level)).map(|f| f.class)
}

fn mended(cluster: &Cluster, acts: &[Act]) -> Mended {
    let scope = &cluster.scope;
    healed((scope.client, &scope.home, scope.host), scope.store, cluster.first(), acts)
}

/// What the program did about its credential after a refusal.
fn healed(
    (client, home, host): (Client, &Option<String>, Option<HostId>),
    store: Option<StoreId>,
    at: When,
    acts: &[Act],
) -> Mended {
    /// An adoption is logged in the very moment of the refusal.
    const MOMENT_MS: i64 = 2_000;
    let here = |a: &Act| a.client == client && (a.home == *home || a.store == store) && may_be_one(a.host, host);
    let own = |a: &&Act| here(a) && a.at.ms >= at.ms - MOMENT_MS;
    let kind = |act: &Act| match act.kind {
        ActKind::Adopted { from, .. } => Some(Mended::Adopted(from)),
        ActKind::Rotation { .. } | ActKind::Login { .. } => Some(Mended::Renewed),
        _ => None,
    };
    acts.iter().filter(own).find_map(kind).unwrap_or(Mended::No)
}
