//! One measured difference between a machine's clock and the login service's. Apart from the measuring, since
//! what was measured is dated by what the machine wrote.

use crate::event::Origin;

/// A difference up to this is that of two clocks that are kept in step.
pub(super) const IN_STEP_MS: i64 = 5_000;

/// A stretch of time over which one difference was measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// How far the machine's clock was ahead, in ms; negative where it was behind.
    pub ahead: i64,
    /// First and last rotation that measured it, by the machine's clock, in ms.
    pub span: (i64, i64),
    /// From which time of the machine's clock on it counts: that of the first rotation, unless what the
    /// machine wrote before shows that the clock had been set by then.
    pub(super) from: i64,
    /// Where the last of them stands.
    pub origin: Origin,
    /// How many rotations.
    pub rotations: usize,
}

impl Measured {
    /// Is the clock in step with the login service's?
    pub fn is_in_step(&self) -> bool {
        self.ahead.abs() <= IN_STEP_MS
    }
}
