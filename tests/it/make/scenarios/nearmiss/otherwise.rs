//! Near misses about failures that have nothing to do with the login, each with the renewal or the change
//! of version beside it that a hasty reader would blame.

use super::super::super::clock::utc;
use super::super::super::codex::{ALREADY_USED, Answer as C, CodexHome, Era, Front};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::openclaw::Answer as O;
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant};
use super::super::plain::{blocked, shared_with_codex};
use super::super::props::{SERVER_ERROR, claw, codex_beside, hermes_beside, reworded};
use super::super::refused::{BARE_401, upgraded};
use super::super::{Scenario, Verdict};
use super::OPEN;

const PLAIN: Verdict = Verdict {
    victim: "hermes",
    mechanism: "not_token",
    root_cause: "provider_outage",
    actor: None,
    confidence: ("likely", "confirmed"),
    failed_turns: 2..=2,
};

/// Hermes on a pair that it took over from Codex, which Codex spent at `spent`.
fn hermes_shared(st: &Stage, home: &mut Home, spent: &str, turns: &[(&str, H)]) {
    let account = Account::new(st);
    let login = Grant::new(st, &account, utc("2026-05-09 13:05:00"));
    let shared = login.mint(st, utc("2026-05-20 07:20:15"));
    let mut codex = CodexHome::new(st, ".codex", Era::V130);
    codex.store("auth.json.bak", &login, &shared, utc("2026-05-20 07:20:15.884"));
    codex.store("auth.json", &login, &login.mint(st, utc(spent)), utc(spent) + 735);
    let answers = [utc(spent) - 1_400, utc("2026-05-26 10:05:20"), utc("2026-05-26 10:12:41"), utc("2026-05-26 15:12:41")];
    codex.thread(Front::Tui, &answers.map(|at| (at, C::Done)));
    codex.finish(home);
    let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-25 05:41:00"));
    hermes.imported_from_codex(&login, &shared, utc("2026-05-20 19:14:33.870"));
    hermes.ask(utc("2026-05-25 06:05:40"), H::Done);
    hermes.snapshot(utc("2026-05-25 06:10:02.644"), "weekly");
    turns.iter().for_each(|(at, answer)| hermes.ask(utc(at), *answer));
    hermes.finish(home);
}

pub(super) const OVERLOADED_UNDERWAY: Scenario = Scenario {
    name: "overloaded-after-many-answers",
    happened: "Hermes' turns died of an overloaded service after many good calls. Codex had renewed the login that both share a minute before.",
    conclusion: "The service says that it is overloaded, and waiting cures it. The token that Hermes holds is spent, and nobody asked for it.",
    hours: 2,
    expected: &[PLAIN],
    play: |st, home| {
        let turns = [
            ("2026-05-26 09:31:10", H::DoneWithTool),
            ("2026-05-26 09:40:44", H::DoneWithTool),
            ("2026-05-26 10:02:15", H::Overloaded),
            ("2026-05-26 10:09:30", H::Overloaded),
            ("2026-05-26 10:31:02", H::Done),
        ];
        hermes_shared(st, home, "2026-05-26 10:01:12", &turns);
    },
};

pub(super) const OWN_WAY: Scenario = Scenario {
    name: "one-client-cannot-connect",
    happened: "Hermes could not connect for a quarter of an hour while Codex was answered in the same minutes, on the login that both share \
               and that Codex had just renewed.",
    conclusion: "No status, no body: nobody refused anything. It is Hermes' own way to the provider, since Codex reached it.",
    hours: 2,
    expected: &[Verdict { root_cause: "network", confidence: ("likely", "likely"), ..PLAIN }],
    play: |st, home| {
        let turns = [("2026-05-26 10:02:15", H::Offline), ("2026-05-26 10:16:30", H::Offline), ("2026-05-26 10:31:02", H::Done)];
        hermes_shared(st, home, "2026-05-26 10:01:12", &turns);
    },
};

/// A limit whose reset stands in the store.
const LIMITED: Verdict = Verdict { root_cause: "usage_limit", ..PLAIN };

