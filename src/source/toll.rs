//! What short lines of an unpacked source cost beside their bytes.
//!
//! Apart from [`super::budget`], which pays, and from whoever splits: it goes by windows of the source, so that it is the
//! same whoever splits it, in whatever pieces.

use super::budget::LINE;

/// Bytes of a window.
const WINDOW: u64 = 32 << 10;

/// What is due.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Toll {
    window: u64,
    /// Lines that end in it.
    ends: u64,
    due: u64,
}

impl Toll {
    /// A line ends at this byte of the source, behind all that ended before.
    pub(super) fn line_ends(&mut self, at: u64) {
        if at / WINDOW != self.window {
            self.settle(WINDOW);
            self.window = at / WINDOW;
        }
        self.ends += 1;
    }

    /// The source ends, and has so many bytes.
    pub(super) fn end(&mut self, bytes: u64) {
        self.settle(bytes.saturating_sub(self.window * WINDOW).min(WINDOW));
    }

    /// What was not paid yet.
    pub(super) fn due(&mut self) -> u64 {
        std::mem::take(&mut self.due)
    }

    fn settle(&mut self, bytes: u64) {
        self.due += (std::mem::take(&mut self.ends) * LINE).saturating_sub(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_pay_for_themselves() {
        let mut toll = Toll::default();
        // 256 lines are what the bytes of a window pay for.
        (0..256).for_each(|n| toll.line_ends(n * 128));
        (0..300).for_each(|n| toll.line_ends(WINDOW + n));
        assert_eq!(toll.due(), 0, "the second window may go on");
        toll.line_ends(9 * WINDOW);
        assert_eq!(toll.due(), 300 * LINE - WINDOW);
        toll.end(9 * WINDOW + 28);
        assert_eq!(toll.due(), 100);
        toll.end(10 * WINDOW);
        assert_eq!(toll.due(), 0);
    }
}
