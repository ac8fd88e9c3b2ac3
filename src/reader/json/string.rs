//! Where a JSON string ends.
//!
//! It is apart from the walk because nearly all bytes of a transcript stand inside strings: they are looked at 64 at a
//! time, by whatever vectors the processor has. Which quotes are escaped is counted, not branched upon: text within text
//! has an escape every few words, and a branch for each would be guessed wrong.

use super::walk::Flaw;
use fearless_simd::prelude::*;
use fearless_simd::{Simd, u8x64};

/// Bytes looked at in one step.
const BLOCK: usize = 64;

/// Where the quote stands that ends the string whose first byte stands at `at`.
#[inline(always)]
pub(super) fn end<S: Simd>(simd: S, bytes: &[u8], mut at: usize) -> Result<usize, Flaw> {
    // Is the first byte of the next block escaped?
    let mut carry = false;
    while let Some(block) = bytes.get(at..).and_then(|rest| rest.first_chunk::<BLOCK>()) {
        let marks = Marks::of(simd, block);
        if marks.slashes != 0 || carry {
            if let Some(end) = marks.among_escapes(bytes, at, &mut carry)? {
                return Ok(end);
            }
        } else if marks.quotes | marks.controls != 0 {
            return marks.among_none(at);
        }
        at += BLOCK;
    }
    last(simd, bytes, at, carry)
}

/// The same, byte by byte.
pub(super) fn end_by_bytes(bytes: &[u8], mut at: usize) -> Result<usize, Flaw> {
    loop {
        match bytes.get(at).ok_or(Flaw::Syntax)? {
            b'"' => return Ok(at),
            0..0x20 => return Err(Flaw::Control),
            b'\\' => {
                match bytes.get(at + 1).ok_or(Flaw::Syntax)? {
                    b'u' => unit(bytes, at + 1)?,
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                    0..0x20 => return Err(Flaw::Control),
                    _ => return Err(Flaw::Syntax),
                }
                at += 2;
            }
            _ => at += 1,
        }
    }
}

/// The same of the last bytes of a text, fewer than a block: those before them are looked at once more.
#[inline(always)]
fn last<S: Simd>(simd: S, bytes: &[u8], at: usize, mut carry: bool) -> Result<usize, Flaw> {
    let passed = match bytes.last_chunk::<BLOCK>() {
        Some(block) => Marks::of(simd, block).from(at + BLOCK - bytes.len()),
        None => {
            let mut block = [b' '; BLOCK];
            if let Some(text) = block.get_mut(..bytes.len()) {
                text.copy_from_slice(bytes);
            }
            Marks::of(simd, &block).from(at)
        }
    };
    passed.among_escapes(bytes, at, &mut carry)?.ok_or(Flaw::Syntax)
}

/// The bytes of a block that are not just text, one bit each.
#[derive(Clone, Copy)]
struct Marks {
    quotes: u64,
    slashes: u64,
    controls: u64,
    /// The `n` of a line end and the `t` of a tab, by far the most common of what is escaped beside the two above.
    plain: u64,
}

impl Marks {
    #[inline(always)]
    fn of<S: Simd>(simd: S, block: &[u8; BLOCK]) -> Marks {
        let lanes = u8x64::from_slice(simd, block);
        Marks {
            quotes: lanes.simd_eq(b'"').to_bitmask(),
            slashes: lanes.simd_eq(b'\\').to_bitmask(),
            controls: lanes.simd_lt(0x20).to_bitmask(),
            plain: (lanes.simd_eq(b'n') | lanes.simd_eq(b't')).to_bitmask(),
        }
    }

    /// Without the first `n` bytes.
    #[inline(always)]
    fn from(self, n: usize) -> Marks {
        let rest = |marks: u64| marks.checked_shr(n as u32).unwrap_or(0);
        let Marks { quotes, slashes, controls, plain } = self;
        Marks { quotes: rest(quotes), slashes: rest(slashes), controls: rest(controls), plain: rest(plain) }
    }

