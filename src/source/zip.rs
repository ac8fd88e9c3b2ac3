//! Zip, by its central directory: every record of it is a member, one at a time.
//!
//! The directory is walked here and not by the `zip` crate, which keys members by name and so
//! loses all but one of those that share one, holds an index of the whole archive in memory, and
//! gives up on all of it for one odd field.

mod directory;

use self::directory::{Directory, Record};
use super::blocks::{self, Blocks, Bytes};
use super::budget::Rationed;
use super::inflate::{Inflate, Step};
use super::modified;
use super::read::{Place, Reading};
use super::trouble::{Trouble, Troubles};
use crate::event::SkipReason;
use flate2::Crc;
use std::io::{Read, Seek, SeekFrom};

/// Compression methods that are read.
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// Read the archive that fills the first `len` bytes of `file`. Returns what is wrong with the
/// archive (what is wrong with a member is told with it), and whether it holds nothing.
pub(super) fn read<R: Read + Seek>(reading: &mut Reading<'_>, mut file: R, len: u64, place: &Place<'_>) -> (Troubles, bool) {
    let Some(mut directory) = Directory::find(&mut file, len) else {
        return (Troubles::of(SkipReason::ArchiveMetadata, len), true);
    };
    let mut troubles = Troubles::default();
    let (mut seen, mut packed, mut is_empty) = (0u64, 0u64, true);
    while let Some(record) = directory.next(&mut file) {
        packed = packed.saturating_add(record.packed);
        match data(&record, &mut file) {
            Ok(None) => {}
            Err(reason) => troubles.note(reason, 0),
            Ok(Some(start)) => {
                let Some(inner) = reading.member(place, &record.name, record.modified) else { break };
                is_empty = false;
                // More bytes than there are: members overlap, and bytes multiply though stored.
                member(reading, &mut file, start, &record, inner, packed > len);
            }
        }
        seen += 1;
    }
    let count = directory.declared.abs_diff(seen);
    if count > 0 {
        troubles.add(Trouble { reason: SkipReason::ArchiveMetadata, count, bytes: 0 });
    }
    (troubles, is_empty)
}

/// Where a member's bytes start; None for a folder, which has none.
fn data(record: &Record, file: &mut (impl Read + Seek)) -> Result<Option<u64>, SkipReason> {
    match record {
        _ if record.is_folder() => Ok(None),
        _ if record.is_special() => Err(SkipReason::MemberNotRegular),
        _ if record.encrypted => Err(SkipReason::ZipEncrypted),
        _ if !matches!(record.method, STORED | DEFLATED) => Err(SkipReason::ZipMethod),
        _ => record.data(file).map(Some).ok_or(SkipReason::ArchiveMetadata),
    }
}

fn member<R: Read + Seek>(
    reading: &mut Reading<'_>,
    file: &mut R,
    start: u64,
    record: &Record,
    place: Place<'_>,
    multiplied: bool,
) {
    let region = Region { file, at: start, left: record.packed, sought: false, troubles: Troubles::default() };
    let content = Content {
        below: Blocks::sized(region, record.packed),
        inflate: (record.method == DEFLATED).then(Inflate::new),
        crc: Crc::new(),
        given: 0,
        stated: (record.crc, record.size),
        over: false,
        troubles: Troubles::default(),
    };
    if record.method == DEFLATED || multiplied {
        let below = Rationed::new(content, reading.budget);
        reading.open(Blocks::sized(below, record.size), place.expanded());
    } else {
        reading.open(Blocks::sized(content, record.size), place);
    }
}

/// The bytes of one member, checked against the directory.
struct Content<'r> {
    below: Blocks<'r>,
    inflate: Option<Inflate>,
    crc: Crc,
    given: u64,
    stated: (u32, u64),
    over: bool,
    troubles: Troubles,
}

impl Content<'_> {
    fn end(&mut self, broken: bool) {
        if !std::mem::replace(&mut self.over, true) && (broken || (self.crc.sum(), self.given) != self.stated) {
            self.troubles.note(SkipReason::ArchiveMetadata, 0);
        }
    }
}

impl Bytes for Content<'_> {
    fn fill(&mut self, room: &mut [u8]) -> usize {
        if self.over || room.is_empty() {
            return 0;
        }
        let step = match &mut self.inflate {
            Some(inflate) => inflate.step(&mut self.below, room),
            None => match self.below.read(room).unwrap_or(0) {
                0 => Step::Last(0),
                n => Step::Some(n),
            },
        };
        let made = step.made();
        self.crc.update(&room[..made]);
        self.given += made as u64;
        match step {
            Step::Some(_) => {}
            Step::Last(_) => self.end(false),
            Step::Broken(_) => self.end(true),
        }
        made
    }

    fn troubles(&self, found: &mut Troubles) {
        self.below.troubles(found);
        found.extend(&self.troubles);
    }
}

/// A part of a file.
struct Region<'f, R> {
    file: &'f mut R,
    at: u64,
    left: u64,
    sought: bool,
    troubles: Troubles,
}

impl<R: Read + Seek> Bytes for Region<'_, R> {
    fn fill(&mut self, room: &mut [u8]) -> usize {
        let wanted = room.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let sought = self.sought || self.file.seek(SeekFrom::Start(self.at)).is_ok();
        self.sought = true;
        match blocks::read(self.file, &mut room[..wanted]) {
            Ok(n) if sought => {
                self.left -= n as u64;
                n
            }
            _ => {
                self.left = 0;
                self.troubles.note(SkipReason::Io, 0);
                0
            }
        }
    }

    fn troubles(&self, found: &mut Troubles) {
        found.extend(&self.troubles);
    }
}

#[cfg(test)]
mod tests;
