//! Which homes of agent clients exist on this machine, for a run that names no path.
//!
//! The machine is asked through [`Machine`]: the library reads no environment. A home is spoken
//! of by the rule that led to it (`~/.codex`, `$HERMES_HOME`), never by its path, which holds a
//! user name.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What must be known of a machine to find homes on it.
pub trait Machine {
    /// An environment variable.
    fn var(&self, name: &str) -> Option<OsString>;

    /// Is there a folder at this path?
    fn is_folder(&self, path: &Path) -> bool {
        path.is_dir()
    }

    /// Names of what stands in this folder, in any order; empty where it cannot be listed.
    fn names(&self, folder: &Path) -> Vec<OsString> {
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name()).collect()
    }
}

/// A home that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// The rule that led to it, for people.
    pub rule: &'static str,
    /// Where it is.
    pub path: PathBuf,
}

/// Where clients keep their state, in the order of the contract. A rule is a fixed path, a path
/// below the user's home (`~/`, where a last `*` stands for the rest of a name) or below a
/// variable. Of the rules of one row the first whose variable is set counts, because the client
/// itself does not look at the others then.
///
/// OpenClaw keeps a profile in `~/.openclaw-<profile>`, Hermes keeps profiles inside its home.
/// The VS Code extension of Codex logs into the log folder of the editor that runs it.
const PLACES: &[&[&str]] = &[
    &["$CODEX_HOME", "~/.codex"],
    &["$HERMES_HOME", "~/.hermes"],
    &["$OPENCLAW_STATE_DIR", "~/.openclaw"],
    &["~/.openclaw-*"],
    &["/tmp/openclaw"],
    &["$PI_CODING_AGENT_DIR", "~/.pi/agent"],
    &["$XDG_DATA_HOME/opencode"],
    &["~/.local/share/opencode"],
    &["$XDG_CONFIG_HOME/Code/logs"],
    &["~/.config/Code/logs"],
    &["~/.config/Code - Insiders/logs"],
    &["~/.config/VSCodium/logs"],
    &["~/.config/Cursor/logs"],
    &["~/.config/Windsurf/logs"],
    &["~/.vscode-server/data/logs"],
    &["~/.vscode-server-insiders/data/logs"],
    &["~/.cursor-server/data/logs"],
    &["~/.windsurf-server/data/logs"],
    &["~/Library/Application Support/Code/logs"],
    &["~/Library/Application Support/Code - Insiders/logs"],
    &["~/Library/Application Support/Cursor/logs"],
    &["~/Library/Application Support/Windsurf/logs"],
    &["$APPDATA/Code/logs"],
];

/// The homes that exist, in the order of the contract, each path once.
pub fn find(machine: &dyn Machine) -> Vec<Home> {
    let mut homes: Vec<Home> = Vec::new();
    for row in PLACES {
        let Some((rule, paths)) = row.iter().find_map(|rule| Some((*rule, paths(rule, machine)?))) else { continue };
        for path in paths {
            if machine.is_folder(&path) && !homes.iter().any(|known| known.path == path) {
                homes.push(Home { rule, path });
            }
        }
    }
    homes
}

/// Rules whose variable is set and leads to no folder, where a client keeps all of its state.
pub fn astray(machine: &dyn Machine) -> Vec<&'static str> {
    let own = PLACES.iter().filter_map(|row| row.first()).filter(|rule| rule.starts_with('$') && !rule.contains('/'));
    own.copied().filter(|rule| paths(rule, machine).is_some_and(|paths| !paths.iter().any(|p| machine.is_folder(p)))).collect()
}

/// What was found, in lines for people: by rule, with the number of homes where it is not one.
pub fn said(homes: &[Home], astray: &[&str]) -> Vec<String> {
    let mut rules: Vec<(&str, usize)> = Vec::new();
    for home in homes {
        match rules.iter_mut().find(|(rule, _)| *rule == home.rule) {
            Some((_, count)) => *count += 1,
            None => rules.push((home.rule, 1)),
        }
    }
    let one = |(rule, count): &(&str, usize)| if *count == 1 { (*rule).to_owned() } else { format!("{rule} ({count})") };
    let mut lines: Vec<String> = astray.iter().map(|rule| format!("{rule} is set and leads to no folder")).collect();
    if !rules.is_empty() {
        lines.push(format!("reading {}", rules.iter().map(one).collect::<Vec<_>>().join(", ")));
    }
    lines
}

