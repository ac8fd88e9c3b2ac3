//! What Codex's log records say about the login and about turns.
//!
//! [`Watch::record`] is the one judge, whether a record comes from a text log or from a row of
//! `logs_2.sqlite`. Messages are those of 0.98 (`codex_core::auth`) to 0.169
//! (`codex_login::auth::manager`). Messages are matched from their start, behind span context
//! and target.
//!
//! - A refused refresh is an ERROR with the server's answer (up to 0.150) or only its status
//!   (0.169), often with a sentence for the user in the same instant, which may name the code
//!   that the first lacks: one [`EventKind::Refused`], of the rawest class. A sentence that
//!   stands alone and repeats the last class within a minute is the cached failure (Codex does
//!   not ask the server again) and is no new evidence.
//! - A success has no message: `Refreshing token`, then the bare `Reloading auth`, then
//!   `Reloaded auth, …` (0.169 adds `auth_changed_for_refresh=true`). `changed:` compares the
//!   kind of login only and says nothing.
//! - A row of `feedback_tags` says how the recovery from a 401 ended. `recovery_succeeded` of phase
//!   `refresh_token` closes a refresh whose reload is not on record; `recovery_failed_permanent` is
//!   news only where no refusal of that process is (a cached failure repeats it without an ERROR).
//! - `Reloading auth for account …` with `auth_changed_for_refresh=true` and without an own
//!   refresh, or `Skipping token refresh because auth changed …`, means that somebody else had
//!   rotated the token.

use super::Severity;
use super::calls::{self, leading_status};
use super::entry::Entry;
use crate::classify::{self, Endpoint};
use crate::event::{ErrorClass, EventKind, Failure, Level, Origin};
use crate::reader::Facts;
use crate::reader::codex::ident;
use crate::secret::{Key, Kind};
use crate::time::Stamp;
use std::collections::BTreeMap;

/// Lines this close together speak of one refusal, in ms.
const SAME_MS: i64 = 100;
/// A sentence that repeats the last refusal within this time is cached, in ms.
const CACHED_MS: i64 = 60_000;
/// Longest time from the start of a refresh to the reload after it, in ms.
const REFRESH_MS: i64 = 60_000;
/// Most flows that are followed at a time.
const MOST_FLOWS: usize = 4096;

/// A flow: process, thread, and the request of a front end where there is no thread.
type FlowId = (Option<Key>, Option<Key>, Option<Key>);

/// The login part of one process and thread: what it was last seen doing.
#[derive(Debug, Default)]
struct Flow {
    refreshing: Option<Stamp>,
    /// A bare `Reloading auth` followed the refresh.
    reloading_own: bool,
    /// `Reloading auth for account` came last.
    reloading_guarded: bool,
    account: Option<Key>,
}

/// Lines about one refusal, so far.
#[derive(Debug)]
struct Refusal {
    at: Option<Stamp>,
    last: Option<Stamp>,
    origin: Origin,
    failure: Failure,
    /// One of the lines gives the server's answer or status.
    raw: bool,
    account: Option<Key>,
    session: Option<Key>,
    words: String,
}

impl Refusal {
    fn of(entry: &Entry<'_>, failure: Failure, raw: bool, account: Option<Key>, facts: &Facts<'_>) -> Refusal {
        Refusal {
            at: entry.at,
            last: entry.at,
            origin: entry.origin,
            failure,
            raw,
            account,
            session: entry.thread().map(|id| ident::session_key(facts, id)),
            words: entry.message.to_owned(),
        }
    }
}

/// Follows the records of one log.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    flows: BTreeMap<FlowId, Flow>,
    pending: BTreeMap<Option<Key>, Refusal>,
    /// Newest refusal per process: its class and when it was last repeated.
    refused: BTreeMap<Option<Key>, (ErrorClass, Option<Stamp>)>,
    found: Option<Stamp>,
    logged_in: Option<Stamp>,
}

impl Watch {
    /// Judge the next record.
    pub(crate) fn record(&mut self, entry: &Entry<'_>, facts: &mut Facts<'_>) {
        if self.pending.get(&entry.process).is_some_and(|p| !within(p.last, entry.at, SAME_MS)) {
            self.flush(entry.process, facts);
        }
        if entry.from(&["codex_core"])
            && let Some((turn, words)) = calls::turn_error(entry, facts)
        {
            facts.turn(entry.at, entry.origin, turn, words);
        }
        if entry.from(&["codex_core::auth", "codex_login", "codex_cli::login"]) {
            self.refusal(entry, facts);
            self.refresh(entry, facts);
            self.login(entry, facts);
        }
        if let Some(recovery) = calls::recovery(entry) {
            calls::refused_call(&recovery, entry, facts);
            self.recovered(&recovery, entry, facts);
        }
        if entry.target.starts_with("codex_api::endpoint::responses") {
            calls::model_call(entry, facts);
        }
        if entry.target.starts_with("codex_models_manager") {
            calls::models_call(entry, facts);
        }
        if entry.target == "rmcp::transport::worker" {
            calls::tool_call(entry, facts);
        }
    }

