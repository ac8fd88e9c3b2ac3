//! `sessions/request_dump_<session>_<time>.json`: one failed model call, as the client saw it.
//!
//! Written by 0.10 to 0.19 for every call that ends its turn (not retryable, or retries spent and
//! no fallback), so one dump is one failed turn. With `HERMES_DUMP_REQUESTS` set, healthy calls
//! are dumped too (`reason: preflight`, no `error`) and state nothing. Its time is naive local.
//! The masked bearer is what is left of a secret: it is never read.

use super::head;
use super::words::{UNSTATED, provider_at};
use crate::classify::{self, Endpoint};
use crate::event::{EventKind, Failure, SourceKind, Stop, StoreTrouble, TroubleKind, Turn};
use crate::reader::{Context, Facts, Format, Outcome, Shape, Sniff, json};
use crate::secret::Kind;
use crate::source::Head;
use crate::time::Stamp;
use std::borrow::Cow;

/// The row of the table.
pub(super) const FORMAT: Format = Format {
    kind: SourceKind::HermesRequestDump,
    sniff,
    shape: Shape::Whole(read),
    tails: &["backups/*/sessions/*", "sessions/*"],
    outside: false,
};

fn sniff(head: &Head<'_>) -> Sniff {
    if head::has_keys(head.bytes, &["timestamp", "session_id", "reason", "request"]) { Sniff::Yes } else { Sniff::No }
}

const TOP: [&str; 4] = ["timestamp", "session_id", "request", "error"];
const REQUEST: [&str; 2] = ["url", "body"];
const BODY: [&str; 1] = ["model"];
const ERROR: [&str; 7] = ["type", "message", "status_code", "code", "body", "response_status", "response_text"];
const INNER: [&str; 4] = ["code", "type", "error", "resets_at"];

/// Characters of a response body that are looked at where it is no JSON (an HTML page).
const PAGE: usize = 4096;

fn read(bytes: &[u8], _: &Context<'_>, facts: &mut Facts<'_>) -> Outcome {
    let text = json::text(bytes);
    let top = match json::Members::of(text.trim_start_matches('\u{feff}'), &TOP) {
        Ok(top) => top,
        Err(reason) => return Outcome::Skipped(reason),
    };
    let Some(error) = top.raw("error") else { return Outcome::Used };
    let (failure, until, words) = match json::Members::of(error, &ERROR) {
        Ok(error) => (failure(&error), resets(&error), error.text("message").unwrap_or_default().into_owned()),
        Err(_) => (UNSTATED, None, String::new()),
    };
    let request = top.inner("request", &REQUEST);
    let model = request.as_ref().and_then(|r| r.inner("body", &BODY)).and_then(|body| body.text("model"));
    let provider = request.as_ref().and_then(|r| r.text("url")).map_or_else(|| provider_at(""), |url| provider_at(&url));
    let (session, time) = (top.text("session_id").unwrap_or_default(), top.text("timestamp").unwrap_or_default());
    let turn = Turn {
        session: (!session.is_empty()).then(|| facts.key(Kind::Session, &session)),
        id: Some(facts.key(Kind::Turn, &format!("dump {session} {time}"))),
        run: None,
        started: None,
        stop: Stop::Error,
        provider,
        model: model.and_then(|name| facts.model(&name)),
        failure: Some(failure),
        labelled: None,
        transport: None,
        account: None,
        resident: false,
    };
    let at = Stamp::parse(&time);
    facts.turn(at, facts.whole(), turn, &words);
    if until.is_some() {
        let limit = StoreTrouble { kind: TroubleKind::Exhausted, section: None, failure: Some(failure), until };
        facts.push(at, facts.whole(), EventKind::Trouble(limit));
    }
    Outcome::Used
}

/// Until when the answer itself says that a limit lasts (0.10 to 0.19, in the body of a 429).
fn resets(error: &json::Members<'_, 7>) -> Option<Stamp> {
    error.inner("body", &INNER).and_then(|body| body.number("resets_at")).and_then(Stamp::epoch)
}

/// The rawest statement of the dump: the body's code, known or not, else its type (a usage limit has no
/// code), else the message with the status.
fn failure(error: &json::Members<'_, 7>) -> Failure {
    let answer = error.text("response_text").unwrap_or_default();
    let outer = json::Members::of(&answer, &INNER).ok();
    let inner = outer.as_ref().and_then(|o| o.inner("error", &INNER));
    let body = error.inner("body", &INNER);
    let of_body = |key: &str| body.as_ref().and_then(|b| b.text(key));
    let of_answer = |key: &str| inner.as_ref().and_then(|i| i.text(key));
    let code = [of_body("code"), error.text("code"), of_answer("code")].into_iter().flatten().next();
    let known = |kind: &Cow<'_, str>| classify::code(Endpoint::Resource, kind).is_some();
    let kind = || [of_body("type"), of_answer("type")].into_iter().flatten().find(known);
    let status = error.number("status_code").or_else(|| error.number("response_status"));
    let status = status.filter(|n| (100.0..600.0).contains(n)).map(|n| n as u16);
    let page: String = answer.chars().take(PAGE).collect();
    let words =
        [error.text("message").unwrap_or_default().as_ref(), error.text("type").unwrap_or_default().as_ref(), &page].join("\n");
    classify::answer(Endpoint::Unknown, code.or_else(kind).as_deref(), &words, status)
}

