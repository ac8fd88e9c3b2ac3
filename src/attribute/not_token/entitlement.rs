//! `entitlement`: the model or plan is not available for this login.

use super::literal::{self, Literal};
use crate::attribute::case::Case;
use crate::attribute::finding::Finding;
use crate::attribute::{About, Hypothesis, RootCause};
use crate::event::ErrorClass;

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::Entitlement, about: ABOUT, test };

const ABOUT: About = About {
    line: "The model or plan is not available for this login.",
    means: "The provider refused what was asked for, not the login: the model (a retired name, or a plan that does not include it), the plan, or the workspace (switched off, or left). Other models go on working where only the model was refused.",
    needs: &["a 400, 402, 403 or 404 that names the model, the plan or the workspace"],
    supports: &["other models work"],
    excludes: &["a 401"],
    controls: &["other models of the same login work"],
    timeline: "model chosen → every call refused",
    versions: &[],
    repairs: &["choose a model that the plan includes, or a workspace that is active"],
    dos: &[],
    donts: &["do not log in again: the plan stays the same"],
    settles: &["the same call with another model"],
};

const LITERAL: Literal = Literal {
    cause: RootCause::Entitlement,
    classes: &[ErrorClass::Entitlement],
    absent: "no refusal of a model or plan was seen",
};

fn test(case: &Case<'_>) -> Vec<Finding> {
    vec![literal::test(case, &LITERAL)]
}
