//! Logins that ended at the server, where an act of another client lies close by and did not do it, or where
//! it is open which act it was.

use super::super::super::clock::{MINUTE, utc};
use super::super::super::codex::{Answer as C, CodexHome, Era, Front, WAS_REVOKED};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::openclaw::{Answer as O, CODEX_MODEL, OpenClaw};
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant, Pair};
use super::super::ended::{fresh_login, logout_typed, replay};
use super::super::{Scenario, Verdict};
use super::{OPEN, hermes_with};

/// Revoked, and no local act explains it.
const SERVER: Verdict = Verdict {
    victim: "openclaw",
    mechanism: "revoked",
    root_cause: "server_revocation",
    actor: None,
    confidence: ("possible", "likely"),
    failed_turns: 3..=3,
};

/// Revoked, and the files do not show by which act.
const REVOKED_OPEN: Verdict = Verdict { root_cause: "undetermined", confidence: ("undetermined", "undetermined"), ..SERVER };

pub(super) const WINNER_LIVES: Scenario = Scenario {
    name: "replay-and-the-winner-lives-on",
    happened: "As `replay-ends-the-login`, but Codex went on working with its newest pair after Hermes' replay was refused.",
    conclusion: "The login was not ended: Hermes' token was spent by Codex' refresh, and that is all.",
    hours: 1,
    expected: &[HERMES_SPENT],
    play: |st, home| replay(st, home, &[], &["2026-10-26 16:21:30", "2026-10-26 19:02:44"]),
};

const HERMES_SPENT: Verdict = Verdict {
    victim: "hermes",
    mechanism: "consumed",
    root_cause: "sibling_refresh",
    actor: Some("codex"),
    confidence: ("likely", "confirmed"),
    failed_turns: 3..=3,
};

pub(super) const REVOKED_LATER: Scenario = Scenario {
    name: "replay-and-a-revocation-hours-later",
    happened: "As `replay-ends-the-login`, but Codex went on working for a day after the refused replay, and its session was ended by \
               the server on 27 October.",
    conclusion: "A replay that ends a login does so at once. Codex worked on with the login after it, so its end is another matter.",
    hours: 1,
    expected: &[HERMES_SPENT, Verdict { victim: "codex", failed_turns: 2..=2, ..SERVER }],
    play: |st, home| {
        let (refused, answers) = (["2026-10-27 17:21:30", "2026-10-27 17:24:10"], ["2026-10-26 18:02:11", "2026-10-27 16:40:02"]);
        replay(st, home, &refused, &answers);
    },
};

pub(super) const WORKED_ONCE: Scenario = Scenario {
    name: "new-login-refused-after-one-success",
    happened: "As `fresh-login-refused`, but the first turn after the login was answered.",
    conclusion: "The login was good when it was new, and was ended within the minute without a local act.",
    hours: 1,
    expected: &[Verdict { victim: "codex", failed_turns: 4..=4, ..SERVER }],
    play: |st, home| fresh_login(st, home, true),
};

pub(super) const LOGOUT_OF_ANOTHER: Scenario = Scenario {
    name: "logout-of-another-account",
    happened: "`~/.codex` held OpenClaw's login until 26 May, then one of another account. `codex logout` on 28 May at 10:05 was of that \
               other account; OpenClaw's session was ended by the server at 10:07.",
    conclusion: "A logout of another account revokes nothing of this one, however near it lies.",
    hours: 2,
    expected: &[SERVER],
    play: |st, home| logout_typed(st, home, Era::V130, true),
};

pub(super) const OLD_LOGOUT: Scenario = Scenario {
    name: "logout-by-an-old-codex",
    happened: "As `logout-in-shell-history` with Codex 0.98.0 and OpenClaw alone: that version deletes its file at logout and revokes \
               nothing. The server ended OpenClaw's session two minutes later.",
    conclusion: "The version at work before and after the logout is known to revoke nothing: the logout cannot have done it.",
    hours: 2,
    expected: &[SERVER],
    play: |st, home| logout_typed(st, home, Era::V098, false),
};

