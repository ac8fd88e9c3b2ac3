//! Refresh tokens that somebody replaced before he passed the files on (`REMOVED`, `rt_...`, a row of x): one
//! text for all of them, with the access tokens left in. Two stores that hold it do not hold one token.
//!
//! No form of such a text is known, and none is asked for: every exchange gives a new pair, so that one value
//! beside two access tokens of different issue or login is no token. It is taken out, and what is known of the
//! store stays. Here, since it takes all stores to see, and all that comes later compares keys.

use super::Evidence;
use crate::event::{EventKind, StoreState};
use crate::secret::Key;
use std::collections::{BTreeMap, BTreeSet};

impl Evidence {
    /// Take values out that stand in for refresh tokens. All sources must have been read.
    pub fn drop_stand_ins(&mut self) {
        let stand_ins = self.stand_ins();
        for event in &mut self.events {
            let EventKind::Store(state) = &mut event.kind else { continue };
            if state.refresh.is_some_and(|key| stand_ins.contains(&key)) {
                state.refresh = None;
                state.has_stand_in = true;
            }
        }
    }

    fn stand_ins(&self) -> BTreeSet<Key> {
        let mut first: BTreeMap<Key, &StoreState> = BTreeMap::new();
        let mut found = BTreeSet::new();
        for event in &self.events {
            let EventKind::Store(state) = &event.kind else { continue };
            let Some(refresh) = state.refresh.filter(|_| state.access.is_some() && state.issued_at.is_some()) else { continue };
            if are_two(first.entry(refresh).or_insert(state), state) {
                found.insert(refresh);
            }
        }
        found
    }
}

/// Do the two hold access tokens of different exchanges? One that was shortened or signed anew by whoever
/// prepared the files still says when it was issued, and of which login it is.
fn are_two(a: &StoreState, b: &StoreState) -> bool {
    let issued = a.issued_at.zip(b.issued_at).is_some_and(|(a, b)| a.ms != b.ms);
    let login = a.family.zip(b.family).is_some_and(|(a, b)| a != b);
    a.access != b.access && (issued || login)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, Origin, Section, Taken};
    use crate::secret::{Kind, Vault};
    use crate::time::Stamp;

    /// What is left of the refresh tokens, where stores hold these: access token, issue time, refresh token.
    fn left(stores: &[(&str, Option<i64>, &str)]) -> Vec<(bool, bool)> {
        let vault = Vault::new([5; 32]);
        let mut evidence = Evidence::default();
        for (access, issued, refresh) in stores {
            let state = StoreState {
                section: Section::Only,
                taken: Taken::Current,
                account: None,
                family: None,
                login_time: None,
                access: Some(vault.key(Kind::Token, access)),
                refresh: Some(vault.key(Kind::Token, refresh)),
                has_stand_in: false,
                issued_at: issued.map(Stamp::utc),
                expires_at: None,
                refreshed_at: None,
                written_at: None,
                writer: None,
                imported: false,
                fenced: None,
            };
            let origin = Origin { source: 0, line: 1, byte: 0 };
            evidence.events.push(Event { at: None, origin, kind: EventKind::Store(state), excerpt: None });
        }
        evidence.drop_stand_ins();
        let state = |event: &Event| match &event.kind {
            EventKind::Store(state) => (state.refresh.is_some(), state.has_stand_in),
            _ => unreachable!(),
        };
        evidence.events.iter().map(state).collect()
    }

    #[test]
    fn one_value_beside_two_exchanges_is_no_token() {
        let (kept, gone) = ((true, false), (false, true));
        assert_eq!(left(&[("a", Some(1_000), "x"), ("b", Some(2_000), "x"), ("c", Some(3_000), "y")]), [gone, gone, kept]);
        assert_eq!(left(&[("a", Some(1_000), "x"), ("a", Some(1_000), "x")]), [kept, kept], "copies of one pair");
        assert_eq!(left(&[("a", Some(1_000), "x"), ("cut", Some(1_000), "x")]), [kept, kept], "one token, cut short in a copy");
        assert_eq!(left(&[("a", Some(1_000), "x"), ("b", None, "x")]), [kept, kept], "an access token that says nothing");
    }
}
