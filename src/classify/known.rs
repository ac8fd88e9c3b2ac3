//! The answers that were read last: an outage or a spent token is told in the same words by a thousand turns in a row.
//!
//! Apart from the reading, which depends on nothing but what it is given, so that it makes no difference whether it is
//! done once more. Each thread knows its own.

use super::Endpoint;
use crate::event::Failure;
use crate::shortcuts;
use std::cell::RefCell;
use std::collections::VecDeque;

/// Answers that are known.
const MOST: usize = 16;

/// Longest text of one.
const LONGEST: usize = 4096;

/// What an answer is read from: endpoint, code, words and status.
type Asked<'a> = (Endpoint, Option<&'a str>, &'a str, Option<u16>);

struct Known {
    endpoint: Endpoint,
    code: Option<String>,
    text: String,
    status: Option<u16>,
    means: Failure,
}

thread_local! {
    static KNOWN: RefCell<VecDeque<Known>> = const { RefCell::new(VecDeque::new()) };
}

/// What an answer means, read by `read` where it is not known.
pub(super) fn or_else(asked: &Asked<'_>, read: impl FnOnce() -> Failure) -> Failure {
    let (endpoint, code, text, status) = *asked;
    let is_it = |known: &&Known| (known.endpoint, known.code.as_deref(), known.text.as_str(), known.status) == *asked;
    if !shortcuts::are_taken() {
        return read();
    }
    if let Some(means) = KNOWN.with_borrow(|list| list.iter().find(is_it).map(|known| known.means)) {
        return means;
    }
    let means = read();
    if text.len() <= LONGEST {
        KNOWN.with_borrow_mut(|list| {
            list.truncate(MOST - 1);
            list.push_front(Known { endpoint, code: code.map(str::to_owned), text: text.to_owned(), status, means });
        });
    }
    means
}
