//! What the victim's own program did to its token: refreshes that its store does not show, writes that
//! failed, refreshes without an answer, and a store that was put back. Apart from the hypotheses, since
//! what makes one of them rules another one out.
//!
//! All of it is bounded by the time in question: after the victim came to hold the credential of the
//! failure, and before the first refusal by which that may be known to be spent.

use crate::attribute::Confidence;
use crate::attribute::case::Case;
use crate::attribute::finding::{Finding, Item};
use crate::attribute::presented;
use crate::correlate::{Act, ActKind, FailureSeen, Grade, Held, Outworked, Relation, Sibling, When};
use crate::event::{Client, ErrorClass, Mechanism, Taken};

/// A client writes what it received within this time of a refresh, and its log says so.
const AT_ONCE_MS: i64 = 2 * 60_000;

/// When the victim came to hold the credential of its failure, as far as more than a file time tells.
pub(super) fn possession(case: &Case<'_>) -> Option<When> {
    case.incident.held.as_ref().filter(|held| !held.dated_by_file)?.since
}

/// Acts of the victim's own program on its store in the time in question, in order.
pub(super) fn acts<'a>(case: &Case<'a>) -> impl DoubleEndedIterator<Item = &'a Act> {
    let (case, since) = (*case, possession(case));
    let incident = case.incident;
    let own = move |act: &&Act| {
        let store = act.store.is_none() || act.store == incident.victim.store;
        let after = since.is_none_or(|since| act.at.ms > since.ms);
        act.client == incident.victim.client && store && after && act.at.maybe_before(incident.refused)
    };
    incident.own_acts.iter().map(move |&index| case.act(index)).filter(own)
}

/// Is what the victim's live store holds now what it held at the failure? Where it was changed since, or
/// emptied (Hermes 0.19 does so on a refusal), copies show its state of before and not of that time.
fn stands(case: &Case<'_>) -> bool {
    let store = case.incident.victim.store.and_then(|id| case.known.stores.get(id)).filter(|store| store.live && !store.hidden);
    let now = store.and_then(|store| store.now()).filter(|now| now.taken == Taken::Current);
    now.zip(case.incident.held.as_ref()).is_some_and(|(now, held)| now.same_tokens(held))
}

/// What a refusal is worth that does not say the token was used, as every cause of this kind weighs it.
/// Where its reason is not on record a cause may be rated no higher than `untold`; where the server gave
/// another one, or would not give any, that the token was spent is a guess, whoever exchanged it.
pub(super) fn weigh_unnamed(case: &Case<'_>, refused: &FailureSeen, finding: &mut Finding, untold: Confidence) {
    let reason = match refused.failure.class {
        ErrorClass::RefreshNotValidated => Some("the server did not call the refresh token used: it could not validate the token"),
        ErrorClass::InvalidGrant => Some("the server refused the refresh and gave no reason (`invalid_grant`)"),
        // Codex has a sentence for each reason that it knows.
        _ if case.incident.failures.iter().any(is_unknown_to_codex) => {
            Some("Codex did not know the server's reason for refusing the refresh, and it knows that of a used token")
        }
        _ => None,
    };
    finding.point(if refused.failure.class == ErrorClass::RefreshNotValidated { -2 } else { 2 }, case.failure(refused));
    match reason {
        Some(why) => {
            finding.mechanism = Some(Mechanism::Undetermined);
            finding.cap(untold.min(Confidence::Possible), why);
        }
        None => finding.cap(untold, "the server's reason for refusing the refresh is not in the files"),
    }
}

/// A turn that Codex ended with its sentence for reasons that it does not know (0.98 to 0.169); its log
/// tells of a refused refresh alike, whatever the reason.
fn is_unknown_to_codex(failed: &FailureSeen) -> bool {
    failed.stated_by == Client::Codex && failed.is_turn && failed.failure.class == ErrorClass::RefreshRefused
}

