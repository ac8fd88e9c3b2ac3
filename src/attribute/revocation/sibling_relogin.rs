//! `sibling_relogin`: another client logged in anew, and the login that the victim's token
//! descends from was ended at the server.
//!
//! Codex revokes the superseded grant on login (0.169.0 at the very start of `codex login`, even
//! if it is abandoned); other versions leave that to the provider's session policy. So a login is
//! never by itself a recorded revocation, and the verdict stays below `confirmed`.

use super::{bounds, controls, in_row, lives, untold, versions};
use crate::attribute::case::Case;
use crate::attribute::finding::{Actor, CauseTime, Finding, ItemKind};
use crate::attribute::taken;
use crate::attribute::{About, Confidence, Hypothesis, RootCause};
use crate::correlate::{Act, ActKind, Relation, Sibling};

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::SiblingRelogin, about: ABOUT, test };

const ABOUT: About = About {
    line: "Another client logged in anew, which ended the login that the victim's token descends from.",
    means: "The victim's token was taken from another client's login, or belongs to the same account. A new login there replaced \
            that session; the server then refuses the victim's refresh token, and as a rule its access token too, although that \
            has not ended. Nothing was spent: the login was revoked.",
    needs: &[
        "the server says that the token or session was invalidated or revoked",
        "a login by the other client between the victim's last success and its first failure; where a refresh was told of the end, \
         since the victim came to hold its refresh token",
    ],
    supports: &[
        "the other store held a credential of the victim's login before, and of a new one after",
        "the login is logged as well as visible in the store",
        "the victim fails at its next request",
    ],
    excludes: &[
        "the login was begun after the first failure: then it is the repair",
        "the login came before the victim obtained its token",
        "the victim worked again with the same access token, after that was refused",
        "the account differs",
        "another holder of the old session goes on working",
        "the refresh token was refused as used, not as revoked",
    ],
    controls: &[
        "another holder of the old session goes on working: then the login did not end it",
        "a login after the first failure is the repair",
        "a login on one that had ended by then, as its own client had been told or as the pair that stood there shows, is a repair \
         too and ended nothing",
    ],
    timeline: "the victim works → the other client logs in → the victim's next call is refused, and so is every later one",
    versions: &[
        "Codex revokes the login that it replaces since 8 May 2026; 0.98.0 and 0.130.0 do not, so that there only the provider's \
         own policy can end it",
        "0.169.0 does so at the start of the login, even one that is abandoned",
        "of no other program is it known that its login ends another one: such a login, or one of an older Codex, is possible at most, \
         or likely where it replaced the login that the victim's token came from and the refusal follows within two minutes",
    ],
    repairs: &[
        "finish all logins first, then check every client, then restart the ones that fail",
        "log the failing client in on its own, so that it no longer depends on the other client's login",
    ],
    dos: &["keep separate homes (CODEX_HOME, Hermes profile) for separate logins"],
    donts: &[
        "do not log in once more on either side to see whether it helps: each login can end the other",
        "do not copy the new auth.json across",
    ],
    settles: &[
        "the JWT claims `session_id` and `pwd_auth_time` of both access tokens, before and after",
        "the other client's login log (`codex-login.log`), if it is not among the files yet",
        "the first refused response in full, with its code and request id",
    ],
};

fn test(case: &Case<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = case.others().map(|sibling| of(case, sibling)).collect();
    if findings.is_empty() {
        findings.push(Finding::new(RootCause::SiblingRelogin, None).out("no store of another client was among the files", None));
    }
    findings
}

