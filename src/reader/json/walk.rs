//! The grammar of JSON, walked once over the bytes without building anything.
//!
//! It is apart because it is the one place that says what is an object and what is not; the
//! policy at the head of [`super`] is decided here. The walk keeps its open brackets as bits of
//! one number, so nesting costs no stack, and a string is passed over by looking for its end.

use super::unescape::unescape;
use std::borrow::Cow;

/// Most brackets that may be open at once.
pub(super) const DEPTH: u32 = 128;

/// Why a text is not what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// Against the grammar, or cut off.
    Syntax,
    /// A raw control character inside a string.
    Control,
    /// More than [`DEPTH`] brackets are open.
    Depth,
}

/// Call `each` with every member of the object that is `text`, in the order of the text.
pub(super) fn object<'a>(text: &'a str, mut each: impl FnMut(Cow<'a, str>, &'a str)) -> Result<(), Flaw> {
    let mut walk = Walk::new(text.as_bytes());
    if walk.next() == Some(b'[') {
        // No record, and perhaps deeper than any is.
        return Err(walk.value(0).err().filter(|flaw| *flaw == Flaw::Depth).unwrap_or(Flaw::Syntax));
    }
    walk.object(|key, value| {
        let raw = text.get(value.0..value.1).unwrap_or_default();
        each(unescape(text.get(key.0..key.1).unwrap_or_default()), raw);
    })?;
    walk.end()
}

/// Call `each` with every item of the array that is `text`.
pub(super) fn array<'a>(text: &'a str, mut each: impl FnMut(&'a str)) -> Result<(), Flaw> {
    let mut walk = Walk::new(text.as_bytes());
    walk.take(b'[')?;
    if !walk.takes(b']') {
        loop {
            let start = walk.next_at();
            walk.value(1)?;
            each(text.get(start..walk.at).unwrap_or_default());
            if !walk.goes_on(b']')? {
                break;
            }
        }
    }
    walk.end()
}

/// Length of the object at the start of `bytes`, whatever follows it; None when there is none.
pub(super) fn object_len(bytes: &[u8]) -> Option<usize> {
    let mut walk = Walk::new(bytes);
    walk.object(|_, _| {}).ok()?;
    Some(walk.at)
}

/// From where to where.
type Span = (usize, usize);

