//! Calls that worked, as they are kept: a log states one for each model call, so that there may be millions.

use super::Origin;
use crate::secret::Key;
use crate::time::{Clock, Stamp};

/// A model call worked, beside any turn: the access token was good at this time.
#[derive(Clone, Copy, Debug)]
pub struct Worked {
    /// Session the call belongs to, if the record says.
    pub session: Option<Key>,
    /// Index of its source.
    pub source: u32,
    /// The clock of its time; None where it has none.
    clock: Option<Clock>,
    ms: i64,
    line: u64,
    byte: u64,
}

impl Worked {
    /// A call that worked then and is written there.
    pub fn new(at: Option<Stamp>, origin: Origin, session: Option<Key>) -> Worked {
        let Origin { source, line, byte } = origin;
        Worked { session, source, clock: at.map(|at| at.clock), ms: at.map_or(0, |at| at.ms), line, byte }
    }

    /// When it worked, on the clock the source used.
    pub fn at(&self) -> Option<Stamp> {
        self.clock.map(|clock| Stamp { ms: self.ms, clock })
    }

    /// Where it is written.
    pub fn origin(&self) -> Origin {
        Origin { source: self.source, line: self.line, byte: self.byte }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_takes_48_bytes_and_comes_out_as_it_went_in() {
        assert_eq!(size_of::<Worked>(), 48);
        let origin = Origin { source: 3, line: u64::MAX, byte: 7 };
        for at in [None, Some(Stamp::utc(-1)), Some(Stamp::local(1_700_000_000_000))] {
            let worked = Worked::new(at, origin, None);
            assert_eq!((worked.at(), worked.origin()), (at, origin));
        }
    }
}
