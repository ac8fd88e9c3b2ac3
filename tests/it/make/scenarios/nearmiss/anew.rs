//! Stores that show their last login alone. Codex keeps one pair in one file: after a login nothing in it tells
//! whether it had shared the login that it gave up.

use super::super::super::clock::utc;
use super::super::super::codex::{Answer as C, CodexHome, Era, Front};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::openclaw::{Answer as O, CODEX_MODEL, OpenClaw};
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant, Pair};
use super::super::{Scenario, Verdict};
use super::{FAILED, OPEN, UNSEEN, hermes_with, refused_hermes, shared_login};

const REVOKED_BY_CODEX: Verdict = Verdict {
    victim: "hermes",
    mechanism: "revoked",
    root_cause: "sibling_relogin",
    actor: Some("codex"),
    confidence: ("likely", "likely"),
    failed_turns: 3..=3,
};

/// Codex with one store, of a login that its log tells of.
fn codex_anew<'s>(st: &'s Stage, account: &Account, begun: &str, done: &str) -> CodexHome<'s> {
    let anew = Grant::new(st, account, utc(begun));
    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.login(utc(begun), utc(done));
    codex.store("auth.json", &anew, &anew.mint(st, utc(done)), utc(done) + 217);
    codex
}

pub(super) const ONLY_THE_NEW_ONE: Scenario = Scenario {
    name: "only-the-new-login-is-left",
    happened: "Hermes had imported the login of `~/.codex`. On 22 May at 08:19:12 a person completed `codex login` there, which ended \
               it; Hermes was refused at its next request, 79 s later. Codex' store holds the new login alone.",
    conclusion: "That Codex' login is another one now is what a new login makes of it, and no sign that the two were always separate: \
                 Hermes' store says that its credential was copied from Codex, and the login is logged. Likely; that the very login \
                 was the replaced one is on no file.",
    hours: 2,
    expected: &[REVOKED_BY_CODEX],
    play: |st, home| {
        let account = Account::new(st);
        let old = Grant::new(st, &account, utc("2026-05-03 09:12:40"));
        let pair = old.mint(st, utc("2026-05-17 04:02:11"));
        let mut codex = codex_anew(st, &account, "2026-05-22 08:18:40", "2026-05-22 08:19:12");
        codex.thread(Front::Tui, &[(utc("2026-05-22 08:25:00"), C::Done), (utc("2026-05-22 12:00:00"), C::Done)]);
        codex.finish(home);
        hermes_with(st, home, &old, &pair, utc("2026-05-17 19:30:05"), true, H::Invalidated);
    },
};

pub(super) const ALWAYS_ITS_OWN: Scenario = Scenario {
    name: "new-login-beside-one-of-its-own",
    happened: "Hermes had logged in on its own on 13 May. On 21 May in the evening a person completed `codex login`; the server ended \
               Hermes' session in the night, for a reason of its own.",
    conclusion: "Nothing ties Hermes' login to the one that Codex gave up, and Hermes failed at a request half a day later: the new \
                 login is possible, and no more.",
    hours: 2,
    expected: &[Verdict { confidence: ("possible", "possible"), ..REVOKED_BY_CODEX }],
    play: |st, home| {
        let account = Account::new(st);
        let own = Grant::new(st, &account, utc("2026-05-13 07:02:10"));
        let pair = own.mint(st, utc("2026-05-13 07:02:31"));
        let mut codex = codex_anew(st, &account, "2026-05-21 18:02:00", "2026-05-21 18:02:41");
        codex.thread(Front::Tui, &[(utc("2026-05-21 18:05:00"), C::Done), (utc("2026-05-22 12:00:00"), C::Done)]);
        codex.finish(home);
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-18 05:41:00"));
        hermes.own_login(&own, &pair, pair.issued + 640);
        hermes.ask(utc("2026-05-18 06:12:10"), H::Done);
        hermes.snapshot(utc("2026-05-19 05:44:10.870"), "weekly");
        hermes.ask(utc("2026-05-21 17:22:08"), H::DoneWithTool);
        for at in [FAILED, "2026-05-22 08:47:05", "2026-05-22 19:40:33"] {
            hermes.ask(utc(at), H::Invalidated);
        }
        hermes.finish(home);
    },
};

pub(super) const REPAIRED_SINCE: Scenario = Scenario {
    name: "reused-and-logged-in-anew-since",
    happened: "Hermes had imported the login of `~/.codex`, which Codex refreshed two days before Hermes was refused. The person ran \
               `codex login` half an hour after that, as the message asks, and Codex' store holds the new login alone.",
    conclusion: "What Codex held when the token was spent is not on record, and what it did with it neither: that something unseen spent \
                 it is possible, and so is Codex.",
    hours: 2,
    expected: &[Verdict { confidence: ("possible", "possible"), ..UNSEEN }],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let mut codex = codex_anew(st, &account, "2026-05-22 08:51:02", "2026-05-22 08:51:40");
        codex.thread(Front::Tui, &[(utc("2026-05-13 10:00:00"), C::Done), (utc("2026-05-22 12:00:00"), C::Done)]);
        codex.finish(home);
        refused_hermes(st, home, &login, &shared, shared.issued + 41_000_000, true);
    },
};

