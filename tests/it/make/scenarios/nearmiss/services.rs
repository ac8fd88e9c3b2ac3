//! Near misses about refusals that are nobody's act here: calls beside the turns, refusals that passed,
//! other accounts and other services.

use super::super::super::clock::{iso_us, utc};
use super::super::super::codex::{ALREADY_USED, Answer as C, CodexHome, Era, Front};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::openclaw::{Answer as O, CODEX_MODEL, OpenClaw};
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant};
use super::super::props::{INVALIDATED, SERVER_ERROR, UNAUTHORIZED, claw, codex_beside, hermes_beside, logged, reworded};
use super::super::refused::{BARE_401, on_nous};
use super::super::{Scenario, Verdict};
use super::OPEN;

const UNKNOWN: Verdict = Verdict { victim: "openclaw", mechanism: "undetermined", failed_turns: 2..=2, ..OPEN };

pub(super) const OTHER_ACCOUNT_JUST_NOW: Scenario = Scenario {
    name: "reuse-seconds-after-another-login",
    happened: "A login in one Codex home at 08:20:10, and 21 seconds later a refusal as used in another Codex home: another file, another \
               account.",
    conclusion: "The two have nothing to do with each other, however close in time: the token was spent, and nothing shows by whom.",
    hours: 0,
    expected: &[Verdict {
        victim: "codex",
        mechanism: "consumed",
        root_cause: "unrecorded_consumer",
        actor: None,
        confidence: ("possible", "likely"),
        failed_turns: 2..=2,
    }],
    play: |st, home| {
        let (account, other) = (Account::new(st), Account::new(st));
        let login = Grant::new(st, &account, utc("2026-11-02 07:45:20"));
        let mut codex = CodexHome::new(st, ".codex-two", Era::V169);
        codex.store("auth.json", &login, &login.mint(st, utc("2026-11-09 08:20:40")), utc("2026-11-09 08:20:40.280"));
        let turns =
            [("2026-11-18 06:12:10", C::Done), ("2026-11-19 08:20:31", ALREADY_USED), ("2026-11-19 08:24:02", ALREADY_USED)];
        codex.thread(Front::Tui, &turns.map(|(at, answer)| (utc(at), answer)));
        codex.finish(home);
        let fresh = Grant::new(st, &other, utc("2026-11-19 08:19:50"));
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.login(utc("2026-11-19 08:19:40.417"), utc("2026-11-19 08:20:10.388"));
        codex.store("auth.json", &fresh, &fresh.mint(st, utc("2026-11-19 08:20:10")), utc("2026-11-19 08:20:10.402"));
        codex.thread(Front::Tui, &[(utc("2026-11-19 08:21:40"), C::Done)]);
        codex.finish(home);
    },
};

/// Codex 0.130 whose turns are all well, and lines of its log about other calls.
fn well_beside(st: &Stage, home: &mut Home, lines: &[(&str, &str)]) {
    let account = Account::new(st);
    codex_beside(st, home, &account, "2026-05-22 06:10:40");
    let text: String = lines.iter().map(|(at, line)| format!("{} {line}\n", iso_us(utc(at)))).collect();
    home.put(".codex/log/codex-tui.log", text, utc(lines[lines.len() - 1].0));
}

pub(super) const QUOTA_READER: Scenario = Scenario {
    name: "quota-reader-refused-for-days",
    happened: "A call for the usage limits was answered `token_expired` for six days, since that call never renews; no turn failed.",
    conclusion: "No turn failed. An auxiliary call that is refused ends nothing.",
    hours: 0,
    expected: &[],
    play: |st, home| {
        let line = " WARN codex_backend_client::client: failed to fetch rate limits: GET https://chatgpt.com/backend-api/wham/usage \
                    failed: 401 Unauthorized; content-type=application/json; body={\"error\":{\"code\":\"token_expired\"}}";
        let at = ["2026-05-22 07:00:00", "2026-05-23 07:00:00", "2026-05-24 07:00:00", "2026-05-28 07:00:00"];
        well_beside(st, home, &at.map(|at| (at, line)));
    },
};

pub(super) const MODELS_REFUSED: Scenario = Scenario {
    name: "list-of-models-refused",
    happened: "Codex' calls for its list of models and for its apps were answered with 401 all day, and every turn was answered between them.",
    conclusion: "The login works; the refusals are of side endpoints. No incident.",
    hours: 0,
    expected: &[],
    play: |st, home| {
        let models = "ERROR codex_models_manager::manager: failed to refresh available models: unexpected status 401 Unauthorized: \
                      {\"error\":{\"code\":\"token_expired\"}}, url: https://chatgpt.com/backend-api/codex/models";
        let apps =
            "ERROR rmcp::transport::worker: worker quit with fatal: Transport channel closed, when AuthRequired(invalid_grant)";
        well_beside(
            st,
            home,
            &[
                ("2026-05-22 06:10:37", models),
                ("2026-05-22 06:10:39", apps),
                ("2026-05-22 12:10:31", models),
                ("2026-05-22 12:30:00", apps),
            ],
        );
    },
};

