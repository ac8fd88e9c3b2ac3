//! The shared vocabulary: what a source can state, and nothing that does anything.
//!
//! A reader turns bytes into [`Event`]s and [`Turn`]s; every later stage works on these only. No client
//! format, no I/O and no table library is known here. Input text never enters an event: names,
//! ids and tokens are [`Key`]s (equal or not equal, never printable), error texts are
//! [`Failure`]s, models and versions are checked labels. The one exception is
//! [`Excerpt`], which exists only under `--private` and beside the events.

mod below;
mod client;
mod credential;
mod failure;
mod label;
mod leniency;
mod packed;
mod source;
mod turn;
mod worked;

pub use below::Below;
pub use client::Client;
pub use credential::{Coming, Fence, Section, StoreState, StoreTrouble, Taken, TroubleKind, Writer};
pub use failure::{ErrorClass, Failure, Level, Mechanism};
pub use label::{Model, Provider, Version};
pub use leniency::Leniency;
pub(crate) use packed::Lasted;
pub use packed::{Asked, PackedTurn};
pub use source::{SkipReason, SourceKind};
pub use turn::{FallbackStep, Phase, Stop, TransportFailure, Turn};
pub use worked::Worked;

use crate::secret::{Excerpt, Key};
use crate::time::Stamp;

/// Where a fact stands: which source, which line of it, at which byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// Index of the source in discovery order; the report renumbers sources for print.
    pub source: u32,
    /// Line, counted from 1; 0 when the fact belongs to the file as a whole.
    pub line: u64,
    /// Byte offset of the start of that line in the (decompressed) source.
    pub byte: u64,
}

/// One thing a source states, with a time and an origin.
#[derive(Clone, Debug)]
pub struct Event {
    /// When it happened, on the clock the source used. None when the source gives no time.
    pub at: Option<Stamp>,
    /// Where it is written.
    pub origin: Origin,
    /// What is stated.
    pub kind: EventKind,
}

/// What sources state.
#[derive(Clone, Debug, Default)]
pub struct Stated {
    /// Events, per source in the order of the source.
    pub events: Vec<Event>,
    /// Turns, in the same order.
    pub turns: Vec<PackedTurn>,
    /// Calls that worked, in the same order.
    pub worked: Vec<Worked>,
    /// The words that a fact was read from, only under `--private`.
    pub excerpts: Vec<(Origin, Excerpt)>,
}

