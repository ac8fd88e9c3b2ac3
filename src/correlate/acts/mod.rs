//! What was done to credentials, and by whose hand.

mod act;
mod collect;
mod elsewhere;
mod hands;
mod machines;
mod password;
mod refreshes;
mod starts;
mod taken;
mod unanswered;

pub(super) use act::close;
pub use act::{Act, ActKind, Doubt, Grade, Hand};
pub(super) use collect::collect;
pub(super) use machines::Work;
pub(super) use taken::takes_over;
