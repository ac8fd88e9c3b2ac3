//! The one routine that opens files, and reading them to the end they had when they were opened.
//!
//! A file is opened so that a link or a pipe that took its place meanwhile is refused and nothing
//! blocks, read up to the size it had at that moment, and looked at again at the end: a live log
//! yields a stated snapshot, not a moving one.

use super::bytes::{self, Bytes};
use super::trouble::Troubles;
use super::{Meter, modified};
use crate::event::SkipReason;
use crate::time::Stamp;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// An open regular file and what it looked like then.
pub(super) struct Opened {
    file: File,
    pub(super) size: u64,
    time: Option<SystemTime>,
}

impl Opened {
    /// Modification time, if it is one that a client can have caused.
    pub(super) fn modified(&self) -> Option<Stamp> {
        let since = self.time?.duration_since(UNIX_EPOCH).ok()?;
        modified(i64::try_from(since.as_millis()).ok()?)
    }

    /// Look at some other place of the file, without moving in it.
    pub(super) fn aside<T>(&self, look: impl FnOnce(&mut &File) -> T) -> Option<T> {
        let here = (&self.file).stream_position().ok()?;
        let seen = look(&mut &self.file);
        (&self.file).seek(SeekFrom::Start(here)).ok()?;
        Some(seen)
    }

    /// Was the file written to since it was opened?
    pub(super) fn changed(&self) -> bool {
        self.file.metadata().is_ok_and(|now| now.len() != self.size || now.modified().ok() != self.time)
    }
}

/// Open a regular file. `linked` allows the path itself to be a link.
///
/// # Errors
/// The reason not to read it.
pub(super) fn open(path: &Path, linked: bool) -> Result<Opened, SkipReason> {
    if NO_FOLLOW == 0 && !path.metadata().is_ok_and(|meta| meta.is_file()) {
        return Err(SkipReason::NotRegular);
    }
    let file = options(linked).open(path).map_err(|error| refusal(path, linked, &error))?;
    let meta = file.metadata().map_err(|error| reason(&error))?;
    if !meta.is_file() {
        return Err(SkipReason::NotRegular);
    }
    if NO_FOLLOW == 0 && !linked && path.symlink_metadata().is_ok_and(|meta| meta.is_symlink()) {
        return Err(SkipReason::Symlink);
    }
    Ok(Opened { file, size: meta.len(), time: meta.modified().ok() })
}

/// Why an open failed: the error's own reason, unless the path is no longer the file it was.
fn refusal(path: &Path, linked: bool, error: &io::Error) -> SkipReason {
    match path.symlink_metadata() {
        Ok(meta) if meta.is_symlink() && !linked => SkipReason::Symlink,
        Ok(meta) if !meta.is_file() && !meta.is_symlink() => SkipReason::NotRegular,
        _ => reason(error),
    }
}

/// The reason that stands for an error. What was there when folders were listed and is not
/// there now was changed by someone.
pub(super) fn reason(error: &io::Error) -> SkipReason {
    match error.kind() {
        ErrorKind::PermissionDenied => SkipReason::Permission,
        _ if is_absent(error) => SkipReason::ChangedWhileRead,
        _ => SkipReason::Io,
    }
}

/// Does the error say that there is no such path?
pub(super) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Open flags have names in `libc` only; these are their values on the systems we know. The first
/// refuses a link in the last part of the path, the second never waits for the other end of a pipe.
/// Elsewhere the path is looked at before and after the open.
const NO_FOLLOW: i32 = if cfg!(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "x86", target_arch = "riscv64")))
{
    0o400_000
} else if cfg!(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "arm", target_arch = "powerpc64"))) {
    0o100_000
} else if cfg!(target_os = "macos") {
    0x100
} else {
    0
};
const NO_WAIT: i32 = match NO_FOLLOW {
    0 => 0,
    0x100 => 0x4,
    _ => 0o4_000,
};

fn options(linked: bool) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, if linked { NO_WAIT } else { NO_WAIT | NO_FOLLOW });
    #[cfg(not(unix))]
    let _ = linked;
    options
}

/// The bytes of an open file.
pub(super) struct Disk<'f> {
    opened: &'f Opened,
    meter: &'f Meter,
    left: u64,
    at_end: bool,
    troubles: Troubles,
}

impl<'f> Disk<'f> {
    pub(super) fn new(opened: &'f Opened, meter: &'f Meter) -> Disk<'f> {
        Disk { opened, meter, left: opened.size, at_end: false, troubles: Troubles::default() }
    }

    fn end(&mut self) {
        self.left = 0;
        if !std::mem::replace(&mut self.at_end, true) && self.opened.changed() {
            self.troubles.note(SkipReason::ChangedWhileRead, 0);
        }
    }
}

