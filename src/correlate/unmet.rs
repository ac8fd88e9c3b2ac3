//! What the user states about sources (`--host-of`, `--tz-of`) and none of them is met by.
//!
//! A pattern that fits nothing changes nothing, and the report is then not the one that was asked for: two machines
//! are read as one, a zone stays unknown. Its text is the user's own and may hold names, so that it is said where the
//! command was typed and in no report.

use super::glob;
use crate::event::SourceKind;
use crate::evidence::Evidence;
use crate::plan::Plan;

/// A statement that meets no source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unmet<'p> {
    /// The option.
    pub option: &'static str,
    /// Its pattern, as it was typed.
    pub pattern: &'p str,
    /// It fits an archive, and nothing that is in it: what is in one stands below its name.
    pub is_of_archive: bool,
}

/// Those that meet none, in the order in which they were typed.
pub fn unmet<'p>(evidence: &Evidence, plan: &'p Plan) -> Vec<Unmet<'p>> {
    let hosts = plan.hosts.iter().map(|rule| ("--host-of", rule.glob.as_str()));
    let zones = plan.zones.iter().map(|rule| ("--tz-of", rule.glob.as_str()));
    let one = |(option, pattern): (&'static str, &'p str)| {
        let mut fitting = evidence.sources.iter().filter(|source| glob::matches(pattern, &source.name)).peekable();
        let is_of_archive = fitting.peek().is_some();
        // An archive itself is of no machine and has no times: its members are.
        let is_met = fitting.any(|source| source.kind != SourceKind::Archive);
        (!is_met).then_some(Unmet { option, pattern, is_of_archive })
    };
    hosts.chain(zones).filter_map(one).collect()
}
