//! Small files of a home that state one thing: `config.toml`, where the login is kept; the lock files
//! of a build that guards its store; `daemon.pid`, when the background server started.

use super::ident;
use crate::event::EventKind;
use crate::reader::json::{self, Members};
use crate::reader::{Context, Facts, Outcome, Sniff};
use crate::source::Head;

/// `config.toml` of a `.codex` folder, or with a setting or table that only Codex has.
pub(super) fn sniff_config(head: &Head<'_>) -> Sniff {
    const STARTS: [&str; 13] = [
        "[projects.",
        "[mcp_servers",
        "[model_providers",
        "[profiles.",
        "[tui]",
        "[tui.",
        "[notice]",
        "[notice.",
        "approval_policy",
        "sandbox_mode",
        "model_provider",
        "model_reasoning_effort",
        STORE,
    ];
    let file = head.name.file();
    let named = file == "config.toml" || file.starts_with("config.toml.") || file.ends_with(".config.toml");
    let text = json::text(head.bytes);
    let own = || text.lines().any(|line| STARTS.iter().any(|start| line.trim_start().starts_with(start)));
    match named && (head.name.ends_in(".codex/config.toml") || own()) {
        true => Sniff::Yes,
        false => Sniff::No,
    }
}

/// Where the login is kept: `file` (the default), `keyring`, `auto` (the keyring if it works),
/// `ephemeral` (0.130 to 0.169).
const STORE: &str = "cli_auth_credentials_store";

/// Read it for that setting alone, which stands at the top level. Copies say nothing of now.
pub(super) fn read_config(bytes: &[u8], context: &Context<'_>, facts: &mut Facts<'_>) -> Outcome {
    let text = json::text(bytes);
    let top = text.lines().map(|line| line.trim_start_matches('\u{feff}').trim()).take_while(|line| !line.starts_with('['));
    let stated = top.filter_map(|line| line.strip_prefix(STORE)?.trim_start().strip_prefix('=')).last();
    let word = stated.map(|value| value.split('#').next().unwrap_or_default().trim().trim_matches(['"', '\'']));
    if matches!(word, Some("keyring" | "auto")) && context.name.file() == "config.toml" {
        facts.push(None, facts.whole(), EventKind::KeptElsewhere);
    }
    Outcome::Used
}

/// Empty lock files of the login (0.169 on). Their time is that of the first write under such a
/// build; a copy does not keep it, so that they are there is all that is said.
pub(super) fn sniff_lock(head: &Head<'_>) -> Sniff {
    match head.whole && head.bytes.is_empty() && ["auth.lock", "auth.json.lock"].contains(&head.name.file()) {
        true => Sniff::Yes,
        false => Sniff::No,
    }
}

/// State that the store is guarded.
pub(super) fn read_lock(_: &[u8], context: &Context<'_>, facts: &mut Facts<'_>) -> Outcome {
    facts.push(None, facts.whole(), EventKind::Locked { since: context.modified });
    Outcome::Used
}

/// `app-server-daemon/daemon.pid`: `{"pid","processStartTime":"Sun Nov 22 17:52:51 2026",…}`.
pub(super) fn sniff_daemon(head: &Head<'_>) -> Sniff {
    let text = json::text(head.bytes);
    let is = Members::of(text.trim(), &["pid", "processStartTime"])
        .is_ok_and(|object| object.raw("pid").is_some() && object.raw("processStartTime").is_some());
    if head.whole && is { Sniff::Yes } else { Sniff::No }
}

/// When it started, in local time without a zone.
pub(super) fn read_daemon(bytes: &[u8], _: &Context<'_>, facts: &mut Facts<'_>) -> Outcome {
    let text = json::text(bytes);
    match Members::of(text.trim(), &["processStartTime"]) {
        Ok(object) => {
            if let Some(at) = object.text("processStartTime").as_deref().and_then(ident::ctime) {
                facts.push(Some(at), facts.whole(), EventKind::Started { version: None });
            }
            Outcome::Used
        }
        Err(reason) => Outcome::Skipped(reason),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::event::Event;
    use crate::reader::codex::testing::{sniffed, whole};
    use crate::time::Stamp;

    #[test]
    fn a_keyring_is_said() {
        let said = |text: &str| !whole(read_config, "/h/.codex/config.toml", text.as_bytes()).is_empty();
        assert!(said("model = \"x\"\ncli_auth_credentials_store = \"keyring\" # here\n[tui]\n"));
        assert!(said("cli_auth_credentials_store='auto'\r\n"));
        assert!(!said("cli_auth_credentials_store = \"file\"\n"));
        assert!(!said("[profiles.x]\ncli_auth_credentials_store = \"keyring\"\n"));
        assert!(!said("# cli_auth_credentials_store = \"keyring\"\n"));
        assert_eq!(sniffed(sniff_config, "config.toml", b"[package]\nname = \"x\"\n"), Sniff::No);
    }

    #[test]
    fn locks_and_daemons() {
        assert_eq!(sniffed(sniff_lock, "auth.lock", b""), Sniff::Yes);
        assert_eq!(sniffed(sniff_lock, "x.lock", b""), Sniff::No);
        let text = br#"{"pid":88,"processStartTime":"Sun Nov  2 17:52:51 2026"}"#;
        assert_eq!(sniffed(sniff_daemon, "daemon.pid", text), Sniff::Yes);
        let events = whole(read_daemon, "daemon.pid", text);
        let [Event { at: Some(at), kind: EventKind::Started { .. }, .. }] = events[..] else { panic!("{events:?}") };
        assert_eq!(Some(at), Stamp::parse("2026-11-02T17:52:51"));
        assert!(at.is_local());
    }
}
