//! Logins that had ended before the act that lies at hand, or that lived on after it, and acts that had nothing
//! to end: a logout by a program that held the login is not yet the end of it.
//!
//! Most are one story with one thing changed: Codex has a login since 8 June, Hermes 0.13 a copy of it; Hermes
//! answers on 10 June at 09:10 and is refused with `token_invalidated` at 09:35 and 10:35.

use super::super::super::clock::{HOUR, MINUTE, SECOND, utc};
use super::super::super::codex::{Answer as C, CodexHome, Era, Front, WAS_REVOKED};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::openclaw::{Answer as O, CODEX_MODEL, OpenClaw};
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant, Pair};
use super::super::{Scenario, Verdict};

/// Revoked, and no act on record explains it.
pub(super) const SERVER: Verdict = Verdict {
    victim: "hermes",
    mechanism: "revoked",
    root_cause: "server_revocation",
    actor: None,
    confidence: ("possible", "likely"),
    failed_turns: 2..=2,
};

/// Revoked by the logout of Codex.
pub(super) const LOGOUT: Verdict = Verdict { root_cause: "sibling_logout", actor: Some("codex"), ..SERVER };

/// The same as a guess.
const PERHAPS_LOGOUT: Verdict = Verdict { confidence: ("possible", "possible"), ..LOGOUT };

/// A time on 10 June.
pub(super) fn on(time: &str) -> i64 {
    utc(&format!("2026-06-10 {time}"))
}

/// The login of 8 June and its first pair.
pub(super) fn login(st: &Stage) -> (Account, Grant, Pair) {
    let account = Account::new(st);
    let login = Grant::new(st, &account, utc("2026-06-08 06:59:55"));
    let pair = login.mint(st, utc("2026-06-08 07:00:01"));
    (account, login, pair)
}

/// Hermes with the login of Codex.
pub(super) fn hermes(st: &Stage, home: &mut Home, login: &Grant, pair: &Pair) {
    let mut hermes = Hermes::start(st, Version::V013, utc("2026-06-08 07:50:00"));
    hermes.imported_from_codex(login, pair, utc("2026-06-08 08:00:12.233"));
    hermes.ask(utc("2026-06-09 06:12:10"), H::Done);
    hermes.snapshot(utc("2026-06-09 06:40:12.451"), "weekly");
    hermes.ask(on("09:10:00"), H::Done);
    hermes.ask(on("09:35:00"), H::Invalidated);
    hermes.ask(on("10:35:00"), H::Invalidated);
    hermes.finish(home);
}

/// OpenClaw with the login of Codex.
pub(super) fn claw(st: &Stage, home: &mut Home, login: &Grant, pair: &Pair, turns: &[(&str, O)]) {
    let mut claw = OpenClaw::start(st, utc("2026-06-08 09:00:00"), CODEX_MODEL);
    claw.store().bootstrapped_from_codex(login, pair);
    let chat = claw.session();
    turns.iter().for_each(|(at, answer)| claw.ask(chat, on(at), *answer));
    claw.finish(home);
}

/// What was typed in a shell that keeps times.
pub(super) fn typed(home: &mut Home, lines: &[(i64, &str)]) {
    let history: String = lines.iter().map(|(at, line)| format!(": {}:0;{line}\n", at / SECOND)).collect();
    home.put(".zsh_history", history, lines.last().map_or(0, |(at, _)| at + HOUR));
}

/// A Codex home with stores, each with its name, and threads.
pub(super) fn codex(st: &Stage, home: &mut Home, era: Era, stores: &[(&str, &Grant, &Pair)], threads: &[&[(i64, C)]]) {
    let mut codex = CodexHome::new(st, ".codex", era);
    stores.iter().for_each(|(name, grant, pair)| codex.store(name, grant, pair, pair.issued + 402));
    threads.iter().for_each(|turns| codex.thread(Front::Tui, turns));
    codex.finish(home);
}

