//! Which inputs there are: every file below the roots, and everything that looked like one and
//! may not be opened.
//!
//! Links below a root are not followed; a root itself may be a link. The list depends on what
//! is there, not on the order of folders or roots, and names each file once, however many roots
//! lead to it; of a file with several names the first is read, and the others are said.

use super::Name;
use super::{open, sides};
use crate::event::SkipReason;
use crate::plan::Root;
use std::collections::{HashMap, HashSet};
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use walkdir::WalkDir;

/// A root that does not exist. Holds its index in the list of roots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingRoot(pub usize);

/// One thing to read, or to report as not read.
#[derive(Clone)]
pub struct Input {
    pub(super) path: PathBuf,
    pub(super) what: What,
    /// Files that are read right after it, because they belong to it.
    pub(super) sides: Vec<PathBuf>,
    size: u64,
}

/// What an input is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// Standard input.
    Stdin,
    /// A file. `linked` for a root that is a link to it.
    File { linked: bool },
    /// Something that is not opened.
    Refused(SkipReason),
}

impl Input {
    fn new(path: &Path, what: What, size: u64) -> Input {
        Input { path: path.to_path_buf(), what, sides: Vec::new(), size }
    }

    /// What it is called.
    pub fn name(&self) -> Name {
        match self.what {
            What::Stdin => Name::of_text("-"),
            _ => Name::of_path(&self.path),
        }
    }

    /// Size in bytes of its files when they were found; 0 where that is not known.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Size and time of its files as they are now, to see whether they changed in between.
    pub fn look(&self) -> Vec<Option<(u64, Option<SystemTime>)>> {
        let one = |path: &PathBuf| fs::metadata(path).ok().map(|meta| (meta.len(), meta.modified().ok()));
        std::iter::once(&self.path).chain(&self.sides).map(one).collect()
    }

    /// Standard input can be read once only.
    pub fn is_stdin(&self) -> bool {
        self.what == What::Stdin
    }
}

/// All inputs below `roots`: standard input first, then by path.
///
/// # Errors
/// When a root does not exist.
pub fn discover(roots: &[Root]) -> Result<Vec<Input>, MissingRoot> {
    let mut found = Vec::new();
    for (index, root) in roots.iter().enumerate() {
        if let Root::Path(path) = root {
            at_root(path, &mut found).map_err(|Missing| MissingRoot(index))?;
        }
    }
    // The same place under two names: the first name in order stands for both.
    found.sort_by(|a, b| (&a.place, &a.input.path).cmp(&(&b.place, &b.input.path)));
    found.dedup_by(|later, first| later.place == first.place);
    found.sort_by(|a, b| a.input.path.cmp(&b.input.path));
    let mut links = HashSet::new();
    for one in &mut found {
        if one.hard_link.is_some_and(|link| !links.insert(link)) {
            one.input = Input::new(&one.input.path, What::Refused(SkipReason::HardLink), 0);
        }
    }

    let stdin = roots.contains(&Root::Stdin).then(|| Input::new(Path::new(""), What::Stdin, 0));
    let files = together(found.into_iter().map(|one| one.input).collect());
    Ok(stdin.into_iter().chain(files).collect())
}

/// Put side files to the database they belong to (the first of several by that name).
fn together(mut inputs: Vec<Input>) -> Vec<Input> {
    let names: Vec<Name> = inputs.iter().map(Input::name).collect();
    let are_files = |at: &usize| matches!(inputs[*at].what, What::File { .. });
    let sides: Vec<usize> = (0..inputs.len()).filter(are_files).filter(|at| names[*at].side().is_some()).collect();
    if sides.is_empty() {
        return inputs;
    }
    let wanted: HashSet<&str> = sides.iter().filter_map(|at| Some(names[*at].side()?.0)).collect();
    let mut owners = HashMap::new();
    for at in (0..inputs.len()).filter(are_files).filter(|at| wanted.contains(names[*at].plain())) {
        owners.entry(names[at].plain()).or_insert(at);
    }
    let mut taken = HashSet::new();
    for at in sides {
        let owner = names[at].side().and_then(|(stem, _)| owners.get(stem)).copied();
        if let Some(owner) = owner.filter(|owner| *owner != at && !taken.contains(owner)) {
            let (path, size) = (inputs[at].path.clone(), inputs[at].size);
            inputs[owner].sides.push(path);
            inputs[owner].size += size;
            taken.insert(at);
        }
    }
    let mut at = 0..;
    inputs.retain(|_| at.next().is_none_or(|at| !taken.contains(&at)));
    inputs
}

