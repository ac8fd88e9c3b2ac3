//! Raw status, code and body → [`Failure`], from one table of signatures.
//!
//! The table is in order of precedence: the first row that matches anywhere in the text wins, so
//! the code of a token endpoint beats the wrapper around it. Only error fields and log messages
//! may be passed in, never message content or tool output. Sentences that a client prints for
//! more than one truth are rows only as far as they are tied to one code: Hermes' "already
//! consumed by another client" is printed for every `refresh_token_reused` and for nothing else
//! (Hermes 0.12 and later), so it proves the code and names nobody.

use crate::event::{ErrorClass, Failure, Level};
use aho_corasick::AhoCorasick;
use regex::Regex;
use std::sync::LazyLock;

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

/// A row: literals (matched without case), what they mean, and how raw they are.
struct Signature(&'static [&'static str], ErrorClass, Level);

use ErrorClass as C;
use Level as L;

static SIGNATURES: &[Signature] = &[
    // Token endpoint codes and the sentences that stand for exactly one of them.
    // `refres…used` is what OpenClaw's redactor makes of the code (2026.9.6).
    Signature(
        &[
            "refresh_token_reused",
            "refres…used",
            "refresh token has already been used",
            "refresh token was already used",
            "refresh token was already consumed",
        ],
        C::RefreshTokenReused,
        L::TokenEndpoint,
    ),
    Signature(&["refresh_token_expired", "refresh token has expired"], C::RefreshTokenExpired, L::TokenEndpoint),
    Signature(&["refresh_token_invalidated", "refresh token was revoked"], C::RefreshTokenInvalidated, L::TokenEndpoint),
    Signature(&["app_session_terminated", "your session has ended"], C::SessionTerminated, L::TokenEndpoint),
    Signature(&["invalid 'refresh_token': empty string"], C::RefreshTokenEmpty, L::TokenEndpoint),
    Signature(&["since logged out or signed in to another account"], C::AccountMismatch, L::Sentence),
    // OpenClaw 2026.9.6: its URL guard, and its own lock (`refresh_contention`, since 2026.4).
    Signature(
        &["blocked url fetch (openai-chatgpt-oauth-token)", "token refresh error: blocked:", "(refresh_contention)"],
        C::RefreshBlockedLocally,
        L::Sentence,
    ),
    Signature(&["could not validate your token"], C::RefreshNotValidated, L::TokenEndpoint),
    Signature(
        &["invalid_grant", "invalid_refresh_token", "invalid refresh token", "refresh token reuse detected"],
        C::InvalidGrant,
        L::TokenEndpoint,
    ),
    // What the model endpoint says about something other than the credential.
    Signature(
        &[
            "usage_limit_reached",
            "usage_limit_exceeded",
            "usage limit has been reached",
            "hit your usage limit",
            "hit your chatgpt usage limit",
            "quota exceeded. check your plan",
            "is out of credits",
            "hit your spend cap",
        ],
        C::UsageLimit,
        L::Resource,
    ),
    Signature(
        &[
            "context_length_exceeded",
            "context_window_exceeded",
            "exceeds the context window",
            "maximum context length",
            "ran out of room in the model's context window",
        ],
        C::ContextLength,
        L::Resource,
    ),
    Signature(&["model is not supported when using codex"], C::Entitlement, L::Resource),
    // The model endpoint about the credential.
    Signature(&["token_invalidated", "authentication token has been invalidated"], C::TokenInvalidated, L::Resource),
    Signature(&["token_revoked", "invalidated oauth token"], C::TokenRevoked, L::Resource),
    Signature(&["token_expired", "authentication token is expired"], C::TokenExpired, L::Resource),
    Signature(&["missing bearer"], C::MissingBearer, L::Resource),
    // The body of a 401 that gives no reason, where the client keeps the body alone (pi, 2026.5).
    Signature(&["{\"detail\":\"unauthorized\"}"], C::Unauthorized, L::Status),
    // The edge, and load.
    Signature(
        &[
            "cf-mitigated",
            "attention required! | cloudflare",
            "access blocked by cloudflare",
            "<title>just a moment",
            "unsupported_country_region_territory",
        ],
        C::EdgeBlock,
        L::Resource,
    ),
    Signature(
        &[
            "server_is_overloaded",
            "server_overloaded",
            "overloaded_error",
            "currently overloaded",
            "code: overloaded",
            "model is at capacity",
            "experiencing high demand",
        ],
        C::Overloaded,
        L::Resource,
    ),
    Signature(&["rate_limit_exceeded"], C::RateLimit, L::Resource),
    // What the model endpoint puts into a 500, also where the client drops the status.
    Signature(
        &["server_error", "the server had an error", "an error occurred while processing your request"],
        C::ServerError,
        L::Resource,
    ),
    // Codex 0.169, before a turn: a 401 with its refresh failing for now. A refused one says so.
    Signature(&["workspace routing discovery unauthorized"], C::NotRenewed, L::Status),
    // What OpenClaw tells its user, over a 403 page as well (April 2026): a label, and no more.
    Signature(&["dns lookup for the provider endpoint failed"], C::Connect, L::Sentence),
    Signature(&["api rate limit reached"], C::RateLimit, L::Sentence),
    // What a client says about itself.
    Signature(
        &["has auth issue (skipping all models)", "is in cooldown", "all in cooldown", "profiles unavailable)"],
        C::Cooldown,
        L::Sentence,
    ),
    Signature(
        &[
            "no api key found for provider",
            "no credentials found for profile",
            "no codex credentials",
            "missing access_token",
            "codex_auth_missing",
            "no codex oauth token found",
            "token data is not available",
        ],
        C::NoCredential,
        L::Sentence,
    ),
    // Transport.
    Signature(&["websocket closed 1008"], C::PolicyClose, L::Transport),
    Signature(
        &[
            "websocket closed",
            "closed before response.completed",
            "stream disconnected before completion",
            "peer closed connection",
            "incomplete chunked read",
            "server disconnected",
            "connection was closed",
            "unexpected eof",
            "remoteprotocolerror",
        ],
        C::StreamCut,
        L::Transport,
    ),
    Signature(
        &[
            "econnrefused",
            "enotfound",
            "eai_again",
            "econnreset",
            "enetunreach",
            "ehostunreach",
            "getaddrinfo",
            "connection refused",
            "connection reset",
            "os error 10054",
            "connection error.",
            "apiconnectionerror",
            "connecterror",
            "connection failed:",
            "dns error",
            "dns lookup",
            "name resolution",
            "nameresolutionerror",
            "certificate",
            "tls handshake",
            "error sending request",
            "fetch failed",
            "workspace routing discovery failed",
            "network is unreachable",
            "network connection lost",
        ],
        C::Connect,
        L::Transport,
    ),
    Signature(
        &["timed out", "apitimeouterror", "readtimeout", "connecttimeout", "etimedout", "hard timeout"],
        C::Timeout,
        L::Transport,
    ),
    Signature(
        &["received network error or non-101 status code", "websocket error", "err_websocket_transport"],
        C::UpgradeRefused,
        L::Transport,
    ),
    Signature(&["request was aborted", "operation was aborted", "interrupted by user"], C::Aborted, L::Sentence),
];

