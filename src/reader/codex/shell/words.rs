//! Is a command line really `codex login` or `codex logout`, or a copy put in the place of the store, and
//! for the home beside the history?
//!
//! A history tells what was typed, and neither what came of it nor in which shell. So a command
//! counts only where it must have run: not behind `&&` or `||`, unless what stands before cannot
//! well fail, and nothing from the first construct on that is more than a list of simple commands
//! (`if`, loops, functions, groups, substitutions, here-documents). And once `CODEX_HOME` or `HOME`
//! was set, or `codex` made the name of something else, no later command is known to be meant for
//! this home until that is taken back: a new shell leaves no mark.

use super::elsewhere;
use super::nest::Nest;
use super::program::{arguments, is_setting, stands_before};
use super::split::{Joint, split};
use crate::event::Below;

/// What a person asked of Codex.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// `codex login`, in one of its forms that lead to a ChatGPT login.
    Login,
    /// `codex logout`.
    Logout,
    /// A file was put in the place of the store: `cp … ~/.codex/auth.json`.
    Restore,
    /// A login or a logout in another home, which was set for this command alone.
    Elsewhere {
        /// Which home.
        home: Below,
        /// A logout, else a login.
        logout: bool,
    },
}

/// What is known of the shells behind a history, from line to line.
#[derive(Debug, Default)]
pub(super) struct Shells {
    /// Commands may be meant for another home.
    elsewhere: bool,
    /// What earlier lines left open.
    nest: Nest,
}

impl Shells {
    /// The last such command in a line of a history that may keep the lines of one command as
    /// commands of their own (bash without `cmdhist`).
    pub(super) fn line(&mut self, line: &str) -> Option<Command> {
        let inside = self.nest.is_open();
        self.nest.follow(line);
        if inside {
            // Whether it ran is not known; where it leads may still matter.
            self.elsewhere |= moves(line);
            return None;
        }
        self.whole(line)
    }

    /// The last such command in a line that is whole, as zsh and fish keep them.
    pub(super) fn whole(&mut self, line: &str) -> Option<Command> {
        let (list, rest) = split(line);
        let (mut found, mut certain, mut last) = (None, true, &[][..]);
        for (before, words) in &list {
            certain = match before {
                Joint::Always => true,
                Joint::Piped => certain,
                Joint::IfWell => certain && is_safe(last),
                Joint::IfNot => false,
            };
            last = words;
            self.set(words, certain);
            if certain && !self.elsewhere {
                let led = words.iter().any(|word| leads_elsewhere(word));
                let asked = if led { elsewhere::of(words) } else { of_words(words).or_else(|| restore(words)) };
                found = asked.or(found);
            }
            if certain && matches!(first(words), Some("exit" | "return" | "exec" | "logout" | "break")) {
                return found;
            }
        }
        self.elsewhere |= moves(rest);
        found
    }

    /// Follow a command that sets or clears a home, or makes `codex` mean something else.
    fn set(&mut self, words: &[String], certain: bool) {
        let names = |name: &str| words.iter().skip(1).any(|word| word == name);
        let assigns = || words.iter().any(|word| leads_elsewhere(word));
        match first(words) {
            Some("unset" | "unalias") if certain && (names("CODEX_HOME") || names("codex")) => self.elsewhere = false,
            Some("set") if names("CODEX_HOME") || names("HOME") => {
                let erased = words
                    .iter()
                    .any(|word| word == "--erase" || (word.starts_with('-') && word.contains('e') && !word.starts_with("--")));
                self.elsewhere = !(erased && certain);
            }
            Some("export" | "declare" | "typeset" | "readonly" | "local" | "setenv") => {
                let named = words.iter().any(|word| word == "CODEX_HOME");
                let back = words.iter().any(|word| is_usual(word));
                self.elsewhere = (self.elsewhere || named || assigns()) && !(back && certain);
            }
            Some("alias") => self.elsewhere |= words.iter().any(|word| word == "codex" || word.starts_with("codex=")),
            Some(word) if is_setting(word) && words.iter().all(|word| is_setting(word)) => self.elsewhere |= assigns(),
            _ => {}
        }
    }
}

/// May a text that is not taken apart lead to another home?
fn moves(text: &str) -> bool {
    ["CODEX_HOME", "HOME=", "codex()", "codex ()", "function codex"].iter().any(|part| text.contains(part))
}

