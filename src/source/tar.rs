//! Tar, as a stream: members in order, concatenated archives too, links and devices counted.
//!
//! The crate keeps a member's long name and extended header in memory whole, however long they
//! say they are, so it reads through a [`Fence`] that stands a fixed way behind the member's data.

mod sparse;

use self::sparse::Sparse;
use super::blocks::Blocks;
use super::budget::Rationed;
use super::bytes::Bytes;
use super::members::Roll;
use super::read::{Place, Reading};
use super::trouble::Troubles;
use super::{kind, modified};
use crate::event::SkipReason;
use std::cell::{Cell, RefCell};
use std::io::{self, BufRead, Read};
use tar::{Archive, Entry, EntryType};

/// Headers, long names and extended headers that may stand between the data of two members.
const METADATA: u64 = 1 << 20;

/// Size of a header; data are padded to it.
const RECORD: usize = kind::LOOK;

/// Read the archive in `blocks`.
pub(super) fn read(reading: &mut Reading<'_>, blocks: Blocks<'_>, place: Place<'_>) {
    let blocks = RefCell::new(blocks);
    let mut roll = Roll::default();
    let ended = loop {
        if !archive(reading, &blocks, &place, &mut roll) {
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
        roll.troubles.note(SkipReason::ArchiveMetadata, given_up);
    }
    roll.troubles.extend(&below);
    reading.close(place, roll);
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
fn archive(reading: &mut Reading<'_>, blocks: &RefCell<Blocks<'_>>, place: &Place<'_>, roll: &mut Roll) -> bool {
    skip_label(&mut blocks.borrow_mut());
    let fence = Fence { blocks, at: Cell::new(0), stands: Cell::new(METADATA), at_end: Cell::new(false) };
    let mut archive = Archive::new(&fence);
    let Ok(entries) = archive.entries() else { return false };
    for entry in entries {
        let Ok(mut entry) = entry else { return false };
        fence.move_behind(&entry);
        match role(&entry) {
            Role::Header => {}
            Role::Folder => roll.folder(),
            Role::Special => roll.skip(SkipReason::MemberNotRegular, 0),
            Role::File => {
                let time = entry.header().mtime().ok().and_then(|s| modified(i64::try_from(s).ok()?.checked_mul(1000)?));
                let sparse = Sparse::of(&mut entry);
                let name = sparse.name.clone().unwrap_or_else(|| entry.path_bytes().into_owned());
                if let Some(inner) = reading.member(place, &name, time, roll) {
                    member(reading, entry, blocks, inner, sparse);
                }
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
    sparse: Sparse,
) {
    let (size, has_holes) = (entry.size(), entry.header().entry_type().is_gnu_sparse());
    let member = Member { entry, left: size, cut: false, blocks };
    // A few records may stand for any number of NULs.
    if has_holes {
        let below = Rationed::new(member, reading.budget, 1);
        return reading.open(Blocks::sized(below, size), place.expanded());
    }
    match sparse.fill(Blocks::sized(member, size)) {
        Ok(holes) => reading.open(Blocks::new(Rationed::new(holes, reading.budget, 1)), place.expanded()),
        Err(plain) => reading.open(plain, place),
    }
}

/// A volume label (GNU) is a header whose number fields may be blank, which the crate refuses.
fn skip_label(blocks: &mut Blocks<'_>) {
    if blocks.want(RECORD).get(156) == Some(&b'V') {
        blocks.skip(RECORD);
    }
}

/// What an entry is.
enum Role {
    File,
    /// A link or device: there is nothing to read in it.
    Special,
    Folder,
    /// Not a member: it says something about others.
    Header,
}

/// What to do with an entry. A type that is not known is to be taken as a file (POSIX).
fn role<R: Read>(entry: &Entry<'_, R>) -> Role {
    match entry.header().entry_type() {
        EntryType::XGlobalHeader | EntryType::XHeader => Role::Header,
        EntryType::Link | EntryType::Symlink | EntryType::Char | EntryType::Block | EntryType::Fifo => Role::Special,
        EntryType::Directory => Role::Folder,
        // GNU: the list of names in a folder of an incremental dump.
        kind if kind.as_byte() == b'D' => Role::Folder,
        // Before ustar a folder was a file whose name ends in a slash.
        _ if entry.size() == 0 && entry.path_bytes().ends_with(b"/") => Role::Folder,
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