/// An input while duplicates are still among them.
struct Found {
    input: Input,
    /// Where it lies, by a path without links.
    place: PathBuf,
    /// Device, file number, size: set for a file that has several names.
    hard_link: Option<(u64, u64, u64)>,
}

struct Missing;

fn at_root(root: &Path, found: &mut Vec<Found>) -> Result<(), Missing> {
    let real = fs::canonicalize(root).unwrap_or_else(|_| root.to_path_buf());
    let linked = fs::symlink_metadata(root).is_ok_and(|meta| meta.is_symlink());
    match fs::metadata(root) {
        Ok(meta) if meta.is_dir() => below(root, &real, found),
        Ok(meta) if meta.is_file() => {
            beside(root, &real, found);
            found.push(file(root, real, linked, &meta));
        }
        Ok(_) => found.push(refused(root, real, SkipReason::NotRegular)),
        Err(error) if open::is_absent(&error) => return Err(Missing),
        Err(error) => found.push(refused(root, real, open::reason(&error))),
    }
    Ok(())
}

/// A database that is named alone is read with what stands beside it.
fn beside(root: &Path, real: &Path, found: &mut Vec<Found>) {
    for (path, place) in sides::beside(root).into_iter().zip(sides::beside(real)) {
        if let Ok(meta) = fs::symlink_metadata(&path)
            && meta.is_file()
        {
            found.push(file(&path, place, false, &meta));
        }
    }
}

fn below(root: &Path, real: &Path, found: &mut Vec<Found>) {
    for entry in WalkDir::new(root).min_depth(1) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().unwrap_or(root);
                let reason = error.io_error().map_or(SkipReason::Io, open::reason);
                found.push(refused(path, place(path, root, real), reason));
                continue;
            }
        };
        let (path, kind) = (entry.path(), entry.file_type());
        let place = place(path, root, real);
        match entry.metadata() {
            _ if kind.is_dir() => {}
            _ if kind.is_symlink() => found.push(refused(path, place, SkipReason::Symlink)),
            _ if !kind.is_file() => found.push(refused(path, place, SkipReason::NotRegular)),
            Ok(meta) => found.push(file(path, place, false, &meta)),
            Err(error) => found.push(refused(path, place, error.io_error().map_or(SkipReason::Io, open::reason))),
        }
    }
}

fn place(path: &Path, root: &Path, real: &Path) -> PathBuf {
    path.strip_prefix(root).map_or_else(|_| path.to_path_buf(), |rest| real.join(rest))
}

fn file(path: &Path, place: PathBuf, linked: bool, meta: &Metadata) -> Found {
    let input = Input::new(path, What::File { linked }, meta.len());
    Found { input, place, hard_link: hard_link(meta) }
}

fn refused(path: &Path, place: PathBuf, reason: SkipReason) -> Found {
    let input = Input::new(path, What::Refused(reason), 0);
    Found { input, place, hard_link: None }
}

#[cfg(unix)]
fn hard_link(meta: &Metadata) -> Option<(u64, u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    (meta.nlink() > 1).then(|| (meta.dev(), meta.ino(), meta.size()))
}

