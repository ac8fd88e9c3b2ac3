//! What `codex exec` prints on its standard error for people (without `--json`): a banner, then the prompt, the
//! model's words, commands and what they printed, each part behind a heading of its own. (0.98 to 0.169; the
//! error log of the process goes to the same place.) Any of it may hold lines of a log: of another machine, of an
//! older run, with that run's own banner and end. What stands in a part is told from a quoted one by what follows:
//!
//! - A turn that failed ends with its sentence, `ERROR: …`, and nothing but `tokens used`, another run's banner or
//!   the end of the file comes behind that. Where a heading follows, the sentence was quoted with all before it.
//! - Where the run goes on without one, the records of a part are quoted: but for those right behind the prompt.
//!   A run survives a refused refresh while its access token is good, and tries it before the model's first word.
//! - A run that was killed, or a file that was cut, leaves open whose the last records were. They stay, but for
//!   those of a command's output.
//!
//! Records that stay count as lines of a plain log do: what they say may be quoted, as long as no turn failed.
//!
//! Apart from [`super::log`], which reads the records: only files that people made hold such parts. The log of a
//! TUI under another name has none, whatever the arguments of its tool calls look like.

use super::trace::{Record, Severity};
use crate::classify::{self, Endpoint};
use std::collections::VecDeque;

/// Threads write a moment out of turn.
const SLACK_MS: i64 = 5_000;
/// A refresh is tried for no longer than this before its turn fails.
const TRIES_MS: i64 = 10 * 60_000;
/// Records that wait for one reason: of a part, the last ones count.
const MOST: usize = 256;

/// The first line of a run,
const BANNER: &str = "OpenAI Codex v";
/// its last heading,
const TOKENS: &str = "tokens used";
/// and the sentence of what ended it,
const SENTENCE: &str = "ERROR: ";
/// but for what only delays it.
const DELAYS: &[&str] = &["Reconnecting...", "MCP client for ", "MCP startup "];
/// Headings of parts that hold what others wrote: commands and changes,
const OUTPUTS: &[&str] = &["exec", "file update", "apply patch"];
/// and words.
const WORDS: &[&str] = &["user", "codex", "thinking", "plan update"];
/// Lines that Codex prints between parts.
const NOTES: &[&str] = &["warning: ", "deprecated: ", "mcp: ", "mcp startup: ", "hook: ", "error: ", SENTENCE, "Reconnecting..."];
/// How a record says that a turn failed,
const TURN: &str = "Turn error: ";
/// and how records say how a refresh ended.
const CLAIMS: &[&str] =
    &["Failed to refresh token", "Encountered unknown ", "Skipping auth reload due to account id mismatch", "auth_recovery_mode="];

/// What the lines at hand belong to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// No part of a run.
    #[default]
    None,
    /// The prompt, and what is printed until the model's first word.
    Prompt,
    /// What the model says.
    Words,
    /// A command, and what it printed.
    Output,
}

/// Follows the parts of one file.
#[derive(Debug, Default)]
pub(super) struct Printed {
    /// The file holds parts at all.
    is_for_people: bool,
    /// It is the log of a TUI, and holds none.
    is_log: bool,
    part: Part,
    /// Time of the process' latest own record, in ms.
    latest: Option<i64>,
    /// Records of the part, the last ones.
    claims: VecDeque<Record>,
    /// So many of them stand before more text of the part.
    quoted: usize,
    /// And so does the record that is open.
    is_followed: bool,
    /// The run has come to an end, unless that was quoted,
    has_ended: bool,
    /// which was by these.
    felt: Vec<Record>,
    /// Records behind the end.
    behind: Vec<Record>,
    /// A banner stood in a part: it may be quoted, and the runs behind it.
    is_nested: bool,
    /// Records of such runs.
    held: Vec<Record>,
}

impl Printed {
    /// Does a line that begins no record end what stands before it? `record` is open, if one is.
    pub(super) fn parts(&self, text: &str, record: Option<&Record>) -> bool {
        if self.is_log || (!self.is_for_people && record.is_some_and(is_of_turn)) {
            return false;
        }
        let heading = || text == TOKENS || OUTPUTS.contains(&text) || WORDS.contains(&text);
        let failed = || self.part != Part::None && sentence(text).is_some();
        text.starts_with(BANNER) || is_output(text) || (self.is_for_people && heading()) || failed()
    }

