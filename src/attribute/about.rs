//! What a person needs to know about a root cause: one text per cause, behind `stopwhy explain` and the
//! report alike, so that they cannot drift apart. Apart from the hypotheses, since `undetermined` has one
//! too and is none.

/// What a person needs to know about a root cause.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// In one line.
    pub line: &'static str,
    /// In a few sentences.
    pub means: &'static str,
    /// Gates: evidence without which it is out of the question.
    pub needs: &'static [&'static str],
    /// What speaks for it.
    pub supports: &'static [&'static str],
    /// What rules it out.
    pub excludes: &'static [&'static str],
    /// What of other clients, accounts and later turns tells it from its neighbours.
    pub controls: &'static [&'static str],
    /// How it goes, in order.
    pub timeline: &'static str,
    /// Versions of clients that matter for it.
    pub versions: &'static [&'static str],
    /// What ends it, in order, for a client that does not work yet.
    pub repairs: &'static [&'static str],
    /// What to do beyond that, in order.
    pub dos: &'static [&'static str],
    /// What not to do.
    pub donts: &'static [&'static str],
    /// What would settle an open case.
    pub settles: &'static [&'static str],
}

/// What to do and not to do beyond the repair, where a finding knows better than its cause.
#[derive(Clone, Copy, Debug)]
pub struct Steps {
    /// What to do, in order.
    pub dos: &'static [&'static str],
    /// What not to do.
    pub donts: &'static [&'static str],
}
