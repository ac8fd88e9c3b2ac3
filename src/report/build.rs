//! From evidence, correlation and verdicts to the report structure: counts and words. Incidents are made later, when
//! they are asked for.

use super::ids::{Ids, all_turns, credential, stamp, store_id};
use super::incidents::Incidents;
use super::model::*;
use super::rows::Rows;
use super::{besides, names, unseen};
use crate::attribute::Verdict;
use crate::correlate::{Act, ActKind, Correlated, Setting, TurnSeen};
use crate::event::{Client, EventKind, Model, Origin, Stop};
use crate::evidence::Evidence;
use crate::secret::{self, KeyMap};
use crate::time::rfc3339;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// How to build a report.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Show real paths and redacted excerpts.
    pub private: bool,
    /// Fingerprints of incidents that an earlier report holds.
    pub baseline: BTreeSet<String>,
    /// Version of the program.
    pub version: String,
}

/// Build the report. There is one verdict for each incident.
pub fn build(evidence: &Arc<Evidence>, known: &Arc<Correlated>, verdicts: &Arc<[Verdict]>, options: &Options) -> Report {
    let order = printed_order(&known.ranks);
    let (ids, names) = (Arc::new(Ids::of(known)), names(evidence, &order, options.private));
    let spans = known.spans.iter().flatten();
    let ends = (spans.clone().map(|(a, _)| a.said()).min(), spans.map(|(_, b)| b.said()).max());
    Report {
        schema: SCHEMA.to_owned(),
        tool: Tool { name: "stopwhy".to_owned(), version: options.version.clone() },
        window: WindowJson { first: ends.0.map(rfc3339), last: ends.1.map(rfc3339) },
        totals: totals(evidence, known, &ids),
        accounts: accounts(known, &ids),
        stores: stores((evidence, known), &ids),
        rotations: rotations(known, verdicts, &ids),
        notes: besides::list(known, options.private),
        coverage: CoverageJson {
            not_seen: unseen::list(evidence, known),
            unknown_types: unseen::types(evidence, &order),
            sources: Rows::of(evidence, known, order, names),
        },
        incidents: Incidents {
            evidence: Arc::clone(evidence),
            known: Arc::clone(known),
            verdicts: Arc::clone(verdicts),
            ids,
            baseline: Arc::new(options.baseline.clone()),
            excerpts: Arc::new(excerpts(evidence, options.private)),
        },
    }
}

/// Where the first excerpt of each place is, if those are shown.
fn excerpts(evidence: &Evidence, are_shown: bool) -> BTreeMap<Origin, usize> {
    let all = evidence.stated.excerpts.iter().filter(|_| are_shown).enumerate();
    let mut places = BTreeMap::new();
    all.for_each(|(at, (origin, _))| {
        places.entry(*origin).or_insert(at);
    });
    places
}

/// Source indexes in printed order.
fn printed_order(ranks: &[u32]) -> Vec<u32> {
    let mut order = vec![0; ranks.len()];
    (0..).zip(ranks).for_each(|(source, rank)| order[*rank as usize] = source);
    order
}

/// What the sources are called, in this order.
fn names(evidence: &Evidence, order: &[u32], private: bool) -> Vec<Box<str>> {
    let mut printed = names::Printed::default();
    let name = |at: &u32| {
        let source = &evidence.sources[*at as usize];
        if private { secret::visible(source.name.private()) } else { printed.name(source) }
    };
    order.iter().map(name).map(String::into_boxed_str).collect()
}

/// Sessions that turns belong to: where none is named, there was one.
fn at_least_one(sessions: &KeyMap<()>) -> u64 {
    (sessions.len() as u64).max(1)
}

/// Of each setting and way to end a turn, how many there are and how many of them failed. In the order in which
/// they are met: settings are told by where they lie.
fn by_setting(known: &Correlated) -> Vec<(&TurnSeen, u64, u64)> {
    let mut found: Vec<(&TurnSeen, u64, u64)> = Vec::new();
    let mut places: HashMap<(*const Setting, Stop), u32> = HashMap::new();
    for turn in all_turns(known) {
        let place = *places.entry((Arc::as_ptr(&turn.setting), turn.stop)).or_insert_with(|| {
            found.push((turn, 0, 0));
            found.len() as u32 - 1
        });
        if let Some((_, turns, failures)) = found.get_mut(place as usize) {
            (*turns, *failures) = (*turns + 1, *failures + u64::from(turn.is_failed()));
        }
    }
    found
}

