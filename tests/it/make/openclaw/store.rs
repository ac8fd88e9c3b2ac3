//! OpenClaw's stores and configuration: who is logged in, how the login fared, which sessions
//! there are. The store carries no writer and no time of the last refresh.

use super::super::clock::{DAY, iso_ms};
use super::super::home::Home;
use super::super::json::{Json, arr, obj};
use super::super::rng::BASE32;
use super::super::stage::Stage;
use super::super::token::{Grant, Pair};
use super::{CLAUDE_MODEL, Model, ROOT};

/// How the ChatGPT profile is called.
const PROFILE: &str = "openai-codex:default";

/// When the configuration was last written: on 10 May 2026, before every scenario with a gateway.
const CONFIGURED: i64 = 1_778_400_000_000;

/// Credentials and their use.
pub struct Store {
    model: Model,
    config: String,
    profiles: Vec<(String, Json)>,
    last_used: Option<i64>,
    last_failure: Option<i64>,
    cooldown: Option<i64>,
    failing: bool,
}

impl Store {
    pub(super) fn new(st: &Stage, model: Model) -> Store {
        let mut profiles = Vec::new();
        if model == CLAUDE_MODEL {
            let key = obj! { "type": "api_key", "provider": "anthropic", "key": st.cast.rng().text(BASE32, 96) };
            profiles.push(("anthropic:default".to_owned(), key));
        }
        let (last_used, last_failure, cooldown) = (None, None, None);
        Store { model, config: config(st, model), profiles, last_used, last_failure, cooldown, failing: false }
    }

    /// A login or refresh of OpenClaw's own; the answer arrived at `arrived`.
    pub fn own_login(&mut self, grant: &Grant, pair: &Pair, arrived: i64) {
        let profile = oauth(grant, pair, arrived + 10 * DAY).and("email", &grant.account.email).and("chatgptPlanType", "plus");
        self.profiles.push((PROFILE.to_owned(), profile));
    }

    /// The pair of `~/.codex/auth.json`, taken over when the profile was empty: it ends when the
    /// token says so, and says nothing of a mail address.
    pub fn bootstrapped_from_codex(&mut self, grant: &Grant, pair: &Pair) {
        self.profiles.push((PROFILE.to_owned(), oauth(grant, pair, pair.expires)));
    }

    /// Is the login cooling down at `at`?
    pub(super) fn cooling(&self, at: i64) -> bool {
        self.cooldown.is_some_and(|until| at < until)
    }

    /// A turn worked.
    pub(super) fn used(&mut self, at: i64) {
        self.last_used = Some(at);
        self.failing = false;
        self.cooldown = None;
    }

    /// A turn was refused; returns until when the login had been cooling down before.
    pub(super) fn failed(&mut self, at: i64) -> Option<i64> {
        self.last_failure = Some(at);
        self.failing = true;
        self.cooldown.replace(at + 30_000)
    }

    /// When the last turn ended.
    pub(super) fn last_turn(&self) -> i64 {
        self.last_used.max(self.last_failure).unwrap_or(0)
    }

    pub(super) fn finish(self, home: &mut Home) {
        let written = self.last_turn();
        let folder = format!("{ROOT}/agents/main/agent");
        let state = self.state();
        let store = obj! { "version": 1, "profiles": Json::Object(self.profiles) };
        home.put(format!("{folder}/auth-profiles.json"), store.pretty() + "\n", written);
        home.put(format!("{folder}/auth-state.json"), state.pretty() + "\n", written);
        home.put(format!("{ROOT}/openclaw.json"), self.config, CONFIGURED);
    }

    fn state(&self) -> Json {
        let profile = format!("{}:default", self.model.provider);
        let mut usage = obj! { "errorCount": usize::from(self.failing) };
        if let Some(at) = self.last_used {
            usage = usage.and("lastUsed", at);
        }
        if self.failing {
            usage = usage.and("failureCounts", obj! { "auth": 1 });
        }
        if let Some(at) = self.last_failure {
            usage = usage.and("lastFailureAt", at);
        }
        if let (true, Some(until)) = (self.failing, self.cooldown) {
            usage = usage.and("cooldownUntil", until).and("cooldownReason", "auth");
        }
        let good = Json::Object(vec![(self.model.provider.to_owned(), Json::from(&profile))]);
        obj! { "version": 1, "lastGood": good, "usageStats": Json::Object(vec![(profile, usage)]) }
    }
}

fn oauth(grant: &Grant, pair: &Pair, expires: i64) -> Json {
    obj! {
        "type": "oauth", "provider": "openai-codex", "access": &pair.access, "refresh": &pair.refresh, "expires": expires,
        "accountId": &grant.account.id,
    }
}

/// `openclaw.json`, without fallback models.
fn config(st: &Stage, model: Model) -> String {
    let token = st.cast.rng().text(BASE32, 32);
    let profile = obj! { "provider": model.provider, "mode": if model == CLAUDE_MODEL { "api_key" } else { "oauth" } };
    let primary = obj! { "primary": format!("{}/{}", model.provider, model.name), "fallbacks": arr![] };
    let workspace = format!("{}/.openclaw/workspace", st.cast.home());
    let config = obj! {
        "gateway": obj! { "mode": "local", "bind": "loopback", "port": 18_789, "auth": obj! { "mode": "token", "token": token } },
        "auth": obj! { "profiles": Json::Object(vec![(format!("{}:default", model.provider), profile)]) },
        "agents": obj! { "defaults": obj! { "model": primary, "workspace": workspace, "heartbeat": obj! { "every": "0m" } } },
        "meta": obj! { "lastTouchedVersion": "2026.5.7", "lastTouchedAt": iso_ms(CONFIGURED) },
    };
    config.pretty() + "\n"
}

/// `sessions.json`: the first session is the main one.
pub(super) fn index(st: &Stage, model: Model, ids: &[&str], at: i64) -> String {
    let row = |(number, id): (usize, &&str)| {
        let key = if number == 0 { "agent:main:main".to_owned() } else { format!("agent:main:explicit:{id}") };
        let file = format!("{}/{ROOT}/agents/main/sessions/{id}.jsonl", st.cast.home());
        let entry = obj! {
            "sessionId": *id, "updatedAt": at, "sessionStartedAt": at - DAY, "lastInteractionAt": at, "sessionFile": file,
            "status": "running", "startedAt": at - 9_000, "abortedLastRun": false, "contextTokens": 272_000,
            "modelProvider": model.provider, "model": model.name, "agentHarnessId": "pi",
        };
        (key, entry)
    };
    Json::Object(ids.iter().enumerate().map(row).collect()).pretty()
}
