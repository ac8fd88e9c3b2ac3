//! Two machines: copies of a login, clocks that are not in step, and logins that have nothing to do with
//! each other.

use super::super::super::clock::{DAY, MINUTE, utc};
use super::super::super::codex::{ALREADY_USED, Answer as C, CodexHome, Era, Front};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::openclaw::{Answer as O, CODEX_MODEL, OpenClaw};
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant};
use super::super::hosts::suspended;
use super::super::{Scenario, Verdict};
use super::{FAILED, OPEN, codex_home, later, refused_hermes};

/// What Codex says when its refresh token was revoked.
const REVOKED: C = C::Failed(
    "Your access token could not be refreshed because your refresh token was revoked. Please log out and sign in again.",
    "unauthorized",
);

pub(super) const COPIED: Scenario = Scenario {
    name: "login-copied-to-a-second-machine",
    happened: "C1: `auth.json` of Codex was copied from a desktop (`host-a`) to a headless machine (`host-b`) on 12 May. The desktop \
               refreshed on 18 May; `codex exec` on the headless machine met \"already used\" when its own access token ended.",
    conclusion: "Both machines held one refresh token, and the desktop exchanged it four days before. The two are not two processes of one \
                 home: the copy presented a token that its original had spent.",
    hours: 2,
    expected: &[Verdict {
        victim: "codex",
        mechanism: "consumed",
        root_cause: "stale_copy_replay",
        actor: Some("codex"),
        confidence: ("likely", "confirmed"),
        failed_turns: 3..=3,
    }],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-05-02 10:11:12"));
        let shared = login.mint(st, utc("2026-05-12 08:20:09"));
        let newer = login.mint(st, utc("2026-05-18 09:00:12"));
        home.merge_host("host-a", |desktop| {
            let stores = [("auth.json.bak", &login, &shared), ("auth.json", &login, &newer)];
            codex_home(st, desktop, ".codex", &stores, &["2026-05-18 09:00:11", "2026-05-22 10:30:00"]);
        });
        home.merge_host("host-b", |headless| {
            let mut codex = CodexHome::new(st, ".codex", Era::V169);
            codex.store("auth.json", &login, &shared, shared.issued + 914);
            codex.thread(Front::Exec, &[(utc("2026-05-14 03:00:02"), C::Done)]);
            codex.thread(Front::Exec, &[(utc("2026-05-21 03:00:02"), C::Done)]);
            for at in [FAILED, "2026-05-22 09:20:31", "2026-05-22 12:20:31"] {
                codex.thread(Front::Exec, &[(utc(at), ALREADY_USED)]);
            }
            codex.finish(headless);
        });
    },
};

pub(super) const CI_COPY: Scenario = Scenario {
    name: "ci-copy-and-a-new-login",
    happened: "C5: a build machine (`host-b`) runs `codex exec` on a copy of the owner's `auth.json` (`host-a`). On 26 May at 07:40 UTC the \
               owner logged in anew; the build of 08:15 and those after it were refused as revoked.",
    conclusion: "The owner's store held the login of the copy before and holds another one now, logged and stored 35 minutes before the \
                 build's first refusal: the new login explains the end of the one that the copy lived on. Codex 0.130.0, which the \
                 owner runs, does not itself end what it replaces: possible, by the provider's policy. Nothing was spent.",
    hours: 2,
    expected: &[Verdict {
        victim: "codex",
        mechanism: "revoked",
        root_cause: "sibling_relogin",
        actor: Some("codex"),
        confidence: ("possible", "possible"),
        failed_turns: 3..=3,
    }],
    play: |st, home| {
        let account = Account::new(st);
        let old = Grant::new(st, &account, utc("2026-04-30 07:45:20"));
        let shared = old.mint(st, utc("2026-05-20 06:12:40"));
        let done = utc("2026-05-26 07:40:31");
        let new = Grant::new(st, &account, done - 4_000);
        home.merge_host("host-a", |owner| {
            let mut codex = CodexHome::new(st, ".codex", Era::V130);
            codex.store("auth.json.bak", &old, &shared, shared.issued + 914);
            codex.login(done - 29_000, done);
            codex.store("auth.json", &new, &new.mint(st, done), done + 14);
            codex.thread(Front::Tui, &[(utc("2026-05-25 15:00:00"), C::Done), (done + 40_000, C::Done)]);
            codex.finish(owner);
        });
        home.merge_host("host-b", |build| {
            let mut codex = CodexHome::new(st, ".codex", Era::V169);
            codex.store("auth.json", &old, &shared, shared.issued + 914);
            codex.thread(Front::Exec, &[(utc("2026-05-24 08:15:00"), C::Done)]);
            codex.thread(Front::Exec, &[(utc("2026-05-25 08:15:00"), C::Done)]);
            for at in ["2026-05-26 08:15:00", "2026-05-26 10:15:00", "2026-05-27 08:15:00"] {
                codex.thread(Front::Exec, &[(utc(at), REVOKED)]);
            }
            codex.finish(build);
        });
    },
};

