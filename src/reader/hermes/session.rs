//! `sessions/<id>.jsonl`: the transcript that the gateway wrote up to 0.14.
//!
//! One object per line, told by its top-level `role`. All lines of a turn share one naive local
//! time, taken when the turn was over and the answer was sent (up to some seconds after the last
//! log line of the turn). No line names the session (the file name does), the provider or an
//! error: a failed turn is a user line with nothing behind it. The one exception is a credential
//! that could not be resolved: then the gateway puts its own sentence into an assistant line,
//! which has no `finish_reason`, as no model wrote it.
//!
//! A turn's id is made from the session and the turn's place and time; the log and the dump of
//! the same turn have other ids, so the same turn is found by session and time.

use super::words::UNSTATED;
use super::{answer, head};
use crate::event::{Failure, Model, Origin, Provider, SkipReason, SourceKind, Stop, Turn};
use crate::reader::{Facts, Format, Outcome, Reader, Shape, Sniff, json};
use crate::secret::Kind;
use crate::source::{Head, Line, Name};
use crate::time::Stamp;

/// The row of the table.
pub(super) const FORMAT: Format = Format {
    kind: SourceKind::HermesSession,
    sniff,
    shape: Shape::Lines(|context| Box::new(Transcript::new(context.name))),
    tails: &["backups/*/sessions/*", "sessions/*"],
    outside: false,
};

const ROLES: [&str; 5] = ["session_meta", "user", "assistant", "tool", "system"];

fn sniff(head: &Head<'_>) -> Sniff {
    let Some((line, complete)) = head.first_line() else { return Sniff::No };
    let keys = head::keys(line);
    let has = |key: &str| keys.iter().any(|known| **known == *key.as_bytes());
    if !has("role") || has("type") || has("messages") {
        return Sniff::No;
    }
    if !complete {
        // The tool schemas of a first line can be longer than what is shown.
        return if head::contains(line, "\"session_meta\"") { Sniff::Yes } else { Sniff::Maybe };
    }
    let text = json::text(line);
    let Ok(row) = json::Members::of(&text, &["role", "timestamp"]) else { return Sniff::No };
    let role = row.text("role").unwrap_or_default();
    let local = row.text("timestamp").and_then(|t| Stamp::parse(&t)).is_some_and(Stamp::is_local);
    match () {
        () if !ROLES.contains(&role.as_ref()) => Sniff::No,
        () if role == "session_meta" || local || is_session_name(head.name.file()) => Sniff::Yes,
        () => Sniff::No,
    }
}

/// `20260510_081410_ab12cd34.jsonl`: lines of a rewritten transcript have lost their times.
fn is_session_name(file: &str) -> bool {
    is_session_id(file.split('.').next().unwrap_or(""))
}

