//! What a log message states, told by how it begins: one table of templates.
//!
//! Loggers moved between releases (`run_agent`, `root`, `agent.conversation_loop`), the messages
//! did not. A template must stand at the start of the message (behind the `[subagent-1] ` or
//! `[B1:P2] ` of a child agent), so that a text quoted inside a message is never taken for one.

use crate::shortcuts;

/// What a record states. Details are read where it is handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    /// A turn begins.
    TurnOpened,
    /// A turn ends by itself, with its reason.
    TurnEnded,
    /// A turn ends because a call failed for good; the text is the error.
    CallFailed,
    /// A turn ends because every answer was unusable; the reason stands in earlier records.
    AnswersSpent,
    /// A turn ends because its context does not fit.
    ContextSpent,
    /// The gateway caught an exception around a turn; the error is the last line of a traceback.
    AgentError,
    /// One model call was answered.
    Answered,
    /// One attempt of a model call failed.
    Attempt,
    /// One answer was unusable.
    BadAnswer,
    /// A stream broke off and is tried again.
    StreamDrop,
    /// A process loads the agent (0.10 to 0.14).
    Loaded,
    /// A client was made for a provider.
    ClientMade,
    /// The gateway was handed a message.
    Inbound,
    /// The gateway has a response.
    ResponseReady,
    /// The gateway could not resolve the primary provider's credential.
    PrimaryRefused,
    /// The same, for a quota.
    PrimaryLimited,
    /// A 401 led to a refresh that worked.
    PoolRefreshed,
    /// A 401 stays although refreshes work.
    RefreshInVain,
    /// A refresh failed and another entry took over (`Credential 401 (auth refresh failed) …`).
    RefreshFailed,
    /// A refresh was refused, with the error text (only when logging at DEBUG).
    RefreshError,
    /// The refresh token was given up, with the code in parentheses.
    GrantDead,
    /// A pool entry was benched.
    Benched,
    /// A pool entry was given up.
    MarkedDead,
    /// The pool has no usable entry.
    NoneLeft,
    /// A pair was taken over from a Codex home, with the reason in parentheses.
    Recovered,
    /// A pair was copied from a Codex home.
    Imported,
    /// The store was found rotated by another process.
    FoundRotated,
    /// The next model takes over.
    FallbackTaken,
    /// A fallback model could not be used.
    FallbackFailed,
    /// The gateway found a fallback provider for the next turn.
    FallbackResolved,
    /// A snapshot was taken; its id is a UTC time.
    SnapshotTaken,
    /// A gateway or editor adapter starts.
    Started,
    /// Compaction begins; it may give the session a new id.
    Compacting,
    /// Compaction is done, under the session's id from now on.
    Compacted,
}

use Says as S;

/// Beginnings of messages. A `…` is any text: what follows it must stand later in the message.
const TEMPLATES: &[(&str, Says)] = &[
    ("OpenAI client created (", S::ClientMade),
    ("API call #", S::Answered),
    ("API call failed (attempt ", S::Attempt),
    ("API call failed after ", S::CallFailed),
    ("Non-retryable client error: ", S::CallFailed),
    ("Invalid API response after ", S::AnswersSpent),
    ("Invalid API response (retry ", S::BadAnswer),
    ("Codex response status='failed'", S::BadAnswer),
    ("413 compression failed after ", S::ContextSpent),
    ("413 payload too large.", S::ContextSpent),
    ("Context compression failed after ", S::ContextSpent),
    ("Context length exceeded: ", S::ContextSpent),
    ("Context overflow (", S::ContextSpent),
    ("conversation turn: ", S::TurnOpened),
    ("Turn ended: ", S::TurnEnded),
    ("Turn ended with pending tool result", S::TurnEnded),
    ("Stream drop ", S::StreamDrop),
    ("inbound message: ", S::Inbound),
    ("response ready: ", S::ResponseReady),
    ("Agent error in session ", S::AgentError),
    ("Primary provider auth failed: ", S::PrimaryRefused),
    ("Primary provider rate-limited (429): ", S::PrimaryLimited),
    ("credential pool: no available entries", S::NoneLeft),
    ("credential pool: marking …exhausted (status=", S::Benched),
    ("credential pool: marking …DEAD (status=", S::MarkedDead),
    ("Credential auth failure — refreshed pool entry ", S::PoolRefreshed),
    ("Credential auth failure persists after ", S::RefreshInVain),
    ("Credential …(auth refresh failed) — rotated to ", S::RefreshFailed),
    ("Credential refresh failed for openai-codex/", S::RefreshError),
    ("Codex credential refresh failed: ", S::RefreshError),
    ("openai-codex credential refresh failed: ", S::RefreshError),
    ("Codex OAuth refresh token is terminally invalid", S::GrantDead),
    ("Codex auth recovered from Codex CLI auth.json", S::Recovered),
    ("Migrating Codex credentials from ~/.codex/", S::Imported),
    ("Importing Codex CLI tokens into Hermes auth store", S::Imported),
    ("Pool entry …syncing tokens from ~/.codex/auth.json", S::Imported),
    ("Codex refresh token already rotated by a peer", S::FoundRotated),
    ("Codex OAuth refresh failed but auth.json has newer tokens", S::FoundRotated),
    ("Pool entry …syncing Codex tokens from auth.json", S::FoundRotated),
    ("Fallback activated: ", S::FallbackTaken),
    ("Failed to activate fallback ", S::FallbackFailed),
    ("Fallback to …failed: provider not configured", S::FallbackFailed),
    ("Fallback provider resolved: ", S::FallbackResolved),
    ("No .env file found. Using system environment variables.", S::Loaded),
    ("Loaded environment variables from ", S::Loaded),
    ("State snapshot created: ", S::SnapshotTaken),
    ("Starting Hermes Gateway", S::Started),
    ("Starting hermes-agent ACP adapter", S::Started),
    ("context compression started: ", S::Compacting),
    ("context compression done: ", S::Compacted),
];

