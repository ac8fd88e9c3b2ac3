//! Causes outside the credential share one test: each needs its own raw literal, and a refusal of
//! the credential itself in the same incident speaks against it.

use crate::attribute::case::Case;
use crate::attribute::finding::{CauseTime, Finding, ItemKind};
use crate::attribute::{Confidence, RootCause};
use crate::correlate::FailureSeen;
use crate::event::{ErrorClass, Level};

/// Which classes are the literal of a cause.
pub(super) struct Literal {
    /// The cause.
    pub(super) cause: RootCause,
    /// Its classes.
    pub(super) classes: &'static [ErrorClass],
    /// What was not seen when it is ruled out.
    pub(super) absent: &'static str,
}

/// Test for the literal; further points are the caller's.
pub(super) fn test(case: &Case<'_>, literal: &Literal) -> Finding {
    let mut finding = Finding::new(literal.cause, None);
    let is_literal = |f: &&FailureSeen| literal.classes.contains(&f.failure.class);
    let Some(first) =
        case.incident.failures.iter().filter(is_literal).max_by_key(|f| (f.failure.level, std::cmp::Reverse(f.at.ms)))
    else {
        return absent(case, literal, finding);
    };
    if let Some(refused) = case.refresh_refused() {
        return finding
            .out("the credential itself was refused at the token endpoint in the same incident", Some(case.failure(refused)));
    }
    let (points, outright) = match first.failure.level {
        Level::TokenEndpoint | Level::Resource => (20, true),
        Level::Status => (14, false),
        Level::Transport => (12, false),
        // That it was interrupted is nobody's to say but the client's.
        Level::Sentence if first.failure.class == ErrorClass::Aborted => (12, false),
        Level::Sentence => (10, false),
    };
    finding.point(points, case.failure(first));
    finding.stated_outright = outright;
    label_alone(first, &mut finding);
    if case.incident.same_token_worked
        && let Some(good) = &case.incident.next_good
    {
        finding.point(4, case.success(good, case.incident.victim.client, "worked again later with the same credential"));
    }
    if let Some(other) = case.incident.first_where(|c| c.is_auth() && !c.is_refresh() && !c.is_consequence()) {
        finding.point(-8, case.failure(other));
    }
    if case.incident.failures.iter().filter(is_literal).count() * 2 < telling(case) {
        finding.cap(Confidence::Possible, "most failures of the incident say something else");
    }
    finding.when = CauseTime { at: Some(case.incident.first), after: None, before: None };
    finding
}

/// A client's own label with nothing behind it. OpenClaw has put "DNS lookup failed" and "rate limit
/// reached" over block pages (April 2026), so that the first is no evidence, and the second but a hint.
fn label_alone(first: &FailureSeen, finding: &mut Finding) {
    const WHY: &str = "only the client's own wording says so, and it has said the same over a block page";
    match (first.failure.level, first.failure.class) {
        (Level::Sentence, ErrorClass::Connect) => finding.cap(Confidence::Undetermined, WHY),
        (Level::Sentence, ErrorClass::RateLimit) => finding.cap(Confidence::Possible, WHY),
        (_, class) if class.is_named_pause() => {
            finding.cap(Confidence::Possible, "only the pause is on record, and not the answer that the client took it for");
        }
        _ => {}
    }
}

/// Ruled out for want of its literal. A refresh that got no answer may have met it: the class of
/// such a refresh does not say what, so it would be wrong to say that nothing of the kind was seen.
fn absent(case: &Case<'_>, literal: &Literal, finding: Finding) -> Finding {
    use ErrorClass as C;
    let may_hide = |c: &C| matches!(c, C::ServerError | C::Overloaded | C::RateLimit | C::Connect | C::Timeout | C::StreamCut);
    let unanswered = case.incident.first_of(C::RefreshOutcomeUnknown);
    match unanswered.filter(|_| literal.classes.iter().any(may_hide)) {
        Some(refresh) => {
            finding.out("no model call met it; what left the refreshes unanswered is not told apart", Some(case.failure(refresh)))
        }
        None => case.lacks(finding, literal.absent),
    }
}

/// How many failures say anything by themselves.
fn telling(case: &Case<'_>) -> usize {
    case.incident.failures.iter().filter(|f| !f.failure.class.is_consequence()).count()
}

/// Control N1: other providers failed at the same time.
pub(super) fn others_failed_too(case: &Case<'_>, finding: &mut Finding, points: i32) {
    if let Some(origin) = case.incident.elsewhere.other_provider {
        let says = "calls to another provider failed at the same time".to_owned();
        finding.point(points, case.item(ItemKind::Control, None, origin, says));
    }
}