pub(super) const SECOND_DEVICE: Scenario = Scenario {
    name: "second-device-refreshed",
    happened: "A8: OpenClaw on a server (`host-b`) lives on a copy of the login of Codex on a laptop (`host-a`), which refreshed on 20 May. \
               Hours later the server's calls were refused with `token_expired`, days before the end of its token.",
    conclusion: "The token had not ended by any clock, and no refresh was refused: that a call is called expired this early says neither \
                 that the token was spent nor that it was revoked, and one report alone ties it to a refresh elsewhere. Nothing \
                 measures the server's clock, which would have to be days off. Open.",
    hours: 2,
    expected: &[Verdict {
        victim: "openclaw",
        mechanism: "undetermined",
        root_cause: "undetermined",
        actor: None,
        confidence: ("undetermined", "undetermined"),
        failed_turns: 3..=3,
    }],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-05-02 10:11:12"));
        let shared = login.mint(st, utc("2026-05-16 07:41:09"));
        let newer = login.mint(st, utc("2026-05-20 05:10:52"));
        home.merge_host("host-a", |laptop| {
            let stores = [("auth.json.bak", &login, &shared), ("auth.json", &login, &newer)];
            codex_home(st, laptop, ".codex", &stores, &["2026-05-20 05:10:51", "2026-05-20 17:34:12"]);
        });
        home.merge_host("host-b", |server| {
            let mut claw = OpenClaw::start(st, utc("2026-05-19 05:20:00"), CODEX_MODEL);
            claw.store().bootstrapped_from_codex(&login, &shared);
            let chat = claw.session();
            for (at, answer) in [
                ("2026-05-19 09:41:22", O::Done),
                ("2026-05-20 04:12:40", O::DoneWithTool),
                ("2026-05-20 09:10:30", O::Expired),
                ("2026-05-20 09:19:50", O::Expired),
                ("2026-05-20 13:31:11", O::Expired),
            ] {
                claw.ask(chat, utc(at), answer);
            }
            claw.finish(server);
        });
    },
};

/// By how much the server's clock is ahead.
const AHEAD: i64 = 7 * MINUTE;

/// A server whose Hermes refreshed its login twice, by a clock that is ahead; the server of a third party
/// revoked it on 22 May at 08:13 UTC.
fn ahead(st: &Stage, server: &mut Home, login: &Grant, answer: H, by: i64, measured: bool) {
    let says = |at: &str| utc(at) + by;
    let first = login.mint(st, utc("2026-05-14 05:30:11"));
    let mut hermes = Hermes::start(st, Version::V013, says("2026-05-13 05:41:00"));
    hermes.own_login(login, &first, says("2026-05-14 05:30:11") + 790);
    hermes.ask(says("2026-05-14 06:12:10"), H::Done);
    hermes.snapshot(says("2026-05-15 05:44:10.870"), "weekly");
    if measured {
        hermes.refreshed(&login.mint(st, utc("2026-05-20 11:20:40")), says("2026-05-20 11:20:40") + 810);
    }
    hermes.ask(says("2026-05-20 11:20:42"), H::DoneWithTool);
    hermes.ask(says("2026-05-22 06:55:40"), H::Done);
    for at in ["2026-05-22 08:13:00", "2026-05-22 08:47:05", "2026-05-22 19:40:33"] {
        hermes.ask(says(at), answer);
    }
    hermes.finish(server);
}

