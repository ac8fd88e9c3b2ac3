//! The members of one archive, counted while it is read: how many it has, and what became of
//! those that were not handed out.
//!
//! What was handed out is counted by whoever it was handed to, so that the two counts check each
//! other.

use super::trouble::{Trouble, Troubles};
use crate::event::SkipReason;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

/// What an archive says it has, less what is known of those that were not handed out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members {
    /// Members that the archive names or counts, whichever is more.
    pub declared: u64,
    /// Folders, in which nothing stands.
    pub folders: u64,
    /// Members that were not handed out, by reason.
    pub skipped: BTreeMap<SkipReason, u64>,
}

impl Members {
    /// How many must have been handed out.
    pub fn due(&self) -> u64 {
        self.skipped.values().fold(self.declared.saturating_sub(self.folders), |left, n| left.saturating_sub(*n))
    }
}

/// The count while it is taken.
#[derive(Default)]
pub(super) struct Roll {
    pub(super) members: Members,
    pub(super) troubles: Troubles,
    /// How often each name was met. Names are kept as hashes: two that share one cost a mark.
    met: HashMap<u64, u32, BuildHasherDefault<DefaultHasher>>,
}

impl Roll {
    /// A member is handed out.
    pub(super) fn handed(&mut self) {
        self.members.declared = self.members.declared.saturating_add(1);
    }

    /// A member is a folder.
    pub(super) fn folder(&mut self) {
        self.handed();
        self.members.folders += 1;
    }

    /// A member is not handed out. `bytes` of it are there.
    pub(super) fn skip(&mut self, reason: SkipReason, bytes: u64) {
        self.skip_many(reason, 1, bytes);
    }

    /// The same for any number of them.
    pub(super) fn skip_many(&mut self, reason: SkipReason, count: u64, bytes: u64) {
        self.members.declared = self.members.declared.saturating_add(count);
        let skipped = self.members.skipped.entry(reason).or_default();
        *skipped = skipped.saturating_add(count);
        self.troubles.add(Trouble { reason, count, bytes });
    }

    /// How often this name has been met, this time included.
    pub(super) fn times(&mut self, label: &[u8]) -> u32 {
        let times = self.met.entry(self.met.hasher().hash_one(label)).or_default();
        *times = times.saturating_add(1);
        *times
    }
}
