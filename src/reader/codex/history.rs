//! `history.jsonl`: what was typed into the terminal program, and when (`session_id`, or
//! `conversation_id` in old builds; `ts` in seconds). The words are private and never looked at: a
//! line states that a person used Codex then, and in which session.

use super::{ident, torn_or};
use crate::event::{EventKind, SkipReason};
use crate::reader::json::{self, Members};
use crate::reader::{Context, Facts, Outcome, Reader, Sniff};
use crate::source::{Head, Line};
use crate::time::Stamp;

const KEYS: [&str; 4] = ["session_id", "conversation_id", "ts", "text"];

/// The first line is such an object.
pub(super) fn sniff(head: &Head<'_>) -> Sniff {
    let Some((first, _)) = head.first_line() else { return Sniff::No };
    let text = json::text(first);
    let Ok(object) = Members::of(&text, &KEYS) else { return Sniff::No };
    match session(&object).is_some() && object.number("ts").is_some() && object.raw("text").is_some() {
        true => Sniff::Yes,
        false => Sniff::No,
    }
}

/// Makes the reader.
pub(super) fn open(_: &Context<'_>) -> Box<dyn Reader> {
    Box::new(History)
}

/// Reads one history.
struct History;

impl Reader for History {
    fn line(&mut self, line: &Line<'_>, facts: &mut Facts<'_>) -> Outcome {
        let text = json::text(line.bytes);
        if text.trim().is_empty() {
            return Outcome::Used;
        }
        let object = match Members::of(&text, &KEYS) {
            Ok(object) => object,
            Err(reason) => return Outcome::Skipped(torn_or(line, reason)),
        };
        let Some(id) = session(&object) else { return Outcome::Unknown };
        let Some(at) = object.number("ts").and_then(Stamp::epoch) else { return Outcome::Skipped(SkipReason::TimeUnknown) };
        let session = Some(ident::session_key(facts, &id));
        facts.push(Some(at), facts.origin(line), EventKind::Active { session });
        Outcome::Used
    }
}

fn session(object: &Members<'_, 4>) -> Option<String> {
    let id = object.text("session_id").or_else(|| object.text("conversation_id"))?;
    ident::is_uuid(&id).then(|| id.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::codex::testing::{lines, sniffed};

    #[test]
    fn session_and_time_and_nothing_else() {
        let id = "019e1234-aaaa-7bbb-8ccc-0123456789ab";
        let text = format!(
            "{{\"session_id\":\"{id}\",\"ts\":1795366376,\"text\":\"401 refresh_token_reused\"}}\n{{\"conversation_id\":\"{id}\",\"ts\":1795366381,\"text\":\"x\"}}\n{{\"sess"
        );
        assert_eq!(sniffed(sniff, "history.jsonl", text.as_bytes()), Sniff::Yes);
        assert_eq!(sniffed(sniff, "history.jsonl", b"{\"ts\":1795366376,\"text\":\"hi\"}"), Sniff::No);
        let events = lines(open, "history.jsonl", &text);
        let times: Vec<Option<Stamp>> = events.iter().map(|event| event.at).collect();
        assert_eq!(times, [Some(Stamp::utc(1_795_366_376_000)), Some(Stamp::utc(1_795_366_381_000))]);
        assert!(events.iter().all(|event| matches!(event.kind, EventKind::Active { session: Some(_) })));
    }
}
