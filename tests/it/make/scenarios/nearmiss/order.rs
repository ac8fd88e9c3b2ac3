//! The order of things: what came too early, too late, or on another login.

use super::super::super::clock::{DAY, SECOND, utc};
use super::super::super::codex::{Answer as C, CodexHome, Era, Front};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::openclaw::{Answer as O, CODEX_MODEL, OpenClaw};
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant};
use super::super::{Scenario, Verdict};
use super::{FAILED, OPEN, PERHAPS_CODEX, UNSEEN, codex_home, hermes_with, later, refused_hermes, shared_login};

pub(super) const BEFORE_POSSESSION: Scenario = Scenario {
    name: "rotation-before-possession",
    happened: "Codex refreshed on 12 May, Hermes imported the new pair the same evening. Both still hold that pair, and Hermes' refresh \
               is refused as used on 22 May.",
    conclusion: "Codex' only rotation lies before Hermes held the token, and Codex still holds the very token: it did not spend it.",
    hours: 2,
    expected: &[UNSEEN],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let older = login.mint(st, shared.issued - 10 * DAY);
        codex_home(
            st,
            home,
            ".codex",
            &[("auth.json.bak", &login, &older), ("auth.json", &login, &shared)],
            &["2026-05-13 10:01:02"],
        );
        refused_hermes(st, home, &login, &shared, shared.issued + 41_000 * SECOND, true);
    },
};

pub(super) const OLDER_GENERATION: Scenario = Scenario {
    name: "sibling-holds-an-older-generation",
    happened: "Hermes imported Codex' login on 5 May and refreshed it itself on 12 May. Codex has not run since 4 May and holds the \
               older pair. On 22 May Hermes' own refresh is refused as used.",
    conclusion: "Hermes' own rotation is the newest of the login; Codex' token is dead since 12 May, so Codex cannot have spent its \
                 successor.",
    hours: 2,
    expected: &[UNSEEN],
    play: |st, home| {
        let account = Account::new(st);
        let (login, newest) = shared_login(st, &account);
        let older = login.mint(st, utc("2026-05-02 09:10:11"));
        codex_home(st, home, ".codex", &[("auth.json", &login, &older)], &["2026-05-04 10:01:02"]);
        refused_hermes(st, home, &login, &newest, newest.issued + 731, true);
    },
};

pub(super) const AFTER_THE_FAILURE: Scenario = Scenario {
    name: "rotation-after-the-failure-only",
    happened: "Hermes was refused on 22 May at 08:20. The only rotation that Codex' store shows came at 12:20, four hours later.",
    conclusion: "That rotation cannot have caused the refusal. An earlier one may be overwritten, since both hold the same login, so \
                 Codex is possible and no more.",
    hours: 2,
    expected: &[PERHAPS_CODEX],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let newer = login.mint(st, later(FAILED, 4));
        codex_home(
            st,
            home,
            ".codex",
            &[("auth.json.bak", &login, &shared), ("auth.json", &login, &newer)],
            &["2026-05-22 12:21:00"],
        );
        refused_hermes(st, home, &login, &shared, shared.issued + 41_000 * SECOND, true);
    },
};

pub(super) const OTHER_ACCOUNT: Scenario = Scenario {
    name: "rotation-on-another-account",
    happened: "Codex refreshed 21 seconds before Hermes was refused, on another account.",
    conclusion: "Another account cannot have spent the token.",
    hours: 2,
    expected: &[UNSEEN],
    play: |st, home| {
        let (account, other) = (Account::new(st), Account::new(st));
        let (login, pair) = shared_login(st, &account);
        let foreign = Grant::new(st, &other, utc("2026-04-20 11:00:00"));
        let (before, now) = (foreign.mint(st, utc("2026-05-12 08:20:10")), foreign.mint(st, utc(FAILED) - 21 * SECOND));
        codex_home(
            st,
            home,
            ".codex",
            &[("auth.json.bak", &foreign, &before), ("auth.json", &foreign, &now)],
            &["2026-05-22 09:01:02"],
        );
        refused_hermes(st, home, &login, &pair, pair.issued + 931, false);
    },
};

pub(super) const OTHER_LOGIN: Scenario = Scenario {
    name: "rotation-on-another-login",
    happened: "Codex refreshed 21 seconds before Hermes was refused, on a login of its own of the same account.",
    conclusion: "The login sessions differ, so the two never shared a refresh token.",
    hours: 2,
    expected: &[UNSEEN],
    play: |st, home| {
        let account = Account::new(st);
        let (login, pair) = shared_login(st, &account);
        let own = Grant::new(st, &account, utc("2026-04-20 11:00:00"));
        let (before, now) = (own.mint(st, utc("2026-05-12 08:20:10")), own.mint(st, utc(FAILED) - 21 * SECOND));
        codex_home(st, home, ".codex", &[("auth.json.bak", &own, &before), ("auth.json", &own, &now)], &["2026-05-22 09:01:02"]);
        refused_hermes(st, home, &login, &pair, pair.issued + 931, false);
    },
};

