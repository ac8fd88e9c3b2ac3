//! Causes by which a refresh token was spent: somebody exchanged it, and its holder was refused as if by
//! replay. The server's word settles that, and never who it was.

mod rivals;
mod self_concurrent_refresh;
mod sibling_refresh;
mod unrecorded_consumer;

use super::Hypothesis;

/// The causes of this room, in order of the contract.
pub(super) const HYPOTHESES: &[Hypothesis] =
    &[sibling_refresh::HYPOTHESIS, self_concurrent_refresh::HYPOTHESIS, unrecorded_consumer::HYPOTHESIS];
