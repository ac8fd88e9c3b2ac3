//! `edge_block`: a challenge page or block stood in front of the provider.

use super::literal::{self, Literal};
use crate::attribute::case::Case;
use crate::attribute::finding::Finding;
use crate::attribute::{About, Hypothesis, RootCause};
use crate::event::ErrorClass;

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::EdgeBlock, about: ABOUT, test };

const ABOUT: About = About {
    line: "A challenge page or regional block in front of the provider answered instead of it.",
    means: "The answer was a 403 page of the edge (or a refusal by country), not of the API. It depends on the machine's address, not on the credential.",
    needs: &["a 403 with HTML or a challenge header, or a refusal by country"],
    supports: &["a VPN or data centre address", "it works from another address"],
    excludes: &["a JSON error body of the provider"],
    controls: &["the same login works from another address"],
    timeline: "address is challenged → every call gets a page instead of an answer",
    versions: &["OpenClaw of April 2026 printed \"DNS lookup failed\" and \"API rate limit reached\" over a 403 page"],
    repairs: &["try another network path or address"],
    dos: &[],
    donts: &["do not log in again: it meets the same page"],
    settles: &["the same call from another address"],
};

const LITERAL: Literal = Literal {
    cause: RootCause::EdgeBlock,
    classes: &[ErrorClass::EdgeBlock, ErrorClass::RefreshEdgeBlocked],
    absent: "no challenge page was seen",
};

fn test(case: &Case<'_>) -> Vec<Finding> {
    vec![literal::test(case, &LITERAL)]
}
