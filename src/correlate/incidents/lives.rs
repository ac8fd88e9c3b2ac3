//! What is on record of each login as a whole, whoever held it: the last signs that it lived, and when holders
//! were told that it had ended. A login that has ended does not come back, so that the last sign of each kind is
//! enough.
//!
//! Apart from the siblings, which are about one incident: a login outlives incidents, and the question is the
//! same for all of them. What a sign proves of an act is decided in `attribute`.

use super::replay::Told;
use super::successes::Successes;
use crate::correlate::acts::{Act, ActKind, close};
use crate::correlate::clock::When;
use crate::correlate::stores::{Held, Store, StoreId, Stores};
use crate::correlate::turns::TurnSeen;
use crate::event::Origin;
use crate::secret::{Key, KeyMap};
use std::collections::BTreeMap;

/// A sign that a login lived.
#[derive(Clone, Copy, Debug)]
pub struct Sign {
    /// The holder.
    pub store: StoreId,
    /// When: the end of the call, or the issue time of the token on the service's clock.
    pub at: When,
    /// Where it is written.
    pub origin: Origin,
    /// Which.
    pub kind: SignKind,
    /// It is shown that the holder still had that login then; false where copies alone tell, from before, and
    /// where its next one may have come by then.
    pub kept: bool,
    /// Where its credential is written.
    pub held: Origin,
}

/// What shows that a login lived.
#[derive(Clone, Copy, Debug)]
pub enum SignKind {
    /// A call with it was answered.
    Answered {
        /// When the call was made, where that is on record.
        made: Option<When>,
        /// First turn of its session that is on record; None where the turn names no session.
        session: Option<When>,
    },
    /// A token of it was issued.
    Issued,
}

impl Sign {
    /// The time that the sign is of: when the call was made.
    pub fn made(&self) -> When {
        match self.kind {
            SignKind::Answered { made, .. } => made.unwrap_or(self.at),
            SignKind::Issued => self.at,
        }
    }

    /// When its session began.
    pub fn session(&self) -> Option<When> {
        match self.kind {
            SignKind::Answered { session, .. } => session,
            SignKind::Issued => None,
        }
    }
}

/// By what a sign is the last of its holder: its token, its call, or the beginning of its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Last {
    Token,
    Call,
    Session,
}

/// One login.
#[derive(Clone, Debug, Default)]
pub struct Life {
    alive: BTreeMap<(StoreId, Last, bool), Sign>,
    /// When holders were told that it had ended, once for each row of failures, by time.
    pub ended: Vec<(StoreId, When, Origin)>,
    /// Those of `ended` that a refresh was told, in the same order.
    pub revoked: Vec<(StoreId, When, Origin)>,
    /// When holders failed for no reason that is on record, once for each row of failures, by time.
    pub mute: Vec<(StoreId, When, Origin)>,
}

impl Life {
    /// Of each holder its last token, its last answered call, and one of the session that began last.
    pub fn alive(&self) -> impl Iterator<Item = &Sign> {
        self.alive.values()
    }

    /// Was it a refresh that was told so? Calls that were answered since do not contradict that.
    pub fn is_of_refresh(&self, told: &(StoreId, When, Origin)) -> bool {
        let place = |(id, at, origin): &(StoreId, When, Origin)| (at.ms, *id, *origin);
        self.revoked.binary_search_by_key(&place(told), place).is_ok()
    }
}

/// The logins, by what identifies them.
#[derive(Debug, Default)]
pub struct Lives {
    by_key: BTreeMap<Key, Life>,
    changes: Changes,
}

/// The acts of each store's home that put something else in the place of what it held, or nothing: by time.
#[derive(Debug, Default)]
struct Changes(Vec<Vec<usize>>);

