//! Inputs and what is handed out of them, archives in archives included.

#![allow(clippy::unwrap_used)]

use super::super::samples::{bz2, gz, poked, tar, xz, zip, zip_deflated, zst};
use super::super::trouble::Trouble;
use super::super::witness::{Seen, TEXT, both, collect, good, piped, piped_with, refused};
use super::*;
use ::zip::CompressionMethod;

#[test]
fn every_container_gives_the_same_lines() {
    let member: &[(&str, &[u8])] = &[("d/a.jsonl", TEXT)];
    for (packed, name) in [
        (TEXT.to_vec(), "x"),
        (gz(TEXT), "x"),
        (zst(TEXT), "x"),
        (xz(TEXT), "x"),
        (bz2(TEXT), "x"),
        (zst(&gz(&gz(TEXT))), "x"),
        (xz(&bz2(&zst(TEXT))), "x"),
        (tar(member), "x/d/a.jsonl"),
        (gz(&tar(member)), "x/d/a.jsonl"),
        (zst(&tar(member)), "x/d/a.jsonl"),
        (xz(&tar(member)), "x/d/a.jsonl"),
        (bz2(&tar(&[("d/a.jsonl", &xz(TEXT))])), "x/d/a.jsonl"),
        (zip_deflated(member), "x/d/a.jsonl"),
        (zip(member, CompressionMethod::Stored), "x/d/a.jsonl"),
        (gz(&zip_deflated(member)), "x/d/a.jsonl"),
        (tar(&[("t", &tar(member))]), "x/t/d/a.jsonl"),
        (tar(&[("d/a.jsonl", &gz(TEXT))]), "x/d/a.jsonl"),
        (gz(&tar(&[("d/a.jsonl", &zst(TEXT))])), "x/d/a.jsonl"),
        (zip_deflated(&[("z", &zip_deflated(member))]), "x/z/d/a.jsonl"),
        (zip_deflated(&[("t.tgz", &gz(&tar(member)))]), "x/t.tgz/d/a.jsonl"),
        (tar(&[("z", &zip_deflated(member))]), "x/z/d/a.jsonl"),
        (tar(&[("z", &zip(member, CompressionMethod::Stored))]), "x/z/d/a.jsonl"),
    ] {
        assert_eq!(both(&packed), [good(name, TEXT)]);
    }
}

#[test]
fn members_come_in_order_and_nothing_is_lost_between_them() {
    let big: Vec<u8> = (0..50_000u32).flat_map(|n| format!("line {n}\n").into_bytes()).collect();
    let members: &[(&str, &[u8])] = &[("a", TEXT), ("empty", b""), ("big", &big), ("b", TEXT)];
    let want = [good("x/a", TEXT), good("x/empty", b""), good("x/big", &big), good("x/b", TEXT)];
    for packed in [tar(members), gz(&tar(members)), zip_deflated(members), zip(members, CompressionMethod::Stored)] {
        assert_eq!(both(&packed), want);
    }
}

#[test]
fn depth_is_limited_and_said() {
    let mut packed = tar(&[("a", TEXT)]);
    for _ in 1..ARCHIVES {
        packed = gz(&tar(&[("n", &packed)]));
    }
    assert_eq!(both(&packed), [good("x/n/n/n/a", TEXT)]);
    let innermost = tar(&[("a", TEXT)]).len() as u64;
    assert_eq!(both(&tar(&[("n", &packed)])), [refused("x/n/n/n/n", SkipReason::ArchiveDepth, 1, innermost)]);

    let mut layers = TEXT.to_vec();
    (0..LAYERS).for_each(|_| layers = gz(&layers));
    assert_eq!(both(&layers), [good("x", TEXT)]);
    assert_eq!(both(&gz(&layers))[0].troubles.iter().next().map(|t| t.reason), Some(SkipReason::ArchiveDepth));
}

#[test]
fn a_cut_archive_gives_what_came_before_and_says_so() {
    let members: &[(&str, &[u8])] = &[("a", TEXT), ("b", TEXT), ("c", TEXT)];
    let (plain, zipped) = (tar(members), zip_deflated(members));
    let whole: Vec<String> = piped(&plain).into_iter().flat_map(|one| one.lines.unwrap()).collect();
    // Below the first number of bytes nothing tells an archive; from the last on nothing is missing.
    for (packed, first, last) in [
        (&plain, 512, plain.len() - 512),
        (&gz(&plain), 2, usize::MAX),
        (&zst(&plain), 4, usize::MAX),
        (&xz(&plain), 6, usize::MAX),
        (&bz2(&plain), 3, usize::MAX),
        (&zipped, 4, usize::MAX),
        (&gz(&zipped), 2, usize::MAX),
    ] {
        for cut in first..packed.len() {
            let seen = piped(&packed[..cut]);
            // What is left of a header that is too short to be one reads as odd lines of its own.
            let all = seen.iter().filter_map(|one| one.lines.as_ref()).flatten();
            let lines: Vec<&String> = all.filter(|line| line.starts_with('{')).collect();
            let complete = lines.len().saturating_sub(1);
            assert!(lines.iter().take(complete).zip(&whole).all(|(a, b)| *a == b), "cut at {cut}");
            let said = seen.iter().any(|one| !one.troubles.is_empty());
            assert_eq!(said, cut < last, "cut at {cut} of {}", packed.len());
        }
    }
}

