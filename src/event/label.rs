//! The few strings of the input that may be printed: provider, model and version names that
//! pass an allow-list. Anything else becomes an ordinal in the report.

use crate::secret::Key;
use std::sync::Arc;

/// Who was asked for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provider {
    /// ChatGPT/Codex backend under its own name (`openai-codex`).
    OpenaiCodex,
    /// `openai`: the same backend in Codex, opencode and newer OpenClaw.
    Openai,
    /// Anthropic.
    Anthropic,
    /// Google.
    Google,
    /// OpenRouter.
    Openrouter,
    /// Nous Portal.
    Nous,
    /// xAI.
    Xai,
    /// GitHub Copilot.
    GithubCopilot,
    /// A provider that is not in the list.
    Other,
    /// Not stated.
    Unknown,
}

impl Provider {
    /// The provider an input word names.
    pub fn of(word: &str) -> Provider {
        match word {
            "openai-codex" | "codex" => Provider::OpenaiCodex,
            "openai" => Provider::Openai,
            "anthropic" => Provider::Anthropic,
            "google" | "gemini" => Provider::Google,
            "openrouter" => Provider::Openrouter,
            "nous" => Provider::Nous,
            "xai" => Provider::Xai,
            "github-copilot" => Provider::GithubCopilot,
            "" => Provider::Unknown,
            _ => Provider::Other,
        }
    }

    /// The name that is printed.
    pub fn word(self) -> &'static str {
        match self {
            Provider::OpenaiCodex => "openai-codex",
            Provider::Openai => "openai",
            Provider::Anthropic => "anthropic",
            Provider::Google => "google",
            Provider::Openrouter => "openrouter",
            Provider::Nous => "nous",
            Provider::Xai => "xai",
            Provider::GithubCopilot => "github-copilot",
            Provider::Other => "other",
            Provider::Unknown => "unknown",
        }
    }

    /// True where the ChatGPT login is (or may be) what authorizes the call.
    pub fn is_chatgpt(self) -> bool {
        matches!(self, Provider::OpenaiCodex | Provider::Openai)
    }
}

/// A model name: printable when every part of it is on the list, else known by key only.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Model {
    /// Family words and short numbers only, so it can be printed.
    Listed(Arc<str>),
    /// Anything else.
    Unlisted(Key),
}

/// Words a printable model name may be made of, beside numbers of up to three digits.
const MODEL_WORDS: &[&str] = &[
    "chat", "chatgpt", "claude", "codex", "coder", "deepseek", "fast", "flash", "gemini", "gemma", "glm", "gpt", "grok", "haiku",
    "hermes", "high", "instruct", "kimi", "large", "latest", "lite", "llama", "low", "luna", "max", "medium", "mini", "mistral",
    "mixtral", "nano", "o", "opus", "oss", "preview", "pro", "qwen", "reasoner", "small", "sol", "sonnet", "spark", "terra",
    "thinking", "turbo", "v", "xhigh",
];

impl Model {
    /// The printable form of `name`, if it is made of listed words and short numbers.
    pub fn listed(name: &str) -> Option<Model> {
        let ok = !name.is_empty() && name.len() <= 40 && name.split(['-', '_']).all(listed_part);
        ok.then(|| Model::Listed(name.into()))
    }
}

/// `gpt`, `5.5`, `4o`, `o3`, `v3`: at most one listed word with at most one short number around it.
fn listed_part(part: &str) -> bool {
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    let word = part.trim_matches(is_number);
    let digits = part.chars().filter(char::is_ascii_digit).count();
    let dots = part.matches('.').count();
    !part.is_empty() && digits <= 3 && dots <= 2 && (word.is_empty() || MODEL_WORDS.contains(&word))
}

/// A program version: digits and dots only.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(Box<str>);

impl Version {
    /// The version in `text`, if it is made of one to four short numbers.
    pub fn listed(text: &str) -> Option<Version> {
        let parts: Vec<&str> = text.trim().trim_start_matches('v').split('.').collect();
        let ok = (1..=4).contains(&parts.len())
            && parts.iter().all(|p| (1..=4).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()));
        ok.then(|| Version(parts.join(".").into()))
    }

    /// Is it this version or a later one? Parts that are not named count as 0.
    pub fn is_at_least(&self, parts: &[u32]) -> bool {
        let own: Vec<u32> = self.0.split('.').map(|n| n.parse().unwrap_or(0)).collect();
        own.as_slice() >= parts
    }

    /// The text that is printed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn model_names_pass_only_when_every_part_is_listed() {
        for good in ["gpt-5.5", "gpt-5.2-codex", "gpt-4o", "o3-mini", "claude-sonnet-4-6", "gpt-6.1-sol", "gemini-2.5-pro"] {
            assert!(Model::listed(good).is_some(), "{good}");
        }
        for bad in ["", "alice-model", "gpt-5.5-acme", "gpt-20260101", "../x", "gpt 5", "ft:gpt-4o:corp"] {
            assert!(Model::listed(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn versions_are_digits_and_dots() {
        assert_eq!(Version::listed("v0.13.0").map(|v| v.as_str().to_owned()), Some("0.13.0".to_owned()));
        assert!(Version::listed("2026.5.12-beta.1").is_none());
        assert!(Version::listed("10.0.0.1.2").is_none());
        assert!(Version::listed("127.0.0.12345").is_none());
    }
}
