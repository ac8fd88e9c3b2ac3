//! What another holder of the very token did with it that its store does not show. That a store still holds
//! the same pair, or holds a login since, does not say that its program left the token alone: the answer may
//! have been lost, the write may have failed, the pair may have lived in memory only, or the store was put
//! back. These are the questions of [`super::own`], asked of the other side, so that what is found of one
//! token agrees, whoever was refused.

use crate::attribute::Confidence;
use crate::attribute::case::Case;
use crate::attribute::finding::{CauseTime, Finding, Item, ItemKind};
use crate::attribute::times::day;
use crate::correlate::{Act, ActKind, Grade, KnownBy, Renewed, Sibling, When};
use crate::event::Client;

/// A client writes what it received within this time of a refresh, and its log says so.
const AT_ONCE_MS: i64 = 2 * 60_000;

/// Why an act may not lie in the time in question.
pub(super) const NOT_INSIDE: &str =
    "it is not certain that the refresh lies between the victim's possession of its token and its first failure";

/// A sign that the holder presented the token.
pub(super) struct Trace {
    /// When that was, as far as it is dated.
    pub(super) when: CauseTime,
    /// The record of it.
    pub(super) item: Item,
    pub(super) points: i32,
    /// It is known by what the program did afterwards alone.
    pub(super) is_inferred: bool,
    cap: (Confidence, &'static str),
}

impl Trace {
    /// Count it.
    pub(super) fn weigh(self, finding: &mut Finding) {
        finding.point(self.points, self.item);
        finding.cap(self.cap.0, self.cap.1);
        finding.when = self.when;
    }
}

/// The best sign that this holder of the very token used it, where its store shows no exchange of it.
pub(super) fn of(case: &Case<'_>, sibling: &Sibling) -> Option<Trace> {
    if sibling.shared.is_none() || sibling.spent.is_some() || sibling.skipped.is_some() {
        return None;
    }
    let logged = || acts(case, sibling).rev().find(|act| is_logged(act)).map(|act| by_log(case, act));
    let renewed = || sibling.renewed.as_ref().map(|renewed| by_success(case, sibling, renewed));
    // Where some store has a later pair, the answer to the exchange was neither lost nor left unwritten.
    let kept = || case.incident.siblings.iter().any(|s| case.holds_newer(s));
    let lost = |kind: ActKind| {
        let act = acts(case, sibling).find(|act| act.kind == kind).filter(|_| !kept());
        act.and_then(|act| by_loss(case, act))
    };
    let unwritten = || lost(ActKind::WriteFailed);
    let open =
        || lost(ActKind::Unanswered).or_else(|| lost(ActKind::Begun)).filter(|_| exchanged_elsewhere(case, sibling).is_none());
    logged().or_else(unwritten).or_else(renewed).or_else(open)
}

/// The refresh of another holder of the very token that worked, by its own log. A token is exchanged once: an
/// attempt of which no result is on record did not spend it then, whether it came before or after.
fn exchanged_elsewhere<'a>(case: &Case<'a>, sibling: &Sibling) -> Option<&'a Act> {
    let open = |s: &&Sibling| s.store != sibling.store && s.shared.is_some() && s.spent.is_none() && s.skipped.is_none();
    let logged = |s: &Sibling| acts(case, s).find(|act| is_logged(act) && case.surely_inside(act));
    case.incident.siblings.iter().filter(open).find_map(logged)
}

/// A refresh that worked by a log of which the home is not known, of a program that another holder of the very
/// token is of: it may have been that one.
pub(super) fn perhaps_elsewhere<'a>(case: &Case<'a>, sibling: &Sibling) -> Option<&'a Act> {
    let holders: Vec<Client> =
        case.incident.siblings.iter().filter(|s| s.client != sibling.client && s.shared.is_some()).map(|s| s.client).collect();
    let is_lone = |act: &Act| act.store.is_none() && act.home.is_none() && holders.contains(&act.client);
    let is_open = acts(case, sibling).any(|act| matches!(act.kind, ActKind::Unanswered | ActKind::Begun));
    case.acts().filter(|_| is_open && !holders.is_empty()).find(|act| is_lone(act) && is_logged(act) && case.surely_inside(act))
}

/// Why an attempt of this holder that got no answer did not spend the token, and the record that says so.
pub(super) fn cleared(case: &Case<'_>, sibling: &Sibling) -> Option<(String, Item)> {
    let open = |act: &Act| matches!(act.kind, ActKind::Unanswered | ActKind::Begun);
    let unshown = sibling.shared.is_some() && of(case, sibling).is_none() && acts(case, sibling).any(open);
    let by = exchanged_elsewhere(case, sibling).filter(|_| unshown && sibling.spent.is_none() && sibling.skipped.is_none())?;
    let (who, other) = (case.who(sibling), case.called(by.client, by.host));
    Some((
        format!("a refresh of {who} has no result on record, and one of {other} that held the same token worked"),
        case.acted(by),
    ))
}

/// Does it hold to this day what the victim held?
pub(super) fn holds_same(case: &Case<'_>, sibling: &Sibling) -> bool {
    case.store(sibling).now().zip(case.incident.held.as_ref()).is_some_and(|(a, b)| a.same_tokens(b))
}

/// What would show what a store did of which copies alone were read.
const LIVE_STORE: &str =
    "the live credential store (`auth.json`, `auth-profiles.json`) of the program of which the files hold copies of it alone";

