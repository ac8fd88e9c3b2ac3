//! Writing the report: each file is replaced as a whole or not at all, and no byte counts as
//! written before the system has said so.
//!
//! A regular file is staged beside its target, flushed and synced, and takes its place by a
//! rename; a device or pipe that was named as a target is written to directly. All files are
//! staged before the first one is renamed, so that a full disk leaves every old report intact.

use crate::event::SourceKind;
use crate::reader;
use crate::say::{Complaint, io_cause, quoted};
use crate::source::{Head, Name};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// What a rendered report is written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Markdown.
    #[default]
    Markdown,
    /// JSON.
    Json,
}

/// Where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Standard output.
    Stdout,
    /// A file, device or pipe, as it was named.
    File(PathBuf),
}

/// One output that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// As what.
    pub format: Format,
    /// Where to.
    pub target: Target,
}

/// How writing ended when it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// Everything is where it should be.
    All,
    /// Every file is; the reader of a pipe had enough before the end.
    PipeClosed,
}

/// Who may read a report that did not exist before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Whoever the user's mask allows.
    Anyone,
    /// The user only: the report holds words of the input. An old file's looser mode is dropped.
    Owner,
}

/// Find out before a long run that the outputs cannot be written.
///
/// # Errors
/// When a folder is missing or in the way, two outputs would be one file, or an output would
/// replace one of `inputs` or a file below them that is no earlier report.
pub fn check(outputs: &[Output], inputs: &[&Path]) -> Result<(), Complaint> {
    let inputs: Vec<PathBuf> = inputs.iter().filter_map(|path| fs::canonicalize(path).ok()).collect();
    let mut taken: Vec<Option<PathBuf>> = Vec::new();
    for output in outputs {
        let place = match &output.target {
            Target::Stdout => None,
            Target::File(path) if is_special(path) => continue,
            Target::File(path) => Some(
                place(path)
                    .map_err(|cause| Complaint::new(quoted(path.as_os_str()), cause, "name a file in a folder that exists"))?,
            ),
        };
        if let (Some(place), Target::File(path)) = (&place, &output.target)
            && is_input(place, &inputs)
        {
            return Err(Complaint::new(quoted(path.as_os_str()), "it is an input", "write the report to another file"));
        }
        if taken.contains(&place) {
            let thing =
                if let Target::File(path) = &output.target { quoted(path.as_os_str()) } else { "standard output".to_owned() };
            return Err(Complaint::new(thing, "two outputs would go there", "give each an own file"));
        }
        taken.push(place);
    }
    Ok(())
}

/// Would a report at `place` take the place of something that is read? An earlier report below
/// a folder that is read may be replaced, and a file with nothing in it.
fn is_input(place: &Path, inputs: &[PathBuf]) -> bool {
    let below = inputs.iter().any(|input| place.starts_with(input));
    inputs.iter().any(|input| input == place) || (below && place.is_file() && !is_replaceable(place))
}

fn is_replaceable(place: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(place).and_then(|file| file.take(4096).read_to_end(&mut start));
    let name = Name::of_path(place);
    let head = Head { name: &name, bytes: &start, whole: false };
    read.is_ok() && (start.is_empty() || reader::recognise(&head).is_some_and(|format| format.kind == SourceKind::OwnReport))
}

/// What can be written, once or several times.
pub trait Content {
    /// Write all of it.
    ///
    /// # Errors
    /// Those of `to`.
    fn put(&self, to: &mut dyn Write) -> io::Result<()>;
}

impl Content for str {
    fn put(&self, to: &mut dyn Write) -> io::Result<()> {
        to.write_all(self.as_bytes())
    }
}

