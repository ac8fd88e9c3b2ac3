//! `provider_outage`: the provider's servers failed or were overloaded.

use super::literal::{self, Literal};
use crate::attribute::case::Case;
use crate::attribute::finding::Finding;
use crate::attribute::{About, Hypothesis, RootCause};
use crate::event::ErrorClass;

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::ProviderOutage, about: ABOUT, test };

const ABOUT: About = About {
    line: "The provider's servers failed or were overloaded.",
    means: "The provider answered with a server error or said that it was overloaded. The credential was not in question.",
    needs: &["a 5xx answer, 529, or an overload code from that provider"],
    supports: &["other accounts or models are hit at the same time", "it recovers by waiting, with the same credential"],
    excludes: &["a refusal of the credential at the token endpoint in the same incident"],
    controls: &["other accounts and models of the provider fail alike", "it ends by waiting, with the same credential"],
    timeline: "provider fails → retries fail → it recovers by itself",
    versions: &[],
    repairs: &["wait, or use a fallback model"],
    dos: &[],
    donts: &["do not log in again: the credential is fine"],
    settles: &["the provider's status page for this time"],
};

const LITERAL: Literal = Literal {
    cause: RootCause::ProviderOutage,
    classes: &[ErrorClass::Overloaded, ErrorClass::ServerError, ErrorClass::CooledByOverload],
    absent: "no server error or overload answer was seen",
};

fn test(case: &Case<'_>) -> Vec<Finding> {
    vec![literal::test(case, &LITERAL)]
}
