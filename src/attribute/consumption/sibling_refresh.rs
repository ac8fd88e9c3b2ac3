//! `sibling_refresh`: a different client on the same login refreshed first and so spent the
//! single-use refresh token that the victim still held.
//!
//! Identity excludes, nearness in time never convicts: the search runs from the moment the
//! victim came to hold its token to its first failure, and closeness to the failure gives no
//! point.

use super::handed::{self, Handed};
use super::passed::{self, Passed};
use super::{exchange, kinship, limits, lineage, own, refusal, relogged, traces};
use crate::attribute::case::Case;
use crate::attribute::finding::{Actor, Finding, ItemKind};
use crate::attribute::{About, Confidence, Hypothesis, RootCause};
use crate::correlate::{ActKind, Doubt, Recovery, Relation, Sibling};

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::SiblingRefresh, about: ABOUT, test };

const ABOUT: About = About {
    line: "Another client on the same login refreshed first; the victim's refresh token was spent.",
    means: "Refresh tokens are single use. Two programs held the same login; one of them exchanged the refresh token and kept \
            the new pair in its own store. The other went on with its old access token until that ended or was refused, then \
            presented the spent refresh token and was turned away. The act can lie days before the first failed turn.",
    needs: &[
        "the token endpoint refused the victim's refresh token as already used (or refused it without a code that says otherwise)",
        "a rotation in another program's store after the victim obtained its token and before its first failure",
        "the same account, and a login session that is not known to differ",
    ],
    supports: &[
        "the other store held the victim's refresh token before it changed",
        "both access tokens carry the same login session",
        "the other client worked past the end of the last access token that its store is known to have held before: it must have \
         refreshed, though its store keeps its latest pair alone",
        "the other store still holds the shared token, and its program logged a refresh, lost the result of one, or got no answer to one",
        "the other client goes on working after the victim's first failure",
        "the failure comes when the victim's own access token ends",
        "another program took over a later pair of the login from it before the failure: it had that pair first",
        "the victim recovers by taking over the other store's credential",
    ],
    excludes: &[
        "the accounts or the login sessions differ",
        "the only rotations lie before the victim obtained its token, or after its first failure",
        "another store of the login shows an earlier rotation in that time: only the earlier one can have spent the victim's token",
        "another store shows a pair issued between the shared token and the pair that the other store had next: that one came of a later \
         generation",
        "its own log says that it had taken over another program's pair before it came to hold its next one",
        "the victim's own store had held a later pair, and was put back to the one that was refused",
        "the newer pair that the other store holds was taken over, and no refresh of its own program is on record",
        "a later generation was there before the victim took its copy: that was dead already",
        "the server said revoked, not used",
        "the victim refreshed later with the very token that had been refused",
        "another store could have spent the token just as well",
    ],
    controls: &[
        "the other client goes on working with the login after the first failure: the login is alive, so this is neither an outage nor a revocation",
        "the other client is refused alike at the same time: then a revocation or an outage is nearer",
        "the victim itself holds the newest pair of the login: then nobody else consumed it",
        "no refresh of the stored pair was due when it was refused, and of the pair before it one was: then an old process is nearer",
        "another program, agent, home or machine was at work, and its store was not read: then it may have been that one",
    ],
    timeline: "victim obtains the token → the other client refreshes → the victim may go on for hours or days → its access token \
               ends or is refused → its refresh is refused → every turn fails until a new login or an adoption",
    versions: &[
        "Hermes up to April 2026 imported and refreshed the login of `~/.codex`; since June 2026 it may adopt it again after a refusal",
        "OpenClaw up to 2026.4.17 refreshed the Codex login and wrote it back; later versions only borrow its access token",
        "no version of Codex keeps another program from refreshing its login: its lock files (0.169) bind no other client",
    ],
    repairs: &["log in again in the failing client only, and check right after that the other client still works"],
    dos: &[
        "give each client its own login (Hermes: `hermes auth add openai-codex --type oauth`; Codex: a CODEX_HOME of its own)",
        "or let one client own the login and have the others borrow only its access token",
    ],
    donts: &[
        "do not run `codex logout`: it revokes the login for every holder",
        "do not log in anew in the client that still works: that can end its login, and repairs nothing",
        "do not copy auth.json from one program to another: that makes the sharing anew",
        "do not probe by refreshing (some status commands do): every refresh spends a token",
    ],
    settles: &[
        "an earlier copy of either store (backup or state snapshot) that shows which refresh token it held",
        "the JWT claims `session_id` and `pwd_auth_time` of both access tokens, before and after",
        "the other client's log around the rotation",
    ],
};

fn test(case: &Case<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = case.other_programs().map(|sibling| of(case, sibling)).collect();
    findings.extend(unstored_hand(case));
    findings.extend(unstored_donor(case));
    if findings.is_empty() {
        findings.push(Finding::new(RootCause::SiblingRefresh, None).out("no store of another client was among the files", None));
    }
    findings
}

