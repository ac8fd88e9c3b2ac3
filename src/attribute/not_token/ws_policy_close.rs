//! `ws_policy_close`: the server closed the WebSocket by policy (1008).

use super::literal::{self, Literal};
use crate::attribute::case::Case;
use crate::attribute::finding::Finding;
use crate::attribute::{About, Hypothesis, RootCause};
use crate::event::ErrorClass;

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::WsPolicyClose, about: ABOUT, test };

const ABOUT: About = About {
    line: "The server closed the WebSocket by policy (close code 1008).",
    means: "The upgrade succeeded and the server then closed the socket with code 1008. That is a rule of the endpoint, not a word about the credential.",
    needs: &["close code 1008 after a successful upgrade"],
    supports: &["HTTPS works at the same time"],
    excludes: &["a revocation code"],
    controls: &["the same request over HTTPS works"],
    timeline: "upgrade → close 1008 → fallback to HTTPS works or the turn fails",
    versions: &[],
    repairs: &[],
    dos: &["use the HTTPS transport"],
    donts: &["do not log in again: nobody refused the credential"],
    settles: &["the same request over HTTPS"],
};

const LITERAL: Literal =
    Literal { cause: RootCause::WsPolicyClose, classes: &[ErrorClass::PolicyClose], absent: "no close with code 1008 was seen" };

fn test(case: &Case<'_>) -> Vec<Finding> {
    let mut finding = literal::test(case, &LITERAL);
    let good = case.incident.next_good.filter(|good| good.over_second);
    if let (Some(good), true) = (good, finding.is_open()) {
        finding.point(4, case.success(&good, case.incident.victim.client, "was answered over the other transport"));
    }
    vec![finding]
}
