//! Records taken out of a home: a line of a text, a file that is one record, or the database that a row
//! stands in.

use super::{Case, file_of, source_index};
use crate::make::disturb::without_lines;
use crate::make::home::Home;
use crate::pipeline::Run;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use stopwhy::event::{ErrorClass, Event, EventKind, SourceKind};
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

/// The records that state the same as one does: each record of the refusal by the same program, and each
/// success on the same side of the first failure. What stores repeat is left to be found when it takes the
/// place of the others: with a store goes much else.
pub fn alike(case: &Case, (file, line): &(String, u64), is_before: bool) -> Vec<(String, u64)> {
    let sources = &case.run.evidence.sources;
    let events = &case.run.evidence.stated.events;
    let stated: Vec<&Event> =
        events.iter().filter(|e| e.origin.line == *line && case.file(e.origin.source as usize) == *file).collect();
    let classes: BTreeSet<ErrorClass> = stated.iter().filter_map(|e| class(e)).collect();
    let success = stated.iter().filter(|e| succeeded(e)).filter_map(|e| e.at).map(|at| at.ms).min();
    let kind_of = |e: &Event| sources[e.origin.source as usize].kind;
    let program = stated.first().map(|e| kind_of(e).client().program());
    let same = |e: &&Event| {
        let kind = kind_of(e);
        let again = success.zip(e.at).is_some_and(|(s, at)| if is_before { at.ms <= s } else { at.ms >= s });
        let is_same = class(e).is_some_and(|class| classes.contains(&class)) || (succeeded(e) && again);
        Some(kind.client().program()) == program && !STORES.contains(&kind) && is_same
    };
    events.iter().filter(same).map(|e| (case.file(e.origin.source as usize), e.origin.line)).collect()
}

/// Sources that hold credentials.
const STORES: &[SourceKind] = &[
    SourceKind::HermesAuth,
    SourceKind::CodexAuth,
    SourceKind::OpenclawAuthProfiles,
    SourceKind::OpenclawAuthState,
    SourceKind::PiAuth,
    SourceKind::OpencodeAuth,
];

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