pub(super) const ONCE_REFUSED: Scenario = Scenario {
    name: "refused-and-taken-again",
    happened: "The model service answered OpenClaw twice with a bare 401 and took the same token again ten minutes later. Codex had renewed \
               a login of its own on the account in between.",
    conclusion: "A refusal that passed. Of one account it is no outage, of a token that works it is no revocation: undetermined.",
    hours: 2,
    expected: &[UNKNOWN],
    play: |st, home| {
        let account = Account::new(st);
        let turns = [
            ("2026-05-22 08:12:40", O::Done),
            ("2026-05-22 08:16:03", O::Invalidated),
            ("2026-05-22 08:19:50", O::Invalidated),
            ("2026-05-22 08:31:11", O::Done),
        ];
        claw(st, home, &account, "2026-05-18 06:12:40", &turns);
        reworded(home, |_| true, INVALIDATED, UNAUTHORIZED);
        codex_beside(st, home, &account, "2026-05-22 08:15:20");
    },
};

pub(super) const ONE_ACCOUNT_REFUSED: Scenario = Scenario {
    name: "two-programs-of-one-account-refused",
    happened: "OpenClaw and Codex, each on a login of its own of one account, met bare 401s in the same minutes and worked again later.",
    conclusion: "Two programs are not two accounts: what hit this account need not have hit anybody else. Undetermined.",
    hours: 1,
    expected: &[UNKNOWN, Verdict { victim: "codex", ..UNKNOWN }],
    play: |st, home| {
        let account = Account::new(st);
        let turns = [
            ("2026-11-20 12:40:02", O::Done),
            ("2026-11-20 13:11:44", O::Invalidated),
            ("2026-11-20 13:22:10", O::Invalidated),
            ("2026-11-20 13:47:30", O::Done),
        ];
        claw(st, home, &account, "2026-11-14 09:10:20", &turns);
        reworded(home, |_| true, INVALIDATED, UNAUTHORIZED);
        let login = Grant::new(st, &account, utc("2026-11-02 18:02:00"));
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json", &login, &login.mint(st, utc("2026-11-15 08:08:21")), utc("2026-11-15 08:08:21.870"));
        let turns = [
            ("2026-11-20 12:58:20", C::Done),
            ("2026-11-20 13:14:30", BARE_401),
            ("2026-11-20 13:27:02", BARE_401),
            ("2026-11-20 13:52:44", C::Done),
        ];
        codex.thread(Front::Tui, &turns.map(|(at, answer)| (utc(at), answer)));
        codex.finish(home);
    },
};

pub(super) const RENEWED_MEANWHILE: Scenario = Scenario {
    name: "everybody-refused-and-renewed",
    happened: "Two unrelated accounts met bare 401s for half an hour. Codex renewed its login at the first of them, as it does at every 401, \
               and was refused with the new token as well, until it passed. OpenClaw kept its token.",
    conclusion: "The login service renewed what the model service refused: the login is good, and the provider was not.",
    hours: 1,
    expected: &[
        Verdict { mechanism: "not_token", root_cause: "provider_auth_outage", confidence: ("likely", "very_likely"), ..UNKNOWN },
        Verdict {
            victim: "codex",
            mechanism: "not_token",
            root_cause: "provider_auth_outage",
            confidence: ("likely", "very_likely"),
            ..UNKNOWN
        },
    ],
    play: |st, home| {
        let (account, other) = (Account::new(st), Account::new(st));
        let turns = [
            ("2026-11-20 12:40:02", O::Done),
            ("2026-11-20 13:11:44", O::Invalidated),
            ("2026-11-20 13:22:10", O::Invalidated),
            ("2026-11-20 13:47:30", O::Done),
        ];
        claw(st, home, &account, "2026-11-14 09:10:20", &turns);
        reworded(home, |_| true, INVALIDATED, UNAUTHORIZED);
        let login = Grant::new(st, &other, utc("2026-11-02 18:02:00"));
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json.bak", &login, &login.mint(st, utc("2026-11-15 08:08:21")), utc("2026-11-15 08:08:21.870"));
        codex.store("auth.json", &login, &login.mint(st, utc("2026-11-20 13:27:10")), utc("2026-11-20 13:27:10.412"));
        let turns = [
            ("2026-11-20 12:58:20", C::Done),
            ("2026-11-20 13:14:30", BARE_401),
            ("2026-11-20 13:27:02", BARE_401),
            ("2026-11-20 13:52:44", C::Done),
        ];
        codex.thread(Front::Tui, &turns.map(|(at, answer)| (utc(at), answer)));
        codex.finish(home);
    },
};

