//! Refreshes that logs state, put beside the rotations that stores show: one rotation may be in the
//! store and in several logs, and of several rotations in a row the store shows the last alone.

use super::act::{AGREE_MS, ARRIVAL_MS, Act, ActKind, Grade};
use crate::correlate::clock::When;
use crate::correlate::stores::{Store, Stores};

/// Two logs that state one refresh do so within this time.
const SAME_MS: i64 = 2_000;

/// A client logs a refresh when its store has the new pair. A line older than the store's own stamp is
/// about a refresh before that, and one that is much younger about one after it: Hermes 0.19 makes three
/// in half a second, and logs two.
const EARLY_MS: i64 = 50;
const LATE_MS: i64 = 10_000;

/// A logged refresh proves the rotation that the store shows at that time, the nearest first; one
/// that the store no longer shows is a rotation of its own.
pub(in crate::correlate) fn join(acts: &mut Vec<Act>, logged: Vec<Act>, stores: &Stores) {
    let list = stores.list.as_slice();
    for act in acts.iter_mut().filter(|a| is_young(a, list)) {
        let at = stored(act, list);
        let told = |l: &Act| l.store == act.store && l.at.is_certain() && (l.at.ms - at.ms).abs() <= SAME_MS;
        if logged.iter().any(told) {
            act.kind = ActKind::Rotation { by_login: Some(false) };
            act.grade = Some(Grade::R2);
        }
    }
    let mut pairs: Vec<(i64, usize, usize)> = Vec::new();
    for (place, act) in acts.iter().enumerate().filter(|(_, a)| a.is_rotation() && a.store.is_some()) {
        let at = stored(act, list);
        let near = |l: &Act| match is_stamped(act, list) && l.at.is_certain() {
            true => (-EARLY_MS..=LATE_MS).contains(&(l.at.ms - at.ms)),
            false => (l.at.ms - act.at.ms).abs() <= AGREE_MS,
        };
        let fits = |l: &Act| l.store == act.store && near(l);
        pairs.extend(logged.iter().enumerate().filter(|(_, l)| fits(l)).map(|(i, l)| ((l.at.ms - at.ms).abs(), place, i)));
    }
    pairs.sort_unstable();
    let mut joined = vec![false; logged.len()];
    for (_, place, index) in pairs {
        let (act, told) = (&mut acts[place], &logged[index]);
        // One log states one rotation once.
        if !joined[index] && act.also.iter().all(|origin| origin.source != told.origin.source) {
            act.learn(told);
            let (act, told) = (&mut acts[place], logged[index].at);
            date(act, stores, |stored| told.is_certain() && (-EARLY_MS..=LATE_MS).contains(&(told.ms - stored.ms)));
            joined[index] = true;
        }
    }
    let from = acts.len();
    for (told, _) in logged.into_iter().zip(joined).filter(|(_, joined)| !joined) {
        let same = |a: &&mut Act| {
            let other_log = a.origin.source != told.origin.source;
            a.store == told.store
                && a.client == told.client
                && a.host == told.host
                && other_log
                && (a.at.ms - told.at.ms).abs() <= SAME_MS
        };
        match acts[from..].iter_mut().find(same) {
            Some(act) => act.learn(&told),
            None => acts.push(told),
        }
    }
}

/// A credential whose password was entered shortly before it was issued, which is all that tells it
/// from a refreshed one: a refresh that a log states at that very time does more.
fn is_young(act: &Act, list: &[Store]) -> bool {
    let held = act.store.and_then(|id| list.get(id)).zip(act.held).map(|(store, at)| (&store.held, at));
    let before = held.and_then(|(held, at)| held.get(at)?.same_family(held.get(at.checked_sub(1)?)?));
    act.store.is_some() && before.is_none() && matches!(act.kind, ActKind::Login { in_store: true, in_log: false })
}

/// Does the store itself say when it changed?
fn is_stamped(act: &Act, list: &[Store]) -> bool {
    act.store.zip(act.held).and_then(|(store, at)| list.get(store)?.held.get(at)?.refreshed_at).is_some()
}

/// Date an act that the store and a log of its machine show at one time (`is_told`), by that machine's clock. Where all
/// times are of that clock, it is this time that is in order with them, however far the login service's is
/// from it. Beside the clocks of other machines the login service's stays the better one.
pub(super) fn date(act: &mut Act, stores: &Stores, is_told: impl Fn(When) -> bool) {
    let stored = stored(act, &stores.list);
    if !stores.are_several_clocks() && is_told(stored) && (stored.ms - act.at.ms).abs() >= ARRIVAL_MS {
        act.at = stored;
    }
}

/// When the store itself says that it changed.
pub(super) fn stored(act: &Act, list: &[Store]) -> When {
    let held = act.held.and_then(|at| list.get(act.store?)?.held.get(at));
    held.and_then(|held| held.refreshed_at).unwrap_or(act.at)
}

impl Act {
    /// Take over what a log adds.
    fn learn(&mut self, told: &Act) {
        if self.is_rotation() && told.is_rotation() {
            self.kind = told.kind;
        }
        self.grade = self.grade.min(told.grade.map(|_| Grade::R1));
        self.front = self.front.or(told.front);
        self.process = self.process.or(told.process);
        self.account = self.account.or(told.account);
        self.also.push(told.origin);
    }
}
