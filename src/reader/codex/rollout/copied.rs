//! Which turns at the head of a rollout were copied from another session.
//!
//! A fork (and a sub-agent that is given the parent's context) opens with its own
//! `session_meta`, then holds the parent's `session_meta` and history, all stamped anew within
//! about 50 ms of the fork. The rules, from strong to weak:
//!
//! 1. A turn with a version 7 id made more than a second before the session itself is a copy. It
//!    is stated with the times of its id and of its own `started_at` and `completed_at`, as a
//!    turn of the parent, and only when its end was copied too; de-duplication by id does the
//!    rest. The new session's first turn has a newer id, however soon it follows.
//! 2. Turns without such an id are copies when they begin in the opening burst (no gap of half a
//!    second between lines) of a file that says it is a fork: `forked_from_id`, or the
//!    `session_meta` of another session inside the burst. Era A turns among them are dropped,
//!    because nothing identifies them; the parent's own file states them. The last of them
//!    counts if it is answered after the burst.
//! 3. Without such a mark (forks up to about January 2026 that lost the parent's meta), answered
//!    turns of era A in the burst are copies when at least two took under 50 ms each, which no
//!    model does; they and what stands before the last of them are dropped.

use super::turn::Open;
use crate::event::{Origin, Turn};
use crate::time::Stamp;

/// A gap between two lines that ends the opening burst, in ms.
const GAP_MS: i64 = 500;

/// Shorter than any answer of a model, in ms.
const TOO_FAST_MS: i64 = 50;

/// How much older than its session a turn id has to be to be foreign, in ms.
const OLDER_MS: i64 = 1000;

/// Most turns that are held back while the burst lasts.
const MOST_HELD: usize = 100_000;

/// A turn of era A that waits for the end of the burst.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) turn: Turn,
    pub(super) at: Option<Stamp>,
    pub(super) origin: Origin,
}

/// The opening burst of a rollout.
#[derive(Debug, Default)]
pub(super) struct Burst {
    last_ms: Option<i64>,
    over: bool,
    marked: bool,
    held: Vec<Held>,
}

impl Burst {
    /// A line with this stamp follows. True when it ends the burst.
    pub(super) fn line(&mut self, at: Option<Stamp>) -> bool {
        let (false, Some(now)) = (self.over, at.map(|a| a.ms)) else { return false };
        let gap = self.last_ms.is_some_and(|last| now.saturating_sub(last) > GAP_MS);
        self.last_ms = Some(now);
        self.over = gap;
        gap
    }

    /// The file says that it continues another session.
    pub(super) fn mark(&mut self) {
        self.marked |= !self.over;
    }

    /// True while copied turns without a telling id may still come.
    pub(super) fn is_copying(&self) -> bool {
        self.marked && !self.over
    }

    /// True when turns of era A have to be held back.
    pub(super) fn is_open(&self) -> bool {
        !self.over && self.held.len() < MOST_HELD
    }

    /// Hold a turn of era A that ended inside the burst.
    pub(super) fn hold(&mut self, held: Held) {
        self.held.push(held);
    }

    /// The burst is over (or the file): the held turns that are the session's own, and whether
    /// `open`, a turn of era A that began in the burst, is a copy.
    pub(super) fn release(&mut self, open: Option<&Open>) -> (Vec<Held>, bool) {
        self.over = true;
        let mut held = std::mem::take(&mut self.held);
        if self.marked {
            return (Vec::new(), open.is_some_and(|o| o.output));
        }
        let fast: Vec<usize> = (0..held.len()).filter(|&at| is_too_fast(&held[at])).collect();
        let open_fast = open.is_some_and(|o| o.answered && span_ms(o.started, o.last).is_some_and(|ms| ms < TOO_FAST_MS));
        match fast.last() {
            Some(_) if open_fast => (Vec::new(), true),
            Some(&last) if fast.len() >= 2 => (held.split_off(last + 1), false),
            _ => (held, false),
        }
    }

    /// True when the file was marked as a continuation of another session.
    pub(super) fn is_marked(&self) -> bool {
        self.marked
    }
}

fn is_too_fast(held: &Held) -> bool {
    held.turn.stop.is_success() && span_ms(held.turn.started, held.at).is_some_and(|ms| ms < TOO_FAST_MS)
}

fn span_ms(start: Option<Stamp>, end: Option<Stamp>) -> Option<i64> {
    end.zip(start).map(|(end, start)| end.ms.saturating_sub(start.ms))
}

/// Rule 1: the id was made well before the session.
pub(super) fn is_foreign(turn_made: Option<Stamp>, session_made: Option<Stamp>) -> bool {
    turn_made.zip(session_made).is_some_and(|(turn, session)| turn.ms.saturating_add(OLDER_MS) < session.ms)
}
