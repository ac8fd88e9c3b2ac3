//! Logins of which the store shows no pair any more that they brought, but one that was refreshed since. The
//! claim of the password dates them: the login came then or later, and before the pair that is there.
//!
//! Apart from [`super::collect`], which dates what is on record: here the act itself is not.

use super::act::{AGREE_MS, Act};
use crate::correlate::clock::When;
use crate::correlate::stores::{Held, Store, Stores};

/// When a login took place that brought this pair or one before it, to a store that held another login's until
/// then: where the pair is likely to be a refreshed one, at some time between the password and its issue, and
/// most likely when the password was entered. None where the pair is likely to be the login's own: a browser
/// that is still signed in gives a new login days after the password, so that only a pair that came when the
/// first one was due to be refreshed is taken for another one.
pub(super) fn entered(held: &Held, before: &Held) -> Option<When> {
    let (login, issued, ended) = (held.login_time?, held.issued_at?, held.expires_at?);
    // Clients refresh from five minutes before the end on, and Codex after eight days of ten.
    let due = ended.ms.saturating_sub(issued.ms).max(0) / 4 * 3;
    let is_due = issued.ms.saturating_sub(login) >= due && login < issued.ms;
    let is_other = before.same_family(held) == Some(false) && before.since.is_some_and(|since| since.ms < login);
    (is_due && is_other).then_some(When { ms: login, lo: login, ..issued })
}

/// Logins that were dated by their password alone took place when a log says: of several logins of that time
/// the last one brought the session that is there.
pub(super) fn settle(acts: &mut [Act], completed: &[Act], stores: &Stores) {
    for act in acts.iter_mut().filter(|act| act.is_dated_by_password(&stores.list)) {
        let between = act.at.ms.saturating_sub(AGREE_MS)..=act.at.hi.saturating_add(AGREE_MS);
        let its = completed.iter().filter(|login| login.store == act.store && between.contains(&login.at.ms));
        act.at = its.map(|login| login.at).max_by_key(|at| at.ms).unwrap_or(act.at);
    }
}

/// A login that is known to have been begun right before its password was entered.
pub(super) fn begun(act: &mut Act, stores: &Stores) {
    if act.is_dated_by_password(&stores.list) {
        act.at = act.at.as_point();
    }
}

impl Act {
    /// Is it a login of which nothing but the time of its password is known, and a pair that came later?
    pub fn is_dated_by_password(&self, stores: &[Store]) -> bool {
        let held = self.held.and_then(|at| stores.get(self.store?)?.held.get(at));
        let is_dated = |held: &Held| held.login_time == Some(self.at.ms) && held.issued_at.is_some_and(|at| self.at.ms < at.ms);
        self.is_login() && !self.at.is_point() && held.is_some_and(is_dated)
    }
}
