//! Which machine each source was read from, where there are several.
//!
//! What the user states (`--host-of GLOB=NAME`, the last match wins) decides; a source that no statement
//! covers is of a machine of its own, "the rest". Without a statement the input roots tell, and they are
//! taken for machines only where they look like it:
//!
//! - A root is a candidate when homes stand below it (`laptop/.codex`), and it is none itself: `~/.codex
//!   ~/.hermes`, a list of files and what a run without a path finds are one machine.
//! - Two candidates are two machines when both hold a home of the same program, or both a credential store.
//!   An archive whose one top folder is a home (`.codex` packed alone) is a home named singly: that it holds a
//!   store beside another program's makes no second machine, and the home of one program twice does.
//! - Two that have a conversation in common are one machine read twice (a home and a bundle made of it), and
//!   so are two that hold the same token where one of them shows no conversation: a copy that somebody kept.
//!   One token in two places that both show conversations of their own was copied to a second machine.
//!
//! When in doubt it is one machine. A second one only widens the intervals of times, and keeps records of
//! one machine from standing for those of another; a user who knows better can say so.

use super::glob;
use crate::event::{Client, EventKind, SourceKind};
use crate::evidence::{Evidence, SourceRecord};
use crate::plan::{Plan, Root};
use crate::secret::Key;
use crate::source::Name;
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
        let Found { under, readings, tops } = by_roots(evidence, plan);
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
        Hosts { readings, tops, ..Hosts::marked(&marks) }
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

/// What stands below one root.
#[derive(Debug, Default)]
struct Below {
    /// It is a home itself.
    is_home: bool,
    /// Programs that have a home below it.
    programs: BTreeSet<Client>,
    /// It is an archive of one home alone.
    is_packed_home: bool,
    has_store: bool,
    talks: BTreeSet<(Client, Key)>,
    tokens: BTreeSet<Key>,
}

impl Below {
    fn is_candidate(&self) -> bool {
        !self.is_home && !self.programs.is_empty()
    }

    /// Would the two be two machines, going by what they hold?
    fn stands_beside(&self, other: &Below) -> bool {
        let whole = |one: &Below| one.has_store && !one.is_packed_home;
        (whole(self) && whole(other)) || !self.programs.is_disjoint(&other.programs)
    }

    /// Is one a copy of the other?
    fn repeats(&self, other: &Below) -> bool {
        let kept = self.talks.is_empty() || other.talks.is_empty();
        !self.talks.is_disjoint(&other.talks) || (kept && !self.tokens.is_disjoint(&other.tokens))
    }
}

/// What input roots tell of machines.
struct Found {
    /// For each source the root that stands for its machine, as far as roots are machines.
    under: Vec<Option<usize>>,
    /// For each source its own root, where that is one of several of one machine.
    readings: Vec<Option<usize>>,
    /// How the names of homes below each root begin.
    tops: Vec<String>,
}

/// For each source the root that is its machine, as far as roots are machines.
fn by_roots(evidence: &Evidence, plan: &Plan) -> Found {
    let roots: Vec<Option<(String, String)>> = plan.roots.iter().map(texts).collect();
    let none = || Found { under: vec![None; evidence.sources.len()], readings: Vec::new(), tops: Vec::new() };
    if roots.iter().flatten().count() < 2 {
        return none();
    }
    let under: Vec<Option<usize>> = evidence.sources.iter().map(|source| root_of(source.name.private(), &roots)).collect();
    let below = below(evidence, &roots, &under);
    let candidates: Vec<usize> = (0..below.len()).filter(|&at| below[at].is_candidate()).collect();
    if candidates.len() > MOST_ROOTS {
        return none();
    }
    let pairs = || candidates.iter().flat_map(|&a| candidates.iter().filter(move |&&b| a < b).map(move |&b| (a, b)));
    let machines: BTreeSet<usize> = pairs().filter(|&(a, b)| below[a].stands_beside(&below[b])).flat_map(|(a, b)| [a, b]).collect();
    let mut stands: Vec<usize> = (0..below.len()).collect();
    for (a, b) in pairs().filter(|(a, b)| machines.contains(a) && machines.contains(b)) {
        if below[a].repeats(&below[b]) {
            let (kept, gone) = (stands[a].min(stands[b]), stands[a].max(stands[b]));
            stands.iter_mut().filter(|one| **one == gone).for_each(|one| *one = kept);
        }
    }
    let machine = |root: &Option<usize>| root.filter(|root| machines.contains(root));
    let is_one_of_several = |root: &usize| stands.iter().filter(|one| **one == stands[*root]).count() > 1;
    Found {
        readings: under.iter().map(|root| machine(root).filter(is_one_of_several)).collect(),
        under: under.iter().map(|root| machine(root).map(|root| stands[root])).collect(),
        tops: roots.into_iter().map(|root| root.map(|(_, top)| top).unwrap_or_default()).collect(),
    }
}

