//! The facts of a case as items of evidence: every sentence of a report about a fact is made here or in a
//! hypothesis, out of our own words, names of clients and times. No input text can get in.
//!
//! Apart from [`super::case`], which asks what is so and not how it is said.

use super::case::Case;
use super::finding::{Item, ItemKind};
use super::times::day;
use crate::correlate::{Act, ActKind, FailureSeen, Held, Stated, SuccessSeen, When};
use crate::event::{Client, ErrorClass, Origin};

impl Case<'_> {
    /// A failure as evidence.
    pub fn failure(&self, f: &FailureSeen) -> Item {
        let kind = if f.failure.class.is_refresh() { ItemKind::Refusal } else { ItemKind::Failure };
        let who = f.stated_by.title();
        self.item(kind, f.dated.then_some(f.at), f.origin, format!("{who}: {}", f.failure.class.says()))
    }

    /// A success as evidence.
    pub fn success(&self, s: &SuccessSeen, who: Client, what: &str) -> Item {
        self.item(ItemKind::Control, Some(s.at), s.origin, format!("{} {what}", who.title()))
    }

    /// An act as evidence.
    pub fn acted(&self, act: &Act) -> Item {
        let who = self.called(act.client, act.host);
        let (kind, says) = match act.kind {
            ActKind::Rotation { by_login: Some(false) } => (ItemKind::Rotation, format!("{who} {}", self.refreshed(act))),
            ActKind::Rotation { .. } => (
                ItemKind::Rotation,
                format!("{who} store changed (refresh or login): access token issued {}", day(self.issued(act))),
            ),
            ActKind::Login { .. } if self.as_stated(act).is_dated_by_password(&self.known.stores) => {
                (ItemKind::Login, format!("{who}: the store holds a new login session, for which the password was entered then"))
            }
            ActKind::Login { in_store, in_log } => (ItemKind::Login, login(&who, in_store, in_log)),
            ActKind::LoginAbandoned => (ItemKind::Login, format!("{who} login was begun and not completed")),
            ActKind::LoginBegun { .. } => (ItemKind::Login, format!("{who} login was begun, and completed later")),
            ActKind::Logout => (ItemKind::Logout, format!("{who}: a logout is logged")),
            ActKind::Adopted { from, .. } => (ItemKind::Adoption, format!("{who} took over the credential of {}", from.title())),
            ActKind::WroteBack { to } => {
                (ItemKind::Adoption, format!("{who} wrote its credential into the store of {}", to.title()))
            }
            ActKind::FoundRotated => (ItemKind::Rotation, format!("{who} found its store already rotated by another writer")),
            ActKind::Started => (ItemKind::Store, format!("{who} started")),
            ActKind::WriteFailed => (ItemKind::Store, format!("{who} could not write its store")),
            ActKind::Unanswered => (ItemKind::Refusal, format!("{who}: {}", ErrorClass::RefreshOutcomeUnknown.says())),
            ActKind::Begun => (ItemKind::Refusal, format!("{who} began a refresh, and its log does not say how it ended")),
            ActKind::Restored => (ItemKind::Store, format!("a copy was put in the place of the store of {who}")),
        };
        Item { grade: act.grade, ..self.item(kind, Some(act.at), act.origin, says) }
    }

    /// A refresh, as a store or a log shows it.
    fn refreshed(&self, act: &Act) -> String {
        match act.held {
            Some(_) => format!("store refreshed: access token issued {}", day(self.issued(act))),
            None => format!("logged a refresh that worked: {}", day(act.at)),
        }
    }

    /// When the access token that an act brought was issued, by its own word where it has one.
    fn issued(&self, act: &Act) -> When {
        let held = act.store.zip(act.held).and_then(|(store, at)| self.known.stores.get(store)?.held.get(at));
        held.and_then(|held| held.issued_at).unwrap_or(act.at)
    }

    /// The version that was at work in a home, as evidence of what an act could do.
    pub fn build(&self, stated: &Stated, who: Client) -> Item {
        let says = format!("{} {} was at work in that home", who.title(), stated.version.as_str());
        self.item(ItemKind::Build, Some(stated.at), stated.origin, says)
    }

    /// A fact with its place.
    pub fn item(&self, kind: ItemKind, at: Option<When>, origin: Origin, says: String) -> Item {
        Item { kind, at, origin, grade: None, says }
    }

    /// The credential that the victim held, as evidence of when it was obtained.
    pub fn possession(&self, held: &Held) -> Item {
        let who = self.incident.victim.client.title();
        let since = held.since.map_or("at an unknown time".to_owned(), day);
        self.item(
            ItemKind::Store,
            held.since,
            held.origin,
            format!("{who} obtained the credential it still held at the failure: {since}"),
        )
    }
}

fn login(who: &str, in_store: bool, in_log: bool) -> String {
    match (in_store, in_log) {
        (true, true) => format!("{who}: a login is logged, and the store holds a new login session"),
        (true, false) => format!("{who}: the store holds a new login session"),
        _ => format!("{who}: a completed login is logged"),
    }
}
