//! Raw status, code and body → [`Failure`].
//!
//! What the answer says of itself comes first: its code, known or not, then its status, and its words only
//! as far as these leave room (a 400 that quotes the name of a tool refuses no login, a 503 that tells of a
//! refused connection is the server's, and a page of HTML names no login). The words are looked up in one table (`signatures.rs`). Only error
//! fields and log messages may be passed in, never message content or tool output. Sentences that a client
//! prints for more than one truth are rows only as far as they are tied to one code: Hermes' "already
//! consumed by another client" is printed for every `refresh_token_reused` and for nothing else (Hermes 0.12
//! and later), so it proves the code and names nobody.

mod body;
mod known;
mod places;
mod signatures;
mod status;

use crate::event::{ErrorClass, Failure, Level};
use body::Body;

/// Which endpoint a text came from, where the reader knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// `auth.openai.com/oauth/token`, or a message about a refresh.
    Token,
    /// The model endpoint.
    Resource,
    /// The text itself has to tell.
    Unknown,
}

use ErrorClass as C;
use Level as L;

/// What an error text means. `status` is the HTTP status where a field holds it that the server's answer
/// had; otherwise it is looked for in the text.
pub fn error(endpoint: Endpoint, text: &str, status: Option<u16>) -> Failure {
    answer(endpoint, None, text, status)
}

/// The same, with the code that a field of the answer holds. It decides before the words, and so does one
/// that is not known here; only a code that is none of a service (`401`, `ECONNRESET`) does not.
pub fn answer(endpoint: Endpoint, code: Option<&str>, text: &str, status: Option<u16>) -> Failure {
    known::or_else(&(endpoint, code, text, status), || read(endpoint, code, text, status))
}

fn read(endpoint: Endpoint, code: Option<&str>, text: &str, status: Option<u16>) -> Failure {
    let page = status::page_in(text);
    let said = page.as_ref().and_then(|page| text.get(..page.start)).unwrap_or(text);
    let about_refresh = endpoint == Endpoint::Token || (endpoint == Endpoint::Unknown && is_about_refresh(said));
    let status = status.or_else(|| status::status_in(text));
    let blocked = status == Some(403) && page.is_some();
    let body = Body::of(said);
    let code = code.filter(|code| body::is_word(code)).or(body.code);
    let by_code = || code.into_iter().chain(body.types.iter().copied()).find_map(meant);
    let room = |found: Failure| match about_refresh {
        _ if blocked => found.class == C::EdgeBlock,
        true => status::leaves_room_at_refresh(status, found),
        false => status::leaves_room(status, found),
    };
    let room_for_code =
        |found: &Failure| !blocked && (about_refresh && room(*found) || status::leaves_room_for_code(status, *found));
    let on_page = |at: usize| page.as_ref().is_some_and(|page| page.contains(&at));
    let by_words = || {
        let unknown = code.is_some_and(|code| meant(code).is_none());
        signatures::first(text, |found, at| {
            room(found) && !(found.class.is_auth() && on_page(at)) && (!unknown || status::leaves_room_beside_code(found))
        })
    };
    match by_code().filter(room_for_code).or_else(by_words) {
        Some(found) if about_refresh => at_token_endpoint(found, status),
        Some(found) => found,
        None if signatures::tells_of_write_fault(text) && (about_refresh || signatures::names_store(text)) => {
            Failure { class: C::RefreshNotStored, level: L::Sentence }
        }
        None if about_refresh => status::at_refresh(status),
        None => status::alone(text, status),
    }
}

/// What a bare code means, at the endpoint that gave it.
pub fn code(endpoint: Endpoint, code: &str) -> Option<Failure> {
    let found = meant(code)?;
    Some(if endpoint == Endpoint::Token { at_token_endpoint(found, None) } else { found })
}

fn meant(code: &str) -> Option<Failure> {
    signatures::first(code, |_, _| true)
}

/// Is this text about a token refresh?
pub fn is_about_refresh(text: &str) -> bool {
    signatures::is_about_refresh(text)
}

