//! The gateway's console: what journald, launchd or a redirect keep of stdout and stderr.
//!
//! Lines are `<RFC 3339> [subsystem] message`, `HH:MM:SS [subsystem] message` or without a time; a
//! supervisor may put its own prefix before them. In gateway runs up to 2026.5.7 this is the only
//! place that holds the token endpoint's code: `[openai-codex] Token refresh failed: 401 {` and a
//! body over one or more lines, without a time of its own. Everything else without a subsystem may
//! be the model's answer and is never looked into; that may quote such a line, too ([`super::unstamped`]).

use super::gateway::{self, Gateway, PROVIDER_LAYER};
use super::record::{Record, offset_s};
use super::sniff;
use super::unstamped::{Unstamped, Waiting};
use crate::event::Origin;
use crate::reader::joined::Headers;
use crate::reader::json;
use crate::reader::{Context, Facts, Outcome, Reader, Sniff, opening};
use crate::shortcuts;
use crate::source::{Head, Line};
use crate::time::Stamp;
use regex::Regex;
use std::borrow::Cow;
use std::sync::LazyLock;

/// What systemd-journald puts before a line, in its default form (no year) and in `short-iso`.
static JOURNAL: LazyLock<Regex> = LazyLock::new(|| {
    #[allow(clippy::unwrap_used)] // a literal pattern, covered by the tests below
    Regex::new(r"^(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)?|\d{4}-\d\d-\d\dT\S+) [^\s\[]+ [\w.@/-]+(?:\[(\d+)\])?: ")
        .unwrap()
});

/// Colours of a terminal.
static COLOUR: LazyLock<Regex> = LazyLock::new(|| {
    #[allow(clippy::unwrap_used)] // a literal pattern
    Regex::new("\u{1b}\\[[0-9;]*m").unwrap()
});

/// Lines of a refused refresh's body, and bytes of it: the body is an error object.
const MOST_BODY_LINES: usize = 30;
const MOST_BODY: usize = 8 << 10;

/// Lines looked at to recognise a console.
const LINES_SNIFFED: usize = 400;

/// In a state directory (`~/.openclaw/logs/gateway.log`).
pub(super) fn sniff_inside(head: &Head<'_>) -> Sniff {
    if sniff::in_openclaw(head.name) && is_console(head) { Sniff::Yes } else { Sniff::No }
}

/// Anywhere else: an export of the journal, a redirect.
pub(super) fn sniff_outside(head: &Head<'_>) -> Sniff {
    if is_console(head) { Sniff::Yes } else { Sniff::No }
}

fn is_console(head: &Head<'_>) -> bool {
    opening::lines(head, false, is_form).take(LINES_SNIFFED).any(|line| {
        let text = json::text(line);
        let text = plain(&text);
        let line = Printed::of(&text);
        line.is_provider_layer()
            || (line.is_timed && line.subsystem().is_some_and(|(name, message)| gateway::is_ours(name, message)))
    })
}

/// A line without colours.
fn plain(text: &str) -> Cow<'_, str> {
    match memchr::memchr(0x1b, text.as_bytes()) {
        Some(_) => COLOUR.replace_all(text, ""),
        None => Cow::Borrowed(text),
    }
}

/// May [`JOURNAL`] fit? It begins with the name of a month or a time and a host, which has no bracket: nearly all lines
/// are a time and a subsystem in brackets, or begin otherwise.
fn may_be_journal(text: &str) -> bool {
    let bytes = text.as_bytes();
    match bytes.first() {
        _ if !shortcuts::are_taken() => true,
        Some(b'A'..=b'Z') => bytes.get(3) == Some(&b' '),
        Some(b'0'..=b'9') => memchr::memchr(b' ', bytes).is_some_and(|at| bytes.get(at + 1) != Some(&b'[')),
        // Digits of other scripts are digits, too.
        first => first.is_some_and(|byte| !byte.is_ascii()),
    }
}

/// A line with a time, or with what stands in the place of one.
fn is_form(line: &[u8]) -> bool {
    let text = json::text(line);
    let text = plain(&text);
    let line = Printed::of(&text);
    line.is_timed || line.is_provider_layer() || line.subsystem().is_some_and(|(name, message)| gateway::is_ours(name, message))
}

pub(super) fn open(_: &Context<'_>) -> Box<dyn Reader> {
    Box::new(Console::default())
}

#[derive(Default)]
struct Console {
    gateway: Gateway,
    /// Time of the last line that had one; None after a line whose time is without a date.
    last: Option<Stamp>,
    body: Option<Body>,
    waiting: Waiting,
    headers: Headers,
}

/// A refused refresh whose body is still to come.
struct Body {
    origin: Origin,
    at: Option<Stamp>,
    borrowed: bool,
    pid: Option<String>,
    text: String,
    lines: usize,
    /// Raw text stands before it.
    is_behind_raw: bool,
}

