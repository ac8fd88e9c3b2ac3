//! The log of the Codex extension for VS Code (`exthost/openai.chatgpt/Codex.log`).
//!
//! A line is `YYYY-MM-DD hh:mm:ss.mmm [level] text` in local time without an offset. What the
//! extension's app-server writes to standard error is relayed as `[CodexMcpConnection] cli: …`: as
//! `message="…"` with escaped line ends, holding one or more tracing records with their own UTC
//! stamps, or one whose stamp was taken off; older builds relay the bare text over several
//! lines. Where a line holds both clocks, the event bears the UTC time, and the pair tells the
//! zone of the others. The relay is late by up to seconds, never early, so the offset is the
//! difference rounded down to a quarter of an hour.
//!
//! Only warnings and errors are relayed: a refusal shows, a success does not.

use super::trace::{self, Entry, Record, Watch};
use crate::event::{Client, EventKind, Origin};
use crate::reader::{Context, Facts, Outcome, Reader, Sniff, json, opening};
use crate::source::{Head, Line};
use crate::time::{Clock, Stamp};

/// Words that only this extension writes.
const MARKS: [&str; 4] = ["[CodexMcpConnection]", "Activating Codex extension", "codex app-server", "openai.chatgpt"];

/// Zones are whole quarters of an hour from UTC.
const QUARTER_MS: i64 = 900_000;
/// Slack for a relay that seems early because its clock shows fewer digits, in ms.
const SLACK_MS: i64 = 1000;
/// No zone is farther from UTC than this, in ms.
const FARTHEST_MS: i64 = 18 * 3_600_000;

/// Recognised by the form of the lines and the extension's own words.
pub(super) fn sniff(head: &Head<'_>) -> Sniff {
    let named = head.name.file() == "Codex.log" || head.name.has_part("openai.chatgpt");
    if head.whole && head.bytes.is_empty() {
        return if named && head.name.file() == "Codex.log" { Sniff::Yes } else { Sniff::No };
    }
    let mut form = false;
    for line in opening::lines(head, named, |line| start(&json::text(line)).is_some()).take(200) {
        let text = json::text(line);
        if let Some((_, rest)) = start(&text) {
            form = true;
            if named || MARKS.iter().any(|mark| rest.contains(mark)) {
                return Sniff::Yes;
            }
        }
    }
    if form && named { Sniff::Yes } else { Sniff::No }
}

/// Local stamp and what follows the level.
fn start(line: &str) -> Option<(Stamp, &str)> {
    let (stamp, rest) = Stamp::prefix(line.as_bytes())?;
    if stamp.clock != Clock::Local || line.as_bytes().get(10) != Some(&b' ') {
        return None;
    }
    let rest = line.get(line.len() - rest.len()..)?.trim_start_matches(' ').strip_prefix('[')?;
    let (level, rest) = rest.split_once(']')?;
    let known = matches!(level, "trace" | "debug" | "info" | "warning" | "warn" | "error");
    known.then(|| (stamp, rest.strip_prefix(' ').unwrap_or(rest)))
}

/// Makes the reader.
pub(super) fn open(_: &Context<'_>) -> Box<dyn Reader> {
    Box::new(Vscode::default())
}

/// Reads one log.
#[derive(Debug, Default)]
struct Vscode {
    named: bool,
    /// The line that may go on, with its local time.
    record: Option<Record>,
    watch: Watch,
    offset_s: Option<i32>,
}

impl Reader for Vscode {
    fn line(&mut self, line: &Line<'_>, facts: &mut Facts<'_>) -> Outcome {
        let text = json::text(line.bytes);
        let Some((at, rest)) = start(&text) else {
            if let Some(record) = &mut self.record {
                record.more(&text);
            }
            return Outcome::Used;
        };
        self.judge(facts);
        let origin = facts.origin(line);
        if !self.named {
            self.named = true;
            facts.push(Some(at), origin, EventKind::WrittenBy { client: Client::CodexVscode, version: None });
        }
        self.record = Some(Record::new(Some(at), origin, None, rest));
        Outcome::Used
    }

    fn finish(&mut self, facts: &mut Facts<'_>) {
        self.judge(facts);
        self.watch.finish(facts);
    }
}

impl Vscode {
    fn judge(&mut self, facts: &mut Facts<'_>) {
        let Some(record) = self.record.take() else { return };
        let text = record.text.as_str();
        if let Some(relayed) = text.strip_prefix("[CodexMcpConnection] cli: ") {
            let relayed = match relayed.strip_prefix("message=\"") {
                Some(quoted) => unquoted(quoted),
                None => relayed.to_owned(),
            };
            self.relayed(&relayed, record.at, record.origin, facts);
        } else if text.contains("Spawning codex app-server") || text.starts_with("Activating Codex extension") {
            self.watch.restart(facts);
            facts.push(record.at, record.origin, EventKind::Started { version: None });
        }
    }

