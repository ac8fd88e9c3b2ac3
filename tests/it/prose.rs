//! Prose that quotes a log is nobody's evidence: every text format of the fixtures, quoted in notes,
//! instructions, pages and programs, states nothing, and the file is listed all the same.

use crate::readers::read;
use std::fs;
use std::path::{Path, PathBuf};

/// Formats that people quote, by the folders of their fixtures.
const QUOTED: [&str; 12] = [
    "codex-exec-capture",
    "codex-log",
    "codex-login-log",
    "codex-rollout",
    "codex-vscode-log",
    "hermes-log",
    "hermes-session",
    "hermes-text",
    "openclaw-console",
    "openclaw-gateway-log",
    "openclaw-session",
    "opencode-log",
];

/// Each fixture of these formats.
fn samples() -> Vec<(PathBuf, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/readers");
    let files = QUOTED.iter().flat_map(|kind| walkdir::WalkDir::new(root.join(kind)).into_iter().map(Result::unwrap));
    let texts = files.filter(|e| e.file_type().is_file() && e.file_name() != "expected.txt");
    texts.map(|e| (e.path().to_owned(), fs::read(e.path()).unwrap())).collect()
}

/// Events and kind of one file with this name and text.
fn stated(name: &str, text: &[u8]) -> (usize, &'static str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    let evidence = read(&[path]);
    assert_eq!(evidence.sources.len(), 1, "a quotation is listed");
    (evidence.stated.len(), evidence.sources[0].kind.word())
}

#[test]
fn a_quoted_log_states_nothing() {
    let (mut wrong, mut quoted) = (Vec::new(), 0);
    for (path, log) in samples() {
        let bare = stated(&path.file_name().unwrap().to_string_lossy(), &log);
        if bare.1 == "unknown" {
            continue; // told by its folder, not by its text
        }
        quoted += 1;
        let around = |before: &str, after: &str| [before.as_bytes(), &log, after.as_bytes()].concat();
        for (name, text) in [
            (".openclaw/workspace/memory/2026-05-10.md", around("# Notes\n\nLog seen:\n\n```\n", "\n```\n")),
            (".hermes/skills/debug/SKILL.md", around("", "")),
            (".codex/AGENTS.md", around("Hello.\n\n", "")),
            ("test_it.py", around("LOG = '''\n", "'''\n")),
            ("page.html", around("<pre>", "</pre>")),
            ("issue.txt", around("It stopped today.\nThis is what I found:\n\n", "\nWhat now?\n")),
            ("issue", around("```\n", "\n```\n")),
            ("notes.txt", around("Example (invented) for the wiki: what a refused refresh looks like\n\n", "")),
            ("notes2.txt", around("hello team, an example from the docs follows\n", "")),
            ("paste", around("What I found: the following\nReading additional input from stdin...\n", "")),
            ("chat.txt", around("[2026-05-10 18:51:22] Mira: here is [an] ERROR:\n", "")),
            ("openclaw-notes.txt", around("hello team,\tthe log says \"this\":\n", "")),
            ("script", around("LOG=\"\"\"\n", "\"\"\"\n")),
        ] {
            let (events, kind) = stated(name, &text);
            if events > 0 || !matches!(kind, "unknown" | "openclaw-other" | "hermes-other" | "codex-other") {
                wrong.push(format!("{} in {name}: {kind}, {events} events", path.display()));
            }
        }
    }
    assert!(wrong.is_empty() && quoted > 30, "{quoted}\n{}", wrong.join("\n"));
}

/// What a terminal or a supervisor printed before the first record makes it no prose.
#[test]
fn a_capture_that_begins_with_other_text_is_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/readers");
    let log = fs::read(root.join("codex-log/tui-turn-errors/codex-tui.log")).unwrap();
    let want = stated("codex-tui.log", &log);
    assert!(want.0 > 0);
    for (name, before) in [
        ("console.txt", "some program\nprints its banner\n\n"),
        ("step.err", "one\ntwo\nthree\n"),
        ("paste.txt", "$ codex\nwelcome\n"),
        ("paste.txt", "Reading additional input from stdin...\n"),
        ("paste.txt", "d=7 of::a::record that=was \"cut\"}\n"),
        ("paste.txt", "2026-05-10T06:00:00Z a supervisor starts it\nand talks\n"),
    ] {
        assert_eq!(stated(name, &[before.as_bytes(), &log].concat()), want, "{name}: {before}");
    }
}
