//! Acts that end no login, or not this one, beside one that may have: a program that is not known to revoke anything
//! logs in, a token file is missing, a separate login is given up, a repair is repeated by others.
//!
//! The story is the one of [`super::lives`].

use super::super::super::clock::{DAY, SECOND, utc};
use super::super::super::codex::{Answer as C, CodexHome, Era, Front, WAS_REVOKED};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::openclaw::Answer as O;
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant, Pair};
use super::super::{Scenario, Verdict};
use super::lives::{LOGOUT, SERVER, claw, codex, hermes, login, on, typed};

/// Revoked, and by which act is open.
const OPEN: Verdict = Verdict { root_cause: "undetermined", confidence: ("undetermined", "undetermined"), ..SERVER };
const OPEN_CLAW: Verdict = Verdict { victim: "openclaw", ..OPEN };
const PERHAPS_LOGOUT: Verdict = Verdict { confidence: ("possible", "possible"), ..LOGOUT };
const PERHAPS_LOGIN: Verdict = Verdict { root_cause: "sibling_relogin", ..PERHAPS_LOGOUT };

/// Calls of OpenClaw around the end of the login.
const CUT_OFF: &[(&str, O)] = &[("09:12:00", O::Done), ("09:33:00", O::Invalidated), ("09:51:00", O::Invalidated)];

/// Hermes with the login of Codex, which it gave up for one of its own at a time, and which serves it to this day.
fn hermes_anew(st: &Stage, home: &mut Home, account: &Account, (login, pair): (&Grant, &Pair), at: i64) {
    let new = Grant::new(st, account, at - 9 * SECOND);
    let mut hermes = Hermes::start(st, Version::V013, utc("2026-06-08 07:50:00"));
    hermes.imported_from_codex(login, pair, utc("2026-06-08 08:00:12.233"));
    hermes.ask(utc("2026-06-09 06:12:10"), H::Done);
    hermes.snapshot(utc("2026-06-09 06:40:12.451"), "weekly");
    hermes.ask(on("08:41:00"), H::Done);
    hermes.own_login(&new, &new.mint(st, at), at + 377);
    hermes.ask(at + 40 * SECOND, H::Done);
    hermes.ask(at + DAY, H::Done);
    hermes.finish(home);
}

pub(super) const LOGOUT_BESIDE: Scenario = Scenario {
    name: "login-of-hermes-beside-a-logout-of-codex",
    happened: "Codex 0.169, Hermes and OpenClaw share a login. Hermes got one of its own at 09:23; `codex logout` was typed at 09:30, which \
               deleted the token file of Codex. OpenClaw was refused as invalidated at 09:33.",
    conclusion: "Hermes' login is in its files to the second, the login that Codex gave up in none. But a logout of Codex ends its login, \
                 and of Hermes nothing of the kind is known: what is easier to show is not the likelier cause.",
    hours: 2,
    expected: &[OPEN_CLAW],
    play: |st, home| {
        let (account, login, pair) = login(st);
        codex(st, home, Era::V169, &[], &[&[(utc("2026-06-09 09:00:00"), C::Done), (on("08:20:00"), C::Done)]]);
        typed(home, &[(on("09:30:00"), "codex logout")]);
        hermes_anew(st, home, &account, (&login, &pair), on("09:23:00"));
        claw(st, home, &login, &pair, CUT_OFF);
    },
};

/// Codex has copies of one login in two homes and was refused in the usual one; the token file of the other is gone, and
/// Hermes had left that login for one of its own at a time.
fn two_homes(st: &Stage, home: &mut Home, anew: i64) {
    let (account, login, pair) = login(st);
    let turns = [(on("09:12:00"), C::Done), (on("09:33:00"), WAS_REVOKED), (on("09:51:00"), WAS_REVOKED)];
    codex(st, home, Era::V169, &[("auth.json", &login, &pair)], &[&turns]);
    let mut work = CodexHome::new(st, ".codex-work", Era::V169);
    work.store("auth.json.bak", &login, &pair, pair.issued + 402);
    work.thread(Front::Tui, &[(on("07:20:00"), C::Done)]);
    work.finish(home);
    hermes_anew(st, home, &account, (&login, &pair), anew);
}

