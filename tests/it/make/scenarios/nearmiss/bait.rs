//! Baits: words that look like a refusal, refusals of another service, copies of history, and
//! failures that say too little.

use super::super::super::clock::{MINUTE, iso_ms, utc};
use super::super::super::codex::{ALREADY_USED, Answer as C, CodexHome, Era, Front};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::openclaw::{Answer as O, CLAUDE_MODEL, CODEX_MODEL, Model, OpenClaw};
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant};
use super::super::{Scenario, Verdict};
use super::{FAILED, OPEN, PERHAPS_CODEX, codex_home, later, refused_hermes, shared_login};

const UNKNOWN: Verdict = Verdict { victim: "openclaw", mechanism: "undetermined", failed_turns: 2..=2, ..OPEN };

/// An OpenClaw home on a login of its own.
fn claw(st: &Stage, home: &mut Home, model: Model, turns: &[(&str, O)]) {
    let account = Account::new(st);
    let own = Grant::new(st, &account, utc("2026-05-16 09:12:40"));
    let mut claw = OpenClaw::start(st, utc("2026-05-22 05:50:00"), model);
    if model == CODEX_MODEL {
        claw.store().own_login(&own, &own.mint(st, utc("2026-05-16 09:12:44")), utc("2026-05-16 09:12:44.934"));
    }
    let chat = claw.session();
    turns.iter().for_each(|(at, answer)| claw.ask(chat, utc(at), *answer));
    claw.finish(home);
}

pub(super) const TRANSIENT: Scenario = Scenario {
    name: "transient-refusal",
    happened: "The model service refused OpenClaw's token twice as invalidated and took the same token again ten minutes later. In \
               between, somebody had logged Codex in anew, on the login it once shared with OpenClaw.",
    conclusion: "A token that works again unchanged was never revoked: no permanent cause, and nobody to name.",
    hours: 2,
    expected: &[UNKNOWN],
    play: |st, home| {
        let account = Account::new(st);
        let old = Grant::new(st, &account, utc("2026-04-30 07:45:20"));
        let shared = old.mint(st, utc("2026-05-21 06:12:40"));
        let new = Grant::new(st, &account, utc("2026-05-22 08:14:27"));
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.store("auth.json.bak", &old, &shared, utc("2026-05-21 06:12:41.280"));
        codex.login(utc("2026-05-22 08:14:02.417"), utc("2026-05-22 08:14:31.388"));
        codex.store("auth.json", &new, &new.mint(st, utc("2026-05-22 08:14:31")), utc("2026-05-22 08:14:31.402"));
        codex.finish(home);
        let mut claw = OpenClaw::start(st, utc("2026-05-22 05:20:00"), CODEX_MODEL);
        claw.store().bootstrapped_from_codex(&old, &shared);
        let chat = claw.session();
        for (at, answer) in [
            ("2026-05-22 08:12:40", O::Done),
            ("2026-05-22 08:16:03", O::Invalidated),
            ("2026-05-22 08:19:50", O::Invalidated),
            ("2026-05-22 08:31:11", O::Done),
            ("2026-05-22 10:31:11", O::Done),
        ] {
            claw.ask(chat, utc(at), answer);
        }
        claw.finish(home);
    },
};

/// Lines put behind a log.
fn append(home: &mut Home, path: &str, lines: &[&str]) {
    home.change(path, |text| lines.iter().fold(text, |text, line| format!("{text}{line}\n")));
}

/// Hermes on a login of its own, all well.
fn well(st: &Stage, home: &mut Home) {
    let account = Account::new(st);
    let login = Grant::new(st, &account, utc("2026-05-11 06:20:28"));
    let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-18 06:22:00"));
    hermes.own_login(&login, &login.mint(st, utc("2026-05-16 06:20:33")), utc("2026-05-16 06:20:33.391"));
    for at in ["2026-05-22 06:25:14", "2026-05-22 07:25:14", "2026-05-22 08:25:14"] {
        hermes.ask(utc(at), H::DoneToQuote);
    }
    hermes.snapshot(utc("2026-05-22 09:00:42.006"), "weekly");
    hermes.finish(home);
}

