//! `context_length`: the input did not fit the model's context window.

use super::literal::{self, Literal};
use crate::attribute::case::Case;
use crate::attribute::finding::Finding;
use crate::attribute::{About, Hypothesis, RootCause};
use crate::event::ErrorClass;

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::ContextLength, about: ABOUT, test };

const ABOUT: About = About {
    line: "The input did not fit the model's context window.",
    means: "The conversation had grown beyond what the model takes. It fails again until it is shortened.",
    needs: &["the provider's context-length error"],
    supports: &["large token counts, compaction before it"],
    excludes: &["a small conversation"],
    controls: &["a new session of the same login works"],
    timeline: "conversation grows → refused → refused again until compacted",
    versions: &[],
    repairs: &["compact or reset the session"],
    dos: &[],
    donts: &["do not log in again: the conversation stays as long"],
    settles: &["the token count of the session"],
};

const LITERAL: Literal =
    Literal { cause: RootCause::ContextLength, classes: &[ErrorClass::ContextLength], absent: "no context-length error was seen" };

fn test(case: &Case<'_>) -> Vec<Finding> {
    vec![literal::test(case, &LITERAL)]
}
