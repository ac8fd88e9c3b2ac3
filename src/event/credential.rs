//! What a credential store says: tokens as keys, their claims as times, its own complaints.

use super::Failure;
use crate::secret::Key;
use crate::time::Stamp;

/// Which part of a store a credential stands in. One file may hold several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// The file holds one credential (Codex, pi, opencode).
    Only,
    /// Hermes `providers.openai-codex.tokens`.
    Singleton,
    /// Hermes `credential_pool` entry. The key is its id.
    Pool(Key),
    /// OpenClaw profile. The key is its id.
    Profile(Key),
}

impl Section {
    /// Its kind as a number, in the order of the above: an order that no key takes part in.
    pub fn kind(self) -> u8 {
        match self {
            Section::Only => 0,
            Section::Singleton => 1,
            Section::Pool(_) => 2,
            Section::Profile(_) => 3,
        }
    }
}

/// Whether a state is the live one or a copy from before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Taken {
    /// The store as it is now.
    Current,
    /// A snapshot or backup copy.
    Copy,
}

/// Who probably wrote a store, read from the digits of its time stamp's fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Writer {
    /// Nine digits: Rust on Linux or Windows, so Codex.
    Nanos,
    /// Six digits: Python (Hermes), or Rust on macOS.
    Micros,
    /// Three digits: JavaScript (`toISOString`).
    Millis,
    /// No fraction.
    Seconds,
}

/// What an entry itself says of how its program came by the very pair in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Coming {
    /// It was taken over as it was. Hermes (0.10 to 0.19) copies the `id_token` along, which its own refreshes
    /// leave as it was: one that was issued with the access token beside it came with it. OpenClaw (up to
    /// 2026.4.17) marks such a pair as managed by another program, and ends it when the token ends.
    Taken,
    /// So it seems: OpenClaw gives the end of the token to the millisecond, or a much earlier one, where its own
    /// exchanges give their arrival and the life of the token.
    PerhapsTaken,
    /// Another program put it there, so it seems: the `id_token` in Codex' store is older than the access token beside
    /// it. Codex (0.98 to 0.169) stores what the server answers, which brings all three tokens; Hermes of April 2026
    /// wrote the two others back.
    PerhapsWritten,
    /// By an exchange of its own: the `id_token` in Hermes' store is older than the access token beside it, or
    /// the end in OpenClaw's store is counted from the arrival.
    Exchanged,
}

/// One credential in one store at one time.
#[derive(Clone, Debug)]
pub struct StoreState {
    /// Part of the store.
    pub section: Section,
    /// Live, or a copy from before.
    pub taken: Taken,
    /// The agent whose it is, where the program keeps a store for each agent (OpenClaw).
    pub agent: Option<Key>,
    /// Account (workspace): `chatgpt_account_id`.
    pub account: Option<Key>,
    /// Family: JWT `session_id`.
    pub family: Option<Key>,
    /// Family by time of the password entry (`pwd_auth_time`), where `session_id` is absent.
    pub login_time: Option<Stamp>,
    /// The access token.
    pub access: Option<Key>,
    /// The refresh token.
    pub refresh: Option<Key>,
    /// Somebody put one text in the place of the refresh tokens, here and elsewhere: which one it was is not
    /// known. Seen when all sources are read; no reader states it.
    pub has_stand_in: bool,
    /// Access token `iat` (server clock).
    pub issued_at: Option<Stamp>,
    /// Access token `exp`, else the store's own `expires`.
    pub expires_at: Option<Stamp>,
    /// The store's `last_refresh`.
    pub refreshed_at: Option<Stamp>,
    /// File time of the last write.
    pub written_at: Option<Stamp>,
    /// Who probably wrote it.
    pub writer: Option<Writer>,
    /// The section carries fields that mark a pair copied from another program's store.
    pub imported: bool,
    /// What it says of how the very pair came there; None where it says nothing.
    pub came: Option<Coming>,
    /// The store put the credential out of use itself.
    pub fenced: Option<Fence>,
}

/// A refresh fence of OpenClaw (2026.9.6), which stands in the place of a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fence {
    /// It says that a refresh failed for good.
    pub failed: bool,
    /// The digest of the refresh token that it replaced.
    pub digest: Option<Key>,
}

/// What a store or log says about a credential it stopped using.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TroubleKind {
    /// Benched until some time.
    Exhausted,
    /// Never used again until a new login.
    Dead,
    /// Short pause after a failure.
    Cooldown,
    /// An error note that a store keeps (`last_auth_error`).
    Noted,
    /// The list of usable credentials was empty.
    NoneLeft,
    /// The store gave its only pair up and waits for a new login. Hermes (0.19, by its sources from 0.15
    /// on) then refuses each turn before its session begins, and keeps no record of it.
    Emptied,
}

/// A store's own complaint about a credential.
#[derive(Clone, Debug)]
pub struct StoreTrouble {
    /// What the store did.
    pub kind: TroubleKind,
    /// Which part.
    pub section: Option<Section>,
    /// Why, if it says.
    pub failure: Option<Failure>,
    /// Until when.
    pub until: Option<Stamp>,
}
