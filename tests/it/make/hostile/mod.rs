//! Hostile inputs: texts on which parsers disagree, lines of any length, times of any form, made
//! from a seed; and containers that no honest tool writes, and some that honest tools do write and
//! others misread, made byte by byte, so that nothing about them is decided by the crates that
//! read them.

pub mod json;
pub mod line;
pub mod stamps;
pub mod streams;
pub mod tar;
pub mod zip;