/// OpenClaw on a login taken over from Codex is refused as revoked on 26 May at 08:16.
fn claw(st: &Stage, home: &mut Home, grant: &Grant, pair: &Pair) {
    let mut claw = OpenClaw::start(st, utc("2026-05-26 05:20:00"), CODEX_MODEL);
    claw.store().bootstrapped_from_codex(grant, pair);
    let chat = claw.session();
    claw.ask(chat, utc("2026-05-26 05:41:22"), O::Done);
    claw.ask(chat, utc("2026-05-26 08:12:40"), O::Done);
    for at in ["2026-05-26 08:16:03", "2026-05-26 08:19:50", "2026-05-26 08:31:11"] {
        claw.ask(chat, utc(at), O::Invalidated);
    }
    claw.finish(home);
}

pub(super) const OLDER_SESSION_LIVES: Scenario = Scenario {
    name: "older-session-goes-on-elsewhere",
    happened: "OpenClaw and Hermes both had the login of `~/.codex`. `codex login` there at 08:14 on 26 May; OpenClaw was refused at \
               08:16, while Hermes went on with the very same login all day.",
    conclusion: "What still works elsewhere had not been ended, by a login or otherwise. Why OpenClaw alone was refused is open.",
    hours: 2,
    expected: &[REVOKED_OPEN],
    play: |st, home| {
        let account = Account::new(st);
        let old = Grant::new(st, &account, utc("2026-04-30 07:45:20"));
        let shared = old.mint(st, utc("2026-05-21 06:12:40"));
        let new = Grant::new(st, &account, utc("2026-05-26 08:14:27"));
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.store("auth.json.bak", &old, &shared, shared.issued + 880);
        codex.login(utc("2026-05-26 08:14:02.417"), utc("2026-05-26 08:14:31.388"));
        codex.store("auth.json", &new, &new.mint(st, utc("2026-05-26 08:14:31")), utc("2026-05-26 08:14:31.402"));
        codex.thread(Front::Tui, &[(utc("2026-05-26 08:15:10"), C::Done)]);
        codex.finish(home);
        claw(st, home, &old, &shared);
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-21 07:00:00"));
        hermes.imported_from_codex(&old, &shared, utc("2026-05-21 07:10:19.233"));
        hermes.snapshot(utc("2026-05-22 06:40:12.451"), "weekly");
        ["2026-05-26 07:30:45", "2026-05-26 09:30:45", "2026-05-26 17:30:45"]
            .map(utc)
            .into_iter()
            .for_each(|at| hermes.ask(at, H::Done));
        hermes.finish(home);
    },
};

pub(super) const ABANDONED_BY_OLD: Scenario = Scenario {
    name: "login-abandoned-by-an-old-codex",
    happened: "`codex login` (0.130.0) was begun at 08:14 on 26 May and given up; that version touches nothing before the login is \
               complete. The server ended the login that this home shares with OpenClaw at 08:16.",
    conclusion: "A login that an old Codex only begins ends nothing, and its store still holds the old login: no local act explains that \
                 both holders of it are refused.",
    hours: 2,
    expected: &[SERVER, Verdict { victim: "codex", failed_turns: 1..=1, ..SERVER }],
    play: |st, home| {
        let account = Account::new(st);
        let old = Grant::new(st, &account, utc("2026-04-30 07:45:20"));
        let shared = old.mint(st, utc("2026-05-21 06:12:40"));
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.store("auth.json", &old, &shared, shared.issued + 880);
        codex.login_begun(utc("2026-05-26 08:14:02.417"));
        codex.thread(Front::Tui, &[(utc("2026-05-26 06:55:10"), C::Done)]);
        codex.thread(Front::Tui, &[(utc("2026-05-26 08:40:10"), WAS_REVOKED)]);
        codex.finish(home);
        claw(st, home, &old, &shared);
    },
};

pub(super) const ROTATION_OF_ANOTHER_LOGIN: Scenario = Scenario {
    name: "rotation-of-another-login-nearby",
    happened: "OpenClaw has a login of its own, Codex another one on the same account. Codex refreshed at 08:15 on 26 May; a minute later \
               the server ended OpenClaw's session, 61 hours after its login and days before its token's end.",
    conclusion: "The two never shared a token, and a refresh revokes nothing: the nearness is chance.",
    hours: 2,
    expected: &[SERVER],
    play: |st, home| {
        let account = Account::new(st);
        let own = Grant::new(st, &account, utc("2026-05-23 19:02:31"));
        let other = Grant::new(st, &account, utc("2026-04-12 10:00:00"));
        let (before, now) = (other.mint(st, utc("2026-05-16 08:10:00")), other.mint(st, utc("2026-05-26 08:15:02")));
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.store("auth.json.bak", &other, &before, before.issued + 880);
        codex.store("auth.json", &other, &now, now.issued + 880);
        codex.thread(Front::Tui, &[(utc("2026-05-26 08:15:01.100"), C::Done), (utc("2026-05-26 09:15:10"), C::Done)]);
        codex.finish(home);
        claw(st, home, &own, &own.mint(st, utc("2026-05-23 19:02:36")));
    },
};

