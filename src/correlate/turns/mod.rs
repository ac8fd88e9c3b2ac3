//! Every turn once, also those that left little or nothing.

mod captures;
mod collect;
mod copies;
mod near;
mod sessions;
mod silence;
mod ties;
mod turn;
mod unheard;
mod unstored;

pub(super) use collect::collect;
pub(super) use silence::{Shown, Silence};
pub(super) use turn::{Deduped, Tie, Told};
pub use turn::{Setting, Site, TurnSeen};
pub(super) use unstored::unstored;
