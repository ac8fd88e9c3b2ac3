//! Causes by which a login was ended at the server before its tokens were: by somebody's logout or new
//! login, by a replay, or by an act that no file shows.

mod server_revocation;
mod sibling_logout;
mod sibling_relogin;

use super::Hypothesis;

/// The causes of this room, in order of the contract.
pub(super) const HYPOTHESES: &[Hypothesis] =
    &[sibling_logout::HYPOTHESIS, sibling_relogin::HYPOTHESIS, server_revocation::HYPOTHESIS];
