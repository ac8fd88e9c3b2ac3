//! Tars: metadata bombs, sizes that contradict each other, names, what is no file.

use super::{Member, STORE, archive, counts, members, read, reasons, report, store};
use crate::make::hostile::tar::{EXTENDED, FILE, GLOBAL, LONG_LINK, LONG_NAME, RECORD, Tar, header};
use crate::make::rng::Rng;

/// Events of a store, alone and untouched.
const EVENTS: usize = 1;

#[test]
fn metadata_without_end_costs_the_rest_of_the_archive_and_not_the_memory() {
    let store = store();
    let rng = Rng::new(1);
    for kind in [LONG_NAME, LONG_LINK, EXTENDED] {
        for size in [(1 << 20) + rng.below(1 << 20), 6 << 20] {
            let name = vec![b'n'; size as usize];
            let before = Tar::default().file(STORE, &store);
            let start = before.clone().cut().len() as u64;
            let packed = match kind {
                EXTENDED => before.extended(kind, &[("path", &name)]),
                _ => before.long(kind, &name),
            };
            let packed = packed.file("h/two/.codex/auth.json", &store).done();
            let evidence = read("long.tar", &packed);
            assert_eq!((evidence.stated.len(), counts(&evidence)), (EVENTS, [1, 1, 0, 0]), "{kind} {size}");
            // A header, at most 1 MiB and a record were read; the rest is counted.
            let [("archive-metadata", 1, bytes)] = reasons(&evidence)[..] else { panic!("{:?}", reasons(&evidence)) };
            let rest = packed.len() as u64 - start;
            assert!((rest - (1 << 20) - 4 * RECORD as u64..rest).contains(&bytes), "{bytes} of {rest}");
        }
        // Up to the limit it is a name like any other, of which 4 KiB are kept.
        let name = [&vec![b'n'; 900_000][..], b"/.codex/auth.json"].concat();
        let packed = match kind {
            EXTENDED => Tar::default().extended(kind, &[("path", &name)]),
            _ => Tar::default().long(kind, &name),
        };
        let evidence = read("long.tar", &packed.file(STORE, &store).done());
        assert_eq!((evidence.stated.len(), reasons(&evidence).len(), counts(&evidence)), (EVENTS, 0, [1, 1, 0, 0]), "{kind}");
        let longest = evidence.sources.iter().map(|s| s.name.private().len()).max().unwrap();
        assert_eq!(longest > 4096, kind != LONG_LINK, "{longest}");
    }
}

#[test]
fn many_small_records_are_no_bomb() {
    // Each below the limit, all together far above: 64 global headers, 10,000 fields.
    let value = vec![b'v'; 100_000];
    let fields: Vec<(String, Vec<u8>)> = (0..10_000).map(|n| (format!("K{n}"), b"v".to_vec())).collect();
    let fields: Vec<(&str, &[u8])> = fields.iter().map(|(key, value)| (key.as_str(), value.as_slice())).collect();
    let tar = (0..64).fold(Tar::default(), |tar, _| tar.extended(GLOBAL, &[("comment", &value)]));
    let packed = tar.extended(EXTENDED, &fields).file(STORE, &store()).done();
    let evidence = read("many.tar", &packed);
    assert_eq!((evidence.stated.len(), reasons(&evidence), counts(&evidence)), (EVENTS, vec![], [1, 1, 0, 0]));
}

#[test]
fn the_size_of_the_extended_header_wins() {
    let store = store();
    let inner = Tar::default().file("smuggled/.codex/auth.json", &store).done();
    let size = inner.len().to_string();
    // The header says 0: who believes it takes the data for further members.
    for said in [0, 512, inner.len() as u64 + 4096, 1 << 40] {
        let packed = Tar::default()
            .extended(EXTENDED, &[("size", size.as_bytes())])
            .entry(FILE, b"h/notes.bin", said, &inner)
            .file(STORE, &store)
            .done();
        let evidence = read("smuggle.tar", &packed);
        // The data are an archive, and read as one: as a member inside, not beside.
        let names: Vec<&str> = evidence.sources.iter().map(|s| s.name.private()).collect();
        assert!(names[0].ends_with("h/notes.bin/smuggled/.codex/auth.json"), "{names:?}");
        assert_eq!((counts(&evidence), evidence.stated.len(), reasons(&evidence)), ([2, 2, 0, 0], 2 * EVENTS, vec![]), "{said}");
    }
    // A size in binary, beyond every medium: what is there is read.
    let huge = Tar::default().file("h/a.txt", b"text\n").entry(FILE, STORE.as_bytes(), u64::MAX >> 1, &store).cut();
    let evidence = read("huge.tar", &huge);
    let there = evidence.sources.iter().find(|s| s.name.file() == "auth.json").map(|s| s.bytes_in);
    assert_eq!((counts(&evidence), there), ([2, 2, 0, 0], Some(store.len().next_multiple_of(RECORD) as u64)));
    assert!(reasons(&evidence).iter().any(|(word, ..)| *word == "archive-metadata"), "{:?}", reasons(&evidence));
}

#[test]
fn links_and_devices_are_counted_and_do_nothing() {
    let kinds = [b'1', b'2', b'3', b'4', b'6'];
    let rng = Rng::new(7);
    let picked: Vec<u8> = (0..40).map(|_| *rng.pick(&kinds)).collect();
    let tar = picked.iter().enumerate().fold(Tar::default(), |tar, (n, kind)| tar.special(*kind, &format!("h/l{n}")));
    let tar = ["h/", "h/.codex/"].iter().fold(tar, |tar, name| tar.special(b'5', name));
    let evidence = read("links.tar", &tar.file(STORE, &store()).done());
    assert_eq!(counts(&evidence), [43, 1, 2, 40]);
    assert_eq!((reasons(&evidence), evidence.stated.len()), (vec![("member-not-regular", 40, 0)], EVENTS));
}

