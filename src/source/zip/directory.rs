//! The central directory of a zip: where it is, and its records one after the other.
//!
//! It is walked to its end and not to the number of records it is said to have: old writers count
//! modulo 65,536, and a record too many is a member that others do not see.

use super::field::{WIDE, fields, modified, number, read_at, wide};
use crate::time::Stamp;
use memchr::memmem;
use std::io::{Read, Seek};

/// End record (fixed part), its zip64 form and the pointer to that: their lengths and marks.
const END: (usize, &[u8]) = (22, b"PK\x05\x06");
const END_64: (usize, &[u8]) = (56, b"PK\x06\x06");
const LOCATOR_64: (usize, &[u8]) = (20, b"PK\x06\x07");
/// A directory record (fixed part), and what may stand behind the last.
const RECORD: (usize, &[u8]) = (46, b"PK\x01\x02");
const SIGNATURE: &[u8] = b"PK\x05\x05";

/// Longest comment behind the end record.
const COMMENT: usize = 0xffff;

/// A directory that is being walked.
#[derive(Debug)]
pub(super) struct Directory {
    declared: u64,
    /// The number of records has 64 bits and not 16.
    is_wide: bool,
    start: u64,
    at: u64,
    end: u64,
    /// Where the archive ends: behind the end record and its comment.
    last: u64,
    /// What stands before the archive; offsets inside it do not count that.
    shift: u64,
    damaged: bool,
}

/// What the directory says about a member.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) name: Vec<u8>,
    pub(super) flags: u64,
    pub(super) method: u64,
    pub(super) crc: u64,
    pub(super) packed: u64,
    pub(super) size: u64,
    /// Checksum and size are stated (a directory always states them).
    pub(super) sums_known: bool,
    pub(super) modified: Option<Stamp>,
    /// Unix mode, 0 where the writer had none.
    pub(super) mode: u64,
    /// Where the member's own header stands.
    pub(super) header: u64,
}

impl Directory {
    /// Find the directory of the archive that fills the first `len` bytes of `file`.
    pub(super) fn find(file: &mut (impl Read + Seek), len: u64) -> Option<Directory> {
        let tail_len = usize::try_from(len).unwrap_or(usize::MAX).min(END.0 + COMMENT);
        let tail_at = len - tail_len as u64;
        let tail = read_at(file, tail_at, tail_len)?;
        let mut searched = tail.len();
        // The mark may stand in a comment too: take the last one that leads to a directory.
        while let Some(at) = memmem::rfind(tail.get(..searched)?, END.1) {
            let record = &tail[at..];
            let fits = record.len() >= END.0 && record.len() - END.0 >= number(record, 20, 2) as usize;
            if let Some(found) = fits.then(|| Directory::at_end(file, record, tail_at + at as u64)).flatten() {
                return Some(found);
            }
            searched = at;
        }
        None
    }

    /// The directory that the end record `end`, found at `end_at`, speaks of.
    fn at_end(file: &mut (impl Read + Seek), end: &[u8], end_at: u64) -> Option<Directory> {
        let (mut declared, mut size, mut offset) = (number(end, 10, 2), number(end, 12, 4), number(end, 16, 4));
        let (mut ends, mut is_wide) = (end_at, false);
        let narrow = declared == 0xffff || size == 0xffff_ffff || offset == 0xffff_ffff;
        if let Some((at, wide)) = narrow.then(|| zip64_end(file, end_at)).flatten() {
            (declared, size, offset) = (number(&wide, 32, 8), number(&wide, 40, 8), number(&wide, 48, 8));
            (ends, is_wide) = (at, true);
        }
        let start = ends.checked_sub(size)?;
        let shift = start.checked_sub(offset)?;
        let good = size == 0 || read_at(file, start, RECORD.1.len())? == RECORD.1;
        let last = end_at + END.0 as u64 + number(end, 20, 2);
        good.then_some(Directory { declared, is_wide, start, at: start, end: ends, last, shift, damaged: false })
    }

