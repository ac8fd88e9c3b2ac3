//! Who holds which credential.

mod alike;
mod back;
mod collect;
mod homes;
mod lender;
mod purse;
mod store;
mod twins;

pub use back::Back;
pub(super) use collect::{Stores, collect};
pub use lender::{UsualHomes, is_usual, lender};
pub use purse::UnreadAgent;
pub(super) use purse::agent_folder;
pub use store::{Held, Store, StoreId};
