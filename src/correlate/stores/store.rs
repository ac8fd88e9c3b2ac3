//! A store: the credentials that one program holds in one place, in the order in which it held them.
//!
//! Apart from [`super::collect`], which makes them of the evidence, since everything that asks about
//! credentials asks a store.

use crate::correlate::clock::When;
use crate::correlate::hosts::HostId;
use crate::event::{Client, Origin, Section, Taken, Writer};
use crate::secret::Key;

/// Index of a store in `Stores::list`.
pub type StoreId = usize;

/// A credential as a store held it from some time on.
#[derive(Clone, Debug)]
pub struct Held {
    /// When the store came to hold it: `last_refresh`, else the token's issue time.
    pub since: Option<When>,
    /// Issue time of the access token, on the server's clock.
    pub issued_at: Option<When>,
    /// End of the access token.
    pub expires_at: Option<When>,
    /// What the store itself gives as the time of its last refresh.
    pub refreshed_at: Option<When>,
    /// Account.
    pub account: Option<Key>,
    /// Login session.
    pub family: Option<Key>,
    /// When the password was entered for it.
    pub login_time: Option<i64>,
    /// Access token.
    pub access: Option<Key>,
    /// Refresh token.
    pub refresh: Option<Key>,
    /// It held a refresh token, and a text stands in its place that says nothing of which one.
    pub has_stand_in: bool,
    /// Marked as copied from another program's store.
    pub imported: bool,
    /// Put out of use by the store itself.
    pub fenced: Option<bool>,
    /// Who probably wrote it.
    pub writer: Option<Writer>,
    /// Only a file time dates it.
    pub dated_by_file: bool,
    /// Where it is written.
    pub origin: Origin,
    /// Live or a copy.
    pub taken: Taken,
    /// It stands in the store's own home: as the live file, or as a copy that was kept there. A copy from
    /// elsewhere may be another holder's.
    pub at_home: bool,
}

impl Held {
    /// Is this the same credential (same tokens)?
    pub fn same_tokens(&self, other: &Held) -> bool {
        let same = |a: Option<Key>, b: Option<Key>| a.is_some() && a == b;
        same(self.refresh, other.refresh) || (self.refresh.is_none() && same(self.access, other.access))
    }

    /// Is its refresh token the same one? Where stand-ins hide both, one access token tells: the two came of one
    /// exchange.
    pub fn same_refresh(&self, other: &Held) -> bool {
        let same = |a: Option<Key>, b: Option<Key>| a.is_some() && a == b;
        same(self.refresh, other.refresh) || (self.has_stand_in && other.has_stand_in && same(self.access, other.access))
    }

    /// Do both descend from one login? None where no claim tells. The time of the password belongs to the
    /// session of the browser, in which a person may give two programs a login each: two times are two
    /// logins, one time says nothing.
    pub fn same_family(&self, other: &Held) -> Option<bool> {
        if self.same_tokens(other) {
            return Some(true);
        }
        match (self.family, other.family) {
            (Some(a), Some(b)) => Some(a == b),
            _ => self.login_time.zip(other.login_time).filter(|(a, b)| a != b).map(|_| false),
        }
    }
}

/// One store with all that is known of its history, oldest first.
#[derive(Clone, Debug)]
pub struct Store {
    /// The program that owns it.
    pub client: Client,
    /// Home it belongs to (private).
    pub home: Option<String>,
    /// Machine it is on; None where there is one only, or where it is not known.
    pub host: Option<HostId>,
    /// Folder of the live file (private).
    pub folder: String,
    /// Part of the file.
    pub section: Section,
    /// Other names of the same entry, where a file holds one pair under several.
    pub mirrors: Vec<Section>,
    /// Index of the first event that tells of it, which gives its place among the entries of its file; None
    /// where none does.
    pub read: Option<usize>,
    /// Credentials it held, oldest first; equal ones once.
    pub held: Vec<Held>,
    /// Account: that of its newest credential that names one.
    pub account: Option<Key>,
    /// True when the live file was seen (not only copies).
    pub live: bool,
    /// The login is out of sight (in a keyring, or its file was left out): what it holds now is not
    /// known.
    pub hidden: bool,
    /// A record of a build at work in its home that ends the login as soon as a new one is begun.
    pub guarded: Option<Origin>,
}

impl Store {
    /// Is it the entry of that name?
    pub(super) fn is_section(&self, section: Section) -> bool {
        self.section == section || self.mirrors.contains(&section)
    }

    /// Does it stand in the same folder?
    pub(super) fn is_beside(&self, other: &Store) -> bool {
        (&self.home, &self.folder, self.host) == (&other.home, &other.folder, other.host)
    }

    /// The newest credential.
    pub fn newest(&self) -> Option<&Held> {
        self.held.last()
    }

    /// Is it shown that it held a pair until it refreshed that, or to this day? One that only copies show may have
    /// given way to pairs of which there is no copy.
    pub fn keeps(&self, held: &Held) -> bool {
        match self.held.iter().position(|known| known.same_tokens(held)).map(|place| self.held.get(place + 1)) {
            Some(Some(next)) => next.same_family(held) == Some(true),
            Some(None) => self.live,
            None => false,
        }
    }

    /// The credential held just before `when`, under the best reading.
    pub fn held_at(&self, when: When) -> Option<&Held> {
        let dated = self.held.iter().rev().find(|h| h.since.is_some_and(|s| s.ms <= when.ms));
        dated.or_else(|| self.held.iter().find(|h| h.since.is_none()))
    }

    /// The same, where every admissible reading of `when` gives the same credential. A repair made
    /// hours after a failure whose clock is adrift must not stand for what was refused.
    pub fn surely_held_at(&self, when: When) -> Option<&Held> {
        let at = |ms: i64| self.held_at(When { ms, ..when });
        let (first, last) = (at(when.lo)?, at(when.hi)?);
        first.same_tokens(last).then_some(last)
    }
}
