//! What sources are called in print: their place in their home, with every part that is not on
//! the list replaced by an ordinal.
//!
//! `/home/alice/.openclaw/agents/billing/sessions/3f….jsonl` prints as
//! `.openclaw/agents/agent-1/sessions/session-4.jsonl`. Ordinals follow the printed order of
//! sources, never names.

use crate::evidence::SourceRecord;
use crate::reader;
use crate::source::Name;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

/// Folder names that clients make themselves.
const FOLDERS: &[&str] = &[
    ".codex",
    ".hermes",
    ".openclaw",
    ".clawdbot",
    ".pi",
    ".config",
    ".vscode-server",
    ".local",
    "Code",
    "account-sessions",
    "agent",
    "agents",
    "app-server-daemon",
    "archived_sessions",
    "backups",
    "codex-home",
    "credentials",
    "cron",
    "data",
    "exthost",
    "log",
    "logs",
    "openai.chatgpt",
    "openclaw",
    "opencode",
    "output",
    "profiles",
    "runs",
    "sessions",
    "share",
    "stability",
    "state",
    "state-snapshots",
    "support",
    "tmp",
];

/// File names that clients make themselves.
const FILES: &[&str] = &[
    "Codex.log",
    "agent.log",
    "agent.log.1",
    "agent.log.2",
    "agent.log.3",
    "auth-profiles.json",
    "auth-state.json",
    "auth.json",
    "auth.lock",
    "channel_directory.json",
    "codex-login.log",
    "codex-tui.log",
    "config-audit.jsonl",
    "config-health.json",
    "config.toml",
    "config.yaml",
    "daemon.stderr.log",
    "errors.log",
    "errors.log.1",
    "errors.log.2",
    "gateway.log",
    "gateway.log.1",
    "gateway.log.2",
    "gateway.log.3",
    "gateway_state.json",
    "history.jsonl",
    "installation_id",
    "logs_2.sqlite",
    "manifest.json",
    "models.json",
    "openclaw-agent.sqlite",
    "openclaw.json",
    "openclaw.json.bak",
    "openclaw.sqlite",
    "session_index.jsonl",
    "sessions.json",
    "state.db",
    "state_5.sqlite",
];

/// Folders at which a home begins: what precedes them says where somebody keeps it.
const HOMES: &[&str] = &[".codex", ".hermes", ".openclaw", ".clawdbot", ".pi", "opencode", "openclaw", "Code"];

/// File name endings that may be shown.
const ENDINGS: &[&str] =
    &["jsonl", "json", "log", "txt", "md", "yaml", "toml", "db", "sqlite", "gz", "zst", "xz", "bz2", "tgz", "zip", "tar", "lock"];

/// What databases and their side files are called.
const DATABASE: &str = "database";

/// Print names, given out in printed order: ordinals for each sort of name.
#[derive(Default)]
pub(super) struct Printed {
    /// By sort and name, which are kept as a hash: two that share one would share an ordinal.
    given: HashMap<u64, u32, BuildHasherDefault<DefaultHasher>>,
    next: BTreeMap<&'static str, u32>,
}

impl Printed {
    /// What the next source is called.
    pub(super) fn name(&mut self, source: &SourceRecord) -> String {
        print_name(source, self)
    }

    /// The ordinal of what may be met again: a folder, or the database of several tables.
    fn of(&mut self, sort: &'static str, name: &str) -> u32 {
        let key = self.given.hasher().hash_one((sort, name));
        match self.given.get(&key) {
            Some(number) => *number,
            None => {
                let number = self.next(sort);
                self.given.insert(key, number);
                number
            }
        }
    }

    /// The next ordinal.
    fn next(&mut self, sort: &'static str) -> u32 {
        let next = self.next.entry(sort).or_insert(0);
        *next += 1;
        *next
    }
}