pub(super) const BENCHED: Scenario = Scenario {
    name: "benched-for-days",
    happened: "Hermes met the usage limit, with a reset two days on, and told its user until then that nothing was stored. Codex had renewed \
               the login that both share.",
    conclusion: "A limit, and a client that words its own pause as a missing login. The same token worked after the reset.",
    hours: 2,
    expected: &[Verdict { failed_turns: 4..=4, ..LIMITED }],
    play: |st, home| {
        let turns = [
            ("2026-05-26 10:02:15", H::UsageLimit(utc("2026-05-28 10:00:00"))),
            ("2026-05-26 12:16:30", H::NoCredentials),
            ("2026-05-27 09:16:30", H::NoCredentials),
            ("2026-05-28 07:16:30", H::NoCredentials),
            ("2026-05-28 10:31:02", H::Done),
        ];
        hermes_shared(st, home, "2026-05-26 10:01:12", &turns);
    },
};

pub(super) const BEFORE_THE_RESET: Scenario = Scenario {
    name: "worked-before-the-reset",
    happened: "The same, and the same token worked again an hour later, a day before the limit was to be reset.",
    conclusion: "The answer says usage limit; a success before its reset does not fit a limit of this account. Possible, no more.",
    hours: 2,
    expected: &[Verdict { confidence: ("undetermined", "possible"), failed_turns: 2..=2, ..LIMITED }],
    play: |st, home| {
        let turns = [
            ("2026-05-26 10:02:15", H::UsageLimit(utc("2026-05-28 10:00:00"))),
            ("2026-05-26 10:16:30", H::NoCredentials),
            ("2026-05-26 11:31:02", H::Done),
        ];
        hermes_shared(st, home, "2026-05-26 10:01:12", &turns);
    },
};

pub(super) const CALLED_RATE_LIMIT: Scenario = Scenario {
    name: "block-page-called-rate-limit",
    happened: "A challenge page answered OpenClaw, which told its user of a rate limit. Codex had renewed the login that both share.",
    conclusion: "The raw answer is a page of the edge, and it counts.",
    hours: 2,
    expected: &[Verdict { victim: "openclaw", root_cause: "edge_block", ..PLAIN }],
    play: |st, home| {
        let turns =
            [("2026-05-27 09:41:20", O::Done), ("2026-05-27 10:02:15", O::ServerError), ("2026-05-27 10:14:05", O::ServerError)];
        shared_with_codex(st, home, "2026-05-27 10:00:10", &turns);
        blocked(home, "⚠️ API rate limit reached. Please try again later.");
    },
};

pub(super) const LABEL_ALONE: Scenario = Scenario {
    name: "label-without-an-answer",
    happened: "OpenClaw's sentence about a failed DNS lookup is all that is left of two turns. Codex had renewed a login of its own.",
    conclusion: "That sentence stood over block pages as well, so that it shows nothing: undetermined.",
    hours: 2,
    expected: &[Verdict { victim: "openclaw", mechanism: "undetermined", failed_turns: 2..=2, ..OPEN }],
    play: |st, home| {
        let account = Account::new(st);
        let turns =
            [("2026-05-27 09:41:20", O::Done), ("2026-05-27 10:02:15", O::ServerError), ("2026-05-27 10:14:05", O::ServerError)];
        claw(st, home, &account, "2026-05-20 09:10:20", &turns);
        reworded(home, |_| true, SERVER_ERROR, "LLM request failed: DNS lookup for the provider endpoint failed.");
        codex_beside(st, home, &account, "2026-05-27 10:01:12");
    },
};

pub(super) const UPGRADED_AND_SPENT: Scenario = Scenario {
    name: "upgraded-and-spent",
    happened: "Codex was upgraded at 09:30, and its refresh was refused as used from then on. Hermes, which had taken its login over, had \
               renewed it at 09:10.",
    conclusion: "The code says used, and the chain shows by whom. The upgrade is a coincidence.",
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
        let login = Grant::new(st, &account, utc("2026-11-01 10:00:00"));
        let shared = login.mint(st, utc("2026-11-14 08:00:21"));
        upgraded(st, home, &account, ALREADY_USED, false);
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.store("auth.json", &login, &shared, shared.issued + 640);
        codex.finish(home);
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-11-15 06:00:00"));
        hermes.imported_from_codex(&login, &shared, utc("2026-11-15 06:10:33.870"));
        hermes.ask(utc("2026-11-15 07:11:30"), H::Done);
        hermes.snapshot(utc("2026-11-16 06:02:18.330"), "weekly");
        hermes.refreshed(&login.mint(st, utc("2026-11-20 09:10:10")), utc("2026-11-20 09:10:10.655"));
        hermes.ask(utc("2026-11-20 09:10:10.402"), H::Done);
        hermes.ask(utc("2026-11-20 15:00:51"), H::Done);
        hermes.finish(home);
    },
};

