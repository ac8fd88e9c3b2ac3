//! Causes by which a login was ended at the server before its tokens were: by somebody's logout or new
//! login, by a replay, by two clients in turn, or by an act that no file shows; or it was never good.

mod auth_ping_pong;
mod controls;
mod fresh_login_refused;
mod in_row;
mod lives;
mod repair;
mod reuse_family_revocation;
mod server_revocation;
mod sibling_logout;
mod sibling_relogin;
mod untold;
mod versions;

use super::Hypothesis;

/// The causes of this room, in order of the contract.
pub(super) const HYPOTHESES: &[Hypothesis] = &[
    sibling_logout::HYPOTHESIS,
    sibling_relogin::HYPOTHESIS,
    reuse_family_revocation::HYPOTHESIS,
    server_revocation::HYPOTHESIS,
    fresh_login_refused::HYPOTHESIS,
    auth_ping_pong::HYPOTHESIS,
];
