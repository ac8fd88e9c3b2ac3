//! Does a text begin as a log does, or does it only quote one? Notes, instructions for agents, pages
//! and programs hold pieces of logs, and those are nobody's evidence: nothing tells whose log it was,
//! or that it was not made up.
//!
//! It is apart because every reader that knows its lines by their form asks the same: a log is a log
//! from its first line on. One line may be torn, as rotation cuts it, if it looks like the rest of a
//! record and not like somebody's words, and what terminals, shells and supervisors put before the
//! first record may stand there. Files whose names say that they hold
//! output are taken at their word; files whose names say prose or program are no log, whatever
//! they hold.

use super::joined;
use crate::source::{Head, Name};
use crate::time::{Clock, Stamp};

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
/// `journalctl`. The headers of [`joined`] stand there, too.
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

/// Is one of the first two lines in the form, chatter aside? The first may be torn.
fn begins(head: &Head<'_>, is_form: impl Fn(&[u8]) -> bool) -> bool {
    let mut first = true;
    for line in head.lines().map(<[u8]>::trim_ascii).filter(|line| !line.is_empty() && !is_chatter(line)).take(2) {
        if is_form(line) || (first && (is_stamped(line) || is_prompt(line))) {
            return true;
        }
        if !is_torn(&String::from_utf8_lossy(line)) {
            return false;
        }
        first = false;
    }
    false
}

/// How lines begin that are a document's: fences, tags, headings, quotations, lists, tables, comments.
const MARKUP: [&str; 14] = ["```", "~~~", "<", "#", "> ", "- ", "* ", "+ ", "**", "| ", "//", "/*", "--", ";"];

/// Does a line look like the rest of a record: with the debris of its structure, and neither a
/// sentence nor the start of something that is quoted below?
fn is_torn(line: &str) -> bool {
    let leads = |text: &str| text.ends_with(['[', '(', '{', '=', ':', '|', '\\', '`']);
    let quotes = line.trim_end_matches(['"', '\'']);
    let is_markup = MARKUP.iter().any(|mark| line.starts_with(mark)) || line.contains("](");
    has_debris(line) && !is_markup && !leads(quotes) && !is_sentence(line)
}

/// Levels as most programs write them.
const LEVELS: [&str; 7] = ["TRACE", "DEBUG", "INFO", "WARN", "WARNING", "ERROR", "FATAL"];

/// What records are made of: brackets, members, settings, paths of modules, levels.
fn has_debris(line: &str) -> bool {
    let parts = line.contains(['{', '}', '[', ']']) || ["\":", "\",", "::"].iter().any(|part| line.contains(part));
    let is_setting = |word: &str| {
        let sides = word.split_once('=');
        sides.is_some_and(|(name, value)| {
            name.ends_with(|c: char| c.is_alphanumeric() || c == '_') && value.starts_with(|c: char| !"='`".contains(c))
        })
    };
    parts || line.split_whitespace().any(|word| is_setting(word) || LEVELS.contains(&word.trim_matches(['[', ']', ':'])))
}

/// Are most of its words words of a language?
pub(super) fn is_sentence(line: &str) -> bool {
    let is_plain = |word: &str| {
        let word = word.trim_matches(|c: char| ".,:;!?\"'()…“”‘’«»„–—".contains(c));
        !word.is_empty() && !LEVELS.contains(&word) && word.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '’' | '-'))
    };
    let (mut plain, mut all) = (0, 0);
    for word in line.split_whitespace() {
        (plain, all) = (plain + usize::from(is_plain(word)), all + 1);
    }
    // The start of a record that was cut off may end in anybody's words.
    !line.starts_with("{\"") && plain > 0 && plain * 2 >= all
}

fn is_chatter(line: &[u8]) -> bool {
    joined::is_header(line) || CHATTER.iter().any(|start| line.starts_with(start.as_bytes()))
}

/// A date and a time stand at its start, perhaps behind marks. People write times of their own
/// place without saying so: then the rest must not be their words.
fn is_stamped(line: &[u8]) -> bool {
    let marks = line.iter().take_while(|b| b"#[ \t".contains(b)).count();
    let Some((stamp, rest)) = line.get(marks..).and_then(Stamp::prefix) else { return false };
    let rest = String::from_utf8_lossy(rest);
    let rest = rest.trim_start_matches(']').trim();
    !rest.ends_with(':') && (stamp.clock != Clock::Local || !is_sentence(rest))
}

/// What a shell prints before a command.
pub(super) fn is_prompt(line: &[u8]) -> bool {
    let text = String::from_utf8_lossy(line.get(..200).unwrap_or(line));
    let host = text.split_whitespace().next().is_some_and(|word| word.contains('@'));
    let of_windows = text.starts_with("PS ") && text.contains("> ");
    ["$ ", "% ", "❯ "].iter().any(|start| text.starts_with(start))
        || of_windows
        || (host && (text.contains("$ ") || text.contains("% ")))
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
            "n=1 end\"}\nREC 1",
            "auth::manager: 401 {\"x\":1}\nREC 1",
            "pid=7 ERROR left\nREC 1",
            "2026-05-10 06:15:02 [x] pid=1\nREC 1",
            "PS C:\\app> run it\nREC 1",
            "$ run it\nsome\nREC 1",
            "## 2026-05-10T06:15:02Z step\nx\nREC 1",
        ] {
            assert!(count("pasted.txt", text) > 0, "{text}");
        }
        assert!(count("x", "Reading additional input from stdin...\n(node:7) warning\ntorn\"}\nREC 1\n") > 0);
        for text in [
            "# Notes\nREC 1",
            "```\nREC 1\n```",
            "<pre>\nREC 1",
            "I saw\nthis\nREC 1",
            "> quoted\nREC 1",
            "",
            "n end of a record\nREC 1",
            "hello team, an example from the docs follows\nREC 1",
            "What I found: the following\nReading additional input from stdin...\nREC 1",
            "Here [in the wiki] it says ERROR and x=1 like this\nREC 1",
            "Log [1]:\nREC 1",
            "LOG=\"\"\"\nREC 1",
            "lines=[\nREC 1",
            "see [the log](x)\nREC 1",
            "- [x] done\nREC 1",
            "## Notes {x}\nREC 1",
            "2026-05-10 06:15:02 I saw this\nREC 1",
            "[2026-05-10 06:15:02] mira:\nREC 1",
            "PS that is the log\nREC 1",
            "日志 [一]\nREC 1",
        ] {
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
