//! Log records put together and understood, wherever they stand: in log files and in the log
//! sections of a pasted bug report.
//!
//! A record may go on over several lines (tracebacks, HTML error bodies); it is held until the
//! next one begins. What it states is told by [`Says`]; turns are followed by [`Turns`], turns
//! that failed before they began by [`Lookups`] (in the gateway) and [`Startups`] (on the command
//! line). The rest is stated here, record by record. What is quoted in a record is told by [`Order`].
//! The same record stands in up to three files with the same time, so equal facts meet again.
//!
//! Records about a pool do not name its provider, and Hermes keeps pools for others too. They
//! count for the Codex login unless the turn they belong to, or else the latest provider the log
//! names, is another one.

use super::clocks::Clocks;
use super::lookups::Lookups;
use super::order::{Kept, Order};
use super::record::{Record, field};
use super::says::{Says, in_parentheses};
use super::startups::Startups;
use super::turns::{Asked, Mark, Turns};
use super::words::{
    self, REFRESH_REFUSED, attempt, benched, codex_complaint, credential_error, failure_of, names_codex, provider_in,
};
use crate::classify::{self, Endpoint};
use crate::event::{
    Client, ErrorClass, EventKind, Failure, FallbackStep, Level, Model, Origin, Phase, Provider, SkipReason, StoreTrouble,
    TransportFailure, TroubleKind,
};
use crate::reader::joined::{self, Headers};
use crate::reader::{Facts, Outcome, json};
use crate::secret::Kind;
use crate::source::Line;
use crate::time::Stamp;

/// Longest text of one record that is kept.
const LONGEST: usize = 16 << 10;
/// Records of an empty pool this near to the last one stated are one burst.
const BURST_MS: i64 = 60_000;
/// Most compactions that are followed at once.
const MOST_COMPACTING: usize = 32;

/// Reads records line by line.
#[derive(Default)]
pub(super) struct Journal {
    held: Option<Held>,
    /// The texts of one that was, to be used again.
    spare: (String, String),
    turns: Turns,
    lookups: Lookups,
    startups: Startups,
    /// The latest provider that a record named.
    provider: Option<Provider>,
    newest: Option<i64>,
    /// Time of the record before.
    before: Option<i64>,
    none_left: Option<i64>,
    clocks: Clocks,
    /// Sessions whose compaction began.
    compacting: Vec<String>,
    order: Order,
    headers: Headers,
}

/// A record that is not complete yet.
struct Held {
    says: Says,
    at: Stamp,
    origin: Origin,
    /// Session tag; empty where there is none.
    tag: String,
    text: String,
    /// Length of the first line in `text`.
    first: usize,
    /// The first line has no end: it may be cut.
    torn: bool,
}

impl Journal {
    /// Reads one log as Hermes kept it, or else text that may be several of them, put together.
    pub(super) fn new(is_kept: bool) -> Journal {
        Journal { order: Order::new(is_kept), ..Journal::default() }
    }

    /// Takes the next line.
    pub(super) fn line(&mut self, line: &Line<'_>, facts: &mut Facts<'_>) -> Outcome {
        let text = json::text(line.bytes);
        let record = Record::parse(&text);
        if record.is_none() && !line.bytes.is_empty() && line.bytes.iter().all(|&b| b == 0) {
            return Outcome::Skipped(SkipReason::NulPadding);
        }
        if record.is_none() && line.torn && is_cut_record(&text) {
            return Outcome::Skipped(SkipReason::TornTail);
        }
        if self.begins_file(line.bytes) {
            self.finish(facts);
            *self = Journal { headers: self.headers, ..Journal::new(true) };
            return Outcome::Used;
        }
        let next = self.order.next(line, record.as_ref());
        self.replay(&next.own, facts);
        match record.filter(|_| !next.waits) {
            Some(record) => self.take(&record, line, facts),
            None if next.waits => {}
            None => self.more(&text),
        }
        Outcome::Used
    }

    /// Does another file follow? A header behind a record that carries nothing is no quote, either.
    fn begins_file(&mut self, line: &[u8]) -> bool {
        self.headers.is_next(line) || (self.order.is_bare() && joined::is_header(line))
    }

    /// Lines that waited for what follows them, and are the log's own.
    fn replay(&mut self, waited: &[Kept], facts: &mut Facts<'_>) {
        for kept in waited {
            let line = kept.line();
            let text = json::text(line.bytes);
            match Record::parse(&text) {
                Some(record) => self.take(&record, &line, facts),
                None => self.more(&text),
            }
        }
    }