impl Bytes for Disk<'_> {
    fn fill(&mut self, room: &mut [u8]) -> usize {
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(room.len());
        let read = if wanted == 0 { Ok(0) } else { bytes::read(&mut &self.opened.file, &mut room[..wanted]) };
        let n = read.unwrap_or_else(|_| {
            self.troubles.note(SkipReason::Io, 0);
            0
        });
        self.left -= n as u64;
        self.meter.add(n as u64);
        if n == 0 && !room.is_empty() {
            self.end();
        }
        n
    }

    /// What nobody wants to look at is counted without reading it.
    fn pass(&mut self) -> u64 {
        let rest = self.left;
        self.meter.add(rest);
        self.end();
        rest
    }

    /// Whatever keeps the system from it is met again when the bytes are read, and told then.
    #[cfg(target_os = "linux")]
    fn pour(&mut self, file: &File, most: u64) -> u64 {
        let wanted = usize::try_from(self.left.min(most)).unwrap_or(usize::MAX);
        let poured = rustix::fs::copy_file_range(&self.opened.file, None, file, None, wanted).unwrap_or(0) as u64;
        self.left -= poured;
        self.meter.add(poured);
        poured
    }

    #[cfg(target_os = "linux")]
    fn left(&self) -> u64 {
        self.left
    }

    fn pass_hole(&mut self) -> u64 {
        let hole = hole(&self.opened.file).unwrap_or(0).min(self.left);
        // Where the file cannot be moved on in, the hole is read like everything else.
        if hole == 0 || (&self.opened.file).seek_relative(i64::try_from(hole).unwrap_or(0)).is_err() {
            return 0;
        }
        self.left -= hole;
        self.meter.add(hole);
        hole
    }

    fn troubles(&self, found: &mut Troubles) {
        found.extend(&self.troubles);
    }
}

/// Length of the hole at the file's position. The position stays.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn hole(file: &File) -> Option<u64> {
    use rustix::fs::{SeekFrom, seek};
    use rustix::io::Errno;
    let here = (&*file).stream_position().ok()?;
    let data = match seek(file, SeekFrom::Data(here)) {
        Ok(data) => data,
        // Nothing but a hole up to the end.
        Err(Errno::NXIO) => seek(file, SeekFrom::End(0)).ok()?,
        Err(_) => return None,
    };
    seek(file, SeekFrom::Start(here)).ok()?;
    data.checked_sub(here)
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn hole(_: &File) -> Option<u64> {
    None
}

/// An open file that is read in any order, with an end where it had one. The meter moves as if
/// it were read once.
pub(super) struct Sought<'f> {
    opened: &'f Opened,
    meter: &'f Meter,
    unmetered: u64,
}

impl<'f> Sought<'f> {
    /// `metered` bytes of the file are on the meter already.
    pub(super) fn new(opened: &'f Opened, meter: &'f Meter, metered: u64) -> Sought<'f> {
        Sought { opened, meter, unmetered: opened.size.saturating_sub(metered) }
    }
}

impl Read for Sought<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = bytes::read(&mut &self.opened.file, into)?;
        let new = self.unmetered.min(n as u64);
        self.unmetered -= new;
        self.meter.add(new);
        Ok(n)
    }
}

impl Seek for Sought<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        (&self.opened.file).seek(to)
    }
}

impl Drop for Sought<'_> {
    fn drop(&mut self) {
        self.meter.add(self.unmetered);
    }
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::process::Command;

    fn read_all(disk: &mut Disk<'_>) -> (Vec<u8>, Troubles) {
        let (mut text, mut room, mut troubles) = (Vec::new(), [0; 4], Troubles::default());
        loop {
            match disk.fill(&mut room) {
                0 => break,
                n => text.extend_from_slice(&room[..n]),
            }
        }
        disk.troubles(&mut troubles);
        (text, troubles)
    }

    #[test]
    fn only_regular_files_are_opened_and_nothing_blocks() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        fs::write(at("file"), "x").unwrap();
        symlink(at("file"), at("link")).unwrap();
        assert!(Command::new("mkfifo").arg(at("fifo")).status().unwrap().success());
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        let refused = |name: &str, linked| open(&at(name), linked).err();
        assert_eq!(refused("file", false), None);
        assert_eq!(refused("link", false), Some(SkipReason::Symlink));
        assert_eq!(refused("link", true), None);
        for special in ["fifo", "socket", "."] {
            assert_eq!(refused(special, false), Some(SkipReason::NotRegular), "{special}");
        }
        assert_eq!(refused("gone", false), Some(SkipReason::ChangedWhileRead));
        assert_eq!(open(Path::new("/dev/zero"), false).err(), Some(SkipReason::NotRegular));
    }

    #[test]
    fn a_file_without_permission_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("shut");
        fs::write(&path, "x").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
        if File::open(&path).is_err() {
            // Root may read it all the same.
            assert_eq!(open(&path, false).err(), Some(SkipReason::Permission));
        }
    }

    #[test]
    fn a_file_is_read_to_the_end_it_had() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("live.log");
        let meter = Meter::new();
        let changed = Troubles::of(SkipReason::ChangedWhileRead, 0);
        for (then, want) in [("", "12"), ("12345678", "12345678"), ("12345678 and more", "12345678")] {
            fs::write(&path, "12345678").unwrap();
            let opened = open(&path, false).unwrap();
            let mut disk = Disk::new(&opened, &meter);
            let mut start = [0; 2];
            assert_eq!(disk.fill(&mut start), 2);
            if then != want {
                std::thread::sleep(std::time::Duration::from_millis(20));
                fs::write(&path, then).unwrap();
            }
            let (rest, troubles) = read_all(&mut disk);
            assert_eq!([&start[..], &rest].concat(), want.as_bytes());
            assert_eq!(troubles, if then == want { Troubles::default() } else { changed.clone() }, "{then}");
        }
        assert_eq!(meter.read(), 2 + 8 + 8);
    }

    #[test]
    fn passing_over_a_file_counts_it() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("sparse");
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        let (opened, meter) = (open(&path, false).unwrap(), Meter::new());
        assert_eq!(Disk::new(&opened, &meter).pass(), 1 << 40);
        assert_eq!(meter.read(), 1 << 40);
    }
}