/// More roots than that are no machines that somebody names one by one.
const MOST_ROOTS: usize = 64;

/// How the names of sources below a root begin, and how the names of homes do.
fn texts(root: &Root) -> Option<(String, String)> {
    let Root::Path(path) = root else { return None };
    let name = Name::of_path(path);
    let prefix = name.private().trim_end_matches('/').to_owned();
    let parts: Vec<&str> = prefix.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let home = parts.join("/");
    Some((prefix, home))
}

/// The innermost root that a source stands below.
fn root_of(name: &str, roots: &[Option<(String, String)>]) -> Option<usize> {
    let is_below = |prefix: &str| name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'));
    let found = roots.iter().enumerate().filter_map(|(at, root)| Some((at, &root.as_ref()?.0)));
    found.filter(|(_, prefix)| is_below(prefix)).max_by_key(|(at, prefix)| (prefix.len(), std::cmp::Reverse(*at))).map(|(at, _)| at)
}

fn below(evidence: &Evidence, roots: &[Option<(String, String)>], under: &[Option<usize>]) -> Vec<Below> {
    let mut below: Vec<Below> = roots.iter().map(|_| Below::default()).collect();
    let at = |index: usize| under.get(index).copied().flatten().and_then(|root| Some((root, roots.get(root)?.as_ref()?)));
    for (index, source) in evidence.sources.iter().enumerate() {
        let (Some((root, (_, top))), Some(home)) = (at(index), &source.home) else { continue };
        below[root].is_home |= is_hidden(top) || (home == top && source.kind.is_transcript());
        let is_inside =
            home != top && (top.is_empty() || home.strip_prefix(top.as_str()).is_some_and(|rest| rest.starts_with('/')));
        let program = source.kind.client().program();
        if is_inside && program != Client::Unknown {
            below[root].programs.insert(program);
        }
    }
    for (root, packed) in packed_homes(evidence, roots, under).into_iter().enumerate() {
        below[root].is_packed_home = packed;
    }
    for event in &evidence.events {
        let index = event.origin.source as usize;
        let (Some((root, (_, top))), Some(source)) = (at(index), evidence.sources.get(index)) else { continue };
        let seen = &mut below[root];
        match &event.kind {
            EventKind::Store(state) => {
                seen.has_store = true;
                seen.is_home |= source.home.as_ref() == Some(top);
                seen.tokens.extend(state.refresh.or(state.access));
            }
            EventKind::Turn(turn) => {
                let client = source.kind.client().program();
                seen.talks.extend(turn.session.or(turn.id).map(|key| (client, key)));
            }
            _ => {}
        }
    }
    below
}

/// Is the last part of a path the name of a home, `.codex`?
fn is_hidden(home: &str) -> bool {
    home.rsplit('/').next().is_some_and(|last| last.starts_with('.') && !last.trim_matches('.').is_empty())
}

/// For each root: is it an archive in which all that is a program's stands in one top folder, and is that a home?
/// What no program wrote (a note, the system's own litter) says nothing of what was packed.
fn packed_homes(evidence: &Evidence, roots: &[Option<(String, String)>], under: &[Option<usize>]) -> Vec<bool> {
    let is_archive = |source: &&SourceRecord| source.kind == SourceKind::Archive;
    let archives: BTreeSet<&str> = evidence.sources.iter().filter(is_archive).map(|source| source.name.private()).collect();
    let mut tops: Vec<BTreeSet<&str>> = vec![BTreeSet::new(); roots.len()];
    for (source, root) in evidence.sources.iter().zip(under) {
        let Some((root, (prefix, _))) = root.and_then(|root| Some((root, roots.get(root)?.as_ref()?))) else { continue };
        let is_program_s = source.kind.client().program() != Client::Unknown;
        if is_program_s && tops[root].len() < 2 && archives.contains(prefix.as_str()) {
            let below = source.name.private().get(prefix.len()..).unwrap_or_default();
            tops[root].extend(below.split('/').find(|part| !part.is_empty() && *part != "."));
        }
    }
    tops.iter().map(|tops| tops.len() == 1 && tops.iter().all(|top| is_hidden(top))).collect()
}