fn of(case: &Case<'_>, sibling: &Sibling) -> Finding {
    let actor = Actor { client: sibling.client, store: Some(sibling.store).filter(|_| !is_open_host(case, sibling)) };
    let finding = Finding::new(RootCause::SiblingRefresh, Some(actor));
    if let Some((why, item)) = case.not_spent() {
        return finding.out(why, Some(item));
    }
    if let Some(handed) = handed::away(case, sibling) {
        return finding.out(handed.says(), Some(handed.item(case)));
    }
    if let Some((why, item)) = traces::cleared(case, sibling) {
        return finding.out(why, Some(item));
    }
    if let Some((why, item)) = passed::cleared(case, sibling) {
        return finding.out(why, Some(item));
    }
    let alive = lineage::dead_before(case).is_none();
    // What it holds since says nothing against what it wrote then.
    if let Some(handed) = handed::to(case, sibling).filter(|_| alive) {
        return by_hand(case, handed, Some(sibling), finding);
    }
    if let Some(passed) = passed::from(case, sibling).filter(|_| alive) {
        return by_passing(case, passed, Some(sibling), finding);
    }
    match gate(case, sibling) {
        Some(why) => finding.out(why, None),
        None => weigh(case, sibling, finding),
    }
}

/// Do stores of the program on several machines hold the pair that it received, and nothing tells on which it was?
fn is_open_host(case: &Case<'_>, sibling: &Sibling) -> bool {
    case.may_have_spent(sibling).is_some_and(|index| case.act(index).doubt == Some(Doubt::OpenHost { at_work: None }))
}

/// A program that says it wrote the new pair into another one's store, and no store of which was read: what
/// that would hold since says nothing of what it did then.
fn unstored_hand(case: &Case<'_>) -> Option<Finding> {
    let handed = handed::unstored(case)?;
    let finding = Finding::new(RootCause::SiblingRefresh, Some(Actor { client: handed.hand.client, store: None }));
    if let Some((why, item)) = case.not_spent() {
        return Some(finding.out(why, Some(item)));
    }
    if let Some(why) = lineage::dead_before(case) {
        return Some(finding.out(why, None));
    }
    let mut finding = by_hand(case, handed, None, finding);
    finding.would_settle.insert(0, "the credential store of the program that wrote the new pair into the other one's store");
    Some(finding)
}

/// A program that another one took the next pair over from, and no store of which was read.
fn unstored_donor(case: &Case<'_>) -> Option<Finding> {
    let passed = passed::unstored(case)?;
    let finding = Finding::new(RootCause::SiblingRefresh, Some(Actor { client: passed.donor, store: None }));
    if let Some((why, item)) = case.not_spent() {
        return Some(finding.out(why, Some(item)));
    }
    if let Some(why) = lineage::dead_before(case) {
        return Some(finding.out(why, None));
    }
    let mut finding = by_passing(case, passed, None, finding);
    finding.would_settle.insert(0, "the credential store of the program that the pair was taken over from");
    Some(finding)
}

/// It had the next pair first: another program took it over from there.
fn by_passing(case: &Case<'_>, passed: Passed<'_>, sibling: Option<&Sibling>, mut finding: Finding) -> Finding {
    if let Some(why) = refusal::explains_none(case) {
        return finding.out(why, None);
    }
    refusal::weigh(case, false, &mut finding);
    passed.weigh(case, sibling, &mut finding);
    if let Some(sibling) = sibling {
        limits::weigh(case, sibling, &mut finding);
        controls(case, sibling, &mut finding);
    }
    finding.would_settle.extend(ABOUT.settles);
    finding
}

/// It made the exchange that another program's store shows.
fn by_hand(case: &Case<'_>, handed: Handed<'_>, sibling: Option<&Sibling>, mut finding: Finding) -> Finding {
    if let Some(why) = refusal::explains_none(case) {
        return finding.out(why, None);
    }
    refusal::weigh(case, handed.has_chain(case), &mut finding);
    handed.weigh(case, &mut finding);
    limits::weigh(case, handed.owner, &mut finding);
    sibling.inspect(|sibling| controls(case, sibling, &mut finding));
    finding.would_settle.extend(ABOUT.settles);
    finding
}

