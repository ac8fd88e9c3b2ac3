//! Hermes' `auth.json`: the singleton that `hermes model` writes and the pool that mirrors it,
//! with what the pool remembers of the last failure.

use super::super::clock::{epoch_float, iso_offset, iso_us};
use super::super::json::{Json, arr, obj};
use super::super::stage::Stage;
use super::super::token::{Grant, Pair};
use super::script::CONSUMED;

const BASE_URL: &str = "https://chatgpt.com/backend-api/codex";

/// How a login came into the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// `hermes model`, device code: two tokens.
    Own,
    /// `hermes model`, "import these credentials": the four members of `~/.codex/auth.json`.
    Imported,
    /// `hermes auth add`: in the pool only.
    Added,
}

/// What the pool says of its entry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Status {
    /// Never refreshed since the login.
    Fresh,
    /// Refreshed, or back after a cooldown.
    Ok,
    /// A refresh failed: no code, an hour of rest.
    RefreshFailed(i64),
    /// The model call was refused with 401 `token_invalidated`.
    Refused(i64),
    /// 429 with the time of the reset.
    Limited(i64, i64),
    /// A refresh was refused for good: the pair is deleted and the entry removed (0.19).
    Emptied(i64),
}

/// The store's content.
#[derive(Clone, Debug)]
pub(super) struct Auth {
    source: Source,
    entry: String,
    grant: Grant,
    pub(super) pair: Pair,
    /// The identity token of an import, which no refresh replaces.
    id: String,
    refreshed: i64,
    pub(super) status: Status,
    saved: i64,
}

impl Auth {
    pub(super) fn new(st: &Stage, source: Source, grant: &Grant, pair: &Pair, at: i64) -> Auth {
        let entry = st.cast.hex(6);
        Auth {
            source,
            entry,
            grant: grant.clone(),
            pair: pair.clone(),
            id: pair.id.clone(),
            refreshed: at,
            status: Status::Fresh,
            saved: at + 1_640,
        }
    }

    /// Id of the pool entry.
    pub(super) fn entry(&self) -> &str {
        &self.entry
    }

    /// When the present pair arrived.
    pub(super) fn arrived(&self) -> i64 {
        self.refreshed
    }

    /// When the file was last written.
    pub(super) fn saved(&self) -> i64 {
        self.saved
    }

    /// What the log calls the entry.
    pub(super) fn label(&self) -> &'static str {
        if self.source == Source::Added { "openai-codex-oauth-1" } else { "device_code" }
    }

    /// Hermes refreshed; the answer arrived at `at`.
    pub(super) fn refreshed(&mut self, pair: &Pair, at: i64) {
        (self.pair, self.refreshed, self.saved) = (pair.clone(), at, at + 27);
        self.status = Status::Ok;
    }

    /// The file holds what it held at `at`.
    pub(super) fn holds_still(&mut self, pair: &Pair, at: i64) {
        (self.pair, self.refreshed, self.saved) = (pair.clone(), at, at + 1_640);
        self.status = Status::Fresh;
    }

    /// The pool notes a failure, or that it is over.
    pub(super) fn note(&mut self, status: Status, at: i64) {
        (self.status, self.saved) = (status, at);
    }

    /// The file.
    pub(super) fn text(&self) -> String {
        let updated = iso_offset(self.saved);
        let entries = if self.is_empty() { arr![] } else { arr![self.pool_entry()] };
        let pool = obj! { "openai-codex": entries };
        let store = match self.source {
            Source::Added => obj! { "version": 1, "providers": obj! {}, "credential_pool": pool, "updated_at": updated },
            _ => obj! {
                "version": 1,
                "providers": obj! { "openai-codex": self.singleton() },
                "active_provider": "openai-codex",
                "updated_at": updated,
                "credential_pool": pool,
            },
        };
        store.pretty() + "\n"
    }

    fn singleton(&self) -> Json {
        let (access, refresh) = (&self.pair.access, &self.pair.refresh);
        let tokens = match self.source {
            Source::Imported => obj! {
                "id_token": &self.id, "access_token": access, "refresh_token": refresh, "account_id": &self.grant.account.id,
            },
            _ => obj! { "access_token": access, "refresh_token": refresh },
        };
        let Status::Emptied(at) = self.status else {
            return obj! { "tokens": tokens, "last_refresh": iso_us(self.refreshed), "auth_mode": "chatgpt" };
        };
        let note = obj! {
            "provider": "openai-codex", "code": "refresh_token_reused", "message": CONSUMED,
            "reason": "credential_pool_refresh_failure", "relogin_required": true, "at": iso_offset(at),
        };
        obj! { "tokens": obj! {}, "last_refresh": iso_us(self.refreshed), "auth_mode": "chatgpt", "last_auth_error": note }
    }

    fn is_empty(&self) -> bool {
        matches!(self.status, Status::Emptied(_))
    }

    fn pool_entry(&self) -> Json {
        let source = if self.source == Source::Added { "manual:device_code" } else { "device_code" };
        let state = match self.status {
            Status::Fresh => status(None, None, Json::null(), None, None, None),
            // There is no entry then.
            Status::Emptied(_) => status(None, None, Json::null(), None, None, None),
            Status::Ok => status(Some("ok"), None, Json::null(), None, None, None),
            Status::RefreshFailed(at) => status(Some("exhausted"), Some(at), Json::null(), None, None, None),
            Status::Refused(at) => {
                let message = "Your authentication token has been invalidated. Please try signing in again.";
                status(Some("exhausted"), Some(at), Json::from(401), Some("token_invalidated"), Some(message), None)
            }
            Status::Limited(at, resets) => {
                let message = "The usage limit has been reached";
                status(Some("exhausted"), Some(at), Json::from(429), None, Some(message), Some(resets))
            }
        };
        let entry = obj! {
            "id": &self.entry, "label": self.label(), "auth_type": "oauth", "priority": 0, "source": source,
            "access_token": &self.pair.access, "refresh_token": &self.pair.refresh,
        };
        let entry = state.into_iter().fold(entry, |entry, (key, value)| entry.and(key, value));
        entry.and("base_url", BASE_URL).and("last_refresh", iso_us(self.refreshed)).and("request_count", 0)
    }
}

/// The six members that tell of the last failure, always present.
fn status(
    word: Option<&str>,
    at: Option<i64>,
    code: Json,
    reason: Option<&str>,
    message: Option<&str>,
    resets: Option<i64>,
) -> [(&'static str, Json); 6] {
    [
        ("last_status", word.into()),
        ("last_status_at", at.map(|at| Json::Raw(epoch_float(at))).into()),
        ("last_error_code", code),
        ("last_error_reason", reason.into()),
        ("last_error_message", message.into()),
        ("last_error_reset_at", resets.map(|at| Json::Raw(format!("{}.0", at / 1000))).into()),
    ]
}
