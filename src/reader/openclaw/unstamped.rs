//! Refusals that the provider layer prints on a console, without a stamp, among the answers of models, which are
//! printed there as raw and may quote them. What tells one from the other (2026.3.2 to 2026.5.7):
//!
//! - The gateway's own lines about the failed run follow at once (`lane task error`, the decision about a fallback,
//!   `⇄ res ✗ agent`), among those of other runs: such a line makes all refusals its own that stand right before it.
//!   `⇄ res ✓ agent` proves nothing by itself: it says that a run was accepted, and the same run fails after it.
//! - Where the log goes on without any, no turn failed. What then stands beside raw text, or alone where an answer
//!   stands, between a run that was accepted and the next one, is an answer or part of one. What is left was
//!   printed by something else than a turn, such as a look at the quota.
//! - Where the log is cut first, it is open which it was; only raw text behind the refusal shows an answer.
//!
//! A file without any line of the gateway's log (launchd's standard error) holds no answers.

use super::gateway;
use crate::classify;
use crate::event::Origin;
use crate::time::Stamp;

/// What the gateway says next of a profile whose refresh was refused, beside lines that name the refresh.
const ECHOES: &[&str] = &["auth profile failure state updated"];
/// A run was accepted; its answer, if it prints one, is what follows.
const ACCEPTED: &str = "⇄ res ✓ agent ";
/// What the gateway and its runtime print without a stamp, a line each: no answers.
const PRINTS: &[&str] = &["Config overwrite: ", "Config write anomaly: ", "Config observe anomaly: ", "(node:", "(Use `node "];
/// The gateway's lines about a run stand within so many lines behind the refusal,
const MOST_LINES: usize = 12;
/// and within so long, in ms. Seen: ten seconds.
const MOST_MS: i64 = 120_000;
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
    /// Raw text stands before it.
    pub(super) is_behind_raw: bool,
}

/// One of which it is not known yet whose it is.
struct Waits {
    refusal: Unstamped,
    /// Raw text stands behind it.
    is_before_raw: bool,
    /// The lines of the log right before and right behind it say that a run was accepted.
    is_behind_accepted: bool,
    is_before_accepted: bool,
    /// Lines of the log since.
    lines: usize,
}

impl Waits {
    /// A line of the log behind it.
    fn log(&mut self, at: Option<Stamp>, is_accepted: bool) {
        if self.lines == 0 {
            self.is_before_accepted = is_accepted;
            // A gateway may have been silent for hours before it asked for a token: the next time is the nearer one.
            if self.refusal.borrowed {
                self.refusal.at = at.or(self.refusal.at);
            }
        }
        self.lines = self.lines.saturating_add(1);
    }

    /// Would the gateway's own line about it have come by the line of this time?
    fn is_past(&self, at: Option<Stamp>) -> bool {
        let since = self.refusal.at.zip(at).map(|(refused, at)| at.ms.saturating_sub(refused.ms));
        self.lines > MOST_LINES || since.is_some_and(|since| since > MOST_MS)
    }

    /// Is it, or part of, an answer? No line about it has come, though the log went on (`is_past`), or has been cut.
    fn is_answer(&self, is_past: bool) -> bool {
        self.is_before_raw || (is_past && self.refusal.is_behind_raw) || (self.is_behind_accepted && self.is_before_accepted)
    }
}

/// What one console printed, as far as that is needed to judge the refusals in it.
#[derive(Default)]
pub(super) struct Waiting {
    list: Vec<Waits>,
    /// The process that printed raw text last, since the last line of the log.
    spoke: Option<Option<String>>,
    /// The last line of the log said that a run was accepted.
    accepted: bool,
    /// The log has lines of the gateway.
    has_log: bool,
    /// And those bear their time.
    has_stamps: bool,
}

