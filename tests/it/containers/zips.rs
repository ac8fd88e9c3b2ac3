//! Zips: lies, overlaps, doubles, hidden members, and what cannot be read.

use super::{STORE, archive, counts, read, reasons, report, store};
use crate::make::hostile::zip::{DEFLATED, Member, STORED, Zip};
use crate::make::rng::Rng;

#[test]
fn doubles_are_all_read() {
    let text = store();
    for method in [STORED, DEFLATED] {
        let twin = Member::new(STORE, method, &text);
        let evidence = read("dup.zip", &Zip::of(&[twin.clone(), Member::new("h/b.txt", method, b"b\n"), twin.clone(), twin]));
        assert_eq!((counts(&evidence), evidence.stated.len(), reasons(&evidence).len()), ([4, 4, 0, 0], 3, 1));
        let names: Vec<&str> = evidence.sources.iter().filter_map(|s| s.name.private().split(".zip/").nth(1)).collect();
        let marked = |n: usize| format!("{STORE}#{n}");
        assert_eq!(names, [STORE, "h/b.txt", &marked(2), &marked(3)]);
    }
}

#[test]
fn an_archive_behind_a_program_is_one() {
    let text = store();
    let members = [Member::new(STORE, DEFLATED, &text), Member::new("h/b.txt", STORED, b"b\n")];
    let plain = Zip::of(&members);
    let script = |len: usize| [b"#!/bin/sh\nexec unzip \"$0\"\n".to_vec(), vec![b'#'; len]].concat();
    let program = |len: usize| [b"\x7fELF\x02\x01\x01\0".to_vec(), vec![0x90; len]].concat();
    let picture = [b"\xff\xd8\xff\xe0\0\x10JFIF\0".to_vec(), vec![7; 900]].concat();
    let cases = [
        ("install.sh", script(1 << 10)),
        ("download", script(64 << 10)),
        ("setup.exe", [&b"MZ\x90\0"[..], &[1; 300_000]].concat()),
        ("setup", program(5000)),
        ("x", picture),
        ("bundle.zip", b"some words before it\n".to_vec()),
    ];
    for (name, before) in &cases {
        // Offsets that do not know of what was put before, and such as were set right.
        let mended = Zip::default().raw(before).member(&members[0]).member(&members[1]).done();
        for (shifted, bytes) in [(true, [&before[..], &plain].concat()), (false, mended)] {
            let evidence = read(name, &bytes);
            assert_eq!((counts(&evidence), evidence.stated.len()), ([2, 2, 0, 0], 1), "{name} {shifted}");
            assert_eq!(reasons(&evidence)[1..], [("zip-unclaimed", 1, before.len() as u64)], "{name} {shifted}");
        }
    }
    // No archive without a directory that leads to a member, and none in what is read as it is.
    for (name, bytes) in [
        ("notes.sh", [&script(100)[..], b"PK\x05\x06", &[0; 18]].concat()),
        ("cut.sh", [&script(100)[..], &plain[..plain.len() - 30]].concat()),
        ("a.log", [&b"words\n".repeat(100)[..], &plain].concat()),
    ] {
        let evidence = read(name, &bytes);
        assert_eq!(reasons(&evidence), [("unknown-format", 1, bytes.len() as u64)], "{name}");
    }
}

#[test]
fn members_that_share_bytes_are_all_read_and_said() {
    let rng = Rng::new(3);
    let records = 150 + rng.below(100);
    let kernel = Member::new(STORE, DEFLATED, &store());
    let zip = (0..records).fold(Zip::default().hidden(&kernel), |zip, _| zip.record(&kernel, 0));
    let evidence = read("overlap.zip", &zip.done());
    assert_eq!((counts(&evidence), evidence.stated.len()), ([records, records, 0, 0], records as usize));
    assert_eq!(reasons(&evidence), [("zip-overlap", records - 1, 0)]);
}

