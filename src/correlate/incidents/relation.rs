//! How two identities compare, where either may be unknown.

/// How two identities compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// Known to be equal.
    Same,
    /// Known to differ.
    Different,
    /// One of them is not known.
    Unknown,
}

impl Relation {
    pub(super) fn of(answer: Option<bool>) -> Relation {
        match answer {
            Some(true) => Relation::Same,
            Some(false) => Relation::Different,
            None => Relation::Unknown,
        }
    }
}