    /// A line that does not: more of a record, if one is open, or of the part behind it.
    pub(super) fn more(&mut self, text: &str, is_open: bool) {
        let goes_on = text.trim().is_empty() || text.starts_with([' ', '\t', '}', '<']);
        if !goes_on && matches!(self.part, Part::Prompt | Part::Words) && !NOTES.iter().any(|note| text.starts_with(note)) {
            self.quoted = self.claims.len();
            self.is_followed = is_open;
        }
    }

    /// A line that does: the records before it that are the process' own.
    pub(super) fn line(&mut self, text: &str) -> Vec<Record> {
        if let Some(words) = sentence(text).filter(|_| self.part != Part::None) {
            self.fail(words);
            return Vec::new();
        }
        self.is_for_people = true;
        if text.starts_with(BANNER) {
            return self.banner();
        }
        if text == TOKENS {
            let own = self.survived();
            self.has_ended = true;
            return self.tell(own);
        }
        let own = if self.has_ended { self.unquote() } else { self.survived() };
        self.part = match (text, self.part) {
            ("user", Part::None) => Part::Prompt,
            _ if WORDS.contains(&text) => Part::Words,
            _ => Part::Output,
        };
        self.tell(own)
    }

    /// The next record; those that are the process' own as far as can be said by now.
    pub(super) fn record(&mut self, record: Record) -> Vec<Record> {
        let is_followed = std::mem::take(&mut self.is_followed);
        self.is_log |= !self.is_for_people && is_of_turn(&record);
        if self.is_log || self.part == Part::None {
            self.latest = self.latest.max(record.at.map(|at| at.ms));
            return vec![record];
        }
        if self.has_ended {
            self.behind.push(record);
            return if self.behind.len() > MOST { self.banner() } else { Vec::new() };
        }
        let message = record.entry().message;
        let is_claim = message.starts_with(TURN) || CLAIMS.iter().any(|start| message.starts_with(start));
        if !is_claim && self.part != Part::Prompt && self.latest.is_some() {
            return if self.is_in_order(&record) { vec![record] } else { Vec::new() };
        }
        if self.claims.len() >= MOST {
            self.claims.pop_front();
            self.quoted = self.quoted.saturating_sub(1);
        }
        self.claims.push_back(record);
        if is_followed {
            self.quoted = self.claims.len();
        }
        Vec::new()
    }

    /// The file is at its end.
    pub(super) fn finish(&mut self) -> Vec<Record> {
        let last = self.banner();
        self.is_nested = false;
        std::mem::take(&mut self.held).into_iter().chain(last).collect()
    }

    /// The next run begins: what was pending of the last one.
    fn banner(&mut self) -> Vec<Record> {
        let own = match std::mem::take(&mut self.has_ended) {
            true => {
                let behind = std::mem::take(&mut self.behind);
                let after = behind.iter().filter(|_| !self.is_nested).filter_map(|record| record.at).map(|at| at.ms);
                self.latest = self.latest.max(after.max());
                std::mem::take(&mut self.felt).into_iter().chain(behind).collect()
            }
            false => {
                self.is_nested |= self.part != Part::None;
                self.cut()
            }
        };
        self.part = Part::None;
        self.tell(own)
    }

    /// The sentence of what ended the run.
    fn fail(&mut self, words: &str) {
        self.claims.extend(std::mem::take(&mut self.behind));
        let from = if is_about_login(words) { 0 } else { self.quoted };
        let felt = self.joined(from);
        self.felt.extend(felt);
        self.felt.truncate(MOST);
        self.has_ended = true;
    }

    /// The run went on behind its end: that was quoted, with all that stands before it in the part.
    fn unquote(&mut self) -> Vec<Record> {
        *self = Printed { is_for_people: true, part: self.part, latest: self.latest, ..Printed::default() };
        Vec::new()
    }

    /// The run went on: records of the process that stand right behind the prompt. No turn goes on that failed.
    fn survived(&mut self) -> Vec<Record> {
        let quoted = std::mem::take(&mut self.quoted);
        let claims = std::mem::take(&mut self.claims).into_iter().skip(quoted);
        let own: Vec<Record> = claims.filter(|record| self.part == Part::Prompt && self.is_in_order(record)).collect();
        if own.iter().any(is_turn) { Vec::new() } else { own }
    }

