//! Zip, by its central directory: every record of it is a member, one at a time. Where there is no
//! directory, members are found by their own headers.
//!
//! The directory is walked here and not by the `zip` crate, which keys members by name and so
//! loses all but one of those that share one, holds an index of the whole archive in memory, and
//! gives up on all of it for one odd field.

mod claims;
mod content;
mod directory;
mod field;
mod local;

use self::claims::Claims;
use self::content::{Content, Method, Region};
use self::directory::{Directory, Record};
use self::local::{Local, Search};
use super::blocks::Blocks;
use super::budget::Rationed;
use super::members::Roll;
use super::read::{Place, Reading};
use super::trouble::Trouble;
use crate::event::SkipReason;
use std::io::{Read, Seek};

/// Read the archive that fills the first `len` bytes of `file`. Returns what is known of its
/// members and what is wrong with the archive (what is wrong with a member is told with it).
pub(super) fn read<R: Read + Seek>(reading: &mut Reading<'_>, file: R, len: u64, place: &Place<'_>) -> Roll {
    let mut walk = Walk { file, len, place, roll: Roll::default(), claims: Claims::default(), packed: 0 };
    match Directory::find(&mut walk.file, len) {
        Some(directory) => walk.by_directory(reading, directory),
        None => walk.by_headers(reading),
    }
    walk.settle()
}

/// Is there an archive at the end of the first `len` bytes of `file`, whatever they begin with? One
/// whose directory leads to a member: a mark alone may be chance.
pub(super) fn is_carried<R: Read + Seek>(file: &mut R, len: u64) -> bool {
    let first = Directory::find(file, len).and_then(|mut directory| directory.next(file));
    first.is_some_and(|record| Local::read(file, record.header).is_some())
}

/// One archive while it is read.
struct Walk<'p, R> {
    file: R,
    len: u64,
    place: &'p Place<'p>,
    roll: Roll,
    claims: Claims,
    /// Packed bytes of all members so far.
    packed: u64,
}

impl<R: Read + Seek> Walk<'_, R> {
    fn by_directory(&mut self, reading: &mut Reading<'_>, mut directory: Directory) {
        let (start, end) = directory.range();
        self.claims.add(start, end);
        let mut seen = 0;
        while let Some(record) = directory.next(&mut self.file) {
            seen += 1;
            let local = Local::read(&mut self.file, record.header);
            if local.as_ref().is_some_and(|local| !local.agrees(&record)) {
                self.roll.troubles.note(SkipReason::ZipMismatch, 0);
            }
            self.member(reading, &record, local);
        }
        if directory.is_damaged() {
            let known = self.roll.members.declared;
            self.by_headers(reading);
            seen += self.roll.members.declared - known;
        }
        let declared = directory.declared(seen);
        if declared > seen {
            self.roll.skip_many(SkipReason::ArchiveMetadata, declared - seen, 0);
        } else if declared < seen {
            self.roll.troubles.add(Trouble { reason: SkipReason::ArchiveMetadata, count: seen - declared, bytes: 0 });
        }
    }

    /// Read what stands where the directory does not lead to.
    fn by_headers(&mut self, reading: &mut Reading<'_>) {
        self.roll.troubles.note(SkipReason::ZipDirectory, 0);
        for gap in self.claims.gaps(self.len) {
            let mut search = Search::new(gap);
            while let Some((record, local)) = search.next(&mut self.file) {
                self.member(reading, &record, Some(local));
            }
        }
    }

    /// Read one member, or say why not.
    fn member(&mut self, reading: &mut Reading<'_>, record: &Record, local: Option<Local>) {
        let Some(local) = local else {
            if record.is_folder() {
                return self.roll.folder();
            }
            return self.roll.skip(SkipReason::ArchiveMetadata, 0);
        };
        let end = local.data.saturating_add(record.packed);
        self.claims.add(record.header, end.saturating_add(local.descriptor(record, &mut self.file)));
        self.packed = self.packed.saturating_add(record.packed);
        let there = end.min(self.len).saturating_sub(local.data);
        match Method::of(record.method) {
            _ if record.is_folder() => self.roll.folder(),
            _ if record.is_special() => self.roll.skip(SkipReason::MemberNotRegular, there),
            _ if record.encrypted() => self.roll.skip(SkipReason::ZipEncrypted, there),
            None => self.roll.skip(SkipReason::ZipMethod, there),
            Some(method) => {
                if let Some(inner) = reading.member(self.place, &record.name, record.modified, &mut self.roll) {
                    self.open(reading, record, method, &local, inner);
                }
            }
        }
    }

    fn open(&mut self, reading: &mut Reading<'_>, record: &Record, method: Method, local: &Local, inner: Place<'_>) {
        let region = Region::new(&mut self.file, local.data, record.packed);
        let content = Content::new(region, record.packed, method, record.sums(), inner.memory());
        // More bytes than there are: members overlap, and bytes multiply though stored.
        if method != Method::Stored || self.packed > self.len {
            let below = Rationed::new(content, reading.budget, method.price());
            reading.open(Blocks::sized(below, record.size), inner.expanded());
        } else {
            reading.open(Blocks::sized(content, record.size), inner);
        }
    }

    /// What belongs to nothing, and what belongs to several.
    fn settle(mut self) -> Roll {
        let overlaps = self.claims.overlaps();
        if overlaps > 0 {
            self.roll.troubles.add(Trouble { reason: SkipReason::ZipOverlap, count: overlaps, bytes: 0 });
        }
        for (start, end) in self.claims.gaps(self.len) {
            self.roll.troubles.note(SkipReason::ZipUnclaimed, end - start);
        }
        self.roll
    }
}

#[cfg(test)]
mod tests;
