//! What an incident means: hypotheses tested one by one, compared, and worded as a verdict in
//! two parts, mechanism and actor.
//!
//! One file per root cause: its gates, its points, what it needs, what to do and not to do. A
//! hypothesis sees facts only and no other hypothesis; `compare` puts them side by side.
//! `undetermined` is the honest answer whenever two explanations stand close together.

mod case;
mod cause;
mod compare;
mod confidence;
mod finding;
mod literal;
mod rivals;
mod unread;
mod verdict;

mod access_token_expired_refresh_ok;
mod context_length;
mod edge_block;
mod entitlement;
mod network;
mod provider_outage;
mod self_concurrent_refresh;
mod server_revocation;
mod sibling_logout;
mod sibling_refresh;
mod sibling_relogin;
mod transport_drop;
mod undetermined;
mod unrecorded_consumer;
mod usage_limit;
mod user_abort;
mod ws_policy_close;

pub use case::Case;
pub use cause::RootCause;
pub use confidence::Confidence;
pub use finding::{Actor, CauseTime, Finding, Item, ItemKind, Point, Stance};
pub use verdict::{Considered, Evidenced, Status, Verdict};

use crate::correlate::Correlated;

/// A hypothesis: how it is tested, and what a person needs to know about it.
#[derive(Clone, Copy)]
pub struct Hypothesis {
    /// The cause it stands for.
    pub cause: RootCause,
    /// What it means: the one text behind `explain` and the report.
    pub about: About,
    /// Test it on an incident: one finding per possible actor, at least one.
    test: fn(&Case<'_>) -> Vec<Finding>,
}

/// What a person needs to know about a root cause.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// In one line.
    pub line: &'static str,
    /// In a few sentences.
    pub means: &'static str,
    /// Evidence it needs.
    pub needs: &'static [&'static str],
    /// What speaks for it.
    pub supports: &'static [&'static str],
    /// What rules it out.
    pub excludes: &'static [&'static str],
    /// How it goes, in order.
    pub timeline: &'static str,
    /// What to do, in order.
    pub dos: &'static [&'static str],
    /// What not to do.
    pub donts: &'static [&'static str],
    /// What would settle an open case.
    pub settles: &'static [&'static str],
}

/// All hypotheses that are tested, in order of the contract.
pub static HYPOTHESES: &[Hypothesis] = &[
    sibling_refresh::HYPOTHESIS,
    self_concurrent_refresh::HYPOTHESIS,
    unrecorded_consumer::HYPOTHESIS,
    sibling_logout::HYPOTHESIS,
    sibling_relogin::HYPOTHESIS,
    server_revocation::HYPOTHESIS,
    access_token_expired_refresh_ok::HYPOTHESIS,
    provider_outage::HYPOTHESIS,
    usage_limit::HYPOTHESIS,
    network::HYPOTHESIS,
    edge_block::HYPOTHESIS,
    transport_drop::HYPOTHESIS,
    ws_policy_close::HYPOTHESIS,
    entitlement::HYPOTHESIS,
    context_length::HYPOTHESIS,
    user_abort::HYPOTHESIS,
];

/// What is known about a root cause; None for words that this version does not decide.
pub fn about(cause: RootCause) -> Option<&'static About> {
    if cause == RootCause::Undetermined {
        return Some(&undetermined::ABOUT);
    }
    HYPOTHESES.iter().find(|h| h.cause == cause).map(|h| &h.about)
}

/// The verdict on every incident, in the order of the incidents.
pub fn attribute(known: &Correlated) -> Vec<Verdict> {
    known
        .incidents
        .iter()
        .map(|incident| {
            let case = Case { incident, known };
            let findings = HYPOTHESES.iter().flat_map(|h| (h.test)(&case)).collect();
            verdict::verdict(&case, compare::compare(findings))
        })
        .collect()
}
