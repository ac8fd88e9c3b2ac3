//! Codex rollouts (`sessions/YYYY/MM/DD/rollout-*.jsonl`): one turn per request, of every era.
//!
//! A line is `{timestamp, type, payload}`, in UTC; file and folder names are in local time and
//! are not read. `session_meta` names the writer, the provider and (0.169) the account;
//! `event_msg` lines begin and end turns ([`turn`] has the eras); `response_item` lines show that
//! the model answered. A resumed session goes on in the same file without a new meta line. What
//! a fork copied is told apart by the rules of [`copied`].
//!
//! Files of mid 2025 open with a bare meta object and hold bare items without times; they are
//! recognised and state nothing.
//!
//! What a line says by itself ([`said`]) is apart from what it means behind those before it, so that
//! lines of a big file are read by several threads.

mod copied;
mod events;
mod peek;
mod said;
#[cfg(test)]
mod tests;
mod turn;

use super::ident;
use crate::event::{EventKind, Model, Origin, Provider, Stop};
use crate::reader::json::{self, Members};
use crate::reader::{Context, Facts, Outcome, Part, Reader, Sniff};
use crate::secret::Key;
use crate::source::{Head, Line};
use crate::time::Stamp;
use copied::{Burst, Held};
use said::{Item, Meta, Said, What};
use std::any::Any;
use turn::{End, Open};

/// Types of line that Codex up to 0.169 writes.
const KINDS: [&str; 9] = [
    "session_meta",
    "turn_context",
    "response_item",
    "event_msg",
    "compacted",
    "world_state",
    "token_usage_record",
    "inter_agent_communication",
    "inter_agent_communication_metadata",
];

/// Recognised by the types of its first lines; the oldest form only maybe.
pub(super) fn sniff(head: &Head<'_>) -> Sniff {
    if head.bytes.trim_ascii_start().first() != Some(&b'{') {
        return Sniff::No;
    }
    for line in head.lines().filter(|l| !l.trim_ascii().is_empty()).take(4) {
        let text = json::text(line);
        let Some(found) = peek::peek_start(line, &text) else { continue };
        if found.stamp.is_some() && KINDS.contains(&&*found.kind) {
            return Sniff::Yes;
        }
        if found.kind.is_empty() && is_bare_meta(line) {
            return Sniff::Maybe;
        }
    }
    Sniff::No
}

/// The first line of mid 2025: `{"id":…,"timestamp":…,"instructions":…}`, without a type.
fn is_bare_meta(line: &[u8]) -> bool {
    let text = json::text(line);
    let Ok(meta) = Members::of(&text, &["id", "timestamp", "instructions", "git"]) else { return false };
    let has_rest = meta.raw("git").is_some() || text.contains("\"instructions\"");
    has_rest && meta.text("id").is_some_and(|id| ident::is_uuid(&id)) && meta.text("timestamp").is_some()
}

/// Makes the reader.
pub(super) fn open(_: &Context<'_>) -> Box<dyn Reader> {
    Box::new(Rollout::default())
}

/// What the meta line says of the session.
#[derive(Debug)]
struct Session {
    id: Option<String>,
    parent: Option<String>,
    made: Option<Stamp>,
    provider: Provider,
    model: Option<Model>,
    account: Option<Key>,
}

impl Default for Session {
    fn default() -> Session {
        Session { id: None, parent: None, made: None, provider: Provider::Unknown, model: None, account: None }
    }
}

/// Reads one rollout.
#[derive(Debug, Default)]
struct Rollout {
    session: Session,
    has_meta: bool,
    /// The file has lines that begin turns (era B and later).
    tasked: bool,
    burst: Burst,
    open: Option<Open>,
    /// User messages of era A so far: part of the key that stands for a turn id.
    asked: u64,
}

impl Reader for Rollout {
    fn line(&mut self, line: &Line<'_>, facts: &mut Facts<'_>) -> Outcome {
        // A message of a user is known by its record where nothing else names it.
        let is_nameless = !self.tasked && self.session.id.is_none();
        let (outcome, said) = said::read(line, is_nameless, facts);
        if let Some(said) = said {
            self.hear(said, facts);
        }
        outcome
    }

    fn finish(&mut self, facts: &mut Facts<'_>) {
        self.close(facts);
        self.end_burst(facts);
    }

    fn part(&self) -> Option<Box<dyn Part>> {
        Some(Box::new(Lines(Vec::new())))
    }

    fn join(&mut self, part: Box<dyn Any + Send>, before: u64, facts: &mut Facts<'_>) {
        let Ok(lines) = part.downcast::<Vec<Said>>() else { return };
        for mut said in *lines {
            said.origin.line += before;
            self.hear(said, facts);
        }
    }
}

