//! What bounds the time in which a login can have been ended: the victim's own last success, as far as the clocks
//! put it in order with the act, and the password of a login of which the store shows a later pair alone.

use super::super::super::clock::{HOUR, MINUTE, utc};
use super::super::super::codex::{Answer as C, CodexHome, Era, Front};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::openclaw::Answer as O;
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant, Pair};
use super::super::{Scenario, Verdict};
use super::lives::{LOGOUT, SERVER, claw, on, typed};
use super::order::adrift;

const OPEN: Verdict = Verdict { root_cause: "undetermined", actor: None, confidence: ("undetermined", "undetermined"), ..SERVER };
const RELOGIN: Verdict = Verdict { root_cause: "sibling_relogin", actor: Some("codex"), ..SERVER };
const PERHAPS_RELOGIN: Verdict = Verdict { confidence: ("possible", "possible"), ..RELOGIN };

/// The old login of 22 May and its pair of 3 June.
fn old(st: &Stage) -> (Account, Grant, Pair) {
    let account = Account::new(st);
    let login = Grant::new(st, &account, utc("2026-05-22 06:20:41"));
    let pair = login.mint(st, utc("2026-06-03 05:44:02"));
    (account, login, pair)
}

/// Codex 0.169 that held the old pair, with what its store holds now, and a thread.
fn codex(st: &Stage, home: &mut Home, (old, pair): (&Grant, &Pair), now: Option<(&Grant, &Pair)>, turns: &[i64]) {
    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.store("auth.json.bak", old, pair, pair.issued + 731);
    if let Some((grant, pair)) = now {
        codex.store("auth.json", grant, pair, pair.issued + 731);
    }
    let turns: Vec<(i64, C)> = turns.iter().map(|at| (*at, C::Done)).collect();
    codex.thread(Front::Tui, &turns);
    codex.finish(home);
}

/// Hermes on a copy of the old pair: answered, then refused as invalidated.
fn hermes(st: &Stage, home: &mut Home, (old, pair): (&Grant, &Pair), done: &[i64], refused: &[i64]) {
    let mut hermes = Hermes::start(st, Version::V013, utc("2026-06-04 06:00:00"));
    hermes.imported_from_codex(old, pair, utc("2026-06-04 06:10:12.233"));
    hermes.ask(utc("2026-06-04 06:12:10"), H::Done);
    hermes.snapshot(utc("2026-06-04 06:40:12.451"), "weekly");
    done.iter().for_each(|at| hermes.ask(*at, H::Done));
    refused.iter().for_each(|at| hermes.ask(*at, H::Invalidated));
    hermes.finish(home);
}

/// A new login of the account, with its first pair.
fn anew(st: &Stage, account: &Account, at: i64) -> (Grant, Pair) {
    let new = Grant::new(st, account, at - 6_000);
    let pair = new.mint(st, at);
    (new, pair)
}

pub(super) const ANSWERED_SINCE: Scenario = Scenario {
    name: "answered-after-the-login-in-some-zones",
    happened: "Codex logged in anew on 10 June at 07:20 UTC. By the local times of Hermes' log, whose zone nothing tells, Hermes answered at \
               13:05 that day and was refused as invalidated at 06:50 and 07:30 of the next.",
    conclusion: "Wherever on earth it is, the refusal came after the login. But in most zones so did the answer, and then the login had \
                 not ended what Hermes lived on. Revoked; by whom the zone would settle, and nobody can be named.",
    hours: 2,
    expected: &[OPEN],
    play: |st, home| {
        let (account, login, pair) = old(st);
        let (new, first) = anew(st, &account, on("07:20:00"));
        codex(st, home, (&login, &pair), Some((&new, &first)), &[on("06:10:00"), on("07:25:00"), on("15:00:00")]);
        let refused = [utc("2026-06-11 06:50:00"), utc("2026-06-11 07:30:00")];
        hermes(st, home, (&login, &pair), &[on("13:05:00")], &refused);
        adrift(home);
    },
};

pub(super) const ANSWERED_SINCE_THE_LOGOUT: Scenario = Scenario {
    name: "answered-after-the-logout-in-some-zones",
    happened: "As `answered-after-the-login-in-some-zones`, with `codex logout` typed at 07:20.",
    conclusion: "The same: a logout that the failing client outlived ended nothing of its.",
    hours: 2,
    expected: &[OPEN],
    play: |st, home| {
        let (_, login, pair) = old(st);
        codex(st, home, (&login, &pair), None, &[on("06:10:00")]);
        typed(home, &[(on("07:20:00"), "codex logout")]);
        let refused = [utc("2026-06-11 06:50:00"), utc("2026-06-11 07:30:00")];
        hermes(st, home, (&login, &pair), &[on("13:05:00")], &refused);
        adrift(home);
    },
};

pub(super) const SILENT_SINCE: Scenario = Scenario {
    name: "last-answer-days-before-the-logout",
    happened: "As `answered-after-the-logout-in-some-zones`, but Hermes' last answer was on 8 June.",
    conclusion: "In every zone the answer came before the logout and the refusal after it: the zone does not matter.",
    hours: 2,
    expected: &[Verdict { confidence: ("likely", "very_likely"), ..LOGOUT }],
    play: |st, home| {
        let (_, login, pair) = old(st);
        codex(st, home, (&login, &pair), None, &[on("06:10:00")]);
        typed(home, &[(on("07:20:00"), "codex logout")]);
        let refused = [utc("2026-06-11 06:50:00"), utc("2026-06-11 07:30:00")];
        hermes(st, home, (&login, &pair), &[utc("2026-06-08 09:05:00")], &refused);
        adrift(home);
    },
};

