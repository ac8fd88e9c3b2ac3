//! The grammar of JSON, walked once over the bytes without building anything.
//!
//! It is apart because it is the one place that says what is an object and what is not; the
//! policy at the head of [`super`] is decided here. The walk keeps its open brackets as bits of
//! one number, so nesting costs no stack, and a string is passed over by looking for its end.

use super::string;
use super::unescape::unescape;
use crate::shortcuts;
use fearless_simd::{Level, Simd, dispatch};
use std::sync::LazyLock;

/// Most brackets that may be open at once.
pub(super) const DEPTH: u32 = 128;

/// What the processor offers, asked once.
pub(super) static LEVEL: LazyLock<Level> = LazyLock::new(Level::new);

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

/// What is found in an object: raw text of the name, and of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// A member.
    Member(&'a str, &'a str),
    /// The members of the next one, whose name was asked for, come before it.
    Enters,
    /// One of these.
    Inner(&'a str, &'a str),
}

/// Where [`Found`] goes.
type Each<'e, 'a> = &'e mut dyn FnMut(Found<'a>);

/// Call `each` with every member of the object that is `text`, in the order of the text; those of members that are
/// called `into` and are objects themselves as well.
pub(super) fn object<'a>(text: &'a str, into: Option<&str>, each: Each<'_, 'a>) -> Result<(), Flaw> {
    dispatch!(*LEVEL, simd => Walk::new(simd, text.as_bytes()).document(text, into, each))
}

/// Call `each` with every item of the array that is `text`.
pub(super) fn array<'a>(text: &'a str, each: &mut dyn FnMut(&'a str)) -> Result<(), Flaw> {
    dispatch!(*LEVEL, simd => Walk::new(simd, text.as_bytes()).list(text, each))
}

/// Length of the object at the start of `bytes`, whatever follows it; None when there is none.
pub(super) fn object_len(bytes: &[u8]) -> Option<usize> {
    dispatch!(*LEVEL, simd => {
        let mut walk = Walk::new(simd, bytes);
        (walk.next() == Some(b'{')).then_some(())?;
        walk.value(0).ok()?;
        Some(walk.at)
    })
}

/// From where to where.
type Span = (usize, usize);

/// A place in a text.
struct Walk<'a, S> {
    simd: S,
    bytes: &'a [u8],
    at: usize,
    /// Look at every byte by itself.
    by_bytes: bool,
}

impl<'a, S: Simd> Walk<'a, S> {
    #[inline(always)]
    fn new(simd: S, bytes: &'a [u8]) -> Walk<'a, S> {
        Walk { simd, bytes, at: 0, by_bytes: !shortcuts::are_taken() }
    }

    #[inline(always)]
    fn document(&mut self, text: &'a str, into: Option<&str>, each: Each<'_, 'a>) -> Result<(), Flaw> {
        if self.next() == Some(b'[') {
            // No record, and perhaps deeper than any is.
            return Err(self.value(0).err().filter(|flaw| *flaw == Flaw::Depth).unwrap_or(Flaw::Syntax));
        }
        self.members(text, |walk, key| {
            let start = walk.next_at();
            match into.filter(|into| is_name(key, into)) {
                Some(_) => walk.enter(text, each)?,
                None => walk.value(1)?,
            }
            each(Found::Member(key, text.get(start..walk.at).unwrap_or_default()));
            Ok(())
        })?;
        self.end()
    }

    /// Pass over the value of a member that was asked for.
    #[inline(always)]
    fn enter(&mut self, text: &'a str, each: Each<'_, 'a>) -> Result<(), Flaw> {
        each(Found::Enters);
        if self.next() != Some(b'{') {
            return self.value(1);
        }
        self.members(text, |walk, key| {
            let start = walk.next_at();
            walk.value(2)?;
            each(Found::Inner(key, text.get(start..walk.at).unwrap_or_default()));
            Ok(())
        })
    }

    /// The members of the object that begins here; `each` is given a name, and passes over the value.
    #[inline(always)]
    fn members(&mut self, text: &'a str, mut each: impl FnMut(&mut Self, &'a str) -> Result<(), Flaw>) -> Result<(), Flaw> {
        self.take(b'{')?;
        if self.takes(b'}') {
            return Ok(());
        }
        loop {
            let (from, to) = self.key()?;
            each(self, text.get(from..to).unwrap_or_default())?;
            if !self.goes_on(b'}')? {
                return Ok(());
            }
        }
    }

    #[inline(always)]
    fn list(&mut self, text: &'a str, each: &mut dyn FnMut(&'a str)) -> Result<(), Flaw> {
        self.take(b'[')?;
        if !self.takes(b']') {
            loop {
                let start = self.next_at();
                self.value(1)?;
                each(text.get(start..self.at).unwrap_or_default());
                if !self.goes_on(b']')? {
                    break;
                }
            }
        }
        self.end()
    }

    /// Pass over one value; `open` brackets are open around it.
    #[inline(always)]
    fn value(&mut self, open: u32) -> Result<(), Flaw> {
        // One copy of this for each kind of processor.
        self.simd.vectorize(
            #[inline(always)]
            || self.pass(open),
        )
    }

    #[inline(always)]
    fn pass(&mut self, open: u32) -> Result<(), Flaw> {
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
    #[inline(always)]
    fn key(&mut self) -> Result<Span, Flaw> {
        if self.next() != Some(b'"') {
            return Err(Flaw::Syntax);
        }
        let key = self.string()?;
        self.take(b':')?;
        Ok(key)
    }

    /// Behind a member or item: is there another? Takes the comma, or `close`.
    #[inline(always)]
    fn goes_on(&mut self, close: u8) -> Result<bool, Flaw> {
        let found = self.next();
        self.at += 1;
        match found {
            Some(b',') => Ok(true),
            Some(b) if b == close => Ok(false),
            _ => Err(Flaw::Syntax),
        }
    }

    #[inline(always)]
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
    #[inline(always)]
    fn string(&mut self) -> Result<Span, Flaw> {
        let start = self.at + 1;
        let end = match self.by_bytes {
            true => string::end_by_bytes(self.bytes, start)?,
            false => string::end(self.simd, self.bytes, start)?,
        };
        self.at = end + 1;
        Ok((start, end))
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

    #[inline(always)]
    fn here(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// The next byte that is not blank.
    #[inline(always)]
    fn next(&mut self) -> Option<u8> {
        loop {
            let byte = self.here()?;
            if byte > b' ' || !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    /// Where the next byte that is not blank stands.
    #[inline(always)]
    fn next_at(&mut self) -> usize {
        self.next();
        self.at
    }

    /// Pass over `want` if it comes next.
    #[inline(always)]
    fn takes(&mut self, want: u8) -> bool {
        let fits = self.next() == Some(want);
        self.at += usize::from(fits);
        fits
    }

    #[inline(always)]
    fn take(&mut self, want: u8) -> Result<(), Flaw> {
        if self.takes(want) { Ok(()) } else { Err(Flaw::Syntax) }
    }

    /// Nothing may follow.
    #[inline(always)]
    fn end(&mut self) -> Result<(), Flaw> {
        if self.next().is_none() { Ok(()) } else { Err(Flaw::Syntax) }
    }
}

/// Is a member's name, as it stands between its quotes, this one?
pub(super) fn is_name(raw: &str, name: &str) -> bool {
    raw == name || (raw.len() > name.len() && raw.contains('\\') && unescape(raw) == name)
}