#[test]
fn a_lie_about_sizes_changes_nothing_but_is_said() {
    let text = store();
    for method in [STORED, DEFLATED] {
        for size in [0, 1, text.len() as u64 - 1, 13_000_000_000, u64::MAX >> 1] {
            let mut liar = Member::new(STORE, method, &text);
            (liar.size, liar.wide) = (size, true);
            let evidence = read("liar.zip", &Zip::of(&[liar]));
            assert_eq!((counts(&evidence), evidence.stated.len()), ([1, 1, 0, 0], 1), "{size}");
            assert_eq!(reasons(&evidence), [("zip-mismatch", 1, 0)], "{size}");
        }
        // More packed bytes than there are.
        let mut liar = Member::new(STORE, method, &text);
        liar.packed.truncate(liar.packed.len() / 2);
        let whole = Zip::of(&[liar]);
        let evidence = read("short.zip", &whole);
        assert_eq!(counts(&evidence), [1, 1, 0, 0]);
        let (word, count, _) = reasons(&evidence).into_iter().find(|(word, ..)| word.starts_with("zip-")).unwrap();
        assert_eq!((word, count), (if method == STORED { "zip-mismatch" } else { "zip-truncated" }, 1));
    }
}

#[test]
fn what_the_two_headers_say_of_a_member_is_compared() {
    let honest = Member::new(STORE, DEFLATED, &store());
    let other = Member { local_name: Some(b"h/other.txt".to_vec()), ..honest.clone() };
    let evidence = read("names.zip", &Zip::of(&[other, honest.clone()]));
    assert_eq!((evidence.stated.len(), reasons(&evidence)), (2, vec![("zip-mismatch", 1, 0)]), "the directory is believed");
    // Sizes that stand behind the bytes are no contradiction.
    for (marked, wide) in [(true, false), (false, false), (true, true), (false, true)] {
        for method in [STORED, DEFLATED] {
            let streamed = Member { streamed: Some(marked), wide, ..Member::new(STORE, method, &store()) };
            let evidence = read("streamed.zip", &Zip::of(&[streamed.clone(), streamed]));
            assert_eq!((evidence.stated.len(), reasons(&evidence)), (2, vec![]), "{marked} {wide} {method}");
        }
    }
}

#[test]
fn bytes_that_belong_to_no_member_are_counted() {
    let rng = Rng::new(11);
    let member = Member::new(STORE, DEFLATED, &store());
    for _ in 0..20 {
        let junk: Vec<Vec<u8>> = (0..3).map(|_| vec![b'?'; rng.below(5000) as usize + 1]).collect();
        let mut bytes = Zip::default().member(&member).raw(&junk[0]).member(&member).raw(&junk[1]).done();
        bytes.extend(&junk[2]);
        let evidence = read("junk.zip", &bytes);
        let all = junk.iter().map(|junk| junk.len() as u64).sum();
        assert_eq!((evidence.stated.len(), reasons(&evidence)), (2, vec![("zip-unclaimed", 3, all)]));
    }
    // Members that the directory does not know are such bytes, too.
    let hidden = Zip::default().hidden(&member).member(&member).done();
    let evidence = read("hidden.zip", &hidden);
    let size = (member.packed.len() + 30 + STORE.len()) as u64;
    assert_eq!((counts(&evidence), reasons(&evidence)), ([1, 1, 0, 0], vec![("zip-unclaimed", 1, size)]));
    // What is put before an archive moves all its offsets, and nothing else.
    let stub = [&b"PK\x03\x04 no member"[..], &Zip::of(&[member])].concat();
    let evidence = read("stub.zip", &stub);
    assert_eq!((evidence.stated.len(), reasons(&evidence)), (1, vec![("zip-unclaimed", 1, 14)]));
}

#[test]
fn the_number_of_records_may_be_a_lie_and_may_be_wide() {
    let member = Member::new(STORE, DEFLATED, &store());
    let three = (0..3).fold(Zip::default(), |zip, _| zip.member(&member));
    for (said, counted, reason) in [(1, [3, 3, 0, 0], ("archive-metadata", 2, 0)), (9, [9, 3, 0, 6], ("archive-metadata", 6, 0))] {
        let evidence = read("count.zip", &three.clone().declaring(said));
        assert_eq!((counts(&evidence), reasons(&evidence), evidence.stated.len()), (counted, vec![reason], 3));
    }
    let evidence = read("wide.zip", &three.wide());
    assert_eq!((counts(&evidence), reasons(&evidence).len()), ([3, 3, 0, 0], 0));
    // Old writers count modulo 65,536.
    let empty = Member::new("e", STORED, b"");
    let many = (0..65_540).fold(Zip::default().hidden(&empty), |zip, _| zip.record(&empty, 0));
    let evidence = read("many.zip", &many.done());
    assert_eq!(counts(&evidence), [65_540, 65_540, 0, 0]);
    assert_eq!(reasons(&evidence), [("zip-overlap", 65_539, 0)]);
}

