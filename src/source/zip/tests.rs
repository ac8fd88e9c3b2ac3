//! Zip archives, sound and damaged.

#![allow(clippy::unwrap_used)]

use super::super::samples::{patched, poked, zip_deflated};
use super::super::trouble::Troubles;
use super::super::witness::{Seen, TEXT, both, good, refused};
use super::*;
use std::io::Cursor;

/// Of the archive itself.
fn said(reason: SkipReason, count: u64, bytes: u64) -> Seen {
    refused("x", reason, count, bytes)
}

#[test]
fn each_record_of_a_zip_is_a_member() {
    let two = zip_deflated(&[("dup1", TEXT), ("dup2", b"other\n")]);
    let twins = [good("x/dup1", TEXT), good("x/dup1#2", b"other\n")];
    assert_eq!(both(&patched(&two, b"dup2", b"dup1")), twins);
    // What stands before and behind the archive is counted, and does not matter to its directory.
    let embedded = [&b"PK\x03\x04 a stub"[..], &two, b"trailer"].concat();
    let unclaimed = said(SkipReason::ZipUnclaimed, 2, 11 + 7);
    assert_eq!(both(&embedded), [good("x/dup1", TEXT), good("x/dup2", b"other\n"), unclaimed]);
}

#[test]
fn what_a_zip_says_of_itself_is_checked() {
    let two = zip_deflated(&[("a", TEXT), ("b", b"other\n")]);
    let members = [good("x/a", TEXT), good("x/b", b"other\n")];
    for declared in [1, 5] {
        let lying = poked(&two, b"PK\x05\x06", 10, declared);
        let count = u64::from(declared).abs_diff(2);
        assert_eq!(both(&lying), [&members[..], &[said(SkipReason::ArchiveMetadata, count, 0)]].concat());
    }
    // A wrong checksum, a wrong size: of the member, and the directory is not what the header is.
    for field in [16, 24] {
        let seen = both(&poked(&two, b"PK\x01\x02", field, 0x77));
        assert_eq!(seen.len(), 3);
        assert!(seen[..2].iter().all(|one| one.troubles == Troubles::of(SkipReason::ZipMismatch, 0) && one.bytes > 0));
        assert_eq!(seen[2], said(SkipReason::ZipMismatch, 2, 0));
    }
    // Another name, another method in the member's own header.
    for (offset, value) in [(30, b'z'), (8, 0)] {
        let lying = poked(&two, b"PK\x03\x04", offset, value);
        assert_eq!(both(&lying), [&members[..], &[said(SkipReason::ZipMismatch, 2, 0)]].concat());
    }
}

#[test]
fn without_a_directory_members_are_found_by_their_own_headers() {
    let two = zip_deflated(&[("a", TEXT), ("b", b"other\n")]);
    let members = [good("x/a", TEXT), good("x/b", b"other\n")];
    let directory = memchr::memmem::find(&two, b"PK\x01\x02").unwrap();
    // Cut in the directory, before it, and in the end record.
    for cut in [two.len() - 1, two.len() - 22, directory + 5, directory] {
        let mut last = said(SkipReason::ZipDirectory, 1, 0);
        if cut > directory {
            last.troubles.note(SkipReason::ZipUnclaimed, (cut - directory) as u64);
            last.bytes = (cut - directory) as u64;
        }
        assert_eq!(both(&two[..cut]), [&members[..], &[last]].concat(), "cut at {cut}");
    }
    // Cut in the second member.
    let seen = both(&two[..directory - 1]);
    assert_eq!((seen.len(), &seen[0]), (3, &members[0]));
    assert_eq!(seen[1].troubles, Troubles::of(SkipReason::ZipTruncated, 0));
    // The second record is damaged: its member is found all the same.
    let mut damaged = two.clone();
    damaged[memchr::memmem::rfind(&two, b"PK\x01\x02").unwrap()] = b'?';
    assert_eq!(both(&damaged), [&members[..], &[said(SkipReason::ZipDirectory, 1, 0)]].concat());
}

#[test]
fn members_of_a_zip_that_cannot_be_read_are_counted() {
    let two = zip_deflated(&[("a", TEXT), ("b", TEXT)]);
    let packed = u64::from(two[18]);
    for (offset, value, reason) in
        [(8, 1, SkipReason::ZipEncrypted), (10, 99, SkipReason::ZipMethod), (41, 0xa0, SkipReason::MemberNotRegular)]
    {
        let mut want = said(reason, 2, 2 * packed);
        if reason == SkipReason::ZipMethod {
            // The members' own headers say otherwise.
            want.troubles = Troubles::of(SkipReason::ZipMismatch, 0);
            want.troubles.add(Trouble { reason, count: 2, bytes: 2 * packed });
            want.troubles.note(SkipReason::ZipMismatch, 0);
        }
        assert_eq!(both(&poked(&two, b"PK\x01\x02", offset, value)), [want], "{reason:?}");
    }
    // Records that lead nowhere: no member, and bytes that nobody claims.
    let directory = memchr::memmem::find(&two, b"PK\x01\x02").unwrap() as u64;
    let mut want = said(SkipReason::ArchiveMetadata, 2, 0);
    want.troubles.note(SkipReason::ZipUnclaimed, directory);
    want.bytes = directory;
    assert_eq!(both(&poked(&two, b"PK\x01\x02", 45, 0x7f)), [want]);
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