pub(super) const QUOTED: Scenario = Scenario {
    name: "quoted-refusals",
    happened: "Nothing failed. People and tools quote every error there is: in messages to Hermes, in tool output, in prompts to Codex.",
    conclusion: "A quotation is no event.",
    hours: 0,
    expected: &[],
    play: |st, home| {
        well(st, home);
        let chat = st.cast.chat.clone();
        let said = "Primary provider auth failed: Codex refresh token was already consumed by another client";
        let inbound = format!("inbound message: platform=telegram user=x chat={chat} msg='{said} refresh_token_reused'");
        append(
            home,
            ".hermes/logs/agent.log",
            &[
                &format!("2026-05-22 09:10:00,120 INFO gateway.run: {inbound}"),
                "2026-05-22 09:10:01,120 INFO run_agent: tool terminal completed (0.53s, 96 chars): refresh_token_reused",
                "2026-05-22 09:10:01,220 INFO tools.terminal: output: 2026-05-22 08:00:00,000 WARNING gateway.run: Primary provider auth failed: Codex refresh token was already consumed by another client",
            ],
        );
        claw(st, home, CODEX_MODEL, &[("2026-05-22 06:10:07", O::DoneToQuote), ("2026-05-22 07:30:19", O::DoneWithTool)]);
        let account = Account::new(st);
        let own = Grant::new(st, &account, utc("2026-05-02 10:11:12"));
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.store("auth.json", &own, &own.mint(st, utc("2026-05-20 14:25:37")), utc("2026-05-20 14:25:37.846"));
        codex.thread(Front::Tui, &[(utc("2026-05-22 09:50:10"), C::DoneWithCommand)]);
        codex.finish(home);
    },
};

pub(super) const OTHER_SERVICES: Scenario = Scenario {
    name: "refusals-of-other-services",
    happened: "An MCP server, xAI and Nous Portal refuse their refresh tokens all day in Hermes' log, while every Codex turn works.",
    conclusion: "Other services, other logins: nothing happened to the ChatGPT login.",
    hours: 0,
    expected: &[],
    play: |st, home| {
        well(st, home);
        append(
            home,
            ".hermes/logs/agent.log",
            &[
                "2026-05-22 09:10:00,120 WARNING tools.mcp_oauth: Token refresh failed: 400 {\"error\":\"invalid_grant\",\"error_description\":\"refresh token reuse detected\"}",
                "2026-05-22 09:11:00,120 ERROR mcp.client.auth: OAuth token refresh failed: invalid_grant",
                "2026-05-22 09:12:00,120 WARNING hermes_cli.auth: xAI token refresh failed: 400 bad-credentials invalid_grant",
                "2026-05-22 09:13:00,120 WARNING hermes_cli.auth: Nous Portal refresh rejected: Refresh token reuse detected; refresh_token_reused",
                "2026-05-22 09:14:00,120 WARNING agent.auxiliary_client: Auxiliary title_generation: nous auth failed: refresh_token_reused",
                "2026-05-22 09:15:00,120 WARNING hermes_cli.dashboard_auth: all_providers_rejected_rt",
            ],
        );
    },
};

pub(super) const FORKED: Scenario = Scenario {
    name: "forked-rollout-repeats-history",
    happened: "Codex 0.169 was refused three times on 22 May; Hermes had spent the token. Days later the thread was forked in another \
               home's folder: its head repeats the parent's answered turn and its refused ones, with new stamps.",
    conclusion: "The copied turns count once, and a copied answer is no recovery.",
    hours: 1,
    expected: &[Verdict {
        victim: "codex",
        mechanism: "consumed",
        root_cause: "sibling_refresh",
        actor: Some("hermes"),
        confidence: ("likely", "confirmed"),
        failed_turns: 3..=3,
    }],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json", &login, &shared, shared.issued + 914);
        let turns = [
            (utc("2026-05-21 16:31:09"), C::Done),
            (utc(FAILED), ALREADY_USED),
            (utc(FAILED) + MINUTE, ALREADY_USED),
            (utc(FAILED) + 30 * MINUTE, ALREADY_USED),
        ];
        codex.thread(Front::Tui, &turns);
        codex.finish(home);
        fork(st, home, utc("2026-05-25 10:00:00"));
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-14 06:00:00"));
        hermes.imported_from_codex(&login, &shared, shared.issued + 41_000_000);
        hermes.ask(utc("2026-05-14 07:11:30"), H::Done);
        hermes.snapshot(utc("2026-05-15 09:02:18.330"), "weekly");
        hermes.refreshed(&login.mint(st, utc("2026-05-22 08:18:10")), utc("2026-05-22 08:18:10.655"));
        hermes.ask(utc("2026-05-22 08:18:10.402"), H::Done);
        hermes.ask(utc("2026-05-22 12:00:51"), H::Done);
        hermes.finish(home);
    },
};

