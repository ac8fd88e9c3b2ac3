//! One line of a Hermes log, taken apart: time, level, session tag, logger, message.
//!
//! The form is the same in every release (0.9 to 0.19):
//! `2026-05-10 08:15:02,123 WARNING [20260510_081410_ab12cd] run_agent: API call failed …`, in
//! the local time of the process. The tag is set per thread when a turn starts and never cleared,
//! so it can be that of an earlier session; an id inside the message is the better one.

use super::says::Says;
use crate::time::Stamp;

/// The head of a record; the message may go on in the lines below it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    /// Naive local time.
    pub(super) at: Stamp,
    /// Logged as a warning or worse.
    pub(super) is_notable: bool,
    /// Logged as an error.
    pub(super) is_error: bool,
    /// Session tag, maybe a stale one.
    pub(super) tag: Option<&'a str>,
    /// Name of the logger.
    pub(super) logger: &'a str,
    /// The message, as far as it stands on this line.
    pub(super) message: &'a str,
    /// What it states, and the message without a child agent's prefix.
    pub(super) said: Option<(Says, &'a str)>,
}

const LEVELS: [&str; 5] = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"];

/// Longest tag and logger name that are believed.
const LONGEST: usize = 160;

impl<'a> Record<'a> {
    /// The record that starts on this line; None for a line that continues one.
    pub(super) fn parse(line: &'a str) -> Option<Record<'a>> {
        if line.as_bytes().get(19) != Some(&b',') {
            return None;
        }
        let (at, rest) = Stamp::prefix(line.as_bytes())?;
        let rest = line.get(line.len() - rest.len()..)?.strip_prefix(' ').filter(|_| at.is_local())?;
        let behind = |level: &str| rest.strip_prefix(level)?.strip_prefix(' ');
        let (level, rest) = LEVELS.iter().find_map(|level| Some((*level, behind(level)?)))?;
        let (tag, rest) = match rest.strip_prefix('[').and_then(|tagged| split_behind(tagged, b']')) {
            Some((tag, rest)) if is_word(tag) => (Some(tag), rest),
            _ => (None, rest),
        };
        let (logger, message) = split_behind(rest, b':').or_else(|| rest.strip_suffix(':').map(|logger| (logger, "")))?;
        let is_error = matches!(level, "ERROR" | "CRITICAL");
        let is_notable = is_error || level == "WARNING";
        is_word(logger).then(|| Record { at, is_notable, is_error, tag, logger, message, said: Says::of(message) })
    }
}

/// What stands before and behind the first `mark` that a blank follows.
fn split_behind(text: &str, mark: u8) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    let at = memchr::memchr_iter(mark, bytes).find(|at| bytes.get(at + 1) == Some(&b' '))?;
    Some((text.get(..at)?, text.get(at + 2..)?))
}

fn is_word(text: &str) -> bool {
    let has_blank = || match text.is_ascii() {
        // A vertical tab is a blank, too, as it is for a character.
        true => text.bytes().any(|b| b.is_ascii_whitespace() || b == 0x0b),
        false => text.contains(char::is_whitespace),
    };
    !text.is_empty() && text.len() <= LONGEST && !has_blank()
}

/// The value of `name=value` in a message, up to the next blank; the first such field counts.
pub(super) fn field<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    let is_its = |equals: &usize| {
        let before = message.get(..*equals).and_then(|head| head.strip_suffix(name));
        before.is_some_and(|head| head.chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '_'))
    };
    let equals = memchr::memchr_iter(b'=', message.as_bytes()).find(is_its)?;
    let value = message.get(equals + 1..)?;
    value.split_whitespace().next().filter(|_| !value.starts_with(char::is_whitespace))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_and_lines_that_are_none() {
        let line = "2026-05-10 08:15:02,123 WARNING [20260510_081410_ab12cd] run_agent: API call: x";
        let record = Record::parse(line).map(|r| (r.tag, r.logger, r.message, r.is_error));
        assert_eq!(record, Some((Some("20260510_081410_ab12cd"), "run_agent", "API call: x", false)));
        let line = "2026-05-10 08:15:02,123 ERROR root: [x] y";
        assert_eq!(Record::parse(line).map(|r| (r.tag, r.message, r.is_error)), Some((None, "[x] y", true)));
        for bad in [
            "",
            "Traceback (most recent call last):",
            "2026-05-10 08:15:02 INFO a: b",
            "2026-05-10 08:15:02,123",
            "2026-05-10 08:15:02,123 NOTE a: b",
            "2026-05-10 08:15:02,123 INFO no colon",
            "2026-05-10 08:15:02,123 INFO two words: x",
            "2026-05-10T08:15:02,123Z INFO a: b",
        ] {
            assert!(Record::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn fields_are_whole_words() {
        let message = "conversation turn: session=S1 model=gpt provider= sub_session=S2 msg='session=S3'";
        assert_eq!(field(message, "session"), Some("S1"));
        assert_eq!(field(message, "model"), Some("gpt"));
        assert_eq!(field(message, "provider"), None);
        assert_eq!(field(message, "absent"), None);
    }
}
