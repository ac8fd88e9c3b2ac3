//! Codex's tracing text: stamps, levels, span context, targets, and records of several lines.
//!
//! A record is `2026-05-10T06:41:03.512345Z ERROR span{k=v}:span: target: message k=v`, in UTC,
//! as the Rust `tracing` library writes it by default; app-servers colour it. A server's answer
//! is embedded raw, so one record may go on over many lines that have no stamp. The same text
//! stands in `codex-tui.log`, in the daemon's and `codex exec`'s stderr, relayed inside VS Code's
//! `Codex.log`, and, without stamp and target, in the rows of `logs_2.sqlite`.
//!
//! Apart from the readers because several of them meet this text; [`watch`] says what the
//! records mean.

mod calls;
mod entry;
mod object;
mod span;
mod watch;

pub(super) use calls::turn_error;
pub(super) use entry::Entry;
pub(super) use object::of_json;
pub(super) use span::{field, split_row, split_text};
pub(super) use watch::Watch;

use crate::event::Origin;
use crate::time::{Clock, Stamp};
use std::borrow::Cow;

/// Longest record that is kept while it is joined, in bytes.
const LONGEST: usize = 64 << 10;

/// Severity of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Severity {
    /// `TRACE` or `DEBUG`.
    Detail,
    /// `INFO`.
    Info,
    /// `WARN`.
    Warn,
    /// `ERROR`.
    Error,
}

impl Severity {
    /// The severity a word names.
    pub(super) fn of(word: &str) -> Option<Severity> {
        match word {
            "TRACE" | "DEBUG" => Some(Severity::Detail),
            "INFO" => Some(Severity::Info),
            "WARN" => Some(Severity::Warn),
            "ERROR" => Some(Severity::Error),
            _ => None,
        }
    }
}

/// The start of a record: stamp, severity, and what follows.
pub(super) fn start(line: &str) -> Option<(Stamp, Severity, &str)> {
    let (stamp, rest) = Stamp::prefix(line.as_bytes())?;
    if stamp.clock != Clock::Utc || line.as_bytes().get(10) != Some(&b'T') {
        return None;
    }
    let rest = line.get(line.len() - rest.len()..)?.strip_prefix(' ')?.trim_start_matches(' ');
    let (word, rest) = rest.split_once(' ')?;
    Some((stamp, Severity::of(word)?, rest))
}

/// The text without terminal colours (`ESC [ … letter`).
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    if memchr::memchr(0x1b, text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut pieces = text.split('\u{1b}');
    out.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let Some(code) = piece.strip_prefix('[') else {
            out.push_str(piece);
            continue;
        };
        let end = code.find(|c: char| c.is_ascii_alphabetic() || !c.is_ascii()).unwrap_or(code.len());
        out.push_str(code.get(end + 1..).unwrap_or_default());
    }
    Cow::Owned(out)
}

/// A record whose last line may not have come yet.
#[derive(Debug)]
pub(super) struct Record {
    /// Its stamp.
    pub(super) at: Option<Stamp>,
    /// Its first line.
    pub(super) origin: Origin,
    /// Its severity, where it says.
    pub(super) severity: Option<Severity>,
    /// What follows the severity.
    pub(super) text: String,
}

impl Record {
    /// A record that begins with `text`.
    pub(super) fn new(at: Option<Stamp>, origin: Origin, severity: Option<Severity>, text: &str) -> Record {
        let mut record = Record { at, origin, severity, text: String::new() };
        record.push(text);
        record
    }

    /// The next line of the record.
    pub(super) fn more(&mut self, line: &str) {
        self.push("\n");
        self.push(line);
    }