pub(super) const MASS: Scenario = Scenario {
    name: "several-accounts-in-one-hour",
    happened: "OpenClaw and two homes of Codex are logged in to three accounts. On 26 May between 08:16 and 08:30 the server ended all \
               three sessions; Codex had refreshed one of them at 08:01.",
    conclusion: "Unrelated accounts die alike in one hour, without a local act on any of them: a mass revocation.",
    hours: 2,
    expected: &[
        SERVER,
        Verdict { victim: "codex", failed_turns: 1..=1, ..SERVER },
        Verdict { victim: "codex", failed_turns: 1..=1, ..SERVER },
    ],
    play: |st, home| {
        let own = Grant::new(st, &Account::new(st), utc("2026-05-20 19:02:31"));
        claw(st, home, &own, &own.mint(st, utc("2026-05-21 19:02:36")));
        for (folder, minutes) in [(".codex", 3), ("work/codex-home", 14)] {
            let login = Grant::new(st, &Account::new(st), utc("2026-05-02 10:00:00"));
            let (before, now) = (login.mint(st, utc("2026-05-16 08:10:00")), login.mint(st, utc("2026-05-26 08:01:00")));
            let pair = if folder == ".codex" { &now } else { &before };
            let mut codex = CodexHome::new(st, folder, Era::V169);
            codex.store("auth.json", &login, pair, pair.issued + 880);
            codex.thread(Front::Tui, &[(utc("2026-05-26 08:05:01"), C::Done)]);
            codex.thread(Front::Tui, &[(utc("2026-05-26 08:16:03") + minutes * MINUTE, WAS_REVOKED)]);
            codex.finish(home);
        }
    },
};

pub(super) const SOON_AGAIN: Scenario = Scenario {
    name: "revoked-minutes-after-each-login",
    happened: "Codex was logged in three times on 17 June; each time one or two turns were answered and the next one was refused as \
               revoked within minutes. The provider asked for a phone number in the browser.",
    conclusion: "Each login worked at first, so none was refused as new; each was ended at once without a local act, as risk checks do.",
    hours: 2,
    expected: &[SOON, SOON, SOON],
    play: |st, home| {
        let account = Account::new(st);
        let begin = utc("2026-06-17 09:00:00");
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        let logins: Vec<i64> = (0..3).map(|n| begin + n * 21 * MINUTE).collect();
        codex.logins(&logins.iter().map(|done| (done - 24_000, *done)).collect::<Vec<_>>());
        for (name, done) in ["auth.json.bak1", "auth.json.bak2", "auth.json"].into_iter().zip(&logins) {
            let login = Grant::new(st, &account, done - 5_000);
            codex.store(name, &login, &login.mint(st, *done), done + 20);
            codex.thread(Front::Tui, &[(done + MINUTE, C::Done), (done + 3 * MINUTE, C::Done), (done + 6 * MINUTE, WAS_REVOKED)]);
        }
        codex.finish(home);
    },
};

const SOON: Verdict = Verdict { victim: "codex", failed_turns: 1..=1, ..SERVER };

pub(super) const SECOND_LOGIN_ADDED: Scenario = Scenario {
    name: "first-login-dies-when-a-second-is-added",
    happened: "A second login of the same account was added to Hermes' pool on 22 May at 08:10; the first one was refused as revoked at \
               08:20 and ever after.",
    conclusion: "No other program is involved, so the server ended the session; that adding the second login made it do so is as likely \
                 as something unseen, so this is possible and no more.",
    hours: 2,
    expected: &[Verdict { victim: "hermes", confidence: ("possible", "possible"), ..SERVER }],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-05-17 09:00:00"));
        hermes_with(
            st,
            home,
            &login,
            &login.mint(st, utc("2026-05-17 09:00:05")),
            utc("2026-05-17 09:00:05.931"),
            false,
            H::Invalidated,
        );
        let second = Grant::new(st, &account, utc("2026-05-22 08:09:40"));
        super::holders::add_to_pool(st, home, &second, &second.mint(st, utc("2026-05-22 08:10:00")));
    },
};

