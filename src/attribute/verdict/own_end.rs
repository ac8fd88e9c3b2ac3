//! The client that ended its own login: what shows it, where its calls then went out without a credential.
//! No root cause has a word for it, since nobody else took part; the verdict says so in its notes.

use crate::attribute::case::Case;
use crate::correlate::{Act, ActKind, FailureSeen, StoreId};
use crate::event::{ErrorClass, Origin};

/// The victim's own logout, or login that was begun, after its last success, where its calls then went
/// out without a credential or with one that was refused as revoked.
pub(super) fn act<'a>(case: &Case<'a>) -> Option<&'a Act> {
    let incident = case.incident;
    let bare = |f: &FailureSeen| matches!(f.failure.class, ErrorClass::MissingBearer | ErrorClass::NoCredential);
    let after = |a: &Act| incident.last_good.is_none_or(|good| good.at.surely_before(a.at)) && a.at.surely_before(incident.first);
    let guarded = || incident.victim.store.and_then(|id| case.known.stores.get(id)).is_some_and(|store| store.guarded.is_some());
    let begun = |a: &Act| a.kind == ActKind::LoginAbandoned || (a.is_under_way(incident.first) && guarded());
    let ends = |a: &&Act| (a.kind == ActKind::Logout || begun(a)) && after(a);
    let ended = incident.failures.iter().all(bare) || incident.first_where(ErrorClass::is_revocation).is_some();
    ended.then(|| incident.own_acts.iter().map(|&i| case.act(i)).rev().find(ends))?
}

/// Did calls of a client that had worked go out without a credential, and is no login of its home among
/// the files? A logout leaves no more than that behind (Codex 0.98 to 0.169 log none).
fn left_without(case: &Case<'_>) -> bool {
    let incident = case.incident;
    let bare = |f: &FailureSeen| match f.failure.class {
        ErrorClass::MissingBearer => true,
        // `codex login status` says so, without a time.
        class => class == ErrorClass::NoCredential && !f.is_turn,
    };
    let gone = |store: StoreId| !case.known.stores[store].live || case.known.stores[store].held.is_empty();
    let no_login = incident.victim.home.is_some() && incident.victim.store.is_none_or(gone);
    no_login && incident.last_good.is_some() && incident.failures.iter().all(bare)
}

/// The same where nothing says that it was a logout: another holder of the account is another matter.
pub(super) fn logged_out(case: &Case<'_>) -> bool {
    left_without(case) && case.incident.siblings.is_empty()
}

/// A kept terminal in which the victim's own program logged out, where that explains what happened.
pub(super) fn said_logout(case: &Case<'_>) -> Option<Origin> {
    case.incident.said_logout.filter(|_| left_without(case))
}
