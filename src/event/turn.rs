//! Turns: one request–answer cycle, how it stopped, and what the transport said.

use super::{ErrorClass, Failure, Model, Provider};
use crate::secret::Key;
use crate::time::Stamp;

/// How a turn ended. The words are those of the JSON contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// The model finished.
    Stop,
    /// The model asked for a tool.
    ToolUse,
    /// The output limit was reached.
    Length,
    /// The turn ended in an error.
    Error,
    /// The turn was interrupted.
    Aborted,
    /// A request with no answer before the next one or the end of the file.
    Unfinished,
    /// A word that is not in the list.
    Unknown,
}

impl Stop {
    /// The word of the JSON contract.
    pub fn word(self) -> &'static str {
        match self {
            Stop::Stop => "stop",
            Stop::ToolUse => "tool_use",
            Stop::Length => "length",
            Stop::Error => "error",
            Stop::Aborted => "aborted",
            Stop::Unfinished => "unfinished",
            Stop::Unknown => "unknown",
        }
    }

    /// A turn that should have gone on and did not.
    pub fn is_failure(self) -> bool {
        matches!(self, Stop::Error | Stop::Unfinished)
    }

    /// A turn whose model call was answered.
    pub fn is_success(self) -> bool {
        matches!(self, Stop::Stop | Stop::ToolUse | Stop::Length)
    }
}

/// One request–answer cycle. The event's time is the turn's end.
#[derive(Clone, Debug)]
pub struct Turn {
    /// Session as the client numbers it.
    pub session: Option<Key>,
    /// What makes two copies of this turn the same turn (entry id, turn id).
    pub id: Option<Key>,
    /// Run id that a log uses for the same turn.
    pub run: Option<Key>,
    /// When the request was made.
    pub started: Option<Stamp>,
    /// How it ended.
    pub stop: Stop,
    /// Who was asked.
    pub provider: Provider,
    /// Which model.
    pub model: Option<Model>,
    /// Why it failed, for failed turns.
    pub failure: Option<Failure>,
    /// What the client's own wording calls the failure, where the raw answer stands beside it.
    pub labelled: Option<ErrorClass>,
    /// Transport diagnostic on the turn; also possible on a turn that succeeded.
    pub transport: Option<TransportFailure>,
    /// Account the record itself names.
    pub account: Option<Key>,
    /// It ran in the program's resident process, of which a home has one (the gateway of Hermes): whatever their
    /// sessions, such turns use what that process holds in memory.
    pub resident: bool,
}

/// When in a request the transport failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Before anything of the answer arrived.
    BeforeStream,
    /// In the middle of the answer.
    AfterStream,
    /// Not recorded.
    Unknown,
}

/// A failure below the API, as the client's transport layer recorded it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransportFailure {
    /// What the transport said.
    pub failure: Failure,
    /// When in the request.
    pub phase: Phase,
    /// The client went on over another transport (SSE) in the same turn.
    pub fell_back: bool,
    /// When the transport noticed, if recorded apart from the turn.
    pub at: Option<Stamp>,
}

/// What a client did about a failed model: the next one, none, or nothing left.
#[derive(Clone, Debug)]
pub struct FallbackStep {
    /// Run the step belongs to.
    pub run: Option<Key>,
    /// Session the step belongs to.
    pub session: Option<Key>,
    /// Were fallback models set up?
    pub configured: Option<bool>,
    /// True when another model answered in the end.
    pub answered: bool,
    /// True when the chain ended without an answer.
    pub exhausted: bool,
    /// True when the model was not asked, because of an earlier problem with the credential of its
    /// provider (OpenClaw 2026.5: `skip_candidate`, reason `auth`), and the provider is ChatGPT.
    pub passed_over: bool,
    /// True when the client did not class the error as one that a fallback is for, so that it asked no
    /// other model (OpenClaw 2026.5: `failoverReason` is null on the end of the run).
    pub unclassed: bool,
}
