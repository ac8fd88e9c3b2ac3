//! Helpers of this folder's tests: read a text as a source and look at what it states.
#![allow(clippy::unwrap_used)]

use crate::event::{Event, EventKind, PackedTurn, SourceKind, Stated, StoreState, Turn};
use crate::reader::{Context, Facts, Format, Outcome, Shape, recognise};
use crate::secret::{Gate, Vault};
use crate::source::{Head, Line, Name};
use crate::time::Stamp;

/// What came of a source.
pub(super) struct Read {
    pub(super) kind: Option<SourceKind>,
    pub(super) stated: Stated,
    pub(super) outcomes: Vec<Outcome>,
    pub(super) gate: Gate,
}

pub(super) fn vault() -> Vault {
    Vault::new([7; 32])
}

/// Recognise and read `bytes` under `name`.
pub(super) fn read(name: &str, bytes: &[u8]) -> Read {
    let name = Name::of_text(name);
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let head = Head { name: &name, bytes: &bytes[..bytes.len().min(64 << 10)], whole: bytes.len() <= 64 << 10 };
    match recognise(&head) {
        Some(format) => read_as(format, &name, bytes),
        None => Read { kind: None, stated: Stated::default(), outcomes: Vec::new(), gate: Gate::default() },
    }
}

fn read_as(format: &Format, name: &Name, bytes: &[u8]) -> Read {
    let vault = vault();
    let mut facts = Facts::new(&vault, 0, true);
    let context = Context { name, modified: Some(Stamp::utc(1_778_400_000_000)) };
    let outcomes = match format.shape {
        Shape::Whole(read) => vec![read(bytes, &context, &mut facts)],
        Shape::Lines(open) => {
            let mut reader = open(&context);
            let outcomes = lines(bytes).iter().map(|line| reader.line(line, &mut facts)).collect();
            reader.finish(&mut facts);
            outcomes
        }
        Shape::Nothing | Shape::Database | Shape::NotRead(_) => Vec::new(),
    };
    let (stated, gate, _) = facts.into_parts();
    Read { kind: Some(format.kind), stated, outcomes, gate }
}

fn lines(bytes: &[u8]) -> Vec<Line<'_>> {
    let mut byte = 0;
    let mut lines = Vec::new();
    for (at, piece) in bytes.split_inclusive(|&b| b == b'\n').enumerate() {
        let torn = !piece.ends_with(b"\n");
        let line = piece.strip_suffix(b"\n").unwrap_or(piece);
        lines.push(Line { number: at as u64 + 1, byte, bytes: line.strip_suffix(b"\r").unwrap_or(line), torn });
        byte += piece.len() as u64;
    }
    lines
}

/// The events of a kind.
pub(super) fn events(read: &Read, is: impl Fn(&EventKind) -> bool) -> Vec<&Event> {
    read.stated.events.iter().filter(|event| is(&event.kind)).collect()
}

impl Read {
    /// How many records came out so.
    pub(super) fn count(&self, outcome: Outcome) -> usize {
        self.outcomes.iter().filter(|o| **o == outcome).count()
    }

    pub(super) fn stores(&self) -> Vec<StoreState> {
        let state = |event: &Event| if let EventKind::Store(state) = &event.kind { Some(StoreState::clone(state)) } else { None };
        self.stated.events.iter().filter_map(state).collect()
    }

    pub(super) fn turns(&self) -> Vec<Turn> {
        self.stated.turns.iter().map(PackedTurn::turn).collect()
    }

    pub(super) fn failed(&self) -> Vec<Turn> {
        self.turns().into_iter().filter(|turn| turn.stop.is_failure()).collect()
    }

    /// Classes of the failed turns, in order.
    pub(super) fn classes(&self) -> Vec<&'static str> {
        self.failed().iter().map(|turn| turn.failure.map_or("none", |f| f.class.word())).collect()
    }

    /// Classes of the refused refreshes, in order.
    pub(super) fn refusals(&self) -> Vec<&'static str> {
        let class =
            |event: &Event| if let EventKind::Refused { failure, .. } = &event.kind { Some(failure.class.word()) } else { None };
        self.stated.events.iter().filter_map(class).collect()
    }
}
