//! The rows of one conversation put into turns, for `state.db` and for exports of it.
//!
//! No version keeps an error in a row: a turn that failed is a request without an answer behind
//! it. So it matters which rows are requests. A row is none when it repeats one of its session
//! or of the session that this one branched off (compaction and branches copy rows, mostly with
//! their times), when it was only overheard in a
//! group, when it is the summary of what was compacted, or when it stands in one burst with the
//! rows before it: a whole history written at once is a copy, as is the request that 0.12 to 0.14
//! store a second time when the reply was sent.
//!
//! Up to 0.14 a turn is stored when it is over, later ones store the request when it comes. There
//! a request without an answer may still be at work, or the process may have been stopped: it
//! is called unfinished, and nothing at all where the newest data are hardly younger.

use super::answer::Answer;
use super::rows::{Message, Role, Session};
use super::words::UNSTATED;
use crate::event::{Failure, Origin, Provider, Stop, Turn};
use crate::reader::Facts;
use crate::reader::database::Reach;
use crate::secret::{Key, Kind};
use crate::time::Stamp;
use std::collections::HashSet;

/// Rows of one session this near to each other were written at once (no model answers as fast).
const BURST_US: i64 = 250_000;
/// A copied history stands this near to the start of its session.
const START_US: i64 = 2_000_000;
/// The gateway of 0.12 to 0.14 stores a failed request again about 5 s later.
const DOUBLED_US: i64 = 15_000_000;
/// A request this much older than the newest data may still be at work.
const AT_WORK_US: i64 = 120_000_000;
/// No turn takes longer than this to its next row.
const LONGEST_US: i64 = 1_800_000_000;
/// Most requests that are remembered, to know their copies.
const MOST_SEEN: usize = 1 << 22;

/// What is known beyond one conversation.
#[derive(Default)]
pub(super) struct Talks {
    /// Requests that were read.
    seen: HashSet<Key>,
    /// Newest time of any row, in µs.
    newest: i64,
    /// Newest time of any message, in µs.
    newest_row: i64,
    /// Does the store write a turn when it is over? None: told row by row.
    whole: Option<bool>,
}

/// One conversation, as far as it was read.
#[derive(Default)]
pub(super) struct Talk {
    open: Option<Open>,
    last_us: i64,
    /// Number of the burst that the last row stands in; 0 before the first row.
    burst: u32,
    /// The burst that holds the summary of a compaction.
    summary: Option<u32>,
}

/// A turn whose rows are being read.
struct Open {
    id: Key,
    content: Key,
    origin: Origin,
    asked: Stamp,
    asked_us: i64,
    burst: u32,
    /// The last answer: what it says, when, in which burst, and in which row.
    answer: Option<(Answer, Stamp, u32, Origin)>,
    /// Written at once with other turns or with its session: a copy, unless an answer comes later.
    copied: bool,
    whole: bool,
    /// Put aside by a compaction.
    archived: bool,
    /// Taken back by `/undo` or `/retry`.
    rewound: bool,
}

impl Talks {
    /// The store says which version wrote it last.
    pub(super) fn write_whole_turns(&mut self, whole: bool) {
        self.whole = Some(whole);
    }

    /// Something of the store was written at `us`.
    pub(super) fn note(&mut self, us: i64) {
        self.newest = self.newest.max(us);
    }

