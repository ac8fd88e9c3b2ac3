//! The members of one archive in the ledger: what the archive has against what came out of it.
//!
//! Apart from the record of bytes because the two sides come from different places: the archive's
//! own count from whoever took it apart, the members that came out from whoever read them.

use crate::source::Members;

/// `declared = read + folders + Σ skipped`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberCount {
    /// What the archive has, and what was not handed out.
    pub archive: Members,
    /// Members that came out and have a record of their own: sources, archives inside, and what
    /// was refused.
    pub read: u64,
}

impl MemberCount {
    /// Is every member accounted for?
    pub fn adds_up(&self) -> bool {
        let parts = self.archive.skipped.values().copied().chain([self.read, self.archive.folders]);
        parts.map(u128::from).sum::<u128>() == u128::from(self.archive.declared)
    }

    /// Members that were not handed out.
    pub fn skipped(&self) -> u64 {
        self.archive.skipped.values().copied().fold(0, u64::saturating_add)
    }
}
