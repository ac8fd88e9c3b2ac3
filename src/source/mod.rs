//! Finding files, telling kinds of bytes apart by content, opening them, and handing out lines
//! or whole small files with line and byte.
//!
//! This module knows paths, compression and archives; it knows nothing of JSON or clients.
//! Nothing found here is written to disk but private copies of databases; links below a root are not followed, and
//! nothing but a regular file is opened.

mod blocks;
mod budget;
mod buffer;
mod bytes;
mod bzip2;
mod coder;
mod gzip;
mod inflate;
mod kind;
mod lines;
mod members;
mod meter;
mod name;
mod open;
pub mod pages;
mod private;
mod read;
#[cfg(test)]
pub(crate) mod samples;
mod shorten;
mod sides;
mod stream;
mod tar;
mod toll;
mod trouble;
mod walk;
#[cfg(test)]
mod witness;
mod xz;
mod zip;
mod zstd;

pub use budget::Budget;
pub use lines::{HOLE, LINE_LIMIT, Passed, Row};
pub use members::Members;
pub use meter::Meter;
pub use name::Name;
pub use private::{Copy, Private};
pub use read::{Closed, Found, Refused, read};
pub use shorten::{Cut, left_out, source_len};
pub use sides::Side;
pub use stream::{Piece, Stream, TooLarge};
pub use trouble::{Trouble, Troubles};
pub use walk::{Input, MissingRoot, discover};

use crate::time::Stamp;

/// One line of a source, without its line end.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// Counted from 1.
    pub number: u64,
    /// Byte offset of its start in the decompressed source.
    pub byte: u64,
    /// The bytes, without LF or CRLF, and without a byte order mark at the start of the file.
    pub bytes: &'a [u8],
    /// True for a last line without a line end.
    pub torn: bool,
}

/// The start of a source, for recognising what it is.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// Its name, a hint only.
    pub name: &'a Name,
    /// Up to the first 64 KiB, without a byte order mark.
    pub bytes: &'a [u8],
    /// True when `bytes` is the whole source.
    pub whole: bool,
}

impl<'a> Head<'a> {
    /// The first lines, of which the last may be cut off.
    pub fn lines(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.bytes.split(|&b| b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
    }

    /// The first line that is not blank, and whether it is complete.
    pub fn first_line(&self) -> Option<(&'a [u8], bool)> {
        let all = self.bytes.len();
        let mut at = 0;
        for line in self.bytes.split(|&b| b == b'\n') {
            at += line.len() + 1;
            if !line.trim_ascii().is_empty() {
                return Some((line.trim_ascii(), at <= all || self.whole));
            }
        }
        None
    }
}

/// A medium's modification time in ms since the epoch. Media that keep none hold 0 or nonsense.
fn modified(ms: i64) -> Option<Stamp> {
    Stamp::utc(ms).plausible()
}
