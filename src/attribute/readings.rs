//! Does a verdict hold under every admissible reading of the clocks, and of a store with several entries?
//!
//! Where the zone of local times is not known, or the clocks of two machines may be apart, an act may lie
//! before or after what it is said to have caused. Such an incident is judged several times: with each act
//! where the best reading has it, with each of them alone on the other side, and with all of them outside
//! the time in question. A verdict that is the same each time stands, as sure as it is at its weakest. One
//! that is not is `undetermined`, and says which single fact would settle it. What the evidence lacks for
//! other reasons is weighed by the hypotheses, which see one reading at a time and know of no other.
//!
//! The same holds of the entries of one file, where no record says which of them was presented: the incident is
//! judged as that of each.
//!
//! Apart from [`super::compare`], which compares the explanations of one reading.

use super::case::Case;
use super::cause::RootCause;
use super::compare::{self, Compared};
use super::confidence::Confidence;
use super::finding::{CauseTime, Finding, ItemKind};
use super::verdict::{Held, Open, Verdict, verdict};
use super::{hearsay, inferred};
use super::{hypotheses, tested};
use crate::correlate::{Blur, Correlated, HostId, Incident, Moved, Place, When};
use crate::event::Client;

/// What counts as the verdict here: cause, the actor's program and its machine.
type Said = (RootCause, Option<Client>, Option<HostId>);

/// The verdict on an incident.
pub(super) fn judge(incident: &Incident, known: &Correlated) -> Verdict {
    if incident.otherwise.is_empty() { by_clock(incident, known) } else { by_entry(incident, known) }
}

/// The verdict where no record says which entry of the victim's file was presented. The clocks are read as they
/// are best: an order that they leave open as well lowers what is left to a guess.
fn by_entry(incident: &Incident, known: &Correlated) -> Verdict {
    let case = Case { incident, known, moved: &[] };
    let mut compared = weigh(&case);
    let first = of(&compared, known);
    let others: Vec<Compared> = incident.otherwise.iter().map(|incident| weigh(&Case { incident, known, moved: &[] })).collect();
    let unlike = others.iter().map(|other| of(other, known)).find(|said| *said != first);
    let held = match unlike {
        Some(other) => {
            let mut between = [words(first, known), words(other, known)];
            between.sort();
            let client = incident.victim.client.title();
            let zone = if incident.first.is_certain() { "" } else { ", and the zone of the local times: state it with --tz-of" };
            let fact =
                format!("which entry of its store {client} presented: a log line or a note in the store that names it{zone}");
            Held::Flips { open: Open::Entries, between, fact }
        }
        None => Held::Throughout(Open::Entries, others.len() + 1),
    };
    let least = others.iter().fold(compared.best, |least, other| least.zip(other.best).map(|(a, b)| a.min(b)));
    let blurred = std::iter::once(incident).chain(&incident.otherwise).any(|incident| !incident.unsure.is_empty());
    let least = if blurred { least.map(|tier| tier.min(Confidence::Possible)) } else { least };
    compared.best = least.filter(|_| unlike.is_none());
    // What leaves it open is cited: the entry of which most can be said, whichever stands first.
    let points = |read: &Compared| read.findings.first().filter(|f| f.is_open()).map_or(0, |f| f.score());
    let richest = others.into_iter().zip(&incident.otherwise).max_by_key(|(read, _)| points(read));
    match richest.filter(|(read, _)| unlike.is_some() && points(read) > points(&compared)) {
        Some((read, incident)) => {
            let case = Case { incident, known, moved: &[] };
            verdict(&case, Compared { best: None, ..read }, Some(held))
        }
        None => verdict(&case, compared, Some(held)),
    }
}

/// The verdict under every admissible reading of the clocks.
fn by_clock(incident: &Incident, known: &Correlated) -> Verdict {
    let base = vec![Place::Best; incident.unsure.len()];
    let Some((best, moved)) = under(incident, &base, known).filter(|_| !incident.unsure.is_empty()) else {
        let case = Case { incident, known, moved: &[] };
        return verdict(&case, weigh(&case), None);
    };
    let case = Case { incident: &best, known, moved: &moved };
    let mut compared = weigh(&case);
    let said = |compared: &Compared| of(compared, known);
    let others = others(incident);
    let mut least = compared.best;
    let mut acts: Vec<Option<When>> = compared.winner().map(|(winner, _)| winner.when.at).into_iter().collect();
    let mut flip = None;
    for (places, blur) in &others {
        let Some((other, moved)) = under(incident, places, known) else { continue };
        let case = Case { incident: &other, known, moved: &moved };
        let read = weigh(&case);
        if said(&read) != said(&compared) {
            cite(&mut compared, &read, &case);
            let between = [words(said(&compared), known), words(said(&read), known)];
            flip = Some(Held::Flips { open: open(*blur), between, fact: fact(*blur, known) });
            break;
        }
        least = least.zip(read.best).map(|(a, b)| a.min(b));
        acts.extend(read.winner().map(|(winner, _)| winner.when.at));
    }
    if let (Some(first), true) = (compared.findings.first_mut(), differ(&acts)) {
        // Which of several acts it was depends on the reading, though the verdict does not.
        let stated = |at: &When| known.acts.iter().any(|act| act.at.said() == at.said());
        let earliest = acts.iter().flatten().copied().filter(stated).min_by_key(|at| at.ms);
        first.when = CauseTime { at: None, after: earliest, before: Some(incident.first) };
    }
    let least_known = others.iter().map(|(_, blur)| open(*blur)).find(|open| *open == Open::Clocks).unwrap_or(Open::Login);
    let held = flip.unwrap_or(Held::Throughout(least_known, others.len() + 1));
    compared.best = if matches!(held, Held::Throughout(..)) { least } else { None };
    verdict(&case, compared, Some(held))
}

