//! The bytes of one member of a zip, unpacked and checked against what the archive says of them.

use super::super::blocks::Blocks;

use super::super::bytes::{self, Bytes};
use super::super::bzip2::Bzip2;
use super::super::coder::{Coder, Step, Streams};
use super::super::inflate::Inflate;
use super::super::trouble::Troubles;
use super::super::xz::Xz;
use super::super::zstd::Zstd;
use crate::event::SkipReason;
use flate2::Crc;
use std::io::{Read, Seek, SeekFrom};

/// How a member is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Stored,
    Deflated,
    Bzip2,
    Zstd,
    Xz,
}

impl Method {
    /// The method of this number, if it is one that is read.
    pub(super) fn of(number: u64) -> Option<Method> {
        match number {
            0 => Some(Method::Stored),
            8 => Some(Method::Deflated),
            12 => Some(Method::Bzip2),
            93 => Some(Method::Zstd),
            95 => Some(Method::Xz),
            _ => None,
        }
    }

    /// What an unpacked byte costs the run.
    pub(super) fn price(self) -> u64 {
        match self {
            Method::Stored | Method::Deflated => 1,
            Method::Bzip2 => Bzip2::PRICE,
            Method::Zstd => Zstd::PRICE,
            Method::Xz => Xz::PRICE,
        }
    }
}

/// The member's bytes.
pub(super) struct Content<'r> {
    packed: Packed<'r>,
    crc: Crc,
    given: u64,
    stated: Option<(u64, u64)>,
    over: bool,
    troubles: Troubles,
}

/// What they come from.
enum Packed<'r> {
    Stored(Blocks<'r>, u64),
    Deflated(Blocks<'r>, Inflate),
    Other(Box<dyn Bytes + 'r>),
}

impl<'r> Content<'r> {
    /// What the `len` bytes of `region` unpack to. `stated` are the sum and the size it must
    /// come to, where they are known; `memory` is what a decompressor may keep.
    pub(super) fn new(region: impl Bytes + 'r, len: u64, method: Method, stated: Option<(u64, u64)>, memory: u64) -> Content<'r> {
        let region = Blocks::sized(region, len);
        let packed = match method {
            Method::Stored => Packed::Stored(region, len),
            Method::Deflated => Packed::Deflated(region, Inflate::new()),
            Method::Bzip2 => Packed::Other(Box::new(Streams::<Bzip2>::new(region, memory))),
            Method::Zstd => Packed::Other(Box::new(Streams::<Zstd>::new(region, memory))),
            Method::Xz => Packed::Other(Box::new(Streams::<Xz>::new(region, memory))),
        };
        Content { packed, crc: Crc::new(), given: 0, stated, over: false, troubles: Troubles::default() }
    }

    fn step(&mut self, room: &mut [u8]) -> Step {
        match &mut self.packed {
            Packed::Deflated(below, inflate) => inflate.step(below, room),
            Packed::Stored(below, len) => match below.read(room).unwrap_or(0) {
                0 if self.given < *len => Step::Broken(0),
                0 => Step::Last(0),
                n => Step::Some(n),
            },
            Packed::Other(below) => match below.fill(room) {
                0 => Step::Last(0),
                n => Step::Some(n),
            },
        }
    }

    /// At the end of what was packed: is it all that was due, and no more?
    fn end(&mut self, broken: bool) {
        self.over = true;
        let behind = match &mut self.packed {
            Packed::Deflated(below, _) if !broken => below.pass(),
            _ => 0,
        };
        let mut said = Troubles::default();
        if let Packed::Other(below) = &self.packed {
            below.troubles(&mut said);
        }
        let sums = (u64::from(self.crc.sum()), self.given);
        if broken {
            self.troubles.note(SkipReason::ZipTruncated, 0);
        } else if behind > 0 || (said.is_empty() && self.stated.is_some_and(|stated| stated != sums)) {
            self.troubles.note(SkipReason::ZipMismatch, behind);
        }
    }
}

impl Bytes for Content<'_> {
    fn fill(&mut self, room: &mut [u8]) -> usize {
        if self.over || room.is_empty() {
            return 0;
        }
        let step = self.step(room);
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
        match &self.packed {
            Packed::Stored(below, _) | Packed::Deflated(below, _) => below.troubles(found),
            Packed::Other(below) => below.troubles(found),
        }
        found.extend(&self.troubles);
    }
}

/// A part of a file.
pub(super) struct Region<'f, R> {
    file: &'f mut R,
    at: u64,
    left: u64,
    sought: bool,
    troubles: Troubles,
}

impl<'f, R: Read + Seek> Region<'f, R> {
    /// The `len` bytes from `at` on.
    pub(super) fn new(file: &'f mut R, at: u64, len: u64) -> Region<'f, R> {
        Region { file, at, left: len, sought: false, troubles: Troubles::default() }
    }
}

impl<R: Read + Seek> Bytes for Region<'_, R> {
    fn fill(&mut self, room: &mut [u8]) -> usize {
        let wanted = room.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let sought = self.sought || self.file.seek(SeekFrom::Start(self.at)).is_ok();
        self.sought = true;
        match bytes::read(self.file, &mut room[..wanted]) {
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