/// The rows of the table that begin with a byte, as a bit each: nearly all messages begin otherwise, and each is asked.
const ROWS: [u64; 256] = {
    let (mut rows, mut at) = ([0; 256], 0);
    while at < TEMPLATES.len() {
        rows[TEMPLATES[at].0.as_bytes()[0] as usize] |= 1 << at;
        at += 1;
    }
    rows
};

/// All rows of the table.
const ALL_ROWS: u64 = u64::MAX >> (64 - TEMPLATES.len());

impl Says {
    /// What a message states, and the message without a child agent's prefix.
    pub(super) fn of(message: &str) -> Option<(Says, &str)> {
        let plain = without_child(message);
        let first = *plain.as_bytes().first()?;
        let mut rows = if shortcuts::are_taken() { ROWS[usize::from(first)] } else { ALL_ROWS };
        while rows != 0 {
            let (template, says) = TEMPLATES[rows.trailing_zeros() as usize];
            if fits(plain, template) {
                return Some((says, plain));
            }
            rows &= rows - 1;
        }
        None
    }

    /// Templates that only an error record bears; elsewhere the words are somebody's report.
    pub(super) fn needs_error(self) -> bool {
        matches!(self, S::CallFailed | S::AnswersSpent | S::ContextSpent | S::AgentError)
    }

    /// Records of a process that found a credential, or of a gateway: nothing of a command line
    /// that did not get as far.
    pub(super) fn is_running(self) -> bool {
        matches!(
            self,
            S::ClientMade
                | S::TurnOpened
                | S::Answered
                | S::Inbound
                | S::ResponseReady
                | S::PrimaryRefused
                | S::PrimaryLimited
                | S::Started
        )
    }

    /// Records about a credential pool, which do not say whose it is.
    pub(super) fn is_about_pool(self) -> bool {
        matches!(self, S::PoolRefreshed | S::RefreshInVain | S::RefreshFailed | S::Benched | S::MarkedDead | S::NoneLeft)
    }
}

/// A message without the prefix of a child agent.
fn without_child(message: &str) -> &str {
    let child = message.strip_prefix('[').filter(|rest| rest.starts_with("subagent-") || rest.starts_with('B'));
    match child.and_then(|rest| rest.split_once("] ")) {
        Some((prefix, rest)) if prefix.starts_with("subagent-") || prefix.contains(":P") => rest,
        _ => message,
    }
}

fn fits(message: &str, template: &str) -> bool {
    match template.split_once('…') {
        None => message.starts_with(template),
        Some((head, tail)) => message.strip_prefix(head).is_some_and(|rest| rest.contains(tail)),
    }
}

/// The text between the first `(` and the last `)` of a message.
pub(super) fn in_parentheses(message: &str) -> &str {
    let inside = message.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')'));
    inside.map_or("", |(inside, _)| inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_leads_to_what_the_whole_table_says() {
        let slow = |message: &str| TEMPLATES.iter().find(|(template, _)| fits(message, template)).map(|(_, says)| *says);
        for (template, _) in TEMPLATES {
            let whole = template.replace('…', " x ");
            for message in
                [&whole, &format!("{whole} and more"), &format!("x{whole}"), &whole.to_lowercase(), &whole.to_uppercase()]
            {
                for cut in (0..=message.len()).filter(|at| message.is_char_boundary(*at)) {
                    assert_eq!(Says::of(&message[..cut]).map(|(says, _)| says), slow(&message[..cut]), "{}", &message[..cut]);
                    assert_eq!(Says::of(&message[cut..]).map(|(says, _)| says), slow(&message[cut..]), "{}", &message[cut..]);
                }
            }
        }
    }

    #[test]
    fn only_the_start_of_a_message_counts() {
        let of = |message: &str| Says::of(message).map(|(says, _)| says);
        assert_eq!(of("[subagent-2] Non-retryable client error: x"), Some(S::CallFailed));
        assert_eq!(of("credential pool: marking a b exhausted (status=401), rotating"), Some(S::Benched));
        assert_eq!(of("Credential 401 (auth refresh failed) — rotated to pool entry b3db4f"), Some(S::RefreshFailed));
        assert_eq!(of("Fallback to openrouter failed: provider not configured"), Some(S::FallbackFailed));
        assert_eq!(of("[webhook] Response for x: Primary provider auth failed: y"), None);
        assert_eq!(of("tool said: Non-retryable client error: x"), None);
        assert_eq!(of(""), None);
        assert_eq!(in_parentheses("recovered (refresh_token rejected: x)."), "refresh_token rejected: x");
    }
}
