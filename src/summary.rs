//! What is said on stderr when a run is over: counts and closed words, nothing of the input.

use crate::correlate::Unmet;
use crate::event::SkipReason;
use crate::evidence::{Evidence, Skipped};
use crate::homes::LOOKED_AT;
use crate::outcome;
use crate::report::Report;
use crate::say::{Complaint, counted, quoted};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

/// Counts of a run.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    sources: u64,
    turns: u64,
    failed_turns: u64,
    incidents: u64,
    /// Incidents that count for `--fail-on`.
    counting: u64,
    /// Sources with something skipped, cut or unreadable.
    gaps: u64,
    skipped: BTreeMap<SkipReason, Skipped>,
    /// No path was named and no home was found.
    homeless: bool,
    /// Statements about sources that meet none.
    unmet: Vec<Complaint>,
}

impl Summary {
    /// Count. `counting` incidents are at or above `--fail-on`; `homeless` is a run without any
    /// root.
    pub fn of(evidence: &Evidence, report: &Report, counting: usize, homeless: bool) -> Summary {
        let mut skipped: BTreeMap<SkipReason, Skipped> = BTreeMap::new();
        for (reason, one) in evidence.sources.iter().flat_map(|source| &source.skipped) {
            let all = skipped.entry(*reason).or_default();
            all.count = all.count.saturating_add(one.count);
            all.bytes = all.bytes.saturating_add(one.bytes);
        }
        Summary {
            sources: report.totals.sources,
            turns: report.totals.turns,
            failed_turns: report.totals.failed_turns,
            incidents: report.incidents.len() as u64,
            counting: counting as u64,
            gaps: evidence.sources.iter().filter(|source| source.has_gap()).count() as u64,
            skipped,
            homeless,
            unmet: Vec::new(),
        }
    }

    /// The same, with what the user stated in vain.
    pub fn with_unmet(self, unmet: &[Unmet<'_>]) -> Summary {
        let one = |unmet: &Unmet<'_>| {
            let (cause, way_out) = match unmet.is_of_archive {
                true => ("its pattern fits an archive, and nothing that is in it", "add /**"),
                false => (
                    "its pattern fits no source that was read",
                    "compare it with the names that --private prints; ** stands for any folders",
                ),
            };
            Complaint::new(format!("{} {}", unmet.option, quoted(OsStr::new(unmet.pattern))), cause, way_out)
        };
        Summary { unmet: unmet.iter().map(one).collect(), ..self }
    }

    /// What the user stated about sources (`--host-of`, `--tz-of`) and none is met by: it changed nothing.
    pub fn unmet(&self) -> &[Complaint] {
        &self.unmet
    }

    /// Was anything skipped, cut or unreadable?
    pub fn has_gap(&self) -> bool {
        self.gaps > 0
    }

    /// The closing line.
    pub fn closing(&self, took: Duration) -> String {
        let counting = if self.counting == 0 { String::new() } else { format!(" ({} for --fail-on)", self.counting) };
        format!(
            "{}, {}, {} failed, {}{counting}, {:.1} s",
            counted(self.sources, "source"),
            counted(self.turns, "turn"),
            self.failed_turns,
            counted(self.incidents, "incident"),
            took.as_secs_f64()
        )
    }

    /// That something is missing, and where to read on; None when nothing is.
    pub fn gaps(&self) -> Option<String> {
        let are = if self.gaps == 1 { "was" } else { "were" };
        let some = format!("{} {are} not read in full; the coverage part of the report says why", counted(self.gaps, "source"));
        self.has_gap().then_some(some)
    }

    /// That databases were not read because they could not be copied to a folder of our own below
    /// `temporary`, and what helps; one for each reason.
    pub fn uncopied(&self, temporary: &Path) -> Vec<Complaint> {
        use SkipReason as R;
        let advice = [
            (R::SqliteCopy, "it cannot be written to", "set TMPDIR to a folder that can"),
            (R::SqliteDiskFull, "no space is left on its disk", "free some, or set TMPDIR to a folder on another disk"),
            (
                R::SqliteRoom,
                "copies of more than 8 GiB at one time are not made",
                "name fewer databases, or smaller copies of them",
            ),
        ];
        let found = advice.into_iter().filter_map(|(reason, why, way_out)| Some((self.skipped.get(&reason)?, why, way_out)));
        found
            .map(|(skipped, why, way_out)| {
                let (files, bytes) = (counted(skipped.count, "database file"), counted(skipped.bytes, "byte"));
                let cause = format!("{files} of {bytes} could not be copied there to be read: {why}");
                Complaint::new(format!("temporary folder {}", quoted(temporary.as_os_str())), cause, way_out)
            })
            .collect()
    }

    /// What was skipped, one line per reason.
    pub fn details(&self) -> Vec<String> {
        let line = |(reason, skipped): (&SkipReason, &Skipped)| {
            format!("{}: {}, {}: {}", reason.word(), counted(skipped.count, "time"), counted(skipped.bytes, "byte"), reason.says())
        };
        self.skipped.iter().map(line).collect()
    }

    /// Why the run ends with this exit code, where that is not in the closing line.
    pub fn failing(&self, code: u8) -> Option<Complaint> {
        match code {
            outcome::GAP => Some(self.strict()),
            outcome::EMPTY => Some(self.empty()),
            _ => None,
        }
    }

    fn strict(&self) -> Complaint {
        let cause = format!("{} not read in full{}", counted(self.gaps, "source"), self.reasons());
        Complaint::new("--strict", cause, "the coverage part of the report lists them")
    }

    fn empty(&self) -> Complaint {
        if self.homeless {
            return Complaint::new("this machine", format!("none of {LOOKED_AT} is here"), "name a PATH to read");
        }
        let cause =
            format!("no session, log or credential store was read in {}{}", counted(self.sources, "source"), self.reasons());
        Complaint::new("input", cause, "name the home of a client, or pass --allow-empty")
    }

    /// ` (unknown-format 2, symlink 1)`.
    fn reasons(&self) -> String {
        let list: Vec<String> = self.skipped.iter().map(|(reason, s)| format!("{} {}", reason.word(), s.count)).collect();
        if list.is_empty() { String::new() } else { format!(" ({})", list.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_in_one_line() {
        let mut summary = Summary { sources: 2, turns: 1, failed_turns: 1, incidents: 1, ..Summary::default() };
        assert_eq!(summary.closing(Duration::from_millis(1250)), "2 sources, 1 turn, 1 failed, 1 incident, 1.2 s");
        summary.counting = 1;
        assert!(summary.closing(Duration::ZERO).contains("1 incident (1 for --fail-on)"));
        assert_eq!((summary.gaps(), summary.details().len()), (None, 0));
    }

    #[test]
    fn what_is_missing_is_counted_by_reason() {
        let skipped = BTreeMap::from([(SkipReason::TornTail, Skipped { count: 1, bytes: 10 })]);
        let summary = Summary { sources: 3, gaps: 1, skipped, ..Summary::default() };
        assert!(summary.gaps().is_some_and(|line| line.starts_with("1 source was not read in full")));
        assert_eq!(summary.details(), ["torn-tail: 1 time, 10 bytes: the last record is cut off"]);
        assert!(summary.strict().to_string().starts_with("--strict: 1 source not read in full (torn-tail 1); "));
        assert!(summary.empty().to_string().contains("in 3 sources (torn-tail 1)"));
        assert!(Summary { homeless: true, ..summary }.empty().to_string().starts_with("this machine: none of "));
    }
}
