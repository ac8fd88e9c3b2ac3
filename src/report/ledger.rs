//! What the report says of one source: the ledger in the words of the JSON contract.
//!
//! Apart from [`super::model`], which holds them as [`super::rows`] that are made when asked for.

use schemars::JsonSchema;
use serde::Serialize;

/// One source in the ledger: `bytes_in = bytes_used + bytes_elided + Σ skipped.bytes`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SourceJson {
    /// `S1`.
    pub id: String,
    /// What it was recognised as.
    pub kind: &'static str,
    /// Client that wrote it.
    pub client: &'static str,
    /// Its place in its home, with ordinals for names.
    pub name: String,
    /// `host-1`: its machine; null where there is one only, or where it is not known.
    pub host: Option<String>,
    /// First event.
    pub first: Option<String>,
    /// Last event.
    pub last: Option<String>,
    /// How the zone of its naive times is known: `stated`, `anchor`, `inferred`, `none`; null where
    /// it has no naive times.
    pub zone: Option<&'static str>,
    /// Records seen: the sum of the next four and of `duplicates`.
    pub records: u64,
    /// Records used.
    pub records_used: u64,
    /// Records of a known type that never states anything here, blank lines, and records that a log quotes.
    pub records_ignored: u64,
    /// Records not usable.
    pub records_skipped: u64,
    /// Records of a type that no known version writes.
    pub unknown_records: u64,
    /// Events stated.
    pub events: u64,
    /// Turns that repeat another record.
    pub duplicates: u64,
    /// Bytes that came in.
    pub bytes_in: u64,
    /// Bytes used.
    pub bytes_used: u64,
    /// Bytes passed over by length inside used records.
    pub bytes_elided: u64,
    /// Bytes not used, by reason.
    pub skipped: Vec<SkippedJson>,
    /// Records that were taken although something was odd about them; absent where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lenient: Vec<LenientJson>,
    /// Of an archive: its members. Other sources have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<MembersJson>,
}

/// Something odd that was put up with.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LenientJson {
    /// What: `repeated-key`, `lone-surrogate`, `invalid-utf8` or `page-break`.
    pub what: &'static str,
    /// In how many records.
    pub records: u64,
}

/// The members of an archive: `declared = read + folders + Σ skipped.count`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct MembersJson {
    /// Members that it names or counts, whichever is more.
    pub declared: u64,
    /// Members that are sources or archives in this list.
    pub read: u64,
    /// Folders.
    pub folders: u64,
    /// Members that were not read, by reason.
    pub skipped: Vec<MembersSkippedJson>,
}

/// Members not read for one reason.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct MembersSkippedJson {
    /// The reason's word.
    pub reason: String,
    /// How many.
    pub count: u64,
}

/// Bytes not used for one reason.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SkippedJson {
    /// The reason's word.
    pub reason: &'static str,
    /// Times.
    pub count: u64,
    /// Bytes.
    pub bytes: u64,
}
