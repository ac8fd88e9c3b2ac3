//! The table of verdicts, `fixtures/VERDICTS.md`: each scenario and incident with the expert's words,
//! stopwhy's, those of the naive rule, and what each of them is worth. `STOPWHY_BLESS=1` writes it.

use super::judge::{Claim, Judgement, judge};
use super::{Case, cases, naive};
use crate::make::scenarios::{NEAR_MISSES, SCENARIOS, Verdict};
use crate::readme::README;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Verdicts that are weaker than the expert's, and why that is right for now: scenario, number of the
/// incident from 1, reason.
const WEAKER: &[(&str, usize, &str)] = &[];

/// Fewer scenarios than this would not be a proof.
const LEAST: usize = 60;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// One incident with all that is said of it. No expert's words: it should not be there.
struct Row {
    name: &'static str,
    number: usize,
    expert: Option<&'static Verdict>,
    tool: Claim,
    naive: Claim,
}

impl Row {
    /// What the words of a claim are worth.
    fn judged(&self, claim: &Claim) -> [Judgement; 4] {
        self.expert.map_or([Judgement::TooBold; 4], |expert| judge(claim, expert))
    }

    /// Why the verdict may be weaker than the expert's.
    fn reason(&self) -> Option<&'static str> {
        WEAKER.iter().find(|(name, number, _)| (*name, *number) == (self.name, self.number)).map(|(_, _, why)| *why)
    }
}

/// The incidents of a case, those that are missing included.
fn rows(case: &Case) -> Vec<Row> {
    let (told, expected) = (case.incidents(), case.scenario.expected);
    let row = |at: usize| Row {
        name: case.name(),
        number: at + 1,
        expert: expected.get(at),
        tool: told.get(at).map_or_else(Claim::none, Claim::of),
        naive: case.run.known.incidents.get(at).map_or_else(Claim::none, |i| naive::verdict(i, &case.run.known)),
    };
    (0..told.len().max(expected.len())).map(row).collect()
}

/// How often each judgement was given, per column.
#[derive(Default)]
struct Totals([BTreeMap<Judgement, usize>; 4]);

impl Totals {
    fn of<'r>(rows: impl Iterator<Item = [Judgement; 4]> + 'r) -> Totals {
        let mut totals = Totals::default();
        for judged in rows {
            judged.iter().zip(&mut totals.0).for_each(|(j, column)| *column.entry(*j).or_default() += 1);
        }
        totals
    }

    fn line(&self, judgement: Judgement) -> [String; 4] {
        std::array::from_fn(|at| self.0[at].get(&judgement).copied().unwrap_or_default().to_string())
    }
}

const HEAD: &str = "# Verdicts\n\n\
    Every scenario of the generator: what an experienced engineer would say of its files, what stopwhy says, and what the naive \
    rule says that people use at first sight: the nearest earlier refresh or login by another client is guilty (whatever its \
    account, login or mechanism; it knows no doubt, and counts as `likely` here). Each verdict is four words: mechanism, root \
    cause, acting client, confidence. `ok` stands for a word that is right; the others are *too weak* (less than the files allow), \
    *too bold* (more than they allow) or *wrong*. A near miss is a home in which a wrong answer lies close at hand.\n\n\
    What happened in each home, and why the expert concludes so, stands in `fixtures/incidents/<name>/note.md`, or for near \
    misses in `tests/it/make/scenarios/nearmiss/`. The table is made by a command and checked by the tests:\n\n\
    ```sh\nSTOPWHY_BLESS=1 cargo test --test it -- verdicts::\n```\n";

/// The whole document.
fn table(cases: &[Case]) -> String {
    let mut text = HEAD.to_owned();
    let (committed, near) = cases.split_at(SCENARIOS.len());
    for (title, part) in [("Scenarios", committed), ("Near misses", near)] {
        text +=
            &format!("\n## {title}\n\n| scenario | expert | stopwhy | worth | naive rule | worth |\n|---|---|---|---|---|---|\n");
        part.iter().for_each(|case| text += &lines(case));
    }
    let all: Vec<Row> = cases.iter().flat_map(rows).collect();
    text += &format!("\n## Totals\n\n{}\n", summary(cases));
    for (who, claim) in [("stopwhy", (|row| &row.tool) as fn(&Row) -> &Claim), ("naive rule", |row| &row.naive)] {
        let totals = Totals::of(all.iter().map(|row| row.judged(claim(row))));
        text += &format!("\n| {who} | mechanism | root cause | acting client | confidence |\n|---|---|---|---|---|\n");
        for judgement in Judgement::ALL {
            text += &format!("| {} | {} |\n", judgement.word(), totals.line(judgement).join(" | "));
        }
    }
    let reasons = all.iter().filter_map(|row| Some(format!("- {} {}: {}\n", row.name, row.number, row.reason()?)));
    let reasons: String = reasons.collect();
    if !reasons.is_empty() {
        text += &format!("\nWeaker than the expert, and why:\n\n{reasons}");
    }
    text
}

