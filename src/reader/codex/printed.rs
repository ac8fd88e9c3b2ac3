//! What `codex exec` prints on its standard error for people (without `--json`): a banner, then the prompt, the
//! model's words, commands and what they printed, each part behind a heading of its own. (0.98 to 0.169; the
//! error log of the process goes to the same place.) Any of it may hold lines of a log: of another machine, of an
//! older run. A record that stands in such a part is told from a quoted one by what follows and by its time:
//!
//! - A refused refresh by which the turn failed is followed by its sentence, `ERROR: …`, before any other heading.
//!   Where the run goes on instead, nothing failed, and the record counts for nothing.
//! - Other records count where the process had logged before, and they do not go back behind that.
//!
//! Apart from [`super::log`], which reads the records: only files that people made hold such parts.

use super::trace::Record;
use crate::classify::{self, Endpoint};
use std::collections::VecDeque;

/// Threads write a moment out of turn.
const SLACK_MS: i64 = 5_000;
/// A refresh is tried for no longer than this before its turn fails.
const TRIES_MS: i64 = 10 * 60_000;
/// Claims of one part that are kept: the last ones count.
const MOST: usize = 256;

/// The first line of a run,
const BANNER: &str = "OpenAI Codex v";
/// and its last heading.
const TOKENS: &str = "tokens used";
/// Headings of parts that hold what others wrote.
const HEADINGS: &[&str] = &["user", "codex", "thinking", "exec", "file update", "apply patch", "plan update"];
/// Records that say how a refresh or a turn ended.
const CLAIMS: &[&str] = &[
    "Failed to refresh token",
    "Turn error: ",
    "Encountered unknown ",
    "Skipping auth reload due to account id mismatch",
    "auth_recovery_mode=",
];

/// Follows the parts of one file.
#[derive(Debug, Default)]
pub(super) struct Printed {
    /// The file holds parts at all.
    is_for_people: bool,
    /// The present line stands in one.
    in_part: bool,
    /// Time of the process' latest own record, in ms.
    latest: Option<i64>,
    claims: VecDeque<Record>,
}

impl Printed {
    /// Does a line that begins no record end what stands before it?
    pub(super) fn parts(&self, text: &str) -> bool {
        let heading = || text == TOKENS || HEADINGS.contains(&text);
        let failed = || self.in_part && text.strip_prefix("ERROR: ").is_some_and(is_about_login);
        text.starts_with(BANNER) || is_output(text) || (self.is_for_people && heading()) || failed()
    }

    /// Such a line: the records of the part before it that are the process' own.
    pub(super) fn line(&mut self, text: &str) -> Vec<Record> {
        if text.starts_with("ERROR: ") {
            return self.felt();
        }
        // The run went on: none of the claims was about it.
        self.claims.clear();
        self.is_for_people = true;
        self.in_part = !text.starts_with(BANNER) && text != TOKENS;
        Vec::new()
    }

    /// The next record: itself, if it is the process' own as far as can be said by now.
    pub(super) fn record(&mut self, record: Record) -> Option<Record> {
        if !self.in_part {
            let at = record.at.map(|at| at.ms);
            self.latest = self.latest.max(at);
            return Some(record);
        }
        if CLAIMS.iter().any(|start| record.entry().message.starts_with(start)) {
            if self.claims.len() >= MOST {
                self.claims.pop_front();
            }
            self.claims.push_back(record);
            return None;
        }
        (self.latest.is_some() && self.is_in_order(&record)).then_some(record)
    }

    /// The file is at its end: it may have been cut before the sentence.
    pub(super) fn finish(&mut self) -> Vec<Record> {
        if self.latest.is_none() { Vec::new() } else { self.felt() }
    }

    /// Claims by which the turn failed: the last ones, as far as they belong together.
    fn felt(&mut self) -> Vec<Record> {
        let claims = std::mem::take(&mut self.claims);
        let last = claims.back().and_then(|record| record.at).map(|at| at.ms);
        let near = |record: &Record| {
            let since = record.at.zip(last).map(|(at, last)| last.saturating_sub(at.ms));
            since.is_some_and(|since| (-SLACK_MS..=TRIES_MS).contains(&since))
        };
        claims.into_iter().filter(|record| near(record) && self.is_in_order(record)).collect()
    }

    fn is_in_order(&self, record: &Record) -> bool {
        let from = self.latest.map_or(i64::MIN, |latest| latest.saturating_sub(SLACK_MS));
        record.at.is_some_and(|at| at.ms >= from)
    }
}

/// ` succeeded in 11ms:`, ` exited 1 in 230ms:`: what a command printed follows.
fn is_output(text: &str) -> bool {
    let Some(took) = text.strip_suffix("ms:").filter(|text| text.starts_with(" succeeded in ") || text.starts_with(" exited "))
    else {
        return false;
    };
    took.rsplit(' ').next().is_some_and(|ms| !ms.is_empty() && ms.bytes().all(|b| b.is_ascii_digit()))
}

fn is_about_login(words: &str) -> bool {
    classify::error(Endpoint::Unknown, words, None).class.is_auth()
}
