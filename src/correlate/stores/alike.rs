//! What was seen of each home: what its stores hold, what it is known to have held, which conversations
//! it has and from when to when. Apart from [`super::twins`], which compares them.

use super::store::{Held, Store};
use crate::correlate::clock::Clocks;
use crate::correlate::hosts::{HostId, Hosts};
use crate::event::{Client, PackedTurn, Section};
use crate::evidence::{Evidence, SourceRecord};
use crate::secret::Key;
use crate::shortcuts;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// All homes by program and folder.
pub(super) type Places = BTreeMap<(Client, String), Seen>;

/// Part of a store, by its place below the home, and what it holds: both tokens and the account.
type Holding = (String, Section, Vec<[Option<Key>; 3]>);

/// What was seen of one home.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// What its live stores hold.
    pub holdings: Vec<Holding>,
    /// Tokens that its live stores hold.
    pub now: BTreeSet<Key>,
    /// The same, and those in copies that were kept in it.
    pub ever: BTreeSet<Key>,
    /// Accounts of its stores.
    accounts: BTreeSet<Key>,
    /// Login sessions of what its live stores hold.
    logins: BTreeSet<Key>,
    /// It has a live store, though that may be empty or out of sight.
    pub has_store: bool,
    /// Its conversations; of a home that is the only one of its program, one of them.
    pub talks: BTreeSet<Key>,
    /// First and last turn of each that bears a time, in ms.
    dated: BTreeMap<Key, (i64, i64)>,
    /// Accounts that those name.
    named: BTreeSet<Key>,
    /// Its machine.
    pub host: Option<HostId>,
    /// Where that was read out of several input roots: which of them it is below, and where it stands there.
    pub reading: Option<(usize, String)>,
}

impl Seen {
    /// Does it show neither a credential nor a conversation?
    pub(super) fn is_empty(&self) -> bool {
        self.holdings.is_empty() && self.talks.is_empty()
    }

    /// Are the conversations those of the other home? All of them are there (a bundle made earlier), or all
    /// of that home are here and most of these (one made before it was cleared), and of no other account.
    pub(super) fn talks_of(&self, other: &Seen) -> bool {
        let most = || other.talks.len() * 2 > self.talks.len() && other.talks.is_subset(&self.talks);
        let contradicted = || !self.named.is_empty() && !other.accounts.is_empty() && self.named.is_disjoint(&other.accounts);
        self.talks.is_subset(&other.talks) || (most() && !contradicted())
    }

    /// Is this what the other home was at an earlier time? It stands in another input root of the same
    /// machine, holds a pair of the same login, has conversations in common with it, and all that is its own
    /// came before all that is the other's own. Whichever pair is the newer: a home may have been put back.
    pub(super) fn is_before(&self, other: &Seen) -> bool {
        let root = |seen: &Seen| seen.reading.as_ref().map(|(root, _)| *root);
        let apart = root(self).zip(root(other)).is_some_and(|(a, b)| a != b) && self.host == other.host;
        let one_login = !self.logins.is_disjoint(&other.logins);
        apart && one_login && !self.talks.is_disjoint(&other.talks) && self.ends_before(other)
    }

    fn ends_before(&self, other: &Seen) -> bool {
        match (self.own_time(other), other.own_time(self)) {
            (Some((_, last)), Some((first, _))) => last < first,
            (None, Some(_)) => true,
            (_, None) => false,
        }
    }

    /// From when to when it has turns that the other one lacks.
    fn own_time(&self, other: &Seen) -> Option<(i64, i64)> {
        let own = |(talk, &(first, last)): (&Key, &(i64, i64))| match other.dated.get(talk) {
            Some((_, theirs)) => (last > *theirs).then_some((last, last)),
            None => Some((first, last)),
        };
        self.dated.iter().filter_map(own).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }
}

/// What was seen of every home: of its live stores, of the copies kept in it, of its records.
pub(super) fn places<'a>(
    list: &[Store],
    copies: impl Iterator<Item = (Client, &'a Option<String>, &'a Held)>,
    evidence: &Evidence,
    (clocks, hosts): (&Clocks, &Hosts),
) -> Places {
    let mut places = Places::new();
    for store in list {
        let Some(home) = &store.home else { continue };
        let seen = places.entry((store.client, home.clone())).or_default();
        seen.has_store = true;
        seen.now.extend(store.held.iter().filter_map(token));
        seen.accounts.extend(store.held.iter().filter_map(|held| held.account));
        seen.logins.extend(store.held.iter().filter_map(|held| held.family));
        seen.holdings.extend((!store.held.is_empty()).then(|| holding(home, store)));
    }
    for seen in places.values_mut() {
        seen.holdings.sort_unstable();
        seen.ever.clone_from(&seen.now);
    }
    for (client, home, held) in copies {
        if let Some(home) = home {
            places.entry((client, home.clone())).or_default().ever.extend(token(held));
        }
    }
    add_talks(&mut places, evidence, clocks);
    for (index, source) in evidence.sources.iter().enumerate() {
        if let Some(seen) = whose(source).and_then(|(client, home)| places.get_mut(&(client, home.clone()))) {
            seen.host = hosts.host(index as u32);
            let reading = || hosts.reading(index as u32).zip(source.home.as_deref());
            seen.reading = seen.reading.take().or_else(|| reading().map(|((root, top), home)| (root, below(home, top))));
        }
    }
    places
}

/// Where a home stands below a root: from the program's folder on, which a bundle may have wrapped in others.
fn below(home: &str, top: &str) -> String {
    let inside = home.strip_prefix(top).unwrap_or(home);
    let folder = inside.rfind("/.").map_or(inside, |at| &inside[at..]);
    folder.trim_start_matches('/').to_owned()
}

