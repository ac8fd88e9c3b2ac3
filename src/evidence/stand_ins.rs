//! Refresh tokens that somebody replaced before he passed the files on (`REMOVED`, `rt_...`, a row of x): one
//! text for all of them, with the access tokens left in. Two stores that hold it do not hold one token.
//!
//! No form of such a text is known, and none is asked for: every exchange gives a new pair, so that one value
//! which several stores hold beside access tokens of different issue is no token. It is taken out, and what is
//! known of the store stays. Here, since it takes all stores to see, and all that comes later compares keys.

use super::Evidence;
use crate::event::{Client, EventKind};
use crate::secret::Key;
use std::collections::{BTreeMap, BTreeSet};

impl Evidence {
    /// Take values out that stand in for refresh tokens. All sources must have been read.
    pub fn drop_stand_ins(&mut self) {
        let stand_ins = self.stand_ins();
        for event in &mut self.stated.events {
            let EventKind::Store(state) = &mut event.kind else { continue };
            if state.refresh.is_some_and(|key| stand_ins.contains(&key)) {
                state.refresh = None;
                state.has_stand_in = true;
            }
        }
    }

    fn stand_ins(&self) -> BTreeSet<Key> {
        let mut seen: BTreeMap<Key, Seen<'_>> = BTreeMap::new();
        for event in &self.stated.events {
            let EventKind::Store(state) = &event.kind else { continue };
            let place = self.sources.get(event.origin.source as usize).map(|source| (source.kind.client().program(), &source.home));
            // A token that was shortened or signed anew by whoever prepared the files still says when it was issued.
            if let (Some(refresh), Some(place), Some(issued)) = (state.refresh, place, state.issued_at) {
                let seen = seen.entry(refresh).or_default();
                seen.places.insert(place);
                seen.issued.insert(issued.ms);
            }
        }
        seen.into_iter().filter(|(_, seen)| seen.places.len() > 1 && seen.issued.len() > 1).map(|(key, _)| key).collect()
    }
}

/// Where a value stands, and when the access tokens beside it were issued.
#[derive(Debug, Default)]
struct Seen<'a> {
    places: BTreeSet<(Client, &'a Option<String>)>,
    issued: BTreeSet<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, Origin, Section, SourceKind, StoreState, Taken};
    use crate::evidence::SourceRecord;
    use crate::secret::{Kind, Vault};
    use crate::source::Name;
    use crate::time::Stamp;

    /// What is left of the refresh tokens, where stores hold these: home, issue time, refresh token.
    fn left(stores: &[(&str, Option<i64>, &str)]) -> Vec<(bool, bool)> {
        let vault = Vault::new([5; 32]);
        let mut evidence = Evidence::default();
        for ((home, issued, refresh), source) in stores.iter().zip(0..) {
            let state = StoreState {
                section: Section::Only,
                taken: Taken::Current,
                agent: None,
                account: None,
                family: None,
                login_time: None,
                access: None,
                refresh: Some(vault.key(Kind::Token, refresh)),
                has_stand_in: false,
                issued_at: issued.map(Stamp::utc),
                expires_at: None,
                refreshed_at: None,
                written_at: None,
                writer: None,
                imported: false,
                came: None,
                fenced: None,
            };
            let mut record = SourceRecord::new(Name::of_text("auth.json"), SourceKind::CodexAuth, None, None);
            record.home = Some((*home).to_owned());
            evidence.sources.push(record);
            let origin = Origin { source, line: 1, byte: 0 };
            evidence.stated.events.push(Event { at: None, origin, kind: EventKind::Store(Box::new(state)) });
        }
        evidence.drop_stand_ins();
        let state = |event: &Event| match &event.kind {
            EventKind::Store(state) => (state.refresh.is_some(), state.has_stand_in),
            _ => unreachable!(),
        };
        evidence.stated.events.iter().map(state).collect()
    }

    #[test]
    fn one_value_of_two_stores_beside_two_exchanges_is_no_token() {
        let (kept, gone) = ((true, false), (false, true));
        assert_eq!(left(&[("a", Some(1_000), "x"), ("b", Some(2_000), "x"), ("c", Some(3_000), "y")]), [gone, gone, kept]);
        assert_eq!(left(&[("a", Some(1_000), "x"), ("b", Some(1_000), "x")]), [kept, kept], "copies of one pair");
        assert_eq!(left(&[("a", Some(1_000), "x"), ("a", Some(2_000), "x")]), [kept, kept], "one store: nothing is compared");
        assert_eq!(left(&[("a", Some(1_000), "x"), ("b", None, "x")]), [kept, kept], "an access token that says nothing");
        let chain = [("a", Some(1_000), "x"), ("b", Some(1_000), "x"), ("a", Some(2_000), "x")];
        assert_eq!(left(&chain), [gone, gone, gone], "two stores of one chain");
    }
}
