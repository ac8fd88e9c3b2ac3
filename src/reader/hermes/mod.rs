//! Formats of Hermes Agent (0.9 to 0.19), one file per format.
//!
//! A Hermes home holds `auth.json` (and copies of it in `state-snapshots/`), `logs/`, `sessions/`
//! and `config.yaml`; `profiles/<name>/` are homes of their own. Hermes never writes an error
//! into a message: a failed turn shows as a request without an answer, as a dump of the failed
//! call, or as the last line of its turn in the log. Each reader states what its file says; the
//! same turn stands in several of them, and they are put together later, by session and time.
//!
//! [`journal`] is not a format: it reads log records wherever they stand (log files, pasted bug
//! reports), with [`order`], [`record`], [`says`], [`turns`], [`lookups`], [`startups`] and
//! [`clocks`] as its parts.

mod answer;
mod auth;
mod clocks;
mod config;
mod cron;
mod dump;
mod export;
mod head;
mod journal;
mod lifecycle;
mod log;
mod lookups;
mod order;
mod other;
mod prompt;
mod record;
mod rows;
mod says;
mod session;
mod snapshot;
mod startups;
mod state_db;
mod talk;
#[cfg(test)]
mod tests;
mod text;
mod turns;
mod words;

use super::Format;
use super::database::Database;

/// The databases, in the order in which they are asked.
pub(super) static DATABASES: &[Database] = &[state_db::DATABASE];

/// The formats, in the order in which they are asked.
pub(super) static FORMATS: &[Format] = &[
    auth::FORMAT,
    dump::FORMAT,
    snapshot::FORMAT,
    session::FORMAT,
    export::FORMAT,
    // Before the log: a bug report may open with log lines.
    text::FORMAT,
    log::FORMAT,
    cron::FORMAT,
    // By name where the keys are common words: before other state.
    lifecycle::FORMAT,
    other::FORMAT,
    config::FORMAT,
];