/// A laptop whose Codex once held a login, and logged in anew at `at`.
fn logged_in(st: &Stage, laptop: &mut Home, old: &Grant, at: &str) {
    let (done, older) = (utc(at), old.mint(st, utc("2026-05-11 06:12:40")));
    let new = Grant::new(st, &old.account, done - 4_000);
    let mut codex = CodexHome::new(st, ".codex", Era::V130);
    codex.store("auth.json.bak", old, &older, older.issued + 914);
    codex.login(done - 29_000, done);
    codex.store("auth.json", &new, &new.mint(st, done), done + 14);
    codex.thread(Front::Tui, &[(utc("2026-05-12 09:10:00"), C::Done), (done + 40_000, C::Done)]);
    codex.finish(laptop);
}

const ENDED: Verdict = Verdict {
    victim: "hermes",
    mechanism: "revoked",
    root_cause: "server_revocation",
    actor: None,
    confidence: ("possible", "likely"),
    failed_turns: 3..=3,
};

pub(super) const SKEWED_VICTIM: Scenario = Scenario {
    name: "clock-of-the-server-ahead",
    happened: "The clock of a server (`host-b`) is seven minutes ahead. The login of its Hermes was revoked on 22 May; its next call was \
               refused at 08:13 UTC, which it notes as 08:20. The owner logged Codex on the laptop (`host-a`) in anew at 08:16 to see \
               whether that helps.",
    conclusion: "As written the login comes four minutes before the refusal. Two rotations of Hermes measure the server's clock, seven \
                 minutes ahead: the refusal came first, and the login is the owner's repair.",
    hours: 2,
    expected: &[ENDED],
    play: |st, home| {
        let login = Grant::new(st, &Account::new(st), utc("2026-05-01 10:11:12"));
        home.merge_host("host-a", |laptop| logged_in(st, laptop, &login, "2026-05-22 08:16:30"));
        home.merge_host("host-b", |server| ahead(st, server, &login, H::Invalidated, AHEAD, true));
    },
};

pub(super) const UNMEASURED: Scenario = Scenario {
    name: "clocks-not-measured",
    happened: "As before, but the server's clock is right and nothing measures it: Hermes never refreshed, and its stamps are of a login \
               that was copied in late. The owner logged Codex on the laptop in anew two minutes before the first refusal.",
    conclusion: "Two machines whose clocks were not compared: two minutes are no order. If the login came first it ended the login \
                 of Hermes, else it is a repair. Revoked, that is certain; the clocks would settle by whom.",
    hours: 2,
    expected: &[Verdict { root_cause: "undetermined", confidence: ("undetermined", "undetermined"), ..ENDED }],
    play: |st, home| {
        let login = Grant::new(st, &Account::new(st), utc("2026-05-01 10:11:12"));
        let shared = login.mint(st, utc("2026-05-14 05:30:11"));
        home.merge_host("host-a", |laptop| logged_in(st, laptop, &login, "2026-05-22 08:11:00"));
        home.merge_host("host-b", |server| {
            let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-14 08:41:00"));
            hermes.imported_from_codex(&login, &shared, utc("2026-05-14 08:50:31.402"));
            hermes.ask(utc("2026-05-14 09:12:10"), H::Done);
            hermes.snapshot(utc("2026-05-15 05:44:10.870"), "weekly");
            hermes.ask(utc("2026-05-22 06:55:40"), H::Done);
            for at in ["2026-05-22 08:13:00", "2026-05-22 08:47:05", "2026-05-22 19:40:33"] {
                hermes.ask(utc(at), H::Invalidated);
            }
            hermes.finish(server);
        });
    },
};

