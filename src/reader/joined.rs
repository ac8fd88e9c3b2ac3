//! Where one file ends and the next begins, in a text that holds several: what `tail`, `head` and `more` print
//! of more than one file.
//!
//! `==> errors.log <==` stands before each file (`tail`, `head`), or its name between two lines of colons
//! (`more`). What a reader knows of the log above it (its order, its turns, whose lines they are) says nothing
//! about the one below. A log may also quote such output, in a message or in what a tool printed: so a header
//! counts in a text that begins with one, as such output does. It is apart because every reader
//! of plain log lines asks the same.

use super::opening;

/// What `more` prints above and below a name.
const COLONS: &str = "::::::::::::::";

/// Does this line say that another file follows?
pub(super) fn is_header(line: &[u8]) -> bool {
    let line = line.trim_ascii_end();
    let name = line.strip_prefix(b"==> ").and_then(|rest| rest.strip_suffix(b" <=="));
    name.is_some_and(|name| !name.trim_ascii().is_empty()) || line == COLONS.as_bytes()
}

/// Follows the headers of one text, line by line.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Headers {
    is_joined: bool,
    has_begun: bool,
}

impl Headers {
    /// Does another file begin with this line?
    pub(super) fn is_next(&mut self, line: &[u8]) -> bool {
        let is_header = is_header(line);
        self.is_joined |= is_header && !self.has_begun;
        // The command itself may have been copied along.
        self.has_begun = self.has_begun || (!is_header && !line.trim_ascii().is_empty() && !opening::is_prompt(line));
        is_header && self.is_joined
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_other_files() {
        for header in ["==> errors.log <==", "==> /a b/c.log <==\r", "==> standard input <==", "::::::::::::::"] {
            assert!(is_header(header.as_bytes()), "{header}");
        }
        for other in ["", "==>  <==", "==> x", "x ==> y <==", "==> a <== b", ":::", "====> a <=="] {
            assert!(!is_header(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn a_text_that_began_without_one_quotes_them() {
        let next = |lines: &[&str]| {
            let mut headers = Headers::default();
            lines.iter().filter(|line| headers.is_next(line.as_bytes())).count()
        };
        assert_eq!(next(&["==> a <==", "x", "", "==> b <==", "x"]), 2);
        assert_eq!(next(&["$ tail *.log", "", "==> a <==", "x", "==> b <=="]), 2);
        assert_eq!(next(&["x", "==> b <==", "==> c <=="]), 0);
    }
}
