//! Logins and logouts of a program that had failed before, or that had been logged in anew before, where its store
//! shows neither: Codex keeps its latest pair alone, so that what an act replaced is known by what its program met,
//! and by what was done there since the pair of the failing client was taken over.
//!
//! One story with one thing changed: Hermes 0.13 took the login of `~/.codex` over on 19 August; Codex is logged in
//! anew on 27 August at 15:10; Hermes answers on that day at 11:25 and is refused with `token_invalidated` at 15:16.

use super::super::super::clock::{HOUR, MINUTE, SECOND, utc};
use super::super::super::codex::{ALREADY_USED, Answer as C, CodexHome, Era, Front, WAS_REVOKED};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant, Pair};
use super::super::{Scenario, Verdict};
use super::lives::{SERVER, typed};

/// A time on 27 August.
fn on(time: &str) -> i64 {
    utc(&format!("2026-08-27 {time}"))
}

/// Possible that the login of Codex ended it, and no more.
const PERHAPS_LOGIN: Verdict =
    Verdict { root_cause: "sibling_relogin", actor: Some("codex"), confidence: ("possible", "possible"), ..SERVER };

/// The first refusal of Codex, with nothing said of why.
const MUTE_CODEX: Verdict = Verdict {
    victim: "codex",
    mechanism: "undetermined",
    root_cause: "undetermined",
    confidence: ("undetermined", "undetermined"),
    failed_turns: 1..=1,
    ..SERVER
};

/// The token of Codex was spent, by nobody on record.
const SPENT_CODEX: Verdict = Verdict {
    victim: "codex",
    mechanism: "consumed",
    root_cause: "unrecorded_consumer",
    confidence: ("undetermined", "possible"),
    failed_turns: 1..=1,
    ..SERVER
};

/// The login that Hermes took over, and its pair.
fn taken(st: &Stage, account: &Account) -> (Grant, Pair) {
    let login = Grant::new(st, account, utc("2026-08-18 06:20:14"));
    let pair = login.mint(st, utc("2026-08-18 06:20:40"));
    (login, pair)
}

/// Hermes on it, answered for the last time at `good`.
fn hermes(st: &Stage, home: &mut Home, (login, pair): &(Grant, Pair), good: i64) {
    let mut hermes = Hermes::start(st, Version::V013, utc("2026-08-19 09:00:00"));
    hermes.imported_from_codex(login, pair, utc("2026-08-19 09:04:33.410"));
    hermes.ask(utc("2026-08-19 09:30:10"), H::Done);
    hermes.snapshot(utc("2026-08-20 04:12:08.090"), "weekly");
    hermes.ask(utc("2026-08-24 18:02:55"), H::Done);
    hermes.ask(good, H::Done);
    hermes.ask(on("15:16:20"), H::Invalidated);
    hermes.ask(on("16:40:00"), H::Invalidated);
    hermes.finish(home);
}

/// A Codex home whose store holds a login of `done` alone.
fn anew<'s>(st: &'s Stage, account: &Account, done: i64) -> CodexHome<'s> {
    let login = Grant::new(st, account, done - 11 * SECOND);
    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.store("auth.json", &login, &login.mint(st, done), done + 214);
    codex
}

/// When Codex was logged in anew.
fn done() -> i64 {
    on("15:10:00.200")
}

/// Codex met this at `at`, and was logged in anew; Hermes worked until `good`.
fn failed_first(st: &Stage, home: &mut Home, (at, met): (i64, C), good: i64) {
    let account = Account::new(st);
    let login = taken(st, &account);
    let mut codex = anew(st, &account, done());
    codex.thread(Front::Tui, &[(utc("2026-08-21 08:00:00"), C::Done), (utc("2026-08-26 19:11:00"), C::Done), (at, met)]);
    codex.login(done() - 27 * SECOND, done());
    codex.thread(Front::Tui, &[(done() + 4 * MINUTE, C::Done), (done() + 7 * HOUR, C::Done)]);
    codex.finish(home);
    hermes(st, home, &login, good);
}

/// Codex was logged in anew at `earlier` as well, and completed that as `logged` says.
fn parted(st: &Stage, home: &mut Home, logged: &[i64], lines: &[(i64, &str)], good: i64, is_logout: bool) {
    let account = Account::new(st);
    let login = taken(st, &account);
    let mut codex = if is_logout { CodexHome::new(st, ".codex", Era::V169) } else { anew(st, &account, done()) };
    if is_logout {
        codex.keyring(&account, utc("2026-08-18 06:21:02"));
    }
    let logins: Vec<(i64, i64)> = logged.iter().map(|done| (done - 27 * SECOND, *done)).collect();
    codex.logins(&logins);
    codex.thread(Front::Tui, &[(utc("2026-08-21 08:00:00"), C::Done), (utc("2026-08-26 19:11:00"), C::Done)]);
    if !is_logout {
        codex.thread(Front::Tui, &[(done() + 7 * HOUR, C::Done)]);
    }
    codex.finish(home);
    if !lines.is_empty() {
        typed(home, lines);
    }
    hermes(st, home, &login, good);
}

