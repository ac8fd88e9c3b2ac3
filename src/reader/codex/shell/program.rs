//! Which simple commands run the program `codex`: by its own name or path, or as the package
//! `@openai/codex` by a program that runs packages (`npx`, `bunx`, `pnpm dlx`, `yarn dlx` and the like,
//! with their options and with a version). Apart from [`super::words`], which says what it is asked for.
//!
//! A runner that is given an option that is not known runs what is not known, and `npx codex` may be another
//! package. `sudo` runs a program for another user: on Linux in that user's home, so that it counts only
//! where it is told to keep this one.

/// Words that may stand before a command and leave it what it is.
const BEFORE: [&str; 6] = ["command", "exec", "time", "nohup", "env", "!"];

/// Runners of packages: the program, and the words of which one has to follow it.
const RUNNERS: [(&str, &[&str]); 7] =
    [("npx", &[]), ("bunx", &[]), ("pnpx", &[]), ("npm", &["exec", "x"]), ("pnpm", &["dlx"]), ("yarn", &["dlx"]), ("bun", &["x"])];
/// Options of runners that stand alone.
const FLAGS: [&str; 10] =
    ["-y", "--yes", "-q", "--quiet", "-s", "--silent", "--bun", "--prefer-offline", "--prefer-online", "--no-install"];
/// Options of runners that name the package whose command is run.
const PACKAGE: [&str; 2] = ["-p", "--package"];
/// Other options of runners that take the next word.
const VALUED: [&str; 3] = ["--registry", "--cache", "--loglevel"];

/// What is said to `codex` in this command, if it runs that.
pub(super) fn arguments(words: &[String]) -> Option<&[String]> {
    let (program, rest) = program(words)?;
    match program.rsplit('/').next()? {
        "codex" => Some(rest),
        name => run_by(RUNNERS.iter().find(|(runner, _)| *runner == name)?.1, rest),
    }
}

/// Does this word leave the command behind it what it is?
pub(super) fn stands_before(word: &str) -> bool {
    BEFORE.contains(&word) || is_setting(word)
}

/// The program of a command, with what may stand before it taken away, and what is said to it.
fn program(words: &[String]) -> Option<(&str, &[String])> {
    let mut rest = words;
    loop {
        let (first, behind) = rest.split_first()?;
        rest = match first.as_str() {
            "sudo" => at_home(behind)?,
            word if stands_before(word) => behind,
            word => return Some((word, behind)),
        };
    }
}

/// `NAME=value` before a command.
pub(super) fn is_setting(word: &str) -> bool {
    let name = word.split_once('=').map(|(name, _)| name);
    name.is_some_and(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

/// What `sudo` runs, where it is told to keep the home of the one who asks, by an option or by a setting. Which
/// home a setting names is looked at elsewhere.
fn at_home(words: &[String]) -> Option<&[String]> {
    let is_home = |name: &str| matches!(name, "HOME" | "CODEX_HOME");
    let mut kept = false;
    for (at, word) in words.iter().enumerate() {
        match word.as_str() {
            "-E" | "--preserve-env" => kept = true,
            "-n" | "-S" | "-b" | "env" => {}
            word => match (word.strip_prefix("--preserve-env="), word.split_once('=')) {
                (Some(names), _) => kept |= names.split(',').any(is_home),
                (None, Some((name, _))) if is_setting(word) => kept |= is_home(name),
                _ => return words.get(at..).filter(|_| kept && !word.starts_with('-')),
            },
        }
    }
    None
}

/// What is said to `codex` by a runner of packages to which `words` are said.
fn run_by<'a>(verbs: &[&str], words: &'a [String]) -> Option<&'a [String]> {
    let (mut verb, mut named) = (verbs.is_empty(), None);
    let mut rest = words;
    while let Some((word, behind)) = rest.split_first() {
        rest = behind;
        match word.as_str() {
            "--" if verb => {}
            flag if FLAGS.contains(&flag) => {}
            option if PACKAGE.contains(&option) => {
                let (package, behind) = behind.split_first()?;
                (named, rest) = (Some(package.as_str()), behind);
            }
            option if VALUED.contains(&option) => rest = behind.split_first()?.1,
            option if option.starts_with('-') => {
                let (name, value) = option.split_once('=')?;
                named = if PACKAGE.contains(&name) { Some(value) } else { named };
            }
            word if !verb && verbs.contains(&word) => verb = true,
            _ if !verb => return None,
            word => {
                let is_codex = named.map_or(is_package(word), |package| is_package(package) && word == "codex");
                // What follows may be set off from what is the runner's own.
                let said = rest.split_first().filter(|(first, _)| *first == "--").map_or(rest, |(_, behind)| behind);
                return is_codex.then_some(said);
            }
        }
    }
    None
}

/// The package of Codex, with a version or without.
fn is_package(word: &str) -> bool {
    word.strip_prefix("@openai/codex").is_some_and(|rest| rest.is_empty() || (rest.len() > 1 && rest.starts_with('@')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(line: &str) -> Option<String> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        arguments(&words).map(|said| said.join(" "))
    }

    #[test]
    fn a_package_that_is_run_is_the_program() {
        for line in [
            "npx @openai/codex logout",
            "npx -y @openai/codex@latest logout",
            "npx --yes @openai/codex@0.130.0 logout",
            "npx --yes -- @openai/codex logout",
            "npx -p @openai/codex codex logout",
            "npx -y --package=@openai/codex@0.98.0 codex logout",
            "/opt/node/bin/npx --registry http://x @openai/codex logout",
            "env RUST_LOG=debug npx @openai/codex logout",
            "A=b command npx @openai/codex logout",
            "bunx @openai/codex logout",
            "bunx --bun @openai/codex logout",
            "bun x @openai/codex logout",
            "pnpm dlx @openai/codex logout",
            "pnpm --package=@openai/codex dlx codex logout",
            "pnpx @openai/codex logout",
            "yarn dlx -q @openai/codex logout",
            "yarn dlx -p @openai/codex codex logout",
            "npm exec -y @openai/codex -- logout",
            "npm x -- @openai/codex logout",
            "sudo -E npx @openai/codex logout",
            "sudo -n HOME=$HOME codex logout",
            "sudo --preserve-env=PATH,HOME env A=b /usr/bin/codex logout",
        ] {
            assert_eq!(said(line).as_deref(), Some("logout"), "{line}");
        }
        assert_eq!(said("npx @openai/codex -c a=b login --device-auth").as_deref(), Some("-c a=b login --device-auth"));
    }

    #[test]
    fn what_is_not_known_to_run_it_is_none() {
        for line in [
            "npx codex logout",
            "npx @openai/codex-sdk logout",
            "npx @openai/codex@ logout",
            "npx @other/codex logout",
            "npx -p @openai/codex logout",
            "npx -p @other/tool codex logout",
            "npx -c codex logout",
            "npx some-tool @openai/codex logout",
            "npx --some-new-option @openai/codex logout",
            "npm install @openai/codex",
            "npm uninstall @openai/codex logout",
            "npm run x @openai/codex",
            "pnpm add @openai/codex",
            "yarn @openai/codex logout",
            "bun @openai/codex logout",
            "echo npx @openai/codex logout",
            "which npx @openai/codex",
            "sudo codex logout",
            "sudo npx @openai/codex logout",
            "sudo -u other codex logout",
            "sudo -E -u other codex logout",
            "sudo -H -E codex logout",
            "sudo -E",
            "npx",
            "npx -p",
            "",
        ] {
            assert_eq!(said(line), None, "{line}");
        }
    }
}
