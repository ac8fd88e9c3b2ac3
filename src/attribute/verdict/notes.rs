//! What a reader should know beside the verdict: doubts about it, what the client itself left out, and on
//! what the order of its times rests.

use super::held::{Held, Open};
use super::{Evidenced, own_end};
use crate::attribute::case::Case;
use crate::attribute::compare::Compared;
use crate::attribute::confidence::Confidence;
use crate::attribute::finding::Finding;
use crate::attribute::times::{day, off};
use crate::correlate::{ActKind, FallbackUse, Group, HostId, When, Zone, ZoneBasis};
use crate::event::{ErrorClass, Provider};
use crate::time;
use std::collections::BTreeSet;

/// Everything that is to be said, in order of weight.
pub(super) fn notes(case: &Case<'_>, compared: &Compared, held: Option<&Held>) -> Vec<String> {
    let groups = [readings(held), rating(compared), own_ending(case, compared), refreshes(case), counts(case), doubts(case)];
    let mut notes = groups.concat();
    let mut standing = compared.findings.iter().filter(|f| f.is_open()).map(Finding::score).filter(|score| *score > 0);
    let two = standing.next().zip(standing.next());
    let is_close = two.is_some_and(|(first, next)| first.saturating_sub(next) < Confidence::LEAST_LEAD);
    if compared.best.is_none() && is_close && !matches!(held, Some(Held::Flips { .. })) {
        notes.push("two explanations stand too close together to choose".to_owned());
    }
    notes
}

/// What other readings of the clocks, or of a store with several entries, make of the verdict.
fn readings(held: Option<&Held>) -> Vec<String> {
    let says = match held {
        None => return Vec::new(),
        Some(Held::Throughout(Open::Entries, entries)) => {
            format!(
                "no record says which of {entries} entries of its store was presented: the verdict is the same for each of them"
            )
        }
        Some(Held::Flips { open: Open::Entries, between: [one, other], .. }) => format!(
            "no record says which of several entries of its store was presented, and the verdict depends on it: {one} if it was the \
             one, {other} if it was another"
        ),
        Some(Held::Throughout(Open::Clocks, readings)) => format!(
            "the clocks leave the order of some times open: the verdict is the same under all of {readings} admissible readings"
        ),
        Some(Held::Flips { open: Open::Clocks, between: [best, other], .. }) => format!(
            "the clocks leave the order of some times open, and the verdict depends on it: {best} under the nearest reading, {other} \
             under another one that is just as admissible"
        ),
        Some(Held::Throughout(Open::Login, readings)) => {
            format!("no record says when a login took place: the verdict is the same under all of {readings} admissible readings")
        }
        Some(Held::Flips { open: Open::Login, between: [best, other], .. }) => format!(
            "no record says when a login took place, only when its password was entered, and the verdict depends on it: {best} if it \
             was then, {other} if it was later"
        ),
    };
    vec![says]
}

/// Machines whose clocks were off, among those whose times are evidence.
pub(super) fn clocks(case: &Case<'_>, evidence: &[Evidenced]) -> Vec<String> {
    let kept = evidence.iter().filter_map(|e| e.item.at).filter(|at| at.keeper.ahead != 0 && !at.keeper.is_issuer);
    let found: BTreeSet<(Option<HostId>, i64)> = kept.map(|at| (at.keeper.host, at.keeper.ahead)).collect();
    let says = |(host, ahead): (Option<HostId>, i64)| {
        let whose = host.map_or("the machine".to_owned(), |host| case.known.hosts.title(host));
        format!(
            "the clock of {whose} was {} that of the login service, going by the rotations of its stores: its times are printed as it \
             wrote them, and compared without that",
            off(ahead)
        )
    };
    found.into_iter().map(says).chain(behind(case, evidence)).collect()
}

