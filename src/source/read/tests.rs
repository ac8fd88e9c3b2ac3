#![allow(clippy::unwrap_used)]

use super::super::samples::{gz, patched, poked, tar, tar_header, zip, zip_deflated, zst};
use super::super::{Row, Trouble, discover};
use super::*;
use crate::plan::Root;
use ::tar::{Builder, EntryType};
use ::zip::CompressionMethod;

const TEXT: &[u8] = b"{\"a\":1}\n{\"b\":2}\r\n{\"c\":3}\n";

/// What a visitor saw: name, lines (None for what was refused), bytes, troubles.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    name: String,
    lines: Option<Vec<String>>,
    bytes: u64,
    troubles: Troubles,
}

fn collect(run: impl FnOnce(&mut dyn FnMut(Found<'_, '_>))) -> Vec<Seen> {
    let mut seen = Vec::new();
    run(&mut |found| match found {
        Found::Refused(refused) => {
            assert!(!refused.troubles.is_empty());
            let bytes = refused.troubles.bytes();
            seen.push(Seen { name: refused.name.private().to_owned(), lines: None, bytes, troubles: refused.troubles });
        }
        Found::Source(stream) => {
            let mut lines = Vec::new();
            stream.lines(1 << 20, |row| {
                if let Row::Line(line, _) = row {
                    lines.push(String::from_utf8_lossy(line.bytes).into_owned());
                }
            });
            let (bytes, troubles) = stream.finish();
            seen.push(Seen { name: stream.name().private().to_owned(), lines: Some(lines), bytes, troubles });
        }
    });
    seen
}

/// From a pipe.
fn piped_with(bytes: &[u8], budget: &Budget) -> Vec<Seen> {
    let meter = Meter::new();
    let seen = collect(|visit| {
        let mut reading = Reading { budget, meter: &meter, purse: PURSE, buffer: BUFFERED, visit };
        reading.open(Blocks::new(Pipe::new(bytes, &meter)), Place::new(Name::of_text("x")));
    });
    assert!(budget.was_hit() || meter.read() == bytes.len() as u64, "{} of {}", meter.read(), bytes.len());
    seen
}

fn piped(bytes: &[u8]) -> Vec<Seen> {
    piped_with(bytes, &Budget::default())
}

/// From a file.
fn on_disk(bytes: &[u8]) -> Vec<Seen> {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("x");
    std::fs::write(&path, bytes).unwrap();
    let inputs = discover(&[Root::Path(path.clone())]).unwrap();
    let (budget, meter) = (Budget::default(), Meter::new());
    let mut seen = collect(|visit| inputs.iter().for_each(|input| read(input, &budget, &meter, visit)));
    assert_eq!(meter.read(), bytes.len() as u64);
    let prefix = Name::of_path(&path);
    seen.iter_mut().for_each(|one| one.name = one.name.replace(prefix.private(), "x"));
    seen
}

fn both(bytes: &[u8]) -> Vec<Seen> {
    let seen = piped(bytes);
    assert_eq!(on_disk(bytes), seen);
    seen
}

fn good(name: &str, text: &[u8]) -> Seen {
    let lines = String::from_utf8_lossy(text).lines().map(str::to_owned).collect();
    Seen { name: name.to_owned(), lines: Some(lines), bytes: text.len() as u64, troubles: Troubles::default() }
}

fn refused(name: &str, reason: SkipReason, count: u64, bytes: u64) -> Seen {
    let mut troubles = Troubles::default();
    troubles.add(Trouble { reason, count, bytes });
    Seen { name: name.to_owned(), lines: None, bytes, troubles }
}

#[test]
fn every_container_gives_the_same_lines() {
    let member: &[(&str, &[u8])] = &[("d/a.jsonl", TEXT)];
    for (packed, name) in [
        (TEXT.to_vec(), "x"),
        (gz(TEXT), "x"),
        (zst(TEXT), "x"),
        (zst(&gz(&gz(TEXT))), "x"),
        (tar(member), "x/d/a.jsonl"),
        (gz(&tar(member)), "x/d/a.jsonl"),
        (zst(&tar(member)), "x/d/a.jsonl"),
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
        (&zipped, 4, usize::MAX),
        (&gz(&zipped), 2, usize::MAX),
    ] {
        for cut in first..packed.len() {
            let seen = piped(&packed[..cut]);
            let lines: Vec<&String> = seen.iter().filter_map(|one| one.lines.as_ref()).flatten().collect();
            let complete = lines.len().saturating_sub(1);
            assert!(lines.iter().take(complete).zip(&whole).all(|(a, b)| *a == b), "cut at {cut}");
            let said = seen.iter().any(|one| !one.troubles.is_empty());
            assert_eq!(said, cut < last, "cut at {cut} of {}", packed.len());
        }
    }
}