    /// One or more records of the app-server.
    fn relayed(&mut self, text: &str, outer: Option<Stamp>, origin: Origin, facts: &mut Facts<'_>) {
        let mut inner: Option<Record> = None;
        for line in text.lines() {
            let line = trace::plain(line);
            match (trace::start(&line), &mut inner) {
                (Some((at, severity, rest)), _) => {
                    self.tell(inner.take(), facts);
                    self.anchor(outer, at, origin, facts);
                    inner = Some(Record::new(Some(at), origin, Some(severity), rest));
                }
                (None, Some(record)) => record.more(&line),
                (None, None) => inner = Some(Record::new(outer, origin, None, &line)),
            }
        }
        self.tell(inner, facts);
    }

    fn tell(&mut self, record: Option<Record>, facts: &mut Facts<'_>) {
        if let Some(record) = record {
            let entry: Entry<'_> = record.entry();
            self.watch.record(&entry, facts);
        }
    }

    /// State the zone when it is first seen, and when it changes.
    fn anchor(&mut self, outer: Option<Stamp>, inner: Stamp, origin: Origin, facts: &mut Facts<'_>) {
        let Some(outer) = outer else { return };
        let apart = outer.ms.saturating_sub(inner.ms).saturating_add(SLACK_MS);
        let offset_ms = apart.div_euclid(QUARTER_MS) * QUARTER_MS;
        let Ok(offset_s) = i32::try_from(offset_ms / 1000) else { return };
        if offset_ms.abs() <= FARTHEST_MS && self.offset_s != Some(offset_s) {
            self.offset_s = Some(offset_s);
            facts.push(Some(inner), origin, EventKind::ZoneAnchor { offset_s });
        }
    }
}

/// The text up to the closing quote, without escapes.
fn unquoted(quoted: &str) -> String {
    let mut out = String::with_capacity(quoted.len());
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => {}
                Some(other) => out.push(other),
                None => {}
            },
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::event::{ErrorClass, Event};
    use crate::reader::codex::testing;

    fn read(text: &str) -> Vec<Event> {
        testing::lines(open, "exthost/openai.chatgpt/Codex.log", text)
    }

    #[test]
    fn both_clocks_in_a_line_give_utc_and_the_zone() {
        let events = read(
            "2026-08-11 14:15:42.074 [info] Activating Codex extension\n\
             2026-08-11 14:15:42.074 [error] [CodexMcpConnection] cli: message=\"2026-08-11T06:15:39.876639Z  WARN codex_core_plugins::x: failed error=y\\n2026-08-11T06:15:39.882614Z ERROR codex_login::auth::manager: Failed to refresh token: 401 Unauthorized: {\\n  \\\"error\\\": {\\n    \\\"code\\\": \\\"refresh_token_invalidated\\\"\\n  }\\n}\"\n",
        );
        let kinds: Vec<&EventKind> = events.iter().map(|e| &e.kind).collect();
        assert!(matches!(kinds[0], EventKind::WrittenBy { client: Client::CodexVscode, .. }));
        assert!(matches!(kinds[1], EventKind::Started { .. }));
        assert!(matches!(kinds[2], EventKind::ZoneAnchor { offset_s: 28_800 }), "{kinds:?}");
        let EventKind::Refused { failure, .. } = kinds[3] else { panic!("{kinds:?}") };
        assert_eq!(failure.class, ErrorClass::RefreshTokenInvalidated);
        assert_eq!(events[3].at, Stamp::parse("2026-08-11T06:15:39.882Z"));
        assert_eq!(kinds.len(), 4);
    }

    #[test]
    fn older_relays_are_bare_and_go_on_over_lines() {
        let events = read(
            "2026-04-27 09:00:00.001 [error] [CodexMcpConnection] cli: Failed to refresh token: 401 Unauthorized: {\n  \"error\": {\n    \"code\": \"refresh_token_reused\"\n  }\n}\n\
             2026-04-27 09:00:01.001 [warning] [CodexMcpConnection] cli: message=\"codex_models_manager::manager: failed to refresh available models: Failed to refresh token: 401\"\n",
        );
        let EventKind::Refused { failure, .. } = events[1].kind else { panic!("{events:?}") };
        assert_eq!((failure.class, events[1].at), (ErrorClass::RefreshTokenReused, Stamp::parse("2026-04-27T09:00:00.001")));
        assert_eq!(events.len(), 2);
    }
}
