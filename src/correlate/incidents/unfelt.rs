//! Refused refreshes by which no turn failed: the access token still worked, or another credential was
//! taken over in time. No incident; yet the grant was dead, and often the next turn shows it.

use super::cluster::Cluster;
use crate::correlate::acts::{Act, ActKind};
use crate::correlate::clock::When;
use crate::event::{Client, ErrorClass, Mechanism};
use std::collections::BTreeMap;

/// Refusals of one kind.
#[derive(Clone, Debug)]
pub struct Unfelt {
    /// The program that was refused.
    pub client: Client,
    /// What was said.
    pub class: ErrorClass,
    /// The first one.
    pub first: When,
    /// The last one.
    pub last: When,
    /// How many clusters of refusals.
    pub times: u64,
    /// What mended the last one.
    pub mended: Mended,
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
}

/// Put refusals of one program, home and kind together. What an incident of the program covers is a part
/// of that.
pub(in crate::correlate) fn of(passed: &[Cluster], real: &[Cluster], acts: &[Act]) -> Vec<Unfelt> {
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
                found.insert(key, Unfelt { client, class, first, last, times: 1, mended });
            }
        }
    }
    let mut list: Vec<Unfelt> = found.into_values().collect();
    list.sort_by_key(|u| (u.first.ms, u.client, u.class.word(), u.mended));
    list
}

/// What the token endpoint said about the token, in the rawest words.
fn refusal(cluster: &Cluster) -> Option<ErrorClass> {
    let speaks = |class: ErrorClass| class.is_refresh() && !class.leaves_token_open() && class.mechanism() != Mechanism::NotToken;
    let refused = cluster.failures.iter().map(|f| f.failure).filter(|f| speaks(f.class));
    refused.max_by_key(|f| (f.class != ErrorClass::RefreshRefused, f.level)).map(|f| f.class)
}

fn mended(cluster: &Cluster, acts: &[Act]) -> Mended {
    /// An adoption is logged in the very moment of the refusal.
    const MOMENT_MS: i64 = 2_000;
    let own = |a: &&Act| {
        let here = a.client == cluster.scope.client && (a.home == cluster.scope.home || a.store == cluster.scope.store);
        here && a.at.ms >= cluster.first().ms - MOMENT_MS
    };
    let kind = |act: &Act| match act.kind {
        ActKind::Adopted { from, .. } => Some(Mended::Adopted(from)),
        ActKind::Rotation { .. } | ActKind::Login { .. } => Some(Mended::Renewed),
        _ => None,
    };
    acts.iter().filter(own).find_map(kind).unwrap_or(Mended::No)
}