fn of(case: &Case<'_>, sibling: &Sibling) -> Finding {
    let actor = Actor { client: sibling.client, store: Some(sibling.store) };
    let mut finding = Finding::new(RootCause::SiblingRelogin, Some(actor));
    let who = case.who(sibling);
    if case.revoked().is_none() {
        return finding.out("the server did not say that the login was revoked", None);
    }
    if let Some((why, item)) = case.not_ended() {
        return finding.out(why, item);
    }
    if sibling.account == Relation::Different {
        return finding.out(format!("{who} uses another account"), controls::named(case, sibling));
    }
    finding.limits.extend(controls::named(case, sibling));
    let logins = || sibling.endings.iter().map(|&i| case.act(i)).filter(|a| a.kind != ActKind::Logout);
    if let Some((why, item)) = lives::lives_on(case, &mut finding) {
        return finding.out(why, Some(item));
    }
    let able = || logins().filter(|act| controls::barred(case, sibling, act).is_none());
    if let (Some(login), None) = (logins().next_back(), able().next())
        && let Some((why, item)) = controls::barred(case, sibling, login)
    {
        return finding.out(why, Some(item));
    }
    // Of several the first that had something of the victim's to end.
    let emptied = |act: &Act| controls::emptied(case, sibling, act).is_some();
    let login = able().min_by_key(|a| (!a.is_login(), emptied(a), a.at.ms));
    match login.or_else(|| untold::change(case, sibling)) {
        Some(login) => match versions::harmless(case, case.store(sibling), login) {
            Some(harmless) => finding.out(harmless.why, harmless.items.into_iter().next()),
            None => weigh(case, sibling, login, finding),
        },
        None if untold::begun(case, sibling).is_some() => {
            let because =
                "its store holds a login that was begun in that time; when it was made, and in place of what, is not on record";
            finding.limit(Confidence::Undetermined, because, untold::begun(case, sibling));
            finding.would_settle = ABOUT.settles.to_vec();
            finding
        }
        None => finding.out(format!("{who} is not seen to log in {}", bounds::interval(case)), None),
    }
}

fn weigh(case: &Case<'_>, sibling: &Sibling, login: &Act, mut finding: Finding) -> Finding {
    if case.is_split(sibling) {
        finding.cap(Confidence::Undetermined, "its refresh in the same time may have spent the token instead");
    }
    if let Some(revoked) = case.revoked() {
        finding.point(12, case.failure(revoked));
    }
    finding.point(if login.is_rotation() { 5 } else { 12 }, case.acted(login));
    let is_tied = kinship(case, sibling, login, &mut finding);
    perhaps_none(case, sibling, login, &mut finding);
    controls::mind_doubts(case, sibling, login, &mut finding);
    in_row::mind_earlier(case, sibling, login, &mut finding);
    controls::mind_own_ending(case, &mut finding);
    controls::mind_others(case, &mut finding);
    let is_seen = !case.as_stated(login).is_dated_by_password(&case.known.stores);
    let timely = is_seen && is_tied && is_at_once(case, login);
    if let (true, Some(revoked)) = (timely, case.revoked()) {
        let says = format!("the first refusal follows the login within {} s", AT_ONCE_MS / 1000);
        finding.point(3, case.item(ItemKind::Control, Some(revoked.at), revoked.origin, says));
    }
    // Whichever reading is tried, the record is cited for what it says under all of them.
    if let Some(good) = case.incident.last_good.as_ref().filter(|good| good.at.surely_before(case.as_stated(login).at)) {
        finding.point(2, case.success(good, case.incident.victim.client, "still worked before the login"));
    }
    if let Some(reused) = case.reused() {
        finding.point(-6, case.failure(reused));
    }
    recovery(case, sibling, &mut finding);
    limits(case, sibling, login, &mut finding);
    if let Some((tier, because, build)) = versions::of_login(case, case.store(sibling), login, timely) {
        finding.limit(tier, because, build);
    }
    finding.when = match is_seen {
        true => CauseTime { at: Some(login.at), after: None, before: None },
        false => CauseTime { at: None, after: Some(login.at), before: Some(case.incident.first) },
    };
    finding.would_settle = ABOUT.settles.to_vec();
    lives::mind_elsewhere(case, &mut finding);
    finding
}

