//! Which bytes of a zip belong to something: each member, the directory. What is left over is
//! counted, and members that share bytes are.

/// Most claims that are kept (16 bytes each). An archive with more has more members than are read.
const MOST: usize = 1 << 20;

/// Parts of a file.
#[derive(Debug, Default)]
pub(super) struct Claims {
    parts: Vec<(u64, u64)>,
    too_many: bool,
}

impl Claims {
    /// The bytes from `start` to `end` belong to something.
    pub(super) fn add(&mut self, start: u64, end: u64) {
        if self.parts.len() < MOST {
            self.parts.push((start, end.max(start)));
        } else {
            self.too_many = true;
        }
    }

    /// The parts of the first `len` bytes that belong to nothing.
    pub(super) fn gaps(&mut self, len: u64) -> Vec<(u64, u64)> {
        self.parts.sort_unstable();
        let (mut gaps, mut at) = (Vec::new(), 0);
        for (start, end) in self.parts.iter().copied().chain([(len, len)]) {
            if start.min(len) > at {
                gaps.push((at, start.min(len)));
            }
            at = at.max(end);
        }
        if self.too_many { Vec::new() } else { gaps }
    }

    /// How many parts begin inside another.
    pub(super) fn overlaps(&mut self) -> u64 {
        self.parts.sort_unstable();
        let mut reached = 0;
        let inside = self.parts.iter().filter(|(start, end)| {
            let inside = *start < reached && end > start;
            reached = reached.max(*end);
            inside
        });
        inside.count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_claims_is_a_gap_and_what_two_claim_an_overlap() {
        let claimed = |parts: &[(u64, u64)]| {
            let mut claims = Claims::default();
            parts.iter().for_each(|(start, end)| claims.add(*start, *end));
            (claims.gaps(100), claims.overlaps())
        };
        assert_eq!(claimed(&[]), (vec![(0, 100)], 0));
        assert_eq!(claimed(&[(50, 100), (0, 50)]), (vec![], 0));
        assert_eq!(claimed(&[(10, 20), (20, 30), (25, 25)]), (vec![(0, 10), (30, 100)], 0));
        assert_eq!(claimed(&[(10, 40), (20, 30), (20, 30), (35, 300)]), (vec![(0, 10)], 3));
        assert_eq!(claimed(&[(200, 300)]), (vec![(0, 100)], 0));
    }
}
