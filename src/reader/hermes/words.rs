//! Words that Hermes uses in several formats: providers and their addresses, what its error texts
//! say, and the names of its log files.

use super::record::field;
use crate::classify::{self, Endpoint};
use crate::event::{ErrorClass, EventKind, Failure, Level, Provider, StoreTrouble, TroubleKind};
use crate::source::Name;

/// A failure of which nothing but the fact is known.
pub(super) const UNSTATED: Failure = Failure { class: ErrorClass::Unstated, level: Level::Sentence };

/// There was no credential to use, for whatever reason.
pub(super) const NO_CREDENTIAL: Failure = Failure { class: ErrorClass::NoCredential, level: Level::Sentence };

/// A refresh that failed, with no code kept.
pub(super) const REFRESH_REFUSED: Failure = Failure { class: ErrorClass::RefreshRefused, level: Level::Sentence };

/// The provider that Hermes names by `word`. `openai` is the API with a key of its own there,
/// never the ChatGPT login.
pub(super) fn provider(word: &str) -> Provider {
    match word {
        "unknown" | "auto" | "none" => Provider::Unknown,
        "openai" => Provider::Other,
        "xai-oauth" => Provider::Xai,
        "copilot" => Provider::GithubCopilot,
        word => Provider::of(word),
    }
}

/// The provider behind a base address.
pub(super) fn provider_at(url: &str) -> Provider {
    let address = url.trim().trim_start_matches("https://").trim_start_matches("http://");
    let host = address.split(['/', ':', '?']).next().unwrap_or("");
    match host {
        "" => Provider::Unknown,
        "chatgpt.com" if address.contains("/backend-api/codex") => Provider::OpenaiCodex,
        "openrouter.ai" => Provider::Openrouter,
        "api.anthropic.com" => Provider::Anthropic,
        "generativelanguage.googleapis.com" => Provider::Google,
        "inference-api.nousresearch.com" => Provider::Nous,
        "api.x.ai" => Provider::Xai,
        "api.githubcopilot.com" => Provider::GithubCopilot,
        _ => Provider::Other,
    }
}

/// The provider that a model name alone tells: the Codex backend has OpenAI's models only, under
/// names without a vendor.
pub(super) fn provider_of_model(model: &str) -> Provider {
    const FAMILIES: [&str; 7] = ["gpt-", "codex-", "chatgpt-", "o1", "o3", "o4", "o5"];
    let may_be = model.is_empty() || FAMILIES.iter().any(|family| model.starts_with(family));
    if may_be { Provider::Unknown } else { Provider::Other }
}

/// Is an error text about the Codex login? Hermes names the provider in every one of them
/// ("Codex refresh token was …", "No Codex credentials stored."), and the same gateway lines are
/// written for Nous Portal, xAI and others. The sentence of the Codex app-server, which Hermes can run,
/// names nobody.
pub(super) fn names_codex(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains("codex") || text.contains("your access token could not be refreshed")
}

/// Other services whose logins Hermes keeps, by the words of its sentences about them.
const SERVICES: [(&str, Provider); 7] = [
    ("nous", Provider::Nous),
    ("xai", Provider::Xai),
    ("grok", Provider::Xai),
    ("copilot", Provider::GithubCopilot),
    ("anthropic", Provider::Anthropic),
    ("claude", Provider::Anthropic),
    ("mcp", Provider::Other),
];

/// The provider an error text names. A refused refresh in words that do not name Codex is another
/// service's, also where they do not say whose.
pub(super) fn provider_in(text: &str) -> Provider {
    if names_codex(text) {
        return Provider::OpenaiCodex;
    }
    let is_word = |word: &str, name: &str| word.eq_ignore_ascii_case(name);
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let named = words.find_map(|word| SERVICES.iter().find(|(name, _)| is_word(word, name)));
    match named {
        Some((_, provider)) => *provider,
        None if credential_error(text).class.is_refresh() => Provider::Other,
        None => Provider::Unknown,
    }
}

/// Is this the name of one of the client's log files, or of a rotated segment of one?
pub(super) fn is_log_name(name: &Name) -> bool {
    const NAMES: [&str; 5] = ["agent.log", "errors.log", "gateway.log", "gui.log", "desktop.log"];
    NAMES.iter().any(|start| name.file().starts_with(start))
}

/// Does a log of this name hold one file as Hermes kept it (`errors.log`, `errors.log.2`)? Other files may be
/// several that somebody put together, in any order.
pub(super) fn is_kept_log(name: &Name) -> bool {
    let segment = name.file().split_once(".log").map_or("x", |(_, rest)| rest);
    is_log_name(name) && segment.bytes().all(|b| b == b'.' || b.is_ascii_digit())
}

/// What Hermes' own words about a credential mean (`AuthError`, 0.10 to 0.19). An answer of the
/// token endpoint that could not be read may have spent the token; a store without tokens is not
/// a refusal.
pub(super) fn credential_error(text: &str) -> Failure {
    let begins = |starts: [&str; 2]| starts.iter().any(|start| text.trim_start().starts_with(start));
    let class = match () {
        () if begins(["Codex token refresh returned ", "Codex token refresh response "]) => ErrorClass::RefreshOutcomeUnknown,
        () if begins(["Codex auth is missing ", "Codex auth state is missing "]) => ErrorClass::NoCredential,
        () => return classify::error(Endpoint::Unknown, text, None),
    };
    Failure { class, level: Level::Sentence }
}

