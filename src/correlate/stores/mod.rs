//! Who holds which credential.

mod alike;
mod collect;
mod homes;
mod purse;
mod store;
mod twins;

pub(super) use collect::{Stores, collect};
pub use store::{Held, Store, StoreId};
