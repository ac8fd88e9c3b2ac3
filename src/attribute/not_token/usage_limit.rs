//! `usage_limit`: the login's quota or rate limit was reached.

use super::literal::{self, Literal};
use crate::attribute::case::Case;
use crate::attribute::finding::{Finding, ItemKind};
use crate::attribute::times::day;
use crate::attribute::{About, Confidence, Hypothesis, RootCause};
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
    repairs: &["wait for the reset time, or clear the client's pause once the limit is over (Hermes: `hermes auth reset`)"],
    dos: &["keep a fallback model or another account ready for the time until a reset"],
    donts: &["do not log out or log in: the credential is valid"],
    settles: &["the raw 429 answer with its reset time"],
};

const LITERAL: Literal = Literal {
    cause: RootCause::UsageLimit,
    classes: &[ErrorClass::UsageLimit, ErrorClass::RateLimit, ErrorClass::CooledByLimit],
    absent: "no limit answer (429) was seen",
};

fn test(case: &Case<'_>) -> Vec<Finding> {
    let mut finding = literal::test(case, &LITERAL);
    if finding.is_open() {
        reset(case, &mut finding);
    }
    vec![finding]
}

/// The time of the reset, where the client kept it: a success after it fits, one before it does not. Only
/// one with the same token counts, since another entry of the store may be of another account.
fn reset(case: &Case<'_>, finding: &mut Finding) {
    /// Clocks differ, and a client asks again when its own says so.
    const SLACK_MS: i64 = 60_000;
    let incident = case.incident;
    let limits = incident.failures.iter().filter(|f| LITERAL.classes.contains(&f.failure.class));
    let reset = limits.filter_map(|f| Some((*f.until.clone()?, f.origin))).max_by_key(|(until, _)| until.ms);
    let good = incident.next_good.filter(|_| incident.same_token_worked);
    let (Some((until, origin)), Some(good)) = (reset, good) else { return };
    let who = incident.victim.client;
    if good.at.hi.saturating_add(SLACK_MS) < until.lo {
        // The same success cannot speak for a limit that had not ended.
        finding.points.retain(|point| point.item.origin != good.origin);
        finding.point(-10, case.success(&good, who, "worked with the same credential before the limit was to be reset"));
        finding.cap(Confidence::Possible, "the same credential worked before the limit was to be reset");
    } else if until.surely_before(good.at) {
        let says = format!("the limit was to be reset at {}, and the same credential worked after that", day(until));
        finding.point(4, case.item(ItemKind::Store, Some(until), origin, says));
    }
}