    fn push(&mut self, text: &str) {
        let room = LONGEST.saturating_sub(self.text.len());
        let end = (0..=room.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
        self.text.push_str(&text[..end]);
    }

    /// The record as it is judged.
    pub(super) fn entry(&self) -> Entry<'_> {
        let (spans, target, message) = split_text(&self.text);
        Entry { at: self.at, origin: self.origin, severity: self.severity, target, spans, message, process: None, thread: None }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::event::EventKind;
    use crate::reader::Facts;
    use crate::secret::{Kind, Vault};

    #[test]
    fn a_record_starts_with_a_utc_stamp_and_a_severity() {
        let (at, severity, rest) = start("2026-05-10T06:41:03.512345Z  INFO codex_core::auth: Refreshing token").unwrap();
        assert_eq!((at.ms % 1000, severity, rest), (512, Severity::Info, "codex_core::auth: Refreshing token"));
        for other in [
            "",
            "2026-05-10T06:41:03.512345Z",
            "2026-05-10T06:41:03.512345Z [gateway] x",
            "2026-05-10 06:41:03,512 INFO hermes_cli.auth: x",
            "2026-05-10T06:41:03.512+02:00 INFO x",
            "  \"error\": {",
        ] {
            assert!(start(other).is_none(), "{other}");
        }
    }

    #[test]
    fn colours_are_taken_off() {
        let coloured = "\u{1b}[2m2026-05-10T06:41:03.5Z\u{1b}[0m \u{1b}[31mERROR\u{1b}[0m \u{1b}[2ma::b\u{1b}[0m\u{1b}[2m:\u{1b}[0m Failed \u{1b}[3mstatus\u{1b}[0m\u{1b}[2m=\u{1b}[0m401";
        assert_eq!(plain(coloured), "2026-05-10T06:41:03.5Z ERROR a::b: Failed status=401");
        for odd in ["\u{1b}", "\u{1b}[", "\u{1b}[é", "a\u{1b}b", "\u{1b}[12é3m"] {
            let _ = plain(odd);
        }
    }

    #[test]
    fn rows_of_two_processes_are_told_apart() {
        let vault = Vault::new([5; 32]);
        let mut facts = Facts::new(&vault, 0, false);
        let (mut watch, ids) = (Watch::default(), [facts.key(Kind::Process, "pid:1"), facts.key(Kind::Process, "pid:2")]);
        let rows = [
            (0, 0, "app_server.request{rpc.method=\"account/read\"}: Refreshing token"),
            (1, 5, "turn{thread.id=T turn.id=U}: Refreshing token"),
            (0, 300, "app_server.request{rpc.method=\"account/read\"}: Reloading auth"),
            (1, 301, "turn{thread.id=T turn.id=U}: Failed to refresh token status=401 Unauthorized"),
            (
                0,
                302,
                "app_server.request{rpc.method=\"account/read\"}: Reloaded auth, changed: false auth_changed_for_refresh=true",
            ),
        ];
        for (line, (process, ms, body)) in rows.into_iter().enumerate() {
            let (spans, message) = span::split_row(body);
            let origin = Origin { source: 0, line: line as u64, byte: 0 };
            let (at, process) = (Some(Stamp::utc(1_778_393_702_000 + ms)), Some(ids[process]));
            let target = "codex_login::auth::manager";
            watch.record(
                &Entry { at, origin, severity: Some(Severity::Info), target, spans, message, process, thread: None },
                &mut facts,
            );
        }
        watch.finish(&mut facts);
        let (stated, ..) = facts.into_parts();
        let events = &stated.events;
        let refreshed = events.iter().find_map(|e| if let EventKind::Refreshed { process, .. } = e.kind { process } else { None });
        let refused = events.iter().find_map(|e| if let EventKind::Refused { process, .. } = e.kind { process } else { None });
        assert_eq!((refreshed, refused, stated.len()), (Some(ids[0]), Some(ids[1]), 4));
    }

    #[test]
    fn records_are_bounded() {
        let origin = Origin { source: 0, line: 1, byte: 0 };
        let mut record = Record::new(None, origin, None, "é");
        for _ in 0..10 {
            record.more(&"é".repeat(10_000));
        }
        assert!(record.text.len() <= LONGEST);
    }
}
