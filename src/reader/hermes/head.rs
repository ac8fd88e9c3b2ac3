//! What the first bytes of a file say about its JSON shape, also when the file goes on behind
//! them: the top-level keys of an object that may be cut anywhere.
//!
//! Apart from `json`, which needs a whole object: a Hermes session file can open with a tool list
//! longer than the bytes a format is shown.

use crate::reader::json;
use crate::source::Head;
use std::borrow::Cow;

/// Longest list of keys that is kept; an index with a key per chat may have thousands.
const MOST_KEYS: usize = 64;

/// Bytes in which the telling keys of a Hermes file stand; a home has tens of thousands of session
/// files, and each format looks at each of them.
const NEAR: usize = 4096;

/// Keys among the first bytes; see [`all_keys`].
pub(super) fn keys(bytes: &[u8]) -> Vec<Cow<'_, [u8]>> {
    all_keys(&bytes[..bytes.len().min(NEAR)])
}

/// Top-level keys of the object that starts at the first byte that is not blank, as far as the
/// bytes go. Empty when no object starts there.
pub(super) fn all_keys(bytes: &[u8]) -> Vec<Cow<'_, [u8]>> {
    let start = bytes.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(bytes.len());
    let mut scan = Scan { bytes, at: start, depth: 0, before: 0, keys: Vec::new() };
    if bytes.get(start) == Some(&b'{') {
        while scan.keys.len() < MOST_KEYS && scan.step() {}
    }
    scan.keys
}

/// Are all of `wanted` among the first keys?
pub(super) fn has_keys(bytes: &[u8], wanted: &[&str]) -> bool {
    let found = keys(bytes);
    wanted.iter().all(|want| found.iter().any(|key| **key == *want.as_bytes()))
}

/// The file is one JSON object, as far as can be seen (its first line need not be complete).
pub(super) fn is_object(head: &Head<'_>) -> bool {
    head.bytes.trim_ascii_start().first() == Some(&b'{')
}

/// Does `needle` stand in the bytes?
pub(super) fn contains(bytes: &[u8], needle: &str) -> bool {
    memchr::memmem::find(bytes, needle.as_bytes()).is_some()
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: u32,
    /// Last byte that was not blank and not part of a string.
    before: u8,
    keys: Vec<Cow<'a, [u8]>>,
}

impl<'a> Scan<'a> {
    /// One byte or one string further; false at the end of the object or of the bytes.
    fn step(&mut self) -> bool {
        let Some(&byte) = self.bytes.get(self.at) else { return false };
        self.at += 1;
        match byte {
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            b'"' => return self.string(),
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            self.before = byte;
        }
        self.depth > 0
    }

    /// A string whose opening quote was just passed: a key where an object waits for one.
    fn string(&mut self) -> bool {
        let start = self.at;
        while let Some(&byte) = self.bytes.get(self.at) {
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'"' => {
                    if self.depth == 1 && matches!(self.before, b'{' | b',') {
                        self.keys.push(json::key(self.bytes.get(start..self.at - 1).unwrap_or_default()));
                    }
                    self.before = b'"';
                    return true;
                }
                _ => {}
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_the_outer_object_only_and_of_cut_objects_too() {
        let text = br#" {"a": {"x": 1, "y": "}"}, "b\"c" : [1, {"z": 2}], "d": "e" , "f": "#;
        let want: Vec<&[u8]> = vec![b"a", b"b\"c", b"d", b"f"];
        assert_eq!(keys(text), want);
        assert!(has_keys(text, &["d", "f"]) && !has_keys(text, &["x"]));
        assert!(keys(b"[1]").is_empty() && keys(b"").is_empty() && keys(b"{\"a").is_empty());
        assert_eq!(keys(b"{\"a\":1}{\"b\":2}"), vec![b"a" as &[u8]]);
        assert_eq!(keys(b"{\"r\\u006fle\":1,\"x"), vec![b"role" as &[u8]]);
    }
}
