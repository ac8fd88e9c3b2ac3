//! `auth_ping_pong`: two programs on one account end each other's login in turn.
//!
//! Who began is of no use: each act repairs the own failure and makes the other's. So nobody is named as the
//! one who did it, both programs are named in the text, and the remedy is to end the sharing.

use crate::attribute::case::Case;
use crate::attribute::finding::{CauseTime, Finding, ItemKind};
use crate::attribute::{About, Confidence, Hypothesis, Item, RootCause};
use crate::correlate::{Cycle, PatternKind};
use crate::event::{ErrorClass, Mechanism};

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::AuthPingPong, about: ABOUT, test };

const ABOUT: About = About {
    line: "Two clients on one account end each other's login in turn.",
    means: "One client logs in or takes a credential over, which shuts the other out; the other does the same to get back in, which \
            shuts out the first; and so on. Each act is a sensible repair by itself. Neither client is at fault alone, and another \
            login on either side only makes the next turn of the row.",
    needs: &[
        "at least three alternations of a login, an adoption or a rotation between two clients on one account",
        "each followed by the other client's first failure, which is about the credential",
    ],
    supports: &["the acts are logged", "each failure comes at the other client's next request or refresh"],
    excludes: &[
        "one of the two never fails: then it is innocent, however regular the other's logins are",
        "the failures are about something else, such as a limit",
        "the acts are on different accounts",
    ],
    controls: &["a pause of one client: if the other then goes on working, the row is broken"],
    timeline: "A logs in → B fails → B logs in → A fails → A logs in → …",
    versions: &[
        "Codex revokes the login that it replaces since 8 May 2026 (kind `login_login`)",
        "Hermes takes over the login of Codex after a refusal since 13 June 2026 (kind `adopt_refresh`)",
    ],
    repairs: &["end the sharing: stop one of the two clients, log the other in, then give the first a login and a home of its own"],
    dos: &[
        "switch off what takes over or copies credentials (Hermes: `auth.adopt_external_logins`; account switchers and vaults)",
        "or let one client own the login and have the other borrow only its access token",
    ],
    donts: &[
        "do not log in once more on either side: that is the next turn of the row",
        "do not copy a store from one client to the other",
    ],
    settles: &[
        "one client left switched off for a day, with the other at work",
        "the login logs and stores of both clients around each act",
    ],
};

fn test(case: &Case<'_>) -> Vec<Finding> {
    let mut finding = Finding::new(RootCause::AuthPingPong, None);
    let Some(pattern) = &case.incident.pattern else {
        let why = "there are not three alternations of an act of one client and the first failure of another on this account";
        return vec![case.lacks(finding, why)];
    };
    // Three alternations make the pattern; more of them add little.
    for (at, cycle) in pattern.cycles.iter().enumerate() {
        let value = if at < 3 { 4 } else { 1 };
        finding.point(value, case.acted(case.act(cycle.act)));
        finding.point(value, failed(case, cycle));
    }
    if pattern.cycles.iter().any(|cycle| case.act(cycle.act).account.is_none()) {
        finding.cap(Confidence::Possible, "the account of an act is not known");
    }
    if !pattern.certain {
        finding.cap(
            Confidence::Possible,
            "whether each act lies between the failures around it rests on clocks that no file ties together",
        );
        finding.would_settle.push("the zone of the machine whose log names none");
    }
    finding.cap(Confidence::VeryLikely, "no client records that its act shut another one out");
    let begun = pattern.cycles.first().map(|cycle| case.act(cycle.act).at);
    finding.when = CauseTime { at: begun, after: None, before: None };
    finding.mechanism = Some(match pattern.kind {
        PatternKind::LoginLogin => Mechanism::Revoked,
        _ if pattern.cycles.iter().all(|cycle| cycle.class.is_revocation()) => Mechanism::Revoked,
        PatternKind::AdoptRefresh | PatternKind::VaultSwitch => Mechanism::Consumed,
    });
    finding.remarks.push(format!("kind `{}`: {}", pattern.kind.word(), says(pattern.kind)));
    finding.would_settle.extend(ABOUT.settles);
    vec![finding]
}

fn failed(case: &Case<'_>, cycle: &Cycle) -> Item {
    let kind = if cycle.class.is_refresh() { ItemKind::Refusal } else { ItemKind::Failure };
    let what = match cycle.class {
        // It then takes over another's in the same moment, so that no turn fails.
        ErrorClass::NoCredential => "its own credential was out of use",
        class => class.says(),
    };
    case.item(kind, Some(cycle.failed), cycle.origin, format!("{}: {what}", cycle.victim.title()))
}

fn says(kind: PatternKind) -> &'static str {
    match kind {
        PatternKind::LoginLogin => "each login ends the login of the other client",
        PatternKind::AdoptRefresh => {
            "one client takes over the other's credential and refreshes it, which spends the refresh token that the other still holds"
        }
        PatternKind::VaultSwitch => {
            "each refreshes a pair that the other held, though neither logs in or takes anything over by itself: something outside, such \
             as an account switcher, puts pairs into their stores"
        }
    }
}
