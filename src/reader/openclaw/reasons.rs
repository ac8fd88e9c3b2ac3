//! The words OpenClaw has for failures, providers and profiles, in one place.
//!
//! Store, log and console use the same failover reasons (`auth`, `rate_limit` …) and the same
//! profile ids; which of them concern the ChatGPT login is decided here.

use crate::classify::{self, Endpoint};
use crate::event::{ErrorClass, Failure, Level, Provider, Section};
use crate::reader::Facts;
use crate::secret::Kind;

/// What a failover reason means where no rawer word stands beside it (OpenClaw 2026.5.7 to
/// 2026.9.6: `failoverReason`, `cooldownReason`, `disabledReason`, keys of `failureCounts`).
pub(super) fn meaning(reason: &str) -> Failure {
    let class = match reason {
        "auth" | "auth_permanent" => ErrorClass::Unauthorized,
        "rate_limit" => ErrorClass::RateLimit,
        "billing" | "subscription_limit" => ErrorClass::UsageLimit,
        "overloaded" => ErrorClass::Overloaded,
        "timeout" => ErrorClass::Timeout,
        "model_not_found" => ErrorClass::Entitlement,
        "format" => ErrorClass::BadRequest,
        "empty_response" | "no_error_details" | "" => ErrorClass::Unstated,
        _ => ErrorClass::Unlisted,
    };
    Failure { class, level: Level::Sentence }
}

/// What a failed run's error means: its text, and the reason where the text says nothing known. The status
/// beside it is the client's own, by that reason (401 where it had no key, 408 where nothing answered), and
/// so outweighs no words.
pub(super) fn failure(text: &str, status: Option<u16>, reason: Option<&str>) -> Failure {
    let stated = classify::error(Endpoint::Unknown, text, None);
    let stated = if is_vague(stated) { classify::error(Endpoint::Unknown, text, status) } else { stated };
    match reason.map(meaning) {
        Some(by_reason) if is_vague(stated) && !is_vague(by_reason) => by_reason,
        Some(by_reason) if stated.class == ErrorClass::Cooldown => Failure { class: pause(by_reason.class), ..stated },
        _ => stated,
    }
}

/// What a pause is called whose reason is known: one after a refusal of the login stays a pause without a kind.
fn pause(reason: ErrorClass) -> ErrorClass {
    match reason {
        ErrorClass::RateLimit | ErrorClass::UsageLimit => ErrorClass::CooledByLimit,
        ErrorClass::Overloaded => ErrorClass::CooledByOverload,
        _ => ErrorClass::Cooldown,
    }
}

fn is_vague(failure: Failure) -> bool {
    matches!(failure.class, ErrorClass::Unlisted | ErrorClass::Unstated)
}

/// The provider of a record that may state the interface it called. `openai` stands for the ChatGPT login (2026.6 and
/// later) and for an API key alike: the login is asked by `openai-chatgpt-responses` or `openai-codex-responses`, a key
/// by `openai-responses` or `openai-completions`. What a key paid for says nothing of the login.
pub(super) fn provider_asked(word: &str, api: Option<&str>) -> Provider {
    let by_key = api.is_some_and(|api| !api.is_empty() && !is_login_api(api));
    match Provider::of(word) {
        Provider::Openai if by_key => Provider::Other,
        provider => provider,
    }
}

/// Is it an interface that takes the ChatGPT login?
pub(super) fn is_login_api(api: &str) -> bool {
    api.contains("chatgpt") || api.contains("codex")
}

/// Does this provider word stand for the ChatGPT login? (`openai-codex` until May 2026,
/// `openai` since.)
pub(super) fn is_chatgpt(provider: &str) -> bool {
    Provider::of(provider).is_chatgpt()
}

/// Was the ChatGPT login passed over without a call, because of an earlier problem with its credential?
/// (2026.5.7: reason `auth`, `Provider openai-codex has auth issue (skipping all models)`.)
pub(super) fn is_passed_over(provider: &str, reason: Option<&str>, detail: &str) -> bool {
    let about_login = reason.is_some_and(|reason| meaning(reason).class == ErrorClass::Unauthorized);
    about_login && is_chatgpt(provider) && classify::error(Endpoint::Unknown, detail, None).class == ErrorClass::Cooldown
}

/// Log lines name profiles by the first 12 hex digits of SHA-256 of their id. These are the ids
/// that OpenClaw itself gives to a ChatGPT login (as logged by 2026.5.7 and 2026.9.6); other
/// ids hold a mail address and stay unmatched.
const HASHED: &[(&str, &str)] = &[
    ("sha256:06bfb5171eff", "openai-codex:default"),
    ("sha256:4b7a9492b4ed", "openai-codex:codex-cli"),
    ("sha256:a0ebe3f799a6", "openai:default"),
];

