//! What a source is called: its path, and the member path inside archives, as one list of parts.
//!
//! A path is private input. It helps to recognise files and to see which of them belong to one
//! home; it is printed only under `--private`.

use std::sync::Arc;

/// The name of a source. Parts are separated by `/`; an archive counts as a folder. There may be a
/// million, each held by several, so they share their text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    text: Arc<str>,
    /// Length of the mark at the end that tells a member from others of the same name.
    mark: u8,
}

/// What compressors add to a name, and what they put in place of `.tar`.
const PACKED: &[&str] = &[".gz", ".zst", ".xz", ".bz2", ".tgz", ".txz", ".tbz2", ".tzst"];

impl std::fmt::Debug for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Name(..)")
    }
}

impl From<String> for Name {
    fn from(text: String) -> Name {
        Name { text: text.into(), mark: 0 }
    }
}

impl Name {
    /// Longest label of a member that is kept, in bytes.
    pub(super) const LABEL: usize = 4096;

    /// The name of a file on disk. Backslashes and invalid UTF-8 are replaced.
    pub fn of_path(path: &std::path::Path) -> Name {
        path.to_string_lossy().replace('\\', "/").into()
    }

    /// The file on disk that bears this name, where the name is all of its path.
    pub(super) fn as_path(&self) -> &std::path::Path {
        std::path::Path::new(&*self.text)
    }

    /// A name from text, for standard input and tests.
    pub fn of_text(text: &str) -> Name {
        text.to_owned().into()
    }

    /// The name of a member of this archive. The member's own path is a label, never a path to
    /// open: `..`, drive letters and leading slashes mean nothing. Of a label longer than any
    /// system allows (4 KiB) only the end is kept.
    pub fn member(&self, path: &[u8]) -> Name {
        let kept = path.get(path.len().saturating_sub(Name::LABEL)..).unwrap_or(path);
        let label = String::from_utf8_lossy(kept).replace('\\', "/");
        format!("{}/{}", self.text, label.trim_start_matches('/')).into()
    }

    /// The name of a table of this database. A mark moves to its end: the table stands where that of
    /// every other database of this name does, and is told from it by the mark alone.
    #[must_use]
    pub fn table(&self, table: &str) -> Name {
        let mark = self.mark();
        let unmarked = self.text.strip_suffix(mark).unwrap_or(&self.text);
        Name { text: format!("{unmarked}/{table}{mark}").into(), mark: self.mark }
    }

    /// The same name for the member that is the second (and so on) to bear it: marked `#2`.
    #[must_use]
    pub fn again(self, times: u32) -> Name {
        if times < 2 {
            return self;
        }
        let mark = format!("#{times}");
        Name { text: format!("{}{mark}", self.text).into(), mark: mark.len() as u8 }
    }

    /// The mark that tells the member from others of its name; empty where there is none.
    pub fn mark(&self) -> &str {
        self.text.get(self.text.len() - usize::from(self.mark)..).unwrap_or_default()
    }

    /// The name without a mark and the suffix that a compressor added. Formats are recognised
    /// after decompression, when the suffix says nothing any more.
    pub fn plain(&self) -> &str {
        bare(self.text.get(..self.text.len() - usize::from(self.mark)).unwrap_or(&self.text))
    }

    /// Last part.
    pub fn file(&self) -> &str {
        self.plain().rsplit('/').next().unwrap_or("")
    }

    /// All parts, first to last, without empty and `.` parts.
    pub fn parts(&self) -> Vec<&str> {
        self.plain().split('/').filter(|p| !p.is_empty() && *p != ".").collect()
    }

    /// Does any folder on the way (or the file itself) bear this name?
    pub fn has_part(&self, part: &str) -> bool {
        self.parts().contains(&part)
    }

    /// Does the name end in `tail`, part by part, where `*` stands for any one part?
    pub fn ends_in(&self, tail: &str) -> bool {
        self.without_tail(tail).is_some()
    }

