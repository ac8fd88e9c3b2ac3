//! How the program of each store fared, whatever pair it held: when it was last answered, and what it met since.
//!
//! Apart from [`super::lives`], which is about logins and needs to know the pair: a store keeps its latest pair
//! alone, so that what its program was refused with is seldom in a file. That a person who logs in right after a
//! refusal repairs something needs no pair.

use super::replay::{Answer, Told};
use super::successes::Successes;
use crate::correlate::clock::When;
use crate::correlate::stores::{StoreId, Stores};
use crate::correlate::turns::TurnSeen;
use crate::event::Origin;

/// Rows of failures that are looked at before an act.
const MOST: usize = 256;

/// The first failure of a row.
#[derive(Clone, Copy, Debug)]
pub struct Failed {
    /// When.
    pub at: When,
    /// Where it is written.
    pub origin: Origin,
    /// What the program was told.
    pub answer: Answer,
    /// It was told by a refresh that its login had ended.
    pub by_refresh: bool,
}

/// Of each store the failures of its program, and when its answered calls were made, in ms; both by time.
#[derive(Debug, Default)]
pub struct Fared {
    failed: Vec<Vec<Failed>>,
    worked: Vec<Vec<i64>>,
}

impl Fared {
    /// Collect it.
    pub(in crate::correlate) fn of(stores: &Stores, turns: &[TurnSeen], told: &Told) -> Fared {
        let nothing = stores.list.len();
        let mut fared = Fared { failed: vec![Vec::new(); nothing], worked: vec![Vec::new(); nothing] };
        for (id, at, origin, answer) in told.answers() {
            if let Some(list) = fared.failed.get_mut(id) {
                let by_refresh = answer == Answer::Ended && told.is_of_refresh(id, (at, origin));
                list.push(Failed { at, origin, answer, by_refresh });
            }
        }
        for (id, turn) in Successes::of(stores, turns).all() {
            if let Some(list) = fared.worked.get_mut(id) {
                list.push(turn.started().unwrap_or(turn.at()).ms);
            }
        }
        fared.failed.iter_mut().for_each(|list| list.sort_by_key(|failed| (failed.at.ms, failed.origin)));
        fared.worked.iter_mut().for_each(|list| list.sort_unstable());
        fared
    }

    /// What the program of a store met since its last answered call before a time: the latest that says that its
    /// login had ended, else the latest of those that say the most.
    pub fn failed_before(&self, id: StoreId, at: When) -> Option<Failed> {
        let (failed, worked) = (self.failed.get(id)?, self.worked.get(id)?);
        let answered = worked.get(..worked.partition_point(|ms| *ms < at.ms))?.last().copied().unwrap_or(i64::MIN);
        let before = failed.get(..failed.partition_point(|met| met.at.ms < at.ms))?.iter().rev().take(MOST);
        let since = before.take_while(|met| met.at.ms > answered).filter(|met| met.at.maybe_before(at));
        since.copied().min_by_key(|met| met.answer)
    }
}