#[test]
fn links_and_devices_are_counted_and_folders_are_not() {
    let mut builder = Builder::new(Vec::new());
    for kind in [EntryType::Symlink, EntryType::Link, EntryType::Fifo, EntryType::Char, EntryType::Block] {
        let mut header = tar_header(kind, 0);
        header.set_link_name("/etc/passwd").unwrap();
        builder.append_data(&mut header, "l", &b""[..]).unwrap();
    }
    builder.append_data(&mut tar_header(EntryType::Directory, 0), "d/", &b""[..]).unwrap();
    builder.append_data(&mut tar_header(EntryType::Regular, TEXT.len()), "../../../a", TEXT).unwrap_err();
    builder.append_data(&mut tar_header(EntryType::Continuous, TEXT.len()), "a", TEXT).unwrap();
    let packed = builder.into_inner().unwrap();
    assert_eq!(both(&packed), [good("x/a", TEXT), refused("x", SkipReason::MemberNotRegular, 5, 0)]);
}

#[test]
fn a_long_name_is_read_and_an_endless_one_is_not() {
    let long = "d/".repeat(1000) + "a.jsonl";
    assert_eq!(both(&tar(&[(&long, TEXT)])), [good(&format!("x/{long}"), TEXT)]);

    for kind in [EntryType::GNULongName, EntryType::GNULongLink, EntryType::XHeader] {
        let mut builder = Builder::new(Vec::new());
        builder.append_data(&mut tar_header(EntryType::Regular, TEXT.len()), "a", TEXT).unwrap();
        let name = vec![b'n'; 2 << 20];
        builder.append(&tar_header(kind, name.len()), &name[..]).unwrap();
        builder.append_data(&mut tar_header(EntryType::Regular, TEXT.len()), "b", TEXT).unwrap();
        let packed = builder.into_inner().unwrap();
        let seen = both(&packed);
        assert_eq!((seen.len(), &seen[0]), (2, &good("x/a", TEXT)));
        let trouble = seen[1].troubles.iter().next().unwrap();
        assert_eq!(trouble.reason, SkipReason::ArchiveMetadata);
        assert!(trouble.bytes >= 1 << 20 && trouble.bytes < 3 << 20, "{}", trouble.bytes);
    }
}

#[test]
fn joined_and_damaged_archives() {
    let (one, two) = (tar(&[("a", TEXT)]), tar(&[("b", TEXT)]));
    let padding = vec![0; 5 << 20];
    assert_eq!(both(&[&one[..], &two, &padding].concat()), [good("x/a", TEXT), good("x/b", TEXT)]);
    assert_eq!(both(&[&one[..], &padding, &two].concat()), [good("x/a", TEXT), good("x/b", TEXT)]);

    let damaged = [&one[..1024], &[b'?'; 512], &two].concat();
    let seen = both(&damaged);
    assert_eq!((seen.len(), &seen[0]), (2, &good("x/a", TEXT)));
    assert_eq!(seen[1].troubles.iter().next().map(|t| t.reason), Some(SkipReason::ArchiveMetadata));
}

#[test]
fn a_sparse_member_cannot_expand_without_end() {
    let mut header = tar_header(EntryType::GNUSparse, 0);
    let gnu = header.as_gnu_mut().unwrap();
    gnu.set_real_size(1 << 40);
    gnu.sparse[0].set_offset(1 << 40);
    gnu.sparse[0].set_length(0);
    header.set_path("hole").unwrap();
    header.set_cksum();
    let packed = [header.as_bytes().to_vec(), tar(&[("a", TEXT)])].concat();
    let seen = piped_with(&packed, &Budget::new(1 << 20, 2 << 20));
    assert_eq!((seen[0].name.as_str(), seen[0].bytes), ("x/hole", 1 << 20));
    assert_eq!(seen[0].troubles, Troubles::of(SkipReason::BudgetDecompressed, 0));
    assert_eq!(seen[1..], [good("x/a", TEXT)]);
}

