//! The time line of one scope: its turns, and what else happened to its credential, in order.
//!
//! Apart from [`super::timeline`], which walks it, because there may be millions of turns: they are not copied but
//! pointed to.

use super::failing::Runner;
use super::steps::{Step, order, step_of_turn};
use crate::correlate::turns::TurnSeen;
use crate::event::{Model, Worked};
use crate::secret::{Key, KeyMap};
use std::collections::BTreeMap;

/// What happened in a scope.
#[derive(Default)]
pub(super) struct Line<'a> {
    /// Those that are steps, by time.
    pub(super) turns: Vec<&'a TurnSeen>,
    /// Calls that worked, by their time in ms and in that order.
    pub(super) worked: Vec<(i64, &'a Worked)>,
    /// Steps outside any turn, by their time in ms.
    pub(super) more: Vec<(i64, Step<'a>)>,
}

impl<'a> Line<'a> {
    /// When something failed last up to a time, in ms.
    pub(super) fn last_failed(&self, until: i64) -> Option<i64> {
        let turns = self.turns.iter().filter(|turn| turn.is_failed()).map(|turn| turn.at().ms);
        let more = self.more.iter().filter(|(_, step)| matches!(step, Step::Failed(_))).map(|(ms, _)| *ms);
        turns.chain(more).filter(|ms| *ms <= until).max()
    }

    /// All of it, in order.
    pub(super) fn steps(mut self) -> impl Iterator<Item = (i64, Step<'a>)> {
        let place = |turn: &TurnSeen| (turn.at().ms, turn.stop.is_success());
        if !self.turns.is_sorted_by_key(|turn| place(turn)) {
            self.turns.sort_by_key(|turn| place(turn));
        }
        self.more.sort_by_key(|(ms, step)| (*ms, order(step)));
        let turns = self.turns.into_iter().map(|turn| (turn.at().ms, step_of_turn(turn)));
        let worked = self.worked.into_iter().map(|(ms, worked)| (ms, Step::Worked(worked)));
        merged(turns, merged(self.more.into_iter(), worked))
    }
}

/// Both in order; what is equal in it comes first from the first.
fn merged<'a>(
    first: impl Iterator<Item = (i64, Step<'a>)>,
    second: impl Iterator<Item = (i64, Step<'a>)>,
) -> impl Iterator<Item = (i64, Step<'a>)> {
    let key = |(ms, step): &(i64, Step<'a>)| (*ms, order(step));
    let (mut first, mut second) = (first.peekable(), second.peekable());
    std::iter::from_fn(move || {
        let (one, other) = (first.peek().map(key), second.peek().map(key));
        let is_first = one.is_some_and(|one| other.is_none_or(|other| one <= other));
        if is_first { first.next() } else { second.next() }
    })
}

/// When each runner of a scope last worked.
#[derive(Default)]
pub(super) struct Runners {
    sessions: KeyMap<i64>,
    resident: Option<i64>,
    models: BTreeMap<Model, i64>,
}

impl Runners {
    /// When it last did, in ms.
    pub(super) fn last(&self, runner: &Runner) -> Option<i64> {
        match runner {
            Runner::Session(session) => self.sessions.get(session).copied(),
            Runner::Resident => self.resident,
            Runner::Model(model) => self.models.get(model).copied(),
        }
    }

    /// A session did at this time.
    pub(super) fn session(&mut self, session: Option<Key>, ms: i64) {
        self.sessions.extend(session.map(|session| (session, ms)));
    }

    /// The resident process did.
    pub(super) fn resident(&mut self, ms: i64) {
        self.resident = Some(ms);
    }

    /// A turn was answered: by its session, its process and its model.
    pub(super) fn answered(&mut self, turn: &TurnSeen) {
        let ms = turn.at().ms;
        self.session(turn.setting.asked.session, ms);
        if turn.setting.asked.resident {
            self.resident(ms);
        }
        let Some(model) = &turn.setting.asked.model else { return };
        match self.models.get_mut(model) {
            Some(last) => *last = ms,
            None => drop(self.models.insert(model.clone(), ms)),
        }
    }
}
