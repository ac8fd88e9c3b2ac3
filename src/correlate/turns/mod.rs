//! Every turn once, also those that left little or nothing.

mod captures;
mod collect;
mod copies;
mod near;
mod sessions;
mod silence;
mod turn;
mod unheard;

pub(super) use collect::collect;
pub(super) use silence::{Read, Silence};
pub(super) use turn::Deduped;
pub use turn::TurnSeen;
