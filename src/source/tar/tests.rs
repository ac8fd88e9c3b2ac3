//! Tar archives, sound and damaged.

#![allow(clippy::unwrap_used)]

use super::super::Budget;
use super::super::samples::{tar, tar_header};
use super::super::witness::{TEXT, both, good, piped_with, refused};
use super::*;
use ::tar::Builder;

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
fn padding_of_any_length_is_padding() {
    let (one, two) = (tar(&[("a", TEXT)]), tar(&[("b", TEXT)]));
    for records in (0..600).step_by(23) {
        let packed = [&one[..], &vec![0; records * RECORD], &two].concat();
        // A small first buffer, so that reads do not end where records do.
        let mut seen = Vec::new();
        let (budget, meter) = (Budget::default(), super::super::Meter::new());
        let visit = &mut |found: super::super::Found<'_, '_>| match found {
            super::super::Found::Source(stream) => seen.push(stream.name().file().to_owned()),
            super::super::Found::Refused(refused) => panic!("{refused:?}"),
        };
        let place = Place::new(super::super::Name::of_text("x"));
        Reading::new(&budget, &meter, visit).open(Blocks::sized(&packed[..], 1500), place);
        assert_eq!(seen, ["a", "b"], "{records}");
    }
}

#[test]
fn a_volume_label_is_no_member() {
    let mut label = vec![0; RECORD];
    label[..5].copy_from_slice(b"label");
    label[156] = b'V';
    let sum: u32 = label.iter().map(|b| u32::from(*b)).sum::<u32>() + 8 * 32;
    label[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    assert_eq!(both(&[label, tar(&[("a", TEXT)])].concat()), [good("x/a", TEXT)]);
}

#[test]
fn a_map_of_holes_is_not_data() {
    let mut builder = Builder::new(Vec::new());
    let map = format!("{:\0<512}", "2\n0\n24\n1048576\n0\n");
    let stored = [map.as_bytes(), TEXT].concat();
    let fields: [(&str, &[u8]); 3] = [("GNU.sparse.major", b"1"), ("GNU.sparse.minor", b"0"), ("GNU.sparse.name", b"d/a")];
    builder.append_pax_extensions(fields).unwrap();
    builder.append_data(&mut tar_header(EntryType::Regular, stored.len()), "d/GNUSparseFile.1/a", &stored[..]).unwrap();
    let packed = builder.into_inner().unwrap();
    assert_eq!(both(&packed), [super::super::witness::Seen { bytes: stored.len() as u64, ..good("x/d/a", TEXT) }]);
}

#[test]
fn an_archive_that_holds_nothing_is_said_to_be_there() {
    let mut builder = Builder::new(Vec::new());
    builder.append_data(&mut tar_header(EntryType::Directory, 0), "d/", &b""[..]).unwrap();
    let seen = both(&builder.into_inner().unwrap());
    assert_eq!((seen.len(), seen[0].lines.as_ref(), seen[0].bytes), (1, None, 0));
}