    /// Where the string ends that has no escapes, if that is what the block, which stands at `at`, has.
    #[inline(always)]
    fn among_none(self, at: usize) -> Result<usize, Flaw> {
        let quote = self.quotes.trailing_zeros();
        if self.controls.trailing_zeros() < quote { Err(Flaw::Control) } else { Ok(at + quote as usize) }
    }

    /// Where the string ends, if it does so in the block, which stands at `at`.
    #[inline(always)]
    fn among_escapes(self, bytes: &[u8], at: usize, carry: &mut bool) -> Result<Option<usize>, Flaw> {
        let escaped = self.escaped(carry);
        let end = self.quotes & !escaped;
        // The bytes before the end.
        let inside = end.wrapping_sub(1) & !end;
        let odd = (escaped & !(self.quotes | self.slashes | self.plain) | self.controls) & inside;
        if odd != 0 {
            escapes(bytes, at, odd, escaped)?;
        }
        Ok((end != 0).then(|| at + end.trailing_zeros() as usize))
    }

    /// The bytes behind a backslash that is not escaped itself. A run of backslashes is told from the next one by adding
    /// to its first bit: the carry runs to its end.
    #[inline(always)]
    fn escaped(self, carry: &mut bool) -> u64 {
        const EVEN: u64 = 0x5555_5555_5555_5555;
        let first = u64::from(*carry);
        let slashes = self.slashes & !first;
        let behind = slashes << 1 | first;
        let odd_starts = slashes & !EVEN & !behind;
        let (runs, overflows) = odd_starts.overflowing_add(slashes);
        *carry = overflows;
        (EVEN ^ runs << 1) & behind
    }
}

/// Are these bytes of the block at `at` all right, in their order? Control characters are not, and of what is escaped
/// only a few are.
#[cold]
fn escapes(bytes: &[u8], at: usize, mut odd: u64, escaped: u64) -> Result<(), Flaw> {
    while odd != 0 {
        let place = odd.trailing_zeros();
        let here = at + place as usize;
        let is_escaped = escaped >> place & 1 == 1;
        match bytes.get(here) {
            Some(b'u') if is_escaped => unit(bytes, here)?,
            Some(b'/' | b'b' | b'f' | b'r') if is_escaped => {}
            Some(0..0x20) => return Err(Flaw::Control),
            _ => return Err(Flaw::Syntax),
        }
        odd &= odd - 1;
    }
    Ok(())
}

/// Are there four digits behind the `u` that stands at `at`? Which character they name does not matter here.
fn unit(bytes: &[u8], at: usize) -> Result<(), Flaw> {
    let digits = bytes.get(at + 1..at + 5).filter(|four| four.iter().all(u8::is_ascii_hexdigit));
    digits.map(drop).ok_or(Flaw::Syntax)
}

#[cfg(test)]
mod tests {
    use super::super::walk::LEVEL;
    use super::*;
    use fearless_simd::dispatch;

    #[test]
    fn blocks_and_bytes_agree_on_strings_of_all_lengths_and_flaws() {
        let pieces =
            ["", "\"", "\\", "\\\\", "\\\"", "\\n", "\\u00e9", "\\u00g9", "\\u12", "\\x", "\u{1}", "\\\u{1}", "\\/", "\\\\\""];
        let mut ends = [0; 2];
        for len in 0..140 {
            for at in 0..=len {
                for piece in pieces {
                    for rest in ["", "\"", "\\\" x\" y"] {
                        let text = format!("{}{piece}{}{rest}", "é".repeat(at / 2), "y".repeat(len - at));
                        let bytes = text.as_bytes();
                        let by_blocks = dispatch!(*LEVEL, simd => end(simd, bytes, 0));
                        assert_eq!(by_blocks, end_by_bytes(bytes, 0), "{text:?}");
                        ends[usize::from(by_blocks.is_ok())] += 1;
                    }
                }
            }
        }
        assert!(ends.iter().all(|n| *n > 10_000), "{ends:?}");
    }
}