/// Write every text to its target. Files first, then pipes, devices and standard output; a
/// closed pipe does not keep the files from being written.
///
/// # Errors
/// When a text could not be written. Files that were not yet in place are left as they were.
pub fn write<C: Content + ?Sized>(
    texts: &[(Target, &C)],
    audience: Audience,
    stdout: &mut dyn Write,
) -> Result<Written, Complaint> {
    let mut staged = Vec::new();
    let mut direct = Vec::new();
    for (target, text) in texts {
        match target {
            Target::File(path) if !is_special(path) => {
                staged.push((path, stage(path, *text, audience).map_err(|cause| complaint(path, cause))?));
            }
            _ => direct.push((target, *text)),
        }
    }
    let mut written = Written::All;
    for (target, text) in direct {
        let (thing, result) = match target {
            Target::Stdout => ("standard output".to_owned(), put(stdout, text)),
            Target::File(path) => {
                (quoted(path.as_os_str()), OpenOptions::new().write(true).open(path).and_then(|mut f| put(&mut f, text)))
            }
        };
        match result {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::BrokenPipe => written = Written::PipeClosed,
            Err(error) => return Err(Complaint::new(thing, format!("not written: {}", io_cause(&error)), "")),
        }
    }
    for (path, staged) in staged {
        staged.commit().map_err(|cause| complaint(path, cause))?;
    }
    Ok(written)
}

fn complaint(path: &Path, cause: String) -> Complaint {
    Complaint::new(quoted(path.as_os_str()), cause, "an older file of this name is unchanged")
}

fn put<C: Content + ?Sized>(to: &mut dyn Write, text: &C) -> io::Result<()> {
    let mut to = BufWriter::with_capacity(64 << 10, to);
    text.put(&mut to)?;
    to.flush()
}

/// Something that exists and is neither file nor folder.
fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| !meta.is_file() && !meta.is_dir())
}

/// Where a file will stand, without links, so that a link keeps pointing to the report and two
/// names of one file are seen as one.
fn place(path: &Path) -> Result<PathBuf, String> {
    if let Ok(real) = fs::canonicalize(path) {
        return if real.is_dir() { Err("it is a folder".to_owned()) } else { Ok(real) };
    }
    let name = path.file_name().ok_or("it names no file")?;
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let real = fs::canonicalize(folder).map_err(|error| format!("its folder cannot be used: {}", io_cause(&error)))?;
    if real.is_dir() { Ok(real.join(name)) } else { Err("its folder is a file".to_owned()) }
}

/// A file that is complete on disk and not yet in place.
struct Staged {
    file: NamedTempFile,
    place: PathBuf,
}

fn stage<C: Content + ?Sized>(path: &Path, text: &C, audience: Audience) -> Result<Staged, String> {
    let place = place(path)?;
    let folder = place.parent().ok_or("it names no file")?;
    let not_written = |error: io::Error| format!("not written: {}", io_cause(&error));
    let mut file = temporary(folder, audience).map_err(not_written)?;
    if audience == Audience::Anyone
        && let Ok(old) = fs::metadata(&place)
    {
        file.as_file().set_permissions(old.permissions()).map_err(not_written)?;
    }
    put(&mut file, text).map_err(not_written)?;
    file.as_file().sync_all().map_err(not_written)?;
    Ok(Staged { file, place })
}

fn temporary(folder: &Path, audience: Audience) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".stopwhy-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // What the umask takes away from 666 is taken away here as well.
        let mode = if audience == Audience::Owner { 0o600 } else { 0o666 };
        builder.permissions(fs::Permissions::from_mode(mode));
    }
    let _ = audience;
    builder.tempfile_in(folder)
}