/// What Hermes' own words about its Codex credentials state: a refused refresh, an empty store,
/// or a complaint of another kind.
pub(super) fn codex_complaint(text: &str) -> EventKind {
    let failure = credential_error(text);
    let kind = match failure.class {
        class if class.is_refresh() || class == ErrorClass::RefreshNotStored => {
            return EventKind::Refused { failure, account: None, process: None, session: None, agent: None };
        }
        ErrorClass::NoCredential => TroubleKind::NoneLeft,
        _ => TroubleKind::Noted,
    };
    EventKind::Trouble(StoreTrouble { kind, section: None, failure: Some(failure), until: None })
}

/// What an error says; its first line decides where it can (lines of other processes may stand
/// among the rest). None when it says nothing that is known.
pub(super) fn failure_of(first: &str, all: &str) -> Option<Failure> {
    let of = |text: &str| classify::error(Endpoint::Unknown, text, None);
    let known = |failure: &Failure| !matches!(failure.class, ErrorClass::Unlisted | ErrorClass::Unstated);
    Some(of(first)).filter(known).or_else(|| Some(of(all)).filter(known))
}

/// Why one attempt failed: `… error_type=ReadTimeout … summary=…` or a stream drop's `error=…`.
pub(super) fn attempt(message: &str) -> Failure {
    let text = ["summary=", "error="].iter().find_map(|key| message.split_once(key)).map_or("", |(_, text)| text);
    let said = classify::error(Endpoint::Unknown, text, None);
    let class = match field(message, "error_type").unwrap_or("") {
        _ if !matches!(said.class, ErrorClass::Unlisted | ErrorClass::Unstated) => return said,
        "ReadTimeout" | "ConnectTimeout" | "PoolTimeout" | "TimeoutError" | "APITimeoutError" => ErrorClass::Timeout,
        "ConnectError" | "APIConnectionError" => ErrorClass::Connect,
        "RemoteProtocolError"
        | "ReadError"
        | "ServerDisconnectedError"
        | "ConnectionError"
        | "ConnectionResetError"
        | "ConnectionAbortedError"
        | "BrokenPipeError" => ErrorClass::StreamCut,
        _ => return said,
    };
    Failure { class, level: Level::Transport }
}

/// `(status=401, reason=token_invalidated)`: the reason is that of the model call, also where
/// the refresh after it was refused for another one (0.13, 0.19).
pub(super) fn benched(message: &str) -> Option<Failure> {
    let inside = message.rsplit_once("(status=").and_then(|(_, rest)| rest.split_once(')')).map(|(inside, _)| inside)?;
    let (status, reason) = inside.split_once(", reason=").unwrap_or((inside, ""));
    let status = status.parse().ok().filter(|status| (100..600).contains(status));
    classify::code(Endpoint::Resource, reason)
        .or_else(|| status.map(|status| classify::error(Endpoint::Resource, "", Some(status))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_about_a_codex_credential() {
        for (text, want) in [
            ("Codex refresh token was already consumed by another client (x).", ErrorClass::RefreshTokenReused),
            ("Codex token refresh failed with status 401.", ErrorClass::RefreshRefused),
            ("Codex token refresh failed with status 503.", ErrorClass::RefreshOutcomeUnknown),
            (
                "Codex token refresh failed: Could not validate your token. Please try signing in again.",
                ErrorClass::RefreshNotValidated,
            ),
            ("Codex token refresh returned invalid JSON.", ErrorClass::RefreshOutcomeUnknown),
            ("Codex token refresh response was missing access_token.", ErrorClass::RefreshOutcomeUnknown),
            ("[Errno 30] Read-only file system: '/h/.hermes/auth.json'", ErrorClass::RefreshNotStored),
            ("Codex auth is missing refresh_token. Run `hermes auth` to re-authenticate.", ErrorClass::NoCredential),
            ("Codex auth state is missing tokens. Run `hermes auth` to re-authenticate.", ErrorClass::NoCredential),
            ("No Codex credentials stored. Run `hermes auth` to authenticate.", ErrorClass::NoCredential),
            ("Codex provider quota exhausted (429); retry after 30s. Credentials are still valid.", ErrorClass::RateLimit),
        ] {
            assert_eq!(credential_error(text).class, want, "{text}");
        }
    }

    #[test]
    fn whose_login_a_sentence_is_about() {
        for (text, want) in [
            ("Codex refresh token was already consumed by another client (e.g. Codex CLI).", Provider::OpenaiCodex),
            ("Your access token could not be refreshed because your refresh token was revoked.", Provider::OpenaiCodex),
            ("Nous Portal refresh rejected: Refresh token reuse detected", Provider::Nous),
            ("xAI token refresh failed: invalid_grant", Provider::Xai),
            ("MCP server refused: invalid_grant", Provider::Other),
            ("OAuth token refresh failed: invalid_grant", Provider::Other),
            ("Connection error.", Provider::Unknown),
            ("an anonymous error", Provider::Unknown),
        ] {
            assert_eq!(provider_in(text), want, "{text}");
        }
    }

    #[test]
    fn the_key_of_an_api_is_not_the_login() {
        assert_eq!(provider_at("https://chatgpt.com/backend-api/codex/responses"), Provider::OpenaiCodex);
        assert_eq!(provider_at("https://api.openai.com/v1/responses"), Provider::Other);
        assert_eq!((provider("openai"), provider("openai-codex")), (Provider::Other, Provider::OpenaiCodex));
    }
}
