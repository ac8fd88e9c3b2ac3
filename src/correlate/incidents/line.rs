//! The time line of one scope: its turns, and what else happened to its credential, in order.
//!
//! Apart from [`super::timeline`], which walks it, because there may be millions of turns: they are not copied but
//! pointed to, and whom a success speaks for is looked up once for all turns of a setting.

use super::failing::Runner;
use super::steps::{Step, order, step_of_turn};
use crate::correlate::turns::{Setting, TurnSeen};
use crate::event::Worked;
use crate::secret::KeyMap;
use std::collections::{BTreeMap, HashMap};

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
    last: Vec<i64>,
    sessions: KeyMap<usize>,
    others: BTreeMap<Runner, usize>,
    /// For the turns of a setting: the place of its session, and of its model. Settings are told by where they lie,
    /// since all turns outlive this.
    of_setting: HashMap<*const Setting, [Option<usize>; 2]>,
}

impl Runners {
    /// When it last did, in ms.
    pub(super) fn last(&self, runner: &Runner) -> Option<i64> {
        let place = if let Runner::Session(session) = runner { self.sessions.get(session) } else { self.others.get(runner) };
        place.and_then(|place| self.last.get(*place)).copied()
    }

    /// It did at this time.
    pub(super) fn did(&mut self, runner: Runner, ms: i64) {
        let place = self.place(runner);
        self.last[place] = ms;
    }

    /// A turn was answered: by its session, its process and its model.
    pub(super) fn answered(&mut self, turn: &TurnSeen) {
        let setting = &*turn.setting;
        let places = match self.of_setting.get(&std::ptr::from_ref(setting)) {
            Some(known) => *known,
            None => {
                let session = setting.session.map(|session| self.place(Runner::Session(session)));
                let model = setting.model.clone().map(|model| self.place(Runner::Model(model)));
                self.of_setting.insert(setting, [session, model]);
                [session, model]
            }
        };
        let ms = turn.at().ms;
        places.into_iter().flatten().for_each(|place| self.last[place] = ms);
        if turn.resident {
            self.did(Runner::Resident, ms);
        }
    }

    fn place(&mut self, runner: Runner) -> usize {
        let next = self.last.len();
        let place = match runner {
            Runner::Session(session) => *self.sessions.entry(session).or_insert(next),
            other => *self.others.entry(other).or_insert(next),
        };
        if place == next {
            self.last.push(i64::MIN);
        }
        place
    }
}