/// The profile id that `name` stands for; None when it is a hash of an unknown id.
fn plain(name: &str) -> Option<&str> {
    match HASHED.iter().find(|(hash, _)| *hash == name) {
        Some((_, id)) => Some(id),
        None => (!name.starts_with("sha256:")).then_some(name),
    }
}

/// The section of a profile, given by id or by hash.
pub(super) fn section(name: &str, facts: &Facts<'_>) -> Option<Section> {
    plain(name).filter(|id| !id.is_empty()).map(|id| Section::Profile(facts.key(Kind::Section, id)))
}

/// Is this the profile of a ChatGPT login? None for a hash of an unknown id.
pub(super) fn is_chatgpt_profile(name: &str) -> Option<bool> {
    plain(name).map(|id| is_chatgpt(id.split(':').next().unwrap_or_default()))
}

/// Is a message about a refused refresh about the ChatGPT login? It names the provider after
/// `failed for`; the inner messages name Codex.
pub(super) fn is_our_refresh(text: &str) -> bool {
    match text.split_once("refresh failed for ") {
        Some((_, after)) => is_chatgpt(after.split([':', ' ', '.', '"']).next().unwrap_or_default()),
        None => ["codex", "openai"].iter().any(|word| text.to_ascii_lowercase().contains(word)),
    }
}

/// The provider that an error text names, for messages without a field for it.
pub(super) fn provider_in(text: &str) -> Provider {
    let names = |forms: &[&str]| forms.iter().any(|form| text.contains(form));
    match () {
        () if text.contains("openai-codex") => Provider::OpenaiCodex,
        () if names(&["openai/", "openai:", "for openai", "Provider openai "]) => Provider::Openai,
        () => Provider::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_of_another_provider_is_not_ours() {
        assert!(is_our_refresh("OAuth token refresh failed for openai-codex: Failed to refresh OpenAI Codex token"));
        assert!(is_our_refresh("OAuth token refresh failed for openai: x"));
        assert!(!is_our_refresh("OAuth token refresh failed for anthropic: like OpenAI Codex"));
        assert!(is_our_refresh("OpenAI Codex token refresh failed (HTTP 401; code=refresh_token_reused)"));
    }

    #[test]
    fn a_login_is_passed_over_for_its_own_earlier_trouble_only() {
        let detail = "Provider openai-codex has auth issue (skipping all models)";
        assert!(is_passed_over("openai-codex", Some("auth"), detail));
        assert!(is_passed_over("openai", Some("auth_permanent"), detail));
        for (provider, reason, detail) in [
            ("other", Some("auth"), detail),
            ("openai-codex", Some("rate_limit"), "Provider openai-codex is in cooldown"),
            ("openai-codex", None, detail),
            ("openai-codex", Some("auth"), "401 Unauthorized"),
        ] {
            assert!(!is_passed_over(provider, reason, detail), "{provider} {reason:?} {detail}");
        }
    }

    #[test]
    fn a_reason_speaks_only_where_the_text_does_not() {
        assert_eq!(failure("something new", None, Some("rate_limit")).class, ErrorClass::RateLimit);
        assert_eq!(
            failure("401: Your authentication token has been invalidated.", None, Some("timeout")).class,
            ErrorClass::TokenInvalidated
        );
        assert_eq!(failure("", None, Some("unclassified")).class, ErrorClass::Unstated);
        let paused = |reason| failure("Provider openai-codex is in cooldown (all profiles unavailable)", None, Some(reason)).class;
        assert_eq!(paused("rate_limit"), ErrorClass::CooledByLimit);
        assert_eq!(paused("auth"), ErrorClass::Cooldown);
    }

    #[test]
    fn an_interface_tells_a_key_from_the_login() {
        for api in [None, Some(""), Some("openai-chatgpt-responses"), Some("openai-codex-responses")] {
            assert_eq!(provider_asked("openai", api), Provider::Openai, "{api:?}");
        }
        for api in ["openai-responses", "openai-completions"] {
            assert_eq!(provider_asked("openai", Some(api)), Provider::Other, "{api}");
        }
        assert_eq!(provider_asked("openai-codex", Some("openai-responses")), Provider::OpenaiCodex);
    }

    #[test]
    fn profiles_are_known_by_id_and_by_hash() {
        assert_eq!(is_chatgpt_profile("openai-codex:someone@example.test"), Some(true));
        assert_eq!(is_chatgpt_profile("anthropic:default"), Some(false));
        assert_eq!(is_chatgpt_profile("sha256:06bfb5171eff"), Some(true));
        assert_eq!(is_chatgpt_profile("sha256:000000000000"), None);
    }
}
