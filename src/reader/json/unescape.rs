//! What a JSON string says, from what stands between its quotes.
//!
//! It is apart from the walk because it is needed only for the few strings that a reader wants.
//! It never fails: a half of a surrogate pair, and an escape that is none, become U+FFFD.

use super::lenient;
use crate::event::Leniency;
use std::borrow::Cow;

/// The text of a string, given without its quotes.
pub(super) fn unescape(inner: &str) -> Cow<'_, str> {
    let Some(at) = memchr::memchr(b'\\', inner.as_bytes()) else { return Cow::Borrowed(inner) };
    let (plain, rest) = (inner.get(..at).unwrap_or_default(), inner.get(at + 1..).unwrap_or_default());
    let mut text = String::with_capacity(inner.len());
    text.push_str(plain);
    let mut rest = rest;
    loop {
        rest = escape(rest, &mut text);
        match rest.split_once('\\') {
            Some((plain, next)) => {
                text.push_str(plain);
                rest = next;
            }
            None => {
                text.push_str(rest);
                return Cow::Owned(text);
            }
        }
    }
}

/// Put the character that is escaped at the start of `rest` into `text`, and say what follows it.
fn escape<'a>(rest: &'a str, text: &mut String) -> &'a str {
    let mut chars = rest.chars();
    let simple = match chars.next() {
        Some(c @ ('"' | '\\' | '/')) => c,
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('u') => return unit(chars.as_str(), text),
        _ => char::REPLACEMENT_CHARACTER,
    };
    text.push(simple);
    chars.as_str()
}

/// The same behind `\u`, with the second half of a pair if this is the first.
fn unit<'a>(rest: &'a str, text: &mut String) -> &'a str {
    let Some((first, behind)) = hex(rest) else {
        text.push(char::REPLACEMENT_CHARACTER);
        return rest;
    };
    let second = behind.strip_prefix("\\u").and_then(hex);
    let pair = second.and_then(|(second, behind)| Some((char::decode_utf16([first, second]).next()?.ok()?, behind)));
    match pair.filter(|_| (0xd800..0xdc00).contains(&first)) {
        Some((c, behind)) => {
            text.push(c);
            behind
        }
        None => {
            text.push(char::from_u32(u32::from(first)).unwrap_or_else(|| {
                lenient::note(Leniency::LoneSurrogate);
                char::REPLACEMENT_CHARACTER
            }));
            behind
        }
    }
}

/// Four hexadecimal digits.
fn hex(text: &str) -> Option<(u16, &str)> {
    let digits = text.get(..4).filter(|four| four.bytes().all(|b| b.is_ascii_hexdigit()))?;
    Some((u16::from_str_radix(digits, 16).ok()?, text.get(4..)?))
}
