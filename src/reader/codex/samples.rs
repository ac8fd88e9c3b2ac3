//! The readers against files that real versions of Codex wrote, where a copy of them is at hand
//! beside the project. Without it these tests say so and pass.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

use super::testing;
use crate::event::{ErrorClass, Event, EventKind, Stop};
use crate::reader::{Outcome, Shape, recognise};
use crate::source::{Head, Name};
use std::path::{Path, PathBuf};

const LAB: &[&str] = &["steps.jsonl", "server.jsonl", "rpc.jsonl", "files.tsv", "what.md"];

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        match path.is_dir() {
            true => files(&path, out),
            false => out.push(path),
        }
    }
}

#[test]
#[ignore]
fn summary() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples");
    for version in ["0.98.0", "0.130.0", "0.150.0", "0.169.0"] {
        let mut scen: Vec<PathBuf> = std::fs::read_dir(root.join(format!("codex-{version}")))
            .unwrap()
            .map(|e| e.unwrap().path())
            .filter(|p| p.is_dir())
            .collect();
        scen.sort();
        for s in scen {
            eprintln!("#### {version} {}", s.file_name().unwrap().to_string_lossy());
            let mut all = Vec::new();
            files(&s, &mut all);
            for path in all {
                let file = path.file_name().unwrap().to_string_lossy().to_string();
                if LAB.contains(&&*file) || file.starts_with("tui.") || file.ends_with(".rc") {
                    continue;
                }
                let bytes = std::fs::read(&path).unwrap();
                let name = Name::of_path(path.strip_prefix(&s).unwrap());
                let head = Head { name: &name, bytes: &bytes[..bytes.len().min(65536)], whole: bytes.len() <= 65536 };
                let short = name.private().to_owned();
                match recognise(&head) {
                    None => eprintln!("   ??? {short} ({} bytes)", bytes.len()),
                    Some(f) => match f.shape {
                        Shape::Lines(open) => {
                            let (events, outcomes) = testing::run(open, name.private(), &bytes);
                            let bad = outcomes.iter().filter(|o| **o != Outcome::Used).count();
                            eprintln!("   {} {short} home={:?} bad={bad}", f.kind.word(), f.home(&name));
                            for e in &events {
                                eprintln!("        {}", say(e));
                            }
                        }
                        Shape::Whole(read) => {
                            let events = testing::whole(read, name.private(), &bytes);
                            eprintln!("   {} {short} home={:?}", f.kind.word(), f.home(&name));
                            for e in &events {
                                eprintln!("        {}", say(e));
                            }
                        }
                        _ => eprintln!("   {} {short}", f.kind.word()),
                    },
                }
            }
        }
    }
}

fn say(e: &Event) -> String {
    let at = e.at.map(|a| crate::time::rfc3339(a.ms)).unwrap_or_default();
    let what = match &e.kind {
        EventKind::Turn(t) => format!(
            "TURN {:?} {:?} {:?} {:?} acct={} id={}",
            t.stop,
            t.failure.map(|f| (f.class, f.level)),
            t.provider,
            t.model,
            t.account.is_some(),
            t.id.is_some()
        ),
        EventKind::Refused { failure, account, session, .. } => {
            format!("REFUSED {failure:?} {} {}", account.is_some(), session.is_some())
        }
        EventKind::Store(s) => format!(
            "STORE {:?} acct={} fam={} iat={:?} exp={:?} {:?}",
            s.taken,
            s.account.is_some(),
            s.family.is_some(),
            s.issued_at.map(|x| x.ms),
            s.expires_at.is_some(),
            s.writer
        ),
        EventKind::Transport(t) => format!("TRANSPORT {:?}", t.failure),
        other => format!("{other:?}"),
    };
    format!("{at} L{} {what}", e.origin.line)
}

#[allow(dead_code)]
fn unused(_: ErrorClass, _: Stop) {}
#[test]
#[ignore]
fn rows() {
    use super::trace::{Entry, Severity, Watch, split_row};
    let mut paths: Vec<_> = std::fs::read_dir("/tmp/rows").unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    for p in paths {
        eprintln!("== {}", p.display());
        let vault = crate::secret::Vault::new([5; 32]);
        let mut facts = crate::reader::Facts::new(&vault, 0, false);
        let mut watch = Watch::default();
        for (n, l) in std::fs::read_to_string(&p).unwrap().lines().enumerate() {
            let c: Vec<&str> = l.splitn(5, '\t').collect();
            let body: String = serde_json::from_str(c[4]).unwrap();
            let (spans, message) = split_row(&body);
            let e = Entry {
                at: Some(crate::time::Stamp::utc(c[0].parse().unwrap())),
                origin: crate::event::Origin { source: 0, line: n as u64, byte: 0 },
                severity: Severity::of(c[1]),
                target: c[2],
                spans,
                message,
                process: Some(facts.key(crate::secret::Kind::Process, c[3])),
            };
            watch.record(&e, &mut facts);
        }
        watch.finish(&mut facts);
        for e in facts.into_parts().0 {
            let s = say(&e);
            if !s.contains("TRANSPORT") {
                eprintln!("   {s}")
            }
        }
    }
}
