//! The whole line in process: paths in, the report and its two renderings out.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use stopwhy::attribute;
use stopwhy::correlate::{self, Correlated};
use stopwhy::event::Stated;
use stopwhy::evidence::Evidence;
use stopwhy::plan::{HostRule, Plan, Root, WindowAsked};
use stopwhy::report::{self, IncidentJson, Options, Report};
use stopwhy::{ingest, source};

/// Everything that a run makes.
pub struct Run {
    /// All that was read; the turns of `evidence` are in `known`.
    pub stated: Stated,
    pub evidence: Arc<Evidence>,
    pub known: Arc<Correlated>,
    pub report: Report,
    /// Those of the report.
    pub incidents: Vec<IncidentJson>,
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

/// Folders in which scenarios of several machines keep each of them.
pub const MACHINES: [&str; 2] = ["host-a", "host-b"];

/// A run over these paths. What stands in the folder of a machine is of that machine, wherever that stands;
/// homes without such folders are of one.
pub fn plan(paths: &[PathBuf], threads: usize) -> Plan {
    let roots = paths.iter().map(|p| Root::Path(p.clone())).collect();
    let hosts = MACHINES.iter().map(|name| HostRule { glob: format!("{name}/**"), name: (*name).to_owned() }).collect();
    let zones = Vec::new();
    Plan { roots, window: WindowAsked::default(), zones, hosts, private: false, threads, scratch: scratch(), key: [5; 32] }
}

pub fn run(path: &Path) -> Run {
    run_plan(&plan(&[path.to_owned()], 2))
}

pub fn run_plan(plan: &Plan) -> Run {
    let inputs = source::discover(&plan.roots).unwrap();
    let mut evidence = ingest::ingest(plan, inputs, &source::Meter::default());
    for source in &evidence.sources {
        assert!(source.adds_up(), "ledger of {source:?}");
    }
    let stated = evidence.stated.clone();
    let known = Arc::new(correlate::correlate(&mut evidence, plan));
    let evidence = Arc::new(evidence);
    let verdicts = attribute::attribute(&known).into();
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let options = Options { private: plan.private, baseline: Default::default(), version };
    let report = report::build(&evidence, &known, &verdicts, &options);
    let incidents: Vec<IncidentJson> = report.incidents.iter().collect();
    assert_coherent(&report, &incidents, &known);
    let json = report::json(&report).unwrap();
    let markdown = report::markdown(&report, plan.private, None, BUDGET).unwrap();
    Run { stated, evidence, known, report, incidents, json, markdown }
}

/// What must hold of every report, whatever was read: the counts of an incident are part of the whole, its
/// times are in order, and something failed in it.
fn assert_coherent(report: &Report, list: &[IncidentJson], known: &Correlated) {
    let totals = &report.totals;
    assert_eq!(list.len(), known.incidents.len());
    assert!(list.iter().map(|i| i.failed_turns).sum::<u64>() <= totals.failed_turns, "more failed turns in incidents than in all");
    assert!(totals.failed_turns <= totals.turns && totals.by_client.iter().map(|c| c.turns).sum::<u64>() == totals.turns);
    for (told, incident) in list.iter().zip(&known.incidents) {
        let id = format!("{} of {:?}", told.id, list.iter().map(|i| (&i.root_cause, &i.first_failure)).collect::<Vec<_>>());
        assert!(told.sessions <= totals.sessions.max(1), "{id}: {} sessions of {}", told.sessions, totals.sessions);
        assert!(told.sessions <= told.failed_turns.max(1), "{id}: {} sessions for {} turns", told.sessions, told.failed_turns);
        assert!(told.first_failure <= told.last_failure, "{id}: {} to {}", told.first_failure, told.last_failure);
        let over = told.recovered_at.as_ref();
        assert!(over.is_none_or(|at| *at > told.last_failure), "{id}: over at {over:?}, last at {}", told.last_failure);
        let good = incident.last_good.map(|good| good.at.ms);
        assert!(good.is_none_or(|at| at <= incident.first.ms), "{id}: last good at {good:?}, first at {:?}", incident.first);
        let refused = incident.failures.iter().any(|f| !f.is_turn && f.failure.class.is_auth());
        assert!(told.failed_turns > 0 || refused, "{id}: nothing failed");
    }
}

impl Run {
    /// Mechanism, cause, actor and confidence of every incident.
    pub fn summaries(&self) -> Vec<Summary> {
        let one = |i: &IncidentJson| {
            (i.mechanism.clone(), i.root_cause.clone(), i.actor.as_ref().map(|a| a.client.clone()), i.confidence.clone())
        };
        self.incidents.iter().map(one).collect()
    }
}
