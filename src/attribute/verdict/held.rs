//! Whether a verdict holds under every reading of the evidence, as the one who tried them says. Apart from the
//! trying ([`crate::attribute::readings`]), since the verdict words it.

/// What a verdict comes to where it depends on a reading, or does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::attribute) enum Held {
    /// It is the same under so many readings.
    Throughout(Open, usize),
    /// It is not: between which verdicts it flips, and the fact that would settle it.
    Flips {
        /// What is open.
        open: Open,
        /// The verdicts, in words.
        between: [String; 2],
        /// The fact.
        fact: String,
    },
}

/// What may be read in more than one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::attribute) enum Open {
    /// The order of some times.
    Clocks,
    /// When a login took place of which the password and a later pair alone are known.
    Login,
    /// Which entry of the victim's store was presented.
    Entries,
}