/// The meaning of a signature when the text is about a refresh: codes of the token endpoint
/// stand, `token_expired` there is a refusal, and an answer that never came or was a server
/// error leaves open whether the token was spent.
fn at_token_endpoint(found: Failure, status: Option<u16>) -> Failure {
    let class = match found.class {
        C::TokenExpired => C::RefreshNotValidated,
        C::TokenInvalidated | C::TokenRevoked => C::RefreshTokenInvalidated,
        C::Connect | C::Timeout | C::StreamCut | C::Overloaded | C::RateLimit | C::ServerError => C::RefreshOutcomeUnknown,
        C::EdgeBlock => C::RefreshEdgeBlocked,
        C::MissingBearer | C::UpgradeRefused => return status::at_refresh(status),
        other => other,
    };
    let said_by_server = class.is_refresh() && !matches!(class, C::RefreshBlockedLocally | C::RefreshEdgeBlocked);
    let level = if said_by_server { L::TokenEndpoint } else { found.level };
    Failure { class, level }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(text: &str) -> ErrorClass {
        error(Endpoint::Unknown, text, None).class
    }

    #[test]
    fn sentences_of_each_client() {
        for (text, want) in [
            ("Your authentication token has been invalidated. Please try signing in again.", C::TokenInvalidated),
            ("401: Your authentication token has been invalidated.", C::TokenInvalidated),
            (
                "Your access token could not be refreshed because your refresh token was already used. Please log out",
                C::RefreshTokenReused,
            ),
            (
                "Codex refresh token was already consumed by another client (e.g. Codex CLI or VS Code extension).",
                C::RefreshTokenReused,
            ),
            ("Your access token could not be refreshed because your refresh token was revoked.", C::RefreshTokenInvalidated),
            ("Your access token could not be refreshed. Please log out and sign in again.", C::RefreshRefused),
            (
                "OAuth token refresh failed for openai-codex: Failed to refresh OpenAI Codex token. Please try again",
                C::RefreshRefused,
            ),
            ("OpenAI Codex token refresh failed (HTTP 401; code=refres…used; type=invali…r).", C::RefreshTokenReused),
            ("Failed to refresh token status=401 Unauthorized", C::RefreshRefused),
            ("Failed to refresh token: 500 Internal Server Error", C::RefreshOutcomeUnknown),
            ("Codex token refresh failed with status 401.", C::RefreshRefused),
            ("You have hit your ChatGPT usage limit (plus plan). Try again in ~90 min.", C::UsageLimit),
            ("You’ve hit your usage limit. Try again at 8:53 PM", C::UsageLimit),
            ("HTTP 429: The usage limit has been reached", C::UsageLimit),
            ("exceeded retry limit, last status: 429 Too Many Requests, request id: x", C::RateLimit),
            ("unexpected status 403 Forbidden: <html><body>", C::EdgeBlock),
            ("unexpected status 401 Unauthorized: Missing bearer or basic authentication in header", C::MissingBearer),
            ("stream disconnected before completion: websocket closed", C::StreamCut),
            ("{\"detail\":\"Unauthorized\"}", C::Unauthorized),
            ("Unexpected server response: 401", C::Unauthorized),
            ("failed to connect to websocket: HTTP error: 401 Unauthorized, url: wss://x", C::Unauthorized),
            ("WebSocket closed 1006", C::StreamCut),
            ("WebSocket closed 1008", C::PolicyClose),
            ("stream disconnected before completion: websocket closed by server: 1008 Policy", C::PolicyClose),
            ("stream disconnected before completion: error sending request for url (https://x)", C::Connect),
            ("stream disconnected before completion: tcp connect error: Connection refused (os error 111)", C::Connect),
            ("stream disconnected before completion: Transport error: connection reset by peer", C::StreamCut),
            ("stream disconnected before completion: Rate limit reached for gpt-5 in x on tokens per min", C::RateLimit),
            ("unexpected status 407 Proxy Authentication Required", C::Connect),
            ("unexpected status 404 Not Found: {\"error\":{\"code\":\"model_not_found\"}}", C::Entitlement),
            ("unexpected status 402 Payment Required: {\"detail\":{\"code\":\"deactivated_workspace\"}}", C::Entitlement),
            ("unexpected status 403 Forbidden: {\"detail\":{\"code\":\"invalid_workspace_selected\"}}", C::Entitlement),
            ("To use Codex with your ChatGPT plan, upgrade to Plus: https://x", C::Entitlement),
            ("unexpected status 403 Forbidden: Unknown error, url: https://x", C::BadRequest),
            ("Received network error or non-101 status code.", C::UpgradeRefused),
            ("WebSocket error", C::UpgradeRefused),
            ("unexpected status 426 Upgrade Required", C::UpgradeRefused),
            ("Connection error.", C::Connect),
            ("workspace routing discovery unauthorized (401)", C::NotRenewed),
            ("workspace routing discovery failed", C::Connect),
            ("Failed to refresh token status=403 Forbidden", C::RefreshEdgeBlocked),
            ("Failed to refresh token: 403 Forbidden: <title>Just a moment...</title>", C::RefreshEdgeBlocked),
            ("Provider openai-codex has auth issue (skipping all models)", C::Cooldown),
            ("Provider openai-codex is in cooldown (all profiles unavailable) (rate_limit)", C::CooledByLimit),
            ("Provider openai is in cooldown (all profiles unavailable) (overloaded)", C::CooledByOverload),
            ("Provider openai-codex is in cooldown (all profiles unavailable) (auth)", C::Cooldown),
            ("Provider anthropic is in cooldown (all profiles unavailable) (rate_limit)", C::Cooldown),
            ("Error code: 503 - {'error': {'code': 'server_is_overloaded'}}", C::Overloaded),
            ("exceeded retry limit, last status: 500 Internal Server Error", C::ServerError),
            ("LLM request failed: DNS lookup for the provider endpoint failed.", C::Connect),
            ("⚠️ API rate limit reached. Please try again later.", C::RateLimit),
            ("Request was aborted", C::Aborted),
            ("The server had an error while processing your request.", C::ServerError),
            (
                "OAuth token refresh failed for openai: OpenAI Codex token refresh error: Blocked: resolves to private address",
                C::RefreshBlockedLocally,
            ),
            ("Failed to refresh token: Permission denied (os error 13)", C::RefreshNotStored),
            ("Failed to refresh token: Read-only file system (os error 30)", C::RefreshNotStored),
            ("[Errno 28] No space left on device: '/h/.hermes/auth.json.tmp'", C::RefreshNotStored),
            (
                "OAuth token refresh failed for openai-codex: EACCES: permission denied, open '/h/auth-profiles.json'",
                C::RefreshNotStored,
            ),
            ("EACCES: permission denied, open '/h/notes.md'", C::Unlisted),
            ("Failed to refresh token: 401 Unauthorized: code=refresh_token_reused (os error 13)", C::RefreshTokenReused),
            ("", C::Unstated),
            ("something new", C::Unlisted),
        ] {
            assert_eq!(class(text), want, "{text}");
        }
    }

    #[test]
    fn what_an_answer_quotes_is_not_what_it_says() {
        for (text, want) in [
            ("400 Invalid schema for function 'auth__refresh_token_reused': schema must be an object", C::BadRequest),
            ("HTTP 400: Invalid value: 'refresh_token_reused'. Supported values are: 'a'.", C::BadRequest),
            ("Invalid value: 'refresh_token_reused'", C::Unlisted),
            ("400 No tool output found for function call check_token_invalidated.", C::BadRequest),
            ("Error code: 400 - {'error': {'message': 'no token_revoked', 'code': 'invalid_value'}}", C::BadRequest),
            ("Error code: 401 - {'error': {'message': 'no', 'code': 'token_revoked'}}", C::TokenRevoked),
            ("{\"error\":{\"message\":\"no refresh_token_reused\",\"code\":\"invalid_value\"}}", C::Unlisted),
            ("401 {\"error\":{\"message\":\"token_revoked\",\"code\":\"something_new\"}}", C::Unauthorized),
            ("429 {\"error\":{\"type\":\"usage_limit_reached\",\"message\":\"refresh_token_reused\"}}", C::UsageLimit),
            ("429 for key refresh_token_reused", C::RateLimit),
            ("413 Payload too large: file 'maximum context length.pdf'", C::BadRequest),
            ("400 This model's maximum context length is 272000 tokens", C::ContextLength),
            ("open '/h/notes/token_invalidated.md'", C::Unlisted),
            ("400 Invalid schema for function 'list_certificates'", C::BadRequest),
            ("HTTP 500: auth backend failure: token_expired check failed", C::ServerError),
            ("HTTP 503: <html>Your session has ended? Try again</html>", C::ServerError),
            ("503 upstream connect error: delayed connect error: Connection refused", C::ServerError),
            ("522 <!DOCTYPE html><title>522: Connection timed out</title>", C::ServerError),
            ("403 <html><body>authentication token has been invalidated</body></html>", C::EdgeBlock),
            ("<!DOCTYPE html><title>Denied</title>Reason: token_revoked</html>", C::Unlisted),
            ("401 <html><script>{\"code\":\"token_revoked\"}</script>", C::Unauthorized),
            ("<html><title>Just a moment...</title>cf-mitigated token_revoked", C::EdgeBlock),
            ("<html>Failed to refresh token? invalid_grant</html>", C::Unlisted),
            ("Your refresh token was already used. <html>Sign in</html>", C::RefreshTokenReused),
            ("a/b: <html>Bad gateway</html> | c/d: code token_revoked", C::TokenRevoked),
            (
                "OAuth token refresh failed: (401) {\"error\":{\"message\":\"x\",\"code\":\"token_expired\"}}",
                C::RefreshNotValidated,
            ),
            ("Failed to refresh token: 400 {\"error\":\"invalid_grant\"}", C::InvalidGrant),
            ("Failed to refresh token: 503: your session has ended", C::RefreshOutcomeUnknown),
            (
                "All models failed (2): a/b: refresh token was already used (auth) | c/d: HTTP 529 (overloaded)",
                C::RefreshTokenReused,
            ),
        ] {
            assert_eq!(class(text), want, "{text}");
        }
    }

    #[test]
    fn a_field_of_the_answer_decides_before_its_words() {
        let class = |code, text, status| answer(Endpoint::Unknown, Some(code), text, status).class;
        assert_eq!(class("invalid_value", "no token_revoked", Some(400)), C::BadRequest);
        assert_eq!(class("invalid_value", "no token_revoked", None), C::Unlisted);
        assert_eq!(class("token_revoked", "refused", Some(401)), C::TokenRevoked);
        assert_eq!(class("token_revoked", "refused", Some(503)), C::ServerError);
        assert_eq!(class("401", "Your authentication token has been invalidated.", None), C::TokenInvalidated);
        assert_eq!(class("ECONNRESET", "read ECONNRESET", None), C::Connect);
    }

    #[test]
    fn a_label_is_less_raw_than_what_it_stands_over() {
        let level = |text: &str| error(Endpoint::Unknown, text, None).level;
        assert!(level("LLM request failed: DNS lookup for the provider endpoint failed.") < level("403 <html><body>"));
        assert!(level("API rate limit reached") < level("403 <html><body>"));
        assert_eq!(level("getaddrinfo ENOTFOUND chatgpt.com"), Level::Transport);
    }

    #[test]
    fn the_same_code_means_different_things_at_the_two_endpoints() {
        assert_eq!(code(Endpoint::Resource, "token_expired").map(|f| f.class), Some(C::TokenExpired));
        assert_eq!(code(Endpoint::Token, "token_expired").map(|f| f.class), Some(C::RefreshNotValidated));
        assert_eq!(code(Endpoint::Token, "no_such_code"), None);
    }

    #[test]
    fn refreshing_something_else_is_not_a_token_refresh() {
        assert_eq!(class("failed to refresh available models: unexpected status 401 Unauthorized"), C::Unauthorized);
    }
}
