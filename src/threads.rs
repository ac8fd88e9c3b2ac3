//! The threads of a run: how many there are, and work on many things at once where the order of what comes out is
//! that of what went in.
//!
//! Apart from [`crate::ingest`], which hands out sources and pieces of them by its own rules: what comes after the
//! reading knows no threads, and is called by them.

use crate::plan::Plan;
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::num::NonZero;

/// How many a plan asks for.
pub fn count(plan: &Plan) -> usize {
    match plan.threads {
        0 => std::thread::available_parallelism().map_or(1, NonZero::get),
        n => n,
    }
}

/// So many threads; None where there is to be but one, or where there can be no more.
pub fn pool(count: usize) -> Option<ThreadPool> {
    Some(count).filter(|count| *count > 1).and_then(|count| ThreadPoolBuilder::new().num_threads(count).build().ok())
}

/// What `make` makes of each item, in their order, by so many threads.
pub fn map<T: Sync, R: Send>(count: usize, items: &[T], make: impl Fn(&T) -> R + Sync) -> Vec<R> {
    /// Fewer are done before there is a second thread.
    const MANY: usize = 16;
    match Some(count).filter(|_| items.len() >= MANY).and_then(pool) {
        Some(pool) => pool.install(|| items.par_iter().map(&make).collect()),
        None => items.iter().map(make).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_kept() {
        for len in [0, 1, 15, 16, 1_000] {
            let items: Vec<u32> = (0..len).collect();
            for threads in [0, 1, 2, 7] {
                assert_eq!(map(threads, &items, |n| n * 2), items.iter().map(|n| n * 2).collect::<Vec<_>>());
            }
        }
        assert!(pool(1).is_none() && pool(2).is_some_and(|pool| pool.current_num_threads() == 2));
    }
}
