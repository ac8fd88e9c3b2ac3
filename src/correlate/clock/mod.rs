//! Times as intervals on one line, whatever clock a source was written by.

mod fellows;
mod happenings;
mod home;
mod measured;
mod mixed;
mod settings;
mod skew;
mod spells;
mod twofold;
mod when;
mod window;
mod zone;

pub use measured::Measured;
pub use skew::{Behind, Skews};
pub use when::{Keeper, When, Zone};
pub(super) use window::Window;
pub(super) use zone::Clocks;
pub use zone::{Teller, Tells, ZoneBasis};
