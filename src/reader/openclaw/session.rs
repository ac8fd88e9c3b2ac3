//! Session transcripts of OpenClaw and pi: JSONL, versions 1 to 4.
//!
//! One file is one session: a header, then entries. Archived, reset, checkpointed and repaired
//! siblings (`.deleted.<ts>`, `.bak-<pid>-<ms>` …) hold the same entries and are read the same way;
//! an entry's key makes copies of one turn equal. The run id, by which a log names the same turn,
//! stands in a custom entry after the turn (2026.5.7) or before it (2026.9.6), so turns are held
//! back until the next user message.
//!
//! A user message without an answer states nothing: a turn that was skipped or refused before the
//! model call leaves no user message at all, and one that is waiting for a tool or was steered by
//! a second message is no failure (2026.5.7 and 2026.9.6, seen).

use super::turn::{self, Held, Message, Place};
use super::{skipped, sniff};
use crate::event::{Client, Provider};
use crate::reader::json::{self, Members};
use crate::reader::{Context, Facts, Outcome, Part, Reader, Sniff, opening};
use crate::secret::{Key, Kind};
use crate::source::{Head, Line, Name};
use crate::time::Stamp;
use regex::Regex;
use std::any::Any;
use std::borrow::Cow;
use std::sync::LazyLock;

/// Lines looked at to recognise a transcript: damaged ones may stand before the first good one.
const LINES_SNIFFED: usize = 16;

/// Entry types that state nothing here (pi up to 0.80, OpenClaw up to 2026.9.6).
const SILENT_TYPES: &[&str] =
    &["thinking_level_change", "compaction", "branch_summary", "label", "session_info", "reset", "leaf", "link"];

/// Roles that are no turn and no request.
const SILENT_ROLES: &[&str] =
    &["toolResult", "bashExecution", "custom", "hookMessage", "branchSummary", "compactionSummary", "system"];

pub(super) fn sniff_openclaw(head: &Head<'_>) -> Sniff {
    if writer(head) == Some(Client::Openclaw) { Sniff::Yes } else { Sniff::No }
}

pub(super) fn sniff_pi(head: &Head<'_>) -> Sniff {
    if writer(head) == Some(Client::Pi) { Sniff::Yes } else { Sniff::No }
}