pub(super) const ANSWERED_ELSEWHERE: Scenario = Scenario {
    name: "answered-a-minute-after-a-login-on-another-machine",
    happened: "Codex on `host-a` logged in anew at 07:20. OpenClaw on `host-b`, on the old login, was answered a minute and a half later by \
               its own clock, and refused at 08:40. Nothing measures the two clocks.",
    conclusion: "By the clocks as they stand the old login outlived the new one; clocks of two machines may well be minutes apart. Open.",
    hours: 2,
    expected: &[Verdict { victim: "openclaw", ..OPEN }],
    play: |st, home| {
        let (account, login, pair) = old(st);
        let (new, first) = anew(st, &account, on("07:20:00"));
        home.merge_host("host-a", |a| {
            codex(st, a, (&login, &pair), Some((&new, &first)), &[on("06:10:00"), on("07:25:00")]);
        });
        home.merge_host("host-b", |b| {
            let turns = [("06:30:00", O::Done), ("07:21:30", O::Done), ("08:40:00", O::Invalidated), ("09:10:00", O::Invalidated)];
            claw(st, b, &login, &pair, &turns);
        });
    },
};

/// Codex that was logged in anew at some time, used its new login for days, and holds its second pair.
fn refreshed_since(st: &Stage, home: &mut Home, password: i64) -> (Grant, Pair) {
    let (account, login, pair) = old(st);
    let new = Grant::new(st, &account, password);
    let second = new.mint(st, utc("2026-06-20 07:12:33"));
    let turns = [on("06:10:00"), on("12:00:00"), utc("2026-06-12 12:00:00"), utc("2026-06-18 10:00:00")];
    codex(st, home, (&login, &pair), Some((&new, &second)), &turns);
    (login, pair)
}

pub(super) const REFRESHED_SINCE: Scenario = Scenario {
    name: "login-known-by-its-second-pair",
    happened: "Codex was logged in anew on 10 June at 09:22; its login log is not among the files, which were taken on 21 June: by then its \
               store held the second pair of that login, beside a backup of the old one. Hermes answered at 09:10 and was refused at \
               09:35.",
    conclusion: "What Codex did after 09:22 it did on a login whose password was entered then, or later on, and not on the one that ended: \
                 it proves nothing for that. Entered between Hermes' last answer and its refusal: possible, since the login that it was \
                 entered for may have come later.",
    hours: 2,
    expected: &[PERHAPS_RELOGIN],
    play: |st, home| {
        let (login, pair) = refreshed_since(st, home, on("09:22:00"));
        hermes(st, home, (&login, &pair), &[on("09:10:00")], &[on("09:35:00"), on("10:35:00")]);
    },
};

pub(super) const PASSWORD_BEFORE: Scenario = Scenario {
    name: "password-entered-before-the-last-answer",
    happened: "As `login-known-by-its-second-pair`, but the password was entered on 8 June, and Codex given the login from that browser at \
               some time between then and 20 June.",
    conclusion: "Whether Codex logged in between Hermes' last answer and its refusal no file says, nor that it did not. Open.",
    hours: 2,
    expected: &[OPEN],
    play: |st, home| {
        let (login, pair) = refreshed_since(st, home, utc("2026-06-08 14:03:00"));
        hermes(st, home, (&login, &pair), &[on("09:10:00")], &[on("09:35:00"), on("10:35:00")]);
    },
};

pub(super) const PASSWORD_AFTER: Scenario = Scenario {
    name: "password-entered-after-the-refusal",
    happened: "As `login-known-by-its-second-pair`, but the password was entered at 11:40.",
    conclusion: "Whatever Codex logged in for then, it was after the refusal: the repair. No act explains the end of the login.",
    hours: 2,
    expected: &[SERVER],
    play: |st, home| {
        let (login, pair) = refreshed_since(st, home, on("11:40:00"));
        hermes(st, home, (&login, &pair), &[on("09:10:00")], &[on("09:35:00"), on("10:35:00")]);
    },
};

pub(super) const LOGGED_AND_REFRESHED: Scenario = Scenario {
    name: "logged-login-and-its-second-pair",
    happened: "As `password-entered-before-the-last-answer`, and the login log of Codex is there: it was logged in on 10 June at 09:22, from \
               the browser that was still signed in.",
    conclusion: "The log dates the login that the store shows by its second pair: between Hermes' last answer and its refusal.",
    hours: 2,
    expected: &[Verdict { confidence: ("likely", "very_likely"), ..RELOGIN }],
    play: |st, home| {
        let (account, login, pair) = old(st);
        let new = Grant::new(st, &account, utc("2026-06-08 14:03:00"));
        let second = new.mint(st, utc("2026-06-20 07:12:33"));
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json.bak", &login, &pair, pair.issued + 731);
        codex.store("auth.json", &new, &second, second.issued + 731);
        codex.login(on("09:22:00") - MINUTE / 2, on("09:22:00"));
        codex.thread(Front::Tui, &[(on("06:10:00"), C::Done), (on("09:22:00") + HOUR, C::Done)]);
        codex.finish(home);
        hermes(st, home, (&login, &pair), &[on("09:10:00")], &[on("09:35:00"), on("10:35:00")]);
    },
};
