//! Every form of container cut at seeded random places: the ledger adds up, what was read before
//! the cut is read the same, and nothing is made up.
//!
//! 500 places of each form take about a minute of processor time unoptimised, so fewer are tried
//! unless `STOPWHY_CUTS` asks for more.

use super::store;
use crate::make::hostile::streams::pack;
use crate::make::hostile::tar::Tar;
use crate::make::hostile::zip::{DEFLATED, Member, STORED, Zip};
use crate::make::rng::Rng;
use crate::readers;
use stopwhy::event::Origin;
use stopwhy::evidence::Evidence;
use stopwhy::time::Stamp;

/// Files of a small home: a store, and logs and transcripts of several clients.
fn home() -> Vec<(String, Vec<u8>)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/incidents/founding-consumed/home");
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(&root).sort_by_file_name().into_iter().map(|e| e.unwrap()) {
        let path = entry.path().strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        // The form of a home in little: two stores, a log, two transcripts.
        let wanted = ["auth.json", "errors.log", ".jsonl"];
        if entry.file_type().is_file() && wanted.iter().any(|end| path.ends_with(end)) && entry.metadata().unwrap().len() < 6000 {
            files.push((format!("home/{path}"), std::fs::read(entry.path()).unwrap()));
        }
    }
    files.truncate(12);
    assert!(files.len() > 6, "{}", files.len());
    files
}

/// The home in every form: suffix, and bytes.
fn forms() -> Vec<(&'static str, Vec<u8>)> {
    let home = home();
    let tar = home.iter().fold(Tar::default(), |tar, (path, text)| tar.file(path, text)).done();
    let zip = |method, streamed: Option<bool>| {
        let members: Vec<Member> = home.iter().map(|(path, text)| Member { streamed, ..Member::new(path, method, text) }).collect();
        Zip::of(&members)
    };
    let log = &home.iter().find(|(path, _)| path.ends_with("errors.log")).unwrap().1;
    let members: Vec<u8> = log.split_inclusive(|b| *b == b'\n').flat_map(|line| pack("gz", line)).collect();
    let half = Tar::default().file("in.zip", &zip(DEFLATED, None)).file("h/.codex/auth.json", &store()).done();
    vec![
        ("errors.log.gz", pack("gz", log)),
        ("errors.log.gz", members),
        ("errors.log.zst", pack("zst", log)),
        ("errors.log.xz", pack("xz", log)),
        ("errors.log.bz2", pack("bz2", log)),
        ("tar", tar.clone()),
        ("tar.gz", pack("gz", &tar)),
        ("tar.xz", pack("xz", &tar)),
        ("stored.zip", zip(STORED, None)),
        ("deflated.zip", zip(DEFLATED, None)),
        ("streamed.zip", zip(DEFLATED, Some(true))),
        ("nested.tar.zst", pack("zst", &half)),
    ]
}

fn place(evidence: &Evidence, source: u32) -> String {
    let source = &evidence.sources[source as usize];
    source.name.private().rsplit("/home/").next().unwrap().to_owned()
}

/// What events and turns say, without the index of their source: that depends on what stands before it.
fn said(evidence: &Evidence) -> [Vec<(String, String)>; 2] {
    let say = |at: Option<Stamp>, origin: Origin, what: String| {
        (place(evidence, origin.source), format!("{at:?} {} {} {what}", origin.line, origin.byte))
    };
    let events = evidence.stated.events.iter().map(|event| say(event.at, event.origin, format!("{:?}", event.kind)));
    let turns = evidence.stated.turns.iter().map(|turn| say(turn.at(), turn.origin(), format!("{:?}", turn.turn())));
    [events.collect(), turns.collect()]
}

/// How many events of a cut container come before the first that the whole one has not. What
/// ends early may say less or other things than the whole (a last line that is cut, a turn
/// without its end), but only in the source that the cut goes through.
fn compare(cut: &Evidence, whole: &[Vec<(String, String)>; 2], what: &str) -> usize {
    let seen = said(cut);
    let same = [0, 1].map(|of| seen[of].iter().zip(&whole[of]).take_while(|(a, b)| a == b).count());
    let rest: Vec<_> = [0, 1].into_iter().flat_map(|of| &seen[of][same[of]..]).collect();
    let sources = cut.stated.events.iter().map(|event| event.origin.source).chain(cut.stated.turns.iter().map(|turn| turn.source));
    let last = sources.max().map(|source| place(cut, source));
    let beyond: Vec<_> = rest.iter().filter(|(place, _)| Some(place) != last.as_ref()).collect();
    assert!(beyond.is_empty(), "{what}: {beyond:?}");
    assert!(rest.len() <= 3, "{what}: {rest:?}");
    same.iter().sum()
}

#[test]
fn cut_anywhere_what_stands_before_is_read() {
    let places: u64 = std::env::var("STOPWHY_CUTS").map_or(60, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    for (form, bytes) in forms() {
        let path = folder.path().join(form);
        let read = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            let evidence = readers::read(std::slice::from_ref(&path));
            let off: Vec<_> = evidence.sources.iter().filter(|source| !source.adds_up()).collect();
            assert!(off.is_empty(), "{form}, {} bytes: {off:?}", bytes.len());
            evidence
        };
        let whole = read(&bytes);
        assert!(whole.sources.iter().all(|source| !source.has_gap()), "{form}");
        let (events, rng) = (said(&whole), Rng::new(form.len() as u64));
        let all: usize = events.iter().map(Vec::len).sum();
        assert!(all > 3, "{form}: {all} events");
        let mut kept = Vec::new();
        for _ in 0..places {
            let at = 1 + rng.below(bytes.len() as u64 - 1) as usize;
            let cut = read(&bytes[..at]);
            let what = format!("{form} cut at {at} of {}", bytes.len());
            kept.push((at, compare(&cut, &events, &what)));
            // Padding at the end of a tar may go, and a gzip between two members; of anything
            // else the reader is told.
            let padding = form == "tar" && at + 1024 >= bytes.len();
            let between = cut.sources.iter().all(|source| source.records > 0) && form == "errors.log.gz";
            assert!(padding || between || cut.sources.iter().any(|source| source.has_gap()), "{what}: nothing is said");
        }
        // The later the cut, the more is read; and late cuts lose little.
        kept.sort_unstable();
        assert!(kept.windows(2).all(|two| two[0].1 <= two[1].1 + 3), "{form}: {kept:?}");
        let late = kept.last().unwrap();
        assert!(form.ends_with(".bz2") || form.ends_with(".zst") || 2 * late.1 >= all, "{form}: {late:?} of {all}");
    }
}