fn print_name(source: &SourceRecord, ordinals: &mut Printed) -> String {
    let (parts, stem, whole) = (source.name.parts(), source.kind.stem(), source.name.private());
    // A table prints behind its database, which prints as it does on its own.
    let mark = source.name.mark();
    if let Some((table, database)) = parts.split_last().filter(|(table, _)| reader::is_table(table))
        && let Some(unmarked) = whole.strip_suffix(mark).and_then(|rest| rest.strip_suffix(table)?.strip_suffix('/'))
    {
        return format!("{}/{table}", print_path(database, DATABASE, &format!("{unmarked}{mark}"), ordinals));
    }
    print_path(&parts, stem, whole, ordinals)
}

fn print_path(parts: &[&str], stem: &'static str, whole: &str, ordinals: &mut Printed) -> String {
    let Some((file, folders)) = parts.split_last() else { return "-".to_owned() };
    let start = folders.iter().rposition(|p| HOMES.contains(&home_word(p))).unwrap_or(folders.len().saturating_sub(1));
    let mut printed: Vec<String> = Vec::new();
    for (at, folder) in folders.iter().enumerate().skip(start) {
        let before = at.checked_sub(1).and_then(|i| folders.get(i)).copied().unwrap_or("");
        printed.push(print_folder(folder, before, ordinals));
    }
    printed.retain(|p| !p.is_empty());
    printed.dedup_by(|a, b| a == "…" && b == "…");
    printed.push(print_file(file, stem, whole, ordinals));
    printed.join("/")
}

/// `.openclaw-work` is an OpenClaw home of a named profile.
fn home_word(part: &str) -> &str {
    if part.starts_with(".openclaw-") { ".openclaw" } else { part }
}

fn print_folder(folder: &str, before: &str, ordinals: &mut Printed) -> String {
    let word = home_word(folder);
    if FOLDERS.contains(&word) {
        return word.to_owned();
    }
    let named = match before {
        "agents" => Some("agent"),
        "profiles" => Some("profile"),
        "state-snapshots" => Some("snapshot"),
        _ => None,
    };
    named.map_or_else(|| "…".to_owned(), |sort| format!("{sort}-{}", ordinals.of(sort, folder)))
}

fn print_file(file: &str, stem: &'static str, whole: &str, ordinals: &mut Printed) -> String {
    let name = Name::of_text(file);
    let file = name.file();
    let own = ["-wal", "-shm"].iter().find_map(|end| file.strip_suffix(end)).unwrap_or(file);
    if FILES.contains(&own) {
        return file.to_owned();
    }
    // Any other file is listed once, and there may be a million.
    let number = if stem == DATABASE { ordinals.of(stem, whole) } else { ordinals.next(stem) };
    let ending = file.rsplit('.').find(|e| ENDINGS.contains(e));
    ending.map_or_else(|| format!("{stem}-{number}"), |e| format!("{stem}-{number}.{e}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::SourceKind;

    fn record(path: &str, kind: SourceKind) -> SourceRecord {
        SourceRecord::new(Name::of_text(path), kind, None, None)
    }

    #[test]
    fn only_listed_parts_are_printed() {
        let sources = [
            record("/home/alice/.openclaw/agents/billing/sessions/3f.jsonl.bak-12-99", SourceKind::OpenclawSession),
            record("/home/alice/.codex/sessions/2026/05/10/rollout-x.jsonl", SourceKind::CodexRollout),
            record("/home/alice/.codex/auth.json", SourceKind::CodexAuth),
            record("/srv/acme-corp/secret-project.bin", SourceKind::Unrecognised),
            record("/x/.hermes/profiles/bob/state-snapshots/20260510-a/auth.json", SourceKind::HermesAuth),
        ];
        let mut printed = Printed::default();
        let names = sources.each_ref().map(|source| printed.name(source));
        assert_eq!(names[0], ".openclaw/agents/agent-1/sessions/session-1.jsonl");
        assert_eq!(names[1], ".codex/sessions/…/rollout-1.jsonl");
        assert_eq!(names[2], ".codex/auth.json");
        assert_eq!(names[3], "…/file-1");
        assert_eq!(names[4], ".hermes/profiles/profile-1/state-snapshots/snapshot-1/auth.json");
    }
}
