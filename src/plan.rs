//! What was asked, resolved: plain data that the engine is driven by.
//!
//! Nothing here is read from the environment or the clock; `main` and `cli` fill it in, and a
//! test can write it down as a literal.

use std::path::PathBuf;

/// Everything a run depends on.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where to look.
    pub roots: Vec<Root>,
    /// Only events in this window count.
    pub window: WindowAsked,
    /// Zones the user states for sources with naive local times; the last match wins.
    pub zones: Vec<ZoneRule>,
    /// Machines the user states for sources; the last match wins.
    pub hosts: Vec<HostRule>,
    /// Keep redacted excerpts and real paths.
    pub private: bool,
    /// Worker threads; 0 takes one per core.
    pub threads: usize,
    /// Where the private folder for copies of databases may be made; must not exist yet.
    pub scratch: PathBuf,
    /// Random bytes for the keys of this run (fixed only in tests).
    pub key: [u8; 32],
}

/// A path to read, or standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Root {
    /// A file or folder.
    Path(PathBuf),
    /// Standard input.
    Stdin,
}

/// `--since` and `--until`, not yet resolved against the data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WindowAsked {
    /// Lower end.
    pub since: Option<Bound>,
    /// Upper end.
    pub until: Option<Bound>,
}

/// One end of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// A time, in ms since the epoch.
    At(i64),
    /// So many ms before the newest event.
    BeforeNewest(i64),
}

/// `--tz-of GLOB=ZONE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneRule {
    /// Path pattern: `*` within a part, `**` across parts, `?` one character.
    pub glob: String,
    /// Zone of the sources that match.
    pub zone: ZoneAsked,
}

/// `--host-of GLOB=NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostRule {
    /// Path pattern, as for zones.
    pub glob: String,
    /// What the user calls the machine (private).
    pub name: String,
}

/// A zone as the user names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ZoneAsked {
    /// Fixed offset from UTC in seconds.
    Offset(i32),
    /// IANA name, checked when the plan was made.
    Named(String),
}
