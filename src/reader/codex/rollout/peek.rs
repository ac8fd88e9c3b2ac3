//! What a rollout line is: its time, its type, and the type and role of what it carries.
//!
//! Most bytes of a rollout are tool output, images and copied history inside lines that state
//! nothing here (2 MB lines and 98 GB files have been reported), so these four words decide
//! whether a line is looked into any further. Every line is read by the one JSON parser. The
//! scanner below serves recognition only, where the first line may be cut off by the end of what
//! is shown; it follows the form in which Codex writes lines and gives up on anything else.

use crate::event::SkipReason;
use crate::reader::json::Members;
use crate::shortcuts;
use std::borrow::Cow;

/// The members that decide what a line means.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Peek<'a> {
    /// `timestamp` of the line.
    pub(super) stamp: Option<Cow<'a, str>>,
    /// `type` of the line; empty when there is none.
    pub(super) kind: Cow<'a, str>,
    /// `payload.type`, read for `response_item` and `event_msg` only.
    pub(super) inner: Cow<'a, str>,
    /// `payload.role`, read for messages only.
    pub(super) role: Cow<'a, str>,
}

/// What is known of a line that may be cut off anywhere.
pub(super) fn peek_start<'a>(line: &'a [u8], text: &'a str) -> Option<Peek<'a>> {
    scan(line).or_else(|| peek(text).ok())
}

/// What `line` is.
///
/// # Errors
/// The reason to skip a line that is not one JSON object.
pub(super) fn peek(text: &str) -> Result<Peek<'_>, SkipReason> {
    const KEYS: [&str; 3] = ["timestamp", "type", "payload"];
    const INNER: [&str; 2] = ["type", "role"];
    // One walk where both are wanted. A line that begins so and is something else after all bears its type twice.
    let (members, payload) = match begins_with_inner(text.as_bytes()).filter(|_| shortcuts::are_taken()) {
        Some(true) => Members::of_both(text, &KEYS, ("payload", &INNER))?,
        _ => (Members::of(text, &KEYS)?, None),
    };
    let kind = members.text("type").unwrap_or_default();
    let payload = match has_inner(&kind) {
        true => payload.or_else(|| members.inner("payload", &INNER)),
        false => None,
    };
    let of_payload = |key: &str| payload.as_ref().and_then(|p| p.text(key)).unwrap_or_default();
    Ok(Peek { stamp: members.text("timestamp"), inner: of_payload("type"), role: of_payload("role"), kind })
}

fn has_inner(kind: &str) -> bool {
    matches!(kind, "response_item" | "event_msg")
}

/// Does a line in the usual form say first that its payload is looked into?
fn begins_with_inner(line: &[u8]) -> Option<bool> {
    let mut at = Scan { bytes: line, at: 0 };
    at.take(b'{')?;
    loop {
        match at.name()? {
            "type" => return at.plain().map(has_inner),
            _ => at.scalar()?,
        }
        at.take(b',')?;
    }
}

/// From the start of a line alone: None where the line is not in the usual form.
fn scan(line: &[u8]) -> Option<Peek<'_>> {
    let mut at = Scan { bytes: line, at: 0 };
    let mut found = Peek::default();
    at.take(b'{')?;
    loop {
        match at.name()? {
            "timestamp" => found.stamp = Some(Cow::Borrowed(at.plain()?)),
            "type" => found.kind = Cow::Borrowed(at.plain()?),
            "payload" if found.kind.is_empty() => return None,
            "payload" => {
                if has_inner(&found.kind) {
                    payload(&mut at, &mut found)?;
                }
                return Some(found);
            }
            _ => at.scalar()?,
        }
        at.take(b',')?;
    }
}

/// `type` and, for messages, `role`.
fn payload<'a>(at: &mut Scan<'a>, found: &mut Peek<'a>) -> Option<()> {
    at.take(b'{')?;
    loop {
        match at.name()? {
            "type" => found.inner = Cow::Borrowed(at.plain()?),
            "role" => found.role = Cow::Borrowed(at.plain()?),
            _ => at.scalar()?,
        }
        let needs_role = found.kind == "response_item" && found.inner == "message";
        if !found.inner.is_empty() && (!needs_role || !found.role.is_empty()) {
            return Some(());
        }
        at.take(b',')?;
    }
}

