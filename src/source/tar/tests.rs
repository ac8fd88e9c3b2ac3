//! Tar archives, sound and damaged.

#![allow(clippy::unwrap_used)]

use super::super::Budget;
use super::super::samples::{tar, tar_header};
use super::super::witness::{Seen, TEXT, both, good, piped_with, refused};
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
            super::super::Found::Archive(closed) => assert!(closed.troubles.is_empty(), "{closed:?}"),
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

/// Fields of an extended header.
type Fields<'f> = &'f [(&'f str, &'f [u8])];

/// A member with this extended header and these stored bytes.
fn with_fields(fields: Fields<'_>, stored: &[u8]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    builder.append_pax_extensions(fields.iter().copied()).unwrap();
    builder.append_data(&mut tar_header(EntryType::Regular, stored.len()), "d/GNUSparseFile.1/a", stored).unwrap();
    builder.into_inner().unwrap()
}

#[test]
fn holes_are_filled_in_each_form_of_the_map() {
    // Two lines, a hole before and between them, and one at the end.
    let lines: &[u8] = b"{\"a\":1}\n{\"b\":2}\n";
    let map = format!("{:\0<512}", "3\n1000\n8\n2000000\n8\n3000000\n0\n");
    let in_data = [map.as_bytes(), lines].concat();
    let forms: [(Fields<'_>, &[u8]); 3] = [
        (&[("GNU.sparse.major", b"1"), ("GNU.sparse.minor", b"0"), ("GNU.sparse.realsize", b"3000000")], &in_data),
        (&[("GNU.sparse.size", b"3000000"), ("GNU.sparse.map", b"1000,8,2000000,8")], lines),
        (
            &[
                ("GNU.sparse.size", b"3000000"),
                ("GNU.sparse.offset", b"1000"),
                ("GNU.sparse.numbytes", b"8"),
                ("GNU.sparse.offset", b"2000000"),
                ("GNU.sparse.numbytes", b"8"),
            ],
            lines,
        ),
    ];
    for (fields, stored) in forms {
        let fields = [fields, &[("GNU.sparse.name", b"d/a")]].concat();
        assert_eq!(both(&with_fields(&fields, stored)), [Seen { bytes: 3_000_000, ..good("x/d/a", lines) }]);
        // A tape of a terabyte is cut by the budget.
        let vast: Vec<_> = fields.iter().map(|(k, v)| (*k, if *v == b"3000000" { &b"1099511627776"[..] } else { *v })).collect();
        let seen = piped_with(&with_fields(&vast, stored), &Budget::new(4 << 20, u64::MAX));
        assert_eq!((seen[0].bytes, &seen[0].troubles), (4 << 20, &Troubles::of(SkipReason::BudgetDecompressed, 0)));
    }
}

#[test]
fn a_map_that_makes_no_sense_is_data() {
    let maps = ["5,1,3,1", "0,8,4,8", "0,8,8", "18446744073709551615,2", "0,99999999"];
    for map in maps {
        let fields: [(&str, &[u8]); 2] = [("GNU.sparse.size", b"1000"), ("GNU.sparse.map", map.as_bytes())];
        assert_eq!(both(&with_fields(&fields, TEXT)), [good("x/d/GNUSparseFile.1/a", TEXT)], "{map}");
    }
    for stored in ["", "1\n", "1\n0\n8\n", "x\n0\n8\n", "18446744073709551615\n1\n"] {
        let stored = [stored.as_bytes(), TEXT].concat();
        let fields: [(&str, &[u8]); 2] = [("GNU.sparse.major", b"1"), ("GNU.sparse.realsize", b"1000")];
        assert_eq!(both(&with_fields(&fields, &stored)), [good("x/d/GNUSparseFile.1/a", &stored)]);
    }
}

#[test]
fn an_archive_that_holds_nothing_is_said_to_be_there() {
    let mut builder = Builder::new(Vec::new());
    builder.append_data(&mut tar_header(EntryType::Directory, 0), "d/", &b""[..]).unwrap();
    let seen = both(&builder.into_inner().unwrap());
    assert_eq!((seen.len(), seen[0].lines.as_ref(), seen[0].bytes), (1, None, 0));
}
