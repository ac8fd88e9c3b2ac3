//! Scenarios in which turns failed and the login was not the cause, each with a rotation nearby
//! that must not be blamed.

use super::super::clock::utc;
use super::super::codex::{AT_CAPACITY, Answer as C, CodexHome, Era, Front, OUT_OF_ROOM};
use super::super::hermes::{Answer as H, Hermes, Version};
use super::super::home::Home;
use super::super::openclaw::{Answer as O, CLAUDE_MODEL, CODEX_MODEL, OpenClaw};
use super::super::stage::Stage;
use super::super::token::{Account, Grant};
use super::{Scenario, Verdict};

/// A limit that the client dresses as a missing login.
pub(super) const USAGE_LIMIT: Scenario = Scenario {
    name: "usage-limit-as-logout",
    happened: "At 14:02 UTC on 26 May the account ran into its usage limit until 15:25:10. Hermes 0.13, whose login stands in the pool \
               only, benched it and told its user for the rest of that time that no credentials were stored and to log in again. \
               After the reset the same login worked. Codex, on a login of its own, had refreshed 75 seconds before.",
    conclusion: "The first failure carries 429 `usage_limit_reached` with a time of reset, the later ones are its consequence \
                 (a snapshot shows the pool benched with code 429), and the turns work again after that time with an unchanged \
                 token. A limit; waiting was the cure, and the rotation next door is another login.",
    hours: 2,
    expected: &[Verdict {
        victim: "hermes",
        mechanism: "not_token",
        root_cause: "usage_limit",
        actor: None,
        confidence: ("likely", "confirmed"),
        failed_turns: 4..=4,
    }],
    play: usage_limit,
};

fn usage_limit(st: &Stage, home: &mut Home) {
    let account = Account::new(st);
    let login = Grant::new(st, &account, utc("2026-05-20 16:30:12"));
    let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-25 05:00:00"));
    hermes.added_login(&login, &login.mint(st, utc("2026-05-20 16:30:18")), utc("2026-05-20 16:30:18.505"));
    for (at, answer) in [
        ("2026-05-25 18:20:04", H::Done),
        ("2026-05-26 12:40:36", H::DoneWithTool),
        ("2026-05-26 13:55:11", H::Done),
        ("2026-05-26 14:02:05", H::UsageLimit(utc("2026-05-26 15:25:10"))),
        ("2026-05-26 14:05:30", H::NoCredentials),
        ("2026-05-26 14:21:02", H::NoCredentials),
    ] {
        hermes.ask(utc(at), answer);
    }
    hermes.snapshot(utc("2026-05-26 14:40:10.218"), "before-login");
    hermes.ask(utc("2026-05-26 15:10:44"), H::NoCredentials);
    hermes.rested(utc("2026-05-26 15:31:05.130"));
    hermes.ask(utc("2026-05-26 15:31:05"), H::Done);
    hermes.ask(utc("2026-05-26 16:20:39"), H::DoneToQuote);
    hermes.finish(home);

    let own = Grant::new(st, &account, utc("2026-05-06 08:12:50"));
    let mut codex = CodexHome::new(st, ".codex", Era::V130);
    codex.store("auth.json.bak", &own, &own.mint(st, utc("2026-05-16 14:00:44")), utc("2026-05-16 14:00:44.920"));
    codex.store("auth.json", &own, &own.mint(st, utc("2026-05-26 14:00:50")), utc("2026-05-26 14:00:50.941"));
    codex.thread(Front::Tui, &[(utc("2026-05-26 14:00:49.166"), C::Done), (utc("2026-05-26 15:40:20"), C::Done)]);
    codex.finish(home);
}

/// Two providers at once.
pub(super) const NETWORK: Scenario = Scenario {
    name: "network-next-to-rotation",
    happened: "The network of the machine was down from about 10:02 to 10:22 UTC on 27 May. Hermes (ChatGPT login, imported from \
               Codex) and OpenClaw (Anthropic key) failed without reaching anybody; both came back by themselves. Codex had \
               refreshed the shared login at 10:00:10.",
    conclusion: "Connection errors without any status for two unrelated providers in the same minutes, and recovery with the same \
                 tokens and no login: the network. The rotation two minutes earlier did spend the refresh token that Hermes still \
                 holds, which will matter when its access token ends, but it made no turn fail here.",
    hours: 2,
    expected: &[
        Verdict {
            victim: "hermes",
            mechanism: "not_token",
            root_cause: "network",
            actor: None,
            confidence: ("likely", "confirmed"),
            failed_turns: 3..=3,
        },
        Verdict {
            victim: "openclaw",
            mechanism: "not_token",
            root_cause: "network",
            actor: None,
            confidence: ("likely", "confirmed"),
            failed_turns: 2..=8,
        },
    ],
    play: network,
};