fn first(words: &[String]) -> Option<&str> {
    words.first().map(String::as_str)
}

/// Does this word set another home than the usual one?
fn leads_elsewhere(word: &str) -> bool {
    (word.starts_with("CODEX_HOME=") || word.starts_with("HOME=")) && !is_usual(word)
}

/// Does this word set the home that is used without it?
fn is_usual(word: &str) -> bool {
    const USERS: [&str; 3] = ["~", "$HOME", "${HOME}"];
    let value = |name: &str| word.strip_prefix(name).map(|value| value.trim_end_matches('/'));
    let codex = value("CODEX_HOME=").and_then(|value| value.strip_suffix("/.codex"));
    codex.or(value("HOME=")).is_some_and(|user| USERS.contains(&user))
}

/// A command that does not well fail.
fn is_safe(words: &[String]) -> bool {
    matches!(first(words), Some("true" | ":" | "clear" | "unset" | "export")) || of_words(words).is_some()
}

/// Options of `codex` that take the next word.
const VALUED: [&str; 14] = [
    "-c",
    "--config",
    "-m",
    "--model",
    "-p",
    "--profile",
    "-C",
    "--cd",
    "-s",
    "--sandbox",
    "-a",
    "--ask-for-approval",
    "--enable",
    "--disable",
];

pub(super) fn of_words(words: &[String]) -> Option<Command> {
    let mut rest = arguments(words)?.iter().map(String::as_str);
    let verb = loop {
        match rest.next()? {
            option if VALUED.contains(&option) => drop(rest.next()),
            // Behind `--` stands what is said to the model.
            "-h" | "--help" | "-V" | "--version" | "--" => return None,
            option if option.starts_with('-') => {}
            word => break word,
        }
    };
    // Whoever adds anything else asks for help, gives a key, or does something that is not known.
    while let Some(word) = rest.next() {
        match word {
            "--device-auth" => {}
            option if VALUED.contains(&option) => drop(rest.next()),
            option if option.split_once('=').is_some_and(|(name, _)| VALUED.contains(&name)) => {}
            word if word.contains(['>', '<']) => {
                // The file may be a word of its own.
                if word.ends_with(['>', '<']) {
                    rest.next();
                }
            }
            _ => return None,
        }
    }
    match verb {
        "login" => Some(Command::Login),
        "logout" => Some(Command::Logout),
        _ => None,
    }
}

/// `cp`, `mv` or `install` with the store of the usual home as its target, and with something else as
/// what is put there. A target in the folder that a shell stood in is not known to be this one.
fn restore(words: &[String]) -> Option<Command> {
    const USERS: [&str; 3] = ["~", "$HOME", "${HOME}"];
    let is_store = |word: &str| word.strip_suffix("/.codex/auth.json").is_some_and(|user| USERS.contains(&user));
    // The shell names the file before another user takes over.
    let mut rest = words.iter().map(String::as_str).skip_while(|word| *word == "sudo" || stands_before(word));
    let program = rest.next()?.rsplit('/').next()?;
    let operands: Vec<&str> = rest.filter(|word| !word.starts_with('-')).collect();
    let (target, sources) = operands.split_last()?;
    let puts = matches!(program, "cp" | "mv" | "install") && is_store(target) && !sources.is_empty();
    (puts && !sources.iter().any(|source| is_store(source))).then_some(Command::Restore)
}

#[cfg(test)]
mod tests {
    use super::Command::{Login, Logout, Restore};
    use super::*;

    fn command(line: &str) -> Option<Command> {
        Shells::default().line(line)
    }

    #[test]
    fn a_copy_in_the_place_of_the_store_is_told_from_one_made_of_it() {
        for (line, want) in [
            ("cp ~/.codex/auth.json.bak ~/.codex/auth.json", Some(Restore)),
            ("/bin/cp -p vault/work.json $HOME/.codex/auth.json", Some(Restore)),
            ("sudo mv ~/old.json \"${HOME}/.codex/auth.json\"; codex", Some(Restore)),
            ("cp ~/.codex/auth.json ~/.codex/auth.json.bak", None),
            ("cp ~/.codex/auth.json /mnt/.codex/auth.json", None),
            ("cp auth.json.bak auth.json", None),
            ("cp ~/.codex/auth.json ~/.codex/auth.json", None),
            ("echo cp a ~/.codex/auth.json", None),
            ("echo sudo cp a ~/.codex/auth.json", None),
            ("false && cp a ~/.codex/auth.json", None),
            ("rm ~/.codex/auth.json", None),
        ] {
            assert_eq!(command(line), want, "{line}");
        }
    }