    /// The run broke off. Without an earlier record of the process, nothing tells when it ran.
    fn cut(&mut self) -> Vec<Record> {
        if self.latest.is_some() {
            return self.joined(0);
        }
        let own = self.joined(self.quoted);
        own.into_iter().filter(|record| self.part != Part::Output && !is_turn(record)).collect()
    }

    /// Records of the part from this one on: the last ones, as far as they belong together.
    fn joined(&mut self, from: usize) -> Vec<Record> {
        let claims = std::mem::take(&mut self.claims);
        self.quoted = 0;
        let last = claims.back().and_then(|record| record.at).map(|at| at.ms);
        let near = |record: &Record| {
            let since = record.at.zip(last).map(|(at, last)| last.saturating_sub(at.ms));
            since.is_some_and(|since| (-SLACK_MS..=TRIES_MS).contains(&since))
        };
        claims.into_iter().skip(from).filter(|record| near(record) && self.is_in_order(record)).collect()
    }

    /// Tell records, unless the run itself may be quoted.
    fn tell(&mut self, own: Vec<Record>) -> Vec<Record> {
        if !self.is_nested {
            return own;
        }
        self.held.extend(own);
        if self.held.len() <= MOST {
            return Vec::new();
        }
        self.is_nested = false;
        std::mem::take(&mut self.held)
    }

    fn is_in_order(&self, record: &Record) -> bool {
        let from = self.latest.map_or(i64::MIN, |latest| latest.saturating_sub(SLACK_MS));
        record.at.is_some_and(|at| at.ms >= from)
    }
}

/// What a line says that ended a run.
fn sentence(text: &str) -> Option<&str> {
    text.strip_prefix(SENTENCE).filter(|words| !DELAYS.iter().any(|delay| words.starts_with(delay)))
}

/// ` succeeded in 11ms:`, ` exited 1 in 230ms:`: what a command printed follows.
fn is_output(text: &str) -> bool {
    let Some(took) = text.strip_suffix("ms:").filter(|text| text.starts_with(" succeeded in ") || text.starts_with(" exited "))
    else {
        return false;
    };
    took.rsplit(' ').next().is_some_and(|ms| !ms.is_empty() && ms.bytes().all(|b| b.is_ascii_digit()))
}

/// Is a record one of a turn at work? In what is printed for people a banner stands before the first of them.
fn is_of_turn(record: &Record) -> bool {
    let entry = record.entry();
    let in_turn = || entry.spans.contains("session_loop{") && entry.spans.contains("turn{");
    record.severity == Some(Severity::Info) && (entry.message.starts_with("ToolCall: ") || in_turn())
}

/// Does a record say that a turn failed?
fn is_turn(record: &Record) -> bool {
    record.entry().message.starts_with(TURN)
}

fn is_about_login(words: &str) -> bool {
    classify::error(Endpoint::Unknown, words, None).class.is_auth()
}

#[cfg(test)]
mod tests {
    use crate::event::EventKind;
    use crate::reader::codex::{log, testing};

    const RUN: &str = "OpenAI Codex v0.150.0\n--------\nworkdir: /w\n--------\nuser\nlist the open items\n";
    const ENDS: &str = "ERROR: Your access token could not be refreshed because your refresh token was already used. Please log out and \
                        sign in again.\n";
    const GOES_ON: &str = "codex\nDone.\ntokens used\n4,212\n";
    const OUTPUT: &str = "exec\n/bin/bash -lc \"cat x\" in /w\n succeeded in 11ms:\n";

    fn refusal(day: u8) -> String {
        let body = "{\n  \"error\": {\n    \"code\": \"refresh_token_reused\"\n  }\n}";
        format!(
            "2026-05-{day:02}T08:00:03.1Z ERROR codex_login::auth::manager: Failed to refresh token: 401 Unauthorized: {body}\n"
        )
    }

    fn turn(day: u8, said: &str) -> String {
        format!(
            "2026-05-{day:02}T08:00:04.1Z  INFO session_loop{{thread_id=T}}:turn{{turn.id=u{day}}}: codex_core::x: Turn error: {said}\n"
        )
    }

