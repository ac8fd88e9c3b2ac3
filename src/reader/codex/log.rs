//! Codex's own log texts: `log/codex-tui.log`, `app-server-daemon/daemon.stderr.log`, the standard
//! error of `codex exec` or an app-server that somebody kept, and `log/codex-login.log`.
//!
//! All hold tracing records in UTC, plain, coloured or (`LOG_FORMAT=json`) as objects. Lines
//! without a stamp belong to the record before them; what stands before the first record is
//! chatter of the terminal. What `codex exec` prints for people stands in the same file, and may quote any log
//! ([`super::printed`]). The default filters leave out a successful refresh in most builds,
//! and the newest delete `codex-tui.log` at start: that a log is silent proves nothing.

use super::printed::Printed;
use super::trace::{self, Record, Watch};
use crate::event::Origin;
use crate::reader::joined::Headers;
use crate::reader::{Context, Facts, Outcome, Reader, Sniff, json, opening};
use crate::source::{Head, Line, Name};

/// Lines that are looked at for recognition.
const LOOK_AT: usize = 200;

/// Codex's own logs.
const LOG_NAMES: [&str; 4] = ["codex-tui.log", "codex-login.log", "daemon.stderr.log", "daemon-updater.stderr.log"];

/// Recognised by records of Codex's own parts; other records of the same form (its MCP library,
/// builds that leave out targets) only with the help of the name.
pub(super) fn sniff(head: &Head<'_>) -> Sniff {
    if is_empty_named(head, &["codex-tui.log", "daemon.stderr.log", "daemon-updater.stderr.log"]) {
        return Sniff::Yes;
    }
    let (mut form, mut library) = (false, false);
    for line in opening::lines(head, is_log_name(head.name), is_record).take(LOOK_AT) {
        match targets(line) {
            Some(true) => return Sniff::Yes,
            Some(false) => {
                form = true;
                library |= memchr::memmem::find(line, b"rmcp::transport::worker").is_some();
            }
            None => {}
        }
    }
    let file = head.name.file();
    let named = file.contains("codex") || head.name.has_part(".codex") || head.name.has_part("app-server-daemon");
    match form && (named || library) {
        true if file.starts_with("codex-tui.log") => Sniff::Yes,
        true => Sniff::Maybe,
        false => Sniff::No,
    }
}

/// `codex-login.log` is told from the others by the login command's own records.
pub(super) fn sniff_login(head: &Head<'_>) -> Sniff {
    if is_empty_named(head, &["codex-login.log"]) {
        return Sniff::Yes;
    }
    let mut lines = opening::lines(head, is_log_name(head.name), is_record).take(LOOK_AT);
    let Some(first) = lines.find(|line| is_record(line)) else { return Sniff::No };
    let text = json::text(first);
    let named = head.name.file().starts_with("codex-login.log");
    match named || text.contains(" codex_cli::login: ") || text.contains(" codex_login::server: ") {
        true => Sniff::Yes,
        false => Sniff::No,
    }
}

/// An empty file that bears one of these names.
fn is_empty_named(head: &Head<'_>, names: &[&str]) -> bool {
    head.whole && head.bytes.is_empty() && names.contains(&head.name.file())
}

/// Does the file bear the name of one of Codex's own logs, or a name made from it?
fn is_log_name(name: &Name) -> bool {
    LOG_NAMES.iter().any(|log| name.file().starts_with(log))
}

fn is_record(line: &[u8]) -> bool {
    targets(line).is_some()
}

/// Is the line a record, and of a part of Codex?
fn targets(line: &[u8]) -> Option<bool> {
    let text = json::text(line);
    let text = trace::plain(&text);
    let none = Origin { source: 0, line: 0, byte: 0 };
    let object = if text.starts_with('{') { Some(trace::of_json(&text, none)?) } else { None };
    let (spans, target, _) = match &object {
        Some(record) => trace::split_text(&record.text),
        None => trace::split_text(trace::start(&text)?.2),
    };
    Some(target.starts_with("codex_") || target == "feedback_tags" || spans.contains("codex."))
}

/// Makes the reader.
pub(super) fn open(context: &Context<'_>) -> Box<dyn Reader> {
    Box::new(Log { is_kept: is_log_name(context.name), ..Log::default() })
}

/// Reads one log.
#[derive(Debug, Default)]
struct Log {
    /// Codex keeps it itself: it holds records only.
    is_kept: bool,
    printed: Printed,
    record: Option<Record>,
    watch: Watch,
    headers: Headers,
}