/// The rows of one scenario.
fn lines(case: &Case) -> String {
    let rows = rows(case);
    if rows.is_empty() {
        return format!("| {} | no incident | no incident | ok | – | – |\n", case.name());
    }
    let many = rows.len() > 1;
    let line = |row: &Row| {
        let name = if many { format!("{} ({})", row.name, row.number) } else { row.name.to_owned() };
        let (tool, naive) = (row.judged(&row.tool), row.judged(&row.naive));
        format!(
            "| {name} | {} | {} | {} | {} | {} |\n",
            row.expert.map_or("no incident".to_owned(), expert),
            said(&row.tool),
            worth(tool),
            said(&row.naive),
            worth(naive)
        )
    };
    rows.iter().map(line).collect()
}

fn expert(verdict: &Verdict) -> String {
    let (low, high) = verdict.confidence;
    let sure = if low == high { low.to_owned() } else { format!("{low} to {high}") };
    [verdict.mechanism, verdict.root_cause, verdict.actor.unwrap_or("-"), &sure].join(", ")
}

fn said(claim: &Claim) -> String {
    if *claim == Claim::none() { "nothing".to_owned() } else { claim.words().join(", ") }
}

/// `ok`, or what is not.
fn worth(judged: [Judgement; 4]) -> String {
    if judged == [Judgement::Right; 4] {
        return "ok".to_owned();
    }
    judged.map(|j| if j == Judgement::Right { "ok" } else { j.word() }).join(", ")
}

/// One line over all: the README repeats it.
fn summary(cases: &[Case]) -> String {
    let rows: Vec<Row> = cases.iter().flat_map(rows).collect();
    let right = |claim: fn(&Row) -> &Claim| rows.iter().filter(|r| r.judged(claim(r)) == [Judgement::Right; 4]).count();
    let accused = |claim: fn(&Row) -> &Claim| {
        rows.iter().filter(|r| matches!(r.judged(claim(r))[2], Judgement::TooBold | Judgement::Wrong)).count()
    };
    format!(
        "{} scenarios with {} incidents: stopwhy is right in all four words in {} and accuses a client that the expert does not in \
         {}; the naive rule in {} and {}.",
        cases.len(),
        rows.len(),
        right(|r| &r.tool),
        accused(|r| &r.tool),
        right(|r| &r.naive),
        accused(|r| &r.naive)
    )
}

#[test]
fn the_table_is_as_committed() {
    let (file, made) = (root().join("fixtures/VERDICTS.md"), table(cases()));
    if std::env::var_os("STOPWHY_BLESS").is_some() {
        fs::write(&file, made).unwrap();
    } else {
        let committed = fs::read_to_string(&file).unwrap_or_default();
        let differs = committed.lines().zip(made.lines()).find(|(a, b)| a != b);
        assert!(committed == made, "fixtures/VERDICTS.md differs (STOPWHY_BLESS=1 writes it anew): {differs:?}");
    }
}

#[test]
fn the_readme_repeats_the_summary() {
    const OPEN: &str = "<!-- verdicts: checked by a test -->\n";
    let (file, line) = (root().join("README.md"), summary(cases()));
    let _alone = README.lock().unwrap();
    let readme = fs::read_to_string(&file).unwrap();
    let (before, rest) = readme.split_once(OPEN).unwrap();
    let (shown, after) = rest.split_once('\n').unwrap();
    if std::env::var_os("STOPWHY_BLESS").is_some() {
        fs::write(&file, format!("{before}{OPEN}{line}\n{after}")).unwrap();
    } else {
        assert_eq!(shown, line, "README.md shows other totals (STOPWHY_BLESS=1 writes them anew)");
    }
}

/// Nobody is accused wrongly, nothing is claimed that the files do not allow, and what is weaker than the
/// expert has a stated reason.
#[test]
fn nothing_is_wrong_or_too_bold_and_what_is_weak_has_a_reason() {
    let mut found = Vec::new();
    for row in cases().iter().flat_map(rows) {
        let judged = row.judged(&row.tool);
        let weak = judged.contains(&Judgement::TooWeak);
        let misleads = judged.iter().any(|j| matches!(j, Judgement::TooBold | Judgement::Wrong));
        if misleads || (weak && row.reason().is_none()) {
            found.push(format!("{} {}: {:?} is {}", row.name, row.number, row.tool.words(), worth(judged)));
        }
        if !weak && row.reason().is_some() {
            found.push(format!("{} {}: no longer weak, take it from the list", row.name, row.number));
        }
    }
    super::none(found);
}

#[test]
fn there_are_scenarios_enough_and_the_naive_rule_is_no_match() {
    assert_eq!(cases().len(), SCENARIOS.len() + NEAR_MISSES.len());
    assert!(cases().len() >= LEAST, "{} scenarios", cases().len());
    for (name, _, _) in WEAKER {
        assert!(cases().iter().any(|case| case.name() == *name), "no scenario is called {name}");
    }
    let rows: Vec<Row> = cases().iter().flat_map(rows).collect();
    let wrong = rows.iter().filter(|r| r.judged(&r.naive)[2] != Judgement::Right).count();
    assert!(wrong * 4 > rows.len(), "the scenarios do not tell the naive rule from a good one: {wrong} of {}", rows.len());
}
