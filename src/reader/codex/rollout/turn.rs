//! One turn of a rollout while it is open, and how it is judged when it ends.
//!
//! Codex writes no stop reason, so it is derived, and the four eras differ:
//!
//! | era | versions seen | end of a turn | a failed turn |
//! |---|---|---|---|
//! | A | 0.98 | not recorded | a user message with nothing after it |
//! | B, C | 0.130 | `task_complete` | `last_agent_message: null` and no output |
//! | D | 0.150, 0.169 | `task_complete` | `task_complete.error` |
//!
//! An end that nothing speaks for is [`Stop::Unknown`], neither failure nor success: output
//! followed by the end of the file (a session copied while it ran, a killed process), output
//! that stops at a tool call or a compaction without a message (before era D that can be an
//! error in the middle of a turn as well as a turn that needed no words), a turn with a damaged
//! line inside it, and tasks that never asked the model (a shell command typed by the user).

use super::Session;
use crate::event::{ErrorClass, Failure, Level, Model, Origin, Stop, TransportFailure, Turn};
use crate::reader::Facts;
use crate::reader::codex::ident;
use crate::secret::Key;
use crate::time::Stamp;

/// What is known of a turn that has not ended yet.
#[derive(Debug)]
pub(super) struct Open {
    /// Turn id as text; None in era A.
    pub(super) id: Option<String>,
    /// Key that stands for the id where there is none.
    pub(super) stand_in: Option<Key>,
    /// Line that says how it ended; until there is one, that on which it began.
    pub(super) origin: Origin,
    /// When it began.
    pub(super) started: Option<Stamp>,
    /// Time of its newest line.
    pub(super) last: Option<Stamp>,
    /// A user's message or a turn context was seen.
    pub(super) asked: bool,
    /// Other input was seen (prompt parts, a shell command of the user).
    pub(super) other_input: bool,
    /// Anything of the model or of a tool was seen.
    pub(super) output: bool,
    /// The newest output is a message of the assistant.
    pub(super) answered: bool,
    /// The history was compacted, which asks the model and gives no message.
    pub(super) compacted: bool,
    /// An `error` event was seen (extended files of era B).
    pub(super) failure: Option<Failure>,
    /// Its words, for `--private`.
    pub(super) words: String,
    /// Model of the turn context.
    pub(super) model: Option<Model>,
    /// Newest retry notice (`stream_error`, extended files of era B).
    pub(super) transport: Option<TransportFailure>,
    /// Copied from another session.
    pub(super) copied: bool,
    /// Only its end is in the file.
    pub(super) headless: bool,
    /// It may have been copied; an answer shows that it was not.
    pub(super) doubtful: bool,
    /// A line inside it could not be read.
    pub(super) damaged: bool,
}

/// How a turn ended.
#[derive(Debug)]
pub(super) struct End {
    /// Stop word.
    pub(super) stop: Stop,
    /// Why, for failures.
    pub(super) failure: Option<Failure>,
    /// When.
    pub(super) at: Option<Stamp>,
}

/// Failed, and the file does not say why.
pub(super) const UNSTATED: Failure = Failure { class: ErrorClass::Unstated, level: Level::Sentence };

impl Open {
    /// A turn that begins on the line of `origin`.
    pub(super) fn new(id: Option<String>, origin: Origin, started: Option<Stamp>) -> Open {
        Open {
            id,
            stand_in: None,
            origin,
            started,
            last: started,
            asked: false,
            other_input: false,
            output: false,
            answered: false,
            compacted: false,
            failure: None,
            words: String::new(),
            model: None,
            transport: None,
            copied: false,
            headless: false,
            doubtful: false,
            damaged: false,
        }
    }

    /// Begun by a user's message, not by a line of its own (era A).
    pub(super) fn is_implicit(&self) -> bool {
        self.stand_in.is_some()
    }

    /// A line of the turn, at this time. Copied lines bear the time of the copying.
    pub(super) fn touch(&mut self, at: Option<Stamp>) {
        if !self.copied {
            self.last = at.or(self.last);
        }
    }

    /// Something of the model or a tool.
    pub(super) fn saw_output(&mut self, is_message: bool, at: Option<Stamp>) {
        self.output = true;
        self.answered = is_message;
        self.touch(at);
    }

    /// The judgement at `task_complete`. `error` is its error member, `explicit` says that this
    /// build would have written one (era D).
    pub(super) fn complete(&self, has_message: bool, error: Option<Failure>, explicit: bool) -> (Stop, Option<Failure>) {
        let model_was_asked = self.asked || !self.other_input;
        match (error, self.failure) {
            (Some(failure), _) => (Stop::Error, Some(failure)),
            (None, _) if has_message => (Stop::Stop, None),
            (None, Some(failure)) => (Stop::Error, Some(failure)),
            _ if self.answered || (self.compacted && !self.asked) => (Stop::Stop, None),
            // It got somewhere and did not say how it ended.
            _ if self.output || self.compacted => (Stop::Unknown, None),
            // Part of the turn is not at hand, so missing output says nothing.
            _ if self.headless || self.damaged => (Stop::Unknown, None),
            _ if explicit || !model_was_asked => (Stop::Unknown, None),
            _ => (Stop::Error, Some(UNSTATED)),
        }
    }

    /// The judgement of a turn that is left without a word about its end: at the next turn or at
    /// the end of the file.
    pub(super) fn left(&self) -> (Stop, Option<Failure>) {
        if self.is_implicit() {
            return self.over();
        }
        match self.failure {
            Some(failure) => (Stop::Error, Some(failure)),
            None if self.output || self.compacted || self.damaged => (Stop::Unknown, None),
            None if self.other_input && !self.asked => (Stop::Unknown, None),
            None => (Stop::Unfinished, Some(UNSTATED)),
        }
    }

    /// In era A that is how every turn ends.
    fn over(&self) -> (Stop, Option<Failure>) {
        match self.failure {
            Some(failure) if !self.answered => (Stop::Error, Some(failure)),
            _ if self.answered => (Stop::Stop, None),
            _ if self.output || self.compacted || self.damaged => (Stop::Unknown, None),
            _ => (Stop::Unfinished, Some(UNSTATED)),
        }
    }

    /// The turn as it is stated.
    pub(super) fn into_turn(self, session: &Session, end: &End, facts: &Facts<'_>) -> Turn {
        let home = if self.copied { session.parent.as_deref() } else { session.id.as_deref() };
        let id = self.id.as_deref().map(|id| ident::turn_key(facts, home, id)).or(self.stand_in);
        Turn {
            session: home.map(|id| ident::session_key(facts, id)),
            id,
            run: None,
            started: self.started,
            stop: end.stop,
            provider: session.provider,
            model: self.model.or_else(|| session.model.clone()),
            failure: end.failure,
            labelled: None,
            transport: self.transport,
            account: session.account,
            resident: false,
        }
    }
}
