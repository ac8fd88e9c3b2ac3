//! Near misses about tokens that were too old: idleness that was none, processes that were not stale, and
//! a token that was called expired long before its end.

use super::super::super::clock::utc;
use super::super::super::codex::{ALREADY_USED, Answer as C, CodexHome, Era, Front};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant, Pair};
use super::super::expired::{RAN_OUT, SIGNED_IN_ELSEWHERE};
use super::super::props::hermes_beside;
use super::super::refused::BARE_401;
use super::super::{Scenario, Verdict};
use super::OPEN;

const CODEX: Verdict = Verdict { victim: "codex", mechanism: "undetermined", ..OPEN };
const RAN_OUT_OPEN: Verdict = Verdict { mechanism: "expired", failed_turns: 2..=2, ..CODEX };

const NEW_LOGIN_REFUSED: Verdict =
    Verdict { root_cause: "fresh_login_refused", confidence: ("possible", "likely"), failed_turns: 3..=3, ..CODEX };

/// Codex 0.169 with its turns, on a pair that it held since `pair` was issued.
fn codex(st: &Stage, home: &mut Home, (login, pair): (&Grant, &Pair), turns: &[(&str, C)]) {
    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.store("auth.json", login, pair, pair.issued + 914);
    let turns: Vec<(i64, C)> = turns.iter().map(|(at, answer)| (utc(at), *answer)).collect();
    codex.thread(Front::Tui, &turns);
    codex.finish(home);
}

pub(super) const IDLE_AND_USED: Scenario = Scenario {
    name: "idle-for-weeks-and-used",
    happened: "Codex lay idle from 12 September to 30 October. Hermes, which had taken its login over on the 12th, renewed it on 21 September; \
               Codex' first refresh after the pause was refused as used.",
    conclusion: "Seven idle weeks, and yet the code says used, not expired: Hermes spent the token, five weeks before it was missed.",
    hours: 1,
    expected: &[Verdict {
        mechanism: "consumed",
        root_cause: "sibling_refresh",
        actor: Some("hermes"),
        confidence: ("likely", "confirmed"),
        failed_turns: 2..=2,
        ..CODEX
    }],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-08-02 09:10:00"));
        let shared = login.mint(st, utc("2026-09-11 07:12:40"));
        let turns =
            [("2026-09-12 07:12:38", C::Done), ("2026-10-30 08:20:31", ALREADY_USED), ("2026-10-30 08:24:31", ALREADY_USED)];
        codex(st, home, (&login, &shared), &turns);
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-09-12 06:00:00"));
        hermes.imported_from_codex(&login, &shared, utc("2026-09-12 06:20:14.118"));
        hermes.ask(utc("2026-09-12 06:30:30"), H::Done);
        hermes.snapshot(utc("2026-09-13 06:00:18.330"), "weekly");
        hermes.refreshed(&login.mint(st, utc("2026-09-21 07:14:10")), utc("2026-09-21 07:14:10.655"));
        hermes.ask(utc("2026-09-21 07:14:10.402"), H::Done);
        hermes.ask(utc("2026-10-30 12:00:51"), H::Done);
        hermes.finish(home);
    },
};

pub(super) const RAN_OUT_IN_USE: Scenario = Scenario {
    name: "ran-out-while-in-use",
    happened: "The login service called Codex' refresh token expired three hours after a turn had worked. Hermes renewed a login of its own \
               nearby.",
    conclusion: "The token ran out, and not by idleness: why a login in daily use would is not in these files. Nobody spent it.",
    hours: 1,
    expected: &[RAN_OUT_OPEN],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-08-02 09:10:00"));
        let turns = [
            ("2026-10-29 16:12:38", C::Done),
            ("2026-10-30 05:20:11", C::Done),
            ("2026-10-30 08:20:31", RAN_OUT),
            ("2026-10-30 08:24:31", RAN_OUT),
        ];
        codex(st, home, (&login, &login.mint(st, utc("2026-10-20 08:20:09"))), &turns);
        hermes_beside(st, home, &account, "2026-10-30 08:15:20");
    },
};

pub(super) const RENEWED_NEXT_DOOR: Scenario = Scenario {
    name: "idle-store-of-a-busy-login",
    happened: "Codex lay idle for weeks, and Hermes, which shares its login, renewed that until the evening before. Codex' refresh was \
               called expired.",
    conclusion: "The store was idle, the login was not. The code excludes a spent token, and the renewal excludes idleness: open.",
    hours: 1,
    expected: &[RAN_OUT_OPEN],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-08-02 09:10:00"));
        let shared = login.mint(st, utc("2026-09-11 07:12:40"));
        let turns = [("2026-09-12 07:12:38", C::Done), ("2026-10-30 08:20:31", RAN_OUT), ("2026-10-30 08:24:31", RAN_OUT)];
        codex(st, home, (&login, &shared), &turns);
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-10-28 06:00:00"));
        hermes.imported_from_codex(&login, &login.mint(st, utc("2026-10-19 18:14:10")), utc("2026-10-19 18:14:10.655"));
        hermes.ask(utc("2026-10-28 06:30:30"), H::Done);
        hermes.snapshot(utc("2026-10-28 07:00:18.330"), "weekly");
        hermes.refreshed(&login.mint(st, utc("2026-10-29 18:14:10")), utc("2026-10-29 18:14:10.655"));
        hermes.ask(utc("2026-10-29 18:14:10.402"), H::Done);
        hermes.finish(home);
    },
};

