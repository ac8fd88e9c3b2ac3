//! Files that were taken out of their home, or lie in it and in a bundle beside it, tell what they
//! told there, once.

use std::fs;
use std::path::Path;
use stopwhy::report::IncidentJson;

use crate::pipeline::run;

const SESSION: &str = "6f0c2f6e-5d0b-4b1e-9a52-0c1a7d3f9b10";

fn fixture(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/readers").join(path)).unwrap()
}

/// The incidents of a folder with these files, and the kind of each.
fn incidents(files: &[(&str, &str)]) -> (Vec<IncidentJson>, Vec<&'static str>) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let run = run(folder.path());
    (run.incidents, run.evidence.sources.iter().map(|s| s.kind.word()).collect())
}

#[test]
fn a_note_in_a_home_and_in_its_bundle_is_one_refusal() {
    let note =
        fixture("openclaw-stability/refusal-2026.5.7/openclaw-stability-2026-05-11T09-00-02-310Z-4711-uncaught_exception.json");
    let name = ".openclaw/logs/stability/openclaw-stability-2026-05-11T09-00-02-310Z-4711-uncaught_exception.json";
    let (alone, _) = incidents(&[(name, &note)]);
    for bundle in ["bundle/stability/latest.json", ".openclaw/logs/support/b.zip/stability/latest.json"] {
        let (both, kinds) = incidents(&[(name, &note), (bundle, &note)]);
        assert_eq!(kinds, ["openclaw-stability"; 2]);
        let told = |list: &[IncidentJson]| list.iter().map(|i| (i.first_failure.clone(), i.evidence.len())).collect::<Vec<_>>();
        assert_eq!((told(&both), alone.len()), (told(&alone), 1), "{bundle}");
    }
}

#[test]
fn an_exported_trajectory_joins_the_session_that_it_is_of() {
    let lines = fixture(&format!("openclaw-trajectory/runs-without-entry-2026.5.7/{SESSION}.trajectory.jsonl"));
    // The runs that failed, with no success before or between.
    let failed: String = lines.split_inclusive('\n').skip(5).take(6).collect();
    let transcript = fixture("openclaw-session/invalidated-2026.5.7/2ed741b7-8bea-477a-a55c-c5fdc071af59.jsonl")
        .replace("2ed741b7-8bea-477a-a55c-c5fdc071af59", SESSION)
        .replace("2026-05-10T06", "2026-05-11T08");
    let transcript = (&*format!(".openclaw/agents/main/sessions/{SESSION}.jsonl"), &*transcript);
    let told = |name: &str| {
        let (list, _) = incidents(&[transcript, (name, &failed)]);
        list.iter().map(|i| (i.first_failure.clone(), i.failed_turns, i.root_cause.clone())).collect::<Vec<_>>()
    };
    let at_home = told(&format!(".openclaw/agents/main/sessions/{SESSION}.trajectory.jsonl"));
    assert_eq!(at_home.len(), 1);
    for name in ["traces/x.jsonl", "openclaw-trajectory-6f0c2f6e-2026-05-11T10-00-00/events.jsonl"] {
        assert_eq!(told(name), at_home, "{name}");
    }
}

#[test]
fn what_a_client_keeps_beside_its_records_is_that_client_s() {
    let jobs = "{\"version\":1,\"jobs\":[{\"id\":\"a\",\"state\":{\"lastError\":\"refresh_token_reused\"}}]}";
    let export = "openclaw-trajectory-6f0c2f6e-2026-05-11T10-00-00";
    let branch = "{\"header\":{\"type\":\"session\"},\"leafId\":\"a2\",\"entries\":[]}";
    for (name, text, want) in [
        (".openclaw/cron/jobs.json".to_owned(), jobs, "openclaw-other"),
        (".hermes/cron/jobs.json".to_owned(), "{\"jobs\":[],\"updated_at\":\"2026-05-11\"}", "hermes-other"),
        (format!("{export}/session-branch.json"), branch, "openclaw-other"),
        ("moved/session-branch.json".to_owned(), branch, "openclaw-other"),
        (format!("{export}/prompts.json"), "{\"system\":\"x\"}", "openclaw-other"),
        (format!("{export}/system-prompt.txt"), "be kind", "openclaw-other"),
        (
            "moved/manifest.json".to_owned(),
            "{\"traceSchema\":\"openclaw-trajectory\",\"schemaVersion\":1,\"eventCount\":4}",
            "openclaw-other",
        ),
        ("moved/manifest.json".to_owned(), "{\"name\":\"x\"}", "unknown"),
    ] {
        let (list, kinds) = incidents(&[(&name, text)]);
        assert_eq!((list.len(), kinds), (0, vec![want]), "{name}");
    }
}