    /// How the recovery from a 401 ended, where that is not on record otherwise.
    fn recovered(&mut self, recovery: &calls::Recovery<'_>, entry: &Entry<'_>, facts: &mut Facts<'_>) {
        if recovery.phase != "refresh_token" {
            return;
        }
        let flow = self.flow(entry, facts);
        let open = within(flow.refreshing.take(), entry.at, REFRESH_MS) || flow.reloading_own;
        flow.reloading_own = false;
        let account = flow.account;
        let known = self.pending.contains_key(&entry.process) || self.refused.contains_key(&entry.process);
        let class = match recovery.outcome {
            "recovery_succeeded" if open => {
                return facts.push(entry.at, entry.origin, EventKind::Refreshed { account, process: entry.process });
            }
            "recovery_failed_permanent" if !known => ErrorClass::RefreshRefused,
            "recovery_failed_transient" => ErrorClass::RefreshOutcomeUnknown,
            _ => return,
        };
        let failure = Failure { class, level: Level::Status };
        self.hold(entry.process, Refusal::of(entry, failure, false, account, facts), facts);
    }

    /// Another process writes from here on (as far as this log says): cached failures are gone.
    pub(crate) fn restart(&mut self, facts: &mut Facts<'_>) {
        self.finish(facts);
        *self = Watch::default();
    }

    /// State what is held back, in the order of the lines (that of the keys differs by run).
    pub(crate) fn finish(&mut self, facts: &mut Facts<'_>) {
        let mut held: Vec<(Origin, Option<Key>)> = self.pending.iter().map(|(process, held)| (held.origin, *process)).collect();
        held.sort_by_key(|(origin, _)| *origin);
        for (_, process) in held {
            self.flush(process, facts);
        }
    }

    fn flow(&mut self, entry: &Entry<'_>, facts: &Facts<'_>) -> &mut Flow {
        let thread = entry.thread().map(|id| ident::session_key(facts, id));
        let request = entry.request().filter(|_| thread.is_none()).map(|id| facts.key(Kind::Process, id));
        if self.flows.len() >= MOST_FLOWS {
            self.flows.clear();
        }
        self.flows.entry((entry.process, thread, request)).or_default()
    }

    /// Steps of a refresh, and rotations found in the file.
    fn refresh(&mut self, entry: &Entry<'_>, facts: &mut Facts<'_>) {
        let message = entry.message.trim_end();
        if message == "Refreshing token" {
            let flow = self.flow(entry, facts);
            (flow.refreshing, flow.reloading_own, flow.reloading_guarded) = (entry.at, false, false);
            facts.push(entry.at, entry.origin, EventKind::RefreshStarted { process: entry.process });
        } else if message == "Reloading auth" {
            let flow = self.flow(entry, facts);
            flow.reloading_own = within(flow.refreshing, entry.at, REFRESH_MS);
            (flow.refreshing, flow.reloading_guarded) = (None, false);
        } else if let Some(id) = message.strip_prefix("Reloading auth for account ") {
            let account = facts.key(Kind::Account, id);
            let flow = self.flow(entry, facts);
            (flow.reloading_guarded, flow.reloading_own, flow.account) = (true, false, Some(account));
        } else if message.starts_with("Reloaded auth, changed: ") {
            self.reloaded(entry, facts);
        } else if message.starts_with("Skipping token refresh because auth changed") {
            self.found_rotated(entry, facts);
        }
    }

    fn reloaded(&mut self, entry: &Entry<'_>, facts: &mut Facts<'_>) {
        let says = |word: &str| entry.message.contains(word);
        let (new, same) = (says("auth_changed_for_refresh=true"), says("auth_changed_for_refresh=false"));
        let flow = self.flow(entry, facts);
        let (own, guarded) = (flow.reloading_own, flow.reloading_guarded);
        (flow.reloading_own, flow.reloading_guarded) = (false, false);
        let account = flow.account;
        if own && !same {
            facts.push(entry.at, entry.origin, EventKind::Refreshed { account, process: entry.process });
        } else if guarded && new {
            self.found_rotated(entry, facts);
        }
    }

