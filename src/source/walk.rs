//! Which inputs there are: every file below the roots, and everything that looked like one and
//! may not be opened.
//!
//! Links below a root are not followed; a root itself may be a link. The list depends on what
//! is there, not on the order of folders or roots, and names each file once, however many roots
//! lead to it; of a file with several names the first is read, and the others are said.

use super::Name;
use super::open;
use super::sides::{self, Beside};
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

/// One thing to read, or to report as not read. There may be a million, so it is kept small.
#[derive(Clone)]
pub struct Input {
    name: Name,
    /// Its path, where that is not the name.
    path: Option<Box<Path>>,
    pub(super) what: What,
    /// Files that are read right after it, because they belong to it.
    #[allow(clippy::box_collection, reason = "most inputs have none, and a list in place takes three times as much")]
    pub(super) sides: Option<Box<Vec<Beside>>>,
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
        let name = if what == What::Stdin { Name::of_text("-") } else { Name::of_path(path) };
        let path = (path != name.as_path()).then(|| path.into());
        Input { name, path, what, sides: None, size }
    }

    /// What it is called.
    pub fn name(&self) -> Name {
        self.name.clone()
    }

    /// Where it lies.
    pub(super) fn path(&self) -> &Path {
        self.path.as_deref().unwrap_or(self.name.as_path())
    }

    /// Size in bytes of its files when they were found; 0 where that is not known.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Size and time of its files as they are now, to see whether they changed in between.
    pub fn look(&self) -> Vec<Option<(u64, Option<SystemTime>)>> {
        let one = |path: &Path| fs::metadata(path).ok().map(|meta| (meta.len(), meta.modified().ok()));
        std::iter::once(self.path()).chain(self.sides().map(|side| &*side.path)).map(one).collect()
    }

    /// Standard input can be read once only.
    pub fn is_stdin(&self) -> bool {
        self.what == What::Stdin
    }

    /// The files that are read right after it.
    pub(super) fn sides(&self) -> impl Iterator<Item = &Beside> {
        self.sides.iter().flat_map(|sides| sides.iter())
    }

    fn is_file(&self) -> bool {
        matches!(self.what, What::File { .. })
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
    found.sort_by(|a, b| a.order().cmp(&b.order()));
    found.dedup_by(|later, first| later.place() == first.place());
    found.sort_by(|a, b| a.input.path().cmp(b.input.path()));
    let mut links = HashSet::new();
    for one in &mut found {
        if one.hard_link.as_ref().is_some_and(|link| !links.insert(**link)) {
            one.input = Input::new(one.input.path(), What::Refused(SkipReason::HardLink), 0);
        }
    }
    let stdin = roots.contains(&Root::Stdin).then(|| Input::new(Path::new(""), What::Stdin, 0));
    Ok(stdin.into_iter().chain(together(found)).collect())
}

/// Put side files to the database they belong to.
fn together(mut found: Vec<Found>) -> Vec<Input> {
    let is_side = |at: &usize| found[*at].input.is_file() && found[*at].owner().is_some();
    let sides: Vec<usize> = (0..found.len()).filter(is_side).collect();
    let wanted: HashMap<String, Vec<usize>> = sides.iter().fold(HashMap::new(), |mut wanted, &at| {
        found[at].owner().into_iter().for_each(|owner| wanted.entry(owner).or_default().push(at));
        wanted
    });
    let mut taken = HashSet::new();
    for at in (0..found.len()).filter(|_| !wanted.is_empty()) {
        let owner = &found[at];
        let plain = owner.input.is_file().then(|| Name::of_path(owner.place()).plain().to_owned());
        for &side in plain.iter().filter_map(|plain| wanted.get(plain)).flatten() {
            if side != at && !taken.contains(&at) && taken.insert(side) {
                let one = Beside::new(found[side].input.path(), &found[at].input.name());
                let size = found[side].input.size;
                found[at].input.size += size;
                found[at].input.sides.get_or_insert_default().push(one);
            }
        }
    }
    let listed = found.into_iter().enumerate().filter(|(at, _)| !taken.contains(at));
    listed.map(|(_, one)| one.input).collect()
}

/// An input while duplicates are still among them.
struct Found {
    input: Input,
    /// Where it lies, by a path without links, if that is not the path of the input.
    place: Option<Box<Path>>,
    /// Of a side file that does not lie beside its database: where that lies.
    of: Option<Box<Path>>,
    /// Device, file number, size: set for a file that has several names.
    hard_link: Option<Box<(u64, u64, u64)>>,
}

impl Found {
    fn new(input: Input, place: PathBuf) -> Found {
        let place = (*place != *input.path()).then(|| place.into());
        Found { input, place, of: None, hard_link: None }
    }

    fn place(&self) -> &Path {
        self.place.as_deref().unwrap_or(self.input.path())
    }