pub(super) const ROLLED_BACK: Scenario = Scenario {
    name: "blamed-and-retracted",
    happened: "A version of Codex met bare 401s from its first run on. Its owner blamed Hermes, which had renewed a login two minutes before, \
               then went back to the version before, and all was well with the same login.",
    conclusion: "Two versions, one login: the version, not the other client. The 401 says nothing by itself, and the way back does.",
    hours: 1,
    expected: &[Verdict {
        victim: "codex",
        root_cause: "client_regression",
        confidence: ("possible", "likely"),
        failed_turns: 3..=3,
        ..PLAIN
    }],
    play: |st, home| {
        let account = Account::new(st);
        upgraded(st, home, &account, BARE_401, true);
        hermes_beside(st, home, &account, "2026-11-20 09:28:31");
    },
};

pub(super) const WORKED_SINCE: Scenario = Scenario {
    name: "upgraded-days-before",
    happened: "Codex was upgraded on 18 November, worked for two days, and met bare 401s on the 20th. Hermes had renewed a login of its own.",
    conclusion: "The version that fails had worked: it is not the version. What it was is not in these files.",
    hours: 1,
    expected: &[Verdict { victim: "codex", mechanism: "undetermined", failed_turns: 3..=3, ..OPEN }],
    play: |st, home| {
        let account = Account::new(st);
        upgraded(st, home, &account, BARE_401, false);
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.thread(Front::Vscode, &[(utc("2026-11-18 16:02:10"), C::Done), (utc("2026-11-20 09:05:40"), C::Done)]);
        codex.finish(home);
        hermes_beside(st, home, &account, "2026-11-20 09:28:31");
    },
};

pub(super) const APP_AND_TERMINAL: Scenario = Scenario {
    name: "app-revoked-terminal-logged-in",
    happened: "A second Codex home was told that its refresh token had been revoked, from 08:20 on. Its owner logged the first home in at \
               09:00, which works on a store of its own; the second one stayed dead.",
    conclusion: "The login in the other store came after the first refusal and cannot have caused it; who ended the session is not shown.",
    hours: 1,
    expected: &[Verdict {
        victim: "codex",
        mechanism: "revoked",
        root_cause: "server_revocation",
        confidence: ("undetermined", "likely"),
        failed_turns: 3..=3,
        ..PLAIN
    }],
    play: |st, home| {
        const REVOKED: C = C::Failed(
            "Your access token could not be refreshed because your refresh token was revoked. Please log out and sign in again.",
            "unauthorized",
        );
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-11-02 07:45:20"));
        let mut codex = CodexHome::new(st, ".codex-two", Era::V169);
        codex.store("auth.json", &login, &login.mint(st, utc("2026-11-12 08:20:40")), utc("2026-11-12 08:20:40.280"));
        let turns = [
            ("2026-11-19 07:12:10", C::Done),
            ("2026-11-19 08:20:31", REVOKED),
            ("2026-11-19 08:24:02", REVOKED),
            ("2026-11-19 09:24:02", REVOKED),
        ];
        codex.thread(Front::Vscode, &turns.map(|(at, answer)| (utc(at), answer)));
        codex.finish(home);
        let fresh = Grant::new(st, &account, utc("2026-11-19 08:59:50"));
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.login(utc("2026-11-19 08:59:40.417"), utc("2026-11-19 09:00:10.388"));
        codex.store("auth.json", &fresh, &fresh.mint(st, utc("2026-11-19 09:00:10")), utc("2026-11-19 09:00:10.402"));
        codex.thread(Front::Tui, &[(utc("2026-11-19 09:01:40"), C::Done)]);
        codex.finish(home);
    },
};
