//! Corpora of every kind of source that is read by the gigabyte, made from a seed: the same numbers give the same bytes
//! on every machine. Shared by the program that writes them to disk (`benches/corpus.rs`) and by the benches.
//!
//! What is in a corpus is known exactly and kept in a [`Truth`], so that whoever is measured on it can be asked whether
//! its answer was right.

mod logs;
mod pool;
#[path = "../../tests/it/make/rng.rs"]
mod rng;
mod rollouts;
mod small;
mod stores;
mod transcripts;
mod turns;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

/// First time, 1 January 2026, in ms.
const FIRST_MS: u64 = 1_767_225_600_000;

/// How much of a corpus is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Bytes of text, about.
    pub bytes: u64,
    /// Files.
    pub files: u64,
    /// Rows of a store.
    pub rows: u64,
    /// Turns of one account.
    pub turns: u64,
    /// Incidents that these turns make.
    pub incidents: u64,
    /// Everything follows from it.
    pub seed: u64,
}

impl Default for Asked {
    fn default() -> Asked {
        Asked { bytes: 2 << 30, files: 400, rows: 1_000_000, turns: 100_000, incidents: 10, seed: 1 }
    }
}

/// What was made.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    pub files: u64,
    pub lines: u64,
    pub bytes: u64,
    /// Rows of stores.
    pub rows: u64,
    /// Lines that quote a failure.
    pub decoys: u64,
    /// Lines that are written otherwise than the client writes them.
    pub variants: u64,
    pub turns: u64,
    pub failed: u64,
    pub incidents: u64,
    /// Answers by `provider|model|stop`.
    pub counts: BTreeMap<String, u64>,
}

/// A kind of corpus: its name, what it is, and what makes it in a folder.
pub struct Kind(pub &'static str, pub &'static str, pub fn(&Path, &Asked) -> Truth);

pub const KINDS: [Kind; 9] = [
    Kind("transcripts", "OpenClaw session files (--bytes, --files)", transcripts::make),
    Kind("rollouts", "Codex rollouts, most of them `compacted` records and images (--bytes, --files)", rollouts::make),
    Kind("gateway-log", "file logs of an OpenClaw gateway (--bytes, --files)", logs::gateway),
    Kind("agent-log", "agent logs of Hermes (--bytes, --files)", logs::agent),
    Kind("tui-log", "logs of Codex' terminal program (--bytes, --files)", logs::tui),
    Kind("codex-store", "the log database of Codex (--rows)", stores::codex),
    Kind("hermes-store", "the state database of Hermes (--rows)", stores::hermes),
    Kind("turns", "short turns of one account, of which some failed (--turns, --incidents, --files)", turns::make),
    Kind("home", "a small home of all clients: 100 files, 20 MB", small::make),
];

/// Make a corpus of this kind in `folder`.
pub fn make(kind: &str, folder: &Path, asked: &Asked) -> Truth {
    let Kind(_, _, make) = KINDS.iter().find(|known| known.0 == kind).unwrap_or_else(|| panic!("{kind}: no such corpus"));
    fs::create_dir_all(folder).unwrap();
    make(folder, asked)
}

impl Truth {
    /// What two corpora hold together.
    fn add(&mut self, other: Truth) {
        self.files += other.files;
        self.lines += other.lines;
        self.bytes += other.bytes;
        self.rows += other.rows;
        self.decoys += other.decoys;
        self.variants += other.variants;
        self.turns += other.turns;
        self.failed += other.failed;
        self.incidents += other.incidents;
        for (name, count) in other.counts {
            *self.counts.entry(name).or_default() += count;
        }
    }
}

/// A file that is written piece by piece.
struct Out {
    file: File,
    text: String,
    written: u64,
    lines: u64,
}

impl Out {
    fn create(path: &Path) -> Out {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        Out { file: File::create(path).unwrap(), text: String::new(), written: 0, lines: 0 }
    }

    /// How much it holds.
    fn len(&self) -> u64 {
        self.written + self.text.len() as u64
    }

    fn line(&mut self, line: &str) {
        self.put(line, "\n");
    }

    fn put(&mut self, line: &str, end: &str) {
        self.text.push_str(line);
        self.text.push_str(end);
        self.lines += 1;
        if self.text.len() > 1 << 20 {
            self.flush();
        }
    }

    fn flush(&mut self) {
        self.file.write_all(self.text.as_bytes()).unwrap();
        self.written += self.text.len() as u64;
        self.text.clear();
    }

    /// It is at its end; what it holds goes into `truth`.
    fn close(mut self, truth: &mut Truth) {
        self.flush();
        truth.files += 1;
        truth.lines += self.lines;
        truth.bytes += self.written;
    }
}

/// A day of the calendar and the ms in it.
fn day(ms: u64) -> (u64, u64, u64, u64) {
    let (days, rest) = (ms / 86_400_000, ms % 86_400_000);
    // Days since 1 March of the year 0, so that a leap day is the last of its year.
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + u64::from(month <= 2), month, day, rest)
}

/// `2026-01-01T00:00:00.000Z`.
fn iso(ms: u64) -> String {
    print(ms, 'T', '.') + "Z"
}

/// `2026-01-01 00:00:00,000`, in the words of Python's logging.
fn python(ms: u64) -> String {
    print(ms, ' ', ',')
}

fn print(ms: u64, before: char, point: char) -> String {
    let (year, month, day, rest) = day(ms);
    let (s, ms) = (rest / 1000, rest % 1000);
    format!("{year}-{month:02}-{day:02}{before}{:02}:{:02}:{:02}{point}{ms:03}", s / 3600, s / 60 % 60, s % 60)
}

/// An id in the form of a UUID.
fn uuid(rng: &rng::Rng) -> String {
    let (a, b) = (rng.word(), rng.word());
    format!("{:08x}-{:04x}-7{:03x}-8{:03x}-{:012x}", a >> 32, a & 0xffff, a >> 16 & 0xfff, b >> 48 & 0xfff, b & 0xffff_ffff_ffff)
}

/// Sizes that vary as those of real files do: few of them hold most of the bytes.
fn sizes(rng: &rng::Rng, bytes: u64, files: u64) -> Vec<u64> {
    let weights: Vec<f64> = (0..files)
        .map(|_| {
            let around: f64 = (0..12).map(|_| rng.below(1_000_000) as f64 / 1e6).sum::<f64>() - 6.0;
            (1.4 * around).exp()
        })
        .collect();
    let total: f64 = weights.iter().sum();
    weights.iter().map(|weight| (weight / total * bytes as f64) as u64).collect()
}

/// One of `list`, by weight.
fn weighed<'a, T>(rng: &rng::Rng, list: &'a [T], weight: impl Fn(&T) -> u64) -> &'a T {
    let mut left = rng.below(list.iter().map(&weight).sum());
    list.iter()
        .find(|item| {
            weight(item) > left || {
                left -= weight(item);
                false
            }
        })
        .unwrap()
}
