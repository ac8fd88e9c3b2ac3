//! `usage_limit`: the login's quota or rate limit was reached.

use super::literal::{self, Literal};
use crate::attribute::case::Case;
use crate::attribute::finding::Finding;
use crate::attribute::{About, Hypothesis, RootCause};
use crate::event::ErrorClass;

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::UsageLimit, about: ABOUT, test };

const ABOUT: About = About {
    line: "The login's usage or rate limit was reached; the credential is valid.",
    means: "The provider refused the call because the quota or rate of the account was used up. Clients dress this in various ways (`no credentials`, `please log in`); the raw answer is a 429. A login only seems to help because it clears the client's own pause.",
    needs: &["a 429 answer, usually with `usage_limit_reached` and a reset time"],
    supports: &["the client's pool says exhausted with code 429", "it recovers at the reset time with the same credential"],
    excludes: &["a success before the reset time with the same account"],
    controls: &["another account works meanwhile", "a success with the same account before the reset time speaks against it"],
    timeline: "limit reached → calls refused until the reset time → works again",
    versions: &["Hermes up to June 2026 printed \"No Codex credentials stored\" while the entry was only paused by a 429"],
    repairs: &["wait for the reset time, or clear the client's pause (`hermes auth reset`) once the limit is over"],
    dos: &["use a fallback model or another account meanwhile"],
    donts: &["do not log out or log in: the credential is valid"],
    settles: &["the raw 429 answer with its reset time"],
};

const LITERAL: Literal = Literal {
    cause: RootCause::UsageLimit,
    classes: &[ErrorClass::UsageLimit, ErrorClass::RateLimit],
    absent: "no limit answer (429) was seen",
};

fn test(case: &Case<'_>) -> Vec<Finding> {
    vec![literal::test(case, &LITERAL)]
}
