//! The `event_msg` lines that begin turns, end them, or say what went wrong in them.
//!
//! Which events are kept differs by version and by client; everything that is not named here
//! says nothing about how a turn went.

use super::copied;
use super::turn::{End, Open, UNSTATED};
use super::{Rollout, ident};
use crate::event::{ErrorClass, Failure, Level, Phase, Provider, Stop, TransportFailure};
use crate::reader::Facts;
use crate::reader::codex::failure;
use crate::reader::json::{self, Members};
use crate::secret::Kind;
use crate::source::Line;
use crate::time::Stamp;

/// Interrupted, whatever the reason word (`interrupted`, `replaced`, `review_ended`, …).
const ABORTED: Failure = Failure { class: ErrorClass::Aborted, level: Level::Sentence };

impl Rollout {
    /// An `event_msg` of this type.
    pub(super) fn event(&mut self, inner: &str, line: &Line<'_>, at: Option<Stamp>, facts: &mut Facts<'_>) {
        match inner {
            "task_started" | "turn_started" => self.started(line, at, facts),
            "task_complete" | "turn_complete" => self.completed(line, at, facts),
            "turn_aborted" => self.aborted(line, at, facts),
            "user_message" => self.user_message(line, at, facts),
            "agent_message" => self.output(true, at),
            "agent_reasoning" | "agent_reasoning_raw_content" => self.output(false, at),
            "token_count" => self.touched(at),
            "context_compacted" => self.saw_compaction(at),
            "item_completed" => self.item_completed(line, at, facts),
            "thread_settings_applied" => self.settings(line),
            "error" => self.error(line, at),
            "stream_error" => self.retry_notice(line, at),
            _ => {}
        }
    }

    fn started(&mut self, line: &Line<'_>, at: Option<Stamp>, facts: &mut Facts<'_>) {
        const KEYS: [&str; 2] = ["turn_id", "started_at"];
        self.close(facts);
        self.tasked = true;
        let text = json::text(line.bytes);
        let payload = payload(&text, &KEYS);
        let id = payload.as_ref().and_then(|p| p.text("turn_id")).map(|id| id.into_owned());
        let mut open = Open::new(id, facts.origin(line), at);
        let made = open.id.as_deref().and_then(ident::made_at);
        open.copied = match made {
            Some(_) => copied::is_foreign(made, self.session.made),
            None => self.burst.is_copying(),
        };
        if open.copied {
            let stated = payload.and_then(|p| p.number("started_at")).and_then(Stamp::epoch);
            open.started = made.or(stated);
            open.last = open.started;
        }
        self.open = Some(open);
    }

    fn completed(&mut self, line: &Line<'_>, at: Option<Stamp>, facts: &mut Facts<'_>) {
        const KEYS: [&str; 5] = ["turn_id", "last_agent_message", "error", "started_at", "completed_at"];
        let text = json::text(line.bytes);
        let Some(payload) = payload(&text, &KEYS) else { return };
        let mut open = self.ending(payload.text("turn_id").as_deref(), line, facts);
        self.tasked = true;
        let error = payload.raw("error").map(|raw| failure::of_error(raw).unwrap_or((UNSTATED, "".into())));
        // Builds that write `error` for failed turns write `started_at` for all of them.
        let explicit = payload.raw("started_at").is_some();
        let has_message = payload.text("last_agent_message").is_some();
        let (stop, failure) = open.complete(has_message, error.as_ref().map(|e| e.0), explicit);
        if let Some((_, words)) = error {
            open.words = words.into_owned();
        }
        let stated = payload.number("completed_at").and_then(Stamp::epoch);
        let at = if open.copied { stated.or(open.started) } else { at.or(stated) };
        self.state(open, &End { stop, failure, at }, facts);
    }

    fn aborted(&mut self, line: &Line<'_>, at: Option<Stamp>, facts: &mut Facts<'_>) {
        const KEYS: [&str; 2] = ["turn_id", "completed_at"];
        let text = json::text(line.bytes);
        let Some(payload) = payload(&text, &KEYS) else { return };
        let id = payload.text("turn_id");
        if self.open.is_none() && id.is_none() {
            // Something was interrupted that no line began and nothing identifies.
            return;
        }
        let open = self.ending(id.as_deref(), line, facts);
        let stated = payload.number("completed_at").and_then(Stamp::epoch);
        let at = if open.copied { stated.or(open.started) } else { at.or(stated) };
        self.state(open, &End { stop: Stop::Aborted, failure: Some(ABORTED), at }, facts);
    }

