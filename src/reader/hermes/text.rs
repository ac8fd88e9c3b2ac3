//! Text that people paste: the output of `hermes status`, `dump`, `debug share`, `auth list`,
//! `auth status`, `doctor`, `sessions list` and `backup --quick` (0.10 to 0.19), alone or one
//! behind the other.
//!
//! What these commands print of the Codex login is the client's own sentence, without a time. A
//! `debug share` holds log sections; their records are read like those of a log file, each
//! section by itself, since the sections overlap. Records outside a section are read too, and so is a
//! command that asked the agent and got no further ([`super::prompt`]).

use super::journal::Journal;
use super::prompt::{self, Prompt};
use super::record::Record;
use super::words::{REFRESH_REFUSED, codex_complaint, is_log_name};
use crate::classify::{self, Endpoint};
use crate::event::{Client, EventKind, SourceKind, StoreTrouble, TroubleKind, Version};
use crate::reader::{Facts, Format, Outcome, Reader, Shape, Sniff, json, opening};
use crate::source::{Head, Line};
use crate::time::{Stamp, parse_offset};

/// The row of the table.
pub(super) const FORMAT: Format = Format {
    kind: SourceKind::HermesText,
    sniff,
    shape: Shape::Lines(|_| Box::new(Pasted::default())),
    tails: &[],
    outside: false,
};

/// Beginnings of lines (behind blanks) that only these commands print.
const MARKS: [&str; 7] = [
    "--- hermes dump ---",
    "[hermes debug share:",
    "◆ Auth Providers",
    "--- agent.log (last ",
    "--- full agent.log ---",
    "openai-codex: logged ",
    "State snapshot created: ",
];

fn sniff(head: &Head<'_>) -> Sniff {
    let start = head.bytes.trim_ascii_start();
    let is_json = start.first().is_some_and(|b| b"{[".contains(b)) && !start.starts_with(b"[hermes debug share:");
    // A log may quote such a line in a record of several lines.
    if is_json || is_log_name(head.name) {
        return Sniff::No;
    }
    if opening::lines(head, false, is_form).any(is_mark) { Sniff::Yes } else { Sniff::No }
}

fn is_mark(line: &[u8]) -> bool {
    let text = json::text(line);
    MARKS.iter().any(|mark| text.trim_start().starts_with(mark))
        || is_list_head(&text)
        || is_table_head(&text)
        || prompt::is_refusal(&text)
}

/// How the output of these commands begins: with such a line, the frame around a title, the list
/// of another provider, or records of the log.
fn is_form(line: &[u8]) -> bool {
    let text = json::text(line);
    is_mark(line) || text.starts_with('┌') || text.trim_end().ends_with(" credentials):") || Record::parse(&text).is_some()
}

/// `openai-codex (2 credentials):`
fn is_list_head(text: &str) -> bool {
    text.trim().strip_prefix("openai-codex (").is_some_and(|rest| rest.ends_with(" credentials):"))
}

/// The columns of `sessions list` (0.19 has one more, the workspace).
fn is_table_head(text: &str) -> bool {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    words.first() == Some(&"Preview") && words.ends_with(&["Last", "Active", "Src", "ID"])
}

/// Which part of the output is being read.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Outside,
    Dump,
    /// `status` and `doctor`: the block of logins; true below the Codex one.
    Logins(bool),
    /// `auth list`: the credentials of Codex.
    Pool,
}

#[derive(Default)]
struct Pasted {
    part: Part,
    prompt: Prompt,
    journal: Journal,
}

impl Reader for Pasted {
    fn line(&mut self, line: &Line<'_>, facts: &mut Facts<'_>) -> Outcome {
        let text = json::text(line.bytes);
        let words = text.trim();
        let at_prompt = self.prompt.line(words, facts.origin(line), facts);
        if self.begins_part(words, facts) || self.inside_part(words, line, facts) || at_prompt {
            return Outcome::Used;
        }
        self.journal.line(line, facts)
    }

    fn finish(&mut self, facts: &mut Facts<'_>) {
        self.prompt.finish(facts);
        self.journal.finish(facts);
    }
}

