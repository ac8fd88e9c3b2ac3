//! A command line taken apart: its words without quotes, and how each command hangs on the one before.
//!
//! It is apart from the meaning of the words because it is grammar alone. It goes as far as a list of
//! simple commands goes, and stops at the first construct that is more ([`super::nest`] follows those).

/// How a command hangs on the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joint {
    /// Not at all.
    Always,
    /// It is of the same pipe.
    Piped,
    /// It runs if that one did well.
    IfWell,
    /// It runs if that one failed.
    IfNot,
}

/// Simple commands, each with how it hangs on the one before it.
pub(super) type List = Vec<(Joint, Vec<String>)>;

/// The simple commands at the start of a line, as words without their quotes, and what stands
/// behind them from the first construct on that is none.
pub(super) fn split(line: &str) -> (List, &str) {
    let (mut list, mut words, mut word) = (List::new(), Vec::new(), None::<String>);
    let mut joint = Joint::Always;
    let mut chars = line.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                while let Some((_, inner)) = chars.next().filter(|(_, inner)| *inner != c) {
                    match inner {
                        '\\' if c == '"' => word.extend(chars.next().map(|(_, c)| c)),
                        other => word.push(other),
                    }
                }
            }
            // A backslash at the end of a line joins it with the next.
            '\\' => match chars.next() {
                Some((_, '\n')) | None => {}
                Some((_, other)) => word.get_or_insert_default().push(other),
            },
            ';' | '&' | '|' | '\n' if !is_redirection(c, word.as_deref(), chars.peek()) => {
                words.extend(word.take());
                // A command that is still to come may begin in a line of its own.
                if c == '\n' && words.is_empty() {
                    continue;
                }
                let doubled = chars.next_if(|(_, next)| *next == c && c != '\n').is_some();
                // `|&` pipes both.
                let _ = chars.next_if(|(_, next)| c == '|' && !doubled && *next == '&');
                let next = match (c, doubled) {
                    ('&', true) => Joint::IfWell,
                    ('|', true) => Joint::IfNot,
                    ('|', false) => Joint::Piped,
                    _ => Joint::Always,
                };
                list.push((joint, std::mem::take(&mut words)));
                joint = next;
            }
            '#' if word.is_none() => match line.get(at..).and_then(|rest| rest.find('\n')) {
                Some(len) => while chars.next_if(|(place, _)| *place < at + len).is_some() {},
                None => break,
            },
            '(' | ')' | '`' => return (list, line),
            '<' if chars.peek().is_some_and(|(_, next)| *next == '<') => {
                words.extend(word.take());
                list.push((joint, words));
                return (list, line.get(at..).unwrap_or_default());
            }
            c if c.is_whitespace() => {
                words.extend(word.take());
            }
            other => word.get_or_insert_default().push(other),
        }
        if words.iter().all(|word| stands_before(word))
            && chars.peek().is_none_or(|(_, next)| !next.is_alphanumeric())
            && word.as_deref().is_some_and(is_keyword)
        {
            return (list, line);
        }
    }
    words.extend(word);
    list.push((joint, words));
    (list, "")
}

/// `2>&1`, `>|`, `&>file`.
fn is_redirection(c: char, word: Option<&str>, next: Option<&(usize, char)>) -> bool {
    let behind = word.is_some_and(|word| word.ends_with(['>', '<']));
    matches!(c, '&' | '|') && (behind || (c == '&' && next.is_some_and(|(_, next)| *next == '>')))
}

/// Words that leave the next one the first of a command; the first two are of fish.
pub(super) fn stands_before(word: &str) -> bool {
    matches!(word, "and" | "or" | "not" | "!" | "time")
}

/// Words that open more than a simple command, in the shells that are read.
fn is_keyword(word: &str) -> bool {
    const KEYWORDS: [&str; 22] = [
        "if", "then", "else", "elif", "fi", "for", "foreach", "while", "until", "do", "done", "case", "esac", "select", "repeat",
        "function", "coproc", "begin", "switch", "end", "{", "}",
    ];
    KEYWORDS.contains(&word)
}
