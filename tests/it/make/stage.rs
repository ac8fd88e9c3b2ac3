//! What every builder of a scenario shares: the cast, the dice that shape the traffic, the wall
//! clock of the machine, and how tokens look.

use super::cast::Cast;
use super::clock::Clock;
use super::rng::{Rng, mix};
use super::token::Style;

/// The stage on which one scenario plays.
#[derive(Clone, Debug)]
pub struct Stage {
    /// How tokens are written.
    pub style: Style,
    /// Wall clock of the machine.
    pub clock: Clock,
    /// Names, ids, secrets and words.
    pub cast: Cast,
    /// Delays, lengths and counts: the same for every cast.
    pub shape: Rng,
}

impl Stage {
    /// A stage of the given `seed`, peopled by `cast`.
    pub fn new(style: Style, clock: Clock, seed: u64, cast: u64) -> Stage {
        Stage { style, clock, cast: Cast::new(mix(cast)), shape: Rng::new(mix(seed ^ 0x5eed)) }
    }

    /// The same stage, whose clocks are so many hours ahead from `at` on. The first is to be used no more.
    pub fn changing(&self, at: i64, hours: i32) -> Stage {
        Stage { clock: self.clock.then(at, hours), ..self.clone() }
    }

    /// A delay from `low` to `high` milliseconds.
    pub fn ms(&self, low: i64, high: i64) -> i64 {
        self.shape.span(low, high)
    }

    /// A time that a scenario gives to the second, somewhere inside that second; a time with a
    /// fraction is meant as it is.
    pub fn within(&self, at: i64) -> i64 {
        if at % 1000 == 0 { at + self.ms(3, 990) } else { at }
    }

    /// A line of so many words.
    pub fn say(&self, words: usize) -> String {
        self.cast.words(&self.shape, words)
    }
}