/// OpenClaw with a pair taken over from Codex, which works until 08:12 on 22 May and is refused at these times.
fn refused_claw(st: &Stage, home: &mut Home, login: &Grant, pair: &Pair, times: &[&str]) {
    let mut claw = OpenClaw::start(st, utc("2026-05-18 05:20:00"), CODEX_MODEL);
    claw.store().bootstrapped_from_codex(login, pair);
    let chat = claw.session();
    for at in ["2026-05-18 05:41:22", "2026-05-20 16:30:10", "2026-05-22 08:12:40"] {
        claw.ask(chat, utc(at), O::Done);
    }
    times.iter().for_each(|at| claw.ask(chat, utc(at), O::Invalidated));
    claw.finish(home);
}

const OPEN_REVOKED: Verdict = Verdict { victim: "openclaw", mechanism: "revoked", failed_turns: 2..=2, ..OPEN };

pub(super) const TWO_LOGINS: Scenario = Scenario {
    name: "own-login-after-a-logged-one",
    happened: "Hermes and OpenClaw had taken over the login of `~/.codex`. On 22 May at 08:20 a person logged Codex 0.169 in anew, which \
               ended it, and then, to have it done with, gave Hermes a login of its own at 08:26. OpenClaw was refused at 09:05.",
    conclusion: "Two new logins lie between OpenClaw's last success and its refusal. That of Hermes is the one that shows in its store \
                 what it replaced, and of Hermes nothing is known to end a login; of Codex that is. Not Hermes.",
    hours: 2,
    expected: &[OPEN_REVOKED],
    play: |st, home| {
        let account = Account::new(st);
        let old = Grant::new(st, &account, utc("2026-05-03 09:12:40"));
        let pair = old.mint(st, utc("2026-05-17 04:02:11"));
        let mut codex = codex_anew(st, &account, "2026-05-22 08:19:22", "2026-05-22 08:20:03");
        codex.thread(Front::Tui, &[(utc("2026-05-22 08:41:00"), C::Done), (utc("2026-05-22 12:00:00"), C::Done)]);
        codex.finish(home);
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-18 05:41:00"));
        hermes.imported_from_codex(&old, &pair, utc("2026-05-17 19:30:05"));
        hermes.ask(utc("2026-05-18 06:12:10"), H::Done);
        hermes.snapshot(utc("2026-05-19 05:44:10.870"), "weekly");
        hermes.ask(utc("2026-05-22 06:55:40"), H::Done);
        let own = Grant::new(st, &account, utc("2026-05-22 08:25:30"));
        let fresh = own.mint(st, utc("2026-05-22 08:26:00"));
        hermes.own_login(&own, &fresh, fresh.issued + 510);
        hermes.ask(utc("2026-05-22 08:47:05"), H::Done);
        hermes.finish(home);
        refused_claw(st, home, &old, &pair, &["2026-05-22 09:05:11", "2026-05-22 09:21:40"]);
    },
};

pub(super) const CHANGED_UNTOLD: Scenario = Scenario {
    name: "untold-change-before-a-revocation",
    happened: "Codex logged in anew ten minutes before OpenClaw, which had its pair from there, was refused. The log of the login was \
               removed, and no token says its login session.",
    conclusion: "Codex held the very pair, and its store changed between OpenClaw's last success and its refusal. Whether by a refresh or \
                 by a login is not on record: neither Codex' login nor an act of the server stands out.",
    hours: 2,
    expected: &[OPEN_REVOKED],
    play: |st, home| {
        let account = Account::new(st);
        let old = Grant::untold(st, &account, utc("2026-05-03 09:12:40"));
        let pair = old.mint(st, utc("2026-05-17 04:02:11"));
        let anew = Grant::untold(st, &account, utc("2026-05-22 08:54:40"));
        let fresh = anew.mint(st, utc("2026-05-22 08:55:02"));
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json.bak", &old, &pair, pair.issued + 381);
        codex.store("auth.json", &anew, &fresh, fresh.issued + 402);
        codex.thread(Front::Tui, &[(utc("2026-05-21 10:00:00"), C::Done), (utc("2026-05-22 12:00:00"), C::Done)]);
        codex.finish(home);
        refused_claw(st, home, &old, &pair, &["2026-05-22 09:05:11", "2026-05-22 09:21:40"]);
    },
};
