//! What the records show of the exchange that a sibling made: the pair that its store held next, a rotation whose
//! token is not on record, one that must have been and is overwritten, or none.
//!
//! Apart from [`super::sibling_refresh`], which asks whether this sibling can have done it at all.

use super::{contest, handed, kinship, lineage, parted, passed, relogged, traces};
use crate::attribute::Confidence;
use crate::attribute::case::Case;
use crate::attribute::finding::{CauseTime, Finding, Item, ItemKind};
use crate::attribute::presented;
use crate::attribute::times::day;
use crate::correlate::{Act, ActKind, Doubt, Grade, KnownBy, Relation, Renewed, Sibling, Skipped, When, Zone};

/// What would show a rotation that its store keeps no longer.
pub(super) const UNSEEN: &str = "a backup or snapshot of the other store from between the victim's possession of its token and the failure: the \
                      store keeps its latest pair alone";

/// What its store, its log and its turns show of the exchange.
pub(super) fn weigh(case: &Case<'_>, sibling: &Sibling, finding: &mut Finding) {
    if let Some(skipped) = &sibling.skipped {
        return passed_over(case, sibling, skipped, finding);
    }
    if let Some(other) = lineage::disputed_by(case, sibling) {
        let most = if sibling.spent.is_some() { Confidence::Likely } else { Confidence::Possible };
        let because = "another store held the very token too, and may have exchanged it and passed the new pair on";
        finding.limit(most, because, Some(other));
    }
    passed::mind_later(case, sibling, finding);
    if let Some(trace) = traces::of(case, sibling) {
        let renewed = sibling.renewed.as_ref().filter(|_| trace.is_inferred);
        renewed.inspect(|renewed| contest::weigh(case, sibling, renewed, finding));
        trace.weigh(finding);
        if let Some(act) = traces::perhaps_elsewhere(case, sibling) {
            let because = "another program that held the same token refreshed at that time, in a home that its log does not name";
            finding.limit(Confidence::Undetermined, because, Some(case.acted(act)));
        }
        return unshown(case, sibling, finding);
    }
    let shown = case.may_have_spent(sibling).map(|index| (case.act(index), sibling.spent == Some(index)));
    if let (None, Some((act, _))) = (&sibling.renewed, shown)
        && let Some(earlier) = lineage::moved_on(case, sibling, Some(act.at))
    {
        return contest::late(case, sibling, (act, earlier), finding);
    }
    match (&sibling.renewed, shown) {
        (Some(renewed), Some((act, true))) if case.surely_inside(act) => {
            chain(case, sibling, act, finding);
            overwritten(case, sibling, renewed, finding);
        }
        (Some(renewed), _) => inferred(case, sibling, renewed, finding),
        (None, Some((act, true))) => chain(case, sibling, act, finding),
        (None, Some((act, false))) => recorded(case, sibling, act, finding),
        (None, None) => unseen(case, sibling, finding),
    }
}

/// The store held the very token, and right after it the pair of this act.
fn chain(case: &Case<'_>, sibling: &Sibling, act: &Act, finding: &mut Finding) {
    let (victim, who, did) = (case.incident.victim.client.title(), case.who(sibling), parted::verb(case));
    if let Some(origin) = sibling.shared {
        let says = format!("{who} had held the very refresh token that {victim} {did}, before its store changed");
        // Which token a store held tells nothing of one that a process had read from it before.
        let presented = if presented::by_older_process(case).is_none() { 17 } else { 0 };
        parted::shared(case, presented, case.item(ItemKind::SharedToken, None, origin, says), finding);
    }
    finding.point(8, Item { grade: Some(Grade::R0), ..case.acted(act) });
    finding.recorded = is_stated(case, act) && !lineage::may_be_later(case, sibling, act);
    if case.incident.held.as_ref().is_some_and(|held| held.has_stand_in) {
        finding.cap(Confidence::VeryLikely, "the refresh tokens themselves were taken out of the files");
    }
    reservations(case, sibling, (act, Confidence::Likely), finding);
}