/// A cursor over JSON that only goes forward and gives up on anything nested.
struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
    fn next_byte(&mut self) -> Option<u8> {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, want: u8) -> Option<()> {
        (self.next_byte()? == want).then(|| self.at += 1)
    }

    /// A member's name and the colon after it.
    fn name(&mut self) -> Option<&'a str> {
        let name = self.plain()?;
        self.take(b':')?;
        Some(name)
    }

    /// A string without escapes.
    fn plain(&mut self) -> Option<&'a str> {
        self.take(b'"')?;
        let rest = self.bytes.get(self.at..)?;
        let end = memchr::memchr2(b'"', b'\\', rest)?;
        if rest[end] == b'\\' {
            return None;
        }
        self.at += end + 1;
        std::str::from_utf8(&rest[..end]).ok()
    }

    /// Pass over a string, number or word.
    fn scalar(&mut self) -> Option<()> {
        match self.next_byte()? {
            b'"' => self.string(),
            b'{' | b'[' => None,
            _ => {
                let rest = self.bytes.get(self.at..)?;
                let end = rest.iter().position(|b| matches!(b, b',' | b'}' | b']' | b' ' | b'\t'))?;
                (end > 0).then(|| self.at += end)
            }
        }
    }

    fn string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            let rest = self.bytes.get(self.at..)?;
            let end = memchr::memchr2(b'"', b'\\', rest)?;
            let escape = rest[end] == b'\\';
            self.at += end + 1 + usize::from(escape);
            if !escape {
                return Some(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::reader::json;

    /// Lines of every kind; both ways must agree on them.
    const LINES: &[&str] = &[
        r#"{"timestamp":"2026-05-10T06:40:58.101Z","type":"session_meta","payload":{"id":"x"}}"#,
        r#"{"timestamp":"T","ordinal":3,"type":"response_item","payload":{"type":"message","id":"m \" 1","role":"user","content":[]},"metadata":{"a":1}}"#,
        r#"{"timestamp":"T","type":"response_item","payload":{"type":"function_call","name":"x"}}"#,
        r#"{"timestamp" : "T", "type" : "event_msg", "payload" : { "type" : "task_started" } }"#,
        r#"{"timestamp":"T","type":"compacted","payload":{"type":"message","role":"user"}}"#,
    ];

    #[test]
    fn the_start_says_what_the_line_says() {
        for line in LINES {
            assert_eq!(scan(line.as_bytes()).unwrap(), peek(line).unwrap(), "{line}");
        }
    }

    /// In two walks.
    fn slow(text: &str) -> Result<Peek<'_>, SkipReason> {
        let members = Members::of(text, &["timestamp", "type", "payload"])?;
        let kind = members.text("type").unwrap_or_default();
        let payload = if has_inner(&kind) { members.inner("payload", &["type", "role"]) } else { None };
        let of_payload = |key: &str| payload.as_ref().and_then(|p| p.text(key)).unwrap_or_default();
        Ok(Peek { stamp: members.text("timestamp"), inner: of_payload("type"), role: of_payload("role"), kind })
    }

    #[test]
    fn one_walk_says_what_two_say_and_is_as_lenient() {
        let pieces = [
            "",
            ",",
            "{",
            "}",
            "\"",
            "\\",
            "x",
            r#""type":"compacted","#,
            r#""type":"event_msg","#,
            r#""payload":1,"#,
            r#""payload":{"type":"a","role":"b"},"#,
            r#""role":"c","#,
            r#""x":["y"],"#,
            r#""t\u0079pe":"event_msg","#,
        ];
        let told = |text: &str, peek: fn(&str) -> Result<Peek<'_>, SkipReason>| {
            json::leniencies().for_each(drop);
            let found = peek(text);
            // Nothing is put up with in what is skipped.
            let taken = found.as_ref().map(|_| json::leniencies().collect::<Vec<_>>());
            format!("{found:?} {taken:?}")
        };
        for line in LINES {
            for (at, put) in (0..line.len()).flat_map(|at| pieces.iter().map(move |put| (at, put))) {
                for end in [at, at + 1] {
                    let text = format!("{}{put}{}", &line[..at], &line[end..]);
                    assert_eq!(told(&text, peek), told(&text, slow), "{text}");
                }
            }
        }
    }

    #[test]
    fn unusual_lines_go_to_the_parser() {
        for line in [
            r#"{"payload":{"type":"task_started"},"type":"event_msg","timestamp":"T"}"#,
            r#"{"timestamp":"T","ty\u0070e":"event_msg","payload":{"type":"task_started"}}"#,
            r#"{"timestamp":"T","x":{"type":"no"},"type":"event_msg","payload":{"x":[],"type":"task_started"}}"#,
        ] {
            assert_eq!(scan(line.as_bytes()), None, "{line}");
            assert_eq!(peek(line).unwrap().inner, "task_started", "{line}");
        }
    }

    #[test]
    fn damage_is_seen() {
        let line = LINES[1];
        for cut in 0..line.len() {
            assert_eq!(peek(&line[..cut]).err(), Some(SkipReason::JsonSyntax), "{cut}");
            let _ = peek_start(&line.as_bytes()[..cut], &line[..cut]);
        }
        assert_eq!(peek("{\"type\":\"event_msg\"}\0\0").err(), Some(SkipReason::NulPadding));
        assert_eq!(peek("[]").err(), Some(SkipReason::JsonSyntax));
    }
}
