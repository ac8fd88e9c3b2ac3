//! What an incident asks of everything that stands beside it: whose credential it is, and the times between
//! which something was done to it. Apart from the answers, which all begin with it.

use super::failing::Victim;
use crate::correlate::clock::When;
use crate::correlate::stores::Held;

/// What an incident asks its siblings about.
#[derive(Debug)]
pub(in crate::correlate) struct Asked<'a> {
    /// The victim.
    pub victim: &'a Victim,
    /// Credential it held at the first failure.
    pub held: Option<&'a Held>,
    /// First failure.
    pub first: When,
    /// The first failure by which a token may be known to be spent: a refresh without an answer is none.
    pub refused: When,
    /// The last time its credential is known to have worked.
    pub last_good: Option<When>,
    /// The last time that what was refused is known to have lived, besides the possession of it.
    pub lived: Option<When>,
}
