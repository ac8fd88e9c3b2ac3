//! `transport_drop`: the connection was lost before an answer was complete.

use super::literal::{self, Literal};
use crate::attribute::case::Case;
use crate::attribute::finding::{Finding, ItemKind};
use crate::attribute::{About, Confidence, Hypothesis, RootCause};
use crate::event::{ErrorClass, Phase};

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::TransportDrop, about: ABOUT, test };

const ABOUT: About = About {
    line: "The connection was lost before the answer was complete; nobody refused the credential.",
    means: "The connection was lost while an answer was awaited or had begun (WebSocket 1006 or a cut stream), and no refusal is on record. The same credential usually works on the next turn.",
    needs: &["a close without a close frame, or a cut stream"],
    supports: &["part of the answer arrived", "the next turn works with the same credential"],
    excludes: &["a refusal of the credential"],
    controls: &["the next turn works with the same credential", "other transports (SSE) are not affected"],
    timeline: "answer begins → connection lost → turn ends in an error → next turn works",
    versions: &[],
    repairs: &[],
    dos: &["switch the transport to SSE, or upgrade the client"],
    donts: &["do not log in again: nobody refused the credential"],
    settles: &["the transport diagnostic of the turn, with its phase"],
};

const LITERAL: Literal =
    Literal { cause: RootCause::TransportDrop, classes: &[ErrorClass::StreamCut], absent: "no cut stream was seen" };

fn test(case: &Case<'_>) -> Vec<Finding> {
    let mut finding = literal::test(case, &LITERAL);
    let begun = case.incident.failures.iter().find(|f| f.transport.is_some_and(|t| t.phase == Phase::AfterStream));
    let never_begun = |f: &crate::correlate::FailureSeen| f.transport.is_some_and(|t| t.phase == Phase::BeforeStream);
    if begun.is_none() && case.incident.failures.iter().any(never_begun) {
        finding
            .cap(Confidence::Possible, "the connection was lost before anything arrived, and a refused upgrade can look like that");
    }
    if let (Some(f), true) = (begun, finding.is_open()) {
        let says = "the answer had begun to arrive before the connection was lost".to_owned();
        finding.point(4, case.item(ItemKind::Transport, Some(f.at), f.origin, says));
    }
    vec![finding]
}