pub(super) const SOCKET_REFUSED: Scenario = Scenario {
    name: "socket-refused-and-https-taken",
    happened: "The model service answered OpenClaw's WebSocket upgrades with 401, in a session set to that transport alone. Another session \
               fell back to SSE and was answered, with the same token. Codex had renewed a login of its own on the account.",
    conclusion: "One token, refused on one transport and taken on the other within minutes: the endpoint, not the login.",
    hours: 2,
    expected: &[Verdict {
        mechanism: "not_token",
        root_cause: "provider_auth_outage",
        confidence: ("possible", "likely"),
        failed_turns: 4..=4,
        ..UNKNOWN
    }],
    play: |st, home| {
        let account = Account::new(st);
        let own = Grant::new(st, &account, utc("2026-05-16 09:12:40"));
        let mut claw = OpenClaw::start(st, utc("2026-05-22 05:50:00"), CODEX_MODEL);
        claw.store().own_login(&own, &own.mint(st, utc("2026-05-16 09:12:44")), utc("2026-05-16 09:12:44.934"));
        let (by_socket, by_either) = (claw.session(), claw.session());
        claw.ask(by_socket, utc("2026-05-22 07:40:12"), O::Done);
        claw.ask(by_socket, utc("2026-05-22 08:02:12"), O::Offline);
        claw.ask(by_either, utc("2026-05-22 08:10:12"), O::DoneOverSse);
        claw.finish(home);
        reworded(home, |_| true, "Connection error.", "Unexpected server response: 401");
        codex_beside(st, home, &account, "2026-05-22 08:00:12");
    },
};

pub(super) const MASS_REVOCATION: Scenario = Scenario {
    name: "everybody-revoked",
    happened: "Two unrelated accounts were told within minutes that their tokens had been invalidated, and neither worked again.",
    conclusion: "Many accounts at once, and it did not pass: the server ended the sessions. That is no outage of the login service.",
    hours: 2,
    expected: &[
        Verdict {
            victim: "openclaw",
            mechanism: "revoked",
            root_cause: "server_revocation",
            confidence: ("possible", "likely"),
            failed_turns: 2..=2,
            ..UNKNOWN
        },
        Verdict {
            victim: "hermes",
            mechanism: "revoked",
            root_cause: "server_revocation",
            confidence: ("possible", "likely"),
            failed_turns: 2..=2,
            ..UNKNOWN
        },
    ],
    play: |st, home| {
        let (account, other) = (Account::new(st), Account::new(st));
        let turns =
            [("2026-05-22 08:12:40", O::Done), ("2026-05-22 08:16:03", O::Invalidated), ("2026-05-22 08:19:50", O::Invalidated)];
        claw(st, home, &account, "2026-05-18 06:12:40", &turns);
        let login = Grant::new(st, &other, utc("2026-05-14 06:20:28"));
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-18 06:22:00"));
        hermes.own_login(&login, &login.mint(st, utc("2026-05-16 06:20:33")), utc("2026-05-16 06:20:33.391"));
        hermes.ask(utc("2026-05-22 07:25:14"), H::Done);
        hermes.snapshot(utc("2026-05-22 07:40:42.006"), "weekly");
        hermes.ask(utc("2026-05-22 08:21:14"), H::Invalidated);
        hermes.ask(utc("2026-05-22 08:33:14"), H::Invalidated);
        hermes.finish(home);
    },
};

pub(super) const PORTAL_AND_CODEX: Scenario = Scenario {
    name: "two-logins-refused-in-one-store",
    happened: "Hermes' Nous Portal login was refused as reuse all morning. Its Codex login, taken over from Codex, was not used then; Codex \
               had renewed it the day before.",
    conclusion: "The Codex login of this store is spent indeed, and that is not what these turns met: each was to be answered by Nous Portal.",
    hours: 2,
    expected: &[Verdict {
        victim: "hermes",
        mechanism: "not_token",
        root_cause: "other_oauth",
        confidence: ("likely", "very_likely"),
        ..UNKNOWN
    }],
    play: |st, home| {
        let account = Account::new(st);
        let turns = [
            ("2026-05-26 06:12:10", H::Done),
            ("2026-05-26 08:20:31", H::AlreadyConsumed),
            ("2026-05-26 08:24:05", H::AlreadyConsumed),
        ];
        on_nous(st, home, &account, &turns);
        let login = Grant::new(st, &account, utc("2026-05-09 13:05:00"));
        let shared = login.mint(st, utc("2026-05-20 07:20:15"));
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.store("auth.json.bak", &login, &shared, utc("2026-05-20 07:20:15.884"));
        codex.store("auth.json", &login, &login.mint(st, utc("2026-05-25 10:00:10")), utc("2026-05-25 10:00:10.735"));
        codex.thread(Front::Tui, &[(utc("2026-05-26 09:00:00"), C::Done)]);
        codex.finish(home);
        // The store keeps the imported pair in place of its own.
        let mut kept = Home::default();
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-20 09:00:00"));
        hermes.imported_from_codex(&login, &shared, utc("2026-05-20 09:12:30.118"));
        hermes.finish(&mut kept);
        kept.keep(|path| path.ends_with("auth.json"));
        home.merge(kept);
        home.keep(|path| !path.contains("state-snapshots"));
    },
};

