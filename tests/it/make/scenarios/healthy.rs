//! Scenarios in which nothing went wrong, although much of it looks as if it had.

use super::super::clock::utc;
use super::super::codex::{Answer as C, CodexHome, Era, Front, VscodeLog};
use super::super::hermes::{Answer as H, Hermes, Version};
use super::super::home::Home;
use super::super::openclaw::{Answer as O, CODEX_MODEL, OpenClaw};
use super::super::opencode::opencode;
use super::super::stage::Stage;
use super::super::token::{Account, Grant};
use super::Scenario;

/// Four programs, four logins, four rotations.
pub(super) const ROTATIONS: Scenario = Scenario {
    name: "healthy-with-rotations",
    happened: "An ordinary day in November: Hermes 0.19, OpenClaw, Codex 0.169 with VS Code, and opencode each refresh a login of their \
               own. A user stops one OpenClaw turn, one socket is refused and SSE answers instead, and Hermes meets one expired \
               token and refreshes it in the same turn.",
    conclusion: "No turn was left without an answer except the one its user stopped. There is no incident, and the error texts in \
                 messages and tool output are quotations.",
    hours: 1,
    expected: &[],
    play: rotations,
};

fn rotations(st: &Stage, home: &mut Home) {
    let (account, other) = (Account::new(st), Account::new(st));
    let hermes_login = Grant::new(st, &account, utc("2026-11-09 07:30:12"));
    let mut hermes = Hermes::start(st, Version::V019, utc("2026-11-19 06:00:00"));
    hermes.own_login(&hermes_login, &hermes_login.mint(st, utc("2026-11-09 07:30:18")), utc("2026-11-09 07:30:18.640"));
    hermes.ask(utc("2026-11-18 17:20:40"), H::Done);
    hermes.snapshot(utc("2026-11-18 17:40:03.215"), "weekly");
    hermes.refreshed(&hermes_login.mint(st, utc("2026-11-19 07:31:02")), utc("2026-11-19 07:31:02.318"));
    for (at, answer) in [
        ("2026-11-19 07:31:00.620", H::DoneAfterRefresh),
        ("2026-11-19 09:12:33", H::DoneWithTool),
        ("2026-11-19 15:44:09", H::DoneToQuote),
    ] {
        hermes.ask(utc(at), answer);
    }
    hermes.finish(home);

    let codex_login = Grant::new(st, &account, utc("2026-10-30 20:01:05"));
    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.store("auth.json.bak", &codex_login, &codex_login.mint(st, utc("2026-11-09 08:10:47")), utc("2026-11-09 08:10:48.002"));
    codex.store("auth.json", &codex_login, &codex_login.mint(st, utc("2026-11-19 08:09:13")), utc("2026-11-19 08:09:14.027"));
    codex.thread(Front::Tui, &[(utc("2026-11-19 08:09:12.310"), C::Done), (utc("2026-11-19 08:22:51"), C::Done)]);
    codex.thread(Front::Vscode, &[(utc("2026-11-19 10:05:29"), C::Done)]);
    codex.thread(Front::Exec, &[(utc("2026-11-19 12:00:01"), C::Done)]);
    codex.finish(home);
    let mut vscode = VscodeLog::new(st, utc("2026-11-19 10:01:15"));
    vscode.relayed_warning(utc("2026-11-19 10:01:20.944"));
    vscode.finish(home);

    let claw_login = Grant::new(st, &account, utc("2026-11-05 11:00:24"));
    let mut claw = OpenClaw::start(st, utc("2026-11-19 05:45:00"), CODEX_MODEL);
    claw.store().own_login(&claw_login, &claw_login.mint(st, utc("2026-11-19 06:30:12")), utc("2026-11-19 06:30:12.771"));
    let (chat, second) = (claw.session(), claw.session());
    for (at, session, answer) in [
        ("2026-11-19 06:30:11.010", chat, O::Done),
        ("2026-11-19 08:15:37", chat, O::DoneWithTool),
        ("2026-11-19 09:40:20", second, O::DoneOverSse),
        ("2026-11-19 10:12:58", chat, O::Aborted),
        ("2026-11-19 10:14:03", chat, O::Done),
        ("2026-11-19 13:30:49", second, O::DoneToQuote),
    ] {
        claw.ask(session, utc(at), answer);
    }
    claw.finish(home);

    let code_login = Grant::new(st, &other, utc("2026-11-01 09:09:09"));
    let pair = code_login.mint(st, utc("2026-11-19 11:20:31"));
    opencode(st, home, &code_login, &pair, utc("2026-11-19 11:18:02"), utc("2026-11-19 11:20:31.606"));
}

/// The access token ended, the refresh worked.
pub(super) const EXPIRED_REFRESH_OK: Scenario = Scenario {
    name: "expired-refresh-ok",
    happened: "Hermes 0.13 was refused once with `token_expired` on 29 May at 08:02 UTC, refreshed its own login and answered in the \
               same turn. Codex on another login of the account had refreshed the evening before.",
    conclusion: "A blip of one retry that no user saw: the turn has its answer, the next ones too. No incident.",
    hours: 2,
    expected: &[],
    play: expired_refresh_ok,
};

fn expired_refresh_ok(st: &Stage, home: &mut Home) {
    let account = Account::new(st);
    let login = Grant::new(st, &account, utc("2026-05-19 08:01:20"));
    let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-27 06:00:00"));
    hermes.own_login(&login, &login.mint(st, utc("2026-05-19 08:01:26")), utc("2026-05-19 08:01:26.733"));
    hermes.ask(utc("2026-05-27 07:30:31"), H::Done);
    hermes.snapshot(utc("2026-05-27 07:45:10.066"), "weekly");
    hermes.ask(utc("2026-05-28 19:02:14"), H::DoneWithTool);
    hermes.refreshed(&login.mint(st, utc("2026-05-29 08:02:21")), utc("2026-05-29 08:02:21.590"));
    hermes.ask(utc("2026-05-29 08:02:20.310"), H::DoneAfterRefresh);
    hermes.ask(utc("2026-05-29 08:40:55"), H::Done);
    hermes.finish(home);

    let own = Grant::new(st, &account, utc("2026-05-08 18:20:00"));
    let mut codex = CodexHome::new(st, ".codex", Era::V130);
    codex.store("auth.json", &own, &own.mint(st, utc("2026-05-28 18:21:44")), utc("2026-05-28 18:21:45.016"));
    codex.thread(Front::Tui, &[(utc("2026-05-28 18:21:43.201"), C::Done), (utc("2026-05-29 09:10:08"), C::Interrupted)]);
    codex.finish(home);
}
