//! The `event_msg` lines that begin turns, end them, or say what went wrong in them.
//!
//! Which events are kept differs by version and by client; everything that is not named here
//! says nothing about how a turn went.

use super::copied;
use super::turn::{End, Open, UNSTATED};
use super::{Rollout, ident};
use crate::event::{ErrorClass, Failure, Level, Origin, Phase, Provider, Stop, TransportFailure};
use crate::reader::Facts;
use crate::reader::codex::failure;
use crate::reader::json::Members;
use crate::secret::{Key, Kind};
use crate::time::Stamp;

/// Interrupted, whatever the reason word (`interrupted`, `replaced`, `review_ended`, …).
const ABORTED: Failure = Failure { class: ErrorClass::Aborted, level: Level::Sentence };

/// Errors about a request beside the turn; the turn itself goes on.
const ABOUT_THE_THREAD: [&str; 2] = ["thread_rollback_failed", "active_turn_not_steerable"];

/// What an `event_msg` says by itself.
#[derive(Debug)]
pub(super) enum Event {
    /// A turn begins.
    Started { id: Option<String>, started: Option<Stamp> },
    /// One ends by itself.
    Completed(Completed),
    /// One was interrupted.
    Aborted { id: Option<String>, completed: Option<Stamp> },
    /// The user spoke; the record as a key, where nothing else may name it.
    User(Option<Key>),
    /// The same, in a file that keeps items.
    ItemOfUser,
    /// The model gave something: a message, or something on the way there.
    Output { is_message: bool },
    /// The turn is at work.
    Touched,
    /// The history was compacted.
    Compacted,
    /// Who is asked from here on.
    Asks(Provider),
    /// What ends the turn, and its words. Kept only in extended files of era B; the turn says so itself a little later.
    Error(Failure, String),
    /// `Reconnecting… 1/5`: the turn went on.
    Retried(Failure),
}

/// The end of a turn.
#[derive(Debug)]
pub(super) struct Completed {
    id: Option<String>,
    has_message: bool,
    /// Why it failed, and the words of that.
    error: Option<(Failure, String)>,
    /// Builds that write `error` for failed turns write `started_at` for all of them.
    is_explicit: bool,
    completed: Option<Stamp>,
}

/// What an `event_msg` of this type says, from its line. `record` makes the key of that.
pub(super) fn read(inner: &str, text: &str, record: impl FnOnce() -> Option<Key>) -> Option<Event> {
    match inner {
        "task_started" | "turn_started" => {
            let payload = payload(text, &["turn_id", "started_at"]);
            let of = |payload: Members<'_, 2>| (owned(&payload, "turn_id"), time(&payload, "started_at"));
            let (id, started) = payload.map_or((None, None), of);
            Some(Event::Started { id, started })
        }
        "task_complete" | "turn_complete" => completed(text),
        "turn_aborted" => {
            let payload = payload(text, &["turn_id", "completed_at"])?;
            Some(Event::Aborted { id: owned(&payload, "turn_id"), completed: time(&payload, "completed_at") })
        }
        "user_message" => is_of_user(text).then(|| Event::User(record())),
        "agent_message" => Some(Event::Output { is_message: true }),
        "agent_reasoning" | "agent_reasoning_raw_content" => Some(Event::Output { is_message: false }),
        "token_count" => Some(Event::Touched),
        "context_compacted" => Some(Event::Compacted),
        "item_completed" => item_completed(text),
        "thread_settings_applied" => {
            let settings = payload(text, &["thread_settings"])?.inner("thread_settings", &["model_provider_id"])?;
            settings.text("model_provider_id").map(|word| Event::Asks(Provider::of(&word)))
        }
        "error" => error(text),
        "stream_error" => {
            let (failure, _) = failure::of_error(Members::of(text, &["payload"]).ok()?.raw("payload")?)?;
            failure.class.is_transport().then_some(Event::Retried(failure))
        }
        _ => None,
    }
}

fn completed(text: &str) -> Option<Event> {
    const KEYS: [&str; 5] = ["turn_id", "last_agent_message", "error", "started_at", "completed_at"];
    let payload = payload(text, &KEYS)?;
    let error = payload.raw("error").map(|raw| failure::of_error(raw).unwrap_or((UNSTATED, "".into())));
    Some(Event::Completed(Completed {
        id: owned(&payload, "turn_id"),
        has_message: payload.text("last_agent_message").is_some(),
        error: error.map(|(failure, words)| (failure, words.into_owned())),
        is_explicit: payload.raw("started_at").is_some(),
        completed: time(&payload, "completed_at"),
    }))
}

/// Builds of 2025 mark what they put in themselves with another `kind` than `plain`.
fn is_of_user(text: &str) -> bool {
    payload(text, &["kind"]).and_then(|p| p.text("kind")).is_none_or(|kind| kind == "plain")
}

/// In paginated files (0.150 `exec`, 0.169) items stand for messages.
fn item_completed(text: &str) -> Option<Event> {
    match payload(text, &["item"])?.inner("item", &["type"])?.text("type").as_deref() {
        Some("UserMessage") => is_of_user(text).then_some(Event::ItemOfUser),
        Some("AgentMessage") => Some(Event::Output { is_message: true }),
        _ => None,
    }
}

fn error(text: &str) -> Option<Event> {
    let raw = Members::of(text, &["payload"]).ok()?.raw("payload")?;
    let info = Members::of(raw, &["codex_error_info"]).ok().and_then(|m| m.raw("codex_error_info")).unwrap_or_default();
    if ABOUT_THE_THREAD.iter().any(|word| info.contains(word)) {
        return None;
    }
    failure::of_error(raw).map(|(failure, words)| Event::Error(failure, words.into_owned()))
}

