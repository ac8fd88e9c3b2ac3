//! Failures that say nothing by themselves, and what they belong to: the row that they stand in says what was met.
//!
//! Apart from the time lines, which ask it of every failure of a scope, and from the rows that are joined once
//! they are over: this is about failures between which nothing succeeded.

use super::cluster::Cluster;
use super::failing::{FailureSeen, Group, group, is_mute};
use std::sync::Arc;

/// A failure whose answer is lost belongs to a row that says what was met when no further from it than this.
const ROW_MS: i64 = 60 * 60_000;
/// The same before a refusal of the login: what was done to that is dated by it, so that the row is shorter.
const BEFORE_REFUSAL_MS: i64 = 5 * 60_000;
/// A turn is dated by its beginning where nothing answered it; the retries of a call take less.
pub(super) const GIVEN_UP_MS: i64 = 60_000;

/// The open cluster that a failure belongs to: that of its group. One that says nothing by itself goes to the
/// cluster touched last, and so does one whose answer is lost and of whose group nothing rawer is on record.
pub(super) fn place<'c>(open: &'c mut [Cluster], failure: &FailureSeen) -> Option<&'c mut Cluster> {
    let of = group(failure.failure.class);
    let last = |c: &Cluster| c.failures.last().map(|f| f.at.ms);
    let near = |c: &Cluster| last(c).is_some_and(|at| failure.at.ms.saturating_sub(at) <= ROW_MS);
    let newest = |open: &[Cluster], fits: &dyn Fn(&Cluster) -> bool| {
        let places = open.iter().enumerate().filter(|(_, c)| fits(c));
        places.max_by_key(|(_, c)| last(c)).map(|(place, _)| place)
    };
    let rawer = || newest(open, &|c| failure.is_hollow() && !c.is_open() && near(c));
    let alike = || newest(open, &|c| of.is_none() || c.group == of);
    let at = match of {
        Some(_) if failure.is_hollow() => newest(open, &|c| c.group == of && !c.is_open()).or_else(rawer).or_else(alike),
        _ => alike(),
    };
    open.get_mut(at?)
}

/// What led up to a new kind of failure belongs to it: what was said in the moment before ("no entry
/// left", then the reason), and of failures that have no kind yet those that show the credential out
/// of use, those of the same row whose answer is lost, and turns that were given up without a word while the
/// reason was on its way. An unanswered turn of hours before is another matter.
pub(super) fn up_to(open: &mut Vec<Cluster>, next: &FailureSeen) -> Vec<FailureSeen> {
    const MOMENT_MS: i64 = 2_000;
    let of = group(next.failure.class);
    let row = match of {
        None => 0,
        Some(Group::Auth) => BEFORE_REFUSAL_MS,
        Some(_) if next.failure.class.is_named_pause() => GIVEN_UP_MS,
        Some(_) => ROW_MS,
    };
    let mut found = Vec::new();
    for cluster in open.iter_mut() {
        let of_none = cluster.is_open();
        let out_of_use = |f: &FailureSeen| group(f.failure.class).is_none() && !is_mute(f.failure.class);
        let mut later = next.at.ms;
        let mut near = |f: &FailureSeen| {
            let reach = match (of_none, f.is_hollow()) {
                (true, true) => row,
                (true, false) => GIVEN_UP_MS,
                (false, _) => MOMENT_MS,
            };
            let none_yet = group(f.failure.class).is_none() || (of_none && f.is_hollow());
            let is_near = none_yet && (of_none || !f.is_turn) && later.saturating_sub(f.at.ms) <= reach;
            later = if of_none && f.is_hollow() { f.at.ms } else { later };
            is_near
        };
        let ends = cluster.failures.iter().rposition(|f| !near(f)).map_or(0, |last| last + 1);
        let telling = cluster.failures.iter().position(|f| of_none && out_of_use(f));
        // A cluster with a kind keeps at least the failure that gave it.
        let from = telling.map_or(ends, |first| first.min(ends)).max(usize::from(!of_none));
        let failures = Arc::make_mut(&mut cluster.failures);
        found.extend(failures.drain(from.min(failures.len())..));
    }
    open.retain(|cluster| !cluster.failures.is_empty());
    found.sort_by_key(|f: &FailureSeen| f.at.ms);
    found
}
