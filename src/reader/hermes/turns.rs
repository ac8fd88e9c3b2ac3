//! The turns of a log: which are open, and how each one ends.
//!
//! `conversation turn:` opens a turn of the session it names. It ends with `Turn ended:`, or with
//! the ERROR record of a call that failed for good (then `Turn ended:` is not written), or it
//! is found dropped: the next turn of its session begins, the gateway starts anew, or the log
//! goes on for long without it. A dropped turn whose last sign is an answered call is of unknown
//! end (interrupted between retries, cut tool calls and the like leave no record); without
//! an answer it is unfinished. A turn still open at the end of a file may go on in the next
//! segment and is not stated.
//!
//! The id of a turn is made from the record that ends it, as that one stands in `agent.log`,
//! `errors.log` and rotated copies alike, while the opening record may be rotated away; only
//! dropped turns are known by their opening.

use super::words::UNSTATED;
use crate::event::{EventKind, Failure, FallbackStep, Model, Origin, Provider, Stop, Turn};
use crate::reader::Facts;
use crate::secret::{Key, Kind};
use crate::time::Stamp;
use std::collections::BTreeSet;

/// Most turns that are kept open; more are never running at once.
const MOST_OPEN: usize = 512;
/// Most sessions whose end is remembered.
const MOST_ENDED: usize = 65_536;
/// A log that goes on this long without a sign of an open turn shows that it was dropped: more
/// than the longest wait for an answer (30 minutes) and an hour that daylight saving skips.
const QUIET_MS: i64 = 5_400_000;

/// A record, as far as turns need it.
#[derive(Clone, Copy)]
pub(super) struct Mark<'a> {
    pub(super) at: Stamp,
    pub(super) origin: Origin,
    pub(super) tag: Option<&'a str>,
}

/// Who was asked for what.
#[derive(Clone)]
pub(super) struct Asked {
    pub(super) provider: Provider,
    pub(super) model: Option<Model>,
}

struct Open {
    session: String,
    /// The session's id before it was compacted.
    former: Option<String>,
    origin: Origin,
    /// None when the opening record was not seen.
    started: Option<Stamp>,
    last: Stamp,
    asked: Asked,
    /// Runs inside the gateway process.
    in_gateway: bool,
    answered: bool,
    trouble: Option<Failure>,
    fallback: Option<Fallback>,
}

/// What became of a turn whose first provider failed.
#[derive(Clone, Copy)]
struct Fallback {
    /// Why the first one failed: what follows is a consequence.
    cause: Option<Failure>,
    /// Who took over, if anybody did.
    by: Option<Provider>,
}

/// Open turns, and sessions whose last turn ended.
#[derive(Default)]
pub(super) struct Turns {
    open: Vec<Open>,
    ended: BTreeSet<Key>,
}

impl Turns {
    /// A turn begins.
    pub(super) fn opened(&mut self, session: &str, platform: &str, asked: Asked, mark: Mark<'_>, facts: &mut Facts<'_>) {
        if let Some(before) = self.take(session) {
            drop_turn(before, facts);
        }
        self.ended.remove(&facts.key(Kind::Session, session));
        let in_gateway = !matches!(platform, "" | "cli" | "tui" | "acp" | "desktop" | "cron" | "unknown");
        self.push(Open { in_gateway, started: Some(mark.at), ..new_turn(session, asked, mark) });
    }

    /// A sign of life of a session.
    pub(super) fn seen(&mut self, session: &str, at: Stamp) {
        if let Some(open) = self.find(session) {
            open.last = at;
        }
    }

    /// The provider of the open turn of a session.
    pub(super) fn provider(&self, session: Option<&str>) -> Option<Provider> {
        let session = session?;
        self.open.iter().find(|open| open.is(session)).map(|open| open.asked.provider)
    }

    /// A model call was answered.
    pub(super) fn answered(&mut self, session: Option<&str>) {
        if let Some(open) = session.and_then(|session| self.find(session)) {
            (open.answered, open.trouble) = (true, None);
        }
    }

    /// An attempt failed or an answer was unusable. A turn whose opening was not seen begins here.
    pub(super) fn troubled(&mut self, asked: Option<Asked>, failure: Failure, mark: Mark<'_>) {
        let Some(session) = mark.tag else { return };
        match (self.find(session), asked) {
            (Some(open), _) => (open.answered, open.trouble) = (false, Some(failure)),
            (None, Some(asked)) => self.push(Open { trouble: Some(failure), ..new_turn(session, asked, mark) }),
            (None, None) => {}
        }
    }