fn totals(evidence: &Evidence, known: &Correlated, ids: &Ids) -> Totals {
    let failed = |t: &&TurnSeen| t.is_failed();
    let mut clients: BTreeMap<Client, (KeyMap<()>, u64, u64)> = BTreeMap::new();
    let mut kinds: BTreeMap<(&str, Option<&Model>, &str), u64> = BTreeMap::new();
    for (turn, turns, failures) in by_setting(known) {
        let (setting, stop) = (&turn.setting, turn.stop);
        let of_client = clients.entry(setting.site.client).or_default();
        of_client.0.extend(setting.asked.session.map(|session| (session, ())));
        (of_client.1, of_client.2) = (of_client.1 + turns, of_client.2 + failures);
        *kinds.entry((setting.asked.provider.word(), setting.asked.model.as_ref(), stop.word())).or_default() += turns;
    }
    // In the order of what the models are called.
    let mut models: BTreeMap<(&str, Option<String>, &str), u64> = BTreeMap::new();
    for ((provider, model, stop), turns) in kinds {
        *models.entry((provider, model.map(|model| ids.model(model)), stop)).or_default() += turns;
    }
    Totals {
        sources: evidence.sources.iter().filter(|s| !s.is_only_archive()).count() as u64,
        bytes: evidence.sources.iter().map(|s| s.bytes_in).sum(),
        sessions: clients.values().map(|(s, _, _)| at_least_one(s)).sum(),
        turns: all_turns(known).count() as u64,
        failed_turns: all_turns(known).filter(failed).count() as u64,
        duplicates: known.duplicates.iter().sum(),
        by_client: clients
            .iter()
            .map(|(client, (sessions, turns, failed_turns))| ClientTotals {
                client: client.word().to_owned(),
                sessions: at_least_one(sessions),
                turns: *turns,
                failed_turns: *failed_turns,
                versions: versions(evidence, *client),
            })
            .collect(),
        by_model: models
            .into_iter()
            .map(|((provider, model, stop), turns)| ModelTotals {
                provider: provider.to_owned(),
                model,
                stop: stop.to_owned(),
                turns,
            })
            .collect(),
    }
}

/// Versions that a program's files name, in order of their numbers.
fn versions(evidence: &Evidence, program: Client) -> Vec<String> {
    let mut seen: BTreeSet<(Vec<u32>, String)> = BTreeSet::new();
    for event in &evidence.stated.events {
        if let EventKind::WrittenBy { client, version: Some(version) } = &event.kind
            && client.program() == program
        {
            let numbers = version.as_str().split('.').filter_map(|n| n.parse().ok()).collect();
            seen.insert((numbers, version.as_str().to_owned()));
        }
    }
    seen.into_iter().map(|(_, version)| version).collect()
}

fn accounts(known: &Correlated, ids: &Ids) -> Vec<Account> {
    let mut held: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (id, store) in known.stores.iter().enumerate() {
        if let Some(account) = ids.account(store.account) {
            held.entry(account).or_default().push(store_id(id));
        }
    }
    let mut list: Vec<Account> = held.into_iter().map(|(id, stores)| Account { id, stores }).collect();
    list.sort_by_key(|a| (a.id.len(), a.id.clone()));
    list
}

fn stores((evidence, known): (&Evidence, &Correlated), ids: &Ids) -> Vec<StoreJson> {
    let numbered = known.stores.iter().enumerate();
    numbered
        .map(|(id, store)| {
            let newest = store.now();
            let read = || evidence.stated.events.get(store.read?).map(|event| event.origin);
            let origin = newest.map(|held| held.origin).or_else(read);
            StoreJson {
                id: store_id(id),
                client: store.client.word().to_owned(),
                source: origin.map(|origin| ids.source(origin.source)),
                host: store.host.map(|host| known.hosts.title(host)),
                account: ids.account(store.account),
                family: newest.and_then(|h| ids.family(h.family?)),
                credential: credential(store).and_then(|k| ids.credential(k)),
                issued_at: stamp(newest.and_then(|h| h.issued_at)),
                expires_at: stamp(newest.and_then(|h| h.expires_at)),
                refreshed_at: stamp(newest.and_then(|h| h.refreshed_at)),
            }
        })
        .collect()
}

/// All rotations. That the first credential known of a store was issued at some time is none by itself,
/// unless a verdict has a use for it.
fn rotations(known: &Correlated, verdicts: &[Verdict], ids: &Ids) -> Vec<RotationJson> {
    let graded = verdicts.iter().flat_map(|verdict| &verdict.evidence).filter(|e| e.item.grade.is_some());
    let cited: BTreeSet<Origin> = graded.map(|e| e.item.origin).collect();
    let only_issued = |act: &Act| {
        let held = act.store.zip(act.held.filter(|at| *at == 0)).and_then(|(store, at)| known.stores[store].held.get(at));
        let is_open = act.kind == ActKind::Rotation { by_login: None } && act.also.is_empty();
        is_open && held.is_some_and(|held| held.refreshed_at.is_none())
    };
    let is_change = |act: &Act| !only_issued(act) || cited.contains(&act.origin);
    let rotations = known.acts.iter().filter_map(|act| Some((act, act.grade?))).filter(|(act, _)| is_change(act));
    rotations
        .map(|(act, grade)| RotationJson {
            store: act.store.map(store_id),
            client: act.client.word().to_owned(),
            account: ids.account(act.account),
            at: rfc3339(act.at.said()),
            grade: grade.word().to_owned(),
            source: ids.source(act.origin.source),
        })
        .collect()
}
