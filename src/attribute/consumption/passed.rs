//! Pairs that one program took over from another. Codex takes none over from anybody (0.98 to 0.169), Hermes and
//! OpenClaw do from Codex: where one of them shows a later pair of the victim's login that it did not exchange by
//! itself, the other one had it first, whatever its store shows since. It clears the one and points at the other.
//!
//! Apart from [`super::exchange`], which weighs what a store shows of its own exchange.

use super::{lineage, parted, traces};
use crate::attribute::Confidence;
use crate::attribute::case::Case;
use crate::attribute::finding::{CauseTime, Finding, Item, ItemKind};
use crate::attribute::times::day;
use crate::correlate::{Act, ActKind, Held, Relation, Sibling, Store};
use crate::event::{Client, Coming, Origin};

/// The folder in which Codex keeps its login, unless it is told otherwise.
const USUAL_HOME: &str = ".codex";

/// A later pair of the victim's login, and whose it was first.
#[derive(Clone, Copy)]
pub(super) struct Passed<'a> {
    /// Its act of taking it over.
    act: &'a Act,
    /// The pair; else the one that came of it.
    held: &'a Held,
    /// Whose it was.
    pub(super) donor: Client,
}

/// Why this sibling did not spend the shared token: by the time it came to hold its next pair, its own log says, it
/// had taken over another one.
pub(super) fn cleared(case: &Case<'_>, sibling: &Sibling) -> Option<(String, Item)> {
    let act = sibling.took.map(|index| case.act(index)).filter(|act| act.at.maybe_before(case.incident.refused))?;
    let earlier = sibling.first_rotation.is_some_and(|index| case.act(index).at.ms < act.at.ms);
    let traced = sibling.renewed.is_some() || traces::of(case, sibling).is_some();
    let says =
        format!("{} had taken over another program's pair, by its own log, before it came to hold its next one", case.who(sibling));
    (!earlier && !traced).then(|| (says, case.acted(act)))
}

fn passed<'a>(case: &Case<'a>) -> Option<Passed<'a>> {
    let found = case.incident.passed?;
    let act = case.act(found.act);
    let ActKind::Adopted { from: donor, .. } = act.kind else { return None };
    let held = case.known.stores.get(found.store)?.held.get(found.held)?;
    Some(Passed { act, held, donor })
}

/// The one that was taken over from this store, where it shows no exchange of its own.
pub(super) fn from<'a>(case: &Case<'a>, sibling: &Sibling) -> Option<Passed<'a>> {
    let found = passed(case).filter(|found| found.donor == sibling.client)?;
    let unshown = case.may_have_spent(sibling).is_none() && sibling.renewed.is_none() && sibling.skipped.is_none();
    let open = sibling.account != Relation::Different && sibling.family != Relation::Different && sibling.silent.is_none();
    let silent = || traces::of(case, sibling).is_none() && sibling.told_used.is_none();
    // One that is known to have exchanged the very token had the next pair before that.
    let elsewhere = || case.incident.siblings.iter().any(|s| s.store != sibling.store && lineage::exchanged(case, s).is_some());
    (unshown && open && silent() && is_near(case, sibling, found.act) && !elsewhere()).then_some(found)
}

/// The one that was taken over from a program of which no store was read.
pub(super) fn unstored<'a>(case: &Case<'a>) -> Option<Passed<'a>> {
    let victim = case.incident.victim.client;
    let is_read = |client: Client| case.incident.siblings.iter().any(|s| s.client == client);
    passed(case).filter(|found| found.donor != victim && !is_read(found.donor) && found.is_told())
}

/// Is it the store that a program of that machine looks into, which names the program alone? Of several homes it
/// is the usual one.
fn is_near(case: &Case<'_>, sibling: &Sibling, act: &Act) -> bool {
    let here = |s: &Sibling| case.store(s).host == act.host;
    let usual = |s: &Sibling| case.store(s).home.as_deref().is_some_and(|home| home.rsplit('/').next() == Some(USUAL_HOME));
    let rival = |s: &&Sibling| s.client == sibling.client && s.store != sibling.store && here(s);
    let alone = || !case.incident.siblings.iter().filter(rival).any(|s| case.store(s).home != case.store(sibling).home);
    here(sibling) && (usual(sibling) || alone())
}