pub(super) const SKEWED_CULPRIT: Scenario = Scenario {
    name: "clock-of-the-culprit-ahead",
    happened: "Hermes on a server (`host-b`), seven minutes ahead, refreshed the login that it shares with Codex on a laptop (`host-a`) on \
               24 May at 06:58:30 UTC, and notes 07:05:30. Codex was refused at 07:02.",
    conclusion: "By the server's own stamp its refresh came after the refusal. The token itself was issued before it, and two rotations \
                 show the server's clock seven minutes ahead: Hermes spent the token that Codex still holds.",
    hours: 2,
    expected: &[Verdict {
        victim: "codex",
        mechanism: "consumed",
        root_cause: "sibling_refresh",
        actor: Some("hermes"),
        confidence: ("likely", "confirmed"),
        failed_turns: 3..=3,
    }],
    play: |st, home| {
        let login = Grant::new(st, &Account::new(st), utc("2026-05-04 16:10:25"));
        let shared = login.mint(st, utc("2026-05-14 07:00:08"));
        home.merge_host("host-a", |laptop| {
            let mut codex = CodexHome::new(st, ".codex", Era::V130);
            codex.store("auth.json", &login, &shared, shared.issued + 956);
            codex.thread(Front::Tui, &[(utc("2026-05-23 15:48:03"), C::Done)]);
            let failed = ["2026-05-24 07:02:14", "2026-05-24 07:21:02", "2026-05-24 07:40:00"];
            codex.thread(Front::Tui, &failed.map(|at| (utc(at), ALREADY_USED)));
            codex.finish(laptop);
        });
        home.merge_host("host-b", |server| {
            let says = |at: &str| utc(at) + AHEAD;
            let mut hermes = Hermes::start(st, Version::V013, says("2026-05-14 08:40:00"));
            // `hermes model` took over the pair within the second in which it had been issued there.
            hermes.own_login(&login, &shared, says("2026-05-14 07:00:08") + 1_200);
            hermes.ask(says("2026-05-20 06:02:47"), H::Done);
            hermes.snapshot(says("2026-05-21 06:10:33.420"), "weekly");
            hermes.refreshed(&login.mint(st, utc("2026-05-24 06:58:30")), says("2026-05-24 06:58:30") + 522);
            hermes.ask(says("2026-05-24 06:58:30.204"), H::Done);
            hermes.ask(says("2026-05-24 07:41:19"), H::Done);
            hermes.finish(server);
        });
    },
};

pub(super) const UNRELATED: Scenario = Scenario {
    name: "two-machines-with-a-login-each",
    happened: "F10 over two machines: Codex on a laptop (`host-a`) refreshed 21 seconds before Hermes on a server (`host-b`) was refused as \
               used. Each has a login of its own on the one account, and their tokens do not say so.",
    conclusion: "Nothing ties the two logins together, and machines on one account have a login each as a rule: that one refreshed \
                 says nothing about the other, however near. Spent, by whom is open.",
    hours: 2,
    expected: &[OPEN],
    play: |st, home| {
        let account = Account::new(st);
        let (login, other) =
            (Grant::untold(st, &account, utc("2026-04-08 18:03:11")), Grant::untold(st, &account, utc("2026-04-20 11:00:00")));
        let pair = login.mint(st, utc(FAILED) - 10 * DAY - 22_000);
        home.merge_host("host-a", |laptop| {
            let (before, now) = (other.mint(st, later(FAILED, -240)), other.mint(st, utc(FAILED) - 21_000));
            let stores = [("auth.json.bak", &other, &before), ("auth.json", &other, &now)];
            codex_home(st, laptop, ".codex", &stores, &["2026-05-22 09:01:02"]);
        });
        home.merge_host("host-b", |server| refused_hermes(st, server, &login, &pair, pair.issued + 931, false));
    },
};

pub(super) const IN_STEP: Scenario = Scenario {
    name: "expired-by-a-clock-that-is-right",
    happened: "As `clock-wrong`, on a machine whose clock is right: OpenClaw 2026.5.7 did not renew its token for a reason of its own, and \
               was refused with `token_expired` after that token had ended.",
    conclusion: "The rotations of Codex show the machine's clock in step. The token had ended by every clock; why it was not renewed \
                 is not in the files.",
    hours: 2,
    expected: &[Verdict {
        victim: "openclaw",
        mechanism: "expired",
        root_cause: "undetermined",
        actor: None,
        confidence: ("undetermined", "undetermined"),
        failed_turns: 3..=3,
    }],
    play: |st, home| suspended(st, home, 0),
};
