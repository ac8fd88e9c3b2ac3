//! A command of Codex for which another home was set right before it: `CODEX_HOME=~/.codex-work codex logout`.
//!
//! Apart from [`super::words`], which is about the home beside the history. A home counts where its path is plain: one
//! below the user's own folder, and that one untouched.

use super::program::stands_before;
use super::words::{Command, of_words};
use crate::event::Below;

/// What is asked of Codex in another home.
pub(super) fn of(words: &[String]) -> Option<Command> {
    let before = || words.iter().take_while(|word| stands_before(word)).map(String::as_str);
    if before().any(|word| word.starts_with("HOME=")) {
        return None;
    }
    let home = below(before().filter_map(|word| word.strip_prefix("CODEX_HOME=")).last()?)?;
    match of_words(words)? {
        Command::Login => Some(Command::Elsewhere { home, logout: false }),
        Command::Logout => Some(Command::Elsewhere { home, logout: true }),
        _ => None,
    }
}

/// A plain path below the user's own folder.
fn below(value: &str) -> Option<Below> {
    let path = ["~/", "$HOME/", "${HOME}/"].iter().find_map(|user| value.strip_prefix(user))?.trim_matches('/');
    let plain = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(['$', '`', '*', '?', '[', '{']);
    path.split('/').all(plain).then(|| Below::of(path))
}

#[cfg(test)]
mod tests {
    use super::super::words::Shells;
    use super::*;

    #[test]
    fn a_home_that_is_set_for_one_command_is_named() {
        let work = |logout| Some(Command::Elsewhere { home: Below::of(".codex-work"), logout });
        for (line, want) in [
            ("CODEX_HOME=~/.codex-work codex logout", work(true)),
            ("env CODEX_HOME=$HOME/.codex-work/ codex login --device-auth", work(false)),
            ("cd app; CODEX_HOME=\"${HOME}/.codex-work\" RUST_LOG=debug codex logout", work(true)),
            ("CODEX_HOME=$WORK codex logout", None),
            ("CODEX_HOME=$HOME/$WORK codex logout", None),
            ("CODEX_HOME=/srv/.codex-work codex logout", None),
            ("HOME=/x CODEX_HOME=~/.codex-work codex logout", None),
            ("false && CODEX_HOME=~/.codex-work codex logout", None),
            ("CODEX_HOME=~/.codex-work codex login status", None),
            ("CODEX_HOME=~/.codex-work ls; codex logout", Some(Command::Logout)),
            ("echo CODEX_HOME=~/.codex-work codex logout", None),
        ] {
            assert_eq!(Shells::default().line(line), want, "{line}");
        }
    }
}