#[cfg(not(unix))]
fn hard_link(_: &Metadata) -> Option<(u64, u64, u64)> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::process::Command;

    fn list(roots: &[&Path]) -> Vec<(String, Option<SkipReason>)> {
        let roots: Vec<Root> = roots.iter().map(|root| Root::Path(root.to_path_buf())).collect();
        let inputs = discover(&roots).unwrap();
        let reason = |input: &Input| match input.what {
            What::Refused(reason) => Some(reason),
            _ => None,
        };
        inputs.iter().map(|input| (input.name().file().to_owned(), reason(input))).collect()
    }

    #[test]
    fn what_is_not_a_file_is_listed_and_not_opened() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        fs::create_dir(at("d")).unwrap();
        fs::write(at("d/b.jsonl"), "x").unwrap();
        fs::write(at("a.jsonl"), "x").unwrap();
        symlink("/etc/passwd", at("link.jsonl")).unwrap();
        symlink(home.path(), at("d/loop")).unwrap();
        assert!(Command::new("mkfifo").arg(at("fifo.jsonl")).status().unwrap().success());
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        let (link, special) = (Some(SkipReason::Symlink), Some(SkipReason::NotRegular));
        let want = [
            ("a.jsonl", None),
            ("b.jsonl", None),
            ("loop", link),
            ("fifo.jsonl", special),
            ("link.jsonl", link),
            ("socket", special),
        ];
        assert_eq!(list(&[home.path()]), want.map(|(name, why)| (name.to_owned(), why)));
    }

    #[test]
    fn each_file_once_whichever_way_it_is_named() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        fs::create_dir(at("d")).unwrap();
        fs::write(at("d/a"), "x").unwrap();
        fs::hard_link(at("d/a"), at("d/z")).unwrap();
        symlink(at("d"), at("to-d")).unwrap();
        symlink(at("d/a"), at("to-a")).unwrap();
        let once = [("a".to_owned(), None), ("z".to_owned(), Some(SkipReason::HardLink))];
        assert_eq!(list(&[&at("d")]), once);
        assert_eq!(list(&[&at("d/a"), &at("d"), &at("d/"), &at("d/../d"), &at("to-d")]), once);
        assert_eq!(list(&[&at("to-d")]), once);
        assert_eq!(list(&[&at("to-a")]), [("to-a".to_owned(), None)]);
    }

    #[test]
    fn side_files_belong_to_their_database() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        for name in ["a.db", "a.db-shm", "a.db-wal", "b.db.gz", "b.db-wal.gz", "lonely.db-wal"] {
            fs::write(at(name), "12345").unwrap();
        }
        let inputs = |roots: &[PathBuf]| {
            let roots: Vec<Root> = roots.iter().cloned().map(Root::Path).collect();
            let list = discover(&roots).unwrap();
            list.iter().map(|one| (one.name().file().to_owned(), one.sides.len(), one.size())).collect::<Vec<_>>()
        };
        let one = |name: &str, sides, size| (name.to_owned(), sides, size);
        let all = [one("a.db", 2, 15), one("b.db", 1, 10), one("lonely.db-wal", 0, 5)];
        assert_eq!(inputs(&[home.path().to_path_buf()]), all);
        assert_eq!(inputs(&[at("a.db")]), [one("a.db", 2, 15)], "named alone");
        assert_eq!(inputs(&[at("b.db.gz"), at("b.db-wal.gz")]), [one("b.db", 1, 10)]);
    }

    #[test]
    fn the_order_of_roots_does_not_matter() {
        let home = tempfile::tempdir().unwrap();
        let (b, a) = (home.path().join("b"), home.path().join("a"));
        fs::write(&b, "x").unwrap();
        fs::write(&a, "x").unwrap();
        assert_eq!(list(&[&b, &a]), list(&[&a, &b]));
        let roots = [Root::Path(a), Root::Stdin, Root::Stdin];
        let names: Vec<String> = discover(&roots).unwrap().iter().map(|input| input.name().file().to_owned()).collect();
        assert_eq!(names, ["-", "a"]);
    }

    #[test]
    fn a_root_must_exist_and_may_be_unusable() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        fs::write(at("file"), "x").unwrap();
        symlink(at("nowhere"), at("dangling")).unwrap();
        for absent in ["none", "dangling", "file/below"] {
            let roots = [Root::Path(at("file")), Root::Path(at(absent))];
            assert_eq!(discover(&roots).err(), Some(MissingRoot(1)), "{absent}");
        }
        assert!(Command::new("mkfifo").arg(at("fifo")).status().unwrap().success());
        assert_eq!(list(&[&at("fifo")]), [("fifo".to_owned(), Some(SkipReason::NotRegular))]);
    }

    #[test]
    fn an_unreadable_folder_is_said() {
        let home = tempfile::tempdir().unwrap();
        let shut = home.path().join("shut");
        fs::create_dir(&shut).unwrap();
        fs::write(shut.join("a"), "x").unwrap();
        fs::set_permissions(&shut, fs::Permissions::from_mode(0o000)).unwrap();
        let bites = fs::read_dir(&shut).is_err(); // not for root
        let seen = list(&[home.path()]);
        fs::set_permissions(&shut, fs::Permissions::from_mode(0o700)).unwrap();
        if bites {
            assert_eq!(seen, [("shut".to_owned(), Some(SkipReason::Permission))]);
        }
    }
}
