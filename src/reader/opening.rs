//! Does a text begin as a log does, or does it only quote one? Notes, instructions for agents, pages
//! and programs hold pieces of logs, and those are nobody's evidence: nothing tells whose log it was,
//! or that it was not made up.
//!
//! It is apart because every reader that knows its lines by their form asks the same: a log is a log
//! from its first line on. One line may be torn, as rotation cuts it, and what terminals, shells and
//! supervisors put before the first record may stand there. Files whose names say that they hold
//! output are taken at their word; files whose names say prose or program are no log, whatever
//! they hold.

use crate::source::{Head, Name};
use crate::time::Stamp;

/// Endings of documents and programs.
const PROSE: [&str; 38] = [
    "md", "mdx", "mdc", "markdown", "rst", "adoc", "org", "tex", "html", "htm", "xhtml", "xml", "svg", "css", "py", "pyi", "ipynb",
    "js", "jsx", "mjs", "cjs", "ts", "tsx", "rs", "go", "java", "kt", "c", "h", "cpp", "cs", "rb", "php", "ps1", "sh", "diff",
    "patch", "eml",
];

/// What editors and backups put behind an ending.
const BACKUPS: [&str; 5] = ["bak", "old", "orig", "save", "copy"];

/// Endings of what programs printed.
const OUTPUT: [&str; 6] = ["log", "err", "out", "stderr", "stdout", "trace"];

/// First words of such names without an ending of their own, or with `.txt`.
const CAPTURES: [&str; 8] = ["console", "stderr", "stdout", "journal", "journalctl", "terminal", "typescript", "nohup"];

/// How the chatter begins that stands before the first record of a capture: of Codex, Node and
/// `journalctl`.
const CHATTER: [&str; 5] = ["Reading additional input from stdin", "(node:", "(Use `node ", "-- Logs begin", "-- Journal begins"];

/// Does the name say that this is a document or a program?
pub(super) fn is_prose(name: &Name) -> bool {
    ending(name).is_some_and(|ending| PROSE.contains(&ending.as_str()))
}

/// The lines that may tell whose log this is: all lines of a source that is a log from its first
/// line on (`is_form` knows the form), or is called like one; none of any other.
pub(super) fn lines<'h, F: Fn(&[u8]) -> bool>(
    head: &Head<'h>,
    is_named: bool,
    is_form: F,
) -> impl Iterator<Item = &'h [u8]> + use<'h, F> {
    let is_log = is_named || is_output(head.name) || begins(head, is_form);
    head.lines().take_while(move |_| is_log)
}

/// Is one of the first two lines in the form, chatter aside? The first may be torn, but a fence or
/// a tag is no torn line.
fn begins(head: &Head<'_>, is_form: impl Fn(&[u8]) -> bool) -> bool {
    let mut first = true;
    for line in head.lines().map(<[u8]>::trim_ascii).filter(|line| !line.is_empty() && !is_chatter(line)).take(2) {
        if is_form(line) || (first && (is_stamped(line) || is_prompt(line))) {
            return true;
        }
        if ["```", "~~~", "<", "# ", "> "].iter().any(|mark| line.starts_with(mark.as_bytes())) {
            return false;
        }
        first = false;
    }
    false
}

fn is_chatter(line: &[u8]) -> bool {
    CHATTER.iter().any(|start| line.starts_with(start.as_bytes()))
}

/// A date and a time stand at its start, perhaps behind marks.
fn is_stamped(line: &[u8]) -> bool {
    let marks = line.iter().take_while(|b| b"#[ \t".contains(b)).count();
    line.get(marks..).and_then(Stamp::prefix).is_some()
}

/// What a shell prints before a command.
fn is_prompt(line: &[u8]) -> bool {
    let text = String::from_utf8_lossy(line.get(..200).unwrap_or(line));
    let host = text.split_whitespace().next().is_some_and(|word| word.contains('@'));
    ["$ ", "% ", "❯ ", "PS "].iter().any(|start| text.starts_with(start)) || (host && (text.contains("$ ") || text.contains("% ")))
}

fn is_output(name: &Name) -> bool {
    let stem = name.file().split(['.', '-', '_', ' ']).next().unwrap_or_default();
    match ending(name) {
        Some(ending) if OUTPUT.contains(&ending.as_str()) => true,
        Some(ending) if ending != "txt" => false,
        _ => CAPTURES.contains(&stem),
    }
}

/// The ending of a name in small letters, without what rotation and backups add to it.
fn ending(name: &Name) -> Option<String> {
    let file = name.file().to_ascii_lowercase();
    let mut parts = file.trim_end_matches('~').split('.').skip(1).collect::<Vec<_>>();
    while parts.len() > 1 && parts.last().is_some_and(|part| is_added(part)) {
        parts.pop();
    }
    parts.pop().map(str::to_owned)
}

fn is_added(part: &str) -> bool {
    BACKUPS.contains(&part) || (!part.is_empty() && part.bytes().all(|b| b.is_ascii_digit() || b == b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(name: &str, text: &str) -> usize {
        let name = Name::of_text(name);
        lines(&Head { name: &name, bytes: text.as_bytes(), whole: true }, false, |line| line.starts_with(b"REC")).count()
    }

    #[test]
    fn a_log_is_one_from_its_first_line_on() {
        for text in [
            "REC 1\nREC 2",
            "\n\nREC 1",
            "n end of a record\nREC 1",
            "$ run it\nsome\nREC 1",
            "## 2026-05-10T06:15:02Z step\nx\nREC 1",
        ] {
            assert!(count("pasted.txt", text) > 0, "{text}");
        }
        assert!(count("x", "Reading additional input from stdin...\n(node:7) warning\ntorn\nREC 1\n") > 0);
        for text in ["# Notes\nREC 1", "```\nREC 1\n```", "<pre>\nREC 1", "I saw\nthis\nREC 1", "> quoted\nREC 1", ""] {
            assert_eq!(count("pasted.txt", text), 0, "{text}");
        }
    }

    #[test]
    fn names_decide_where_they_say_what_a_file_holds() {
        for name in ["a.log", "a.log.1", "step1.err", "a.out", "console.txt", "stderr", "a.log.2026-05-10"] {
            assert!(count(name, "hello\nthere\nREC 1\n") > 0, "{name}");
        }
        for (name, want) in [
            ("MEMORY.md", true),
            ("page.HTML", true),
            ("x.md.bak", true),
            ("x.md~", true),
            ("agent.log.md", true),
            ("a.log", false),
            ("md", false),
            ("a.jsonl", false),
        ] {
            assert_eq!(is_prose(&Name::of_text(name)), want, "{name}");
        }
        assert_eq!(count("notes.txt", "hello\nthere\nREC 1\n"), 0);
    }
}
