//! The keys at the start of a JSON document, read without parsing it.
//!
//! Recognising a whole-file format must work on the first 64 KiB of a file of 40 MB, where the
//! document is cut somewhere. This walks the bytes once, tracks depth and strings, and notes the
//! keys of the first levels; it never decides what a value means.

use crate::reader::json;
use crate::source::Head;
use std::borrow::Cow;

/// Keys beyond this many tell nothing more.
const MOST_KEYS: usize = 600;

/// Keys deeper than this are not noted.
const DEEPEST: usize = 3;

/// The first keys of a document, each with its depth (1 is the outermost object).
#[derive(Debug, Default)]
pub(super) struct Outline<'a>(Vec<(usize, Cow<'a, [u8]>)>);

impl<'a> Outline<'a> {
    /// The outline of a source; empty when it does not begin with an object.
    pub(super) fn of(head: &Head<'a>) -> Outline<'a> {
        Outline::of_bytes(head.bytes)
    }

    fn of_bytes(bytes: &'a [u8]) -> Outline<'a> {
        let mut outline = Outline::default();
        if !bytes.trim_ascii_start().starts_with(b"{") {
            return outline;
        }
        let mut depth = 0usize;
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.saturating_sub(1),
                b'"' => {
                    let Some(inner) = string(&bytes[at + 1..]) else { break };
                    at += inner.len() + 1;
                    if depth <= DEEPEST && is_key(bytes.get(at + 1..).unwrap_or_default()) {
                        outline.0.push((depth, json::key(inner)));
                    }
                }
                _ => {}
            }
            if (depth == 0 && byte == b'}') || outline.0.len() >= MOST_KEYS {
                break;
            }
            at += 1;
        }
        outline
    }

    /// Does a key of this name stand at this depth?
    pub(super) fn has(&self, depth: usize, key: &str) -> bool {
        self.0.iter().any(|(d, k)| *d == depth && **k == *key.as_bytes())
    }

    /// Does a key that begins like this stand at this depth?
    pub(super) fn has_start(&self, depth: usize, start: &str) -> bool {
        self.0.iter().any(|(d, k)| *d == depth && k.starts_with(start.as_bytes()))
    }
}

/// What stands before the closing quote.
fn string(after_quote: &[u8]) -> Option<&[u8]> {
    let mut at = 0;
    loop {
        let rest = after_quote.get(at..)?;
        at += memchr::memchr2(b'"', b'\\', rest)?;
        if after_quote.get(at) == Some(&b'"') {
            return after_quote.get(..at);
        }
        at += 2;
    }
}

/// A string followed by a colon is a key.
fn is_key(after_string: &[u8]) -> bool {
    after_string.trim_ascii_start().first() == Some(&b':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_by_depth_even_in_a_cut_document() {
        let text = br#" {"a" : {"b\"":[{"c":"d:","e":1}],"f":"x"},"g":{"h":"cut"#;
        let outline = Outline::of_bytes(text);
        assert!(outline.has(1, "a") && outline.has(2, "f") && outline.has(1, "g") && outline.has(2, "h"));
        assert!(!outline.has(1, "c") && !outline.has(3, "c") && !outline.has(2, "d:"));
        assert!(Outline::of_bytes(b"[{\"a\":1}]").0.is_empty());
        assert!(!Outline::of_bytes(b"{\"a\":1}\n{\"b\":1}").has(1, "b"));
    }
}