impl Pasted {
    /// Headings of parts.
    fn begins_part(&mut self, words: &str, facts: &mut Facts<'_>) -> bool {
        let is_log = words.starts_with("--- ") && words.ends_with(" ---") && words.contains(".log");
        if is_log {
            self.journal.finish(facts);
            self.journal = Journal::new(true);
        }
        self.part = match words {
            "" if self.part == Part::Dump => Part::Dump,
            "--- hermes dump ---" => Part::Dump,
            "--- end dump ---" => Part::Outside,
            "◆ Auth Providers" => Part::Logins(false),
            _ if is_list_head(words) => Part::Pool,
            "" => Part::Outside,
            _ if is_log || words.starts_with('◆') || words.starts_with("$ ") => Part::Outside,
            _ if words.ends_with(" credentials):") => Part::Outside,
            _ => return false,
        };
        true
    }

    /// Lines whose meaning depends on the part they stand in.
    fn inside_part(&mut self, words: &str, line: &Line<'_>, facts: &mut Facts<'_>) -> bool {
        match self.part {
            Part::Dump => {
                if let Some(version) = words.strip_prefix("version:") {
                    let version = version.split_whitespace().next().and_then(Version::listed);
                    facts.push(None, facts.origin(line), EventKind::WrittenBy { client: Client::Hermes, version });
                }
                true
            }
            Part::Logins(codex) => self.login(codex, words, line, facts),
            Part::Pool if words.starts_with('#') => {
                if let Some(trouble) = benched(words) {
                    facts.push_said(None, facts.origin(line), EventKind::Trouble(trouble), words);
                }
                true
            }
            Part::Outside | Part::Pool => match words.strip_prefix("openai-codex: logged out (") {
                Some(reason) => {
                    complain(reason.strip_suffix(')').unwrap_or(reason), line, facts);
                    true
                }
                None => false,
            },
        }
    }

    /// A line of the block of logins: a provider, or a detail of the provider above it.
    fn login(&mut self, codex: bool, words: &str, line: &Line<'_>, facts: &mut Facts<'_>) -> bool {
        let detail =
            ["Auth file:", "Refreshed:", "Error:", "Portal", "Access", "Key exp", "→"].iter().any(|head| words.starts_with(head));
        if !detail {
            // `doctor` puts its mark before the name.
            let name = words.trim_start_matches(|c: char| !c.is_alphanumeric());
            self.part = Part::Logins(name.starts_with("OpenAI Codex "));
        } else if codex {
            let rest = |head: &str| words.strip_prefix(head).map(str::trim);
            if let Some(reason) = rest("Error:").or_else(|| rest("→")) {
                complain(reason, line, facts);
            } else if let Some((at, offset_s)) = rest("Refreshed:").and_then(zoned) {
                facts.push(Some(at), facts.origin(line), EventKind::ZoneAnchor { offset_s });
            }
        }
        true
    }
}

fn complain(reason: &str, line: &Line<'_>, facts: &mut Facts<'_>) {
    facts.push_said(None, facts.origin(line), codex_complaint(reason), reason);
}

/// `#1  label  oauth   device_code exhausted <reason> (401) (59m 3s left) ←`. The label is free
/// text. A refused refresh shows as `exhausted` with neither reason nor status (0.13).
fn benched(words: &str) -> Option<StoreTrouble> {
    let (_, source) = words.rsplit_once(" oauth ")?;
    let (_, said) = source.trim_start().split_once(' ')?;
    let rest = ["exhausted", "auth failed", "rate-limited"].iter().find_map(|state| said.trim_start().strip_prefix(state))?;
    let reason = rest.split('(').next().unwrap_or("").trim();
    let status = rest.split(['(', ')']).find_map(|part| part.trim().parse::<u16>().ok()).filter(|n| (100..600).contains(n));
    let failure = match (classify::code(Endpoint::Resource, reason), status) {
        (Some(failure), _) => failure,
        (None, None) if reason.is_empty() => REFRESH_REFUSED,
        (None, status) => classify::error(Endpoint::Resource, reason, status),
    };
    Some(StoreTrouble { kind: TroubleKind::Exhausted, section: None, failure: Some(failure), until: None })
}

/// Zone names that stand for one offset wherever they are used, with that offset in minutes. IST,
/// CST, BST, PST and others stand for several.
const ZONES: [(&str, i32); 22] = [
    ("UTC", 0),
    ("GMT", 0),
    ("WET", 0),
    ("WEST", 60),
    ("CET", 60),
    ("CEST", 120),
    ("EET", 120),
    ("EEST", 180),
    ("SAST", 120),
    ("MSK", 180),
    ("WIB", 420),
    ("JST", 540),
    ("KST", 540),
    ("ACST", 570),
    ("AEST", 600),
    ("AEDT", 660),
    ("NZST", 720),
    ("NZDT", 780),
    ("EST", -300),
    ("EDT", -240),
    ("MDT", -360),
    ("PDT", -420),
];

