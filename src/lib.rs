//! `stopwhy` says why AI agent turns ended in an error.
//!
//! It reads what Hermes Agent, OpenClaw, pi, Codex and opencode leave on disk, finds the turns
//! that failed, and says what happened to the ChatGPT login they share, which client did it and
//! how sure that is, with the lines that prove it.
//!
//! # The house
//!
//! ```text
//! cli → plan ─┐
//!             ▼
//!  source  →  reader  →  evidence  →  ingest  →  correlate  →  attribute  →  report
//!  bytes      events     tables       threads    incidents     verdicts      Markdown, JSON
//!             └ classify, secret ┘
//! ```
//!
//! A module imports what stands to its left and the vocabulary ([`event`], [`time`], and the
//! keys of [`secret`]; [`shortcuts`] are taken anywhere), never what stands to its right.
//! `tests/it/house.rs` reads the sources and fails when that is broken.
//!
//! # Invariants
//!
//! - Nothing outside `cli` names clap; outside `ingest` and `threads`, rayon; outside `evidence` and
//!   `correlate`, polars; outside `report`, minijinja; outside `source`, the archive crates;
//!   outside `reader::database`, rusqlite; outside `secret`, blake3 and
//!   sha2.
//! - Of the input nothing is written but private copies of databases, by `source::private`.
//! - Nothing in the library prints, exits, reads the clock or the environment. `main` does.
//! - No reader imports another reader; no hypothesis imports another hypothesis.
//! - The output does not depend on the number of threads, on the order of files, or on the
//!   contents of secrets and names.
//! - No event without an origin; no attribution without evidence.
//! - No byte is dropped without a reason: for every source,
//!   `bytes_in = bytes_used + bytes_elided + Σ skipped`; nor is a record, nor a member of an archive.
//! - No input text in any output unless `--private` asked for it.

pub mod attribute;
pub mod baseline;
pub mod classify;
pub mod cli;
pub mod correlate;
pub mod event;
pub mod evidence;
pub mod homes;
pub mod ingest;
pub mod outcome;
pub mod output;
pub mod plan;
pub mod reader;
pub mod report;
pub mod run;
pub mod say;
pub mod secret;
pub mod shortcuts;
pub mod source;
pub mod summary;
pub mod threads;
pub mod time;
