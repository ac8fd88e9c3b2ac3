//! opencode's log (`<data>/log/YYYY-MM-DDThhmmss.log`).
//!
//! `INFO  2026-05-10T06:15:02 +12ms service=plugin.codex refreshing codex access token`: the time is
//! UTC without saying so, in whole seconds. An attempt to refresh is logged, a success is not; a
//! failure is thrown and shows in the error field of whoever asked. Plugins of other providers throw the same
//! words, and a tool's error may quote them: such a line counts only right behind an attempt of this plugin, where
//! it names the provider, or in a log that was kept without the level at which attempts are logged.

use crate::classify::{self, Endpoint};
use crate::event::{EventKind, Failure};
use crate::reader::{Context, Facts, Outcome, Reader, Sniff, json, opening};
use crate::source::{Head, Line};
use crate::time::{Clock, Stamp};

/// What the Codex plugin throws; plugins of other providers throw the same words.
const FAILED: &str = "Token refresh failed: ";

/// The same failure is logged by every layer that it passes, in ms.
const SAME_MS: i64 = 2000;

/// The server answers within this time, or the client's own time limit is over, in ms.
const ANSWER_MS: i64 = 120_000;

/// Recognised by the form of its lines.
pub(super) fn sniff(head: &Head<'_>) -> Sniff {
    let is_entry = |line: &[u8]| start(&json::text(line)).is_some_and(|entry| entry.rest.contains("service="));
    match opening::lines(head, false, |line| start(&json::text(line)).is_some()).take(50).any(is_entry) {
        true => Sniff::Yes,
        false => Sniff::No,
    }
}

/// One line of the log.
struct Entry<'a> {
    at: Stamp,
    level: &'a str,
    rest: &'a str,
}

/// Level, time, time since the line before, and what follows.
fn start(line: &str) -> Option<Entry<'_>> {
    // Copies leave blanks and carriage returns at line ends.
    let line = line.trim_ascii_end();
    let (level, rest) = line.split_once(' ')?;
    if !matches!(level, "DEBUG" | "INFO" | "WARN" | "ERROR") {
        return None;
    }
    let rest = rest.trim_start_matches(' ');
    let (stamp, behind) = Stamp::prefix(rest.as_bytes())?;
    let rest = rest.get(rest.len() - behind.len()..)?.strip_prefix(" +")?;
    let (since, rest) = rest.split_once(' ')?;
    let digits = since.strip_suffix("ms")?;
    let fits = stamp.clock == Clock::Local && digits.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| Entry { at: Stamp::utc(stamp.ms), level, rest })
}

/// Makes the reader.
pub(super) fn open(_: &Context<'_>) -> Box<dyn Reader> {
    Box::new(Log::default())
}

/// Reads one log.
#[derive(Debug, Default)]
struct Log {
    refused: Option<(Stamp, Failure)>,
    /// The latest attempt to refresh.
    asked: Option<Stamp>,
    /// The log holds lines of the level of attempts.
    tells_attempts: bool,
}

impl Reader for Log {
    fn line(&mut self, line: &Line<'_>, facts: &mut Facts<'_>) -> Outcome {
        let text = json::text(line.bytes);
        let Some(entry) = start(&text) else { return Outcome::Used };
        self.tells_attempts |= matches!(entry.level, "DEBUG" | "INFO");
        if entry.rest.starts_with("service=plugin.codex ") && entry.rest.ends_with("refreshing codex access token") {
            facts.push(Some(entry.at), facts.origin(line), EventKind::RefreshStarted { process: None });
            self.asked = Some(entry.at);
        } else if entry.level == "ERROR" && self.is_its_own(&entry) {
            self.failed(&entry, line, facts);
        }
        Outcome::Used
    }
}

impl Log {
    /// May this error be what the plugin of this provider threw?
    fn is_its_own(&self, entry: &Entry<'_>) -> bool {
        let service = entry.rest.strip_prefix("service=").and_then(|rest| rest.split(' ').next()).unwrap_or_default();
        let part = service.split('.').next().unwrap_or_default();
        if FOREIGN.contains(&part) || (part == "plugin" && service != "plugin.codex") {
            return false;
        }
        let since = |asked: Stamp| entry.at.ms.saturating_sub(asked.ms);
        match provider(entry.rest) {
            Some(name) => matches!(name, "openai" | "codex"),
            None => !self.tells_attempts || self.asked.is_some_and(|asked| (0..=ANSWER_MS).contains(&since(asked))),
        }
    }

    fn failed(&mut self, entry: &Entry<'_>, line: &Line<'_>, facts: &mut Facts<'_>) {
        let Some((before, answer)) = entry.rest.split_once(FAILED) else { return };
        if !is_thrown(before) {
            return;
        }
        let Some(status) = answer.get(..3).and_then(|digits| digits.parse().ok()) else { return };
        let failure = classify::error(Endpoint::Token, FAILED, Some(status));
        let same = |(at, before): (Stamp, Failure)| before == failure && (0..=SAME_MS).contains(&entry.at.ms.saturating_sub(at.ms));
        if !self.refused.is_some_and(same) {
            let kind = EventKind::Refused { failure, account: None, process: None, session: None, agent: None };
            facts.push_said(Some(entry.at), facts.origin(line), kind, answer);
        }
        self.refused = Some((entry.at, failure));
    }
}

