//! Which version of a program was at work in a home, and when: as its own records state it.
//!
//! Apart from the acts, since a version does nothing. It says what an act could do: a logout of early
//! Codex revoked nothing. A home may hold several front ends of different versions, so that of each the
//! nearest statement counts. What was typed into a shell, or stands in the log of the login command, was done by the
//! terminal program's build. Where that was older and another front end's was not, or where it is not known which of
//! them acted, the act may have been that of either.

use super::Correlated;
use super::acts::Act;
use super::clock::When;
use super::ran::Ran;
use crate::event::{Client, Origin, Version};
use std::collections::BTreeMap;

/// A version that a front end stated.
#[derive(Clone, Debug)]
pub struct Stated {
    /// When.
    pub at: When,
    /// Where it is written.
    pub origin: Origin,
    /// Which.
    pub version: Version,
}

/// A home: program, and where it is.
type Home = (Client, Option<String>);

/// What each front end of each home stated, by time.
#[derive(Debug, Default)]
pub struct Versions(BTreeMap<Home, BTreeMap<Client, Vec<Stated>>>);

impl Versions {
    /// Sort them by home and front end; they come in order of time.
    pub(super) fn of(ran: &[Ran]) -> Versions {
        let mut versions = Versions::default();
        for ran in ran {
            let Some(version) = ran.version.clone() else { continue };
            let stated = Stated { at: ran.at, origin: ran.origin, version };
            let home = (ran.client.program(), ran.home.clone());
            versions.0.entry(home).or_default().entry(ran.client).or_default().push(stated);
        }
        versions
    }

    /// Of each front end in a home what it stated last before a time, and what first after it.
    fn around(&self, client: Client, home: &Option<String>, at: When) -> Vec<Around<'_>> {
        let fronts = self.0.get(&(client.program(), home.clone())).into_iter().flatten();
        let nearest = |list: &'_ Vec<Stated>| list.partition_point(|s| s.at.ms <= at.ms);
        fronts
            .map(|(front, list)| (*front, list, nearest(list)))
            .map(|(front, list, next)| Around {
                front,
                before: next.checked_sub(1).and_then(|i| list.get(i)),
                after: list.get(next),
            })
            .collect()
    }
}

/// What one front end stated around a time.
#[derive(Clone, Copy)]
struct Around<'a> {
    front: Client,
    before: Option<&'a Stated>,
    after: Option<&'a Stated>,
}

impl<'a> Around<'a> {
    fn both(self) -> impl Iterator<Item = &'a Stated> {
        [self.before, self.after].into_iter().flatten()
    }

    /// Was it at a version, before or after?
    fn is_at_least(self, parts: &[u32]) -> bool {
        self.both().any(|s| s.version.is_at_least(parts))
    }

    /// Is it the terminal program? `codex exec` is of the same build.
    fn is_terminals(self) -> bool {
        matches!(self.front, Client::CodexCli | Client::CodexExec)
    }
}

/// What the records of a home say of the version that was at work in it at some time.
#[derive(Clone, Copy, Debug)]
pub enum AtWork<'a> {
    /// Every front end was older when it was last seen before that time (the first statement), and when it
    /// was first seen after it (the second).
    Older(&'a Stated, &'a Stated),
    /// Every front end was older when it was last seen before, or first seen after; on the other side none is
    /// seen.
    OlderPartly(&'a Stated),
    /// Some were older, such as the one that stated this, and others were not; which of them acted is not known, or it
    /// was one of the older ones as far as the records tell.
    Divided(&'a Stated),
    /// None of them was older, or not the one that acted.
    Open,
    /// Only builds that are no release, which may do anything.
    Unreleased(&'a Stated),
    /// Nothing is on record.
    Unstated,
}

impl<'a> AtWork<'a> {
    /// The record that says so: none where it is open.
    pub fn stated(self) -> Option<&'a Stated> {
        match self {
            AtWork::Older(stated, _) | AtWork::OlderPartly(stated) | AtWork::Divided(stated) => Some(stated),
            AtWork::Open | AtWork::Unreleased(_) | AtWork::Unstated => None,
        }
    }
}

impl Correlated {
    /// Was the program in this home older than a version at this time?
    pub fn older_than(&self, parts: &[u32], client: Client, home: &Option<String>, at: When) -> AtWork<'_> {
        let around = self.versions.around(client, home, at);
        let (newer, older): (Vec<Around<'_>>, Vec<Around<'_>>) = around.iter().partition(|front| front.is_at_least(parts));
        let its_own = |front: &&Around<'_>| front.is_terminals();
        let by_terminal = self.is_terminals(client, home, at);
        if older.is_empty() && !newer.is_empty() || by_terminal && newer.iter().any(|front| its_own(&front)) {
            return AtWork::Open;
        }
        let all = || older.iter().flat_map(|front| front.both());
        // A build from a working copy calls itself 0.0.0.
        let released = |s: &&Stated| s.version.is_at_least(&[0, 0, 1]);
        if !newer.is_empty() {
            let near = |stated: &&Stated| stated.at.ms.abs_diff(at.ms);
            let nearest = all().filter(released).min_by_key(near);
            let own = older.iter().filter(its_own).filter(|_| by_terminal).flat_map(|front| front.both()).filter(released);
            return own.min_by_key(near).or(nearest).map_or(AtWork::Open, AtWork::Divided);
        }
        let last = older.iter().filter_map(|front| front.before).filter(released).max_by_key(|s| s.at.ms);
        let next = older.iter().filter_map(|front| front.after).filter(released).min_by_key(|s| s.at.ms);
        match (last, next) {
            (Some(before), Some(after)) => AtWork::Older(before, after),
            (Some(stated), None) | (None, Some(stated)) => AtWork::OlderPartly(stated),
            (None, None) => all().next().map_or(AtWork::Unstated, AtWork::Unreleased),
        }
    }

    /// Was what was done in this home at this time done by the terminal program?
    fn is_terminals(&self, client: Client, home: &Option<String>, at: When) -> bool {
        let from = self.acts.partition_point(|act| act.at.ms < at.ms);
        let then = self.acts.get(from..).into_iter().flatten().take_while(|act| act.at.ms == at.ms);
        let its = |act: &&Act| act.client.program() == client.program() && act.home == *home && act.is_ending_or_start();
        then.filter(its).any(|act| act.front == Some(Client::CodexCli))
    }

    /// The change of version that a front end of this home showed last, if it did so within `within_ms` before
    /// a time: what it had stated until then, and what it stated since.
    pub fn upgraded(&self, client: Client, home: &Option<String>, until: When, within_ms: i64) -> Option<(&Stated, &Stated)> {
        let change = |list: &'_ Vec<Stated>| -> Option<(usize, usize)> {
            let end = list.partition_point(|s| s.at.ms <= until.ms);
            let recent = list.get(..end)?.partition_point(|s| s.at.ms < until.ms.saturating_sub(within_ms));
            (recent.max(1)..end)
                .rev()
                .find(|&i| list.get(i - 1).map(|s| &s.version) != list.get(i).map(|s| &s.version))
                .map(|i| (i - 1, i))
        };
        let fronts = self.versions.0.get(&(client.program(), home.clone()))?.values();
        let found = fronts.filter_map(|list| change(list).and_then(|(i, j)| Some((list.get(i)?, list.get(j)?))));
        found.max_by_key(|(_, since)| since.at.ms)
    }
}