/// A fork of the only rollout, made at `at`: all its lines again, within 40 ms.
fn fork(st: &Stage, home: &mut Home, at: i64) {
    let (path, text) = home
        .files()
        .find(|(path, _)| path.contains("rollout-"))
        .map(|(path, bytes)| (path.to_owned(), String::from_utf8_lossy(bytes).into_owned()))
        .unwrap();
    let parent = path.trim_end_matches(".jsonl").rsplit('-').take(5).collect::<Vec<_>>();
    let parent = parent.into_iter().rev().collect::<Vec<_>>().join("-");
    let own = st.cast.uuid7(at);
    let lines: Vec<&str> = text.lines().collect();
    let restamped = |number: usize, line: &str| {
        let end = line.find("\",\"ordinal\"").unwrap();
        format!("{{\"timestamp\":\"{}{}", iso_ms(at + number as i64), &line[end..])
    };
    let head = restamped(0, lines[0])
        .replace(&parent, &own)
        .replace("\"originator\"", &format!("\"forked_from_id\":\"{parent}\",\"originator\""));
    let copied = lines.iter().enumerate().map(|(number, line)| restamped(number + 1, line));
    let fork: String = std::iter::once(head).chain(copied).map(|line| line + "\n").collect();
    let stamp = st.clock.print(at, "%FT%H-%M-%S");
    home.put(format!(".codex/sessions/2026/05/25/rollout-{stamp}-{own}.jsonl"), fork, at);
}

const LIMITED: Verdict = Verdict {
    victim: "hermes",
    mechanism: "not_token",
    root_cause: "usage_limit",
    actor: None,
    confidence: ("likely", "confirmed"),
    failed_turns: 1..=2,
};

pub(super) const LIMIT_THEN_REUSE: Scenario = Scenario {
    name: "limit-then-reuse",
    happened: "Hermes met the usage limit on 22 May at 03:10, reset at 05:00. Codex refreshed the shared login at 07:41; Hermes' next \
               message at 08:20 was refused as used, and all after it.",
    conclusion: "Two incidents: a limit, then a spent token.",
    hours: 2,
    expected: &[LIMITED, Verdict { confidence: ("likely", "confirmed"), failed_turns: 2..=2, ..PERHAPS_CODEX }],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let newer = login.mint(st, utc("2026-05-22 07:41:52"));
        codex_home(
            st,
            home,
            ".codex",
            &[("auth.json.bak", &login, &shared), ("auth.json", &login, &newer)],
            &["2026-05-22 12:00:00"],
        );
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-18 05:41:00"));
        hermes.imported_from_codex(&login, &shared, shared.issued + 41_000_000);
        hermes.ask(utc("2026-05-18 06:12:10"), H::Done);
        hermes.snapshot(utc("2026-05-19 05:44:10.870"), "weekly");
        hermes.ask(utc("2026-05-22 03:10:05"), H::UsageLimit(utc("2026-05-22 05:00:00")));
        hermes.ask(utc(FAILED), H::AlreadyConsumed);
        hermes.ask(later(FAILED, 1), H::AlreadyConsumed);
        hermes.finish(home);
    },
};

pub(super) const LIMIT_OF_THE_FALLBACK: Scenario = Scenario {
    name: "limit-of-the-fallback",
    happened: "The server ended OpenClaw's session; its fallback model at Anthropic answered every try with 429 seconds later.",
    conclusion: "One incident, the token; what the fallback met is a consequence.",
    hours: 2,
    expected: &[Verdict {
        victim: "openclaw",
        mechanism: "revoked",
        root_cause: "server_revocation",
        actor: None,
        confidence: ("possible", "likely"),
        failed_turns: 2..=4,
    }],
    play: |st, home| {
        claw(
            st,
            home,
            CODEX_MODEL,
            &[("2026-05-22 08:12:40", O::Done), ("2026-05-22 08:16:03", O::Invalidated), ("2026-05-22 08:19:50", O::Invalidated)],
        );
        add_fallback_failures(home);
    },
};

/// Behind each refused entry one of the fallback model, limited.
fn add_fallback_failures(home: &mut Home) {
    let path = transcript(home);
    home.change(&path, |text| {
        let mut out = String::new();
        for line in text.lines() {
            out.push_str(line);
            out.push('\n');
            if line.contains("\"stopReason\":\"error\"") {
                let own = line.find("\"id\":\"").unwrap() + 6;
                let id = &line[own..own + 8];
                let other = line
                    .replace(id, &id.chars().rev().collect::<String>())
                    .replace("openai-codex-responses", "anthropic-messages")
                    .replace("openai-codex", "anthropic")
                    .replace("gpt-5.5", "claude-sonnet-4-6")
                    .replace(
                        "Your authentication token has been invalidated. Please try signing in again.",
                        "429 {\\\"type\\\":\\\"error\\\",\\\"error\\\":{\\\"type\\\":\\\"rate_limit_error\\\",\\\"message\\\":\\\"This request would exceed your rate limit.\\\"}}",
                    );
                out.push_str(&other);
                out.push('\n');
            }
        }
        out
    });
}

