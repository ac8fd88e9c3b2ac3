//! How fast a home is read: bytes of a generated home per second, by one thread and by all.
//!
//! The input is made anew from a seed in a temporary folder (64 MiB: OpenClaw transcripts with
//! tool results and base64 lines, Codex rollouts, Hermes logs) and read warm, so the figure is
//! about reading and recognising, not about the disk. Rivals for the same bytes are named in the
//! group: `count newlines` is the floor that no reader can go below.
#![allow(dead_code, unused_imports)] // the generator serves the tests as well
#![allow(clippy::unwrap_used)] // a bench that cannot go on may stop there
#![allow(unreachable_pub, missing_docs)]

#[path = "../tests/it/make/mod.rs"]
mod make;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::path::Path;
use stopwhy::plan::{Plan, Root, WindowAsked};
use stopwhy::{ingest, source};

const SIZE: u64 = 64 << 20;

fn read(folder: &Path, threads: usize) -> usize {
    let roots = vec![Root::Path(folder.to_owned())];
    let plan = Plan {
        roots,
        window: WindowAsked::default(),
        zones: Vec::new(),
        hosts: Vec::new(),
        private: false,
        threads,
        scratch: std::env::temp_dir().join(format!("stopwhy-bench-{}", std::process::id())),
        key: [1; 32],
    };
    let inputs = source::discover(&plan.roots).unwrap();
    ingest::ingest(&plan, inputs, &source::Meter::default()).stated.len()
}

fn count_newlines(folder: &Path) -> usize {
    let files = walkdir::WalkDir::new(folder).into_iter().map(|e| e.unwrap()).filter(|e| e.file_type().is_file());
    files.map(|f| memchr::memchr_iter(b'\n', &std::fs::read(f.path()).unwrap()).count()).sum()
}

fn scan(c: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let truth = make::big::big_home(folder.path(), SIZE, 1);
    let mut group = c.benchmark_group("scan");
    group.throughput(Throughput::Bytes(truth.bytes)).sample_size(10);
    group.bench_function("count newlines", |b| b.iter(|| count_newlines(folder.path())));
    for threads in [1, 0] {
        let name = if threads == 0 { "all threads" } else { "one thread" };
        group.bench_with_input(BenchmarkId::new("read", name), &threads, |b, &threads| b.iter(|| read(folder.path(), threads)));
    }
    group.finish();
}

criterion_group!(benches, scan);
criterion_main!(benches);