    /// The next record; None at the end or where the directory is damaged.
    pub(super) fn next(&mut self, file: &mut (impl Read + Seek)) -> Option<Record> {
        let at = std::mem::replace(&mut self.at, self.end);
        if at >= self.end {
            return None;
        }
        let found = self.record(file, at);
        self.damaged = found.is_none() && read_at(file, at, SIGNATURE.len()).is_none_or(|mark| mark != SIGNATURE);
        found
    }

    fn record(&mut self, file: &mut (impl Read + Seek), at: u64) -> Option<Record> {
        let fixed = read_at(file, at, RECORD.0).filter(|fixed| fixed.starts_with(RECORD.1))?;
        let [name_len, extra_len, comment_len] = [28, 30, 32].map(|at| number(&fixed, at, 2) as usize);
        let behind = read_at(file, at + RECORD.0 as u64, name_len + extra_len)?;
        self.at = at + (RECORD.0 + name_len + extra_len + comment_len) as u64;
        let (name, extra) = behind.split_at_checked(name_len)?;
        Some(record(&fixed, name, extra, self.shift))
    }

    /// What is left of the directory cannot be read.
    pub(super) fn is_damaged(&self) -> bool {
        self.damaged
    }

    /// From the first record to the end of the archive.
    pub(super) fn range(&self) -> (u64, u64) {
        (self.start, self.last)
    }

    /// How many records the archive says it has. Old writers count modulo 65,536, so of all
    /// numbers that it may mean the one next to `seen` is taken.
    pub(super) fn declared(&self, seen: u64) -> u64 {
        if self.is_wide || seen < self.declared { self.declared } else { self.declared + ((seen - self.declared) >> 16 << 16) }
    }
}

impl Record {
    /// A folder.
    pub(super) fn is_folder(&self) -> bool {
        self.file_type() == 0o040_000 || self.size == 0 && matches!(self.name.last(), Some(b'/' | b'\\'))
    }

    /// A link, pipe or device.
    pub(super) fn is_special(&self) -> bool {
        !matches!(self.file_type(), 0 | 0o100_000 | 0o040_000)
    }

    /// Bit 0 is encryption, bit 13 a directory whose values are masked by it.
    pub(super) fn encrypted(&self) -> bool {
        self.flags & 0x2001 != 0
    }

    /// Checksum and size.
    pub(super) fn sums(&self) -> Option<(u64, u64)> {
        self.sums_known.then_some((self.crc, self.size))
    }

    fn file_type(&self) -> u64 {
        self.mode & 0o170_000
    }
}

fn record(fixed: &[u8], name: &[u8], extra: &[u8], shift: u64) -> Record {
    let (mut packed, mut size, mut header) = (number(fixed, 20, 4), number(fixed, 24, 4), number(fixed, 42, 4));
    for (_, field) in fields(extra).filter(|(id, _)| *id == WIDE) {
        wide(field, &mut [&mut size, &mut packed, &mut header]);
    }
    // Unix and macOS writers put a mode into the upper half of the attributes.
    let has_mode = matches!(number(fixed, 5, 1), 3 | 19);
    Record {
        name: name.to_vec(),
        flags: number(fixed, 8, 2),
        method: number(fixed, 10, 2),
        crc: number(fixed, 16, 4),
        packed,
        size,
        sums_known: true,
        modified: modified(number(fixed, 14, 2), number(fixed, 12, 2), extra),
        mode: if has_mode { number(fixed, 40, 2) } else { 0 },
        header: header.saturating_add(shift),
    }
}

/// The zip64 end record and where it stands. The locator says where, but does not know what was
/// put before the archive; without room for more the record stands right before the locator.
fn zip64_end(file: &mut (impl Read + Seek), end_at: u64) -> Option<(u64, Vec<u8>)> {
    let locator_at = end_at.checked_sub(LOCATOR_64.0 as u64)?;
    let locator = read_at(file, locator_at, LOCATOR_64.0).filter(|locator| locator.starts_with(LOCATOR_64.1))?;
    let places = [Some(number(&locator, 8, 8)), locator_at.checked_sub(END_64.0 as u64)];
    places.into_iter().flatten().filter(|at| *at < locator_at).find_map(|at| {
        let found = read_at(file, at, END_64.0).filter(|found| found.starts_with(END_64.1))?;
        Some((at, found))
    })
}
