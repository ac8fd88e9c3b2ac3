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
use crate::secret::Key;
use std::collections::{BTreeMap, BTreeSet};

/// A program stamps its store when it takes a pair over, and its log says so right before or after that.
const EARLY_MS: i64 = 2_000;
const LATE_MS: i64 = 10_000;

/// Zones are whole quarters of an hour apart.
const QUARTER_MS: i64 = 15 * 60_000;

/// Does the store itself mark this pair as one that its program took over from Codex? A stamp right after the issue
/// is that of an exchange, though: nobody copies a pair in the very second in which another program receives it.
pub(super) fn is_marked(client: Client, held: &Held) -> bool {
    let late = late(held);
    let whole = takes_over(client) && held.came == Some(Coming::Taken) && late.is_none_or(|late| late > ARRIVAL_MS);
    whole || (held.imported && late.is_some_and(|late| late > AGREE_MS))
}

/// Does it look like a copy of another store's pair, to tell which of several stores it was minted in? What was
/// refreshed in an entry that was imported once is its own.
pub(super) fn is_copy(held: &Held) -> bool {
    match held.came {
        Some(Coming::Taken) => true,
        Some(Coming::Exchanged) => false,
        Some(Coming::PerhapsTaken | Coming::PerhapsWritten) | None => held.imported,
    }
}

/// Was it stamped in the very second in which it was issued, or right after that? So is what is received.
pub(super) fn is_at_once(held: &Held) -> bool {
    late(held).is_some_and(|late| (0..=ARRIVAL_MS).contains(&late))
}

/// May its program have taken it over, for all that its entry says?
pub(super) fn is_open(client: Client, held: &Held) -> bool {
    let is_late = || client == Client::Hermes && late(held).is_some_and(|late| late > ARRIVAL_MS);
    takes_over(client) && (held.came == Some(Coming::PerhapsTaken) || (held.came != Some(Coming::Exchanged) && is_late()))
}

/// How long after its issue it was stamped.
fn late(held: &Held) -> Option<i64> {
    held.refreshed_at.zip(held.issued_at).map(|(stored, issued)| stored.ms.saturating_sub(issued.ms))
}

/// Programs that take a login over from another program's store: Codex (0.98 to 0.169) and pi do not.
pub(in crate::correlate) fn takes_over(client: Client) -> bool {
    matches!(client, Client::Hermes | Client::Openclaw)
}

/// May its program have taken the pair over, by what the store says of it? A late stamp is that of a clock that is ahead
/// where another pair of its machine is as late, unless a third is not.
pub(super) fn doubt(store: &Store, held: &Held, stamps: &Stamps) -> Option<Doubt> {
    let stamped = || late(held).filter(|late| store.client == Client::Hermes && *late > ARRIVAL_MS);
    match held.came.filter(|_| takes_over(store.client)) {
        Some(Coming::Exchanged) => None,
        Some(Coming::PerhapsTaken) => Some(Doubt::PerhapsTaken),
        _ => stamped().and_then(|late| {
            let right = stamps.right.contains(&store.host);
            (right || !stamps.is_ahead(store.host, held.access, late)).then_some(Doubt::LateStamp { right })
        }),
    }
}

/// How the machines' clocks stood when they stamped their stores.
pub(super) struct Stamps {
    /// Those whose clock was right: a store was stamped right at the issue of its pair.
    right: BTreeSet<Option<HostId>>,
    /// How late each machine stamped which pair, in order.
    late: BTreeMap<Option<HostId>, Vec<(i64, Key)>>,
}

impl Stamps {
    /// Of all stores.
    pub(super) fn of(list: &[Store]) -> Stamps {
        let arrived = |store: &&Store| store.held.iter().any(Held::is_stamped_on_arrival);
        let mut lateness: BTreeMap<_, Vec<(i64, Key)>> = BTreeMap::new();
        for store in list {
            let stamped = store.held.iter().filter_map(|held| late(held).zip(held.access));
            lateness.entry(store.host).or_default().extend(stamped);
        }
        lateness.values_mut().for_each(|list| list.sort_unstable());
        Stamps { right: list.iter().filter(arrived).map(|store| store.host).collect(), late: lateness }
    }

