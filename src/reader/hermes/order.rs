//! Which records are the log's own, and which are quoted in one of them.
//!
//! Chat messages, tracebacks and what tools printed are logged as they are, with their line ends, and may hold
//! lines of any log. A log itself moves forward: what lies behind the record that it follows, or ahead of it with
//! the log turning back after it, was written at another time, into that record. Yet clocks are set, and daylight
//! saving ends; threads write a moment out of turn. So a row of records is taken for a quote only where it
//!
//! - follows a record that can carry one: a chat message, a record that goes on over more lines, or a warning
//!   in words of no known form (`Tool terminal returned error: …`), unless it is about the program itself,
//! - is short, and the log goes on from where that record stood,
//! - and names no session that the log knows: what is told of those is the log's own story, also where it is
//!   told twice. Behind a warning of one line, it has to name others, whose turns began elsewhere.
//!
//! A refusal of the gateway answers a message that came in, and a log that opens turns holds those messages: a row
//! with such a refusal and no message is quoted also where it names no session, and where it is the last thing in the
//! log. But in a text that somebody may have put together (`cat errors.log*`), the last thing behind a record of one line
//! is an older log: nothing shows that the newer one went on from that record.
//!
//! Else it counts: a failure that is lost is worse than a quoted one.

use super::clocks::digits_time;
use super::record::{Record, field};
use super::says::Says;
use crate::source::Line;
use std::collections::BTreeMap;

/// Records of several threads, and of several processes, are out of turn by no more.
const SLACK_MS: i64 = 5_000;
/// The end of daylight saving puts the clock back by an hour.
const HOUR_MS: std::ops::RangeInclusive<i64> = 3_540_000..=3_660_000;
/// Most lines of one quote.
const MOST_LINES: usize = 64;
/// Most bytes of one quote.
const MOST_BYTES: usize = 64 << 10;
/// These warn of the program's own life and setting only: `Shutdown context: …`, `check_fn … returned False`, `No user
/// allowlists configured …` (0.13 to 0.19).
const ROUTINE: [&str; 3] = ["gateway.run", "tools.registry", "hermes.security_audit"];
/// Most sessions that are remembered.
const MOST_SESSIONS: usize = 16_384;

/// A line that waits for what follows it.
#[derive(Debug)]
pub(super) struct Kept {
    number: u64,
    byte: u64,
    bytes: Vec<u8>,
    torn: bool,
}

impl Kept {
    fn of(line: &Line<'_>) -> Kept {
        Kept { number: line.number, byte: line.byte, bytes: line.bytes.to_vec(), torn: line.torn }
    }

    /// The line as it was.
    pub(super) fn line(&self) -> Line<'_> {
        Line { number: self.number, byte: self.byte, bytes: &self.bytes, torn: self.torn }
    }
}

/// What a record can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Carries {
    /// Nothing: its form is known, and is one line.
    Nothing,
    /// Words of its own, or of others.
    Words,
    /// It goes on over more lines.
    Lines,
    /// What people wrote to each other.
    Chat,
}

/// The latest record of the log itself.
#[derive(Clone, Copy, Debug)]
struct Latest {
    at: i64,
    carries: Carries,
}

/// Records that may be quoted in the latest one.
#[derive(Debug)]
struct Row {
    first: i64,
    ahead: bool,
    lines: Vec<Kept>,
    bytes: usize,
    /// What its last record can carry.
    last: Carries,
    /// It names sessions.
    named: bool,
    /// It names one that the log knows.
    known: bool,
    /// A turn begins in it.
    opens: bool,
    /// The gateway is refused in it,
    refused: bool,
    /// and was asked for something.
    asked: bool,
}

/// What is to be done when a line comes.
#[derive(Debug, Default)]
pub(super) struct Next {
    /// Lines that have waited and are the log's own: they come first.
    pub(super) own: Vec<Kept>,
    /// The line itself waits, or is among those; else it is the log's own, too.
    pub(super) waits: bool,
}

/// Follows the order of the records of one log.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// The log is one file, as Hermes kept it.
    is_kept: bool,
    latest: Option<Latest>,
    row: Option<Row>,
    /// A turn was opened in the log.
    has_openings: bool,
    /// Time of the first record.
    since: Option<i64>,
    /// Sessions that own records name, and whether a turn of each was opened.
    sessions: BTreeMap<String, bool>,
    /// The one that was noted last: a record names mostly the session of the record before.
    noted: String,
    /// Lines that were taken for quotes.
    quoted: u64,
}

