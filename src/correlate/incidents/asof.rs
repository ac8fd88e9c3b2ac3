//! The as-of joins that find candidate rotations: for each incident and each other store of the
//! account, the last rotation before the first failure and the first one after the victim came
//! to hold its token.
//!
//! Keyed by account and store, since identity comes before time. A join finds candidates; the
//! gates in `attribute` decide.

use polars::prelude::*;

/// One question: what did this store do around these times?
#[derive(Clone, Copy, Debug)]
pub(super) struct Question {
    /// Number of the account.
    pub account: u32,
    /// Number of the store asked about.
    pub store: u32,
    /// Time in ms.
    pub at: i64,
}

/// One dated act of a store.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dated {
    /// Number of the account.
    pub account: u32,
    /// Number of the store.
    pub store: u32,
    /// Time in ms.
    pub at: i64,
    /// What it is, for the caller.
    pub index: u32,
}

/// Which neighbour is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// The last act at or before the time.
    LastBefore,
    /// The first act at or after the time.
    FirstAfter,
}

/// For each question the index of the act that answers it.
///
/// # Errors
/// A polars error, which would be a defect of this file: the columns are made here.
pub(in crate::correlate) fn join(questions: &[Question], acts: &[Dated], side: Side) -> PolarsResult<Vec<Option<u32>>> {
    if questions.is_empty() || acts.is_empty() {
        return Ok(vec![None; questions.len()]);
    }
    // Both sides must be sorted by time: with a `by` key polars cannot check it and an unsorted
    // side gives wrong rows in silence.
    let mut asked: Vec<(usize, Question)> = questions.iter().copied().enumerate().collect();
    asked.sort_by_key(|(_, q)| q.at);
    let mut known = acts.to_vec();
    known.sort_by_key(|a| a.at);
    let left = df!(
        "row" => asked.iter().map(|(row, _)| *row as u32).collect::<Vec<_>>(),
        "account" => asked.iter().map(|(_, q)| q.account).collect::<Vec<_>>(),
        "store" => asked.iter().map(|(_, q)| q.store).collect::<Vec<_>>(),
        "at" => asked.iter().map(|(_, q)| q.at).collect::<Vec<_>>(),
    )?;
    let right = df!(
        "account" => known.iter().map(|a| a.account).collect::<Vec<_>>(),
        "store" => known.iter().map(|a| a.store).collect::<Vec<_>>(),
        "at" => known.iter().map(|a| a.at).collect::<Vec<_>>(),
        "act" => known.iter().map(|a| a.index).collect::<Vec<_>>(),
    )?;
    let strategy = match side {
        Side::LastBefore => AsofStrategy::Backward,
        Side::FirstAfter => AsofStrategy::Forward,
    };
    let by = ["account", "store"];
    let joined = left.join_asof_by(&right, "at", "at", by, by, strategy, None, true, false)?;
    let rows = joined.column("row")?.u32()?;
    let found = joined.column("act")?.u32()?;
    let mut answers = vec![None; questions.len()];
    for (row, act) in rows.iter().zip(found.iter()) {
        if let Some(slot) = row.and_then(|r| answers.get_mut(r as usize)) {
            *slot = act;
        }
    }
    Ok(answers)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The plain quadratic answer.
    fn plain(q: &Question, acts: &[Dated], side: Side) -> Option<i64> {
        let mine = acts.iter().filter(|a| a.account == q.account && a.store == q.store).map(|a| a.at);
        match side {
            Side::LastBefore => mine.filter(|at| *at <= q.at).max(),
            Side::FirstAfter => mine.filter(|at| *at >= q.at).min(),
        }
    }

    #[test]
    fn the_join_agrees_with_the_plain_answer() {
        let mut seed = 7u64;
        let mut next = move |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        for _ in 0..40 {
            let acts: Vec<Dated> = (0..next(20) as u32)
                .map(|index| Dated { account: next(2) as u32, store: next(3) as u32, at: next(50) as i64, index })
                .collect();
            let questions: Vec<Question> =
                (0..10).map(|_| Question { account: next(2) as u32, store: next(3) as u32, at: next(50) as i64 }).collect();
            for side in [Side::LastBefore, Side::FirstAfter] {
                let answers = join(&questions, &acts, side).unwrap();
                for (q, answer) in questions.iter().zip(answers) {
                    assert_eq!(answer.map(|i| acts[i as usize].at), plain(q, &acts, side), "{q:?} {side:?}");
                }
            }
        }
    }
}