/// What the token endpoint said, as every cause of this kind weighs it. Where its reason is not on record
/// a cause may be rated no higher than `untold`.
pub(super) fn weigh_refusal(case: &Case<'_>, finding: &mut Finding, untold: Confidence) {
    match (case.reused(), case.refused_unnamed()) {
        (Some(reused), _) => finding.point(6, case.failure(reused)),
        (None, Some(refused)) => weigh_unnamed(case, refused, finding, untold),
        (None, None) => {}
    }
}

/// The last refresh in the time in question that worked by the program's own log, and whose result no
/// record of its store shows. Where the log's clock is adrift it may also be of the pair that the store shows.
pub(super) fn logged<'a>(case: &Case<'a>) -> Option<&'a Act> {
    let since = possession(case)?;
    let dated = |act: &&Act| act.is_rotation() && act.held.is_none() && act.grade.is_some_and(|grade| grade < Grade::R4);
    // What is logged as the store took its pair is of that pair.
    let later = |act: &&Act| act.at.ms.saturating_sub(since.ms) > AT_ONCE_MS;
    acts(case).rev().find(|act| dated(act) && act.store.is_some() && later(act))
}

/// The same, where it came later than what its store holds whatever the zone of the log, and the store still holds
/// that.
pub(super) fn unstored<'a>(case: &Case<'a>) -> Option<&'a Act> {
    let since = possession(case)?;
    let later = |act: &&Act| act.at.lo.saturating_sub(since.hi) > AT_ONCE_MS;
    logged(case).filter(|act| later(act) && stands(case))
}

/// A refresh of its own that must have been, and of which neither its store nor a log tells: it was answered when
/// the access token had ended that its live store holds to this day, and neither a login nor a credential that it
/// borrowed explains that. A write that failed and is on record says more.
pub(super) fn unkept<'a>(case: &Case<'a>) -> Option<&'a Outworked> {
    let logged_in = || acts(case).any(|act| act.is_ending());
    let explained = || logged_in() || borrowed(case).is_some();
    case.incident.outworked.as_ref().filter(|_| stands(case) && !explained() && write_fault(case).is_none())
}

/// The first time that it took over what another program had, before the first work that its own pair does not
/// explain. OpenClaw (2026.4.18 and later) works with that and keeps its own pair in its store. A log of which the
/// home is not known may be its own.
pub(super) fn borrowed<'a>(case: &Case<'a>) -> Option<&'a Act> {
    let (by, since) = (case.incident.outworked.as_ref()?.by.at, possession(case)?);
    let adopted = |act: &&Act| matches!(act.kind, ActKind::Adopted { .. }) && act.at.maybe_before(by);
    let lone = |act: &&Act| act.client == case.incident.victim.client && act.store.is_none() && act.home.is_none();
    let its = || case.acts().filter(lone).filter(|act| since.surely_before(act.at));
    acts(case).find(adopted).or_else(|| its().find(adopted))
}

/// Does this program log a refresh only when its store has the new pair? Codex does (0.98 to 0.169: it
/// reads the file anew for the very line), so that a store without that pair was changed afterwards.
pub(super) fn logs_when_stored(client: Client) -> bool {
    client == Client::Codex
}

/// A write of the store that failed, when and by which record. Hermes and OpenClaw also write into another
/// program's store: what fails at the time at which their own store took the pair is about that one.
pub(super) fn write_fault(case: &Case<'_>) -> Option<(When, Item)> {
    let apart = |at: When| possession(case).is_none_or(|since| at.ms.saturating_sub(since.ms) > AT_ONCE_MS);
    let act = acts(case).find(|act| act.kind == ActKind::WriteFailed && apart(act.at)).map(|act| (act.at, case.acted(act)));
    act.or_else(|| {
        let failed = case.incident.first_of(ErrorClass::RefreshNotStored)?;
        (apart(failed.at) && failed.at.ms <= refusal_ms(case)).then(|| (failed.at, case.failure(failed)))
    })
}

