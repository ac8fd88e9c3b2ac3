//! Clocks that one rotation alone shows to be off, and clocks that were set: which of two acts came first is
//! told by the clock that both were taken on, and by no other.
//!
//! Most are one story: Codex and Hermes 0.13 share a login of 2 June, and Hermes is refused with
//! `token_invalidated` on 9 June at 14:20 and 14:31.

use super::super::super::clock::{DAY, HOUR, MINUTE, SECOND, utc};
use super::super::super::codex::{Answer as C, CodexHome, Era, Front};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant, Pair};
use super::super::hosts::suspended;
use super::super::{Scenario, Verdict};

/// Revoked, and no act on record explains it.
const SERVER: Verdict = Verdict {
    victim: "hermes",
    mechanism: "revoked",
    root_cause: "server_revocation",
    actor: None,
    confidence: ("possible", "likely"),
    failed_turns: 2..=2,
};

/// Revoked, by whom is open.
const OPEN: Verdict = Verdict { root_cause: "undetermined", confidence: ("undetermined", "undetermined"), ..SERVER };

/// Revoked by an act of Codex.
const LOGOUT: Verdict =
    Verdict { root_cause: "sibling_logout", actor: Some("codex"), confidence: ("possible", "very_likely"), ..SERVER };

/// A time on 9 June.
fn on(time: &str) -> i64 {
    utc(&format!("2026-06-09 {time}"))
}

/// The shared login and its first pair.
fn login(st: &Stage) -> (Account, Grant, Pair) {
    let account = Account::new(st);
    let login = Grant::new(st, &account, utc("2026-06-02 11:03:50"));
    let pair = login.mint(st, utc("2026-06-02 11:04:02"));
    (account, login, pair)
}

/// Hermes with a copy of the login, by a clock that is so far ahead since the morning of 9 June.
fn hermes(st: &Stage, home: &mut Home, login: &Grant, pair: &Pair, ahead: i64) {
    let mut hermes = Hermes::start(st, Version::V013, utc("2026-06-02 11:50:00"));
    hermes.imported_from_codex(login, pair, utc("2026-06-02 12:00:12.233"));
    hermes.ask(utc("2026-06-05 06:12:10"), H::Done);
    hermes.snapshot(utc("2026-06-06 06:40:12.451"), "weekly");
    hermes.ask(on("13:10:00") + ahead, H::Done);
    hermes.ask(on("14:20:00") + ahead, H::Invalidated);
    hermes.ask(on("14:31:00") + ahead, H::Invalidated);
    hermes.finish(home);
}

/// Codex that held the login and logged in anew on 9 June at `at`, by a clock that is so far ahead then.
fn logged_in(st: &Stage, home: &mut Home, old: (&Grant, &Pair), at: &str, ahead: i64, is_logged: bool) {
    let (done, says) = (on(at), on(at) + ahead);
    let new = Grant::new(st, &old.0.account, done - 5_000);
    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.store("auth.json.bak", old.0, old.1, old.1.issued + 406);
    if is_logged {
        codex.login(says - 31_000, says);
    }
    codex.store("auth.json", &new, &new.mint(st, done), says + 21);
    codex.thread(Front::Tui, &[(utc("2026-06-04 09:10:00"), C::Done)]);
    codex.thread(Front::Tui, &[(says + 50_000, C::Done)]);
    codex.finish(home);
}

/// Codex that logged out, by what its shell says, and of whose store a copy is left with this stamp.
fn logged_out(st: &Stage, home: &mut Home, old: (&Grant, &Pair), stamp: i64, says: i64) {
    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.store("auth.json.bak", old.0, old.1, stamp);
    codex.thread(Front::Tui, &[(utc("2026-06-04 09:10:00"), C::Done)]);
    codex.finish(home);
    home.put(".zsh_history", format!(": {}:0;codex logout\n", says / SECOND), says + HOUR);
}

/// The clock of the laptop is behind by this.
const BEHIND: i64 = 95 * MINUTE;