impl Staged {
    /// Take the target's place. The temporary file is removed when that fails.
    fn commit(self) -> Result<(), String> {
        self.file.persist(&self.place).map_err(|failed| format!("not written: {}", io_cause(&failed.error)))?;
        // The rename itself is durable once the folder is; where folders cannot be synced the
        // file is still either the old or the new one.
        if let Some(folder) = self.place.parent() {
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn file(path: &Path) -> Target {
        Target::File(path.to_path_buf())
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// A pipe whose reader takes a few bytes and goes.
    struct Closing(usize);

    impl Write for Closing {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(ErrorKind::BrokenPipe.into());
            }
            let n = bytes.len().min(self.0);
            self.0 -= n;
            Ok(n)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn files_are_replaced_and_nothing_else_is_left() {
        let home = tempfile::tempdir().unwrap();
        let (a, b) = (home.path().join("a.md"), home.path().join("b.json"));
        fs::write(&a, "old").unwrap();
        let mut stdout = Vec::new();
        let texts = [(file(&a), "new"), (file(&b), "{}"), (Target::Stdout, "said")];
        assert_eq!(write(&texts, Audience::Anyone, &mut stdout), Ok(Written::All));
        assert_eq!((fs::read_to_string(&a).unwrap(), fs::read_to_string(&b).unwrap()), ("new".to_owned(), "{}".to_owned()));
        assert_eq!((stdout.as_slice(), names(home.path())), (&b"said"[..], vec!["a.md".to_owned(), "b.json".to_owned()]));
    }

    #[test]
    fn when_one_fails_the_old_ones_stay() {
        let home = tempfile::tempdir().unwrap();
        let (a, nowhere) = (home.path().join("a.md"), home.path().join("none/b.json"));
        fs::write(&a, "old").unwrap();
        let failed = write(&[(file(&a), "new"), (file(&nowhere), "{}")], Audience::Anyone, &mut Vec::new()).unwrap_err();
        assert!(failed.cause.contains("no such file or folder"), "{failed}");
        assert_eq!((fs::read_to_string(&a).unwrap(), names(home.path())), ("old".to_owned(), vec!["a.md".to_owned()]));
    }

    #[test]
    fn a_closed_pipe_is_no_failure_and_keeps_no_file_from_being_written() {
        let home = tempfile::tempdir().unwrap();
        let a = home.path().join("a.md");
        let texts = [(Target::Stdout, "a long report"), (file(&a), "new")];
        assert_eq!(write(&texts, Audience::Anyone, &mut Closing(4)), Ok(Written::PipeClosed));
        assert_eq!(fs::read_to_string(&a).unwrap(), "new");
    }

    #[test]
    fn outputs_are_checked_before_the_run() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        fs::write(at("in.jsonl"), "x").unwrap();
        let cause = |paths: &[PathBuf]| {
            let outputs: Vec<Output> = paths.iter().map(|p| Output { format: Format::Markdown, target: file(p) }).collect();
            check(&outputs, &[&at("in.jsonl")]).err().map(|c| c.cause)
        };
        assert_eq!(cause(&[at("a"), at("b")]), None);
        assert_eq!(cause(&[at("a"), at("./a")]).as_deref(), Some("two outputs would go there"));
        assert_eq!(cause(&[at("in.jsonl")]).as_deref(), Some("it is an input"));
        assert_eq!(cause(&[at("")]).as_deref(), Some("it is a folder"));
        assert!(cause(&[at("none/a")]).is_some_and(|c| c.contains("folder")));
        let below = |name: &str| {
            let output = Output { format: Format::Markdown, target: file(&at(name)) };
            check(&[output], &[home.path()]).err().map(|c| c.cause)
        };
        fs::write(at("old.md"), "# Why the turns stopped\n\nwell\n").unwrap();
        fs::write(at("empty.md"), "").unwrap();
        assert_eq!(below("in.jsonl").as_deref(), Some("it is an input"), "a file below an input is one");
        assert_eq!((below("old.md"), below("empty.md"), below("new.md")), (None, None, None));
        let twice = Output { format: Format::Json, target: Target::Stdout };
        assert!(check(&[twice.clone(), twice], &[]).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn modes_and_links_are_kept_and_private_reports_are_the_owners() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let home = tempfile::tempdir().unwrap();
        let (real, link, private) = (home.path().join("1.md"), home.path().join("latest.md"), home.path().join("p.md"));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        fs::write(&real, "old").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&real, &link).unwrap();
        write(&[(file(&link), "new")], Audience::Anyone, &mut Vec::new()).unwrap();
        assert_eq!((fs::read_to_string(&real).unwrap().as_str(), mode(&real)), ("new", 0o640));
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        fs::write(&private, "old").unwrap();
        write(&[(file(&private), "new")], Audience::Owner, &mut Vec::new()).unwrap();
        assert_eq!(mode(&private), 0o600);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_device_is_said() {
        let full = file(Path::new("/dev/full"));
        let failed = write(&[(full, "text")], Audience::Anyone, &mut Vec::new()).unwrap_err();
        assert_eq!(failed.cause, "not written: no space left on the device");
        assert_eq!(write(&[(file(Path::new("/dev/null")), "text")], Audience::Anyone, &mut Vec::new()), Ok(Written::All));
    }
}
