//! Causes outside the credential. Each stands on a raw literal of its own.

mod client_regression;
mod context_length;
mod edge_block;
mod entitlement;
mod literal;
mod network;
mod other_oauth;
mod provider_auth_outage;
mod provider_outage;
mod transport_drop;
mod usage_limit;
mod user_abort;
mod ws_policy_close;

use super::Hypothesis;

/// The causes of this room, in order of the contract.
pub(super) const HYPOTHESES: &[Hypothesis] = &[
    provider_outage::HYPOTHESIS,
    provider_auth_outage::HYPOTHESIS,
    usage_limit::HYPOTHESIS,
    network::HYPOTHESIS,
    edge_block::HYPOTHESIS,
    transport_drop::HYPOTHESIS,
    ws_policy_close::HYPOTHESIS,
    entitlement::HYPOTHESIS,
    context_length::HYPOTHESIS,
    other_oauth::HYPOTHESIS,
    client_regression::HYPOTHESIS,
    user_abort::HYPOTHESIS,
];
