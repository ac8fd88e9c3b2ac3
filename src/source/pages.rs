//! Form feeds and vertical tabs: what a printer or a pager puts between pages, and no record holds at
//! either end.
//!
//! It is apart because it is decided once for all readers: [`inside`] is taken of every line and
//! document before it is handed to one, and [`without_breaks`] of the start by which a format is told.

use std::ops::Range;

/// `bytes` without the page breaks at their ends, and the blanks beyond those.
pub fn inside(bytes: &[u8]) -> &[u8] {
    bytes.get(range(bytes)).unwrap_or_default()
}

/// Where that stands.
pub fn range(bytes: &[u8]) -> Range<usize> {
    // As nearly all lines: no blank at either end.
    if bytes.first().zip(bytes.last()).is_some_and(|(first, last)| !is_blank(*first) && !is_blank(*last)) {
        return 0..bytes.len();
    }
    let leading = bytes.iter().take_while(|b| is_blank(**b)).count();
    let (start, rest) = bytes.split_at(leading);
    let from = start.iter().rposition(|b| is_break(*b)).map_or(0, |at| at + 1);
    let trailing = rest.iter().rev().take_while(|b| is_blank(**b)).count();
    let tail = rest.len() - trailing;
    let to = rest.iter().skip(tail).position(|b| is_break(*b)).map_or(rest.len(), |at| tail + at);
    from..from.max(leading + to)
}

/// The same of every line of a text; None where that leaves it as it is, or where it is no text.
pub fn without_breaks(text: &[u8]) -> Option<Vec<u8>> {
    if memchr::memchr2(0x0b, 0x0c, text).is_none() || memchr::memchr(0, text).is_some() {
        return None;
    }
    let lines: Vec<&[u8]> = text.split(|b| *b == b'\n').map(inside).collect();
    Some(lines.join(&b'\n')).filter(|clean| clean.len() < text.len())
}

fn is_break(byte: u8) -> bool {
    matches!(byte, 0x0b | 0x0c)
}

fn is_blank(byte: u8) -> bool {
    is_break(byte) || matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_at_the_ends_go_and_nothing_else() {
        for (bytes, want) in [
            (&b""[..], &b""[..]),
            (b"x", b"x"),
            (b"  x \r", b"  x \r"),
            (b"\x0cx\x0b", b"x"),
            (b" \x0c\x0b  x \x0c\r", b"  x "),
            (b"a\x0cb", b"a\x0cb"),
            (b"\x0c", b""),
            (b" \x0c \x0b ", b" "),
            (b"\x0c \xff\x0c", b" \xff"),
        ] {
            assert_eq!(inside(bytes), want, "{bytes:?}");
        }
    }

    #[test]
    fn a_text_loses_them_in_every_line() {
        assert_eq!(without_breaks(b"\x0ca\n\x0c\nb\x0c\r\nc").as_deref(), Some(&b"a\n\nb\nc"[..]));
        for text in [&b"a\nb"[..], b"a\x0cb\n", b"\x0ca\0\n"] {
            assert_eq!(without_breaks(text), None, "{text:?}");
        }
    }
}
