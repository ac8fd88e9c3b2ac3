//! The house rules that a compiler does not know, checked by reading the sources: who may import
//! whom, who may name which crate, what only `main` may do, and how a file begins and ends.
//!
//! The matcher is exercised on small sources first, so that a rule that finds nothing is known
//! to be able to find something.

use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Modules from left to right: each may import itself and what stands before it.
const ORDER: &[&str] = &[
    "time",
    "secret",
    "event",
    "plan",
    "threads",
    "shortcuts",
    "source",
    "classify",
    "reader",
    "evidence",
    "ingest",
    "correlate",
    "attribute",
    "report",
    "say",
    "outcome",
    "output",
    "homes",
    "baseline",
    "cli",
    "summary",
    "run",
    "main",
];

/// Crates that one part of the house owns. The others must not name them.
const OWNERS: &[(&str, &[&str])] = &[
    ("aho_corasick", &["classify"]),
    ("base64", &["secret"]),
    ("blake3", &["secret"]),
    ("sha2", &["secret"]),
    ("bzip2", &["source"]),
    ("clap", &["cli"]),
    ("fearless_simd", &["reader/json"]),
    ("flate2", &["source"]),
    ("getrandom", &["main"]),
    ("indicatif", &["main"]),
    ("jiff", &["time", "cli", "correlate/clock/zone", "correlate/clock/spells"]),
    ("liblzma", &["source"]),
    ("minijinja", &["report/render"]),
    ("polars", &["correlate", "evidence"]),
    ("rayon", &["ingest", "threads"]),
    ("rusqlite", &["reader/database"]),
    ("regex", &["classify", "secret", "reader"]),
    ("signal_hook", &["main"]),
    ("rustix", &["source/open"]),
    ("simdutf8", &["reader/json"]),
    ("tar", &["source"]),
    ("tempfile", &["output"]),
    ("walkdir", &["source"]),
    ("zstd", &["source"]),
];

/// Crates that anybody may name.
const FREE: &[&str] = &["memchr", "schemars", "serde", "serde_json"];

/// What only `main` does: printing, ending the process, the clock, the environment.
const OF_MAIN: &[&str] = &[
    r"\b(print|println|eprint|eprintln|dbg)!",
    r"\bprocess::",
    r"\b(stdout|stderr)\(\)",
    r"\benv::",
    r"\b(SystemTime|Instant)::now\b",
];

const LONGEST: usize = 500;

/// A source file, without its comments, the contents of its strings, and its tests.
struct Module {
    /// `source/tar` for `src/source/tar.rs`, `source` for `src/source/mod.rs`.
    name: String,
    code: String,
    /// Modules that are declared for tests only.
    tests: Vec<String>,
}

impl Module {
    fn of(name: &str, text: &str) -> Module {
        let (code, tests) = without_tests(&bare(text));
        Module { name: name.to_owned(), code, tests: tests.into_iter().map(|test| format!("{name}/{test}")).collect() }
    }

    fn top(&self) -> &str {
        self.name.split('/').next().unwrap_or_default()
    }

    /// Every module path of this crate that the code names, from the root.
    fn references(&self) -> BTreeSet<Vec<String>> {
        let mut found = BTreeSet::new();
        let start = Regex::new(r"(?:^|[^\w:])((?:crate|super|self|stopwhy)\s*::)").unwrap();
        for hit in start.captures_iter(&self.code) {
            expand(&self.code[hit.get(1).unwrap().start()..], &[], &mut found);
        }
        found.iter().map(|path| self.resolve(path)).collect()
    }

    fn resolve(&self, path: &[String]) -> Vec<String> {
        let mut at: Vec<String> = self.name.split('/').map(str::to_owned).collect();
        for step in path {
            match step.as_str() {
                "crate" | "stopwhy" => at.clear(),
                "super" => drop(at.pop()),
                "self" => {}
                name => at.push(name.to_owned()),
            }
        }
        at
    }
}

