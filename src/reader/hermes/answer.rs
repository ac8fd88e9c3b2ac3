//! What an assistant message says about the end of its turn, wherever the message is kept: in the
//! gateway's JSONL, in `state.db`, in an export.
//!
//! A model's message has a `finish_reason`. One without it was put there by Hermes: the sentence
//! of a credential that could not be resolved, the apology of a loop that gave up, or (since
//! September 2026) the mark of a failed turn, which says nothing of the cause. Words that a model
//! wrote are never read.

use super::words::{UNSTATED, credential_error, provider_in};
use crate::event::{Failure, Provider, Stop};

/// What the gateway puts before the reason when no credential could be resolved (0.10 to 0.14).
const NO_CREDENTIAL: &str = "⚠️ Provider authentication failed: ";
/// What the agent loop says when it gives up near its iteration limit.
const GAVE_UP: &str = "I apologize, but I encountered repeated errors";
/// What stands in place of an answer after a failed turn (September 2026). The mark beside it,
/// `display_kind`, came some days later than the words.
const MARKS: [&str; 2] = [
    "Your request was not processed. Send it again if you still want me to carry it out.",
    "This turn did not complete. Some actions may already have run; verify their effects before resending.",
];
/// The word of `display_kind` for such a message.
const FAILED_TURN: &str = "failed_turn";

/// How a message ends (or goes on with) its turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) stop: Stop,
    pub(super) failure: Option<Failure>,
    /// The provider that an error names.
    pub(super) provider: Provider,
    /// The reason as Hermes words it, for private excerpts.
    pub(super) words: String,
}

/// Read an assistant message by its `finish_reason`, its `display_kind` and the start of its text.
pub(super) fn of(finish_reason: Option<&str>, display_kind: Option<&str>, content: &str) -> Answer {
    let plain = |stop| Answer { stop, failure: None, provider: Provider::Unknown, words: String::new() };
    let failed = Answer { failure: Some(UNSTATED), ..plain(Stop::Error) };
    if display_kind == Some(FAILED_TURN) {
        return failed;
    }
    match finish_reason {
        Some("stop") => plain(Stop::Stop),
        Some("tool_calls") => plain(Stop::ToolUse),
        Some("length") => plain(Stop::Length),
        Some(_) => plain(Stop::Unknown),
        None => match content.strip_prefix(NO_CREDENTIAL) {
            Some(reason) => Answer {
                failure: Some(credential_error(reason)),
                provider: provider_in(reason),
                words: reason.to_owned(),
                ..failed
            },
            None if content.starts_with(GAVE_UP) || MARKS.contains(&content.trim()) => failed,
            None => plain(Stop::Unknown),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::ErrorClass;

    #[test]
    fn only_messages_that_no_model_wrote_are_read() {
        let class = |finish: Option<&str>, kind: Option<&str>, content: &str| {
            let answer = of(finish, kind, content);
            (answer.stop, answer.failure.map(|failure| failure.class))
        };
        let refused = "⚠️ Provider authentication failed: Codex token refresh failed with status 401.";
        assert_eq!(class(None, None, refused), (Stop::Error, Some(ErrorClass::RefreshRefused)));
        assert_eq!(class(Some("stop"), None, refused), (Stop::Stop, None));
        assert_eq!(class(None, None, MARKS[0]), (Stop::Error, Some(ErrorClass::Unstated)));
        assert_eq!(class(Some("stop"), None, MARKS[1]), (Stop::Stop, None));
        assert_eq!(class(None, Some("failed_turn"), "in another language"), (Stop::Error, Some(ErrorClass::Unstated)));
        assert_eq!(class(None, None, "a mirrored message: 401 token_expired"), (Stop::Unknown, None));
        assert_eq!(class(Some("content_filter"), None, ""), (Stop::Unknown, None));
    }
}
