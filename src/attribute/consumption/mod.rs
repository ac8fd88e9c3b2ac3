//! Causes by which a refresh token was spent: somebody exchanged it, and its holder was refused as if by
//! replay. The server's word settles that, and never who it was.
//!
//! # Points
//!
//! They follow one table of judgement for the whole room, so that the causes can be compared: the refusal
//! as used +6 to each (+2 where its reason is not on record); a known chain of the very token +25;
//! a sign that its holder used it, though its store shows nothing of that, +2 to +8, and +8 that it held it; a dated
//! rotation +8, by one stamp alone +5; one login +8; another holder alive afterwards +7 to a sibling, −8
//! where nobody else should have the pair; a failed write +14; a refresh without an answer +12; a store
//! that moved back +16; no newer pair anywhere +6; a pair that an older process may have presented instead −12; a revocation in the same incident −2 to −8. Where a cause
//! gives other points its file says why. A fact that makes a cause impossible is a gate there and takes no
//! points: a newer pair elsewhere rules a lost write and a lost answer out, and generations that only moved
//! forward rule a put-back store out, so that no heap of small points can bring them back.

mod contest;
mod exchange;
mod handed;
mod kinds;
mod kinship;
mod limits;
mod lineage;
mod out_of_sight;
mod own;
mod parted;
mod refresh_response_lost;
mod refusal;
mod relogged;
mod rivals;
mod self_concurrent_refresh;
mod sibling_refresh;
mod stale_copy_replay;
mod traces;
mod unrecorded_consumer;
mod writeback_lost;

use super::Hypothesis;

/// The causes of this room, in order of the contract.
pub(super) const HYPOTHESES: &[Hypothesis] = &[
    sibling_refresh::HYPOTHESIS,
    self_concurrent_refresh::HYPOTHESIS,
    writeback_lost::HYPOTHESIS,
    refresh_response_lost::HYPOTHESIS,
    stale_copy_replay::HYPOTHESIS,
    unrecorded_consumer::HYPOTHESIS,
];
