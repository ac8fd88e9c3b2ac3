//! A hole in a party's record, at a time that matters, is said in the verdict, wherever the file
//! stands and however the hole came about; what is no hole is not.

use crate::make::home::{Home, Order};
use crate::make::scenarios::{SCENARIOS, SEED};
use crate::make::token::Style;
use crate::pipeline::run;

const NOTE: &str = "could not be read whole";

fn built(scenario: &str) -> Home {
    SCENARIOS.iter().find(|s| s.name == scenario).unwrap().build(Style::Inert, SEED)
}

/// The notes about holes of all incidents.
fn notes(home: &Home) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    home.write(folder.path(), Order::Forward);
    let incidents = run(folder.path()).incidents;
    assert!(!incidents.is_empty());
    incidents.into_iter().flat_map(|i| i.notes).filter(|note| note.contains(NOTE)).collect()
}

fn path_of(home: &Home, fits: impl Fn(&str) -> bool) -> String {
    home.files().map(|(path, _)| path.to_owned()).find(|path| fits(path)).unwrap()
}

#[test]
fn the_gateway_s_log_stands_in_no_home_and_is_its_gateway_s() {
    let mut home = built("founding-relogin");
    assert_eq!(notes(&home), Vec::<String>::new());
    let log = path_of(&home, |path| path.contains("openclaw-2026-"));
    assert!(!log.contains(".openclaw/"), "{log}");
    home.change(&log, |text| text.replacen("\n{", "\n{\"broken", 1));
    let said = notes(&home);
    assert!(said.len() == 1 && said[0].starts_with("1 file of OpenClaw") && said[0].contains("(json-syntax)"), "{said:?}");
}

#[test]
fn nuls_between_records_are_a_hole_and_those_at_the_end_are_none() {
    for (behind, want) in [(false, 1), (true, 0)] {
        let mut home = built("founding-consumed");
        let log = path_of(&home, |path| path.ends_with(".hermes/logs/agent.log"));
        let nuls = "\0".repeat(4096);
        home.change(&log, |text| {
            let at = if behind { text.len() } else { text.match_indices('\n').nth(3).unwrap().0 + 1 };
            format!("{}{nuls}{}", &text[..at], &text[at..])
        });
        let said = notes(&home);
        assert_eq!(said.len(), want, "{said:?}");
        assert!(said.iter().all(|note| note.contains("of Hermes") && note.contains("(nul-padding)")), "{said:?}");
    }
}

#[test]
fn a_file_of_nobody_is_a_hole_where_records_are_kept_only() {
    for (folder, want) in [(".hermes/sessions", 1), (".hermes/logs/old", 1), (".hermes/skills", 0), ("logs", 0)] {
        let mut home = built("founding-consumed");
        let victim = path_of(&home, |path| path.ends_with(".hermes/auth.json")).replace(".hermes/auth.json", "");
        home.put(format!("{victim}{folder}/thing.bin"), b"\x01\x02 nobody's".to_vec(), 1_779_000_000_000);
        let said = notes(&home);
        assert_eq!(said.len(), want, "{folder}: {said:?}");
        assert!(said.iter().all(|note| note.contains("(unknown-format)")), "{said:?}");
    }
}

/// A program of which nothing but a store stands among the files, and that cannot be read: whoever acted,
/// it may have been that one.
#[test]
fn a_store_out_of_sight_leaves_what_is_inferred_from_absence_a_guess() {
    let cause = |home: &Home| {
        let folder = tempfile::tempdir().unwrap();
        home.write(folder.path(), Order::Forward);
        let incident = run(folder.path()).incidents.remove(0);
        (incident.root_cause, incident.confidence, incident.notes.iter().filter(|note| note.contains(NOTE)).count())
    };
    let half = |text: String| text.get(..text.len() / 2).unwrap().to_owned();
    let mut home = built("sibling-logout");
    let store = path_of(&home, |path| path.contains(".codex/auth.json"));
    assert_eq!(cause(&home).0, "sibling_logout");
    home.change(&store, half);
    let (root, confidence, notes) = cause(&home);
    assert_eq!((root.as_str(), confidence.as_str()), ("server_revocation", "possible"));
    assert!(notes >= 1);

    let mut home = built("founding-consumed");
    let store = path_of(&home, |path| path.ends_with(".codex/auth.json"));
    assert_eq!(cause(&home).0, "sibling_refresh");
    home.change(&store, |text| text.replacen('{', "\u{1}", 1));
    // A copy shows that it held the very token, and it worked on past that: that is a guess as well.
    let (root, confidence, notes) = cause(&home);
    assert!(["possible", "undetermined"].contains(&confidence.as_str()) && notes >= 1, "{root} {confidence} {notes}");
}