    /// Another model takes over (`by` its provider), or was tried.
    pub(super) fn fell_back(&mut self, session: Option<&str>, by: Option<Provider>) {
        if let Some(open) = session.and_then(|session| self.find(session)) {
            let before = open.fallback.unwrap_or(Fallback { cause: open.trouble, by: None });
            open.fallback = Some(Fallback { by: by.or(before.by), ..before });
        }
    }

    /// Compaction gave a session a new id in the middle of a turn.
    pub(super) fn renamed(&mut self, from: &str, to: &str) {
        if from != to
            && let Some(open) = self.find(from)
        {
            open.former = Some(std::mem::replace(&mut open.session, to.to_owned()));
        }
    }

    /// `Turn ended:` with its reason.
    pub(super) fn ended(&mut self, session: &str, reason: &str, asked: Asked, mark: Mark<'_>, facts: &mut Facts<'_>) {
        let mut open = match self.take(session) {
            Some(open) => open,
            // The end was stated by the error record already.
            None if self.ended.contains(&facts.key(Kind::Session, session)) => return,
            None => new_turn(session, asked.clone(), mark),
        };
        self.end(session, facts);
        let stop = stop_of(reason);
        let failure = (stop == Stop::Error).then(|| open.why());
        if let Some(provider) = open.fallback.and_then(|fallback| fallback.by).filter(|_| stop.is_success()) {
            step(&open, true, mark, facts);
            // The turn says nothing good of the provider that was asked first.
            open.asked = Asked { provider, model: asked.model };
        }
        push(&open, stop, failure, mark, session, "", facts);
    }

    /// A call failed for good. The tag may be that of a child agent's turn that is over; then the
    /// one turn that is open is meant.
    pub(super) fn failed(&mut self, failure: Option<Failure>, asked: Asked, mark: Mark<'_>, words: &str, facts: &mut Facts<'_>) {
        let own = mark.tag.and_then(|tag| self.take(tag));
        let stale = mark.tag.is_none_or(|tag| self.ended.contains(&facts.key(Kind::Session, tag)));
        let lone = own.is_none() && stale && self.open.len() == 1 && self.open.iter().all(|open| open.started.is_some());
        let only = if lone { self.open.pop() } else { None };
        let open = own.or(only).unwrap_or_else(|| new_turn(mark.tag.unwrap_or(""), asked, mark));
        let session = open.session.clone();
        self.end(&session, facts);
        if open.fallback.is_some() {
            step(&open, false, mark, facts);
        }
        let cause = open.fallback.and_then(|fallback| fallback.cause);
        let failure = cause.or(failure).unwrap_or_else(|| open.why());
        push(&open, Stop::Error, Some(failure), mark, mark.tag.unwrap_or(""), words, facts);
    }

    /// An exception ended a gateway turn that the record does not name: it is the one that is
    /// open there, if there is but one.
    pub(super) fn crashed(
        &mut self,
        chat: &str,
        failure: Failure,
        asked: Asked,
        mark: Mark<'_>,
        words: &str,
        facts: &mut Facts<'_>,
    ) {
        let mut running = self.open.iter().enumerate().filter(|(_, open)| open.in_gateway).map(|(place, _)| place);
        let place = running.next().filter(|_| running.next().is_none());
        let open = place.map_or_else(|| new_turn("", asked, mark), |place| self.open.remove(place));
        let session = open.session.clone();
        self.end(&session, facts);
        push(&open, Stop::Error, Some(failure), mark, chat, words, facts);
    }

    /// The gateway starts: what ran in the old one is over.
    pub(super) fn restarted(&mut self, facts: &mut Facts<'_>) {
        let (over, running) = self.open.drain(..).partition(|open| open.in_gateway);
        self.open = running;
        let over: Vec<Open> = over;
        over.into_iter().for_each(|open| drop_turn(open, facts));
    }

    /// The file is at its end, `newest` being its latest time.
    pub(super) fn finish(&mut self, newest: i64, facts: &mut Facts<'_>) {
        for open in self.open.drain(..).filter(|open| newest.saturating_sub(open.last.ms) > QUIET_MS) {
            drop_turn(open, facts);
        }
    }

