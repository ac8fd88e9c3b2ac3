//! Which of its own pairs the victim presented, where its store is known to have held two generations of the
//! login: it may have been put back to the older one, or a process may have gone on with the older one. Who
//! exchanged the newer pair is then no cause, or may be none.
//!
//! No client writes down which token it presents. What tells is when it did so: a pair is refreshed when its
//! access token is about to end, or after that, so that a refresh at which one of the two was due and the other
//! was not is of the first. (A refresh that a 401 set off tells nothing of the kind.)
//!
//! Apart from the causes, which ask this in two rooms; own history belongs to the line of generations as
//! much as that of the others does.

use super::case::Case;
use super::finding::{Item, ItemKind};
use super::times::day;
use crate::correlate::{Act, ActKind, Held, Ran, When};
use crate::event::{Client, ErrorClass};

/// The victim's live store holds an older generation than it is known to have held.
pub(super) struct PutBack<'a> {
    /// The newer generation.
    pub(super) newer: &'a Held,
    /// What shows that it was the older one that was refused, where something does.
    pub(super) told: Option<Item>,
}

impl PutBack<'_> {
    /// Is it known that the store had moved on, and that the older pair was presented all the same? Whoever
    /// exchanged the older one, or the newer one, the victim had come by a good pair and lost it again.
    pub(super) fn is_cause(&self) -> bool {
        self.told.is_some() && self.newer.at_home
    }
}

/// The newer generation that the victim's store has held, where its live file holds an older one again.
pub(super) fn put_back<'a>(case: &Case<'a>) -> Option<PutBack<'a>> {
    let back = case.incident.moved_back?;
    let newer = case.known.stores.get(case.incident.victim.store?)?.held.get(back.newest)?;
    let told = match restored(case) {
        (Some(act), _) => Some(case.acted(act)),
        (None, Some(_)) => None,
        (None, None) => older_was_due(case, case.incident.held.as_ref()?, newer),
    };
    Some(PutBack { newer, told })
}

/// A copy that was put in the place of the victim's store, as a shell's history has it: the last time before
/// the refusal, and the first time after it.
pub(super) fn restored<'a>(case: &Case<'a>) -> (Option<&'a Act>, Option<&'a Act>) {
    let own = case.incident.own_acts.iter().map(|&index| case.act(index)).filter(|act| act.kind == ActKind::Restored);
    let (before, after): (Vec<&Act>, Vec<&Act>) = own.partition(|act| act.at.surely_before(case.incident.refused));
    (before.last().copied(), after.first().copied())
}

/// The pair that the victim's store held before the one of the failure, where a refresh of that was due by then
/// and of the stored one was not, and a process may still have had it: one that began before the store
/// changed, or any where the refusal may have come right as the older access token ended. Not one that reads its store
/// before it refreshes.
pub(super) fn by_older_process(case: &Case<'_>) -> Option<Item> {
    older_process(case).filter(|_| reads_its_store(case).is_none())
}

/// The record of a build of Codex that reads its file anew before it refreshes ahead of time, where each build
/// that was at work in the victim's home until then does: 0.117 and later; builds of early 2026 spent what they
/// had in memory.
pub(super) fn reads_its_store(case: &Case<'_>) -> Option<Item> {
    const READS: &[u32] = &[0, 117];
    let (victim, first) = (&case.incident.victim, case.incident.first);
    let here = |ran: &&Ran| victim.client == Client::Codex && ran.client.program() == Client::Codex && ran.home == victim.home;
    let end = case.known.ran.partition_point(|ran| ran.at.ms <= first.ms);
    let earlier = case.known.ran.get(..end).unwrap_or_default().iter().rev().take(MOST_LOOKED_AT);
    let mut builds = earlier.filter(here).filter_map(|ran| Some((ran, ran.version.as_ref()?)));
    let (last, _) = builds.next().filter(|(_, version)| version.is_at_least(READS))?;
    let says = "this build of Codex reads its store before it refreshes";
    builds
        .all(|(_, version)| version.is_at_least(READS))
        .then(|| case.item(ItemKind::Build, Some(last.at), last.origin, says.to_owned()))
}

/// The same, whatever the build.
pub(super) fn older_process(case: &Case<'_>) -> Option<Item> {
    let (held, before) = (case.incident.held.as_ref()?, before(case)?);
    let item = older_was_due(case, before, held)?;
    let first = case.incident.first;
    let may_be_near = |end: When| first.lo.saturating_sub(NEAR_MS) <= end.ms && end.ms <= first.hi.saturating_add(NEAR_MS);
    let near = before.expires_at.is_some_and(may_be_near);
    (near || began_before(case)).then_some(item)
}

/// The pair of the same login that the victim's store held before that of the failure.
pub(super) fn before<'a>(case: &Case<'a>) -> Option<&'a Held> {
    let held = case.incident.held.as_ref().filter(|_| case.incident.moved_back.is_none())?;
    let history = &case.known.stores.get(case.incident.victim.store?)?.held;
    let place = history.iter().position(|h| h.same_tokens(held))?;
    history.get(place.checked_sub(1)?).filter(|before| held.is_later_generation(before))
}

