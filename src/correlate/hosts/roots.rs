//! Input roots that are machines: what stands below each of them, and which two of them are one.
//!
//! Apart from [`super`], where the user's word is heard first.

use super::packed::{self, Packed};
use crate::event::{Client, EventKind};
use crate::evidence::Evidence;
use crate::plan::{Plan, Root};
use crate::secret::Key;
use crate::source::Name;
use std::collections::{BTreeMap, BTreeSet};

/// What stands below one root.
#[derive(Debug, Default)]
struct Below {
    /// It is a home itself.
    is_home: bool,
    /// Programs that have a home below it.
    programs: BTreeSet<Client>,
    /// Programs of which it is the home itself.
    own: BTreeSet<Client>,
    is_archive: bool,
    /// It is an archive of one home alone, which stands in a folder of its own.
    packed: Option<Packed>,
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
        let go_together = self.packed.as_ref().zip(other.packed.as_ref()).is_some_and(|(a, b)| a.goes_with(b));
        (self.had_store() && other.had_store() && !go_together) || !self.programs.is_disjoint(&other.programs)
    }

    /// Does it hold a credential store, or conversations of a program, which had one: to leave its file out makes no
    /// one machine of two.
    fn had_store(&self) -> bool {
        self.has_store || !self.talks.is_empty()
    }

    /// All programs that have a home there.
    fn all(&self) -> impl Iterator<Item = Client> {
        self.programs.iter().chain(&self.own).copied()
    }

    fn has_home(&self) -> bool {
        self.is_home || !self.programs.is_empty()
    }

    /// Is it an archive of one home beside another root's homes, of which nothing says that they are of one machine?
    fn is_alone_beside(&self, other: &Below) -> bool {
        let is_whole =
            self.packed.is_some() || (self.is_archive && self.is_home && self.all().all(|own| other.all().all(|o| o != own)));
        is_whole && other.has_home() && self.talks.is_disjoint(&other.talks)
    }

    /// Is one a copy of the other?
    fn repeats(&self, other: &Below) -> bool {
        let kept = self.talks.is_empty() || other.talks.is_empty();
        !self.talks.is_disjoint(&other.talks) || (kept && !self.tokens.is_disjoint(&other.tokens))
    }
}

/// What input roots tell of machines.
pub(super) struct Found {
    /// For each source the root that stands for its machine, as far as roots are machines.
    pub(super) under: Vec<Option<usize>>,
    /// For each source its own root, where that is one of several of one machine.
    pub(super) readings: Vec<Option<usize>>,
    /// How the names of homes below each root begin.
    pub(super) tops: Vec<String>,
    /// Homes packed alone that are taken to be of the machine of the others.
    pub(super) packed: Singly,
}

/// Homes that were packed alone.
#[derive(Debug, Default)]
pub(super) struct Singly {
    /// For each source the home that it is of.
    pub(super) of: Vec<Option<usize>>,
    /// For each home its program.
    pub(super) programs: Vec<Client>,
}

/// For each source the root that is its machine, as far as roots are machines.
pub(super) fn find(evidence: &Evidence, plan: &Plan) -> Found {
    let roots: Vec<Option<(String, String)>> = plan.roots.iter().map(texts).collect();
    let none =
        || Found { under: vec![None; evidence.sources.len()], readings: Vec::new(), tops: Vec::new(), packed: Singly::default() };
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
        packed: singly(evidence, &below, &under, &machines),
        tops: roots.into_iter().map(|root| root.map(|(_, top)| top).unwrap_or_default()).collect(),
    }
}

/// Homes packed alone among roots that are no machines by themselves. What stands below no home (a log beside them)
/// goes with the one that alone is of its program.
fn singly(evidence: &Evidence, below: &[Below], under: &[Option<usize>], machines: &BTreeSet<usize>) -> Singly {
    let others = |at: usize| below.iter().enumerate().filter(move |(other, _)| *other != at).map(|(_, one)| one);
    let is_alone = |at: &usize| !machines.contains(at) && others(*at).any(|other| below[*at].is_alone_beside(other));
    let archives = (0..below.len()).filter(|&at| below[at].is_archive && below[at].has_home());
    let mut homes: Vec<(Client, usize)> =
        archives.take(MOST_ROOTS).filter(is_alone).filter_map(|at| Some((below[at].all().next()?, at))).collect();
    homes.sort_unstable();
    let home_of = |root: usize| homes.iter().position(|(_, at)| *at == root);
    let mut holders: BTreeMap<Client, Vec<usize>> = BTreeMap::new();
    below.iter().enumerate().for_each(|(at, one)| one.all().for_each(|program| holders.entry(program).or_default().push(at)));
    let by_program = |program: Client| match holders.get(&program).map(Vec::as_slice) {
        Some([root]) => home_of(*root),
        _ => None,
    };
    let of = |(index, root): (usize, &Option<usize>)| match root.filter(|root| below[*root].has_home()) {
        Some(root) => home_of(root),
        None => by_program(evidence.sources.get(index)?.kind.client().program()),
    };
    Singly { of: under.iter().enumerate().map(of).collect(), programs: homes.iter().map(|(program, _)| *program).collect() }
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
    let archives = packed::archives(evidence);
    let is_archive = |root: &Option<(String, String)>| root.as_ref().is_some_and(|(path, _)| archives.contains(path.as_str()));
    let packed = packed::homes(evidence, roots, under).into_iter().zip(roots);
    let mut below: Vec<Below> =
        packed.map(|(packed, root)| Below { packed, is_archive: is_archive(root), ..Below::default() }).collect();
    let at = |index: usize| under.get(index).copied().flatten().and_then(|root| Some((root, roots.get(root)?.as_ref()?)));
    for (index, source) in evidence.sources.iter().enumerate() {
        let (Some((root, (_, top))), Some(home)) = (at(index), &source.home) else { continue };
        // An archive is no home by its own name, whatever it is called.
        let is_vessel = below[root].is_archive;
        below[root].is_home |= (packed::is_hidden(top) && !is_vessel) || (home == top && source.kind.is_transcript());
        let is_inside =
            home != top && (top.is_empty() || home.strip_prefix(top.as_str()).is_some_and(|rest| rest.starts_with('/')));
        let program = source.kind.client().program();
        if program != Client::Unknown {
            if is_inside {
                below[root].programs.insert(program)
            } else {
                below[root].own.insert(program)
            };
        }
    }
    for event in &evidence.stated.events {
        let index = event.origin.source as usize;
        let (Some((root, (_, top))), Some(source)) = (at(index), evidence.sources.get(index)) else { continue };
        let seen = &mut below[root];
        if let EventKind::Store(state) = &event.kind {
            seen.has_store = true;
            seen.is_home |= source.home.as_ref() == Some(top);
            seen.tokens.extend(state.refresh.or(state.access));
        }
    }
    for turn in &evidence.stated.turns {
        let index = turn.source as usize;
        let (Some((root, _)), Some(source)) = (at(index), evidence.sources.get(index)) else { continue };
        let client = source.kind.client().program();
        below[root].talks.extend(turn.asked.session.or(turn.id).map(|key| (client, key)));
    }
    below
}