    /// The next row of a conversation.
    pub(super) fn message(&mut self, session: &Session, talk: &mut Talk, message: &Message<'_>, facts: &Facts<'_>) -> Option<Told> {
        self.note(message.us);
        self.newest_row = self.newest_row.max(message.us);
        // The history that a branch or a compaction brought along has the times of before.
        let old = session.is_child && session.started_us.is_some_and(|start| message.us < start - START_US);
        let asks = message.role == Role::User;
        let id = asks.then(|| facts.key(Kind::Turn, &format!("row {} {}", session.id, message.us)));
        if id.is_some_and(|id| !self.is_new(id)) {
            return None;
        }
        // Copies of earlier answers may stand behind a request that a compaction interrupted.
        if !asks && talk.open.as_ref().is_some_and(|open| message.us < open.asked_us) {
            return None;
        }
        talk.step(message.us);
        match (message.role, id) {
            (Role::User | Role::Assistant, _) if message.is_summary() => talk.summarised(),
            (Role::User, Some(id)) if !message.observed => {
                let content = facts.key(Kind::Record, message.content);
                return self.request(session, talk, message, (id, content), old);
            }
            (Role::Assistant, _) => talk.answered(message, old),
            _ => {}
        }
        None
    }

    /// The conversation is at its end, as far as `reach` has it.
    pub(super) fn finish(&self, session: &Session, talk: &mut Talk, reach: Reach) -> Option<Told> {
        let open = talk.open.take()?;
        match open.end() {
            // What was not settled may have been by a row that is missing.
            _ if reach == Reach::Cut && !open.is_over() => None,
            // It goes on in the session that the compaction began.
            End::Unanswered if session.compressed => None,
            End::Unanswered if self.may_be_at_work(session, &open, reach) => Some(open.told(session, Stop::Unknown, None, None)),
            end => open.close(end, session, None),
        }
    }

    fn is_new(&mut self, id: Key) -> bool {
        if self.seen.len() >= MOST_SEEN { !self.seen.contains(&id) } else { self.seen.insert(id) }
    }

    /// May the answer still come, or be among rows that are missing?
    fn may_be_at_work(&self, session: &Session, open: &Open, reach: Reach) -> bool {
        let whole = reach == Reach::Whole;
        // Rows are lost from the newest on, whatever other tables say.
        let (newest, long) = if whole { (self.newest, AT_WORK_US) } else { (self.newest_row, LONGEST_US) };
        let over = whole && (open.whole || session.ended);
        !over && newest.saturating_sub(open.asked_us) <= long
    }

    /// A user row: it may end the turn before it.
    fn request(
        &mut self,
        session: &Session,
        talk: &mut Talk,
        message: &Message<'_>,
        (id, content): (Key, Key),
        old: bool,
    ) -> Option<Told> {
        let (burst, with_summary) = (talk.burst, talk.summary == Some(talk.burst));
        let whole = self.whole.unwrap_or(message.active.is_none());
        let mut copied = with_summary || old;
        if let Some(open) = &talk.open {
            let prod = open.burst == burst && !open.is_over();
            let goes_on = with_summary && !open.copied;
            if prod || goes_on || open.is_doubled(message, content) {
                return None;
            }
            copied |= open.burst == burst;
        }
        let before = talk.open.take().filter(|open| open.burst != burst);
        let told = before.and_then(|before| match before.end() {
            // The row behind it is what a compaction went on with.
            End::Unanswered if before.archived && message.active == Some(true) => None,
            end => before.close(end, session, Some(message.origin)),
        });
        let at_start = session.started_us.is_some_and(|start| (message.us - start).abs() <= START_US);
        talk.open = Some(Open {
            id,
            content,
            origin: message.origin,
            asked: message.at,
            asked_us: message.us,
            burst,
            answer: None,
            copied: copied || (session.is_child && burst == 1 && at_start),
            whole,
            archived: message.compacted,
            rewound: message.active == Some(false) && !message.compacted,
        });
        told
    }
}

impl Talk {
    /// The time of the next row: in one burst with the last one, or not.
    fn step(&mut self, us: i64) {
        let at_once = self.burst > 0 && (0..=BURST_US).contains(&us.saturating_sub(self.last_us));
        self.burst = self.burst.saturating_add(u32::from(!at_once));
        self.last_us = us;
    }

    /// What stands in one burst with a summary is a copy.
    fn summarised(&mut self) {
        self.summary = Some(self.burst);
        if self.open.as_ref().is_some_and(|open| open.burst == self.burst) {
            self.open = None;
        }
    }