/// A rotation of the login is on record, and which token it exchanged is not.
fn recorded(case: &Case<'_>, sibling: &Sibling, act: &Act, finding: &mut Finding) {
    // Its own log says so, and names the account; both tokens descend from one login.
    finding.recorded = act.grade == Some(Grade::R1) && sibling.family == Relation::Same && is_stated(case, act);
    let points = match act.grade {
        Some(g) if g <= Grade::R2 => 8,
        Some(Grade::R3) => 5,
        _ => 0,
    };
    finding.point(points, case.acted(act));
    if act.grade == Some(Grade::R3) {
        finding.cap(Confidence::Likely, "the rotation rests on one time stamp only");
        contest::mind_lender(case, sibling, finding);
    }
    if act.held.is_none() && sibling.family == Relation::Unknown {
        finding.cap(Confidence::Likely, "its log alone shows the rotation, and no file of which login that was");
    }
    relogged::mind_begun(case, sibling, act, finding);
    if matches!(act.grade, Some(Grade::R4) | None) {
        finding.cap(Confidence::Possible, "the rotation is dated by a file time only");
    }
    reservations(case, sibling, (act, Confidence::Possible), finding);
}

/// Is the act known to lie inside the interval, by records that name their zone (one that was inferred is good
/// evidence and no record)?
fn is_stated(case: &Case<'_>, act: &Act) -> bool {
    let stated = |at: &When| matches!(at.zone, Zone::Utc | Zone::Offset);
    case.surely_inside(act) && act.doubt.is_none() && [act.at, case.incident.refused].iter().all(stated)
}

/// What leaves it open that this act spent the token; `perhaps_login` is the most that is said where the
/// store's change may have been a login.
fn reservations(case: &Case<'_>, sibling: &Sibling, (act, perhaps_login): (&Act, Confidence), finding: &mut Finding) {
    if let Some(older) = lineage::older_before(case, act) {
        let because = "its store shows an older pair than the victim's right before: the two may have a login each";
        finding.limit(Confidence::Likely, because, Some(older));
    }
    if matches!(act.kind, ActKind::Rotation { by_login: None }) {
        finding.cap(perhaps_login, "the store's change may as well have been a login");
    }
    if !case.surely_inside(act) && !kinship::is_inside(case, sibling, act) {
        finding.cap(
            Confidence::Possible,
            "it is not certain that the rotation lies between the victim's possession of its token and its first failure",
        );
    }
    if sibling.silent.is_some() {
        finding.cap(
            Confidence::Possible,
            "the program's own log covers that time and shows no refresh: another hand may have written the pair",
        );
    }
    doubts(case, act, finding);
    finding.when = CauseTime { at: Some(act.at), after: None, before: None };
}

/// The pair that its store shows next is of a later generation: it had worked past the end of the shared one
/// before that, and must have refreshed by then.
fn overwritten(case: &Case<'_>, sibling: &Sibling, renewed: &Renewed, finding: &mut Finding) {
    let trace = traces::by_success(case, sibling, renewed);
    finding.point(trace.points, trace.item);
    finding.when = trace.when;
    finding.recorded = false;
    contest::weigh(case, sibling, renewed, finding);
    finding.cap(Confidence::VeryLikely, "the pair that it obtained for the shared token is overwritten in its store");
}

/// No rotation of the interval is on record.
fn unseen(case: &Case<'_>, sibling: &Sibling, finding: &mut Finding) {
    if case.store(sibling).hidden {
        finding.cap(
            Confidence::Undetermined,
            "the other store is out of sight (keyring, or left out), and no log of its program covers the time",
        );
    } else {
        finding.cap(
            Confidence::Possible,
            "no rotation of the other store in the time in question is on record; one may be overwritten",
        );
        finding.would_settle.push(UNSEEN);
    }
    let after = case.incident.held.as_ref().and_then(|h| h.since);
    finding.when = CauseTime { at: None, after, before: Some(case.incident.refused) };
}