/// Ask for the store itself, where copies of it are all that was read.
pub(super) fn ask_for_live(case: &Case<'_>, sibling: &Sibling, finding: &mut Finding) {
    let store = case.store(sibling);
    if !store.live && !store.hidden && !finding.would_settle.contains(&LIVE_STORE) {
        finding.would_settle.push(LIVE_STORE);
    }
}

/// Is it out of view what became of the shared token there? A login took its place, which would hide a refresh
/// before it, or a copy of the store was read and not the store. Not where its program was told that the token
/// had been used while its store held that.
pub(super) fn is_out_of_view(case: &Case<'_>, sibling: &Sibling) -> bool {
    let none = sibling.spent.is_none() && sibling.skipped.is_none() && of(case, sibling).is_none();
    sibling.shared.is_some() && none && sibling.told_used.is_none() && !(case.store(sibling).live && holds_same(case, sibling))
}

/// Acts of the holder's program while it and the victim held the token, in order.
fn acts<'a>(case: &Case<'a>, sibling: &Sibling) -> impl DoubleEndedIterator<Item = &'a Act> + use<'a> {
    let (store, id, refused) = (case.store(sibling), sibling.store, case.incident.refused);
    let held = case.incident.held.as_ref();
    let shared = held.and_then(|held| store.held.iter().position(|h| h.same_tokens(held)));
    let its = shared.and_then(|at| store.held.get(at));
    let next = shared.and_then(|at| store.held.get(at + 1)).and_then(|h| h.since.or(h.issued_at));
    let since = [held, its].into_iter().flatten().filter(|h| !h.dated_by_file).filter_map(|h| h.since).max_by_key(|at| at.ms);
    let here = move |act: &&Act| {
        let at_home = act.store.is_none() && act.home.is_some() && act.home == store.home && act.host == store.host;
        act.client == store.client && (act.store == Some(id) || at_home)
    };
    // What is logged as a store took its pair is of that pair.
    let relogged = sibling.relogged.map(|index| case.act(index));
    let parted =
        move |act: &Act| relogged.is_some_and(|login| login.kind != ActKind::LoginAbandoned && login.at.surely_before(act.at));
    let inside = move |act: &&Act| {
        let later = since.is_none_or(|since| act.at.ms.saturating_sub(since.ms) > AT_ONCE_MS);
        later && !parted(act) && act.at.maybe_before(refused) && next.is_none_or(|next| act.at.maybe_before(next))
    };
    case.acts().filter(here).filter(inside)
}

fn is_logged(act: &Act) -> bool {
    act.is_rotation() && act.held.is_none() && act.grade.is_some_and(|grade| grade < Grade::R4)
}

fn at(when: When) -> CauseTime {
    CauseTime { at: Some(when), after: None, before: None }
}

fn by_log(case: &Case<'_>, act: &Act) -> Trace {
    let cap = match case.surely_inside(act) {
        true => (Confidence::Likely, "its program logged a refresh, and its store does not show the result"),
        false => (Confidence::Possible, NOT_INSIDE),
    };
    Trace { when: at(act.at), item: case.acted(act), points: 8, is_inferred: false, cap }
}

/// It worked past the end of the last access token known of it.
pub(super) fn by_success(case: &Case<'_>, sibling: &Sibling, renewed: &Renewed) -> Trace {
    let (who, is_read) = (sibling.client.title(), case.store(sibling).live);
    let says = format!(
        "{who} worked at {}, after the access token {} had ended ({}): {}",
        day(renewed.by.at),
        match renewed.known {
            KnownBy::Held => "that it is last known to have held",
            KnownBy::Lent => "of the pair that was copied from it",
            KnownBy::Kin => "of the victim, of whose login it holds a later pair,",
        },
        day(renewed.ended),
        if is_read { "it must have refreshed in between" } else { "it must have refreshed or been logged in anew in between" }
    );
    let item = case.item(ItemKind::Rotation, Some(renewed.by.at), renewed.by.origin, says);
    let cap = match renewed.replaced {
        true => (Confidence::Likely, "the rotation is overwritten in its store, and inferred from what its program did afterwards"),
        false if !is_read => {
            (Confidence::Possible, "its program worked on with a pair that no file shows: only a copy of its store was read")
        }
        false => (Confidence::Possible, "its store does not show the pair that it must have worked with"),
    };
    // What shows it may come long after.
    let before = if renewed.by.at.ms < case.incident.refused.ms { renewed.by.at } else { case.incident.refused };
    let when = CauseTime { at: None, after: Some(renewed.after), before: Some(before) };
    Trace { when, item: Item { grade: Some(Grade::R3), ..item }, points: 5, is_inferred: true, cap }
}

/// What the store does not show by a fault that is on record is worth less than a success that is: whether the
/// token was exchanged is inferred, and where no result is on record at all, hardly that.
fn by_loss(case: &Case<'_>, act: &Act) -> Option<Trace> {
    let (points, cap) = match act.kind {
        ActKind::WriteFailed => {
            (6, (Confidence::Likely, "that the failed write was the one of the shared token's successor is inferred"))
        }
        ActKind::Unanswered => {
            (4, (Confidence::Possible, "whether the server carried out the refresh that got no answer is not known"))
        }
        ActKind::Begun => (2, (Confidence::Possible, "how the refresh that it began ended is not on record")),
        _ => return None,
    };
    Some(Trace { when: at(act.at), item: case.acted(act), points, is_inferred: false, cap })
}
