//! The command line as clap sees it: commands, options and their help texts. Nothing but words;
//! what they mean is settled in the parent module.

use super::Template;
use super::value::{self, OutputAsked};
use crate::attribute::RootCause;
use crate::outcome::FailOn;
use crate::output::Format;
use crate::plan::{Bound, HostRule, ZoneRule};
use crate::say::Color;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Args, Parser, Subcommand};
use std::path::PathBuf;

/// Say why AI agent turns ended in an error, and what happened to the login they share
///
/// Reads what Hermes Agent, OpenClaw, pi, Codex (CLI and VS Code extension) and opencode leave
/// on disk, finds the turns that failed, and says what happened to the ChatGPT login they share,
/// which client did it, and how sure that is. Nothing is sent anywhere and nothing is changed.
#[derive(Debug, Parser)]
#[command(name = "stopwhy", version, disable_help_subcommand = true, arg_required_else_help = true, after_help = TOP_EXAMPLES)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Words,
}

#[derive(Debug, Subcommand)]
pub(super) enum Words {
    Report(Box<Report>),
    /// Say what a root cause means, the evidence it needs, and what to do and not to do
    #[command(after_help = "Example:\n  stopwhy explain sibling_refresh")]
    Explain {
        /// A root cause, as the report names it
        #[arg(value_name = "ROOT_CAUSE", value_parser = value::root_cause)]
        cause: RootCause,
    },
    /// Print the JSON Schema of the JSON report
    Schema,
}

/// Analyse sessions, logs and credential stores, and render a report
///
/// Without a PATH the homes of this machine are read: $CODEX_HOME or ~/.codex, $HERMES_HOME or
/// ~/.hermes, $OPENCLAW_STATE_DIR or ~/.openclaw (and ~/.openclaw-*), /tmp/openclaw, ~/.pi/agent,
/// ~/.local/share/opencode, and the log folders of VS Code. The report holds no text, name, path
/// or secret of the input unless --private asks for it.
#[derive(Debug, Args)]
#[command(after_help = REPORT_EXAMPLES)]
pub(super) struct Report {
    /// Files, folders or archives (tar, zip, gz, zst, xz, bz2) to read; `-` is standard input. Two paths
    /// are two machines when homes stand below both (laptop/.codex, vps/.hermes), each with
    /// conversations of its own, or of the same program or with a credential store in both;
    /// homes named one by one are one machine. --host-of says it otherwise
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,

    /// Where to write, repeatable: one scan feeds all outputs. The format is the word before
    /// `=`, else the extension (.md, .json), else that of --format; `-` is standard output
    #[arg(short, long = "output", value_name = "[FORMAT=]FILE", value_parser = value::output, help_heading = "Output")]
    pub(super) outputs: Vec<OutputAsked>,

    /// Format on standard output: md or json [default: md]
    #[arg(short, long, value_parser = value::format, help_heading = "Output")]
    pub(super) format: Option<Format>,

    /// Length limit of the Markdown, in UTF-16 units; the default fits a GitHub issue
    #[arg(long, value_name = "N", default_value_t = super::MAX_UNITS, value_parser = value::max_units, help_heading = "Output")]
    pub(super) max_bytes: usize,

    /// Layout of the Markdown: generic, or a minijinja template of your own
    #[arg(long, value_name = "NAME|FILE", default_value = "generic", value_parser = value::template, hide_default_value = true, help_heading = "Output")]
    pub(super) template: Template,

    /// Show real paths and redacted excerpts. Such a report is not for sharing, and says so
    #[arg(long, help_heading = "Output")]
    pub(super) private: bool,

    /// Only events from this time on: 2026-05-10T06:15:00Z, a date (from its start, UTC), or
    /// 36h, 7d, 2w before the newest event
    #[arg(long, value_name = "T", value_parser = value::since, help_heading = "Input")]
    pub(super) since: Option<Bound>,

    /// Only events up to this time, in the same words; a date counts to its end
    #[arg(long, value_name = "T", value_parser = value::until, help_heading = "Input")]
    pub(super) until: Option<Bound>,