    /// The open turn that ends here, or one whose beginning is not in the file.
    fn ending(&mut self, id: Option<&str>, line: &Line<'_>, facts: &mut Facts<'_>) -> Open {
        let fits = |open: &Open| id.is_none() || open.id.is_none() || open.id.as_deref() == id;
        if let Some(mut open) = self.open.take_if(|open| fits(open)) {
            open.id = open.id.or_else(|| id.map(str::to_owned));
            open.origin = facts.origin(line);
            return open;
        }
        self.close(facts);
        let made = id.and_then(ident::made_at);
        let mut open = Open::new(id.map(str::to_owned), facts.origin(line), made);
        open.copied = copied::is_foreign(made, self.session.made) || (made.is_none() && self.burst.is_copying());
        open.headless = true;
        open
    }

    /// In era A a user's message begins a turn; later it only shows that the model was asked.
    /// Builds of 2025 mark what they put in themselves with another `kind` than `plain`.
    fn user_message(&mut self, line: &Line<'_>, at: Option<Stamp>, facts: &mut Facts<'_>) {
        let text = json::text(line.bytes);
        if payload(&text, &["kind"]).and_then(|p| p.text("kind")).is_some_and(|kind| kind != "plain") {
            return;
        }
        if !self.tasked {
            self.close(facts);
            self.asked += 1;
            let mut open = Open::new(None, facts.origin(line), at);
            let stamp = at.map_or(0, |a| a.ms);
            open.stand_in = Some(match &self.session.id {
                Some(id) => facts.key(Kind::Turn, &format!("{id} {} {stamp}", self.asked)),
                None => facts.record_key(line.bytes),
            });
            self.open = Some(open);
        }
        if let Some(open) = &mut self.open {
            open.asked = true;
        }
    }

    fn output(&mut self, is_message: bool, at: Option<Stamp>) {
        if let Some(open) = &mut self.open {
            open.saw_output(is_message, at);
        }
    }

    fn touched(&mut self, at: Option<Stamp>) {
        if let Some(open) = &mut self.open {
            open.touch(at);
        }
    }

    /// In paginated files (0.150 `exec`, 0.169) items stand for messages.
    fn item_completed(&mut self, line: &Line<'_>, at: Option<Stamp>, facts: &mut Facts<'_>) {
        let text = json::text(line.bytes);
        let item = payload(&text, &["item"]).and_then(|p| p.inner("item", &["type"]));
        match item.and_then(|i| i.text("type")).as_deref() {
            Some("UserMessage") if self.tasked => self.user_message(line, at, facts),
            Some("AgentMessage") => self.output(true, at),
            _ => {}
        }
    }

    fn settings(&mut self, line: &Line<'_>) {
        let text = json::text(line.bytes);
        let settings = payload(&text, &["thread_settings"]).and_then(|p| p.inner("thread_settings", &["model_provider_id"]));
        if let Some(word) = settings.and_then(|s| s.text("model_provider_id")) {
            self.session.provider = Provider::of(&word);
        }
    }

    /// Kept only in extended files of era B; it ends the turn, which says so itself a little later.
    fn error(&mut self, line: &Line<'_>, at: Option<Stamp>) {
        let text = json::text(line.bytes);
        let Some(raw) = Members::of(&text, &["payload"]).ok().and_then(|m| m.raw("payload")) else { return };
        let info = Members::of(raw, &["codex_error_info"]).ok().and_then(|m| m.raw("codex_error_info")).unwrap_or_default();
        if ABOUT_THE_THREAD.iter().any(|word| info.contains(word)) {
            return;
        }
        let (Some((failure, words)), Some(open)) = (failure::of_error(raw), &mut self.open) else { return };
        open.failure = Some(failure);
        open.words = words.into_owned();
        open.touch(at);
    }

    /// `Reconnecting… 1/5`: the turn went on.
    fn retry_notice(&mut self, line: &Line<'_>, at: Option<Stamp>) {
        let text = json::text(line.bytes);
        let Some(payload) = Members::of(&text, &["payload"]).ok().and_then(|m| m.raw("payload")) else { return };
        let Some((failure, _)) = failure::of_error(payload) else { return };
        let Some(open) = &mut self.open else { return };
        let phase = if open.output { Phase::AfterStream } else { Phase::Unknown };
        if failure.class.is_transport() {
            open.transport = Some(TransportFailure { failure, phase, fell_back: false, at });
        }
    }
}

/// Errors about a request beside the turn; the turn itself goes on.
const ABOUT_THE_THREAD: [&str; 2] = ["thread_rollback_failed", "active_turn_not_steerable"];

/// Members of the line's payload.
fn payload<'a, const N: usize>(text: &'a str, keys: &'a [&'a str; N]) -> Option<Members<'a, N>> {
    Members::of(text, &["payload"]).ok()?.inner("payload", keys)
}
