//! What an incident means: hypotheses tested one by one, compared, and worded as a verdict in
//! two parts, mechanism and actor.
//!
//! One file per root cause, in four rooms by what happens to the credential: its gates, its points,
//! what it needs, what to do and not to do. A hypothesis sees facts only and no other hypothesis;
//! `compare` puts them side by side. `undetermined` is the honest answer whenever two explanations
//! stand close together.

mod about;
mod case;
mod cause;
mod compare;
mod confidence;
mod consumption;
mod expiry;
mod finding;
mod hearsay;
mod inferred;
mod not_token;
mod presented;
mod readings;
mod revocation;
mod taken;
mod times;
mod undetermined;
mod verdict;
mod wording;

pub use about::{About, Steps};
pub use case::Case;
pub use cause::RootCause;
pub use confidence::Confidence;
pub use finding::{Actor, CauseTime, Finding, Item, ItemKind, Point, Stance};
pub use verdict::{Considered, Evidenced, Status, Verdict};

use crate::correlate::{Correlated, Incident};
use crate::event::Mechanism;

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

/// All hypotheses that are tested, in order of the contract.
pub fn hypotheses() -> impl Iterator<Item = &'static Hypothesis> {
    [consumption::HYPOTHESES, revocation::HYPOTHESES, expiry::HYPOTHESES, not_token::HYPOTHESES].into_iter().flatten()
}

/// What is known about a root cause; None for words that this version does not decide.
pub fn about(cause: RootCause) -> Option<&'static About> {
    if cause == RootCause::Undetermined {
        return Some(&undetermined::ABOUT);
    }
    hypotheses().find(|h| h.cause == cause).map(|h| &h.about)
}

/// The verdict on every incident, in the order of the incidents.
pub fn attribute(known: &Correlated) -> Vec<Verdict> {
    known.incidents.iter().map(|incident| judge(incident, known)).collect()
}

/// The verdict on one of the incidents that are known.
pub fn judge(incident: &Incident, known: &Correlated) -> Verdict {
    readings::judge(incident, known)
}

/// Test a hypothesis, if the incident can be about it at all: what another service said of its own login
/// says nothing of this one, whatever its words.
fn tested(hypothesis: &Hypothesis, case: &Case<'_>) -> Vec<Finding> {
    if hypothesis.cause.mechanism() != Mechanism::NotToken && case.is_of_another_service() {
        let why = "what was refused is the login of another service, not the ChatGPT login";
        return vec![Finding::new(hypothesis.cause, None).out(why, None)];
    }
    (hypothesis.test)(case)
}
