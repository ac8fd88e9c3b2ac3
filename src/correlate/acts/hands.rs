//! Whose hand it was: a store that changed shows that its login was renewed, not by which program.
//! Stores that hold one pair, the digits of their time stamps, and a program's own word that it wrote
//! into another's store tell, or leave a doubt.

use super::act::{AGREE_MS, Act, ActKind, Doubt, Hand, agrees, close};
use crate::correlate::hosts::{HostId, may_be_one};
use crate::correlate::stores::{Held, Store, StoreId};
use crate::event::{Client, Writer};
use crate::secret::Key;
use std::collections::{BTreeMap, BTreeSet};

/// For each access token that several stores hold, the store it was minted in, where that shows:
/// the one whose own stamp agrees with the issue time, else the one not marked as a copy; never one
/// that another program wrote.
pub(super) fn minters(list: &[Store], exact: &BTreeSet<Option<HostId>>) -> BTreeMap<Key, Option<StoreId>> {
    let mut holders: BTreeMap<Key, Vec<(StoreId, &Held, bool)>> = BTreeMap::new();
    for (id, store) in list.iter().enumerate() {
        for held in &store.held {
            if let Some(access) = held.access {
                holders.entry(access).or_default().push((id, held, is_foreign(store.client, held, exact.contains(&store.host))));
            }
        }
    }
    // Which of one program's stores it was makes no difference to who it was: one that shows what it
    // held before tells more than a copy of the pair.
    let only = |of: Vec<StoreId>, access: Key| {
        let one_program = of.windows(2).all(|pair| list[pair[0]].client == list[pair[1]].client);
        let grew = |id: &StoreId| list[*id].held.iter().position(|h| h.access == Some(access)).is_some_and(|at| at > 0);
        of.iter().copied().find(grew).or(of.first().copied()).filter(|_| one_program)
    };
    let pick = |all: &[(StoreId, &Held, bool)], access: Key, fits: fn(&Held) -> bool| {
        only(all.iter().filter(|(_, held, foreign)| !foreign && fits(held)).map(|(id, ..)| *id).collect(), access)
    };
    holders
        .into_iter()
        .map(|(access, all)| {
            let minter = match all.as_slice() {
                [(only, ..)] => Some(*only),
                _ => {
                    let own = |h: &Held| !h.imported;
                    pick(&all, access, |h| !h.imported && agrees(h))
                        .or_else(|| pick(&all, access, own))
                        .or_else(|| pick(&all, access, agrees))
                }
            };
            (access, minter)
        })
        .collect()
}

/// Did another program write this credential? Three digits behind the second or none: no Codex or
/// Hermes of any version writes that, a JavaScript program or a script does (OpenClaw's own stores
/// have no such stamp at all). Six in Codex' store, where its clock is `exact`: Python.
fn is_foreign(client: Client, held: &Held, exact: bool) -> bool {
    match held.writer {
        Some(Writer::Millis | Writer::Seconds) => true,
        Some(Writer::Micros) => client == Client::Codex && exact,
        _ => false,
    }
}

/// May a rotation that a store shows be another program's doing?
pub(in crate::correlate) fn doubt(act: &Act, held: &Held, minted: &BTreeMap<Key, Option<StoreId>>, exact: bool) -> Option<Doubt> {
    let shared = held.access.is_some_and(|access| minted.get(&access) == Some(&None));
    let six = act.client == Client::Codex && held.writer == Some(Writer::Micros);
    match () {
        () if !act.is_rotation() => None,
        () if is_foreign(act.client, held, exact) => Some(Doubt::ForeignHand),
        () if shared => Some(Doubt::SharedPair),
        () if six => Some(Doubt::OpenHand),
        () => None,
    }
}

/// A program's own word that it wrote into another's store at the time of a rotation there: what was
/// exchanged for that pair is its act. OpenClaw up to 2026.4.17 says so right after a refresh of its own, and
/// writes three digits behind the second; where the stamp is that of the store's own program, the two records
/// contradict each other, and whose act it was stays open.
pub(super) fn hand_over_written_back(acts: &mut [Act], list: &[Store]) {
    let back = |a: &Act| match a.kind {
        ActKind::WroteBack { to } => Some((to, a.host, Hand { client: a.client, store: a.store, at: a.at, origin: a.origin })),
        _ => None,
    };
    let mut written: Vec<(Client, Option<HostId>, Hand)> = acts.iter().filter_map(back).collect();
    written.sort_by_key(|(_, _, hand)| hand.at.ms);
    for act in acts.iter_mut().filter(|a| a.is_rotation()) {
        let Some(store) = act.store.and_then(|id| list.get(id)) else { continue };
        let from = written.partition_point(|(_, _, hand)| hand.at.ms < act.at.ms.saturating_sub(AGREE_MS));
        let near = written.iter().skip(from).take_while(|(_, _, hand)| close(hand.at, act.at, AGREE_MS));
        let its = |(to, host, hand): &&(Client, Option<HostId>, Hand)| {
            *to == store.client && hand.client != store.client && may_be_one(*host, act.host)
        };
        let Some((_, _, hand)) = near.filter(its).min_by_key(|(_, _, hand)| hand.at.ms.abs_diff(act.at.ms)) else { continue };
        act.doubt = Some(Doubt::ForeignHand);
        let stamped = act.held.and_then(|at| store.held.get(at)).and_then(|held| held.writer);
        if stamped != Some(Writer::Nanos) {
            act.by = Some(*hand);
            // What it wrote back was what it had refreshed.
            act.kind = ActKind::Rotation { by_login: Some(false) };
        }
    }
}