impl Waiting {
    /// Raw text of a process: an answer. What is indented goes on from the line before (a stack, a body).
    pub(super) fn raw(&mut self, text: &str, pid: Option<&str>) {
        let goes_on = text.starts_with([' ', '\t', '}']) || text.trim().is_empty();
        if goes_on || PRINTS.iter().any(|start| text.starts_with(start)) {
            return;
        }
        self.spoke = Some(pid.map(str::to_owned));
        if let Some(last) = self.list.last_mut().filter(|last| last.refusal.pid.as_deref() == pid && last.lines == 0) {
            last.is_before_raw = true;
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
        let is_behind_accepted = self.accepted;
        self.list.push(Waits { refusal, is_before_raw: false, is_behind_accepted, is_before_accepted: false, lines: 0 });
        told
    }

    /// A line of the log; the refusals that are to be told before it.
    pub(super) fn log(&mut self, at: Option<Stamp>, is_timed: bool, said: Option<(&str, &str)>) -> Vec<Unstamped> {
        self.spoke = None;
        // Whose line it is matters for these alone, and most logs are long past the first of them.
        let is_news = !self.has_log || (is_timed && !self.has_stamps) || !self.list.is_empty();
        let said = said.filter(|(_, message)| is_news || message.starts_with(ACCEPTED));
        let ours = said.filter(|(subsystem, message)| gateway::is_ours(subsystem, message)).map(|(_, message)| message);
        self.has_log |= ours.is_some();
        self.has_stamps |= ours.is_some() && is_timed;
        self.accepted = ours.is_some_and(|message| message.starts_with(ACCEPTED));
        if self.list.is_empty() {
            return Vec::new();
        }
        let is_echo = ours
            .is_some_and(|message| ECHOES.iter().any(|start| message.starts_with(start)) || classify::is_about_refresh(message));
        let mut told = Vec::new();
        for mut waits in std::mem::take(&mut self.list) {
            waits.log(at, self.accepted);
            match waits.is_past(at) {
                false if is_echo => told.push(waits.refusal),
                false => self.list.push(waits),
                true if self.has_log && waits.is_answer(true) => {}
                true => told.push(waits.refusal),
            }
        }
        told
    }

    /// Nothing more will be said of those that wait: the ones that are the log's own, or may be.
    pub(super) fn settle(&mut self) -> Vec<Unstamped> {
        let (list, has_log) = (std::mem::take(&mut self.list), self.has_log);
        list.into_iter().filter(|waits| !(has_log && waits.is_answer(false))).map(|waits| waits.refusal).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::reader::openclaw::testing;

    const START: &str = "2026-05-10T16:50:42.261+00:00 [gateway] starting...\n";
    const REFUSAL: &str = "[openai-codex] Token refresh failed: 401 {\n  \"error\": {\"code\": \"refresh_token_reused\"}\n}\n";
    const FAILED: &str = "OAuth token refresh failed for openai-codex: Failed to refresh OpenAI Codex token. Please try again or \
                          re-authenticate.";

    fn at(minute: u8, said: &str) -> String {
        format!("2026-05-10T17:{minute:02}:06.309+00:00 {said}\n")
    }

    /// The token endpoint's code, as often as a console tells it.
    fn codes(parts: &[&str]) -> usize {
        let console = testing::read("gateway.out", parts.concat().as_bytes());
        console.refusals().iter().filter(|class| **class == "refresh_token_reused").count()
    }

    #[test]
    fn what_the_gateway_says_next_may_stand_behind_other_lines() {
        let accepted = at(1, "[ws] ⇄ res ✓ agent 412ms runId=0d953b02-1f1e-4d52-9a46-aa970aa3f111 conn=5 id=a");
        let lane = |minute| at(minute, &format!("[diagnostic] lane task error: lane=main durationMs=87 error=\"Error: {FAILED}\""));
        let priced = at(1, "[model-pricing] OpenRouter pricing fetch failed: TypeError: fetch failed");
        let echo = lane(1);
        assert_eq!(codes(&[START, &accepted, REFUSAL, &accepted, &echo]), 1, "another run was accepted");
        assert_eq!(codes(&[START, "An answer.\n", REFUSAL, &priced, &echo]), 1);
        assert_eq!(codes(&[START, "An answer:\n", REFUSAL, "Its login is gone.\n", &accepted, &lane(9)]), 0, "of a later refusal");
        assert_eq!(codes(&[START, &accepted, REFUSAL, &accepted, &lane(9)]), 0, "it stands where an answer stands");
    }

    #[test]
    fn raw_text_before_the_end_of_a_log_proves_nothing() {
        let next = at(30, "[model-pricing] OpenRouter pricing fetch failed: TypeError: fetch failed");
        assert_eq!(codes(&[START, "Another agent's answer.\n", REFUSAL]), 1);
        assert_eq!(codes(&[START, "An answer that ends with it:\n", REFUSAL, &at(1, "[ws] ⇄ res ✓ health 2ms"), &next]), 0);
        assert_eq!(codes(&[START, "An answer:\n", REFUSAL, "Its login is gone.\n"]), 0);
        let print = "Config overwrite: /home/x/.openclaw/openclaw.json (sha256 0 -> 1)\n";
        assert_eq!(codes(&[START, print, REFUSAL, print, &next, &at(40, "[ws] ⇄ res ✓ health 2ms")]), 1);
    }
}
