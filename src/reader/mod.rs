//! One file per on-disk format, one table of them, and what a reader is given and gives back.
//!
//! A reader opens no paths, prints nothing, knows no clock and no threads: it is given lines (or
//! one whole small file) and pushes events into [`Facts`]. No reader imports another reader. A
//! line it cannot use is an [`Outcome::Skipped`] with a reason, never an error, and every byte it
//! is given is accounted for by the outcome it returns.

mod codex;
pub mod database;
mod facts;
mod hermes;
mod joined;
pub mod json;
mod openclaw;
mod opencode;
mod opening;
mod own;

pub use facts::Facts;

use database::{Database, Schema};

use crate::event::{SkipReason, SourceKind};
use crate::source::{Head, Line, Name, pages};
use crate::time::Stamp;
use std::any::Any;

/// What became of a line or file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Looked at and understood (whether or not it stated a fact).
    Used,
    /// A record of a known type that never states anything a report uses.
    Ignored,
    /// A record of a type that no version known to us writes: the alarm for a new version.
    Unknown,
    /// Not usable, and why.
    Skipped(SkipReason),
}

/// Does this source look like mine?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sniff {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Possibly; what was shown does not decide it. The first format that says so is taken if
    /// nobody says yes.
    Maybe,
}

/// What a reader may know about the source it reads.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Its name.
    pub name: &'a Name,
    /// Its modification time, where the medium keeps one.
    pub modified: Option<Stamp>,
}

/// Reads one source of a line format.
pub trait Reader {
    /// Take the next line.
    fn line(&mut self, line: &Line<'_>, facts: &mut Facts<'_>) -> Outcome;

    /// The source is at its end: push what was held back.
    fn finish(&mut self, facts: &mut Facts<'_>) {
        let _ = facts;
    }

    /// Somebody who reads lines of the same source beside this one, before those that precede them are read; None where
    /// a line of the format means nothing by itself.
    fn part(&self) -> Option<Box<dyn Part>> {
        None
    }

    /// Take over what a part read. It follows what was read so far; `before` is the number of lines before its first.
    fn join(&mut self, part: Box<dyn Any + Send>, before: u64, facts: &mut Facts<'_>) {
        let _ = (part, before, facts);
    }
}

/// Reads some lines in a row of a source, and keeps what they say. What they mean may depend on the lines before them
/// and is left to [`Reader::join`].
pub trait Part: Send {
    /// Take the next line. Its number counts from the first of the part.
    fn line(&mut self, line: &Line<'_>, facts: &Facts<'_>) -> Outcome;

    /// What was kept.
    fn done(self: Box<Self>) -> Box<dyn Any + Send>;
}