impl Reader for Log {
    fn line(&mut self, line: &Line<'_>, facts: &mut Facts<'_>) -> Outcome {
        let text = json::text(line.bytes);
        let text = trace::plain(&text);
        let origin = facts.origin(line);
        if self.headers.is_next(text.as_bytes()) {
            self.finish(facts);
            *self = Log { is_kept: self.is_kept, headers: self.headers, ..Log::default() };
            return Outcome::Used;
        }
        let next = match trace::start(&text) {
            Some((at, severity, rest)) => Some(Record::new(Some(at), origin, Some(severity), rest)),
            None if text.starts_with('{') => trace::of_json(&text, origin),
            None => None,
        };
        match next {
            Some(next) => {
                self.judge(facts);
                self.record = Some(next);
            }
            None => self.text(&text, facts),
        }
        Outcome::Used
    }

    fn finish(&mut self, facts: &mut Facts<'_>) {
        self.judge(facts);
        let own = self.printed.finish();
        self.tell(&own, facts);
        self.watch.finish(facts);
    }
}

impl Log {
    /// A line that begins no record.
    fn text(&mut self, text: &str, facts: &mut Facts<'_>) {
        if !self.is_kept && self.printed.parts(text, self.record.as_ref()) {
            self.judge(facts);
            let own = self.printed.line(text);
            self.tell(&own, facts);
            return;
        }
        self.printed.more(text, self.record.is_some());
        if let Some(record) = &mut self.record {
            record.more(text);
        }
    }

    fn judge(&mut self, facts: &mut Facts<'_>) {
        let Some(record) = self.record.take() else { return };
        let own = self.printed.record(record);
        self.tell(&own, facts);
    }

