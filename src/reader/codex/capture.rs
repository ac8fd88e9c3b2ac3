//! `codex exec --json`: standard output that somebody kept, one object per event.
//!
//! A run is one turn of one thread (`thread.started`, `turn.started`, items, `turn.completed` or
//! `turn.failed`; a top-level `error` before the end is a retry or repeats it). No object bears a
//! time or a turn id: the thread's own id tells when it was made, and a rollout of the same thread
//! dates the turn. Builds before about October 2025 wrapped protocol events as `{"id","msg"}`.
//!
//! What failed is the error of the turn; errors quoted in items are content.

use super::{failure, ident, torn_or};
use crate::event::{Client, ErrorClass, EventKind, Failure, Level, Origin, Provider, Stop, Turn};
use crate::reader::json::{self, Members};
use crate::reader::{Context, Facts, Outcome, Reader, Sniff, opening};
use crate::source::{Head, Line};

/// The first object begins a thread, or is a wrapped event.
pub(super) fn sniff(head: &Head<'_>) -> Sniff {
    let is_event = |line: &[u8]| {
        let text = json::text(line);
        let Ok(event) = Members::of(&text, &["type", "thread_id", "id", "msg"]) else { return false };
        let begins = event.text("type").as_deref() == Some("thread.started") && event.raw("thread_id").is_some();
        let wrapped = event.raw("id").is_some() && event.inner("msg", &["type"]).is_some_and(|m| m.text("type").is_some());
        begins || wrapped
    };
    let lines = opening::lines(head, false, |line| line.starts_with(b"{"));
    match lines.filter(|line| line.starts_with(b"{")).take(3).any(is_event) {
        true => Sniff::Yes,
        false => Sniff::No,
    }
}

/// Makes the reader.
pub(super) fn open(_: &Context<'_>) -> Box<dyn Reader> {
    Box::new(Capture::default())
}

/// Reads one capture.
#[derive(Debug, Default)]
struct Capture {
    thread: Option<String>,
    model: Option<String>,
    /// A turn has begun and not ended.
    open: bool,
    /// The last error that was not called a retry.
    error: Option<(Failure, String)>,
}

impl Reader for Capture {
    fn line(&mut self, line: &Line<'_>, facts: &mut Facts<'_>) -> Outcome {
        let text = json::text(line.bytes);
        let text = text.trim();
        // Chatter of the terminal: `Reading additional input from stdin...`.
        if !text.starts_with('{') {
            return Outcome::Used;
        }
        let event = match Members::of(text, &["type", "thread_id", "message", "error", "msg"]) {
            Ok(event) => event,
            Err(reason) => return Outcome::Skipped(torn_or(line, reason)),
        };
        let origin = facts.origin(line);
        match event.inner("msg", &["type", "session_id", "message", "model", "codex_error_info", "last_agent_message"]) {
            Some(wrapped) => self.wrapped(&wrapped, origin, facts),
            None => self.event(&event, origin, facts),
        }
    }
}

impl Capture {
    fn event(&mut self, event: &Members<'_, 5>, origin: Origin, facts: &mut Facts<'_>) -> Outcome {
        match event.text("type").as_deref().unwrap_or_default() {
            "thread.started" => self.begin(event.text("thread_id").as_deref().unwrap_or_default(), origin, facts),
            "turn.started" => self.open = true,
            "error" => {
                let words = event.text("message").unwrap_or_default();
                if !words.starts_with("Reconnecting") {
                    self.error = Some((failure::of(&words, None), words.into_owned()));
                }
            }
            "turn.completed" => self.end(Stop::Stop, None, origin, facts),
            "turn.failed" => {
                let stated = event.raw("error").and_then(failure::of_error).map(|(failure, words)| (failure, words.into_owned()));
                let error = stated.or(self.error.take());
                self.end(Stop::Error, error, origin, facts);
            }
            kind if kind.starts_with("item.") => {}
            _ => return Outcome::Unknown,
        }
        Outcome::Used
    }

    /// A protocol event of an old build.
    fn wrapped(&mut self, event: &Members<'_, 6>, origin: Origin, facts: &mut Facts<'_>) -> Outcome {
        match event.text("type").as_deref().unwrap_or_default() {
            "session_configured" => {
                self.begin(event.text("session_id").as_deref().unwrap_or_default(), origin, facts);
                self.model = event.text("model").map(|model| model.into_owned());
            }
            "task_started" => self.open = true,
            "error" => {
                let words = event.text("message").unwrap_or_default();
                let error = Some((failure::of(&words, event.raw("codex_error_info")), words.clone().into_owned()));
                self.end(Stop::Error, error, origin, facts);
            }
            "turn_aborted" => self.end(Stop::Aborted, None, origin, facts),
            "task_complete" if self.open && event.raw("last_agent_message").is_none() => {
                let unstated = Failure { class: ErrorClass::Unstated, level: Level::Sentence };
                self.end(Stop::Error, Some((unstated, String::new())), origin, facts);
            }
            "task_complete" => self.end(Stop::Stop, None, origin, facts),
            _ => {}
        }
        Outcome::Used
    }