    /// Takes a record that is the log's own, and begins on `line`.
    fn take(&mut self, record: &Record<'_>, line: &Line<'_>, facts: &mut Facts<'_>) {
        self.flush(facts);
        self.newest = self.newest.max(Some(record.at.ms));
        let before = self.before.replace(record.at.ms);
        self.clocks.followed(before, record.at, facts.origin(line), facts);
        let said = record.said;
        if let Some(tag) = record.tag.filter(|_| !matches!(said, Some((Says::TurnOpened, _)))) {
            self.turns.seen(tag, record.at);
        }
        match said {
            _ if record.logger == "aiohttp.access" => self.clocks.access(record, facts.origin(line), facts),
            Some((says, _)) if says.needs_error() && !record.is_error => {}
            Some((says, message)) => {
                let (mut text, mut tag) = std::mem::take(&mut self.spare);
                text.push_str(cut(message, LONGEST));
                tag.push_str(record.tag.unwrap_or_default());
                let (first, origin) = (text.len(), facts.origin(line));
                self.held = Some(Held { says, at: record.at, origin, tag, first, text, torn: line.torn });
            }
            None => {}
        }
    }

    /// The records are at their end.
    pub(super) fn finish(&mut self, facts: &mut Facts<'_>) {
        let waited = self.order.finish();
        self.replay(&waited, facts);
        facts.set_aside(self.order.quoted());
        self.flush(facts);
        self.turns.finish(self.newest.unwrap_or(i64::MIN), facts);
        self.startups.finish(facts);
    }

    /// A line that starts no record.
    fn more(&mut self, text: &str) {
        if let Some(held) = self.held.as_mut().filter(|held| held.text.len() + text.len() < LONGEST) {
            held.text.push('\n');
            held.text.push_str(text);
        }
    }

    fn flush(&mut self, facts: &mut Facts<'_>) {
        if self.held.is_some()
            && let Some(mut held) = self.held.take()
        {
            self.record(&held, facts);
            held.text.clear();
            held.tag.clear();
            self.spare = (held.text, held.tag);
        }
    }

    fn record(&mut self, held: &Held, facts: &mut Facts<'_>) {
        let mark = Mark { at: held.at, origin: held.origin, tag: Some(held.tag.as_str()).filter(|tag| !tag.is_empty()) };
        let message = held.text.get(..held.first).unwrap_or("");
        let provider = self.note_provider(held.says, message);
        if held.says.is_running() {
            self.startups.lived();
        }
        match held.says {
            Says::TurnOpened | Says::TurnEnded | Says::CallFailed | Says::AnswersSpent | Says::ContextSpent | Says::AgentError => {
                self.turn(held, message, mark, facts);
            }
            Says::Answered | Says::Attempt | Says::BadAnswer | Says::StreamDrop => {
                self.call(held.says, (message, provider), mark, facts);
            }
            Says::Inbound | Says::ResponseReady | Says::PrimaryRefused | Says::PrimaryLimited => {
                self.gateway(held.says, message, mark, facts);
            }
            Says::FallbackTaken | Says::FallbackFailed | Says::FallbackResolved => self.fallback(held.says, message, mark, facts),
            Says::Compacting | Says::Compacted => self.compaction(held.says, message, mark.tag),
            Says::Started => {
                if message.starts_with("Starting Hermes Gateway") {
                    self.turns.restarted(facts);
                }
                facts.push(Some(mark.at), mark.origin, EventKind::Started { version: None });
            }
            Says::SnapshotTaken => self.clocks.snapshot(message, mark.at, mark.origin, facts),
            Says::ClientMade => {}
            Says::Loaded => self.startups.loaded(mark.at, facts),
            pool if pool.is_about_pool() && !self.is_codex(mark.tag) => {}
            _ => self.credential(held.says, message, mark, facts),
        }
    }

    /// Records that open or end a turn.
    fn turn(&mut self, held: &Held, message: &str, mark: Mark<'_>, facts: &mut Facts<'_>) {
        // An error text may hold any words; who was asked stands behind it, if anywhere.
        let fields = if held.says.needs_error() { message.rsplit_once(" | ").map_or("", |(_, fields)| fields) } else { message };
        let asked = self.asked(fields, facts);
        match held.says {
            Says::TurnOpened => {
                let (session, platform) = (field(message, "session").unwrap_or("none"), field(message, "platform").unwrap_or(""));
                self.turns.opened(session, platform, asked, mark, facts);
            }
            Says::TurnEnded => {
                let session = message.rsplit_once(" session=").and_then(|(_, rest)| rest.split_whitespace().next());
                let reason = message.split_once("reason=").map_or("", |(_, reason)| reason);
                if !held.torn || self.turns.provider(session).is_some() {
                    self.turns.ended(session.unwrap_or("none"), reason, asked, mark, facts);
                }
            }
            Says::CallFailed => {
                let failure = failure_of(message.split(" | provider=").next().unwrap_or(message), &held.text);
                self.turns.failed(failure, asked, mark, message, facts);
            }
            Says::ContextSpent => {
                let failure = Failure { class: ErrorClass::ContextLength, level: Level::Sentence };
                self.turns.failed(Some(failure), asked, mark, message, facts);
            }
            Says::AgentError => {
                let error = held.text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("");
                let failure = classify::error(Endpoint::Unknown, error, None);
                let asked = Asked { provider: provider_in(error), model: None };
                self.turns.crashed(message, failure, asked, mark, error, facts);
            }
            _ => self.turns.failed(None, asked, mark, message, facts),
        }
    }

