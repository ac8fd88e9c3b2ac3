//! Which generation of a login was exchanged, and what a store does not show of that: a pair that another
//! store had in between, a refresh that its holder lost, a login that hides one.

use super::super::super::clock::{DAY, HOUR, MINUTE, SECOND, utc};
use super::super::super::codex::{Answer as C, CodexHome, Era, Front, NOT_RENEWED, Rows};
use super::super::super::home::Home;
use super::super::super::openclaw::{Answer as O, CODEX_MODEL, OpenClaw};
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant, Pair};
use super::super::{Scenario, Verdict};
use super::{FAILED, OPEN, PERHAPS_CODEX, UNSEEN, codex_home, refused_hermes, shared_login};

const CODEX_LIKELY: Verdict = Verdict { confidence: ("likely", "likely"), ..PERHAPS_CODEX };
const PERHAPS_UNSEEN: Verdict = Verdict { confidence: ("possible", "possible"), ..UNSEEN };

/// OpenClaw in the same home, which came to hold a pair when that was issued.
fn openclaw(st: &Stage, home: &mut Home, login: &Grant, pair: &Pair) {
    let mut openclaw = OpenClaw::start(st, pair.issued - MINUTE, CODEX_MODEL);
    openclaw.store().own_login(login, pair, pair.issued + 610);
    let session = openclaw.session();
    for after in [MINUTE, DAY] {
        openclaw.ask(session, pair.issued + after, O::Done);
    }
    openclaw.finish(home);
}

pub(super) const BETWEEN: Scenario = Scenario {
    name: "another-store-has-the-generation-between",
    happened: "Codex, OpenClaw and Hermes share one login. A backup of Codex' store has the pair that Hermes was refused with, its live \
               store one of 20 May; OpenClaw holds one of 17 May.",
    conclusion: "The pair of 20 May came of the one of 17 May, so the refresh of 20 May did not spend Hermes' token. Whether OpenClaw made \
                 the pair of 17 May, or Codex did and OpenClaw copied it, is not on record: open between the two.",
    hours: 2,
    expected: &[OPEN],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let (between, now) = (login.mint(st, utc("2026-05-17 11:00:00")), login.mint(st, utc("2026-05-20 11:00:00")));
        let stores = [("auth.json.bak", &login, &shared), ("auth.json", &login, &now)];
        codex_home(st, home, ".codex", &stores, &["2026-05-20 11:00:01", "2026-05-22 12:00:00"]);
        openclaw(st, home, &login, &between);
        refused_hermes(st, home, &login, &shared, shared.issued + 731, true);
    },
};

pub(super) const BETWEEN_ON_ANOTHER_MACHINE: Scenario = Scenario {
    name: "another-machine-has-the-generation-between",
    happened: "As before, but the pair of 17 May is that of a second Codex, on a laptop (`host-a`); the Codex with the backup and Hermes are \
               on a desktop (`host-b`).",
    conclusion: "What the desktop's Codex exchanged on 20 May was a later generation. The laptop's pair is the direct successor, and either \
                 of the two may have made it: no machine can be named.",
    hours: 2,
    expected: &[OPEN],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let (between, now) = (login.mint(st, utc("2026-05-17 11:00:00")), login.mint(st, utc("2026-05-20 11:00:00")));
        home.merge_host("host-a", |laptop| {
            codex_home(st, laptop, ".codex", &[("auth.json", &login, &between)], &["2026-05-17 11:00:01", "2026-05-18 12:00:00"]);
        });
        home.merge_host("host-b", |desktop| {
            let stores = [("auth.json.bak", &login, &shared), ("auth.json", &login, &now)];
            codex_home(st, desktop, ".codex", &stores, &["2026-05-20 11:00:01", "2026-05-22 12:00:00"]);
            refused_hermes(st, desktop, &login, &shared, shared.issued + 731, true);
        });
    },
};

