//! Every scenario of the generator: the verdict is what an expert would say of these files, for
//! the reasons that expert would give, and nothing about it depends on threads, order, packing or
//! file times. Expected reports stand beside the committed homes; `STOPWHY_BLESS=1` writes them.

use crate::make::home::Order;
use crate::make::scenarios::{SCENARIOS, SEED, Scenario, Verdict};
use crate::make::token::Style;
use crate::pipeline::{Run, plan, run, run_plan};
use std::fs;
use std::path::{Path, PathBuf};

/// Tiers, weakest first.
const TIERS: [&str; 5] = ["undetermined", "possible", "likely", "very_likely", "confirmed"];

fn fixture(scenario: &Scenario) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/incidents").join(scenario.name)
}

pub fn tier(word: &str) -> usize {
    TIERS.iter().position(|t| *t == word).unwrap()
}

#[test]
fn reports_are_as_expected() {
    let bless = std::env::var_os("STOPWHY_BLESS").is_some();
    let mut wrong = Vec::new();
    for scenario in SCENARIOS {
        let folder = fixture(scenario);
        let run = run(&folder.join("home"));
        for (name, found) in [("report.md", &run.markdown), ("report.json", &run.json)] {
            let file = folder.join(name);
            if bless {
                fs::write(&file, found).unwrap();
            } else if fs::read_to_string(&file).ok().as_ref() != Some(found) {
                wrong.push(file.display().to_string());
            }
        }
    }
    assert!(wrong.is_empty(), "reports differ (STOPWHY_BLESS=1 writes them anew): {wrong:#?}");
}

/// The program itself prints what the library makes.
#[test]
fn the_program_prints_the_expected_report() {
    let folder = fixture(&SCENARIOS[0]);
    for (format, name) in [("md", "report.md"), ("json", "report.json")] {
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_stopwhy"));
        let output = program.args(["report", "--format", format]).arg(folder.join("home")).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        assert!(output.stdout == fs::read(folder.join(name)).unwrap(), "{name}: another text than expected");
    }
}

