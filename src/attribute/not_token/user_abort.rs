//! `user_abort`: a person (or a newer request) interrupted the turn.

use super::literal::{self, Literal};
use crate::attribute::case::Case;
use crate::attribute::finding::Finding;
use crate::attribute::{About, Hypothesis, RootCause};
use crate::event::ErrorClass;

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::UserAbort, about: ABOUT, test };

const ABOUT: About = About {
    line: "The turn was interrupted by a person or a newer request.",
    means: "The client recorded an interruption. Nothing failed.",
    needs: &["an interrupt or abort marker"],
    supports: &["the next turn works"],
    excludes: &["an error body"],
    controls: &["a turn of another session at the same time is answered"],
    timeline: "request → interrupt",
    versions: &[],
    repairs: &[],
    dos: &["nothing has to be done: the turn was stopped, and did not fail"],
    donts: &["do not look for a fault in the login"],
    settles: &["whether the turn was stopped on purpose"],
};

const LITERAL: Literal =
    Literal { cause: RootCause::UserAbort, classes: &[ErrorClass::Aborted], absent: "no interruption was recorded" };

fn test(case: &Case<'_>) -> Vec<Finding> {
    vec![literal::test(case, &LITERAL)]
}
