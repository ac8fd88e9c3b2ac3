//! Histories of shells, for three commands alone: `codex login`, `codex logout` and a copy put in the
//! place of the store (`cp … ~/.codex/auth.json`), dated by an epoch stamp. Nothing else of a history enters an event, and a command without a stamp states nothing.
//!
//! - zsh (`EXTENDED_HISTORY`): `: 1795366376:0;codex login`, with further lines of one command
//!   behind a backslash;
//! - bash (`HISTTIMEFORMAT`): `#1795366376`, then the command;
//! - fish: `- cmd: codex login`, then `  when: 1795366376`.
//!
//! The home is `.codex` beside such a file, or one below the same folder that is set for the command alone
//! (`CODEX_HOME=~/.codex-work codex logout`); what may be meant for any other is passed over.

mod elsewhere;
mod nest;
mod program;
mod split;
mod words;

use crate::event::{EventKind, Origin};
use crate::reader::json;
use crate::reader::{Context, Facts, Outcome, Reader, Sniff};
use crate::source::{Head, Line};
use crate::time::Stamp;
use words::{Command, Shells};

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
    shells: Shells,
    /// The stamp of the next line (bash).
    stamp: Option<Stamp>,
    /// A command whose stamp comes behind it (fish).
    command: Option<Command>,
    /// A command that goes on in the next line.
    begun: Option<Begun>,
}

/// The start of a command of several lines.
#[derive(Debug)]
struct Begun {
    at: Option<Stamp>,
    origin: Origin,
    /// zsh puts a backslash of its own before a line end; elsewhere it is the person's.
    is_zsh: bool,
    text: Vec<u8>,
}

/// Longest command that is kept; of a longer one only the start is looked at.
const LONGEST: usize = 64 << 10;

impl Reader for History {
    fn line(&mut self, line: &Line<'_>, facts: &mut Facts<'_>) -> Outcome {
        if let Some(begun) = self.begun.take() {
            self.typed(begun, line.bytes, facts);
            return Outcome::Used;
        }
        let (stamp, origin) = (self.stamp.take(), facts.origin(line));
        let new = |at, is_zsh| Begun { at, origin, is_zsh, text: Vec::new() };
        if let Some((at, command)) = zsh(line.bytes) {
            self.typed(new(Some(at), true), command, facts);
        } else if let Some(at) = bash_stamp(line.bytes) {
            self.stamp = Some(at);
        } else if let Some(command) = line.bytes.strip_prefix(b"- cmd: ") {
            self.command = self.shells.whole(&fish_text(&json::text(command)));
        } else if let Some(at) = fish_when(line.bytes) {
            state(Some(at), self.command.take(), origin, facts);
        } else {
            // Without a stamp it may still set another home.
            self.typed(new(stamp, false), line.bytes, facts);
        }
        Outcome::Used
    }

    fn finish(&mut self, facts: &mut Facts<'_>) {
        if let Some(begun) = self.begun.take() {
            self.done(begun, facts);
        }
    }
}

impl History {
    /// Another line of a command. A backslash at its end says that it goes on.
    fn typed(&mut self, mut begun: Begun, line: &[u8], facts: &mut Facts<'_>) {
        let backslashes = line.iter().rev().take_while(|b| **b == b'\\').count();
        let goes_on = if begun.is_zsh { backslashes > 0 } else { backslashes % 2 == 1 };
        let text = if goes_on && begun.is_zsh { line.strip_suffix(b"\\").unwrap_or(line) } else { line };
        begun.text.extend(text.iter().take(LONGEST.saturating_sub(begun.text.len())));
        if goes_on {
            begun.text.push(b'\n');
            self.begun = Some(begun);
        } else {
            self.done(begun, facts);
        }
    }

    /// A command is at its end. That of bash may be a piece of a longer one.
    fn done(&mut self, begun: Begun, facts: &mut Facts<'_>) {
        let text = json::text(&begun.text);
        let command = if begun.is_zsh { self.shells.whole(&text) } else { self.shells.line(&text) };
        state(begun.at, command, begun.origin, facts);
    }
}

fn state(at: Option<Stamp>, command: Option<Command>, origin: Origin, facts: &mut Facts<'_>) {
    let kind = match command {
        Some(Command::Login) => EventKind::Login { done: false },
        Some(Command::Logout) => EventKind::Logout,
        Some(Command::Restore) => EventKind::Restored,
        Some(Command::Elsewhere { home, logout }) => EventKind::Elsewhere { home, logout },
        None => return,
    };
    if at.is_some() {
        facts.push(at, origin, kind);
    }
}

/// A command as fish notes it: line ends and backslashes behind a backslash.
fn fish_text(noted: &str) -> String {
    let (mut text, mut chars) = (String::with_capacity(noted.len()), noted.chars());
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n') => text.push('\n'),
                Some(other) => text.push(other),
                None => {}
            },
            (c, false) => text.push(c),
        }
    }
    text
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
    fn a_command_of_several_lines_is_one() {
        let zsh = ": 1795366376:0;if false\\\nthen codex logout\\\nfi\n: 1795366377:0;codex login \\\\\n --with-api-key\n: 1795366378:0;codex login \\\\\n --device-auth\n: 1795366379:0;ls\\\ncodex logout\n";
        assert_eq!(stated(zsh), [(6, 1_795_366_378, "login"), (8, 1_795_366_379, "logout")]);
        let bash = "#1795366376\ncodex login \\\n  --with-api-key\n#1795366377\ncodex login \\\n  --device-auth\n#1795366378\ncat <<EOF\ncodex logout\nEOF\n";
        assert_eq!(stated(bash), [(5, 1_795_366_377, "login")]);
        let fish = "- cmd: if false\\n  codex logout\\nend\n  when: 1795366376\n- cmd: ls\\ncodex logout\n  when: 1795366377\n";
        assert_eq!(stated(fish), [(4, 1_795_366_377, "logout")]);
    }

    #[test]
    fn what_hangs_on_another_command_need_not_have_run() {
        for joint in ["&&", "||"] {
            let zsh = format!(": 1795366376:0;[ -n \"$RESET\" ] {joint}\\\n  codex logout\n");
            assert_eq!(stated(&zsh), [], "{joint}");
            let fish = format!("- cmd: test -n x {joint}\\n codex logout\n  when: 1795366376\n");
            assert_eq!(stated(&fish), [], "{joint}");
            let bash = format!("#1795366376\n[ -n x ] {joint}\n#1795366376\ncodex logout\n#1795366377\ncodex login\n");
            assert_eq!(stated(&bash), [(6, 1_795_366_377, "login")], "{joint}");
        }
        // Without `cmdhist`, and with `lithist`.
        let bash = "#1795366376\nif false; then\n#1795366376\ncodex logout\n#1795366376\nfi\n#1795366377\ncodex login\n#1795366378\nwhile false\ndo\ncodex logout\ndone\n#1795366379\ncodex logout\n";
        assert_eq!(stated(bash), [(8, 1_795_366_377, "login"), (15, 1_795_366_379, "logout")]);
    }

    #[test]
    fn a_home_that_was_set_is_followed_from_line_to_line() {
        let bash = "export CODEX_HOME=/x\n#1795366376\ncodex logout\nunset CODEX_HOME\n#1795366377\ncodex login\n";
        assert_eq!(stated(bash), [(6, 1_795_366_377, "login")]);
        let zsh = ": 1795366376:0;export CODEX_HOME=~/.codex-work\n: 1795366377:0;codex logout\n";
        assert_eq!(stated(zsh), []);
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
