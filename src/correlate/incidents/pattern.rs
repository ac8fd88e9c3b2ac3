//! Two programs on one account that end each other's login in turn: the row of acts, each followed by the
//! first failure of the other program, which then acts itself.
//!
//! A plain fact like the others: an act of one, then the failure of the other, three times or more, without
//! a gap in the row. A program that fails again and again while the other one does not is no such row, nor
//! are failures that are about something else than the credential. All orders must be certain; where none
//! such is found, and clocks leave the orders open, a row that may be one is stated as that.

use super::cluster::Cluster;
use super::failing::Group;
use super::lives::Lives;
use crate::correlate::acts::{Act, ActKind};
use crate::correlate::clock::When;
use crate::correlate::stores::Stores;
use crate::event::{Client, ErrorClass, Origin};
use crate::secret::Key;
use std::collections::{BTreeMap, BTreeSet};

/// So many alternations are a pattern; fewer are accidents.
const LEAST_CYCLES: usize = 3;

/// Acts that are looked at for one failure, where the clocks leave the order open.
const MOST_LOOKED_AT: usize = 256;

/// What the two do to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PatternKind {
    /// Each logs in, and each login ends the other's.
    LoginLogin,
    /// One takes over the other's credential and refreshes it; the other logs in again.
    AdoptRefresh,
    /// Each refreshes a token that the other held, though neither logs in or takes anything over by itself:
    /// something puts pairs into their stores.
    VaultSwitch,
}

impl PatternKind {
    /// The word of the JSON contract.
    pub fn word(self) -> &'static str {
        match self {
            PatternKind::LoginLogin => "login_login",
            PatternKind::AdoptRefresh => "adopt_refresh",
            PatternKind::VaultSwitch => "vault_switch",
        }
    }
}

/// One alternation: an act, and the failure of the other program that came next.
#[derive(Clone, Copy, Debug)]
pub struct Cycle {
    /// The act: an index into the list of acts.
    pub act: usize,
    /// The program that failed.
    pub victim: Client,
    /// When it failed first.
    pub failed: When,
    /// What it was told.
    pub class: ErrorClass,
    /// Where that is written.
    pub origin: Origin,
}

/// A row of alternations.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// What the two do.
    pub kind: PatternKind,
    /// The alternations, in order of time.
    pub cycles: Vec<Cycle>,
    /// Every act lies between the failures around it whatever the clocks; false where it may lie elsewhere.
    pub certain: bool,
    /// Of each incident in the row the first failure, which tells it from the others.
    pub(super) members: Vec<Origin>,
}

/// The first failure of a program after it had worked, or what made it look for another credential.
#[derive(Clone, Copy)]
struct Outbreak {
    victim: Client,
    at: When,
    class: ErrorClass,
    origin: Origin,
    /// The last success before.
    good: Option<When>,
    /// Since then, when another holder of the same login was first told that it had ended.
    told: Option<When>,
    /// Its incident, where turns failed.
    member: Option<Origin>,
}

/// How sure the order of two times must be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// Under every reading of the clocks.
    Certain,
    /// Under one of them.
    Possible,
}

/// Acts of one program on one account that give it a credential, in order of time.
type Acts = BTreeMap<Client, Vec<usize>>;

/// Find the patterns among the failures of every account.
pub(in crate::correlate) fn find(
    clusters: &[Cluster],
    passed: &[Cluster],
    acts: &[Act],
    (stores, lives): (&Stores, &Lives),
) -> Vec<Pattern> {
    let mut outbreaks: BTreeMap<Key, Vec<Outbreak>> = BTreeMap::new();
    let mut done: BTreeMap<Key, Acts> = BTreeMap::new();
    let real = clusters.iter().filter(|c| !c.of_fallback).map(|c| (c, true));
    for (account, outbreak) in
        real.chain(passed.iter().map(|c| (c, false))).filter_map(|(c, real)| outbreak(c, real, stores, lives))
    {
        outbreaks.entry(account).or_default().push(outbreak);
    }
    for (index, act) in acts.iter().enumerate() {
        let Some(account) = account_of(act, stores) else { continue };
        if gives(act) {
            done.entry(account).or_default().entry(act.client).or_default().push(index);
        }
        outbreaks.entry(account).or_default().extend(looked_elsewhere(act));
    }
    let mut patterns = Vec::new();
    for (account, mut list) in outbreaks {
        let Some(done) = done.get(&account) else { continue };
        list.sort_by_key(|o| (o.at.ms, o.victim, o.member.is_none(), o.origin));
        let programs: Vec<Client> = list.iter().map(|o| o.victim).collect::<BTreeSet<_>>().into_iter().collect();
        for (at, &one) in programs.iter().enumerate() {
            for &other in &programs[at + 1..] {
                let of_both: Vec<&Outbreak> = list.iter().filter(|o| [one, other].contains(&o.victim)).collect();
                let certain = rows(&of_both, [one, other], (done, acts), Order::Certain);
                patterns.extend(match certain.is_empty() {
                    true => rows(&of_both, [one, other], (done, acts), Order::Possible),
                    false => certain,
                });
            }
        }
    }
    // Accounts are keys of this run: no order of theirs may decide which pattern an incident is counted in.
    patterns.sort_by_key(|p| (p.cycles.first().map(|cycle| cycle.failed.ms), p.members.first().copied()));
    patterns
}

