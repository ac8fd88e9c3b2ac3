//! `hermes sessions export`: one session per line with all its messages (0.10 to 0.19, with and
//! without `--redact`).
//!
//! A line holds the columns of the session and, as `messages`, those of its messages, so the
//! rules of the database hold. How new the newest row is, and so which request may still be at
//! work, is known when all lines were read. An export can be of the user's prompts only: then no
//! absence says anything.

use super::head;
use super::rows::{Odd, Session, Values};
use super::talk::{Talk, Talks};
use crate::event::{SkipReason, SourceKind};
use crate::reader::database::Reach;
use crate::reader::{Facts, Format, Outcome, Reader, Shape, Sniff, json};
use crate::source::{Head, Line};

/// The row of the table.
pub(super) const FORMAT: Format = Format {
    kind: SourceKind::HermesExport,
    sniff,
    shape: Shape::Lines(|_| Box::new(Export::default())),
    tails: &[],
    outside: false,
};

fn sniff(head: &Head<'_>) -> Sniff {
    let Some((line, _)) = head.first_line() else { return Sniff::No };
    let keys = head::keys(line);
    let has = |key: &str| keys.iter().any(|known| **known == *key.as_bytes());
    // `messages` stands last and may lie behind what is shown.
    let columns = has("model_config") || has("parent_session_id") || has("started_at");
    if has("id") && has("source") && columns { Sniff::Yes } else { Sniff::No }
}

const LINE: [&str; 12] = [
    "id",
    "model",
    "model_config",
    "parent_session_id",
    "started_at",
    "ended_at",
    "end_reason",
    "billing_provider",
    "billing_base_url",
    "messages",
    "output_tokens",
    "api_call_count",
];
const MESSAGE: [&str; 9] =
    ["role", "content", "timestamp", "finish_reason", "observed", "active", "compacted", "display_kind", "_compressed_summary"];

#[derive(Default)]
struct Export {
    talks: Talks,
    /// Sessions whose last turn is not complete.
    sessions: Vec<(Session, Talk)>,
}

impl Reader for Export {
    fn line(&mut self, line: &Line<'_>, facts: &mut Facts<'_>) -> Outcome {
        if line.bytes.trim_ascii().is_empty() {
            return Outcome::Used;
        }
        let text = json::text(line.bytes);
        let row = match json::Members::of(text.trim_start_matches('\u{feff}'), &LINE) {
            Ok(row) => row,
            Err(reason) => return Outcome::Skipped(if line.torn { SkipReason::TornTail } else { reason }),
        };
        let Some(session) = Session::of(&row, facts).filter(|_| row.raw("messages").is_some()) else { return Outcome::Unknown };
        self.session(session, &row, line, facts)
    }

    fn finish(&mut self, facts: &mut Facts<'_>) {
        for (session, mut talk) in self.sessions.drain(..) {
            self.talks.finish(&session, &mut talk, Reach::Whole).into_iter().for_each(|told| told.state(facts));
        }
    }
}

impl Export {
    fn session(&mut self, session: Session, row: &json::Members<'_, 12>, line: &Line<'_>, facts: &mut Facts<'_>) -> Outcome {
        let (mut talk, mut outcome, mut answered) = (Talk::default(), Outcome::Used, false);
        let mut told = Vec::new();
        [session.started_us, session.ended_us].into_iter().flatten().for_each(|us| self.talks.note(us));
        for raw in row.items("messages") {
            let Ok(members) = json::Members::of(raw, &MESSAGE) else {
                outcome = Outcome::Unknown;
                continue;
            };
            let values = Values::of(&members);
            match values.message(facts.origin(line)) {
                Ok(message) => {
                    answered |= message.is_answer();
                    told.extend(self.talks.message(&session, &mut talk, &message, facts));
                }
                Err(Odd::Role | Odd::Time) => outcome = Outcome::Unknown,
            }
        }
        let calls = ["output_tokens", "api_call_count"].iter().any(|key| row.number(key).is_some_and(|n| n > 0.0));
        if answered || !calls {
            told.into_iter().for_each(|told| told.state(facts));
            self.sessions.push((session, talk));
        }
        outcome
    }
}
