//! What the name of a source says about which program's home it stands in.

use crate::source::Name;

/// Does the source stand in a state directory of OpenClaw or of its predecessor?
/// (`~/.openclaw`, `~/.openclaw-<profile>`, `~/.clawdbot`.)
pub(super) fn in_openclaw(name: &Name) -> bool {
    name.parts().iter().any(|part| is_state_dir(part))
}

/// Is this the name of a state directory?
pub(super) fn is_state_dir(part: &str) -> bool {
    part == ".openclaw" || part.starts_with(".openclaw-") || part == ".clawdbot"
}

/// Does the source stand in pi's own home?
pub(super) fn in_pi(name: &Name) -> bool {
    name.has_part(".pi")
}

/// Does the source stand in a home of opencode, whose `auth.json` looks like pi's?
pub(super) fn in_opencode(name: &Name) -> bool {
    name.has_part("opencode") || name.has_part(".opencode")
}

/// Is the file a copy that was made of another one, going by its name: something stands after
/// or inside the name that the live file has?
pub(super) fn is_copy_of(name: &Name, live: &str) -> bool {
    let file = name.file().to_ascii_lowercase();
    let stem = live.strip_suffix(".json").unwrap_or(live);
    let qualified = file != live && file.strip_prefix(stem).is_some_and(|rest| rest.starts_with(['.', '~', '-', '_']));
    let marked = [".bak", ".old", ".orig", ".save", ".migrated", "backup", "copy"].iter().any(|mark| file.contains(mark));
    qualified || marked || ["backup", "backups"].iter().any(|part| name.has_part(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_known_by_their_names() {
        let copy =
            |file: &str| is_copy_of(&Name::of_text(&format!("/home/x/.openclaw/agents/main/agent/{file}")), "auth-profiles.json");
        assert!(!copy("auth-profiles.json"));
        for file in [
            "auth-profiles.json.migrated-2026-11-22T16-50-49.085Z-0d47",
            "auth-profiles.json.bak",
            "auth-profiles.after.json",
            "backup-auth-profiles.json",
        ] {
            assert!(copy(file), "{file}");
        }
        assert!(!copy("profiles.json"));
    }

    #[test]
    fn homes_are_known_by_their_folders() {
        assert!(in_openclaw(&Name::of_text("/home/x/.openclaw-work/openclaw.json")));
        assert!(!in_openclaw(&Name::of_text("/home/x/openclaw/openclaw.json")));
    }
}