/// Parts that state errors of tools, of other servers and of commands.
const FOREIGN: &[&str] = &["tool", "mcp", "lsp", "bash", "file", "ripgrep", "snapshot", "bun", "format"];

/// Does the text before the words lead to an error that was thrown? It is the whole value of a field (`error=`,
/// `message=` of an error nobody caught, `e=` of a promise nobody caught), the message of one in JSON, or stands
/// behind its name. Where other words stand between, somebody quotes it.
fn is_thrown(before: &str) -> bool {
    let field = before.strip_suffix('=').and_then(|before| before.rsplit(' ').next());
    let is_field =
        field.is_some_and(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.".contains(&b)));
    is_field || ["Error: ", "\"message\":\""].iter().any(|lead| before.ends_with(lead))
}

/// The provider that a line names: `providerID=anthropic` and the like.
fn provider(rest: &str) -> Option<&str> {
    let (_, name) = rest.split_once("providerID=").or_else(|| rest.split_once("\"providerID\":\""))?;
    name.split([' ', '"', ',', '}']).next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{ErrorClass, Event};
    use crate::secret::Vault;
    use crate::source::Name;

    fn read(text: &str) -> Vec<Event> {
        let vault = Vault::new([5; 32]);
        let name = Name::of_text("opencode/log/2026-05-10T061500.log");
        let mut facts = Facts::new(&vault, 0, false);
        let mut reader = open(&Context { name: &name, modified: None });
        for (at, bytes) in text.lines().enumerate() {
            let line = Line { number: at as u64 + 1, byte: 0, bytes: bytes.as_bytes(), torn: false };
            assert_eq!(reader.line(&line, &mut facts), Outcome::Used);
        }
        reader.finish(&mut facts);
        let stated = facts.into_parts().0;
        assert!(stated.turns.is_empty(), "{:?}", stated.turns);
        stated.events
    }

    #[test]
    fn blanks_at_line_ends_are_no_part_of_it() {
        let attempt = "INFO  2026-05-10T06:15:02 +12ms service=plugin.codex refreshing codex access token";
        for end in ["  ", "\t", "\r"] {
            assert_eq!(read(&format!("{attempt}{end}\n{attempt}{end} \n")).len(), 2, "{end:?}");
        }
    }

    #[test]
    fn attempts_and_failures() {
        let events = read(
            "INFO  2026-05-10T06:15:02 +12ms service=plugin.codex refreshing codex access token\n\
             ERROR 2026-05-10T06:15:03 +801ms service=session.processor providerID=openai error=Token refresh failed: 401 stack\n\
             ERROR 2026-05-10T06:15:03 +1ms service=server error={\"message\":\"Token refresh failed: 401\"}\n\
             ERROR 2026-05-10T06:15:09 +6000ms service=llm providerID=anthropic error=Token refresh failed: 401\n\
             ERROR 2026-05-10T06:15:09 +1ms service=mcp.oauth key=github error=Token refresh failed: 401\n\
             ERROR 2026-05-10T06:15:09 +1ms service=plugin.copilot error=Token refresh failed: 401\n\
             ERROR 2026-05-10T06:15:09 +1ms service=session.prompt error=grep: Token refresh failed: 401 in notes.md\n\
             ERROR 2026-05-10T06:55:09 +6000ms service=session.processor error=Token refresh failed: 401\n\
             INFO  2026-05-10T06:15:09 +0ms service=x quoted Token refresh failed: 401\n",
        );
        assert!(matches!(events[0].kind, EventKind::RefreshStarted { .. }));
        assert_eq!(events[0].at, Stamp::parse("2026-05-10T06:15:02Z"));
        let EventKind::Refused { failure, .. } = events[1].kind else { panic!("{events:?}") };
        assert_eq!((failure.class, events.len()), (ErrorClass::RefreshRefused, 2));
    }

    #[test]
    fn a_failure_that_nobody_caught() {
        let refusals = |rest: &str| {
            let attempt = "INFO  2026-05-10T06:15:02 +12ms service=plugin.codex refreshing codex access token";
            read(&format!("{attempt}\nERROR 2026-05-10T06:15:03 +801ms service={rest}\n")).len() - 1
        };
        let stack = "stack=Error: Token refresh failed: 401 at authorize";
        assert_eq!(refusals(&format!("default name=Error message=Token refresh failed: 401 {stack} fatal")), 1);
        assert_eq!(refusals("default e=Token refresh failed: 401 rejection"), 1);
        assert_eq!(refusals("default note=a=b Token refresh failed: 401"), 0);
        assert_eq!(refusals("default query=x \"y=Token refresh failed: 401"), 0);
        assert_eq!(refusals("plugin.copilot e=Token refresh failed: 401 rejection"), 0);
    }

    #[test]
    fn a_log_of_errors_alone_tells_no_attempts() {
        let failed = "ERROR 2026-05-10T06:15:03 +801ms service=session.processor error=Token refresh failed: 401 stack\n";
        let other = "INFO  2026-05-10T06:15:02 +0ms service=session.prompt step=0 loop\n";
        assert_eq!((read(failed).len(), read(&format!("{other}{failed}")).len()), (1, 0));
    }
}
