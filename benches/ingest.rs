//! How fast a home is read: bytes per second from files to evidence, by one thread, by two and by all.
//!
//! Input: a home of all clients (`tests/it/make/big.rs`, seed 1, 64 MiB: OpenClaw transcripts with tool results and
//! base64 lines, Codex rollouts, Hermes logs), in ten files of which the biggest are 6 MiB; and one transcript of
//! 64 MiB (`benches/corpora`, seed 2), which is a single file. Both are read warm, so the figures are about reading
//! and recognising, not about the disk. Floor: `count newlines` looks at every byte once, with one thread.
#![allow(dead_code, unused_imports, clippy::duplicate_mod)] // the generators serve others as well, and share their dice
#![allow(clippy::unwrap_used)] // a bench that cannot go on may stop there
#![allow(unreachable_pub, missing_docs)]

mod corpora;
#[path = "../tests/it/make/mod.rs"]
mod make;
mod whole;

use corpora::Asked;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::path::Path;
use whole::{count_newlines, read};

const SIZE: u64 = 64 << 20;

fn measure(c: &mut Criterion, name: &str, folder: &Path, bytes: u64) {
    let mut group = c.benchmark_group(format!("ingest/{name}"));
    group.throughput(Throughput::Bytes(bytes)).sample_size(10);
    group.bench_function("count newlines", |b| b.iter(|| count_newlines(folder)));
    for (name, threads) in [("one thread", 1), ("two threads", 2), ("all threads", 0)] {
        group.bench_with_input(BenchmarkId::new("read", name), &threads, |b, &threads| {
            b.iter(|| read(folder, threads).stated.len());
        });
    }
    group.finish();
}

fn ingest(c: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let truth = make::big::big_home(folder.path(), SIZE, 1);
    measure(c, "home", folder.path(), truth.bytes);
    let folder = tempfile::tempdir().unwrap();
    let truth = corpora::make("transcripts", folder.path(), &Asked { bytes: SIZE, files: 1, seed: 2, ..Asked::default() });
    measure(c, "one file", folder.path(), truth.bytes);
}

criterion_group!(benches, ingest);
criterion_main!(benches);
