//! Words of the command line → plain data, settled once, before any work. After this module the
//! engine never sees an argument, and nothing outside it knows how arguments are parsed.
//!
//! Nothing is printed here and nothing ends the process: help and errors are handed back.

mod args;
mod refusal;
mod value;

use crate::attribute::RootCause;
use crate::outcome::FailOn;
use crate::output::{Format, Output, Target};
use crate::plan::{Bound, Plan, Root, WindowAsked};
use crate::say::{Color, Complaint};
use clap::Parser;
use std::ffi::OsString;
use std::path::PathBuf;

/// Default of `--max-bytes`: below the 65,536 characters that a GitHub issue takes.
const MAX_UNITS: usize = 60_000;
/// Least of `--max-bytes`: below this a report could not say more than that it was cut.
const MIN_UNITS: usize = 2_000;

/// What is to be done.
#[derive(Clone, Debug)]
pub enum Command {
    /// Analyse and render.
    Report(Box<Request>),
    /// Explain a root cause.
    Explain(RootCause),
    /// Print the JSON Schema.
    Schema,
}

/// A report, as it was asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// What drives the engine. No roots means this machine's own homes; the key is all zero
    /// until `main` fills it in.
    pub plan: Plan,
    /// Outputs, at least one.
    pub outputs: Vec<Output>,
    /// From which confidence on an incident makes the exit code 1.
    pub fail_on: FailOn,
    /// An earlier JSON report.
    pub baseline: Option<PathBuf>,
    /// Length limit of the Markdown in UTF-16 units.
    pub max_units: usize,
    /// Layout of the Markdown.
    pub template: Template,
    /// A gap in what was read is an error.
    pub strict: bool,
    /// No shortcuts are taken.
    pub slow_path: bool,
    /// No session input is not an error.
    pub allow_empty: bool,
    /// A progress bar is welcome.
    pub progress: bool,
    /// How much is said on stderr.
    pub loudness: Loudness,
    /// When it is coloured.
    pub color: Color,
}

/// Layout of the Markdown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Template {
    /// The built-in one, for any issue tracker.
    Generic,
    /// A minijinja template of the user's own.
    File(PathBuf),
}

/// How much is said on stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loudness {
    /// Errors.
    Quiet,
    /// And what was read, and a closing line.
    Normal,
    /// And what was skipped, and where the outputs went.
    Verbose,
}

/// Why there is no command to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Help or version was asked for: this text, on stdout, is the answer.
    Help(String),
    /// Nothing was asked for: this text, on stderr, and a usage error.
    Usage(String),
    /// A word that cannot be understood.
    Error(Complaint),
}

/// Settle the command line. The first argument is the program's name.
///
/// # Errors
/// When there is nothing to run, which includes `--help`.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Command, Stop> {
    let args: Vec<OsString> = args.into_iter().collect();
    let of_report = args.get(1).is_some_and(|word| word == "report");
    let see = if of_report { "see stopwhy report --help" } else { "see stopwhy --help" };
    let cli = args::Cli::try_parse_from(args).map_err(|error| refusal::stop(&error, see))?;
    match cli.command {
        args::Words::Report(words) => request(*words).map(|request| Command::Report(Box::new(request))),
        args::Words::Explain { cause } => Ok(Command::Explain(cause)),
        args::Words::Schema => Ok(Command::Schema),
    }
}

fn request(words: args::Report) -> Result<Request, Stop> {
    let window = WindowAsked { since: words.since, until: words.until };
    if is_empty(window) {
        let complaint = Complaint::new("--since", "the window ends before it begins", "let --until be later");
        return Err(Stop::Error(complaint));
    }
    let roots = words.paths.into_iter().map(|path| if path.as_os_str() == "-" { Root::Stdin } else { Root::Path(path) }).collect();
    let plan = Plan {
        roots,
        window,
        zones: words.tz_of,
        hosts: words.host_of,
        private: words.private,
        threads: words.threads,
        scratch: PathBuf::new(),
        key: [0; 32],
    };
    let loudness = match (words.quiet, words.verbose) {
        (true, _) => Loudness::Quiet,
        (false, 0) => Loudness::Normal,
        (false, _) => Loudness::Verbose,
    };
    Ok(Request {
        plan,
        outputs: outputs(words.outputs, words.format),
        fail_on: words.fail_on,
        baseline: words.baseline,
        max_units: words.max_bytes,
        template: words.template,
        strict: words.strict,
        slow_path: words.slow_path,
        allow_empty: words.allow_empty,
        progress: !words.no_progress && loudness > Loudness::Quiet,
        loudness,
        color: words.color,
    })
}

fn outputs(asked: Vec<value::OutputAsked>, format: Option<Format>) -> Vec<Output> {
    if asked.is_empty() {
        return vec![Output { format: format.unwrap_or_default(), target: Target::Stdout }];
    }
    asked.into_iter().map(|output| output.or(format)).collect()
}

