//! The HTTP status of an answer: where a text has it, what it means alone, and which words it leaves room
//! for. A status comes from the service that answered, and the words beside it may quote anything.

use crate::event::{ErrorClass as C, Failure, Level as L};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// Status numbers in the forms that clients write: `status 401`, `status=401`, `HTTP 401`,
/// `Error code: 401`, `last status: 429`, `(401)`, or at the start of the text; for a refused upgrade
/// `HTTP error: 401` (Codex) and `Unexpected server response: 401` (Node's `ws`).
static STATUS: LazyLock<Regex> = LazyLock::new(|| {
    #[allow(clippy::unwrap_used)] // a literal pattern, covered by the tests below
    Regex::new(r"(?i)(?:\bstatus(?: code)?[:=]?\s*|\bhttp[ /:]\s*|\bcode[:=]\s*|\b(?:http error|server response):\s*|failed[: ]+\(?|refresh token: )([1-5]\d\d)\b|\(([1-5]\d\d)(?:\)|;| [A-Z])|^\s*([1-5]\d\d)\b").unwrap()
});

/// The status that a text has, if any. Clients put what several models answered behind bars (OpenClaw's
/// `All models failed (2): … | …`): the status of another one is not that of the first.
pub(super) fn status_in(text: &str) -> Option<u16> {
    let found = STATUS.captures(text.split(" | ").next()?)?;
    (1..=3).find_map(|group| found.get(group))?.as_str().parse().ok()
}

/// Where a page for people stands among the words, if one does. The service answers in JSON; what stands in
/// its way, in HTML, and what such a page says of tokens, codes and sessions is none of the service's. A page
/// that was cut goes on to the end.
pub(super) fn page_in(text: &str) -> Option<Range<usize>> {
    let text = text.to_ascii_lowercase();
    let start = ["<html", "<!doctype html"].iter().filter_map(|mark| text.find(mark)).min()?;
    const END: &str = "</html>";
    Some(start..text.rfind(END).filter(|end| *end > start).map_or(text.len(), |end| end.saturating_add(END.len())))
}

/// May an answer of the model endpoint with this status mean that, going by its words? What a client says
/// about itself stands beside any status.
pub(super) fn leaves_room(status: Option<u16>, found: Failure) -> bool {
    let class = found.class;
    found.level == L::Sentence
        || match status {
            None | Some(..400) => true,
            Some(401..=403) => !class.is_transport(),
            // No answer in time, and no WebSocket here: clients put their own errors under both.
            Some(408 | 426) => !class.is_auth(),
            Some(429) => matches!(class, C::UsageLimit | C::RateLimit | C::Overloaded),
            Some(status @ 400..=499) => {
                matches!(class, C::Entitlement | C::EdgeBlock | C::RefreshTokenEmpty)
                    || (class == C::ContextLength && status == 400)
            }
            Some(_) => is_of_server(class),
        }
}

/// The same for a code that the answer has in a field of its own: limits are named under several statuses.
pub(super) fn leaves_room_for_code(status: Option<u16>, found: Failure) -> bool {
    match status {
        Some(500..) => is_of_server(found.class),
        Some(400 | 402 | 404..) => !found.class.is_auth() || found.class == C::RefreshTokenEmpty,
        _ => true,
    }
}

/// The same for an answer of the token endpoint, which refuses with 400 or 401, and 403.
pub(super) fn leaves_room_at_refresh(status: Option<u16>, found: Failure) -> bool {
    found.level == L::Sentence
        || match status {
            None | Some(..400) => true,
            Some(429) => matches!(found.class, C::UsageLimit | C::RateLimit | C::Overloaded),
            Some(500..) => is_of_server(found.class),
            Some(_) => !found.class.is_transport(),
        }
}

/// May words count whose answer has a code that no row knows, and no status? The code said what it was.
pub(super) fn leaves_room_beside_code(found: Failure) -> bool {
    !found.class.is_auth() && !found.class.is_transport() && found.class != C::UsageLimit || found.level == L::Sentence
}

/// The edge puts a challenge under 503 as well.
fn is_of_server(class: C) -> bool {
    matches!(class, C::Overloaded | C::ServerError | C::EdgeBlock)
}

/// What a status means at the token endpoint.
pub(super) fn at_refresh(status: Option<u16>) -> Failure {
    let class = match status {
        Some(403) => C::RefreshEdgeBlocked,
        Some(429 | 500..=599) => C::RefreshOutcomeUnknown,
        _ => C::RefreshRefused,
    };
    Failure { class, level: L::Status }
}

/// What a status means at the model endpoint; without one the words say nothing known.
pub(super) fn alone(text: &str, status: Option<u16>) -> Failure {
    let class = match status {
        Some(401) => C::Unauthorized,
        Some(403) if page_in(text).is_some() => C::EdgeBlock,
        Some(429) => C::RateLimit,
        Some(529) => C::Overloaded,
        Some(500..=599) => C::ServerError,
        // The proxy on the way asks for a login of its own.
        Some(407) => C::Connect,
        // "Upgrade Required": no WebSocket here; clients go on over plain HTTP.
        Some(426) => C::UpgradeRefused,
        Some(400..=499) => C::BadRequest,
        _ if text.trim().is_empty() => return Failure { class: C::Unstated, level: L::Sentence },
        _ => return Failure { class: C::Unlisted, level: L::Sentence },
    };
    Failure { class, level: L::Status }
}