pub(super) const TOLD_REVOKED: Scenario = Scenario {
    name: "login-after-a-refusal-and-no-copy",
    happened: "The server ended the login that Hermes had taken over from Codex. Codex 0.169 was refused as revoked at 14:31 and logged in \
               anew at 15:10; its store holds the new login alone.",
    conclusion: "Codex was told by the server that its login had ended before anybody logged in: the login is the repair, whatever pair it \
                 took the place of.",
    hours: 2,
    expected: &[Verdict { victim: "codex", failed_turns: 1..=1, ..SERVER }, SERVER],
    play: |st, home| failed_first(st, home, (on("14:31:00"), WAS_REVOKED), on("11:25:00")),
};

pub(super) const NO_WORD: Scenario = Scenario {
    name: "login-after-a-failure-without-a-word",
    happened: "As `login-after-a-refusal-and-no-copy`, with Codex 0.130, and the log that has the reason is not among the files.",
    conclusion: "A turn of Codex had failed since it last worked, nobody knows why, and then a person logged in: the login may have ended \
                 the other one, or have repaired what had ended. No client can be named for sure.",
    hours: 2,
    expected: &[MUTE_CODEX, Verdict { root_cause: "undetermined", confidence: ("undetermined", "undetermined"), ..SERVER }],
    play: |st, home| {
        let account = Account::new(st);
        let login = taken(st, &account);
        let new = Grant::new(st, &account, done() - 11 * SECOND);
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.store("auth.json", &new, &new.mint(st, done()), done() + 214);
        codex.thread(Front::Tui, &[(utc("2026-08-26 19:11:00"), C::Done), (on("14:31:00"), WAS_REVOKED)]);
        codex.login(done() - 27 * SECOND, done());
        codex.thread(Front::Tui, &[(done() + 7 * HOUR, C::Done)]);
        codex.finish(home);
        home.keep(|path| !path.ends_with("codex-tui.log"));
        hermes(st, home, &login, on("11:25:00"));
    },
};

pub(super) const TOLD_USED: Scenario = Scenario {
    name: "login-after-a-spent-token-and-no-copy",
    happened: "Codex 0.169 was refused at 14:31 because its refresh token had been used, and logged in anew at 15:10.",
    conclusion: "A token that was presented twice may have ended the login, and the new login may have: possible, and no more.",
    hours: 2,
    expected: &[SPENT_CODEX, PERHAPS_LOGIN],
    play: |st, home| failed_first(st, home, (on("14:31:00"), ALREADY_USED), on("11:25:00")),
};

pub(super) const TOLD_USED_AND_COPIED: Scenario = Scenario {
    name: "login-after-a-spent-token-and-a-copy",
    happened: "As `login-after-a-spent-token-and-no-copy`, and a copy of Codex' store shows that it had the pair that Hermes took over.",
    conclusion: "The copy shows what the login replaced, and nothing of whether that had ended by then: possible, and no more.",
    hours: 2,
    expected: &[Verdict { confidence: ("possible", "likely"), ..SPENT_CODEX }, PERHAPS_LOGIN],
    play: |st, home| {
        let account = Account::new(st);
        let login = taken(st, &account);
        let mut codex = anew(st, &account, done());
        codex.store("auth.json.bak", &login.0, &login.1, login.1.issued + 377);
        codex.thread(Front::Tui, &[(utc("2026-08-26 19:11:00"), C::Done), (on("14:31:00"), ALREADY_USED)]);
        codex.login(done() - 27 * SECOND, done());
        codex.thread(Front::Tui, &[(done() + 4 * MINUTE, C::Done), (done() + 7 * HOUR, C::Done)]);
        codex.finish(home);
        hermes(st, home, &login, on("11:25:00"));
    },
};

pub(super) const LIVED_ON_SINCE: Scenario = Scenario {
    name: "login-after-a-spent-token-that-ended-nothing",
    happened: "Codex 0.169 was refused at 08:02 because its refresh token had been used; Hermes worked on until 11:25. Codex was logged in \
               anew at 15:10, which ended the login.",
    conclusion: "Three hours after the refusal the login was good: it ended with the new login.",
    hours: 2,
    expected: &[SPENT_CODEX, Verdict { confidence: ("likely", "likely"), ..PERHAPS_LOGIN }],
    play: |st, home| failed_first(st, home, (on("08:02:00"), ALREADY_USED), on("11:25:00")),
};

