//! The last gate: no 8-byte piece of any token that was read may stand in the rendered output.

use super::Vault;
use std::collections::HashSet;
use std::io::{self, Write};

/// Length of the pieces that are looked for. A chance hit in a report of 60 kB against a token
/// of 2 kB has a probability of about 5e-7 for base64url text.
const PIECE: usize = 8;

/// Keyed hashes of every piece of every token seen in a run. Merging is a set union.
#[derive(Clone, Debug, Default)]
pub struct Gate {
    pieces: HashSet<u64>,
}

impl Gate {
    /// Remember `token`.
    pub fn learn(&mut self, token: &str, vault: &Vault) {
        let bytes = token.trim().as_bytes();
        for piece in bytes.windows(PIECE).filter(|p| is_telling(p)) {
            self.pieces.insert(hash(piece, vault));
        }
    }

    /// Take over what another gate knows.
    pub fn merge(&mut self, other: Gate) {
        self.pieces.extend(other.pieces);
    }

    /// Offset of the first piece of a known token in `output`.
    pub fn leak(&self, output: &str, vault: &Vault) -> Option<usize> {
        self.find(output.as_bytes(), vault)
    }

    /// Watch a text that is never held as a whole.
    pub fn watch<'g>(&'g self, vault: &'g Vault) -> Watch<'g> {
        Watch { gate: self, vault, last: Vec::new(), passed: 0, leak: None }
    }

    fn find(&self, output: &[u8], vault: &Vault) -> Option<usize> {
        if self.pieces.is_empty() {
            return None;
        }
        // Only telling pieces were learnt; the second question sorts out chance.
        let found = |(_, piece): &(usize, &[u8])| self.pieces.contains(&hash(piece, vault)) && is_telling(piece);
        output.windows(PIECE).enumerate().find(found).map(|(at, _)| at)
    }
}

/// A place to write a text to, to know whether it may be written elsewhere.
#[derive(Debug)]
pub struct Watch<'g> {
    gate: &'g Gate,
    vault: &'g Vault,
    /// The end of what was written: a piece may begin there.
    last: Vec<u8>,
    passed: usize,
    leak: Option<usize>,
}

impl Watch<'_> {
    /// Offset of the first piece of a known token in what was written.
    pub fn leak(&self) -> Option<usize> {
        self.leak
    }

    /// Bytes written so far.
    pub fn len(&self) -> u64 {
        self.passed as u64
    }

    /// True when nothing was written.
    pub fn is_empty(&self) -> bool {
        self.passed == 0
    }
}

impl Write for Watch<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let seam = self.last.len();
        self.last.extend_from_slice(bytes);
        let found = self.gate.find(&self.last, self.vault).map(|at| self.passed - seam + at);
        self.leak = self.leak.or(found);
        self.passed += bytes.len();
        self.last.drain(..self.last.len().saturating_sub(PIECE - 1));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Could this piece come from a secret only? Not if it has fewer than four different bytes
/// ("--------", "00000000") or one that tokens do not have, and not if it reads as words or as a
/// time: bundles hold stand-ins such as `your_refresh_token_here`, `REDACTED-SIBLING-RELOGIN`
/// or `expired-2026-05-22`, made of what reports are made of. Of random base64url text one piece
/// in 150 reads so, and not the pieces beside it: a longer part of a token is still found.
fn is_telling(piece: &[u8]) -> bool {
    let mut seen: Vec<u8> = piece.to_vec();
    seen.sort_unstable();
    seen.dedup();
    let foreign = piece.iter().any(|byte| !byte.is_ascii_alphanumeric() && !b"-_.~+/=".contains(byte));
    let count = |sort: fn(&u8) -> bool| piece.iter().filter(|byte| sort(byte)).count();
    let rises = |pair: &[u8]| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase();
    let falls = |three: &[u8]| three[..2].iter().all(u8::is_ascii_uppercase) && three[2].is_ascii_lowercase();
    let mixed = piece.windows(2).any(rises) || piece.windows(3).any(falls);
    seen.len() >= 4 && !foreign && (mixed || (count(u8::is_ascii_digit) > 0 && count(u8::is_ascii_alphabetic) > 1))
}

fn hash(piece: &[u8], vault: &Vault) -> u64 {
    // A keyed mix is enough: the set never leaves the process and the key is fresh each run.
    let word = u64::from_le_bytes(<[u8; PIECE]>::try_from(piece).unwrap_or_default());
    let (a, b) = vault.words();
    (word ^ a).wrapping_mul(b | 1).rotate_left(29) ^ (word.rotate_left(17) ^ b).wrapping_mul(a | 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_piece_of_a_token_is_found_and_other_text_is_not() {
        let vault = Vault::new([3; 32]);
        let mut gate = Gate::default();
        gate.learn("k3J9-qpLzW7xvB2m", &vault);
        assert_eq!(gate.leak("nothing to see here, refresh token spent", &vault), None);
        assert_eq!(gate.leak("ends in pLzW7xvB", &vault), Some(8));
        assert_eq!(gate.leak("k3J9-qp", &vault), None);
        for step in 1..20 {
            for (text, want) in [("ends in pLzW7xvB", Some(8)), ("nothing of a token in here", None)] {
                let mut watch = gate.watch(&vault);
                text.as_bytes().chunks(step).for_each(|part| drop(watch.write_all(part)));
                assert_eq!(watch.leak(), want, "{text} in steps of {step}");
            }
        }
    }

    #[test]
    fn stand_ins_made_of_words_are_no_secrets() {
        let vault = Vault::new([3; 32]);
        let mut gate = Gate::default();
        for stand_in in [
            "rt_fake_relogin_0001",
            "your_refresh_token_here",
            "REDACTED-REFRESH-TOKEN",
            "<Refresh_Token>",
            "at 2026-05-22T08:20:32Z",
        ] {
            gate.learn(stand_in, &vault);
        }
        assert_eq!(
            gate.leak("sibling_relogin, refresh_token_reused, REFRESH-TOKEN, Refresh_Token, 2026-05-22T08:20:32Z", &vault),
            None
        );
        assert_eq!(gate.leak("ends in ogin_0001", &vault), Some(8), "what is not made of words alone still counts");
    }
}
