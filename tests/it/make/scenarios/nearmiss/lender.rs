//! A pair in the store of a program that takes over what Codex has, where Codex was at work with the login too and
//! keeps nothing of that time: who exchanged the token that a third one still held is open between the two.

use super::super::super::clock::{DAY, HOUR, MINUTE, SECOND, utc};
use super::super::super::codex::{Answer as C, CodexHome, Era, Front, WAS_REVOKED};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::openclaw::{Answer as O, CODEX_MODEL, OpenClaw};
use super::super::super::token::{Account, Grant};
use super::super::{Scenario, Verdict};
use super::OPEN;
use super::lives::SERVER;

pub(super) const TAKEN_OVER: Scenario = Scenario {
    name: "pair-that-codex-may-have-lent",
    happened: "Codex refreshed the login that it shares with Hermes as the token ended on 19 June, and OpenClaw took the new pair over; both worked on. \
               Hermes presented the old token on the next day, after which the server ended the login, and Codex was logged in anew.",
    conclusion: "The pair is in OpenClaw's store alone, since Codex holds its new login. But Codex had worked past the end of the old token \
                 too, so that it had that pair or another one, and the entry of OpenClaw is written as for one that it took over: which of the two \
                 refreshed is open.",
    hours: 2,
    expected: &[
        Verdict { failed_turns: 2..=2, ..OPEN },
        Verdict { victim: "codex", confidence: ("undetermined", "likely"), failed_turns: 1..=1, ..SERVER },
    ],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-06-09 08:01:20"));
        let old = login.mint(st, utc("2026-06-09 08:01:31"));
        let next = login.mint(st, old.expires - 3 * MINUTE);
        let (refused, done) = (old.expires + 26 * HOUR, old.expires + 27 * HOUR);
        let new = Grant::new(st, &account, done - 9 * SECOND);
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json", &new, &new.mint(st, done), done + 19);
        codex.login(done - 33 * SECOND, done);
        codex.thread(
            Front::Tui,
            &[
                (old.issued + DAY, C::Done),
                (next.issued - 900, C::Done),
                (old.expires + 5 * HOUR, C::Done),
                (refused + 7 * MINUTE, WAS_REVOKED),
            ],
        );
        codex.thread(Front::Tui, &[(done + 5 * MINUTE, C::Done)]);
        codex.finish(home);
        let mut claw = OpenClaw::start(st, next.issued + 10 * MINUTE, CODEX_MODEL);
        claw.store().bootstrapped_from_codex(&login, &next);
        let chat = claw.session();
        claw.ask(chat, next.issued + 12 * MINUTE, O::Done);
        claw.ask(chat, old.expires + 20 * HOUR, O::Done);
        claw.finish(home);
        let mut hermes = Hermes::start(st, Version::V013, old.issued + 2 * HOUR);
        hermes.imported_from_codex(&login, &old, old.issued + 3 * HOUR);
        hermes.ask(old.issued + 4 * HOUR, H::Done);
        hermes.snapshot(old.issued + 2 * DAY + 117, "weekly");
        hermes.ask(old.expires - HOUR, H::Done);
        hermes.ask(refused, H::AlreadyConsumed);
        hermes.ask(refused + 2 * HOUR, H::AlreadyConsumed);
        hermes.finish(home);
    },
};
