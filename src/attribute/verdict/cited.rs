//! The evidence of a verdict: every item once, in order of time, with the stance it has towards the verdict,
//! and what belongs to the picture whatever the verdict is.

use super::{Evidenced, own_end};
use crate::attribute::case::Case;
use crate::attribute::compare::Compared;
use crate::attribute::finding::{Item, ItemKind, Stance};
use crate::correlate::{Act, ActKind, FailureSeen, FallbackUse, Group, Recovery, Tells, Zone};
use crate::event::Origin;
use std::collections::{BTreeMap, BTreeSet};

/// All items in order of time, each once, with the stance it has towards the verdict.
pub(super) fn evidence(case: &Case<'_>, compared: &Compared) -> Vec<Evidenced> {
    let mut list: Vec<Evidenced> = Vec::new();
    let mut add = |item: Item, stance: Stance, points: Option<i32>| {
        if !list.iter().any(|e| e.item.states_same(&item)) {
            list.push(Evidenced { item, stance, points });
        }
    };
    if let Some((winner, _)) = compared.winner() {
        for point in &winner.points {
            add(point.item.clone(), if point.value >= 0 { Stance::For } else { Stance::Against }, Some(point.value));
        }
        for item in &winner.limits {
            add(item.clone(), Stance::Context, None);
        }
    }
    let rivals = compared.findings.iter().skip(usize::from(compared.best.is_some()));
    for rival in rivals.filter(|f| f.is_open()) {
        for point in rival.points.iter().filter(|p| p.value >= 0) {
            add(point.item.clone(), Stance::Context, None);
        }
        // Where nothing stands out, what keeps each explanation from it is what was decided.
        for item in rival.limits.iter().filter(|_| compared.best.is_none()) {
            add(item.clone(), Stance::Context, None);
        }
    }
    for rival in &compared.findings {
        if let Some((_, item)) = &rival.ruled_out {
            item.iter().chain(&rival.limits).for_each(|item| add(item.clone(), Stance::Context, None));
        }
    }
    if let Some(act) = own_end::act(case) {
        add(case.acted(act), Stance::Context, None);
    } else if let Some(origin) = own_end::said_logout(case) {
        let says = format!("{}: a logout is on record, without a time", case.incident.victim.client.title());
        add(case.item(ItemKind::Logout, None, origin, says), Stance::Context, None);
    }
    for item in context(case) {
        // A record that is cited already needs no second wording.
        if !list.iter().any(|e| e.item.origin == item.origin && e.item.kind == item.kind) {
            list.push(Evidenced { item, stance: Stance::Context, points: None });
        }
    }
    for item in clocks(case, &list).into_iter().chain(settings(case, &list)) {
        list.push(Evidenced { item, stance: Stance::Context, points: None });
    }
    let rank = |i: &Item| case.known.ranks.get(i.origin.source as usize).copied();
    list.sort_by_key(|e| {
        (e.item.at.is_none(), e.item.at.map(|w| w.ms), rank(&e.item), e.item.origin.line, e.item.origin.byte, e.item.kind, e.stance)
    });
    list
}

/// The records that date the local times among the evidence: the order of what is cited rests on them.
fn clocks(case: &Case<'_>, list: &[Evidenced]) -> Vec<Item> {
    let local = list.iter().filter(|e| e.item.at.is_some_and(|at| at.zone != Zone::Utc)).map(|e| e.item.origin.source);
    let tellers = local.filter_map(|source| case.known.tellers.get(source as usize)).flatten();
    let tellers: BTreeMap<Origin, Tells> = tellers.map(|teller| (teller.origin, teller.tells)).collect();
    let says = |tells: Tells| match tells {
        Tells::Zone => "a record that holds both clocks: it tells the zone of local times",
        Tells::Hour => "a record in UTC of what a log has in local time: it tells the hour of local times",
        Tells::Nothing => "a record of another zone on the same machine or in the same log: it leaves the zone of local times open",
    };
    tellers.into_iter().map(|(origin, tells)| case.item(ItemKind::Clock, None, origin, says(tells).to_owned())).collect()
}