/// Texts that say a message is about a refresh, whatever else stands in it.
static REFRESH: &[&str] = &[
    "oauth token refresh",
    "token refresh failed",
    "token refresh error",
    "failed to refresh token",
    "refresh openai codex token",
    "could not be refreshed",
    "auth refresh request",
    "refreshoauthcredential",
    "oauth refresh failed",
];

/// A file that could not be written, in the words of Rust, Python and Node (`EACCES`, `EPERM`, `EROFS`,
/// `ENOSPC`, `EDQUOT`, and Windows' own), or not replaced: a file that is a mount of its own, as containers
/// get one, is busy (`EBUSY`) or on another device (`EXDEV`). Sockets are refused in other forms (`connect EACCES …`).
static WRITE_FAULTS: &[&str] = &[
    "(os error 1)",
    "(os error 13)",
    "(os error 16)",
    "(os error 18)",
    "(os error 28)",
    "(os error 30)",
    "(os error 69)",
    "(os error 122)",
    "access is denied. (os error 5)",
    "[errno 1]",
    "[errno 13]",
    "[errno 16]",
    "[errno 18]",
    "[errno 28]",
    "[errno 30]",
    "[errno 122]",
    "eacces: ",
    "eperm: ",
    "ebusy: ",
    "exdev: ",
    "erofs: ",
    "enospc: ",
    "edquot: ",
];

/// Files in which clients keep their logins.
static STORES: &[&str] = &["auth.json", "auth-profiles.json"];

static WRITE_FAULT_FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| automaton(WRITE_FAULTS.to_vec()));
static STORE_FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| automaton(STORES.to_vec()));

static FINDER: LazyLock<(AhoCorasick, Vec<usize>)> = LazyLock::new(|| {
    let rows = SIGNATURES.iter().enumerate();
    let (literals, row_of): (Vec<&str>, Vec<usize>) = rows.flat_map(|(row, s)| s.0.iter().map(move |l| (*l, row))).unzip();
    (automaton(literals), row_of)
});

static REFRESH_FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| automaton(REFRESH.to_vec()));

fn automaton(literals: Vec<&str>) -> AhoCorasick {
    #[allow(clippy::unwrap_used)] // literal patterns of this file, built by every test
    AhoCorasick::builder().ascii_case_insensitive(true).build(literals).unwrap()
}