pub(super) const LOGIN_BETWEEN: Scenario = Scenario {
    name: "second-login-since-the-import",
    happened: "Codex had been logged in anew on 23 August already, and Hermes worked on with what it had taken over before. On 27 August \
               Codex was logged in once more.",
    conclusion: "What the second login took the place of is that of 23 August, and not the login that Hermes had: possible at most.",
    hours: 2,
    expected: &[PERHAPS_LOGIN],
    play: |st, home| parted(st, home, &[utc("2026-08-23 12:40:00"), done()], &[], on("11:25:00"), false),
};

pub(super) const TYPED_BETWEEN: Scenario = Scenario {
    name: "second-login-since-the-import-by-its-command",
    happened: "As `second-login-since-the-import`, and of the login of 23 August only the command is on record.",
    conclusion: "Whether it was completed is not known; if it was, the later one took its place. Possible at most.",
    hours: 2,
    expected: &[PERHAPS_LOGIN],
    play: |st, home| {
        let lines = [(utc("2026-08-23 12:39:31"), "codex login")];
        parted(st, home, &[done()], &lines, on("11:25:00"), false);
    },
};

pub(super) const LOGOUT_OF_ANOTHER: Scenario = Scenario {
    name: "logout-of-a-login-since-the-import",
    happened: "Codex keeps its login in the keyring. It had been logged in anew on 23 August, and Hermes worked on with what it had taken over before. `codex logout` was \
               typed at 15:10 on 27 August.",
    conclusion: "What was logged out is the login of 23 August, as far as anybody can tell: possible at most.",
    hours: 2,
    expected: &[Verdict { root_cause: "sibling_logout", ..PERHAPS_LOGIN }],
    play: |st, home| {
        let lines = [(done(), "codex logout")];
        parted(st, home, &[utc("2026-08-23 12:40:00")], &lines, on("11:25:00"), true);
    },
};

pub(super) const BOTH_SINCE: Scenario = Scenario {
    name: "two-logins-since-the-last-answer",
    happened: "Hermes was last asked on 24 August. Codex was logged in anew on 26 August at 20:00, which ended the login that Hermes had, \
               and once more on 27 August at 15:10.",
    conclusion: "The first of the two is the one that had the login of Hermes to end.",
    hours: 2,
    expected: &[Verdict { confidence: ("likely", "likely"), ..PERHAPS_LOGIN }],
    play: |st, home| parted(st, home, &[utc("2026-08-26 20:00:00"), done()], &[], utc("2026-08-24 18:40:00"), false),
};

pub(super) const GIVEN_ANEW: Scenario = Scenario {
    name: "given-another-login-of-which-no-copy-was-kept",
    happened: "The server ended the login of Codex 0.130 and of Hermes, which had taken it over. Codex was refused at 09:00 and logged in at \
               09:10; Hermes was refused at 09:20 and given the new login, of which no copy was kept, at 09:40. The same happened a day \
               later, with the login that Hermes' store now holds.",
    conclusion: "That Hermes worked after its refusal shows that it had another pair by then, and not that the ended login lived: each time \
                 the server ended it before anybody logged in.",
    hours: 2,
    expected: &[ONE_CODEX, ONE_HERMES, ONE_CODEX, ONE_HERMES],
    play: |st, home| {
        let account = Account::new(st);
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-08-18 05:00:00"));
        let done: Vec<i64> = (24..27).map(|day| utc(&format!("2026-08-{day} 09:10:00.300"))).collect();
        codex.logins(&done.iter().map(|done| (done - 33 * SECOND, *done)).collect::<Vec<_>>());
        for (at, name) in done.iter().zip(["auth.json.old1", "auth.json.old2", "auth.json"]) {
            let login = Grant::new(st, &account, at - 7 * SECOND);
            let pair = login.mint(st, *at);
            codex.store(name, &login, &pair, at + 188);
            if *at != done[0] {
                codex.thread(Front::Tui, &[(at - 10 * MINUTE, WAS_REVOKED)]);
                hermes.ask(at + 10 * MINUTE, H::Invalidated);
            }
            codex.thread(Front::Tui, &[(at + 12 * MINUTE, C::Done), (at + 9 * HOUR, C::Done)]);
            hermes.imported_from_codex(&login, &pair, at + 30 * MINUTE);
            hermes.ask(at + 40 * MINUTE, H::Done);
            if *at != done[1] {
                hermes.snapshot(at + 50 * MINUTE, "daily");
            }
            hermes.ask(at + 10 * HOUR, H::Done);
        }
        codex.finish(home);
        hermes.finish(home);
    },
};

/// Ended by the server, of one turn each.
const ONE_CODEX: Verdict = Verdict { victim: "codex", failed_turns: 1..=1, ..SERVER };
const ONE_HERMES: Verdict = Verdict { failed_turns: 1..=1, ..SERVER };
