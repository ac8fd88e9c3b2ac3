//! From an input to its sources: unpack and take apart whatever it is, layer by layer, and hand
//! each source to a visitor while it is open.
//!
//! Nothing is unpacked to disk, and but for a zip that cannot be sought in, nothing is held in
//! memory. The visitor is told of everything: what it is not given as a stream it is given as
//! [`Refused`], with reasons.

use super::blocks::Blocks;

use super::budget::Rationed;
use super::bytes::Pipe;
use super::bzip2::Bzip2;
use super::coder::{Coder, Streams};
use super::gzip::Gzip;
use super::kind::{self, Kind};
use super::members::{Members, Roll};
use super::open::{self, Disk, Opened, Sought};
use super::stream::Stream;
use super::trouble::Troubles;
use super::walk::{Input, What};
use super::xz::Xz;
use super::zstd::Zstd;
use super::{Budget, Meter, Name, tar, zip};
use crate::event::{SkipReason, SourceKind};
use crate::time::Stamp;
use std::io::{self, Cursor, Read};
use std::path::Path;

/// Deepest archive in an archive in an archive that is read.
const ARCHIVES: u8 = 4;

/// Most layers of compression, over all archives around a source.
const LAYERS: u8 = 8;

/// Largest window or dictionary of the outermost decompressor: what `zstd` takes without being
/// asked (2²⁷), and twice what `xz -9` makes. Further in it is less, but never less than what
/// these tools make by default.
const WINDOW: u64 = 128 << 20;
const LEAST_WINDOW: u64 = 8 << 20;

/// What the records of all members of one input may take in memory: those of a million with names
/// of usual length.
const PURSE: u64 = 400 << 20;

/// What a member's record takes beside its name, which is kept twice: as it is, and as printed.
const RECORD: u64 = 288;

/// Largest zip that is read where the medium cannot be sought in: standard input, or a member of
/// another archive. Nested ones share it.
const BUFFERED: u64 = 256 << 20;

/// What a visitor is shown.
pub enum Found<'f, 'a> {
    /// A source, open.
    Source(&'f mut Stream<'a>),
    /// An archive, after its members.
    Archive(Closed),
    /// Something that is not opened.
    Refused(Refused),
}

/// An archive that was read to its end, or as far as it goes.
#[derive(Clone, Debug)]
pub struct Closed {
    /// What it is called.
    pub name: Name,
    /// Modification time, where the medium keeps one.
    pub modified: Option<Stamp>,
    /// How many archives it stands in. Its members stand in one more.
    pub depth: u8,
    /// Its members: what it has and what was not handed out.
    pub members: Members,
    /// What went wrong with it.
    pub troubles: Troubles,
}

/// An input or member that was not opened.
#[derive(Clone, Debug)]
pub struct Refused {
    /// What it is called.
    pub name: Name,
    /// [`SourceKind::Archive`], or [`SourceKind::Unrecognised`] for what was never looked into.
    pub kind: SourceKind,
    /// Modification time, where the medium keeps one.
    pub modified: Option<Stamp>,
    /// How many archives it stands in.
    pub depth: u8,
    /// What went wrong.
    pub troubles: Troubles,
}

/// Read one input and show `visit` everything in it, in the order of the input.
pub fn read(input: &Input, budget: &Budget, meter: &Meter, visit: &mut dyn FnMut(Found<'_, '_>)) {
    let mut reading = Reading::new(budget, meter, visit);
    match input.what {
        What::Refused(reason) => {
            reading.refuse(Place::new(input.name()), SourceKind::Unrecognised, Troubles::of(reason, 0));
        }
        What::Stdin => reading.open(Blocks::new(Pipe::new(io::stdin().lock(), meter)), Place::new(input.name())),
        What::File { linked } => {
            reading.file(input.path(), input.name(), linked);
            input.sides().for_each(|side| reading.file(&side.path, side.name.clone(), false));
        }
    }
}

/// Where in an input we are.
pub(super) struct Place<'d> {
    pub(super) name: Name,
    pub(super) modified: Option<Stamp>,
    archives: u8,
    layers: u8,
    /// The bytes come out of a decompressor, so a budget applies.
    expanded: bool,
    /// The bytes lie on disk as they are, so they can be sought in.
    disk: Option<&'d Opened>,
}

impl Place<'_> {
    pub(super) fn new(name: Name) -> Self {
        Place { name, modified: None, archives: 0, layers: 0, expanded: false, disk: None }
    }
}

/// What the layers of one input share.
pub(super) struct Reading<'v> {
    pub(super) budget: &'v Budget,
    meter: &'v Meter,
    purse: u64,
    buffer: u64,
    visit: &'v mut dyn FnMut(Found<'_, '_>),
}