    #[test]
    fn a_login_is_a_command_and_not_its_name() {
        for (line, want) in [
            ("codex login", Some(Login)),
            ("  codex   logout  ", Some(Logout)),
            ("/usr/local/bin/codex login --device-auth", Some(Login)),
            ("cd app; codex login; ls", Some(Login)),
            ("RUST_LOG=debug codex -c model=x login", Some(Login)),
            ("codex --profile login logout", Some(Logout)),
            ("time command codex logout | tee x", Some(Logout)),
            ("co\"dex\" 'login'", Some(Login)),
            ("codex logout && codex login", Some(Login)),
            ("codex logout 2>/dev/null", Some(Logout)),
            ("codex logout >x 2>&1 && ls", Some(Logout)),
            ("codex login &> log &", Some(Login)),
            ("codex login \\\n --device-auth", Some(Login)),
            ("! codex login", Some(Login)),
            ("codex logout || codex login", Some(Logout)),
            ("cd app; npx -y @openai/codex@latest logout", Some(Logout)),
            ("RUST_LOG=debug pnpm dlx @openai/codex login --device-auth", Some(Login)),
            ("yarn dlx '@openai/codex' logout 2>/dev/null", Some(Logout)),
            ("bunx @openai/codex login status", None),
            ("npx @openai/codex@latest", None),
            ("npx @openai/codex exec logout", None),
            ("[ -x a ] && npx @openai/codex logout", None),
            ("git commit -m 'npx @openai/codex logout'", None),
            ("echo npx @openai/codex logout", None),
            ("grep -r \"npx @openai/codex logout\" .", None),
            ("codex -- logout", None),
            ("sudo codex logout", None),
            ("ls # why\ncodex logout", Some(Logout)),
            ("codex logout &&\n codex login", Some(Login)),
            ("ls |\n codex logout", Some(Logout)),
            ("[ -x a ] && b\ncodex logout", Some(Logout)),
            ("codex login status", None),
            ("codex login --help", None),
            ("codex logout -h", None),
            ("codex --help login", None),
            ("codex login --some-new-option", None),
            ("codex login --with-api-key < key", None),
            ("codex login \\\n --with-api-key", None),
            ("printenv K | codex login --api-key=K", None),
            ("echo \"codex logout\"", None),
            ("echo codex login", None),
            ("echo 'a; codex login'", None),
            ("# codex login", None),
            ("ls # ; codex login", None),
            ("grep 'codex login' notes", None),
            ("codex exec login", None),
            ("codex \"how do I login\"", None),
            ("codex", None),
            ("mycodex login", None),
            ("codex-login login", None),
            ("git commit -m 'fix; codex logout", None),
            ("", None),
        ] {
            assert_eq!(command(line), want, "{line}");
        }
    }

    #[test]
    fn what_need_not_have_run_is_none() {
        for line in [
            "false && codex login",
            "cd app && codex login",
            "true || codex logout",
            "[ -x codex ] && codex login",
            "if false; then codex logout; fi",
            "if false\ncodex logout\nend",
            "for i in 1 2; do codex logout; done",
            "while sleep 1; do codex login; done",
            "function f { codex logout; }",
            "f() { codex logout; }",
            "{ codex logout; }",
            "(codex logout)",
            "echo $(codex logout)",
            "echo `codex logout`",
            "alias x='codex logout'",
            "cat <<EOF\ncodex logout\nEOF",
            "cat <<-'EOF' | sh\ncodex logout\nEOF",
            "exit; codex logout",
            "case x in y) codex logout;; esac",
            "[ -n \"$RESET\" ] &&\n  codex logout",
            "false &&\n\n # why\n codex login",
            "true ||\ncodex logout",
            "[ -x a ] && b |&\ncodex logout",
            "[ -x a ] && b |\ncodex logout",
            "test -n x; and begin\ncodex logout\nend",
            "not if true\ncodex logout\nend",
        ] {
            assert_eq!(command(line), None, "{line}");
        }
        assert_eq!((command("codex login; if true; then ls; fi"), command("iffy; codex login")), (Some(Login), Some(Login)));
    }

