//! Files that real versions of the clients wrote, where they are at hand (`../shared/samples`):
//! each scenario is told as its record of what happened tells it. Says so when they are absent.

use crate::pipeline::{Run, run};
use std::path::{Path, PathBuf};

fn scenarios() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples");
    let Ok(clients) = std::fs::read_dir(&root) else {
        eprintln!("no sample files at hand: nothing was compared with real ones");
        return Vec::new();
    };
    let folders = |path: PathBuf| std::fs::read_dir(path).into_iter().flatten().map(|e| e.unwrap().path()).filter(|p| p.is_dir());
    let mut list: Vec<PathBuf> = clients.map(|e| e.unwrap().path()).filter(|p| p.is_dir()).flat_map(folders).collect();
    list.sort();
    list
}

fn label(path: &Path) -> String {
    let parts: Vec<_> = path.components().rev().take(2).map(|c| c.as_os_str().to_string_lossy().into_owned()).collect();
    format!("{}/{}", parts[1], parts[0])
}

fn line(run: &Run) -> String {
    let t = &run.report.totals;
    let one = |i: &stopwhy::report::IncidentJson| {
        let actor = i.actor.as_ref().map_or("-", |a| a.client.as_str());
        format!("[{}x {} {} {actor} {}]", i.failed_turns, i.mechanism, i.root_cause, i.confidence)
    };
    let incidents: Vec<String> = run.report.incidents.iter().map(one).collect();
    format!("turns {} failed {} {}", t.turns, t.failed_turns, incidents.join(" "))
}

#[test]
fn survey() {
    for folder in scenarios() {
        let run = run(&folder);
        eprintln!("{} {}", label(&folder), line(&run));
        for (record, source) in run.evidence.sources.iter().zip(0..) {
            let _ = source;
            if record.skipped.contains_key(&stopwhy::event::SkipReason::UnknownFormat) {
                let name = record.name.private();
                let short = name.split("samples/").nth(1).unwrap_or(name);
                if short.contains("/home") || short.contains("tmp-openclaw") {
                    eprintln!("    unknown {short}");
                }
            }
        }
    }
}