/// The paths of a use tree or of a path in an expression: `a::{b::c, d}` is `a::b::c` and `a::d`.
fn expand(code: &str, before: &[String], found: &mut BTreeSet<Vec<String>>) {
    let code = code.trim_start();
    if let Some(inside) = code.strip_prefix('{') {
        let (mut depth, mut start) = (0, 0);
        for (at, c) in inside.char_indices() {
            match c {
                '{' => depth += 1,
                ',' | '}' if depth == 0 => {
                    expand(&inside[start..at], before, found);
                    start = at + 1;
                    if c == '}' {
                        return;
                    }
                }
                '}' => depth -= 1,
                _ => {}
            }
        }
        return;
    }
    let word = &code[..code.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(code.len())];
    let mut path = before.to_vec();
    path.extend((!word.is_empty()).then(|| word.to_owned()));
    match code[word.len()..].trim_start().strip_prefix("::") {
        Some(rest) if !word.is_empty() => expand(rest, &path, found),
        _ => drop(found.insert(path)),
    }
}

/// Code with comments and the contents of strings and character literals left out.
fn bare(text: &str) -> String {
    let skip = Regex::new(concat!(
        r#"(?s)//[^\n]*|/\*.*?\*/|\bb?r"[^"]*"|\bb?r\#".*?"\#|\bb?r\#\#".*?"\#\#"#,
        r#"|"(?:[^"\\]|\\.)*"|'(?:[^'\\\n]|\\(?:u\{[^}]*\}|x..|.))'"#
    ))
    .unwrap();
    skip.replace_all(text, |hit: &regex::Captures<'_>| if hit[0].starts_with('/') { "" } else { "\"\"" }).into_owned()
}

/// Bare code without items under `#[cfg(test)]`, and the names of files declared there.
fn without_tests(code: &str) -> (String, Vec<String>) {
    let mark = Regex::new(r"#\[cfg\((?:all\()?test\b[^\]]*\]").unwrap();
    let file = Regex::new(r"\bmod (\w+);").unwrap();
    let (mut kept, mut files, mut rest) = (String::new(), Vec::new(), code);
    while let Some(hit) = mark.find(rest) {
        kept.push_str(&rest[..hit.start()]);
        let item = &rest[hit.end()..];
        let end = end_of_item(item);
        files.extend(file.captures(&item[..end]).map(|name| name[1].to_owned()));
        rest = &item[end..];
    }
    kept.push_str(rest);
    (kept, files)
}

/// Where an item ends: at its `;` or at the brace that closes its first.
fn end_of_item(item: &str) -> usize {
    let mut depth = 0;
    for (at, c) in item.char_indices() {
        match c {
            ';' if depth == 0 => return at + 1,
            '{' => depth += 1,
            '}' if depth == 1 => return at + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    item.len()
}

/// Nobody imports from the right.
fn wrong_way(module: &Module) -> Vec<String> {
    let place = |name: &str| ORDER.iter().position(|known| *known == name);
    let Some(own) = place(module.top()) else { return vec![format!("{}: no place in the order of modules", module.name)] };
    let is_wrong = |path: &Vec<String>| path.first().and_then(|top| place(top)).is_some_and(|other| other > own);
    module.references().iter().filter(|path| is_wrong(path)).map(|path| says(module, "imports", &path.join("::"))).collect()
}

/// No client's folder of readers imports another's; no hypothesis imports another.
fn across(module: &Module, readers: &BTreeSet<String>, hypotheses: &BTreeSet<String>) -> Vec<String> {
    let own: Vec<&str> = module.name.split('/').collect();
    let crosses = |path: &[&str]| match (own.as_slice(), path) {
        (["reader", client, ..], ["reader", other, ..]) => readers.contains(*client) && readers.contains(*other) && client != other,
        // A room lists its own hypotheses; nobody else names one.
        (["attribute", ..], ["attribute", rest @ ..]) => {
            !path.starts_with(&own) && rest.iter().any(|step| hypotheses.contains(*step))
        }
        _ => false,
    };
    let is_wrong = |path: &Vec<String>| crosses(&path.iter().map(String::as_str).collect::<Vec<_>>());
    module.references().iter().filter(|path| is_wrong(path)).map(|path| says(module, "imports", &path.join("::"))).collect()
}

/// No crate is named outside its owner.
fn foreign_crates(module: &Module) -> Vec<String> {
    let names = |name: &str| Regex::new(&format!(r"(?:^|[^\w:])(?:use\s+)?{name}\s*::|\buse\s+{name}\b")).unwrap();
    let owns = |owners: &[&str]| owners.iter().any(|own| module.name == *own || module.name.starts_with(&format!("{own}/")));
    let wrong = OWNERS.iter().filter(|(name, owners)| !owns(owners) && names(name).is_match(&module.code));
    wrong.map(|(name, _)| says(module, "names the crate", name)).collect()
}

/// Only `main` prints, exits and reads clock and environment.
fn usurped(module: &Module) -> Vec<String> {
    let wrong =
        OF_MAIN.iter().filter_map(|pattern| Regex::new(pattern).unwrap().find(&module.code).map(|hit| hit.as_str().to_owned()));
    if module.name == "main" { Vec::new() } else { wrong.map(|hit| says(module, "does what only main does:", &hit)).collect() }
}

/// A file opens with a paragraph on what it is, and is not too long.
fn unshapely(name: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if !text.starts_with("//! ") {
        found.push(format!("{name}: does not open with a paragraph on what it owns"));
    }
    if text.lines().count() > LONGEST {
        found.push(format!("{name}: has {} lines", text.lines().count()));
    }
    found
}

fn says(module: &Module, does: &str, what: &str) -> String {
    format!("{}: {does} {what}", module.name)
}

/// Every file under `src`: name as a module, and text.
fn sources() -> BTreeMap<String, String> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files =
        walkdir::WalkDir::new(&src).into_iter().filter_map(Result::ok).filter(|f| f.path().extension().is_some_and(|e| e == "rs"));
    files
        .map(|file| {
            let name = file.path().strip_prefix(&src).unwrap().with_extension("").to_string_lossy().replace('\\', "/");
            (name.strip_suffix("/mod").unwrap_or(&name).to_owned(), fs::read_to_string(file.path()).unwrap())
        })
        .collect()
}

#[test]
fn the_house_is_in_order() {
    let sources = sources();
    let all: Vec<Module> = sources.iter().filter(|(name, _)| *name != "lib").map(|(name, text)| Module::of(name, text)).collect();
    let tests: Vec<&String> = all.iter().flat_map(|module| &module.tests).collect();
    let is_test = |module: &Module| tests.iter().any(|t| module.name == **t || module.name.starts_with(&format!("{t}/")));
    let modules: Vec<&Module> = all.iter().filter(|module| !is_test(module)).collect();
    assert!(modules.len() > 60, "the sources were found");

    let second = |module: &&&Module| module.name.split('/').nth(1).map(str::to_owned);
    let readers: BTreeSet<String> = modules
        .iter()
        .filter(|m| m.name.starts_with("reader/") && m.name.matches('/').count() == 2)
        // What readers share.
        .filter(|m| !["reader/database/", "reader/json/"].iter().any(|shared| m.name.starts_with(shared)))
        .filter_map(|m| second(&m))
        .collect();
    let hypotheses: BTreeSet<String> = modules
        .iter()
        .filter(|m| m.top() == "attribute" && m.code.contains("HYPOTHESIS: Hypothesis"))
        .filter_map(|m| m.name.rsplit('/').next().map(str::to_owned))
        .collect();
    assert!(readers.len() > 2 && hypotheses.len() > 10, "{readers:?} {hypotheses:?}");

    let mut found: Vec<String> = sources.iter().flat_map(|(name, text)| unshapely(name, text)).collect();
    for module in modules {
        found.extend([wrong_way(module), across(module, &readers, &hypotheses), foreign_crates(module), usurped(module)].concat());
    }
    assert!(found.is_empty(), "{} house rules broken:\n{}", found.len(), found.join("\n"));
}

#[test]
fn every_dependency_has_an_owner() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let table = manifest.split("[dependencies]\n").nth(1).unwrap().split("\n[").next().unwrap();
    let names: Vec<String> = table
        .lines()
        .filter(|l| !l.starts_with('#'))
        .filter_map(|l| l.split_once(" = "))
        .map(|(n, _)| n.replace('-', "_"))
        .collect();
    assert!(names.len() > 10);
    let known = |name: &String| FREE.contains(&name.as_str()) || OWNERS.iter().any(|(owned, _)| owned == name);
    let unknown: Vec<&String> = names.iter().filter(|name| !known(name)).collect();
    assert!(unknown.is_empty(), "say who may name {unknown:?}");
}

#[test]
fn what_is_no_code_is_not_read() {
    let code = bare("a // crate::x\n/* crate::y */ \"crate::z \\\" {\" r#\"crate::\"v\"#  '{' '\\'' fn f<'a>(x: &'a u8) b\"q\"");
    assert!(!code.contains("crate") && !code.contains('{') && code.contains("fn f<'a>(x: &'a u8)"), "{code}");
    let (kept, files) = without_tests(
        "use a;\n#[cfg(test)]\nmod tests { use b; fn f() { } }\nfn g() {}\n#[cfg(all(test, unix))]\npub(crate) mod made;\nuse c;",
    );
    assert_eq!((kept.contains("use b"), kept.contains("fn g"), kept.contains("use c")), (false, true, true), "{kept}");
    assert_eq!(files, ["made"]);
}

#[test]
fn imports_are_resolved() {
    let paths = |name: &str, text: &str| -> Vec<String> {
        Module::of(name, text).references().into_iter().map(|path| path.join("::")).collect()
    };
    assert_eq!(paths("a/b", "use crate::{c, d::{e::F, g}};"), ["c", "d::e::F", "d::g"]);
    assert_eq!(paths("a/b/c", "use super::x::Y; use super::super::z; fn f(k: super::K) {}"), ["a::b::K", "a::b::x::Y", "a::z"]);
    assert_eq!(paths("a", "fn f() -> crate::event::Client { crate ::report::x() }"), ["event::Client", "report::x"]);
    assert_eq!(paths("a", "let not_crate = mycrate::x; /// crate::y\n"), [""; 0]);
}

#[test]
fn each_rule_can_be_broken() {
    let module = |name: &str, text: &str| Module::of(name, text);
    let set = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<BTreeSet<String>>();
    let (readers, hypotheses) = (set(&["codex", "hermes"]), set(&["network", "usage_limit"]));

    assert_eq!(
        wrong_way(&module("reader/codex/auth", "use crate::report::Report;")),
        ["reader/codex/auth: imports report::Report"]
    );
    assert_eq!(wrong_way(&module("event/turn", "use super::super::evidence::E;")), ["event/turn: imports evidence::E"]);
    assert_eq!(wrong_way(&module("other", "")), ["other: no place in the order of modules"]);
    assert!(wrong_way(&module("report/build", "use crate::event::Client; use super::model::*;")).is_empty());
    assert!(wrong_way(&module("event", "#[cfg(test)] mod tests { use crate::report::Report; }")).is_empty());

    let crossed = |name: &str, text: &str| across(&module(name, text), &readers, &hypotheses).len();
    assert_eq!(crossed("reader/codex/auth", "use crate::reader::hermes::x;"), 1);
    assert_eq!(crossed("reader/codex", "use super::hermes;"), 1);
    assert_eq!(crossed("reader/codex/auth", "use crate::reader::{json, Facts}; use super::super::codex::x;"), 0);
    assert_eq!(crossed("attribute/not_token/network", "use super::usage_limit;"), 1);
    assert_eq!(crossed("attribute/expiry/usage_limit", "use crate::attribute::not_token::network::X;"), 1);
    assert_eq!(crossed("attribute/not_token/network", "use super::literal::{self, Literal};"), 0);
    assert_eq!(crossed("attribute/compare", "use super::{network};"), 1);
    assert_eq!(crossed("attribute/not_token/network", "use crate::attribute::finding::Finding;"), 0);
    assert_eq!(crossed("attribute/not_token", "mod network; use self::network::X;"), 0);

    let foreign = |name: &str, text: &str| foreign_crates(&module(name, text)).len();
    assert_eq!(foreign("report/build", "use clap::Parser;"), 1);
    assert_eq!(foreign("cli/args", "use clap::Parser;"), 0);
    assert_eq!(foreign("report/build", "fn f() { minijinja::render() }"), 1);
    assert_eq!(foreign("report/render", "use minijinja as m;"), 0);
    assert_eq!(foreign("correlate/acts", "let z = jiff::tz::UTC; let t = super::tar::x; "), 1);

    for text in ["println!(\"\")", "std::process::exit(1)", "std::env::var(\"X\")", "Instant::now()", "let o = io::stderr();"] {
        assert_eq!(usurped(&module("run", text)).len(), 1, "{text}");
        assert!(usurped(&module("main", text)).is_empty());
    }
    assert!(usurped(&module("run", "env!(\"CARGO_PKG_VERSION\"); let stdout = 1; // println!()")).is_empty());

    assert_eq!(unshapely("x", "use a;").len(), 1);
    assert_eq!(unshapely("x", &format!("//! Owns x.\n{}", "\n".repeat(LONGEST))).len(), 1);
    assert!(unshapely("x", "//! Owns x.\n").is_empty());
}