    /// Zone of local times without one, for the sources that match: an IANA name or +hh:mm.
    /// Repeatable; of several that match the last counts
    #[arg(long, value_name = "GLOB=ZONE", value_parser = value::zone_rule, help_heading = "Input")]
    pub(super) tz_of: Vec<ZoneRule>,

    /// Machine of the sources that match, under a name of your choice. Repeatable; of several that
    /// match the last counts, and what none matches is one machine more
    #[arg(long, value_name = "GLOB=NAME", value_parser = value::host_rule, help_heading = "Input")]
    pub(super) host_of: Vec<HostRule>,

    /// Exit with 1 when a new incident is found at or above this confidence; `any` takes every
    /// incident, whatever its cause
    #[arg(long, value_name = "WORD", default_value = "never", value_parser = fail_on(), help_heading = "Checks")]
    pub(super) fail_on: FailOn,

    /// An earlier JSON report: incidents whose fingerprint it holds are marked as known and do
    /// not count for --fail-on
    #[arg(long, value_name = "FILE", help_heading = "Checks")]
    pub(super) baseline: Option<PathBuf>,

    /// Exit with 3 when any input was skipped, cut or unreadable
    #[arg(long, help_heading = "Checks")]
    pub(super) strict: bool,

    /// No session input is not an error
    #[arg(long, help_heading = "Checks")]
    pub(super) allow_empty: bool,

    /// Worker threads; 0 takes one per core
    #[arg(short = 'j', long, value_name = "N", default_value_t = 0, value_parser = value::threads, hide_default_value = true, help_heading = "Running")]
    pub(super) threads: usize,

    /// Take no shortcuts: the same report, later
    #[arg(long, hide = true)]
    pub(super) slow_path: bool,

    /// No progress bar (there is none anyway unless stderr is a terminal)
    #[arg(long, help_heading = "Running")]
    pub(super) no_progress: bool,

    /// Nothing on stderr but errors
    #[arg(short, long, conflicts_with = "verbose", help_heading = "Running")]
    pub(super) quiet: bool,

    /// Say more on stderr: what was skipped and where the outputs went
    #[arg(short, long, action = ArgAction::Count, help_heading = "Running")]
    pub(super) verbose: u8,

    /// Colour of messages on stderr
    #[arg(long, value_name = "WHEN", default_value = "auto", value_parser = color(), help_heading = "Running")]
    pub(super) color: Color,
}

fn fail_on() -> impl TypedValueParser<Value = FailOn> {
    let words = FailOn::WORDS.iter().map(|(word, _)| *word);
    PossibleValuesParser::new(words).map(|word| FailOn::named(&word).unwrap_or_default())
}

fn color() -> impl TypedValueParser<Value = Color> {
    PossibleValuesParser::new(["auto", "always", "never"]).map(|word| match word.as_str() {
        "always" => Color::Always,
        "never" => Color::Never,
        _ => Color::Auto,
    })
}

const TOP_EXAMPLES: &str = "\
Examples:
  stopwhy report                               this machine's own homes, Markdown on stdout
  stopwhy report support-bundle.tar.gz         a bundle somebody sent
  stopwhy explain sibling_refresh              what a root cause means

Exit codes: see `stopwhy report --help`";

const REPORT_EXAMPLES: &str = "\
Examples:
  stopwhy report ~/.hermes ~/.codex --since 7d
  stopwhy report logs/ -o md=report.md -o json=report.json
  stopwhy report logs/ --fail-on likely --baseline last-night.json -o json=tonight.json --strict
  stopwhy report logs/ --tz-of 'agent.log*=Europe/Berlin'
  stopwhy report laptop/ vps/                  two machines that shared a login
  stopwhy report bundle.zip --host-of 'laptop/**=laptop' --host-of 'vps/**=vps'
  journalctl --user -u openclaw -o cat | stopwhy report - ~/.codex

Exit codes:
  0         ran to the end; nothing at or above --fail-on (also when a pipe is closed early)
  1         ran to the end; a new incident at or above --fail-on
  2         usage, configuration or I/O error; no report, or not all outputs written
  3         --strict, and something was skipped, cut or unreadable (the report is written)
  4         no session, log or credential store was read (the report is written)
  70        an own promise broke; nothing is written
  130, 143  interrupted";

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }
}
