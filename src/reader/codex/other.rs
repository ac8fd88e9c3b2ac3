//! What Codex keeps beside rollouts, logs and logins. It says nothing about turns or credentials and
//! is recognised so that the report can say that it was seen and understood. What its login commands
//! print is read, since a logout stands nowhere else (0.98 to 0.169).

use super::ident;
use crate::event::{ErrorClass, EventKind, Failure, Level, StoreTrouble, TroubleKind};
use crate::reader::json::{self, Members};
use crate::reader::{Context, Facts, Outcome, Sniff};
use crate::source::Head;

/// Everything else of a CODEX_HOME.
pub(super) fn sniff(head: &Head<'_>) -> Sniff {
    match is_lock(head) || is_installation_id(head) || is_object(head) {
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

const LOGGED_OUT: &[u8] = b"Successfully logged out";
const NOT_LOGGED_IN: &[u8] = b"Not logged in";

/// What `codex login`, `login status` and `logout` print (0.98 to 0.169): no time, no name.
pub(super) fn sniff_login_talk(head: &Head<'_>) -> Sniff {
    const WHOLE: [&[u8]; 3] = [NOT_LOGGED_IN, b"Logged in using ChatGPT", LOGGED_OUT];
    let text = head.bytes.trim_ascii();
    match text.starts_with(b"Starting local login server on http://localhost:") || (head.whole && WHOLE.contains(&text)) {
        true => Sniff::Yes,
        false => Sniff::No,
    }
}

/// A logout, or that there is no login. When that was is not known.
pub(super) fn read_login_talk(bytes: &[u8], _: &Context<'_>, facts: &mut Facts<'_>) -> Outcome {
    let kind = match bytes.trim_ascii() {
        LOGGED_OUT => EventKind::Logout,
        NOT_LOGGED_IN => {
            let failure = Some(Failure { class: ErrorClass::NoCredential, level: Level::Sentence });
            EventKind::Trouble(StoreTrouble { kind: TroubleKind::NoneLeft, section: None, failure, until: None })
        }
        _ => return Outcome::Used,
    };
    facts.push(None, facts.whole(), kind);
    Outcome::Used
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
    use crate::reader::codex::testing::{sniffed, whole};

    #[test]
    fn a_logout_is_stated_and_a_login_server_is_not() {
        let events = |text: &str| -> Vec<&'static str> {
            assert_eq!(sniffed(sniff_login_talk, "step.err", text.as_bytes()), Sniff::Yes, "{text}");
            let word = |kind: &EventKind| match kind {
                EventKind::Logout => "logout",
                EventKind::Trouble(t) if t.kind == TroubleKind::NoneLeft => "none",
                _ => "other",
            };
            whole(read_login_talk, "step.err", text.as_bytes()).iter().map(|event| word(&event.kind)).collect()
        };
        assert_eq!(events("Successfully logged out\n"), ["logout"]);
        assert_eq!(events("Not logged in\r\n"), ["none"]);
        assert!(events("Logged in using ChatGPT\n").is_empty());
        assert!(events("Starting local login server on http://localhost:1455.\nSuccessfully logged out").is_empty());
        assert_eq!(sniffed(sniff_login_talk, "x", b"Not logged in to the shop\n"), Sniff::No);
    }

    #[test]
    fn each_by_its_content() {
        let id = "019e1234-aaaa-7bbb-8ccc-0123456789ab";
        for (name, text) in [
            ("session_index.jsonl", format!("{{\"id\":\"{id}\",\"thread_name\":\"n\",\"updated_at\":\"2026-05-10T06:00:00Z\"}}\n")),
            ("installation_id", id.to_owned()),
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
