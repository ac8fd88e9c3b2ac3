//! `sessions/session_<id>.json`: one session as one object, rewritten after every turn.
//!
//! Every surface writes it up to 0.14; later versions only when told to. Its messages carry no
//! times, so healthy turns cannot be stated one by one. A last message that is the user's is a
//! turn that got no answer, and `last_updated` (naive local) is when the client gave it up.

use super::head;
use super::words::{UNSTATED, provider_at};
use crate::event::{Provider, SourceKind, Stop, Turn};
use crate::reader::{Context, Facts, Format, Outcome, Shape, Sniff, json};
use crate::secret::Kind;
use crate::source::Head;
use crate::time::Stamp;

/// The row of the table.
pub(super) const FORMAT: Format = Format {
    kind: SourceKind::HermesSessionSnapshot,
    sniff,
    shape: Shape::Whole(read),
    tails: &["backups/*/sessions/*", "sessions/*"],
    outside: false,
};

fn sniff(head: &Head<'_>) -> Sniff {
    let ours = head::has_keys(head.bytes, &["session_id", "session_start", "last_updated"]);
    if ours { Sniff::Yes } else { Sniff::No }
}

const TOP: [&str; 5] = ["session_id", "model", "base_url", "last_updated", "messages"];
const MESSAGE: [&str; 2] = ["role", "finish_reason"];

fn read(bytes: &[u8], _: &Context<'_>, facts: &mut Facts<'_>) -> Outcome {
    let text = json::text(bytes);
    let top = match json::Members::of(text.trim_start_matches('\u{feff}'), &TOP) {
        Ok(top) => top,
        Err(reason) => return Outcome::Skipped(reason),
    };
    let messages = top.items("messages");
    let Some(last) = messages.last().and_then(|raw| json::Members::of(raw, &MESSAGE).ok()) else { return Outcome::Used };
    let updated = top.text("last_updated").unwrap_or_default();
    let at = Stamp::parse(&updated);
    let id = top.text("session_id").unwrap_or_default();
    let session = (!id.is_empty()).then(|| facts.key(Kind::Session, &id));
    let provider = top.text("base_url").map_or(Provider::Unknown, |url| provider_at(&url));
    match (last.text("role").as_deref(), last.text("finish_reason").as_deref()) {
        (Some("user"), _) => {
            let turn = Turn {
                session,
                id: Some(facts.key(Kind::Turn, &format!("snapshot {id} {} {updated}", messages.len()))),
                run: None,
                started: None,
                stop: Stop::Error,
                provider,
                model: top.text("model").and_then(|name| facts.model(&name)),
                failure: Some(UNSTATED),
                labelled: None,
                transport: None,
                account: None,
                resident: false,
            };
            facts.turn(at, facts.whole(), turn, "");
        }
        (Some("assistant"), Some("stop")) if provider == Provider::OpenaiCodex => {
            facts.worked(at, facts.whole(), session);
        }
        _ => {}
    }
    Outcome::Used
}

#[cfg(test)]
mod tests {
    use super::super::tests::read_file;
    use super::*;
    use crate::event::Stated;

    fn last(message: &str) -> Stated {
        let text = format!(
            r#"{{"session_id":"20260510_081410_ab12cd","model":"gpt-5.4","base_url":"https://chatgpt.com/backend-api/codex","platform":"cli",
            "session_start":"2026-05-10T08:14:10.1","last_updated":"2026-05-10T08:15:02.123456","messages":[{{"role":"user","content":"hi"}},{message}]}}"#
        );
        read_file("sessions/session_20260510_081410_ab12cd.json", text.as_bytes()).1
    }

    #[test]
    fn only_a_dangling_request_is_a_failed_turn() {
        let failed = last(r#"{"role":"user","content":"again"}"#);
        assert!(matches!(&failed.turns[..], [turn] if turn.stop == Stop::Error && turn.failure == Some(UNSTATED)));
        assert!(failed.events.is_empty());
        let answered = last(r#"{"role":"assistant","finish_reason":"stop"}"#);
        assert!(matches!(&answered.worked[..], [worked] if worked.session.is_some()));
        assert!(answered.turns.is_empty());
        assert!(last(r#"{"role":"tool","content":"refresh_token_reused"}"#).is_empty());
    }
}
