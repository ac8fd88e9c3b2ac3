//! Causes by which a token was simply too old where it was used: at its end, in a process that kept it, or
//! by a clock that is wrong.

mod access_token_expired_refresh_ok;
mod clock_wrong;
mod refresh_token_expired_idle;
mod stale_process_token;

use super::Hypothesis;

/// The causes of this room, in order of the contract.
pub(super) const HYPOTHESES: &[Hypothesis] = &[
    access_token_expired_refresh_ok::HYPOTHESIS,
    refresh_token_expired_idle::HYPOTHESIS,
    stale_process_token::HYPOTHESIS,
    clock_wrong::HYPOTHESIS,
];