    fn answered(&mut self, message: &Message<'_>, old: bool) {
        let (burst, with_summary) = (self.burst, self.summary == Some(self.burst));
        let Some(open) = self.open.as_mut().filter(|open| open.copied || !with_summary) else { return };
        let answer = message.answer();
        let burst = if old { open.burst } else { burst };
        // One that says nothing takes nothing back.
        if message.finish_reason.is_some() || answer.stop != Stop::Unknown || open.answer.is_none() {
            open.answer = Some((answer, message.at, burst, message.origin));
        }
    }
}

impl Open {
    /// Did a last word end it?
    fn is_over(&self) -> bool {
        self.answer.as_ref().is_some_and(|(answer, ..)| !matches!(answer.stop, Stop::ToolUse | Stop::Unknown))
    }

    fn is_doubled(&self, message: &Message<'_>, content: Key) -> bool {
        let near = message.us.saturating_sub(self.asked_us) <= DOUBLED_US;
        message.active.is_none() && self.answer.is_none() && self.content == content && near
    }

    fn end(&self) -> End {
        match &self.answer {
            Some((_, _, burst, _)) if self.copied && *burst == self.burst => End::Copy,
            None if self.copied => End::Copy,
            Some((answer, ..)) => End::Answered(answer.stop, answer.failure),
            None if self.rewound => End::Answered(Stop::Unknown, None),
            None => End::Unanswered,
        }
    }

    /// The turn as the row at `by` left it, or the end of everything.
    fn close(&self, end: End, session: &Session, by: Option<Origin>) -> Option<Told> {
        match end {
            End::Copy => None,
            End::Answered(stop, failure) => Some(self.told(session, stop, failure, by)),
            End::Unanswered if self.whole => Some(self.told(session, Stop::Error, Some(UNSTATED), by)),
            End::Unanswered => Some(self.told(session, Stop::Unfinished, Some(UNSTATED), by)),
        }
    }

    /// The turn, at the time of its answer or else of its request.
    fn told(&self, session: &Session, stop: Stop, failure: Option<Failure>, by: Option<Origin>) -> Told {
        let settled = self.answer.as_ref().filter(|_| self.is_over()).map(|(.., origin)| *origin).or(by);
        let at = self.answer.as_ref().map_or(self.asked, |(_, at, ..)| *at);
        // Rows written at once bear the time of the turn's end.
        let at_once = self.answer.as_ref().map_or(self.whole, |(_, _, burst, _)| *burst == self.burst);
        let answer = self.answer.as_ref().map(|(answer, ..)| answer);
        let named = answer.map_or(Provider::Unknown, |answer| answer.provider);
        let turn = Turn {
            session: Some(session.key),
            id: Some(self.id),
            run: None,
            started: (!at_once).then_some(self.asked),
            stop,
            provider: if named == Provider::Unknown { session.provider } else { named },
            model: session.model.clone(),
            failure,
            labelled: None,
            transport: None,
            account: None,
            resident: false,
        };
        Told {
            at,
            origin: self.origin,
            settled: settled.map_or(u64::MAX, |row| row.line),
            turn,
            words: answer.map(|answer| answer.words.clone()).unwrap_or_default(),
        }
    }
}

/// A turn that is complete.
pub(super) struct Told {
    pub(super) at: Stamp,
    pub(super) origin: Origin,
    /// Number of the row after which nothing more could change it.
    pub(super) settled: u64,
    pub(super) turn: Turn,
    words: String,
}

impl Told {
    pub(super) fn state(self, facts: &mut Facts<'_>) {
        facts.turn(Some(self.at), self.origin, self.turn, &self.words);
    }
}

/// How a turn ended, as far as its rows say.
enum End {
    /// It is the copy of one.
    Copy,
    /// There is no answer.
    Unanswered,
    Answered(Stop, Option<Failure>),
}
