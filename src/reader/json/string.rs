//! Where a JSON string ends.
//!
//! It is apart from the walk because nearly all bytes of a transcript stand inside strings: they are looked at 64 at a
//! time, by whatever vectors the processor has, and the rest of a text that is shorter than that by eights.

use super::walk::Flaw;
use fearless_simd::prelude::*;
use fearless_simd::{Simd, u8x64};

/// Bytes looked at in one step.
const BLOCK: usize = 64;

/// Where the quote stands that ends the string whose first byte stands at `at`.
#[inline(always)]
pub(super) fn end<S: Simd>(simd: S, bytes: &[u8], mut at: usize) -> Result<usize, Flaw> {
    while let Some(block) = bytes.get(at..).and_then(|rest| rest.first_chunk::<BLOCK>()) {
        let lanes = u8x64::from_slice(simd, block);
        let quotes = lanes.simd_eq(b'"').to_bitmask();
        let others = (lanes.simd_eq(b'\\') | lanes.simd_lt(0x20)).to_bitmask();
        match stop(block, quotes, others)? {
            Stop::Quote(passed) => return Ok(at + passed),
            Stop::Open(passed) => at += passed,
            Stop::Unit(passed) => at = unit(bytes, at + passed)?,
        }
    }
    tail(bytes, at)
}

/// What ended the look at a block, and how many bytes of it are done with.
enum Stop {
    /// The end of the string.
    Quote(usize),
    /// The end of the block; of an escape at its end nothing is done with.
    Open(usize),
    /// `\u`.
    Unit(usize),
}

/// Pass over the escapes of a block, of which the quotes and the bytes that are none and no plain ones either are
/// marked.
#[inline(always)]
fn stop(block: &[u8; BLOCK], quotes: u64, mut others: u64) -> Result<Stop, Flaw> {
    let mut quotes = quotes;
    loop {
        let other = others.trailing_zeros() as usize;
        let quote = quotes.trailing_zeros() as usize;
        if quote < other {
            return Ok(Stop::Quote(quote));
        }
        // Neither is left: both are 64.
        let Some(byte) = block.get(other) else { return Ok(Stop::Open(BLOCK)) };
        if *byte != b'\\' {
            return Err(Flaw::Control);
        }
        match block.get(other + 1) {
            None => return Ok(Stop::Open(other)),
            Some(b'u') => return Ok(Stop::Unit(other)),
            Some(escaped) if SIMPLE[usize::from(*escaped)] => {}
            Some(escaped) => return Err(no_escape(*escaped)),
        }
        // What is escaped is neither an end nor a beginning.
        let behind = u64::MAX.checked_shl(other as u32 + 2).unwrap_or(0);
        (quotes, others) = (quotes & behind, others & behind);
    }
}

/// What may stand behind a backslash, but for `u`.
const SIMPLE: [bool; 256] = {
    let mut simple = [false; 256];
    let (escapes, mut at) = (*b"\"\\/bfnrt", 0);
    while at < escapes.len() {
        simple[escapes[at] as usize] = true;
        at += 1;
    }
    simple
};

fn no_escape(escaped: u8) -> Flaw {
    if escaped < 0x20 { Flaw::Control } else { Flaw::Syntax }
}

/// Behind the `\u` and the four digits that stand at `at`. Which character they name does not matter here.
fn unit(bytes: &[u8], at: usize) -> Result<usize, Flaw> {
    let digits = bytes.get(at + 2..at + 6).filter(|four| four.iter().all(u8::is_ascii_hexdigit));
    digits.map(|_| at + 6).ok_or(Flaw::Syntax)
}

/// The same of the last bytes of a text.
fn tail(bytes: &[u8], mut at: usize) -> Result<usize, Flaw> {
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let plain = plain_len(rest);
        at += plain;
        match (rest.get(plain), rest.get(plain + 1)) {
            (Some(b'"'), _) => return Ok(at),
            (Some(b'\\'), Some(b'u')) => at = unit(bytes, at)?,
            (Some(b'\\'), Some(escaped)) if SIMPLE[usize::from(*escaped)] => at += 2,
            (Some(b'\\'), Some(escaped)) => return Err(no_escape(*escaped)),
            (Some(b'\\') | None, _) => return Err(Flaw::Syntax),
            (Some(_), _) => return Err(Flaw::Control),
        }
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