impl Passed<'_> {
    /// Does a log name whose pair it was? The marks of a store say that it was another program's, and hardly whose.
    fn is_told(&self) -> bool {
        self.act.held.is_none() || self.act.origin != self.held.origin
    }

    /// The act by which another program had written a pair into the donor's store before.
    fn written_in<'a>(&self, case: &Case<'a>) -> Option<&'a Act> {
        /// Acts that are looked at.
        const MOST: usize = 4_096;
        let acts = &case.known.acts;
        let end = acts.partition_point(|act| act.at.ms <= self.act.at.ms);
        let late = acts.get(end.saturating_sub(MOST)..end)?;
        let since = case.incident.held.as_ref().and_then(|held| held.since);
        let inside = |act: &&Act| since.is_none_or(|since| since.maybe_before(act.at));
        let wrote = |act: &&Act| act.host == self.act.host && matches!(act.kind, ActKind::WroteBack { to } if to == self.donor);
        late.iter().rev().filter(inside).find(wrote)
    }

    /// The act, what ties the pair to the victim's login, and that no store shows the exchange itself.
    pub(super) fn weigh(&self, case: &Case<'_>, sibling: Option<&Sibling>, finding: &mut Finding) {
        let incident = case.incident;
        let (victim, who) = (incident.victim.client.title(), self.donor.title());
        finding.point(13, case.acted(self.act));
        let taker = self.act.client.title();
        let says = format!("what {taker} took over from {who} descends from the login of {victim}, and was issued after its pair");
        finding.point(8, case.item(ItemKind::SharedLogin, None, self.held.origin, says));
        if let Some((sibling, origin)) = sibling.and_then(|s| Some((s, s.shared?))) {
            let says = format!("{} had held the very refresh token that {victim} {}", case.who(sibling), parted::verb(case));
            parted::shared(case, 8, case.item(ItemKind::SharedToken, None, origin, says), finding);
        }
        let (most, because) = match sibling {
            Some(_) => (Confidence::Likely, "the exchange is not in its store, and known from what another program took over"),
            None => (
                Confidence::Possible,
                "no store of it was read: that it had the next pair is known from what another program took over",
            ),
        };
        let donors = sibling.and_then(|sibling| case.store(sibling).newest()).map(|held| {
            let says = format!("the store of {who} shows another pair since");
            case.item(ItemKind::Store, held.since, held.origin, says)
        });
        finding.limit(most, because, donors);
        if let Some(wrote) = self.written_in(case) {
            let because = "a program had written what it refreshed into that store: the pair may be of its making";
            finding.limit(Confidence::Undetermined, because, Some(case.acted(wrote)));
        }
        if sibling.is_some_and(|sibling| !case.same_account(sibling) && sibling.account != Relation::Same) {
            finding.cap(Confidence::Possible, "the account of one of the two stores is not known");
        }
        let issued = self.held.issued_at.filter(|at| at.surely_before(incident.refused)).unwrap_or(incident.refused);
        finding.when = CauseTime { at: None, after: incident.held.as_ref().and_then(|held| held.since), before: Some(issued) };
    }
}

/// The entry gives the end of its pair as it does for one that was taken over. A store of Codex that holds the shared
/// token no longer may have had that pair. One that holds it to this day, the victim's or not, takes nothing of the
/// doubt away: another home of Codex may have had it, or that file was put back.
pub(super) fn perhaps(case: &Case<'_>, act: &Act, finding: &mut Finding) {
    let here = case.known.stores.iter().filter(|store| store.client == Client::Codex && store.host == act.host);
    let keeps = |store: &&Store| {
        let held = case.incident.held.as_ref();
        store.live && store.now().zip(held).is_some_and(|(now, held)| now.same_tokens(held))
    };
    let moved = here.into_iter().find(|store| !keeps(store));
    let most = if moved.is_some() { Confidence::Undetermined } else { Confidence::Possible };
    finding.limits.extend(moved.and_then(Store::newest).map(|held| {
        let says = "Codex holds the shared token no longer".to_owned();
        case.item(ItemKind::Store, held.since, held.origin, says)
    }));
    let because = "its store gives the end of the new pair as it does for one that it took over from another program";
    finding.limit(most, because, Some(case.acted(act)));
}