/// A login of Codex to another workspace on 22 May at 08:14; Hermes is refused at 08:20.
pub(super) const OTHER_WORKSPACE: Scenario = Scenario {
    name: "login-to-another-workspace",
    happened: "Hermes 0.19 had its login from `~/.codex`. On 22 October at 08:14 UTC a person ran `codex login` (0.169) and chose the Team \
               workspace. Hermes was refused as revoked at 08:20, and at 09:30 healed itself by taking that new login over.",
    conclusion: "The login in `~/.codex` ended the one that both used. Hermes works again, on another workspace.",
    hours: 2,
    expected: &[Verdict {
        victim: "hermes",
        root_cause: "sibling_relogin",
        actor: Some("codex"),
        confidence: ("likely", "very_likely"),
        failed_turns: 2..=2,
        ..SERVER
    }],
    play: |st, home| {
        let (account, team) = (Account::new(st), Account::new(st));
        let old = Grant::new(st, &account, utc("2026-10-02 08:14:20"));
        let shared = old.mint(st, utc("2026-10-17 08:14:27"));
        let new = Grant::new(st, &team, utc("2026-10-22 08:14:21"));
        let pair = new.mint(st, utc("2026-10-22 08:14:27"));
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json.bak", &old, &shared, shared.issued + 880);
        codex.login(utc("2026-10-22 08:14:01.100"), utc("2026-10-22 08:14:27.400"));
        codex.store("auth.json", &new, &pair, utc("2026-10-22 08:14:27.421"));
        codex.thread(Front::Tui, &[(utc("2026-10-22 08:16:00"), C::Done), (utc("2026-10-22 12:00:00"), C::Done)]);
        codex.finish(home);
        let mut hermes = Hermes::start(st, Version::G019, utc("2026-10-17 09:00:00"));
        hermes.imported_from_codex(&old, &shared, utc("2026-10-17 09:10:19.233"));
        hermes.ask(utc("2026-10-18 06:00:00"), H::Done);
        hermes.snapshot(utc("2026-10-19 05:44:10.870"), "weekly");
        hermes.ask(utc("2026-10-22 08:01:00"), H::Done);
        hermes.ask(utc("2026-10-22 08:20:31"), H::Invalidated);
        hermes.ask(utc("2026-10-22 08:41:05"), H::Invalidated);
        hermes.recovered_from_codex(&new, &pair, utc("2026-10-22 09:30:00"));
        hermes.ask(utc("2026-10-22 09:30:01"), H::Done);
        hermes.finish(home);
    },
};

pub(super) const REFRESH_OR_LOGIN: Scenario = Scenario {
    name: "refresh-or-login-untold",
    happened: "Hermes 0.13 and Codex are on one account; no token says which login it belongs to. Codex refreshed on 20 May and was \
               logged in anew on 22 May at 08:14. Hermes was refused with `token_invalidated` at 08:20, and its refresh with it.",
    conclusion: "Codex is involved: it did two things in the time in question, either of which explains what Hermes met, and works on. \
                 Which of the two it was cannot be read from the files.",
    hours: 2,
    expected: &[Verdict { mechanism: "revoked", ..OPEN }],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::untold(st, &account, utc("2026-04-08 18:03:11"));
        let pair = login.mint(st, utc("2026-05-17 08:20:09"));
        let (before, after) = (login.mint(st, utc("2026-05-10 11:00:00")), login.mint(st, utc("2026-05-20 11:00:00")));
        let new = Grant::untold(st, &account, utc("2026-05-22 08:14:20"));
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.store("auth.json.bak1", &login, &before, before.issued + 914);
        codex.store("auth.json.bak2", &login, &after, after.issued + 914);
        codex.login(utc("2026-05-22 08:14:00.100"), utc("2026-05-22 08:14:25.300"));
        codex.store("auth.json", &new, &new.mint(st, utc("2026-05-22 08:14:25")), utc("2026-05-22 08:14:25.314"));
        codex.thread(Front::Tui, &[(utc("2026-05-20 11:00:01"), C::Done), (utc("2026-05-22 08:12:00"), C::Done)]);
        codex.thread(Front::Tui, &[(utc("2026-05-22 08:15:00"), C::Done), (utc("2026-05-22 12:21:00"), C::Done)]);
        codex.finish(home);
        hermes_with(st, home, &login, &pair, pair.issued + 931, false, H::Invalidated);
    },
};