    /// Does the machine stamp another pair as late as this one?
    fn is_ahead(&self, host: Option<HostId>, access: Option<Key>, late: i64) -> bool {
        let list = self.late.get(&host).map(Vec::as_slice).unwrap_or_default();
        let from = list.partition_point(|(other, _)| *other < late.saturating_sub(ARRIVAL_MS));
        let near = list.iter().skip(from).take(MOST_LOOKED_AT).take_while(|(other, _)| other.saturating_sub(late) <= ARRIVAL_MS);
        near.into_iter().any(|(_, other)| Some(*other) != access)
    }
}

/// The line of a log that says so.
#[derive(Clone, Copy, Debug)]
struct Line {
    at: When,
    /// Whose it is, where the record names one.
    store: Option<StoreId>,
    from: Client,
    cause: Option<ErrorClass>,
    origin: Origin,
}

/// What programs say of the pairs that they took over, by program, home and machine, in order of time.
pub(super) struct Told(BTreeMap<(Client, Option<String>, Option<HostId>), Vec<Line>>);

impl Told {
    /// The lines among what logs state.
    pub(super) fn of_logs(logged: &[Act], stores: &Stores) -> Told {
        let mut told: BTreeMap<_, Vec<Line>> = BTreeMap::new();
        for act in logged {
            let ActKind::Adopted { from, cause } = act.kind else { continue };
            let of_store = act.store.and_then(|id| stores.list.get(id)).and_then(|store| store.home.clone());
            let home = act.home.clone().or(of_store);
            if from != act.client && home.is_some() {
                let line = Line { at: act.at, store: act.store, from, cause, origin: act.origin };
                told.entry((act.client, home, act.host)).or_default().push(line);
            }
        }
        told.values_mut().for_each(|list| list.sort_by_key(|line| (line.at.ms, line.origin)));
        Told(told)
    }

    /// Does a line tell of the pair at this place of a store's history?
    pub(super) fn is_of(&self, id: StoreId, store: &Store, at: usize) -> bool {
        self.line(id, store, at).is_some()
    }

    fn line(&self, id: StoreId, store: &Store, at: usize) -> Option<&Line> {
        // The key is a copy of a name that is short, and most programs never say so.
        let lines = (!self.0.is_empty()).then(|| self.0.get(&(store.client, store.home.clone(), store.host)))??;
        line_of(lines, (id, store), at)
    }
}

/// Turn what a store shows into what its own program says of it: by the time of the line the store had taken a pair
/// over, and this is the one that it held from then on.
pub(super) fn join(acts: &mut [Act], told: &Told, stores: &Stores) {
    for act in acts.iter_mut().filter(|act| act.is_rotation() || act.is_login()) {
        let Some((id, at)) = act.store.zip(act.held) else { continue };
        let Some(line) = stores.list.get(id).and_then(|store| told.line(id, store, at)) else { continue };
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
fn line_of<'a>(lines: &'a [Line], (id, store): (StoreId, &Store), at: usize) -> Option<&'a Line> {
    let held = store.held.get(at)?;
    let issued = held.issued_at.filter(|_| held.came != Some(Coming::Exchanged))?;
    let from = lines.partition_point(|line| line.at.hi.saturating_add(EARLY_MS) < issued.ms);
    let later = lines.get(from..)?;
    match held.refreshed_at {
        Some(stored) => later.iter().take(MOST_LOOKED_AT).find(|line| is_at(line.at, stored)),
        None if at + 1 == store.held.len() && held.taken == Taken::Current => {
            let its = |line: &&Line| line.at.is_certain() && line.store.is_none_or(|of| of == id);
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
