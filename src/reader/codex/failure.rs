//! The error object of a Codex turn: `{message, codex_error_info}` → [`Failure`].
//!
//! Where `codex_error_info` is a word for one kind of answer (a malformed request, a limit, load), that is
//! what the answer was, and its message may quote anything. Other words are coarse: a plain 401 of the
//! model endpoint is `other` in 0.150 and `http_connection_failed` in 0.169. There the message decides, and
//! the word speaks only where it says nothing known.
//!
//! A turn also fails by what other programs told Codex: tool servers have logins of their own, whose refusals
//! come in the same words (`OAuth token refresh failed: … invalid_grant`), and hooks print what they like.
//! Codex begins with its own sentence where the ChatGPT login was refused, and has one word for it,
//! `unauthorized` (0.98 to 0.169); what leaves the token open (a server error, a block, a file that could not
//! be written) comes as `other`, too. So a refused refresh counts in its sentence or under its word, and no
//! refusal counts that the message puts down to a tool server, a tool or a hook; that a tool server did not start for
//! the refusal of its own login is told as such. One of the servers is Codex' own, and has no login but this one.

use crate::classify::{self, Endpoint};
use crate::event::{ErrorClass, Failure, Level};
use crate::reader::json::{self, Members};
use std::borrow::Cow;

/// What the error object, or bare string, `raw` means, with its words. None for JSON null.
pub(super) fn of_error(raw: &str) -> Option<(Failure, Cow<'_, str>)> {
    if let Some(message) = json::string(raw) {
        return Some((of(&message, None), message));
    }
    let error = Members::of(raw, &["message", "codex_error_info", "codexErrorInfo"]).ok()?;
    let info = error.raw("codex_error_info").or_else(|| error.raw("codexErrorInfo"));
    let message = error.text("message").unwrap_or_default();
    Some((of(&message, info), message))
}

/// What a message and the info beside it (a JSON string, or an object with one key) mean.
pub(super) fn of(message: &str, info: Option<&str>) -> Failure {
    let info = info.and_then(Info::of);
    let status = info.as_ref().and_then(|i| i.status.or_else(|| i.stands_for()));
    if let Some(kind) = info.as_ref().and_then(|i| classify::code(Endpoint::Resource, &i.word)).filter(|f| !f.class.is_auth()) {
        return kind;
    }
    let said = classify::error(Endpoint::Unknown, message, status);
    if said.class.is_auth() && !begins(message, &OWN_CALLS) && !begins(message, &OWN_REFRESH) && names_another_program(message) {
        return of_another(message, info.is_some_and(|info| info.word == "unauthorized"));
    }
    let refused = said.class.is_refresh() && !said.class.leaves_token_open() && !begins(message, &OWN_REFRESH);
    let said = match info.as_ref().is_some_and(|i| i.word != "unauthorized") {
        true if refused => classify::error(Endpoint::Resource, "", status),
        _ => said,
    };
    match said.class {
        ErrorClass::Unlisted | ErrorClass::Unstated if message.is_empty() => info.and_then(|i| i.failure()).unwrap_or(said),
        ErrorClass::Unlisted | ErrorClass::Unstated => info.and_then(|i| i.failure()).unwrap_or(UNLISTED),
        _ => said,
    }
}

const UNLISTED: Failure = Failure { class: ErrorClass::Unlisted, level: Level::Sentence };

/// How Codex begins where the refresh of its own login failed (0.98 to 0.169).
const OWN_REFRESH: [&str; 2] = ["your access token could not be refreshed", "failed to refresh token"];
/// How it begins where a call of its own failed.
const OWN_CALLS: [&str; 3] = ["workspace routing discovery ", "unexpected status ", "exceeded retry limit, last status"];

/// How it begins where tool servers did not start: names, and what each met at its own login, follow.
const TOOL_SERVERS: [&str; 2] = ["mcp client for ", "required mcp servers failed to initialize: "];
/// The server of Codex' own: it is called with the ChatGPT token (0.129 to 0.169).
const OWN_SERVER: &str = "codex_apps";

/// A refusal that the message puts down to another program. That a tool server's own login was refused holds for all
/// servers that it names so, and not against Codex' word for its own login. What the own server was told of the
/// ChatGPT token counts by the provider's codes alone: another 401 may be of the server's making.
fn of_another(message: &str, is_unauthorized: bool) -> Failure {
    let met = |(name, words)| (name, classify::error(Endpoint::Unknown, words, None));
    let refused: Vec<(&str, Failure)> = servers(message).into_iter().map(met).filter(|(_, met)| met.class.is_auth()).collect();
    match (refused.iter().find(|(name, _)| *name == OWN_SERVER), refused.first()) {
        (Some((_, own)), _) if is_of_access_token(own.class) => *own,
        (None, Some((_, other))) if !is_unauthorized => Failure { class: ErrorClass::ToolLogin, level: other.level },
        _ => UNLISTED,
    }
}