    /// What stands before `tail` (see [`Name::ends_in`]), as one text.
    pub fn without_tail(&self, tail: &str) -> Option<String> {
        let parts = self.parts();
        let wanted: Vec<&str> = tail.split('/').collect();
        let start = parts.len().checked_sub(wanted.len())?;
        let fits = parts[start..].iter().zip(&wanted).all(|(part, want)| *want == "*" || part == want);
        fits.then(|| parts[..start].join("/"))
    }

    /// What stands right below the last folder of this name: of `…/agents/<id>/…` the id.
    pub fn below(&self, folder: &str) -> Option<&str> {
        let parts = self.parts();
        let at = parts.iter().rposition(|part| *part == folder)?;
        parts.get(at + 1).copied()
    }

    /// The folder the source stands in, as one text.
    pub fn folder(&self) -> String {
        let parts = self.parts();
        parts[..parts.len().saturating_sub(1)].join("/")
    }

    /// The real name, for `--private` reports only.
    pub fn private(&self) -> &str {
        &self.text
    }
}

/// A path without the suffix that a compressor added.
pub(super) fn bare(path: &str) -> &str {
    let bare = PACKED.iter().find_map(|suffix| path.strip_suffix(suffix));
    bare.filter(|rest| !rest.is_empty() && !rest.ends_with('/')).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_match_part_by_part() {
        let name = Name::of_text("/home/x/.openclaw/agents/main/sessions/a.jsonl");
        assert_eq!(name.without_tail("agents/*/sessions/*").as_deref(), Some("home/x/.openclaw"));
        assert!(!name.ends_in("agents/sessions/*"));
        assert_eq!(Name::of_text("b.zip").member(b"../../etc/passwd").file(), "passwd");
    }

    #[test]
    fn a_compressor_s_suffix_is_no_part_of_the_name() {
        let name = Name::of_text("x/auth.json.gz");
        assert!(name.ends_in("x/auth.json"));
        assert_eq!((name.file(), name.private()), ("auth.json", "x/auth.json.gz"));
        assert_eq!(Name::of_text("x/.gz").file(), ".gz");
        for name in ["x/b.xz", "x/b.bz2", "x/b.tgz", "x/b.txz", "x/b.tbz2"] {
            assert_eq!(Name::of_text(name).file(), "b", "{name}");
        }
    }

    #[test]
    fn a_second_member_of_a_name_is_marked_and_known_by_its_name_all_the_same() {
        let archive = Name::of_text("b.zip");
        let (first, second) = (archive.member(b"h/.codex/auth.json.gz"), archive.member(b"h/.codex/auth.json.gz").again(2));
        assert_eq!((second.private(), second.file()), ("b.zip/h/.codex/auth.json.gz#2", "auth.json"));
        assert_eq!((first.file(), first == second, first.mark(), second.mark()), ("auth.json", false, "", "#2"));
        assert_eq!(second.without_tail("auth.json").as_deref(), Some("b.zip/h/.codex"));
        // A name that only looks marked.
        assert_eq!(Name::of_text("notes#2").file(), "notes#2");
    }

    #[test]
    fn the_tables_of_a_second_database_stand_where_those_of_the_first_do() {
        let archive = Name::of_text("b.zip");
        let database = |times| archive.member(b"h/.openclaw/state.sqlite").again(times);
        let (first, second) = (database(1).table("rows"), database(2).table("rows"));
        assert_eq!((first.plain(), first.folder()), (second.plain(), second.folder()));
        assert_eq!((first.mark(), second.mark(), first == second), ("", "#2", false));
        assert_eq!(second.private(), "b.zip/h/.openclaw/state.sqlite/rows#2");
    }

    #[test]
    fn a_long_label_keeps_its_end() {
        let label = [vec![0xff; 9000], b"/a.jsonl".to_vec()].concat();
        let name = Name::of_text("b.tar").member(&label);
        assert!(name.file() == "a.jsonl" && name.private().len() < 3 * Name::LABEL + 10);
    }
}
