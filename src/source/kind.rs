//! What kind of bytes these are, told from the bytes alone.
//!
//! Names are never asked: a rotated log may be gzip without saying so, and `x.gz` may be plain.

use super::{bzip2, xz, zstd};

/// How many bytes [`of`] wants to see (fewer only if there are no more): one tar header.
pub(super) const LOOK: usize = 512;

/// A container, or something to be read as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Gzip,
    Zstd,
    Xz,
    Bzip2,
    Tar,
    Zip,
    Plain,
}

/// The kind of what starts with `head`.
pub(super) fn of(head: &[u8]) -> Kind {
    match head {
        // RFC 1952: two magic bytes, and 8 is the only method there is.
        [0x1f, 0x8b] | [0x1f, 0x8b, 8, ..] => Kind::Gzip,
        // RFC 8878: a frame, or a skippable frame as some parallel compressors put in front.
        _ if zstd::begins(head) => Kind::Zstd,
        _ if head.starts_with(xz::MAGIC) => Kind::Xz,
        _ if bzip2::begins(head) => Kind::Bzip2,
        // A member, the end record of an empty archive, or the mark of a split one.
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, ..] => Kind::Zip,
        _ if is_tar(head) => Kind::Tar,
        _ => Kind::Plain,
    }
}

/// Names of what carries an archive behind a program that unpacks it, and of archives.
const CARRIERS: &[&str] = &["zip", "exe", "sh", "run", "bin", "jar"];

/// Could what starts with `head` carry a zip at its end? A program or script does, or something
/// of that name; what is read as it is (text, databases and their logs) does not.
pub(super) fn may_carry_zip(head: &[u8], name: &str) -> bool {
    let head = head.get(..LOOK).unwrap_or(head);
    let named = name.rsplit_once('.').is_some_and(|(_, end)| CARRIERS.iter().any(|known| known.eq_ignore_ascii_case(end)));
    let read = head.starts_with(b"SQLite format 3\0") || head.starts_with(&[0x37, 0x7f, 0x06]);
    let program = head.starts_with(b"#!") || head.first() != Some(&0) && head.contains(&0);
    named || program && !read
}

/// A tar header: its checksum is right, or it bears the mark of ustar and is no text (so that a
/// log line with that word in the right column stays a log line, and an archive whose first
/// header is damaged is called an archive).
fn is_tar(head: &[u8]) -> bool {
    let Some(header) = head.get(..LOOK) else { return false };
    checksum_fits(header) || (header[257..262] == *b"ustar" && header.contains(&0))
}

/// Sum of all header bytes, its own field counted as blanks, against the octal number there.
fn checksum_fits(header: &[u8]) -> bool {
    let field = header[148..156].split(|b| *b == 0).next().unwrap_or_default();
    let stated = std::str::from_utf8(field).ok().and_then(|text| u32::from_str_radix(text.trim(), 8).ok());
    let sum: u32 = header.iter().enumerate().map(|(at, b)| if (148..156).contains(&at) { 32 } else { u32::from(*b) }).sum();
    header[0] != 0 && stated == Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tar_header(magic: &[u8]) -> Vec<u8> {
        let mut header = vec![0; LOOK];
        header[..5].copy_from_slice(b"a.txt");
        header[257..257 + magic.len()].copy_from_slice(magic);
        let sum: u32 = header.iter().map(|b| u32::from(*b)).sum::<u32>() + 8 * 32;
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        header
    }

    #[test]
    fn kinds_are_told_by_content() {
        assert_eq!(of(b"\x1f\x8b\x08\0"), Kind::Gzip);
        assert_eq!(of(b"\x1f\x8b"), Kind::Gzip);
        assert_eq!(of(b"\x1f\x8b\x07\0"), Kind::Plain);
        assert_eq!(of(b"\x28\xb5\x2f\xfd\0"), Kind::Zstd);
        assert_eq!(of(b"\x51\x2a\x4d\x18\0\0\0\0"), Kind::Zstd);
        assert_eq!(of(b"\xfd7zXZ\0\0\x04"), Kind::Xz);
        assert_eq!(of(b"BZh91AY&SY"), Kind::Bzip2);
        assert_eq!(of(b"BZh9"), Kind::Bzip2);
        assert_eq!(of(b"BZh9 is what a stream begins with"), Kind::Plain);
        assert_eq!(of(b"PK\x05\x06"), Kind::Zip);
        assert_eq!(of(&tar_header(b"ustar\0")), Kind::Tar);
        assert_eq!(of(&tar_header(b"")), Kind::Tar);
        assert_eq!(of(b""), Kind::Plain);
        assert_eq!(of(&[0; LOOK]), Kind::Plain);
    }

    #[test]
    fn programs_may_carry_an_archive_and_text_and_databases_do_not() {
        for head in [&b"#!/bin/sh\nexec"[..], b"MZ\x90\0", b"\x7fELF\x02\x01\0", b"\xff\xd8\xff\xe0\0\x10JFIF\0"] {
            assert!(may_carry_zip(head, "x/download"));
        }
        assert!(may_carry_zip(b"text", "a/bundle.ZIP") && may_carry_zip(b"text", "x.run"));
        for head in [&b"{\"type\":1}\n"[..], b"SQLite format 3\0\x10\0", b"\x37\x7f\x06\x82\0\0", b"\0\0\0{}", b""] {
            assert!(!may_carry_zip(head, "x/a.jsonl"));
        }
    }

    #[test]
    fn a_line_with_the_word_in_that_column_is_no_archive_and_a_damaged_header_is_one() {
        let mut line = vec![b'x'; LOOK];
        line[257..262].copy_from_slice(b"ustar");
        assert_eq!(of(&line), Kind::Plain);
        let mut header = tar_header(b"ustar\0");
        header[0] = b'b';
        assert_eq!(of(&header), Kind::Tar);
    }
}
