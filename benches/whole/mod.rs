//! What benches over whole stages share: reading a folder as the program does, and counting what lies in it.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use stopwhy::evidence::Evidence;
use stopwhy::plan::{Plan, Root, WindowAsked};
use stopwhy::{ingest, source};

/// A run over a folder, without anything that is asked of it.
pub fn plan(folder: Option<&Path>, threads: usize) -> Plan {
    Plan {
        roots: folder.map(|folder| Root::Path(folder.to_owned())).into_iter().collect(),
        window: WindowAsked::default(),
        zones: Vec::new(),
        hosts: Vec::new(),
        private: false,
        threads,
        scratch: std::env::temp_dir().join(format!("stopwhy-bench-{}", std::process::id())),
        key: [1; 32],
    }
}

/// Everything in a folder, read.
pub fn read(folder: &Path, threads: usize) -> Evidence {
    let plan = plan(Some(folder), threads);
    let inputs = source::discover(&plan.roots).unwrap();
    ingest::ingest(&plan, inputs, &source::Meter::default())
}

/// The floor of all reading: every byte of a folder looked at once, for line ends.
pub fn count_newlines(folder: &Path) -> usize {
    let entries = walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file());
    let (mut block, mut newlines) = (vec![0; 256 << 10], 0);
    for entry in entries {
        let mut file = File::open(entry.path()).unwrap();
        loop {
            match file.read(&mut block).unwrap() {
                0 => break,
                n => newlines += memchr::memchr_iter(b'\n', &block[..n]).count(),
            }
        }
    }
    newlines
}
