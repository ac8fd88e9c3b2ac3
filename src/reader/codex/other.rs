//! What Codex keeps beside rollouts, logs and logins, and captures of `codex exec --json`.
//!
//! The former says nothing about turns or credentials; it is recognised so that the report can
//! say that it was seen and understood. A capture holds turns, but this version does not read it.

use super::ident;
use crate::reader::Sniff;
use crate::reader::json::{self, Members};
use crate::source::Head;

/// `codex exec --json` (standard output): the first object begins a thread. Builds before about
/// October 2025 wrapped protocol events as `{"id","msg":{"type":…}}`.
pub(super) fn sniff_capture(head: &Head<'_>) -> Sniff {
    let is_event = |line: &[u8]| {
        let text = json::text(line);
        let Ok(event) = Members::of(&text, &["type", "thread_id", "id", "msg"]) else { return false };
        let begins = event.text("type").as_deref() == Some("thread.started") && event.raw("thread_id").is_some();
        let wrapped = event.raw("id").is_some() && event.inner("msg", &["type"]).is_some_and(|m| m.text("type").is_some());
        begins || wrapped
    };
    match head.lines().filter(|l| l.first() == Some(&b'{')).take(3).any(is_event) {
        true => Sniff::Yes,
        false => Sniff::No,
    }
}

/// Everything else of a CODEX_HOME.
pub(super) fn sniff(head: &Head<'_>) -> Sniff {
    match is_lock(head) || is_installation_id(head) || is_config(head) || is_login_talk(head) || is_object(head) {
        true => Sniff::Yes,
        false => Sniff::No,
    }
}

/// Empty lock files (0.169); their times are those of the first write.
fn is_lock(head: &Head<'_>) -> bool {
    const NAMES: [&str; 5] = ["auth.lock", "auth.json.lock", "daemon.lock", "daemon.pid.lock", "daemon-updater.pid.lock"];
    head.whole && head.bytes.is_empty() && NAMES.contains(&head.name.file())
}

/// A bare UUID; only the name makes it Codex's.
fn is_installation_id(head: &Head<'_>) -> bool {
    head.name.file() == "installation_id" && ident::is_uuid(json::text(head.bytes).trim())
}

/// `config.toml` with a setting or table that only Codex has.
fn is_config(head: &Head<'_>) -> bool {
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
        "cli_auth_credentials_store",
    ];
    let file = head.name.file();
    let named = file == "config.toml" || file.starts_with("config.toml.") || file.ends_with(".config.toml");
    let text = json::text(head.bytes);
    named && text.lines().any(|line| STARTS.iter().any(|start| line.trim_start().starts_with(start)))
}

/// What `codex login`, `login status` and `logout` print (0.98 to 0.169): no time, no name.
fn is_login_talk(head: &Head<'_>) -> bool {
    const WHOLE: [&[u8]; 3] = [b"Not logged in", b"Logged in using ChatGPT", b"Successfully logged out"];
    let text = head.bytes.trim_ascii();
    text.starts_with(b"Starting local login server on http://localhost:") || (head.whole && WHOLE.contains(&text))
}

/// Objects that their members give away: prompt history, thread names, daemon state, update and
/// model caches.
fn is_object(head: &Head<'_>) -> bool {
    let Some((first, whole)) = head.first_line() else { return false };
    if first.first() != Some(&b'{') {
        return false;
    }
    // Pretty objects go over several lines.
    let bytes = if whole && first.ends_with(b"}") { first } else { head.bytes };
    let text = json::text(bytes);
    const KEYS: [&str; 13] = [
        "session_id",
        "conversation_id",
        "ts",
        "text",
        "id",
        "thread_name",
        "updated_at",
        "pid",
        "processStartTime",
        "latest_version",
        "last_checked_at",
        "fetched_at",
        "models",
    ];
    let Ok(object) = Members::of(&text, &KEYS) else { return false };
    let has = |keys: &[&str]| keys.iter().all(|key| object.raw(key).is_some());
    let thread = object.text("session_id").or_else(|| object.text("conversation_id"));
    let is_history = thread.is_some_and(|id| ident::is_uuid(&id)) && object.number("ts").is_some() && has(&["text"]);
    is_history
        || (has(&["id", "thread_name", "updated_at"]) && object.text("id").is_some_and(|id| ident::is_uuid(&id)))
        || has(&["pid", "processStartTime"])
        || has(&["latest_version", "last_checked_at"])
        || (has(&["fetched_at", "models"]) && head.name.file().starts_with("models_cache"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::codex::testing::sniffed;

    #[test]
    fn each_by_its_content() {
        let id = "019e1234-aaaa-7bbb-8ccc-0123456789ab";
        for (name, text) in [
            ("history.jsonl", format!("{{\"session_id\":\"{id}\",\"ts\":1795366376,\"text\":\"hi\"}}\n{{\"se")),
            ("h", format!("{{\"conversation_id\":\"{id}\",\"ts\":1795366376,\"text\":\"hi\"}}\n")),
            ("session_index.jsonl", format!("{{\"id\":\"{id}\",\"thread_name\":\"n\",\"updated_at\":\"2026-05-10T06:00:00Z\"}}\n")),
            ("installation_id", id.to_owned()),
            ("config.toml", "model = \"x\"\n[projects.\"/a\"]\ntrust_level = \"trusted\"\n".to_owned()),
            ("daemon.pid", "{\"pid\":88,\"processStartTime\":\"Sun Nov 22 17:52:51 2026\"}".to_owned()),
            ("auth.lock", String::new()),
            ("step.err", "Successfully logged out\n".to_owned()),
            ("step.err", "Starting local login server on http://localhost:1455.\nIf your browser".to_owned()),
            (
                "version.json",
                "{\n  \"latest_version\": \"0.130.0\",\n  \"last_checked_at\": \"2026-05-10T06:00:00Z\"\n}".to_owned(),
            ),
        ] {
            assert_eq!(sniffed(sniff, name, text.as_bytes()), Sniff::Yes, "{name}");
        }
        for (name, text) in [
            ("x", String::new()),
            ("x", "Not logged in to the shop\n".to_owned()),
            ("id", id.to_owned()),
            ("config.toml", "[package]\nname = \"x\"\n".to_owned()),
            ("history.jsonl", "{\"ts\":1795366376,\"text\":\"hi\"}".to_owned()),
        ] {
            assert_eq!(sniffed(sniff, name, text.as_bytes()), Sniff::No, "{name}");
        }
    }

    #[test]
    fn captures() {
        let text = "Reading additional input from stdin...\n{\"type\":\"thread.started\",\"thread_id\":\"x\"}\n{\"type\":\"turn.started\"}\n";
        assert_eq!(sniffed(sniff_capture, "out", text.as_bytes()), Sniff::Yes);
        assert_eq!(sniffed(sniff_capture, "out", b"{\"type\":\"session\",\"id\":\"x\"}\n"), Sniff::No);
    }
}
