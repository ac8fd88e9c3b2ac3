//! Acts of which the clocks do not say whether they lie between the victim's possession of its credential
//! and its first failure, and the incident as it is when they are taken to lie there, or not.
//!
//! A reading is one way in which all of it may have been: each of those acts has one time in it, and so have
//! possession and first failure, as points on one line. Which readings are tried, and what follows from
//! them, is decided in `attribute`.

use super::asked::Asked;
use super::incident::Incident;
use super::relogin::Relogins;
use super::siblings;
use super::siblings::Sibling;
use super::unsure::{Blur, LINGERS_MS, Moved, Place, Unsure};
use crate::correlate::acts::Act;
use crate::correlate::clock::When;
use crate::correlate::stores::Store;
use crate::event::Client;

/// More of them are of no use: what one act leaves open another one does not close.
const MOST: usize = 64;

/// The acts of other holders, and the rotations of the victim's own program, whose place is not sure.
pub(super) fn find(incident: &Incident, stores: &[Store], acts: &[Act]) -> Vec<Unsure> {
    let victim = &incident.victim;
    let of_sibling = |act: &Act| incident.siblings.iter().any(|s| siblings::is_of(act, s, stores));
    let is_own = |act: &Act| act.is_at(victim.client, &victim.home, victim.host) && act.is_rotation();
    let counts = |act: &Act| act.is_rotation() || act.is_ending_or_start();
    let is_older = |act: &Act| siblings::came_before(act, incident.held.as_ref(), stores);
    let mut found: Vec<Unsure> = Vec::new();
    for (index, act) in acts.iter().enumerate().filter(|(_, act)| counts(act)) {
        // Naive times of one program are off by the same, so that their order is sure.
        let alike = is_own(act) && !act.at.is_certain() && !incident.first.is_certain();
        let window = Window::of(incident, act);
        // A password that was entered inside, for a login that is at work since, is the login's, if only perhaps.
        let by_password = act.is_dated_by_password(stores);
        if by_password && window.is_surely_inside(act.at.as_point()) {
            continue;
        }
        if alike || window.is_sure(act.at) || is_older(act) || !(is_own(act) || of_sibling(act)) {
            continue;
        }
        let blur = if by_password { Blur::Login(act.client) } else { window.blur(act, victim.client) };
        found.push(Unsure { act: index, is_inside: window.holds(act.at.ms), blur });
        if found.len() == MOST {
            break;
        }
    }
    found
}

/// The time in question. What spends a token counts from the victim's possession of it up to the first refusal
/// that says so: a token that is spent goes on working as long as its access token lives. What ends a login
/// counts up to the first failure, and not before the victim's last success either: a login that has ended
/// serves nobody.
#[derive(Clone, Copy)]
struct Window {
    held: Option<When>,
    worked: Option<When>,
    first: When,
}

impl Window {
    fn of(incident: &Incident, act: &Act) -> Window {
        let held = incident.held.as_ref().and_then(|held| held.since);
        match act.is_ending_or_start() {
            true => Window { held, worked: incident.last_good.map(|good| good.at), first: incident.first },
            false => Window { held, worked: None, first: incident.refused },
        }
    }

    /// What it begins with: the later of these, whichever that is.
    fn bounds(self) -> impl Iterator<Item = When> {
        [self.held, self.worked].into_iter().flatten()
    }

    /// Does every admissible reading put it inside, or every one outside?
    fn is_sure(self, at: When) -> bool {
        let outside = !at.maybe_before(self.first) || self.bounds().any(|since| !since.maybe_before(at));
        outside || self.is_surely_inside(at) || self.is_inside_but_for_a_call(at)
    }

    /// Is it inside by the best reading, and under every other one but for a success of the victim that then came
    /// after it, and so soon that a connection from before explains it? All readings tell one story then: what two
    /// clocks leave open is minutes, not whether the login lived on. How sure that is, is decided in `attribute`. A
    /// zone that is not known leaves hours open.
    fn is_inside_but_for_a_call(self, at: When) -> bool {
        let later = |ms: i64| ms.saturating_add(LINGERS_MS);
        let lingers = When { ms: later(at.ms), lo: later(at.lo), hi: later(at.hi), ..at };
        let soon = |worked: When| worked.ms < at.ms && worked.is_point() && at.is_point() && worked.surely_before(lingers);
        at.surely_before(self.first) && self.held.is_none_or(|since| since.surely_before(at)) && self.worked.is_some_and(soon)
    }

    fn is_surely_inside(self, at: When) -> bool {
        at.surely_before(self.first) && self.bounds().all(|since| since.surely_before(at))
    }

