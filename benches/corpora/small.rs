//! A home as most people have it: 100 files of all clients, 20 MB in all.

use super::{Asked, Truth, logs, rollouts, stores, transcripts};
use std::path::Path;

/// Transcripts, rollouts, logs and two databases, each where its client keeps it.
pub(super) fn make(folder: &Path, asked: &Asked) -> Truth {
    let of = |bytes: u64, files: u64| Asked { bytes, files, ..*asked };
    let mut truth = Truth::default();
    truth.add(transcripts::make(&folder.join(".openclaw/agents/main/sessions"), &of(9 << 20, 64)));
    truth.add(logs::gateway(&folder.join("tmp"), &of(2 << 20, 4)));
    truth.add(rollouts::make(&folder.join(".codex"), &of(2 << 20, 24)));
    truth.add(logs::tui(&folder.join(".codex"), &of(1 << 20, 2)));
    truth.add(stores::codex(&folder.join(".codex"), &Asked { rows: 2_000, ..*asked }));
    truth.add(logs::agent(&folder.join(".hermes"), &of(1 << 20, 4)));
    truth.add(stores::hermes(&folder.join(".hermes"), &Asked { rows: 1_000, ..*asked }));
    truth
}
