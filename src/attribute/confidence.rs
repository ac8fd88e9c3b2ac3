//! How sure: integer points, their thresholds, and the tiers made of them. A leaf: nothing here
//! knows what is scored.
//!
//! Points are decibans set by judgement from public incident threads, not fitted to data; they
//! are whole numbers and printed in the JSON report so that a reader can redo the sum. The tiers
//! ask for a lead over the next explanation as well as for points, so that two explanations of
//! equal standing never become a verdict.

/// Tier of a verdict, weakest first. The words are those of the JSON contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// The files do not settle it.
    Undetermined,
    /// Consistent with the files, and so is something else.
    Possible,
    /// The best-supported explanation.
    Likely,
    /// The best-supported explanation, by two independent sources.
    VeryLikely,
    /// The records show it.
    Confirmed,
}

impl Confidence {
    /// Points that a verdict takes at least,
    pub const LEAST_POINTS: i32 = POSSIBLE;
    /// and by how many it is ahead of the next explanation.
    pub const LEAST_LEAD: i32 = LIKELY.1;

    /// The word of the JSON contract.
    pub fn word(self) -> &'static str {
        match self {
            Confidence::Undetermined => "undetermined",
            Confidence::Possible => "possible",
            Confidence::Likely => "likely",
            Confidence::VeryLikely => "very_likely",
            Confidence::Confirmed => "confirmed",
        }
    }

    /// The word for people.
    pub fn title(self) -> &'static str {
        match self {
            Confidence::VeryLikely => "very likely",
            other => other.word(),
        }
    }
}

/// Points and lead that each tier asks for.
const VERY_LIKELY: (i32, i32) = (20, 10);
const LIKELY: (i32, i32) = (12, 6);
const POSSIBLE: i32 = 6;

/// What the tier is computed from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    /// Points of the best explanation.
    pub score: i32,
    /// Points of the next one that is still open, if there is one.
    pub next: Option<i32>,
    /// How many independent sources its evidence comes from.
    pub sources: usize,
    /// One source is enough, because the provider itself states the cause in so many words.
    pub stated_outright: bool,
    /// An unbroken record of the act itself.
    pub recorded: bool,
    /// Highest tier that its evidence allows.
    pub cap: Confidence,
}

/// The tier of the best explanation.
pub(super) fn tier(s: Standing) -> Confidence {
    let lead = s.next.map_or(i32::MAX, |next| s.score.saturating_sub(next.max(0)));
    let reaches = |(points, ahead): (i32, i32)| s.score >= points && lead >= ahead;
    let two_sources = s.sources >= 2 || s.stated_outright;
    let free = if reaches(VERY_LIKELY) && s.recorded && s.sources >= 2 {
        Confidence::Confirmed
    } else if reaches(VERY_LIKELY) && two_sources {
        Confidence::VeryLikely
    } else if reaches(LIKELY) {
        Confidence::Likely
    } else if s.score >= POSSIBLE && lead >= LIKELY.1 {
        Confidence::Possible
    } else {
        Confidence::Undetermined
    };
    free.min(s.cap)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: Standing =
        Standing { score: 30, next: Some(5), sources: 2, stated_outright: false, recorded: false, cap: Confidence::Confirmed };

    #[test]
    fn points_and_lead_make_the_tier() {
        assert_eq!(tier(BASE), Confidence::VeryLikely);
        assert_eq!(tier(Standing { recorded: true, ..BASE }), Confidence::Confirmed);
        assert_eq!(tier(Standing { sources: 1, ..BASE }), Confidence::Likely);
        assert_eq!(tier(Standing { next: Some(22), ..BASE }), Confidence::Likely);
        assert_eq!(tier(Standing { next: Some(25), ..BASE }), Confidence::Undetermined);
        assert_eq!(tier(Standing { score: 8, next: None, ..BASE }), Confidence::Possible);
        assert_eq!(tier(Standing { score: 5, next: None, ..BASE }), Confidence::Undetermined);
        assert_eq!(tier(Standing { cap: Confidence::Possible, ..BASE }), Confidence::Possible);
    }

    #[test]
    fn more_points_for_the_best_never_lower_the_tier() {
        let mut before = Confidence::Undetermined;
        for score in 0..60 {
            let now = tier(Standing { score, next: Some(10), ..BASE });
            assert!(now >= before || score < 10, "{score}");
            before = now;
        }
    }
}