pub(super) const REPAIRED_BY_LOGIN: Scenario = Scenario {
    name: "login-repairs-what-had-ended",
    happened: "The server ended the shared login. Codex 0.169 was refused as revoked at 09:20 and logged in anew at 09:30; Hermes' first \
               call since was at 09:35.",
    conclusion: "Codex had been told before its login that the old one had ended: the login is the repair, for Hermes as well.",
    hours: 2,
    expected: &[Verdict { victim: "codex", ..SERVER }, SERVER],
    play: |st, home| {
        let (account, login, pair) = login(st);
        let new = Grant::new(st, &account, on("09:29:55"));
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json.bak", &login, &pair, pair.issued + 402);
        codex.thread(Front::Tui, &[(on("09:00:00"), C::Done), (on("09:20:00"), WAS_REVOKED), (on("09:22:00"), WAS_REVOKED)]);
        codex.login(on("09:29:31"), on("09:30:00.100"));
        codex.store("auth.json", &new, &new.mint(st, on("09:30:00")), on("09:30:00.402"));
        codex.thread(Front::Tui, &[(on("09:33:00"), C::Done), (on("11:33:00"), C::Done)]);
        codex.finish(home);
        hermes(st, home, &login, &pair);
    },
};

pub(super) const REPAIRED_BY_LOGOUT: Scenario = Scenario {
    name: "logout-after-the-end",
    happened: "As `login-repairs-what-had-ended`, but after the refusal, which asks for it, `codex logout` (0.130) was typed at 09:30.",
    conclusion: "A logout ends nothing that had ended ten minutes before.",
    hours: 2,
    expected: &[Verdict { victim: "codex", failed_turns: 1..=1, ..SERVER }, SERVER],
    play: |st, home| {
        let (_, login, pair) = login(st);
        codex(
            st,
            home,
            Era::V130,
            &[("auth.json.bak", &login, &pair)],
            &[&[(on("09:00:00"), C::Done), (on("09:20:00"), WAS_REVOKED)]],
        );
        typed(home, &[(on("09:30:00"), "codex logout")]);
        hermes(st, home, &login, &pair);
    },
};

pub(super) const LIVED_ON: Scenario = Scenario {
    name: "login-lives-on-after-the-logout",
    happened: "`codex logout` was typed at 09:12. OpenClaw, on the same login, was answered at 09:33 and refused as invalidated at 09:34.",
    conclusion: "Twenty minutes after the logout the login was good: it was ended later, by nothing on record. That the token file of Codex \
                 is gone is the logout's doing.",
    hours: 2,
    expected: &[Verdict { victim: "openclaw", failed_turns: 1..=1, ..SERVER }, SERVER],
    play: |st, home| {
        let (_, login, pair) = login(st);
        codex(st, home, Era::V130, &[("auth.json.bak", &login, &pair)], &[&[(on("09:00:00"), C::Done)]]);
        typed(home, &[(on("09:12:00"), "codex logout")]);
        claw(st, home, &login, &pair, &[("08:12:00", O::Done), ("09:33:00", O::Done), ("09:34:00", O::Invalidated)]);
        hermes(st, home, &login, &pair);
    },
};

pub(super) const FILE_UNTOUCHED: Scenario = Scenario {
    name: "logout-that-left-the-file",
    happened: "`codex logout` was typed at 09:30 with another CODEX_HOME; `~/.codex/auth.json` still holds the shared pair.",
    conclusion: "A logout deletes the file. That this one is there speaks against it: possible at most.",
    hours: 2,
    expected: &[PERHAPS_LOGOUT],
    play: |st, home| {
        let (_, login, pair) = login(st);
        codex(st, home, Era::V130, &[("auth.json", &login, &pair)], &[&[(on("09:00:00"), C::Done)]]);
        typed(home, &[(on("09:30:00"), "codex logout")]);
        hermes(st, home, &login, &pair);
    },
};

pub(super) const OTHER_HOME: Scenario = Scenario {
    name: "logout-in-the-other-home",
    happened: "As `logout-that-left-the-file`, and the home that it was typed for, `~/.codex-work` with another account, is among the \
               files, without its token file.",
    conclusion: "The file that is gone is the other home's: it was logged out there, from another account.",
    hours: 2,
    expected: &[SERVER],
    play: |st, home| {
        let (_, login, pair) = login(st);
        codex(st, home, Era::V130, &[("auth.json", &login, &pair)], &[&[(on("09:00:00"), C::Done)]]);
        let other = Grant::new(st, &Account::new(st), utc("2026-06-07 07:00:00"));
        let mut work = CodexHome::new(st, ".codex-work", Era::V130);
        work.store("auth.json.bak", &other, &other.mint(st, utc("2026-06-07 07:00:05")), utc("2026-06-07 07:00:05.402"));
        work.thread(Front::Tui, &[(on("08:00:00"), C::Done)]);
        work.finish(home);
        typed(home, &[(on("09:30:00"), "codex logout")]);
        hermes(st, home, &login, &pair);
    },
};

