//! Command-line turns that failed before they began: the credential could not be resolved.
//!
//! Up to 0.14 such a turn leaves no session, no message, no dump and no error record. All that is
//! left of it is that a process loaded the agent (it says where its environment comes from),
//! found the pool without a usable entry, and made no client. An empty pool alone is no failure:
//! while an entry rests, turns succeed with the pair of the login itself (0.13), and `status` and
//! its kin look into the pool without loading the agent. Later versions leave nothing at all.

use super::words::NO_CREDENTIAL;
use crate::event::{Origin, Provider, Stop, Turn};
use crate::reader::Facts;
use crate::secret::Kind;
use crate::time::Stamp;

/// Loading the agent takes seconds, on a slow machine a minute; what comes later is of another
/// process.
const LOADING_MS: i64 = 120_000;

/// A process that may have failed.
#[derive(Default)]
pub(super) struct Startups {
    /// When the newest process loaded the agent.
    loaded: Option<i64>,
    /// The empty pool that it found.
    empty: Option<(Stamp, Origin)>,
}

impl Startups {
    /// A process loaded the agent: the one before it is over.
    pub(super) fn loaded(&mut self, at: Stamp, facts: &mut Facts<'_>) {
        self.finish(facts);
        self.loaded = Some(at.ms);
    }

    /// The pool has no usable entry.
    pub(super) fn none_left(&mut self, at: Stamp, origin: Origin) {
        let near = self.loaded.is_some_and(|loaded| (0..=LOADING_MS).contains(&at.ms.saturating_sub(loaded)));
        if near && self.empty.is_none() {
            self.empty = Some((at, origin));
        }
    }

    /// The process made a client, or is no command line.
    pub(super) fn lived(&mut self) {
        *self = Startups::default();
    }

    /// Nothing more is known of the newest process.
    pub(super) fn finish(&mut self, facts: &mut Facts<'_>) {
        self.loaded = None;
        let Some((at, origin)) = self.empty.take() else { return };
        let turn = Turn {
            session: None,
            id: Some(facts.key(Kind::Turn, &format!("startup {}", at.ms))),
            run: None,
            started: None,
            stop: Stop::Error,
            provider: Provider::OpenaiCodex,
            model: None,
            failure: Some(NO_CREDENTIAL),
            labelled: None,
            transport: None,
            account: None,
            resident: false,
        };
        facts.turn(Some(at), origin, turn, "");
    }
}
