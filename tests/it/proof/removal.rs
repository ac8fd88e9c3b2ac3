//! Records taken out of a home: a line of a text, a file that is one record, or the database that a row
//! stands in.

use super::{Case, file_of, source_index};
use crate::make::disturb::without_lines;
use crate::make::home::Home;
use crate::pipeline::Run;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use stopwhy::event::{ErrorClass, Event, EventKind};
use stopwhy::report::EvidenceJson;

/// Records by file; line 0 is the file as a whole.
#[derive(Clone, Debug, Default)]
pub struct Records(BTreeMap<String, BTreeSet<u64>>);

impl Records {
    /// Add a record; false if it is among them.
    pub fn add(&mut self, file: String, line: u64) -> bool {
        self.0.entry(file).or_default().insert(line)
    }

    pub fn has(&self, file: &str, line: u64) -> bool {
        self.0.get(file).is_some_and(|lines| lines.contains(&0) || lines.contains(&line))
    }

    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The home without them.
    pub fn taken_from(&self, home: &Home) -> Home {
        let mut rest = home.clone();
        self.0.iter().for_each(|(file, lines)| without_lines(&mut rest, file, lines));
        rest
    }

    /// Add all that a report cites.
    pub fn add_cited(&mut self, run: &Run, home: &Home, root: &Path) {
        for item in run.report.incidents.iter().flat_map(|incident| &incident.evidence) {
            self.add(place(item, run, home, root).0, item.line);
        }
    }
}

/// File and line of an item of evidence.
pub fn place(item: &EvidenceJson, run: &Run, home: &Home, root: &Path) -> (String, u64) {
    (file_of(run, source_index(run, &item.source), home, root), item.line)
}

/// The lines of texts that state the same as an item does: each record of the refusal by the same program,
/// and each success after one that is cited. What stores repeat is left to be found when it takes the
/// place of the others.
pub fn alike(case: &Case, item: &EvidenceJson) -> Vec<(String, u64)> {
    let source = source_index(&case.run, &item.source);
    let stated = |e: &&Event| e.origin.source as usize == source && e.origin.line == item.line;
    let events = &case.run.evidence.events;
    let classes: BTreeSet<ErrorClass> = events.iter().filter(stated).filter_map(class).collect();
    let is_success = item.kind == "control" && events.iter().filter(stated).any(succeeded);
    let since = events.iter().filter(stated).filter_map(|e| e.at).map(|at| at.ms).min().unwrap_or(i64::MIN);
    let program = case.run.evidence.sources[source].kind.client().program();
    let same = |e: &&Event| {
        let of_program = case.run.evidence.sources[e.origin.source as usize].kind.client().program() == program;
        let again = is_success && succeeded(e) && e.at.is_some_and(|at| at.ms >= since);
        of_program && e.origin.line > 0 && (class(e).is_some_and(|class| classes.contains(&class)) || again)
    };
    events.iter().filter(same).map(|e| (case.file(e.origin.source as usize), e.origin.line)).collect()
}

/// The class of a failure that an event states.
fn class(event: &Event) -> Option<ErrorClass> {
    match &event.kind {
        EventKind::Turn(turn) => turn.failure.map(|failure| failure.class),
        EventKind::Refused { failure, .. } => Some(failure.class),
        _ => None,
    }
}

fn succeeded(event: &Event) -> bool {
    match &event.kind {
        EventKind::Turn(turn) => turn.stop.is_success(),
        EventKind::Worked { .. } => true,
        _ => false,
    }
}