/// Cite what another reading rests on, since it leaves the verdict open: acts as their records have them, whatever
/// that reading makes of their time.
fn cite(compared: &mut Compared, read: &Compared, case: &Case<'_>) {
    let Some((winner, _)) = read.winner() else { return };
    let Some(finding) = compared.findings.iter_mut().find(|finding| finding.is_open()) else { return };
    let items = winner.points.iter().map(|point| &point.item).chain(&winner.limits);
    // What came how soon, or before what, is so in that reading alone.
    for item in items.filter(|item| item.kind != ItemKind::Control) {
        let act = case.moved.iter().find(|(_, act)| act.origin == item.origin).and_then(|(index, _)| case.known.acts.get(*index));
        finding.point(0, act.map_or_else(|| item.clone(), |act| case.acted(act)));
    }
}

/// What it is that leaves an act open.
fn open(blur: Blur) -> Open {
    if let Blur::Login(_) = blur { Open::Login } else { Open::Clocks }
}

/// Is it one act in one reading, and another one in another?
fn differ(acts: &[Option<When>]) -> bool {
    let said = |at: &Option<When>| at.map(When::said);
    acts.windows(2).any(|pair| said(&pair[0]) != said(&pair[1]))
}

fn under(incident: &Incident, places: &[Place], known: &Correlated) -> Option<(Incident, Vec<Moved>)> {
    incident.under(places, &known.stores, &known.acts)
}

/// The readings beside the best one: each act alone on the other side, and all of them outside; each with
/// what would tell it from the best one.
fn others(incident: &Incident) -> Vec<(Vec<Place>, Blur)> {
    /// Acts that are moved alone; where there are more, all of them are moved out together all the same.
    const ALONE: usize = 8;
    let best = || vec![Place::Best; incident.unsure.len()];
    let mut list: Vec<(Vec<Place>, Blur)> = Vec::new();
    for (at, unsure) in incident.unsure.iter().enumerate().take(ALONE) {
        let mut places = best();
        places[at] = if unsure.is_inside { Place::Outside } else { Place::Inside };
        list.push((places, unsure.blur));
    }
    let inside: Vec<Blur> = incident.unsure.iter().filter(|unsure| unsure.is_inside).map(|unsure| unsure.blur).collect();
    if let (Some(blur), true) = (inside.first(), inside.len() > 1) {
        list.push((vec![Place::Outside; incident.unsure.len()], *blur));
    }
    list
}

fn weigh(case: &Case<'_>) -> Compared {
    let mut findings: Vec<Finding> =
        hypotheses().flat_map(|h| tested(h, case)).map(|finding| finding.of_row(case.incident)).collect();
    if let Some(hearsay) = hearsay::of(case) {
        findings.iter_mut().for_each(|finding| hearsay::limit(finding, &hearsay));
    }
    findings.iter_mut().for_each(|finding| inferred::limit(finding, case));
    compare::compare(findings, |store| case.known.stores[store].host)
}

fn of(compared: &Compared, known: &Correlated) -> Option<Said> {
    let (winner, _) = compared.winner()?;
    let host = winner.actor.and_then(|actor| known.stores.get(actor.store?)?.host);
    Some((winner.cause, winner.actor.map(|actor| actor.client), host))
}

fn words(said: Option<Said>, known: &Correlated) -> String {
    let Some((cause, client, host)) = said else { return Confidence::Undetermined.word().to_owned() };
    let on = host.map(|host| format!(" on {}", known.hosts.title(host))).unwrap_or_default();
    let by = client.map(|client| format!(" by {}{on}", client.title())).unwrap_or_default();
    format!("`{}`{by}", cause.word())
}

/// The one fact that would settle it.
fn fact(blur: Blur, known: &Correlated) -> String {
    let host = |host: Option<HostId>| host.map_or("a machine that is not known".to_owned(), |host| known.hosts.title(host));
    match blur {
        Blur::Zone(client) => format!("the zone of the local times of {}'s logs: state it with --tz-of", client.title()),
        Blur::Clocks(a, b) => {
            let mut both = [host(a), host(b)];
            both.sort_by_key(|title| (title.len(), title.clone()));
            let is_packed = [a, b].into_iter().flatten().any(|host| known.hosts.is_packed(host));
            let say = if is_packed { "; if they are one, say so with --host-of '**=NAME'" } else { "" };
            format!("the clock skew between {} and {}{say}", both[0], both[1])
        }
        Blur::Login(client) => format!("when {} was logged in: its login log of the days since the password", client.title()),
        Blur::Clock(None) => "by how much the machine's clock was off at that time".to_owned(),
        Blur::Clock(Some(one)) => format!("by how much the clock of {} was off at that time", host(Some(one))),
    }
}
