//! The JSON report, `stopwhy.report/1`, field by field.
//!
//! Keys stand in the order of the contract; adding is allowed, renaming is not without raising
//! [`SCHEMA`]. Absent is `null` or an empty list. Times are RFC 3339 UTC with milliseconds.

use super::incidents::Incidents;
use super::rows::Rows;
use schemars::JsonSchema;
use serde::Serialize;
use std::borrow::Cow;

/// Name and version of the format.
pub const SCHEMA: &str = "stopwhy.report/1";

/// The whole report.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Report {
    /// Always `stopwhy.report/1`.
    pub schema: String,
    /// What made it.
    pub tool: Tool,
    /// First and last event time seen.
    pub window: WindowJson,
    /// Counts over everything that was read.
    pub totals: Totals,
    /// Accounts, numbered.
    pub accounts: Vec<Account>,
    /// Credential stores.
    pub stores: Vec<StoreJson>,
    /// Incidents, by first failure.
    #[schemars(with = "Vec<IncidentJson>")]
    pub incidents: Incidents,
    /// Rotations seen in stores and logs.
    pub rotations: Vec<RotationJson>,
    /// What is worth knowing and belongs to no incident.
    pub notes: Vec<String>,
    /// What was and was not read.
    pub coverage: CoverageJson,
}

/// Program and version.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Tool {
    /// `stopwhy`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// First and last event time.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WindowJson {
    /// First, null without events.
    pub first: Option<String>,
    /// Last.
    pub last: Option<String>,
}

/// Counts over everything.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Totals {
    /// Sources. Of archives only those that were not read in full: their members are sources.
    pub sources: u64,
    /// Decompressed bytes.
    pub bytes: u64,
    /// Sessions.
    pub sessions: u64,
    /// Turns, each once.
    pub turns: u64,
    /// Turns that ended in an error or without an answer.
    pub failed_turns: u64,
    /// Records that only repeat a turn.
    pub duplicates: u64,
    /// The same per client.
    pub by_client: Vec<ClientTotals>,
    /// Turns per provider, model and stop.
    pub by_model: Vec<ModelTotals>,
}

/// Counts of one client.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ClientTotals {
    /// Client.
    pub client: String,
    /// Sessions.
    pub sessions: u64,
    /// Turns.
    pub turns: u64,
    /// Failed turns.
    pub failed_turns: u64,
    /// Versions that its files name.
    pub versions: Vec<String>,
}

/// Turns of one provider and model that stopped in one way.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ModelTotals {
    /// Provider.
    pub provider: String,
    /// Model, or an ordinal if its name is not on the list; null if not stated.
    pub model: Option<String>,
    /// How they stopped.
    pub stop: String,
    /// How many.
    pub turns: u64,
}

/// An account and the stores that hold a credential of it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Account {
    /// `account-1`.
    pub id: String,
    /// Store ids.
    pub stores: Vec<String>,
}

/// A credential store.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct StoreJson {
    /// `store-1`.
    pub id: String,
    /// Client that owns it.
    pub client: String,
    /// Source it was read from; null where a setting alone names it, and no file shows it.
    pub source: Option<String>,
    /// `host-1`: its machine; null where there is one only, or where it is not known.
    pub host: Option<String>,
    /// Account.
    pub account: Option<String>,
    /// Login session.
    pub family: Option<String>,
    /// Credential it holds now; equal ids are equal tokens.
    pub credential: Option<String>,
    /// Issue time of the access token.
    pub issued_at: Option<String>,
    /// End of the access token.
    pub expires_at: Option<String>,
    /// The store's own time of its last refresh.
    pub refreshed_at: Option<String>,
}

/// One incident.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct IncidentJson {
    /// `I1`.
    pub id: String,
    /// Stable across runs: cause, clients, provider, error class.
    pub fingerprint: String,
    /// Listed in the baseline.
    pub known: bool,
    /// First failure.
    pub first_failure: String,
    /// Last failure.
    pub last_failure: String,
    /// When it was over; null if it was not.
    pub recovered_at: Option<String>,
    /// Failed turns.
    pub failed_turns: u64,
    /// Sessions with failed turns.
    pub sessions: u64,
    /// Whose turns failed.
    pub victim: VictimJson,
    /// What happened to the credential.
    pub mechanism: String,
    /// Why.
    pub root_cause: String,
    /// Who; null if undetermined or if nobody acted.
    pub actor: Option<ActorJson>,
    /// How sure.
    pub confidence: String,
    /// A client that is involved, where it is open by which of its acts; null otherwise.
    pub involved: Option<InvolvedJson>,
    /// When the causal act happened.
    pub cause: CauseJson,
    /// A pattern of repeated acts, if there is one.
    pub pattern: Option<PatternJson>,
    /// Transport failures inside.
    pub transport_failures: u64,
    /// What the client did about it.
    pub fallback: String,
    /// Evidence, by time.
    pub evidence: Vec<EvidenceJson>,
    /// Hypotheses, by status and points.
    pub hypotheses: Vec<HypothesisJson>,
    /// Observations that would decide what is open.
    pub would_settle: Vec<String>,
    /// What to do and not to do.
    pub next_steps: Vec<StepJson>,
    /// What a reader should know beside the verdict.
    pub notes: Vec<String>,
}