fn network(st: &Stage, home: &mut Home) {
    let account = Account::new(st);
    let login = Grant::new(st, &account, utc("2026-05-09 13:05:00"));
    let shared = login.mint(st, utc("2026-05-24 07:20:15"));
    let mut codex = CodexHome::new(st, ".codex", Era::V130);
    codex.store("auth.json.bak", &login, &shared, utc("2026-05-24 07:20:15.884"));
    codex.store("auth.json", &login, &login.mint(st, utc("2026-05-27 10:00:10")), utc("2026-05-27 10:00:10.935"));
    codex.thread(Front::Tui, &[(utc("2026-05-27 10:00:08.712"), C::Done), (utc("2026-05-27 10:30:51"), C::Done)]);
    codex.finish(home);

    let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-27 05:00:00"));
    hermes.imported_from_codex(&login, &shared, utc("2026-05-24 09:14:33.870"));
    hermes.ask(utc("2026-05-27 06:05:40"), H::Done);
    hermes.snapshot(utc("2026-05-27 06:10:02.644"), "weekly");
    for (at, answer) in [
        ("2026-05-27 09:48:22", H::DoneToQuote),
        ("2026-05-27 10:02:15", H::Offline),
        ("2026-05-27 10:06:40", H::Offline),
        ("2026-05-27 10:14:05", H::Offline),
        ("2026-05-27 10:24:19", H::Done),
        ("2026-05-27 12:10:37", H::DoneWithTool),
    ] {
        hermes.ask(utc(at), answer);
    }
    hermes.finish(home);

    let mut claw = OpenClaw::start(st, utc("2026-05-27 05:02:00"), CLAUDE_MODEL);
    let chat = claw.session();
    for (at, answer) in [
        ("2026-05-27 07:12:08", O::Done),
        ("2026-05-27 09:55:41", O::DoneWithTool),
        ("2026-05-27 10:03:10", O::Offline),
        ("2026-05-27 10:12:20", O::Offline),
        ("2026-05-27 10:23:30", O::Done),
        ("2026-05-27 11:40:15", O::Done),
    ] {
        claw.ask(chat, utc(at), answer);
    }
    claw.finish(home);
}

