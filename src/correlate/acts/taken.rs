//! Pairs that a program took over from another one's store: by the marks that its own store gives them, and by the
//! line of its own log. Such a pair is no exchange of that program, whatever the other store holds by now: Codex
//! keeps its latest pair alone, so that the pair it passed on is gone there after its next refresh or login.
//!
//! Apart from [`super::hands`], which compares the stores that hold a pair to this day.

use super::act::{AGREE_MS, ARRIVAL_MS, Act, ActKind, Doubt};
use crate::correlate::clock::When;
use crate::correlate::hosts::HostId;
use crate::correlate::stores::{Held, Store, StoreId, Stores};
use crate::event::{Client, Coming, ErrorClass, Origin, Taken};
use std::collections::{BTreeMap, BTreeSet};

/// A program stamps its store when it takes a pair over, and its log says so right before or after that.
const EARLY_MS: i64 = 2_000;
const LATE_MS: i64 = 10_000;

/// Zones are whole quarters of an hour apart.
const QUARTER_MS: i64 = 15 * 60_000;

/// Does the store itself mark this pair as one that its program took over from Codex? A stamp right after the issue
/// is that of an exchange, though: nobody copies a pair in the very second in which another program receives it.
pub(super) fn is_marked(client: Client, held: &Held) -> bool {
    let late = held.refreshed_at.zip(held.issued_at).map(|(stored, issued)| stored.ms.saturating_sub(issued.ms));
    let whole = takes_over(client) && held.came == Some(Coming::Taken) && late.is_none_or(|late| late > ARRIVAL_MS);
    whole || (held.imported && late.is_some_and(|late| late > AGREE_MS))
}

/// Does it look like a copy of another store's pair, to tell which of several stores it was minted in? What was
/// refreshed in an entry that was imported once is its own.
pub(super) fn is_copy(held: &Held) -> bool {
    match held.came {
        Some(Coming::Taken) => true,
        Some(Coming::Exchanged) => false,
        Some(Coming::PerhapsTaken) | None => held.imported,
    }
}

/// Programs that take a login over from another program's store: Codex (0.98 to 0.169) and pi do not.
fn takes_over(client: Client) -> bool {
    matches!(client, Client::Hermes | Client::Openclaw)
}

/// May its program have taken the pair over, by what the store says of it? Its clock is `right` where another pair
/// of its machine is stamped right at its issue: then a late stamp is no clock that is ahead.
pub(super) fn doubt(client: Client, held: &Held, right: bool) -> Option<Doubt> {
    let stamped = held.refreshed_at.zip(held.issued_at).filter(|_| client == Client::Hermes && right);
    match held.came.filter(|_| takes_over(client)) {
        Some(Coming::Exchanged) => None,
        Some(Coming::PerhapsTaken) => Some(Doubt::PerhapsTaken),
        _ => stamped.filter(|(stored, issued)| stored.ms.saturating_sub(issued.ms) > AGREE_MS).map(|_| Doubt::LateStamp),
    }
}

/// Machines whose clock was right when a store was stamped: right at the issue of the pair.
pub(super) fn right_clocks(list: &[Store]) -> BTreeSet<Option<HostId>> {
    list.iter().filter(|store| store.held.iter().any(Held::is_stamped_on_arrival)).map(|store| store.host).collect()
}

/// The line of a log that says so.
#[derive(Clone, Copy, Debug)]
struct Told {
    at: When,
    /// Whose it is, where the record names one.
    store: Option<StoreId>,
    from: Client,
    cause: Option<ErrorClass>,
    origin: Origin,
}

/// Turn what a store shows into what its own program says of it: by the time of the line the store had taken a pair
/// over, and this is the one that it held from then on.
pub(super) fn join(acts: &mut [Act], logged: &[Act], stores: &Stores) {
    let mut told: BTreeMap<_, Vec<Told>> = BTreeMap::new();
    for act in logged {
        let ActKind::Adopted { from, cause } = act.kind else { continue };
        let of_store = act.store.and_then(|id| stores.list.get(id)).and_then(|store| store.home.clone());
        let home = act.home.clone().or(of_store);
        if from != act.client && home.is_some() {
            let line = Told { at: act.at, store: act.store, from, cause, origin: act.origin };
            told.entry((act.client, home, act.host)).or_default().push(line);
        }
    }
    told.values_mut().for_each(|list| list.sort_by_key(|line| (line.at.ms, line.origin)));
    for act in acts.iter_mut().filter(|act| act.is_rotation() || act.is_login()) {
        let Some((id, at)) = act.store.zip(act.held) else { continue };
        let Some(lines) = told.get(&(act.client, act.home.clone(), act.host)) else { continue };
        let Some(line) = stores.list.get(id).and_then(|store| line_of(lines, (id, store), at)) else { continue };
        act.kind = ActKind::Adopted { from: line.from, cause: line.cause };
        (act.grade, act.doubt) = (None, None);
        if line.at.is_certain() {
            act.at = line.at;
        }
        act.also.push(std::mem::replace(&mut act.origin, line.origin));
    }
}

/// The line that tells of this pair. A store that is stamped at each change was stamped then. Of one that is not, the
/// line tells of the pair that the live file holds, if that was issued before it: what came to be there later by a
/// refresh would have been issued later. A pair of an exchange of its own is none.
fn line_of<'a>(lines: &'a [Told], (id, store): (StoreId, &Store), at: usize) -> Option<&'a Told> {
    let held = store.held.get(at)?;
    let issued = held.issued_at.filter(|_| held.came != Some(Coming::Exchanged))?;
    let from = lines.partition_point(|line| line.at.hi.saturating_add(EARLY_MS) < issued.ms);
    let later = lines.get(from..)?;
    match held.refreshed_at {
        Some(stored) => later.iter().take(MOST_LOOKED_AT).find(|line| is_at(line.at, stored)),
        None if at + 1 == store.held.len() && held.taken == Taken::Current => {
            let its = |line: &&Told| line.at.is_certain() && line.store.is_none_or(|of| of == id);
            later.iter().take(MOST_LOOKED_AT).find(its)
        }
        None => None,
    }
}

/// Lines that are looked at for one pair.
const MOST_LOOKED_AT: usize = 4_096;

/// Is the line of the time of the stamp, in some zone where its own is not known?
fn is_at(line: When, stored: When) -> bool {
    let apart = stored.ms.saturating_sub(line.ms);
    match line.is_certain() {
        true => (-EARLY_MS..=LATE_MS).contains(&apart),
        false => {
            let inside = line.lo.saturating_sub(EARLY_MS) <= stored.ms && stored.ms <= line.hi.saturating_add(LATE_MS);
            inside && (apart.saturating_add(EARLY_MS)).rem_euclid(QUARTER_MS) <= EARLY_MS + LATE_MS
        }
    }
}