pub(super) const MOVED_TO_ANOTHER_LOGIN: Scenario = Scenario {
    name: "sibling-moved-to-another-login",
    happened: "Codex once held Hermes' login, logged in anew on 14 May, and refreshed the new login on 20 May. Somebody unseen spent \
               Hermes' token.",
    conclusion: "The rotation of 20 May belongs to another login session than Hermes' token; that an old backup is of the same \
                 session does not make it a spending of this token.",
    hours: 2,
    expected: &[UNSEEN],
    play: |st, home| {
        let account = Account::new(st);
        let (login, pair) = shared_login(st, &account);
        let old = login.mint(st, pair.issued - 9 * DAY);
        let new = Grant::new(st, &account, utc("2026-05-14 09:59:40"));
        let stores = [
            ("auth.json.bak", &login, &old),
            ("auth.json.bak2", &new, &new.mint(st, utc("2026-05-14 10:00:00"))),
            ("auth.json", &new, &new.mint(st, utc("2026-05-20 15:30:00"))),
        ];
        codex_home(st, home, ".codex", &stores, &["2026-05-20 15:30:01", "2026-05-22 10:30:00"]);
        refused_hermes(st, home, &login, &pair, pair.issued + 931, false);
    },
};

/// Strip what ties Hermes' clock to UTC: snapshots and the pool's own stamps.
pub(super) fn adrift(home: &mut Home) {
    home.keep(|path| !path.contains("state-snapshots"));
    home.change(".hermes/auth.json", |text| {
        let keep = |line: &&str| !line.contains("last_status");
        text.lines().filter(keep).map(|line| format!("{line}\n")).collect()
    });
    for log in ["agent.log", "gateway.log"] {
        home.change(&format!(".hermes/logs/{log}"), |text| {
            text.lines().filter(|l| !l.contains("State snapshot")).map(|l| format!("{l}\n")).collect()
        });
    }
}

pub(super) const ADRIFT: Scenario = Scenario {
    name: "naive-times-without-an-anchor",
    happened: "Hermes' log is in local time and nothing in the files says which zone. Codex refreshed the shared login three hours \
               before the first refusal, as the log has it.",
    conclusion: "West of UTC the refusal came hours after the rotation, far east of it before: possible, and no more.",
    hours: 2,
    expected: &[Verdict { confidence: ("undetermined", "possible"), ..PERHAPS_CODEX }],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let newer = login.mint(st, later(FAILED, -1));
        codex_home(
            st,
            home,
            ".codex",
            &[("auth.json.bak", &login, &shared), ("auth.json", &login, &newer)],
            &["2026-05-22 12:21:00"],
        );
        refused_hermes(st, home, &login, &shared, shared.issued + 41_000 * SECOND, true);
        adrift(home);
    },
};

pub(super) const ADRIFT_REPAIRED: Scenario = Scenario {
    name: "naive-times-and-a-repair",
    happened: "As before, on a machine eight hours west of UTC, and Hermes was logged in anew an hour after its last refusal: the \
               naive times of the refusals look earlier than they were, never later.",
    conclusion: "The store now holds another login than the one that was refused; nobody can be named.",
    hours: 9,
    expected: &[Verdict { mechanism: "consumed", confidence: ("undetermined", "undetermined"), failed_turns: 2..=2, ..OPEN }],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let newer = login.mint(st, later(FAILED, -1));
        codex_home(
            st,
            home,
            ".codex",
            &[("auth.json.bak", &login, &shared), ("auth.json", &login, &newer)],
            &["2026-05-22 12:21:00"],
        );
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-18 05:41:00"));
        hermes.imported_from_codex(&login, &shared, shared.issued + 41_000 * SECOND);
        hermes.ask(utc("2026-05-21 17:22:08"), H::DoneWithTool);
        hermes.ask(utc(FAILED), H::AlreadyConsumed);
        hermes.ask(later(FAILED, 1), H::AlreadyConsumed);
        let again = Grant::new(st, &account, later(FAILED, 2));
        hermes.own_login(&again, &again.mint(st, later(FAILED, 2) + 4_000), later(FAILED, 2) + 4_800);
        hermes.ask(later(FAILED, 3), H::Done);
        hermes.finish(home);
        adrift(home);
    },
};

const REVOKED: Verdict = Verdict {
    victim: "openclaw",
    mechanism: "revoked",
    root_cause: "server_revocation",
    actor: None,
    confidence: ("possible", "likely"),
    failed_turns: 3..=3,
};

