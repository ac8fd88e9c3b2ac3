//! One log record of Codex, whichever text or row it was read from: what [`super::watch`] and
//! [`super::calls`] judge.

use super::{Severity, field};
use crate::event::Origin;
use crate::secret::Key;
use crate::time::Stamp;

/// One log record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    /// When.
    pub(crate) at: Option<Stamp>,
    /// Where.
    pub(crate) origin: Origin,
    /// How severe, where it says.
    pub(crate) severity: Option<Severity>,
    /// Rust path of the writer; empty in builds that leave it out.
    pub(crate) target: &'a str,
    /// Span context.
    pub(crate) spans: &'a str,
    /// What it says.
    pub(crate) message: &'a str,
    /// The process, where known (rows only).
    pub(crate) process: Option<Key>,
    /// The thread that stands beside the record (rows only); spans may name another one.
    pub(crate) thread: Option<&'a str>,
}

impl Entry<'_> {
    pub(super) fn from(&self, targets: &[&str]) -> bool {
        self.target.is_empty() || targets.iter().any(|t| self.target.starts_with(t))
    }

    /// The thread that the record is about.
    pub(crate) fn thread(&self) -> Option<&str> {
        field(self.spans, &["thread.id", "thread_id", "conversation.id"]).or(self.thread)
    }

    /// The request of a front end that the record belongs to; an app-server answers several at a
    /// time.
    pub(crate) fn request(&self) -> Option<&str> {
        field(self.spans, &["rpc.request_id"])
    }
}