    fn find(&mut self, session: &str) -> Option<&mut Open> {
        self.open.iter_mut().find(|open| open.is(session))
    }

    fn take(&mut self, session: &str) -> Option<Open> {
        let place = self.open.iter().position(|open| open.is(session))?;
        Some(self.open.remove(place))
    }

    fn push(&mut self, open: Open) {
        if self.open.len() >= MOST_OPEN {
            self.open.remove(0);
        }
        self.open.push(open);
    }

    fn end(&mut self, session: &str, facts: &Facts<'_>) {
        if self.ended.len() >= MOST_ENDED {
            self.ended.clear();
        }
        self.ended.insert(facts.key(Kind::Session, session));
    }
}

impl Open {
    fn is(&self, session: &str) -> bool {
        self.session == session || self.former.as_deref() == Some(session)
    }

    /// Why it fails, as far as its attempts say.
    fn why(&self) -> Failure {
        let cause = self.fallback.and_then(|fallback| fallback.cause);
        cause.or(self.trouble).unwrap_or(UNSTATED)
    }

    fn key(&self, facts: &Facts<'_>) -> Option<Key> {
        let named = !matches!(self.session.as_str(), "" | "none");
        named.then(|| facts.key(Kind::Session, &self.session))
    }
}

fn new_turn(session: &str, asked: Asked, mark: Mark<'_>) -> Open {
    Open {
        session: session.to_owned(),
        former: None,
        origin: mark.origin,
        started: None,
        last: mark.at,
        asked,
        in_gateway: false,
        answered: false,
        trouble: None,
        fallback: None,
    }
}

/// How a turn stopped, by the reason it gives (0.13, 0.19). Reasons that say neither that a
/// model answered nor that one failed are left open.
fn stop_of(reason: &str) -> Stop {
    match reason.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or("") {
        "text_response" if reason.starts_with("text_response(finish_reason=length)") => Stop::Length,
        "text_response" | "max_iterations_reached" | "budget_exhausted" | "fallback_prior_turn_content" => Stop::Stop,
        "interrupted_by_user" | "interrupted_by_system" | "interrupted_during_api_call" => Stop::Aborted,
        "all_retries_exhausted_no_response" | "error_near_max_iterations" | "repeated_outer_errors" => Stop::Error,
        _ => Stop::Unknown,
    }
}

fn step(open: &Open, answered: bool, mark: Mark<'_>, facts: &mut Facts<'_>) {
    let session = open.key(facts);
    let step = FallbackStep {
        run: None,
        session,
        configured: Some(true),
        answered,
        exhausted: !answered,
        passed_over: false,
        unclassed: false,
    };
    facts.push(Some(mark.at), mark.origin, EventKind::Fallback(step));
}

/// States a turn that ended with the record `mark`; `by` is how that record names it.
fn push(open: &Open, stop: Stop, failure: Option<Failure>, mark: Mark<'_>, by: &str, words: &str, facts: &mut Facts<'_>) {
    let id = facts.key(Kind::Turn, &format!("end {by} {}", mark.at.ms));
    let turn = turn(open, id, stop, failure, facts);
    facts.turn(Some(mark.at), mark.origin, turn, words);
}

/// States a turn that was dropped; one whose opening was not seen is not stated.
fn drop_turn(open: Open, facts: &mut Facts<'_>) {
    let Some(started) = open.started else { return };
    let id = facts.key(Kind::Turn, &format!("start {} {}", open.session, started.ms));
    let (stop, failure) = match open.answered {
        true => (Stop::Unknown, None),
        false => (Stop::Unfinished, Some(open.why())),
    };
    let turn = turn(&open, id, stop, failure, facts);
    facts.turn(Some(open.last), open.origin, turn, "");
}

fn turn(open: &Open, id: Key, stop: Stop, failure: Option<Failure>, facts: &Facts<'_>) -> Turn {
    Turn {
        session: open.key(facts),
        id: Some(id),
        run: None,
        started: open.started,
        stop,
        provider: open.asked.provider,
        model: open.asked.model.clone(),
        failure,
        labelled: None,
        transport: None,
        account: None,
        resident: open.in_gateway,
    }
}