    /// Is it inside by the best reading?
    fn holds(self, ms: i64) -> bool {
        ms < self.first.ms && self.bounds().all(|since| since.ms < ms)
    }

    /// What leaves it open, by the end of the time in question that the act may lie beyond.
    fn blur(self, act: &Act, victim: Client) -> Blur {
        let beyond = self.bounds().find(|since| !since.surely_before(act.at)).filter(|_| act.at.surely_before(self.first));
        let end = beyond.unwrap_or(self.first);
        let (a, b) = (act.at.keeper, end.keeper);
        // A time between two stamps of one rotation is open for the clocks that made them, not for a zone.
        match (end.is_point() && self.first.is_point(), act.at.is_point() || a.is_issuer) {
            (false, _) => Blur::Zone(victim),
            (_, false) => Blur::Zone(act.client),
            _ if a.host != b.host => Blur::Clocks(a.host.min(b.host), a.host.max(b.host)),
            _ => Blur::Clock(b.host),
        }
    }
}

impl Incident {
    /// The incident with the acts that are not sure at these places, and those acts; None where a place is
    /// not admissible.
    pub fn under(&self, places: &[Place], stores: &[Store], acts: &[Act]) -> Option<(Incident, Vec<Moved>)> {
        let mut moved: Vec<Moved> = Vec::new();
        for (unsure, place) in self.unsure.iter().zip(places) {
            let act = acts.get(unsure.act)?;
            moved.push((unsure.act, Act { at: self.placed(act, unsure, *place)?, ..act.clone() }));
        }
        let mut incident = self.clone();
        (incident.first, incident.refused) = (self.first.as_point(), self.refused.as_point());
        if let Some(held) = &mut incident.held {
            held.since = held.since.map(When::as_point);
        }
        incident.siblings = self.siblings.iter().map(|sibling| retold(sibling, &incident, stores, acts, &moved)).collect();
        Some((incident, moved))
    }

    /// When a reading has the act.
    fn placed(&self, act: &Act, unsure: &Unsure, place: Place) -> Option<When> {
        /// Further than any rule reaches about what comes at once, or about two clocks of one moment.
        const APART_MS: i64 = 10 * 60_000;
        let window = Window::of(self, act);
        let first = window.first;
        let is_there = match place {
            Place::Best => true,
            Place::Inside => unsure.is_inside,
            Place::Outside => !unsure.is_inside,
        };
        if is_there {
            return Some(act.at.as_point());
        }
        if place == Place::Outside {
            let bound = || window.bounds().find(|since| !since.surely_before(act.at));
            let after = first.maybe_before(act.at);
            let ms = if after { first.ms.saturating_add(1) } else { bound()?.ms.saturating_sub(APART_MS) };
            return Some(act.at.at_point(ms));
        }
        let from = [window.held, self.last_good.map(|good| good.at)].into_iter().flatten().map(|when| when.ms).max();
        let (from, to) = (from.map_or(i64::MIN, |ms| ms.saturating_add(1)), first.ms.saturating_sub(1));
        (from <= to).then(|| act.at.at_point(to.saturating_sub(APART_MS).clamp(from, to)))
    }
}

/// A sibling as a reading has its acts.
fn retold(sibling: &Sibling, incident: &Incident, stores: &[Store], acts: &[Act], moved: &[Moved]) -> Sibling {
    let asked = Asked {
        victim: &incident.victim,
        held: incident.held.as_ref(),
        first: incident.first,
        refused: incident.refused,
        last_good: incident.last_good.map(|good| good.at.as_point()),
    };
    let act = |index: usize| moved.iter().find(|(at, _)| *at == index).map_or(&acts[index], |(_, act)| act);
    // What came after a new login of that store is of another one.
    let relogins = Relogins::of(&asked, stores, acts);
    let parted = |act: &Act| relogins.parts(act, &asked, stores, acts);
    let its = |index: &usize| {
        let act = act(*index);
        act.store == Some(sibling.store) && siblings::may_spend(act, &asked, stores) && !parted(act)
    };
    let rotations = || (0..acts.len()).filter(its).filter(|&index| Window::of(incident, act(index)).holds(act(index).at.ms));
    Sibling {
        first_rotation: rotations().min_by_key(|&index| (act(index).at.ms, index)),
        last_rotation: rotations().max_by_key(|&index| (act(index).at.ms, index)),
        endings: (0..acts.len()).filter(|&index| siblings::may_end(act(index), &asked, sibling.store, stores)).collect(),
        ..sibling.clone()
    }
}