#[cfg(test)]
mod tests {
    use super::super::tests::read_file;
    use super::*;
    use crate::event::{ErrorClass, Provider};

    fn of(error: &str) -> Option<(ErrorClass, Provider, Option<Stamp>)> {
        let text = format!(
            r#"{{"timestamp":"2026-05-10T08:15:02.5","session_id":"20260510_081410_ab12cd","reason":"x","request":{{"url":"https://chatgpt.com/backend-api/codex/responses",
            "headers":{{"Authorization":"Bearer abc...wxyz"}},"body":{{"model":"gpt-5.4","input":[{{"content":"refresh_token_reused"}}]}}}}{error}}}"#
        );
        let (_, stated) = read_file("sessions/request_dump_x.json", text.as_bytes());
        stated.turns.iter().find_map(|turn| turn.failure.map(|f| (f.class, turn.asked.provider, turn.at())))
    }

    #[test]
    fn codes_beat_types_beat_messages_and_content_is_never_read() {
        let class = |error: &str| of(&format!(r#","error":{error}"#)).map(|(class, ..)| class);
        for (error, want) in [
            (
                r#"{"type":"AuthenticationError","message":"Error code: 401","status_code":401,"body":{"code":"token_expired"}}"#,
                ErrorClass::TokenExpired,
            ),
            (
                r#"{"type":"usage_limit_reached","message":"Error code: 429","status_code":429,"body":{"type":"usage_limit_reached"}}"#,
                ErrorClass::UsageLimit,
            ),
            (r#"{"type":"RateLimitError","message":"Error code: 429 - {}","status_code":429}"#, ErrorClass::RateLimit),
            (r#"{"type":"APIConnectionError","message":"Connection error."}"#, ErrorClass::Connect),
            (
                r#"{"type":"InternalServerError","message":"Error code: 502","response_status":502,"response_text":"<html>"}"#,
                ErrorClass::ServerError,
            ),
            (
                r#"{"type":"PermissionDeniedError","message":"<html>","status_code":403,"response_text":"<title>Just a moment...</title>"}"#,
                ErrorClass::EdgeBlock,
            ),
            (
                r#"{"type":"BadRequestError","message":"Error code: 400 - no tool token_revoked","status_code":400,"body":{"code":"invalid_function_parameters"}}"#,
                ErrorClass::BadRequest,
            ),
            (
                r#"{"type":"AuthenticationError","message":"token_revoked","status_code":401,"body":{"code":"something_new"}}"#,
                ErrorClass::Unauthorized,
            ),
            (
                r#"{"type":"X","message":"y","status_code":401,"response_text":"{\"error\":{\"code\":\"token_invalidated\"}}"}"#,
                ErrorClass::TokenInvalidated,
            ),
            (
                r#"{"type":"AuthenticationError","message":"Error code: 401 - {'detail': 'Unauthorized'}","status_code":401}"#,
                ErrorClass::Unauthorized,
            ),
        ] {
            assert_eq!(class(error), Some(want), "{error}");
        }
    }

    #[test]
    fn the_answer_says_until_when_a_limit_lasts() {
        let until = |error: &str| {
            let text =
                format!(r#"{{"timestamp":"2026-05-10T08:15:02.5","session_id":"s","reason":"x","request":{{}},"error":{error}}}"#);
            let (_, stated) = read_file("sessions/request_dump_x.json", text.as_bytes());
            stated.events.into_iter().find_map(|e| if let EventKind::Trouble(trouble) = e.kind { trouble.until } else { None })
        };
        let limit = |resets: &str| {
            let body = format!(r#"{{"type":"usage_limit_reached","resets_at":{resets}}}"#);
            until(&format!(r#"{{"type":"usage_limit_reached","message":"Error code: 429","status_code":429,"body":{body}}}"#))
        };
        assert_eq!(limit("1778400000"), Stamp::parse("2026-05-10T08:00:00Z"));
        assert_eq!((limit("null"), limit("0"), until(r#"{"type":"X","body":null}"#)), (None, None, None));
    }

    #[test]
    fn a_preflight_dump_is_no_failure() {
        assert_eq!(of(""), None);
        let at = of(r#","error":{"type":"X"}"#).map(|(_, provider, at)| (provider, at));
        assert_eq!(at, Some((Provider::OpenaiCodex, Stamp::parse("2026-05-10T08:15:02.5"))));
    }
}
