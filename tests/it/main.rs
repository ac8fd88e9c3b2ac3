//! The one integration test binary: each module tests one promise of the tool.
#![allow(clippy::print_stderr)] // a test may say that it had nothing to compare with
#![allow(clippy::unwrap_used)] // a test that cannot go on may stop there
#![allow(unreachable_pub)] // nothing here is seen from outside

mod beside;
mod bulk;
mod cli;
mod containers;
mod copies;
mod corpora;
mod databases;
mod describe;
mod elsewhere;
mod fallbacks;
mod fixtures;
mod generator;
mod hermes;
mod holes;
mod hostile;
mod hosts;
mod house;
mod incidents;
mod keys;
mod labels;
mod load;
mod make;
mod measured;
mod mutants;
mod nearmiss;
mod odd;
mod oracle;
mod ownhand;
mod pipeline;
mod policy;
mod proof;
mod prose;
mod readers;
mod readme;
mod revocations;
mod samples;
mod signals;
mod silent;
mod slow;
mod sqlite_era;
mod stamps;
mod timeless;
mod twice;
mod twin;
mod unheard;
mod untouched;