#[test]
fn what_cannot_be_read_is_counted_with_its_bytes() {
    let text = store();
    let plain = Member::new("h/a", DEFLATED, &text);
    let packed = plain.packed.len() as u64;
    let cases = [
        (Member { flags: 1, ..plain.clone() }, "zip-encrypted"),
        (Member { method: 9, ..plain.clone() }, "zip-method"),
        (Member { method: 14, ..plain.clone() }, "zip-method"),
        (Member { mode: 0o120_777, ..plain.clone() }, "member-not-regular"),
        (Member { mode: 0o010_644, ..plain }, "member-not-regular"),
    ];
    for (member, reason) in cases {
        let honest = Member::new(STORE, DEFLATED, &text);
        let run = report("odd.zip", &Zip::of(&[member.clone(), honest, member, Member::folder("h/")]));
        assert_eq!((counts(&run.evidence), run.stated.len()), ([4, 1, 1, 2], 1), "{reason}");
        assert_eq!(reasons(&run.evidence), [(reason, 2, 2 * packed)]);
        assert!(run.markdown.contains(&format!("{reason} ×2")), "{reason}: {}", run.markdown);
    }
}

#[test]
fn other_methods_are_read() {
    use crate::make::hostile::streams::pack;
    let text = store();
    for (number, format) in [(12, "bz2"), (93, "zst"), (95, "xz")] {
        let member = Member { method: number, packed: pack(format, &text), ..Member::new(STORE, STORED, &text) };
        let evidence = read("methods.zip", &Zip::of(std::slice::from_ref(&member)));
        assert_eq!((evidence.stated.len(), reasons(&evidence)), (1, vec![]), "{format}");
        let mut wrong = member;
        wrong.crc ^= 1;
        assert_eq!(reasons(&read("methods.zip", &Zip::of(&[wrong]))), [("zip-mismatch", 1, 0)]);
    }
}

#[test]
fn without_a_directory_every_kind_of_member_is_found() {
    let text = store();
    let kinds = [
        Member::new(STORE, STORED, &text),
        Member::new(STORE, DEFLATED, &text),
        Member { streamed: Some(true), ..Member::new(STORE, STORED, &text) },
        Member { streamed: Some(true), ..Member::new(STORE, DEFLATED, &text) },
        Member { streamed: Some(true), wide: true, ..Member::new(STORE, DEFLATED, &text) },
        Member { wide: true, ..Member::new(STORE, STORED, &text) },
    ];
    for seed in 0..30 {
        let rng = Rng::new(seed);
        let members: Vec<&Member> = (0..1 + rng.below(6)).map(|_| rng.pick(&kinds)).collect();
        let bytes = members.iter().fold(Zip::default(), |zip, member| zip.hidden(member)).done();
        let evidence = read("headless.zip", &bytes[..bytes.len() - 22]);
        let n = members.len() as u64;
        assert_eq!((counts(&evidence), evidence.stated.len()), ([n, n, 0, 0], members.len()), "seed {seed}");
        let said = reasons(&evidence);
        assert_eq!(said[0], ("zip-directory", 1, 0), "seed {seed}");
        // Sizes behind a member belong to it only where a directory says so.
        assert!(said.len() == 1 || (said.len() == 2 && said[1].0 == "zip-unclaimed"), "{said:?}");
    }
}

#[test]
fn metadata_of_any_size_is_bounded() {
    let text = store();
    // 300 names of 64 KiB: of each 4 KiB are kept.
    let long = |n: u8| Member { name: [&vec![n; 65_000][..], b"/.codex/auth.json"].concat(), ..Member::new("", DEFLATED, &text) };
    let members: Vec<Member> = (0..300u32).map(|n| long(b'a' + (n % 20) as u8)).collect();
    let evidence = read("names.zip", &Zip::of(&members));
    assert_eq!((counts(&evidence), evidence.stated.len(), reasons(&evidence).len()), ([300, 300, 0, 0], 300, 0));
    assert!(evidence.sources.iter().all(|s| s.name.private().len() < 4300));
    assert!(archive(&evidence).bytes_in == 0);
}
