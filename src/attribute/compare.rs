//! Side by side: which finding is best, how far ahead it is, and how sure that makes it.

use super::cause::RootCause;
use super::confidence::{self, Confidence, Standing};
use super::finding::Finding;
use crate::correlate::{HostId, StoreId};

/// All findings in printing order, and the best of them if one stands out.
#[derive(Debug)]
pub(super) struct Compared {
    /// Open findings by points downwards, then the ruled-out ones in order of the contract.
    pub(super) findings: Vec<Finding>,
    /// Index 0 stands out with this tier; None when nothing does.
    pub(super) best: Option<Confidence>,
}

/// Compare the findings on one incident; `host` gives the machine of a store. Two findings name the same
/// culprit when cause, program and machine agree; several stores of one program on one machine do not
/// compete with each other.
pub(super) fn compare(mut findings: Vec<Finding>, host: impl Fn(StoreId) -> Option<HostId>) -> Compared {
    let who = |f: &Finding| f.actor.map(|actor| (actor.client, actor.store.and_then(&host)));
    let same_verdict = |a: &Finding, b: &Finding| a.cause == b.cause && who(a) == who(b);
    findings.sort_by_key(|f| (!f.is_open(), std::cmp::Reverse(if f.is_open() { f.score() } else { 0 }), f.cause, f.actor));
    let best = findings.first().filter(|f| f.is_open() && f.score() > 0).map(|first| {
        let others = || findings.iter().skip(1).filter(|f| f.is_open() && !same_verdict(f, first));
        let next = others().filter(|f| !is_same_hand(f, first)).map(Finding::score).max();
        let is_near = |f: &Finding| first.score().saturating_sub(f.score()) < Confidence::LEAST_LEAD;
        let open = others().any(|f| is_same_hand(f, first) && is_near(f));
        confidence::tier(Standing {
            score: first.score(),
            next,
            sources: first.sources(),
            stated_outright: first.stated_outright,
            recorded: first.recorded,
            cap: if open { first.cap.min(Confidence::Likely) } else { first.cap },
        })
    });
    let best = best.filter(|tier| *tier > Confidence::Undetermined);
    Compared { findings, best }
}

/// Two acts by which one and the same store's program may have ended the login, such as a logout and a login right
/// after it: they do not take the lead from each other, since whichever it was, it was that program's. Which of
/// them is open where they stand close, so that neither is more than likely.
fn is_same_hand(a: &Finding, b: &Finding) -> bool {
    let ends = |f: &Finding| matches!(f.cause, RootCause::SiblingLogout | RootCause::SiblingRelogin);
    ends(a) && ends(b) && a.actor.is_some() && a.actor == b.actor
}

impl Compared {
    /// The finding that stands out.
    pub(super) fn winner(&self) -> Option<(&Finding, Confidence)> {
        self.best.and_then(|tier| Some((self.findings.first()?, tier)))
    }

    /// The cause that is reported.
    pub(super) fn cause(&self) -> RootCause {
        self.winner().map_or(RootCause::Undetermined, |(f, _)| f.cause)
    }
}
