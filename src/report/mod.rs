//! From verdicts to a report: a plain structure in the words of the JSON contract, then layout.
//!
//! Everything printable is made here out of closed words, numbers, UTC times and ordinals.
//! Sources are `S1`, stores `store-1`, accounts `account-1`, in an order that depends on printed
//! values only, so that two inputs that differ in secrets and names give the same bytes. The
//! templates hold layout and no decisions.

mod besides;
mod build;
mod clause;
mod explain;
mod hypotheses;
mod ids;
mod incidents;
mod ledger;
mod model;
mod names;
mod pattern;
mod render;
mod rows;
mod sentence;
mod unseen;
mod words;

pub use build::{Options, build};
pub use explain::explain;
pub use incidents::Incidents;
pub use ledger::{SkippedJson, SourceJson};
pub use model::{
    Account, ActorJson, CauseJson, ClientTotals, CoverageJson, EvidenceJson, HypothesisJson, IncidentJson, InvolvedJson,
    ModelTotals, PatternJson, PatternTurnJson, Report, RotationJson, SCHEMA, StepJson, StoreJson, Tool, Totals, UnknownTypeJson,
    VictimJson, WindowJson,
};
pub use render::{INCIDENT_LEAST, RenderError, json, markdown, schema, write_json};
pub use rows::Rows;