pub(super) const SLOW_REPAIR: Scenario = Scenario {
    name: "repair-on-a-machine-that-is-slow",
    happened: "Hermes on a server (`host-b`) was refused at 14:20 UTC. The owner logged Codex on the laptop (`host-a`) in anew at 15:20; \
               the laptop's clock had fallen behind by 95 minutes since it last refreshed, and its login log and store say 13:45.",
    conclusion: "The new token was issued at 15:20 by the login service's own clock and stored at 13:45 by the laptop's: one login on two \
                 clocks, of which the laptop's is slow. It came an hour after the refusal and is the repair.",
    hours: 2,
    expected: &[SERVER],
    play: |st, home| {
        let (_, login, pair) = login(st);
        home.merge_host("host-a", |laptop| logged_in(st, laptop, (&login, &pair), "15:20:00", -BEHIND, true));
        home.merge_host("host-b", |server| hermes(st, server, &login, &pair, 0));
    },
};

pub(super) const SLOW_LOGOUT: Scenario = Scenario {
    name: "logout-on-a-machine-that-is-slow",
    happened: "As before, but Codex on the laptop was logged out at 15:20 UTC, which its shell has as 13:45. The copy of its store that is \
               left was stored 95 minutes before its token was issued.",
    conclusion: "Nothing is stored before it is issued: the laptop's clock was slow when the pair was stored, by 95 minutes. Whether it still \
                 was a week later nothing tells. If so the logout came after the refusal, else before it.",
    hours: 2,
    expected: &[OPEN],
    play: |st, home| {
        let (_, login, pair) = login(st);
        let stamp = pair.issued + 406 - BEHIND;
        home.merge_host("host-a", |laptop| logged_out(st, laptop, (&login, &pair), stamp, on("15:20:00") - BEHIND));
        home.merge_host("host-b", |server| hermes(st, server, &login, &pair, 0));
    },
};

pub(super) const SLOW_AND_LONG_BEFORE: Scenario = Scenario {
    name: "logout-longer-before-than-the-machine-is-slow",
    happened: "As before, but the logout came at 16:05 the day before, by the laptop's shell. Hermes had last worked before that.",
    conclusion: "The logout came before the refusal whether the laptop was slow by 95 minutes or not.",
    hours: 2,
    expected: &[LOGOUT],
    play: |st, home| {
        let (_, login, pair) = login(st);
        let stamp = pair.issued + 406 - BEHIND;
        home.merge_host("host-a", |laptop| logged_out(st, laptop, (&login, &pair), stamp, on("16:05:00") - DAY));
        home.merge_host("host-b", |server| {
            let mut hermes = Hermes::start(st, Version::V013, utc("2026-06-02 11:50:00"));
            hermes.imported_from_codex(&login, &pair, utc("2026-06-02 12:00:12.233"));
            hermes.ask(utc("2026-06-05 06:12:10"), H::Done);
            hermes.snapshot(utc("2026-06-06 06:40:12.451"), "weekly");
            hermes.ask(on("14:20:00"), H::Invalidated);
            hermes.ask(on("14:31:00"), H::Invalidated);
            hermes.finish(server);
        });
    },
};

pub(super) const LEFT_OVER: Scenario = Scenario {
    name: "stamp-that-was-left-over",
    happened: "As before, but the laptop's clock is right: a tool of a third party had renewed the pair in Codex' store on 2 June and left \
               the stamp of the pair before it, of 23 May. The logout was typed at 13:45 UTC, half an hour before the refusal.",
    conclusion: "A stamp ten days older than its token is no clock, it is what was left of the pair before. The logout came before the \
                 refusal by any clock that machines have.",
    hours: 2,
    expected: &[LOGOUT],
    play: |st, home| {
        let (_, login, pair) = login(st);
        let stamp = utc("2026-05-23 09:12:07.402");
        home.merge_host("host-a", |laptop| logged_out(st, laptop, (&login, &pair), stamp, on("13:45:00")));
        home.merge_host("host-b", |server| hermes(st, server, &login, &pair, 0));
    },
};

/// The clock of the machine is ahead by this.
const AHEAD: i64 = 25 * MINUTE;

