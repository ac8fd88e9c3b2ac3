//! Words of the input, for `--private` reports only: redacted when taken, escaped when shown.
//!
//! This is the one type that carries input text beyond a reader. It cannot be displayed or
//! serialised; [`Excerpt::shown`] is the only way out, and only the report calls it.

use regex::Regex;
use std::sync::LazyLock;

/// Longest excerpt, in characters.
const LONGEST: usize = 400;

/// A redacted piece of input text.
#[derive(Clone, PartialEq, Eq)]
pub struct Excerpt(Box<str>);

impl std::fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Excerpt(..)")
    }
}

/// Shapes that are never shown: tokens, keys, masks of them, mail addresses, long digit runs,
/// ids and anything that looks random.
static HIDDEN: LazyLock<Regex> = LazyLock::new(|| {
    #[allow(clippy::unwrap_used)] // a literal pattern, covered by the test below
    Regex::new(concat!(
        r"(?x)",
        r"  \beyJ[\w.\-=]+ | \b(?:sk|sess|at|rt|ghp|gho|xox[a-z]|hf|npm|pat)[-_.][\w.\-]{6,}",
        r"| (?i:bearer|basic)\s+[\w.\-=+/]+",
        r"| [\w.+-]+@[\w-]+(?:\.[\w-]+)+",
        r"| [0-9a-fA-F]{8}-[0-9a-fA-F-]{27}",
        r"| \b\w{1,8}(?:\.\.\.|…)\w{1,6}\b",
        r"| \+?\d{7,}",
        r"| [A-Za-z0-9+/_=-]{24,}",
        r"| (?:/|~/|[A-Za-z]:\\)[^\s'\x22:,;)]+",
        r"| \b\d{1,3}(?:\.\d{1,3}){3}\b",
    ))
    .unwrap()
});

impl Excerpt {
    /// Redact and keep at most 400 characters of `text`.
    pub fn take(text: &str) -> Excerpt {
        let start: String = text.chars().take(LONGEST * 2).collect();
        let hidden = HIDDEN.replace_all(&start, "[hidden]");
        Excerpt(hidden.chars().take(LONGEST).collect::<String>().into())
    }

    /// The text with every character spelled out that could act on a terminal or in Markdown:
    /// control, bidi, invisible and blank-looking characters become `\u{..}`, back-quotes and
    /// references are broken.
    pub fn shown(&self) -> String {
        visible(&self.0)
    }
}

/// Input text made harmless: for excerpts, and for the real names of files in private reports.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut before = ' ';
    for c in text.chars() {
        let breaks_reference =
            (c.is_ascii_digit() && before == '#') || (c.is_alphabetic() && before == '@') || (c == ':' && before == ':');
        if is_plain(c) && !breaks_reference {
            out.push(c);
        } else {
            out.push_str(&format!("\\u{{{:x}}}", c as u32));
        }
        before = c;
    }
    out
}

/// Characters that may be shown as they are. Backslash and back-quote are spelled out so that
/// the text stays unambiguous inside a code span.
fn is_plain(c: char) -> bool {
    c == ' '
        || (c.is_ascii_graphic() && !matches!(c, '\\' | '`' | '|' | '<'))
        || (c > '\u{ff}' && c.is_alphabetic() && !is_blank_letter(c))
}

/// Letters that render as nothing.
fn is_blank_letter(c: char) -> bool {
    matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        Excerpt::take(text).shown()
    }

    #[test]
    fn secrets_and_identities_are_hidden() {
        let made = format!("{}{}", "ey", "Jabc.def.ghi");
        for (text, gone) in [
            (format!("token {made} end"), "abc"),
            ("mail a.b@example.test".to_owned(), "example"),
            ("Bearer abcdef12".to_owned(), "abcdef"),
            ("in /home/alice/x".to_owned(), "alice"),
            ("masked abcdef...wxyz".to_owned(), "wxyz"),
            ("from 10.1.2.3".to_owned(), "10.1"),
        ] {
            assert!(!shown(&text).contains(gone), "{text}");
        }
    }

    #[test]
    fn nothing_acts_on_a_terminal_or_in_markdown() {
        let text = shown("a`b|c<d\u{1b}[0m\r\n\u{202e}@bob #12 ::set x\u{3164}");
        assert!(text.chars().all(|c| c == ' ' || c.is_ascii_graphic()), "{text}");
        for bad in ["`", "|", "<", "@b", "#1", "::"] {
            assert!(!text.contains(bad), "{bad} in {text}");
        }
    }
}
