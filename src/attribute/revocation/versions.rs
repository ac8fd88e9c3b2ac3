//! What a logout or a login could do at the server, by the version of the program that did it and by the date.
//! Apart from the hypotheses, since an act that can have ended nothing speaks against a revocation without an
//! act as little as it speaks for its own cause.
//!
//! Of Codex, after runs of these versions against a server of ours: 0.98.0 revokes nothing at all, 0.130.0 at
//! logout only, 0.169.0 at logout and at the start of a login. After its sources: at logout since April 2026
//! (pull request 17825), the login that a new one replaces since 8 May 2026 (21747). Of other programs nothing
//! is known.

use crate::attribute::case::Case;
use crate::attribute::finding::ItemKind;
use crate::attribute::{Confidence, Item};
use crate::correlate::{Act, ActKind, AtWork, Store, When};
use crate::event::{Client, Origin};

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

/// Why an act can have ended nothing at the server, and the records that say so.
pub(super) struct Harmless {
    /// In a sentence.
    pub(super) why: String,
    /// Statements of the version, before the act and after it.
    pub(super) items: Vec<Item>,
}

/// The surest word that the version allows, why no surer, and the record that says so.
pub(super) type Limit = (Confidence, &'static str, Option<Item>);

/// Where this logout or login can have ended nothing.
pub(super) fn harmless(case: &Case<'_>, holder: &Store, act: &Act) -> Option<Harmless> {
    match act.kind {
        ActKind::Logout => harmless_logout(case, holder, act.at),
        ActKind::LoginAbandoned if holder.guarded.is_none() => {
            older(case, holder, LOGIN_ENDS_AT_START, act.at, "ends nothing when a login is begun and not completed")
        }
        ActKind::LoginBegun { .. } => older(case, holder, LOGIN_ENDS_OLD, act.at, "ends nothing when a login is begun"),
        _ => None,
    }
}

/// The same of a logout at some time.
pub(super) fn harmless_logout(case: &Case<'_>, holder: &Store, at: When) -> Option<Harmless> {
    if holder.client == Client::Codex && at.hi < LOGOUT_REVOKES_SINCE_MS {
        let why = "no version of Codex before April 2026 revoked anything at logout".to_owned();
        return Some(Harmless { why, items: Vec::new() });
    }
    older(case, holder, LOGOUT_REVOKES_NOT, at, "revokes nothing at logout")
}

/// Where Codex was older before a time and after it.
fn older(case: &Case<'_>, holder: &Store, parts: &[u32], at: When, does: &str) -> Option<Harmless> {
    let AtWork::Older(before, after) = at_work(case, holder, parts, at) else { return None };
    let why = format!("Codex {}, which was at work there, {does}", before.version.as_str());
    Some(Harmless { why, items: [before, after].map(|stated| case.build(stated, Client::Codex)).to_vec() })
}

/// How sure a logout at this time can make.
pub(super) fn of_logout(case: &Case<'_>, holder: &Store, at: When) -> Option<Limit> {
    if holder.client != Client::Codex {
        return Some((Confidence::Likely, "whether a logout of this client revokes anything at the server is not known", None));
    }
    let not = "the version of Codex that was seen there nearest to that time revoked nothing at logout";
    let unknown = "whether the version of Codex that was at work there revokes at logout is not known";
    let limits = [(LOGOUT_REVOKES_NOT, not), (LOGOUT_REVOKES, unknown)];
    let mut found = limits.into_iter().filter_map(|(parts, because)| Some((because, stated(case, holder, parts, at)?)));
    let found = found.next().map(|(because, item)| (Confidence::Possible, because, Some(item)));
    found.or_else(|| match at_work(case, holder, LOGOUT_REVOKES, at) {
        AtWork::Unreleased(stated) => Some((Confidence::Possible, unknown, Some(case.build(stated, Client::Codex)))),
        // Since then versions that do not revoke have been out of date.
        AtWork::Unstated if at.lo < LOGIN_ENDS_OLD_SINCE_MS => Some((Confidence::Possible, unknown, None)),
        _ => None,
    })
}

/// How sure a login can make. That the provider ends a login by its own policy shows at once: a refusal that follows
/// the login of which the victim's token was, within the minutes that a call takes (`timely`), speaks for it.
pub(super) fn of_login(case: &Case<'_>, holder: &Store, login: &Act, timely: bool) -> Option<Limit> {
    let by_policy = if timely { Confidence::Likely } else { Confidence::Possible };
    if holder.client != Client::Codex {
        return Some((by_policy, "that a login of this client ends another one is the provider's policy at most", None));
    }
    if let ActKind::LoginBegun { .. } = login.kind {
        return Some(of_start(case, holder, login.at));
    }
    let stated = stated(case, holder, LOGIN_ENDS_OLD, login.at);
    let because = "the version of Codex that logged in does not end the old login itself: that is the provider's policy at most";
    (stated.is_some() || login.at.hi < LOGIN_ENDS_OLD_SINCE_MS).then_some((by_policy, because, stated))
}

/// Is it known of the program that it asks the server to end the login by such an act, and not known of the build at
/// work that it does not?
pub(super) fn revokes(case: &Case<'_>, holder: &Store, act: &Act) -> bool {
    let known = match act.kind {
        ActKind::Login { .. } => act.at.hi >= LOGIN_ENDS_OLD_SINCE_MS && stated(case, holder, LOGIN_ENDS_OLD, act.at).is_none(),
        kind => kind == ActKind::Logout || act.is_ending_or_start(),
    };
    holder.client == Client::Codex && known && harmless(case, holder, act).is_none()
}

/// The same where the login was under way: only a build that ends the old login when a new one is begun can have
/// done it by then. When between 0.131 and 0.169 that came is not known.
fn of_start(case: &Case<'_>, holder: &Store, at: When) -> Limit {
    let known = "the login was still under way: that its start ended the old one is what the builds do that are at work there";
    let unknown =
        "the login was still under way, and whether the version at work there ends the old one at that point is not known";
    let build = |stated| Some(case.build(stated, Client::Codex));
    match (at_work(case, holder, LOGIN_ENDS_AT_START, at), holder.guarded) {
        (AtWork::Older(stated, _) | AtWork::OlderPartly(stated) | AtWork::Divided(stated) | AtWork::Unreleased(stated), _) => {
            (Confidence::Possible, unknown, build(stated))
        }
        (AtWork::Open | AtWork::Unstated, Some(origin)) => (Confidence::Likely, known, Some(guard(case, holder, origin))),
        (AtWork::Open | AtWork::Unstated, None) => (Confidence::Possible, unknown, None),
    }
}

/// The record of a build that ends the login when a new one is begun.
pub(super) fn guard(case: &Case<'_>, holder: &Store, origin: Origin) -> Item {
    let says = format!("a build of {} is at work in the home that ends the login when a new one is begun", holder.client.title());
    case.item(ItemKind::Build, None, origin, says)
}

/// A statement that Codex was older.
fn stated(case: &Case<'_>, holder: &Store, parts: &[u32], at: When) -> Option<Item> {
    at_work(case, holder, parts, at).stated().map(|stated| case.build(stated, Client::Codex))
}

fn at_work<'a>(case: &Case<'a>, holder: &Store, parts: &[u32], at: When) -> AtWork<'a> {
    match holder.client {
        Client::Codex => case.known.older_than(parts, holder.client, &holder.home, at),
        _ => AtWork::Open,
    }
}
