//! Whether a line may hold more than one record: the cheap look that spares all other lines a walk.
//!
//! It is apart because it is asked of every line that is read, and says "maybe" at most: what the records are is decided
//! by the grammar ([`super::glued`]).

use super::walk::LEVEL;
use crate::shortcuts;
use fearless_simd::prelude::*;
use fearless_simd::{Simd, dispatch, u8x64};

/// Bytes looked at in one step.
const BLOCK: usize = 64;

/// Is there a `{` right behind a `}`, or a NUL?
pub(super) fn may_be(line: &[u8]) -> bool {
    !shortcuts::are_taken() || dispatch!(*LEVEL, simd => is_seen(simd, line))
}

#[inline(always)]
fn is_seen<S: Simd>(simd: S, line: &[u8]) -> bool {
    let (blocks, rest) = line.as_chunks::<BLOCK>();
    // Whether the byte before the block closes a bracket.
    let mut closed = 0;
    for block in blocks {
        let lanes = u8x64::from_slice(simd, block);
        let closes = lanes.simd_eq(b'}').to_bitmask();
        let opens = lanes.simd_eq(b'{').to_bitmask();
        let nuls = lanes.simd_eq(0).to_bitmask();
        if (closes << 1 | closed) & opens | nuls != 0 {
            return true;
        }
        closed = closes >> (BLOCK - 1);
    }
    let is_glue = |pair: &[u8]| pair == b"}{";
    (closed == 1 && rest.first() == Some(&b'{')) || rest.windows(2).any(is_glue) || rest.contains(&0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_seen_wherever_it_stands() {
        for len in 0..200 {
            let plain = "x}y{".repeat(50).into_bytes();
            let line = &plain[..len];
            assert!(!may_be(line), "{len}");
            for at in 0..len {
                let mut nul = line.to_vec();
                nul[at] = 0;
                assert!(may_be(&nul), "NUL at {at} of {len}");
                if at + 1 < len {
                    let mut glued = line.to_vec();
                    glued[at..at + 2].copy_from_slice(b"}{");
                    assert!(may_be(&glued), "glue at {at} of {len}");
                }
            }
        }
    }
}