pub(super) const AHEAD_REPAIR: Scenario = Scenario {
    name: "repair-on-a-machine-that-is-ahead",
    happened: "Codex and Hermes on one machine, whose clock came back from a suspension 25 minutes ahead. By it Hermes was refused at 14:45 and \
               14:56 and Codex logged in anew at 15:03; the token of that login was issued at 14:38.",
    conclusion: "The login log, the store and the next turn of Codex have the login at 15:03 on the clock that has the refusals at 14:45 and \
                 14:56. That the login service has another time for it makes the clock wrong, and does not put the login before them.",
    hours: 2,
    expected: &[SERVER],
    play: |st, home| {
        let (_, login, pair) = login(st);
        logged_in(st, home, (&login, &pair), "14:38:00", AHEAD, true);
        hermes(st, home, &login, &pair, AHEAD);
    },
};

pub(super) const AHEAD_UNLOGGED: Scenario = Scenario {
    name: "login-between-two-stamps",
    happened: "As before, but no log has the login: the store alone shows it, with a stamp 25 minutes after the token's own time.",
    conclusion: "If Codex logged in itself, the clock was ahead and the login came after the refusals. If the pair was put into its store later, \
                 by whatever program, the login came before them. The files do not tell which.",
    hours: 2,
    expected: &[OPEN],
    play: |st, home| {
        let (_, login, pair) = login(st);
        logged_in(st, home, (&login, &pair), "14:38:00", AHEAD, false);
        hermes(st, home, &login, &pair, AHEAD);
    },
};

pub(super) const PUT_FORWARD: Scenario = Scenario {
    name: "clock-that-was-put-forward",
    happened: "Hermes' machine was half an hour behind on 12 and 22 May, and was synchronized on the night before 9 June. The login was refused \
               at 14:20 and 14:31; `hermes auth` at 14:40 got a new one, which worked at 14:42 and since.",
    conclusion: "One incident of two turns, repaired by the login. Its times are of one clock and in the order of its log; that the clock was \
                 once behind says nothing about that.",
    hours: 2,
    expected: &[SERVER],
    play: |st, home| {
        const SLOW: i64 = 30 * MINUTE;
        let account = Account::new(st);
        let old = Grant::new(st, &account, utc("2026-05-11 10:00:00"));
        let (first, second) = (old.mint(st, utc("2026-05-12 10:00:09")), old.mint(st, utc("2026-05-22 09:58:40")));
        let new = Grant::new(st, &account, on("14:39:52"));
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-12 09:20:00"));
        hermes.own_login(&old, &first, first.issued - SLOW + 610);
        hermes.ask(utc("2026-05-14 06:12:10"), H::Done);
        hermes.snapshot(utc("2026-05-16 06:40:12.451"), "weekly");
        hermes.refreshed(&second, second.issued - SLOW + 580);
        hermes.ask(second.issued - SLOW + 2_000, H::Done);
        hermes.snapshot(utc("2026-05-24 06:40:12.451"), "weekly");
        hermes.ask(on("11:10:00"), H::Done);
        hermes.ask(on("14:20:00"), H::Invalidated);
        hermes.ask(on("14:31:00"), H::Invalidated);
        hermes.own_login(&new, &new.mint(st, on("14:40:00")), on("14:40:00") + 540);
        hermes.ask(on("14:42:00"), H::Done);
        hermes.ask(on("16:00:00"), H::Done);
        hermes.finish(home);
    },
};

pub(super) const SET_TO_REPAIR: Scenario = Scenario {
    name: "clock-set-to-repair-it",
    happened: "As `clock-wrong`; two hours after the last refusal the machine's clock was set, and Codex refreshed again an hour later.",
    conclusion: "The last refresh is in step, and it came after the refusals. Between these and it the machine wrote nothing for longer than its \
                 clock was put forward by: the refusals are of the time before that.",
    hours: 2,
    expected: &[Verdict {
        victim: "openclaw",
        mechanism: "expired",
        root_cause: "clock_wrong",
        actor: None,
        confidence: ("possible", "likely"),
        failed_turns: 3..=3,
    }],
    play: |st, home| {
        suspended(st, home, HOUR);
        let login = Grant::new(st, &Account::new(st), utc("2026-05-02 10:11:12"));
        let mut codex = CodexHome::new(st, ".codex-spare", Era::V130);
        let pair = login.mint(st, utc("2026-05-22 12:31:10"));
        codex.store("auth.json", &login, &pair, pair.issued + 640);
        codex.thread(Front::Tui, &[(pair.issued - 1_000, C::Done)]);
        codex.finish(home);
    },
};