    fn begin(&mut self, thread: &str, origin: Origin, facts: &mut Facts<'_>) {
        self.thread = (!thread.trim().is_empty()).then(|| thread.to_owned());
        facts.push(ident::made_at(thread), origin, EventKind::WrittenBy { client: Client::CodexExec, version: None });
    }

    /// State the open turn.
    fn end(&mut self, stop: Stop, error: Option<(Failure, String)>, origin: Origin, facts: &mut Facts<'_>) {
        if !std::mem::take(&mut self.open) {
            return;
        }
        self.error = None;
        let thread = self.thread.as_deref();
        let (failure, words) = error.map_or((None, String::new()), |(failure, words)| (Some(failure), words));
        let turn = Turn {
            session: thread.map(|thread| ident::session_key(facts, thread)),
            id: None,
            run: None,
            started: thread.and_then(ident::made_at),
            stop,
            provider: Provider::Unknown,
            model: self.model.as_deref().and_then(|model| facts.model(model)),
            failure,
            labelled: None,
            transport: None,
            account: None,
            resident: false,
        };
        facts.turn(None, origin, turn, &words);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::reader::codex::testing::{self, sniffed};
    use crate::time::Stamp;

    const THREAD: &str = "019e1234-aaaa-7bbb-8ccc-0123456789ab";

    fn turns(text: &str) -> Vec<(Stop, Option<ErrorClass>)> {
        let of = |(_, turn): &(Option<Stamp>, Turn)| (turn.stop, turn.failure.map(|f| f.class));
        testing::turns(open, "step1.out", text).iter().map(of).collect()
    }

    #[test]
    fn captures_are_known_by_their_first_object() {
        let text = "Reading additional input from stdin...\n{\"type\":\"thread.started\",\"thread_id\":\"x\"}\n{\"type\":\"turn.started\"}\n";
        assert_eq!(sniffed(sniff, "out", text.as_bytes()), Sniff::Yes);
        assert_eq!(sniffed(sniff, "out", b"{\"type\":\"session\",\"id\":\"x\"}\n"), Sniff::No);
    }

    #[test]
    fn the_error_of_the_turn_counts_and_retries_and_content_do_not() {
        let text = format!(
            "{{\"type\":\"thread.started\",\"thread_id\":\"{THREAD}\"}}\n{{\"type\":\"turn.started\"}}\n\
             {{\"type\":\"item.completed\",\"item\":{{\"type\":\"agent_message\",\"text\":\"You've hit your usage limit\"}}}}\n\
             {{\"type\":\"error\",\"message\":\"Reconnecting... 2/5 (You've hit your usage limit)\"}}\n\
             {{\"type\":\"turn.failed\",\"error\":{{\"message\":\"stream disconnected before completion: websocket closed\"}}}}\n"
        );
        assert_eq!(turns(&text), [(Stop::Error, Some(ErrorClass::StreamCut))]);
        let (stated, _) = testing::run(open, "step1.out", text.as_bytes());
        let ([turn], [_]) = (&stated.turns[..], &stated.events[..]) else { panic!("{stated:?}") };
        assert_eq!((turn.started(), turn.at()), (ident::made_at(THREAD), None));
    }

    #[test]
    fn an_answered_turn_and_one_that_did_not_end() {
        let begun = "{\"type\":\"thread.started\",\"thread_id\":\"x\"}\n{\"type\":\"turn.started\"}\n";
        assert_eq!(turns(&format!("{begun}{{\"type\":\"turn.completed\",\"usage\":{{}}}}\n")), [(Stop::Stop, None)]);
        assert_eq!(turns(begun), []);
    }

    #[test]
    fn wrapped_events_of_old_builds() {
        let text = "{\"id\":\"0\",\"msg\":{\"type\":\"session_configured\",\"session_id\":\"x\"}}\n\
            {\"id\":\"0\",\"msg\":{\"type\":\"task_started\"}}\n\
            {\"id\":\"0\",\"msg\":{\"type\":\"error\",\"message\":\"exceeded retry limit, last status: 429 Too Many Requests\"}}\n\
            {\"id\":\"0\",\"msg\":{\"type\":\"task_complete\",\"last_agent_message\":null}}\n";
        assert_eq!(turns(text), [(Stop::Error, Some(ErrorClass::RateLimit))]);
    }
}
