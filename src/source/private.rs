//! The one place where something of the input is written: a folder of our own, for the time of
//! the run, that nobody else may look into.
//!
//! A SQLite database can be read with its write-ahead log only where SQLite may write; so a copy
//! is taken, and the evidence is never opened by it. The folder is made when the first copy is
//! taken and removed with everything in it when the last holder lets go of it.

use super::Stream;
use crate::event::SkipReason;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// Largest sum of all copies that lie in the folder at one time.
const ROOM: u64 = 8 << 30;

/// How much the system is asked to move at a time.
const POURED: u64 = 8 << 20;

/// The folder.
#[derive(Debug)]
pub struct Private {
    path: PathBuf,
    made: OnceLock<bool>,
    next: AtomicU64,
    room: u64,
    taken: AtomicU64,
    was_full: AtomicBool,
}

/// A copy in the folder; gone when dropped.
#[derive(Debug)]
pub struct Copy<'p> {
    private: &'p Private,
    path: PathBuf,
    len: u64,
}

impl Private {
    /// The folder at `path`, which must not exist yet.
    pub fn at(path: PathBuf) -> Private {
        Private::with_room(path, ROOM)
    }

    /// The same, for copies of at most `room` bytes at one time.
    pub(crate) fn with_room(path: PathBuf, room: u64) -> Private {
        let (next, taken, was_full) = (AtomicU64::new(0), AtomicU64::new(0), AtomicBool::new(false));
        Private { path, made: OnceLock::new(), next, room, taken, was_full }
    }

    /// Was there no room for a copy, here or on the disk, since this was last asked? Then what was
    /// copied depends on what else was being copied.
    pub fn was_full(&self) -> bool {
        self.was_full.swap(false, Relaxed)
    }

    /// Why a copy was not made.
    fn refusal(&self, error: &io::Error) -> SkipReason {
        let full = [ErrorKind::StorageFull, ErrorKind::QuotaExceeded, ErrorKind::FileTooLarge, ErrorKind::WriteZero];
        if !full.contains(&error.kind()) {
            return SkipReason::SqliteCopy;
        }
        self.was_full.store(true, Relaxed);
        SkipReason::SqliteDiskFull
    }

    fn make(&self) -> bool {
        *self.made.get_or_init(|| {
            let mut builder = DirBuilder::new();
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(&self.path).is_ok()
        })
    }

    fn file(&self) -> io::Result<(File, PathBuf)> {
        if !self.make() {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let path = self.path.join(self.next.fetch_add(1, Relaxed).to_string());
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok((options.open(&path)?, path))
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        if self.made.get() == Some(&true) {
            // A folder that cannot be removed holds nothing that its owner may not see.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

impl Stream<'_> {
    /// Take everything, as a copy in the folder.
    ///
    /// # Errors
    /// The reason, when the folder or the disk has no room for it, or cannot be written to.
    pub fn copy<'p>(&mut self, private: &'p Private) -> Result<Copy<'p>, SkipReason> {
        let (mut file, path) = private.file().map_err(|error| private.refusal(&error))?;
        // From here on the copy removes what it has written, whatever comes.
        let mut copy = Copy { private, path, len: 0 };
        loop {
            // What was not read yet need not be: the system moves it by itself.
            let wanted = self.left().min(POURED);
            if wanted > 0 {
                copy.take(wanted)?;
                let poured = self.pour(&file, wanted);
                copy.give_back(wanted - poured);
                if poured > 0 {
                    continue;
                }
            }
            let bytes = self.ahead();
            if bytes.is_empty() {
                break;
            }
            let n = bytes.len();
            copy.take(n as u64)?;
            file.write_all(bytes).map_err(|error| private.refusal(&error))?;
            self.consume(n);
        }
        file.flush().map_err(|error| private.refusal(&error))?;
        Ok(copy)
    }
}

impl Copy<'_> {
    /// Take so much of the room.
    fn take(&mut self, bytes: u64) -> Result<(), SkipReason> {
        self.len += bytes;
        if self.private.taken.fetch_add(bytes, Relaxed) + bytes > self.private.room {
            self.private.was_full.store(true, Relaxed);
            return Err(SkipReason::SqliteRoom);
        }
        Ok(())
    }

    fn give_back(&mut self, bytes: u64) {
        self.len -= bytes;
        self.private.taken.fetch_sub(bytes, Relaxed);
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its length in bytes.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// True when it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Put it where SQLite looks for the write-ahead log of `database`.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn stand_beside(&mut self, database: &Copy<'_>) -> io::Result<()> {
        let path = with_end(&database.path, "-wal");
        fs::rename(&self.path, &path)?;
        self.path = path;
        Ok(())
    }
}

impl Drop for Copy<'_> {
    fn drop(&mut self) {
        self.private.taken.fetch_sub(self.len, Relaxed);
        // SQLite makes the other two beside a database.
        for end in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(with_end(&self.path, end));
        }
    }
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(end);
    path.into()
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::Name;
    use super::super::blocks::Blocks;
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn stream(bytes: &[u8]) -> Stream<'_> {
        Stream::new(Name::of_text("x"), None, 0, Blocks::new(bytes))
    }

    #[test]
    fn copies_are_ours_alone_and_leave_nothing() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("own");
        let private = Private::at(path.clone());
        assert!(!path.exists(), "made only when needed");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        {
            let (one, mut two) = (stream(b"12345").copy(&private).unwrap(), stream(b"log").copy(&private).unwrap());
            assert_eq!((fs::read(one.path()).unwrap(), one.len(), two.len()), (b"12345".to_vec(), 5, 3));
            assert_eq!((mode(&path), mode(one.path())), (0o700, 0o600));
            two.stand_beside(&one).unwrap();
            assert_eq!(fs::read(with_end(one.path(), "-wal")).unwrap(), b"log");
            assert_eq!(fs::read_dir(&path).unwrap().count(), 2);
        }
        assert_eq!(fs::read_dir(&path).unwrap().count(), 0);
        drop(private);
        assert!(!path.exists());
    }

    #[test]
    fn a_folder_that_is_there_already_is_not_ours() {
        let temp = tempfile::tempdir().unwrap();
        let private = Private::at(temp.path().to_path_buf());
        assert!(stream(b"x").copy(&private).is_err());
        drop(private);
        assert!(temp.path().exists());
    }
}