pub(super) const OTHER_HOME: Scenario = Scenario {
    name: "logout-in-another-home-of-the-victims-program",
    happened: "`~/.codex` and `~/.codex-work` have copies of one login, which Hermes had left at 09:23 for one of its own. At 09:30 \
               `CODEX_HOME=~/.codex-work codex logout` was typed; Codex in `~/.codex` was refused as revoked at 09:33.",
    conclusion: "Neither the server for reasons of its own nor Hermes' login is likely while the program itself gave the login up in \
                 another home.",
    hours: 2,
    expected: &[Verdict { victim: "codex", ..OPEN }],
    play: |st, home| {
        two_homes(st, home, on("09:23:00"));
        typed(home, &[(on("09:30:00"), "CODEX_HOME=~/.codex-work codex logout")]);
    },
};

pub(super) const GONE: Scenario = Scenario {
    name: "token-file-of-another-home-gone-while-hermes-logs-in",
    happened: "As `logout-in-another-home-of-the-victims-program`, Hermes logged in at 09:32, a minute before the refusal, and the history of \
               the shell was not kept.",
    conclusion: "Of Hermes' login it is not known that it ends another one; a logout in the home whose token file is gone would have. Which of \
                 the two it was is open.",
    hours: 2,
    expected: &[Verdict { victim: "codex", ..OPEN }],
    play: |st, home| two_homes(st, home, on("09:32:00")),
};

pub(super) const LEFT_OUT: Scenario = Scenario {
    name: "token-file-left-out-while-two-holders-fail",
    happened: "Whoever packed the files left `~/.codex/auth.json` out, and an old copy of it in. The server ended the login; OpenClaw was \
               refused at 09:33, Hermes at 09:35. Codex had been in use at 08:20.",
    conclusion: "That two holders fail together says that the login ended. A missing file, and no record of a logout, is no more than a \
                 possible hand in it.",
    hours: 2,
    expected: &[Verdict { victim: "openclaw", ..PERHAPS_LOGOUT }, PERHAPS_LOGOUT],
    play: |st, home| {
        let (_, login, pair) = login(st);
        codex(st, home, Era::V169, &[("auth.json.bak", &login, &pair)], &[&[(on("08:20:00"), C::Done)]]);
        claw(st, home, &login, &pair, CUT_OFF);
        hermes(st, home, &login, &pair);
    },
};

pub(super) const SEPARATE: Scenario = Scenario {
    name: "logout-of-a-login-that-nothing-ties",
    happened: "Codex 0.169 logged in on 8 June, Hermes by itself on 9 June, on one account, as is advised. `codex logout` was typed on 10 June \
               at 09:30; Hermes was refused at 09:35. No token names its session.",
    conclusion: "Nothing says that the two logins were one, and Hermes' own is a day younger: that a logout ends both is the provider's \
                 policy at most.",
    hours: 2,
    expected: &[PERHAPS_LOGOUT],
    play: |st, home| {
        let account = Account::new(st);
        let first = Grant::untold(st, &account, utc("2026-06-08 06:59:55"));
        let pair = first.mint(st, utc("2026-06-08 07:00:01"));
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.login(pair.issued - 31 * SECOND, pair.issued);
        codex.store("auth.json.bak", &first, &pair, pair.issued + 402);
        codex.thread(Front::Tui, &[(utc("2026-06-09 09:00:00"), C::Done), (on("08:20:00"), C::Done)]);
        codex.finish(home);
        typed(home, &[(on("09:30:00"), "codex logout")]);
        let own = Grant::untold(st, &account, utc("2026-06-09 05:39:51"));
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-06-09 05:30:00"));
        hermes.own_login(&own, &own.mint(st, utc("2026-06-09 05:40:00")), utc("2026-06-09 05:40:00.391"));
        hermes.ask(utc("2026-06-09 06:12:10"), H::Done);
        hermes.snapshot(utc("2026-06-09 06:40:12.451"), "weekly");
        hermes.ask(on("09:10:00"), H::Done);
        hermes.ask(on("09:35:00"), H::Invalidated);
        hermes.ask(on("10:35:00"), H::Invalidated);
        hermes.finish(home);
    },
};