impl Lives {
    /// Collect them.
    pub(in crate::correlate) fn of(stores: &Stores, turns: &[TurnSeen], acts: &[Act], told: &Told) -> Lives {
        let mut lives = Lives { by_key: BTreeMap::new(), changes: Changes::of(&stores.list, acts) };
        let mut sessions: KeyMap<When> = KeyMap::default();
        let turns = if stores.list.is_empty() { &[] } else { turns };
        for (session, at) in turns.iter().filter_map(|t| Some((t.setting.asked.session?, t.started().unwrap_or(t.at())))) {
            let first = sessions.entry(session).or_insert(at);
            *first = if at.ms < first.ms { at } else { *first };
        }
        for (id, store) in stores.list.iter().enumerate() {
            for held in &store.held {
                let issued = held.issued_at.map(|at| Sign {
                    store: id,
                    at,
                    origin: held.origin,
                    kind: SignKind::Issued,
                    kept: true,
                    held: held.origin,
                });
                issued.into_iter().for_each(|sign| lives.add(held, sign));
            }
        }
        lives.add_told(told.ended(), (stores, acts), |life| &mut life.ended);
        lives.add_told(told.revoked(), (stores, acts), |life| &mut life.revoked);
        lives.add_told(told.mute(), (stores, acts), |life| &mut life.mute);
        let ends = lives.ends(told, stores, acts);
        for (id, turn) in Successes::of(stores, turns).of_one_store() {
            let Some(held) = lives.known_at(&stores.list, acts, id, turn.at()) else { continue };
            let told = token(held).and_then(|token| ends.get(&(id, token)));
            if told.is_some_and(|told| *told < turn.at().ms) {
                continue;
            }
            let session = turn.setting.asked.session.and_then(|session| sessions.get(&session)).copied();
            let kind = SignKind::Answered { made: turn.started(), session };
            let kept = is_kept(stores, id, held) && !may_be_replaced(&stores.list[id], held, turn.at());
            lives.add(held, Sign { store: id, at: turn.at(), origin: turn.origin(), kind, kept, held: held.origin });
        }
        lives
    }

    /// When the program of a store was first told that the login of a pair had ended, in ms, where the store is not
    /// shown to have kept that pair: what it worked with since was another one, as far as anybody can tell, of
    /// which there is no copy. It is no proof that the login lived.
    fn ends(&self, told: &Told, stores: &Stores, acts: &[Act]) -> BTreeMap<(StoreId, Key), i64> {
        let mut ends: BTreeMap<(StoreId, Key), i64> = BTreeMap::new();
        for (id, at, _) in told.ended() {
            let Some(held) = self.known_at(&stores.list, acts, id, at) else { continue };
            let gave_way = stores.list.get(id).is_some_and(|store| !store.keeps(held));
            if let Some(token) = token(held).filter(|_| gave_way) {
                let first = ends.entry((id, token)).or_insert(at.ms);
                *first = at.ms.min(*first);
            }
        }
        ends
    }

    /// What is known of the login of a credential.
    pub fn of_login(&self, held: &Held) -> Option<&Life> {
        names(held).find_map(|key| self.by_key.get(&key))
    }

    /// When another holder of a login was first told that it had ended, between two times.
    pub(super) fn told_before(&self, held: &Held, own: StoreId, since: Option<When>, at: When) -> Option<When> {
        let ended = &self.of_login(held)?.ended;
        let from = ended.partition_point(|(_, told, _)| since.is_some_and(|since| told.ms <= since.ms));
        let mut found = ended.get(from..)?.iter().filter(|(id, told, _)| *id != own && told.surely_before(at));
        found.next().map(|(_, told, _)| *told)
    }

    /// Add what holders met to the lists of their logins.
    fn add_told(
        &mut self,
        told: impl Iterator<Item = (StoreId, When, Origin)>,
        (stores, acts): (&Stores, &[Act]),
        list: impl Fn(&mut Life) -> &mut Vec<(StoreId, When, Origin)>,
    ) {
        for (id, at, origin) in told {
            let Some(held) = self.known_at(&stores.list, acts, id, at) else { continue };
            names(held).for_each(|key| list(self.by_key.entry(key).or_default()).push((id, at, origin)));
        }
        self.by_key.values_mut().for_each(|life| list(life).sort_by_key(|(id, at, origin)| (at.ms, *id, *origin)));
    }

    fn add(&mut self, held: &Held, sign: Sign) {
        let lasts = match (sign.kind, sign.session()) {
            (SignKind::Issued, _) => [Some((Last::Token, sign.at)), None],
            (_, session) => [Some((Last::Call, sign.made())), session.map(|at| (Last::Session, at))],
        };
        for key in names(held) {
            let life = self.by_key.entry(key).or_default();
            for (last, at) in lasts.into_iter().flatten() {
                let time =
                    |sign: &Sign| if last == Last::Session { sign.session().map_or(i64::MIN, |at| at.ms) } else { sign.made().ms };
                let known = life.alive.entry((sign.store, last, sign.kept)).or_insert(sign);
                *known = if time(known) < at.ms { sign } else { *known };
            }
        }
    }