pub(super) const OWN_BETWEEN: Scenario = Scenario {
    name: "own-backup-has-the-generation-between",
    happened: "Codex refreshed the login that it shares with Hermes on 17 May and again on 20 May, and backups of its store have every pair.",
    conclusion: "The chain has no gap: Codex exchanged the token that Hermes held on 17 May.",
    hours: 2,
    expected: &[Verdict { confidence: ("confirmed", "confirmed"), ..PERHAPS_CODEX }],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let (between, now) = (login.mint(st, utc("2026-05-17 11:00:00")), login.mint(st, utc("2026-05-20 11:00:00")));
        let stores = [("auth.json.bak", &login, &shared), ("auth.json.bak2", &login, &between), ("auth.json", &login, &now)];
        codex_home(st, home, ".codex", &stores, &["2026-05-20 11:00:01", "2026-05-22 12:00:00"]);
        refused_hermes(st, home, &login, &shared, shared.issued + 731, true);
    },
};

/// Codex, which held an older pair of Hermes' login in a backup, worked past the end of that, and holds another
/// one now.
fn worked_past(st: &Stage, home: &mut Home, now: impl FnOnce(&Account, &Grant, &mut CodexHome<'_>)) {
    let account = Account::new(st);
    let (login, shared) = shared_login(st, &account);
    let mut codex = CodexHome::new(st, ".codex", Era::V130);
    codex.store("auth.json.bak", &login, &shared, shared.issued + 914);
    codex.thread(Front::Tui, &[(shared.expires + HOUR, C::Done), (shared.expires + 2 * HOUR, C::Done)]);
    now(&account, &login, &mut codex);
    codex.finish(home);
    let mut hermes = super::Hermes::start(st, super::Version::V013, shared.issued + HOUR);
    hermes.imported_from_codex(&login, &shared, shared.issued + 2 * HOUR);
    hermes.ask(shared.issued + 3 * HOUR, super::H::Done);
    hermes.snapshot(shared.issued + 4 * HOUR + 870, "weekly");
    for after in [30, 31, 40] {
        hermes.ask(shared.expires + after * DAY, super::H::AlreadyConsumed);
    }
    hermes.finish(home);
}

pub(super) const LONG_BEFORE: Scenario = Scenario {
    name: "refreshed-long-before-the-pair-that-is-kept",
    happened: "Codex and Hermes shared a pair whose access token ended on 22 May. Codex worked an hour and two hours after that; its store \
               shows a pair of 20 June. Hermes, idle meanwhile, was refused on 21 June.",
    conclusion: "Codex must have exchanged the shared token on 22 May, and the pair of that day is overwritten: what it exchanged on 20 June \
                 was a later generation. The act is on no record; that it was done by Codex rests on two: its store goes \
                 from the shared pair to a later one of that login, and it worked when the shared pair had ended.",
    hours: 2,
    expected: &[Verdict { confidence: ("likely", "very_likely"), ..CODEX_LIKELY }],
    play: |st, home| {
        worked_past(st, home, |_, login, codex| {
            let now = login.mint(st, utc("2026-06-20 11:00:00"));
            codex.store("auth.json", login, &now, now.issued + 650);
            codex.thread(Front::Tui, &[(now.issued + MINUTE, C::Done)]);
        });
    },
};

pub(super) const BEFORE_ITS_LOGIN: Scenario = Scenario {
    name: "refreshed-before-its-own-login",
    happened: "As before, but the pair of 20 June is of a new login of Codex.",
    conclusion: "A login of 20 June does not explain that Codex worked on 22 May with no token left: it had exchanged the shared one by \
                 then, before it was logged in anew.",
    hours: 2,
    expected: &[CODEX_LIKELY],
    play: |st, home| {
        worked_past(st, home, |account, _, codex| {
            let again = Grant::new(st, account, utc("2026-06-20 10:59:40"));
            let now = again.mint(st, utc("2026-06-20 11:00:00"));
            codex.login(now.issued - 20 * SECOND, now.issued);
            codex.store("auth.json", &again, &now, now.issued + 14);
            codex.thread(Front::Tui, &[(now.issued + MINUTE, C::Done)]);
        });
    },
};

pub(super) const HIDDEN_BY_A_LOGIN: Scenario = Scenario {
    name: "login-hides-what-was-before",
    happened: "Codex held the pair that Hermes was refused with, and was logged in anew on 20 May. Something that is not in these files \
               had spent the pair.",
    conclusion: "That Codex holds a login of its own now says neither that it had refreshed before nor that it had not: nobody can be named, \
                 and an unseen consumer is possible, no more.",
    hours: 2,
    expected: &[PERHAPS_UNSEEN],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let again = Grant::new(st, &account, utc("2026-05-20 10:59:40"));
        let now = again.mint(st, utc("2026-05-20 11:00:00"));
        let stores = [("auth.json.bak", &login, &shared), ("auth.json", &again, &now)];
        codex_home(st, home, ".codex", &stores, &["2026-05-20 11:00:30", "2026-05-22 12:00:00"]);
        refused_hermes(st, home, &login, &shared, shared.issued + 731, true);
    },
};