/// How a format is read.
#[derive(Clone, Copy)]
pub enum Shape {
    /// Line by line.
    Lines(fn(&Context<'_>) -> Box<dyn Reader>),
    /// As one piece, up to [`WHOLE_LIMIT`] bytes.
    Whole(fn(&[u8], &Context<'_>, &mut Facts<'_>) -> Outcome),
    /// A SQLite database, or what stands beside one: read from a private copy, see [`database`].
    Database,
    /// Known, holds nothing that a report uses: counted, not parsed.
    Nothing,
    /// Known, holds evidence, and is not read by this version: said so.
    NotRead(SkipReason),
}

/// Longest file that is read as one piece (`sessions.json` of 42 MB has been seen).
pub const WHOLE_LIMIT: u64 = 128 << 20;

/// A row of the table: one on-disk format.
#[derive(Clone, Copy)]
pub struct Format {
    /// What its sources are called.
    pub kind: SourceKind,
    /// Does a source look like this format?
    pub sniff: fn(&Head<'_>) -> Sniff,
    /// How it is read.
    pub shape: Shape,
    /// Where such a file stands below its home, e.g. `sessions/*/*/*/*`. What precedes the first
    /// tail that fits is the home; without a fit, the file's folder is. What stands behind a `+` is
    /// added, for a file beside the home: `*+.codex`.
    pub tails: &'static [&'static str],
    /// The format is kept outside the home it belongs to (`/tmp/openclaw`, VS Code's log folder).
    pub outside: bool,
}

impl Format {
    /// The home a source of this format belongs to; None where the name cannot tell.
    pub fn home(&self, name: &Name) -> Option<String> {
        if self.outside {
            return None;
        }
        let home = |tail: &&str| {
            let (tail, beside) = tail.split_once('+').unwrap_or((tail, ""));
            let folder = name.without_tail(tail)?;
            let parts = [folder.as_str(), beside].into_iter().filter(|part| !part.is_empty());
            Some(parts.collect::<Vec<_>>().join("/"))
        };
        Some(self.tails.iter().find_map(home).unwrap_or_else(|| name.folder()))
    }
}

/// All formats, in the order in which they are asked.
pub fn formats() -> impl Iterator<Item = &'static Format> {
    READERS.iter().flat_map(|rows| rows.iter())
}

/// One table per client; a new format is one row in one of them.
static READERS: &[&[Format]] =
    &[database::FORMATS, own::FORMATS, openclaw::FORMATS, codex::FORMATS, hermes::FORMATS, opencode::FORMATS];

/// Damaged lines at the start of a file of records that do not hide what it is.
const DAMAGED: usize = 8;

/// The format of a source: the first that says yes, else the first that says maybe.
pub fn recognise(head: &Head<'_>) -> Option<&'static Format> {
    let clean = pages::without_breaks(head.bytes);
    let head = &Head { bytes: clean.as_deref().unwrap_or(head.bytes), ..*head };
    ask(head).or_else(|| behind_damage(head))
}

/// The line format of a file of JSON records whose first ones are torn or overwritten.
fn behind_damage(head: &Head<'_>) -> Option<&'static Format> {
    let mut bytes = head.bytes;
    for _ in 0..DAMAGED {
        let end = bytes.iter().position(|&b| b == b'\n')?;
        let (line, rest) = bytes.split_at(end + 1);
        if !is_damaged(line.trim_ascii()) {
            return None;
        }
        bytes = rest;
        let found = rest.starts_with(b"{").then(|| ask(&Head { bytes, ..*head })).flatten();
        if let Some(format) = found.filter(|format| matches!(format.shape, Shape::Lines(_))) {
            return Some(format);
        }
    }
    None
}

/// Is it no record, but what is left of one? Prose before a quoted record has nothing of JSON.
fn is_damaged(line: &[u8]) -> bool {
    let has = |part: &str| memchr::memmem::find(line, part.as_bytes()).is_some();
    let text = json::text(line);
    let is_garbage = line.iter().any(|b| b.is_ascii_control() && *b != b'\t');
    let is_left = line.is_empty() || is_garbage || ["{\"", "\":", "\"}", "\",\""].into_iter().any(has);
    is_left && (is_garbage || !opening::is_sentence(&text)) && json::Members::of(&text, &["type"]).is_err()
}

fn ask(head: &Head<'_>) -> Option<&'static Format> {
    let mut maybe = None;
    // Whole documents are told by their content alone.
    let is_prose = opening::is_prose(head.name);
    for format in formats().filter(|format| !is_prose || !matches!(format.shape, Shape::Lines(_))) {
        match (format.sniff)(head) {
            Sniff::Yes => return Some(format),
            Sniff::Maybe if maybe.is_none() => maybe = Some(format),
            Sniff::Maybe | Sniff::No => {}
        }
    }
    maybe
}

/// All kinds of database, one table per client, in the order in which they are asked.
static DATABASES: &[&[Database]] = &[openclaw::DATABASES, codex::DATABASES, hermes::DATABASES];

/// The kind of a database: the first that says yes, else the first that says maybe.
pub fn recognise_database(schema: &Schema) -> Option<&'static Database> {
    let says = |wanted: Sniff| DATABASES.iter().flat_map(|rows| rows.iter()).find(|database| (database.sniff)(schema) == wanted);
    says(Sniff::Yes).or_else(|| says(Sniff::Maybe))
}

/// Is this the name of a table that some database is read for?
pub fn is_table(name: &str) -> bool {
    DATABASES.iter().flat_map(|rows| rows.iter()).any(|database| database.tables.iter().any(|table| table.name == name))
}