/// Members of the line's payload.
fn payload<'a, const N: usize>(text: &'a str, keys: &'a [&'a str; N]) -> Option<Members<'a, N>> {
    Members::of(text, &["payload"]).ok()?.inner("payload", keys)
}

fn owned<const N: usize>(payload: &Members<'_, N>, key: &str) -> Option<String> {
    payload.text(key).map(|text| text.into_owned())
}

fn time<const N: usize>(payload: &Members<'_, N>, key: &str) -> Option<Stamp> {
    payload.number(key).and_then(Stamp::epoch)
}

impl Rollout {
    /// Take an event that stands there.
    pub(super) fn event(&mut self, event: Event, at: Option<Stamp>, origin: Origin, facts: &mut Facts<'_>) {
        match event {
            Event::Started { id, started } => self.started(id, started, at, origin, facts),
            Event::Completed(completed) => self.completed(completed, at, origin, facts),
            Event::Aborted { id, completed } => self.aborted(id, completed, at, origin, facts),
            Event::User(record) => self.user_message(record, at, origin, facts),
            // A turn has begun, so that the message begins none.
            Event::ItemOfUser if self.tasked => self.asked(),
            Event::ItemOfUser => {}
            Event::Output { is_message } => self.open.iter_mut().for_each(|open| open.saw_output(is_message, at)),
            Event::Touched => self.open.iter_mut().for_each(|open| open.touch(at)),
            Event::Compacted => self.saw_compaction(at),
            Event::Asks(provider) => self.session.provider = provider,
            Event::Error(failure, words) => self.failed(failure, words, at),
            Event::Retried(failure) => self.retried(failure, at),
        }
    }

    fn started(&mut self, id: Option<String>, stated: Option<Stamp>, at: Option<Stamp>, origin: Origin, facts: &mut Facts<'_>) {
        self.close(facts);
        self.tasked = true;
        let mut open = Open::new(id, origin, at);
        let made = open.id.as_deref().and_then(ident::made_at);
        open.copied = match made {
            Some(_) => copied::is_foreign(made, self.session.made),
            None => self.burst.is_copying(),
        };
        if open.copied {
            open.started = made.or(stated);
            open.last = open.started;
        }
        self.open = Some(open);
    }

    fn completed(&mut self, completed: Completed, at: Option<Stamp>, origin: Origin, facts: &mut Facts<'_>) {
        let mut open = self.ending(completed.id.as_deref(), origin, facts);
        self.tasked = true;
        let failure = completed.error.as_ref().map(|(failure, _)| *failure);
        let (stop, failure) = open.complete(completed.has_message, failure, completed.is_explicit);
        if let Some((_, words)) = completed.error {
            open.words = words;
        }
        let at = if open.copied { completed.completed.or(open.started) } else { at.or(completed.completed) };
        self.state(open, &End { stop, failure, at }, facts);
    }

    fn aborted(&mut self, id: Option<String>, stated: Option<Stamp>, at: Option<Stamp>, origin: Origin, facts: &mut Facts<'_>) {
        if self.open.is_none() && id.is_none() {
            // Something was interrupted that no line began and nothing identifies.
            return;
        }
        let open = self.ending(id.as_deref(), origin, facts);
        let at = if open.copied { stated.or(open.started) } else { at.or(stated) };
        self.state(open, &End { stop: Stop::Aborted, failure: Some(ABORTED), at }, facts);
    }

    /// The open turn that ends here, or one whose beginning is not in the file.
    fn ending(&mut self, id: Option<&str>, origin: Origin, facts: &mut Facts<'_>) -> Open {
        let fits = |open: &Open| id.is_none() || open.id.is_none() || open.id.as_deref() == id;
        if let Some(mut open) = self.open.take_if(|open| fits(open)) {
            open.id = open.id.or_else(|| id.map(str::to_owned));
            open.origin = origin;
            return open;
        }
        self.close(facts);
        let made = id.and_then(ident::made_at);
        let mut open = Open::new(id.map(str::to_owned), origin, made);
        open.copied = copied::is_foreign(made, self.session.made) || (made.is_none() && self.burst.is_copying());
        open.headless = true;
        open
    }

    /// In era A a user's message begins a turn; later it only shows that the model was asked.
    fn user_message(&mut self, record: Option<Key>, at: Option<Stamp>, origin: Origin, facts: &mut Facts<'_>) {
        if !self.tasked {
            self.close(facts);
            self.asked += 1;
            let mut open = Open::new(None, origin, at);
            let stamp = at.map_or(0, |a| a.ms);
            open.stand_in = match &self.session.id {
                Some(id) => Some(facts.key(Kind::Turn, &format!("{id} {} {stamp}", self.asked))),
                None => record,
            };
            self.open = Some(open);
        }
        self.asked();
    }

    /// The model was asked.
    fn asked(&mut self) {
        if let Some(open) = &mut self.open {
            open.asked = true;
        }
    }

    fn failed(&mut self, failure: Failure, words: String, at: Option<Stamp>) {
        if let Some(open) = &mut self.open {
            open.failure = Some(failure);
            open.words = words;
            open.touch(at);
        }
    }

    fn retried(&mut self, failure: Failure, at: Option<Stamp>) {
        if let Some(open) = &mut self.open {
            let phase = if open.output { Phase::AfterStream } else { Phase::Unknown };
            open.transport = Some(TransportFailure { failure, phase, fell_back: false, at });
        }
    }
}