/// Does it bring a credential into the store? A change that may be a refresh or a login names no kind.
fn gives(act: &Act) -> bool {
    act.doubt.is_none()
        && matches!(act.kind, ActKind::Login { .. } | ActKind::Adopted { .. } | ActKind::Rotation { by_login: Some(false) })
}

/// The account of an act: where only the store tells, it must never have held another one.
fn account_of(act: &Act, stores: &Stores) -> Option<Key> {
    let store = act.store.and_then(|id| stores.list.get(id))?;
    let alone = store.held.iter().filter_map(|h| h.account).all(|account| Some(account) == store.account);
    act.account.filter(|_| act.held.is_some() || alone)
}

fn outbreak(cluster: &Cluster, real: bool, stores: &Stores, lives: &Lives) -> Option<(Key, Outbreak)> {
    // Where it is open which of several logins was refused, no row of one of them is told.
    let [id] = *cluster.presented.as_slice() else { return None };
    let store = stores.list.get(id)?;
    let failure =
        cluster.failures.iter().find(|f| f.dated && tells(f.failure.class)).filter(|_| cluster.group == Some(Group::Auth))?;
    let at = cluster.first();
    let good = cluster.before.map(|s| s.at);
    let told = store.held_at(at).and_then(|held| lives.told_before(held, id, good, at));
    let account = store.held_at(at).map_or(store.account, |held| held.account.or(store.account))?;
    let member = cluster.failures.first().filter(|_| real).map(|f| f.origin);
    let (class, origin) = (failure.failure.class, failure.origin);
    Some((account, Outbreak { victim: cluster.scope.client, at, class, origin, good, told, member }))
}

/// Is it said that the token had been used or the login been ended, or that a refresh was refused?
fn tells(class: ErrorClass) -> bool {
    use ErrorClass as C;
    class.is_revocation() || matches!(class, C::RefreshTokenReused | C::InvalidGrant | C::RefreshRefused | C::RefreshNotValidated)
}

/// A program that takes over another credential because its own is out of use was shut out at that moment.
/// (Hermes 0.19 first drops a pair whose refresh was refused, and then says that it has none.)
fn looked_elsewhere(act: &Act) -> Option<Outbreak> {
    let ActKind::Adopted { cause: Some(class), .. } = act.kind else { return None };
    let shut_out = tells(class) || class == ErrorClass::NoCredential;
    shut_out.then_some(Outbreak { victim: act.client, at: act.at, class, origin: act.origin, good: None, told: None, member: None })
}

/// The rows of two programs.
fn rows(list: &[&Outbreak], both: [Client; 2], (done, acts): (&Acts, &[Act]), order: Order) -> Vec<Pattern> {
    let (mut found, mut row) = (Vec::new(), Row::default());
    for outbreak in list.iter().copied() {
        let other = if outbreak.victim == both[0] { both[1] } else { both[0] };
        let goes_on = row.last.is_some_and(|last| last.victim == other);
        let since = match row.last {
            Some(last) if goes_on => Some(last.at),
            _ => last_act(done.get(&outbreak.victim), acts, outbreak.at).or(outbreak.good),
        };
        let act = done
            .get(&other)
            .and_then(|own| act_between((own, acts), since, outbreak, order).filter(|&act| row.may_take(act, acts)));
        match (act, row.last) {
            (Some(act), _) if goes_on || (row.last.is_none() && tells(outbreak.class)) => row.add(act, *outbreak),
            // More of the same failure, which no further act of the other came before.
            (act, Some(last)) if last.victim == outbreak.victim && row.knows(act, acts) => row.members.extend(outbreak.member),
            (act, _) => {
                found.extend(std::mem::take(&mut row).pattern(acts, order));
                // That a credential was out of use does not say that another program made it so.
                act.filter(|_| tells(outbreak.class)).into_iter().for_each(|act| row.add(act, *outbreak));
            }
        }
    }
    found.extend(row.pattern(acts, order));
    found
}