#[test]
fn verdicts_are_an_experts() {
    let read = |scenario: &Scenario| run(&fixture(scenario).join("home"));
    let wrong: Vec<String> = SCENARIOS.iter().flat_map(|scenario| unlike_the_expert(scenario, &read(scenario))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Where a run of a scenario says something else than the expert does.
pub fn unlike_the_expert(scenario: &Scenario, run: &Run) -> Vec<String> {
    let (found, want) = (&run.incidents, scenario.expected);
    if found.len() != want.len() {
        return vec![format!("{}: {} incidents instead of {}: {:?}", scenario.name, found.len(), want.len(), run.summaries())];
    }
    let pairs = found.iter().zip(want);
    pairs.filter_map(|(f, w)| differs(f, w)).map(|why| format!("{}: {why}: {:?}", scenario.name, run.summaries())).collect()
}

fn differs(found: &stopwhy::report::IncidentJson, want: &Verdict) -> Option<String> {
    let actor = found.actor.as_ref().map(|a| a.client.as_str());
    let words = [
        (found.victim.client.as_str(), want.victim),
        (found.mechanism.as_str(), want.mechanism),
        (found.root_cause.as_str(), want.root_cause),
        (actor.unwrap_or("-"), want.actor.unwrap_or("-")),
    ];
    let unlike = words.iter().find(|(f, w)| f != w).map(|(f, w)| format!("{f} instead of {w}"));
    let (low, high) = (tier(want.confidence.0), tier(want.confidence.1));
    let sure = tier(&found.confidence);
    unlike
        .or_else(|| (!(low..=high).contains(&sure)).then(|| format!("{} instead of {:?}", found.confidence, want.confidence)))
        .or_else(|| {
            let count = found.failed_turns as usize;
            (!want.failed_turns.contains(&count)).then(|| format!("{count} failed turns instead of {:?}", want.failed_turns))
        })
}

/// The renderer leaves a level of detail out in which the incidents alone cannot fit. It counts on less than any takes.
#[test]
fn an_incident_takes_more_than_is_counted_on() {
    let mut sections = 0;
    for scenario in SCENARIOS {
        let run = run(&fixture(scenario).join("home"));
        for budget in [60_000, 20_000, 10_000, 6_000] {
            let text = stopwhy::report::markdown(&run.report, false, None, budget).unwrap();
            let starts: Vec<usize> = text.match_indices("\n## ").map(|(at, _)| at).chain([text.len()]).collect();
            for section in starts.windows(2).map(|pair| &text[pair[0]..pair[1]]).filter(|section| section.starts_with("\n## I")) {
                assert!(section.encode_utf16().count() > stopwhy::report::INCIDENT_LEAST, "{}: {section}", scenario.name);
                sections += 1;
            }
        }
    }
    assert!(sections > SCENARIOS.len());
}

#[test]
fn threads_and_order_change_no_byte() {
    for scenario in SCENARIOS {
        let home = fixture(scenario).join("home");
        let one = run_plan(&plan(std::slice::from_ref(&home), 1));
        let four = run_plan(&plan(std::slice::from_ref(&home), 4));
        assert_eq!(one.json, four.json, "{}: threads", scenario.name);
        let mut files: Vec<PathBuf> = walkdir::WalkDir::new(&home)
            .into_iter()
            .map(|e| e.unwrap())
            .filter(|e| e.file_type().is_file())
            .map(|e| e.into_path())
            .collect();
        files.sort();
        files.reverse();
        let backward = run_plan(&plan(&files, 4));
        assert_eq!(one.json, backward.json, "{}: order of files", scenario.name);
        assert_eq!(one.markdown, backward.markdown, "{}: order of files", scenario.name);
    }
}

#[test]
fn packed_homes_give_the_same_incidents() {
    let scratch = tempfile::tempdir().unwrap();
    for scenario in SCENARIOS {
        let home = scenario.build(Style::Inert, SEED);
        let plain = scratch.path().join(scenario.name);
        home.write(&plain, Order::Backward);
        let plain = run(&plain);
        for (ending, bytes) in [("tar.gz", home.tar_gz("home")), ("zip", home.zip("home"))] {
            let bundle = scratch.path().join(format!("{}.{ending}", scenario.name));
            fs::write(&bundle, bytes).unwrap();
            let packed = run(&bundle);
            assert_same_findings(&plain, &packed, &format!("{} as {ending}", scenario.name));
        }
    }
}

/// Everything but the names of sources, which show the place in an archive, and the archive.
fn assert_same_findings(a: &Run, b: &Run, what: &str) {
    let findings = |r: &Run| {
        let mut value: serde_json::Value = serde_json::from_str(&r.json).unwrap();
        let sources = value["coverage"]["sources"].as_array_mut().unwrap();
        sources.retain(|source| source["kind"] != "archive");
        for source in sources {
            source["name"].take();
        }
        value
    };
    assert_eq!(findings(a), findings(b), "{what}");
}

/// The evidence that names the culprit carries the verdict: without the sources that hold it the
/// verdict changes or weakens.
#[test]
fn the_cited_evidence_carries_the_verdict() {
    let scratch = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for scenario in SCENARIOS.iter().filter(|s| s.expected.iter().any(|v| v.actor.is_some())) {
        let home = fixture(scenario).join("home");
        let whole = run(&home);
        let incident = &whole.incidents[0];
        // What a program did to its own token stands in its own store.
        let culprit = ["rotation", "login", "logout", "shared_token", "shared_login", "store"];
        let cited: Vec<&str> = incident
            .evidence
            .iter()
            .filter(|e| e.stance == "for" && culprit.contains(&e.kind.as_str()))
            .map(|e| e.source.as_str())
            .collect();
        assert!(!cited.is_empty(), "{}: names an actor and cites nothing of it", scenario.name);
        let copy = scratch.path().join(scenario.name);
        copy_without(&home, &copy, &whole, &cited);
        let before = &whole.summaries()[0];
        let rest = run(&copy);
        let points = |r: &Run| r.incidents[0].hypotheses.first().map_or(0, |best| best.score);
        let same = rest.summaries().iter().any(|s| (&s.1, &s.2) == (&before.1, &before.2) && tier(&s.3) >= tier(&before.3));
        // Below the lowest tier that names somebody there is none to fall to.
        let same = same && (before.3 != "possible" || points(&rest) >= points(&whole));
        if same {
            wrong.push(format!("{}: {before:?} stands without {cited:?}", scenario.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn copy_without(home: &Path, copy: &Path, whole: &Run, cited: &[&str]) {
    let order = &whole.known.ranks;
    let left_out: Vec<&str> = whole
        .evidence
        .sources
        .iter()
        .enumerate()
        .filter(|(at, _)| cited.contains(&format!("S{}", order[*at] + 1).as_str()))
        .map(|(_, s)| s.name.private())
        .collect();
    for entry in walkdir::WalkDir::new(home).into_iter().map(|e| e.unwrap()).filter(|e| e.file_type().is_file()) {
        // A table of a database goes with its file.
        if left_out.iter().any(|name| Path::new(name).starts_with(entry.path())) {
            continue;
        }
        let target = copy.join(entry.path().strip_prefix(home).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(entry.path(), target).unwrap();
    }
}
