//! The whole line in process: paths in, the report and its two renderings out.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use stopwhy::attribute;
use stopwhy::correlate::{self, Correlated};
use stopwhy::evidence::Evidence;
use stopwhy::plan::{Plan, Root, WindowAsked};
use stopwhy::report::{self, Options, Report};
use stopwhy::{ingest, source};

/// Everything that a run makes.
pub struct Run {
    pub evidence: Arc<Evidence>,
    pub known: Correlated,
    pub report: Report,
    pub json: String,
    pub markdown: String,
}

/// The budget of the Markdown when nothing else is asked.
const BUDGET: usize = 60_000;

/// What a verdict comes to, for comparison.
pub type Summary = (String, String, Option<String>, String);

/// A path for the private folder that nobody else uses: that of a folder that was just removed.
pub fn scratch() -> PathBuf {
    tempfile::tempdir().unwrap().path().to_path_buf()
}

pub fn plan(paths: &[PathBuf], threads: usize) -> Plan {
    let roots = paths.iter().map(|p| Root::Path(p.clone())).collect();
    Plan { roots, window: WindowAsked::default(), zones: Vec::new(), private: false, threads, scratch: scratch(), key: [5; 32] }
}

pub fn run(path: &Path) -> Run {
    run_plan(&plan(&[path.to_owned()], 2))
}

pub fn run_plan(plan: &Plan) -> Run {
    let inputs = source::discover(&plan.roots).unwrap();
    let evidence = Arc::new(ingest::ingest(plan, inputs, &source::Meter::default()));
    for source in &evidence.sources {
        assert!(source.adds_up(), "ledger of {source:?}");
    }
    let known = correlate::correlate(&evidence, plan);
    let verdicts = attribute::attribute(&known);
    let options = Options { private: plan.private, baseline: Default::default(), version: env!("CARGO_PKG_VERSION").to_owned() };
    let report = report::build(&evidence, &known, &verdicts, &options);
    let json = report::json(&report).unwrap();
    let markdown = report::markdown(&report, plan.private, None, BUDGET).unwrap();
    Run { evidence, known, report, json, markdown }
}

impl Run {
    /// Mechanism, cause, actor and confidence of every incident.
    pub fn summaries(&self) -> Vec<Summary> {
        let one = |i: &report::IncidentJson| {
            (i.mechanism.clone(), i.root_cause.clone(), i.actor.as_ref().map(|a| a.client.clone()), i.confidence.clone())
        };
        self.report.incidents.iter().map(one).collect()
    }
}
