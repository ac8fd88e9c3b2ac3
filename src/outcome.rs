//! How a run ended, as an exit code: a pure function of a few facts, so that CI can rely on it
//! and a test can try every combination.

use crate::attribute::Confidence;
use crate::event::SourceKind;
use crate::evidence::SourceRecord;

/// Ran to the end, nothing to complain about. Also after a closed pipe.
pub const FINE: u8 = 0;
/// A new incident at or above `--fail-on`.
pub const INCIDENT: u8 = 1;
/// Usage, configuration or I/O error.
pub const NOT_DONE: u8 = 2;
/// `--strict`, and something was skipped, cut or unreadable.
pub const GAP: u8 = 3;
/// No readable session input.
pub const EMPTY: u8 = 4;
/// A promise of our own broke; nothing is written.
pub const BROKEN: u8 = 70;

/// What a run that reached its end came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// A new incident at or above `--fail-on` was found.
    pub incident: bool,
    /// Something was skipped, cut or unreadable.
    pub gap: bool,
    /// `--strict`: a gap is an error.
    pub strict: bool,
    /// No session, log or credential store was read (see [`is_input`]).
    pub empty: bool,
    /// `--allow-empty`: that is not an error.
    pub allow_empty: bool,
    /// Whoever read our output closed the pipe: they have what they wanted.
    pub pipe_closed: bool,
}

impl Outcome {
    /// The exit code. Errors that end a run before ([`NOT_DONE`], [`BROKEN`]) never come here,
    /// so they precede all of these. What makes the answer less complete precedes the answer:
    /// a run that read nothing cannot say that there was no incident, and one that was asked to
    /// be strict and had gaps cannot either.
    pub fn code(self) -> u8 {
        match self {
            Outcome { pipe_closed: true, .. } => FINE,
            Outcome { empty: true, allow_empty: false, .. } => EMPTY,
            Outcome { gap: true, strict: true, .. } => GAP,
            Outcome { incident: true, .. } => INCIDENT,
            _ => FINE,
        }
    }
}

/// Is this source session input that was read? A transcript, a log or a credential store of
/// which a reader used at least one byte. What nobody recognised, other state of a client,
/// settings, databases and archives that were only listed, and our own reports are not: a job
/// that found nothing else has looked in the wrong place.
pub fn is_input(source: &SourceRecord) -> bool {
    use SourceKind as K;
    let beside = matches!(
        source.kind,
        K::Unrecognised
            | K::Archive
            | K::OwnReport
            | K::Sqlite
            | K::SqliteSide
            | K::OpenclawConfig
            | K::OpenclawConfigAudit
            | K::OpenclawOther
            | K::OpenclawDiagnostics
            | K::CodexOther
            | K::CodexHistory
            | K::ShellHistory
            | K::HermesOther
    );
    !beside && source.bytes_used > 0
}

/// `--fail-on`: from which confidence on a new incident is an exit code of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FailOn {
    /// Reporting is not failing.
    #[default]
    Never,
    /// At or above this confidence.
    AtLeast(Confidence),
    /// Any incident, whatever its cause and however sure that is.
    Any,
}

impl FailOn {
    /// The words of the command line, each with its meaning.
    pub const WORDS: &'static [(&'static str, FailOn)] = &[
        ("never", FailOn::Never),
        ("possible", FailOn::AtLeast(Confidence::Possible)),
        ("likely", FailOn::AtLeast(Confidence::Likely)),
        ("very-likely", FailOn::AtLeast(Confidence::VeryLikely)),
        ("confirmed", FailOn::AtLeast(Confidence::Confirmed)),
        ("any", FailOn::Any),
    ];

    /// The meaning of a word.
    pub fn named(word: &str) -> Option<FailOn> {
        FailOn::WORDS.iter().find(|(name, _)| *name == word).map(|(_, meaning)| *meaning)
    }

    /// Does an incident of this confidence count? One that the baseline knows never does.
    pub fn counts(self, confidence: Confidence, known: bool) -> bool {
        match self {
            _ if known => false,
            FailOn::Never => false,
            FailOn::AtLeast(least) => confidence >= least,
            FailOn::Any => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Name;

    #[test]
    fn the_code_follows_from_the_facts() {
        let nothing = Outcome::default();
        assert_eq!(nothing.code(), FINE);
        assert_eq!(Outcome { gap: true, ..nothing }.code(), FINE, "a gap alone is for the report to say");
        assert_eq!(Outcome { strict: true, ..nothing }.code(), FINE);
        assert_eq!(Outcome { incident: true, ..nothing }.code(), INCIDENT);
        assert_eq!(Outcome { gap: true, strict: true, incident: true, ..nothing }.code(), GAP);
        assert_eq!(Outcome { empty: true, ..nothing }.code(), EMPTY);
        assert_eq!(Outcome { empty: true, allow_empty: true, ..nothing }.code(), FINE);
        assert_eq!(Outcome { empty: true, gap: true, strict: true, ..nothing }.code(), EMPTY);
        assert_eq!(Outcome { empty: true, gap: true, strict: true, allow_empty: true, ..nothing }.code(), GAP);
    }

    #[test]
    fn every_combination_obeys_the_order() {
        for bits in 0u8..64 {
            let bit = |n: u8| bits & (1 << n) != 0;
            let outcome =
                Outcome { incident: bit(0), gap: bit(1), strict: bit(2), empty: bit(3), allow_empty: bit(4), pipe_closed: bit(5) };
            let causes = [
                (EMPTY, outcome.empty && !outcome.allow_empty),
                (GAP, outcome.gap && outcome.strict),
                (INCIDENT, outcome.incident),
                (FINE, true),
            ];
            let first = causes.into_iter().find(|(_, holds)| *holds).map(|(code, _)| code);
            let want = if outcome.pipe_closed { Some(FINE) } else { first };
            assert_eq!(Some(outcome.code()), want, "{outcome:?}");
        }
    }

    #[test]
    fn fail_on_counts_new_incidents_at_or_above() {
        let all =
            [Confidence::Undetermined, Confidence::Possible, Confidence::Likely, Confidence::VeryLikely, Confidence::Confirmed];
        let counted = |word: &str| {
            let fail_on = FailOn::named(word)?;
            assert!(all.iter().all(|c| !fail_on.counts(*c, true)), "{word} counts a known incident");
            Some(all.iter().filter(|c| fail_on.counts(**c, false)).count())
        };
        let wanted = [("never", 0), ("possible", 4), ("likely", 3), ("very-likely", 2), ("confirmed", 1), ("any", 5)];
        for (word, want) in wanted {
            assert_eq!(counted(word), Some(want), "{word}");
        }
        assert_eq!(FailOn::named("high"), None);
    }

    #[test]
    fn only_what_a_reader_used_is_input() {
        let source = |kind, used| {
            let mut record = SourceRecord::new(Name::of_text("x"), kind, None, None);
            record.bytes_used = used;
            record
        };
        assert!(is_input(&source(SourceKind::OpenclawSession, 10)));
        assert!(is_input(&source(SourceKind::CodexAuth, 10)), "a home with only its login is input");
        assert!(!is_input(&source(SourceKind::OpenclawSession, 0)), "recognised, and nothing of it could be used");
        for kind in [SourceKind::Unrecognised, SourceKind::OpenclawConfig, SourceKind::Sqlite, SourceKind::HermesOther] {
            assert!(!is_input(&source(kind, 10)), "{kind:?}");
        }
    }
}