    /// The credential that a store is known to have held at a time, under every reading of it. After a login
    /// or logout of its home, what it held before is no longer known to be there; the live file shows it.
    pub(super) fn known_at<'s>(&self, stores: &'s [Store], acts: &[Act], id: StoreId, at: When) -> Option<&'s Held> {
        let held = stores.get(id)?.surely_held_at(at)?;
        self.changed((stores, acts), (id, held), at, |_| true).is_none().then_some(held)
    }

    /// The logins, logouts and the like of a store's home after one time and before another, the last one first, by
    /// index.
    pub fn changes<'a>(
        &'a self,
        acts: &'a [Act],
        id: StoreId,
        (after, before): (i64, i64),
    ) -> impl Iterator<Item = usize> + use<'a> {
        let own = self.changes.0.get(id).map_or(&[][..], Vec::as_slice);
        let until = move |ms: i64| own.partition_point(|&i| acts.get(i).is_some_and(|act| act.at.ms < ms));
        own.get(until(after.saturating_add(1))..until(before)).unwrap_or_default().iter().rev().copied()
    }

    /// The login, logout or the like of a store's home by which it may have lost a pair before a time. None where
    /// it still had it.
    pub fn changed<'a>(
        &self,
        (stores, acts): (&[Store], &'a [Act]),
        (id, held): (StoreId, &Held),
        at: When,
        counts: impl Fn(&Act) -> bool,
    ) -> Option<&'a Act> {
        let store = stores.get(id)?;
        let is_last = store.newest().is_some_and(|newest| newest.same_tokens(held));
        if store.live && is_last {
            return None;
        }
        let own = self.changes.0.get(id)?;
        let to = own.partition_point(|&i| acts.get(i).is_some_and(|act| act.at.ms < at.ms));
        let made = |act: &Act, since: When| !matches!(act.kind, ActKind::Logout) && close(since, act.at, MADE_MS);
        let since = |act: &Act| held.since.is_none_or(|since| since.ms < act.at.ms && !made(act, since));
        let before = own.get(..to)?.iter().rev().filter_map(|&i| acts.get(i));
        before.filter(|act| counts(act)).find(|act| act.at.maybe_before(at)).filter(|act| since(act))
    }
}

/// Is it shown that a store still held the pair when its program worked? Of one that is known by copies alone
/// nothing is known after the last of them.
fn is_kept(stores: &Stores, id: StoreId, held: &Held) -> bool {
    let is_last = |store: &Store| store.newest().is_some_and(|newest| newest.same_tokens(held));
    stores.list.get(id).is_some_and(|store| store.live || !is_last(store))
}

/// Had the password been entered by then for the login that the store held next? That came then or later: which
/// of the two its program worked with is open.
fn may_be_replaced(store: &Store, held: &Held, at: When) -> bool {
    let Some(place) = store.held.iter().position(|known| known.origin == held.origin && known.same_tokens(held)) else {
        return false;
    };
    let Some(next) = store.held.get(place + 1).filter(|next| next.same_family(held) == Some(false)) else { return false };
    let since = |since: When| next.login_time.is_some_and(|login| since.ms < login && login < at.hi);
    held.since.is_some_and(since)
}

/// A login and the pair that it brought are dated this closely.
const MADE_MS: i64 = 2 * 60_000;

/// What identifies a login: its session, and a token where that is all there is.
fn names(held: &Held) -> impl Iterator<Item = Key> + use<> {
    [held.family, token(held)].into_iter().flatten()
}

/// What identifies a pair.
fn token(held: &Held) -> Option<Key> {
    held.refresh.or(held.access)
}

impl Changes {
    fn of(stores: &[Store], acts: &[Act]) -> Changes {
        let mut at_home: BTreeMap<_, Vec<StoreId>> = BTreeMap::new();
        for (id, store) in stores.iter().enumerate().filter(|(_, store)| store.home.is_some()) {
            at_home.entry((store.client, &store.home, store.host)).or_default().push(id);
        }
        let mut changes = Changes(vec![Vec::new(); stores.len()]);
        let replaces = |act: &Act| act.is_ending() || matches!(act.kind, ActKind::Adopted { .. } | ActKind::Restored);
        for (index, act) in acts.iter().enumerate().filter(|(_, act)| replaces(act)) {
            let here = at_home.get(&(act.client, &act.home, act.host));
            let named = act.store.filter(|id| here.is_none_or(|list| !list.contains(id)));
            for id in here.into_iter().flatten().copied().chain(named) {
                if let Some(list) = changes.0.get_mut(id) {
                    list.push(index);
                }
            }
        }
        changes.0.iter_mut().for_each(|list| list.sort_by_key(|&i| (acts.get(i).map(|act| act.at.ms), i)));
        changes
    }
}
