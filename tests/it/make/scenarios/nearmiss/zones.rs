//! Zones that look certain and are not, builds that share a home, and an account that came with the login itself.
//!
//! Codex has a login since 8 June, Hermes 0.13 a copy of it; Hermes answers on 10 June at 06:10 UTC and is refused with
//! `token_invalidated` at 09:35 UTC.

use super::super::super::clock::{DAY, HOUR, MINUTE, SECOND, utc};
use super::super::super::codex::{Answer as C, CodexHome, Era, Front};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant, Pair};
use super::super::{Scenario, Verdict};
use super::lives::{SERVER, login, on, typed};

/// Revoked, by whom is open.
const OPEN: Verdict = Verdict { root_cause: "undetermined", confidence: ("undetermined", "undetermined"), ..SERVER };

/// Revoked by the login of Codex, and not for certain.
const LOGIN: Verdict =
    Verdict { root_cause: "sibling_relogin", actor: Some("codex"), confidence: ("possible", "likely"), ..SERVER };

/// Codex, which was logged in anew at `done` in place of the shared login.
fn codex(st: &Stage, home: &mut Home, (account, login, pair): &(Account, Grant, Pair), done: i64) {
    let new = Grant::new(st, account, done - 9 * SECOND);
    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.store("auth.json.bak", login, pair, pair.issued + 391);
    codex.thread(Front::Tui, &[(done - 25 * HOUR, C::Done)]);
    codex.login(done - 31 * SECOND, done);
    codex.store("auth.json", &new, &new.mint(st, done), done + 21);
    codex.thread(Front::Tui, &[(done + 4 * MINUTE, C::Done)]);
    codex.finish(home);
}

/// Hermes with the shared login.
fn hermes<'s>(st: &'s Stage, (_, login, pair): &(Account, Grant, Pair)) -> Hermes<'s> {
    let mut hermes = Hermes::start(st, Version::V013, utc("2026-06-08 07:50:00"));
    hermes.imported_from_codex(login, pair, utc("2026-06-08 08:00:12.233"));
    hermes
}

pub(super) const CONTAINER: Scenario = Scenario {
    name: "repair-in-a-log-of-two-zones",
    happened: "Hermes' gateway runs in a container, which keeps UTC; its snapshots tell that. On the machine around it, at UTC+2, Hermes was \
               started from the command line in the same home and was refused at 09:35 UTC, which the log has as 11:35. Codex logged in \
               anew at 10:05 UTC, and the gateway was restarted at 10:20.",
    conclusion: "After 11:55 the log goes on at 10:20: it was written in two zones, and the snapshots tell that of one of them. In the other \
                 one the refusal came before the login. The zone of the command line would settle it.",
    hours: 0,
    expected: &[OPEN],
    play: |st, home| {
        let shared = login(st);
        codex(st, home, &shared, on("10:05:00"));
        let mut gateway = hermes(st, &shared);
        gateway.ask(utc("2026-06-09 06:12:10"), H::Done);
        gateway.snapshot(utc("2026-06-09 06:40:12.451"), "weekly");
        gateway.ask(on("06:10:00"), H::Done);
        gateway.restarted(on("10:20:00"));
        let own = Grant::new(st, &shared.0, on("10:05:00") + DAY);
        gateway.own_login(&own, &own.mint(st, on("10:05:08") + DAY), on("10:05:08.640") + DAY);
        gateway.ask(on("10:09:00") + DAY, H::Done);
        gateway.finish(home);
        let (outside, mut machine) = (st.changing(0, 2), Home::default());
        let mut line = hermes(&outside, &shared);
        line.ask(on("09:35:00"), H::Invalidated);
        line.ask(on("09:55:00"), H::Invalidated);
        line.finish(&mut machine);
        between(home, machine);
    },
};

/// Put what the command line wrote on 10 June where it came in the gateway's logs: before the restart.
fn between(home: &mut Home, mut machine: Home) {
    for log in [".hermes/logs/agent.log", ".hermes/logs/errors.log"] {
        let mut lines = String::new();
        machine.change(log, |text| {
            let from = text.find("2026-06-10 ").unwrap_or(text.len());
            lines = text[from..].to_owned();
            text
        });
        if !home.texts().iter().any(|path| path == log) {
            home.put(log, "", on("10:00:00"));
        }
        home.change(log, |text| {
            let at = text.find("2026-06-10 10:").unwrap_or(text.len());
            format!("{}{lines}{}", &text[..at], &text[at..])
        });
    }
    machine.keep(|path| path.contains("/sessions/") && path.contains("20260610"));
    home.merge(machine);
}

