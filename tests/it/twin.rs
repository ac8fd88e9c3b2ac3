//! Privacy: two copies of a home that differ only in secrets, names and free text give the same
//! bytes, and no 8-byte piece of any token stands in any output.

use crate::make::home::{Home, Order};
use crate::make::scenarios::{SCENARIOS, SEED};
use crate::make::token::Style;
use crate::pipeline::{plan, run_plan};
use std::path::Path;

fn report(home: &Home, folder: &Path) -> (String, String) {
    home.write(folder, Order::Forward);
    let run = run_plan(&plan(&[folder.to_owned()], 2));
    (run.json, run.markdown)
}

#[test]
fn twins_give_the_same_bytes() {
    let scratch = tempfile::tempdir().unwrap();
    for scenario in SCENARIOS {
        for style in [Style::Inert, Style::Live] {
            let one = scenario.build_with_cast(style, SEED, 1);
            let other = scenario.build_with_cast(style, SEED, 2);
            assert_ne!(one, other, "{}: the twins are one", scenario.name);
            let a = report(&one, &scratch.path().join(format!("{}-a-{style:?}", scenario.name)));
            let b = report(&other, &scratch.path().join(format!("{}-b-{style:?}", scenario.name)));
            assert_eq!(a, b, "{} {style:?}", scenario.name);
        }
    }
}

/// Pieces of tokens as the files hold them: anything after a token-like key.
fn tokens(home: &Home) -> Vec<String> {
    let key = regex::Regex::new(r#""(?:access_token|refresh_token|id_token|access|refresh|OPENAI_API_KEY)"\s*:\s*"([^"]{12,})""#)
        .unwrap();
    let mut found = Vec::new();
    for (_, bytes) in home.files() {
        let text = String::from_utf8_lossy(bytes);
        // In a database a long value goes on elsewhere, with other bytes in between.
        found.extend(key.captures_iter(&text).map(|c| c[1].to_owned()).filter(|token| token.is_ascii()));
    }
    found
}

#[test]
fn no_piece_of_a_token_is_in_any_output() {
    let scratch = tempfile::tempdir().unwrap();
    let mut seen = 0;
    for scenario in SCENARIOS {
        let home = scenario.build(Style::Live, SEED);
        let folder = scratch.path().join(scenario.name);
        home.write(&folder, Order::Forward);
        for private in [false, true] {
            let mut plan = plan(std::slice::from_ref(&folder), 2);
            plan.private = private;
            let run = run_plan(&plan);
            for token in tokens(&home) {
                seen += 1;
                for piece in token.as_bytes().windows(8).filter(|p| telling(p)) {
                    let piece = std::str::from_utf8(piece).unwrap();
                    for output in [&run.json, &run.markdown] {
                        assert!(!output.contains(piece), "{}: a piece of a token (private: {private})", scenario.name);
                    }
                }
            }
        }
    }
    assert!(seen > 20, "only {seen} tokens were looked for");
}

/// Pieces with fewer than four different bytes say nothing.
fn telling(piece: &[u8]) -> bool {
    let mut bytes = piece.to_vec();
    bytes.sort_unstable();
    bytes.dedup();
    bytes.len() >= 4
}
