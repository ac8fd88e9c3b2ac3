//! How long it takes from verdicts to text: turns per second for the report's model, bytes of report per second for its
//! Markdown and its JSON, which make what is printed of the incidents.
//!
//! Input: two reports (`tests/it/bulk.rs`, made in memory and the same every time): one failure among 100,000 events,
//! of which the Markdown shows everything, and thousands of incidents among 20,000, of which it shows what fits. The
//! throughput of a rendering is that of the text that comes out. Floor: `copy` writes the finished JSON once.
#![allow(dead_code)] // the generator serves the tests as well
#![allow(clippy::unwrap_used)] // a bench that cannot go on may stop there
#![allow(unreachable_pub, missing_docs)]

#[path = "../tests/it/bulk.rs"]
mod bulk;
mod whole;

use bulk::{OPENCLAW, Shape, bulk};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::io::Write;
use std::sync::Arc;
use stopwhy::event::{Client, ErrorClass};
use stopwhy::report::{self, Options};
use stopwhy::{attribute, correlate};
use whole::plan;

/// What an issue holds: the program's default.
const BUDGET: usize = 60_000;

fn render(c: &mut Criterion) {
    for (name, shape, turns) in [("one failure", Shape::Block, 50_000), ("many failures", Shape::Flapping, 10_000)] {
        let mut evidence = bulk(OPENCLAW, Client::Openclaw, shape, ErrorClass::TokenInvalidated, turns);
        let known = Arc::new(correlate::correlate(&mut evidence, &plan(None, 1)));
        let evidence = Arc::new(evidence);
        let verdicts = attribute::attribute(&known).into();
        let build = || report::build(&evidence, &known, &verdicts, &Options::default());
        let report = build();
        let markdown = || report::markdown(&report, false, None, BUDGET).unwrap();
        let json = report::json(&report).unwrap();
        let mut group = c.benchmark_group(format!("render/{name}"));
        group.sample_size(10).throughput(Throughput::Bytes(json.len() as u64));
        group.bench_function("copy", |b| {
            b.iter(|| {
                let mut text = Vec::new();
                text.write_all(json.as_bytes()).unwrap();
                text
            });
        });
        group.bench_function("JSON", |b| {
            b.iter(|| {
                let mut text = Vec::new();
                report::write_json(&report, &mut text).unwrap();
                text
            });
        });
        group.throughput(Throughput::Bytes(markdown().len() as u64));
        group.bench_function("Markdown", |b| b.iter(markdown));
        group.throughput(Throughput::Elements(turns as u64));
        group.bench_function("build", |b| b.iter(build));
        group.finish();
    }
}

criterion_group!(benches, render);
criterion_main!(benches);
