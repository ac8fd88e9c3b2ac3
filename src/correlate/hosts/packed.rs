//! Archives of one home and of nothing else, and which of them were packed on one machine.
//!
//! README asks for one folder or archive per machine, and such an archive may be just that: all that a machine
//! with one program has. What tells that somebody packed the homes of one machine one by one is the name: each
//! archive is called after the home in it (`codex.tgz` beside `hermes.tgz`), and after nothing else that the
//! others are not called after as well (`desk-codex.zip` beside `desk-hermes.zip`, not beside
//! `shelf-hermes.zip`), and all lie in one folder. It stays a likelihood: two machines may be packed so, too.

use crate::event::{Client, SourceKind};
use crate::evidence::Evidence;
use std::collections::BTreeSet;

/// An archive of one home.
#[derive(Debug)]
pub(super) struct Packed {
    /// What its name says beside the home's, where it is called after the home.
    tie: Option<Tie>,
}

/// Where it lies, and the words of its name that are not the home's.
#[derive(Debug, PartialEq, Eq)]
struct Tie {
    folder: String,
    words: BTreeSet<String>,
}

impl Packed {
    /// Were the two packed one by one on one machine, going by their names?
    pub(super) fn goes_with(&self, other: &Packed) -> bool {
        self.tie.is_some() && self.tie == other.tie
    }
}

/// What tells two archives of one machine from each other, or is said of any archive of a home.
const SAYS_NOTHING: &[&str] = &[
    "tar", "gz", "tgz", "zip", "zst", "tzst", "xz", "txz", "bz2", "tbz2", "home", "dot", "backup", "bak", "copy", "folder", "dir",
];

/// Folders on top of an archive that are kept, each with a program: more say no more.
const MOST_TOPS: usize = 16;

/// The folders on top of an archive, each with a program that has something below it.
type Tops<'a> = BTreeSet<(&'a str, Client)>;

/// For each archive among roots (by what the names of its members begin with): does all that is a program's stand in
/// one folder on top of it, and is that a home? What no program wrote (a note, the system's own litter) says nothing
/// of what was packed; the history of a shell beside the home says that it was the user's whole folder.
pub(super) fn homes(evidence: &Evidence, roots: &[Option<(String, String)>], under: &[Option<usize>]) -> Vec<Option<Packed>> {
    let archives = archives(evidence);
    let mut tops: Vec<Tops<'_>> = vec![Tops::new(); roots.len()];
    for (source, root) in evidence.sources.iter().zip(under) {
        let Some((root, (prefix, _))) = root.and_then(|root| Some((root, roots.get(root)?.as_ref()?))) else { continue };
        let program = source.kind.client().program();
        if program != Client::Unknown && tops[root].len() < MOST_TOPS && archives.contains(prefix.as_str()) {
            let below = source.name.private().get(prefix.len()..).unwrap_or_default();
            tops[root].extend(below.split('/').find(|part| !part.is_empty() && *part != ".").map(|top| (top, program)));
        }
    }
    let packed = |(tops, root): (&Tops<'_>, &Option<(String, String)>)| {
        let (top, _) = tops.first().filter(|(top, _)| is_hidden(top))?;
        let alone = tops.iter().all(|(other, _)| other == top);
        let programs = || tops.iter().map(|(_, program)| *program);
        alone.then(|| Packed { tie: root.as_ref().and_then(|(path, _)| tie(path, top, programs())) })
    };
    tops.iter().zip(roots).map(packed).collect()
}

/// Names of all archives.
pub(super) fn archives(evidence: &Evidence) -> BTreeSet<&str> {
    let is_archive = |source: &&crate::evidence::SourceRecord| source.kind == SourceKind::Archive;
    evidence.sources.iter().filter(is_archive).map(|source| source.name.private()).collect()
}

/// Is the last part of a path the name of a home, `.codex`?
pub(super) fn is_hidden(home: &str) -> bool {
    home.rsplit('/').next().is_some_and(|last| last.starts_with('.') && !last.trim_matches('.').is_empty())
}

/// What the name of an archive says beside the name of the home in it, or that of its program; None where it says
/// neither. Dates and numbers say nothing.
fn tie(archive: &str, home: &str, programs: impl Iterator<Item = Client>) -> Option<Tie> {
    let (folder, name) = archive.rsplit_once('/').unwrap_or(("", archive));
    let mut said = words(name);
    let is_home_s = |of: BTreeSet<String>| !of.is_empty() && of.is_subset(&said);
    let of = std::iter::once(words(home)).chain(programs.map(|program| words(program.word()))).find(|of| is_home_s(of.clone()))?;
    said.retain(|word| !of.contains(word));
    Some(Tie { folder: folder.to_owned(), words: said })
}

fn words(name: &str) -> BTreeSet<String> {
    let parts = name.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    parts
        .filter(|part| {
            !part.is_empty() && !part.starts_with(|c: char| c.is_ascii_digit()) && !SAYS_NOTHING.contains(&part.as_str())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(archive: &str, home: &str, program: Client) -> Packed {
        Packed { tie: tie(archive, home, [program].into_iter()) }
    }

    #[test]
    fn archives_named_after_their_homes_go_together() {
        let codex = |archive: &str| packed(archive, ".codex", Client::Codex);
        let hermes = |archive: &str| packed(archive, ".hermes", Client::Hermes);
        for (a, b, want) in [
            ("d/.codex.tgz", "d/.hermes.tgz", true),
            ("d/codex.tar.gz", "d/hermes-home.zip", true),
            ("codex-2026-08-01.tgz", "Hermes_backup_20260803T1010.tar.zst", true),
            ("desk-codex.tgz", "desk-hermes.tgz", true),
            ("desk-codex.tgz", "shelf-hermes.tgz", false),
            ("codex.tgz", "shelf-hermes.tgz", false),
            ("desk/codex.tgz", "shelf/hermes.tgz", false),
            ("a.tgz", "b.tgz", false),
            ("codex.tgz", "b.tgz", false),
            ("home.tgz", "home.zip", false),
        ] {
            assert_eq!(codex(a).goes_with(&hermes(b)), want, "{a} {b}");
        }
        assert!(packed("openclaw-work.tgz", ".openclaw-work", Client::Openclaw).goes_with(&codex("codex.tgz")));
        assert!(packed("opencode.tgz", ".local", Client::Opencode).goes_with(&codex("codex.tgz")));
    }
}
