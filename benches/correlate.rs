//! How long it takes from evidence to verdicts: events per second of correlation, and of attribution.
//!
//! Input: evidence of 10^4, 10^5 and 10^6 events (`tests/it/bulk.rs`, made in memory and the same every time): turns of
//! OpenClaw on one account, and a tenth as many of Codex beside them. In `one failure` the last quarter of the turns
//! failed, and each is repeated by a log; in `many failures` every fourth failed, so there is an incident for every ten
//! events or so, up to 10^5 events. Floor: `look at each` counts the failed turns in one pass. With
//! `STOPWHY_BENCH_EVENTS=10000000` that number is measured, and nothing else; 10^7 take 12 GB of memory, ten
//! minutes with samples and a minute and a half with `-- --test`.
#![allow(dead_code)] // the generator serves the tests as well
#![allow(clippy::unwrap_used)] // a bench that cannot go on may stop there
#![allow(unreachable_pub, missing_docs)]

#[path = "../tests/it/bulk.rs"]
mod bulk;
mod whole;

use bulk::{OPENCLAW, Shape, bulk};
use criterion::{BatchSize, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use stopwhy::event::{Client, ErrorClass, PackedTurn};
use stopwhy::{attribute, correlate as correlation};
use whole::plan;

fn measure(c: &mut Criterion, name: &str, shape: Shape, events: usize) {
    // There are two events to a turn.
    let mut evidence = bulk(OPENCLAW, Client::Openclaw, shape, ErrorClass::TokenInvalidated, events / 2);
    let plan = plan(None, 1);
    let (stated, turns) = (evidence.stated.len(), evidence.stated.turns.clone());
    let known = correlation::correlate(&mut evidence, &plan);
    let mut group = c.benchmark_group(format!("correlate/{name}, {events} events, {} incidents", known.incidents.len()));
    group.throughput(Throughput::Elements(stated as u64)).sample_size(10).sampling_mode(SamplingMode::Flat);
    group.bench_function("look at each", |b| b.iter(|| turns.iter().filter(|turn| turn.failure.is_some()).count()));
    // Correlation takes the turns over, so that each time begins with others.
    let mut correlate = |turns: Vec<PackedTurn>| {
        evidence.stated.turns = turns;
        correlation::correlate(&mut evidence, &plan).incidents.len()
    };
    group.bench_function("correlate", |b| b.iter_batched(|| turns.clone(), &mut correlate, BatchSize::PerIteration));
    group.bench_function("attribute", |b| b.iter(|| attribute::attribute(&known).len()));
    group.finish();
}

fn correlate(c: &mut Criterion) {
    match std::env::var("STOPWHY_BENCH_EVENTS").ok().and_then(|events| events.parse().ok()) {
        Some(events) => measure(c, "one failure", Shape::Block, events),
        None => {
            for events in [10_000, 100_000, 1_000_000] {
                measure(c, "one failure", Shape::Block, events);
            }
            for events in [10_000, 100_000] {
                measure(c, "many failures", Shape::Flapping, events);
            }
        }
    }
}

criterion_group!(benches, correlate);
criterion_main!(benches);
