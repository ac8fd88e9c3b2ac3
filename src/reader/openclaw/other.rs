//! State that OpenClaw keeps beside transcripts, logs and stores: named, so that no file of a home
//! is passed over without a word.
//!
//! What holds evidence that is not read yet says so; what holds none is counted.

use super::outline::Outline;
use super::sniff;
use crate::event::{Client, EventKind, Version};
use crate::reader::json::{self, Members};
use crate::reader::{Context, Facts, Outcome, Sniff};
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

/// Members of a trajectory export that only repeat its events.
const EXPORTED: &[&str] =
    &["manifest.json", "session-branch.json", "metadata.json", "artifacts.json", "prompts.json", "system-prompt.txt", "tools.json"];

/// Folders of a state directory that hold neither turns nor credentials (2026.5.7 to 2026.9.6).
const QUIET_FOLDERS: &[&str] =
    &["workspace", "identity", "devices", "canvas", "tasks", "cron", "media", "skills", "completions", "tmp"];

/// Evidence that is not read: the answer of `openclaw models status --json`, which is computed
/// from `expires` only and calls a revoked token well.
pub(super) fn sniff_evidence(head: &Head<'_>) -> Sniff {
    let outline = Outline::of(head);
    let status = outline.has(1, "resolvedDefault") && outline.has(2, "unusableProfiles");
    if status { Sniff::Yes } else { Sniff::No }
}

/// A member of a support bundle (`openclaw gateway diagnostics export`, 2026.5.7 on) other than its
/// log, its configuration and its stability record.
pub(super) fn sniff_diagnostics(head: &Head<'_>) -> Sniff {
    let outline = Outline::of(head);
    let version = outline.has(1, "openclawVersion") || outline.has(2, "openclawVersion");
    if version || is_bundle_snapshot(head.name, &outline) || is_bundle_summary(head) { Sniff::Yes } else { Sniff::No }
}

/// Its manifest names the version that wrote the bundle.
pub(super) fn read_diagnostics(bytes: &[u8], _: &Context<'_>, facts: &mut Facts<'_>) -> Outcome {
    let text = json::text(bytes);
    let Ok(manifest) = Members::of(&text, &["openclawVersion", "generatedAt"]) else { return Outcome::Used };
    if let Some(version) = manifest.text("openclawVersion").and_then(|text| Version::listed(&text)) {
        let at = manifest.text("generatedAt").and_then(|at| crate::time::Stamp::parse(&at));
        facts.push(at, facts.whole(), EventKind::WrittenBy { client: Client::Openclaw, version: Some(version) });
    }
    Outcome::Used
}

/// Files that say nothing about turns or credentials.
pub(super) fn sniff_nothing(head: &Head<'_>) -> Sniff {
    let outline = Outline::of(head);
    let pointer = outline.has(1, "traceSchema") && outline.has(1, "runtimeFile");
    let models = head.name.ends_in("agents/*/agent/models.json") && outline.has(1, "providers");
    let health = outline.has(1, "entries") && outline.has(3, "lastKnownGood");
    let export = EXPORTED.contains(&head.name.file()) && is_exported(head.name);
    let branch = outline.has(1, "header") && outline.has(1, "leafId") && outline.has(1, "entries");
    let manifest = outline.has(1, "traceSchema") && outline.has(1, "eventCount");
    // Hermes keeps a file of this name too, without a version.
    let jobs = head.name.ends_in("cron/jobs.json") && outline.has(1, "jobs") && outline.has(1, "version");
    let lock = head.name.file().ends_with(".jsonl.lock") && outline.has(1, "pid");
    match () {
        () if pointer || models || health || export || branch || manifest || jobs || lock => Sniff::Yes,
        () if is_quiet(head.name) => Sniff::Maybe,
        () => Sniff::No,
    }
}

/// In the folder of a trajectory export (`trajectory-exports/openclaw-trajectory-<session>-<time>/`),
/// wherever that was taken.
fn is_exported(name: &Name) -> bool {
    let folder = name.parts().iter().rev().nth(1).copied().unwrap_or_default();
    folder.starts_with("openclaw-trajectory-") || name.ends_in("trajectory-exports/*/*")
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
