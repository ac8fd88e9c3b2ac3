//! An OpenClaw 2026.3.2 home with several agents: each has a store of its own with a copy of the
//! same profile, and nothing keeps two of them from refreshing it at once.
//!
//! Differences from 2026.5.7: usage counts stand in `auth-profiles.json` itself, log lines have
//! only the numbered members, a refused refresh is printed with its body (one record, newlines
//! escaped), and the turn that needed it leaves a `openclaw:prompt-error` entry.

use super::super::clock::iso_ms;
use super::super::home::Home;
use super::super::json::{Json, arr, obj};
use super::super::stage::Stage;
use super::super::token::{Grant, Pair};
use super::transcript::{Transcript, Usage};
use super::{CODEX_MODEL, ROOT, foreign_failure};
use std::collections::BTreeMap;

const PROFILE: &str = "openai-codex:default";
const REFUSED: &str =
    "OAuth token refresh failed for openai-codex: Failed to refresh OpenAI Codex token. Please try again or re-authenticate.";

/// One agent: its session and the copy of the login it holds.
struct MarchAgent<'s> {
    name: &'static str,
    transcript: Transcript<'s>,
    profile: Json,
    last_used: i64,
    failures: i64,
}

/// The home.
pub struct MarchOpenClaw<'s> {
    st: &'s Stage,
    agents: Vec<MarchAgent<'s>>,
    log: BTreeMap<String, Vec<(i64, String)>>,
}