/// The store is stamped after the pair can have arrived: its program may have taken the pair over when it stamped it.
/// Where no other stamp of the machine tells that its clock is `right`, that may be ahead as well.
pub(super) fn late(case: &Case<'_>, act: &Act, right: bool, finding: &mut Finding) {
    /// No program waits longer for an answer.
    const SLOW_MS: i64 = 30_000;
    let held = act.store.zip(act.held).and_then(|(id, at)| case.known.stores.get(id)?.held.get(at));
    let here = case.known.stores.iter().filter(|store| store.host == act.host);
    let in_step = here.flat_map(|store| &store.held).find(|held| held.is_stamped_on_arrival());
    let clock = in_step.map(|held| {
        let says = "a store of that machine was stamped right when its pair was issued: its clock is right".to_owned();
        case.item(ItemKind::Clock, held.refreshed_at, held.origin, says)
    });
    finding.limits.extend(clock);
    let stamped = held.map(|held| {
        let says =
            format!("the store of {} dates the new pair {}", act.client.title(), held.refreshed_at.map_or("later".to_owned(), day));
        case.item(ItemKind::Store, held.refreshed_at, held.origin, says)
    });
    let apart = held.and_then(|held| Some(held.refreshed_at?.ms.saturating_sub(held.issued_at?.ms))).unwrap_or(i64::MAX);
    let (most, because) = match right {
        true if apart > SLOW_MS => {
            (Confidence::Undetermined, "its store dates the pair much later than it was issued: its program may have taken it over")
        }
        true => (
            Confidence::Possible,
            "its store dates the pair later than it was issued: a slow answer, or a pair that was taken over",
        ),
        false => (
            Confidence::Possible,
            "its store dates the pair later than it was issued: its clock is ahead, or its program took the pair over",
        ),
    };
    finding.limit(most, because, stamped);
}

/// Stores of the program on several machines hold the new pair: a file that is synchronized brings it along. That the
/// program was at work on one of them when it was issued says no more than nearness in time does.
pub(super) fn mind_hosts(case: &Case<'_>, act: &Act, at_work: Option<Origin>, finding: &mut Finding) {
    let held = act.store.zip(act.held).and_then(|(id, at)| case.known.stores.get(id)?.held.get(at));
    let access = held.and_then(|held| held.access);
    let apart = case.known.stores.iter().filter(|store| store.client == act.client && store.host != act.host);
    let other = apart.flat_map(|store| &store.held).find(|held| access.is_some() && held.access == access);
    let other = other.map(|held| {
        let says = format!("a store of {} on another machine holds the new pair as well", act.client.title());
        case.item(ItemKind::Store, held.issued_at, held.origin, says)
    });
    let because = match at_work {
        Some(_) => {
            "stores of the program on several machines hold the new pair: which of them received it is known by where it was at work"
        }
        None => "stores of the program on several machines hold the new pair: which of them received it is open",
    };
    finding.limit(Confidence::Likely, because, other);
    finding.limits.extend(at_work.map(|origin| {
        let says = format!("{} was at work when the new pair was issued", case.called(act.client, act.host));
        case.item(ItemKind::Control, None, origin, says)
    }));
}

/// A Codex beside this program holds a later generation of the login than the one that this store shows next. One of
/// them had the pair of the other: Codex takes none over, so that what this program shows may come from there, unless
/// its log says that it wrote its own into Codex' store.
pub(super) fn mind_later(case: &Case<'_>, sibling: &Sibling, finding: &mut Finding) {
    if !matches!(sibling.client, Client::Hermes | Client::Openclaw) {
        return;
    }
    let Some(act) = case.may_have_spent(sibling).map(|index| case.act(index)) else { return };
    let Some(own) = act.held.and_then(|at| case.store(sibling).held.get(at)) else { return };
    let here = |s: &&Sibling| s.client == Client::Codex && case.store(s).host == act.host;
    let later = |s: &Sibling| case.store(s).held.iter().find(|held| held.is_later_generation(own)).map(|held| (s.client, held));
    let Some((other, held)) = case.incident.siblings.iter().filter(here).find_map(later) else { return };
    let gave = |a: &Act| a.host == act.host && matches!(a.kind, ActKind::WroteBack { to } if to == other);
    if let Some(gave) = case.acts().find(|a| a.client == sibling.client && gave(a)) {
        finding.limits.push(case.acted(gave));
        return;
    }
    let is_own = own.came == Some(Coming::Exchanged) || (sibling.client == Client::Hermes && own.is_stamped_on_arrival());
    let most = if is_own { Confidence::Likely } else { Confidence::Possible };
    let says = match held.issued_at {
        Some(at) => format!("{} holds a still later pair of the login, issued {}", other.title(), day(at)),
        None => format!("{} holds a still later pair of the login", other.title()),
    };
    let item = case.item(ItemKind::Store, held.issued_at, held.origin, says);
    let because = match is_own {
        true => "another program holds a still later pair of the login, and how it came by the one before that is not on record",
        false => "another program holds a still later pair of the login: one of the two had that of the other",
    };
    finding.limit(most, because, Some(item));
}
