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

mod copied;
mod events;
mod peek;
#[cfg(test)]
mod tests;
mod turn;

use super::ident;
use crate::event::{EventKind, Model, Provider, Stop};
use crate::reader::json::{self, Members};
use crate::reader::{Context, Facts, Outcome, Reader, Sniff};
use crate::secret::{Key, Kind};
use crate::source::{Head, Line};
use crate::time::Stamp;
use copied::{Burst, Held};
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
        if line.bytes.trim_ascii().is_empty() {
            return Outcome::Used;
        }
        let text = json::text(line.bytes);
        let found = match peek::peek(&text) {
            Ok(found) => found,
            Err(reason) => {
                if let Some(open) = &mut self.open {
                    open.damaged = true;
                }
                return Outcome::Skipped(super::torn_or(line, reason));
            }
        };
        let at = found.stamp.as_deref().and_then(Stamp::parse);
        if self.burst.line(at) {
            self.end_burst(facts);
        }
        match &*found.kind {
            "session_meta" => self.meta(line, at, facts),
            "turn_context" => self.context(line, facts),
            "response_item" => self.item(&found.inner, &found.role, at),
            "event_msg" => self.event(&found.inner, line, at, facts),
            "compacted" => self.saw_compaction(at),
            // Bare items and state records of mid 2025 have other types, or none.
            kind if !kind.is_empty() && found.stamp.is_some() && !KINDS.contains(&kind) => return Outcome::Unknown,
            _ => return Outcome::Ignored,
        }
        Outcome::Used
    }

    fn finish(&mut self, facts: &mut Facts<'_>) {
        self.close(facts);
        self.end_burst(facts);
    }
}

impl Rollout {
    fn meta(&mut self, line: &Line<'_>, at: Option<Stamp>, facts: &mut Facts<'_>) {
        const KEYS: [&str; 7] =
            ["id", "timestamp", "originator", "cli_version", "model_provider", "forked_from_id", "creator_account_id"];
        let text = json::text(line.bytes);
        let Some(meta) = Members::of(&text, &["payload"]).ok().and_then(|m| m.inner("payload", &KEYS)) else { return };
        let id = meta.text("id");
        if self.has_meta {
            // The same id again is an update of the session's own meta.
            if id.is_some() && id.as_deref() != self.session.id.as_deref() {
                self.burst.mark();
                self.session.parent = self.session.parent.take().or(id.map(|i| i.into_owned()));
            }
            return;
        }
        self.has_meta = true;
        self.session.parent = meta.text("forked_from_id").map(|p| p.into_owned());
        if self.session.parent.is_some() {
            self.burst.mark();
        }
        let stated = meta.text("timestamp").and_then(|t| Stamp::parse(&t)).or(at);
        self.session.made = id.as_deref().and_then(ident::made_at).or(stated);
        self.session.id = id.map(|i| i.into_owned());
        self.session.provider = meta.text("model_provider").map_or(Provider::Unknown, |p| Provider::of(&p));
        let account = meta.text("creator_account_id").filter(|a| !a.trim().is_empty());
        self.session.account = account.map(|a| facts.key(Kind::Account, &a));
        let client = ident::client_of(&meta.text("originator").unwrap_or_default());
        let version = meta.text("cli_version").and_then(|v| ident::version_of(&v));
        facts.push(stated, facts.origin(line), EventKind::WrittenBy { client, version });
    }

    fn context(&mut self, line: &Line<'_>, facts: &Facts<'_>) {
        let text = json::text(line.bytes);
        let Some(context) = Members::of(&text, &["payload"]).ok().and_then(|m| m.inner("payload", &["model", "turn_id"])) else {
            return;
        };
        let model = context.text("model").and_then(|m| facts.model(&m));
        if let Some(open) = &mut self.open {
            open.asked = true;
            open.model = model.clone().or(open.model.take());
            // Late builds of era A name the turn here and nowhere else.
            if let (None, Some(id)) = (&open.id, context.text("turn_id")) {
                let made = ident::made_at(&id);
                if copied::is_foreign(made, self.session.made) {
                    (open.copied, open.started, open.last) = (true, made, made);
                }
                open.id = Some(id.into_owned());
            }
        }
        self.session.model = model.or(self.session.model.take());
    }

    /// A `response_item` of this type and role.
    fn item(&mut self, inner: &str, role: &str, at: Option<Stamp>) {
        let Some(open) = &mut self.open else { return };
        let is_answer = inner == "message" && role == "assistant";
        let is_output = is_answer || inner == "reasoning" || inner.ends_with("_call") || inner.ends_with("_output");
        if is_output {
            open.saw_output(is_answer, at);
        } else if matches!(inner, "compaction" | "context_compaction") {
            open.compacted = true;
        } else if inner == "message" && role == "user" {
            open.other_input = true;
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