/// The same of clocks that may have been behind, as a single rotation shows.
fn behind(case: &Case<'_>, evidence: &[Evidenced]) -> Vec<String> {
    let kept = evidence.iter().filter_map(|e| e.item.at).filter(|at| !at.keeper.is_issuer);
    let may_be = |at: When| Some((at.keeper.host, case.known.skews.behind(at.keeper.host, at.said())?.by));
    let found: BTreeSet<(Option<HostId>, i64)> = kept.filter_map(may_be).collect();
    let says = |(host, by): (Option<HostId>, i64)| {
        let whose = host.map_or("the machine".to_owned(), |host| case.known.hosts.title(host));
        format!(
            "a pair on {whose} was stored {} before it was issued: the clock may have been behind by so much, and its times are \
             compared with those of other clocks with that in mind",
            time::span(by)
        )
    };
    found.into_iter().map(says).collect()
}

/// Of which kind the verdict is, and why it is no surer.
fn rating(compared: &Compared) -> Vec<String> {
    let Some((winner, _)) = compared.winner() else { return Vec::new() };
    let caps = winner.why_not_higher().into_iter().map(|why| format!("not rated higher: {why}"));
    winner.remarks.iter().cloned().chain(caps).collect()
}

/// The client that ended its own login.
fn own_ending(case: &Case<'_>, compared: &Compared) -> Vec<String> {
    if compared.best.is_some() {
        return Vec::new();
    }
    let says = if let Some(act) = own_end::act(case) {
        let what = match act.kind {
            ActKind::Logout => "its own logout",
            ActKind::LoginBegun { .. } => "a login of its own that was begun, and not completed by then,",
            _ => "a login of its own that was begun and not completed",
        };
        match case.revoked() {
            Some(_) => format!(
                "{what} came right before, which ends the login for all processes that hold it: log in, and restart what was running; \
                 whether anybody else ended it cannot be told beside that"
            ),
            None => format!("the client had no credential left after {what}: log in, nobody else ended this login"),
        }
    } else if own_end::said_logout(case).is_some() {
        "the client had no credential left after its own logout, which a kept terminal shows without a time: log in, nobody else \
         ended this login"
            .to_owned()
    } else if own_end::logged_out(case) {
        "the client worked before, then sent its calls without any credential, and no login of its home is among the files: as \
         after a logout of its own; nothing on record shows another client's act"
            .to_owned()
    } else {
        return Vec::new();
    };
    vec![says]
}

/// Refreshes of which the end is open.
fn refreshes(case: &Case<'_>) -> Vec<String> {
    let incident = case.incident;
    let mut notes = Vec::new();
    // How many there were is not said: a turn, its log lines and the store each tell of one and the same.
    if incident.failures.iter().any(|f| f.failure.class == ErrorClass::RefreshOutcomeUnknown) && case.refresh_refused().is_none() {
        notes.push(
            "a refresh was not answered (server error or no connection): the login may still be good, so wait and try again first"
                .to_owned(),
        );
    }
    // Where a log says how the refresh failed, that is said already.
    if case.refresh_left_open().is_some() && incident.first_where(ErrorClass::leaves_token_open).is_none() {
        notes.push(
            "a call was refused with 401 and the client got no new token, without a refusal of its refresh on record: the refresh \
             failed for now (server error, no connection or a block), so the login may still be good"
                .to_owned(),
        );
    }
    if incident.first_of(ErrorClass::RefreshNotStored).is_some() {
        notes.push(
            "the client could not write its store after a refresh: what it received may be lost, so make the store writable before \
             any new login"
                .to_owned(),
        );
    }
    let refused = |class: ErrorClass| class.is_auth() && !class.is_consequence() && class != ErrorClass::RefreshBlockedLocally;
    if incident.first_of(ErrorClass::RefreshBlockedLocally).is_some() && incident.first_where(refused).is_none() {
        notes.push(
            "the client itself stopped its refresh before it was sent: the server refused nothing, and the token was not spent by \
             it; look at what its log says of the address it would not ask"
                .to_owned(),
        );
    }
    notes
}