#[test]
fn each_record_of_a_zip_is_a_member() {
    let two = zip_deflated(&[("dup1", TEXT), ("dup2", b"other\n")]);
    assert_eq!(both(&patched(&two, b"dup2", b"dup1")), [good("x/dup1", TEXT), good("x/dup1", b"other\n")]);
    // What stands before and behind the archive does not matter to its directory.
    let embedded = [&b"PK\x03\x04 a stub"[..], &two, b"trailer"].concat();
    assert_eq!(both(&embedded), [good("x/dup1", TEXT), good("x/dup2", b"other\n")]);
}

#[test]
fn what_a_zip_says_of_itself_is_checked() {
    let two = zip_deflated(&[("a", TEXT), ("b", b"other\n")]);
    let members = [good("x/a", TEXT), good("x/b", b"other\n")];
    for declared in [1, 5] {
        let lying = poked(&two, b"PK\x05\x06", 10, declared);
        let count = u64::from(declared).abs_diff(2);
        assert_eq!(both(&lying), [&members[..], &[refused("x", SkipReason::ArchiveMetadata, count, 0)]].concat());
    }
    // The second record is damaged: the first stands, one is missing.
    let mut damaged = two.clone();
    let second = memchr::memmem::rfind(&two, b"PK\x01\x02").unwrap();
    damaged[second] = b'?';
    assert_eq!(both(&damaged), [members[0].clone(), refused("x", SkipReason::ArchiveMetadata, 1, 0)]);
    // No directory at all.
    let len = two.len() as u64 - 22;
    assert_eq!(both(&two[..len as usize]), [refused("x", SkipReason::ArchiveMetadata, 1, len)]);
    // A wrong checksum, a wrong size.
    for field in [16, 24] {
        let seen = both(&poked(&two, b"PK\x01\x02", field, 0x77));
        assert_eq!(seen.len(), 2);
        assert!(seen.iter().all(|one| one.troubles == Troubles::of(SkipReason::ArchiveMetadata, 0) && one.bytes > 0));
    }
}

#[test]
fn members_of_a_zip_that_cannot_be_read_are_counted() {
    let two = zip_deflated(&[("a", TEXT), ("b", TEXT)]);
    for (offset, value, reason) in [
        (8, 1, SkipReason::ZipEncrypted),
        (10, 99, SkipReason::ZipMethod),
        (41, 0xa0, SkipReason::MemberNotRegular),
        (45, 0x7f, SkipReason::ArchiveMetadata),
    ] {
        assert_eq!(both(&poked(&two, b"PK\x01\x02", offset, value)), [refused("x", reason, 2, 0)], "{reason:?}");
    }
}

#[test]
fn zip64_and_folders() {
    let mut writer = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = ::zip::write::SimpleFileOptions::default().large_file(true);
    writer.add_directory("d", options).unwrap();
    writer.start_file("d/a", options).unwrap();
    std::io::Write::write_all(&mut writer, TEXT).unwrap();
    let plain = writer.finish().unwrap().into_inner();
    assert_eq!(both(&plain), [good("x/d/a", TEXT)]);

    // The same with a zip64 end record, as an archive of more than 65,535 members has.
    let end = memchr::memmem::rfind(&plain, b"PK\x05\x06").unwrap();
    let field = |at: usize| u64::from(u32::from_le_bytes(plain[end + at..end + at + 4].try_into().unwrap()));
    let mut wide = plain[..end].to_vec();
    wide.extend(b"PK\x06\x06\x2c\0\0\0\0\0\0\0\x2d\0\x2d\0\0\0\0\0\0\0\0\0");
    for number in [2, 2, field(12), field(16)] {
        wide.extend(number.to_le_bytes());
    }
    wide.extend(b"PK\x06\x07\0\0\0\0");
    wide.extend((end as u64).to_le_bytes());
    wide.extend(b"\x01\0\0\0PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0");
    assert_eq!(both(&wide), [good("x/d/a", TEXT)]);
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
            let mut reading = Reading { budget: &budget, meter: &meter, purse: 4 * (RECORD + 3), buffer: BUFFERED, visit };
            reading.open(Blocks::new(Pipe::new(&packed[..], &meter)), Place::new(Name::of_text("x")));
        });
        assert_eq!(seen.iter().filter(|one| one.lines.is_some()).count(), 4);
        assert_eq!(seen.last().unwrap().troubles.iter().next().map(|t| t.reason), Some(SkipReason::ArchiveMetadata));
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
