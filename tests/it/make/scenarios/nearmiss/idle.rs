//! Near misses about what is not on record of a token that ended: idleness that nothing shows, a login that
//! others had in use, and an access token whose end nobody knows.

use super::super::super::clock::{DAY, utc};
use super::super::super::codex::{Answer as C, CodexHome, Era, Front};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant, Pair};
use super::super::expired::RAN_OUT;
use super::super::{Scenario, Verdict};
use super::OPEN;

/// It ran out, and whether from idleness is a guess.
const PERHAPS_IDLE: Verdict = Verdict {
    victim: "codex",
    mechanism: "expired",
    root_cause: "refresh_token_expired_idle",
    confidence: ("undetermined", "possible"),
    failed_turns: 2..=2,
    ..OPEN
};

/// Codex 0.169 comes to work on 30 October with a token of that time, and is told that it ran out.
fn ran_out(st: &Stage, home: &mut Home, login: &Grant, pair: &Pair, before: &[&str]) {
    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.store("auth.json", login, pair, pair.issued + 914);
    if !before.is_empty() {
        let turns: Vec<(i64, C)> = before.iter().map(|at| (utc(at), C::Done)).collect();
        codex.thread(Front::Tui, &turns);
    }
    codex.thread(Front::Tui, &[(utc("2026-10-30 08:20:31"), RAN_OUT), (utc("2026-10-30 08:24:31"), RAN_OUT)]);
    codex.finish(home);
}

pub(super) const UNSEEN: Scenario = Scenario {
    name: "ran-out-and-earlier-threads-are-gone",
    happened: "Codex worked daily until its access token ended the evening before; its earlier threads were deleted. The next morning \
               its refresh token was called expired.",
    conclusion: "The store is eleven days old, and a token serves ten days without a trace in it: that no earlier turn is among the files \
                 says nothing where none of that time is. The token ran out; that it had lain idle is possible.",
    hours: 0,
    expected: &[PERHAPS_IDLE],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-09-01 09:10:00"));
        ran_out(st, home, &login, &login.mint(st, utc("2026-10-30 08:20:31") - 11 * DAY), &[]);
    },
};

pub(super) const IN_USE_ELSEWHERE: Scenario = Scenario {
    name: "idle-store-of-a-login-in-use",
    happened: "Codex lay idle for seven weeks, and its refresh token was called expired. Hermes, which shares the login, has a token of it \
               from six days before and worked with it until the evening before.",
    conclusion: "One holder lay idle, the login did not: whatever ended this token, that nobody used the login is not it. Possible at most.",
    hours: 0,
    expected: &[PERHAPS_IDLE],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-08-02 09:10:00"));
        ran_out(st, home, &login, &login.mint(st, utc("2026-09-11 07:12:40")), &["2026-09-11 09:12:38", "2026-09-12 07:12:38"]);
        let newer = login.mint(st, utc("2026-10-24 07:12:40"));
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-10-24 06:00:00"));
        hermes.imported_from_codex(&login, &newer, utc("2026-10-24 07:12:41.655"));
        for at in ["2026-10-24 07:30:30", "2026-10-27 10:04:12", "2026-10-29 18:14:10"] {
            hermes.ask(utc(at), H::Done);
        }
        hermes.finish(home);
    },
};

pub(super) const END_UNKNOWN: Scenario = Scenario {
    name: "called-expired-and-its-end-unknown",
    happened: "The API called Codex' access token expired, six days before its own end; Codex renewed it and went on. No copy of the old \
               store was kept.",
    conclusion: "Called expired, renewed, at work again: the ordinary end of a token, as far as these files go. When the refused token was \
                 to end they do not show, and services have called tokens expired long before.",
    hours: 1,
    expected: &[Verdict {
        victim: "codex",
        mechanism: "expired",
        root_cause: "access_token_expired_refresh_ok",
        confidence: ("possible", "likely"),
        failed_turns: 1..=1,
        ..OPEN
    }],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-10-28 10:00:00"));
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json", &login, &login.mint(st, utc("2026-11-18 09:41:38")), utc("2026-11-18 09:41:38.330"));
        let ended = C::Failed(
            "unexpected status 401 Unauthorized: Provided authentication token is expired. Please try signing in again.",
            "other",
        );
        let turns = [("2026-11-18 08:12:44", C::Done), ("2026-11-18 09:41:10", ended), ("2026-11-18 09:41:38.110", C::Done)];
        codex.thread(Front::Tui, &turns.map(|(at, answer)| (utc(at), answer)));
        codex.finish(home);
    },
};
