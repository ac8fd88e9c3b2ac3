//! Tar, as a stream: members in order, concatenated archives too, links and devices counted.
//!
//! The crate keeps a member's long name and extended header in memory whole, however long they
//! say they are, so it reads through a [`Fence`] that stands a fixed way behind the member's data.

use super::blocks::{Blocks, Bytes};
use super::budget::Rationed;
use super::read::{Place, Reading};
use super::trouble::Troubles;
use super::{kind, modified};
use crate::event::SkipReason;
use memchr::memchr;
use std::cell::{Cell, RefCell};
use std::io::{self, BufRead, Read};
use tar::{Archive, Entry, EntryType};

/// Headers, long names and extended headers that may stand between the data of two members.
const METADATA: u64 = 1 << 20;

/// Size of a header; data are padded to it.
const RECORD: usize = kind::LOOK;

/// Longest line of a map of holes: a number of 64 bits.
const MAP_LINE: usize = 24;

/// Read the archive in `blocks`.
pub(super) fn read(reading: &mut Reading<'_>, blocks: Blocks<'_>, place: Place<'_>) {
    let blocks = RefCell::new(blocks);
    let (mut troubles, mut is_empty) = (Troubles::default(), true);
    let ended = loop {
        if !archive(reading, &blocks, &place, &mut troubles, &mut is_empty) {
            break false;
        }
        // Archives may be joined end to end; between and behind them is padding.
        if at_end(&mut blocks.borrow_mut()) {
            break true;
        }
    };
    let given_up = blocks.borrow_mut().pass();
    let mut below = Troubles::default();
    blocks.borrow().troubles(&mut below);
    if !ended && (given_up > 0 || below.is_empty()) {
        troubles.note(SkipReason::ArchiveMetadata, given_up);
    }
    troubles.extend(&below);
    reading.close(place, troubles, is_empty);
}

/// Skip empty records. True when nothing else is left.
fn at_end(blocks: &mut Blocks<'_>) -> bool {
    loop {
        let ahead = blocks.want(RECORD);
        let is_empty = ahead.iter().take(RECORD).all(|b| *b == 0);
        match ahead.len().min(RECORD) {
            0 => return true,
            len if is_empty => blocks.consume(len),
            _ => return false,
        }
    }
}

/// Read one archive up to its end mark. False when there is none: it was cut or is damaged.
fn archive(
    reading: &mut Reading<'_>,
    blocks: &RefCell<Blocks<'_>>,
    place: &Place<'_>,
    troubles: &mut Troubles,
    is_empty: &mut bool,
) -> bool {
    skip_label(&mut blocks.borrow_mut());
    let fence = Fence { blocks, at: Cell::new(0), stands: Cell::new(METADATA), at_end: Cell::new(false) };
    let mut archive = Archive::new(&fence);
    let Ok(entries) = archive.entries() else { return false };
    for entry in entries {
        let Ok(mut entry) = entry else { return false };
        fence.move_behind(&entry);
        match role(&entry) {
            Role::Nothing => {}
            Role::Special => troubles.note(SkipReason::MemberNotRegular, 0),
            Role::File => {
                let time = entry.header().mtime().ok().and_then(|s| modified(i64::try_from(s).ok()?.checked_mul(1000)?));
                let (name, map) = sparse(&mut entry);
                let name = name.unwrap_or_else(|| entry.path_bytes().into_owned());
                let Some(inner) = reading.member(place, &name, time) else { return false };
                *is_empty = false;
                member(reading, entry, blocks, inner, map);
            }
        }
    }
    !fence.at_end.get()
}

fn member<'b, R: Read>(
    reading: &mut Reading<'_>,
    entry: Entry<'b, R>,
    blocks: &'b RefCell<Blocks<'_>>,
    place: Place<'_>,
    map_in_data: bool,
) {
    let (size, sparse) = (entry.size(), entry.header().entry_type().is_gnu_sparse());
    let member = Member { entry, left: size, cut: false, blocks };
    if sparse {
        // A few records may stand for any number of NULs.
        let below = Rationed::new(member, reading.budget);
        return reading.open(Blocks::sized(below, size), place.expanded());
    }
    let mut member = Blocks::sized(member, size);
    if map_in_data {
        skip_map(&mut member);
    }
    reading.open(member, place);
}

/// A volume label (GNU) is a header whose number fields may be blank, which the crate refuses.
fn skip_label(blocks: &mut Blocks<'_>) {
    if blocks.want(RECORD).get(156) == Some(&b'V') {
        blocks.skip(RECORD);
    }
}

