//! What is said on stderr: one line per message, the thing first, then the cause, then the way
//! out. It stands apart so that there is one door for text that came from outside.
//!
//! Only what the user typed is ever repeated (options, paths of the command line), and only
//! through [`quoted`]; names and words found inside the input are not. The lines go to
//! terminals and to CI logs, so nothing in them may act on either.

use std::ffi::{OsStr, OsString};
use std::fmt;

/// Longest piece of typed text that is repeated, in characters.
const LONGEST: usize = 400;

/// Why something was not done. Displayed as `thing: cause; way out`, without a line end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// What it is about: an option, a path as it was typed, or a part of the run.
    pub thing: String,
    /// What is wrong with it.
    pub cause: String,
    /// What to do about it; empty where nothing helps.
    pub way_out: String,
}

impl Complaint {
    /// A complaint about `thing`, which is one of our own words or already [`quoted`].
    pub fn new(thing: impl Into<String>, cause: impl Into<String>, way_out: impl Into<String>) -> Complaint {
        Complaint { thing: thing.into(), cause: cause.into(), way_out: way_out.into() }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.thing, self.cause)?;
        if self.way_out.is_empty() { Ok(()) } else { write!(f, "; {}", self.way_out) }
    }
}

/// Text that the user typed, with every character spelled out that could act on a terminal or
/// in a CI log: `\u{1b}` for a character, `\x{ff}` for a byte that is no UTF-8, and the second
/// mark of `::` and `##`, with which CI runners recognise commands.
pub fn quoted(typed: &OsStr) -> String {
    let mut out = String::new();
    let mut before = ' ';
    let mut count = 0usize;
    for chunk in typed.as_encoded_bytes().utf8_chunks() {
        for c in chunk.valid().chars() {
            count += 1;
            match c {
                _ if count > LONGEST => {}
                '\\' => out.push_str("\\\\"),
                ':' | '#' if c == before => out.push_str(&format!("\\u{{{:x}}}", c as u32)),
                _ if is_plain(c) => out.push(c),
                _ => out.push_str(&format!("\\u{{{:x}}}", c as u32)),
            }
            before = c;
        }
        for byte in chunk.invalid() {
            count += 1;
            if count <= LONGEST {
                out.push_str(&format!("\\x{{{byte:02x}}}"));
            }
        }
    }
    if count > LONGEST {
        out.push_str(&format!("…(+{})", count - LONGEST));
    }
    out
}

/// Blank, printable ASCII, and letters and digits of any script that show as something.
fn is_plain(c: char) -> bool {
    let blank_letter = matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}');
    c == ' ' || c.is_ascii_graphic() || (c > '\u{9f}' && c.is_alphanumeric() && !blank_letter)
}

/// The cause in our own words: the text of an I/O error may hold a path.
pub fn io_cause(error: &std::io::Error) -> String {
    use std::io::ErrorKind as K;
    let word = match error.kind() {
        K::NotFound => "no such file or folder",
        K::PermissionDenied => "no permission",
        K::StorageFull | K::QuotaExceeded | K::WriteZero => "no space left on the device",
        K::ReadOnlyFilesystem => "the file system is read-only",
        K::IsADirectory => "it is a folder",
        K::NotADirectory => "a part of the path is not a folder",
        K::BrokenPipe => "the reader has closed the pipe",
        _ => return error.raw_os_error().map_or_else(|| "I/O error".to_owned(), |code| format!("I/O error (os error {code})")),
    };
    word.to_owned()
}

/// The end of a source path, for the place of an internal error: what stands before it names
/// the machine that built the program.
pub fn place(file: &str) -> String {
    let parts: Vec<&str> = file.split(['/', '\\']).collect();
    let keep = parts.iter().rposition(|part| *part == "src").map_or(1, |at| parts.len() - at + 1);
    parts[parts.len().saturating_sub(keep)..].join("/")
}

/// `1 source`, `2 sources`.
pub fn counted(number: u64, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

/// When messages are coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    /// On a terminal, unless the environment speaks against it.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Colour or not, by the usual words of the environment: `NO_COLOR`, `FORCE_COLOR`,
    /// `CLICOLOR_FORCE`, `CLICOLOR=0` and `TERM=dumb`.
    pub fn decide(self, terminal: bool, var: &dyn Fn(&str) -> Option<OsString>) -> bool {
        let set = |name: &str| var(name).is_some_and(|value| !value.is_empty() && value != "0");
        let is = |name: &str, word: &str| var(name).is_some_and(|value| value == word);
        match self {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if set("NO_COLOR") || is("NO_COLOR", "0") => false,
            Color::Auto if set("FORCE_COLOR") || set("CLICOLOR_FORCE") => true,
            Color::Auto => terminal && !is("CLICOLOR", "0") && !is("TERM", "dumb"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_typed_acts_on_a_terminal_or_a_runner() {
        for (typed, want) in [
            ("logs/übung 1.jsonl", "logs/übung 1.jsonl"),
            ("a\u{1b}[31m\nb", "a\\u{1b}[31m\\u{a}b"),
            ("::error::x", ":\\u{3a}error:\\u{3a}x"),
            ("##[group]", "#\\u{23}[group]"),
            ("c:\\x", "c:\\\\x"),
            ("\u{202e}gpj.\u{200b}\u{3164}", "\\u{202e}gpj.\\u{200b}\\u{3164}"),
        ] {
            assert_eq!(quoted(OsStr::new(typed)), want);
        }
        let long = quoted(OsStr::new(&"x".repeat(1000)));
        assert!(long.ends_with("x…(+600)"), "{long}");
    }

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_no_text_are_spelled_out() {
        use std::os::unix::ffi::OsStrExt;
        assert_eq!(quoted(OsStr::from_bytes(b"a\xffb")), "a\\x{ff}b");
    }

    #[test]
    fn a_place_does_not_name_the_builder() {
        for (file, want) in [
            ("/home/x/.cargo/registry/src/index-1/serde_json-1.0.1/src/de.rs", "serde_json-1.0.1/src/de.rs"),
            ("src/reader/codex/rollout.rs", "src/reader/codex/rollout.rs"),
            ("/rustc/59807/library/core/src/str/mod.rs", "core/src/str/mod.rs"),
            ("x.rs", "x.rs"),
            ("", ""),
        ] {
            assert_eq!(place(file), want);
        }
    }

    #[test]
    fn a_complaint_is_one_line() {
        let complaint = Complaint::new("out/report.md", "no such folder", "create it");
        assert_eq!(complaint.to_string(), "out/report.md: no such folder; create it");
        assert_eq!(Complaint::new("a", "b", "").to_string(), "a: b");
    }

    #[test]
    fn colour_follows_the_usual_words() {
        let env = |pairs: &'static [(&'static str, &'static str)]| {
            move |name: &str| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| OsString::from(v))
        };
        assert!(Color::Auto.decide(true, &env(&[])));
        assert!(!Color::Auto.decide(false, &env(&[])));
        assert!(!Color::Auto.decide(true, &env(&[("NO_COLOR", "1"), ("FORCE_COLOR", "1")])));
        assert!(Color::Auto.decide(false, &env(&[("FORCE_COLOR", "1")])));
        assert!(!Color::Auto.decide(true, &env(&[("TERM", "dumb")])));
        assert!(Color::Always.decide(false, &env(&[("NO_COLOR", "1")])));
        assert!(!Color::Never.decide(true, &env(&[])));
    }
}