impl<'s> MarchOpenClaw<'s> {
    /// Agents that all hold `pair`, which arrived then; the first is `main`.
    pub fn new(st: &'s Stage, agents: usize, grant: &Grant, pair: &Pair, arrived: i64) -> MarchOpenClaw<'s> {
        let names = std::iter::once("main").chain(st.cast.agents(agents - 1));
        let agent = |name| {
            let (profile, transcript) = (profile(grant, pair, arrived), Transcript::new(st, CODEX_MODEL));
            MarchAgent { name, transcript, profile, last_used: arrived, failures: 0 }
        };
        MarchOpenClaw { st, agents: names.map(agent).collect(), log: BTreeMap::new() }
    }

    /// The gateway starts at `at`.
    pub fn started(&mut self, at: i64) {
        for (number, text) in ["starting...", "agent model: openai-codex/gpt-5.5", "gateway ready"].iter().enumerate() {
            self.record(at + 800 * number as i64, "INFO", "gateway", text);
        }
    }

    /// How many agents there are.
    pub fn agents(&self) -> usize {
        self.agents.len()
    }

    /// Agent `who` refreshed: its copy, and only that, is new.
    pub fn refreshed(&mut self, who: usize, grant: &Grant, pair: &Pair, arrived: i64) {
        self.agents[who].profile = profile(grant, pair, arrived);
    }

    /// A turn of agent `who` that worked; `odd` ones read a file that quotes a failure.
    pub fn done(&mut self, who: usize, at: i64, odd: bool) {
        let st = self.st;
        let agent = &mut self.agents[who];
        agent.transcript.open(at, 0);
        agent.transcript.user(at + 260, &st.say(6));
        if odd {
            let call = format!("call_{}", st.cast.hex(24));
            let wish = obj! { "command": "tail -n 1 /srv/export/old-session.jsonl" };
            let content = vec![obj! { "type": "toolCall", "id": &call, "name": "exec", "arguments": wish }];
            agent.transcript.assistant(at + 1_900, at + 300, content, usage(st), "toolUse", obj! {});
            agent.transcript.tool_result(at + 2_000, &call, &foreign_failure(st, at));
        }
        let end = at + st.ms(4_000, 9_000);
        let text = vec![obj! { "type": "text", "text": st.say(14) }];
        agent.transcript.assistant(end, at + 2_300, text, usage(st), "stop", obj! {});
        (agent.last_used, agent.failures) = (end, 0);
    }

    /// A turn of agent `who` at `at` whose refresh was refused: the token had been used.
    pub fn refused(&mut self, who: usize, at: i64) {
        let (st, run) = (self.st, self.st.cast.uuid());
        let body = obj! {
            "error": obj! {
                "message": "Your refresh token has already been used to generate a new access token. Please try signing in again.",
                "type": "invalid_request_error", "param": Json::null(), "code": "refresh_token_reused",
            },
        };
        let said = at + st.ms(180, 420);
        self.console(said, &format!("[openai-codex] Token refresh failed: 401 {}", body.pretty()));
        let lane = format!("session:agent:{}:main", self.agents[who].name);
        for (number, lane) in ["main", &lane].iter().enumerate() {
            let text = format!("lane task error: lane={lane} durationMs={} error=\"Error: {REFUSED}\"", said - at);
            self.record(said + 3 + number as i64, "ERROR", "diagnostic", &text);
        }
        let agent = &mut self.agents[who];
        agent.transcript.open(at, 0);
        agent.transcript.user(at + 40, &st.say(6));
        let data = obj! {
            "timestamp": said + 6, "runId": run, "sessionId": &agent.transcript.id, "provider": CODEX_MODEL.provider,
            "model": CODEX_MODEL.name, "api": CODEX_MODEL.api, "error": REFUSED,
        };
        agent.transcript.custom(said + 9, "openclaw:prompt-error", data);
        agent.failures += 1;
    }

    /// The log says that it works with what Codex has (as 2026.4.18 and later do; its own pair stays in its store).
    pub fn borrowed(&mut self, at: i64) {
        self.record(at, "DEBUG", "agents/auth-profiles", "resolved oauth credential from external cli bootstrap");
    }

    /// A line of a subsystem.
    fn record(&mut self, at: i64, level: &str, subsystem: &str, text: &str) {
        let name = obj! { "subsystem": subsystem }.line();
        let line = obj! { "0": &name, "1": text };
        self.push(at, level, line, &name, arr!["openclaw"]);
    }

    /// A captured `console.error`.
    fn console(&mut self, at: i64, text: &str) {
        self.push(at, "ERROR", obj! { "0": text }, "openclaw", Json::null());
    }

    fn push(&mut self, at: i64, level: &str, line: Json, name: &str, parents: Json) {
        let mut meta = obj! { "runtime": "node", "runtimeVersion": "22.14.0", "hostname": "unknown", "name": name };
        if parents != Json::null() {
            meta = meta.and("parentNames", parents);
        }
        let file = format!("{}/.npm-global/lib/node_modules/openclaw/dist/subsystem-B7kQ2.js", self.st.cast.home());
        let path = obj! { "fullFilePath": format!("file://{file}:107:12"), "fileName": "subsystem-B7kQ2.js", "fileLine": "107", "filePath": &file };
        let meta = meta
            .and("date", iso_ms(at))
            .and("logLevelId", if level == "INFO" { 3 } else { 5 })
            .and("logLevelName", level)
            .and("path", path);
        let line = line.and("_meta", meta).and("time", self.st.clock.tslog(at));
        self.log.entry(self.st.clock.print(at, "%F")).or_default().push((at, line.line()));
    }

    /// Put everything into `home`.
    pub fn finish(self, home: &mut Home) {
        for (day, mut lines) in self.log {
            lines.sort_by_key(|(at, _)| *at);
            let last = lines.last().map_or(0, |(at, _)| *at);
            let text: String = lines.into_iter().map(|(_, line)| line + "\n").collect();
            home.put(format!("tmp/openclaw/openclaw-{day}.log"), text, last);
        }
        for agent in self.agents {
            let folder = format!("{ROOT}/agents/{}", agent.name);
            let written = agent.transcript.written;
            home.put(format!("{folder}/sessions/{}.jsonl", agent.transcript.id), agent.transcript.text(), written);
            home.put(format!("{folder}/agent/auth-profiles.json"), agent.store().pretty() + "\n", written);
        }
    }
}

impl MarchAgent<'_> {
    fn store(self) -> Json {
        let usage = obj! { "lastUsed": self.last_used, "errorCount": self.failures };
        obj! {
            "version": 1,
            "profiles": Json::Object(vec![(PROFILE.to_owned(), self.profile)]),
            "lastGood": obj! { "openai-codex": PROFILE },
            "usageStats": Json::Object(vec![(PROFILE.to_owned(), usage)]),
        }
    }
}

fn profile(grant: &Grant, pair: &Pair, arrived: i64) -> Json {
    obj! {
        "type": "oauth", "provider": "openai-codex", "access": &pair.access, "refresh": &pair.refresh,
        "expires": arrived + (pair.expires - pair.issued), "accountId": &grant.account.id,
    }
}

fn usage(st: &Stage) -> Usage {
    Usage { input: st.ms(1_000, 9_000), output: st.ms(20, 400) }
}
