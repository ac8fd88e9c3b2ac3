//! Which failures are one incident, and what stands beside it.

mod asof;
mod assemble;
mod calls;
mod cluster;
mod consequences;
mod failing;
mod fallback;
mod incident;
mod joining;
mod siblings;
mod steps;
mod timeline;
mod told;
mod unfelt;

pub(super) use assemble::{Found, assemble};
pub(super) use calls::collect as refused_calls;
pub use failing::{FailureSeen, Group, Recovery, SuccessSeen, Victim};
pub use fallback::{FallbackSeen, FallbackUse};
pub use incident::{Elsewhere, Incident, Unrelated};
pub use siblings::{Relation, Sibling};
pub(super) use timeline::collect;
pub(super) use told::count_told;
pub(super) use unfelt::of as unfelt;
pub use unfelt::{Mended, Refused, Unfelt};
