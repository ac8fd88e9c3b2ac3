//! Which machine each source was read from, where there are several.
//!
//! What the user states (`--host-of GLOB=NAME`, the last match wins) decides; a source that no statement
//! covers is of a machine of its own, "the rest". Without a statement the input roots tell, and they are
//! taken for machines only where they look like it:
//!
//! - A root is a candidate when homes stand below it (`laptop/.codex`), and it is none itself: `~/.codex
//!   ~/.hermes`, a list of files and what a run without a path finds are one machine.
//! - Two candidates are two machines when both hold a home of the same program, or both a credential store or
//!   conversations of a program, which had one: a store that was left out makes no one machine of two.
//!   Homes that were packed one by one, each in an archive of its own name, are homes named singly ([`packed`]).
//! - Two that have a conversation in common are one machine read twice (a home and a bundle made of it), and
//!   so are two that hold the same token where one of them shows no conversation: a copy that somebody kept.
//!   One token in two places that both show conversations of their own was copied to a second machine.
//!
//! When in doubt it is one machine. A second one only widens the intervals of times, and keeps records of
//! one machine from standing for those of another; a user who knows better can say so. Of clocks the doubt goes
//! the other way: homes that were packed one by one may have been collected on two machines, and an order of
//! their times that holds on one clock alone is none.

mod packed;
mod roots;

use super::glob;
use crate::event::Client;
use crate::evidence::{Evidence, SourceRecord};
use crate::plan::Plan;
use std::collections::{BTreeMap, BTreeSet};

/// A machine. A number in no order that means anything; [`Hosts::title`] gives the one that is printed.
pub type HostId = usize;

/// The machines, and which of them each source is from. Where there is one, no source has any.
#[derive(Debug, Default)]
pub struct Hosts {
    of: Vec<Option<HostId>>,
    names: Vec<Option<String>>,
    /// For each its place in print.
    ordinals: Vec<usize>,
    /// For each source the input root it stands below, where another root is the same machine.
    readings: Vec<Option<usize>>,
    /// How the names of homes below each root begin.
    tops: Vec<String>,
    /// For each source of a home that was packed alone, on a machine that others may be of as well, the number
    /// that stands for that machine's clock.
    clocks: Vec<Option<HostId>>,
    /// The programs of these homes. Their numbers come after those of the machines.
    packed: Vec<Client>,
}

/// What makes a machine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    /// The user's word.
    Named(String),
    /// An input root, by its number.
    Under(usize),
    /// What no statement covers.
    Rest,
}

impl Hosts {
    /// Find them.
    pub(super) fn of(evidence: &Evidence, plan: &Plan) -> Hosts {
        let roots::Found { under, readings, tops, packed } = roots::find(evidence, plan);
        let stated = |source: &SourceRecord| plan.hosts.iter().rev().find(|rule| glob::matches(&rule.glob, &source.name));
        let is_stated = !plan.hosts.is_empty();
        let mark = |(source, under): (&SourceRecord, Option<usize>)| match (stated(source), under) {
            (Some(rule), _) => Some(Mark::Named(rule.name.clone())),
            (None, Some(root)) => Some(Mark::Under(root)),
            (None, None) => (is_stated && source.name.private() != "-").then_some(Mark::Rest),
        };
        let mut marks: Vec<Option<Mark>> = evidence.sources.iter().zip(under).map(mark).collect();
        // What is no home's is left over from any machine.
        let lives = |(source, mark): (&SourceRecord, &Option<Mark>)| *mark == Some(Mark::Rest) && source.home.is_some();
        if !evidence.sources.iter().zip(&marks).any(lives) {
            marks.iter_mut().filter(|mark| **mark == Some(Mark::Rest)).for_each(|mark| *mark = None);
        }
        let is_open = |index: usize| marks.get(index).is_some_and(Option::is_none);
        let alone: Vec<Option<usize>> = packed.of.iter().enumerate().map(|(at, of)| of.filter(|_| is_open(at))).collect();
        let mut hosts = Hosts { readings, tops, ..Hosts::marked(&marks) };
        hosts.clocks = alone.into_iter().map(|home| home.map(|home| hosts.names.len() + home)).collect();
        hosts.packed = packed.programs;
        hosts
    }