/// Codex 0.169 beside Hermes, with the pair that Hermes was refused with to this day, and what its log shows.
fn same_pair(st: &Stage, home: &mut Home, turns: &[(&str, C)], log: impl FnOnce(&mut Rows<'_>, &Account, &Pair)) {
    let account = Account::new(st);
    let (login, shared) = shared_login(st, &account);
    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.store("auth.json", &login, &shared, shared.issued + 914);
    let turns: Vec<(i64, C)> = turns.iter().map(|(at, answer)| (utc(at), *answer)).collect();
    codex.thread(Front::Tui, &turns);
    let mut rows = Rows::of(st, Front::Tui, utc("2026-05-22 07:54:50"));
    log(&mut rows, &account, &shared);
    codex.logs(rows);
    codex.finish(home);
    refused_hermes(st, home, &login, &shared, shared.issued + 731, true);
}

pub(super) const LOST_NEXT_DOOR: Scenario = Scenario {
    name: "write-failed-next-door",
    happened: "D1 seen from the other side: Codex and Hermes share a pair. Codex refreshed on 22 May at 08:02 and could not write its \
               store; Hermes was refused at 08:20. Codex' store still holds the old pair.",
    conclusion: "That Codex holds the same pair does not say that it left the token alone: its log shows a refresh of which the result was \
                 not written. Codex spent it, in all likelihood.",
    hours: 2,
    expected: &[CODEX_LIKELY],
    play: |st, home| {
        same_pair(st, home, &[("2026-05-22 08:03:10", C::Done)], |rows, _, _| {
            rows.not_stored(utc("2026-05-22 08:02:10.118"), "Permission denied (os error 13)");
        });
    },
};

pub(super) const UNANSWERED_NEXT_DOOR: Scenario = Scenario {
    name: "no-answer-next-door",
    happened: "D4 seen from the other side: Codex' refresh of the shared token met a 503 on 22 May at 08:02; Hermes was refused as used at \
               08:20.",
    conclusion: "The server may have carried out Codex' refresh and lost the answer. Nothing else on record used the token: possible. Codex' \
                 own failed turn leaves open what became of the token.",
    hours: 2,
    expected: &[Verdict { victim: "codex", mechanism: "undetermined", failed_turns: 1..=1, ..OPEN }, PERHAPS_CODEX],
    play: |st, home| {
        same_pair(st, home, &[("2026-05-22 08:02:10", NOT_RENEWED)], |rows, _, _| {
            rows.failed(utc("2026-05-22 08:02:10.905"), "503 Service Unavailable");
        });
    },
};

pub(super) const LOGGED_AND_PUT_BACK: Scenario = Scenario {
    name: "logged-refresh-next-door",
    happened: "Codex refreshed the shared pair on 21 May at 20:00, as its log says, and a backup of its store was put back later. Hermes was \
               refused on 22 May.",
    conclusion: "Codex' log shows the refresh, and its store the pair from before it: Codex spent the token that Hermes holds.",
    hours: 2,
    expected: &[CODEX_LIKELY],
    play: |st, home| {
        same_pair(st, home, &[("2026-05-21 20:00:40", C::Done)], |rows, account, _| {
            rows.begun(Front::Tui, utc("2026-05-21 19:59:50"));
            rows.refreshed(utc("2026-05-21 20:00:10"), account);
        });
    },
};

pub(super) const PAST_ITS_END: Scenario = Scenario {
    name: "worked-past-the-end-of-its-only-pair",
    happened: "Codex holds the very pair that Hermes was refused with. Its access token ended on 22 May at 08:20; Codex worked at 10:00 and \
               at 12:00, and Hermes, idle till then, was refused the day after.",
    conclusion: "Codex must have worked with a pair that its store does not show, and nothing else on record used the token: possible.",
    hours: 2,
    expected: &[PERHAPS_CODEX],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        codex_home(st, home, ".codex", &[("auth.json", &login, &shared)], &["2026-05-22 10:00:00", "2026-05-22 12:00:00"]);
        let mut hermes = super::Hermes::start(st, super::Version::V013, utc("2026-05-18 05:41:00"));
        hermes.imported_from_codex(&login, &shared, shared.issued + 2 * HOUR);
        hermes.ask(utc("2026-05-18 06:12:10"), super::H::Done);
        hermes.snapshot(utc("2026-05-19 05:44:10.870"), "weekly");
        for at in ["2026-05-23 08:20:00", "2026-05-23 08:47:05", "2026-05-23 19:40:33"] {
            hermes.ask(utc(at), super::H::AlreadyConsumed);
        }
        hermes.finish(home);
    },
};