fn is_of_access_token(class: ErrorClass) -> bool {
    matches!(class, ErrorClass::TokenExpired | ErrorClass::TokenInvalidated | ErrorClass::TokenRevoked)
}

/// Tool servers that did not start, and why: ``MCP client for `a` failed to start: …``, or behind the other beginning
/// `a: …; b: …`. A body may hold such marks, too: a name is one word.
fn servers(message: &str) -> Vec<(&str, &str)> {
    let behind = |start: &str| {
        let message = message.trim_start();
        message.get(start.len()..).filter(|_| begins(message, &[start]))
    };
    let [one, list] = TOOL_SERVERS.map(behind);
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
    let of = |part| str::split_once(part, ": ").filter(|(name, _)| is_name(name));
    match (one, list) {
        (Some(one), _) => one.split_once(' ').map(|(name, words)| (name.trim_matches('`'), words)).into_iter().collect(),
        (_, Some(list)) => list.split("; ").filter_map(of).collect(),
        _ => Vec::new(),
    }
}

fn begins(message: &str, sentences: &[&str]) -> bool {
    let message = message.trim_start();
    sentences.iter().any(|s| message.get(..s.len()).is_some_and(|start| start.eq_ignore_ascii_case(s)))
}

/// Programs whose errors Codex passes on: `MCP client for x failed to start: …`, `required MCP servers
/// failed to initialize: …`, `tool call failed for x: …`, a hook's output. What stands behind the first brace
/// is an answer's body, which may name anything.
fn names_another_program(message: &str) -> bool {
    const PROGRAMS: [&str; 8] = ["mcp", "rmcp", "hook", "hooks", "tool", "tools", "plugin", "connector"];
    let lead = message.split('{').next().unwrap_or_default();
    let mut words = lead.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| PROGRAMS.iter().any(|name| word.eq_ignore_ascii_case(name)))
}

/// `"unauthorized"` or `{"http_connection_failed":{"http_status_code":401}}`, in snake case
/// (rollout) or camel case (app-server protocol).
struct Info {
    word: String,
    status: Option<u16>,
}

impl Info {
    fn of(raw: &str) -> Option<Info> {
        if let Some(word) = json::string(raw) {
            return Some(Info { word: snake(&word), status: None });
        }
        let (word, inner) = json::members(raw).into_iter().next()?;
        let inner = Members::of(inner, &["http_status_code", "httpStatusCode"]).ok();
        let number = inner.and_then(|i| i.number("http_status_code").or_else(|| i.number("httpStatusCode")));
        let status = number.filter(|n| (100.0..600.0).contains(n)).map(|n| n as u16);
        Some(Info { word: snake(&word), status })
    }

    /// The status of the answers that the word is kept for (Codex 0.98 to 0.169).
    fn stands_for(&self) -> Option<u16> {
        match self.word.as_str() {
            "bad_request" => Some(400),
            "internal_server_error" => Some(500),
            _ => None,
        }
    }

    /// What the word means on its own (`CodexErrorInfo` of the Codex protocol).
    fn failure(&self) -> Option<Failure> {
        if let Some(known) = classify::code(Endpoint::Resource, &self.word) {
            return Some(known);
        }
        let (class, level) = match self.word.as_str() {
            "unauthorized" => (ErrorClass::Unauthorized, Level::Status),
            "internal_server_error" => (ErrorClass::ServerError, Level::Status),
            "bad_request" => (ErrorClass::BadRequest, Level::Status),
            "response_stream_disconnected" => (ErrorClass::StreamCut, Level::Transport),
            "http_connection_failed" | "response_stream_connection_failed" => (ErrorClass::Connect, Level::Transport),
            _ => return None,
        };
        Some(Failure { class, level })
    }
}