/// OpenClaw on Codex' login is refused as revoked at 08:16 on 26 May.
fn revoked_claw(st: &Stage, home: &mut Home, grant: &Grant, since: &str) {
    let mut claw = OpenClaw::start(st, utc("2026-05-26 05:20:00"), CODEX_MODEL);
    claw.store().bootstrapped_from_codex(grant, &grant.mint(st, utc(since)));
    let chat = claw.session();
    for (at, answer) in [
        ("2026-05-26 05:41:22", O::Done),
        ("2026-05-26 08:12:40", O::Done),
        ("2026-05-26 08:16:03", O::Invalidated),
        ("2026-05-26 08:19:50", O::Invalidated),
        ("2026-05-26 08:31:11", O::Invalidated),
    ] {
        claw.ask(chat, utc(at), answer);
    }
    claw.finish(home);
}

/// A Codex home that logged in anew at `at`.
fn logged_in_anew(st: &Stage, home: &mut Home, old: &Grant, account: &Account, at: &str) {
    let new = Grant::new(st, account, utc(at) - 4_000);
    let mut codex = CodexHome::new(st, ".codex", Era::V130);
    codex.store("auth.json.bak", old, &old.mint(st, utc("2026-05-20 06:12:40")), utc("2026-05-20 06:12:41.280"));
    codex.login(utc(at) - 29_000, utc(at));
    codex.store("auth.json", &new, &new.mint(st, utc(at)), utc(at) + 14);
    codex.thread(Front::Tui, &[(utc(at) + 40_000, C::Done), (utc("2026-05-26 14:02:41"), C::Done)]);
    codex.finish(home);
}

pub(super) const LOGIN_AFTER: Scenario = Scenario {
    name: "login-after-the-failure",
    happened: "OpenClaw was refused as revoked from 08:16 on; the owner ran `codex login` at 09:40 to repair it.",
    conclusion: "The login came after the first refusal, so it is a repair and not the cause.",
    hours: 2,
    expected: &[REVOKED],
    play: |st, home| {
        let account = Account::new(st);
        let old = Grant::new(st, &account, utc("2026-04-30 07:45:20"));
        revoked_claw(st, home, &old, "2026-05-21 06:12:40");
        logged_in_anew(st, home, &old, &account, "2026-05-26 09:40:31");
    },
};

pub(super) const LOGIN_DAYS_BEFORE: Scenario = Scenario {
    name: "login-days-before",
    happened: "`codex login` on 23 May; OpenClaw went on with the old login for three days and was refused as revoked on 26 May.",
    conclusion: "OpenClaw worked after that login, so the login did not end its session.",
    hours: 2,
    expected: &[REVOKED],
    play: |st, home| {
        let account = Account::new(st);
        let old = Grant::new(st, &account, utc("2026-04-30 07:45:20"));
        revoked_claw(st, home, &old, "2026-05-21 06:12:40");
        logged_in_anew(st, home, &old, &account, "2026-05-23 09:40:31");
    },
};

pub(super) const OWN_LOGIN_SINCE: Scenario = Scenario {
    name: "victim-logged-in-since",
    happened: "`codex login` at 08:13:30 on 26 May; OpenClaw got a login of its own at 08:14:30, whose first call was refused as \
               revoked at 08:16.",
    conclusion: "A login that came before the victim's own cannot have ended it.",
    hours: 2,
    expected: &[REVOKED],
    play: |st, home| {
        let account = Account::new(st);
        let old = Grant::new(st, &account, utc("2026-04-30 07:45:20"));
        let own = Grant::new(st, &account, utc("2026-05-26 08:14:21"));
        revoked_claw(st, home, &own, "2026-05-26 08:14:30");
        logged_in_anew(st, home, &old, &account, "2026-05-26 08:13:30");
    },
};

pub(super) const STILL_ALIVE: Scenario = Scenario {
    name: "refused-while-the-access-token-lives",
    happened: "Codex spent the shared refresh token on 21 May. Hermes tried to refresh early on 22 May, was refused twice, and answered \
               once more with its access token, which had hours to go.",
    conclusion: "A success with the old access token says nothing about the refresh token: Codex spent it.",
    hours: 2,
    expected: &[Verdict { confidence: ("likely", "confirmed"), failed_turns: 2..=2, ..PERHAPS_CODEX }],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-04-08 18:03:11"));
        let shared = login.mint(st, utc("2026-05-12 16:20:09"));
        let newer = login.mint(st, utc("2026-05-21 10:00:00"));
        codex_home(
            st,
            home,
            ".codex",
            &[("auth.json.bak", &login, &shared), ("auth.json", &login, &newer)],
            &["2026-05-22 12:21:00"],
        );
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-18 05:41:00"));
        hermes.imported_from_codex(&login, &shared, utc("2026-05-12 19:05:31.402"));
        hermes.ask(utc("2026-05-18 06:12:10"), H::Done);
        hermes.snapshot(utc("2026-05-19 05:44:10.870"), "weekly");
        hermes.ask(utc("2026-05-22 06:55:40"), H::Done);
        hermes.ask(utc(FAILED), H::AlreadyConsumed);
        hermes.ask(utc(FAILED) + 90_000, H::AlreadyConsumed);
        hermes.ask(utc(FAILED) + 240_000, H::Done);
        hermes.finish(home);
    },
};

