//! What stands behind a refresh fence of OpenClaw.
//!
//! OpenClaw (2026.9.6) puts a fence in the place of a credential whose refresh failed. It bears a digest of the
//! refresh token that it replaced: SHA-256 of the compact JSON array
//! `["openclaw.oauth-refresh-generation",1,<profile>,<provider>,"refresh",<token>]`. A token that another store
//! holds is thus known to be the one behind it, or not to be. Profile and provider come before the token, and a
//! store may be read before the fence is: so the refresh tokens are kept until all is read, and dropped then.

use super::Key;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Refresh tokens that are kept, each once; a home has a handful.
const MOST_TOKENS: usize = 1 << 14;
/// Fences that are looked behind.
const MOST_FENCES: usize = 64;
/// Longest token that is kept, in bytes.
const LONGEST: usize = 8 << 10;

/// Fences, and the refresh tokens that may stand behind them.
#[derive(Default)]
pub struct Fences {
    tokens: BTreeMap<Key, Box<str>>,
    fences: BTreeMap<Key, Fence>,
}

/// The profile and provider of a fence, and its digest.
struct Fence {
    profile: Box<str>,
    provider: Box<str>,
    digest: [u8; 32],
}

impl std::fmt::Debug for Fences {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fences(..)")
    }
}

impl Fences {
    /// Keep a refresh token, known by this key.
    pub fn hold(&mut self, key: Key, token: &str) {
        if token.len() <= LONGEST && self.tokens.len() < MOST_TOKENS {
            self.tokens.entry(key).or_insert_with(|| token.into());
        }
    }

    /// Keep a fence, known by this key. `digest` is in hexadecimal; what is none is no fence.
    pub fn put(&mut self, key: Key, profile: &str, provider: &str, digest: &str) {
        if let (Some(digest), true) = (bytes(digest), self.fences.len() < MOST_FENCES) {
            self.fences.insert(key, Fence { profile: profile.into(), provider: provider.into(), digest });
        }
    }

    /// Take over what another part of the input held.
    pub fn merge(&mut self, other: Fences) {
        self.tokens.extend(other.tokens);
        self.fences.extend(other.fences);
    }

    /// For each fence behind which one of the tokens stands, the key of that token.
    pub fn behind(&self) -> BTreeMap<Key, Key> {
        let token = |fence: &Fence| self.tokens.iter().find(|(_, token)| fence.is_before(token)).map(|(key, _)| *key);
        self.fences.iter().filter_map(|(key, fence)| Some((*key, token(fence)?))).collect()
    }
}

impl Fence {
    fn is_before(&self, token: &str) -> bool {
        let generation = ("openclaw.oauth-refresh-generation", 1, &*self.profile, &*self.provider, "refresh", token);
        serde_json::to_vec(&generation).is_ok_and(|text| Sha256::digest(text)[..] == self.digest)
    }
}

/// The 32 bytes that a digest writes.
fn bytes(digest: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digest.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    (digest.len() == 2 * bytes.len()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::{Kind, Vault};

    /// The digest of an invented token, computed by hand with another program.
    const DIGEST: &str = "eaebc8f4db1211e704a0f275360e0e814bc631ef389164154af117018acedbc2";

    #[test]
    fn the_token_behind_a_fence_is_known_by_its_digest() {
        let vault = Vault::new([7; 32]);
        let key = |text: &str| vault.key(Kind::Token, text);
        let mut fences = Fences::default();
        fences.put(key("fence"), "openai:default", "openai", DIGEST);
        fences.put(key("of another profile"), "openai:work", "openai", DIGEST);
        fences.put(key("cut"), "openai:default", "openai", &DIGEST[1..]);
        assert!(fences.behind().is_empty());
        let mut later = Fences::default();
        ["token-one", "token-two"].iter().for_each(|token| later.hold(key(token), token));
        fences.merge(later);
        assert_eq!(fences.behind(), BTreeMap::from([(key("fence"), key("token-two"))]));
        assert!(!format!("{fences:?}").contains("token"));
    }
}
