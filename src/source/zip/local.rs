//! The header that stands in front of a member's bytes: to check the directory by, and to find
//! members by where there is no directory.

use super::directory::Record;
use super::field::{WIDE, fields, modified, number, read_at, wide};
use crate::time::Stamp;
use memchr::memmem;
use std::io::{Read, Seek};

/// Length and mark of such a header (fixed part).
const HEADER: (usize, &[u8]) = (30, b"PK\x03\x04");
/// The mark that most writers put before the sizes behind a member that was written as a stream.
const DESCRIPTOR: &[u8] = b"PK\x07\x08";
/// The bit that says that sizes stand there.
const STREAMED: u64 = 8;
/// Length of such sizes: mark, checksum, and two sizes of 4 or 8 bytes.
const DESCRIPTORS: [(usize, usize); 4] = [(4, 4), (4, 8), (0, 4), (0, 8)];

/// How much is read at a time in search of a mark.
const STRIDE: usize = 64 << 10;

/// What a member's own header says.
#[derive(Debug)]
pub(super) struct Local {
    name: Vec<u8>,
    flags: u64,
    method: u64,
    crc: u64,
    packed: u64,
    size: u64,
    modified: Option<Stamp>,
    /// Where the member's bytes start.
    pub(super) data: u64,
}

impl Local {
    /// The header at `at`; None where none is.
    pub(super) fn read(file: &mut (impl Read + Seek), at: u64) -> Option<Local> {
        let fixed = read_at(file, at, HEADER.0).filter(|fixed| fixed.starts_with(HEADER.1))?;
        let [name_len, extra_len] = [26, 28].map(|at| number(&fixed, at, 2) as usize);
        let start = at.checked_add(HEADER.0 as u64)?;
        let behind = read_at(file, start, name_len + extra_len)?;
        let (name, extra) = behind.split_at_checked(name_len)?;
        let (mut packed, mut size) = (number(&fixed, 18, 4), number(&fixed, 22, 4));
        if let Some((_, field)) = fields(extra).find(|(id, _)| *id == WIDE) {
            wide(field, &mut [&mut size, &mut packed]);
        }
        Some(Local {
            name: name.to_vec(),
            flags: number(&fixed, 6, 2),
            method: number(&fixed, 8, 2),
            crc: number(&fixed, 14, 4),
            packed,
            size,
            modified: modified(number(&fixed, 12, 2), number(&fixed, 10, 2), extra),
            data: start + behind.len() as u64,
        })
    }

    /// Does the directory say the same? The sizes of a member that was written as a stream stand
    /// behind it, and an encrypted directory hides names here.
    pub(super) fn agrees(&self, record: &Record) -> bool {
        let streamed = (self.flags | record.flags) & STREAMED != 0;
        let sums = (self.crc, self.packed, self.size) == (record.crc, record.packed, record.size);
        self.method == record.method && (streamed || sums) && (record.encrypted() || self.name == record.name)
    }

    /// How many bytes behind the member's own belong to it.
    pub(super) fn descriptor(&self, record: &Record, file: &mut (impl Read + Seek)) -> u64 {
        if (self.flags | record.flags) & STREAMED == 0 {
            return 0;
        }
        let end = self.data.saturating_add(record.packed);
        let longest = (8..=24).rev().step_by(4).find_map(|len| read_at(file, end, len)).unwrap_or_default();
        let fits = |(mark, width): (usize, usize)| {
            let sums = (number(&longest, mark, 4), number(&longest, mark + 4, width), number(&longest, mark + 4 + width, width));
            let marked = mark == 0 || longest.starts_with(DESCRIPTOR);
            let len = mark + 4 + 2 * width;
            (marked && longest.len() >= len && sums == (record.crc, record.packed, record.size)).then_some(len as u64)
        };
        DESCRIPTORS.into_iter().find_map(fits).unwrap_or(0)
    }

    /// Could this be a member in the bytes up to `end`, and not chance?
    fn is_plausible(&self, end: u64) -> bool {
        !self.name.is_empty() && self.method < 100 && self.data <= end
    }
}

/// Finds members by their own headers.
pub(super) struct Search {
    at: u64,
    end: u64,
    /// How many bytes may still be looked at in search of sizes.
    patience: u64,
}

impl Search {
    /// In the bytes from `start` to `end`.
    pub(super) fn new((start, end): (u64, u64)) -> Search {
        Search { at: start, end, patience: (end - start).saturating_mul(16) }
    }

    /// The next member, as a directory would have it, and where its bytes start. Its checksum
    /// and size are None where only a stream's end tells them.
    pub(super) fn next(&mut self, file: &mut (impl Read + Seek)) -> Option<(Record, Local)> {
        loop {
            let header = find(file, self.at, self.end, HEADER.1)?;
            let Some(local) = Local::read(file, header).filter(|local| local.is_plausible(self.end)) else {
                self.at = header + HEADER.1.len() as u64;
                continue;
            };
            let known = local.flags & STREAMED == 0 || local.packed > 0;
            let mut record = Record {
                name: local.name.clone(),
                flags: local.flags,
                method: local.method,
                crc: local.crc,
                packed: local.packed.min(self.end - local.data),
                size: local.size,
                sums_known: known,
                modified: local.modified,
                mode: 0,
                header,
            };
            if !known {
                let (packed, sums) = self.stream(file, local.data);
                record.packed = packed;
                if let Some((crc, size)) = sums {
                    (record.crc, record.size, record.sums_known) = (crc, size, true);
                }
            }
            self.at = local.data.saturating_add(record.packed);
            return Some((record, local));
        }
    }

    /// How long the stream at `data` is: up to sizes that say so, else up to what comes next.
    /// With its checksum and size if they stand there.
    fn stream(&mut self, file: &mut (impl Read + Seek), data: u64) -> (u64, Option<(u64, u64)>) {
        let mut at = data;
        while let Some(mark) = find(file, at, self.end.min(at.saturating_add(self.patience)), DESCRIPTOR) {
            self.patience = self.patience.saturating_sub(mark - at);
            let sizes = read_at(file, mark, 16).unwrap_or_default();
            let sizes = read_at(file, mark, 24).unwrap_or(sizes);
            for width in [4, 8] {
                if number(&sizes, 8, width) == mark - data && sizes.len() >= 8 + 2 * width {
                    return (mark - data, Some((number(&sizes, 4, 4), number(&sizes, 8 + width, width))));
                }
            }
            at = mark + DESCRIPTOR.len() as u64;
        }
        self.patience = self.patience.saturating_sub(self.end - at);
        (find(file, data, self.end, HEADER.1).unwrap_or(self.end) - data, None)
    }
}

/// Where the next `mark` stands between `at` and `end`.
fn find(file: &mut (impl Read + Seek), mut at: u64, end: u64, mark: &[u8]) -> Option<u64> {
    while at < end {
        let len = usize::try_from(end - at).unwrap_or(usize::MAX).min(STRIDE);
        let bytes = read_at(file, at, len)?;
        if let Some(found) = memmem::find(&bytes, mark) {
            return Some(at + found as u64);
        }
        // The mark may begin at the end of what was read.
        at += (len.saturating_sub(mark.len() - 1)).max(1) as u64;
    }
    None
}