impl Order {
    /// Follows one log as Hermes kept it, or else text that may be several of them, put together.
    pub(super) fn new(is_kept: bool) -> Order {
        Order { is_kept, ..Order::default() }
    }

    /// The next line, and the record that begins on it, if one does.
    pub(super) fn next(&mut self, line: &Line<'_>, record: Option<&Record<'_>>) -> Next {
        let Some(record) = record else { return self.more(line) };
        let mut own = match self.row.take() {
            Some(row) if self.is_within(&row, record) => return self.wait(row, line, record),
            Some(row) => self.settle(row, Some(record.at.ms)),
            None => Vec::new(),
        };
        if let Some(row) = self.begins(record) {
            let next = self.wait(row, line, record);
            own.extend(next.own);
            return Next { own, ..next };
        }
        self.note(record);
        Next { own, waits: false }
    }

    /// Has this session opened no turn in the log so far, though it was made while the log was being written, by
    /// the time in its id? Else a tag may be that of an earlier turn of its thread. A log of warnings alone
    /// (`errors.log`) opens none, and cannot tell.
    pub(super) fn is_strange(&self, session: &str) -> bool {
        let made = digits_time(session, b'_').map(|at| at.ms);
        let here = made.zip(self.since).is_some_and(|(made, since)| made >= since);
        let opened = self.sessions.get(session).copied().unwrap_or(false);
        !opened && (here || !self.has_openings)
    }

    /// Can nothing that stands here be a quote, since the latest record carries none?
    pub(super) fn is_bare(&self) -> bool {
        self.row.is_none() && self.latest.is_some_and(|latest| latest.carries == Carries::Nothing)
    }

    /// How many lines were taken for quotes.
    pub(super) fn quoted(&self) -> u64 {
        self.quoted
    }

    /// The log is at its end: those of the lines that wait which are its own. A quote of an older log may be the
    /// last thing in it.
    pub(super) fn finish(&mut self) -> Vec<Kept> {
        self.row.take().map_or_else(Vec::new, |row| self.settle(row, None))
    }

    fn more(&mut self, line: &Line<'_>) -> Next {
        let goes_on = |carries: Carries| carries.max(if line.bytes.is_empty() { Carries::Nothing } else { Carries::Lines });
        if let Some(mut row) = self.row.take() {
            row.last = goes_on(row.last);
            row.push(line);
            return self.keep(row);
        }
        if let Some(latest) = &mut self.latest {
            latest.carries = goes_on(latest.carries);
        }
        Next::default()
    }

    /// May a quote begin with this record?
    fn begins(&self, record: &Record<'_>) -> Option<Row> {
        let latest = self.latest?;
        let back = latest.at.saturating_sub(record.at.ms);
        let behind = back > SLACK_MS && !HOUR_MS.contains(&back) && latest.carries >= Carries::Words;
        let ahead = back < -SLACK_MS && latest.carries >= Carries::Lines;
        (behind || ahead).then(|| Row::new(record.at.ms, ahead))
    }

    /// Does a row go on with this record? One that lies behind ends where the log is back at the record that it
    /// follows; one that lies ahead where the log turns back, or where another record that can carry a quote
    /// ends it.
    fn is_within(&self, row: &Row, record: &Record<'_>) -> bool {
        let from = self.latest.map_or(i64::MIN, |latest| latest.at).saturating_sub(SLACK_MS);
        match row.ahead {
            true => record.at.ms >= row.first.saturating_sub(SLACK_MS) && row.last < Carries::Lines,
            false => record.at.ms < from,
        }
    }

    fn wait(&mut self, mut row: Row, line: &Line<'_>, record: &Record<'_>) -> Next {
        row.push(line);
        row.last = carries(record);
        for session in sessions(record) {
            row.named = true;
            row.known |= self.sessions.contains_key(session);
        }
        let says = record.said.map(|(says, _)| says);
        row.opens |= says == Some(Says::TurnOpened);
        row.refused |= says == Some(Says::PrimaryRefused);
        row.asked |= matches!(says, Some(Says::TurnOpened | Says::Inbound));
        self.keep(row)
    }

