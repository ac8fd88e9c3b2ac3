//! Refused refreshes as a log tells them: several records about one attempt become one event.
//!
//! One refused attempt is told by the provider layer (with the server's code, where that reaches
//! the source at all), by two lane errors, by the fallback's decision and by whoever sees the error
//! last. Attempts must not merge either: agents that refresh one token at the same moment are told
//! apart by trace, run or lane.

use super::runs::near;
use crate::event::{ErrorClass, EventKind, Failure, Origin};
use crate::reader::Facts;
use crate::secret::Key;
use crate::time::Stamp;
use std::collections::VecDeque;

/// Records of one attempt without a common trace or run stand this close together.
const NEAR_MS: i64 = 2_000;

/// Longest time between the refusal and the last record of its run.
const SAME_RUN_MS: i64 = 120_000;

/// Most attempts kept for completion; older ones are stated.
const MOST_OPEN: usize = 256;

/// What one record says about a refused refresh.
#[derive(Clone)]
pub(super) struct Refusal {
    pub(super) at: Option<Stamp>,
    /// The time is that of an earlier line: the record has none of its own.
    pub(super) borrowed: bool,
    /// A borrowed time is that of the next line that has one.
    pub(super) dated: bool,
    pub(super) origin: Origin,
    pub(super) failure: Failure,
    pub(super) trace: Option<Key>,
    pub(super) run: Option<Key>,
    /// Session the record names; most name none.
    pub(super) session: Option<Key>,
    /// Session lane the attempt was made in.
    pub(super) lane: Option<Key>,
    /// Agent whose lane that is.
    pub(super) agent: Option<Key>,
    pub(super) process: Option<Key>,
    pub(super) words: String,
}

/// The refused refreshes of one source.
#[derive(Default)]
pub(super) struct Refusals {
    open: VecDeque<(Refusal, (Option<Stamp>, u64))>,
}

impl Refusals {
    /// The provider layer's own record: always an attempt of its own.
    pub(super) fn attempt(&mut self, said: Refusal, facts: &mut Facts<'_>) {
        let last = (said.at, said.origin.line);
        self.open.push_back((said, last));
        if self.open.len() > MOST_OPEN {
            self.state_oldest(facts);
        }
    }

    /// A record that repeats what the provider layer said, or stands alone where that layer's
    /// record is elsewhere.
    pub(super) fn repeat(&mut self, mut said: Refusal, facts: &mut Facts<'_>) {
        let here = (said.at, said.origin.line);
        if said.agent.is_some() && self.fits_several(&said) {
            (said.lane, said.agent) = (None, None);
        }
        match self.open.iter_mut().rev().find(|(known, last)| is_same(known, *last, &said)) {
            Some((known, last)) => {
                known.complete(said);
                *last = here;
            }
            None => self.attempt(said, facts),
        }
    }

    /// Were several attempts refused at once that this record may be about, and in different words? Then it
    /// does not tell which of them was its agent's.
    fn fits_several(&self, said: &Refusal) -> bool {
        let mut fits = self.open.iter().filter(|(known, last)| is_same(known, *last, said)).map(|(known, _)| known.failure.class);
        let first = fits.next();
        fits.any(|class| Some(class) != first)
    }

    /// A record with a time of its own, told after refusals that have none: it is nearer to them than
    /// the line before, for a gateway may have been silent for hours until it asked for a token.
    pub(super) fn date(&mut self, at: Option<Stamp>) {
        let undated = self.open.iter_mut().rev().take_while(|(said, _)| said.borrowed && !said.dated);
        undated.filter(|_| at.is_some()).for_each(|(said, _)| (said.at, said.dated) = (at, true));
    }

    /// Was a refusal told right before this place?
    pub(super) fn has_near(&self, here: (Option<Stamp>, u64)) -> bool {
        self.open.iter().rev().any(|(_, last)| near(*last, here, NEAR_MS))
    }

    /// The source is at its end.
    pub(super) fn finish(&mut self, facts: &mut Facts<'_>) {
        while !self.open.is_empty() {
            self.state_oldest(facts);
        }
    }

    fn state_oldest(&mut self, facts: &mut Facts<'_>) {
        let Some((said, _)) = self.open.pop_front() else { return };
        let kind = EventKind::Refused {
            failure: said.failure,
            account: None,
            process: said.process,
            session: said.session,
            agent: said.agent,
        };
        facts.push_said(said.at, said.origin, kind, &said.words);
    }
}

impl Refusal {
    /// Take over what this record does not know yet; the more telling failure stays, with the
    /// line that states it.
    fn complete(&mut self, later: Refusal) {
        if tells_more(later.failure, self.failure) {
            self.failure = later.failure;
            self.origin = later.origin;
            self.words = later.words;
        }
        if self.borrowed && !later.borrowed && later.at.is_some() {
            // The gateway may have been silent for hours before; the echo follows at once.
            (self.at, self.borrowed) = (later.at, false);
        }
        self.trace = self.trace.or(later.trace);
        self.run = self.run.or(later.run);
        self.session = self.session.or(later.session);
        self.lane = self.lane.or(later.lane);
        self.agent = self.agent.or(later.agent);
        self.process = self.process.or(later.process);
    }
}

/// Any class tells more than "refused, no code"; among the others the rawer one does.
fn tells_more(a: Failure, b: Failure) -> bool {
    let named = |failure: Failure| failure.class != ErrorClass::RefreshRefused;
    (named(a), named(a).then_some(a.level)) > (named(b), named(b).then_some(b.level))
}

fn is_same(known: &Refusal, last: (Option<Stamp>, u64), said: &Refusal) -> bool {
    let here = (said.at, said.origin.line);
    for (a, b) in [(known.trace, said.trace), (known.run, said.run), (known.lane, said.lane)] {
        match (a, b) {
            (Some(a), Some(b)) => return a == b && near(last, here, SAME_RUN_MS),
            _ => continue,
        }
    }
    if known.borrowed != said.borrowed {
        return near((None, last.1), (None, here.1), NEAR_MS);
    }
    near(last, here, NEAR_MS)
}