impl Body {
    fn new(first: &Printed<'_>, last: Option<Stamp>, origin: Origin, is_behind_raw: bool) -> Body {
        let pid = first.pid.map(str::to_owned);
        Body { origin, at: first.at.or(last), borrowed: first.at.is_none(), pid, text: String::new(), lines: 0, is_behind_raw }
    }
}

/// A line without what others put before it.
struct Printed<'a> {
    at: Option<Stamp>,
    offset_s: Option<i32>,
    /// It has a time, perhaps one that is not known because it lacks the date or the year.
    is_timed: bool,
    /// The time is the client's own, not a supervisor's.
    is_own: bool,
    /// The client's own time lacks the date.
    clock_only: bool,
    pid: Option<&'a str>,
    rest: &'a str,
}

impl<'a> Printed<'a> {
    fn of(text: &'a str) -> Printed<'a> {
        let mut line =
            Printed { at: None, offset_s: None, is_timed: false, is_own: false, clock_only: false, pid: None, rest: text };
        if let Some(prefix) = Some(text).filter(|text| may_be_journal(text)).and_then(|text| JOURNAL.captures(text)) {
            line.pid = prefix.get(1).map(|m| m.as_str());
            line.take_stamp();
            (line.is_timed, line.is_own) = (true, false);
            line.rest = prefix.get(0).and_then(|m| text.get(m.end()..)).unwrap_or_default();
        }
        // A container runtime's stamp may stand before the client's own.
        line.take_stamp();
        line.take_stamp();
        line.take_clock();
        line
    }

    fn take_stamp(&mut self) {
        if let Some((at, rest)) = Stamp::prefix(self.rest.as_bytes()) {
            let used = self.rest.len() - rest.len();
            self.offset_s = self.rest.get(..used).and_then(offset_s);
            self.rest = self.rest.get(used..).unwrap_or_default().trim_start_matches(' ');
            self.at = Some(at);
            (self.is_timed, self.is_own) = (true, true);
        }
    }

    /// `HH:MM:SS` without a date.
    fn take_clock(&mut self) {
        let clock = self.rest.as_bytes().iter().take_while(|b| b.is_ascii_digit() || matches!(b, b':' | b'.')).count();
        if clock >= 8 && self.rest.as_bytes().get(clock) == Some(&b' ') && self.rest.get(2..3) == Some(":") {
            self.rest = self.rest.get(clock + 1..).unwrap_or_default();
            (self.is_timed, self.is_own) = (true, true);
            self.clock_only = self.at.is_none();
        }
    }

    fn is_provider_layer(&self) -> bool {
        self.rest.starts_with(PROVIDER_LAYER)
    }

    /// `[subsystem] message`.
    fn subsystem(&self) -> Option<(&'a str, &'a str)> {
        let rest = self.rest.strip_prefix('[')?;
        let bytes = rest.as_bytes();
        let end = memchr::memchr_iter(b']', bytes).find(|at| bytes.get(at + 1) == Some(&b' '))?;
        let (name, message) = (rest.get(..end)?, rest.get(end + 2..)?);
        let is_name =
            !name.is_empty() && name.len() <= 60 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-_.:".contains(&b));
        is_name.then_some((name, message))
    }
}

impl Reader for Console {
    fn line(&mut self, line: &Line<'_>, facts: &mut Facts<'_>) -> Outcome {
        let text = json::text(line.bytes);
        let text = plain(&text);
        if self.headers.is_next(text.as_bytes()) {
            self.finish(facts);
            *self = Console { headers: self.headers, ..Console::default() };
            return Outcome::Used;
        }
        let printed = Printed::of(&text);
        if printed.at.is_some() || printed.clock_only {
            self.last = printed.at;
        }
        if printed.is_provider_layer() {
            self.end_body(facts);
            let is_behind_raw = self.waiting.is_speaking(printed.pid);
            self.body = Some(Body::new(&printed, self.last, facts.origin(line), is_behind_raw));
            self.more_body(&printed, facts);
            return Outcome::Used;
        }
        let said = printed.subsystem().filter(|_| !self.waiting.is_part_of_answer(printed.is_timed, printed.pid));
        if said.is_some() || printed.is_own {
            self.end_body(facts);
            let told = self.waiting.log(printed.at, printed.is_timed, said);
            self.tell(told, facts);
        }
        match said {
            Some((subsystem, message)) => self.said(&printed, subsystem, message, line, facts),
            None if !printed.is_own && !self.more_body(&printed, facts) => self.waiting.raw(printed.rest, printed.pid),
            None => {}
        }
        Outcome::Used
    }

