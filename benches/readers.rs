//! How fast each reader reads: bytes per second from files to evidence, with one thread.
//!
//! Input: a corpus of each kind (`benches/corpora`, seed 1): 32 MiB of OpenClaw transcripts, of Codex rollouts, of
//! gateway, agent and terminal logs, in four files each, and 50,000 rows of each database (some 27 MB); read warm. A
//! database is copied first, as it always is. Floor: `count newlines` over the same files.
#![allow(dead_code)] // the generator serves the program that makes corpora as well
#![allow(clippy::unwrap_used)] // a bench that cannot go on may stop there
#![allow(unreachable_pub, missing_docs)]

mod corpora;
mod whole;

use corpora::Asked;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use whole::{count_newlines, read};

const KINDS: [&str; 7] = ["transcripts", "rollouts", "gateway-log", "agent-log", "tui-log", "codex-store", "hermes-store"];

fn readers(c: &mut Criterion) {
    let asked = Asked { bytes: 32 << 20, files: 4, rows: 50_000, seed: 1, ..Asked::default() };
    for kind in KINDS {
        let folder = tempfile::tempdir().unwrap();
        let truth = corpora::make(kind, folder.path(), &asked);
        let mut group = c.benchmark_group(format!("readers/{kind}"));
        group.throughput(Throughput::Bytes(truth.bytes)).sample_size(10);
        group.bench_function("count newlines", |b| b.iter(|| count_newlines(folder.path())));
        group.bench_function("read", |b| b.iter(|| read(folder.path(), 1).stated.len()));
        group.finish();
    }
}

criterion_group!(benches, readers);
criterion_main!(benches);