    #[test]
    fn another_home_is_not_this_one() {
        for line in [
            "env CODEX_HOME=/x codex login",
            "HOME=/tmp/x codex login",
            "CODEX_HOME=$WORK codex logout",
            "export CODEX_HOME=/x; codex logout",
            "CODEX_HOME=/x; codex logout",
            "set -gx CODEX_HOME /x; codex login",
            "cd /x && export CODEX_HOME=$PWD; codex login",
        ] {
            assert_eq!(command(line), None, "{line}");
        }
        for line in ["CODEX_HOME=~/.codex codex login", "CODEX_HOME=\"$HOME/.codex/\" codex login", "CODEX_HOME= ls; codex login"] {
            assert_eq!(command(line), Some(Login), "{line}");
        }
    }

    #[test]
    fn a_home_that_was_set_stays_set_until_it_is_taken_back() {
        for set in [
            "export CODEX_HOME=~/.codex-work",
            "export HOME=/x",
            "declare -x CODEX_HOME=/x",
            "set -gx CODEX_HOME /x",
            "alias codex='CODEX_HOME=/x codex'",
            "codex() { command codex -c a=b \"$@\"; }",
            "if work; then export CODEX_HOME=/x; fi",
            "false && export CODEX_HOME=/x",
        ] {
            let mut shells = Shells::default();
            assert_eq!((shells.line(set), shells.line("codex login"), shells.line("ls")), (None, None, None), "{set}");
            assert_eq!((shells.line("unset CODEX_HOME"), shells.line("codex login")), (None, Some(Login)), "{set}");
        }
        let mut shells = Shells::default();
        assert_eq!((shells.line("export PATH=~/bin:$PATH"), shells.line("codex login")), (None, Some(Login)));
        assert_eq!(
            (shells.line("export CODEX_HOME=/x"), shells.line("export CODEX_HOME=~/.codex; codex login")),
            (None, Some(Login))
        );
    }

    #[test]
    fn what_a_line_left_open_silences_those_behind_it_until_it_is_closed() {
        for (open, close) in [
            ("if false; then", "fi"),
            ("if false", "fi"),
            ("while false", "done"),
            ("for x in $none; do", "done"),
            ("case x in", "esac"),
            ("f() {", "}"),
            ("function f", "{ ls; }"),
            ("( false &&", "true )"),
            ("cat <<'EOF'", "EOF"),
            ("cat <<-EOF | sh", "\tEOF"),
            ("echo 'x", "y'"),
            ("echo \"$(ls", ")\""),
            ("echo `ls", "`"),
            ("false &&", "true"),
            ("false |&", "true"),
            ("echo \"$(ls)\" if; false &&", "true"),
            ("false ||", "# why\nls"),
        ] {
            let mut shells = Shells::default();
            assert_eq!((shells.line("codex login"), shells.line(open)), (Some(Login), None), "{open}");
            if !open.ends_with(['&', '|']) {
                assert_eq!((shells.line("codex logout"), shells.line("ls; codex logout")), (None, None), "{open}");
            }
            assert_eq!((shells.line(close), shells.line("codex logout")), (None, Some(Logout)), "{open} {close}");
        }
        let mut shells = Shells::default();
        assert_eq!((shells.line("false &&"), shells.line("codex logout"), shells.line("codex login")), (None, None, Some(Login)));
        // What does not fit together is not followed any further.
        for lines in [["{", "fi"], ["if x", ")"], ["(", "esac"]] {
            let mut shells = Shells::default();
            assert_eq!(lines.map(|line| shells.line(line)), [None; 2]);
            assert_eq!([")", "fi", "}", "codex logout"].map(|line| shells.line(line)), [None; 4], "{lines:?}");
        }
    }

    #[test]
    fn nothing_panics() {
        for line in ["'", "\"\\", "\\", "é'é", ";;;&|", "codex -c", "codex login \\", "#", "#\n", "<<", "2>&", "&>", "é#\né"] {
            let _ = command(line);
        }
    }
}
