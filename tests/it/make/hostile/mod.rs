//! Hostile inputs, made from a seed: texts on which parsers disagree, lines of any length, times of
//! any form, and trees of files that are none. Each says what must come of it.

pub mod json;
pub mod line;
pub mod stamps;
