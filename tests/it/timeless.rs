//! Turns that bear no time that can be read: they can be neither before nor after anything, and are
//! not passed over for that.

use crate::make::home::Order;
use crate::make::scenarios::{SEED, scenario};
use crate::make::token::Style;
use crate::pipeline::{Run, run};

/// The home as it is.
fn with_times() -> Run {
    let scratch = tempfile::tempdir().unwrap();
    scenario("founding-consumed").build(Style::Inert, SEED).write(scratch.path(), Order::Forward);
    run(scratch.path())
}

/// Transcripts of Hermes whose lines have lost their times, as a rewritten one has, and all else of the
/// home as far as `keep` has it.
fn without_times(keep: impl Fn(&str) -> bool) -> Run {
    let mut home = scenario("founding-consumed").build(Style::Inert, SEED);
    home.keep(keep);
    let transcripts: Vec<String> = home.files().map(|(path, _)| path.to_owned()).filter(|path| path.ends_with(".jsonl")).collect();
    for path in transcripts.iter().filter(|path| path.contains(".hermes/sessions/")) {
        home.change(path, |text| {
            let lines = text.lines().map(|line| match line.find(", \"timestamp\": ") {
                Some(at) => format!("{}}}\n", &line[..at]),
                None => format!("{line}\n"),
            });
            lines.collect()
        });
    }
    let scratch = tempfile::tempdir().unwrap();
    home.write(scratch.path(), Order::Forward);
    run(scratch.path())
}

/// A turn that cannot be placed in time is in no incident, and it counts and is said.
#[test]
fn turns_without_a_time_are_counted_and_said() {
    let alone = without_times(|path| path.starts_with(".hermes/sessions/2") && path.ends_with(".jsonl"));
    let totals = &alone.report.totals;
    assert_eq!((totals.turns, totals.failed_turns, alone.incidents.len()), (14, 9, 0));
    let said = "hermes: 14 turns without a readable time (9 failed), counted in the totals and in no incident";
    assert!(alone.report.coverage.not_seen.iter().any(|line| line == said), "{:?}", alone.report.coverage.not_seen);
    assert!(alone.markdown.contains(said) && !alone.markdown.contains("No turn stayed failed"), "{}", alone.markdown);
    // Where other records date the same conversations, they are those.
    let whole = with_times();
    let rest = without_times(|_| true);
    let counts = |run: &Run| (run.report.totals.turns, run.report.totals.failed_turns);
    assert_eq!(counts(&rest), counts(&whole));
    assert!(!rest.report.coverage.not_seen.iter().any(|line| line.contains("without a readable time")));
}