/// Refreshes of the program that got no answer before the refusal, in order of time, and whether each is
/// known to have been sent (a 401 without a new token may also be one that was blocked on its way).
pub(super) fn unanswered(case: &Case<'_>) -> Vec<(When, Item, bool)> {
    let ends = refusal_ms(case);
    let mut found: Vec<(When, Item, bool)> =
        acts(case).filter(|act| act.kind == ActKind::Unanswered).map(|act| (act.at, case.acted(act), true)).collect();
    let since = possession(case).map_or(i64::MIN, |at| at.ms);
    let turns = case.incident.failures.iter().filter(|f| f.is_turn && f.dated && (since..ends).contains(&f.at.ms));
    for turn in turns {
        let sent = turn.failure.class == ErrorClass::RefreshOutcomeUnknown;
        if sent || turn.not_renewed || turn.failure.class == ErrorClass::NotRenewed {
            found.push((turn.at, case.failure(turn), sent));
        }
    }
    found.sort_by_key(|(at, ..)| at.ms);
    found
}

/// When the server refused the refresh token, as far as it is told.
fn refusal_ms(case: &Case<'_>) -> i64 {
    case.reused().or_else(|| case.refused_unnamed()).map_or(case.incident.first.ms, |refused| refused.at.ms)
}

/// The newer generation that the victim's store is known to have held, where its live file holds an older
/// one again.
pub(super) fn replaced<'a>(case: &Case<'a>) -> Option<&'a Held> {
    presented::put_back(case).map(|back| back.newer)
}

/// A later generation of the victim's login that another store had before the victim came to hold its own:
/// what the victim took over was a copy that was dead already. Generations follow each other in one line.
pub(super) fn dead_on_arrival<'a>(case: &Case<'a>) -> Option<(&'a Sibling, &'a Held)> {
    let held = case.incident.held.as_ref().filter(|_| case.incident.moved_back.is_none())?;
    let earlier = |h: &&Held| h.is_later_generation(held) && h.issued_at.is_some_and(|at| case.before_possession(at));
    let of = |sibling: &'a Sibling| Some((sibling, case.store(sibling).held.iter().find(earlier)?));
    case.incident.siblings.iter().filter_map(of).min_by_key(|(_, h)| h.issued_at.map(|at| at.ms))
}

/// A rotation of this store in the time in question that may have spent a token of the victim's login.
pub(super) fn rotated<'a>(case: &Case<'a>, sibling: &Sibling) -> Option<&'a Act> {
    case.may_have_spent(sibling).map(|index| case.act(index))
}

/// Another holder of the victim's login that has a newer pair of it, or must have had one.
pub(super) fn newer_holder<'a>(case: &Case<'a>) -> Option<&'a Sibling> {
    let related = |s: &&Sibling| s.shared.is_some() || s.family == Relation::Same;
    // A refresh that its log alone states, or that is inferred, may have left no pair there.
    let stored = |s: &Sibling| rotated(case, s).is_some_and(|act| act.held.is_some());
    let renewed = |s: &Sibling| s.renewed.as_ref().is_some_and(|renewed| renewed.replaced);
    let newer = |s: &&Sibling| stored(s) || renewed(s) || case.holds_newer(s);
    case.incident.siblings.iter().filter(|s| s.account != Relation::Different).filter(related).find(newer)
}

/// Does the victim itself hold the newest pair of its login, of all stores that hold one of it?
pub(super) fn holds_newest(case: &Case<'_>) -> bool {
    let Some(held) = case.incident.held.as_ref().filter(|_| case.incident.moved_back.is_none()) else { return false };
    let kin = |s: &Sibling| case.store(s).held.iter().any(|h| held.is_later_generation(h));
    case.incident.siblings.iter().any(kin) && !case.incident.siblings.iter().any(|s| case.holds_newer(s))
}