/// Everybody at once.
pub(super) const OUTAGE: Scenario = Scenario {
    name: "provider-outage",
    happened: "On 19 November the model service was overloaded from about 13:10 to 13:40 UTC: Hermes saw 503 `server_is_overloaded`, \
               OpenClaw a 500, Codex 0.169 on another account \"at capacity\". All recovered by waiting. Codex had refreshed at \
               13:08.",
    conclusion: "Server errors for two unrelated accounts in three programs in the same half hour, no refusal of any credential, and \
                 recovery with unchanged tokens: the provider.",
    hours: 1,
    expected: &[
        Verdict {
            victim: "hermes",
            mechanism: "not_token",
            root_cause: "provider_outage",
            actor: None,
            confidence: ("likely", "confirmed"),
            failed_turns: 3..=3,
        },
        Verdict {
            victim: "codex",
            mechanism: "not_token",
            root_cause: "provider_outage",
            actor: None,
            confidence: ("likely", "confirmed"),
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
    play: outage,
};

fn outage(st: &Stage, home: &mut Home) {
    let (account, other) = (Account::new(st), Account::new(st));
    let login = Grant::new(st, &account, utc("2026-11-14 08:00:30"));
    let mut hermes = Hermes::start(st, Version::V013, utc("2026-11-19 06:00:00"));
    hermes.own_login(&login, &login.mint(st, utc("2026-11-14 08:00:36")), utc("2026-11-14 08:00:36.404"));
    hermes.ask(utc("2026-11-19 07:20:13"), H::Done);
    hermes.snapshot(utc("2026-11-19 07:30:55.190"), "weekly");
    for (at, answer) in [
        ("2026-11-19 12:51:40", H::DoneWithTool),
        ("2026-11-19 13:10:22", H::Overloaded),
        ("2026-11-19 13:18:05", H::Overloaded),
        ("2026-11-19 13:33:47", H::Overloaded),
        ("2026-11-19 13:45:12", H::Done),
    ] {
        hermes.ask(utc(at), answer);
    }
    hermes.finish(home);

    let foreign = Grant::new(st, &other, utc("2026-10-20 18:02:00"));
    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.store("auth.json", &foreign, &foreign.mint(st, utc("2026-11-19 13:08:21")), utc("2026-11-19 13:08:21.870"));
    codex.thread(
        Front::Tui,
        &[
            (utc("2026-11-19 13:08:20.031"), C::Done),
            (utc("2026-11-19 13:14:30"), AT_CAPACITY),
            (utc("2026-11-19 13:27:02"), AT_CAPACITY),
            (utc("2026-11-19 13:52:44"), C::Done),
        ],
    );
    codex.finish(home);

    let own = Grant::new(st, &account, utc("2026-11-15 10:40:10"));
    let mut claw = OpenClaw::start(st, utc("2026-11-19 06:02:00"), CODEX_MODEL);
    claw.store().own_login(&own, &own.mint(st, utc("2026-11-15 10:40:16")), utc("2026-11-15 10:40:17.102"));
    let chat = claw.session();
    for (at, answer) in [
        ("2026-11-19 11:30:20", O::Done),
        ("2026-11-19 13:16:11", O::ServerError),
        ("2026-11-19 13:30:39", O::ServerError),
        ("2026-11-19 13:48:25", O::Done),
    ] {
        claw.ask(chat, utc(at), answer);
    }
    claw.finish(home);
}

/// A socket lost in the middle of an answer.
pub(super) const TRANSPORT_DROP: Scenario = Scenario {
    name: "transport-drop",
    happened: "OpenClaw 2026.5.7 lost its socket in the middle of an answer on 25 May at about 09:20 UTC (1006); the retry two seconds \
               later worked, as did everything after it, with the same token. Codex, on a login of its own, had refreshed five \
               minutes before.",
    conclusion: "The connection closed after the answer had begun, which no refused login does, and the next call worked with an \
                 unchanged token: a drop in transport and nothing else.",
    hours: 2,
    expected: &[Verdict {
        victim: "openclaw",
        mechanism: "not_token",
        root_cause: "transport_drop",
        actor: None,
        confidence: ("likely", "confirmed"),
        failed_turns: 1..=1,
    }],
    play: transport_drop,
};

fn transport_drop(st: &Stage, home: &mut Home) {
    let account = Account::new(st);
    let own = Grant::new(st, &account, utc("2026-05-18 12:00:41"));
    let mut claw = OpenClaw::start(st, utc("2026-05-25 05:30:00"), CODEX_MODEL);
    claw.store().own_login(&own, &own.mint(st, utc("2026-05-18 12:00:47")), utc("2026-05-18 12:00:48.020"));
    let chat = claw.session();
    for (at, answer) in [
        ("2026-05-25 06:15:20", O::Done),
        ("2026-05-25 08:41:09", O::DoneWithTool),
        ("2026-05-25 09:20:02", O::Cut),
        ("2026-05-25 09:26:44", O::Done),
        ("2026-05-25 12:02:30", O::DoneToQuote),
    ] {
        claw.ask(chat, utc(at), answer);
    }
    claw.finish(home);

    let login = Grant::new(st, &account, utc("2026-05-04 09:30:11"));
    let mut codex = CodexHome::new(st, ".codex", Era::V130);
    codex.store("auth.json", &login, &login.mint(st, utc("2026-05-25 09:15:06")), utc("2026-05-25 09:15:06.899"));
    codex.thread(Front::Tui, &[(utc("2026-05-25 09:15:05.240"), C::Done), (utc("2026-05-25 09:40:18"), C::Done)]);
    codex.finish(home);
}

/// Too much to read.
pub(super) const CONTEXT_LENGTH: Scenario = Scenario {
    name: "context-length",
    happened: "A long thread of Codex 0.169 outgrew the model's context window on 20 November; two turns failed before its owner began \
               a new thread, which worked at once. Hermes on a login of its own refreshed in the same quarter of an hour.",
    conclusion: "The turns name the context window as the reason and a new thread works with the same token. No credential is \
                 involved.",
    hours: 1,
    expected: &[Verdict {
        victim: "codex",
        mechanism: "not_token",
        root_cause: "context_length",
        actor: None,
        confidence: ("likely", "confirmed"),
        failed_turns: 2..=2,
    }],
    play: context_length,
};

fn context_length(st: &Stage, home: &mut Home) {
    let account = Account::new(st);
    let login = Grant::new(st, &account, utc("2026-11-02 19:12:20"));
    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.store("auth.json", &login, &login.mint(st, utc("2026-11-12 19:10:33")), utc("2026-11-12 19:10:34.008"));
    codex.thread(
        Front::Tui,
        &[
            (utc("2026-11-20 09:02:11"), C::Done),
            (utc("2026-11-20 09:25:40"), C::Done),
            (utc("2026-11-20 09:58:16"), OUT_OF_ROOM),
            (utc("2026-11-20 09:59:02"), OUT_OF_ROOM),
        ],
    );
    codex.thread(Front::Tui, &[(utc("2026-11-20 10:01:27"), C::Done)]);
    codex.finish(home);

    let own = Grant::new(st, &account, utc("2026-11-10 09:50:31"));
    let mut hermes = Hermes::start(st, Version::V013, utc("2026-11-19 06:00:00"));
    hermes.own_login(&own, &own.mint(st, utc("2026-11-10 09:50:37")), utc("2026-11-10 09:50:37.388"));
    hermes.ask(utc("2026-11-19 08:14:50"), H::Done);
    hermes.snapshot(utc("2026-11-19 08:20:31.702"), "weekly");
    hermes.refreshed(&own.mint(st, utc("2026-11-20 09:49:02")), utc("2026-11-20 09:49:02.466"));
    hermes.ask(utc("2026-11-20 09:49:02.101"), H::Done);
    hermes.ask(utc("2026-11-20 10:30:22"), H::DoneToQuote);
    hermes.finish(home);
}
