//! Help for this folder's tests: run a reader over text, and make tokens that are none.

#![allow(clippy::unwrap_used)]

use crate::event::{Event, Stated, Turn};
use crate::reader::{Context, Facts, Outcome, Reader, Sniff};
use crate::secret::{Key, Kind, Vault};
use crate::source::{Head, Line, Name};
use crate::time::Stamp;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

fn vault() -> Vault {
    Vault::new([5; 32])
}

/// A token with this payload.
pub(super) fn jwt(payload: &str) -> String {
    format!("h.{}.s", URL_SAFE_NO_PAD.encode(payload))
}

/// A key under the vault of these tests.
pub(super) fn key(kind: Kind, text: &str) -> Key {
    vault().key(kind, text)
}

/// A turn key under the vault of these tests.
pub(super) fn turn_key(session: Option<&str>, turn: &str) -> Key {
    let vault = vault();
    super::ident::turn_key(&Facts::new(&vault, 0, false), session, turn)
}

/// What a sniffer says to a whole file.
pub(super) fn sniffed(sniff: fn(&Head<'_>) -> Sniff, name: &str, bytes: &[u8]) -> Sniff {
    sniff(&Head { name: &Name::of_text(name), bytes, whole: true })
}

/// The lines of `bytes` as the source hands them out.
pub(super) fn split(bytes: &[u8]) -> Vec<Line<'_>> {
    let (mut lines, mut byte) = (Vec::new(), 0);
    for piece in bytes.split_inclusive(|&b| b == b'\n') {
        let torn = !piece.ends_with(b"\n");
        let text = piece.strip_suffix(b"\n").unwrap_or(piece);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        lines.push(Line { number: lines.len() as u64 + 1, byte, bytes: text, torn });
        byte += piece.len() as u64;
    }
    lines
}

/// What a line format states, and its outcomes.
pub(super) fn run(open: fn(&Context<'_>) -> Box<dyn Reader>, name: &str, bytes: &[u8]) -> (Stated, Vec<Outcome>) {
    let (vault, name) = (vault(), Name::of_text(name));
    let mut facts = Facts::new(&vault, 0, false);
    let mut reader = open(&Context { name: &name, modified: None });
    let outcomes = split(bytes).iter().map(|line| reader.line(line, &mut facts)).collect();
    reader.finish(&mut facts);
    (facts.into_parts().0, outcomes)
}

/// The events of a line format that states no turn here.
pub(super) fn lines(open: fn(&Context<'_>) -> Box<dyn Reader>, name: &str, text: &str) -> Vec<Event> {
    let (stated, _) = run(open, name, text.as_bytes());
    assert!(stated.turns.is_empty(), "{:?}", stated.turns);
    stated.events
}

/// The turns of a line format, with their times.
pub(super) fn turns(open: fn(&Context<'_>) -> Box<dyn Reader>, name: &str, text: &str) -> Vec<(Option<Stamp>, Turn)> {
    run(open, name, text.as_bytes()).0.turns.iter().map(|turn| (turn.at(), turn.turn())).collect()
}

type Whole = fn(&[u8], &Context<'_>, &mut Facts<'_>) -> Outcome;

/// The events of a whole-file format; none states turns.
pub(super) fn whole(read: Whole, name: &str, bytes: &[u8]) -> Vec<Event> {
    let (vault, name) = (vault(), Name::of_text(name));
    let mut facts = Facts::new(&vault, 0, false);
    read(bytes, &Context { name: &name, modified: None }, &mut facts);
    let (stated, ..) = facts.into_parts();
    assert!(stated.turns.is_empty(), "{:?}", stated.turns);
    stated.events
}

/// The outcome of a whole-file format.
pub(super) fn outcome(read: Whole, name: &str, bytes: &[u8]) -> Outcome {
    let (vault, name) = (vault(), Name::of_text(name));
    read(bytes, &Context { name: &name, modified: None }, &mut Facts::new(&vault, 0, false))
}