    /// Records of single model calls.
    fn call(&mut self, says: Says, (message, provider): (&str, Option<Provider>), mark: Mark<'_>, facts: &mut Facts<'_>) {
        let codex = provider == Some(Provider::OpenaiCodex);
        let asked = || provider.map(|provider| Asked { provider, model: asked_model(message, facts) });
        match says {
            Says::Answered => {
                self.turns.answered(mark.tag);
                if codex {
                    let session = mark.tag.map(|tag| facts.key(Kind::Session, tag));
                    facts.worked(Some(mark.at), mark.origin, session);
                }
            }
            Says::BadAnswer => self.turns.troubled(asked(), classify::error(Endpoint::Resource, message, None), mark),
            _ => {
                let failure = attempt(message);
                self.turns.troubled(asked(), failure, mark);
                if codex && failure.class.is_transport() {
                    let phase = match failure.class {
                        ErrorClass::Connect => Phase::BeforeStream,
                        ErrorClass::StreamCut => Phase::AfterStream,
                        _ => Phase::Unknown,
                    };
                    let transport = TransportFailure { failure, phase, fell_back: false, at: None };
                    facts.push_said(Some(mark.at), mark.origin, EventKind::Transport(transport), message);
                }
            }
        }
    }

    /// Records of the gateway around its turns.
    fn gateway(&mut self, says: Says, message: &str, mark: Mark<'_>, facts: &mut Facts<'_>) {
        match says {
            Says::Inbound => self.lookups.inbound(message, mark.at),
            Says::ResponseReady => self.lookups.ready(message, mark.at, mark.origin, facts),
            _ => {
                let reason = message.split_once(": ").map_or("", |(_, reason)| reason);
                let reason = reason.strip_suffix(" — trying fallback").unwrap_or(reason);
                let failure = credential_error(reason);
                self.lookups.refused(mark.at, failure, provider_in(reason), reason);
                // A file that could not be written is named by its place, and not whose login it holds.
                let not_stored = failure.class == ErrorClass::RefreshNotStored;
                if not_stored || (failure.class.is_refresh() && names_codex(reason)) {
                    // The tag is that of an earlier turn of the thread, or of a session that is none of this log's.
                    let strange = mark.tag.filter(|tag| self.order.is_strange(tag));
                    let session = strange.map(|tag| facts.key(Kind::Session, tag));
                    let refused = EventKind::Refused { failure, account: None, process: None, session, agent: None };
                    facts.push_said(Some(mark.at), mark.origin, refused, reason);
                }
            }
        }
    }

    fn fallback(&mut self, says: Says, message: &str, mark: Mark<'_>, facts: &mut Facts<'_>) {
        match says {
            Says::FallbackResolved => self.lookups.stepped_in(),
            // `Fallback activated: <model> → <model> (<provider>)`
            Says::FallbackTaken => self.turns.fell_back(mark.tag, Some(words::provider(in_parentheses(message)))),
            _ => self.turns.fell_back(mark.tag, None),
        }
        // In the gateway the tag is that of an earlier turn.
        let session = mark.tag.filter(|_| says != Says::FallbackResolved).map(|tag| facts.key(Kind::Session, tag));
        let step = FallbackStep {
            run: None,
            session,
            configured: Some(true),
            answered: false,
            exhausted: false,
            passed_over: false,
            unclassed: false,
        };
        facts.push(Some(mark.at), mark.origin, EventKind::Fallback(step));
    }