fn token(held: &Held) -> Option<Key> {
    held.refresh.or(held.access)
}

fn holding(home: &str, store: &Store) -> Holding {
    let mut tokens: Vec<_> = store.held.iter().map(|held| [held.refresh, held.access, held.account]).collect();
    tokens.sort_unstable();
    tokens.dedup();
    let place = store.folder.strip_prefix(home).unwrap_or(&store.folder).to_owned();
    (place, store.section, tokens)
}

fn add_talks(places: &mut Places, evidence: &Evidence, clocks: &Clocks) {
    // A home that is the only one of its program is compared with none: that it has a conversation is enough.
    let mut homes: BTreeSet<(Client, &String)> = places.keys().map(|(client, home)| (*client, home)).collect();
    homes.extend(evidence.sources.iter().filter_map(whose));
    let mut programs: BTreeMap<Client, usize> = BTreeMap::new();
    homes.iter().for_each(|(client, _)| *programs.entry(*client).or_default() += 1);
    let is_alone = |client: Client| shortcuts::are_taken() && programs.get(&client).is_some_and(|homes| *homes == 1);
    // Turns of one session stand together: of a row of them the times are enough.
    let rows = evidence.stated.turns.chunk_by(|a, b| a.source == b.source && Arc::ptr_eq(&a.asked, &b.asked));
    let mut talks: BTreeMap<(Client, &String), Vec<Talk>> = BTreeMap::new();
    for row in rows {
        let Some(turn) = row.first() else { continue };
        let whose = evidence.sources.get(turn.source as usize).and_then(whose);
        let whose = whose.filter(|whose| !is_alone(whose.0) || !talks.contains_key(whose));
        if let Some((whose, session)) = whose.zip(turn.asked.session) {
            let times = row.iter().filter_map(PackedTurn::at).map(|at| clocks.stamp(at, turn.source).ms);
            let dated = times.map(|ms| (ms, ms)).reduce(joined);
            talks.entry(whose).or_default().push((session, dated, turn.asked.account));
        }
    }
    for ((client, home), mut talks) in talks {
        let seen = places.entry((client, home.clone())).or_default();
        // In their order they go into sets at once.
        talks.sort_unstable_by_key(|(session, ..)| *session);
        seen.talks = talks.iter().map(|(session, ..)| *session).collect();
        seen.named.extend(talks.iter().filter_map(|(.., account)| *account));
        let of_one = |talks: &[Talk]| Some((talks.first()?.0, talks.iter().filter_map(|(_, dated, _)| *dated).reduce(joined)?));
        seen.dated = talks.chunk_by(|a, b| a.0 == b.0).filter_map(of_one).collect();
    }
}

/// Whose home a source stands in.
fn whose(source: &SourceRecord) -> Option<(Client, &String)> {
    Some((source.kind.client().program(), source.home.as_ref()?))
}

/// Some turns in a row of a conversation: from when to when, and whose account they name.
type Talk = (Key, Option<(i64, i64)>, Option<Key>);

/// From the first of both to the last.
fn joined(a: (i64, i64), b: (i64, i64)) -> (i64, i64) {
    (a.0.min(b.0), a.1.max(b.1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::{Kind, Vault};

    /// A home of login `login` below a root, with conversations from one hour to another.
    fn seen(root: usize, login: &str, talks: &[(&str, i64, i64)]) -> Seen {
        let key = |text: &str| Vault::new([5; 32]).key(Kind::Session, text);
        Seen {
            logins: BTreeSet::from([key(login)]),
            talks: talks.iter().map(|(talk, ..)| key(talk)).collect(),
            dated: talks.iter().map(|(talk, first, last)| (key(talk), (*first, *last))).collect(),
            reading: Some((root, ".codex".to_owned())),
            ..Seen::default()
        }
    }

    #[test]
    fn a_home_at_two_times_is_told_from_two_homes() {
        let backup = seen(0, "l", &[("a", 1, 2), ("b", 5, 6)]);
        let later = seen(1, "l", &[("a", 1, 2), ("c", 8, 9)]);
        assert!(backup.is_before(&later) && !later.is_before(&backup));
        let same = |talks: &[(&str, i64, i64)]| backup.is_before(&seen(1, "l", talks));
        assert!(same(&[("a", 1, 2), ("b", 5, 6), ("c", 8, 9)]), "all of the backup is there");
        assert!(same(&[("a", 1, 2), ("b", 5, 8)]), "one went on");
        assert!(!same(&[("a", 1, 2), ("b", 5, 6)]), "nothing tells which came first");
        assert!(!same(&[("a", 1, 2), ("c", 4, 9)]), "both went on side by side");
        assert!(!same(&[("a", 1, 4), ("c", 8, 9)]), "one was taken up again, which the other does not have");
        assert!(!same(&[("c", 8, 9)]), "no conversation in common");
        assert!(!backup.is_before(&seen(1, "other", &[("a", 1, 2), ("c", 8, 9)])), "another login");
        assert!(!backup.is_before(&seen(0, "l", &[("a", 1, 2), ("c", 8, 9)])), "two homes of one root");
        let stated = Seen { host: Some(1), ..seen(1, "l", &[("a", 1, 2), ("c", 8, 9)]) };
        assert!(!backup.is_before(&stated), "another machine");
    }

    #[test]
    fn a_bundle_may_wrap_a_home_in_folders() {
        let places = [("x/laptop/.codex", "x/laptop"), ("x/b.tgz/home/me/.codex", "x/b.tgz"), (".codex", "")];
        assert_eq!(places.map(|(home, top)| below(home, top)), [".codex"; 3]);
        assert_eq!(below("b/.hermes/profiles/work", "b"), ".hermes/profiles/work");
    }
}