pub(super) const SECOND_LOGOUT: Scenario = Scenario {
    name: "second-logout-has-nothing-left",
    happened: "`codex logout` was typed at 09:05, after which Hermes still answered, and again at 09:30.",
    conclusion: "The first one did not end the login, and took it from Codex; what the second one had to end is not known.",
    hours: 2,
    expected: &[PERHAPS_LOGOUT],
    play: |st, home| {
        let (_, login, pair) = login(st);
        codex(st, home, Era::V130, &[("auth.json.bak", &login, &pair)], &[&[(on("08:30:00"), C::Done)]]);
        typed(home, &[(on("09:05:00"), "codex logout"), (on("09:30:00"), "codex logout")]);
        hermes(st, home, &login, &pair);
    },
};

pub(super) const LOGOUT_SINCE: Scenario = Scenario {
    name: "file-gone-by-a-later-logout",
    happened: "OpenClaw was refused at 09:33 and Hermes at 09:35. `codex logout` was typed at 11:50; the token file of Codex is gone.",
    conclusion: "The logout explains the file and came after the refusals: the file says nothing of what was before.",
    hours: 2,
    expected: &[Verdict { victim: "openclaw", failed_turns: 1..=1, ..SERVER }, SERVER],
    play: |st, home| {
        let (_, login, pair) = login(st);
        codex(st, home, Era::V130, &[("auth.json.bak", &login, &pair)], &[&[(on("09:00:00"), C::Done)]]);
        typed(home, &[(on("11:50:00"), "codex logout")]);
        claw(st, home, &login, &pair, &[("09:12:00", O::Done), ("09:33:00", O::Invalidated)]);
        hermes(st, home, &login, &pair);
    },
};

pub(super) const STORE_NOT_GIVEN: Scenario = Scenario {
    name: "logout-and-the-new-store-left-out",
    happened: "`codex logout` was typed at 09:30; Codex was logged in anew at 11:00 and answered at 11:10. The files leave its present \
               token file out and hold a copy of the old one.",
    conclusion: "What Codex worked with at 11:10 was the new login, not the pair of the copy: the logout stands.",
    hours: 2,
    expected: &[Verdict { confidence: ("likely", "very_likely"), ..LOGOUT }],
    play: |st, home| {
        let (_, login, pair) = login(st);
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.store("auth.json.bak", &login, &pair, pair.issued + 402);
        codex.login(on("10:59:31"), on("11:00:00.100"));
        codex.thread(Front::Tui, &[(on("09:00:00"), C::Done)]);
        codex.thread(Front::Tui, &[(on("11:10:00"), C::Done)]);
        codex.finish(home);
        typed(home, &[(on("09:30:00"), "codex logout")]);
        hermes(st, home, &login, &pair);
    },
};

pub(super) const OWN_LOGOUT: Scenario = Scenario {
    name: "own-logout-beside-a-sibling-login",
    happened: "Hermes, which had once had the login of Codex, was logged in anew at 09:25. Codex answered at 09:20; `codex logout` was \
               typed at 09:33, and the session that was still open was refused as revoked at 09:35.",
    conclusion: "Codex' own logout explains it, and Hermes' login may have done it as well: no other client can be named.",
    hours: 2,
    expected: &[Verdict {
        victim: "codex",
        root_cause: "undetermined",
        confidence: ("undetermined", "undetermined"),
        failed_turns: 1..=1,
        ..SERVER
    }],
    play: |st, home| {
        let (account, login, pair) = login(st);
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.store("auth.json.bak", &login, &pair, pair.issued + 402);
        codex.thread(Front::Tui, &[(on("09:20:00"), C::Done), (on("09:35:00"), WAS_REVOKED)]);
        codex.finish(home);
        typed(home, &[(on("09:33:00"), "codex logout")]);
        let new = Grant::new(st, &account, on("09:24:50"));
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-06-08 07:50:00"));
        hermes.imported_from_codex(&login, &pair, utc("2026-06-08 08:00:12.233"));
        hermes.ask(utc("2026-06-09 06:12:10"), H::Done);
        hermes.snapshot(utc("2026-06-09 06:40:12.451"), "weekly");
        hermes.ask(on("09:10:00"), H::Done);
        hermes.own_login(&new, &new.mint(st, on("09:25:00")), on("09:25:00.233"));
        hermes.ask(on("09:50:00"), H::Done);
        hermes.finish(home);
    },
};