/// What the number of failed turns leaves out.
fn counts(case: &Case<'_>) -> Vec<String> {
    let incident = case.incident;
    let mut notes = Vec::new();
    if incident.failed_turns == 0 {
        notes.push(
            "no failed turn is on record: some clients leave none when they find no usable credential before a turn".to_owned(),
        );
    }
    if incident.untranscribed > 0 {
        notes.push(format!(
            "failed turns that no transcript holds: {} of {}; logs, traces or tables of runs tell of them, and transcripts alone \
             under-count",
            incident.untranscribed, incident.failed_turns
        ));
    }
    if !incident.told.is_empty() {
        let (told, turns) = (incident.told.len(), incident.failed_turns);
        notes.push(format!("failed turns that a kept terminal alone shows, without a time: {told} of {turns}"));
    }
    if let Some(since) = incident.silent_since {
        notes.push(format!(
            "the failed turns are at least {}: from {} on the store of {} held no credential, and a turn is then refused before its \
             session begins; on the command line it leaves no record, so that transcripts and logs under-count",
            incident.failed_turns,
            day(since),
            incident.victim.client.title()
        ));
    }
    notes
}

/// What was not there to be read, or not tried.
fn doubts(case: &Case<'_>) -> Vec<String> {
    let incident = case.incident;
    let elsewhere = !incident.victim.provider.is_chatgpt() && incident.victim.provider != Provider::Unknown;
    let said = [
        (
            incident.first.zone == Zone::Unknown,
            "the failing client's times carry no zone and none could be inferred: state it with --tz-of",
        ),
        (
            incident.first.zone == Zone::Open,
            "between the record that tells the zone of the failing client's times and its failure the clocks may have been \
             changed to or from daylight saving time: state the zone with --tz-of",
        ),
        (incident.fallback.pinned, "a session pins its model, so its fallback chain is deliberately not used"),
        (
            incident.fallback.unclassed.is_some() && matches!(incident.fallback.usage, FallbackUse::NotUsed | FallbackUse::Unknown),
            "no other model was asked, because the client put the error into none of the classes that a fallback is for (its log \
             gives no failover reason)",
        ),
        (
            has_stand_ins(case),
            "the refresh tokens in some of the stores were replaced by one text before the files were given: which of them were the              same token goes by the access tokens and their claims",
        ),
        (case.no_store(), "no credential store of the failing client was among the files"),
        (
            incident.fallback.passed_over && elsewhere,
            "the ChatGPT login was not tried here: the client passed it over because of an earlier problem with its credential, \
             which is a matter of its own",
        ),
    ];
    said.into_iter().filter(|(so, _)| *so).map(|(_, says)| says.to_owned()).collect()
}

/// Does a store of the victim's, or of another one that may share its login, hold a stand-in for its refresh
/// token?
fn has_stand_ins(case: &Case<'_>) -> bool {
    let others = case.incident.siblings.iter().map(|sibling| sibling.store);
    let stores = case.incident.victim.store.into_iter().chain(others).filter_map(|id| case.known.stores.get(id));
    case.incident.group == Some(Group::Auth) && stores.flat_map(|store| &store.held).any(|held| held.has_stand_in)
}

/// On what the order of naive times rests, for each program whose naive times are evidence.
pub(super) fn zones(case: &Case<'_>, evidence: &[Evidenced]) -> Vec<String> {
    let weighed = evidence.iter().filter(|e| e.points.is_some() && e.item.at.is_some_and(|at| at.zone != Zone::Utc));
    let known = weighed.filter_map(|e| {
        let basis = case.known.zones.get(e.item.origin.source as usize).copied().flatten()?;
        // That the zone is not known is said of the incident as a whole.
        (basis != ZoneBasis::None).then_some(basis)
    });
    let bases: BTreeSet<ZoneBasis> = known.collect();
    bases.into_iter().map(|basis| format!("some times of the evidence are local: {}", basis.says())).collect()
}