    /// Records about the Codex credentials.
    fn credential(&mut self, says: Says, message: &str, mark: Mark<'_>, facts: &mut Facts<'_>) {
        let session = mark.tag.map(|tag| facts.key(Kind::Session, tag));
        let refused = |failure| EventKind::Refused { failure, account: None, process: None, session, agent: None };
        let trouble = |kind, failure| EventKind::Trouble(StoreTrouble { kind, section: None, failure, until: None });
        let kind = match says {
            Says::PoolRefreshed => {
                // A refresh of the pool in the midst of a turn answers a 401 of a model call.
                let failure = Failure { class: ErrorClass::Unauthorized, level: Level::Status };
                let call = TransportFailure { failure, phase: Phase::BeforeStream, fell_back: false, at: None };
                facts.push(Some(mark.at), mark.origin, EventKind::Transport(call));
                EventKind::Refreshed { account: None, process: None }
            }
            Says::RefreshInVain => {
                trouble(TroubleKind::Noted, Some(Failure { class: ErrorClass::Unauthorized, level: Level::Status }))
            }
            Says::RefreshFailed => refused(REFRESH_REFUSED),
            Says::RefreshError => codex_complaint(message.split_once(": ").map_or("", |(_, reason)| reason)),
            Says::GrantDead => {
                let code = classify::code(Endpoint::Token, message.split(';').next().map_or("", in_parentheses));
                refused(code.unwrap_or(REFRESH_REFUSED))
            }
            Says::Benched => trouble(TroubleKind::Exhausted, benched(message)),
            Says::MarkedDead => trouble(TroubleKind::Dead, benched(message)),
            Says::NoneLeft => {
                self.startups.none_left(mark.at, mark.origin);
                if self.none_left.is_some_and(|last| (0..=BURST_MS).contains(&mark.at.ms.saturating_sub(last))) {
                    return;
                }
                self.none_left = Some(mark.at.ms);
                trouble(TroubleKind::NoneLeft, None)
            }
            Says::Recovered => {
                let reason = in_parentheses(message.split("auth.json").nth(1).unwrap_or(""));
                EventKind::Adopted {
                    from: Client::Codex,
                    cause: classify::code(Endpoint::Token, reason).map(|failure| failure.class),
                }
            }
            Says::Imported => EventKind::Adopted { from: Client::Codex, cause: None },
            Says::FoundRotated => EventKind::FoundRotated,
            _ => return,
        };
        facts.push_said(Some(mark.at), mark.origin, kind, message);
    }

    /// Compaction may end under a new session id. Several may run at once; the new id is joined to
    /// the old one only where it is clear which that was.
    fn compaction(&mut self, says: Says, message: &str, tag: Option<&str>) {
        let Some(session) = field(message, "session") else { return };
        if says == Says::Compacting {
            if self.compacting.len() >= MOST_COMPACTING {
                self.compacting.remove(0);
            }
            self.compacting.push(session.to_owned());
            return;
        }
        let place_of = |wanted: &str| self.compacting.iter().position(|running| running == wanted);
        let lone = (self.compacting.len() == 1).then_some(0);
        if let Some(place) = place_of(session).or_else(|| tag.and_then(place_of)).or(lone) {
            let from = self.compacting.remove(place);
            self.turns.renamed(&from, session);
        }
    }

    /// The provider that a record of a model call names. That of an opened turn, a new client, an answer or an attempt is
    /// remembered. Auxiliary calls do not come through here.
    fn note_provider(&mut self, says: Says, message: &str) -> Option<Provider> {
        let notes = matches!(says, Says::TurnOpened | Says::ClientMade | Says::Answered | Says::Attempt);
        let is_asked_for = notes || matches!(says, Says::BadAnswer | Says::StreamDrop);
        let provider = if is_asked_for { field(message, "provider").map(words::provider) } else { None };
        self.provider = provider.filter(|_| notes).or(self.provider);
        provider
    }

    /// Who was asked: as the record says, else as the log said last.
    fn asked(&self, message: &str, facts: &Facts<'_>) -> Asked {
        let provider = field(message, "provider").map(words::provider).or(self.provider).unwrap_or(Provider::Unknown);
        Asked { provider, model: asked_model(message, facts) }
    }

    /// May a record about a pool be about the Codex login?
    fn is_codex(&self, tag: Option<&str>) -> bool {
        let provider = self.turns.provider(tag).or(self.provider);
        matches!(provider, None | Some(Provider::OpenaiCodex | Provider::Unknown))
    }
}

/// The model that a record names.
fn asked_model(message: &str, facts: &Facts<'_>) -> Option<Model> {
    field(message, "model").and_then(|name| facts.model(name))
}

/// The beginning of a record, cut before its message.
fn is_cut_record(text: &str) -> bool {
    let shape = "0000-00-00 00:00:00,000 ";
    let fits = |(c, want): (u8, u8)| if want == b'0' { c.is_ascii_digit() } else { c == want };
    !text.is_empty() && text.len() < 80 && text.bytes().zip(shape.bytes()).all(fits)
}

/// At most `most` bytes of `text`, at a character boundary.
fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    text.get(..end).unwrap_or("")
}
