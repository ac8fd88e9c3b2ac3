//! Formats of Codex: CLI, `codex exec`, the VS Code extension and Desktop, which share one home.

mod auth;
mod capture;
#[cfg(test)]
mod cuts;
mod failure;
mod history;
mod ident;
mod log;
mod other;
mod printed;
mod rollout;
mod rows;
#[cfg(test)]
mod samples;
mod settings;
mod shell;
#[cfg(test)]
mod testing;
mod trace;
mod vscode;

use super::{Format, Shape};
use crate::event::{SkipReason, SourceKind};
use crate::source::Line;

/// Where a home keeps its tracing texts.
const LOG_TAILS: &[&str] = &["app-server-daemon/*", "log/*"];

pub(super) use rows::DATABASES;

/// The formats, in the order in which they are asked.
pub(super) static FORMATS: &[Format] = &[
    Format {
        kind: SourceKind::CodexRollout,
        sniff: rollout::sniff,
        shape: Shape::Lines(rollout::open),
        tails: &["sessions/*/*/*/*", "archived_sessions/*"],
        outside: false,
    },
    Format {
        kind: SourceKind::CodexAuth,
        sniff: auth::sniff,
        shape: Shape::Whole(auth::read),
        tails: &["account-sessions/*"],
        outside: false,
    },
    Format {
        kind: SourceKind::CodexLoginLog,
        sniff: log::sniff_login,
        shape: Shape::Lines(log::open),
        tails: LOG_TAILS,
        outside: false,
    },
    Format { kind: SourceKind::CodexLog, sniff: log::sniff, shape: Shape::Lines(log::open), tails: LOG_TAILS, outside: false },
    Format { kind: SourceKind::CodexVscodeLog, sniff: vscode::sniff, shape: Shape::Lines(vscode::open), tails: &[], outside: true },
    Format {
        kind: SourceKind::CodexExecCapture,
        sniff: capture::sniff,
        shape: Shape::Lines(capture::open),
        tails: &[],
        outside: true,
    },
    Format {
        kind: SourceKind::CodexHistory,
        sniff: history::sniff,
        shape: Shape::Lines(history::open),
        tails: &[],
        outside: false,
    },
    Format {
        kind: SourceKind::ShellHistory,
        sniff: shell::sniff,
        shape: Shape::Lines(shell::open),
        tails: &[".local/share/fish/*+.codex", "*+.codex"],
        outside: false,
    },
    Format {
        kind: SourceKind::CodexOther,
        sniff: settings::sniff_config,
        shape: Shape::Whole(settings::read_config),
        tails: &[],
        outside: false,
    },
    Format {
        kind: SourceKind::CodexOther,
        sniff: settings::sniff_lock,
        shape: Shape::Whole(settings::read_lock),
        tails: &[],
        outside: false,
    },
    Format {
        kind: SourceKind::CodexOther,
        sniff: settings::sniff_daemon,
        shape: Shape::Whole(settings::read_daemon),
        tails: LOG_TAILS,
        outside: false,
    },
    Format {
        kind: SourceKind::CodexOther,
        sniff: other::sniff_login_talk,
        shape: Shape::Whole(other::read_login_talk),
        tails: &[],
        outside: true,
    },
    Format { kind: SourceKind::CodexOther, sniff: other::sniff, shape: Shape::Nothing, tails: LOG_TAILS, outside: false },
];

/// A last line without a line end that does not parse is cut off, not damaged.
fn torn_or(line: &Line<'_>, reason: SkipReason) -> SkipReason {
    match reason {
        SkipReason::JsonSyntax if line.torn => SkipReason::TornTail,
        other => other,
    }
}
