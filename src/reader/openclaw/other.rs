//! State that OpenClaw keeps beside transcripts, logs and stores: named, so that no file of a home
//! is passed over without a word.
//!
//! What holds evidence that is not read yet says so; what holds none is counted.

use super::outline::Outline;
use super::sniff;
use crate::reader::Sniff;
use crate::reader::json;
use crate::source::{Head, Name};

/// Where such files stand below a state directory.
pub(super) const TAILS: &[&str] = &[
    "agents/*/sessions/*",
    "agents/*/agent/*",
    "credentials/auth-profiles/*",
    "locks/oauth-refresh/*",
    "logs/stability/*",
    "logs/*",
    "cron/runs/*",
    "cron/*",
    "workspace/*/*",
    "workspace/*",
    "identity/*",
    "devices/*",
    "canvas/*",
];

/// Folders of a state directory that hold neither turns nor credentials (2026.5.7 to 2026.9.6).
const QUIET_FOLDERS: &[&str] =
    &["workspace", "identity", "devices", "canvas", "tasks", "cron", "media", "skills", "completions", "tmp"];

/// A trajectory: one flight-recorder event per line.
pub(super) fn sniff_trajectory(head: &Head<'_>) -> Sniff {
    let Some((line, _)) = head.first_line() else { return Sniff::No };
    let start = json::text(line.get(..400).unwrap_or(line)).replace(' ', "");
    if start.starts_with('{') && start.contains(r#""traceSchema":"openclaw-trajectory","#) { Sniff::Yes } else { Sniff::No }
}

/// Evidence that is not read: refresh locks that a crash left behind, encrypted credentials,
/// runs of scheduled jobs, and the answer of `openclaw models status --json`.
pub(super) fn sniff_evidence(head: &Head<'_>) -> Sniff {
    let name = head.name;
    let lock = name.ends_in("locks/oauth-refresh/*");
    let sidecar = name.ends_in("credentials/auth-profiles/*") && Outline::of(head).has(1, "encrypted");
    let runs = name.ends_in("cron/runs/*") && name.file().ends_with(".jsonl");
    let outline = Outline::of(head);
    let status = outline.has(1, "resolvedDefault") && outline.has(2, "unusableProfiles");
    if lock || sidecar || runs || status { Sniff::Yes } else { Sniff::No }
}

/// Files that say nothing about turns or credentials.
pub(super) fn sniff_nothing(head: &Head<'_>) -> Sniff {
    let outline = Outline::of(head);
    let pointer = outline.has(1, "traceSchema") && outline.has(1, "runtimeFile");
    let models = head.name.ends_in("agents/*/agent/models.json") && outline.has(1, "providers");
    let health = outline.has(1, "entries") && outline.has(3, "lastKnownGood");
    let version = outline.has(1, "openclawVersion") || outline.has(2, "openclawVersion");
    let bundle = version || is_bundle_snapshot(head.name, &outline) || is_bundle_summary(head);
    let stability = head.name.ends_in("logs/stability/*") || head.name.ends_in("stability/latest.json");
    let lock = head.name.file().ends_with(".jsonl.lock") && outline.has(1, "pid");
    match () {
        () if pointer || models || health || bundle || stability || lock => Sniff::Yes,
        () if is_quiet(head.name) => Sniff::Maybe,
        () => Sniff::No,
    }
}

/// Snapshots in a support bundle (`openclaw gateway diagnostics export`, 2026.5.7).
fn is_bundle_snapshot(name: &Name, outline: &Outline<'_>) -> bool {
    let status = ["status/gateway-status.json", "health/gateway-health.json"].iter().any(|tail| name.ends_in(tail));
    (status && outline.has(1, "capturedAt")) || (name.ends_in("config/shape.json") && outline.has(1, "parseOk"))
}

fn is_bundle_summary(head: &Head<'_>) -> bool {
    head.first_line().is_some_and(|(line, _)| line == b"# OpenClaw Diagnostics Export")
}

/// In one of the quiet folders of a state directory. Any other format's content goes first, and
/// a database is never quiet.
fn is_quiet(name: &Name) -> bool {
    let parts = name.parts();
    !name.file().contains(".sqlite")
        && parts.windows(2).any(|pair| sniff::is_state_dir(pair[0]) && QUIET_FOLDERS.contains(&pair[1]))
}
