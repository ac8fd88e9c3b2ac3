//! Formats of OpenClaw and of pi, whose transcript format OpenClaw shares.
//!
//! One reader per on-disk format: [`session`], [`log`], [`console`], [`auth_profiles`],
//! [`auth_state`], [`session_index`], [`config`], [`config_audit`], [`trajectory`], [`cron_runs`],
//! [`leftover`], [`pi_auth`]. The log and the console hold the same statements in two shapes; what
//! a statement means is decided once, in [`gateway`]. The databases, [`agent_db`] and [`state_db`],
//! give their values to the readers of the files that held them before. The rows stand in the
//! order in which they are asked, most telling content first.

mod adoption;
mod agent_db;
mod auth_profiles;
mod auth_state;
mod config;
mod config_audit;
mod console;
mod credential;
mod cron_runs;
mod gateway;
mod json5;
mod leftover;
mod log;
mod other;
mod outline;
mod pi_auth;
mod reasons;
mod record;
mod refusals;
mod runs;
mod runs_table;
mod session;
mod session_index;
mod sniff;
mod state_db;
mod trajectory;
mod trouble;
mod turn;
mod unstamped;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use super::database::Database;
use super::{Context, Facts, Format, Outcome, Reader, Shape, Sniff};
use crate::event::{SkipReason, SourceKind};
use crate::source::{Head, Line};

/// Where agent files stand below a state directory (`~/.openclaw`, `~/.openclaw-<profile>`).
const SESSIONS: &[&str] = &["agents/*/sessions/*", "agents/*/sessions/*/*"];
const AGENT: &[&str] = &["agents/*/agent/*", "credentials/*", "credentials/*/*"];
const LOGS: &[&str] = &["logs/*", "logs/*/*"];
/// A bundle unpacked, or as it lies in the state directory.
const BUNDLE: &[&str] = &["logs/support/*/*", "logs/support/*/*/*"];

/// The databases, in the order in which they are asked.
pub(super) static DATABASES: &[Database] = &[state_db::DATABASE, agent_db::DATABASE];

/// The formats, in the order in which they are asked.
pub(super) static FORMATS: &[Format] = &[
    lines(SourceKind::OpenclawTrajectory, trajectory::sniff, trajectory::open, SESSIONS),
    lines(SourceKind::PiSession, session::sniff_pi, session::open, &["sessions/*/*"]),
    lines(SourceKind::OpenclawSession, session::sniff_openclaw, session::open, SESSIONS),
    Format { outside: true, ..lines(SourceKind::OpenclawGatewayLog, log::sniff, log::open, &[]) },
    lines(SourceKind::OpenclawConfigAudit, config_audit::sniff, config_audit::open, LOGS),
    whole(SourceKind::OpenclawAuthProfiles, auth_profiles::sniff, auth_profiles::read, AGENT),
    whole(SourceKind::OpenclawAuthProfiles, pi_auth::sniff_bridge, pi_auth::read_bridge, AGENT),
    whole(SourceKind::OpenclawAuthState, auth_state::sniff, auth_state::read, AGENT),
    whole(SourceKind::PiAuth, pi_auth::sniff, pi_auth::read, &[]),
    whole(SourceKind::OpenclawSessionIndex, session_index::sniff, session_index::read, SESSIONS),
    whole(SourceKind::OpenclawConfig, config::sniff, config::read, &["logs/support/*/config/*"]),
    lines(SourceKind::OpenclawCronRuns, cron_runs::sniff, cron_runs::open, &["cron/runs/*"]),
    whole(SourceKind::OpenclawRefreshLock, leftover::sniff_lock, leftover::read_lock, &["locks/oauth-refresh/*"]),
    whole(SourceKind::OpenclawSealedAuth, leftover::sniff_sealed, leftover::read_sealed, &["credentials/auth-profiles/*"]),
    whole(
        SourceKind::OpenclawStability,
        leftover::sniff_stability,
        leftover::read_stability,
        &["logs/stability/*", "logs/support/*/stability/*"],
    ),
    whole(SourceKind::OpenclawDiagnostics, other::sniff_diagnostics, other::read_diagnostics, BUNDLE),
    not_read(SourceKind::OpenclawOther, other::sniff_evidence, other::TAILS),
    nothing(SourceKind::OpenclawOther, other::sniff_nothing, other::TAILS),
    lines(SourceKind::OpenclawConsole, console::sniff_inside, console::open, LOGS),
    Format { outside: true, ..lines(SourceKind::OpenclawConsole, console::sniff_outside, console::open, &[]) },
];

type Sniffer = fn(&Head<'_>) -> Sniff;
type Open = fn(&Context<'_>) -> Box<dyn Reader>;
type Whole = fn(&[u8], &Context<'_>, &mut Facts<'_>) -> Outcome;
type Tails = &'static [&'static str];

const fn lines(kind: SourceKind, sniff: Sniffer, open: Open, tails: Tails) -> Format {
    Format { kind, sniff, shape: Shape::Lines(open), tails, outside: false }
}

const fn whole(kind: SourceKind, sniff: Sniffer, read: Whole, tails: Tails) -> Format {
    Format { kind, sniff, shape: Shape::Whole(read), tails, outside: false }
}

const fn not_read(kind: SourceKind, sniff: Sniffer, tails: Tails) -> Format {
    Format { kind, sniff, shape: Shape::NotRead(SkipReason::FormatNotRead), tails, outside: false }
}

const fn nothing(kind: SourceKind, sniff: Sniffer, tails: Tails) -> Format {
    Format { kind, sniff, shape: Shape::Nothing, tails, outside: false }
}

/// The outcome of a line that is not one JSON object.
fn skipped(line: &Line<'_>, reason: SkipReason) -> Outcome {
    Outcome::Skipped(if line.torn && reason == SkipReason::JsonSyntax { SkipReason::TornTail } else { reason })
}