/// Known to hold no event, whatever the data.
fn is_empty(window: WindowAsked) -> bool {
    match (window.since, window.until) {
        (Some(Bound::At(since)), Some(Bound::At(until))) => since > until,
        (Some(Bound::BeforeNewest(since)), Some(Bound::BeforeNewest(until))) => since < until,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::attribute::Confidence;

    fn parsed(line: &[&str]) -> Result<Command, Stop> {
        parse(std::iter::once("stopwhy").chain(line.iter().copied()).map(OsString::from))
    }

    fn report(line: &[&str]) -> Request {
        match parsed(&[&["report"], line].concat()) {
            Ok(Command::Report(request)) => *request,
            other => panic!("{other:?}"),
        }
    }

    fn error(line: &[&str]) -> String {
        match parsed(line) {
            Err(Stop::Error(complaint)) => complaint.to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn without_options() {
        let request = report(&[]);
        assert_eq!(request.outputs, [Output { format: Format::Markdown, target: Target::Stdout }]);
        assert_eq!((request.plan.roots.len(), request.plan.threads, request.plan.private), (0, 0, false));
        assert_eq!((request.fail_on, request.max_units, request.loudness), (FailOn::Never, 60_000, Loudness::Normal));
        assert!(request.progress && !request.strict && !request.allow_empty && request.baseline.is_none());
    }

    #[test]
    fn with_all_options() {
        let request = report(&[
            "a",
            "-",
            "--since=7d",
            "--until",
            "2026-05-10",
            "--tz-of",
            "*.log=+02:00",
            "--tz-of",
            "x=UTC",
            "--host-of",
            "vps/**=vps",
            "-o",
            "md=r.md",
            "-or.json",
            "--fail-on",
            "very-likely",
            "--baseline",
            "old.json",
            "--max-bytes",
            "9000",
            "--template",
            "generic",
            "--private",
            "--strict",
            "--allow-empty",
            "--slow-path",
            "-j4",
            "--no-progress",
            "-v",
            "--color",
            "never",
        ]);
        assert_eq!(request.plan.roots, [Root::Path("a".into()), Root::Stdin]);
        assert_eq!(request.plan.window.since, Some(Bound::BeforeNewest(7 * 86_400_000)));
        assert_eq!((request.plan.zones.len(), request.plan.threads, request.plan.private), (2, 4, true));
        assert_eq!(request.plan.hosts.len(), 1);
        assert_eq!(request.outputs[1], Output { format: Format::Json, target: Target::File("r.json".into()) });
        assert_eq!(request.fail_on, FailOn::AtLeast(Confidence::VeryLikely));
        assert_eq!((request.max_units, request.loudness, request.color), (9000, Loudness::Verbose, Color::Never));
        assert!(request.strict && request.allow_empty && !request.progress && request.baseline.is_some());
        assert!(request.slow_path);
    }

    #[test]
    fn format_is_for_stdout_and_for_files_that_do_not_say() {
        assert_eq!(report(&["-f", "json"]).outputs[0].format, Format::Json);
        let formats: Vec<Format> =
            report(&["-f", "json", "-o", "a", "-o", "b.md", "-o", "-"]).outputs.iter().map(|o| o.format).collect();
        assert_eq!(formats, [Format::Json, Format::Markdown, Format::Json]);
    }

    #[test]
    fn other_commands() {
        assert!(matches!(parsed(&["explain", "Sibling-Refresh"]), Ok(Command::Explain(RootCause::SiblingRefresh))));
        assert!(matches!(parsed(&["schema"]), Ok(Command::Schema)));
    }

    #[test]
    fn an_unknown_root_cause_lists_the_known_ones() {
        let said = error(&["explain", "x"]);
        assert!(said.starts_with("x: no such root cause; they are sibling_refresh, ") && said.ends_with("undetermined"), "{said}");
    }

    #[test]
    fn help_is_an_answer_and_nothing_is_an_error() {
        assert!(matches!(parsed(&["--help"]), Err(Stop::Help(text)) if text.contains("report") && text.contains("Examples:")));
        assert!(
            matches!(parsed(&["report", "--help"]), Err(Stop::Help(text)) if text.contains("--fail-on") && text.contains("Exit codes:"))
        );
        assert!(matches!(parsed(&["--version"]), Err(Stop::Help(text)) if text.starts_with("stopwhy ")));
        assert!(matches!(parsed(&[]), Err(Stop::Usage(text)) if text.contains("Usage:")));
    }

    #[test]
    fn what_is_wrong_is_said_in_one_line() {
        for (line, want) in [
            (&["report", "--formt", "md"][..], "--formt: no such option; a similar one is --format"),
            (&["reprt"], "reprt: no such command; a similar one is report"),
            (&["schema", "x"], "x: one word too many; see stopwhy --help"),
            (&["explain"], "<ROOT_CAUSE>: missing; see stopwhy --help"),
            (&["report", "-o"], "--output: a value is missing; see stopwhy report --help"),
            (&["report", "-f", "html"], "--format html: this version does not write that format yet; it writes md and json"),
            (
                &["report", "--fail-on", "high"],
                "--fail-on high: not one of its words; they are never, possible, likely, very-likely, confirmed, any",
            ),
            (&["report", "-j", "x"], "--threads x: not a whole number from 0 to 1024"),
            (&["report", "-q", "-v"], "--quiet: does not go together with --verbose; leave one out"),
            (&["report", "--strict", "--strict"], "--strict: given more than once; leave one out"),
            (&["report", "--since", "1d", "--until", "2d"], "--since: the window ends before it begins; let --until be later"),
            (
                &["report", "--\u{1b}[31m\n::error::x"],
                "--\\u{1b}[31m\\u{a}:\\u{3a}error:\\u{3a}x: no such option; see stopwhy report --help",
            ),
        ] {
            assert_eq!(error(line), want, "{line:?}");
        }
    }
}