    /// A row waits on, unless it is too long for a quote.
    fn keep(&mut self, row: Row) -> Next {
        if row.is_full() {
            return Next { own: self.settle(row, None), waits: true };
        }
        self.row = Some(row);
        Next { own: Vec::new(), waits: true }
    }

    /// A row is at its end, and the log goes on at `then`: its lines, unless they are quoted.
    fn settle(&mut self, row: Row, then: Option<i64>) -> Vec<Kept> {
        let Some(latest) = self.latest else { return row.lines };
        let after = |at: i64| at >= latest.at.saturating_sub(SLACK_MS);
        let strange = row.named && !row.opens;
        let carried = latest.carries >= Carries::Lines || latest.carries == Carries::Words && strange;
        let lasts = self.is_kept || latest.carries >= Carries::Lines;
        let unasked = row.refused && !row.asked && self.has_openings;
        let quoted = match (row.ahead, then) {
            (true, Some(at)) => {
                let back = after(at) && at < row.first.saturating_sub(SLACK_MS);
                back && (row.named || unasked) && row.last < Carries::Lines
            }
            (false, Some(at)) => after(at),
            (false, None) => (latest.carries == Carries::Chat || strange || unasked) && lasts && !row.is_full(),
            (true, None) => false,
        };
        let quoted = quoted && carried && !row.known;
        if quoted {
            self.quoted += row.lines.len() as u64;
            return Vec::new();
        }
        for kept in &row.lines {
            let text = String::from_utf8_lossy(&kept.bytes);
            if let Some(record) = Record::parse(&text) {
                self.note(&record);
            }
        }
        if let (Some(latest), true) = (&mut self.latest, row.last >= Carries::Lines) {
            latest.carries = row.last;
        }
        row.lines
    }

    /// A record of the log itself.
    fn note(&mut self, record: &Record<'_>) {
        let opens = is_opening(record);
        self.has_openings |= opens;
        for session in sessions(record) {
            if !opens && self.noted == session {
                continue;
            }
            self.noted.clear();
            self.noted.push_str(session);
            match self.sessions.get_mut(session) {
                Some(opened) => *opened |= opens,
                None => {
                    if self.sessions.len() >= MOST_SESSIONS {
                        self.sessions.clear();
                    }
                    self.sessions.insert(session.to_owned(), opens);
                }
            }
        }
        self.since = self.since.or(Some(record.at.ms));
        self.latest = Some(Latest { at: record.at.ms, carries: carries(record) });
    }
}

impl Row {
    fn new(first: i64, ahead: bool) -> Row {
        Row {
            first,
            ahead,
            lines: Vec::new(),
            bytes: 0,
            last: Carries::Nothing,
            named: false,
            known: false,
            opens: false,
            refused: false,
            asked: false,
        }
    }

    fn push(&mut self, line: &Line<'_>) {
        self.bytes = self.bytes.saturating_add(line.bytes.len());
        self.lines.push(Kept::of(line));
    }

    fn is_full(&self) -> bool {
        self.lines.len() >= MOST_LINES || self.bytes >= MOST_BYTES
    }
}

fn is_opening(record: &Record<'_>) -> bool {
    matches!(record.said, Some((Says::TurnOpened, _)))
}

fn carries(record: &Record<'_>) -> Carries {
    match () {
        // How long an answer is, and for whom: one line, and nothing of the answer.
        () if record.message.ends_with(|c: char| c.is_ascii_digit()) && record.message.contains("] Sending response (") => {
            Carries::Nothing
        }
        () if record.logger.starts_with("gateway.platforms") => Carries::Chat,
        () if ROUTINE.contains(&record.logger) && !record.is_error => Carries::Nothing,
        () if record.is_notable && record.said.is_none() => Carries::Words,
        () => Carries::Nothing,
    }
}

/// Sessions that a record names: its tag, and the one whose turn begins or ends.
fn sessions<'a>(record: &Record<'a>) -> impl Iterator<Item = &'a str> {
    let own = match record.said {
        Some((Says::TurnOpened | Says::TurnEnded, message)) => field(message, "session"),
        _ => None,
    };
    record.tag.into_iter().chain(own)
}
