//! Times as intervals on one line, whatever clock a source was written by.

mod settings;
mod skew;
mod twofold;
mod when;
mod window;
mod zone;

pub use skew::{Behind, Measured, Skews};
pub use when::{Keeper, When, Zone};
pub(super) use window::Window;
pub(super) use zone::Clocks;
pub use zone::ZoneBasis;
