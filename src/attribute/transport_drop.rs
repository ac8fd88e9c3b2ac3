//! `transport_drop`: the connection broke in the middle of an answer.

use super::case::Case;
use super::finding::{Finding, ItemKind};
use super::literal::{self, Literal};
use super::{About, Hypothesis, RootCause};
use crate::event::{ErrorClass, Phase};

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::TransportDrop, about: ABOUT, test };

const ABOUT: About = About {
    line: "The connection broke in the middle of an answer; the credential is not involved.",
    means: "The provider had begun to answer when the connection was lost (WebSocket 1006 or a cut stream). The same credential works on the next turn.",
    needs: &["a close or cut after the stream had started"],
    supports: &["part of the answer arrived", "the next turn works with the same credential"],
    excludes: &["a refusal of the credential"],
    timeline: "answer begins → connection lost → turn ends in an error → next turn works",
    dos: &["switch the transport to SSE, or upgrade the client"],
    donts: &["do not log in again"],
    settles: &["the transport diagnostic of the turn, with its phase"],
};

const LITERAL: Literal =
    Literal { cause: RootCause::TransportDrop, classes: &[ErrorClass::StreamCut], absent: "no cut stream was seen" };

fn test(case: &Case<'_>) -> Vec<Finding> {
    let mut finding = literal::test(case, &LITERAL);
    let begun = case.incident.failures.iter().find(|f| f.transport.is_some_and(|t| t.phase == Phase::AfterStream));
    if let (Some(f), true) = (begun, finding.is_open()) {
        let says = "the answer had begun to arrive before the connection was lost".to_owned();
        finding.point(4, case.item(ItemKind::Transport, Some(f.at), f.origin, says));
    }
    vec![finding]
}