#[test]
fn names_are_labels_and_every_member_counts() {
    let store = store();
    let names: [&[u8]; 9] = [
        b"../../../../tmp/escape/.codex/auth.json",
        b"/etc/.codex/auth.json",
        b"C:\\Users\\x\\.codex\\auth.json",
        b"\\\\host\\share\\.codex\\auth.json",
        b"h/.codex/auth.json",
        b"h/.codex/auth.json",
        b"h/new\nline/\x1b[31m/.codex/auth.json",
        b"h/\xff\xfe/.codex/auth.json",
        b"h/\xe2\x80\xae\xe2\x80\x8b/.codex/auth.json",
    ];
    let tar = names.iter().fold(Tar::default(), |tar, name| tar.entry(FILE, name, store.len() as u64, &store));
    let tar = tar.extended(EXTENDED, &[("path", b"h/nul\0/.codex/auth.json")]).file("x", &store);
    let run = report("names.tar", &tar.file("", b"text\n").done());
    assert_eq!((counts(&run.evidence), run.stated.len()), ([11, 11, 0, 0], 10 * EVENTS));
    let second = run.evidence.sources.iter().filter(|s| s.name.private().ends_with("h/.codex/auth.json#2")).count();
    assert_eq!(second, 1, "the second of a name is marked");
    for text in [&run.json, &run.markdown] {
        assert!(!text.contains("escape") && !text.contains('\x1b') && !text.contains("Users"));
    }
    assert!(!std::path::Path::new("/tmp/escape").exists());
}

#[test]
fn the_report_says_how_many_members_there_were() {
    let tar = Tar::default().special(b'2', "h/link").special(b'5', "h/").file(STORE, &store());
    let run = report("bundle.tar", &tar.done());
    let members: serde_json::Value = serde_json::from_str(&run.json).unwrap();
    let source = members["coverage"]["sources"].as_array().unwrap().iter().find(|s| s["kind"] == "archive").unwrap();
    let want = serde_json::json!({
        "declared": 3, "read": 1, "folders": 1, "skipped": [{ "reason": "member-not-regular", "count": 1 }]
    });
    assert_eq!(source["members"], want);
    assert!(run.markdown.contains("1 archive with 3 members: 1 read, 1 folder, 1 not read."), "{}", run.markdown);
    let fine = report("bundle.tar", &Tar::default().file(STORE, &store()).done());
    assert!(fine.markdown.contains("1 archive with 1 member: 1 read, 0 folders, 0 not read."));
    assert!(!fine.markdown.contains("| archive |") && fine.report.totals.sources == 1, "an archive in order takes no line");
}

#[test]
fn a_damaged_header_leaves_what_stands_before_it() {
    let store = store();
    let good = Tar::default().file(STORE, &store).cut();
    for seed in 0..40 {
        let rng = Rng::new(seed);
        let mut bad = header(FILE, b"h/two/.codex/auth.json", store.len() as u64);
        // Anywhere but in the sum itself, which may have spare characters.
        let at = *rng.pick(&[0, 3, 101, 125, 137, 156, 257]);
        bad[at] ^= 1 << rng.below(7);
        let packed = Tar::default().raw(&good).raw(&bad).raw(&store).cut();
        let evidence = read("damaged.tar", &packed);
        let want = vec![("archive-metadata", 1, (packed.len() - good.len() - RECORD) as u64)];
        assert_eq!((evidence.stated.len(), reasons(&evidence)), (EVENTS, want), "seed {seed}, byte {at}");
        assert_eq!(archive(&evidence).members.as_ref().unwrap().archive.declared, 1);
    }
}

#[test]
fn sizes_and_contents_come_out_as_they_went_in() {
    let folder = tempfile::tempdir().unwrap();
    for seed in 0..20 {
        let rng = Rng::new(seed);
        let texts: Vec<Vec<u8>> = (0..rng.below(30)).map(|_| noise(&rng)).collect();
        let mut tar = Tar::default();
        let mut want = Vec::new();
        for (n, text) in texts.iter().enumerate() {
            let name = format!("{}/{n}.txt", "d".repeat(rng.below(200) as usize + 1));
            let size = text.len().to_string();
            tar = match rng.below(4) {
                0 => tar.long(LONG_NAME, name.as_bytes()).file("short", text),
                1 => tar.extended(EXTENDED, &[("path", name.as_bytes())]).file("short", text),
                2 => tar.extended(EXTENDED, &[("path", name.as_bytes()), ("size", size.as_bytes())]).entry(FILE, b"s", 0, text),
                _ => tar.long(LONG_LINK, b"whatever").long(LONG_NAME, name.as_bytes()).file("short", text),
            };
            want.push(Member::of(&name, text));
        }
        let path = folder.path().join("a.tar");
        std::fs::write(&path, tar.done()).unwrap();
        assert_eq!(members(&path), want, "seed {seed}");
    }
}

/// Bytes that look like nothing.
fn noise(rng: &Rng) -> Vec<u8> {
    (0..rng.below(3000)).map(|_| b' ' + rng.below(90) as u8).collect()
}
