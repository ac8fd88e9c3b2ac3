//! What went wrong below a source: reasons with counts and bytes.
//!
//! Nothing in this module fails. A layer that cannot go on keeps a trouble, ends early, and
//! whoever stands above it asks for the troubles when it has seen the end.

use crate::event::SkipReason;

/// One reason, how often it was met, and over how many bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Why.
    pub reason: SkipReason,
    /// Times.
    pub count: u64,
    /// Bytes that came in and could not be handed out. Bytes that never came in are not counted.
    pub bytes: u64,
}

/// The troubles of one source or archive, in the order in which they were first met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Troubles(Vec<Trouble>);

impl Troubles {
    /// A single trouble.
    pub fn of(reason: SkipReason, bytes: u64) -> Troubles {
        Troubles(vec![Trouble { reason, count: 1, bytes }])
    }

    /// Note a trouble.
    pub fn note(&mut self, reason: SkipReason, bytes: u64) {
        self.add(Trouble { reason, count: 1, bytes });
    }

    /// Note a trouble that was met any number of times.
    pub fn add(&mut self, new: Trouble) {
        match self.0.iter_mut().find(|known| known.reason == new.reason) {
            Some(known) => {
                known.count = known.count.saturating_add(new.count);
                known.bytes = known.bytes.saturating_add(new.bytes);
            }
            None => self.0.push(new),
        }
    }

    /// Take over what `other` holds.
    pub fn extend(&mut self, other: &Troubles) {
        other.iter().for_each(|trouble| self.add(trouble));
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = Trouble> + '_ {
        self.0.iter().copied()
    }

    /// The bytes of all of them.
    pub fn bytes(&self) -> u64 {
        self.0.iter().map(|trouble| trouble.bytes).fold(0, u64::saturating_add)
    }

    /// True when nothing went wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
