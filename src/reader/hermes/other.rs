//! Files that Hermes keeps and that say nothing about turns or credentials: indexes, process
//! state, manifests, diagnostics. Counted, not parsed, so that they are not called unknown.

use super::head::{self, contains};
use crate::event::SourceKind;
use crate::reader::{Format, Shape, Sniff};
use crate::source::Head;

/// The row of the table.
pub(super) const FORMAT: Format = Format {
    kind: SourceKind::HermesOther,
    sniff,
    shape: Shape::Nothing,
    tails: &["state-snapshots/*/*", "logs/*", "sessions/*", "state/*", "cron/*"],
    outside: false,
};

fn sniff(head: &Head<'_>) -> Sniff {
    let ours = if head::is_object(head) { is_state(head) } else { is_text(head) };
    if ours { Sniff::Yes } else { Sniff::No }
}

/// JSON state, by its keys; the name decides only where the keys are common words.
fn is_state(head: &Head<'_>) -> bool {
    let has = |wanted: &[&str]| head::has_keys(head.bytes, wanted);
    match head.name.file() {
        "sessions.json" => contains(head.bytes, "\"session_key\"") && contains(head.bytes, "\"session_id\""),
        "channel_directory.json" => has(&["updated_at", "platforms"]),
        "manifest.json" => has(&["id", "timestamp", "file_count", "files"]) && head.name.ends_in("state-snapshots/*/*"),
        "jobs.json" => has(&["jobs"]) && head.name.ends_in("cron/*"),
        "gateway.heartbeat" => has(&["pid", "monotonic"]),
        // Training data that a run may save: conversations without sessions, written when asked to.
        "trajectory_samples.jsonl" | "failed_trajectories.jsonl" => has(&["conversations", "completed"]),
        _ => has(&["kind", "gateway_state"]) && contains(head.bytes, "\"hermes-gateway\""),
    }
}

fn is_text(head: &Head<'_>) -> bool {
    head.name.file() == "gateway-shutdown-diag.log" && head.bytes.trim_ascii_start().starts_with(b"=== shutdown diagnostic @")
}

#[cfg(test)]
mod tests {
    use super::super::tests::kind_of;
    use super::*;

    #[test]
    fn content_and_name_together_make_it_clear() {
        for (name, text) in [
            (
                "h/sessions/sessions.json",
                r#"{"agent:main:x":{"session_key":"agent:main:x","session_id":"20260510_081410_ab12cd34"}}"#,
            ),
            ("h/gateway_state.json", r#"{"pid":1,"kind":"hermes-gateway","argv":[],"gateway_state":"running"}"#),
            (
                "h/state-snapshots/20260510-061502/manifest.json",
                r#"{"id":"20260510-061502","timestamp":"x","file_count":1,"files":{}}"#,
            ),
            ("failed_trajectories.jsonl", r#"{"conversations":[{"from":"human"}],"timestamp":"x","model":"y","completed":false}"#),
            ("h/logs/gateway-shutdown-diag.log", "=== shutdown diagnostic @ SIGTERM ===\n"),
        ] {
            assert_eq!(kind_of(name, text.as_bytes()), Some(SourceKind::HermesOther), "{name}");
        }
        assert_eq!(kind_of("h/manifest.json", br#"{"id":1,"timestamp":2,"file_count":3,"files":4}"#), None);
        assert_eq!(kind_of("h/notes.txt", b"hello"), None);
    }
}
