//! Path patterns of the options that speak of sources (`--tz-of`, `--host-of`).
//!
//! Apart from both, since both must mean the same by the same words.

use crate::source::Name;

/// Does the pattern fit a source? `*` stands for anything within a part, `**` across parts, `?` for one
/// character; a pattern without `/` may match any part of the path, one with `/` its end.
pub(super) fn matches(glob: &str, name: &Name) -> bool {
    fits(glob, name.private())
}

fn fits(glob: &str, path: &str) -> bool {
    if !glob.contains('/') {
        return path.split('/').any(|part| wild(glob.as_bytes(), part.as_bytes()));
    }
    let starts = std::iter::once(0).chain(path.match_indices('/').map(|(at, _)| at + 1));
    wild(glob.as_bytes(), path.as_bytes())
        || starts.into_iter().any(|at| wild(glob.trim_start_matches('/').as_bytes(), &path.as_bytes()[at..]))
}

fn wild(glob: &[u8], text: &[u8]) -> bool {
    match (glob.first(), text.first()) {
        (None, None) => true,
        (Some(b'*'), _) if glob.starts_with(b"**") => {
            let rest = glob[2..].strip_prefix(b"/").unwrap_or(&glob[2..]);
            (0..=text.len()).any(|at| wild(rest, &text[at..]))
        }
        (Some(b'*'), _) => {
            let part = text.iter().position(|b| *b == b'/').unwrap_or(text.len());
            (0..=part).any(|at| wild(&glob[1..], &text[at..]))
        }
        (Some(b'?'), Some(b)) if *b != b'/' => wild(&glob[1..], &text[1..]),
        (Some(g), Some(t)) if g == t => wild(&glob[1..], &text[1..]),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        for (glob, path, want) in [
            ("*.log", "/a/b/agent.log", true),
            (".hermes", "/home/x/.hermes/logs/agent.log", true),
            ("logs/*", "/home/x/.hermes/logs/agent.log", true),
            ("**/.hermes/**", "/home/x/.hermes/logs/agent.log", true),
            ("laptop/**", "bundle.tar.gz/laptop/.codex/auth.json", true),
            ("laptop/**", "bundle.tar.gz/old-laptop/.codex/auth.json", false),
            ("/home/*/.hermes/logs/agent.log", "/home/x/.hermes/logs/agent.log", true),
            ("logs/*", "/home/x/logs/y/agent.log", false),
            ("*.txt", "/a/agent.log", false),
        ] {
            assert_eq!(fits(glob, path), want, "{glob} {path}");
        }
    }
}