    fn marked(marks: &[Option<Mark>]) -> Hosts {
        let found: BTreeSet<&Mark> = marks.iter().flatten().collect();
        if found.len() < 2 {
            return Hosts { of: vec![None; marks.len()], ..Hosts::default() };
        }
        let numbers: BTreeMap<&Mark, HostId> = found.iter().copied().zip(0..).collect();
        let name = |mark: &&Mark| if let Mark::Named(name) = mark { Some(name.clone()) } else { None };
        Hosts {
            of: marks.iter().map(|mark| numbers.get(mark.as_ref()?).copied()).collect(),
            names: found.iter().map(name).collect(),
            ordinals: (0..found.len()).collect(),
            ..Hosts::default()
        }
    }

    /// Number them in the order in which their first sources are printed.
    pub(super) fn number(&mut self, ranks: &[u32]) {
        let first = |host: HostId| {
            let its = self.of.iter().zip(ranks).filter(|(of, _)| **of == Some(host));
            its.map(|(_, rank)| *rank).min()
        };
        let mut order: Vec<HostId> = (0..self.names.len()).collect();
        order.sort_by_key(|&host| first(host));
        for (place, host) in order.into_iter().enumerate() {
            self.ordinals[host] = place;
        }
    }

    /// The machine of a source; None where there is one machine only, or where it is not known.
    pub fn host(&self, source: u32) -> Option<HostId> {
        self.of.get(source as usize).copied().flatten()
    }

    /// The machine whose clock the times of a source are of. A home that was packed alone counts as one of its own
    /// here, since nothing says that it was packed where the others were.
    pub(super) fn clock(&self, source: u32) -> Option<HostId> {
        self.packed(source).or_else(|| self.host(source))
    }

    /// The number of a home that was packed alone and that a source is of: nothing says that it was packed where the
    /// others were.
    pub(super) fn packed(&self, source: u32) -> Option<HostId> {
        self.clocks.get(source as usize).copied().flatten()
    }

    /// May times be of several clocks?
    pub(super) fn are_several_clocks(&self) -> bool {
        self.are_several() || self.clocks.iter().any(Option::is_some)
    }

    /// Is this number that of a home packed alone, of which nothing says on which machine it was?
    pub fn is_packed(&self, clock: HostId) -> bool {
        clock >= self.names.len()
    }

    /// The input root that a source stands below, and how the names of homes below it begin, where another
    /// root is the same machine read at another time.
    pub(super) fn reading(&self, source: u32) -> Option<(usize, &str)> {
        let root = self.readings.get(source as usize).copied().flatten()?;
        Some((root, self.tops.get(root)?))
    }

    /// Are there several?
    pub fn are_several(&self) -> bool {
        !self.names.is_empty()
    }

    /// What they are called in print, by their numbers.
    pub fn titles(&self) -> Vec<String> {
        (0..self.names.len()).map(|host| self.title(host)).collect()
    }

    /// The user's own words for them (private), in order of print.
    pub fn stated(&self) -> Vec<(String, &str)> {
        let mut all: Vec<HostId> = (0..self.names.len()).collect();
        all.sort_by_key(|&host| self.ordinals.get(host));
        all.into_iter().filter_map(|host| Some((self.title(host), self.names.get(host)?.as_deref()?))).collect()
    }

    /// What it is called in print: `host-1`.
    pub fn title(&self, host: HostId) -> String {
        if let Some(program) = host.checked_sub(self.names.len()).and_then(|at| self.packed.get(at)) {
            return format!("the machine where the home of {} was packed", program.title());
        }
        format!("host-{}", self.ordinals.get(host).copied().unwrap_or(host) + 1)
    }
}

/// May two things be of one machine? What is not known may be of any.
pub(super) fn may_be_one(a: Option<HostId>, b: Option<HostId>) -> bool {
    a.zip(b).is_none_or(|(a, b)| a == b)
}

/// Are two things known to be of different machines?
pub(super) fn differ(a: Option<HostId>, b: Option<HostId>) -> bool {
    !may_be_one(a, b)
}
