//! `network`: the way to the provider failed: DNS, connect, TLS.

use super::literal::{self, Literal};
use crate::attribute::case::Case;
use crate::attribute::finding::Finding;
use crate::attribute::{About, Confidence, Hypothesis, RootCause};
use crate::event::ErrorClass;

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::Network, about: ABOUT, test };

const ABOUT: About = About {
    line: "The provider could not be reached (DNS, connect or TLS).",
    means: "Calls failed before anything of an answer arrived. Nothing about the credential was said by anybody.",
    needs: &["connection, DNS or TLS errors without any answer of the provider"],
    supports: &["several providers fail at once", "it recovers by itself with the same credential"],
    excludes: &["an HTTP answer of the provider in the same incident"],
    controls: &[
        "several providers fail within the same five minutes",
        "other clients on the same machine work meanwhile: then it is this client's own transport",
    ],
    timeline: "connection lost → every call fails at once → works again when the way is back",
    versions: &[],
    repairs: &[],
    dos: &["check the connection, DNS, VPN and proxy of the machine for this time"],
    donts: &["do not log in again: nobody refused the credential"],
    settles: &["what else on the machine had no network at this time"],
};

const LITERAL: Literal = Literal {
    cause: RootCause::Network,
    classes: &[ErrorClass::Connect, ErrorClass::Timeout],
    absent: "no connection error was seen",
};

fn test(case: &Case<'_>) -> Vec<Finding> {
    let mut finding = literal::test(case, &LITERAL);
    if finding.is_open() {
        literal::others_failed_too(case, &mut finding, 8);
        own_way(case, &mut finding);
    }
    vec![finding]
}

/// Another program that reached the provider meanwhile: then it is this client's own way (its proxy, its
/// transport), which the report says, since looking at the machine's connection would lead nowhere.
fn own_way(case: &Case<'_>, finding: &mut Finding) {
    let incident = case.incident;
    let during = |s: &&crate::correlate::Sibling| s.alive_after.is_some_and(|good| good.at.surely_before(incident.last));
    if let Some((sibling, good)) = case.other_programs().find(during).and_then(|s| Some((s, s.alive_after?))) {
        finding
            .point(-2, case.success(&good, sibling.client, "reached the provider meanwhile: it is the failing client's own way"));
        finding
            .cap(Confidence::Likely, "another program reached the provider at the same time: only this client's way to it failed");
    }
}