/// `2026-05-10 08:15:02 CEST`: local time and its offset in seconds.
fn zoned(text: &str) -> Option<(Stamp, i32)> {
    let (at, zone) = Stamp::prefix(text.as_bytes()).filter(|(at, _)| at.is_local())?;
    let zone = std::str::from_utf8(zone).ok()?.trim();
    let named = ZONES.iter().find(|(name, _)| *name == zone).map(|(_, minutes)| minutes * 60);
    // A zone without a name prints as `+03` or `+0530`.
    let offset_s = named.or_else(|| parse_offset(&if zone.len() == 3 { format!("{zone}00") } else { zone.to_owned() }))?;
    Some((at, offset_s))
}

#[cfg(test)]
mod tests {
    use super::super::tests::read_file;
    use super::*;
    use crate::event::ErrorClass;

    fn kinds(text: &str) -> Vec<EventKind> {
        let stated = read_file("pasted.txt", text.as_bytes()).1;
        assert!(stated.turns.is_empty(), "{:?}", stated.turns);
        stated.events.into_iter().map(|e| e.kind).collect()
    }

    #[test]
    fn status_states_the_codex_login_only() {
        let text = "◆ Auth Providers\n  Nous Portal   ✗ not logged in (run: x)\n    Error:      Codex refresh token was already consumed\n  OpenAI Codex  ✗ not logged in (run: hermes model)\n    Auth file:  /x\n    Error:      Codex token refresh failed with status 401.\n  Qwen OAuth    ✗ not logged in\n    Error:      refresh_token_reused\n\n◆ Sessions\n  Error: refresh_token_reused\n";
        assert!(matches!(&kinds(text)[..], [EventKind::Refused { failure, .. }] if failure.class == ErrorClass::RefreshRefused));
    }

    #[test]
    fn a_zone_name_that_stands_for_one_offset_is_an_anchor() {
        let of = |zone: &str| {
            let text = format!("◆ Auth Providers\n  OpenAI Codex  ✓ logged in\n    Refreshed:  2026-05-10 08:15:02 {zone}\n");
            kinds(&text)
                .into_iter()
                .find_map(|kind| if let EventKind::ZoneAnchor { offset_s } = kind { Some(offset_s) } else { None })
        };
        assert_eq!((of("CEST"), of("UTC"), of("+0530"), of("-03")), (Some(7200), Some(0), Some(19_800), Some(-10_800)));
        assert_eq!((of("IST"), of("CST"), of("")), (None, None, None));
    }

    #[test]
    fn lists_and_states_of_credentials() {
        let classes = |text: &str| -> Vec<Option<ErrorClass>> {
            let pick = |kind| if let EventKind::Trouble(t) = kind { t.failure.map(|f| f.class) } else { None };
            kinds(text).into_iter().map(pick).collect()
        };
        let text = "nous (1 credentials):\n  #1  x  oauth  y exhausted (1m left)\nopenai-codex (3 credentials):\n  #1  exhausted one  oauth   device_code ←\n  #1  a  oauth   device_code exhausted (59m 3s left)\n  #2  b  oauth   device_code auth failed token_invalidated (401) (re-auth may be required)\n  #3  c  oauth   device_code rate-limited usage_limit_reached (429) (1h 21m left)\n";
        let found = classes(text);
        assert!(found.contains(&Some(ErrorClass::TokenInvalidated)) && found.contains(&Some(ErrorClass::UsageLimit)));
        assert_eq!(found.iter().filter(|class| **class == Some(ErrorClass::RefreshRefused)).count(), 1);
        assert_eq!(
            classes("openai-codex: logged out (No Codex credentials stored. Run `hermes auth` to authenticate.)\n"),
            vec![Some(ErrorClass::NoCredential)]
        );
        assert!(kinds("openai-codex: logged in\n").is_empty());
    }

    #[test]
    fn doctor_and_dump() {
        let text = "◆ Auth Providers\n  ⚠ OpenAI Codex auth (not logged in)\n    → Codex refresh token was already consumed by another client (x).\n  ⚠ Google Gemini OAuth (not logged in)\n    → refresh_token_reused\n";
        assert_eq!(kinds(text).len(), 1);
        let text =
            "--- hermes dump ---\nversion:          0.13.0 (2026.5.7) [abcdef12]\nprovider: openai-codex\n--- end dump ---\n";
        assert!(
            matches!(&kinds(text)[..], [EventKind::WrittenBy { client: Client::Hermes, version: Some(v) }] if v.as_str() == "0.13.0")
        );
    }
}
