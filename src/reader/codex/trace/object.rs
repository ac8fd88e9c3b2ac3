//! Tracing records as JSON objects, which an app-server writes under `LOG_FORMAT=json`:
//! `{"timestamp","level","fields":{"message",…},"target","spans":[{"name",…}]}`.
//!
//! They are put back into the text form, so that one judge reads both.

use super::{Record, Severity};
use crate::event::Origin;
use crate::reader::json::{self, Members};
use crate::time::Stamp;

/// The record in `line`; None when it is none.
pub(crate) fn of_json(line: &str, origin: Origin) -> Option<Record> {
    let members = Members::of(line, &["timestamp", "level", "fields", "target", "spans"]).ok()?;
    let at = Stamp::parse(&members.text("timestamp")?)?;
    let severity = Severity::of(&members.text("level")?)?;
    let target = members.text("target")?;
    let mut text: String = members.items("spans").into_iter().map(span).collect();
    if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(&target);
    text.push_str(": ");
    let fields = json::members(members.raw("fields")?);
    text.push_str(&fields.iter().find(|(key, _)| key == "message").map(|(_, raw)| value(raw)).unwrap_or_default());
    for (key, raw) in fields.iter().filter(|(key, _)| key != "message") {
        text.push_str(&format!(" {key}={}", value(raw)));
    }
    Some(Record::new(Some(at), origin, Some(severity), &text))
}

/// `name{key="value"}:`
fn span(raw: &str) -> String {
    let members = json::members(raw);
    let name = members.iter().find(|(key, _)| key == "name").map(|(_, raw)| value(raw)).unwrap_or_default();
    let fields: Vec<String> = members.iter().filter(|(key, _)| key != "name").map(|(key, raw)| format!("{key}={raw}")).collect();
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("s{name}{{{}}}:", fields.join(" "))
}

/// A JSON string as its text, anything else as it stands.
fn value(raw: &str) -> String {
    json::string(raw).map_or_else(|| raw.to_owned(), |text| text.into_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_object_reads_like_its_text() {
        let line = r#"{"timestamp":"2026-05-10T06:41:03.512345Z","level":"ERROR","fields":{"message":"Failed to refresh token","status":"401 Unauthorized"},"target":"codex_login::auth::manager","span":{"name":"x"},"spans":[{"thread.id":"T","name":"turn"}]}"#;
        let record = of_json(line, Origin { source: 0, line: 1, byte: 0 }).unwrap();
        let entry = record.entry();
        assert_eq!(entry.target, "codex_login::auth::manager");
        assert_eq!(entry.message, "Failed to refresh token status=401 Unauthorized");
        assert_eq!(super::super::field(entry.spans, &["thread.id"]), Some("T"));
    }
}