/// Where a rule leads; None where its variable is not set.
fn paths(rule: &str, machine: &dyn Machine) -> Option<Vec<PathBuf>> {
    let Some(below) = rule.strip_prefix("~/") else {
        let Some(below) = rule.strip_prefix('$') else { return Some(vec![PathBuf::from(rule)]) };
        let (name, tail) = below.split_once('/').unwrap_or((below, ""));
        let folder = var(machine, name)?;
        return Some(vec![if tail.is_empty() { folder } else { folder.join(tail) }]);
    };
    let user = var(machine, "HOME").or_else(|| var(machine, "USERPROFILE"))?;
    let Some(start) = below.strip_suffix('*') else { return Some(vec![user.join(below)]) };
    let goes_on = |name: &OsString| name.len() > start.len() && name.as_encoded_bytes().starts_with(start.as_bytes());
    let mut names: Vec<OsString> = machine.names(&user).into_iter().filter(goes_on).collect();
    names.sort();
    Some(names.into_iter().map(|name| user.join(name)).collect())
}

/// A variable that is set to something.
fn var(machine: &dyn Machine, name: &str) -> Option<PathBuf> {
    machine.var(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// What is looked at, for a run that found none.
pub const LOOKED_AT: &str = "the homes of Codex, Hermes, OpenClaw, pi and opencode, and the logs of VS Code";

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine out of two lists.
    struct Made {
        vars: Vec<(&'static str, &'static str)>,
        folders: Vec<&'static str>,
    }

    impl Machine for Made {
        fn var(&self, name: &str) -> Option<OsString> {
            self.vars.iter().find(|(n, _)| *n == name).map(|(_, value)| OsString::from(value))
        }
        fn is_folder(&self, path: &Path) -> bool {
            self.folders.iter().any(|folder| Path::new(folder) == path)
        }
        fn names(&self, folder: &Path) -> Vec<OsString> {
            let inside = self.folders.iter().filter(|f| Path::new(f).parent() == Some(folder));
            inside.filter_map(|f| Path::new(f).file_name().map(OsString::from)).collect()
        }
    }

    fn found(vars: &[(&'static str, &'static str)], folders: &[&'static str]) -> Vec<(&'static str, String)> {
        let made = Made { vars: vars.to_vec(), folders: folders.to_vec() };
        find(&made).into_iter().map(|home| (home.rule, home.path.display().to_string())).collect()
    }

    #[test]
    fn the_usual_places_in_the_order_of_the_contract() {
        let folders = [
            "/h/.local/share/opencode",
            "/tmp/openclaw",
            "/h/.openclaw-work",
            "/h/.openclaw-home",
            "/h/.openclaw",
            "/h/.hermes",
            "/h/.codex",
            "/h/.config/Code/logs",
            "/h/.pi/agent",
            "/h/.openclaw-",
        ];
        let rules: Vec<(&str, String)> = found(&[("HOME", "/h")], &folders);
        let want = [
            ("~/.codex", "/h/.codex"),
            ("~/.hermes", "/h/.hermes"),
            ("~/.openclaw", "/h/.openclaw"),
            ("~/.openclaw-*", "/h/.openclaw-home"),
            ("~/.openclaw-*", "/h/.openclaw-work"),
            ("/tmp/openclaw", "/tmp/openclaw"),
            ("~/.pi/agent", "/h/.pi/agent"),
            ("~/.local/share/opencode", "/h/.local/share/opencode"),
            ("~/.config/Code/logs", "/h/.config/Code/logs"),
        ];
        assert_eq!(rules, want.map(|(rule, path)| (rule, path.to_owned())));
    }

    #[test]
    fn a_variable_stands_for_the_usual_place() {
        let vars = [("HOME", "/h"), ("CODEX_HOME", "/srv/codex"), ("HERMES_HOME", "")];
        let folders = ["/h/.codex", "/srv/codex", "/h/.hermes"];
        assert_eq!(found(&vars, &folders), [("$CODEX_HOME", "/srv/codex".to_owned()), ("~/.hermes", "/h/.hermes".to_owned())]);
    }

    #[test]
    fn a_variable_that_leads_nowhere_is_named() {
        let made = Made { vars: vec![("HOME", "/h"), ("CODEX_HOME", "/gone")], folders: vec!["/h/.codex"] };
        assert_eq!((find(&made), astray(&made)), (Vec::new(), vec!["$CODEX_HOME"]));
    }

    #[test]
    fn homes_are_spoken_of_by_rule() {
        let home = |rule, path: &str| Home { rule, path: PathBuf::from(path) };
        let homes =
            [home("~/.codex", "/h/.codex"), home("~/.openclaw-*", "/h/.openclaw-a"), home("~/.openclaw-*", "/h/.openclaw-b")];
        assert_eq!(said(&homes, &[]), ["reading ~/.codex, ~/.openclaw-* (2)"]);
        assert_eq!(said(&[], &["$CODEX_HOME"]), ["$CODEX_HOME is set and leads to no folder"]);
    }

    #[test]
    fn each_folder_once_and_none_without_a_home() {
        assert_eq!(found(&[("HOME", "/h"), ("XDG_DATA_HOME", "/h/.local/share")], &["/h/.local/share/opencode"]).len(), 1);
        assert_eq!(found(&[], &["/h/.codex"]), []);
    }
}