fn snake(word: &str) -> String {
    let mut out = String::with_capacity(word.len() + 4);
    for c in word.chars().take(80) {
        if c.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ErrorClass as C;

    #[test]
    fn message_first_then_info() {
        for (raw, want) in [
            (
                r#"{"message":"Your access token could not be refreshed because your refresh token was already used. Please log out and sign in again.","codex_error_info":"unauthorized"}"#,
                C::RefreshTokenReused,
            ),
            (
                r#"{"message":"exceeded retry limit, last status: 429 Too Many Requests","codex_error_info":{"response_too_many_failed_attempts":{"http_status_code":429}}}"#,
                C::RateLimit,
            ),
            (
                r#"{"message":"words not seen before","codex_error_info":{"http_connection_failed":{"http_status_code":401}}}"#,
                C::Unauthorized,
            ),
            (
                r#"{"message":"words not seen before","codexErrorInfo":{"httpConnectionFailed":{"httpStatusCode":null}}}"#,
                C::Connect,
            ),
            (r#"{"message":"words not seen before","codex_error_info":"usageLimitExceeded"}"#, C::UsageLimit),
            (
                r#"{"message":"{\"error\":{\"message\":\"no schema for refresh_token_reused\",\"code\":\"invalid_value\"}}","codex_error_info":"bad_request"}"#,
                C::BadRequest,
            ),
            (r#"{"message":"no tool token_revoked","codex_error_info":"bad_request"}"#, C::BadRequest),
            (
                r#"{"message":"The 'x' model is not supported when using Codex with a ChatGPT account.","codex_error_info":"bad_request"}"#,
                C::Entitlement,
            ),
            (
                r#"{"message":"unexpected status 503 Service Unavailable: upstream connect error: Connection refused","codex_error_info":"other"}"#,
                C::ServerError,
            ),
            (r#"{"message":"words not seen before","codex_error_info":"context_window_exceeded"}"#, C::ContextLength),
            (r#"{"message":"words not seen before","codex_error_info":"server_overloaded"}"#, C::Overloaded),
            (r#"{"message":"words not seen before","codex_error_info":"unauthorized"}"#, C::Unauthorized),
            (
                r#"{"message":"words not seen before","codex_error_info":{"response_stream_disconnected":{"http_status_code":null}}}"#,
                C::StreamCut,
            ),
            (r#"{"message":"words not seen before","codex_error_info":"other"}"#, C::Unlisted),
            // Codex' own sentence stands under any word; a refusal in other words does not.
            (
                r#"{"message":"Your access token could not be refreshed because your refresh token was revoked.","codex_error_info":"other"}"#,
                C::RefreshTokenInvalidated,
            ),
            (
                r#"{"message":"Failed to refresh token: 503 Service Unavailable","codex_error_info":"other"}"#,
                C::RefreshOutcomeUnknown,
            ),
            (r#"{"message":"remote task: OAuth token refresh failed: 502","codex_error_info":"other"}"#, C::RefreshOutcomeUnknown),
            (
                r#"{"message":"Error running remote compact task: your refresh token was already used","codex_error_info":"unauthorized"}"#,
                C::RefreshTokenReused,
            ),
            (r#"{"message":"x exited with 1: refresh_token_reused","codex_error_info":"other"}"#, C::Unlisted),
            (
                r#"{"message":"x: invalid_grant","codex_error_info":{"http_connection_failed":{"http_status_code":401}}}"#,
                C::Unauthorized,
            ),
            // A tool server's login, a tool, a hook: never the ChatGPT login.
            (
                r#"{"message":"MCP client for `x` failed to start: Auth error: invalid_grant","codex_error_info":"other"}"#,
                C::ToolLogin,
            ),
            (
                r#"{"message":"MCP client for `x` failed to start: Auth error: invalid_grant","codex_error_info":"unauthorized"}"#,
                C::Unlisted,
            ),
            (r#""required MCP servers failed to initialize: x: OAuth token refresh failed: invalid_grant""#, C::ToolLogin),
            (r#""required MCP servers failed to initialize: x: no such file""#, C::Unlisted),
            (r#""required MCP servers failed to initialize: codex_apps: timed out; x: Auth error: invalid_grant""#, C::ToolLogin),
            // The server of Codex' own: the provider's codes are about the ChatGPT token, other words about nothing.
            (
                r#""MCP client for `codex_apps` failed to start: HTTP 401: {\"error\":{\"code\":\"token_invalidated\"}}""#,
                C::TokenInvalidated,
            ),
            (
                r#""required MCP servers failed to initialize: x: Auth error: invalid_grant; codex_apps: HTTP 401: token_revoked""#,
                C::TokenRevoked,
            ),
            (r#""required MCP servers failed to initialize: x: Auth error: invalid_grant; codex_apps: HTTP 401""#, C::Unlisted),
            (r#""MCP client for `codex_apps` failed to start: Auth error: invalid_grant""#, C::Unlisted),
            (r#"{"message":"tool call failed for `a/b`: token_revoked","codex_error_info":"other"}"#, C::Unlisted),
            (
                r#"{"message":"401 {\"error\":{\"message\":\"no tool\",\"code\":\"token_revoked\"}}","codex_error_info":"other"}"#,
                C::TokenRevoked,
            ),
            (r#"{"codex_error_info":"other"}"#, C::Unstated),
            (r#""stream disconnected before completion: websocket closed""#, C::StreamCut),
        ] {
            assert_eq!(of_error(raw).unwrap().0.class, want, "{raw}");
        }
        assert!(of_error("null").is_none());
    }
}
