//! Zip archives, sound and damaged.

#![allow(clippy::unwrap_used)]

use super::super::samples::{patched, poked, zip_deflated};
use super::super::witness::{TEXT, both, good, refused};
use super::*;
use std::io::Cursor;

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