pub(super) const STORE_NOT_COLLECTED: Scenario = Scenario {
    name: "store-of-the-importer-s-source-is-missing",
    happened: "Hermes imported its login from Codex. Codex' sessions of that machine are among the files, its `auth.json` is not.",
    conclusion: "Codex worked all the while with a store that nobody has read: that it did nothing cannot be said. An unseen consumer is \
                 possible, no more.",
    hours: 2,
    expected: &[PERHAPS_UNSEEN],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        codex_home(st, home, ".codex", &[], &["2026-05-20 11:00:00", "2026-05-22 12:00:00"]);
        refused_hermes(st, home, &login, &shared, shared.issued + 731, true);
    },
};

pub(super) const IMPORTED_ELSEWHERE: Scenario = Scenario {
    name: "imported-from-a-codex-that-is-not-here",
    happened: "Hermes on a server (`host-b`) imported its login from the Codex there, whose home is not among the files. On a laptop \
               (`host-a`) another Codex of the account refreshed. No token says which login it belongs to.",
    conclusion: "Hermes can only have imported from its own machine: nothing ties it to the laptop. Open.",
    hours: 2,
    expected: &[OPEN],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::untold(st, &account, utc("2026-04-08 18:03:11"));
        let pair = login.mint(st, utc(FAILED) - 10 * DAY - 22_000);
        let (before, now) = (login.mint(st, utc("2026-05-10 11:00:00")), login.mint(st, utc("2026-05-20 11:00:00")));
        home.merge_host("host-a", |laptop| {
            let stores = [("auth.json.bak", &login, &before), ("auth.json", &login, &now)];
            codex_home(st, laptop, ".codex", &stores, &["2026-05-22 12:00:00"]);
        });
        home.merge_host("host-b", |server| refused_hermes(st, server, &login, &pair, pair.issued + 931, true));
    },
};

pub(super) const OUT_OF_LINE: Scenario = Scenario {
    name: "an-older-pair-refreshed-after-the-victim-s",
    happened: "Hermes and Codex were given a login each in one session of the browser, so that all tokens carry one session: Codex' of 12 May \
               at 06:20, Hermes' of 08:20. Codex refreshed its own on 22 May at 05:58, and something unseen had spent Hermes'.",
    conclusion: "In one line Codex' pair of 06:20 would have been spent by 08:20, and Codex could not have refreshed it: it took Hermes' pair \
                 over in between, or the two have a login each. Likely at most.",
    hours: 2,
    expected: &[CODEX_LIKELY],
    play: |st, home| {
        let account = Account::new(st);
        let (login, pair) = shared_login(st, &account);
        let (before, now) = (login.mint(st, pair.issued - 2 * HOUR), login.mint(st, utc("2026-05-22 05:58:00")));
        let stores = [("auth.json.bak", &login, &before), ("auth.json", &login, &now)];
        codex_home(st, home, ".codex", &stores, &["2026-05-22 05:58:30", "2026-05-22 12:00:00"]);
        refused_hermes(st, home, &login, &pair, pair.issued + 391, false);
    },
};
