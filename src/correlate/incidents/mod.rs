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
mod pattern;
mod renewed;
mod replay;
mod siblings;
mod steps;
mod timeline;
mod told;
mod unfelt;
mod united;
mod unsure;

pub(super) use assemble::{Found, assemble};
pub(super) use calls::collect as refused_calls;
pub use failing::{FailureSeen, Group, Recovery, SuccessSeen, Victim};
pub use fallback::{FallbackSeen, FallbackUse};
pub use incident::{Elsewhere, Incident, Unrelated};
pub(super) use pattern::find as patterns;
pub use pattern::{Cycle, Pattern, PatternKind};
pub use renewed::Renewed;
pub use replay::Replay;
pub(super) use replay::Told;
pub use siblings::{Relation, Sibling};
pub(super) use timeline::collect;
pub(super) use told::count_told;
pub(super) use unfelt::of as unfelt;
pub use unfelt::{Mended, Refused, Unfelt};
pub(super) use united::unite;
pub use unsure::{Blur, Moved, Place, Unsure};
