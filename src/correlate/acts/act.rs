//! An act: what was done to a credential, when, by whom and how well that is proved. Plain data,
//! made in [`super::collect`].

use crate::correlate::clock::When;
use crate::correlate::hosts::HostId;
use crate::correlate::stores::{Held, StoreId};
use crate::event::{Client, ErrorClass, Origin};
use crate::secret::Key;

/// `last_refresh` and the token's issue time of one rotation differ by network time and skew.
pub(super) const AGREE_MS: i64 = 2 * 60_000;

/// They do so by less than this where nothing is in the way: the rest of the second of the one, and the way of
/// the answer.
pub(super) const ARRIVAL_MS: i64 = 2_000;

/// Why a store's new pair may not have been exchanged by the store's own program. A store that
/// changed shows that its login was renewed, not by whose hand: Hermes of April 2026 and OpenClaw
/// up to 2026.4.17 write what they refreshed into Codex' store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Another store holds the same new pair, and nothing shows which of them it was minted for.
    SharedPair,
    /// The store's time stamp has the form of another program's, or a log says that another
    /// program wrote into this store.
    ForeignHand,
    /// The form of the time stamp fits another program as well.
    OpenHand,
    /// The entry gives the end of the pair as it does for one that was taken over (OpenClaw).
    PerhapsTaken,
    /// The store is stamped later than the pair was issued: a program stamps what it receives on arrival, and what it
    /// takes over when it does (Hermes).
    LateStamp {
        /// Its clock is right, by another stamp of its machine; where none tells, it may be ahead.
        right: bool,
    },
    /// A store of the same program on another machine holds the pair as well.
    OpenHost {
        /// What shows that the program was at work on this machine alone when the pair was issued; None where
        /// nothing does: then it is open which of the machines received it.
        at_work: Option<Origin>,
    },
}

/// The program that wrote a new pair into another one's store, by its own word: the exchange was its act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hand {
    /// Which program.
    pub client: Client,
    /// Its own store, where one is among the files that its record belongs to.
    pub store: Option<StoreId>,
    /// When it says that it wrote.
    pub at: When,
    /// Where it says so.
    pub origin: Origin,
}

/// How well a rotation is proved. The words are those of the JSON contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// The store's previous refresh token is known, and the victim still holds it.
    R0,
    /// A log names the account and says that the refresh succeeded.
    R1,
    /// `last_refresh` and the token's issue time agree.
    R2,
    /// One of the two.
    R3,
    /// File time only.
    R4,
}

impl Grade {
    /// The word of the JSON contract.
    pub fn word(self) -> &'static str {
        match self {
            Grade::R0 => "R0",
            Grade::R1 => "R1",
            Grade::R2 => "R2",
            Grade::R3 => "R3",
            Grade::R4 => "R4",
        }
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActKind {
    /// The pair was refreshed. `by_login` is Some(false) when the login session is known to have
    /// stayed, None when nothing tells a refresh from a login.
    Rotation {
        /// Could it have been a login instead? Some(false): no.
        by_login: Option<bool>,
    },
    /// A person logged in: new login session.
    Login {
        /// Seen in the store.
        in_store: bool,
        /// Seen in a log.
        in_log: bool,
    },
    /// A login was begun and (as far as the log goes) not completed.
    LoginAbandoned,
    /// A login of Codex was begun that is on record as completed, by an act of its own. That one stands for it, but
    /// where it came too late: 0.169 ends the old login at this point, and the browser takes minutes.
    LoginBegun {
        /// When it was completed.
        done: When,
    },
    /// A logout.
    Logout,
    /// The pair was taken over from another program's store.
    Adopted {
        /// Whose it was.
        from: Client,
        /// Why, where a log says.
        cause: Option<ErrorClass>,
    },
    /// The pair was written into another program's store.
    WroteBack {
        /// Whose store it is.
        to: Client,
    },
    /// The client saw that another writer had rotated its store.
    FoundRotated,
    /// A process started.
    Started,
    /// A write to the store failed.
    WriteFailed,
    /// A refresh was begun and no answer to it is on record: whether the token was spent is open.
    Unanswered,
    /// A refresh was begun, and its program's log never says how one ends unless it is refused (opencode).
    Begun,
    /// A person put a copy of the store in its place.
    Restored,
}

/// Something that was done to a credential, or by a client that holds one.
#[derive(Clone, Debug)]
pub struct Act {
    /// When.
    pub at: When,
    /// By which program.
    pub client: Client,
    /// Home of the program (private).
    pub home: Option<String>,
    /// Machine that it was done on; None where there is one only, or where it is not known.
    pub host: Option<HostId>,
    /// In which store.
    pub store: Option<StoreId>,
    /// On which account.
    pub account: Option<Key>,
    /// What.
    pub kind: ActKind,
    /// How well a rotation is proved.
    pub grade: Option<Grade>,
    /// Index of the resulting credential in the store's history.
    pub held: Option<usize>,
    /// The front end whose process a log names for it, or whose command it was.
    pub front: Option<Client>,
    /// The process that a log names for it.
    pub process: Option<Key>,
    /// Where it is written.
    pub origin: Origin,
    /// More places that say the same.
    pub also: Vec<Origin>,
    /// Why it may have been another program's doing.
    pub doubt: Option<Doubt>,
    /// Which other program says that the pair is of its making.
    pub by: Option<Hand>,
}

impl Act {
    /// True for a rotation.
    pub fn is_rotation(&self) -> bool {
        matches!(self.kind, ActKind::Rotation { .. })
    }

    /// Is it of the same program in the same home?
    pub fn is_at(&self, client: Client, home: &Option<String>, host: Option<HostId>) -> bool {
        self.client == client && self.home == *home && self.host == host
    }

    /// True for a completed login.
    pub fn is_login(&self) -> bool {
        matches!(self.kind, ActKind::Login { .. })
    }

    /// Is it an act that may end a login: its own logout, or a login that takes its place?
    pub fn is_ending(&self) -> bool {
        matches!(self.kind, ActKind::Login { .. } | ActKind::LoginAbandoned | ActKind::Logout)
    }

    /// The same, or the start of a login that was completed since: where its completion came too late to have ended
    /// what it is asked about, the start may have.
    pub fn is_ending_or_start(&self) -> bool {
        self.is_ending() || matches!(self.kind, ActKind::LoginBegun { .. })
    }

    /// Is it the start of a login that was under way at this time, under some reading of the clocks?
    pub fn is_under_way(&self, at: When) -> bool {
        matches!(self.kind, ActKind::LoginBegun { done } if self.at.maybe_before(at) && !done.surely_before(at))
    }

    /// A login that a log states or that a store shows beside what it held before. The first pair that
    /// is known of a store may also come from a refresh right after the login that it tells of.
    pub fn is_sure_login(&self) -> bool {
        matches!(self.kind, ActKind::Login { in_log, .. } if in_log || self.held != Some(0))
    }
}

pub(in crate::correlate) fn close(a: When, b: When, within: i64) -> bool {
    (a.ms - b.ms).abs() <= within
}

/// Do the store's own stamp and the token's issue time agree?
pub(in crate::correlate) fn agrees(held: &Held) -> bool {
    held.refreshed_at.zip(held.issued_at).is_some_and(|(r, i)| (r.ms - i.ms).abs() <= AGREE_MS)
}
