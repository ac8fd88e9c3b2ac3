//! Is a command line really `codex login` or `codex logout`? A small part of a shell's grammar:
//! words, quotes, and what parts one command from the next. What is not understood is no login.

/// What a person asked of Codex.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// `codex login`, in one of its forms that lead to a ChatGPT login.
    Login,
    /// `codex logout`.
    Logout,
}

/// The last such command in a line.
pub(super) fn command(line: &str) -> Option<Command> {
    split(line).iter().rev().find_map(|words| of_words(words))
}

/// The simple commands of a line, as words without their quotes.
fn split(line: &str) -> Vec<Vec<String>> {
    let (mut commands, mut words, mut word) = (Vec::new(), Vec::new(), None::<String>);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                while let Some(inner) = chars.next().filter(|inner| *inner != c) {
                    match inner {
                        '\\' if c == '"' => word.extend(chars.next()),
                        other => word.push(other),
                    }
                }
            }
            '\\' => word.get_or_insert_default().extend(chars.next()),
            ';' | '&' | '|' | '\n' => {
                words.extend(word.take());
                commands.push(std::mem::take(&mut words));
            }
            '#' if word.is_none() => break,
            c if c.is_whitespace() => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    commands.push(words);
    commands
}

/// Words that may stand before a command and leave it what it is.
const BEFORE: [&str; 9] = ["command", "exec", "time", "nohup", "env", "then", "do", "{", "!"];
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
/// With one of these nobody logs in by ChatGPT, or at all.
const OTHER_FORMS: [&str; 8] =
    ["status", "help", "-h", "--help", "--with-api-key", "--api-key", "--with-access-token", "--with-agent-identity"];

fn of_words(words: &[String]) -> Option<Command> {
    let mut rest = words.iter().map(String::as_str).skip_while(|word| BEFORE.contains(word) || is_setting(word));
    // Another home: not the one beside this history.
    if words.iter().any(|word| word.starts_with("CODEX_HOME=")) {
        return None;
    }
    let program = rest.next()?;
    if program.rsplit('/').next() != Some("codex") {
        return None;
    }
    let verb = loop {
        match rest.next()? {
            option if VALUED.contains(&option) => drop(rest.next()),
            option if option.starts_with('-') => {}
            word => break word,
        }
    };
    let mut rest = rest.map(|word| word.split('=').next().unwrap_or_default());
    match (verb, rest.any(|word| OTHER_FORMS.contains(&word))) {
        ("login", false) => Some(Command::Login),
        ("logout", false) => Some(Command::Logout),
        _ => None,
    }
}

/// `NAME=value` before a command.
fn is_setting(word: &str) -> bool {
    let name = word.split_once('=').map(|(name, _)| name);
    name.is_some_and(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_a_command_and_not_its_name() {
        use Command::{Login, Logout};
        for (line, want) in [
            ("codex login", Some(Login)),
            ("  codex   logout  ", Some(Logout)),
            ("/usr/local/bin/codex login --device-auth", Some(Login)),
            ("cd app && codex login; ls", Some(Login)),
            ("RUST_LOG=debug codex -c model=x login", Some(Login)),
            ("codex --profile login logout", Some(Logout)),
            ("time command codex logout | tee x", Some(Logout)),
            ("co\"dex\" 'login'", Some(Login)),
            ("codex logout && codex login", Some(Login)),
            ("codex login status", None),
            ("codex login --help", None),
            ("codex login --with-api-key < key", None),
            ("printenv K | codex login --api-key=K", None),
            ("CODEX_HOME=~/.codex-work codex login", None),
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
    fn nothing_panics() {
        for line in ["'", "\"\\", "\\", "é'é", ";;;&|", "codex -c", "codex login \\"] {
            let _ = command(line);
        }
    }
}
