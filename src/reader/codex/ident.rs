//! The ids and names that several Codex formats share, made into keys in one way, so that a turn
//! in a rollout and the same turn in a log meet.
//!
//! Apart from the readers because a key made differently in two of them would never match.

use crate::event::{Client, Version};
use crate::reader::Facts;
use crate::secret::{Key, Kind};
use crate::time::Stamp;

/// The key of a thread (session) id.
pub(super) fn session_key(facts: &Facts<'_>, id: &str) -> Key {
    facts.key(Kind::Session, &id.trim().to_ascii_lowercase())
}

/// The key of a turn id. UUIDs stand for themselves; the small numbers of old builds are counted
/// per session and mean nothing without it.
pub(super) fn turn_key(facts: &Facts<'_>, session: Option<&str>, turn: &str) -> Key {
    let turn = turn.trim().to_ascii_lowercase();
    if is_uuid(&turn) {
        return facts.key(Kind::Turn, &turn);
    }
    facts.key(Kind::Turn, &format!("{} {turn}", session.unwrap_or_default().trim().to_ascii_lowercase()))
}

/// Eight, four, four, four and twelve hexadecimal digits.
pub(super) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// When a UUID of version 7 was made: its first 48 bits are a UTC clock in milliseconds. Codex
/// uses them for threads and for turns that a user started; turns that start by themselves bear
/// a version 4 id (no time).
pub(super) fn made_at(id: &str) -> Option<Stamp> {
    let id = id.trim();
    if !is_uuid(id) || id.as_bytes().get(14) != Some(&b'7') {
        return None;
    }
    let digits: String = id.chars().filter(|c| *c != '-').take(12).collect();
    let ms = i64::from_str_radix(&digits, 16).ok()?;
    Stamp::epoch(ms as f64).filter(|stamp| stamp.ms == ms)
}

/// A time as C's `ctime` writes it, in local time without a zone: `Sun Nov 22 17:52:51 2026`.
pub(super) fn ctime(text: &str) -> Option<Stamp> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let parts: Vec<&str> = text.split_ascii_whitespace().collect();
    let [_, month, day, clock, year] = parts[..] else { return None };
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    Stamp::parse(&format!("{year}-{month:02}-{day:0>2}T{clock}"))
}

/// The front end that an `originator` names. The TUI is `codex_cli_rs` up to about 0.98 and
/// `codex-tui` from 0.130; app-server clients set their own name. `source` is not used: the
/// TUI of 0.169 writes `vscode` there.
pub(super) fn client_of(originator: &str) -> Client {
    match originator.trim() {
        "codex_cli_rs" | "codex-tui" | "codex_tui" => Client::CodexCli,
        "codex_exec" => Client::CodexExec,
        "codex_vscode" => Client::CodexVscode,
        "codex_chatgpt_desktop" => Client::CodexDesktop,
        name if name.starts_with("Codex Desktop") => Client::CodexDesktop,
        _ => Client::Codex,
    }
}

/// The version in `cli_version`, without a pre-release suffix.
pub(super) fn version_of(text: &str) -> Option<Version> {
    Version::listed(text.split(['-', '+']).next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Vault;

    #[test]
    fn a_version_7_id_holds_its_time() {
        assert_eq!(made_at("019e1234-aaaa-7bbb-8ccc-0123456789ab"), Some(Stamp::utc(0x019e_1234_aaaa)));
        for other in ["019e1234-aaaa-4bbb-8ccc-0123456789ab", "00000000-0000-7000-8000-000000000000", "7", "", "é"] {
            assert_eq!(made_at(other), None, "{other}");
        }
    }

    #[test]
    fn small_turn_numbers_are_per_session_and_uuids_are_not() {
        let vault = Vault::new([1; 32]);
        let facts = Facts::new(&vault, 0, false);
        assert_ne!(turn_key(&facts, Some("a"), "1"), turn_key(&facts, Some("b"), "1"));
        let id = "019E1234-aaaa-7bbb-8ccc-0123456789ab";
        assert_eq!(turn_key(&facts, Some("a"), id), turn_key(&facts, None, &id.to_lowercase()));
    }

    #[test]
    fn originators() {
        for (name, want) in [
            ("codex_cli_rs", Client::CodexCli),
            ("codex-tui", Client::CodexCli),
            ("codex_exec", Client::CodexExec),
            ("codex_vscode", Client::CodexVscode),
            ("Codex Desktop", Client::CodexDesktop),
            ("my_own_app", Client::Codex),
        ] {
            assert_eq!(client_of(name), want, "{name}");
        }
        assert_eq!(version_of("0.131.0-alpha.2").map(|v| v.as_str().to_owned()).as_deref(), Some("0.131.0"));
    }
}
