//! `logs`: tracing records as rows, judged by the same [`Watch`] as the text logs.
//!
//! A million rows may be of no interest (the default level is TRACE), so a row is put aside by its
//! target and level before its text is looked at, and nothing is allocated for it. `codex exec`
//! leaves no rows, a refresh at the start of a process is not logged, and rows are pruned: what a
//! process did not log counts only inside what [`Partitions`] says was kept.

use super::partitions::{Partitions, Place};
use crate::event::{Origin, SkipReason, Turn};
use crate::reader::codex::ident;
use crate::reader::codex::trace::{self, Entry, Severity, Watch};
use crate::reader::database::Row;
use crate::reader::{Facts, Outcome};
use crate::secret::Key;
use crate::time::Stamp;
use std::collections::BTreeSet;

/// Most failed turns that are held back until the helpers among them are known.
const MOST_HELD: usize = 65_536;
/// Names the front end that an app-server answers (0.130 on).
const CLIENT_NAME: &[u8] = b"app_server.client_name=\"";
/// What is said of a 401 and its recovery.
const RECOVERY: &[u8] = b"auth_recovery_phase=";

/// A failed turn, with the words of its error.
struct Failed {
    at: Option<Stamp>,
    origin: Origin,
    turn: Turn,
    words: String,
}

/// Reads the rows of one log.
#[derive(Default)]
pub(super) struct Log {
    watch: Watch,
    partitions: Partitions,
    /// Threads that a front end opened for itself (0.169: titles, suggestions).
    helpers: BTreeSet<Key>,
    failed: Vec<Failed>,
}

/// What a target is of interest for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Interest {
    /// Tokens, logins, calls of the model endpoint.
    Login,
    /// Errors of turns.
    Turn,
    /// Recoveries from a 401.
    Tags,
    /// The name of the process alone.
    Name,
}

/// By target first, then by level: what matters is INFO and above.
fn interest(target: &[u8], level: &[u8]) -> Option<Interest> {
    const LOGIN: [&[u8]; 5] =
        [b"codex_login", b"codex_core::auth", b"codex_cli::login", b"codex_api::endpoint::responses", b"codex_models_manager"];
    if !target.starts_with(b"codex_") {
        return (target == b"feedback_tags").then_some(Interest::Tags);
    }
    let detail = matches!(level, b"TRACE" | b"DEBUG");
    match () {
        () if target.starts_with(b"codex_tui") || target.starts_with(b"codex_app_server") => Some(Interest::Name),
        () if detail => None,
        () if LOGIN.iter().any(|start| target.starts_with(start)) => Some(Interest::Login),
        () if target.starts_with(b"codex_core") => Some(Interest::Turn),
        () => None,
    }
}

impl Log {
    /// Take the next row.
    pub(super) fn row(&mut self, row: &Row<'_>, facts: &mut Facts<'_>) -> Outcome {
        let Some(seconds) = row.integer("ts").and_then(|n| Stamp::epoch(n as f64)) else {
            return Outcome::Skipped(SkipReason::TimeUnknown);
        };
        let nanos = row.integer("ts_nanos").filter(|n| (0..1_000_000_000).contains(n)).unwrap_or(0);
        let at = Stamp { ms: seconds.ms + nanos / 1_000_000, ..seconds };
        let (target, level) = (row.bytes_of("target").unwrap_or_default(), row.bytes_of("level").unwrap_or_default());
        let body = row.bytes_of("feedback_log_body").unwrap_or_default();
        let (read, elided) = row.bytes();
        let size = row.integer("estimated_bytes").and_then(|n| u64::try_from(n).ok()).unwrap_or(0).max(read + elided);
        let place = Place { process: row.bytes_of("process_uuid"), thread: row.bytes_of("thread_id"), at, size };
        let process = self.partitions.note(&place, row.number(), facts);
        let Some(interest) = interest(target, level) else { return Outcome::Used };
        if let Some(unnamed) = process.filter(|&process| self.partitions.is_unnamed(process))
            && let Some(name) = client_name(body)
        {
            self.partitions.name(unnamed, name);
        }
        match interest {
            Interest::Name => self.partitions.seen(process, target.starts_with(b"codex_tui")),
            Interest::Turn if memchr::memmem::find(body, b"Turn error: ").is_none() => {}
            Interest::Tags if memchr::memmem::find(body, RECOVERY).is_none() => {}
            _ => self.judge(row, at, process, facts),
        }
        Outcome::Used
    }

    /// A record of interest.
    fn judge(&mut self, row: &Row<'_>, at: Stamp, process: Option<usize>, facts: &mut Facts<'_>) {
        let (Some(body), Some(target)) = (row.lossy("feedback_log_body"), row.text("target")) else { return };
        let mut body: &str = &body;
        let (mut at, mut severity) = (at, row.text("level").and_then(Severity::of));
        let (spans, message) = match trace::start(body) {
            // The oldest generation keeps the whole line.
            Some((stamp, level, rest)) => {
                (at, severity, body) = (stamp, Some(level), rest);
                let (spans, _, message) = trace::split_text(body);
                (spans, message)
            }
            None => trace::split_row(body),
        };
        let process = process.and_then(|process| self.partitions.key(process));
        let origin = facts.origin(&row.place());
        let entry = Entry { at: Some(at), origin, severity, target, spans, message, process, thread: row.text("thread_id") };
        self.look_for_helper(&entry, facts);
        match trace::turn_error(&entry, facts).filter(|_| target.starts_with("codex_core")) {
            Some((turn, words)) => self.hold(Failed { at: entry.at, origin, turn, words: words.to_owned() }, facts),
            None => self.watch.record(&entry, facts),
        }
    }

    /// A thread that the front end asked for under a request of its own (`temporary-…`) is no
    /// user's: the terminal program of 0.169 lets a small model work beside the user's turns.
    fn look_for_helper(&mut self, entry: &Entry<'_>, facts: &Facts<'_>) {
        if entry.request().is_some_and(|id| id.starts_with("temporary-"))
            && let Some(thread) = entry.thread()
        {
            self.helpers.insert(ident::session_key(facts, thread));
        }
    }

    fn hold(&mut self, failed: Failed, facts: &mut Facts<'_>) {
        if self.failed.len() >= MOST_HELD {
            self.state_turns(facts);
        }
        self.failed.push(failed);
    }

    fn state_turns(&mut self, facts: &mut Facts<'_>) {
        for Failed { at, origin, turn, words } in self.failed.drain(..) {
            if !turn.session.is_some_and(|session| self.helpers.contains(&session)) {
                facts.turn(at, origin, turn, &words);
            }
        }
    }

    /// The table is at its end.
    pub(super) fn end(&mut self, facts: &mut Facts<'_>) {
        self.watch.finish(facts);
        self.state_turns(facts);
        std::mem::take(&mut self.partitions).state(facts);
    }
}

/// The front end that a request names, and its version.
fn client_name(body: &[u8]) -> Option<(&str, Option<&str>)> {
    const VERSION: &[u8] = b"app_server.client_version=\"";
    let value = |name: &[u8]| {
        let from = memchr::memmem::find(body, name)? + name.len();
        let len = memchr::memchr(b'"', body.get(from..)?)?;
        std::str::from_utf8(body.get(from..from + len)?).ok()
    };
    value(CLIENT_NAME).map(|name| (name, value(VERSION)))
}
