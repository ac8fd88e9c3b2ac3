//! `fresh_login_refused`: the first use of a new login was refused, and nothing had been done with it.
//!
//! No client acted: either the login was never good at the server, or a new version of the client uses it
//! wrongly. A login that lay unused for long may as well have been ended meanwhile, so that only a use soon
//! after it counts.

use crate::attribute::case::Case;
use crate::attribute::finding::{CauseTime, Finding, Item, ItemKind};
use crate::attribute::times::day;
use crate::attribute::{About, Confidence, Hypothesis, RootCause};
use crate::correlate::{Act, FailureSeen, SignKind};
use crate::event::{ErrorClass, Mechanism};

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::FreshLoginRefused, about: ABOUT, test };

const ABOUT: About = About {
    line: "The first use of a new login was refused; the login had never worked.",
    means: "The client logged in, the new credential arrived, and the very first call or refresh with it was refused. Nothing had \
            rotated it and nothing had worked with it, so nobody took it away: it was refused as new. A change of the client's \
            version right before, or other accounts that meet the same, point at the client or the provider.",
    needs: &[
        "a login of the failing client's own, logged or seen in its store",
        "its first use refused with a code about the credential",
        "no success with it and no rotation in between",
    ],
    supports: &[
        "the client's version changed just before",
        "several accounts meet the same",
        "a second new login is refused alike",
    ],
    excludes: &[
        "a success with that login, by any session",
        "the failing session had begun before the login",
        "a rotation between the login and the refusal",
        "the refresh token was refused as used",
    ],
    controls: &[
        "the same account in another client or an older version: if that works, the account is in order",
        "an unrelated account with the same version: if that is refused alike, it is not the account",
    ],
    timeline: "login → 401 at the first call, within seconds or minutes",
    versions: &[
        "OpenClaw 2026.5.12 to 2026.5.14-beta.1 (refresh refused seconds after a login)",
        "Codex 0.152 and 0.153 were reported in September 2026",
    ],
    repairs: &["note the version, try the previous one, and report the refused response with its request id"],
    dos: &["look at the account's security events and, for a workspace, its session policy"],
    donts: &["do not log in again and again: each new login is refused alike and may end others"],
    settles: &[
        "the first refused response in full, with its code and request id",
        "the same login used once by the previous version of the client",
    ],
};

/// A use this soon after the login is its first one for practical purposes.
const SOON_MS: i64 = 60 * 60_000;
/// A new version that is first seen this shortly before the failure may have to do with it.
const UPGRADED_MS: i64 = 48 * 60 * 60_000;

fn test(case: &Case<'_>) -> Vec<Finding> {
    let finding = Finding::new(RootCause::FreshLoginRefused, None);
    let Some(refused) = first_word(case) else {
        return vec![case.lacks(finding, "no credential was refused")];
    };
    if let Some(reused) = case.reused() {
        return vec![finding.out("the refresh token was refused as already used, so it had worked", Some(case.failure(reused)))];
    }
    if let Some((why, item)) = case.not_ended() {
        return vec![finding.out(why, item)];
    }
    let Some(login) = case.unproved_login() else {
        let why = "no login of its own lies before the first failure without a success or a rotation in between";
        return vec![finding.out(why, None)];
    };
    if case.sessions_began_before(login.at).is_some() {
        return vec![
            finding
                .out("the session that failed had begun before the login: it may not have used it at all", Some(case.acted(login))),
        ];
    }
    if let Some(item) = worked(case, login) {
        return vec![finding.out("the login worked", Some(item))];
    }
    vec![weigh(case, login, refused, finding)]
}

/// A call that was answered with the new login, whenever and by whom.
fn worked(case: &Case<'_>, login: &Act) -> Option<Item> {
    let life = case.known.lives.of_login(case.incident.held.as_ref()?)?;
    let good = life
        .alive()
        .filter(|sign| sign.kept)
        .find(|sign| matches!(sign.kind, SignKind::Answered { .. }) && login.at.surely_before(sign.made()))?;
    let who = case.known.stores.get(good.store)?.client.title();
    Some(case.item(ItemKind::Control, Some(good.at), good.origin, format!("{who} worked with the same login")))
}

/// The first word about the credential itself, or the rawer one that a record of the same refusal has. Without
/// a credential, or with one for another account, nothing was refused.
fn first_word<'a>(case: &Case<'a>) -> Option<&'a FailureSeen> {
    /// Records of one refusal in a store and in a log may be this far apart.
    const NEAR_MS: i64 = 60_000;
    let first = case.incident.first_where(|c| c.is_auth() && !c.is_consequence() && !c.leaves_token_open() && !is_local(c))?;
    let same = |f: &&FailureSeen| f.at.ms.saturating_sub(first.at.ms) <= NEAR_MS;
    case.revoked().filter(same).or(Some(first))
}

fn is_local(class: ErrorClass) -> bool {
    matches!(
        class,
        ErrorClass::AccountMismatch | ErrorClass::RefreshTokenEmpty | ErrorClass::RefreshBlockedLocally | ErrorClass::NotRenewed
    )
}

fn weigh(case: &Case<'_>, login: &Act, refused: &FailureSeen, mut finding: Finding) -> Finding {
    let victim = &case.incident.victim;
    let ended = refused.failure.class.is_revocation();
    finding.point(if ended { 10 } else { 6 }, case.failure(refused));
    finding.point(8, case.acted(login));
    let waited = refused.at.ms.saturating_sub(login.at.ms);
    if waited <= SOON_MS {
        let says =
            format!("the first use of the login, {} s after it, was refused; nothing had worked with it", waited.max(0) / 1000);
        finding.point(6, case.item(ItemKind::Control, Some(refused.at), refused.origin, says));
    } else {
        finding.cap(Confidence::Possible, "the login lay unused for more than an hour: it may have been ended meanwhile");
    }
    if let Some((before, since)) = case.known.upgraded(victim.client, &victim.home, case.incident.last, UPGRADED_MS) {
        let (who, old, new) = (victim.client.title(), before.version.as_str(), since.version.as_str());
        let says = format!("{who} {new} is first seen {}, after {old}", day(since.at));
        finding.point(5, case.item(ItemKind::Control, Some(since.at), since.origin, says));
    }
    if let Some(origin) = case.incident.elsewhere.other_account {
        let says = "unrelated accounts were refused in the same way at the same time".to_owned();
        finding.point(5, case.item(ItemKind::Control, None, origin, says));
    }
    if let Some(held) = case.incident.held.as_ref().filter(|_| case.had_ended(refused.at)) {
        let says = format!("{} access token had ended before the failure", victim.client.title());
        finding.point(-8, case.item(ItemKind::Store, held.expires_at, held.origin, says));
    }
    case.mind_unread(&mut finding);
    finding.cap(Confidence::Likely, "why a new login is refused cannot be seen in the files of a client");
    finding.mechanism = (!ended).then_some(Mechanism::Undetermined);
    finding.when = CauseTime { at: None, after: Some(login.at), before: Some(case.incident.first) };
    finding.would_settle = ABOUT.settles.to_vec();
    finding
}