/// A row as far as it has come.
#[derive(Default)]
struct Row {
    last: Option<Outbreak>,
    cycles: Vec<Cycle>,
    members: Vec<Origin>,
}

impl Row {
    fn add(&mut self, act: usize, outbreak: Outbreak) {
        let Outbreak { victim, at, class, origin, .. } = outbreak;
        self.cycles.push(Cycle { act, victim, failed: at, class, origin });
        self.members.extend(outbreak.member);
        self.last = Some(outbreak);
    }

    /// Is there no act, or one that the last alternation begins with? (A copy of a home repeats its acts.)
    fn knows(&self, act: Option<usize>, acts: &[Act]) -> bool {
        let last = self.cycles.last().map(|cycle| acts[cycle.act].at.ms);
        act.is_none_or(|act| last.is_some_and(|last| acts[act].at.ms <= last))
    }

    /// Does the act come after the one before it in the row? One act shuts the other program out once.
    fn may_take(&self, act: usize, acts: &[Act]) -> bool {
        self.cycles.last().is_none_or(|cycle| acts[cycle.act].at.ms < acts[act].at.ms)
    }

    fn pattern(self, acts: &[Act], order: Order) -> Option<Pattern> {
        let kinds = || self.cycles.iter().filter_map(|cycle| acts.get(cycle.act)).map(|act| act.kind);
        let is_login = |kind| matches!(kind, ActKind::Login { .. });
        let is_rotation = |kind| matches!(kind, ActKind::Rotation { .. });
        let kind = match () {
            () if kinds().all(is_login) => PatternKind::LoginLogin,
            () if kinds().all(is_rotation) => PatternKind::VaultSwitch,
            () => PatternKind::AdoptRefresh,
        };
        let long = self.cycles.len() >= LEAST_CYCLES && !self.members.is_empty();
        long.then_some(Pattern { kind, cycles: self.cycles, certain: order == Order::Certain, members: self.members })
    }
}

/// When a program last came to hold a credential before a time.
fn last_act(own: Option<&Vec<usize>>, acts: &[Act], before: When) -> Option<When> {
    let own = own?;
    let end = own.partition_point(|&i| acts[i].at.ms < before.ms);
    end.checked_sub(1).and_then(|last| own.get(last)).map(|&i| acts[i].at)
}

/// What the other program did between two times: the act that says most, the last of its kind. A program that
/// worked after a login was not shut out by it.
fn act_between((own, acts): (&[usize], &[Act]), since: Option<When>, outbreak: &Outbreak, order: Order) -> Option<usize> {
    // What was taken over because of a refusal is dated to that moment.
    let between = match order {
        Order::Certain => {
            let from = own.partition_point(|&i| since.is_some_and(|since| acts[i].at.ms < since.ms));
            let to = own.partition_point(|&i| acts[i].at.ms < outbreak.at.ms);
            own.get(from..to)?
        }
        Order::Possible => {
            let to = own.partition_point(|&i| acts[i].at.ms <= outbreak.at.hi);
            own.get(to.saturating_sub(MOST_LOOKED_AT)..to)?
        }
    };
    let fits = |act: &Act| match order {
        Order::Certain => act.at.surely_before(outbreak.at) && since.is_none_or(|since| !act.at.maybe_before(since)),
        Order::Possible => act.at.maybe_before(outbreak.at) && since.is_none_or(|since| since.maybe_before(act.at)),
    };
    let worked = |act: &Act| outbreak.good.is_some_and(|good| !good.surely_before(act.at));
    // Nor by one that repairs what another holder of the same login had met before.
    let dead = |act: &Act| outbreak.told.is_some_and(|told| told.maybe_before(act.at));
    // To take a credential over ends nothing; what spends it is its refresh.
    let spends = |act: &Act| {
        let later = |&&i: &&usize| acts[i].is_rotation() && acts[i].at.ms >= act.at.ms && fits(&acts[i]);
        !outbreak.class.is_revocation() || between.iter().any(|i| later(&i))
    };
    let shuts_out = |act: &Act| match act.kind {
        ActKind::Login { .. } => !worked(act) && !dead(act),
        ActKind::Adopted { .. } => spends(act),
        _ => true,
    };
    let weight = |act: &Act| match act.kind {
        ActKind::Login { .. } => 2,
        ActKind::Adopted { .. } => 1,
        _ => 0,
    };
    let fitting = between.iter().copied().filter(|&i| fits(&acts[i]) && shuts_out(&acts[i]));
    fitting.max_by_key(|&i| (weight(&acts[i]), acts[i].at.ms))
}