pub(super) const INVALIDATED_AFTER_ROTATION: Scenario = Scenario {
    name: "invalidated-after-a-rotation",
    happened: "Hermes 0.13 imported Codex' login; Codex refreshed it on 20 May and works on. On the 22nd Hermes' call was refused with \
               `token_invalidated`; its refresh was refused as used, of which 0.13 records nothing.",
    conclusion: "Hermes' stamp stands and how its refresh was answered is not recorded, so the token may have been used; Codex held that \
                 very token and exchanged it in between. The code that is on record says revoked: possible, and no more.",
    hours: 2,
    expected: &[PERHAPS_CODEX],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let newer = login.mint(st, utc("2026-05-20 11:00:00"));
        let stores = [("auth.json.bak", &login, &shared), ("auth.json", &login, &newer)];
        codex_home(st, home, ".codex", &stores, &["2026-05-22 12:00:00"]);
        hermes_with(st, home, &login, &shared, shared.issued + 41_000 * SECOND, true, H::Invalidated);
    },
};

/// Turns that nothing answered, and nothing says why.
const UNANSWERED: Verdict = Verdict {
    victim: "hermes",
    mechanism: "undetermined",
    root_cause: "undetermined",
    actor: None,
    confidence: ("undetermined", "undetermined"),
    failed_turns: 1..=1,
};

const CODEX_DID_IT: Verdict = Verdict {
    victim: "hermes",
    mechanism: "consumed",
    root_cause: "sibling_refresh",
    actor: Some("codex"),
    confidence: ("likely", "confirmed"),
    failed_turns: 2..=2,
};

/// Codex refreshes the shared login at 07:41; Hermes is refused from 08:20 on, and asks at these times
/// besides without an answer.
fn unanswered(st: &Stage, home: &mut Home, unanswered: &[&str]) {
    let account = Account::new(st);
    let (login, shared) = shared_login(st, &account);
    let newer = login.mint(st, utc("2026-05-22 07:41:52"));
    let stores = [("auth.json.bak", &login, &shared), ("auth.json", &login, &newer)];
    codex_home(st, home, ".codex", &stores, &["2026-05-22 09:01:00"]);
    let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-18 05:41:00"));
    hermes.imported_from_codex(&login, &shared, shared.issued + 41_000 * SECOND);
    let mut turns = vec![(utc("2026-05-18 06:12:10"), H::Done), (utc("2026-05-22 06:40:40"), H::Done)];
    turns.extend(unanswered.iter().map(|at| (utc(at), H::Unanswered)));
    turns.extend([FAILED, "2026-05-22 08:47:05"].map(|at| (utc(at), H::AlreadyConsumed)));
    turns.sort_by_key(|(at, _)| *at);
    turns.into_iter().for_each(|(at, answer)| hermes.ask(at, answer));
    hermes.finish(home);
}

pub(super) const UNANSWERED_BEFORE: Scenario = Scenario {
    name: "unanswered-turn-hours-before",
    happened: "A question to Hermes at 06:55 was never answered. Codex refreshed the shared login at 07:41; Hermes' refresh was \
               refused at 08:20.",
    conclusion: "The unanswered turn tells nothing of the credential, which the refusal an hour and a half later does: Codex' \
                 refresh lies before that, and after Hermes came to hold the token. Why the one turn was not answered is open.",
    hours: 2,
    expected: &[UNANSWERED, CODEX_DID_IT],
    play: |st, home| unanswered(st, home, &["2026-05-22 06:55:40"]),
};

pub(super) const UNANSWERED_UNDERWAY: Scenario = Scenario {
    name: "unanswered-turns-while-the-login-is-dead",
    happened: "As before, and three more questions went unanswered after the first refusal.",
    conclusion: "As before; the turns after the first refusal belong to it, since nothing worked in between.",
    hours: 2,
    expected: &[UNANSWERED, Verdict { failed_turns: 5..=5, ..CODEX_DID_IT }],
    play: |st, home| {
        unanswered(st, home, &["2026-05-22 06:55:40", "2026-05-22 08:25:00", "2026-05-22 08:31:00", "2026-05-22 11:02:00"])
    },
};
