//! Acts on a login that had ended before, or may have, and refusals that an act on one account does not explain.
//! The story is the one of [`super::lives`], with what else was refused at about that time.

use super::super::super::clock::{DAY, HOUR, utc};
use super::super::super::codex::{ALREADY_USED, Answer as C, CodexHome, Era, Front, WAS_REVOKED};
use super::super::super::home::Home;
use super::super::super::openclaw::{Answer as O, CODEX_MODEL, OpenClaw};
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant};
use super::super::{Scenario, Verdict};
use super::lives::{LOGOUT, SERVER, codex, hermes, login, on, typed};
use super::{UNSEEN, refused_hermes, shared_login};

/// OpenClaw on an account of its own, refused as invalidated at a time.
fn unrelated(st: &Stage, home: &mut Home, refused: &str) {
    let login = Grant::new(st, &Account::new(st), utc("2026-06-07 05:20:00"));
    let mut claw = OpenClaw::start(st, utc("2026-06-07 05:20:30"), CODEX_MODEL);
    claw.store().own_login(&login, &login.mint(st, utc("2026-06-07 05:20:31")), utc("2026-06-07 05:20:32"));
    let chat = claw.session();
    claw.ask(chat, on("08:44:00"), O::Done);
    claw.ask(chat, on(refused), O::Invalidated);
    claw.finish(home);
}

/// `codex logout` of the shared login at 09:30, five minutes before Hermes was refused.
fn logged_out(st: &Stage, home: &mut Home) {
    let (_, login, pair) = login(st);
    codex(st, home, Era::V130, &[("auth.json.bak", &login, &pair)], &[&[(on("09:00:00"), C::Done)]]);
    typed(home, &[(on("09:30:00"), "codex logout")]);
    hermes(st, home, &login, &pair);
}

pub(super) const OTHERS_TOO: Scenario = Scenario {
    name: "logout-while-others-lose-their-login-too",
    happened: "`codex logout` was typed at 09:30. OpenClaw, on an account that nobody touched, was refused as invalidated at 09:33, \
               Hermes, on the login of Codex, at 09:35.",
    conclusion: "The logout would explain Hermes, and what shut OpenClaw out would as well: possible at most.",
    hours: 2,
    expected: &[
        Verdict { victim: "openclaw", failed_turns: 1..=1, ..SERVER },
        Verdict { confidence: ("possible", "possible"), ..LOGOUT },
    ],
    play: |st, home| {
        logged_out(st, home);
        unrelated(st, home, "09:33:00");
    },
};

pub(super) const OTHERS_BEFORE: Scenario = Scenario {
    name: "logout-after-others-lost-their-login",
    happened: "As `logout-while-others-lose-their-login-too`, but OpenClaw was refused at 09:26, before the logout.",
    conclusion: "Something ended logins of several accounts before anybody logged out.",
    hours: 2,
    expected: &[Verdict { victim: "openclaw", failed_turns: 1..=1, ..SERVER }, SERVER],
    play: |st, home| {
        logged_out(st, home);
        unrelated(st, home, "09:26:00");
    },
};

pub(super) const NO_REASON_KEPT: Scenario = Scenario {
    name: "logout-after-a-failure-without-a-reason",
    happened: "Codex 0.130 was refused as revoked at 09:20 and logged out at 09:30, as its message asks. Its log, which has the reason, is \
               not among the files.",
    conclusion: "A turn of Codex had failed on that login before, nobody knows why: the logout may have come after the end.",
    hours: 2,
    expected: &[
        Verdict {
            victim: "codex",
            mechanism: "undetermined",
            root_cause: "undetermined",
            confidence: ("undetermined", "undetermined"),
            failed_turns: 1..=1,
            ..SERVER
        },
        Verdict { confidence: ("possible", "possible"), ..LOGOUT },
    ],
    play: |st, home| {
        let (_, login, pair) = login(st);
        let turns = [(on("09:00:00"), C::Done), (on("09:20:00"), WAS_REVOKED)];
        codex(st, home, Era::V130, &[("auth.json.bak", &login, &pair)], &[&turns]);
        home.keep(|path| !path.ends_with("codex-tui.log"));
        typed(home, &[(on("09:30:00"), "codex logout")]);
        hermes(st, home, &login, &pair);
    },
};

pub(super) const LONG_GONE: Scenario = Scenario {
    name: "token-file-gone-from-a-home-long-unused",
    happened: "Codex last worked on 11 May; its token file is gone, a copy is not. OpenClaw and Hermes, on that login, were both refused as \
               invalidated on 10 June.",
    conclusion: "A file that went missing at some time in a month says nothing of that morning: a logout can be no more than possible.",
    hours: 2,
    expected: &[Verdict { victim: "openclaw", failed_turns: 1..=1, ..OPEN }, Verdict { failed_turns: 2..=2, ..OPEN }],
    play: |st, home| {
        let (_, login, pair) = login(st);
        let old = login.mint(st, utc("2026-05-11 06:10:00"));
        codex(st, home, Era::V130, &[("auth.json.bak", &login, &old)], &[&[(utc("2026-05-11 06:20:00"), C::Done)]]);
        super::lives::claw(st, home, &login, &pair, &[("09:12:00", O::Done), ("09:33:00", O::Invalidated)]);
        hermes(st, home, &login, &pair);
    },
};

/// Revoked, and by what is open.
const OPEN: Verdict = Verdict { root_cause: "undetermined", confidence: ("undetermined", "undetermined"), ..SERVER };

pub(super) const BOTH_TOLD: Scenario = Scenario {
    name: "both-holders-told-used-and-one-repaired",
    happened: "Something that is not in these files spent the pair that Codex 0.169 and Hermes share. Hermes was refused as used at \
               08:20, Codex two hours later with the same pair; Codex was logged in anew in the afternoon.",
    conclusion: "Codex' login hides nothing: it was told itself that the pair had been used, while it still held it.",
    hours: 2,
    expected: &[
        Verdict { confidence: ("likely", "likely"), ..UNSEEN },
        Verdict { victim: "codex", confidence: ("likely", "likely"), failed_turns: 1..=1, ..UNSEEN },
    ],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let done = utc("2026-05-22 14:10:00.300");
        let again = Grant::new(st, &account, done - DAY);
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json.bak", &login, &shared, shared.issued + 914);
        codex.thread(Front::Tui, &[(utc("2026-05-21 15:02:00"), C::Done), (utc("2026-05-22 10:21:00"), ALREADY_USED)]);
        codex.login(done - 31_000, done);
        codex.store("auth.json", &again, &again.mint(st, done - 200), done + 12);
        codex.thread(Front::Tui, &[(done + HOUR, C::Done)]);
        codex.finish(home);
        refused_hermes(st, home, &login, &shared, shared.issued + 731, true);
    },
};
