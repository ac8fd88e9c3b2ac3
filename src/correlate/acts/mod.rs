//! What was done to credentials, and by whose hand.

mod act;
mod collect;
mod hands;
mod password;
mod refreshes;
mod starts;
mod unanswered;

pub(super) use act::close;
pub use act::{Act, ActKind, Doubt, Grade, Hand};
pub(super) use collect::collect;
