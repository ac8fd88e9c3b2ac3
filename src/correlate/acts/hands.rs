//! Whose hand it was: a store that changed shows that its login was renewed, not by which program.
//! Stores that hold one pair, the digits of their time stamps, and a program's own word that it wrote
//! into another's store tell, or leave a doubt.

use super::act::{AGREE_MS, Act, ActKind, Doubt, Hand, agrees, close};
use super::machines::{self, Work};
use super::taken::{self, Told};
use crate::correlate::hosts::{HostId, may_be_one};
use crate::correlate::stores::{Held, Store, StoreId};
use crate::event::{Client, Coming, Origin, Writer};
use crate::secret::Key;
use std::collections::{BTreeMap, BTreeSet};

/// For each access token that several stores hold, the store it was minted in, where that shows:
/// the one whose own stamp agrees with the issue time, else the one not marked as a copy; never one
/// that another program wrote, nor one of which its own log says that it took the pair over. Where all that
/// is left may itself be a copy of a pair that another hand put into Codex' store, nothing shows whose it was.
pub(super) fn minters(list: &[Store], exact: &BTreeSet<Option<HostId>>, work: &Work, told: &Told) -> Minted {
    let mut holders: BTreeMap<Key, Vec<(StoreId, &Held, bool)>> = BTreeMap::new();
    for (id, store) in list.iter().enumerate() {
        for (at, held) in store.held.iter().enumerate() {
            if let Some(access) = held.access {
                let foreign = is_foreign(store.client, held, exact.contains(&store.host)) || told.is_of(id, store, at);
                holders.entry(access).or_default().push((id, held, foreign));
            }
        }
    }
    let mut spread: BTreeMap<Key, Option<Origin>> = BTreeMap::new();
    // Which of one program's stores it was makes no difference to who it was: one that shows what it
    // held before tells more than a copy of the pair. It does make one to the machine.
    let mut only = |of: Vec<(StoreId, &Held)>, access: Key| {
        let one_program = of.windows(2).all(|pair| list[pair[0].0].client == list[pair[1].0].client);
        let machine = machines::of(list, &of, work);
        let here = |id: &StoreId| machine.is_none_or(|(host, _)| list[*id].host == host);
        let grew = |id: &StoreId| list[*id].held.iter().position(|h| h.access == Some(access)).is_some_and(|at| at > 0);
        let ids = || of.iter().map(|(id, _)| *id).filter(here);
        if one_program && machines::are_several(list, &of) {
            spread.insert(access, machine.map(|(_, at_work)| at_work));
        }
        ids().find(grew).or(ids().next()).filter(|_| one_program)
    };
    let mut pick = |all: &[(StoreId, &Held, bool)], access: Key, fits: fn(&Held) -> bool| {
        let fitting = all.iter().filter(|(_, held, foreign)| !foreign && fits(held));
        only(fitting.map(|(id, held, _)| (*id, *held)).collect(), access)
    };
    let minter = |(access, all): (Key, Vec<(StoreId, &Held, bool)>)| {
        let minter = match all.as_slice() {
            [(only, ..)] => Some(*only),
            _ => {
                let own = |h: &Held| !taken::is_copy(h);
                let found = pick(&all, access, |h| !taken::is_copy(h) && agrees(h)).or_else(|| pick(&all, access, own));
                let written = || all.iter().any(|(of, _, foreign)| *foreign && list[*of].client == Client::Codex);
                let open = |id: StoreId| all.iter().any(|(of, held, _)| *of == id && taken::is_open(list[id].client, held));
                found.filter(|id| !(open(*id) && written())).or_else(|| pick(&all, access, taken::is_at_once))
            }
        };
        (access, minter)
    };
    let by = holders.into_iter().map(minter).collect();
    Minted { by, spread }
}

/// For each access token the store that it was minted in.
pub(super) struct Minted {
    /// None where several hold it and nothing tells.
    by: BTreeMap<Key, Option<StoreId>>,
    /// Stores of its program on several machines hold it; what shows which of them was at work then, if anything does.
    spread: BTreeMap<Key, Option<Origin>>,
}

impl Minted {
    /// The store, where that shows.
    pub(super) fn by(&self, access: Key) -> Option<StoreId> {
        self.by.get(&access).copied().flatten()
    }
}

/// Did another program write this credential? Three digits behind the second or none: no Codex or
/// Hermes of any version writes that, a JavaScript program or a script does (OpenClaw's own stores
/// have no such stamp at all). Six in Codex' store: Python, where Codex' clock is `exact`, or its `id_token` is left
/// from before.
fn is_foreign(client: Client, held: &Held, exact: bool) -> bool {
    match held.writer {
        Some(Writer::Millis | Writer::Seconds) => true,
        Some(Writer::Micros) => client == Client::Codex && (exact || held.came == Some(Coming::PerhapsWritten)),
        _ => false,
    }
}

/// May a rotation that a store shows be another program's doing, or another machine's? `taken` is what the entry itself
/// leaves open.
pub(super) fn doubt(act: &Act, held: &Held, minted: &Minted, exact: bool, taken: Option<Doubt>) -> Option<Doubt> {
    let shared = held.access.is_some_and(|access| minted.by.get(&access) == Some(&None));
    let spread = held.access.and_then(|access| minted.spread.get(&access));
    // Nine digits are Codex' own, though the server may have left out the `id_token` of that answer.
    let six = act.client == Client::Codex && (held.writer == Some(Writer::Micros) || held.came == Some(Coming::PerhapsWritten));
    match () {
        () if !act.is_rotation() => None,
        () if is_foreign(act.client, held, exact) => Some(Doubt::ForeignHand),
        () if shared => Some(Doubt::SharedPair),
        () => {
            let host = spread.map(|&at_work| Doubt::OpenHost { at_work });
            taken.or(host).or(six.then_some(Doubt::OpenHand))
        }
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