/// `20260510_081410_ab12cd34`.
pub(super) fn is_session_id(text: &str) -> bool {
    let parts: Vec<&str> = text.split('_').collect();
    let digits = |part: &str, n: usize| part.len() == n && part.bytes().all(|b| b.is_ascii_digit());
    matches!(&parts[..], [day, time, tail] if digits(day, 8) && digits(time, 6) && tail.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// The session that a file name states. A copy that a file manager or a person made keeps the id
/// among its own words (`<id> (1).jsonl`, `copy of <id>.jsonl`).
fn session_of(file: &str) -> &str {
    let mut words = file.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.find(|word| is_session_id(word)).unwrap_or_else(|| file.split(".jsonl").next().unwrap_or(""))
}

struct Transcript {
    session: String,
    model: Option<Model>,
    turns: u64,
    turn: Option<Open>,
}

/// A turn whose lines are being read.
struct Open {
    origin: Origin,
    at: Option<Stamp>,
    stop: Option<Stop>,
    provider: Provider,
    failure: Option<Failure>,
    words: String,
    /// A line behind the request could not be read: it may have been the answer.
    gap: bool,
}

const ROW: [&str; 7] = ["role", "timestamp", "finish_reason", "content", "mirror", "model", "type"];

impl Reader for Transcript {
    fn line(&mut self, line: &Line<'_>, facts: &mut Facts<'_>) -> Outcome {
        if line.bytes.trim_ascii().is_empty() {
            return Outcome::Used;
        }
        let text = json::text(line.bytes);
        let row = match json::Members::of(&text, &ROW) {
            Ok(row) => row,
            Err(reason) => {
                self.turn.iter_mut().for_each(|turn| turn.gap = true);
                return Outcome::Skipped(if line.torn { SkipReason::TornTail } else { reason });
            }
        };
        let at = row.text("timestamp").and_then(|t| Stamp::parse(&t));
        match row.text("role").as_deref() {
            Some("session_meta") => self.model = row.text("model").and_then(|name| facts.model(&name)).or(self.model.take()),
            Some("user") => self.request(at, facts.origin(line), facts),
            // A message that another surface sent into the chat; nobody asked for it here.
            Some("assistant") if row.flag("mirror") == Some(true) => return Outcome::Ignored,
            Some("assistant") => self.turn.iter_mut().for_each(|turn| turn.answer(&row)),
            Some("tool" | "system") => return Outcome::Ignored,
            _ => return Outcome::Unknown,
        }
        Outcome::Used
    }

    fn finish(&mut self, facts: &mut Facts<'_>) {
        self.close(facts);
    }
}

impl Transcript {
    fn new(name: &Name) -> Transcript {
        let session = session_of(name.file()).to_owned();
        Transcript { session, model: None, turns: 0, turn: None }
    }

    /// A user line. One with the time of the open turn belongs to that turn (the agent's own
    /// prods are stored as user lines too).
    fn request(&mut self, at: Option<Stamp>, origin: Origin, facts: &mut Facts<'_>) {
        if self.turn.as_ref().is_some_and(|turn| at.is_some() && turn.at == at) {
            return;
        }
        self.close(facts);
        self.turns += 1;
        let provider = Provider::Unknown;
        self.turn = Some(Open { origin, at, stop: None, provider, failure: None, words: String::new(), gap: false });
    }

    fn close(&mut self, facts: &mut Facts<'_>) {
        let Some(open) = self.turn.take() else { return };
        let (stop, failure) = match open.stop {
            Some(stop) => (stop, open.failure),
            None if open.gap => (Stop::Unknown, None),
            None => (Stop::Error, Some(UNSTATED)),
        };
        let time = open.at.map_or(0, |at| at.ms);
        let turn = Turn {
            session: (!self.session.is_empty()).then(|| facts.key(Kind::Session, &self.session)),
            id: Some(facts.key(Kind::Turn, &format!("transcript {} {} {time}", self.session, self.turns))),
            run: None,
            started: None,
            stop,
            provider: open.provider,
            model: self.model.clone(),
            failure,
            labelled: None,
            transport: None,
            account: None,
            resident: false,
        };
        facts.turn(open.at, open.origin, turn, &open.words);
    }
}

impl Open {
    /// An assistant line: the last one of a turn says how the turn stopped. One that says nothing
    /// takes nothing back.
    fn answer(&mut self, row: &json::Members<'_, 7>) {
        let (reason, content) = (row.text("finish_reason"), row.text("content").unwrap_or_default());
        let answer = answer::of(reason.as_deref(), None, &content);
        if reason.is_none() && answer.stop == Stop::Unknown && self.stop.is_some() {
            return;
        }
        self.stop = Some(answer.stop);
        if answer.failure.is_some() {
            (self.failure, self.provider, self.words) = (answer.failure, answer.provider, answer.words);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::read_file;
    use super::*;
    use crate::event::ErrorClass;

    fn of(text: &str) -> Vec<(Stop, Option<ErrorClass>)> {
        let (_, stated) = read_file("h/sessions/20260510_081410_ab12cd34.jsonl", text.as_bytes());
        stated.turns.iter().map(|t| (t.stop, t.failure.map(|f| f.class))).collect()
    }

    #[test]
    fn a_copy_under_another_name_is_of_the_same_session() {
        const ID: &str = "20260510_081410_ab12cd34";
        for name in ["{}.jsonl", "{} (1).jsonl", "{}-copy.jsonl", "copy of {}.jsonl", "{}.jsonl.1", "{}.jsonl~", "{}.bak.jsonl"] {
            assert_eq!(session_of(&name.replace("{}", ID)), ID, "{name}");
        }
        assert_eq!(session_of("cron_daily_20260510.jsonl"), "cron_daily_20260510");
        assert_eq!(session_of("x.jsonl.gz"), "x");
    }

    #[test]
    fn every_shape_of_a_turn() {
        let text = concat!(
            "{\"role\":\"session_meta\",\"tools\":[],\"model\":\"gpt-5.4\",\"platform\":\"telegram\",\"timestamp\":\"2026-05-10T08:15:02.1\"}\r\n",
            "{\"role\":\"user\",\"content\":\"a\",\"timestamp\":\"2026-05-10T08:15:02.1\"}\n",
            "{\"role\":\"assistant\",\"content\":\"\",\"finish_reason\":\"tool_calls\",\"timestamp\":\"2026-05-10T08:15:02.1\"}\n",
            "{\"role\":\"tool\",\"content\":\"refresh_token_reused\",\"timestamp\":\"2026-05-10T08:15:02.1\"}\n",
            "{\"role\":\"user\",\"content\":\"[nudge]\",\"timestamp\":\"2026-05-10T08:15:02.1\"}\n",
            "{\"role\":\"assistant\",\"content\":\"401 token_expired\",\"finish_reason\":\"stop\",\"timestamp\":\"2026-05-10T08:15:02.1\"}\n",
            "{\"role\":\"assistant\",\"content\":\"m\",\"mirror\":true,\"mirror_source\":\"cli\",\"timestamp\":\"2026-05-10T08:16:00\"}\n",
            "{\"role\":\"user\",\"content\":\"b\",\"timestamp\":\"2026-05-10T08:17:02.1\"}\n",
            "{\"role\":\"assistant\",\"content\":\"m\",\"mirror\":true,\"mirror_source\":\"cli\",\"timestamp\":\"2026-05-10T08:17:30\"}\n",
            "{\"role\":\"user\",\"content\":\"c\",\"timestamp\":\"2026-05-10T08:18:02.1\"}\n",
            "{\"role\":\"assistant\",\"content\":\"⚠️ Provider authentication failed: Codex token refresh failed with status 401.\",\"timestamp\":\"2026-05-10T08:18:02.1\"}\n",
            "{\"role\":\"user\",\"content\":\"d\",\"timestamp\":\"2026-05-10T08:19:02.1\"}\n",
        );
        let want = vec![
            (Stop::Stop, None),
            (Stop::Error, Some(ErrorClass::Unstated)),
            (Stop::Error, Some(ErrorClass::RefreshRefused)),
            (Stop::Error, Some(ErrorClass::Unstated)),
        ];
        assert_eq!(of(text), want);
    }

    #[test]
    fn a_request_whose_answer_is_torn_is_not_called_failed() {
        let text = "{\"role\":\"user\",\"content\":\"d\",\"timestamp\":\"2026-05-10T08:19:02.1\"}\n{\"role\":\"assist";
        let (outcome, stated) = read_file("20260510_081410_ab12cd34.jsonl", text.as_bytes());
        assert_eq!(outcome, vec![Outcome::Used, Outcome::Skipped(SkipReason::TornTail)]);
        assert_eq!(stated.turns.first().map(|t| t.stop), Some(Stop::Unknown));
    }

    #[test]
    fn a_word_of_the_model_is_never_an_error() {
        let text = "{\"role\":\"user\",\"timestamp\":\"2026-05-10T08:19:02\"}\n{\"role\":\"assistant\",\"finish_reason\":\"stop\",\"content\":\"⚠️ Provider authentication failed: refresh_token_reused\",\"timestamp\":\"2026-05-10T08:19:02\"}\n";
        assert_eq!(of(text), vec![(Stop::Stop, None)]);
    }
}
