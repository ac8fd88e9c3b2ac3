//! Where a reader puts what it found, and the one place where it hands over secrets.

use crate::event::{Asked, Event, EventKind, Model, Origin, PackedTurn, Stated, Turn, Worked};
use crate::secret::{Claims, Excerpt, Fences, Gate, Key, Kind, Vault};
use crate::shortcuts;
use crate::source::Line;
use crate::time::Stamp;
use std::cell::RefCell;
use std::sync::Arc;

/// What one source states, in the order in which it was found.
#[derive(Debug)]
pub struct Facts<'v> {
    vault: &'v Vault,
    private: bool,
    source: u32,
    stated: Stated,
    gate: Gate,
    fences: Fences,
    quoted: u64,
    /// What the last turn was asked.
    asked: Option<Arc<Asked>>,
    /// The session met last, and its key: what stands in a row is of one.
    session: RefCell<Option<(String, Key)>>,
    /// The model names met last, and what they are: a source asks few models, time and again.
    models: RefCell<Vec<(String, Model)>>,
}

impl<'v> Facts<'v> {
    /// Nothing yet. `private` keeps redacted excerpts of the input beside what is stated.
    pub fn new(vault: &'v Vault, source: u32, private: bool) -> Facts<'v> {
        let (gate, fences) = (Gate::default(), Fences::default());
        let (session, models) = (RefCell::default(), RefCell::default());
        Facts { vault, private, source, stated: Stated::default(), asked: None, gate, fences, quoted: 0, session, models }
    }

    /// Nothing yet, of the same source.
    pub fn beside(&self) -> Facts<'v> {
        Facts::new(self.vault, self.source, self.private)
    }

    /// The origin of a fact on `line`.
    pub fn origin(&self, line: &Line<'_>) -> Origin {
        Origin { source: self.source, line: line.number, byte: line.byte }
    }

    /// The origin of a fact that belongs to the file as a whole.
    pub fn whole(&self) -> Origin {
        Origin { source: self.source, line: 0, byte: 0 }
    }

    /// State a fact.
    pub fn push(&mut self, at: Option<Stamp>, origin: Origin, kind: EventKind) {
        self.stated.events.push(Event { at, origin, kind });
    }

    /// State a fact, with the words it was read from (kept only under `--private`).
    pub fn push_said(&mut self, at: Option<Stamp>, origin: Origin, kind: EventKind, words: &str) {
        self.push(at, origin, kind);
        self.say(origin, words);
    }

    /// State that a turn ended then, with the words of its failure (kept only under `--private`).
    pub fn turn(&mut self, at: Option<Stamp>, origin: Origin, turn: Turn, words: &str) {
        self.stated.turns.push(PackedTurn::of(at, origin, turn, &mut self.asked));
        self.say(origin, words);
    }

    /// State that a model call worked then.
    pub fn worked(&mut self, at: Option<Stamp>, origin: Origin, session: Option<Key>) {
        self.stated.worked.push(Worked::new(at, origin, session));
    }

    fn say(&mut self, origin: Origin, words: &str) {
        if self.private && !words.is_empty() {
            self.stated.excerpts.push((origin, Excerpt::take(words)));
        }
    }

    /// So many lines that were taken as used turned out to be quoted in the log, not its own: they state nothing,
    /// and the coverage of the source says so.
    pub fn set_aside(&mut self, lines: u64) {
        self.quoted = self.quoted.saturating_add(lines);
    }

    /// How many lines were set aside.
    pub fn quoted(&self) -> u64 {
        self.quoted
    }

    /// An identity as a key.
    pub fn key(&self, kind: Kind, text: &str) -> Key {
        match kind {
            Kind::Session if shortcuts::are_taken() => self.session_key(text),
            _ => self.vault.key(kind, text),
        }
    }

    fn session_key(&self, text: &str) -> Key {
        let mut last = self.session.borrow_mut();
        let (known, key) = last.get_or_insert_with(|| (text.to_owned(), self.vault.key(Kind::Session, text)));
        if known != text {
            *key = self.vault.key(Kind::Session, text);
            known.clear();
            known.push_str(text);
        }
        *key
    }

    /// An identity that is written in two places, as a key: that of both with a blank between.
    pub fn key_of_two(&self, kind: Kind, first: &str, second: &str) -> Key {
        let pieces = [first.trim_start().as_bytes(), b" ", second.trim_end().as_bytes()];
        self.vault.key_of_all(kind, &pieces)
    }

    /// A record's bytes as a key, to see that two files hold the same record.
    pub fn record_key(&self, bytes: &[u8]) -> Key {
        self.vault.key_of(Kind::Record, bytes)
    }

    /// A token as a key. From here on the last gate knows it. None for an empty token.
    pub fn token(&mut self, token: &str) -> Option<Key> {
        let token = token.trim();
        if token.is_empty() {
            return None;
        }
        self.gate.learn(token, self.vault);
        Some(self.vault.key(Kind::Token, token))
    }

    /// The refresh token of a store as a key. It is kept until all is read, for the fences that it may be behind.
    pub fn refresh_token(&mut self, token: &str) -> Option<Key> {
        let key = self.token(token)?;
        self.fences.hold(key, token.trim());
        Some(key)
    }

    /// The digest that a fence of OpenClaw bears in the place of a refresh token, as a key.
    pub fn fence(&mut self, profile: &str, provider: &str, digest: &str) -> Key {
        let key = self.key(Kind::Fence, digest);
        self.fences.put(key, profile, provider, digest);
        key
    }

    /// What a token says inside.
    pub fn claims(&self, token: &str) -> Claims {
        Claims::of(token, self.vault)
    }

    /// A model name as a label: printable if listed, else known by key.
    pub fn model(&self, name: &str) -> Option<Model> {
        /// Names that are remembered.
        const MOST: usize = 8;
        let name = name.trim();
        if name.is_empty() {
            return None;
        }
        let mut known = self.models.borrow_mut();
        if let Some((_, model)) = known.iter().find(|(text, _)| text == name) {
            return Some(model.clone());
        }
        let model = Model::listed(name).unwrap_or_else(|| Model::Unlisted(self.key(Kind::Model, name)));
        if known.len() == MOST {
            known.clear();
        }
        known.push((name.to_owned(), model.clone()));
        Some(model)
    }

    /// How much was stated so far.
    pub fn len(&self) -> usize {
        self.stated.len()
    }

    /// True when nothing was stated yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What was stated, the gate, and what may stand behind fences.
    pub fn into_parts(self) -> (Stated, Gate, Fences) {
        (self.stated, self.gate, self.fences)
    }
}
