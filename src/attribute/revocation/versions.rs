//! What a logout or a login could do at the server, by the version of the program that did it and by the date.
//! Apart from the hypotheses, since an act that can have ended nothing speaks against a revocation without an
//! act as little as it speaks for its own cause.
//!
//! Of Codex, after runs of these versions against a server of ours: 0.98.0 revokes nothing at all, 0.130.0 at
//! logout only, 0.169.0 at logout and at the start of a login. After its sources: at logout since April 2026
//! (pull request 17825), the login that a new one replaces since 8 May 2026 (21747). Of other programs nothing
//! is known.

use crate::attribute::Confidence;
use crate::attribute::case::Case;
use crate::attribute::finding::Item;
use crate::correlate::{Act, ActKind, AtWork, Sibling, When};
use crate::event::Client;

/// 1 April 2026, in ms.
const LOGOUT_REVOKES_SINCE_MS: i64 = 1_775_001_600_000;
/// Older versions than this revoke nothing at logout, those from the next one on do.
const LOGOUT_REVOKES_NOT: &[u32] = &[0, 99];
const LOGOUT_REVOKES: &[u32] = &[0, 130];
/// 8 May 2026, in ms.
const LOGIN_ENDS_OLD_SINCE_MS: i64 = 1_778_198_400_000;
/// Older versions than this end nothing when they log in.
const LOGIN_ENDS_OLD: &[u32] = &[0, 131];
/// Older versions than this end nothing when a login is only begun.
const LOGIN_ENDS_AT_START: &[u32] = &[0, 169];

/// Can this logout or login have ended nothing at the server?
pub(super) fn is_harmless(case: &Case<'_>, sibling: &Sibling, act: &Act) -> bool {
    match act.kind {
        ActKind::Logout => logout_is_harmless(case, sibling, act.at).is_some(),
        ActKind::LoginAbandoned => {
            let of_codex = sibling.client == Client::Codex && case.store(sibling).guarded.is_none();
            of_codex && matches!(at_work(case, sibling, LOGIN_ENDS_AT_START, act.at), AtWork::Older(_))
        }
        _ => false,
    }
}

/// Why a logout at this time can have revoked nothing, where that is known.
pub(super) fn logout_is_harmless(case: &Case<'_>, sibling: &Sibling, at: When) -> Option<String> {
    if sibling.client != Client::Codex {
        return None;
    }
    if at.hi < LOGOUT_REVOKES_SINCE_MS {
        return Some("no version of Codex before April 2026 revoked anything at logout".to_owned());
    }
    match at_work(case, sibling, LOGOUT_REVOKES_NOT, at) {
        AtWork::Older(stated) => {
            Some(format!("Codex {}, which was at work there, revokes nothing at logout", stated.version.as_str()))
        }
        _ => None,
    }
}

/// How sure an act can make, why no surer, and the record that says so, if one does.
pub(super) type Limit = (Confidence, &'static str, Option<Item>);

/// How sure a logout at this time can make.
pub(super) fn of_logout(case: &Case<'_>, sibling: &Sibling, at: When) -> Option<Limit> {
    let older = |than| at_work(case, sibling, than, at).stated().map(|stated| case.build(stated, sibling.client));
    if sibling.client != Client::Codex {
        Some((Confidence::Likely, "whether a logout of this client revokes anything at the server is not known", None))
    } else if let Some(build) = older(LOGOUT_REVOKES_NOT) {
        let because = "the version of Codex that was last seen there before revoked nothing at logout";
        Some((Confidence::Possible, because, Some(build)))
    } else if let Some(build) = older(LOGOUT_REVOKES) {
        let because = "whether the version of Codex that was at work there revokes at logout is not known";
        Some((Confidence::Possible, because, Some(build)))
    } else {
        None
    }
}

/// How sure a login can make.
pub(super) fn of_login(case: &Case<'_>, sibling: &Sibling, login: &Act) -> Option<Limit> {
    if sibling.client != Client::Codex {
        return Some((Confidence::Likely, "that a login of this client ends another one is the provider's policy at most", None));
    }
    let older = at_work(case, sibling, LOGIN_ENDS_OLD, login.at).stated();
    let because = "the version of Codex that logged in does not end the old login itself: that is the provider's policy at most";
    let limit = (Confidence::Likely, because, older.map(|stated| case.build(stated, sibling.client)));
    (older.is_some() || login.at.hi < LOGIN_ENDS_OLD_SINCE_MS).then_some(limit)
}

fn at_work<'a>(case: &Case<'a>, sibling: &Sibling, parts: &[u32], at: When) -> AtWork<'a> {
    case.known.older_than(parts, sibling.client, &case.store(sibling).home, at)
}
