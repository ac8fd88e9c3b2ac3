//! `config.yaml`: read for one thing only, whether fallback models are set up.
//!
//! Hermes looks at `fallback_providers` (a list) and else at `fallback_model` (a provider and a
//! model, or a list of such); an entry without both is ignored by it (0.13, 0.19). The two keys
//! stand at the top level, so the file is read by its lines, without a YAML parser. A copy in a
//! snapshot says nothing about the configuration now.

use crate::event::{EventKind, SourceKind};
use crate::reader::{Context, Facts, Format, Outcome, Shape, Sniff, json};
use crate::source::Head;

/// The row of the table.
pub(super) const FORMAT: Format = Format {
    kind: SourceKind::HermesOther,
    sniff,
    shape: Shape::Whole(read),
    tails: &["state-snapshots/*/*", "backups/*/*"],
    outside: false,
};

/// Top-level keys that no other program's `config.yaml` is known to have.
const OWN_KEYS: [&str; 6] =
    ["platform_toolsets", "fallback_providers", "fallback_model", "toolsets", "_config_version", "credential_pool_strategies"];

fn sniff(head: &Head<'_>) -> Sniff {
    let text = json::text(head.bytes);
    let own = || text.lines().filter_map(top_key).any(|(key, _)| OWN_KEYS.contains(&key));
    let model = || {
        let inside = block(&text, "model").unwrap_or_default();
        inside.iter().any(|line| line.starts_with("provider:")) && inside.iter().any(|line| line.starts_with("default:"))
    };
    if head.name.file() == "config.yaml" && (own() || model()) { Sniff::Yes } else { Sniff::No }
}

fn read(bytes: &[u8], context: &Context<'_>, facts: &mut Facts<'_>) -> Outcome {
    let text = json::text(bytes);
    let list = block(&text, "fallback_providers").is_some_and(|lines| lines.iter().any(|line| names_an_entry(line)));
    let model = block(&text, "fallback_model").is_some_and(|lines| {
        let has = |key: &str| lines.iter().any(|line| filled(line.trim_start_matches("- "), key));
        has("provider") && has("model")
    });
    if !context.name.ends_in("state-snapshots/*/*") && !context.name.ends_in("backups/*/*") {
        facts.push(None, facts.whole(), EventKind::FallbackConfigured(list || model));
    }
    Outcome::Used
}

/// `key: value` at the start of a line.
fn top_key(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.trim_start_matches('\u{feff}').split_once(':')?;
    let plain = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    plain.then(|| (key, value.trim()))
}

/// What stands below a top-level key: its value on the same line, then the lines of its block,
/// trimmed. None when the key is absent.
fn block<'t>(text: &'t str, wanted: &str) -> Option<Vec<&'t str>> {
    let mut lines = text.lines();
    let value = lines.by_ref().find_map(|line| top_key(line).filter(|(key, _)| *key == wanted).map(|(_, value)| value))?;
    let below = lines.take_while(|line| line.is_empty() || line.starts_with([' ', '\t', '-', '#'])).map(str::trim);
    Some(std::iter::once(value).chain(below).filter(|line| !line.is_empty() && !line.starts_with('#')).collect())
}

/// Does a line of a list name a provider or model (`- provider: x`, `- x/y`, `[{provider: x}]`)?
fn names_an_entry(line: &str) -> bool {
    let item = line.trim_start_matches("- ").trim();
    match () {
        () if line.starts_with("- ") => !item.is_empty() && !matches!(item, "null" | "~" | "{}" | "''" | "\"\""),
        () if line.starts_with('[') => line.chars().any(char::is_alphanumeric),
        () => filled(line, "provider"),
    }
}

/// Is this `key: value` with a value? Also inside `{provider: x, model: y}`.
fn filled(line: &str, key: &str) -> bool {
    let inside = line.trim_matches(|c| matches!(c, '{' | '}' | '[' | ']'));
    inside.split(',').filter_map(|part| part.split_once(':')).any(|(name, value)| {
        let value = value.trim().trim_matches(|c| matches!(c, '\'' | '"' | '}' | ']'));
        name.trim().trim_matches(|c| matches!(c, '\'' | '"' | '{')) == key && !matches!(value, "" | "null" | "~")
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::read_file;
    use super::*;

    fn configured(text: &str) -> Option<bool> {
        let (_, stated) = read_file("h/config.yaml", text.as_bytes());
        stated.events.into_iter().find_map(|e| if let EventKind::FallbackConfigured(yes) = e.kind { Some(yes) } else { None })
    }

    #[test]
    fn every_way_to_write_a_fallback() {
        const HEAD: &str = "model:\n  default: gpt-5.4\n  provider: openai-codex\n";
        for (tail, want) in [
            ("", false),
            ("fallback_providers: []\n", false),
            ("fallback_providers:\n- provider: openrouter\n  model: x\n", true),
            ("fallback_providers:\n  - openrouter/x\nterminal:\n  backend: local\n", true),
            ("fallback_providers: [{provider: openrouter, model: x}]\n", true),
            ("fallback_model: {}\n", false),
            ("fallback_model:\n  provider: openrouter\n  # none\n", false),
            ("fallback_model:\r\n  provider: openrouter\r\n  model: x\r\n", true),
            ("agent:\n  fallback_model:\n    provider: a\n    model: b\n", false),
        ] {
            assert_eq!(configured(&format!("{HEAD}{tail}")), Some(want), "{tail}");
        }
        assert_eq!(configured("services:\n  web: x\n"), None);
    }

    #[test]
    fn a_snapshot_says_nothing_about_now() {
        let (outcome, stated) = read_file("h/state-snapshots/20260510-061502/config.yaml", b"toolsets:\n- x\n");
        assert!(outcome == vec![Outcome::Used] && stated.is_empty());
    }
}
