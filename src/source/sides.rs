//! Files that belong together: a SQLite database and what SQLite keeps beside it, told by name.
//!
//! They are read one after the other, so that their copies are taken close together, also where
//! each of them was compressed on its own (`state.db.gz` beside `state.db-wal.gz`).

use super::Name;
use super::name::bare;
use std::path::{Path, PathBuf};

/// What stands beside a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// `-wal`: committed changes that are not in the file yet.
    Log,
    /// `-shm`: an index of the log, which SQLite makes anew.
    Shared,
    /// `-journal`: what the file held before an unfinished change.
    Journal,
}

/// The ends of the names of side files.
const ENDS: [(&str, Side); 3] = [("-wal", Side::Log), ("-shm", Side::Shared), ("-journal", Side::Journal)];

/// Is this (without a compressor's suffix) the name of a side file, and of which database?
fn split(bare: &str) -> Option<(&str, Side)> {
    let found = ENDS.iter().find_map(|(end, side)| Some((bare.strip_suffix(end)?, *side)));
    found.filter(|(stem, _)| !stem.is_empty() && !stem.ends_with('/'))
}

impl Name {
    /// The database this is a side file of, as [`Name::plain`] of it, and which side.
    pub fn side(&self) -> Option<(&str, Side)> {
        split(self.plain())
    }
}

/// A side file, to be read right after its database.
#[derive(Clone)]
pub(super) struct Beside {
    pub(super) path: Box<Path>,
    /// What it is called: as its database is, also where that was named by a link elsewhere.
    pub(super) name: Name,
}

impl Beside {
    /// The side file at `path` of a database of this name.
    pub(super) fn new(path: &Path, database: &Name) -> Beside {
        let own = Name::of_path(path);
        let name = match own.side() {
            Some((stem, side)) if stem != database.plain() => {
                let end = ENDS.iter().find(|(_, known)| *known == side).map_or("", |(end, _)| end);
                let packed = own.private().strip_prefix(own.plain()).unwrap_or_default();
                Name::of_text(&format!("{}{end}{packed}", database.plain()))
            }
            _ => own,
        };
        Beside { path: path.into(), name }
    }
}

/// Does a path end as those of side files do? A cheap look for those who have a million.
pub(super) fn is_named_so(path: &Path) -> bool {
    path.file_name().and_then(|file| split(bare(&file.to_string_lossy())).map(|_| ())).is_some()
}

/// The paths that side files of the file at `path` would have.
pub(super) fn beside(path: &Path) -> Vec<PathBuf> {
    let Some(file) = path.file_name().and_then(|file| file.to_str()) else { return Vec::new() };
    let plain = bare(file);
    let suffix = file.strip_prefix(plain).unwrap_or_default();
    ENDS.iter().map(|(end, _)| path.with_file_name(format!("{plain}{end}{suffix}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn side_files_by_name() {
        let side = |name: &str| Name::of_text(name).side().map(|(stem, side)| (stem.to_owned(), side));
        assert_eq!(side("a/state.db-wal"), Some(("a/state.db".to_owned(), Side::Log)));
        assert_eq!(side("a/state.db-wal.gz"), Some(("a/state.db".to_owned(), Side::Log)));
        assert_eq!(side("state.db-journal"), Some(("state.db".to_owned(), Side::Journal)));
        assert_eq!((side("-wal"), side("a/-shm"), side("state.db")), (None, None, None));
    }

    #[test]
    fn a_compressed_database_has_compressed_sides() {
        let all = |path: &str| beside(Path::new(path));
        assert_eq!(all("a/x.db")[0], Path::new("a/x.db-wal"));
        assert_eq!(all("a/x.db.gz")[1], Path::new("a/x.db-shm.gz"));
    }
}
