//! How long what was refused is known to have lived: where the time begins in which an act can have ended the
//! login. Apart from the siblings, whose acts it bounds, and from the failures, since it takes both to tell.
//!
//! Two things of one login can be refused. A model call presents the access token: while calls are answered,
//! that has not been ended. A refresh presents the refresh token, and nobody had asked of it since it was
//! issued: a client that revokes it (Codex at `logout`, and since May 2026 at `login`, RFC 7009) may leave the
//! access token of another holder at work up to its own end, days later.

use super::failing::{FailureSeen, Victim};
use crate::correlate::acts::Act;
use crate::correlate::clock::When;
use crate::correlate::stores::{Held, Store};
use crate::event::{Client, ErrorClass};

/// The refusal of the refresh token from which the victim first learned that its login had ended; None where a
/// call had met it before.
pub(super) fn refused_refresh<'a>(client: Client, held: Option<&Held>, failures: &'a [FailureSeen]) -> Option<&'a FailureSeen> {
    let dated = || failures.iter().filter(|f| f.dated);
    let told = dated().find(|f| f.failure.class.is_revocation()).filter(|f| f.failure.class.is_refresh())?;
    let call = |f: &FailureSeen| f.failure.class == ErrorClass::Unauthorized && is_early(f.at, held);
    let met = dated().take_while(|f| f.at.ms <= told.at.ms).any(call);
    // Codex answers a refused call with a refresh, and keeps what that met alone; by itself it renews at the end.
    let forced = client.program() == Client::Codex && is_early(told.at, held);
    (!met && !forced).then_some(told)
}

/// Was that well before the access token ended, whatever the clocks, so that no refresh was due?
fn is_early(at: When, held: Option<&Held>) -> bool {
    /// Clients renew 0 to 5 minutes before the end.
    const NEAR_MS: i64 = 15 * 60_000;
    let end = held.and_then(|held| held.expires_at);
    let near = |end: When| When {
        ms: end.ms.saturating_sub(NEAR_MS),
        lo: end.lo.saturating_sub(NEAR_MS),
        hi: end.hi.saturating_sub(NEAR_MS),
        ..end
    };
    end.is_some_and(|end| at.surely_before(near(end)))
}

/// When a store came to hold a credential, where more than a file time says so.
pub(super) fn possessed(held: &Held) -> Option<When> {
    held.since.filter(|_| !held.dated_by_file)
}

/// The last time that what was refused is known to have lived, besides the possession of it: the last success; of
/// a refresh token the last time that the victim is on record to have exchanged one.
pub(super) fn until(
    victim: &Victim,
    held: Option<&Held>,
    failures: &[FailureSeen],
    last_good: Option<When>,
    (first, acts): (When, &[Act]),
) -> Option<When> {
    /// Acts that are looked at.
    const MOST: usize = 4_096;
    let refused = refused_refresh(victim.client, held, failures);
    // Without a time of possession nothing else bounds it.
    let (Some(since), Some(_)) = (held.and_then(possessed), refused) else { return last_good };
    let own = |act: &&Act| act.is_rotation() && act.is_at(victim.client, &victim.home, victim.host);
    let to = acts.partition_point(|act| act.at.ms < first.ms);
    let before = acts.get(to.saturating_sub(MOST)..to).unwrap_or_default().iter().rev();
    before.take_while(|act| act.at.ms > since.ms).find(own).map(|act| act.at)
}

/// The same for one act.
pub(super) fn until_by(
    act: &Act,
    store: Option<&Store>,
    held: Option<&Held>,
    (lived, last_good): (Option<When>, Option<When>),
) -> Option<When> {
    if may_spare_calls(act, store, held) { lived } else { last_good }
}

/// May an act of a store have ended the refresh token of a credential alone? Only a client that revokes the refresh
/// token which it gives up does that, and only to its own login; whatever else an act ends, by a policy of the
/// provider, it ends for calls as well.
pub(super) fn may_spare_calls(act: &Act, store: Option<&Store>, held: Option<&Held>) -> bool {
    act.client.program() == Client::Codex && store.zip(held).and_then(|(store, held)| gave_up_other(act, store, held)).is_none()
}

/// What an act of a store gave up, as far as its copies go, where that was of another login than a credential.
pub(super) fn gave_up_other<'s>(act: &Act, store: &'s Store, held: &Held) -> Option<&'s Held> {
    /// A login and the pair that it brought are dated this closely.
    const MADE_MS: i64 = 2 * 60_000;
    let before = |known: &&Held| known.since.is_some_and(|since| since.ms.saturating_add(MADE_MS) < act.at.ms);
    store.held.iter().rev().find(before).filter(|gave_up| gave_up.same_family(held) == Some(false))
}
