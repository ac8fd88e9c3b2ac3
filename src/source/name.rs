//! What a source is called: its path, and the member path inside archives, as one list of parts.
//!
//! A path is private input. It helps to recognise files and to see which of them belong to one
//! home; it is printed only under `--private`.

/// The name of a source. Parts are separated by `/`; an archive counts as a folder.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Box<str>);

/// Longest label of a member that is kept, in bytes.
const LABEL: usize = 4096;

impl std::fmt::Debug for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Name(..)")
    }
}

impl Name {
    /// The name of a file on disk. Backslashes and invalid UTF-8 are replaced.
    pub fn of_path(path: &std::path::Path) -> Name {
        Name(path.to_string_lossy().replace('\\', "/").into())
    }

    /// A name from text, for standard input and tests.
    pub fn of_text(text: &str) -> Name {
        Name(text.into())
    }

    /// The name of a member of this archive. The member's own path is a label, never a path to
    /// open: `..`, drive letters and leading slashes mean nothing. Of a label longer than any
    /// system allows (4 KiB) only the end is kept.
    pub fn member(&self, path: &[u8]) -> Name {
        let kept = path.get(path.len().saturating_sub(LABEL)..).unwrap_or(path);
        let label = String::from_utf8_lossy(kept).replace('\\', "/");
        Name(format!("{}/{}", self.0, label.trim_start_matches('/')).into())
    }

    /// The name without the suffix that a compressor added. Formats are recognised after
    /// decompression, when the suffix says nothing any more.
    pub fn plain(&self) -> &str {
        bare(&self.0)
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

    /// The folder the source stands in, as one text.
    pub fn folder(&self) -> String {
        let parts = self.parts();
        parts[..parts.len().saturating_sub(1)].join("/")
    }

    /// The real name, for `--private` reports only.
    pub fn private(&self) -> &str {
        &self.0
    }
}

/// A path without the suffix that a compressor added.
pub(super) fn bare(path: &str) -> &str {
    let bare = [".gz", ".zst"].iter().find_map(|suffix| path.strip_suffix(suffix));
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
    }

    #[test]
    fn a_long_label_keeps_its_end() {
        let label = [vec![0xff; 9000], b"/a.jsonl".to_vec()].concat();
        let name = Name::of_text("b.tar").member(&label);
        assert!(name.file() == "a.jsonl" && name.private().len() < 3 * LABEL + 10);
    }
}
