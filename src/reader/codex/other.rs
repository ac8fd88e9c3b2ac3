//! What Codex keeps beside rollouts, logs and logins. It says nothing about turns or credentials and
//! is recognised so that the report can say that it was seen and understood.

use super::ident;
use crate::reader::Sniff;
use crate::reader::json::{self, Members};
use crate::source::Head;

/// Everything else of a CODEX_HOME.
pub(super) fn sniff(head: &Head<'_>) -> Sniff {
    match is_lock(head) || is_installation_id(head) || is_login_talk(head) || is_object(head) {
        true => Sniff::Yes,
        false => Sniff::No,
    }
}

/// Empty lock files of the background server (0.169).
fn is_lock(head: &Head<'_>) -> bool {
    const NAMES: [&str; 3] = ["daemon.lock", "daemon.pid.lock", "daemon-updater.pid.lock"];
    head.whole && head.bytes.is_empty() && NAMES.contains(&head.name.file())
}

/// A bare UUID; only the name makes it Codex's.
fn is_installation_id(head: &Head<'_>) -> bool {
    head.name.file() == "installation_id" && ident::is_uuid(json::text(head.bytes).trim())
}

/// What `codex login`, `login status` and `logout` print (0.98 to 0.169): no time, no name.
fn is_login_talk(head: &Head<'_>) -> bool {
    const WHOLE: [&[u8]; 3] = [b"Not logged in", b"Logged in using ChatGPT", b"Successfully logged out"];
    let text = head.bytes.trim_ascii();
    text.starts_with(b"Starting local login server on http://localhost:") || (head.whole && WHOLE.contains(&text))
}

/// Objects that their members give away: thread names, update and model caches.
fn is_object(head: &Head<'_>) -> bool {
    let Some((first, whole)) = head.first_line() else { return false };
    if first.first() != Some(&b'{') {
        return false;
    }
    // Pretty objects go over several lines.
    let bytes = if whole && first.ends_with(b"}") { first } else { head.bytes };
    let text = json::text(bytes);
    const KEYS: [&str; 7] = ["id", "thread_name", "updated_at", "latest_version", "last_checked_at", "fetched_at", "models"];
    let Ok(object) = Members::of(&text, &KEYS) else { return false };
    let has = |keys: &[&str]| keys.iter().all(|key| object.raw(key).is_some());
    (has(&["id", "thread_name", "updated_at"]) && object.text("id").is_some_and(|id| ident::is_uuid(&id)))
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
            ("session_index.jsonl", format!("{{\"id\":\"{id}\",\"thread_name\":\"n\",\"updated_at\":\"2026-05-10T06:00:00Z\"}}\n")),
            ("installation_id", id.to_owned()),
            ("step.err", "Successfully logged out\n".to_owned()),
            ("step.err", "Starting local login server on http://localhost:1455.\nIf your browser".to_owned()),
            (
                "version.json",
                "{\n  \"latest_version\": \"0.130.0\",\n  \"last_checked_at\": \"2026-05-10T06:00:00Z\"\n}".to_owned(),
            ),
        ] {
            assert_eq!(sniffed(sniff, name, text.as_bytes()), Sniff::Yes, "{name}");
        }
        for (name, text) in [("x", String::new()), ("x", "Not logged in to the shop\n".to_owned()), ("id", id.to_owned())] {
            assert_eq!(sniffed(sniff, name, text.as_bytes()), Sniff::No, "{name}");
        }
    }
}