/// Which of the two programs wrote this transcript; None when it is no transcript. OpenClaw
/// when nothing tells.
fn writer(head: &Head<'_>) -> Option<Client> {
    let named = head.name.file().contains(".jsonl");
    let lines = opening::lines(head, named, |line| line.starts_with(b"{"));
    if !lines.filter(|line| !line.trim_ascii().is_empty()).take(LINES_SNIFFED).any(is_entry) {
        return None;
    }
    let says = |text: &str| memchr::memmem::find(head.bytes, text.as_bytes()).is_some();
    let signed = says(r#""customType":"openclaw"#) || says(r#""provider":"openclaw""#);
    let pi = match () {
        () if signed || sniff::in_openclaw(head.name) || head.name.ends_in("agents/*/sessions/*") => false,
        () if sniff::in_pi(head.name) => true,
        () => !says("/.openclaw/") && !says("/.clawdbot/") && is_pi_name(head.name),
    };
    Some(if pi { Client::Pi } else { Client::Openclaw })
}

/// Is this line an entry of a transcript? A line that is cut off is judged by how it begins.
fn is_entry(line: &[u8]) -> bool {
    let text = json::text(line);
    let Ok(entry) = Members::of(&text, &["type", "id", "message", "customType", "modelId", "thinkingLevel"]) else {
        let start = text.trim_start();
        return start.starts_with(r#"{"type":"session","#)
            || (start.starts_with(r#"{"type":"message","#) && text.contains(r#""message":{"role":"#));
    };
    let is_object = |key: &str| entry.raw(key).is_some_and(|raw| raw.starts_with('{'));
    match entry.text("type").as_deref() {
        Some("session") => entry.text("id").is_some(),
        Some("message") => is_object("message"),
        Some("custom" | "custom_message") => entry.text("customType").is_some(),
        Some("model_change") => entry.text("modelId").is_some(),
        Some("thinking_level_change") => entry.text("thinkingLevel").is_some(),
        _ => false,
    }
}

/// pi's own names: `--home-x--/2026-05-10T17-58-02-114Z_<uuid>.jsonl`.
fn is_pi_name(name: &Name) -> bool {
    let parts = name.parts();
    let folder = parts.iter().rev().nth(1).is_some_and(|part| part.len() > 4 && part.starts_with("--") && part.ends_with("--"));
    let file = name.file().as_bytes();
    folder || (file.get(10) == Some(&b'T') && file.get(13) == Some(&b'-') && file.get(23..25) == Some(b"Z_"))
}

pub(super) fn open(context: &Context<'_>) -> Box<dyn Reader> {
    Box::new(Session::of(id_of(context.name)))
}

/// An id as both programs make them.
static UUID: LazyLock<Regex> = LazyLock::new(|| {
    #[allow(clippy::unwrap_used)] // a literal pattern, covered by the tests below
    Regex::new("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").unwrap()
});

/// The session id that a file name holds, for a file without header. A copy may have added to it.
fn id_of(name: &Name) -> String {
    let stem = name.file().split(".jsonl").next().unwrap_or_default();
    let stem = stem.split(".checkpoint.").next().unwrap_or_default();
    let stem = stem.split("-topic-").next().unwrap_or_default();
    let id = if is_pi_name(name) { stem.rsplit('_').next().unwrap_or_default() } else { stem };
    UUID.find(stem).map_or(id, |found| found.as_str()).to_owned()
}

/// One transcript while it is read.
pub(super) struct Session {
    /// Session id of the header, else of the file name.
    id: String,
    /// The same as a key, once it was asked for.
    key: Option<Key>,
    /// Turns since the last user message, in order.
    group: Vec<Held>,
    /// Run ids since the last user message: after how many turns of the group each was told.
    runs: Vec<(usize, Key)>,
    /// Whom the session asks, for failed runs whose entry does not say.
    provider: Provider,
}

/// What an entry says by itself. What it means depends on those before it.
#[allow(clippy::large_enum_variant, reason = "nearly all are turns")]
enum Said {
    /// A session begins, of this id.
    Header { id: Option<String>, asks: Option<Provider> },
    /// A turn, who says so, and its own id where it is known by that and the session.
    Turn(Held, Teller, Option<String>),
    /// The user spoke.
    User,
    /// The id of a run.
    Run(Key),
    /// The session asks this provider from here on.
    Asks(Provider),
}

/// Who tells of a turn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Teller {
    /// The answer, which says whom the session asks from here on.
    Answer,
    /// A note that asking failed.
    PromptError,
    /// A note that the run failed before that. It asked whom the session asks, if it does not say.
    FailedRun,
}

impl Reader for Session {
    fn line(&mut self, line: &Line<'_>, facts: &mut Facts<'_>) -> Outcome {
        let (outcome, said) = read(line, facts);
        if let Some(said) = said {
            self.hear(said, facts);
        }
        outcome
    }

    fn finish(&mut self, facts: &mut Facts<'_>) {
        self.let_go(facts);
    }

    fn part(&self) -> Option<Box<dyn Part>> {
        Some(Box::new(Lines(Vec::new())))
    }

    fn join(&mut self, part: Box<dyn Any + Send>, before: u64, facts: &mut Facts<'_>) {
        let Ok(lines) = part.downcast::<Vec<Said>>() else { return };
        for mut said in *lines {
            if let Said::Turn(held, ..) = &mut said {
                held.follow(before);
            }
            self.hear(said, facts);
        }
    }
}

/// Lines of a transcript, read apart from those before them.
struct Lines(Vec<Said>);

impl Part for Lines {
    fn line(&mut self, line: &Line<'_>, facts: &Facts<'_>) -> Outcome {
        let (outcome, said) = read(line, facts);
        self.0.extend(said);
        outcome
    }

    fn done(self: Box<Self>) -> Box<dyn Any + Send> {
        Box::new(self.0)
    }
}

const ENTRY: [&str; 8] = ["type", "id", "timestamp", "message", "customType", "data", "details", "provider"];

type Entry<'a> = Members<'a, 8>;

/// What becomes of a line, and what it says.
fn read(line: &Line<'_>, facts: &Facts<'_>) -> (Outcome, Option<Said>) {
    if line.bytes.trim_ascii().is_empty() {
        return (Outcome::Used, None);
    }
    let text = json::text(line.bytes);
    match Members::of_both(&text, &ENTRY, ("message", &turn::MESSAGE)) {
        Ok((entry, message)) => of_entry(&entry, message.as_ref(), line, facts),
        Err(reason) => (skipped(line, reason), None),
    }
}

fn of_entry(entry: &Entry<'_>, message: Option<&Message<'_>>, line: &Line<'_>, facts: &Facts<'_>) -> (Outcome, Option<Said>) {
    let said = match entry.text("type").as_deref() {
        Some("session") => Some(header(entry)),
        Some("message") => return of_message(entry, message, line, facts),
        Some("custom") => custom(entry, line, facts),
        Some("custom_message") => custom_message(entry, line, facts),
        Some("model_change") => asks(entry.text("provider").as_deref()).map(Said::Asks),
        Some(word) if SILENT_TYPES.contains(&word) => return (Outcome::Ignored, None),
        _ => return (Outcome::Unknown, None),
    };
    (Outcome::Used, said)
}

fn header(entry: &Entry<'_>) -> Said {
    let id = entry.text("id").filter(|id| !id.trim().is_empty()).map(Cow::into_owned);
    Said::Header { id, asks: asks(entry.text("provider").as_deref()) }
}

fn of_message(entry: &Entry<'_>, message: Option<&Message<'_>>, line: &Line<'_>, facts: &Facts<'_>) -> (Outcome, Option<Said>) {
    let Some(message) = message else { return (Outcome::Unknown, None) };
    match &*message.text("role").unwrap_or_default() {
        "assistant" => {
            let (place, id) = place(entry, line, facts);
            let held = turn::of_message(message, place, facts);
            (Outcome::Used, held.map(|held| Said::Turn(held, Teller::Answer, id)))
        }
        "user" => (Outcome::Used, Some(Said::User)),
        silent if SILENT_ROLES.contains(&silent) => (Outcome::Ignored, None),
        _ => (Outcome::Unknown, None),
    }
}

/// Entries that OpenClaw keeps for itself.
fn custom(entry: &Entry<'_>, line: &Line<'_>, facts: &Facts<'_>) -> Option<Said> {
    match entry.text("customType").as_deref() {
        Some("openclaw:bootstrap-context:full") => {
            let run = entry.inner("data", &["runId"]).and_then(|data| data.text("runId").map(|id| facts.key(Kind::Turn, &id)));
            run.map(Said::Run)
        }
        Some("openclaw:prompt-error") => {
            let (place, id) = place(entry, line, facts);
            let held = turn::of_prompt_error(entry.raw("data")?, place, facts)?;
            Some(Said::Turn(held, Teller::PromptError, id))
        }
        Some("model-snapshot") => {
            let data = entry.inner("data", &["provider"]);
            asks(data.and_then(|data| data.text("provider")).as_deref()).map(Said::Asks)
        }
        _ => None,
    }
}

/// A run of a 2026.9 gateway that ended before the model was asked.
fn custom_message(entry: &Entry<'_>, line: &Line<'_>, facts: &Facts<'_>) -> Option<Said> {
    if entry.text("customType").as_deref() != Some("run-failed-before-reply") {
        return None;
    }
    let (place, id) = place(entry, line, facts);
    let held = turn::of_failed_run(entry.raw("details")?, place, facts)?;
    Some(Said::Turn(held, Teller::FailedRun, id))
}

fn asks(provider: Option<&str>) -> Option<Provider> {
    provider.map(Provider::of)
}

/// Where an entry stands, and by what it is known; its own id where it takes that of the session as well.
fn place(entry: &Entry<'_>, line: &Line<'_>, facts: &Facts<'_>) -> (Place, Option<String>) {
    let written = entry.text("timestamp");
    let (id, own) = match (entry.text("id"), &written) {
        // Successor files and pi's forks repeat entries under another session id, so it is
        // the entry's own id and time that make two copies equal.
        (Some(id), Some(written)) => (Some(facts.key_of_two(Kind::Turn, &id, written)), None),
        (Some(id), None) => (None, Some(id.into_owned())),
        (None, _) => (Some(facts.record_key(line.bytes)), None),
    };
    let written = written.and_then(|text| Stamp::parse(&text)).or_else(|| entry.number("timestamp").and_then(Stamp::epoch));
    (Place { origin: facts.origin(line), written, session: None, id }, own)
}

impl Session {
    /// The transcript of a session, whose id its header may yet correct.
    pub(super) fn of(id: String) -> Session {
        Session { id, key: None, group: Vec::new(), runs: Vec::new(), provider: Provider::Unknown }
    }

    /// Take the next entry.
    fn hear(&mut self, said: Said, facts: &mut Facts<'_>) {
        match said {
            // A second header begins another session (an export of several).
            Said::Header { id, asks } => {
                self.let_go(facts);
                if let Some(id) = id {
                    (self.id, self.key) = (id, None);
                }
                self.provider = asks.unwrap_or(self.provider);
            }
            Said::Turn(held, teller, id) => self.hold(held, teller, id, facts),
            Said::User => self.let_go(facts),
            Said::Run(run) => self.runs.push((self.group.len(), run)),
            Said::Asks(provider) => self.provider = provider,
        }
    }

    /// Hold a turn back.
    fn hold(&mut self, mut held: Held, teller: Teller, id: Option<String>, facts: &Facts<'_>) {
        match teller {
            Teller::Answer => self.provider = held.turn.provider,
            Teller::FailedRun if held.turn.provider == Provider::Unknown => held.turn.provider = self.provider,
            Teller::FailedRun | Teller::PromptError => {}
        }
        if self.key.is_none() && !self.id.is_empty() {
            self.key = Some(facts.key(Kind::Session, &self.id));
        }
        held.turn.session = held.turn.session.or(self.key);
        held.turn.id = held.turn.id.or_else(|| Some(facts.key_of_two(Kind::Turn, &self.id, &id?)));
        self.group.push(held);
    }

    /// State the turns held back. A turn without a run id of its own belongs to the run told
    /// next after it, else to the last one told before it.
    fn let_go(&mut self, facts: &mut Facts<'_>) {
        for (at, mut held) in self.group.drain(..).enumerate() {
            let told = self.runs.iter().find(|(after, _)| *after > at).or(self.runs.last());
            held.turn.run = held.turn.run.or(told.map(|(_, run)| *run));
            held.state(facts);
        }
        self.runs.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_header_is_known_by_the_id_in_its_name() {
        let id = "0a1b2c3d-4e5f-4a6b-8c7d-001122334455";
        for file in ["{}.jsonl", "{}-topic-7.jsonl", "{} (1).jsonl", "copy of {}.bak.jsonl", "2026-05-10T17-58-02-114Z_{}.jsonl"] {
            assert_eq!(id_of(&Name::of_text(&file.replace("{}", id))), id, "{file}");
        }
        assert_eq!(id_of(&Name::of_text("s1.jsonl")), "s1");
    }
}
