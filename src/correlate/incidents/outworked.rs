//! Work of the victim with a pair that no file shows: it was answered after the access token had ended that it
//! is known to have held. It had another pair by then, from a refresh of its own that its store does not show,
//! a login, or another program's store, and which of the two it presented in the end is open.
//!
//! Apart from [`super::renewed`], which infers the same of the others: there it convicts, here it acquits.

use super::asked::Asked;
use super::failing::SuccessSeen;
use super::renewed::SKEW_MS;
use super::successes::Successes;
use crate::correlate::clock::When;
use crate::correlate::stores::Stores;

/// A success of the victim that the pair of its failure cannot have had.
#[derive(Clone, Copy, Debug)]
pub struct Outworked {
    /// The first such success.
    pub by: SuccessSeen,
    /// When the access token of that pair had ended.
    pub ended: When,
}

/// The first success of the victim's own store after the end of what it held at the failure, and before that.
/// None where another entry of the same file may have paid for it.
pub(super) fn outworked(asked: &Asked<'_>, stores: &Stores, worked: &Successes<'_>) -> Option<Outworked> {
    let id = asked.victim.store.filter(|&id| !stores.has_spare(id))?;
    let ended = asked.held?.expires_at?;
    let by = worked.past(id, ended.hi.saturating_add(SKEW_MS), asked.refused)?;
    Some(Outworked { by, ended })
}