/// What shows that the failing session began before the store came by the pair of the failure, where that was
/// not due: then its process may have presented another one, though no file shows which. (A process alone may
/// have begun without a login.)
pub(super) fn began_before_a_fresh_pair(case: &Case<'_>) -> Option<Item> {
    let held = case.incident.held.as_ref().filter(|held| !held.dated_by_file && case.incident.moved_back.is_none())?;
    let fresh = is_due(held, case.incident.refused) == Some(false) && !by_401(case);
    let turn = case.sessions_began_before(held.since?).filter(|_| fresh)?;
    let says = format!("the failing session of {} had begun before its store changed", case.incident.victim.client.title());
    Some(case.item(ItemKind::Control, Some(turn.at()), turn.origin(), says))
}

/// Acts and builds that are looked at before a failure.
const MOST_LOOKED_AT: usize = 65_536;
/// Refusals this near to the end of an access token are of the refresh that was due then.
const NEAR_MS: i64 = 15 * 60_000;

/// Did the last process on record before the failure begin before the store changed, or each failing session?
fn began_before(case: &Case<'_>) -> bool {
    let Some(since) = case.incident.held.as_ref().and_then(|held| held.since) else { return false };
    let victim = &case.incident.victim;
    let own = |act: &&Act| act.kind == ActKind::Started && act.client == victim.client && act.home == victim.home;
    let mut starts = case.incident.own_acts.iter().rev().map(|&index| case.act(index)).filter(own);
    if starts.any(|act| since.maybe_before(act.at) && act.at.surely_before(case.incident.first)) {
        return false;
    }
    let end = case.known.acts.partition_point(|act| act.at.ms < since.ms);
    let earlier = case.known.acts.get(..end).unwrap_or_default().iter().rev().take(MOST_LOOKED_AT);
    let begun = earlier.filter(own).find(|act| act.at.surely_before(since));
    begun.is_some() || case.sessions_began_before(since).is_some()
}

/// Was a refresh of the older of two pairs due at the refusal, and of the newer one not?
fn older_was_due(case: &Case<'_>, older: &Held, newer: &Held) -> Option<Item> {
    let at = case.incident.refused;
    if is_due(older, at) != Some(true) || is_due(newer, at) != Some(false) || by_401(case) {
        return None;
    }
    let (ended, lasts) = (older.expires_at?, newer.expires_at?);
    let says = format!(
        "a refresh was due of the older pair of {}, whose access token ends {}, and not of the newer one, good until {}",
        case.incident.victim.client.title(),
        day(ended),
        day(lasts)
    );
    Some(case.item(ItemKind::Store, Some(ended), older.origin, says))
}

/// Had the access token lived three quarters of its life? Programs refresh minutes before its end; Codex
/// (0.98 to 0.169) after eight days as well, of the ten that a token lives.
fn is_due(held: &Held, at: When) -> Option<bool> {
    let (from, end) = (held.issued_at?.ms, held.expires_at?.ms);
    let life = end.checked_sub(from).filter(|life| *life > 0)?;
    Some(at.ms >= end.saturating_sub(life / 4))
}

/// The victim's pair, where nothing that is on record asked for the refresh that was refused: it was not due, nor
/// one of the pair that a process may have had from before, and no call was refused.
pub(super) fn unasked(case: &Case<'_>) -> Option<Item> {
    let incident = case.incident;
    let held = incident.held.as_ref().filter(|_| incident.moved_back.is_none())?;
    let fresh = !may_be_due(case, held, incident.refused) && !may_be_due(case, held, incident.last);
    let asked = by_401(case) || !incident.refused_calls.is_empty() || older_process(case).is_some();
    let end = held.expires_at.filter(|_| fresh && !asked)?;
    let who = incident.victim.client.title();
    let says = format!("no refresh of the pair of {who} was due: its access token was good until {}", day(end));
    Some(case.item(ItemKind::Store, Some(end), held.origin, says))
}

/// May a refresh of a pair have been due by then, as the program does it? Codex does so after eight days, too.
fn may_be_due(case: &Case<'_>, held: &Held, at: When) -> bool {
    match case.incident.victim.client {
        Client::Codex => is_due(held, at) != Some(false),
        _ => held.expires_at.is_none_or(|end| end.lo <= at.hi.saturating_add(NEAR_MS)),
    }
}

/// Was an access token refused before the refresh was?
fn by_401(case: &Case<'_>) -> bool {
    use ErrorClass as C;
    let refused = |class: C| matches!(class, C::TokenInvalidated | C::TokenRevoked | C::TokenExpired | C::Unauthorized);
    case.incident.first_where(refused).is_some_and(|f| f.at.ms <= case.incident.refused.ms)
}