/// Whose login it replaced. Is the victim's tied to that one? Where nothing ties the two, that the one failed soon
/// after the other was made is no more than nearness in time.
fn kinship(case: &Case<'_>, sibling: &Sibling, login: &Act, finding: &mut Finding) -> bool {
    if controls::emptied(case, sibling, login).is_some() {
        return false;
    }
    let (victim, who) = (case.incident.victim.client.title(), case.who(sibling));
    let is_tied = match (sibling.family, controls::shared(case, sibling)) {
        (Relation::Same, Some(held)) => {
            let says = format!("{who} held a credential of the login that the token of {victim} descends from");
            finding.point(8, case.item(ItemKind::SharedLogin, None, held.origin, says));
            true
        }
        (Relation::Different, _) => {
            finding.cap(
                Confidence::Possible,
                "the two logins are known to be separate; whether one ends the other is the provider's policy",
            );
            false
        }
        _ => {
            let tie = taken::at_all(case, sibling);
            let is_tied = tie.is_some() || sibling.family == Relation::Same;
            if !is_tied {
                let because = "nothing ties the victim's login to the one that was replaced: the two may always have been separate";
                controls::mind_untied(case, sibling, because, finding);
            }
            // Less than two tokens of one session: it does not say that the login was not changed in between.
            tie.into_iter().for_each(|item| finding.point(6, item));
            finding.cap(Confidence::Likely, "that the victim's token came from the replaced login cannot be read from the files");
            is_tied
        }
    };
    controls::mind_separate(case, sibling, login, finding);
    is_tied
}

/// A refusal this soon after the login is of the first request that could meet it.
const AT_ONCE_MS: i64 = 120_000;

/// Does the first refusal follow so soon?
fn is_at_once(case: &Case<'_>, login: &Act) -> bool {
    (0..=AT_ONCE_MS).contains(&(case.incident.first.ms - login.at.ms))
}

/// The login may have been none, or another one may have done it.
fn perhaps_none(case: &Case<'_>, sibling: &Sibling, login: &Act, finding: &mut Finding) {
    if login.is_rotation() {
        // Most changes of a store are refreshes; one of the shared pair that the refusal follows at once is more.
        let shared = sibling.family == Relation::Same && is_at_once(case, login);
        let most = if shared { Confidence::Possible } else { Confidence::Undetermined };
        finding.cap(most, "the change of its store may as well have been a refresh");
    }
    for item in untold::nearer(case, sibling, login) {
        let because = "a program that ends its login at the server was, or may have been, logged in or out in the same time, and \
                       this one is not known to do that";
        finding.limit(Confidence::Undetermined, because, Some(item));
    }
}

fn limits(case: &Case<'_>, sibling: &Sibling, login: &Act, finding: &mut Finding) {
    finding.cap(Confidence::VeryLikely, "no client logs that a login revoked another one");
    if login.kind == ActKind::LoginAbandoned {
        if let Some(origin) = case.store(sibling).guarded {
            finding.point(0, versions::guard(case, case.store(sibling), origin));
            finding.cap(Confidence::Likely, "the login was begun and not completed");
        } else {
            finding.cap(
                Confidence::Possible,
                "the login was begun and not completed, and only newer versions of Codex end the old one at that point",
            );
        }
    }
    if case.may_have_passed() {
        finding.cap(Confidence::Undetermined, "the victim worked again, and whether its credential had changed is not known");
    }
    if !case.same_account(sibling) {
        finding.cap(Confidence::Possible, "the account of one of the two stores is not known");
    }
    let stated = case.as_stated(login);
    if stated.is_dated_by_password(&case.known.stores) {
        let because = "the login is dated by its password alone: it came then or later, perhaps after the first failure";
        finding.limit(Confidence::Possible, because, Some(case.acted(stated)));
    } else if !login.at.surely_before(case.incident.first) {
        finding.cap(Confidence::Possible, "under some reading of the clocks the login came after the first failure");
    }
    let refreshed_too = sibling.first_rotation.is_some() && sibling.family != Relation::Same;
    if refreshed_too && !case.is_split(sibling) {
        finding.cap(Confidence::Possible, "the other store was both refreshed and logged in anew in the interval");
    }
}

/// What the victim was healed by.
fn recovery(case: &Case<'_>, sibling: &Sibling, finding: &mut Finding) {
    controls::mind_adoption(case, finding);
    let Some((from, act, Some(taken))) = controls::adopted(case) else { return };
    let old = case.incident.held.as_ref();
    if from == sibling.client && old.and_then(|old| old.same_family(taken)) == Some(false) {
        finding.point(3, case.acted(act));
    }
    if taken.account.zip(case.incident.victim.account).is_some_and(|(new, old)| new != old) {
        finding.remarks.push(format!(
            "{} recovered by taking over a credential of another account: since then its turns are made, and counted, on that account",
            case.incident.victim.client.title()
        ));
    }
}