/// The rotation is not in its store, and must have been: the program worked on past the end of the last
/// access token known from before. The store has held the victim's very token, or a token of its login: what
/// it renewed then is that one, or descends from it.
fn inferred(case: &Case<'_>, sibling: &Sibling, renewed: &Renewed, finding: &mut Finding) {
    contest::weigh(case, sibling, renewed, finding);
    traces::by_success(case, sibling, renewed).weigh(finding);
    if renewed.known == KnownBy::Lent {
        let says = format!("a pair of that refresh token is marked as copied from the store of {}", case.who(sibling));
        finding.limits.push(case.item(ItemKind::SharedLogin, None, renewed.origin, says));
        let says = format!("{} holds a login that was made after that", case.who(sibling));
        let since = case.store(sibling).held.first();
        finding.limits.extend(since.map(|held| case.item(ItemKind::Store, held.since, held.origin, says)));
    }
    unshown(case, sibling, finding);
}

/// What its store does not show of the exchange, and that it had held the token.
fn unshown(case: &Case<'_>, sibling: &Sibling, finding: &mut Finding) {
    if let Some(origin) = sibling.shared {
        let (who, victim, did) = (case.who(sibling), case.incident.victim.client.title(), parted::verb(case));
        let says = format!("{who} had held the very refresh token that {victim} {did}");
        parted::shared(case, 8, case.item(ItemKind::SharedToken, None, origin, says), finding);
    }
    traces::ask_for_live(case, sibling, finding);
    finding.would_settle.push(UNSEEN);
}

/// It held the very token, and the pair that it had next descends from a generation that another store shows:
/// who made that one is open, unless the other store is known to have taken it over from this program.
fn passed_over(case: &Case<'_>, sibling: &Sibling, skipped: &Skipped, finding: &mut Finding) {
    let says = format!("another store shows the pair that came after the shared token, issued {}", day(skipped.issued));
    finding.point(0, case.item(ItemKind::Store, Some(skipped.issued), skipped.origin, says));
    let (points, most, because) = match skipped.passed_on {
        true => (13, Confidence::Likely, "the rotation is overwritten in its store, and known from what another program took over"),
        false => (
            5,
            Confidence::Undetermined,
            "the pair that its store shows next came of a later generation: whether it made the one before is not on record",
        ),
    };
    if let Some(origin) = sibling.shared {
        let (who, victim, did) = (case.who(sibling), case.incident.victim.client.title(), parted::verb(case));
        let says = format!("{who} had held the very refresh token that {victim} {did}");
        parted::shared(case, points, case.item(ItemKind::SharedToken, None, origin, says), finding);
    }
    finding.cap(most, because);
    finding.would_settle.push(UNSEEN);
    let after = case.incident.held.as_ref().and_then(|h| h.since);
    finding.when = CauseTime { at: None, after, before: Some(skipped.issued) };
}

/// Whose hand it was.
fn doubts(case: &Case<'_>, act: &Act, finding: &mut Finding) {
    match act.doubt {
        Some(Doubt::ForeignHand) => {
            finding.cap(Confidence::Undetermined, "another program seems to have written the new pair into this store");
        }
        Some(Doubt::SharedPair) => {
            finding
                .cap(Confidence::Undetermined, "another store holds the same new pair: which program exchanged the token is open");
        }
        Some(Doubt::PerhapsTaken) => passed::perhaps(case, act, finding),
        Some(Doubt::LateStamp { right }) => passed::late(case, act, right, finding),
        Some(Doubt::OpenHost { at_work }) => passed::mind_hosts(case, act, at_work, finding),
        Some(Doubt::OpenHand) => {
            let is_usual = writes_so(case, act);
            let most = if is_usual { Confidence::VeryLikely } else { Confidence::Likely };
            finding.cap(most, "the form of the store's time stamp fits other programs as well");
            if !is_usual {
                handed::perhaps(case, act, finding);
            }
        }
        None => {}
    }
}

/// Is another pair of the same store stamped in the same form? Then its own program seems to write so there.
fn writes_so(case: &Case<'_>, act: &Act) -> bool {
    let Some((store, at)) = act.store.and_then(|id| case.known.stores.get(id)).zip(act.held) else { return false };
    let writer = store.held.get(at).and_then(|held| held.writer);
    store.held.iter().enumerate().any(|(other, held)| other != at && held.writer.is_some() && held.writer == writer)
}