    /// By place; of those at one place the one that stands for all comes first.
    fn order(&self) -> (&Path, &Path, bool) {
        (self.place(), self.input.path(), self.of.is_none())
    }

    /// The database this is a side file of, as [`Name::plain`] of its place.
    fn owner(&self) -> Option<String> {
        match &self.of {
            Some(database) => Some(Name::of_path(database).plain().to_owned()),
            None if !sides::is_named_so(self.input.path()) => None,
            None => Name::of_path(self.place()).side().map(|(stem, _)| stem.to_owned()),
        }
    }
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

/// A database that is named alone is read with what stands beside it. Where it is named by a link
/// that is what stands beside the file itself, as for SQLite; what stands beside the link is taken
/// where there is no such file there (a bundle may have been made of it).
fn beside(root: &Path, real: &Path, found: &mut Vec<Found>) {
    let folder = root.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = fs::canonicalize(folder).unwrap_or_default();
    let is_link = real != folder.join(root.file_name().unwrap_or_default());
    for (by_root, by_file) in sides::beside(root).into_iter().zip(sides::beside(real)) {
        let place = if is_link { folder.join(by_root.file_name().unwrap_or_default()) } else { by_file.clone() };
        let candidates = [is_link.then(|| (by_file.clone(), by_file)), Some((by_root, place))];
        let there = candidates.into_iter().flatten().find_map(|(path, place)| {
            let meta = fs::symlink_metadata(&path).ok()?;
            let one = if meta.is_file() { file(&path, place, false, &meta) } else { refused(&path, place, not_opened(&meta)?) };
            Some(Found { of: is_link.then(|| real.into()), ..one })
        });
        found.extend(there);
    }
}

/// Why something that is no regular file is not opened; None for a folder.
fn not_opened(meta: &Metadata) -> Option<SkipReason> {
    let other = if meta.is_symlink() { SkipReason::Symlink } else { SkipReason::NotRegular };
    (!meta.is_dir()).then_some(other)
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
    Found { hard_link: hard_link(meta).map(Box::new), ..Found::new(input, place) }
}

fn refused(path: &Path, place: PathBuf, reason: SkipReason) -> Found {
    Found::new(Input::new(path, What::Refused(reason), 0), place)
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
            list.iter().map(|one| (one.name().file().to_owned(), one.sides().count(), one.size())).collect::<Vec<_>>()
        };
        let one = |name: &str, sides, size| (name.to_owned(), sides, size);
        let all = [one("a.db", 2, 15), one("b.db", 1, 10), one("lonely.db-wal", 0, 5)];
        assert_eq!(inputs(&[home.path().to_path_buf()]), all);
        assert_eq!(inputs(&[at("a.db")]), [one("a.db", 2, 15)], "named alone");
        assert_eq!(inputs(&[at("b.db.gz"), at("b.db-wal.gz")]), [one("b.db", 1, 10)]);
    }

    #[test]
    fn a_database_named_by_a_link_has_the_sides_of_its_target() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        let read = |roots: &[&str]| {
            let roots: Vec<Root> = roots.iter().map(|root| Root::Path(at(root))).collect();
            let list = discover(&roots).unwrap();
            let sides = |one: &Input| one.sides().map(|side| side.name.file().to_owned()).collect::<Vec<_>>();
            list.iter().map(|one| (one.name().file().to_owned(), one.size(), sides(one))).collect::<Vec<_>>()
        };
        let one = |name: &str, size, sides: &[&str]| (name.to_owned(), size, sides.iter().map(|s| (*s).to_owned()).collect());
        fs::create_dir(at("z")).unwrap();
        fs::write(at("z/a+.db"), "12").unwrap();
        symlink("z/a+.db", at("a.db")).unwrap();
        fs::write(at("a.db-wal"), "beside the link").unwrap();
        assert_eq!(read(&["a.db"]), [one("a.db", 17, &["a.db-wal"])]);
        fs::write(at("z/a+.db-wal"), "real").unwrap();
        assert_eq!(read(&["a.db"]), [one("a.db", 6, &["a.db-wal"])]);
        assert_eq!(read(&["a.db", "z"]), [one("a.db", 6, &["a.db-wal"])], "and the folder of the target");
        assert_eq!(read(&["z", "a.db", "a.db-wal"]), [one("a.db", 6, &["a.db-wal"]), one("a.db-wal", 15, &[])]);
        symlink("a+.db", at("z/x.db")).unwrap();
        symlink("a+.db-wal", at("z/x.db-wal")).unwrap();
        assert_eq!(read(&["z/x.db"]), [one("x.db", 6, &["x.db-wal"])], "links beside each other");
        fs::remove_file(at("z/a+.db-wal")).unwrap();
        assert_eq!(list(&[&at("z/x.db")])[1], ("x.db-wal".to_owned(), Some(SkipReason::Symlink)), "a side is not followed");
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