/// Status numbers in the forms that clients write: `status 401`, `status=401`, `HTTP 401`,
/// `Error code: 401`, `last status: 429`, `(401)`, or at the start of the text; for a refused upgrade
/// `HTTP error: 401` (Codex) and `Unexpected server response: 401` (Node's `ws`).
static STATUS: LazyLock<Regex> = LazyLock::new(|| {
    #[allow(clippy::unwrap_used)] // a literal pattern, covered by the tests below
    Regex::new(r"(?i)(?:\bstatus(?: code)?[:=]?\s*|\bhttp[ /:]\s*|\bcode[:=]\s*|\b(?:http error|server response):\s*|failed[: ]+\(?|refresh token: |\()([1-5]\d\d)\b|^\s*([1-5]\d\d)\b").unwrap()
});

/// What an error text means. `status` is the HTTP status where a field holds it; otherwise it
/// is looked for in the text.
pub fn error(endpoint: Endpoint, text: &str, status: Option<u16>) -> Failure {
    let about_refresh = endpoint == Endpoint::Token || (endpoint == Endpoint::Unknown && REFRESH_FINDER.is_match(text));
    let status = status.or_else(|| status_in(text));
    match signature(text) {
        Some(found) if about_refresh => at_token_endpoint(found, status),
        Some(found) => found,
        None if WRITE_FAULT_FINDER.is_match(text) && (about_refresh || STORE_FINDER.is_match(text)) => {
            Failure { class: C::RefreshNotStored, level: L::Sentence }
        }
        None if about_refresh => refresh_by_status(status),
        None => by_status(text, status),
    }
}

/// What a bare code means, at the endpoint that gave it.
pub fn code(endpoint: Endpoint, code: &str) -> Option<Failure> {
    let found = signature(code)?;
    Some(if endpoint == Endpoint::Token { at_token_endpoint(found, None) } else { found })
}

/// Is this text about a token refresh?
pub fn is_about_refresh(text: &str) -> bool {
    REFRESH_FINDER.is_match(text)
}

/// The row that the text matches, by order of the table.
fn signature(text: &str) -> Option<Failure> {
    let (finder, row_of) = &*FINDER;
    let row = finder.find_overlapping_iter(text).map(|m| row_of[m.pattern().as_usize()]).min()?;
    let Signature(_, class, level) = SIGNATURES[row];
    Some(Failure { class, level })
}

/// The meaning of a signature when the text is about a refresh: codes of the token endpoint
/// stand, `token_expired` there is a refusal, and an answer that never came or was a server
/// error leaves open whether the token was spent.
fn at_token_endpoint(found: Failure, status: Option<u16>) -> Failure {
    let class = match found.class {
        C::TokenExpired => C::RefreshNotValidated,
        C::TokenInvalidated | C::TokenRevoked => C::RefreshTokenInvalidated,
        C::Connect | C::Timeout | C::StreamCut | C::Overloaded | C::RateLimit => C::RefreshOutcomeUnknown,
        C::EdgeBlock => C::RefreshEdgeBlocked,
        C::MissingBearer | C::UpgradeRefused => return refresh_by_status(status),
        other => other,
    };
    let said_by_server = class.is_refresh() && !matches!(class, C::RefreshBlockedLocally | C::RefreshEdgeBlocked);
    let level = if said_by_server { L::TokenEndpoint } else { found.level };
    Failure { class, level }
}

fn refresh_by_status(status: Option<u16>) -> Failure {
    let class = match status {
        Some(403) => C::RefreshEdgeBlocked,
        Some(429 | 500..=599) => C::RefreshOutcomeUnknown,
        _ => C::RefreshRefused,
    };
    Failure { class, level: L::Status }
}

fn by_status(text: &str, status: Option<u16>) -> Failure {
    let class = match status {
        Some(401) => C::Unauthorized,
        Some(403) if text.to_ascii_lowercase().contains("<html") => C::EdgeBlock,
        Some(429) => C::RateLimit,
        Some(529) => C::Overloaded,
        Some(500..=599) => C::ServerError,
        // "Upgrade Required": no WebSocket here; clients go on over plain HTTP.
        Some(426) => C::UpgradeRefused,
        Some(400..=499) => C::BadRequest,
        _ if text.trim().is_empty() => return Failure { class: C::Unstated, level: L::Sentence },
        _ => return Failure { class: C::Unlisted, level: L::Sentence },
    };
    Failure { class, level: L::Status }
}

fn status_in(text: &str) -> Option<u16> {
    let found = STATUS.captures(text)?;
    found.get(1).or_else(|| found.get(2))?.as_str().parse().ok()
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
            ("Received network error or non-101 status code.", C::UpgradeRefused),
            ("WebSocket error", C::UpgradeRefused),
            ("unexpected status 426 Upgrade Required", C::UpgradeRefused),
            ("Connection error.", C::Connect),
            ("workspace routing discovery unauthorized (401)", C::NotRenewed),
            ("workspace routing discovery failed", C::Connect),
            ("Failed to refresh token status=403 Forbidden", C::RefreshEdgeBlocked),
            ("Failed to refresh token: 403 Forbidden: <title>Just a moment...</title>", C::RefreshEdgeBlocked),
            ("Provider openai-codex has auth issue (skipping all models)", C::Cooldown),
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
