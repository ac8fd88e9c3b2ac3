//! `logs/agent.log`, `errors.log`, `gateway.log`, `gui.log` and their rotated segments.
//!
//! All have the form of [`super::record`]. `agent.log` holds everything from INFO on, `errors.log`
//! the warnings and errors among it, `gateway.log` what the gateway's own loggers say.

use super::journal::Journal;
use super::record::Record;
use super::words::{is_kept_log, is_log_name};
use crate::event::SourceKind;
use crate::reader::{Facts, Format, Outcome, Reader, Shape, Sniff, json, opening};
use crate::source::{Head, Line};

/// The row of the table.
pub(super) const FORMAT: Format = Format {
    kind: SourceKind::HermesLog,
    sniff,
    shape: Shape::Lines(|context| Box::new(Log(Journal::new(is_kept_log(context.name))))),
    tails: &["backups/*/logs/*", "logs/*"],
    outside: false,
};

/// Loggers that only Hermes has, by how their names begin. The form of the lines alone is that of
/// many Python programs.
const OWN: [&str; 12] = [
    "run_agent",
    "hermes_cli.",
    "hermes.",
    "gateway.run",
    "gateway.platforms.",
    "agent.credential_pool",
    "agent.auxiliary_client",
    "agent.conversation_loop",
    "agent.turn_",
    "agent.model_metadata",
    "tools.registry",
    "tui_gateway",
];

/// Loggers of Hermes whose names others may have too.
const LIKELY: [&str; 8] = ["root", "agent.", "gateway.", "tools.", "cron.", "model_tools", "acp_adapter", "aiohttp.access"];

/// Lines of the head that are looked at: a segment may begin inside a long record.
const MOST_LINES: usize = 400;

fn sniff(head: &Head<'_>) -> Sniff {
    let named = is_log_name(head.name);
    let mut best = Sniff::No;
    for line in opening::lines(head, named, |line| Record::parse(&json::text(line)).is_some()).take(MOST_LINES) {
        let text = json::text(line);
        let Some(record) = Record::parse(&text) else { continue };
        let begins = |starts: &[&str]| starts.iter().any(|start| record.logger.starts_with(start));
        match () {
            () if begins(&OWN) || (named && begins(&LIKELY)) => return Sniff::Yes,
            () if named || begins(&LIKELY) => best = Sniff::Maybe,
            () => {}
        }
    }
    best
}

struct Log(Journal);

impl Reader for Log {
    fn line(&mut self, line: &Line<'_>, facts: &mut Facts<'_>) -> Outcome {
        self.0.line(line, facts)
    }

    fn finish(&mut self, facts: &mut Facts<'_>) {
        self.0.finish(facts);
    }
}
