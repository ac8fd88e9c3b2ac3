//! Nothing grows with the square of the input: correlation and verdicts over 200,000 turns of which
//! 50,000 failed, in one long failure and in many short ones, in each client's shape.

use crate::bulk::{CODEX, HERMES, Kinds, OPENCLAW, Shape, bulk};
use crate::pipeline::plan;
use std::sync::Arc;
use std::time::{Duration, Instant};
use stopwhy::event::{Client, ErrorClass};
use stopwhy::report::{self, Options};
use stopwhy::{attribute, correlate};

/// A debug build takes about 4 s, more on a busy machine; a square takes hours.
const MOST: Duration = Duration::from_secs(600);

const TURNS: usize = 200_000;

fn load(kinds: Kinds, client: Client, shape: Shape, class: ErrorClass) {
    let what = format!("{client:?} {shape:?} {}", class.word());
    let mut evidence = bulk(kinds, client, shape, class, TURNS);
    let begun = Instant::now();
    let known = Arc::new(correlate::correlate(&mut evidence, &plan(&[], 1)));
    let evidence = Arc::new(evidence);
    let verdicts = attribute::attribute(&known).into();
    assert!(begun.elapsed() < MOST, "{what}: {:?}", begun.elapsed());
    let failed: u64 = known.incidents.iter().map(|i| i.failed_turns).sum();
    assert_eq!(failed, TURNS as u64 / 4, "{what}: every failed turn is in one incident, once");
    if let Shape::Block = shape {
        let report = report::build(&evidence, &known, &verdicts, &Options::default());
        let markdown = report::markdown(&report, false, None, 60_000).unwrap();
        assert!(markdown.len() <= 60_000, "{what}: {} bytes of report", markdown.len());
        assert_eq!(known.incidents.len(), 2, "{what}");
    }
}

#[test]
fn one_long_failure() {
    load(OPENCLAW, Client::Openclaw, Shape::Block, ErrorClass::TokenInvalidated);
    load(CODEX, Client::Codex, Shape::Block, ErrorClass::Unstated);
    load(HERMES, Client::Hermes, Shape::Block, ErrorClass::RefreshTokenReused);
}

#[test]
fn many_short_failures() {
    load(OPENCLAW, Client::Openclaw, Shape::Flapping, ErrorClass::Unauthorized);
    load(CODEX, Client::Codex, Shape::Flapping, ErrorClass::Unstated);
    load(HERMES, Client::Hermes, Shape::Flapping, ErrorClass::RefreshTokenReused);
}