/// The rotations that show a machine's clock to be off, among the evidence: the same holds of them.
fn settings(case: &Case<'_>, list: &[Evidenced]) -> Vec<Item> {
    let skews = &case.known.skews;
    let telling = list.iter().filter_map(|e| e.item.at).filter(|at| !at.keeper.is_issuer).flat_map(|at| {
        let measured = skews.at(at.keeper.host, at.said()).filter(|measured| !measured.is_in_step());
        [measured.map(|m| m.origin), skews.behind(at.keeper.host, at.said()).map(|b| b.origin)]
    });
    let telling: BTreeSet<Origin> = telling.flatten().filter(|origin| list.iter().all(|e| e.item.origin != *origin)).collect();
    let says = "a rotation that two clocks stamped: it tells how far the machine's was off";
    telling.into_iter().map(|origin| case.item(ItemKind::Clock, None, origin, says.to_owned())).collect()
}

/// What belongs to the picture whatever the verdict: the ends of the incident, what the
/// transport said, what was done about it.
fn context(case: &Case<'_>) -> Vec<Item> {
    let incident = case.incident;
    let mut items = Vec::new();
    let telling = |f: &&FailureSeen| !f.failure.class.is_consequence();
    items.extend(incident.failures.iter().find(telling).or(incident.failures.first()).map(|f| case.failure(f)));
    // A log may name no session: by the first turn it is known whose refusals it tells of.
    items.extend(incident.failures.iter().find(|f| f.is_turn).map(|f| {
        let item = case.failure(f);
        Item { says: format!("{} (first failed turn)", item.says), ..item }
    }));
    items.extend(incident.failures.last().filter(|f| f.at != incident.first).map(|f| {
        let item = case.failure(f);
        Item { says: format!("{} (last)", item.says), ..item }
    }));
    // That the same token worked again is known by the store that kept it.
    let about_token = incident.group == Some(Group::Auth) || incident.same_token_worked;
    items.extend(incident.held.as_ref().filter(|_| about_token).map(|held| case.possession(held)));
    if let Some(good) = &incident.last_good {
        items.push(case.success(good, incident.victim.client, "worked for the last time before the incident"));
    }
    items.extend(mended(case).map(|act| case.acted(act)));
    if let (Some(good), Some((_, how))) = (&incident.next_good, incident.recovered) {
        items.push(case.success(good, incident.victim.client, recovered(how)));
    }
    if let Some((f, t)) = incident.failures.iter().find_map(|f| f.transport.map(|t| (f, t))) {
        let says = format!("transport diagnostic on the turn: {}", t.failure.class.says());
        items.push(case.item(ItemKind::Transport, Some(f.at), f.origin, says));
    }
    if let (Some(origin), Some(says)) = (incident.fallback.origin, fallback(incident.fallback.usage)) {
        items.push(case.item(ItemKind::Fallback, None, origin, says.to_owned()));
    }
    items
}

/// What ended the incident, where it was done to the victim's own credential.
fn mended<'a>(case: &Case<'a>) -> Option<&'a Act> {
    let (at, how) = case.incident.recovered?;
    let fits = |act: &&Act| match how {
        Recovery::Login => act.is_login(),
        Recovery::Adoption => matches!(act.kind, ActKind::Adopted { .. }),
        Recovery::Refresh | Recovery::Renewed => act.is_rotation() || act.is_login(),
        Recovery::ByItself | Recovery::Restart => false,
    };
    let own = case.incident.own_acts.iter().map(|&index| case.act(index)).filter(fits);
    own.filter(|act| act.at.ms > case.incident.first.ms && act.at.ms <= at.ms).max_by_key(|act| act.at.ms)
}

fn recovered(how: Recovery) -> &'static str {
    match how {
        Recovery::ByItself => "worked again; nothing done to the credential is on record",
        Recovery::Restart => "worked again after a restart",
        Recovery::Adoption => "worked again after taking over another store's credential",
        Recovery::Refresh => "worked again after its own refresh",
        Recovery::Renewed => "worked again with a new token, from its own refresh or a new login",
        Recovery::Login => "worked again after a new login",
    }
}

fn fallback(usage: FallbackUse) -> Option<&'static str> {
    match usage {
        FallbackUse::Used => Some("a fallback model answered"),
        FallbackUse::Exhausted => Some("all fallback models were tried and none answered"),
        FallbackUse::NotUsed => Some("fallback models are set up and were not used"),
        FallbackUse::NotConfigured => Some("no fallback model is set up"),
        FallbackUse::Unknown => None,
    }
}
