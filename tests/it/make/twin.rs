//! Twins: one scenario twice, with two casts. They differ in secrets, names and words, never in
//! times, in the number of lines or in any length, so a report of one must be a report of the
//! other, byte for byte.

use super::home::Home;
use super::rng::mix;
use super::scenarios::Scenario;
use super::token::Style;

/// Both homes of a scenario.
pub fn twins(scenario: &Scenario, style: Style, seed: u64) -> (Home, Home) {
    let home = |cast: u64| scenario.build_with_cast(style, seed, cast);
    (home(mix(seed)), home(mix(!seed)))
}
