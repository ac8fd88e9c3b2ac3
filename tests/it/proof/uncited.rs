//! What a report does not cite decides nothing: without it the verdict is the same. Whole files, and lines
//! of the files that are cited.

use super::removal::Records;
use super::{Case, each, none, read};
use crate::incidents::tier;
use crate::make::rng::{Rng, mix};
use crate::make::scenarios::SEED;
use crate::pipeline::Run;

/// Lines of each home that are tried.
const SAMPLE: usize = 6;

/// Victim, mechanism, cause, actor and confidence of each incident.
type Said = (String, String, String, Option<String>, String);

fn verdicts(run: &Run) -> Vec<Said> {
    let of = |i: &stopwhy::report::IncidentJson, s: crate::pipeline::Summary| (i.victim.client.clone(), s.0, s.1, s.2, s.3);
    run.incidents.iter().zip(run.summaries()).map(|(i, s)| of(i, s)).collect()
}

/// All that is cited.
fn cited(case: &Case) -> Records {
    let mut cited = Records::default();
    cited.add_cited(&case.run, &case.home, &case.root);
    cited
}

/// The verdicts without some records, where they are others; `may_open`: left open is no other. A further
/// incident may appear of which no more is claimed than of another: a turn whose answer was taken away stays
/// unanswered, and the failures of a further session may stand for themselves.
fn others(case: &Case, gone: &Records, may_open: bool) -> Option<String> {
    let run = read(&gone.taken_from(&case.home));
    let (before, after) = (verdicts(&case.run), verdicts(&run));
    let is_open = |said: &Said| said.2 == "undetermined" && said.3.is_none();
    let repeats =
        |b: &Said| before.iter().any(|a| (&a.0, &a.1, &a.2, &a.3) == (&b.0, &b.1, &b.2, &b.3) && tier(&b.4) <= tier(&a.4));
    let same = |a: &Said, b: &Said| a == b || (may_open && a.0 == b.0 && is_open(b));
    let mut left = before.iter().peekable();
    let extra = after.iter().filter(|b| left.next_if(|a| same(a, b)).is_none());
    let stays = extra.filter(|b| !is_open(b) && !repeats(b)).count() == 0 && left.next().is_none();
    (!stays).then(|| format!("{before:?} before, {after:?} after"))
}

/// Without any one of the files that are not cited the verdicts are the same, or are left open where a
/// store that is not there might have said more. First all of them go at once: where that changes nothing,
/// a few alone are proof enough.
#[test]
fn files_that_are_not_cited_decide_nothing() {
    none(each(|case| {
        let cited = cited(case);
        let files: Vec<&str> = case.home.files().map(|(path, _)| path).filter(|path| !cited.files().any(|c| c == *path)).collect();
        let without = |paths: &[&str]| {
            let mut gone = Records::default();
            paths.iter().for_each(|path| {
                gone.add((*path).to_owned(), 0);
            });
            others(case, &gone, true)
        };
        let rng = Rng::new(mix(SEED ^ files.len() as u64));
        let all_alone = without(&files).is_some();
        let tried = files.iter().filter(|_| all_alone || rng.below(8) == 0);
        tried.filter_map(|path| Some(format!("{} without {path}: {}", case.name(), without(&[path])?))).collect()
    }));
}

/// A question of a transcript: without it its answer belongs to the question before, which is another
/// history and not the same one with less.
fn is_question(line: &str) -> bool {
    ["\"role\": \"user\"", "\"role\":\"user\"", "\"type\":\"user_message\""].iter().any(|words| line.contains(words))
}

/// Lines of the cited files that are not cited, a few of each home.
#[test]
fn lines_that_are_not_cited_decide_nothing() {
    none(each(|case| {
        let cited = cited(case);
        let texts = case.home.texts();
        let by_line = |path: &&str| !cited.has(path, 0) && texts.iter().any(|text| text == path);
        let mut lines: Vec<(&str, u64)> = Vec::new();
        for path in cited.files().filter(by_line) {
            let text = case.home.files().find(|(file, _)| *file == path).map(|(_, bytes)| String::from_utf8_lossy(bytes));
            let others = (1..).zip(text.as_deref().unwrap_or_default().lines());
            let others = others.filter(|(line, text)| !cited.has(path, *line) && !is_question(text));
            lines.extend(others.map(|(line, _)| (path, line)));
        }
        let rng = Rng::new(mix(SEED ^ lines.len() as u64));
        let sample: Vec<(&str, u64)> = (0..SAMPLE.min(lines.len())).map(|_| *rng.pick(&lines)).collect();
        let without = |(path, line): &(&str, u64)| {
            let mut gone = Records::default();
            gone.add((*path).to_owned(), *line);
            Some(format!("{} without line {line} of {path}: {}", case.name(), others(case, &gone, false)?))
        };
        sample.iter().filter_map(without).collect()
    }));
}