/// What a source can state beside its turns and the calls that worked.
#[derive(Clone, Debug)]
pub enum EventKind {
    /// A transport failure that stands on its own, outside a turn record.
    Transport(TransportFailure),
    /// An attempt to refresh failed, was refused, or its outcome is unknown.
    Refused {
        /// What the token endpoint (or the client) said.
        failure: Failure,
        /// Account the line names.
        account: Option<Key>,
        /// Process the line names (pid or equal), to tell concurrent attempts apart.
        process: Option<Key>,
        /// Session the attempt was made for, if the line says; never a run, which is no session.
        session: Option<Key>,
        /// Agent it was made for, if the line says (OpenClaw's session lanes).
        agent: Option<Key>,
    },
    /// A log says outright that a refresh succeeded.
    Refreshed {
        /// Account the line names.
        account: Option<Key>,
        /// Process the line names.
        process: Option<Key>,
    },
    /// A refresh attempt started; its outcome is elsewhere or nowhere.
    RefreshStarted {
        /// Process the line names.
        process: Option<Key>,
    },
    /// A log kept everything that one process did about its login, from a time on up to the time of
    /// this event: only inside is silence a sign. (A Codex database prunes its rows per process.)
    Covered {
        /// The process.
        process: Option<Key>,
        /// The front end it belongs to, as far as its neighbours tell.
        client: Client,
        /// When its record begins.
        since: Stamp,
        /// The record begins with the process, and not only where older rows were dropped.
        whole: bool,
    },
    /// A person used the client then; how it was answered is not said.
    Active {
        /// Session.
        session: Option<Key>,
    },
    /// A session belongs to an account.
    SessionOf {
        /// Session.
        session: Option<Key>,
        /// Account.
        account: Key,
    },
    /// The content of a credential store, now or at some time before.
    Store(Box<StoreState>),
    /// Tokens were written to a store that cannot be read: the time is all that is known.
    Rewritten,
    /// The home keeps its login out of sight, in the system's keyring.
    KeptElsewhere,
    /// The store is guarded by lock files, as Codex does from 0.169 on.
    Locked {
        /// File time: the first write under such a build, where the medium kept it.
        since: Option<Stamp>,
    },
    /// A store says of itself that a credential is benched, dead or cooling down.
    Trouble(StoreTrouble),
    /// A login began (`done: false`) or was completed (`done: true`).
    Login {
        /// True when the new tokens were received.
        done: bool,
    },
    /// A logout.
    Logout,
    /// A login that began, or a logout, in another home of the program on this machine (`CODEX_HOME=… codex logout`).
    Elsewhere {
        /// Which home.
        home: Below,
        /// A logout, else the beginning of a login.
        logout: bool,
    },
    /// This client took over a credential that another client wrote.
    Adopted {
        /// Whose credential it was.
        from: Client,
        /// What made it look elsewhere, where the line says.
        cause: Option<ErrorClass>,
    },
    /// This client wrote a refreshed credential back into another client's store.
    WroteBack {
        /// Whose store it is.
        to: Client,
    },
    /// This client found its store already rotated by another writer.
    FoundRotated,
    /// One step of model fallback.
    Fallback(FallbackStep),
    /// A session pins its model, so a fallback is deliberately not used.
    Pinned,
    /// Fallback models are (or are not) set up in this home's configuration.
    FallbackConfigured(bool),
    /// A line that holds both clocks: local minus UTC, in seconds.
    ZoneAnchor {
        /// Offset of local time from UTC in seconds.
        offset_s: i32,
    },
    /// The naive times of a log run back here, by so much as no thread is late: it was written to under two zones, or
    /// the clock was put back.
    RanBack {
        /// How far, in ms.
        by_ms: i64,
    },
    /// A process of this client started.
    Started {
        /// Front end or version the line names.
        version: Option<Version>,
    },
    /// The program that wrote this source.
    WrittenBy {
        /// More exact than the source's client (codex-cli, codex-vscode …).
        client: Client,
        /// Its version, if stated.
        version: Option<Version>,
    },
    /// The client could not write its store.
    WriteFailed,
    /// A copy was put in the place of the store (`cp … ~/.codex/auth.json`, by a shell's history).
    Restored,
}

impl Stated {
    /// How much there is.
    pub fn len(&self) -> usize {
        self.events.len() + self.turns.len() + self.worked.len()
    }

    /// True when nothing is stated.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The index of the source of everything in it.
    pub fn sources_mut(&mut self) -> impl Iterator<Item = &mut u32> {
        let events = self.events.iter_mut().map(|event| &mut event.origin.source);
        let turns = self.turns.iter_mut().map(|turn| &mut turn.source);
        let worked = self.worked.iter_mut().map(|worked| &mut worked.source);
        events.chain(turns).chain(worked).chain(self.excerpts.iter_mut().map(|(origin, _)| &mut origin.source))
    }

    /// When everything that is dated happened, with the index of its source.
    pub fn stamps(&self) -> impl Iterator<Item = (Stamp, u32)> {
        let events = self.events.iter().filter_map(|event| Some((event.at?, event.origin.source)));
        let turns = self.turns.iter().filter_map(|turn| Some((turn.at()?, turn.source)));
        let worked = self.worked.iter().filter_map(|worked| Some((worked.at()?, worked.source)));
        events.chain(turns).chain(worked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_small() {
        // A log may state one every few lines.
        assert!(size_of::<Event>() <= 128, "{}", size_of::<Event>());
    }
}