/// Lines of a rollout, read apart from those before them.
struct Lines(Vec<Said>);

impl Part for Lines {
    fn line(&mut self, line: &Line<'_>, facts: &Facts<'_>) -> Outcome {
        let (outcome, said) = said::read(line, true, facts);
        self.0.extend(said);
        outcome
    }

    fn done(self: Box<Self>) -> Box<dyn Any + Send> {
        Box::new(self.0)
    }
}

impl Rollout {
    /// Take what the next line says.
    fn hear(&mut self, said: Said, facts: &mut Facts<'_>) {
        let Said { at, origin, what } = said;
        if let What::Damaged = what {
            if let Some(open) = &mut self.open {
                open.damaged = true;
            }
            return;
        }
        if self.burst.line(at) {
            self.end_burst(facts);
        }
        match what {
            What::Meta(meta) => self.meta(*meta, at, origin, facts),
            What::Context { model, id } => self.context(model, id),
            What::Item(item) => self.item(item, at),
            What::Event(event) => self.event(event, at, origin, facts),
            What::Compacted => self.saw_compaction(at),
            What::Nothing | What::Damaged => {}
        }
    }

    fn meta(&mut self, meta: Meta, at: Option<Stamp>, origin: Origin, facts: &mut Facts<'_>) {
        let Meta { id, parent, stated, provider, account, client, version } = meta;
        if self.has_meta {
            // The same id again is an update of the session's own meta.
            if id.is_some() && id != self.session.id {
                self.burst.mark();
                self.session.parent = self.session.parent.take().or(id);
            }
            return;
        }
        self.has_meta = true;
        if parent.is_some() {
            self.burst.mark();
        }
        let stated = stated.or(at);
        let made = id.as_deref().and_then(ident::made_at).or(stated);
        self.session = Session { id, parent, made, provider, account, model: self.session.model.take() };
        facts.push(stated, origin, EventKind::WrittenBy { client, version });
    }

    fn context(&mut self, model: Option<Model>, id: Option<String>) {
        if let Some(open) = &mut self.open {
            open.asked = true;
            open.model = model.clone().or(open.model.take());
            // Late builds of era A name the turn here and nowhere else.
            if let (None, Some(id)) = (&open.id, id) {
                let made = ident::made_at(&id);
                if copied::is_foreign(made, self.session.made) {
                    (open.copied, open.started, open.last) = (true, made, made);
                }
                open.id = Some(id);
            }
        }
        self.session.model = model.or(self.session.model.take());
    }

    fn item(&mut self, item: Item, at: Option<Stamp>) {
        let Some(open) = &mut self.open else { return };
        match item {
            Item::Output { is_answer } => open.saw_output(is_answer, at),
            Item::Compaction => open.compacted = true,
            Item::Asked => open.other_input = true,
        }
    }

    fn saw_compaction(&mut self, at: Option<Stamp>) {
        if let Some(open) = &mut self.open {
            open.compacted = true;
            open.touch(at);
        }
    }

    /// The opening burst is over: state what it held back and is the session's own.
    fn end_burst(&mut self, facts: &mut Facts<'_>) {
        let (own, open_copied) = self.burst.release(self.open.as_ref().filter(|open| open.id.is_none()));
        if let Some(open) = self.open.as_mut().filter(|open| open.id.is_none()) {
            open.copied |= open_copied;
            open.doubtful = self.burst.is_marked();
        }
        for held in own {
            facts.turn(held.at, held.origin, held.turn, "");
        }
    }

    /// The open turn ends without a word about its end.
    fn close(&mut self, facts: &mut Facts<'_>) {
        let Some(open) = self.open.take() else { return };
        let (stop, failure) = open.left();
        let end = End { stop, failure, at: open.last };
        self.state(open, &end, facts);
    }

    /// State a turn whose end is known, now or when the opening burst is over.
    fn state(&mut self, mut open: Open, end: &End, facts: &mut Facts<'_>) {
        let origin = open.origin;
        let words = std::mem::take(&mut open.words);
        let nameless = open.id.is_none();
        let complete = matches!(end.stop, Stop::Stop | Stop::Error | Stop::Aborted);
        let copied = open.copied && (nameless || !complete);
        if copied || (open.doubtful && !open.output) {
            return;
        }
        let turn = open.into_turn(&self.session, end, facts);
        match nameless && self.burst.is_open() {
            true => self.burst.hold(Held { turn, at: end.at, origin }),
            false => facts.turn(end.at, origin, turn, &words),
        }
    }
}
