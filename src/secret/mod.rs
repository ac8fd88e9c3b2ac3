//! Tokens and identities: decoded for their times and claims, turned into keys, and dropped.
//!
//! A [`Key`] is a keyed hash under a random key that lives for one run, so equal secrets in two
//! stores are seen as equal and nothing that leaves the process can be tested against a guess.
//! Keys order maps, never output. The [`Gate`] remembers keyed hashes of every 8-byte piece of
//! every token, so that the rendered report can be checked against all of them before a byte
//! of it is written.

mod excerpt;
mod fence;
mod gate;
mod jwt;

pub use excerpt::{Excerpt, visible};
pub use fence::Fences;
pub use gate::{Gate, Watch};
pub use jwt::Claims;

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::num::NonZero;

/// A secret or identity, known only as equal or not equal to another of the same run.
///
/// Its order is arbitrary and differs from run to run: use it for maps, never for output. It is never 0, so that one
/// that may be missing takes no more room: there are millions of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(NonZero<u64>, u64);

impl Key {
    /// A word of the hash that it is: one half is enough, since nobody outside can aim it.
    pub fn hashed(&self) -> u64 {
        self.1
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hashed());
    }
}

/// A map by keys, which need no further hashing.
pub type KeyMap<V> = HashMap<Key, V, BuildHasherDefault<AsItIs>>;

/// Takes a word for its own hash.
#[derive(Default)]
pub struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, word: u64) {
        self.0 ^= word;
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

/// What a key is made from. Kinds never mix: a session id is never equal to a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Access or refresh token.
    Token,
    /// ChatGPT account (workspace) id.
    Account,
    /// Login session (`session_id` claim).
    Family,
    /// Conversation id.
    Session,
    /// Turn, entry or run id.
    Turn,
    /// Process id or uuid.
    Process,
    /// Name of a section inside a store (profile id, pool entry id).
    Section,
    /// Model name that is not on the list.
    Model,
    /// Text of a record, to see that two files hold the same one.
    Record,
    /// Name of an agent, where a program keeps several in one home.
    Agent,
    /// Digest of a token that is no longer there.
    Fence,
}

/// The per-run key from which every [`Key`] is derived.
#[derive(Clone)]
pub struct Vault {
    key: [u8; 32],
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(..)")
    }
}

impl Vault {
    /// A vault under `key`, which must be fresh random bytes outside tests.
    pub fn new(key: [u8; 32]) -> Vault {
        Vault { key }
    }

    /// The key of `text`. Surrounding white space does not count.
    pub fn key(&self, kind: Kind, text: &str) -> Key {
        self.key_of(kind, text.trim().as_bytes())
    }

    /// The key of raw bytes.
    pub fn key_of(&self, kind: Kind, bytes: &[u8]) -> Key {
        self.key_of_all(kind, &[bytes])
    }

    /// The key of what these pieces make when they are put together.
    pub fn key_of_all(&self, kind: Kind, pieces: &[&[u8]]) -> Key {
        /// Ids and times are shorter.
        const SHORT: usize = 128;
        let (kind, mut short, mut len) = ([kind as u8], [0; SHORT], 0);
        let all = || [&kind[..]].into_iter().chain(pieces.iter().copied());
        let fits = all().all(|piece| {
            let room = short.get_mut(len..len + piece.len());
            len += piece.len();
            room.map(|room| room.copy_from_slice(piece)).is_some()
        });
        let hash = if fits {
            blake3::keyed_hash(&self.key, &short[..len])
        } else {
            let mut hasher = blake3::Hasher::new_keyed(&self.key);
            for piece in all() {
                hasher.update(piece);
            }
            hasher.finalize()
        };
        let (first, second) = words(hash.as_bytes());
        Key(NonZero::new(first).unwrap_or(NonZero::<u64>::MIN), second)
    }
}

impl Vault {
    /// Two words of the key, for the gate's cheap keyed mix.
    fn words(&self) -> (u64, u64) {
        words(&self.key)
    }
}

/// The first two words.
fn words(bytes: &[u8; 32]) -> (u64, u64) {
    let word = |at: usize| bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |eight| u64::from_le_bytes(*eight));
    (word(0), word(8))
}

/// A short stable mark of closed words: Crockford base32, first letter from g to z so that it
/// never looks like a commit id. Unkeyed on purpose, for words of our own only: never pass it
/// input text.
pub fn mark(words: &str) -> String {
    const FIRST: &[u8] = b"ghjkmnpqrstvwxyz";
    const ALPHABET: &[u8] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let hash = blake3::hash(words.as_bytes());
    let letter = |(at, byte): (usize, &u8)| {
        let set = if at == 0 { FIRST } else { ALPHABET };
        char::from(set[usize::from(*byte) % set.len()])
    };
    hash.as_bytes().iter().take(10).enumerate().map(letter).collect()
}
