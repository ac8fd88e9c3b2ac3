//! When a clock was set: between two rotations that measure it differently, at a time that neither tells.
//!
//! Apart from `skew`, which measures: this looks at everything else that the machine wrote. A clock that is
//! put forward leaves out as much time as it is put forward by, so that nothing is stamped in there. Setting
//! it anywhere else would turn round the order of what the machine wrote one after the other. A clock that is
//! put back leaves no such hole, and none of its times changes its place.

use super::skew::Measured;

/// How well the size of a step is known.
const KNOWN_MS: i64 = 2_000;

/// Date the beginning of each stretch whose clock was put forward since the one before: after the last hole
/// in the machine's times that is as long as the step, else after the longest (a clock that drifted).
pub(super) fn date(stretches: &mut [Measured], times: impl FnOnce() -> Vec<i64>) {
    let is_forward = |pair: &[Measured]| pair[1].ahead.saturating_sub(pair[0].ahead) > KNOWN_MS;
    if !stretches.windows(2).any(is_forward) {
        return;
    }
    let mut times = times();
    times.sort_unstable();
    for at in 1..stretches.len() {
        let (from, to) = (stretches[at - 1].span.1, stretches[at].span.0);
        let step = stretches[at].ahead.saturating_sub(stretches[at - 1].ahead);
        if step <= KNOWN_MS || from >= to {
            continue;
        }
        let between = &times[times.partition_point(|t| *t <= from)..times.partition_point(|t| *t < to)];
        let holes = || std::iter::once(from).chain(between.iter().copied()).zip(between.iter().copied().chain([to]));
        let length = |hole: &(i64, i64)| hole.1.saturating_sub(hole.0);
        let last = holes().filter(|hole| length(hole) >= step.saturating_sub(KNOWN_MS)).last();
        stretches[at].from = last.or(holes().max_by_key(length)).map_or(to, |hole| hole.1);
    }
}
