//! What was not used of one source, by reason.
//!
//! It is a type of its own because of its size: there may be a million sources, most of them with
//! one reason or none, and a map takes more than all the rest of a record.

use crate::event::SkipReason;
use std::collections::BTreeMap;

/// How often a reason was met, and over how many bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Times.
    pub count: u64,
    /// Bytes not used because of it.
    pub bytes: u64,
}

/// Reasons with counts, in the order of the reasons.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Skips(Kept);

#[derive(Clone, Default, PartialEq, Eq)]
enum Kept {
    #[default]
    Nothing,
    One(SkipReason, Skipped),
    #[allow(clippy::box_collection, reason = "a map in place would make every record larger")]
    Many(Box<BTreeMap<SkipReason, Skipped>>),
}

impl std::fmt::Debug for Skips {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl Skips {
    /// Note a reason that was met `count` times, over `bytes` in all.
    pub fn add(&mut self, reason: SkipReason, count: u64, bytes: u64) {
        let new = Skipped { count, bytes };
        match &mut self.0 {
            Kept::Nothing => self.0 = Kept::One(reason, new),
            Kept::One(known, skipped) if *known == reason => skipped.add(new),
            Kept::One(known, skipped) => {
                self.0 = Kept::Many(Box::new(BTreeMap::from([(*known, *skipped), (reason, new)])));
            }
            Kept::Many(all) => all.entry(reason).or_default().add(new),
        }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&SkipReason, &Skipped)> {
        let (one, many) = match &self.0 {
            Kept::Nothing => (None, None),
            Kept::One(reason, skipped) => (Some((reason, skipped)), None),
            Kept::Many(all) => (None, Some(all.iter())),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }

    /// The counts.
    pub fn values(&self) -> impl Iterator<Item = &Skipped> {
        self.iter().map(|(_, skipped)| skipped)
    }

    /// What is noted for a reason.
    pub fn get(&self, reason: &SkipReason) -> Option<&Skipped> {
        self.iter().find_map(|(known, skipped)| (known == reason).then_some(skipped))
    }

    /// Is this one of the reasons?
    pub fn contains_key(&self, reason: &SkipReason) -> bool {
        self.get(reason).is_some()
    }

    /// True when all was used.
    pub fn is_empty(&self) -> bool {
        matches!(self.0, Kept::Nothing)
    }
}

impl Skipped {
    fn add(&mut self, more: Skipped) {
        self.count = self.count.saturating_add(more.count);
        self.bytes = self.bytes.saturating_add(more.bytes);
    }
}

impl<'s> IntoIterator for &'s Skips {
    type Item = (&'s SkipReason, &'s Skipped);
    type IntoIter = Box<dyn Iterator<Item = Self::Item> + 's>;

    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_add_up_however_many_there_are() {
        let mut skips = Skips::default();
        assert!(skips.is_empty() && skips.iter().next().is_none());
        let one = |count, bytes| Skipped { count, bytes };
        for (reason, want) in
            [(SkipReason::TornTail, one(1, 5)), (SkipReason::TornTail, one(2, 10)), (SkipReason::JsonSyntax, one(1, 5))]
        {
            skips.add(reason, 1, 5);
            assert_eq!(skips.get(&reason), Some(&want));
        }
        let listed: Vec<_> = skips.iter().map(|(reason, skipped)| (*reason, *skipped)).collect();
        assert_eq!(listed, [(SkipReason::JsonSyntax, one(1, 5)), (SkipReason::TornTail, one(2, 10))], "in the order of reasons");
        assert!(size_of::<Skips>() <= 24 && !skips.contains_key(&SkipReason::Io));
    }
}