/// Sparse members in the newer form, which libarchive writes unasked: the header bears a made-up
/// name, and from version 1 on a map of the holes stands before the data. Returns the real name,
/// and whether there is such a map.
fn sparse<R: Read>(entry: &mut Entry<'_, R>) -> (Option<Vec<u8>>, bool) {
    let fields: Vec<_> = entry.pax_extensions().ok().flatten().into_iter().flatten().flatten().collect();
    let value = |key: &[u8]| fields.iter().find(|field| field.key_bytes() == key).map(|field| field.value_bytes());
    (value(b"GNU.sparse.name").map(<[u8]>::to_vec), value(b"GNU.sparse.major") == Some(b"1"))
}

/// Skip such a map: how many extents, then offset and length of each, a number a line, padded.
/// The holes are left out; nothing stands in them.
fn skip_map(member: &mut Blocks<'_>) {
    let (mut lines, mut used) = (None, 0);
    while lines != Some(0) {
        let ahead = member.want(MAP_LINE);
        let Some(end) = memchr(b'\n', ahead.get(..MAP_LINE).unwrap_or(ahead)) else { return };
        let number = || std::str::from_utf8(&ahead[..end]).ok()?.parse::<u32>().ok();
        lines = Some(lines.map_or_else(|| 2 * u64::from(number().unwrap_or(0)), |lines: u64| lines - 1));
        member.consume(end + 1);
        used += end + 1;
    }
    member.skip(used.next_multiple_of(RECORD) - used);
}

enum Role {
    File,
    Special,
    Nothing,
}

/// What to do with a member. A type that is not known is to be taken as a file (POSIX).
fn role<R: Read>(entry: &Entry<'_, R>) -> Role {
    match entry.header().entry_type() {
        EntryType::Directory | EntryType::XGlobalHeader | EntryType::XHeader => Role::Nothing,
        EntryType::Link | EntryType::Symlink | EntryType::Char | EntryType::Block | EntryType::Fifo => Role::Special,
        // GNU: the list of names in a folder of an incremental dump.
        kind if kind.as_byte() == b'D' => Role::Nothing,
        // Before ustar a folder was a file whose name ends in a slash.
        _ if entry.size() == 0 && entry.path_bytes().ends_with(b"/") => Role::Nothing,
        _ => Role::File,
    }
}

/// The bytes of one member.
struct Member<'b, 'a, R: Read> {
    entry: Entry<'b, R>,
    left: u64,
    cut: bool,
    blocks: &'b RefCell<Blocks<'a>>,
}

impl<R: Read> Bytes for Member<'_, '_, R> {
    fn fill(&mut self, room: &mut [u8]) -> usize {
        let n = self.entry.read(room).unwrap_or(0);
        self.left = self.left.saturating_sub(n as u64);
        self.cut |= n == 0 && !room.is_empty() && self.left > 0;
        n
    }

    /// Why the archive ended inside the member; what else is wrong with it is no concern of the
    /// member's.
    fn troubles(&self, found: &mut Troubles) {
        if self.cut {
            let mut below = Troubles::default();
            self.blocks.borrow().troubles(&mut below);
            if below.is_empty() {
                below.note(SkipReason::ArchiveMetadata, 0);
            }
            found.extend(&below);
        }
    }
}

/// Lets the crate read so far and no further.
struct Fence<'b, 'a> {
    blocks: &'b RefCell<Blocks<'a>>,
    at: Cell<u64>,
    stands: Cell<u64>,
    at_end: Cell<bool>,
}

impl Fence<'_, '_> {
    /// Allow the data of `entry` and what may stand behind them.
    fn move_behind<R: Read>(&self, entry: &Entry<'_, R>) {
        let sparse = entry.header().entry_type().is_gnu_sparse();
        let size = if sparse { entry.header().entry_size().unwrap_or(0) } else { entry.size() };
        // Map records of a sparse file stand between its header and its data.
        let data = self.at.get().max(entry.raw_file_position());
        self.stands.set(data.saturating_add(size).saturating_add(RECORD as u64 + METADATA));
    }
}

impl Read for &Fence<'_, '_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let allowed = self.stands.get().saturating_sub(self.at.get());
        if allowed == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let room = into.len().min(usize::try_from(allowed).unwrap_or(usize::MAX));
        let n = self.blocks.borrow_mut().read(&mut into[..room])?;
        self.at.set(self.at.get() + n as u64);
        self.at_end.set(self.at_end.get() || n == 0 && room > 0);
        Ok(n)
    }
}

#[cfg(test)]
mod tests;