pub(super) const SEPARATE_LOGINS: Scenario = Scenario {
    name: "logout-beside-a-separate-login",
    happened: "Hermes had a login of its own on the account. `codex logout` was typed at 09:30; Hermes was refused from 09:35 on.",
    conclusion: "A logout revokes its own login; that it logged out the account everywhere has been reported and is not settled: possible.",
    hours: 2,
    expected: &[PERHAPS_LOGOUT],
    play: |st, home| {
        let (account, login, pair) = login(st);
        codex(st, home, Era::V130, &[("auth.json.bak", &login, &pair)], &[&[(on("09:00:00"), C::Done)]]);
        typed(home, &[(on("09:30:00"), "codex logout")]);
        let own = Grant::new(st, &account, utc("2026-06-08 07:40:00"));
        hermes(st, home, &own, &own.mint(st, utc("2026-06-08 07:40:05")));
    },
};

pub(super) const STALE_SESSION: Scenario = Scenario {
    name: "session-of-the-login-before",
    happened: "A terminal was open since 09:00. Codex was logged in anew at 09:20; that terminal was refused as revoked at 09:25 and \
               09:45, while another one, opened since, answered at 09:40 with the new login.",
    conclusion: "The new login is good; the first terminal goes on with the old one, which the login replaced. Restart it.",
    hours: 2,
    expected: &[Verdict { victim: "codex", root_cause: "stale_process_token", confidence: ("possible", "very_likely"), ..SERVER }],
    play: |st, home| {
        let (account, login, pair) = login(st);
        let new = Grant::new(st, &account, on("09:19:55"));
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.store("auth.json.bak", &login, &pair, pair.issued + 402);
        codex.login(on("09:19:31"), on("09:20:00.100"));
        codex.store("auth.json", &new, &new.mint(st, on("09:20:00")), on("09:20:00.402"));
        codex.thread(Front::Tui, &[(on("09:00:00"), C::Done), (on("09:25:00"), WAS_REVOKED), (on("09:45:00"), WAS_REVOKED)]);
        codex.thread(Front::Tui, &[(on("09:40:00"), C::Done)]);
        codex.finish(home);
    },
};

/// Codex is shut out, as on each day.
const CODEX_OUT: Verdict = Verdict { victim: "codex", failed_turns: 1..=1, ..SERVER };
/// And Hermes with its copy.
const COPY_OUT: Verdict = Verdict { failed_turns: 1..=1, ..SERVER };

pub(super) const DAILY_COPY: Scenario = Scenario {
    name: "daily-end-of-a-login-and-its-copy",
    happened: "A session policy ends the login every day. Codex was refused at 08:00 and logged in at 08:10; Hermes, on a copy of the day \
               before, was refused at 08:15 and was given a copy of the new login at 08:30. Three days in a row.",
    conclusion: "Each login repairs what had ended, and a copy ends nothing: no client shut the other out.",
    hours: 2,
    expected: &[CODEX_OUT, COPY_OUT, CODEX_OUT, COPY_OUT, CODEX_OUT, COPY_OUT],
    play: |st, home| {
        let account = Account::new(st);
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-06-08 07:50:00"));
        let done: Vec<i64> = (8..12).map(|day| utc(&format!("2026-06-{day:02} 08:10:00.100"))).collect();
        codex.logins(&done.iter().map(|done| (done - 29 * SECOND, *done)).collect::<Vec<_>>());
        for (at, name) in done.iter().zip(["auth.json.bak1", "auth.json.bak2", "auth.json.bak3", "auth.json"]) {
            let login = Grant::new(st, &account, at - 5 * SECOND);
            let pair = login.mint(st, *at);
            codex.store(name, &login, &pair, at + 302);
            if *at != done[0] {
                codex.thread(Front::Tui, &[(at - 10 * MINUTE, WAS_REVOKED)]);
                hermes.ask(at + 5 * MINUTE, H::Invalidated);
            }
            codex.thread(Front::Tui, &[(at + 10 * MINUTE, C::Done), (at + 10 * HOUR, C::Done)]);
            hermes.imported_from_codex(&login, &pair, at + 20 * MINUTE);
            hermes.ask(at + 30 * MINUTE, H::Done);
            hermes.snapshot(at + 40 * MINUTE, "daily");
            hermes.ask(at + 11 * HOUR, H::Done);
        }
        codex.finish(home);
        hermes.finish(home);
    },
};