/// A login at nine, a window that fails from half past, and what `codex exec` met in between.
fn after_a_login(st: &Stage, home: &mut Home, window: C, exec: C) {
    let account = Account::new(st);
    let (old, new) = (Grant::new(st, &account, utc("2026-10-28 10:00:00")), Grant::new(st, &account, utc("2026-11-18 08:59:30")));
    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.store("auth.json.bak", &old, &old.mint(st, utc("2026-11-08 09:40:20")), utc("2026-11-08 09:40:20.803"));
    codex.login(utc("2026-11-18 08:59:20.400"), utc("2026-11-18 09:00:02.118"));
    codex.store("auth.json", &new, &new.mint(st, utc("2026-11-18 09:00:02")), utc("2026-11-18 09:00:02.130"));
    let turns = [("2026-11-18 08:12:44", C::Done), ("2026-11-18 09:41:10", window), ("2026-11-18 09:42:55", window)];
    codex.thread(Front::Vscode, &turns.map(|(at, answer)| (utc(at), answer)));
    codex.thread(Front::Exec, &[(utc("2026-11-18 09:55:03"), exec)]);
    codex.finish(home);
    hermes_beside(st, home, &account, "2026-11-18 09:39:08");
}

pub(super) const NEW_PROCESS_FAILS: Scenario = Scenario {
    name: "new-process-fails-too",
    happened: "After a login at 09:00 an old window of Codex met 401 without a reason, and so did a new run of `codex exec`.",
    conclusion: "It looks like a stale window, and a process that had just read the store fares no better: the new login itself was \
                 refused at its first use, and nothing had been done with it.",
    hours: 1,
    expected: &[NEW_LOGIN_REFUSED],
    play: |st, home| after_a_login(st, home, BARE_401, BARE_401),
};

pub(super) const NEW_PROCESS_FAILS_OTHERWISE: Scenario = Scenario {
    name: "new-process-fails-otherwise",
    happened: "An old window of Codex said that its store held another login, and a new run of `codex exec` met 401 without a reason.",
    conclusion: "The window was stale, and that is not all: the new login does not work in a new process either.",
    hours: 1,
    expected: &[NEW_LOGIN_REFUSED],
    play: |st, home| after_a_login(st, home, SIGNED_IN_ELSEWHERE, BARE_401),
};

/// What the API says of a token that ended.
const ENDED: C = C::Failed(
    "unexpected status 401 Unauthorized: Provided authentication token is expired. Please try signing in again.",
    "other",
);

pub(super) const EXPIRED_EARLY: Scenario = Scenario {
    name: "called-expired-days-early",
    happened: "The API called Codex' access token expired six days before its own end. Codex renewed it and went on. Hermes had renewed a \
               login of its own five minutes before.",
    conclusion: "A token does not end six days early: not the ordinary end of a token, and nothing shows what it was. One blip.",
    hours: 1,
    expected: &[Verdict { failed_turns: 1..=1, ..CODEX }],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-10-28 10:00:00"));
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json.bak", &login, &login.mint(st, utc("2026-11-14 09:40:20")), utc("2026-11-14 09:40:20.803"));
        codex.store("auth.json", &login, &login.mint(st, utc("2026-11-18 09:41:38")), utc("2026-11-18 09:41:38.330"));
        let turns = [("2026-11-18 08:12:44", C::Done), ("2026-11-18 09:41:10", ENDED), ("2026-11-18 09:41:38.110", C::Done)];
        codex.thread(Front::Tui, &turns.map(|(at, answer)| (utc(at), answer)));
        codex.finish(home);
        hermes_beside(st, home, &account, "2026-11-18 09:36:08");
    },
};

pub(in super::super) const EXPIRED_IN_TIME: Scenario = Scenario {
    name: "expired-in-its-time",
    happened: "The same at the token's own end: two turns were refused as expired, the refresh worked, the next turns were answered.",
    conclusion: "The ordinary end of a token, in turns that met it a moment too early. No reason to look for anybody.",
    hours: 1,
    expected: &[Verdict {
        mechanism: "expired",
        root_cause: "access_token_expired_refresh_ok",
        confidence: ("likely", "confirmed"),
        failed_turns: 2..=2,
        ..CODEX
    }],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-10-28 10:00:00"));
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json.bak", &login, &login.mint(st, utc("2026-11-08 09:40:20")), utc("2026-11-08 09:40:20.803"));
        codex.store("auth.json", &login, &login.mint(st, utc("2026-11-18 09:41:38")), utc("2026-11-18 09:41:38.330"));
        let turns = [
            ("2026-11-18 08:12:44", C::Done),
            ("2026-11-18 09:41:10", ENDED),
            ("2026-11-18 09:41:22", ENDED),
            ("2026-11-18 09:41:38.110", C::Done),
            ("2026-11-18 09:50:02", C::Done),
        ];
        codex.thread(Front::Tui, &turns.map(|(at, answer)| (utc(at), answer)));
        codex.finish(home);
        hermes_beside(st, home, &account, "2026-11-18 09:36:08");
    },
};
