//! The proof that verdicts are an expert's: a table of all scenarios beside a naive rule, every home
//! disturbed in ways that must not mislead, evidence taken away line by line, and the words of reports.
//!
//! All of it runs over every row of the scenarios and the near misses: a new row needs no new test. Apart
//! from `incidents` and `nearmiss`, which say what each home is expected to give as it stands.

mod ablation;
mod causes;
mod judge;
mod naive;
mod removal;
mod uncited;
mod variants;
mod verdicts;
mod words;

use crate::make::home::{Home, Order};
use crate::make::scenarios::{NEAR_MISSES, SCENARIOS, SEED, Scenario};
use crate::make::token::Style;
use crate::pipeline::{Run, plan, run_plan};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};
use stopwhy::report::IncidentJson;

/// A scenario, its home, and what the tool makes of it as it stands.
pub struct Case {
    pub scenario: &'static Scenario,
    pub home: Home,
    pub run: Run,
    /// Where the home stood when it was read; it is gone since.
    root: PathBuf,
}

impl Case {
    fn of(scenario: &'static Scenario) -> Case {
        let home = scenario.build(Style::Inert, SEED);
        let folder = tempfile::tempdir().unwrap();
        let run = read_at(folder.path(), &home, Order::Forward);
        Case { scenario, home, run, root: folder.path().to_owned() }
    }

    pub fn name(&self) -> &'static str {
        self.scenario.name
    }

    /// The incidents as they are told.
    pub fn incidents(&self) -> &[IncidentJson] {
        &self.run.incidents
    }

    /// The file of the home that a source of its run stands in: for a table, its database.
    pub fn file(&self, source: usize) -> String {
        file_of(&self.run, source, &self.home, &self.root)
    }
}

/// The file of `home`, read at `root`, in which a source stands.
pub fn file_of(run: &Run, source: usize, home: &Home, root: &Path) -> String {
    let name = Path::new(run.evidence.sources[source].name.private()).strip_prefix(root).unwrap();
    let is_there = |path: &&Path| home.files().any(|(file, _)| Path::new(file) == *path);
    name.ancestors().find(is_there).unwrap().to_str().unwrap().to_owned()
}

/// The index of a printed source.
pub fn source_index(run: &Run, id: &str) -> usize {
    let rank: u32 = id.trim_start_matches('S').parse().unwrap();
    run.known.ranks.iter().position(|r| r + 1 == rank).unwrap()
}

/// Every scenario and near miss, read once.
pub fn cases() -> &'static [Case] {
    static CASES: OnceLock<Vec<Case>> = OnceLock::new();
    CASES.get_or_init(|| {
        let rows: Vec<&'static Scenario> = SCENARIOS.iter().chain(NEAR_MISSES).collect();
        at_once(&rows, |row| vec![Case::of(row)])
    })
}

/// Write a home into an empty folder, and read it with one thread.
pub fn read_at(folder: &Path, home: &Home, order: Order) -> Run {
    home.write(folder, order);
    run_plan(&plan(&[folder.to_owned()], 1))
}

/// Read a home in a folder of its own.
pub fn read(home: &Home) -> Run {
    let folder = tempfile::tempdir().unwrap();
    read_at(folder.path(), home, Order::Forward)
}

/// What `work` finds in each case, in the order of the cases.
pub fn each(work: impl Fn(&'static Case) -> Vec<String> + Sync) -> Vec<String> {
    let rows: Vec<&'static Case> = cases().iter().collect();
    at_once(&rows, |case| work(case))
}

/// Spread rows over the cores; results in the order of the rows.
fn at_once<T: Sync, R: Send>(rows: &[T], work: impl Fn(&T) -> Vec<R> + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Vec<R>)>> = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((at, row)) = {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    rows.get(at).map(|row| (at, row))
                } {
                    let found = work(row);
                    done.lock().unwrap().push((at, found));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().flat_map(|(_, found)| found).collect()
}

/// Fail with all that was found.
pub fn none(found: Vec<String>) {
    assert!(found.is_empty(), "{} found:\n{}", found.len(), found.join("\n"));
}