pub(super) const LATER_REFUSAL: Scenario = Scenario {
    name: "repair-before-the-refusal-that-the-store-has",
    happened: "A job asks Hermes every hour, on a machine at UTC+2. It was refused at 09:35 UTC, which the log has as 11:35; then the log was \
               copied. Codex logged in anew at 10:05 UTC. The job was refused again at 10:35, and then the store was copied, which has \
               that time in UTC. The names of Codex' rollouts give the local time beside that of their ids.",
    conclusion: "The refusal of the log and that of the store would be one at UTC+1. The machine keeps UTC+2, so that they are two, an hour \
                 apart: the refusal came before the login, or the machine's programs keep two zones.",
    hours: 2,
    expected: &[Verdict { failed_turns: 1..=1, ..OPEN }],
    play: |st, home| {
        let shared = login(st);
        codex(st, home, &shared, on("10:05:00"));
        let mut copied = hermes(st, &shared);
        copied.ask(on("06:10:00"), H::Done);
        copied.ask(on("09:35:00"), H::Invalidated);
        copied.finish(home);
        let (mut later, mut live) = (hermes(st, &shared), Home::default());
        later.ask(on("10:35:00"), H::Invalidated);
        later.finish(&mut live);
        live.keep(|path| path.ends_with("auth.json"));
        home.merge(live);
    },
};

pub(super) const OLDER_TERMINAL: Scenario = Scenario {
    name: "login-by-the-older-of-two-builds",
    happened: "One home is used by Codex 0.130 in the terminal and by the extension for VS Code, which brings 0.169. Someone typed `codex login` \
               at 09:33; Hermes, with a copy of the login that it replaced, was refused at 09:35.",
    conclusion: "What was typed was run by the terminal's build, which does not end the old login itself: that this one did is likely, and no \
                 more.",
    hours: 2,
    expected: &[LOGIN],
    play: |st, home| {
        let shared = login(st);
        let (done, new) = (on("09:33:40"), Grant::new(st, &shared.0, on("09:33:31")));
        let mut terminal = CodexHome::new(st, ".codex", Era::V130);
        terminal.store("auth.json.bak", &shared.1, &shared.2, shared.2.issued + 391);
        terminal.thread(Front::Tui, &[(on("05:20:00"), C::Done)]);
        terminal.store("auth.json", &new, &new.mint(st, done), done + 21);
        terminal.thread(Front::Tui, &[(on("11:20:00"), C::Done)]);
        terminal.finish(home);
        let mut extension = CodexHome::new(st, ".codex", Era::V169);
        extension.thread(Front::Vscode, &[(on("09:12:00"), C::Done)]);
        extension.thread(Front::Vscode, &[(on("09:41:00"), C::Done)]);
        extension.finish(home);
        typed(home, &[(on("09:33:02"), "codex login")]);
        refused(st, home, &shared);
    },
};

/// Hermes is refused twice.
fn refused(st: &Stage, home: &mut Home, shared: &(Account, Grant, Pair)) {
    let mut hermes = hermes(st, shared);
    hermes.ask(utc("2026-06-09 06:12:10"), H::Done);
    hermes.snapshot(utc("2026-06-09 06:40:12.451"), "weekly");
    hermes.ask(on("09:10:00"), H::Done);
    hermes.ask(on("09:35:00"), H::Invalidated);
    hermes.ask(on("10:35:00"), H::Invalidated);
    hermes.finish(home);
}

pub(super) const OTHER_ACCOUNT: Scenario = Scenario {
    name: "login-to-another-account",
    happened: "Codex 0.169 was logged in with another account at 09:33, in place of the login of which Hermes had taken a copy; no copy of \
               Codex' old store was kept. Hermes was refused at 09:35.",
    conclusion: "Codex' store is of another account because of that very login. What it replaced was of the account that Codex' conversations \
                 name until then, Hermes' own: the login may well have ended it.",
    hours: 2,
    expected: &[LOGIN],
    play: |st, home| {
        let shared = login(st);
        let (done, other) = (on("09:33:40"), Account::new(st));
        let new = Grant::new(st, &other, on("09:33:31"));
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json", &shared.1, &shared.2, shared.2.issued + 391);
        codex.thread(Front::Tui, &[(on("05:20:00"), C::Done)]);
        codex.login(on("09:33:02"), done);
        codex.store("auth.json", &new, &new.mint(st, done), done + 21);
        codex.thread(Front::Tui, &[(on("11:20:00"), C::Done)]);
        codex.finish(home);
        refused(st, home, &shared);
    },
};

pub(super) const SECOND_HOME: Scenario = Scenario {
    name: "another-home-for-another-account",
    happened: "`~/.codex` has the login of which Hermes had taken a copy. At 09:33 a second home, `~/.codex-work`, was set up for another \
               account; the server ended the shared login for reasons of its own, and Hermes was refused at 09:35.",
    conclusion: "Hermes' login came from `~/.codex`, which still has it. That a new home begins with a login of another account took nothing \
                 from it.",
    hours: 2,
    expected: &[SERVER],
    play: |st, home| {
        let shared = login(st);
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json", &shared.1, &shared.2, shared.2.issued + 391);
        codex.thread(Front::Tui, &[(on("05:20:00"), C::Done)]);
        codex.finish(home);
        let (done, new) = (on("09:33:40"), Grant::new(st, &Account::new(st), on("09:33:31")));
        let mut second = CodexHome::new(st, ".codex-work", Era::V169);
        second.login(on("09:33:02"), done);
        second.store("auth.json", &new, &new.mint(st, done), done + 21);
        second.thread(Front::Tui, &[(on("11:20:00"), C::Done)]);
        second.finish(home);
        refused(st, home, &shared);
    },
};