fn transcript(home: &Home) -> String {
    home.files().find(|(path, _)| path.contains("/sessions/") && path.ends_with(".jsonl")).map(|(path, _)| path.to_owned()).unwrap()
}

pub(super) const TWO_PROVIDERS: Scenario = Scenario {
    name: "two-providers-in-one-home",
    happened: "In one OpenClaw home an agent on the ChatGPT login is refused as invalidated while another session on an Anthropic key \
               meets 529.",
    conclusion: "Two incidents that have nothing to do with each other.",
    hours: 2,
    expected: &[
        Verdict {
            victim: "openclaw",
            mechanism: "revoked",
            root_cause: "server_revocation",
            actor: None,
            confidence: ("possible", "likely"),
            failed_turns: 2..=2,
        },
        Verdict {
            victim: "openclaw",
            mechanism: "not_token",
            root_cause: "provider_outage",
            actor: None,
            confidence: ("possible", "confirmed"),
            failed_turns: 2..=2,
        },
    ],
    play: |st, home| {
        claw(
            st,
            home,
            CODEX_MODEL,
            &[("2026-05-22 08:12:40", O::Done), ("2026-05-22 08:16:03", O::Invalidated), ("2026-05-22 08:19:50", O::Invalidated)],
        );
        let mut other = Home::default();
        claw(
            st,
            &mut other,
            CLAUDE_MODEL,
            &[
                ("2026-05-22 08:10:00", O::Done),
                ("2026-05-22 08:16:20", O::ServerError),
                ("2026-05-22 08:18:20", O::ServerError),
                ("2026-05-22 09:18:20", O::Done),
            ],
        );
        other.keep(|path| path.ends_with(".jsonl"));
        let path = transcript(&other);
        other.change(&path, |text| {
            text.replace(
                "The server had an error while processing your request.",
                "529 {\\\"type\\\":\\\"error\\\",\\\"error\\\":{\\\"type\\\":\\\"overloaded_error\\\",\\\"message\\\":\\\"Overloaded\\\"}}",
            )
        });
        home.merge(other);
    },
};

/// The words of a server error replaced in every file, and what else is said of it.
fn reworded(home: &mut Home, text: &str) {
    let paths: Vec<String> = home.files().map(|(path, _)| path.to_owned()).collect();
    for path in paths {
        home.change(&path, |old| old.replace("The server had an error while processing your request.", text));
    }
}

fn wordless(st: &Stage, home: &mut Home, text: &str) {
    let login =
        [("2026-05-22 08:12:40", O::Done), ("2026-05-22 08:16:03", O::ServerError), ("2026-05-22 08:19:50", O::ServerError)];
    claw(st, home, CODEX_MODEL, &login);
    reworded(home, text);
    let account = Account::new(st);
    let own = Grant::new(st, &account, utc("2026-04-20 11:00:00"));
    codex_home(st, home, ".codex", &[("auth.json", &own, &own.mint(st, utc("2026-05-22 08:15:40")))], &["2026-05-22 09:01:02"]);
}

pub(super) const NO_WORD: Scenario = Scenario {
    name: "refused-upgrade-without-a-word",
    happened: "Two turns ended in `Received network error or non-101 status code.`, and nothing else is on record.",
    conclusion: "That text stands for any failed upgrade, from 401 to a cable: undetermined.",
    hours: 2,
    expected: &[UNKNOWN],
    play: |st, home| wordless(st, home, "Received network error or non-101 status code."),
};

pub(super) const CLOSED_ALONE: Scenario = Scenario {
    name: "socket-closed-without-a-word",
    happened: "Two turns ended in `WebSocket closed 1006`, and nothing else is on record.",
    conclusion: "A lost connection, as far as anybody can tell, and nothing about the login; a refused upgrade can look like that.",
    hours: 2,
    expected: &[Verdict {
        victim: "openclaw",
        mechanism: "not_token",
        root_cause: "transport_drop",
        actor: None,
        confidence: ("possible", "possible"),
        failed_turns: 2..=2,
    }],
    play: |st, home| wordless(st, home, "WebSocket closed 1006"),
};

pub(super) const POOL_ONLY: Scenario = Scenario {
    name: "pool-exhausted-and-nothing-else",
    happened: "All that is left of a Hermes 0.13 home is its store: the pool entry is benched without a code.",
    conclusion: "A refresh failed; why and by whose act, the store does not keep.",
    hours: 2,
    expected: &[Verdict { mechanism: "undetermined", failed_turns: 0..=0, ..OPEN }],
    play: |st, home| {
        let account = Account::new(st);
        let (login, pair) = shared_login(st, &account);
        refused_hermes(st, home, &login, &pair, pair.issued + 931, false);
        home.keep(|path| path == ".hermes/auth.json");
    },
};
