//! What benches over whole stages share: reading a folder as the program does, and counting what lies in it.

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
    let files = walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file());
    files.map(|file| memchr::memchr_iter(b'\n', &std::fs::read(file.path()).unwrap()).count()).sum()
}