/// A place in a text.
struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Walk<'a> {
    fn new(bytes: &'a [u8]) -> Walk<'a> {
        Walk { bytes, at: 0 }
    }

    fn object(&mut self, mut each: impl FnMut(Span, Span)) -> Result<(), Flaw> {
        self.take(b'{')?;
        if self.takes(b'}') {
            return Ok(());
        }
        loop {
            let key = self.key()?;
            let start = self.next_at();
            self.value(1)?;
            each(key, (start, self.at));
            if !self.goes_on(b'}')? {
                return Ok(());
            }
        }
    }

    /// Pass over one value; `open` brackets are open around it.
    fn value(&mut self, open: u32) -> Result<(), Flaw> {
        // The brackets opened here, the innermost in the lowest bit: 1 for an object.
        let (mut kinds, mut depth) = (0u128, 0u32);
        loop {
            let bracket = match self.next() {
                Some(b'"') => None,
                Some(b'{') => Some(true),
                Some(b'[') => Some(false),
                _ => None,
            };
            if let Some(is_object) = bracket {
                depth += 1;
                if depth + open > DEPTH {
                    return Err(Flaw::Depth);
                }
                kinds = kinds << 1 | u128::from(is_object);
                self.at += 1;
                if !self.takes(if is_object { b'}' } else { b']' }) {
                    if is_object {
                        self.key()?;
                    }
                    continue;
                }
                (kinds, depth) = (kinds >> 1, depth - 1);
            } else {
                self.scalar()?;
            }
            loop {
                if depth == 0 {
                    return Ok(());
                }
                let is_object = kinds & 1 == 1;
                if self.goes_on(if is_object { b'}' } else { b']' })? {
                    if is_object {
                        self.key()?;
                    }
                    break;
                }
                (kinds, depth) = (kinds >> 1, depth - 1);
            }
        }
    }

    /// A member's name, and the colon behind it.
    fn key(&mut self) -> Result<Span, Flaw> {
        if self.next() != Some(b'"') {
            return Err(Flaw::Syntax);
        }
        let key = self.string()?;
        self.take(b':')?;
        Ok(key)
    }

    /// Behind a member or item: is there another? Takes the comma, or `close`.
    fn goes_on(&mut self, close: u8) -> Result<bool, Flaw> {
        let found = self.next();
        self.at += 1;
        match found {
            Some(b',') => Ok(true),
            Some(b) if b == close => Ok(false),
            _ => Err(Flaw::Syntax),
        }
    }

    fn scalar(&mut self) -> Result<(), Flaw> {
        match self.next() {
            Some(b'"') => self.string().map(drop),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word(b"true"),
            Some(b'f') => self.word(b"false"),
            Some(b'n') => self.word(b"null"),
            _ => Err(Flaw::Syntax),
        }
    }

    /// What stands between the quotes of the string that begins here.
    fn string(&mut self) -> Result<Span, Flaw> {
        self.at += 1;
        let start = self.at;
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let plain = plain_len(rest);
            self.at += plain + 1;
            match rest.get(plain) {
                Some(b'"') => return Ok((start, self.at - 1)),
                Some(b'\\') => self.escape()?,
                Some(_) => return Err(Flaw::Control),
                None => return Err(Flaw::Syntax),
            }
        }
    }

    /// What stands behind a backslash. Which character `\u` names does not matter here.
    fn escape(&mut self) -> Result<(), Flaw> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at += match rest.first() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 1,
            Some(b'u') if rest.get(1..5).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)) => 5,
            Some(b) if *b < 0x20 => return Err(Flaw::Control),
            _ => return Err(Flaw::Syntax),
        };
        Ok(())
    }

    fn number(&mut self) -> Result<(), Flaw> {
        self.at += usize::from(self.here() == Some(b'-'));
        match self.here() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.here() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.here(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.here(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Flaw> {
        let start = self.at;
        while self.here().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(Flaw::Syntax) }
    }

    fn word(&mut self, word: &[u8]) -> Result<(), Flaw> {
        let fits = self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(word));
        self.at += word.len();
        if fits { Ok(()) } else { Err(Flaw::Syntax) }
    }

    fn here(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// The next byte that is not blank.
    fn next(&mut self) -> Option<u8> {
        while matches!(self.here(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        self.here()
    }

    /// Where the next byte that is not blank stands.
    fn next_at(&mut self) -> usize {
        self.next();
        self.at
    }

    /// Pass over `want` if it comes next.
    fn takes(&mut self, want: u8) -> bool {
        let fits = self.next() == Some(want);
        self.at += usize::from(fits);
        fits
    }

    fn take(&mut self, want: u8) -> Result<(), Flaw> {
        if self.takes(want) { Ok(()) } else { Err(Flaw::Syntax) }
    }

    /// Nothing may follow.
    fn end(&mut self) -> Result<(), Flaw> {
        if self.next().is_none() { Ok(()) } else { Err(Flaw::Syntax) }
    }
}

/// How many bytes there are before the next quote, backslash or control character. Eight are
/// looked at at once: in a word with one of these in it, the lowest high bit that comes out set
/// belongs to the first of them.
fn plain_len(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGH: u64 = ONES << 7;
    let mut at = 0;
    for eight in bytes.chunks_exact(8) {
        let word = u64::from_le_bytes(<[u8; 8]>::try_from(eight).unwrap_or_default());
        let (quote, backslash) = (word ^ (ONES * u64::from(b'"')), word ^ (ONES * u64::from(b'\\')));
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let found = (control | quote.wrapping_sub(ONES) & !quote | backslash.wrapping_sub(ONES) & !backslash) & HIGH;
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|b| matches!(b, b'"' | b'\\' | 0..0x20)).unwrap_or(rest.len())
}