    fn finish(&mut self, facts: &mut Facts<'_>) {
        self.end_body(facts);
        let told = self.waiting.settle();
        self.tell(told, facts);
        self.gateway.finish(facts);
    }
}

impl Console {
    fn said(&mut self, printed: &Printed<'_>, subsystem: &str, message: &str, line: &Line<'_>, facts: &mut Facts<'_>) {
        let record = Record {
            at: printed.at.or(self.last),
            borrowed: printed.at.is_none(),
            origin: facts.origin(line),
            subsystem: Some(Cow::Borrowed(subsystem)),
            is_error: false,
            text: Cow::Borrowed(message),
            meta: None,
            trace: None,
            session: None,
            pid: printed.pid,
            bytes: line.bytes,
        };
        if let Some(offset_s) = printed.offset_s {
            self.gateway.zone(offset_s, &record, facts);
        }
        self.gateway.hear(&record, facts);
    }

    /// Another line of the body, if one is open in this process; it ends where its braces close.
    fn more_body(&mut self, printed: &Printed<'_>, facts: &mut Facts<'_>) -> bool {
        let Some(body) = self.body.as_mut().filter(|body| body.pid.as_deref() == printed.pid) else { return false };
        body.text.extend(printed.rest.chars().take(MOST_BODY));
        body.text.push('\n');
        body.lines += 1;
        let open = body.text.matches('{').count();
        let closed = body.text.matches('}').count();
        if open <= closed || body.lines >= MOST_BODY_LINES || body.text.len() >= MOST_BODY {
            self.end_body(facts);
        }
        true
    }

    fn end_body(&mut self, facts: &mut Facts<'_>) {
        let Some(Body { origin, at, borrowed, pid, text, is_behind_raw, .. }) = self.body.take() else { return };
        let told = self.waiting.push(Unstamped { origin, at, borrowed, pid, text, is_behind_raw });
        self.tell(told, facts);
    }

    /// Refusals that are the console's own.
    fn tell(&mut self, told: Vec<Unstamped>, facts: &mut Facts<'_>) {
        for refusal in told {
            let record = Record {
                at: refusal.at,
                borrowed: refusal.borrowed,
                origin: refusal.origin,
                subsystem: None,
                is_error: true,
                text: Cow::Borrowed(&refusal.text),
                meta: None,
                trace: None,
                session: None,
                pid: refusal.pid.as_deref(),
                bytes: refusal.text.as_bytes(),
            };
            self.gateway.hear(&record, facts);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of all kinds, and every one of them with each of its characters replaced, left out or doubled.
    fn lines() -> impl Iterator<Item = String> {
        const LINES: [&str; 9] = [
            "May 10 16:50:42 host openclaw[71]: 2026-05-10T16:50:42.261+00:00 [gateway] starting...",
            "May  1 06:15:02.123 host node: [openai-codex] Token refresh failed: 401 {",
            "2026-05-10T16:50:42+0000 host openclaw-gateway[7]: [ws] x",
            "٢٠٢٦-٠٥-١٠Txé host node[٧]: x",
            "2026-05-10T16:50:42.261+00:00 [gateway] agent model: x",
            "16:50:42 [gateway] x: y",
            "[gateway] x",
            "\u{1b}[36m[ws]\u{1b}[39m \u{1b}[2m⇄ res ✓ agent\u{1b}[0m: x",
            "An answer: with words",
        ];
        let changed = |line: &str, at: usize| {
            let (before, rest) = line.split_at_checked(at)?;
            let (here, behind) = rest.split_at_checked(rest.chars().next()?.len_utf8())?;
            let puts = ["", " ", "[", "]", ":", "7", "a", "A", "é", "\u{2003}", "\u{1b}", "  "];
            let with = move |put: &str| format!("{before}{put}{behind}");
            Some(puts.iter().map(|put| with(put)).chain([with(&here.repeat(2)), before.to_owned()]).collect::<Vec<_>>())
        };
        LINES.into_iter().flat_map(move |line| (0..=line.len()).filter_map(move |at| changed(line, at)).flatten())
    }

    #[test]
    fn what_the_looks_rule_out_is_none() {
        let (mut journals, mut coloured) = (0, 0);
        for line in lines() {
            journals += usize::from(JOURNAL.is_match(&line));
            coloured += usize::from(COLOUR.is_match(&line));
            assert!(may_be_journal(&line) || !JOURNAL.is_match(&line), "{line}");
            assert_eq!(plain(&line), COLOUR.replace_all(&line, ""), "{line}");
            let slow = line.strip_prefix('[').and_then(|rest| rest.split_once("] "));
            let is_name = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-_.:".contains(&b));
            let fast = Printed { rest: &line, ..Printed::of("") }.subsystem();
            assert_eq!(fast, slow.filter(|(name, _)| is_name(name) && name.len() <= 60), "{line}");
        }
        assert!(journals > 1000 && coloured > 100, "{journals} {coloured}");
    }
}
