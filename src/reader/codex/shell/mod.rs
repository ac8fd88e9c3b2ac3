//! Histories of shells, for two commands alone: `codex login` and `codex logout`, dated by an epoch
//! stamp. Nothing else of a history enters an event, and a command without a stamp states nothing.
//!
//! - zsh (`EXTENDED_HISTORY`): `: 1795366376:0;codex login`, with further lines of one command
//!   behind a backslash;
//! - bash (`HISTTIMEFORMAT`): `#1795366376`, then the command;
//! - fish: `- cmd: codex login`, then `  when: 1795366376`.
//!
//! The home is `.codex` beside such a file; what a command sets for itself (`CODEX_HOME=…`) leads
//! elsewhere and is passed over.

mod words;

use crate::event::EventKind;
use crate::reader::json;
use crate::reader::{Context, Facts, Outcome, Reader, Sniff};
use crate::source::{Head, Line};
use crate::time::Stamp;
use words::Command;

/// Names of histories; zsh and bash leave the choice to the user.
const NAMES: [&str; 5] = [".zsh_history", ".zhistory", ".bash_history", ".histfile", "fish_history"];

/// By the stamps of zsh and fish, which nothing else has at the start of every command; bash's are
/// too plain to go without a name.
pub(super) fn sniff(head: &Head<'_>) -> Sniff {
    let lines: Vec<&[u8]> = head.lines().filter(|line| !line.is_empty()).take(2).collect();
    let file = head.name.file();
    let (first, second) = (lines.first().copied().unwrap_or_default(), lines.get(1).copied().unwrap_or_default());
    let zsh = zsh(first).is_some();
    let fish = first.starts_with(b"- cmd: ") && fish_when(second).is_some();
    let bash = bash_stamp(first).is_some() && !second.starts_with(b"#") && file.contains("history");
    let named = NAMES.contains(&file) && !first.contains(&0);
    if zsh || fish || bash || named { Sniff::Yes } else { Sniff::No }
}

/// Makes the reader.
pub(super) fn open(_: &Context<'_>) -> Box<dyn Reader> {
    Box::new(History::default())
}

/// Reads one history.
#[derive(Debug, Default)]
struct History {
    /// The stamp of the next line (bash).
    stamp: Option<Stamp>,
    /// A command whose stamp comes behind it (fish).
    command: Option<Command>,
    /// The line before goes on in this one (zsh).
    goes_on: bool,
}

impl Reader for History {
    fn line(&mut self, line: &Line<'_>, facts: &mut Facts<'_>) -> Outcome {
        let goes_on = std::mem::replace(&mut self.goes_on, line.bytes.ends_with(b"\\"));
        if goes_on {
            return Outcome::Used;
        }
        let stamp = self.stamp.take();
        if let Some((at, command)) = zsh(line.bytes) {
            state(Some(at), words::command(&json::text(command)), line, facts);
        } else if let Some(at) = bash_stamp(line.bytes) {
            (self.stamp, self.goes_on) = (Some(at), false);
        } else if let Some(command) = line.bytes.strip_prefix(b"- cmd: ") {
            (self.command, self.goes_on) = (words::command(&json::text(command)), false);
        } else if let Some(at) = fish_when(line.bytes) {
            state(Some(at), self.command.take(), line, facts);
        } else if stamp.is_some() {
            state(stamp, words::command(&json::text(line.bytes)), line, facts);
        }
        Outcome::Used
    }
}

fn state(at: Option<Stamp>, command: Option<Command>, line: &Line<'_>, facts: &mut Facts<'_>) {
    let kind = match command {
        Some(Command::Login) => EventKind::Login { done: false },
        Some(Command::Logout) => EventKind::Logout,
        None => return,
    };
    facts.push(at, facts.origin(line), kind);
}

/// `: <epoch>:<seconds>;command`
fn zsh(line: &[u8]) -> Option<(Stamp, &[u8])> {
    let (at, rest) = epoch(line.strip_prefix(b": ")?)?;
    let rest = rest.strip_prefix(b":")?;
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    Some((at, rest.get(digits..)?.strip_prefix(b";").filter(|_| digits > 0)?))
}

/// `#<epoch>` and nothing else.
fn bash_stamp(line: &[u8]) -> Option<Stamp> {
    epoch(line.strip_prefix(b"#")?).filter(|(_, rest)| rest.trim_ascii().is_empty()).map(|(at, _)| at)
}

/// `  when: <epoch>`
fn fish_when(line: &[u8]) -> Option<Stamp> {
    epoch(line.strip_prefix(b"  when: ")?).filter(|(_, rest)| rest.trim_ascii().is_empty()).map(|(at, _)| at)
}

/// Ten digits of seconds, and what follows.
fn epoch(bytes: &[u8]) -> Option<(Stamp, &[u8])> {
    let digits = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    let text = std::str::from_utf8(bytes.get(..digits).filter(|_| digits == 10)?).ok()?;
    Some((Stamp::epoch(text.parse().ok()?)?, bytes.get(digits..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::reader::codex::testing::{lines, sniffed};

    fn stated(text: &str) -> Vec<(u64, i64, &'static str)> {
        let of = |event: &Event| {
            let word = match event.kind {
                EventKind::Login { done: false } => "login",
                EventKind::Logout => "logout",
                _ => "other",
            };
            (event.origin.line, event.at.map_or(0, |at| at.ms / 1000), word)
        };
        lines(open, "/h/.zsh_history", text).iter().map(of).collect()
    }

    #[test]
    fn each_shell_in_its_own_way() {
        let zsh = ": 1795366376:0;codex login\n: 1795366400:12;cat <<EOF\\\n: 1795366401:0;codex logout\\\nEOF\n: 1795366500:0;codex logout\n";
        assert_eq!(stated(zsh), [(1, 1_795_366_376, "login"), (5, 1_795_366_500, "logout")]);
        let bash = "ls\ncodex login\n#1795366376\ncodex login\ncodex logout\n#1795366400\n#1795366401\nls -l\n";
        assert_eq!(stated(bash), [(4, 1_795_366_376, "login")]);
        let fish = "- cmd: codex logout\n  when: 1795366376\n  paths:\n    - x\n- cmd: echo codex login\n  when: 1795366400\n";
        assert_eq!(stated(fish), [(2, 1_795_366_376, "logout")]);
    }

    #[test]
    fn only_histories_are_taken() {
        for (name, text) in [
            ("x", ": 1795366376:0;ls\n"),
            ("fish_history", "- cmd: ls\n  when: 1795366376\n"),
            ("/h/.bash_history", "ls\ncd\n"),
            ("my_history.txt", "#1795366376\nls\n"),
        ] {
            assert_eq!(sniffed(sniff, name, text.as_bytes()), Sniff::Yes, "{name}");
        }
        for (name, text) in [
            ("notes.md", "#1795366376\nsome text\n"),
            ("x", ": 17:0;ls\n"),
            ("x", "codex login\n"),
            ("list.yml", "- cmd: ls\n  when: later\n"),
            ("x", ""),
        ] {
            assert_eq!(sniffed(sniff, name, text.as_bytes()), Sniff::No, "{name}");
        }
    }
}
