//! Seeded random numbers: splitmix64, written out so that a fixture made today is made the same
//! way by every later version of every crate. Shared by reference, hence the cell.

use std::cell::Cell;

/// Digits and small letters without the ones that look alike.
pub const BASE32: &str = "abcdefghijkmnpqrstuvwxyz23456789";
/// Lower-case hexadecimal digits.
pub const HEX: &str = "0123456789abcdef";
/// The base64url alphabet.
pub const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// A stream of random numbers that depends on nothing but its seed.
#[derive(Clone, Debug)]
pub struct Rng(Cell<u64>);

impl Rng {
    /// The stream of `seed`.
    pub fn new(seed: u64) -> Rng {
        Rng(Cell::new(seed))
    }

    /// The next 64 bits.
    pub fn word(&self) -> u64 {
        self.0.set(self.0.get().wrapping_add(0x9e37_79b9_7f4a_7c15));
        mix(self.0.get())
    }

    /// A number below `limit`, which is not 0.
    pub fn below(&self, limit: u64) -> u64 {
        self.word() % limit
    }

    /// A number from `low` to `high`, both included.
    pub fn span(&self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as u64) as i64
    }

    /// `length` characters of an ASCII alphabet.
    pub fn text(&self, alphabet: &str, length: usize) -> String {
        let letters = alphabet.as_bytes();
        (0..length).map(|_| char::from(letters[self.below(letters.len() as u64) as usize])).collect()
    }

    /// One of `list`, which is not empty.
    pub fn pick<'a, T>(&self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len() as u64) as usize]
    }
}

/// The finaliser of splitmix64: a word that depends on every bit of `word`.
pub fn mix(word: u64) -> u64 {
    let a = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let b = (a ^ (a >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    b ^ (b >> 31)
}