    /// The reload and the skipped refresh after it are one finding.
    fn found_rotated(&mut self, entry: &Entry<'_>, facts: &mut Facts<'_>) {
        if !within(self.found, entry.at, SAME_MS) {
            facts.push(entry.at, entry.origin, EventKind::FoundRotated);
        }
        self.found = entry.at;
    }

    /// A refused, failed or locally stopped refresh.
    fn refusal(&mut self, entry: &Entry<'_>, facts: &mut Facts<'_>) {
        let message = entry.message;
        if entry.severity.is_some_and(|s| s < Severity::Info) {
            return;
        }
        let rest = message.strip_prefix("Failed to refresh token");
        let unknown_code = message.starts_with("Encountered unknown ") && message.contains("while refreshing token");
        let mismatch = message.starts_with("Skipping auth reload due to account id mismatch");
        let (failure, raw) = match rest {
            Some(rest) => (classify::error(Endpoint::Token, message, None), is_raw(rest)),
            None if unknown_code => (classify::error(Endpoint::Token, message, None), false),
            None if mismatch => (Failure { class: ErrorClass::AccountMismatch, level: Level::Sentence }, false),
            None => return,
        };
        let expected = message.split_once("(expected: ").and_then(|(_, ids)| ids.split(',').next());
        let flow = self.flow(entry, facts);
        (flow.refreshing, flow.reloading_own) = (None, false);
        let account = flow.account;
        let account = expected.filter(|_| mismatch).map(|id| facts.key(Kind::Account, id)).or(account);
        self.hold(entry.process, Refusal::of(entry, failure, raw, account, facts), facts);
    }

    fn hold(&mut self, process: Option<Key>, new: Refusal, facts: &mut Facts<'_>) {
        match self.pending.get_mut(&process) {
            // Each answer of the server is a refusal of its own.
            Some(held) if !(held.raw && new.raw) => {
                if new.failure.level > held.failure.level {
                    held.failure = new.failure;
                }
                held.raw |= new.raw;
                held.last = new.last;
                held.account = held.account.or(new.account);
                held.session = held.session.or(new.session);
            }
            _ => {
                self.flush(process, facts);
                if self.pending.len() >= MOST_FLOWS {
                    self.restart(facts);
                }
                self.pending.insert(process, new);
            }
        }
    }

    fn flush(&mut self, process: Option<Key>, facts: &mut Facts<'_>) {
        let Some(held) = self.pending.remove(&process) else { return };
        let before = self.refused.insert(process, (held.failure.class, held.last));
        let cached = before.is_some_and(|(class, last)| class == held.failure.class && within(last, held.at, CACHED_MS));
        if held.raw || !cached {
            let Refusal { failure, account, session, .. } = held;
            facts.push_said(
                held.at,
                held.origin,
                EventKind::Refused { failure, account, process, session, agent: None },
                &held.words,
            );
        }
    }

    /// `codex login` and logout (`log/codex-login.log`, app-server rows). Since 0.169 a login that
    /// is only begun revokes the stored token and deletes the file.
    fn login(&mut self, entry: &Entry<'_>, facts: &mut Facts<'_>) {
        const BEGINNINGS: [&str; 3] =
            ["starting browser login flow", "starting device code login flow", "starting login flow with device code fallback"];
        let message = entry.message;
        let done = message.starts_with("oauth token exchange succeeded");
        let superseded = message.starts_with("failed to revoke superseded auth tokens after login");
        if BEGINNINGS.iter().any(|b| message.starts_with(b)) {
            facts.push(entry.at, entry.origin, EventKind::Login { done: false });
        } else if done || (superseded && !within(self.logged_in, entry.at, CACHED_MS)) {
            facts.push(entry.at, entry.origin, EventKind::Login { done: true });
            self.logged_in = entry.at;
        } else if message.starts_with("failed to revoke auth tokens during logout") {
            facts.push(entry.at, entry.origin, EventKind::Logout);
        }
    }
}

/// Does what follows `Failed to refresh token` give the server's answer?
fn is_raw(rest: &str) -> bool {
    rest.starts_with(" status=") || rest.strip_prefix(": ").and_then(leading_status).is_some()
}

/// True when `late` is no more than `ms` after `early`.
fn within(early: Option<Stamp>, late: Option<Stamp>, ms: i64) -> bool {
    early.zip(late).is_some_and(|(a, b)| (0..=ms).contains(&b.ms.saturating_sub(a.ms)))
}
