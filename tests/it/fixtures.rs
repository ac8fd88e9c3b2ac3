//! The committed fixtures are what the generator makes of its seed, and nothing in the
//! repository is shaped like a live secret. `STOPWHY_BLESS=1` writes the fixtures instead.

use crate::make::home::{Home, Order};
use crate::make::scenarios::{SCENARIOS, SEED};
use crate::make::token::Style;
use regex::Regex;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder`, by relative path.
fn read(folder: &Path) -> Home {
    let mut home = Home::default();
    for entry in walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok).filter(|e| e.file_type().is_file()) {
        let path = entry.path().strip_prefix(folder).unwrap().to_string_lossy().replace('\\', "/");
        home.put(path, fs::read(entry.path()).unwrap(), 0);
    }
    home
}

#[test]
fn committed_fixtures_are_what_their_seed_makes() {
    let bless = std::env::var_os("STOPWHY_BLESS").is_some();
    for scenario in SCENARIOS {
        let folder = root().join("fixtures/incidents").join(scenario.name);
        let (home, made) = (folder.join("home"), scenario.build(Style::Inert, SEED));
        if bless {
            let _ = fs::remove_dir_all(&home);
            made.write(&home, Order::Forward);
            fs::write(folder.join("note.md"), scenario.note()).unwrap();
        }
        let committed = read(&home);
        for ((path, bytes), (made_path, made_bytes)) in committed.files().zip(made.files()) {
            assert_eq!(path, made_path, "{}: the list of files differs", scenario.name);
            assert!(bytes == made_bytes, "{}: {path} differs", scenario.name);
        }
        assert_eq!(committed.files().count(), made.files().count(), "{}: number of files", scenario.name);
        assert_eq!(fs::read_to_string(folder.join("note.md")).unwrap(), scenario.note(), "{}", scenario.name);
    }
}

#[test]
fn nothing_in_the_repository_is_shaped_like_a_live_secret() {
    let live = Regex::new(concat!(
        r"eyJ[A-Za-z0-9_-]{12,}|\b(?:rt|at)[_-][A-Za-z0-9_.-]{20,}|\bsk-[A-Za-z0-9_-]{16,}",
        r"|\bgh[oprsu]_[A-Za-z0-9]{20,}|\bxox[abp]-[A-Za-z0-9-]{10,}|\bAKIA[A-Z0-9]{16}|BEGIN [A-Z ]*PRIVATE",
        r" KEY",
    ))
    .unwrap();
    for folder in ["fixtures", "src", "tests", "templates", "benches"] {
        for (path, bytes) in read(&root().join(folder)).files() {
            let found = live.find(&String::from_utf8_lossy(bytes)).map(|m| m.start());
            assert_eq!(found, None, "{folder}/{path} holds text shaped like a live secret");
        }
    }
}