pub(super) const TOOL_SERVER: Scenario = Scenario {
    name: "tool-server-needs-a-login",
    happened: "For 27 hours a tool server refused its refresh token in Hermes' log (`invalid_grant`), while all turns were answered.",
    conclusion: "The tool server's login. No turn failed, and the Codex login was never in question.",
    hours: 0,
    expected: &[],
    play: |st, home| {
        let account = Account::new(st);
        hermes_beside(st, home, &account, "2026-05-22 08:15:20");
        let line = |at: &str| {
            format!("{at},120 WARNING tools.mcp_oauth: Token refresh failed: 400 {{\"error\":\"invalid_grant\"}} needs_auth")
        };
        let lines = ["2026-05-22 08:16:00", "2026-05-22 09:16:00", "2026-05-23 11:16:00"].map(line);
        logged(home, ".hermes/logs/agent.log", &lines);
    },
};

pub(super) const PREWARM: Scenario = Scenario {
    name: "plugin-refused-beside-a-lost-network",
    happened: "Hermes had no network for twenty minutes. A plugin that it starts in the background complained of 401 meanwhile, and Codex had \
               renewed a login of its own.",
    conclusion: "The turns met no connection. The 401 is of a plugin's own call and ends no turn.",
    hours: 0,
    expected: &[Verdict {
        victim: "hermes",
        mechanism: "not_token",
        root_cause: "network",
        confidence: ("likely", "confirmed"),
        ..UNKNOWN
    }],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-05-11 06:20:28"));
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-22 05:22:00"));
        hermes.own_login(&login, &login.mint(st, utc("2026-05-16 06:20:33")), utc("2026-05-16 06:20:33.391"));
        hermes.ask(utc("2026-05-22 07:25:14"), H::Done);
        hermes.snapshot(utc("2026-05-22 07:40:42.006"), "weekly");
        hermes.ask(utc("2026-05-22 08:21:14"), H::Offline);
        hermes.ask(utc("2026-05-22 08:33:14"), H::Offline);
        hermes.ask(utc("2026-05-22 08:51:14"), H::Done);
        hermes.finish(home);
        let line = |at: &str| {
            format!("{at},120 WARNING agent.codex_app_server: stderr: plugin prewarm failed: 401 Unauthorized token_invalidated")
        };
        logged(home, ".hermes/logs/agent.log", &["2026-05-22 08:21:20", "2026-05-22 08:33:20"].map(line));
        codex_beside(st, home, &account, "2026-05-22 08:20:12");
    },
};

/// The words that only this version of the rules knows, quoted where nothing is stated.
pub(super) const QUOTED: Scenario = Scenario {
    name: "quoted-words-of-every-cause",
    happened: "Nothing failed. A person pastes every error into the chat, and a tool prints them.",
    conclusion: "A quotation is no event, whatever it quotes.",
    hours: 0,
    expected: &[],
    play: |st, home| {
        let account = Account::new(st);
        let turns = [("2026-05-22 06:10:07", O::DoneToQuote), ("2026-05-22 07:30:19", O::DoneWithTool)];
        claw(st, home, &account, "2026-05-18 06:12:40", &turns);
        for quoted in ["401 refresh_token_reused", INVALIDATED, SERVER_ERROR] {
            reworded(home, |_| true, quoted, ALL_WORDS);
        }
        hermes_beside(st, home, &account, "2026-05-22 08:15:20");
        let chat = st.cast.chat.clone();
        let said = ALL_WORDS.replace('\\', "");
        let lines = [
            format!("2026-05-22 13:20:00,120 INFO gateway.run: inbound message: platform=telegram user=x chat={chat} msg='{said}'"),
            format!("2026-05-22 13:20:01,120 INFO run_agent: tool terminal completed (0.53s, 96 chars): {said}"),
        ];
        logged(home, ".hermes/logs/agent.log", &lines);
    },
};

/// Inside a JSON text.
const ALL_WORDS: &str = "your refresh token has expired; since logged out or signed in to another account; {\\\"detail\\\":\\\"Unauthorized\\\"}; \
    refresh token reuse detected; Missing bearer or basic authentication in header; API rate limit reached; DNS lookup for the provider \
    endpoint failed; WebSocket closed 1008; model is not supported when using Codex; Request was aborted; cf-mitigated: challenge";
