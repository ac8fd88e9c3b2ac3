//! The table of signatures: literals and what they mean, in order of precedence.
//!
//! The first row that stands anywhere in a text wins, so the code of a token endpoint beats the wrapper
//! around it. Which rows may count beside a status is said in [`super::status`]; whether a literal stands
//! there as a word of its own, in [`super::places`].

use super::places::Names;
use crate::event::{ErrorClass, Failure, Level};
use aho_corasick::AhoCorasick;
use std::sync::LazyLock;

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
            "insufficient_quota",
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
    // The code of the plan in Codex' own sentence (0.36 and later); a workspace that was switched off or left (402, 403).
    Signature(
        &[
            "model is not supported when using codex",
            "model_not_found",
            "usage_not_included",
            "to use codex with your chatgpt plan, upgrade",
            "plan does not include access to codex",
            "deactivated_workspace",
            "invalid_workspace_selected",
        ],
        C::Entitlement,
        L::Resource,
    ),
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
    Signature(&["rate_limit_exceeded", "rate limit reached for"], C::RateLimit, L::Resource),
    // What the model endpoint puts into a 500, also where the client drops the status.
    Signature(
        &["server_error", "internal_server_error", "the server had an error", "an error occurred while processing your request"],
        C::ServerError,
        L::Resource,
    ),
    // Codex 0.169, before a turn: a 401 with its refresh failing for now. A refused one says so.
    Signature(&["workspace routing discovery unauthorized"], C::NotRenewed, L::Status),
    // What OpenClaw tells its user, over a 403 page as well (April 2026): a label, and no more.
    Signature(&["dns lookup for the provider endpoint failed"], C::Connect, L::Sentence),
    Signature(&["api rate limit reached"], C::RateLimit, L::Sentence),
    // A pause of the ChatGPT login with its reason behind it (OpenClaw 2026.5): the reasons of other providers may
    // stand in the same text.
    Signature(
        &[
            "provider openai-codex is in cooldown (all profiles unavailable) (rate_limit)",
            "provider openai is in cooldown (all profiles unavailable) (rate_limit)",
        ],
        C::CooledByLimit,
        L::Sentence,
    ),
    Signature(
        &[
            "provider openai-codex is in cooldown (all profiles unavailable) (overloaded)",
            "provider openai is in cooldown (all profiles unavailable) (overloaded)",
        ],
        C::CooledByOverload,
        L::Sentence,
    ),
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
            "codex_auth_missing_access_token",
            "codex_auth_missing_refresh_token",
            "no codex oauth token found",
            "token data is not available",
        ],
        C::NoCredential,
        L::Sentence,
    ),
    // Transport.
    Signature(&["websocket closed 1008", "1008 policy", "1008 (policy"], C::PolicyClose, L::Transport),
    // No connection was made, whatever sentence is put around that: Codex words a call that was never sent as a
    // stream that was cut (0.98 to 0.142).
    Signature(
        &[
            "econnrefused",
            "enotfound",
            "eai_again",
            "enetunreach",
            "ehostunreach",
            "getaddrinfo",
            "connection refused",
            "dns error",
            "failed to lookup address",
            "name resolution",
            "nameresolutionerror",
            "tls handshake",
            "error sending request",
            "network is unreachable",
        ],
        C::Connect,
        L::Transport,
    ),
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
            "econnreset",
            "connection reset",
            "os error 10054",
            "connection error.",
            "apiconnectionerror",
            "connecterror",
            "connection failed:",
            "dns lookup",
            "certificate",
            "fetch failed",
            "workspace routing discovery failed",
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

/// Finds literals without regard to case.
fn automaton(literals: Vec<&str>) -> AhoCorasick {
    #[allow(clippy::unwrap_used)] // literal patterns of this file, built by every test
    AhoCorasick::builder().ascii_case_insensitive(true).build(literals).unwrap()
}

/// The first row of the table, of those that `allows` lets count where they begin, with a literal that stands
/// in the text as a word of its own and not as the name of something.
pub(super) fn first(text: &str, allows: impl Fn(Failure, usize) -> bool) -> Option<Failure> {
    let (finder, row_of) = &*FINDER;
    let names = Names::of(text);
    let stands = |m: &aho_corasick::Match| names.is_said(text, m.range());
    let rows = finder.find_overlapping_iter(text).filter(stands).filter_map(|m| {
        let row = *row_of.get(m.pattern().as_usize())?;
        let Signature(_, class, level) = SIGNATURES.get(row)?;
        Some((row, Failure { class: *class, level: *level }, m.start()))
    });
    rows.filter(|(_, found, at)| allows(*found, *at)).min_by_key(|(row, ..)| *row).map(|(_, found, _)| found)
}

/// Is this text about a token refresh?
pub(super) fn is_about_refresh(text: &str) -> bool {
    let mut found = REFRESH_FINDER.find_iter(text).peekable();
    found.peek().is_some() && {
        let names = Names::of(text);
        found.any(|m| !names.hold(m.range()))
    }
}

/// Does this text tell of a file that could not be written?
pub(super) fn tells_of_write_fault(text: &str) -> bool {
    WRITE_FAULT_FINDER.is_match(text)
}

/// Does this text name a file in which clients keep their logins?
pub(super) fn names_store(text: &str) -> bool {
    STORE_FINDER.is_match(text)
}