    fn tell(&mut self, own: &[Record], facts: &mut Facts<'_>) {
        own.iter().for_each(|record| self.watch.record(&record.entry(), facts));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::event::{ErrorClass, Event, EventKind, Stop};
    use crate::reader::codex::testing;

    fn read(text: &str) -> Vec<Event> {
        testing::lines(open, "log/codex-tui.log", text)
    }

    fn refused(events: &[Event]) -> Vec<ErrorClass> {
        events
            .iter()
            .filter_map(|e| if let EventKind::Refused { failure, .. } = &e.kind { Some(failure.class) } else { None })
            .collect()
    }

    #[test]
    fn a_refusal_of_several_lines_and_its_sentence_are_one() {
        let text = "Reading additional input from stdin...\n\
            2026-05-10T06:41:04.002001Z ERROR codex_login::auth::manager: Failed to refresh token: 401 Unauthorized: {\n\
            \x20 \"error\": {\n    \"code\": \"refresh_token_reused\"\n  }\n}\n\
            2026-05-10T06:41:04.002090Z ERROR codex_login::auth::manager: Failed to refresh token: Your access token could not be refreshed because your refresh token was already used. Please log out and sign in again.\n\
            2026-05-10T06:41:04.602090Z ERROR codex_login::auth::manager: Failed to refresh token: Your access token could not be refreshed because your refresh token was already used. Please log out and sign in again.\n";
        let events = read(text);
        assert_eq!(refused(&events), [ErrorClass::RefreshTokenReused]);
        assert_eq!(events[0].origin.line, 2);
    }

    #[test]
    fn the_sentence_raises_a_bare_status_and_every_answer_counts() {
        let bare = "ERROR codex_login::auth::manager: Failed to refresh token status=401 Unauthorized\n";
        let sentence = "ERROR codex_login::auth::manager: Failed to refresh token: Your access token could not be refreshed because your refresh token was revoked. Please log out and sign in again.\n";
        let text = format!(
            "2026-11-22T16:45:57.123356Z {bare}2026-11-22T16:45:57.123418Z {sentence}2026-11-22T16:45:57.140000Z {bare}2026-11-22T16:46:07.140000Z {bare}"
        );
        use ErrorClass::{RefreshRefused, RefreshTokenInvalidated};
        assert_eq!(refused(&read(&text)), [RefreshTokenInvalidated, RefreshRefused, RefreshRefused]);
    }

    #[test]
    fn a_refresh_that_worked_is_three_lines_and_an_adopted_one_is_not_it() {
        let at = |s: u32, message: &str| format!("2026-05-10T06:41:{s:02}.5Z  INFO codex_login::auth::manager: {message}\n");
        let own: String = [
            at(1, "Reloading auth for account A"),
            at(1, "Reloaded auth, changed: false"),
            at(2, "Refreshing token"),
            at(3, "Reloading auth"),
            at(3, "Reloaded auth, changed: false"),
        ]
        .concat();
        let events = read(&own);
        assert!(matches!(events[0].kind, EventKind::RefreshStarted { .. }));
        assert!(matches!(events[1].kind, EventKind::Refreshed { account: Some(_), .. }), "{:?}", events[1].kind);
        assert_eq!(events.len(), 2);

        let found = [
            at(1, "Reloading auth for account A"),
            at(1, "Reloaded auth, changed: false auth_changed_for_refresh=true"),
            at(1, "Skipping token refresh because auth changed after guarded reload."),
        ]
        .concat();
        let events = read(&found);
        assert!(matches!(events[..], [Event { kind: EventKind::FoundRotated, .. }]), "{events:?}");

        let neither = [
            at(1, "Reloading auth"),
            at(1, "Reloaded auth, changed: true"),
            at(1, "Reloading auth for account A"),
            at(1, "Reloaded auth, changed: false auth_changed_for_refresh=false"),
        ]
        .concat();
        assert!(read(&neither).is_empty());
    }

    #[test]
    fn what_exec_prints_for_people_is_no_record() {
        let refusal = |at: &str| {
            format!(
                "{at} ERROR codex_login::auth::manager: Failed to refresh token: 401 Unauthorized: {{\"error\":{{\"code\":\"refresh_token_reused\"}}}}\n"
            )
        };
        let turn = "2026-05-10T04:00:00.5Z  INFO turn{turn.id=T}: codex_core::session::turn: Turn error: stream disconnected before completion: x\n";
        let quoted = [refusal("2026-05-10T04:00:00.1Z").as_str(), turn].concat();
        let (banner, sentence) = (
            "OpenAI Codex v0.130.0\n--------\nworkdir: /w\n--------\n",
            "ERROR: Your access token could not be refreshed because your refresh token was already used. Please log out and sign in again.\n",
        );
        let output = format!("exec\n/bin/bash -lc \"cat x\" in /w\n succeeded in 11ms:\n{quoted}");
        let told = |name: &str, text: &str| testing::run(open, name, text.as_bytes()).0.len();
        let read = |text: String| told("run/codex.err", &text);
        let own = refusal("2026-05-10T06:41:04.1Z");
        assert_eq!(read(format!("{banner}user\n{quoted}codex\nNo.\ntokens used\n12\n")), 0);
        assert_eq!(read(format!("{output}codex\nNo.\ntokens used\n12\n")), 0, "without its banner");
        assert_eq!(read(format!("{banner}{output}")), 0, "cut");
        assert_eq!(read(format!("{banner}user\nx\n{output}{own}{sentence}")), 1, "the turn failed by the last one");
        assert_eq!(read(format!("{own}{banner}user\nx\n{output}codex\nNo.\n")), 1, "before the first part");
        assert_eq!(read(format!("{banner}user\nx\ntokens used\n12\n{own}")), 1, "behind the last part");
        assert_eq!(told("log/codex-tui.log", &format!("{banner}{output}codex\n")), 2, "a log of Codex' own");
        let tails = format!("==> codex.err <==\n{own}{banner}user\nx\n{output}\n==> tui.log <==\n{quoted}");
        assert_eq!(read(tails), 3, "another log begins");
        assert_eq!(read(format!("{own}{banner}user\nx\n{output}\n==> tui.log <==\n{quoted}")), 1, "a command printed it");
    }

    #[test]
    fn a_turn_error_bears_the_ids_of_its_spans_and_quoted_copies_are_nothing() {
        let id = "019e1234-dddd-7eee-8fff-0123456789ab";
        let text = format!(
            "2026-05-10T06:41:03.5Z  INFO session_loop{{thread_id=T}}:turn{{thread.id=T turn.id={id} model=gpt-5.5}}: codex_core::session::turn: Turn error: stream disconnected before completion: websocket closed\n\
             2026-05-10T06:41:04.5Z  INFO a{{note=\"codex_core::session::turn: Turn error: no\"}}: codex_core::x: quoted \"Turn error: no\"\n\
             2026-05-10T06:41:05.5Z ERROR codex_rmcp_client: Failed to refresh token: 401 Unauthorized\n"
        );
        let (stated, _) = testing::run(open, "log/codex-tui.log", text.as_bytes());
        let ([turn], []) = (&stated.turns[..], &stated.events[..]) else { panic!("{stated:?}") };
        assert_eq!((turn.stop, turn.failure.unwrap().class), (Stop::Error, ErrorClass::StreamCut));
        assert_eq!(turn.id, Some(testing::turn_key(None, id)));
    }
}
