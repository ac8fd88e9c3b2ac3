//! Makes the corpora on which `stopwhy` is measured beside its peers, each in a folder, and beside it, in
//! `<folder>.truth.json`, what is in it.
//!
//! ```text
//! cargo bench --bench corpus -- KIND FOLDER [--bytes 2G] [--files 400] [--rows 1M] [--turns 100K] [--incidents 10] [--seed 1]
//! cargo bench --bench corpus -- pack gz|zst FROM TO
//! cargo bench --bench corpus -- discard FOLDER [--threads 1]
//! ```
//!
//! The same arguments give the same bytes on every machine; without any, the kinds are listed. `pack` makes a copy of
//! every file with the crates that `stopwhy` reads them with, and `discard` decompresses the files of a folder with the
//! same crates and throws the bytes away: what reading them takes at least.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::exit)] // a program of its own, for people at a terminal
#![allow(dead_code, unreachable_pub, missing_docs)] // the dice serve the tests as well

mod corpora;

use corpora::{Asked, KINDS, Truth};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

const USAGE: &str = "\
cargo bench --bench corpus -- KIND FOLDER [--bytes 2G] [--files 400] [--rows 1M] [--turns 100K] [--incidents 10] [--seed 1]
cargo bench --bench corpus -- pack gz|zst FROM TO
cargo bench --bench corpus -- discard FOLDER [--threads 1]
";

/// `2G`, `500M`, `64K` or a plain number. Bytes are counted in powers of two, all else in powers of ten.
fn number(text: &str, base: u64) -> u64 {
    let power = match text.as_bytes().last() {
        Some(b'G') => 3,
        Some(b'M') => 2,
        Some(b'K') => 1,
        _ => 0,
    };
    text.trim_end_matches(['G', 'M', 'K']).parse::<u64>().unwrap() * base.pow(power)
}

/// The options behind what `asked` for.
fn options(args: &[String]) -> (Asked, usize) {
    let (mut asked, mut threads) = (Asked::default(), 1);
    for pair in args.chunks(2) {
        let [option, value] = pair else { panic!("{}: no value", pair[0]) };
        let plain = || number(value, 1000).max(1);
        match option.as_str() {
            "--bytes" => asked.bytes = number(value, 1024),
            "--files" => asked.files = plain(),
            "--rows" => asked.rows = plain(),
            "--turns" => asked.turns = plain(),
            "--incidents" => asked.incidents = plain(),
            "--seed" => asked.seed = plain(),
            "--threads" => threads = plain() as usize,
            _ => panic!("{option}: no such option"),
        }
    }
    (asked, threads)
}

fn make(kind: &str, folder: &str, asked: &Asked) {
    let truth = corpora::make(kind, Path::new(folder), asked);
    let Truth { files, lines, bytes, rows, decoys, variants, turns, failed, incidents, counts } = truth;
    let told = serde_json::json!({
        "kind": kind, "files": files, "lines": lines, "bytes": bytes, "rows": rows, "decoy_lines": decoys,
        "variant_lines": variants, "turns": turns, "failed": failed, "incidents": incidents, "counts": counts,
    });
    fs::write(format!("{}.truth.json", folder.trim_end_matches('/')), serde_json::to_string_pretty(&told).unwrap() + "\n").unwrap();
    println!("{folder}: {kind}, {files} files, {lines} lines, {rows} rows, {bytes} bytes, {failed} failed of {turns} turns");
}

/// The files below a folder, biggest first.
fn files(folder: &str) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file());
    let mut files: Vec<(u64, PathBuf)> = entries.map(|entry| (entry.metadata().unwrap().len(), entry.into_path())).collect();
    files.sort_by(|a, b| b.cmp(a));
    files.into_iter().map(|(_, path)| path).collect()
}

/// A packed copy of every file.
fn pack(form: &str, from: &str, to: &str) {
    for path in files(from) {
        let below = path.strip_prefix(from).unwrap();
        let target = Path::new(to).join(format!("{}.{form}", below.display()));
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        let (mut source, target) = (File::open(&path).unwrap(), File::create(target).unwrap());
        match form {
            "gz" => {
                let mut packer = flate2::write::GzEncoder::new(target, flate2::Compression::new(6));
                io::copy(&mut source, &mut packer).unwrap();
                packer.finish().unwrap();
            }
            "zst" => {
                let mut packer = zstd::Encoder::new(target, 3).unwrap();
                io::copy(&mut source, &mut packer).unwrap();
                packer.finish().unwrap();
            }
            _ => panic!("{form}: neither gz nor zst"),
        }
    }
    // What is in it is the same.
    let truth = |folder: &str| format!("{}.truth.json", folder.trim_end_matches('/'));
    if Path::new(&truth(from)).exists() {
        fs::copy(truth(from), truth(to)).unwrap();
    }
}

/// Decompress a file and throw the bytes away; how many there were.
fn through(path: &Path, block: &mut [u8]) -> u64 {
    let file = File::open(path).unwrap();
    let mut reader: Box<dyn Read> = match path.extension().and_then(|end| end.to_str()) {
        Some("gz") => Box::new(flate2::read::MultiGzDecoder::new(io::BufReader::with_capacity(256 << 10, file))),
        Some("zst") => Box::new(zstd::Decoder::new(file).unwrap()),
        _ => Box::new(file),
    };
    let mut bytes = 0;
    loop {
        match reader.read(block).unwrap() {
            0 => return bytes,
            n => bytes += n as u64,
        }
    }
}

fn discard(folder: &str, threads: usize) {
    let (files, next, bytes) = (files(folder), AtomicUsize::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut block = vec![0; 256 << 10];
                while let Some(path) = files.get(next.fetch_add(1, Relaxed)) {
                    bytes.fetch_add(through(path, &mut block), Relaxed);
                }
            });
        }
    });
    println!("{}", bytes.into_inner());
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] | [_] => {
            println!("{USAGE}");
            KINDS.iter().for_each(|kind| println!("{:13} {}", kind.0, kind.1));
        }
        ["pack", form, from, to] => pack(form, from, to),
        ["discard", folder, ..] => discard(folder, options(&args[2..]).1),
        [kind, folder, ..] => make(kind, folder, &options(&args[2..]).0),
    }
}