/// Whose turns failed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct VictimJson {
    /// Client.
    pub client: String,
    /// Store.
    pub store: Option<String>,
    /// `host-1`: its machine; null where there is one only, or where it is not known.
    pub host: Option<String>,
    /// Account.
    pub account: Option<String>,
    /// Provider.
    pub provider: String,
    /// Models.
    pub models: Vec<String>,
}

/// Who did it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ActorJson {
    /// Client.
    pub client: String,
    /// Store.
    pub store: Option<String>,
    /// `host-1`: its machine; null where there is one only, or where it is not known.
    pub host: Option<String>,
    /// Front ends that share the home and cannot be told apart.
    pub candidates: Vec<String>,
}

/// When the causal act happened: `at` when seen, else an open interval.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CauseJson {
    /// Seen at this time.
    pub at: Option<String>,
    /// After this.
    pub after: Option<String>,
    /// Before this.
    pub before: Option<String>,
    /// Seconds from the act to the first failure.
    pub delay_s: Option<i64>,
}

/// A program that is involved, where only its act is open.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct InvolvedJson {
    /// Client.
    pub client: String,
    /// How sure.
    pub confidence: String,
}

/// A repeated pattern.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PatternJson {
    /// Kind.
    pub kind: String,
    /// How often.
    pub cycles: u64,
    /// The clients between which it goes back and forth, in order of their words.
    pub clients: Vec<String>,
    /// The alternations, by time.
    pub turns: Vec<PatternTurnJson>,
}

/// One alternation: an act of one client, and the first failure of the other that followed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PatternTurnJson {
    /// When the act was done.
    pub at: String,
    /// `login`, `adoption` or `rotation`.
    pub act: String,
    /// By which client.
    pub by: String,
    /// When the other one failed first.
    pub failed_at: String,
    /// Which client that was.
    pub victim: String,
    /// What it was told, as a word.
    pub code: String,
    /// Evidence ids of act and failure.
    pub because: Vec<String>,
}

/// One item of evidence.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EvidenceJson {
    /// `E1`.
    pub id: String,
    /// What it is.
    pub kind: String,
    /// `for`, `against` or `context`.
    pub stance: String,
    /// When; null if not dated.
    pub at: Option<String>,
    /// `utc`, `offset`, `assumed` or `unknown`.
    pub zone: String,
    /// Source id.
    pub source: String,
    /// Line, from 1; 0 for the file as a whole.
    pub line: u64,
    /// Byte offset of the line.
    pub byte: u64,
    /// Grade of rotation evidence.
    pub grade: Option<String>,
    /// Points it gives to the best hypothesis, or takes; null where it has no part in it.
    pub points: Option<i32>,
    /// The fact in one sentence.
    pub says: String,
    /// The words of the input, redacted and escaped; only under `--private`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<String>,
}

/// One hypothesis.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct HypothesisJson {
    /// Cause.
    pub root_cause: &'static str,
    /// Actor's client.
    pub actor: Option<&'static str>,
    /// `best`, `open` or `ruled_out`.
    pub status: &'static str,
    /// Points.
    pub score: i32,
    /// Evidence ids.
    pub because: Vec<String>,
    /// Why it stands there.
    pub says: Cow<'static, str>,
}

/// A step to take or to avoid.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct StepJson {
    /// True: do it. False: do not.
    #[serde(rename = "do")]
    pub act: bool,
    /// What.
    pub says: String,
}

/// One rotation.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RotationJson {
    /// Store.
    pub store: Option<String>,
    /// Client.
    pub client: String,
    /// Account.
    pub account: Option<String>,
    /// When.
    pub at: String,
    /// How well it is proved.
    pub grade: String,
    /// Source id.
    pub source: String,
}

/// What was and was not read.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CoverageJson {
    /// Every source.
    #[schemars(with = "Vec<super::ledger::SourceJson>")]
    pub sources: Rows,
    /// What the verdicts could not see.
    pub not_seen: Vec<String>,
    /// Types of record that no known version writes: the sign of a newer client.
    pub unknown_types: Vec<UnknownTypeJson>,
}

/// A type of record that no known version writes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct UnknownTypeJson {
    /// `type-1`, counted for each kind of source.
    pub id: String,
    /// Kind of source.
    pub kind: &'static str,
    /// How many records.
    pub records: u64,
    /// Where the first one stands: source,
    pub source: String,
    /// and line.
    pub line: u64,
}