pub(super) const REPAIRED_BY_TWO: Scenario = Scenario {
    name: "repairs-of-two-programs-before-a-third-one-fails",
    happened: "The server ended the login that Codex, Hermes and OpenClaw share. Codex 0.169 was refused at 09:05 and logged in anew at 09:24, \
               Hermes got a login of its own at 09:28; OpenClaw, idle since 09:00, was refused at 09:33.",
    conclusion: "Codex, whose login OpenClaw's is, had been told that it had ended: no later login can have ended it, whoever made it.",
    hours: 2,
    expected: &[Verdict { victim: "codex", failed_turns: 1..=1, ..SERVER }, Verdict { victim: "openclaw", ..SERVER }],
    play: |st, home| {
        let (account, login, pair) = login(st);
        let new = Grant::new(st, &account, on("09:23:55"));
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.thread(Front::Tui, &[(on("08:20:00"), C::Done), (on("09:05:00"), WAS_REVOKED)]);
        codex.login(on("09:23:31"), on("09:24:00"));
        codex.store("auth.json", &new, &new.mint(st, on("09:24:00")), on("09:24:00.402"));
        codex.thread(Front::Tui, &[(on("09:26:00"), C::Done), (on("11:33:00"), C::Done)]);
        codex.finish(home);
        hermes_anew(st, home, &account, (&login, &pair), on("09:28:00"));
        claw(st, home, &login, &pair, &[("09:00:00", O::Done), ("09:33:00", O::Invalidated), ("09:51:00", O::Invalidated)]);
    },
};

/// Codex 0.169, which held the login of Hermes and logged in anew at 09:33, and what came before.
fn logged_in(st: &Stage, home: &mut Home, before: &[(i64, C)], begun: Option<i64>) {
    let (account, login, pair) = login(st);
    let new = Grant::new(st, &account, on("09:32:55"));
    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.store("auth.json.bak", &login, &pair, pair.issued + 402);
    codex.thread(Front::Tui, before);
    let times = (on("09:32:31"), on("09:33:00"));
    match begun {
        Some(begun) => codex.login_after_one_begun(begun, times),
        None => codex.login(times.0, times.1),
    }
    codex.store("auth.json", &new, &new.mint(st, on("09:33:00")), on("09:33:00.402"));
    codex.thread(Front::Tui, &[(on("09:36:00"), C::Done), (on("11:33:00"), C::Done)]);
    codex.finish(home);
    hermes(st, home, &login, &pair);
}

pub(super) const BEGUN_DAYS_AGO: Scenario = Scenario {
    name: "login-begun-two-days-before-and-outlived",
    happened: "On 8 June at 12:10 a login of Codex 0.169 was begun and left, which ends the login of that home and deletes its file. Hermes \
               worked on until 10 June at 09:10; Codex logged in at 09:33, and Hermes was refused at 09:35.",
    conclusion: "The login of 10 June replaced nothing that is on record, and Hermes had outlived the end of the one that a copy shows: \
                 possible, by the provider's policy.",
    hours: 2,
    expected: &[PERHAPS_LOGIN],
    play: |st, home| {
        logged_in(st, home, &[(utc("2026-06-08 07:20:00"), C::Done)], Some(utc("2026-06-08 12:10:00")));
    },
};

/// A call that was answered so, and no refresh that helped.
const EXPIRED: C = C::Failed("Provided authentication token is expired. Please try signing in again.", "other");

pub(super) const EXPIRED_BEFORE: Scenario = Scenario {
    name: "login-after-a-token-called-expired",
    happened: "A turn of Codex failed at 09:28, its token being called expired; the log of that is not among the files. It was logged in anew at 09:33; Hermes, on the same login, was \
               refused as invalidated at 09:35.",
    conclusion: "Something was wrong with the login before anybody logged in: the new one may be a repair, and is possible at most.",
    hours: 2,
    expected: &[Verdict { victim: "codex", mechanism: "undetermined", failed_turns: 1..=1, ..OPEN }, PERHAPS_LOGIN],
    play: |st, home| {
        logged_in(st, home, &[(on("08:20:00"), C::Done), (on("09:28:00"), EXPIRED)], None);
        home.keep(|path| !path.contains("app-server-daemon"));
    },
};