/// Why this sibling cannot have done it.
fn gate(case: &Case<'_>, sibling: &Sibling) -> Option<String> {
    let who = case.who(sibling);
    let incident = case.incident;
    if sibling.account == Relation::Different {
        return Some(format!("{who} uses another account"));
    }
    if sibling.family == Relation::Different {
        return Some(format!("{who} has a login of its own (another login session), so the two never shared a refresh token"));
    }
    if let Some(why) = refusal::explains_none(case) {
        return Some(why.to_owned());
    }
    let traced = traces::of(case, sibling).is_some();
    let unused = sibling.shared.is_some() && sibling.spent.is_none() && sibling.skipped.is_none() && !traced;
    if unused && case.store(sibling).live && traces::holds_same(case, sibling) {
        return Some(format!("{who} still holds the same refresh token, and no record of it shows that it used it"));
    }
    if let Some(why) = lineage::spent_by_another(case, sibling) {
        return Some(why);
    }
    if incident.elsewhere.other_account.is_some() && case.reused().is_none() {
        return Some("unrelated accounts failed alike at the same time".to_owned());
    }
    if let (None, true) = (case.may_have_spent(sibling), sibling.silent.is_some()) {
        return Some(format!(
            "the log of {who} covers the time between the victim's possession of its token and its first failure, and shows no refresh"
        ));
    }
    let seen = case.may_have_spent(sibling).is_some() || sibling.renewed.is_some() || traced;
    let out_of_view = || traces::is_out_of_view(case, sibling) || relogged::is_out_of_view(case, sibling);
    let hidden = case.reused().is_some() && out_of_view();
    if seen || hidden || could_be_overwritten(case, sibling) || out_of_sight(case, sibling) {
        return None;
    }
    if case.holds_newer(sibling) {
        return Some(format!("{who} is not known to have exchanged the newer pair that it holds: it may have taken that over"));
    }
    if own::holds_newest(case) {
        return Some(format!("the victim itself holds the newest pair of the login: {who} cannot have exchanged it"));
    }
    Some(format!("no rotation of {who} is on record between the victim's possession of its token and its first failure"))
}

/// The store shows only a rotation after the first failure, of the same login: an earlier one may
/// be overwritten. A newer pair alone, such as one that it took over, is no rotation of its own.
fn could_be_overwritten(case: &Case<'_>, sibling: &Sibling) -> bool {
    sibling.family == Relation::Same && case.reused().is_some() && lineage::rotated_later(case, sibling)
}

/// The store is kept where no file shows it, on the victim's account or on one that is not known: that
/// nothing is on record says nothing.
fn out_of_sight(case: &Case<'_>, sibling: &Sibling) -> bool {
    case.store(sibling).hidden && case.reused().is_some()
}

fn weigh(case: &Case<'_>, sibling: &Sibling, mut finding: Finding) -> Finding {
    if traces::is_out_of_view(case, sibling) {
        finding.cap(Confidence::Undetermined, out_of_view(case, sibling));
        traces::ask_for_live(case, sibling, &mut finding);
        finding.would_settle.push(exchange::UNSEEN);
        return finding;
    }
    if relogged::hides(case, sibling, Confidence::Undetermined, &mut finding) {
        finding.would_settle.push(exchange::UNSEEN);
        return finding;
    }
    let shown = case.may_have_spent(sibling).is_some() || sibling.renewed.is_some();
    if out_of_sight(case, sibling) && !case.same_account(sibling) && !shown {
        finding.cap(Confidence::Undetermined, "its store is out of sight (keyring, or left out), and its account is not known");
        finding.would_settle.push(exchange::UNSEEN);
        return finding;
    }
    // The very token was held and exchanged there: it was spent, whatever the refusal said.
    refusal::weigh(case, sibling.spent.is_some() && sibling.shared.is_some(), &mut finding);
    exchange::weigh(case, sibling, &mut finding);
    limits::weigh(case, sibling, &mut finding);
    kinship::weigh(case, sibling, &mut finding);
    controls(case, sibling, &mut finding);
    finding.would_settle.extend(ABOUT.settles);
    finding
}

/// Why it is out of view what became of the shared token in its store.
fn out_of_view(case: &Case<'_>, sibling: &Sibling) -> &'static str {
    let store = case.store(sibling);
    let held = case.incident.held.as_ref();
    let of_login = store.newest().zip(held).and_then(|(now, held)| now.same_family(held)) == Some(true);
    match () {
        () if store.hidden || !store.live => "its store was not read: whether it had refreshed the shared token is out of view",
        () if of_login => {
            "its store holds another pair of that login since, and not by an exchange that is known as its own: whether it had \
             refreshed the shared token before is out of view"
        }
        () => "its store holds a login since: whether it had refreshed the shared token before is out of view",
    }
}

/// How the others fared, and how it ended.
fn controls(case: &Case<'_>, sibling: &Sibling, finding: &mut Finding) {
    let by_adoption =
        case.incident.own_acts.iter().map(|&i| case.act(i)).find(|a| {
            matches!(a.kind, ActKind::Adopted { from, .. } if from == sibling.client) && a.at.ms >= case.incident.first.ms
        });
    if let Some(alive) = &sibling.alive_after {
        finding.point(7, case.success(alive, sibling.client, "worked on after the victim's first failure"));
    } else if let (Some(act), Some((_, Recovery::Adoption))) = (by_adoption, case.incident.recovered) {
        finding.point(7, case.acted(act));
    }
    if let Some(origin) = sibling.failing {
        let says = format!("{} was refused at about the same time", sibling.client.title());
        finding.point(-7, case.item(ItemKind::Control, None, origin, says));
    }
}
