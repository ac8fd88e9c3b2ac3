//! Every near miss is read as an expert would read it: built in a temporary folder, not committed.

use crate::incidents::unlike_the_expert;
use crate::make::home::Order;
use crate::make::rng::Rng;
use crate::make::scenarios::{NEAR_MISSES, SCENARIOS, SEED, Scenario};
use crate::make::token::Style;
use crate::pipeline::{Run, Summary, run};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[test]
fn no_near_miss_is_hit() {
    let scratch = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for scenario in NEAR_MISSES {
        let folder = scratch.path().join(scenario.name);
        scenario.build(Style::Inert, SEED).write(&folder, Order::Forward);
        wrong.extend(unlike_the_expert(scenario, &run(&folder)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every scenario there is.
fn all() -> impl Iterator<Item = &'static Scenario> {
    SCENARIOS.iter().chain(NEAR_MISSES)
}

/// The culprits that a run names, with their victims.
fn named(run: &Run) -> Vec<(String, String)> {
    let pair = |i: &stopwhy::report::IncidentJson| Some((i.victim.client.clone(), i.actor.as_ref()?.client.clone()));
    run.report.incidents.iter().filter_map(pair).collect()
}

/// File times are whatever a copy or an archive made of them.
#[test]
fn file_times_name_nobody_else() {
    let scratch = tempfile::tempdir().unwrap();
    for (number, scenario) in all().enumerate() {
        let mut home = scenario.build(Style::Inert, SEED);
        let honest = scratch.path().join(format!("{number}-a"));
        home.write(&honest, Order::Forward);
        let rng = Rng::new(SEED ^ number as u64);
        home.retime(|_| rng.span(1_770_000_000, 1_800_000_000) * 1000);
        let odd = scratch.path().join(format!("{number}-b"));
        home.write(&odd, Order::Shuffled(number as u64));
        let (before, after) = (named(&run(&honest)), named(&run(&odd)));
        assert!(after.iter().all(|pair| before.contains(pair)), "{}: {after:?} instead of {before:?}", scenario.name);
    }
}

/// Victim, mechanism, cause and actor.
type Said = (String, String, String, Option<String>);

fn verdicts(run: &Run) -> Vec<Said> {
    let one = |(i, s): (&stopwhy::report::IncidentJson, Summary)| (i.victim.client.clone(), s.0, s.1, s.2);
    run.report.incidents.iter().zip(run.summaries()).map(one).collect()
}

/// Paths below `folder` of the sources that no item of evidence cites.
fn uncited(run: &Run, folder: &Path) -> Vec<PathBuf> {
    let items = run.report.incidents.iter().flat_map(|i| &i.evidence);
    let cited: BTreeSet<&str> = items.map(|e| e.source.as_str()).collect();
    let sources = run.evidence.sources.iter().zip(&run.known.ranks);
    let unused = sources.filter(|(_, rank)| !cited.contains(format!("S{}", **rank + 1).as_str()));
    // A table lies in a file that holds others, too.
    let files = unused.map(|(s, _)| Path::new(s.name.private())).filter(|path| path.is_file());
    files.map(|path| path.strip_prefix(folder).unwrap().to_owned()).collect()
}

/// What is not cited does not decide: without any one of those files the verdicts are the same, or
/// are left open where a store that is not there might have said more.
#[test]
fn what_is_not_cited_decides_nothing() {
    let scratch = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for scenario in all() {
        let home = scenario.build(Style::Inert, SEED);
        let folder = scratch.path().join(scenario.name);
        home.write(&folder, Order::Forward);
        let whole = run(&folder);
        for gone in uncited(&whole, &folder) {
            let (from, aside) = (folder.join(&gone), scratch.path().join("aside"));
            std::fs::rename(&from, &aside).unwrap();
            let rest = run(&folder);
            std::fs::rename(&aside, &from).unwrap();
            let same = |(a, b): (&Said, &Said)| a == b || (a.0 == b.0 && b.2 == "undetermined");
            let (before, after) = (verdicts(&whole), verdicts(&rest));
            if before.len() != after.len() || !before.iter().zip(&after).all(same) {
                wrong.push(format!("{} without {}: {:?}", scenario.name, gone.display(), rest.summaries()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