impl<'v> Reading<'v> {
    pub(super) fn new(budget: &'v Budget, meter: &'v Meter, visit: &'v mut dyn FnMut(Found<'_, '_>)) -> Reading<'v> {
        Reading { budget, meter, purse: PURSE, buffer: BUFFERED, visit }
    }

    /// Read a file on disk.
    fn file(&mut self, path: &Path, name: Name, linked: bool) {
        let place = Place::new(name);
        match open::open(path, linked) {
            Err(reason) => self.refuse(place, SourceKind::Unrecognised, Troubles::of(reason, 0)),
            Ok(opened) => {
                let blocks = Blocks::sized(Disk::new(&opened, self.meter), opened.size);
                self.open(blocks, Place { modified: opened.modified(), disk: Some(&opened), ..place });
            }
        }
    }

    /// Find out what `blocks` are and read them.
    pub(super) fn open(&mut self, mut blocks: Blocks<'_>, place: Place<'_>) {
        let head = blocks.want(kind::LOOK);
        match kind::of(head) {
            Kind::Plain => match place.disk.filter(|opened| carries_zip(head, &place.name, opened)) {
                Some(opened) => self.zip_on_disk(opened, blocks.received(), place),
                None => self.source(blocks, place),
            },
            Kind::Gzip | Kind::Zstd | Kind::Xz | Kind::Bzip2 if place.layers == LAYERS => self.too_deep(blocks, place),
            Kind::Tar | Kind::Zip if place.archives == ARCHIVES => self.too_deep(blocks, place),
            Kind::Gzip => self.unpack::<Gzip>(blocks, place),
            Kind::Zstd => self.unpack::<Zstd>(blocks, place),
            Kind::Xz => self.unpack::<Xz>(blocks, place),
            Kind::Bzip2 => self.unpack::<Bzip2>(blocks, place),
            Kind::Tar => tar::read(self, blocks, place),
            Kind::Zip => match place.disk {
                Some(opened) => self.zip_on_disk(opened, blocks.received(), place),
                None => self.zip_in_memory(blocks, place),
            },
        }
    }

    /// Read what comes out of compressed streams.
    fn unpack<C: Coder>(&mut self, blocks: Blocks<'_>, place: Place<'_>) {
        let streams = Streams::<C>::new(blocks, place.memory());
        self.open(Blocks::new(Rationed::new(streams, self.budget, C::PRICE)), place.unpacked());
    }

    /// The place of a member of the archive at `outer`, which is counted; None when there have
    /// been too many.
    pub(super) fn member(
        &mut self,
        outer: &Place<'_>,
        label: &[u8],
        modified: Option<Stamp>,
        roll: &mut Roll,
    ) -> Option<Place<'static>> {
        let name = outer.name.private().len() + label.len().min(Name::LABEL);
        let cost = RECORD + 2 * name as u64;
        let Some(left) = self.purse.checked_sub(cost) else {
            roll.skip(SkipReason::ArchiveMembers, 0);
            return None;
        };
        self.purse = left;
        roll.handed();
        let name = outer.name.member(label).again(roll.times(label));
        Some(Place { name, modified, archives: outer.archives + 1, layers: outer.layers, expanded: outer.expanded, disk: None })
    }

    /// Say that something was not read.
    fn refuse(&mut self, place: Place<'_>, kind: SourceKind, troubles: Troubles) {
        let refused = Refused { name: place.name, kind, modified: place.modified, depth: place.archives, troubles };
        (self.visit)(Found::Refused(refused));
    }

    /// The archive at `place` is at its end.
    pub(super) fn close(&mut self, place: Place<'_>, roll: Roll) {
        let Roll { members, troubles, .. } = roll;
        let Place { name, modified, archives, .. } = place;
        (self.visit)(Found::Archive(Closed { name, modified, depth: archives, members, troubles }));
    }

    fn source(&mut self, blocks: Blocks<'_>, place: Place<'_>) {
        let mut blocks: Blocks<'_> = blocks; // of a life as short as the budget's
        if place.expanded {
            blocks.ration(self.budget);
        }
        (self.visit)(Found::Source(&mut Stream::new(place.name, place.modified, place.archives, blocks)));
    }

    fn too_deep(&mut self, mut blocks: Blocks<'_>, place: Place<'_>) {
        let mut troubles = Troubles::of(SkipReason::ArchiveDepth, blocks.pass());
        blocks.troubles(&mut troubles);
        self.refuse(place, SourceKind::Archive, troubles);
    }

    fn zip_on_disk(&mut self, opened: &Opened, metered: u64, place: Place<'_>) {
        let mut roll = zip::read(self, Sought::new(opened, self.meter, metered), opened.size, &place);
        if opened.changed() {
            roll.troubles.note(SkipReason::ChangedWhileRead, 0);
        }
        self.close(place, roll);
    }

    fn zip_in_memory(&mut self, mut blocks: Blocks<'_>, place: Place<'_>) {
        let mut bytes = Vec::new();
        // Reading from blocks does not fail.
        let _ = blocks.by_ref().take(self.buffer).read_to_end(&mut bytes);
        let len = bytes.len() as u64;
        let rest = blocks.pass();
        if rest > 0 {
            let reason = if place.archives == 0 { SkipReason::FileTooLarge } else { SkipReason::ArchiveDepth };
            let mut troubles = Troubles::of(reason, len + rest);
            blocks.troubles(&mut troubles);
            return self.refuse(place, SourceKind::Archive, troubles);
        }
        self.buffer -= len;
        let mut roll = zip::read(self, Cursor::new(bytes), len, &place);
        self.buffer += len;
        blocks.troubles(&mut roll.troubles);
        self.close(place, roll);
    }
}

/// Does a file carry a zip behind something else, as one that unpacks itself does?
fn carries_zip(head: &[u8], name: &Name, opened: &Opened) -> bool {
    kind::may_carry_zip(head, name.private()) && opened.aside(|file| zip::is_carried(file, opened.size)).unwrap_or(false)
}

impl<'d> Place<'d> {
    /// What the next decompressor may keep: half of what the one around it may, because they
    /// work at the same time.
    pub(super) fn memory(&self) -> u64 {
        (WINDOW >> self.layers).max(LEAST_WINDOW)
    }

    /// One compression further in.
    fn unpacked(self) -> Place<'d> {
        Place { layers: self.layers + 1, expanded: true, disk: None, ..self }
    }

    /// The same place, where the bytes come out of a decompressor.
    pub(super) fn expanded(self) -> Place<'d> {
        Place { expanded: true, ..self }
    }
}

#[cfg(test)]
mod tests;
