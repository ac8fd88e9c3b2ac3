//! Several acts of one home in the time in question, such as `codex logout` and `codex login` right after it, which
//! is what every client's sentence asks for. The first one that could end the login is its end: it left the home
//! without that login, so that a later one had nothing of it to end, and could do so by the provider's policy alone.
//!
//! Apart from [`super::controls`], which looks at one act: here two of the same hand explain each other, and neither
//! may speak against the other's program.

use super::{controls, versions};
use crate::attribute::Confidence;
use crate::attribute::case::Case;
use crate::attribute::finding::Finding;
use crate::correlate::{Act, ActKind, Sibling, SuccessSeen};

/// Acts that are looked at between two times.
const MOST: usize = 4_096;

/// The first act of the sibling's home in the time in question since which it was without the login that it had.
fn first<'a>(case: &Case<'a>, sibling: &Sibling) -> Option<&'a Act> {
    let guarded = case.store(sibling).guarded.is_some();
    let parts = |act: &&Act| act.is_login() || act.kind == ActKind::Logout || (act.kind == ActKind::LoginAbandoned && guarded);
    sibling.endings.iter().map(|&index| case.act(index)).filter(parts).min_by_key(|act| act.at.ms)
}

/// Weaken what rests on a later act of the same home. Points go where the earlier one could end the login itself.
pub(super) fn mind_earlier(case: &Case<'_>, sibling: &Sibling, act: &Act, finding: &mut Finding) {
    let Some(earlier) = first(case, sibling).filter(|earlier| earlier.at.ms < act.at.ms) else { return };
    let because = "an earlier act of the same home had put its credential of that login out of use: what was left for this one to end \
                   is the provider's policy at most";
    finding.limit(Confidence::Possible, because, Some(case.acted(earlier)));
    let is_able = controls::barred(case, sibling, earlier).is_none()
        && !controls::is_doubtful(case, sibling, earlier)
        && versions::harmless(case, case.store(sibling), earlier).is_none();
    if is_able {
        finding.point(-16, case.acted(earlier));
    }
}

/// Did the home log in anew between an act of its own and a success? Then that was of the new login.
pub(super) fn logged_in_since(case: &Case<'_>, sibling: &Sibling, act: &Act, good: &SuccessSeen) -> bool {
    let (store, acts) = (case.store(sibling), &case.known.acts);
    let from = acts.partition_point(|a| a.at.ms <= act.at.ms);
    let inside = acts.iter().skip(from).take(MOST).take_while(|a| a.at.ms < good.at.ms);
    let its =
        |a: &Act| a.store == Some(sibling.store) || (a.client == store.client && a.home == store.home && a.host == store.host);
    inside.into_iter().any(|a| a.is_login() && its(a))
}