    /// Refused refreshes, failed turns and failed calls.
    fn counts(name: &str, text: &str) -> (usize, usize, usize) {
        let (stated, _) = testing::run(log::open, name, text.as_bytes());
        let count = |is: fn(&EventKind) -> bool| stated.events.iter().filter(|event| is(&event.kind)).count();
        (
            count(|kind| matches!(kind, EventKind::Refused { .. })),
            stated.turns.len(),
            count(|kind| matches!(kind, EventKind::Transport(_))),
        )
    }

    fn read(parts: &[&str]) -> (usize, usize, usize) {
        counts("cron/codex.err", &parts.concat())
    }

    #[test]
    fn every_sentence_ends_its_run() {
        let said = "You've hit your usage limit. Try again at 5:00 PM.";
        let run = |day| format!("{RUN}{}ERROR: {said}\n", turn(day, said));
        assert_eq!(read(&[&run(1), &run(2), &run(3)]), (0, 3, 0));
        assert_eq!(read(&[&run(1), RUN, GOES_ON]), (0, 1, 0), "a healthy run follows");
        assert_eq!(read(&[RUN, &turn(1, said), "ERROR: Reconnecting... 1/5\n", GOES_ON]), (0, 0, 0), "a delay is no end");
        let call = "2026-05-01T08:00:02.1Z ERROR codex_models_manager::manager: failed to refresh available models: unexpected status 401 \
                    Unauthorized: Your authentication token has been invalidated. Please try signing in again., url: x\n";
        assert_eq!(read(&[RUN, call, &refusal(1), ENDS]), (1, 0, 1));
    }

    #[test]
    fn a_sentence_behind_which_the_run_goes_on_is_quoted() {
        let quoted = format!("{}{ENDS}", refusal(1));
        let prompt = RUN.replace("list the open items\n", &format!("why does it say\n{quoted}"));
        for run in [
            [RUN, OUTPUT, &quoted].concat(),
            [RUN, OUTPUT, &quoted, "tokens used\n99\n"].concat(),
            [RUN, OUTPUT, RUN, &quoted].concat(),
            [RUN, OUTPUT, RUN, &quoted, RUN, &quoted].concat(),
            [RUN, OUTPUT, &refusal(1), RUN, &quoted, RUN, GOES_ON].concat(),
            [&prompt[..]].concat(),
        ] {
            assert_eq!(read(&[&run, GOES_ON]), (0, 0, 0), "{run}");
            assert_eq!(read(&[&run, GOES_ON, RUN, &refusal(2), ENDS]), (1, 0, 0), "its own later: {run}");
        }
        assert_eq!(read(&[RUN, OUTPUT, &quoted]), (1, 0, 0), "and one with which the file ends is its own");
    }

    #[test]
    fn what_a_run_leaves_open_stays() {
        assert_eq!(read(&[RUN, &refusal(1)]), (1, 0, 0), "killed");
        assert_eq!(read(&[RUN, &refusal(1), RUN, &refusal(2)]), (2, 0, 0), "killed twice");
        assert_eq!(read(&[RUN, OUTPUT, &refusal(1)]), (0, 0, 0), "the file was cut in a command's output");
        assert_eq!(read(&[RUN, &refusal(1), GOES_ON]), (1, 0, 0), "survived");
        assert_eq!(read(&[RUN, &refusal(1), "what does it mean?\n", GOES_ON]), (0, 0, 0), "the prompt goes on");
        assert_eq!(read(&[RUN, &refusal(1), &turn(1, "x"), GOES_ON]), (0, 0, 0), "a turn that failed does not go on");
    }

    #[test]
    fn arguments_of_a_tool_call_are_no_parts() {
        let call = "2026-05-01T07:40:00.1Z  INFO session_loop{thread_id=T}:turn{turn.id=X}: codex_core::x: ToolCall: apply_patch *** Begin \
                    Patch\nOpenAI Codex v0.130.0\nuser\nhello\n";
        let own = [call, &refusal(1), &turn(1, "stream disconnected before completion: x"), call].concat();
        assert_eq!(counts("codex-tui (1).log", &own), (1, 1, 0));
    }
}
