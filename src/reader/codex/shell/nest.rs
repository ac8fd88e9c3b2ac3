//! What a line of a history leaves open: quotes, groups, substitutions, `if`, loops, functions,
//! here-documents, and a joint whose other half is still to come.
//!
//! It is apart from taking a line apart because it goes from line to line: bash without `cmdhist`
//! stamps each line of one command by itself, and what stands between `if` and `fi` need not have
//! run. What does not fit together is never closed: nothing is known from there on.

use super::split::stands_before;
use std::iter::Peekable;
use std::str::Chars;

/// Most that may stand in one another.
const DEEPEST: usize = 64;

/// Something that is to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    /// `'`
    Single,
    /// `$'`, in which a backslash counts.
    Ansi,
    /// `"`
    Double,
    /// A backquote.
    Back,
    /// `(`
    Paren,
    /// `$(`, `<(`, `=(`: a part of a word.
    Inner,
    /// `{`
    Brace,
    /// `if`
    If,
    /// `for`, `while` and their like.
    Loop,
    /// `case`
    Case,
    /// `function`, up to its body (or to its end, in fish).
    Function,
    /// `begin` and `switch` of fish and csh.
    Begin,
}

/// A here-document that is to come.
#[derive(Debug)]
struct Here {
    end: String,
    /// Tabs before its end do not count.
    tabs: bool,
}

/// What is open behind the lines so far.
#[derive(Debug, Default)]
pub(super) struct Nest {
    open: Vec<Open>,
    here: Vec<Here>,
    /// The last command is followed by `&&`, `||` or `|` and nothing.
    joined: bool,
    /// Nothing is known any more.
    lost: bool,
    /// The word that is being read.
    word: String,
    /// The next word begins a command.
    first: bool,
}

impl Nest {
    /// Does what follows belong to something that was begun before?
    pub(super) fn is_open(&self) -> bool {
        self.lost || self.joined || !self.open.is_empty() || !self.here.is_empty()
    }

    /// Follow another line, which may hold line ends of its own.
    pub(super) fn follow(&mut self, text: &str) {
        for line in text.split('\n') {
            if let Some(here) = self.here.first() {
                let line = if here.tabs { line.trim_start_matches('\t') } else { line };
                if line == here.end {
                    self.here.remove(0);
                }
                continue;
            }
            self.first |= !self.is_quoted();
            self.code(line);
        }
    }

    fn is_quoted(&self) -> bool {
        matches!(self.open.last(), Some(Open::Single | Open::Ansi | Open::Double))
    }

    fn code(&mut self, line: &str) {
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            match (self.open.last(), c) {
                (Some(Open::Single), '\'') | (Some(Open::Ansi), '\'') | (Some(Open::Double), '"') => drop(self.open.pop()),
                (Some(Open::Single), _) => {}
                (_, '\\') => {
                    // At its end the line goes on; whoever joins lines has seen to that.
                    self.word.extend(chars.next());
                }
                (Some(Open::Ansi), _) => {}
                (Some(Open::Double), '$') if chars.next_if_eq(&'(').is_some() => self.begin(Open::Inner),
                (Some(Open::Double), '`') => self.back(),
                (Some(Open::Double), _) => {}
                (_, '#') if self.word.is_empty() => break,
                (_, c) => self.plain(c, &mut chars),
            }
        }
        if !self.is_quoted() {
            self.end_word();
        }
    }

    /// A character outside of quotes.
    fn plain(&mut self, c: char, chars: &mut Peekable<Chars<'_>>) {
        match c {
            '\'' => self.quote(if self.word.ends_with('$') { Open::Ansi } else { Open::Single }),
            '"' => self.quote(Open::Double),
            '`' => self.back(),
            '(' => self.begin(if self.word.ends_with(['$', '<', '>', '=']) { Open::Inner } else { Open::Paren }),
            ')' => {
                self.end_word();
                (self.joined, self.first) = (false, self.open.last() != Some(&Open::Inner));
                match self.open.last() {
                    Some(Open::Paren | Open::Inner) => drop(self.open.pop()),
                    Some(Open::Case) | None => {}
                    Some(_) => self.lost = true,
                }
            }
            '<' if chars.next_if_eq(&'<').is_some() => {
                self.end_word();
                // A text behind `<<<` is no document.
                if chars.next_if_eq(&'<').is_none() {
                    self.document(chars);
                }
            }
            ';' | '&' | '|' => {
                self.end_word();
                let doubled = chars.next_if(|next| *next == c || (c == '|' && *next == '&')).is_some();
                (self.first, self.joined) = (true, c == '|' || (c == '&' && doubled));
            }
            c if c.is_whitespace() => self.end_word(),
            c => self.word.push(c),
        }
    }

    fn begin(&mut self, open: Open) {
        self.end_word();
        self.joined = false;
        self.lost |= self.open.len() >= DEEPEST;
        if !self.lost {
            self.open.push(open);
        }
        self.first = true;
    }

    /// A quote is part of a word.
    fn quote(&mut self, open: Open) {
        self.word.push('\'');
        let word = std::mem::take(&mut self.word);
        self.begin(open);
        self.word = word;
        self.first = false;
    }

    fn back(&mut self) {
        if self.open.last() == Some(&Open::Back) {
            self.end_word();
            self.open.pop();
        } else {
            // Another one further out can only be its end, of which something inside is missing.
            self.lost |= self.open.contains(&Open::Back);
            self.begin(Open::Back);
        }
    }

    /// `<<EOF`, `<<-'EOF'`
    fn document(&mut self, chars: &mut Peekable<Chars<'_>>) {
        let tabs = chars.next_if_eq(&'-').is_some();
        while chars.next_if(|c| matches!(c, ' ' | '\t')).is_some() {}
        let mut end = String::new();
        while let Some(c) = chars.next_if(|c| !c.is_whitespace() && !";&|<>()".contains(*c)) {
            if !matches!(c, '\'' | '"' | '\\') {
                end.push(c);
            }
        }
        self.here.push(Here { end, tabs });
        self.lost |= self.here.len() > DEEPEST;
    }

    fn end_word(&mut self) {
        let word = std::mem::take(&mut self.word);
        if word.is_empty() {
            return;
        }
        self.joined = false;
        if word == "{" && self.open.last() == Some(&Open::Function) {
            self.open.pop();
            return self.begin(Open::Brace);
        }
        if std::mem::take(&mut self.first) {
            self.command(&word);
        }
    }

    /// The first word of a command.
    fn command(&mut self, word: &str) {
        let named = match word {
            "if" => return self.begin(Open::If),
            "while" | "until" => return self.begin(Open::Loop),
            "{" => return self.begin(Open::Brace),
            "begin" => return self.begin(Open::Begin),
            "for" | "foreach" | "select" | "repeat" => Open::Loop,
            "case" => Open::Case,
            "switch" => Open::Begin,
            "function" => Open::Function,
            "fi" | "endif" => return self.close(&[Open::If]),
            "done" => return self.close(&[Open::Loop]),
            "esac" => return self.close(&[Open::Case]),
            "}" => return self.close(&[Open::Brace]),
            "end" | "endsw" => return self.close(&[Open::If, Open::Loop, Open::Function, Open::Begin]),
            word => {
                self.first = matches!(word, "then" | "else" | "elif" | "do") || stands_before(word);
                return;
            }
        };
        self.begin(named);
        self.first = false;
    }

    fn close(&mut self, what: &[Open]) {
        // Without one, its start may have been cut off with the start of the history.
        self.lost |= self.open.pop().is_some_and(|open| !what.contains(&open));
    }
}