#[test]
fn budgets_cut_and_say_so() {
    let text = b"0123456\n".repeat(1000);
    let members: &[(&str, &[u8])] = &[("a", &text), ("b", TEXT)];
    let cut = |name: &str, bytes| Seen { troubles: Troubles::of(SkipReason::BudgetDecompressed, 0), ..good(name, &text[..bytes]) };
    // A source's own budget: the next is not concerned.
    for packed in [gz(&tar(members)), zip_deflated(members)] {
        let seen = piped_with(&packed, &Budget::new(800, u64::MAX));
        assert_eq!(seen, [cut("x/a", 800), good("x/b", TEXT)]);
    }
    // The run's: what comes later is not read, and the archive says so too.
    let seen = piped_with(&gz(&tar(members)), &Budget::new(u64::MAX, 512 + 800));
    assert_eq!(seen[0], cut("x/a", 800));
    assert_eq!(seen[1].troubles, Troubles::of(SkipReason::BudgetDecompressed, 0));
    // Bytes that lie there as they are cost nothing.
    for packed in [text.clone(), tar(members), zip(members, CompressionMethod::Stored)] {
        assert!(piped_with(&packed, &Budget::new(10, 10)).iter().all(|one| one.troubles.is_empty()));
    }
}

#[test]
fn a_zip_that_cannot_be_sought_in_is_held_up_to_a_limit() {
    let packed = zip_deflated(&[("a", TEXT)]);
    let (budget, meter) = (Budget::default(), Meter::new());
    for (bytes, reason, name) in
        [(packed.clone(), SkipReason::FileTooLarge, "x"), (tar(&[("z", &packed)]), SkipReason::ArchiveDepth, "x/z")]
    {
        let seen = collect(|visit| {
            let buffer = packed.len() as u64 - 1;
            let mut reading = Reading { budget: &budget, meter: &meter, purse: PURSE, buffer, visit };
            reading.open(Blocks::new(Pipe::new(&bytes[..], &meter)), Place::new(Name::of_text("x")));
        });
        assert_eq!(seen, [refused(name, reason, 1, packed.len() as u64)]);
    }
}

#[test]
fn the_number_of_members_is_limited() {
    let names: Vec<String> = (0..10).map(|n| n.to_string()).collect();
    let members: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), TEXT)).collect();
    let (budget, meter) = (Budget::default(), Meter::new());
    for packed in [tar(&members), zip_deflated(&members)] {
        let seen = collect(|visit| {
            let mut reading = Reading { budget: &budget, meter: &meter, purse: 4 * (RECORD + 5), buffer: BUFFERED, visit };
            reading.open(Blocks::new(Pipe::new(&packed[..], &meter)), Place::new(Name::of_text("x")));
        });
        assert_eq!(seen.iter().filter(|one| one.lines.is_some()).count(), 4);
        assert_eq!(
            seen.last().unwrap().troubles.iter().next(),
            Some(Trouble { reason: SkipReason::ArchiveMembers, count: 6, bytes: 0 })
        );
    }
}

#[test]
fn times_come_from_the_medium() {
    let member: &[(&str, &[u8])] = &[("a", TEXT)];
    let time_of = |bytes: &[u8]| {
        let (budget, meter, mut time) = (Budget::default(), Meter::new(), None);
        let visit = &mut |found: Found<'_, '_>| {
            if let Found::Source(stream) = found {
                time = stream.modified();
            }
        };
        let mut reading = Reading { budget: &budget, meter: &meter, purse: PURSE, buffer: BUFFERED, visit };
        reading.open(Blocks::new(Pipe::new(bytes, &meter)), Place::new(Name::of_text("x")));
        time
    };
    assert_eq!(time_of(TEXT), None);
    assert_eq!(time_of(&gz(&tar(member))), Some(Stamp::utc(1_767_225_600_000)));
    // 2026-01-02 03:04:06 in the packed form of DOS, and what is no date.
    let dated = [(0x5c22u16, 0x1883u16, Stamp::parse("2026-01-02 03:04:06")), (0, 0, None)];
    for (date, time, want) in dated {
        let mut bytes = zip_deflated(member);
        for (offset, value) in [(12, time), (14, date)] {
            bytes = poked(&bytes, b"PK\x01\x02", offset, value as u8);
            bytes = poked(&bytes, b"PK\x01\x02", offset + 1, (value >> 8) as u8);
        }
        assert_eq!(time_of(&bytes), want);
    }
}

/// A few thousand damaged containers: nothing panics, everything ends, and no more comes out
/// than the budget allows.
#[test]
fn no_damage_makes_it_fail() {
    let members: &[(&str, &[u8])] = &[("a", TEXT), ("d/b", b"other\n"), ("c.gz", &gz(TEXT))];
    let samples = [
        tar(members),
        zip_deflated(members),
        zip(members, CompressionMethod::Stored),
        gz(TEXT),
        zst(TEXT),
        xz(TEXT),
        bz2(TEXT),
        gz(&tar(members)),
        tar(&[("z", &zip_deflated(members)), ("t", &tar(members))]),
    ];
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below.max(1) as u64) as usize
    };
    for round in 0..3000 {
        let mut bytes = samples[round % samples.len()].clone();
        for _ in 0..=random(4) {
            let (at, len) = (random(bytes.len()), random(40));
            match random(4) {
                0 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff, b'7'][random(6)],
                1 => bytes[at] ^= 1 << random(8),
                2 => drop(bytes.drain(at..(at + len).min(bytes.len()))),
                _ => bytes.splice(at..at, vec![0xff; len]).for_each(drop),
            }
            bytes.push(0);
        }
        let budget = Budget::new(1 << 20, 1 << 22);
        let given: u64 = piped_with(&bytes, &budget).iter().filter(|one| one.lines.is_some()).map(|one| one.bytes).sum();
        assert!(given <= (1 << 22) + bytes.len() as u64 * 8, "round {round}");
    }
}
