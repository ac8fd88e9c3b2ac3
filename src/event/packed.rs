//! Turns as they are kept: there may be millions, so that what one has in common with its neighbours is held once for
//! all of them, and what few have stands apart.
//!
//! Apart from [`super::turn`], which is what a reader states: nobody who reads a format has to know how its turns are kept.

use super::{ErrorClass, Failure, Model, Origin, Provider, Stop, TransportFailure, Turn};
use crate::secret::Key;
use crate::time::{Clock, Stamp};
use std::num::NonZero;
use std::sync::Arc;

/// What turns of one session have in common.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Session as the client numbers it.
    pub session: Option<Key>,
    /// Run id that a log uses for the same turns.
    pub run: Option<Key>,
    /// Who was asked.
    pub provider: Provider,
    /// Which model.
    pub model: Option<Model>,
    /// Account the records themselves name.
    pub account: Option<Key>,
    /// They ran in the program's resident process.
    pub resident: bool,
}

/// A turn, with its time and origin.
#[derive(Clone, Debug)]
pub struct PackedTurn {
    /// Its session, the process it ran in, and who was asked.
    pub asked: Arc<Asked>,
    /// What makes two copies of this turn the same turn.
    pub id: Option<Key>,
    /// How it ended.
    pub stop: Stop,
    /// Why it failed, for failed turns.
    pub failure: Option<Failure>,
    /// Index of its source.
    pub source: u32,
    ms: i64,
    byte: u64,
    line: u32,
    lasted: Option<Lasted>,
    /// The clock of its times; None where it has no end.
    clock: Option<Clock>,
    rare: Option<Box<Rare>>,
}

/// What few turns have.
#[derive(Clone, Debug, Default)]
struct Rare {
    started: Option<Stamp>,
    labelled: Option<ErrorClass>,
    transport: Option<TransportFailure>,
    line: Option<u64>,
}

/// How long a turn took, if shorter than 49 days: its ms, and one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lasted(NonZero<u32>);

impl Lasted {
    /// None for what is no span, or too long.
    pub(crate) fn of(ms: i64) -> Option<Lasted> {
        u32::try_from(ms.checked_add(1)?).ok().and_then(NonZero::new).map(Lasted)
    }

    pub(crate) fn ms(self) -> i64 {
        i64::from(self.0.get()) - 1
    }
}

impl Asked {
    /// That provider, by nobody known.
    pub fn of(provider: Provider) -> Asked {
        Asked { session: None, run: None, provider, model: None, account: None, resident: false }
    }
}

impl PackedTurn {
    /// Pack a turn that ended then and stands there. `last` is what the turn packed before was asked, of which this one
    /// may be another.
    pub fn of(at: Option<Stamp>, origin: Origin, turn: Turn, last: &mut Option<Arc<Asked>>) -> PackedTurn {
        let Turn { session, id, run, started, stop, provider, model, failure, labelled, transport, account, resident } = turn;
        let asked = Asked { session, run, provider, model, account, resident };
        let asked = match last.as_ref().filter(|known| ***known == asked) {
            Some(known) => Arc::clone(known),
            None => Arc::clone(last.insert(Arc::new(asked))),
        };
        let lasted = at.zip(started).filter(|(at, started)| at.clock == started.clock);
        let lasted = lasted.and_then(|(at, started)| Lasted::of(at.ms.checked_sub(started.ms)?));
        let rare = Rare {
            started: started.filter(|_| lasted.is_none()),
            labelled,
            transport,
            line: Some(origin.line).filter(|line| u32::try_from(*line).is_err()),
        };
        PackedTurn {
            asked,
            id,
            stop,
            failure,
            source: origin.source,
            ms: at.map_or(0, |at| at.ms),
            byte: origin.byte,
            line: u32::try_from(origin.line).unwrap_or(u32::MAX),
            lasted,
            clock: at.map(|at| at.clock),
            rare: rare.is_needed().then(|| Box::new(rare)),
        }
    }

    /// When it ended, on the clock the source used.
    pub fn at(&self) -> Option<Stamp> {
        self.clock.map(|clock| Stamp { ms: self.ms, clock })
    }

    /// When the request was made.
    pub fn started(&self) -> Option<Stamp> {
        match self.lasted.zip(self.clock) {
            Some((lasted, clock)) => Some(Stamp { ms: self.ms - lasted.ms(), clock }),
            None => self.rare.as_ref()?.started,
        }
    }

    /// Where it stands.
    pub fn origin(&self) -> Origin {
        let line = self.rare.as_ref().and_then(|rare| rare.line).unwrap_or(u64::from(self.line));
        Origin { source: self.source, line, byte: self.byte }
    }

    /// What the client's own wording calls the failure, where the raw answer stands beside it.
    pub fn labelled(&self) -> Option<ErrorClass> {
        self.rare.as_ref()?.labelled
    }

    /// Transport diagnostic.
    pub fn transport(&self) -> Option<TransportFailure> {
        self.rare.as_ref()?.transport
    }

    /// The turn as it was stated.
    pub fn turn(&self) -> Turn {
        let Asked { session, run, provider, model, account, resident } = (*self.asked).clone();
        Turn {
            session,
            id: self.id,
            run,
            started: self.started(),
            stop: self.stop,
            provider,
            model,
            failure: self.failure,
            labelled: self.labelled(),
            transport: self.transport(),
            account,
            resident,
        }
    }
}

impl Rare {
    fn is_needed(&self) -> bool {
        self.started.is_some() || self.labelled.is_some() || self.transport.is_some() || self.line.is_some()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn turn(started: Option<Stamp>) -> Turn {
        Turn {
            session: None,
            id: None,
            run: None,
            started,
            stop: Stop::Stop,
            provider: Provider::OpenaiCodex,
            model: None,
            failure: None,
            labelled: None,
            transport: None,
            account: None,
            resident: false,
        }
    }

    #[test]
    fn a_turn_takes_64_bytes() {
        assert_eq!(size_of::<PackedTurn>(), 64);
    }

    #[test]
    fn what_goes_in_comes_out() {
        const DAYS_50: i64 = 50 * 24 * 3_600_000;
        let now = 1_700_000_000_000;
        let times =
            [None, Some(Stamp::utc(now)), Some(Stamp::local(now)), Some(Stamp::utc(now - 1)), Some(Stamp::utc(now - DAYS_50))];
        let mut last = None;
        for at in times {
            for started in times {
                for line in [0, 7, u64::from(u32::MAX), u64::MAX] {
                    for resident in [false, true] {
                        let origin = Origin { source: 3, line, byte: u64::MAX };
                        let stated = Turn { resident, labelled: resident.then_some(ErrorClass::Connect), ..turn(started) };
                        let packed = PackedTurn::of(at, origin, stated.clone(), &mut last);
                        assert_eq!((packed.at(), packed.origin()), (at, origin));
                        assert_eq!(format!("{:?}", packed.turn()), format!("{stated:?}"));
                    }
                }
            }
        }
    }

    #[test]
    fn neighbours_share_what_they_were_asked() {
        let mut last = None;
        let mut pack = |turn: Turn| PackedTurn::of(None, Origin { source: 0, line: 1, byte: 0 }, turn, &mut last);
        let (one, two) = (pack(turn(None)), pack(turn(None)));
        let other = pack(Turn { provider: Provider::Anthropic, ..turn(None) });
        assert!(Arc::ptr_eq(&one.asked, &two.asked) && !Arc::ptr_eq(&two.asked, &other.asked));
        assert_eq!(other.asked.provider, Provider::Anthropic);
    }
}
