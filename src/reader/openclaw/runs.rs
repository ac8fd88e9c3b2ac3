//! Failed runs as a log tells them: several records about one failure become one turn.
//!
//! A run that fails is told up to six times: the end of the agent, the fallback's decision, two
//! lane errors, the answer to the caller, and a notice. Only the first two carry the run id in every
//! version, the console's decision carries none, and a support bundle strips some records of
//! the error text. So a failure is kept here until the end of the source, and later records about
//! it complete it instead of adding another. A run id may serve for several turns (a
//! local session's run id is its session id), so a second record of the same kind is a new failure.

use crate::event::{ErrorClass, Level};
use crate::event::{Failure, Model, Origin, Provider, Stop, Turn};
use crate::reader::Facts;
use crate::secret::Key;
use crate::time::Stamp;
use std::collections::VecDeque;

/// Records of one failure without a common run or trace stand this close together. Seen: under
/// one second on a busy two-core machine.
const NEAR_MS: i64 = 5_000;

/// The same for records without a usable time.
const NEAR_LINES: u64 = 20;

/// Longest time between the end of an agent and the last word about its run.
const SAME_RUN_MS: i64 = 600_000;

/// Most failures kept for completion; older ones are stated.
const MOST_OPEN: usize = 256;

/// Which record speaks of a failed run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The model was asked and failed: each is an attempt of its own.
    AgentEnd = 1,
    /// The fallback gave up after a candidate failed.
    Failed = 2,
    /// The fallback skipped a candidate that was never asked.
    Skipped = 4,
    /// The gateway answered its caller with an error.
    Answer = 8,
    /// `Embedded agent failed before reply`.
    Notice = 16,
    /// A lane error: an echo only.
    Lane = 32,
}

/// What one record says about a failed run.
#[derive(Clone)]
pub(super) struct Failed {
    pub(super) at: Option<Stamp>,
    pub(super) origin: Origin,
    pub(super) id: Key,
    pub(super) run: Option<Key>,
    pub(super) session: Option<Key>,
    pub(super) trace: Option<Key>,
    pub(super) provider: Provider,
    pub(super) model: Option<Model>,
    pub(super) failure: Option<Failure>,
    /// What the text for the user calls it, where the raw answer stands beside that.
    pub(super) labelled: Option<ErrorClass>,
    pub(super) words: String,
}

/// The failed runs of one source.
#[derive(Default)]
pub(super) struct Runs {
    open: VecDeque<(Failed, u8)>,
}

impl Runs {
    /// A record about a failed run.
    pub(super) fn hear(&mut self, step: Step, said: Failed, facts: &mut Facts<'_>) {
        let known = self.open.iter_mut().rev().find(|(failed, steps)| is_same(failed, *steps, step, &said));
        if let Some((failed, steps)) = known {
            failed.complete(said);
            *steps |= step as u8;
        } else if step != Step::Lane {
            self.open.push_back((said, step as u8));
        }
        if self.open.len() > MOST_OPEN {
            self.state_oldest(facts);
        }
    }

    /// The fallback goes on to another candidate: what was told of this run's last attempt is
    /// closed, so that the next decision is not taken for an echo of it.
    pub(super) fn goes_on(&mut self, run: Option<Key>) {
        let waiting = |(failed, steps): &&mut (Failed, u8)| failed.run == run && *steps & Step::Failed as u8 == 0;
        if let Some((_, steps)) = self.open.iter_mut().rev().find(waiting).filter(|_| run.is_some()) {
            *steps |= Step::Failed as u8;
        }
    }

    /// The source is at its end.
    pub(super) fn finish(&mut self, facts: &mut Facts<'_>) {
        while !self.open.is_empty() {
            self.state_oldest(facts);
        }
    }

    fn state_oldest(&mut self, facts: &mut Facts<'_>) {
        let Some((failed, _)) = self.open.pop_front() else { return };
        let turn = Turn {
            session: failed.session,
            id: Some(failed.id),
            run: failed.run,
            started: None,
            stop: Stop::Error,
            provider: failed.provider,
            model: failed.model,
            failure: failed.failure.or(Some(Failure { class: ErrorClass::Unstated, level: Level::Sentence })),
            labelled: failed.labelled,
            transport: None,
            account: None,
            resident: false,
        };
        facts.turn(failed.at, failed.origin, turn, &failed.words);
    }
}

impl Failed {
    /// Take over what this record does not know yet.
    fn complete(&mut self, later: Failed) {
        self.run = self.run.or(later.run);
        self.session = self.session.or(later.session);
        self.trace = self.trace.or(later.trace);
        self.labelled = self.labelled.or(later.labelled);
        if self.provider == Provider::Unknown {
            self.provider = later.provider;
        }
        if self.failure.is_none() {
            self.failure = later.failure;
            self.words = later.words;
        }
        self.model = self.model.take().or(later.model);
    }
}

/// Does a record speak of a failure that is already known?
fn is_same(known: &Failed, steps: u8, step: Step, said: &Failed) -> bool {
    let has = |step: Step| steps & step as u8 != 0;
    let repeats = match step {
        Step::AgentEnd => return false,
        Step::Lane => false,
        Step::Failed | Step::Skipped => has(Step::Failed) || has(Step::Skipped),
        Step::Answer | Step::Notice => has(step),
    };
    if repeats || (step == Step::Skipped && has(Step::AgentEnd)) {
        return false;
    }
    match (known.run, said.run) {
        (Some(a), Some(b)) => a == b && is_near(known, said, SAME_RUN_MS),
        _ => match (known.trace, said.trace) {
            (Some(a), Some(b)) => a == b,
            _ => is_near(known, said, NEAR_MS),
        },
    }
}

fn is_near(a: &Failed, b: &Failed, most_ms: i64) -> bool {
    near((a.at, a.origin.line), (b.at, b.origin.line), most_ms)
}

/// Do two records stand close together: in time, else in lines?
pub(super) fn near(a: (Option<Stamp>, u64), b: (Option<Stamp>, u64), most_ms: i64) -> bool {
    match (a.0, b.0) {
        (Some(x), Some(y)) => x.ms.abs_diff(y.ms) <= most_ms.unsigned_abs(),
        _ => a.1.abs_diff(b.1) <= NEAR_LINES,
    }
}
