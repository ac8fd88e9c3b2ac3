//! The window of time that was asked for, in times of the evidence.

use super::when::When;
use super::zone::Clocks;
use crate::evidence::Evidence;
use crate::plan::{Bound, WindowAsked};

/// The window of event times that count, in ms; open ends are the extremes of `i64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::correlate) struct Window {
    since: i64,
    until: i64,
}

impl Window {
    /// Turn what was asked into times, with the newest event as the anchor of relative bounds.
    pub(in crate::correlate) fn resolve(asked: WindowAsked, evidence: &Evidence, clocks: &Clocks) -> Window {
        let newest = evidence.stated.stamps().map(|(at, source)| clocks.stamp(at, source).said()).max().unwrap_or(0);
        let bound = |b: Option<Bound>, open: i64| match b {
            None => open,
            Some(Bound::At(ms)) => ms,
            Some(Bound::BeforeNewest(ms)) => newest.saturating_sub(ms),
        };
        Window { since: bound(asked.since, i64::MIN), until: bound(asked.until, i64::MAX) }
    }

    /// Is this time inside?
    pub(in crate::correlate) fn holds(self, when: When) -> bool {
        (self.since..=self.until).contains(&when.said())
    }
}
