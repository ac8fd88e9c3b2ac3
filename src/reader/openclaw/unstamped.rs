//! Refusals that the provider layer prints on a console, without a stamp, among the answers of models, which are
//! printed there as raw and may quote them. What tells one from the other (2026.3.2 to 2026.5.7):
//!
//! - The gateway's own lines about the failed run follow (`lane task error`, the decision about a fallback,
//!   `⇄ res ✗ agent`): where the next line is one of them, it is its own, whatever stands around it.
//! - Else it has to stand alone: raw text before or behind it is an answer that holds it, and where the next line
//!   is `⇄ res ✓ agent`, it is the whole of one. What is left was printed by something else than a turn, such as
//!   a look at the quota.
//!
//! A file without any line of the gateway's log (launchd's standard error) holds no answers.

use super::gateway;
use crate::classify;
use crate::event::Origin;
use crate::time::Stamp;

/// What the gateway says next of a profile whose refresh was refused, beside lines that name the refresh.
const ECHOES: &[&str] = &["auth profile failure state updated"];
/// The gateway's lines about a run stand within so many lines behind the refusal.
const MOST_LINES: usize = 12;
/// Refusals that wait; agents are refused together.
const MOST_WAITING: usize = 64;

/// A refusal whose body is complete.
pub(super) struct Unstamped {
    pub(super) origin: Origin,
    pub(super) at: Option<Stamp>,
    /// The time is that of a line near it.
    pub(super) borrowed: bool,
    pub(super) pid: Option<String>,
    pub(super) text: String,
    /// Raw text stands before or behind it.
    pub(super) is_quoted: bool,
}

/// What one console printed, as far as that is needed to judge the refusals in it.
#[derive(Default)]
pub(super) struct Waiting {
    list: Vec<Unstamped>,
    /// Lines of the log since the first of them.
    lines: usize,
    /// The process that printed raw text last, since the last line of the log.
    spoke: Option<Option<String>>,
    /// The log has lines of the gateway.
    has_log: bool,
    /// And those bear their time.
    has_stamps: bool,
}

impl Waiting {
    /// Raw text of a process: an answer. What is indented goes on from the line before (a stack, a body).
    pub(super) fn raw(&mut self, text: &str, pid: Option<&str>) {
        let goes_on = text.starts_with([' ', '\t', '}']) || text.trim().is_empty();
        if goes_on {
            return;
        }
        self.spoke = Some(pid.map(str::to_owned));
        if let Some(last) = self.list.last_mut().filter(|last| last.pid.as_deref() == pid && self.lines == 0) {
            last.is_quoted = true;
        }
    }

    /// Did this process print raw text since the last line of the log?
    pub(super) fn is_speaking(&self, pid: Option<&str>) -> bool {
        self.spoke.as_ref().is_some_and(|spoke| spoke.as_deref() == pid)
    }

    /// Is a line of a subsystem without a stamp part of an answer, since the log's own lines have one?
    pub(super) fn is_part_of_answer(&self, is_timed: bool, pid: Option<&str>) -> bool {
        !is_timed && self.has_stamps && self.is_speaking(pid)
    }

    /// A refusal whose body is complete; what is to be told of those before it.
    pub(super) fn push(&mut self, refusal: Unstamped) -> Vec<Unstamped> {
        let told = if self.list.len() >= MOST_WAITING { self.settle() } else { Vec::new() };
        self.list.push(refusal);
        told
    }

    /// A line of the log; the refusals that are to be told before it.
    pub(super) fn log(&mut self, at: Option<Stamp>, is_timed: bool, said: Option<(&str, &str)>) -> Vec<Unstamped> {
        self.spoke = None;
        let is_next = self.lines == 0;
        if let Some((_, message)) = said.filter(|(subsystem, message)| gateway::is_ours(subsystem, message)) {
            self.has_log = true;
            self.has_stamps |= is_timed;
            if ECHOES.iter().any(|start| message.starts_with(start)) || classify::is_about_refresh(message) {
                let list = std::mem::take(&mut self.list);
                self.lines = 0;
                return list.into_iter().filter(|waiting| is_next || !waiting.is_quoted).collect();
            }
            if is_next && message.starts_with("⇄ res ✓ agent ") {
                self.list.clear();
            }
        }
        // A gateway may have been silent for hours before it asked for a token: the next time is the nearer one.
        for waiting in self.list.iter_mut().filter(|waiting| waiting.borrowed && is_next) {
            waiting.at = at.or(waiting.at);
        }
        self.lines += 1;
        if self.list.is_empty() || self.lines > MOST_LINES { self.settle() } else { Vec::new() }
    }

    /// Nothing more will be said of those that wait: the ones that are the log's own.
    pub(super) fn settle(&mut self) -> Vec<Unstamped> {
        let (list, has_log) = (std::mem::take(&mut self.list), self.has_log);
        self.lines = 0;
        list.into_iter().filter(|waiting| !(waiting.is_quoted && has_log)).collect()
    }
}
