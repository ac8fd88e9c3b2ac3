//! How fast bytes become lines: bytes per second, from memory.
//!
//! Input: one file of three corpora (`benches/corpora`, seed 1, 16 MiB each): log lines of some 160 bytes, transcript
//! lines of some 5 KB, and rollout lines of which most are some 400 KB long. Floor: `count newlines` looks at every byte
//! once and hands out nothing.
#![allow(dead_code)] // the generator serves the program that makes corpora as well
#![allow(clippy::unwrap_used)] // a bench that cannot go on may stop there
#![allow(unreachable_pub, missing_docs)]

mod corpora;

use corpora::Asked;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use stopwhy::source::{LINE_LIMIT, Name, Row, Stream};

/// How many lines there are, and how long they are in all.
fn split(name: &Name, bytes: &[u8]) -> (u64, usize) {
    let (mut lines, mut length) = (0, 0);
    Stream::of_value(name, bytes, u64::MAX).lines(LINE_LIMIT, |row| {
        if let Row::Line { line, .. } = row {
            lines += 1;
            length += black_box(line.bytes).len();
        }
    });
    (lines, length)
}

fn lines(c: &mut Criterion) {
    for (name, kind) in [("short", "agent-log"), ("of transcripts", "transcripts"), ("long", "rollouts")] {
        let folder = tempfile::tempdir().unwrap();
        let truth = corpora::make(kind, folder.path(), &Asked { bytes: 16 << 20, files: 1, seed: 1, ..Asked::default() });
        let mut entries = walkdir::WalkDir::new(folder.path()).into_iter().map(Result::unwrap);
        let bytes = std::fs::read(entries.find(|entry| entry.file_type().is_file()).unwrap().path()).unwrap();
        let name_of = Name::of_text("x.jsonl");
        assert_eq!(split(&name_of, &bytes).0, truth.lines, "{kind}");
        let mut group = c.benchmark_group(format!("lines/{name}"));
        group.throughput(Throughput::Bytes(bytes.len() as u64)).sample_size(20);
        group.bench_function("count newlines", |b| b.iter(|| memchr::memchr_iter(b'\n', black_box(&bytes)).count()));
        group.bench_function("split", |b| b.iter(|| split(&name_of, black_box(&bytes))));
        group.finish();
    }
}

criterion_group!(benches, lines);
criterion_main!(benches);
