//! Records taken out of a home: a line of a text, a file that is one record, or the database that a row
//! stands in.

use super::{Case, file_of, source_index};
use crate::make::disturb::without_lines;
use crate::make::home::Home;
use crate::pipeline::Run;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use stopwhy::event::{ErrorClass, Event, EventKind, Origin, PackedTurn, SourceKind, Worked};
use stopwhy::report::EvidenceJson;
use stopwhy::time::Stamp;

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
        for item in run.incidents.iter().flat_map(|incident| &incident.evidence) {
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
    let stated = &case.run.stated;
    let turns = stated.turns.iter().map(Fact::of_turn);
    let facts: Vec<Fact> =
        stated.events.iter().map(Fact::of_event).chain(turns).chain(stated.worked.iter().map(Fact::of_worked)).collect();
    let stated: Vec<&Fact> =
        facts.iter().filter(|f| f.origin.line == *line && case.file(f.origin.source as usize) == *file).collect();
    let classes: BTreeSet<ErrorClass> = stated.iter().filter_map(|f| f.class).collect();
    let success = stated.iter().filter(|f| f.succeeded).filter_map(|f| f.at).map(|at| at.ms).min();
    let kind_of = |f: &Fact| sources[f.origin.source as usize].kind;
    let program = stated.first().map(|f| kind_of(f).client().program());
    let same = |f: &&Fact| {
        let kind = kind_of(f);
        let again = success.zip(f.at).is_some_and(|(s, at)| if is_before { at.ms <= s } else { at.ms >= s });
        let is_same = f.class.is_some_and(|class| classes.contains(&class)) || (f.succeeded && again);
        Some(kind.client().program()) == program && !STORES.contains(&kind) && is_same
    };
    facts.iter().filter(same).map(|f| (case.file(f.origin.source as usize), f.origin.line)).collect()
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

/// What a source states of a failure or a success.
struct Fact {
    at: Option<Stamp>,
    origin: Origin,
    class: Option<ErrorClass>,
    succeeded: bool,
}

impl Fact {
    fn of_event(event: &Event) -> Fact {
        let class = if let EventKind::Refused { failure, .. } = &event.kind { Some(failure.class) } else { None };
        Fact { at: event.at, origin: event.origin, class, succeeded: false }
    }

    fn of_worked(worked: &Worked) -> Fact {
        Fact { at: worked.at(), origin: worked.origin(), class: None, succeeded: true }
    }

    fn of_turn(turn: &PackedTurn) -> Fact {
        let class = turn.failure.map(|failure| failure.class);
        Fact { at: turn.at(), origin: turn.origin(), class, succeeded: turn.stop.is_success() }
    }
}
